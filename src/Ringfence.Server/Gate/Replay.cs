using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Rules;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Gate;

/// <summary>What computing a recorded decision anew came to.</summary>
/// <param name="Record">The record.</param>
/// <param name="Recorded">The decision as it stands there.</param>
/// <param name="Again">As it comes out now, under the rules of then.</param>
/// <param name="Differences">Members that came out otherwise, and facts that the records of then tell otherwise; empty: it is the same.</param>
/// <param name="Notes">What is not the same about the program: <c>engine</c>, <c>tz</c>, <c>calendars</c>.</param>
internal sealed record Replay(LedgerRecord Record, RecordedDecision Recorded, RecordedDecision Again, IReadOnlyList<string> Differences, IReadOnlyList<string> Notes)
{
    /// <summary>Whether it came out the same, byte for byte.</summary>
    public bool IsSame => Differences.Count == 0;

    /// <summary>Computes one anew: from its own facts under the rules that were kept, and compares the facts with the records there were then.</summary>
    /// <exception cref="CommandRefusedException"><c>no-such-record</c>, <c>no-decision</c>.</exception>
    /// <exception cref="RuleArchiveException">The rules of then are missing, or are not what they were.</exception>
    public static async Task<Replay> RunAsync(ILedgerStore store, LedgerRow ledger, long seq, CancellationToken cancel)
    {
        var record = await RecordAsync(store, ledger, seq, cancel);
        if (record.Decision is not { } whole || !RecordedDecision.TryRead(whole, out var recorded))
            throw new CommandRefusedException("no-decision");
        var (rules, sameCalendars) = await RulesAsync(store, ledger, recorded.Rules, cancel);
        var again = recorded.Again(new ContactGate(rules));
        var differences = again.DifferencesFrom(recorded).Concat(await FactsAsync(store, ledger, record, recorded, cancel)).ToArray();
        return new Replay(record, recorded, again, differences,
        [
            .. recorded.Engine == RecordedDecision.EngineNow ? Array.Empty<string>() : ["engine"],
            .. recorded.Tz == RecordedDecision.TzNow ? Array.Empty<string>() : ["tz"],
            .. sameCalendars ? Array.Empty<string>() : ["calendars"],
        ]);
    }

    /// <summary>Decisions that were written down, with the verdict that each one's own facts have under the rules of then: to tell an answer again.</summary>
    /// <exception cref="CommandRefusedException"><c>no-such-record</c>, <c>no-decision</c>.</exception>
    public static async Task<IReadOnlyDictionary<long, (LedgerRecord Record, Situation Situation, Verdict Verdict)>> RecallAsync(
        Hosting.Served served, LedgerRow ledger, IReadOnlyCollection<long> seqs, CancellationToken cancel)
    {
        var recalled = new Dictionary<long, (LedgerRecord, Situation, Verdict)>();
        if (seqs.Count == 0)
            return recalled;
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Records.UnionWith(seqs);
        var rows = await served.Installation.Store.LoadAsync(ledger.Ledger, wanted, cancel);
        foreach (var seq in wanted.Records)
        {
            var record = rows.Records.TryGetValue(seq, out var row) ? StoredRecord.Read(row) : throw new CommandRefusedException("no-such-record");
            if (record.Decision is not { } whole || !RecordedDecision.TryRead(whole, out var recorded))
                throw new CommandRefusedException("no-decision");
            var gate = await served.GateOfAsync(ledger, recorded.Rules, cancel);
            recalled[seq] = (record, recorded.Situation, recorded.Again(gate).Verdict!);
        }

        return recalled;
    }

    /// <summary>The person as the records before a place make them; null: there were none yet.</summary>
    public static async Task<Person?> PersonAsync(ILedgerStore store, LedgerRow ledger, OpaqueId sid, Func<LedgerRecord, bool> before, CancellationToken cancel)
    {
        var wanted = new RowsWanted();
        wanted.Subjects.Add(sid.ToArray());
        var rows = await store.LoadAsync(ledger.Ledger, wanted, cancel);
        LedgerRecord[] records = [.. rows.Records.Values.Select(StoredRecord.Read).Where(before)];
        var person = Person.Of(sid, records);
        // Whoever holds their records held them then already, or did not yet.
        for (var step = 0; step < records.Length && person.MergedInto is { } holder; step++)
            person = Person.Of(holder, records);
        return person.Records.Count == 0 ? null : person;
    }

    private static async Task<LedgerRecord> RecordAsync(ILedgerStore store, LedgerRow ledger, long seq, CancellationToken cancel)
    {
        await foreach (var row in store.RecordsAsync(ledger.Ledger, seq, seq + 1, cancel))
            return StoredRecord.Read(row);
        throw new CommandRefusedException("no-such-record");
    }

    /// <summary>The rules of a digest, as a ledger keeps them.</summary>
    /// <exception cref="RuleArchiveException">They are missing, or are not what they were.</exception>
    public static async Task<(Rulebook Rules, bool SameCalendars)> RulesAsync(ILedgerStore store, LedgerRow ledger, Digest digest, CancellationToken cancel)
    {
        var documents = new Dictionary<Digest, byte[]>();
        await FetchAsync([digest]);
        if (documents.TryGetValue(digest, out var list))
            await FetchAsync(RulebookArchive.Named(list));
        var rules = RulebookArchive.Read(digest, documents.GetValueOrDefault, out var sameCalendars);
        return (rules, sameCalendars);

        async Task FetchAsync(IEnumerable<Digest> digests)
        {
            var wanted = new RowsWanted();
            wanted.Documents.UnionWith(digests.Select(static one => one.Bytes.ToArray()));
            foreach (var row in (await store.LoadAsync(ledger.Ledger, wanted, cancel)).Documents)
                documents[new Digest(row.Digest)] = row.Bytes;
        }
    }

    // What the records of then tell has to be what the decision was made on. Evidence is sealed, and may be erased: of that its own word counts.
    private static async Task<IEnumerable<string>> FactsAsync(ILedgerStore store, LedgerRow ledger, LedgerRecord record, RecordedDecision recorded, CancellationToken cancel)
    {
        if (record.Subject is not { Point: { } point } subject)
            return [];
        var person = await PersonAsync(store, ledger, subject.Sid, one => one.Seq < recorded.AsOf, cancel);
        var facts = recorded.Situation;
        var said = (facts.Consents ?? []).Where(static consent => consent.Seq is not null).ToLookup(static consent => consent.Seq!.Value);
        var then = PersonFacts.Of(
            facts with { Consents = null, Suppressions = null, History = null, RightsRequests = null, Contact = facts.Contact with { Quarantine = null, Source = null, Provenance = null } },
            person, point, seq => said[seq].FirstOrDefault() is { } consent ? new ShownEvidence(consent.Holds, consent.Flaws, consent.Method) : null, []);
        var leftOut = recorded.Whole["left_out"] is not null;
        return DifferencesOf(facts, then, person, leftOut);
    }

    private static IEnumerable<string> DifferencesOf(Situation facts, Situation then, Person? person, bool leftOut)
    {
        var known = (then.Consents ?? []).ToHashSet(ConsentFacts.Same);
        var used = (facts.Consents ?? []).ToHashSet(ConsentFacts.Same);
        if (!used.IsSubsetOf(known) || (!leftOut && !known.IsSubsetOf(used)))
            yield return "facts.consents";
        if (facts.Contact.Quarantine != then.Contact.Quarantine)
            yield return "facts.contact.quarantine";
        if (person?.Source is not null && (facts.Contact.Source != then.Contact.Source || facts.Contact.Provenance != then.Contact.Provenance))
            yield return "facts.contact.source";
        if (person?.Residence is not null && !(facts.Contact.Residence ?? []).SequenceEqual(then.Contact.Residence ?? []))
            yield return "facts.contact.residence";
        if (person?.IsMinor == true && facts.Contact.Age is not { IsAdult: false })
            yield return "facts.contact.age";
        foreach (var request in then.RightsRequests ?? [])
        {
            if (facts.RightsRequests?.Contains(request) != true)
                yield return "facts.rightsRequests";
        }

        foreach (var blocked in SuppressedIn(person))
        {
            if (!leftOut && !(facts.Suppressions ?? []).Any(entry => (blocked.Channels & ~entry.Channels) == 0 && (entry.Purposes is null || blocked.Purposes?.All(entry.Purposes.Contains) == true)))
                yield return "facts.suppressions";
        }
    }

    // Blocked by a record of the person that no later one lifted.
    private static IEnumerable<SuppressionScope> SuppressedIn(Person? person)
    {
        var records = person?.Records ?? [];
        var lifted = records.Where(static record => record.Type == RecordType.SuppressionLifted).SelectMany(static record => record.About ?? []).ToHashSet();
        return records.Where(record => record.Type == RecordType.SuppressionAdded && !lifted.Contains(record.Seq)).Select(static record => SuppressionScope.Of(record.Scope));
    }

    /// <summary>Consents compared by what records tell of them.</summary>
    private sealed class ConsentFacts : IEqualityComparer<GivenConsent>
    {
        public static readonly ConsentFacts Same = new();

        public bool Equals(GivenConsent? x, GivenConsent? y) => x is not null && y is not null && Key(x) == Key(y);

        public int GetHashCode(GivenConsent consent) => Key(consent).GetHashCode();

        private static (long?, ChannelSet, string, Moment?, Moment?, LocalDate?) Key(GivenConsent consent) =>
            (consent.Seq, consent.Channels, string.Join('\n', consent.Purposes), consent.GrantedAt, consent.WithdrawnAt, consent.Until);
    }
}
