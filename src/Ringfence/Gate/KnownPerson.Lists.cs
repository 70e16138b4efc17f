using NodaTime;
using Ringfence.Consent;
using Ringfence.Ledger;

namespace Ringfence.Gate;

/// <summary>One thing that was said of a number or address, as it stands at an instant.</summary>
/// <param name="Point">The number or address.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Purpose">The purpose that was named.</param>
/// <param name="Standing">How it stands.</param>
/// <param name="Since">When it was said; null: that is not known.</param>
/// <param name="Until">Of a yes, the first instant at which it ends, by what was recorded or by the words that were shown; null: no end.</param>
public readonly record struct StandingLine(OpaqueId Point, Channel Channel, string Purpose, ConsentStanding Standing, Instant? Since, Instant? Until);

/// <summary>A person among many: what lists say of them, and whom the gate answers alike.</summary>
public sealed partial class KnownPerson
{
    /// <summary>Everything that was ever named, each pair of channel and purpose once for each number or address, with how it stands.</summary>
    public IReadOnlyList<StandingLine> Lines(Instant at)
    {
        var lines = new List<StandingLine>();
        foreach (var point in NamedPoints())
        {
            foreach (var (purpose, channel) in Consents.NamedOf(point, null))
            {
                var answer = Consents.At(point, channel, purpose, at);
                lines.Add(new StandingLine(point, channel, purpose, answer.Standing, answer.Since, answer.IsYes ? EndOf(answer) : answer.Until));
            }
        }

        return lines;
    }

    /// <summary>The same person with nothing that tells them from another whom the gate would answer alike: records by their order alone, points by their place.</summary>
    /// <param name="points">The numbers and addresses that may be asked about, in an order of the caller's.</param>
    /// <remarks>Of two people whose bytes are the same so, every answer about the n-th point is the same at any instant.</remarks>
    public KnownPerson Alike(IReadOnlyList<OpaqueId> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        var order = Everything().SelectMany(static yes => yes.Seqs.Append(yes.Seq))
            .Concat(Consents.Voided.Select(static gone => gone.By)).Concat(Consents.Nos.Select(static no => no.Seq)).Concat(Shown.Keys)
            .Distinct().Order().ToArray();
        var names = new List<OpaqueId>(points);
        return new KnownPerson
        {
            Residence = Residence,
            ResidenceBasis = ResidenceBasis,
            Source = Source,
            IsMinor = IsMinor,
            Status = Status,
            BlockedSince = BlockedSince,
            Consents = new StandingConsents(
                [.. Consents.Yeses.Select(Named)],
                [.. Consents.Pending.Select(Named)],
                [.. Consents.Voided.Select(gone => new VoidedYes(Named(gone.Yes), Place(gone.By), gone.Standing))],
                [.. Consents.Nos.Select(no => no with { Seq = Place(no.Seq), Point = no.Point is { } point ? NameOf(point) : null })]),
            Refusals = Refusals,
            Shown = new SortedDictionary<long, ShownEvidence>(Shown.ToDictionary(one => Place(one.Key), static one => one.Value)),
        };

        long Place(long seq) => Array.BinarySearch(order, seq);

        ResolvedYes Named(ResolvedYes yes) => yes with { Seq = Place(yes.Seq), Seqs = [.. yes.Seqs.Select(Place)], Point = NameOf(yes.Point) };

        OpaqueId NameOf(OpaqueId point)
        {
            var at = names.IndexOf(point);
            if (at < 0)
            {
                at = names.Count;
                names.Add(point);
            }

            return new OpaqueId((UInt128)(uint)at);
        }
    }

    private IEnumerable<ResolvedYes> Everything() => Consents.Yeses.Concat(Consents.Pending).Concat(Consents.Voided.Select(static gone => gone.Yes));

    private IEnumerable<OpaqueId> NamedPoints() =>
        Everything().Select(static yes => yes.Point).Concat(Consents.Nos.Select(static no => no.Point).OfType<OpaqueId>()).Distinct();

    // What was recorded or what the words promised, whichever comes first.
    private Instant? EndOf(ConsentAnswer answer)
    {
        var end = answer.Until;
        if (answer.Since is not { } since)
            return end;
        foreach (var seq in answer.Seqs)
        {
            if (!Shown.TryGetValue(seq, out var evidence) || evidence.Wording?.Term is not { } term)
                continue;
            var promised = since.InUtc().LocalDateTime.Plus(term).InUtc().ToInstant();
            end = end is { } known && known < promised ? known : promised;
        }

        return end;
    }
}
