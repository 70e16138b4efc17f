using NodaTime;
using Ringfence.Consent;
using Ringfence.Ledger;

namespace Ringfence.Tests.Consent;

/// <summary>The rules of docs/reference/consents.md once more, cell by cell: every scope is written out as the set of contacts that it covers.</summary>
internal sealed class NaiveConsents
{
    public static readonly OpaqueId[] Points = [ConsentEvents.Mobile, ConsentEvents.Office];

    // Small, and closed: whatever covers "offers" covers "offers:solar".
    public static readonly string[] Purposes = ["offers", "offers:solar", "research"];

    private readonly List<Said> said = [];
    private readonly List<(ConsentEvent Event, HashSet<Cell> Cells, ConsentStanding Standing, Instant Happened)> nos = [];

    internal readonly record struct Cell(OpaqueId Point, Channel Channel, string Purpose);

    public static IEnumerable<Cell> AllCells => from point in Points from channel in Channels.All from purpose in Purposes select new Cell(point, channel, purpose);

    private sealed class Said
    {
        public required ConsentEvent First;
        public required HashSet<Cell> Cells;
        public required Instant Happened;
        public Instant? Until;
        public bool IsQuestion;
        public bool IsConfirmed;
        public (long By, ConsentStanding Standing)? Gone;
    }

    public NaiveConsents(IEnumerable<ConsentEvent> events)
    {
        var inOrder = events.OrderBy(one => one.Seq).ToArray();
        foreach (var one in inOrder)
        {
            if (one.IsCorrection)
            {
                var isYes = one.Kind is ConsentEventKind.Given or ConsentEventKind.Confirmed;
                foreach (var target in said.Where(target => target.Gone is null && IsAbout(one, target.First.Seq, inOrder)).ToArray())
                {
                    if (isYes && target.First.Point == one.Point)
                        Narrow(target, one);
                    else
                        target.Gone = (one.Seq, one.Kind == ConsentEventKind.Expired ? ConsentStanding.Expired : ConsentStanding.Invalidated);
                }

                if (one.Kind is ConsentEventKind.Refused or ConsentEventKind.Withdrawn)
                    AddNo(one);
                continue;
            }

            switch (one.Kind)
            {
                case ConsentEventKind.Requested:
                    AddSaid(one, isQuestion: true);
                    break;
                case ConsentEventKind.Given:
                    AddSaid(one, isQuestion: !one.IsImport && one.Method?.Ceremony == Ceremony.DoubleOptIn);
                    break;
                case ConsentEventKind.Confirmed:
                    if (one.IsImport)
                        AddSaid(one, isQuestion: false);
                    break;
                case ConsentEventKind.Refused or ConsentEventKind.Withdrawn:
                    AddNo(one);
                    break;
                case ConsentEventKind.Expired or ConsentEventKind.Invalidated:
                    if (one.About is null)
                        AddNo(one);
                    else
                        foreach (var target in said.Where(target => target.Gone is null && IsAbout(one, target.First.Seq, inOrder)))
                            target.Gone = (one.Seq, one.Kind == ConsentEventKind.Expired ? ConsentStanding.Expired : ConsentStanding.Invalidated);
                    break;
                case ConsentEventKind.ImportUndone:
                    foreach (var target in said.Where(target => target.Gone is null && target.First.IsImport && target.First.Batch is not null && target.First.Batch == one.Batch))
                        target.Gone = (one.Seq, ConsentStanding.Invalidated);
                    break;
            }
        }

        foreach (var one in inOrder.Where(one => one.Kind == ConsentEventKind.Confirmed && !one.IsCorrection && !one.IsImport))
        {
            foreach (var target in said.Where(target => target.Gone is null && !target.First.IsImport && target.First.Point == one.Point && IsAbout(one, target.First.Seq, inOrder)))
            {
                Narrow(target, one);
                (target.IsQuestion, target.IsConfirmed) = (false, true);
            }
        }
    }

    /// <summary>How a contact stands.</summary>
    public ConsentStanding At(Cell cell, Instant at)
    {
        var closing = nos.Where(no => no.Cells.Contains(cell)).ToArray();
        var covering = said.Where(yes => yes.Cells.Contains(cell)).ToArray();
        var open = covering.Where(yes => yes is { Gone: null, IsQuestion: false } && closing.All(no => !yes.First.IsImport && yes.First.Seq > no.Event.Seq && yes.Happened > no.Happened)).ToArray();
        var live = open.Where(yes => yes.Until is null || yes.Until > at).ToArray();
        if (live.Length > 0)
            return live.Any(yes => yes.IsConfirmed) ? ConsentStanding.Confirmed : ConsentStanding.Given;
        if (open.Length > 0)
            return ConsentStanding.Expired;
        if (closing.Length > 0)
        {
            // Walk forward: the first no after the last yes that counted when it was said.
            ConsentStanding? inForce = null;
            foreach (var seq in closing.Select(no => no.Event.Seq).Concat(covering.Where(yes => yes is { Gone: null, IsQuestion: false }).Select(yes => yes.First.Seq)).Order())
            {
                if (closing.FirstOrDefault(no => no.Event.Seq == seq) is { Event: not null } no)
                    inForce ??= no.Standing;
                else if (covering.First(yes => yes.First.Seq == seq) is { First.IsImport: false } yes && closing.Where(no => no.Event.Seq < seq).All(no => yes.Happened > no.Happened))
                    inForce = null;
                else if (covering.First(yes => yes.First.Seq == seq).First.IsImport && !closing.Any(no => no.Event.Seq < seq))
                    inForce = null;
            }

            return inForce ?? closing.MinBy(no => no.Event.Seq).Standing;
        }

        if (covering.Any(yes => yes is { Gone: null, IsQuestion: true }))
            return ConsentStanding.Pending;
        return covering.Where(yes => yes.Gone is not null).OrderByDescending(yes => yes.Gone!.Value.By).FirstOrDefault()?.Gone!.Value.Standing ?? ConsentStanding.NotAsked;
    }

    // Straight, or by way of corrections and confirmations.
    private static bool IsAbout(ConsentEvent one, long seq, ConsentEvent[] all) => one.About is { } about && about.Any(named => named < one.Seq
        && (named == seq || all.Any(other => other.Seq == named && (other.IsCorrection || (other is { Kind: ConsentEventKind.Confirmed, IsImport: false })) && IsAbout(other, seq, all))));

    private void AddSaid(ConsentEvent one, bool isQuestion)
    {
        if (one.Point is null || one.Channels is null || one.Purposes is null)
            return;
        var happened = one.EventAt is { } at && at < one.At ? at : one.At;
        said.Add(new Said { First = one, Cells = CellsOf(one), Happened = happened, Until = one.ValidFor is null ? null : happened + one.ValidFor.ToDuration(), IsQuestion = isQuestion });
    }

    private void AddNo(ConsentEvent one)
    {
        var isVouched = one.Source is EventSource.Server or EventSource.Provider;
        var happened = one.EventAt is not { } at ? one.At : isVouched ? (at < one.At ? at : Later(at, one.At)) : Later(at, one.At);
        var cells = CellsOf(one);
        if (one.Channels is { } channels && channels.HasFlag(ChannelSet.Voice))
            cells = [.. cells, .. cells.Where(cell => cell.Channel == Channel.Voice).Select(cell => cell with { Channel = Channel.VoiceAuto }).ToArray()];
        nos.Add((one, cells, one.Kind switch
        {
            ConsentEventKind.Refused => ConsentStanding.Refused,
            ConsentEventKind.Expired => ConsentStanding.Expired,
            ConsentEventKind.Invalidated => ConsentStanding.Invalidated,
            _ => ConsentStanding.Withdrawn,
        }, happened));
    }

    private static void Narrow(Said target, ConsentEvent by)
    {
        var happened = by.EventAt is { } at && at < by.At ? at : by.At;
        target.Cells.IntersectWith(CellsOf(by));
        target.Happened = happened < target.Happened ? happened : target.Happened;
        if (by.ValidFor is not null && (target.Until is null || target.Until > happened + by.ValidFor.ToDuration()))
            target.Until = happened + by.ValidFor.ToDuration();
    }

    private static Instant Later(Instant one, Instant other) => one > other ? one : other;

    private static HashSet<Cell> CellsOf(ConsentEvent one) =>
    [
        .. AllCells.Where(cell => (one.Point is null || one.Point == cell.Point) && (one.Channels is not { } channels || channels.Has(cell.Channel))
            && (one.Purposes is null || one.Purposes.Any(purpose => cell.Purpose == purpose || cell.Purpose.StartsWith(purpose + ":", StringComparison.Ordinal)))),
    ];
}
