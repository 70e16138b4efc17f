using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Rules;

namespace Ringfence.Rights;

/// <summary>A consent whose proof a law wants kept though the person is forgotten.</summary>
/// <remarks>
/// Source: GDPR Art 17(3)(b) and (e): an erasure ends where the law obliges to keep, or a claim has to be met. Our reading: only rules that state how long and from when (<c>keep-proof</c> with <c>keep</c> and
/// <c>since</c>) and that were read somewhere hold an erasure up: what is still to be verified takes nothing away from the person. Whoever may be a consumer is one.
/// </remarks>
/// <param name="Rule">The rule that wants it longest.</param>
/// <param name="Until">The last day, UTC.</param>
/// <param name="Point">The number or address that the consent is about; null: none is named.</param>
/// <param name="Seqs">The records that it rests on, in order.</param>
public sealed record ProofDuty(Rule Rule, LocalDate Until, OpaqueId? Point, ValueList<long> Seqs)
{
    /// <summary>The duties that hold for the consents of a person; also of those that were taken back, which were relied on until then.</summary>
    /// <param name="person">The person, with what was permitted and decided about them.</param>
    /// <param name="rulebook">The rules.</param>
    /// <param name="placesOf">ISO 3166 codes of where whoever has a number or address is, or may be.</param>
    /// <param name="at">When they are forgotten.</param>
    /// <returns>One for each consent, in the order of the records.</returns>
    public static IReadOnlyList<ProofDuty> Of(Person person, Rulebook rulebook, Func<OpaqueId?, IReadOnlyCollection<string>> placesOf, Instant at)
    {
        ArgumentNullException.ThrowIfNull(person);
        ArgumentNullException.ThrowIfNull(rulebook);
        ArgumentNullException.ThrowIfNull(placesOf);
        var today = at.InUtc().Date;
        var keeping = Keeping(rulebook, today).ToArray();
        var duties = new List<ProofDuty>();
        foreach (var consent in Consents(person.Records))
        {
            var places = placesOf(consent.Point);
            var longest = keeping.Where(one => IsOf(one.Rule, rulebook, places)).Select(one => (one.Rule, Until: UntilOf(one, consent, person.Records, today)))
                .Where(one => one.Until >= today).OrderByDescending(static one => one.Until).ThenBy(static one => one.Rule.Id, StringComparer.Ordinal).FirstOrDefault();
            if (longest.Rule is not null)
                duties.Add(new ProofDuty(longest.Rule, longest.Until!.Value, consent.Point, [.. consent.Seqs]));
        }

        return duties;
    }

    private static IEnumerable<(Rule Rule, ObligationDetail Detail)> Keeping(Rulebook rulebook, LocalDate today) =>
        from rule in rulebook.Rules
        where rule.State == RuleState.InForce && rule.HoldsOn(today) && rule.Certainty != "to-verify"
        from duty in rule.Obliges.Concat(rule.Body is GroundBody ground ? ground.AnyOf.Where(static one => one.Conditions.Any(static condition => condition is ConsentCondition)).SelectMany(static one => one.Obliges) : [])
        where duty is { Code: ObligationCode.KeepProof, Detail: { Keep: not null, Since: not KeepSince.None } }
        select (rule, duty.Detail!);

    private static bool IsOf(Rule rule, Rulebook rulebook, IReadOnlyCollection<string> places) =>
        rulebook.Packs.Any(pack => pack.Name == rule.Pack && (pack.Everywhere || pack.Covers.Overlaps(places)));

    /// <summary>Until when a rule wants the proof of a consent; null: it is not about it.</summary>
    private static LocalDate? UntilOf((Rule Rule, ObligationDetail Detail) keeping, Given consent, IReadOnlyList<LedgerRecord> records, LocalDate today)
    {
        var channels = consent.Channels;
        foreach (var condition in keeping.Rule.When)
        {
            switch (condition)
            {
                case WordCondition { What: WordFact.Channel } channel:
                    channels &= (ChannelSet)channel.Words;
                    break;
                case WordCondition { What: WordFact.Class } asked when (asked.Words >> (int)ContactClass.Marketing & 1) != 0:
                case WordCondition { What: WordFact.Audience } audience when (audience.Words >> (int)Audience.B2c & 1) != 0:
                case ConsentCondition:
                    break;
                // What hangs on the trade or on something else that nobody knows here is no duty that could be shown.
                default:
                    return null;
            }
        }

        if (channels == ChannelSet.None)
            return null;
        LocalDate? latest = null;
        Count(KeepSince.Given, consent.Happened);
        Count(KeepSince.Used, records.Where(record => record.Seq > consent.Seqs[0] && IsUse(record, channels)).Select(static record => (Instant?)record.At).LastOrDefault());
        if (keeping.Detail.Since.HasFlag(KeepSince.Ended))
            Take(records.Where(record => record.Seq > consent.Seqs[^1] && Ends(record, consent)).Select(static record => (Instant?)record.At).FirstOrDefault()?.InUtc().Date ?? today);
        return latest is { } from ? from + keeping.Detail.Keep! : null;

        void Count(KeepSince since, Instant? when)
        {
            if (when is { } instant && keeping.Detail.Since.HasFlag(since))
                Take(instant.InUtc().Date);
        }

        void Take(LocalDate day) => latest = latest is { } before && before > day ? before : day;
    }

    // A contact that was allowed was made, for all that is known here.
    private static bool IsUse(LedgerRecord record, ChannelSet channels) =>
        record is { Type: RecordType.DecisionAllowed or RecordType.PermitIssued, Decision: { } whole } && (!RecordedDecision.TryRead(whole, out var decision) || decision.Situation.Ask.Channel is not { } channel || channels.Has(channel));

    private static bool Ends(LedgerRecord record, Given consent) =>
        ConsentEvent.From(record) is { IsNo: true } no && (no.Point is null || no.Point == consent.Point) && (no.Channels is not { } closed || (consent.Channels & ~closed) == ChannelSet.None)
        && (no.Purposes is not { } purposes || consent.Purposes.All(purpose => PurposeNames.Cover(purposes, purpose)));

    /// <summary>The consents that something shows: a yes, with what it was asked with or confirmed by; a question that nobody answered is none.</summary>
    private static IEnumerable<Given> Consents(IReadOnlyList<LedgerRecord> records)
    {
        var bySeq = records.ToDictionary(static record => record.Seq);
        var confirmed = records.Where(static record => record.Type == RecordType.ConsentConfirmed).SelectMany(static record => record.About ?? []).ToHashSet();
        foreach (var record in records)
        {
            if (ConsentEvent.From(record) is not { IsCorrection: false } said || said.Kind is not (ConsentEventKind.Given or ConsentEventKind.Confirmed) || said.Channels is not { } channels)
                continue;
            if (said.Kind == ConsentEventKind.Given && (confirmed.Contains(record.Seq) || record.Method is { Ceremony: Ceremony.DoubleOptIn }))
                continue;
            LedgerRecord[] rests = [.. (said.Kind == ConsentEventKind.Confirmed ? record.About ?? [] : []).Select(seq => bySeq.GetValueOrDefault(seq)).OfType<LedgerRecord>(), record];
            if (rests.Any(static one => one.Commits?.Evidence is not null))
            {
                yield return new Given(
                    [.. rests.Select(static one => one.Seq).Order()], said.Point, channels, said.Purposes ?? [], rests.Select(static one => Instant.Min(one.EventAt ?? one.At, one.At)).Max());
            }
        }
    }

    private sealed record Given(long[] Seqs, OpaqueId? Point, ChannelSet Channels, IReadOnlyList<string> Purposes, Instant Happened);
}
