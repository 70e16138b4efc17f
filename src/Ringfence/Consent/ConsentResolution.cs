using NodaTime;
using Ringfence.Ledger;

namespace Ringfence.Consent;

/// <summary>A yes, or a question, after corrections and confirmations.</summary>
/// <remarks>
/// <c>Seq</c>, by which it is later or earlier than a no, is that of what was asked or said first; <c>Seqs</c> are all that it rests on, rising; <c>Happened</c> is
/// the earliest of the times that were stated, <c>Until</c> the first instant at which it has ended, null for no end.
/// </remarks>
internal sealed record ResolvedYes(
    long Seq, IReadOnlyList<long> Seqs, OpaqueId Point, ChannelSet Channels, IReadOnlyList<string> Purposes, Instant Happened, Instant? Until, bool IsConfirmed, bool IsImport)
{
    public bool Covers(OpaqueId point, Channel channel, string purpose) => Point == point && Channels.Has(channel) && PurposeNames.Cover(Purposes, purpose);

    /// <summary>Whether it opens again what a no had closed: it is later in both orders, and the person's own.</summary>
    public bool Overcomes(ResolvedNo no) => !IsImport && no.Seq < Seq && no.Happened < Happened;
}

/// <summary>A no, or an entry on the list of people not to be contacted.</summary>
/// <remarks>A point or purposes of null are every one; <c>Happened</c> is the latest time it may be of.</remarks>
internal sealed record ResolvedNo(long Seq, ConsentStanding Standing, OpaqueId? Point, ChannelSet Channels, IReadOnlyList<string>? Purposes, Instant Happened)
{
    public bool Covers(OpaqueId point, Channel channel, string purpose) =>
        (Point is not { } own || own == point) && Channels.Has(channel) && (Purposes is null || PurposeNames.Cover(Purposes, purpose));
}

/// <summary>A yes that is none any more, by which record, and what it is instead.</summary>
internal readonly record struct VoidedYes(ResolvedYes Yes, long By, ConsentStanding Standing);

/// <summary>Which purposes cover which: a name covers what is written behind it and a colon.</summary>
internal static class PurposeNames
{
    public static bool Cover(IReadOnlyList<string> purposes, string asked)
    {
        for (var i = 0; i < purposes.Count; i++)
        {
            if (Covers(purposes[i], asked))
                return true;
        }

        return false;
    }

    public static bool Covers(string given, string asked) => asked.StartsWith(given, StringComparison.Ordinal) && (asked.Length == given.Length || asked[given.Length] == ':');

    /// <summary>What both cover.</summary>
    public static IReadOnlyList<string> Both(IReadOnlyList<string> one, IReadOnlyList<string>? other) =>
        other is null ? one : [.. one.Where(purpose => Cover(other, purpose)).Union(other.Where(purpose => Cover(one, purpose)), StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}

/// <summary>What remains of the events when each correction, confirmation, undoing and lifting has done its work.</summary>
internal sealed class ConsentResolution
{
    private readonly Dictionary<long, ResolvedYes> said = [];
    private readonly Dictionary<long, ResolvedYes> asked = [];

    // What each correction or confirmation is about in the end, so that a correction of it reaches the same.
    private readonly Dictionary<long, long[]> roots = [];

    // By which import each yes or question came that one brought.
    private readonly Dictionary<long, OpaqueId?> batches = [];
    private readonly List<VoidedYes> voided = [];
    private readonly List<ResolvedNo> nos = [];
    private readonly Dictionary<long, ResolvedNo> suppressions = [];

    private ConsentResolution()
    {
    }

    public IReadOnlyList<ResolvedYes> Yeses { get; private set; } = [];

    /// <summary>Questions without an answer, and yeses that wait for a confirmation.</summary>
    public IReadOnlyList<ResolvedYes> Pending { get; private set; } = [];

    public IReadOnlyList<VoidedYes> Voided => voided;

    public IReadOnlyList<ResolvedNo> Nos => nos;

    public IReadOnlyCollection<ResolvedNo> Suppressions => suppressions.Values;

    /// <summary>Resolves events in order of <c>seq</c>.</summary>
    public static ConsentResolution Of(IList<ConsentEvent> events)
    {
        var resolution = new ConsentResolution();
        foreach (var one in events)
            resolution.Add(one);
        // Confirmations come after all corrections: what they confirm may have been corrected since.
        foreach (var one in events.Where(static one => one is { Kind: ConsentEventKind.Confirmed, IsCorrection: false, IsImport: false }))
            resolution.Confirm(one);
        resolution.Yeses = [.. resolution.said.Values];
        resolution.Pending = [.. resolution.asked.Values];
        return resolution;
    }

    private void Add(ConsentEvent one)
    {
        if (one.IsCorrection)
        {
            Correct(one);
            return;
        }

        switch (one.Kind)
        {
            case ConsentEventKind.Requested:
                Ask(one);
                break;
            case ConsentEventKind.Given when one is { IsImport: false, Method.Ceremony: Ceremony.DoubleOptIn }:
                Ask(one);
                break;
            case ConsentEventKind.Given:
            case ConsentEventKind.Confirmed when one.IsImport:
                if (YesOf(one) is { } yes)
                    said[one.Seq] = yes;
                break;
            case ConsentEventKind.Confirmed:
                // Whatever corrects the confirmation reaches what it confirms.
                roots[one.Seq] = Targets(one);
                break;
            case ConsentEventKind.Refused or ConsentEventKind.Withdrawn:
                nos.Add(NoOf(one, one.Kind == ConsentEventKind.Refused ? ConsentStanding.Refused : ConsentStanding.Withdrawn));
                break;
            case ConsentEventKind.Expired or ConsentEventKind.Invalidated:
                End(one, one.Kind == ConsentEventKind.Expired ? ConsentStanding.Expired : ConsentStanding.Invalidated);
                break;
            case ConsentEventKind.Suppressed:
                suppressions[one.Seq] = NoOf(one, ConsentStanding.Refused);
                break;
            case ConsentEventKind.Lifted:
                foreach (var seq in Before(one))
                    suppressions.Remove(seq);
                break;
            case ConsentEventKind.ImportUndone:
                foreach (var (seq, _) in batches.Where(came => came.Value is not null && came.Value == one.Batch))
                    Void(seq, one.Seq, ConsentStanding.Invalidated);
                break;
        }
    }

    private void Ask(ConsentEvent one)
    {
        if (YesOf(one) is { } question)
            asked[one.Seq] = question;
    }

    private void Confirm(ConsentEvent one)
    {
        foreach (var seq in Targets(one))
        {
            if (!said.TryGetValue(seq, out var what) && !asked.TryGetValue(seq, out what))
                continue;
            if (one.Point != what.Point || what.IsImport)
                continue;
            asked.Remove(seq);
            said[seq] = Narrowed(what, one) with { IsConfirmed = true };
        }
    }

    private void Correct(ConsentEvent one)
    {
        roots[one.Seq] = Targets(one);
        var isYes = one.Kind is ConsentEventKind.Given or ConsentEventKind.Confirmed;
        foreach (var seq in roots[one.Seq])
        {
            // A yes is put right only by a yes at the same point, and a question stays one; whatever else stands in their place takes them away.
            if (isYes && said.TryGetValue(seq, out var yes) && one.Point == yes.Point)
                said[seq] = Narrowed(yes, one);
            else if (isYes && asked.TryGetValue(seq, out var question) && one.Point == question.Point)
                asked[seq] = Narrowed(question, one);
            else
                Void(seq, one.Seq, one.Kind == ConsentEventKind.Expired ? ConsentStanding.Expired : ConsentStanding.Invalidated);
        }

        if (one.Kind is ConsentEventKind.Refused or ConsentEventKind.Withdrawn)
            nos.Add(NoOf(one, one.Kind == ConsentEventKind.Refused ? ConsentStanding.Refused : ConsentStanding.Withdrawn));
    }

    // An end that names the records which have ended ends these; else it is as wide as a no.
    private void End(ConsentEvent one, ConsentStanding standing)
    {
        if (one.About is null)
        {
            nos.Add(NoOf(one, standing));
            return;
        }

        foreach (var seq in Targets(one))
            Void(seq, one.Seq, standing);
    }

    private long[] Targets(ConsentEvent one) => [.. Before(one).SelectMany(seq => roots.GetValueOrDefault(seq) ?? [seq]).Distinct()];

    private void Void(long seq, long by, ConsentStanding standing)
    {
        if (said.Remove(seq, out var yes) || asked.Remove(seq, out yes))
            voided.Add(new VoidedYes(yes, by, standing));
    }

    private static IEnumerable<long> Before(ConsentEvent one) => one.About?.Where(seq => seq < one.Seq) ?? [];

    private static ResolvedYes Narrowed(ResolvedYes what, ConsentEvent by)
    {
        var happened = Instant.Min(what.Happened, HappenedAtEarliest(by));
        var until = EndOf(HappenedAtEarliest(by), by.ValidFor);
        return what with
        {
            Seqs = [.. what.Seqs.Append(by.Seq).Order()],
            Channels = what.Channels & (by.Channels ?? ChannelSet.All),
            Purposes = PurposeNames.Both(what.Purposes, by.Purposes),
            Happened = happened,
            Until = what.Until is { } own && until is { } theirs ? Instant.Min(own, theirs) : what.Until ?? until,
        };
    }

    // A yes is of one point, and of what it names; one that leaves something open leaves it closed.
    private ResolvedYes? YesOf(ConsentEvent one)
    {
        if (one is not { Point: { } point, Channels: { } channels, Purposes: { } purposes })
            return null;
        if (one.IsImport)
            batches[one.Seq] = one.Batch;
        var happened = HappenedAtEarliest(one);
        return new ResolvedYes(one.Seq, [one.Seq], point, channels, purposes, happened, EndOf(happened, one.ValidFor), IsConfirmed: false, one.IsImport);
    }

    // Who refuses live calls does not want them from a machine.
    private static ResolvedNo NoOf(ConsentEvent one, ConsentStanding standing)
    {
        var channels = one.Channels ?? ChannelSet.All;
        return new ResolvedNo(one.Seq, standing, one.Point, channels.Has(Channel.Voice) ? channels | ChannelSet.VoiceAuto : channels, one.Purposes, HappenedAtLatest(one));
    }

    // Nothing that is asserted makes a yes later than when it was learned, or a no earlier.
    private static Instant HappenedAtEarliest(ConsentEvent one) => one.EventAt is { } at ? Instant.Min(at, one.At) : one.At;

    private static Instant HappenedAtLatest(ConsentEvent one) =>
        one.EventAt is not { } at ? one.At
        : one.Source is EventSource.Server or EventSource.Provider && at < one.At ? at
        : Instant.Max(at, one.At);

    private static Instant? EndOf(Instant from, Period? validFor)
    {
        if (validFor is null)
            return null;
        // What leaves the calendar has no end that anybody lives to see.
        try
        {
            return (from.InUtc().LocalDateTime + validFor).InUtc().ToInstant();
        }
        catch (OverflowException)
        {
            return null;
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;
        }
    }
}
