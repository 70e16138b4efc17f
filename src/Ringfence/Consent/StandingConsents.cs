using NodaTime;
using Ringfence.Ledger;

namespace Ringfence.Consent;

/// <summary>What was said of a person's consents, after corrections, confirmations and undoings: all that it takes to say how one stands.</summary>
/// <param name="Yeses">Yeses, whether a no closed them or not.</param>
/// <param name="Pending">Questions without an answer, and yeses that wait for a confirmation.</param>
/// <param name="Voided">Yeses that are none any more.</param>
/// <param name="Nos">Noes, in order of <c>seq</c>.</param>
internal sealed record StandingConsents(IReadOnlyList<ResolvedYes> Yeses, IReadOnlyList<ResolvedYes> Pending, IReadOnlyList<VoidedYes> Voided, IReadOnlyList<ResolvedNo> Nos)
{
    /// <summary>How the consent stands that would cover a contact.</summary>
    public ConsentAnswer At(OpaqueId point, Channel channel, string purpose, Instant at)
    {
        // Asked for every contact: loops, because most people said one thing once.
        ResolvedYes? best = null, ended = null;
        foreach (var yes in Yeses)
        {
            if (!yes.Covers(point, channel, purpose) || !IsOpen(yes, point, channel, purpose))
                continue;
            if ((yes.Until is not { } end || at < end) && (best is null || IsBetter(yes, best)))
                best = yes;
            if (ended is null || yes.Seq > ended.Seq)
                ended = yes;
        }

        if (best is not null)
            return new ConsentAnswer(best.IsConfirmed ? ConsentStanding.Confirmed : ConsentStanding.Given, [.. best.Seqs], best.Happened, best.Until);
        if (ended is not null)
            return new ConsentAnswer(ConsentStanding.Expired, [.. ended.Seqs], ended.Happened, ended.Until);
        if (FirstInForce(point, channel, purpose) is { } no)
            return new ConsentAnswer(no.Standing, [no.Seq], no.Happened, null);
        if (Pending.Where(asked => asked.Covers(point, channel, purpose)).MaxBy(static asked => asked.Seq) is { } pending)
            return new ConsentAnswer(ConsentStanding.Pending, [.. pending.Seqs], pending.Happened, null);
        return Voided.Where(gone => gone.Yes.Covers(point, channel, purpose)).OrderByDescending(static gone => gone.By).FirstOrDefault() is { Yes: not null } voided
            ? new ConsentAnswer(voided.Standing, [voided.Yes.Seq, voided.By], null, null)
            : ConsentAnswer.Nothing;
    }

    /// <summary>What was ever named for a number or address: by a yes, a question, or a no that names both, each pair once.</summary>
    /// <param name="point">The number or address.</param>
    /// <param name="purpose">Stands for each purpose that covers it; null: for none.</param>
    public IReadOnlyList<(string Purpose, Channel Channel)> NamedOf(OpaqueId point, string? purpose)
    {
        var named = new List<(string, Channel)>();
        // Most people said one thing.
        IEnumerable<ResolvedYes> said = Yeses.Count <= 1 && Pending.Count + Voided.Count == 0 ? Yeses : Yeses.Concat(Pending).Concat(Voided.Select(static gone => gone.Yes)).OrderBy(static yes => yes.Seq);
        foreach (var yes in said)
        {
            if (yes.Point == point)
                Add(yes.Channels, yes.Purposes);
        }

        foreach (var no in Nos)
        {
            if ((no.Point is not { } own || own == point) && no.Channels != ChannelSet.All && no.Purposes is { } purposes)
                Add(no.Channels, purposes);
        }

        return named;

        void Add(ChannelSet channels, IReadOnlyList<string> purposes)
        {
            foreach (var channel in Channels.All)
            {
                if (!channels.Has(channel))
                    continue;
                foreach (var given in purposes)
                {
                    var one = (purpose is not null && PurposeNames.Covers(given, purpose) ? purpose : given, channel);
                    if (!named.Contains(one))
                        named.Add(one);
                }
            }
        }
    }

    private bool IsOpen(ResolvedYes yes, OpaqueId point, Channel channel, string purpose)
    {
        foreach (var no in Nos)
        {
            if (no.Covers(point, channel, purpose) && !yes.Overcomes(no))
                return false;
        }

        return true;
    }

    // Confirmed before not confirmed, then the one that lasts longest, then the newest.
    private static bool IsBetter(ResolvedYes one, ResolvedYes than)
    {
        if (one.IsConfirmed != than.IsConfirmed)
            return one.IsConfirmed;
        var (end, thanEnd) = (one.Until ?? Instant.MaxValue, than.Until ?? Instant.MaxValue);
        return end != thanEnd ? end > thanEnd : one.Seq > than.Seq;
    }

    // A second no changes nothing: the first since the last yes that counted is the one in force.
    private ResolvedNo? FirstInForce(OpaqueId point, Channel channel, string purpose)
    {
        var nos = Nos.Where(no => no.Covers(point, channel, purpose)).ToArray();
        if (nos.Length == 0)
            return null;
        var since = Yeses.Where(yes => yes.Covers(point, channel, purpose) && nos.All(no => no.Seq > yes.Seq || yes.Overcomes(no))).Select(static yes => yes.Seq).DefaultIfEmpty(-1).Max();
        return nos.Where(no => no.Seq > since).MinBy(static no => no.Seq) ?? nos.MinBy(static no => no.Seq);
    }
}
