using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Rights;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Gate.Snapshot;

/// <summary>Works out entries of a snapshot from what the store holds, many at a time.</summary>
internal sealed class SnapshotReading(Installation installation, LedgerRow ledger, SuppressionKeys keys)
{
    // Names of people in one page of the list of all.
    private const int Page = 200;

    private readonly CompactWriter writer = new();

    /// <summary>Whether the tag of every suppression that stands went through all keys: else some stand under tags that can't be told from the newest one.</summary>
    public async Task<bool> IsAllUnderNewestAsync(CancellationToken cancel)
    {
        var (least, most) = await installation.Store.SuppressionChainsAsync(ledger.Ledger, cancel);
        return most <= keys.Versions && (least == 0 || least == keys.Versions);
    }

    /// <summary>Entries of what was written about. What is not among them is nothing any more.</summary>
    /// <returns>Null: the keys of suppressions were changed meanwhile.</returns>
    public async Task<Dictionary<SnapshotKey, byte[]>?> ReadAsync(IReadOnlyCollection<SnapshotSubject> subjects, CancellationToken cancel)
    {
        var found = new Dictionary<SnapshotKey, byte[]>();
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Points.UnionWith(NamesOf(subjects, SnapshotKind.Point));
        wanted.Suppressions.UnionWith(NamesOf(subjects, SnapshotKind.Suppressed));
        wanted.PermitsOf.UnionWith(NamesOf(subjects, SnapshotKind.Permits));
        var rows = await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel);
        if (rows.SuppressionChain > keys.Versions)
            return null;
        foreach (var row in rows.Lookups)
            found[new SnapshotKey(SnapshotKind.Point, row.Tag)] = PointValue.Of(row);
        foreach (var group in rows.Suppressions.GroupBy(static row => row.Tag, ByteArrays.Equal))
        {
            if (SuppressedValue.Of(group, writer) is { } value)
                found[new SnapshotKey(SnapshotKind.Suppressed, group.Key)] = value;
        }

        foreach (var group in rows.Permits.GroupBy(static row => row.Tag, ByteArrays.Equal))
        {
            if (PermitsValue.Of(group, writer) is { } value)
                found[new SnapshotKey(SnapshotKind.Permits, group.Key)] = value;
        }

        byte[][] people = [.. NamesOf(subjects, SnapshotKind.Person)];
        foreach (var (sid, value) in people.Length == 0 ? [] : await PeopleAsync(people, cancel))
            found[SnapshotKey.Person(sid)] = value;
        return found;
    }

    /// <summary>Every entry there is.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Conflict"/>: the keys of suppressions were changed meanwhile.</exception>
    public async Task ReadAllAsync(Action<SnapshotKey, byte[]> add, CancellationToken cancel)
    {
        await foreach (var row in installation.Store.LookupsAsync(ledger.Ledger, cancel))
            add(new SnapshotKey(SnapshotKind.Point, row.Tag), PointValue.Of(row));
        await foreach (var same in SameAsync(installation.Store.SuppressionsAsync(ledger.Ledger, cancel), static row => row.Tag))
        {
            if (same.Exists(row => row.LiftedSeq is null && row.Chain != keys.Versions))
                throw new StoreException(StoreFault.Conflict, "The keys of suppressions were changed while they were read.");
            if (SuppressedValue.Of(same, writer) is { } value)
                add(new SnapshotKey(SnapshotKind.Suppressed, same[0].Tag), value);
        }

        await foreach (var same in SameAsync(installation.Store.PermitsAsync(ledger.Ledger, cancel), static row => row.Tag))
        {
            if (PermitsValue.Of(same, writer) is { } value)
                add(new SnapshotKey(SnapshotKind.Permits, same[0].Tag), value);
        }

        byte[]? after = null;
        while (await installation.Store.SubjectsAsync(ledger.Ledger, after, Page, cancel) is { Count: > 0 } some)
        {
            foreach (var (sid, value) in await PeopleAsync([.. some.Select(static row => row.Sid)], cancel))
                add(SnapshotKey.Person(sid), value);
            after = some[^1].Sid;
        }
    }

    private static IEnumerable<byte[]> NamesOf(IEnumerable<SnapshotSubject> subjects, SnapshotKind kind) => subjects.Where(one => one.Kind == kind).Select(static one => one.Name);

    // Rows come in the order of their tags.
    private static async IAsyncEnumerable<List<T>> SameAsync<T>(IAsyncEnumerable<T> rows, Func<T, byte[]> tagOf)
    {
        var same = new List<T>();
        await foreach (var row in rows)
        {
            if (same.Count > 0 && !tagOf(same[0]).AsSpan().SequenceEqual(tagOf(row)))
            {
                yield return same;
                same = [];
            }

            same.Add(row);
        }

        if (same.Count > 0)
            yield return same;
    }

    private async Task<List<(OpaqueId Sid, byte[] Value)>> PeopleAsync(IReadOnlyCollection<byte[]> sids, CancellationToken cancel) =>
        [.. (await OpenAsync(sids, cancel)).Select(one => (one.Person.Sid, one.Value.ToBytes(writer)))];

    /// <summary>People as they stand, with what could be opened of them. Of an erased one there is nothing: nothing of them is to be known here, and no number leads to them.</summary>
    public async Task<List<OpenedPerson>> OpenAsync(IReadOnlyCollection<byte[]> sids, CancellationToken cancel)
    {
        var (people, histories) = await HistoriesAsync(sids, cancel);
        var opened = await OpeningsAsync(people.Where(static person => person.MergedInto is null), cancel);
        var all = new List<OpenedPerson>(people.Length);
        foreach (var person in people)
            all.Add(person.MergedInto is { } holder ? new OpenedPerson(person, new PersonalData(), new PersonValue(holder, [], null)) : await OpenAsync(person, histories.StandingOf(person.Sid), opened, cancel));
        return all;
    }

    /// <summary>Those who are nobody else by now, with their names, numbers and addresses alone: what their consents were given by stays sealed.</summary>
    public async Task<List<(Person Person, PersonalData Data)>> OpenNamesAsync(IReadOnlyCollection<byte[]> sids, CancellationToken cancel)
    {
        Person[] people = [.. (await HistoriesAsync(sids, cancel)).People.Where(static person => person.MergedInto is null)];
        var rows = await OpeningsAsync(people, cancel);
        var all = new List<(Person, PersonalData)>(people.Length);
        foreach (var person in people)
            all.Add((person, await NamesAsync(person, rows, cancel)));
        return all;
    }

    private async Task<(Person[] People, Histories Histories)> HistoriesAsync(IReadOnlyCollection<byte[]> sids, CancellationToken cancel)
    {
        var wanted = new RowsWanted { WithIdle = false };
        wanted.Subjects.UnionWith(sids);
        var histories = new Histories(await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel));
        return ([.. sids.Select(sid => histories.Of(new OpaqueId(sid))).Where(static person => person.Records.Count > 0 && person.Status != PersonStatus.Erased)], histories);
    }

    private async ValueTask<PersonalData> NamesAsync(Person person, ILookup<long, SealedRow> rows, CancellationToken cancel)
    {
        var data = new PersonalData();
        foreach (var record in person.NamedBy)
        {
            if (await ContentAsync(record, CommitGroup.Person, rows, cancel) is { } content)
                data = data.With(PersonalData.Read(content));
        }

        return data;
    }

    private async ValueTask<byte[]?> ContentAsync(LedgerRecord record, CommitGroup group, ILookup<long, SealedRow> rows, CancellationToken cancel) =>
        rows[record.Seq].FirstOrDefault(row => row.Group == (short)group) is { } row && await installation.OpenAsync(record, row, cancel) is { } opened ? opened.Content : null;

    private async Task<ILookup<long, SealedRow>> OpeningsAsync(IEnumerable<Person> people, CancellationToken cancel)
    {
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Sealed.UnionWith(people.SelectMany(static person => EraseCommand.OpeningsOf(person.Records)));
        List<SealedRow> rows = wanted.Sealed.Count == 0 ? [] : (await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel)).Sealed;
        return rows.ToLookup(static row => row.Seq);
    }

    private async Task<OpenedPerson> OpenAsync(Person person, StandingRow? standing, ILookup<long, SealedRow> rows, CancellationToken cancel)
    {
        var data = new PersonalData();
        var shown = new Dictionary<long, ShownEvidence>();
        try
        {
            data = await NamesAsync(person, rows, cancel);
            LedgerRecord[] yeses = [.. person.Records.Where(LedgerFacts.IsYes)];
            Notice[] notices = [.. yeses.Select(static record => record.Notice).OfType<Notice>()];
            var wordings = await WordingShelf.OfAsync(installation.Store, ledger, notices, cancel);
            // A document that comes later shows more of this yes, and no record about the person says so.
            if (!await AreThereAsync([.. notices.Where(notice => notice.Lang is not null && wordings(notice) is null)], cancel))
                return AskStore();
            // What a refusal still closes depends on what is asked, then.
            if (person.Records.Any(PartialLift.Is))
                return AskStore();
            var parties = await PartyShelf.OfAsync(installation.Store, ledger, yeses, cancel);
            var hasName = person.Records.Any(static record => record.Pii?.Contains("name") == true);
            foreach (var record in yeses)
                shown[record.Seq] = EvidenceFacts.Of(record, await ContentAsync(record, CommitGroup.Evidence, rows, cancel), wordings(record.Notice), hasName, parties(record.Controller));
        }
        catch (StoreException e) when (e.Fault == StoreFault.Damaged)
        {
            return AskStore();
        }

        return new OpenedPerson(person, data, new PersonValue(null, TagsOf(person, data), KnownPerson.Of(person, seq => shown.TryGetValue(seq, out var evidence) ? evidence : null))
        {
            Standing = standing,
        });

        OpenedPerson AskStore() => new(person, data, PersonValue.AskStore(TagsOf(person, data)));
    }

    private KnownTags[] TagsOf(Person person, PersonalData data) =>
        [.. new FoundContact(person, data).Points().Select(static point => point.Point).Distinct().Select(installation.TagsOf).Select(tags => new KnownTags(tags.Lookup, tags.Under(keys)[^1]))];

    private async Task<bool> AreThereAsync(Notice[] notices, CancellationToken cancel)
    {
        if (notices.Length == 0)
            return true;
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Documents.UnionWith(notices.Select(static notice => notice.Doc.Bytes.ToArray()));
        var there = (await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel)).Documents.Select(static row => row.Digest).ToHashSet(ByteArrays.Equal);
        return wanted.Documents.All(there.Contains);
    }

    // Who stands in which records, with everybody they were ever merged with.
    private sealed class Histories
    {
        private readonly Dictionary<OpaqueId, List<LedgerRecord>> own = [];
        private readonly SortedDictionary<long, RecordRow> leaves;

        public Histories(StoredRows rows)
        {
            leaves = rows.Records;
            var records = rows.Records.Values.Select(StoredRecord.Read).ToDictionary(static record => record.Seq);
            foreach (var row in rows.SubjectRecords)
            {
                var sid = new OpaqueId(row.Sid);
                if (!own.TryGetValue(sid, out var history))
                    own.Add(sid, history = []);
                if (records.TryGetValue(row.Seq, out var record))
                    history.Add(record);
            }
        }

        /// <summary>How far what is told of a person goes; null of whoever was ever merged with somebody.</summary>
        public StandingRow? StandingOf(OpaqueId sid) =>
            own.TryGetValue(sid, out var history) && history.Count > 0 && !history.Exists(static record => record.Type is RecordType.ContactMerged or RecordType.ContactUnmerged) && history.Max(static record => record.Seq) is var newest
                ? new StandingRow(sid.ToArray(), history.Count, newest, leaves[newest].Leaf) : null;

        public Person Of(OpaqueId sid)
        {
            var (seen, all) = (new HashSet<OpaqueId>(), new SortedDictionary<long, LedgerRecord>());
            var open = new Stack<OpaqueId>([sid]);
            while (open.TryPop(out var next))
            {
                if (!seen.Add(next) || !own.TryGetValue(next, out var history))
                    continue;
                foreach (var record in history)
                {
                    all[record.Seq] = record;
                    if (record.Type is not (RecordType.ContactMerged or RecordType.ContactUnmerged))
                        continue;
                    foreach (var other in Projection.PeopleOf(record))
                        open.Push(other);
                }
            }

            return Person.Of(sid, all.Values);
        }
    }
}

/// <summary>A person whose records were read.</summary>
/// <param name="Person">Where they stand.</param>
/// <param name="Data">Names, numbers and addresses, as far as they could be opened; nothing of somebody whose records another holds.</param>
/// <param name="Value">What a snapshot holds of them.</param>
internal sealed record OpenedPerson(Person Person, PersonalData Data, PersonValue Value);
