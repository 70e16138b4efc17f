using System.Collections.Concurrent;
using System.Globalization;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Rules;
using Ringfence.Server.Gate;

namespace Ringfence.Server.People;

/// <summary>The answers to one question about everybody, a byte each.</summary>
/// <param name="ask">What is asked.</param>
/// <param name="purposes">The purposes whose best answer it is.</param>
/// <param name="at">No answer is older.</param>
/// <param name="rows">How many people there are.</param>
internal sealed class AnswerColumn(AudienceAsk ask, IReadOnlyList<string> purposes, Instant at, int rows)
{
    private static readonly byte NoPoint = AudienceCell.NoPoint.Pack();

    private byte[] cells = Filled(rows);

    /// <summary>How many people were asked about; while it is made.</summary>
    public int Done;

    public AudienceAsk Ask { get; } = ask;

    public IReadOnlyList<string> Purposes { get; } = purposes;

    public Instant At { get; } = at;

    /// <summary>By which rules they were given; null: nobody asks.</summary>
    public Rulebook? Rules { get; init; }

    /// <summary>When somebody last looked at it.</summary>
    public long Used { get; set; }

    public int Count => cells.Length;

    public byte this[int row] => row < cells.Length ? cells[row] : NoPoint;

    public AudienceCell Of(int row) => AudienceCell.Unpack(this[row]);

    /// <summary>Whoever puts keeps everybody else out, or is alone with a row that is there.</summary>
    public void Put(int row, byte cell)
    {
        if (row >= cells.Length)
        {
            var before = cells.Length;
            Array.Resize(ref cells, Math.Max(row + 1, before + (before / 4)));
            cells.AsSpan(before).Fill(NoPoint);
        }

        cells[row] = cell;
    }

    private static byte[] Filled(int rows)
    {
        var cells = new byte[rows];
        Array.Fill(cells, NoPoint);
        return cells;
    }
}

/// <summary>Works out answers: one decision for all who are alike, and one for each of the others.</summary>
/// <param name="gate">Asks.</param>
/// <param name="look">What decisions ask of a person; null: only the store can tell.</param>
internal sealed class AudienceAnswers(AudienceGate gate, Func<OpaqueId, KnownContact?> look)
{
    private readonly ConcurrentDictionary<(int Purpose, UInt128 Alike, int Place, int Class, string Begins, ulong Standing), byte> remembered = new();

    /// <summary>The best answer about a person.</summary>
    /// <param name="templates">What is stated, one for each purpose, at one instant.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="sid">The person.</param>
    /// <param name="alike">Whom they are like; zero: nobody.</param>
    /// <param name="points">Their numbers and addresses.</param>
    /// <returns>Null: only the store can tell.</returns>
    public AudienceCell? Of(IReadOnlyList<Situation> templates, Channel channel, OpaqueId sid, UInt128 alike, ReadOnlySpan<AudiencePoint> points)
    {
        var (best, contact) = (AudienceCell.NoPoint, (KnownContact?)null);
        for (var place = 0; place < points.Length; place++)
        {
            ref readonly var point = ref points[place];
            var number = point.Number == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"+{point.Number}");
            if ((number is null) != (channel == Channel.Email))
                continue;
            var standing = number is null ? 0 : gate.Standing(number);
            var begins = number is null ? "" : gate.BeginningOf(number);
            for (var purpose = 0; purpose < templates.Count; purpose++)
            {
                var key = (purpose, alike, place, point.Class, begins, standing ?? 0);
                var isAlike = alike != UInt128.Zero && standing is not null;
                if (!isAlike || !remembered.TryGetValue(key, out var packed))
                {
                    // Who changed since the index was told is like somebody else by now.
                    contact ??= look(sid);
                    if (contact?.Known is not { } known || (isAlike && AudienceReading.AlikeOf(known, contact) != alike))
                        return null;
                    packed = Decided(templates[purpose], contact, point, number).Pack();
                    if (isAlike)
                        remembered.TryAdd(key, packed);
                }

                if (AudienceCell.Unpack(packed) is var cell && cell.IsBetterThan(best))
                    best = cell;
                if (best.Verdict == AudienceVerdict.Allowed)
                    return best;
            }
        }

        return best;
    }

    private AudienceCell Decided(Situation asked, KnownContact contact, in AudiencePoint point, string? number)
    {
        foreach (var known in contact.Points)
        {
            if (AudienceReading.FirstBits(known.Lookup) == point.Lookup)
                return AudienceCell.Of(gate.Decide(asked, contact, known, number is not null && ContactPoint.TryRead(number, Region.None, out var read) ? read : null));
        }

        // It leads to somebody else.
        return AudienceCell.NoPoint;
    }
}
