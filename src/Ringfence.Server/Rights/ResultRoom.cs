using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Gateways;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Rights;
using Ringfence.Rules;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.People;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rights;

/// <summary>Where staff see whom no message could tell what came of what they said, and say when they told them.</summary>
internal static class ResultRoom
{
    // A statement of today may be of tomorrow where it was made.
    private static readonly Duration East = Duration.FromHours(14);

    /// <summary>What the page of one shows.</summary>
    /// <param name="Row">It.</param>
    /// <param name="Rule">The rule that wants it; null: there is none of this name any more.</param>
    /// <param name="Target">Whom; null: whoever it was is forgotten, or was told.</param>
    /// <param name="Text">What they have to be told, in their language.</param>
    /// <param name="State">The form.</param>
    internal sealed record Case(ResultTaskRow Row, Rule? Rule, ActTarget? Target, string Text, FormState State);

    /// <summary>What the list shows: of what somebody said several times on a day one line.</summary>
    public static async Task<IReadOnlyList<ResultTaskRow>> LinesAsync(PageCall call, bool isClosed) => isClosed
        ? await ResultTasks.ToldAsync(call.Installation, call.Ledger, call.Cancel)
        : [.. (await ResultTasks.OpenAsync(call.Installation, call.Ledger, call.Cancel)).DistinctBy(static row => (row.Tag is null ? row.Seq.ToString(CultureInfo.InvariantCulture) : Convert.ToHexString(row.Tag), row.Said, row.Day))];

    /// <summary><c>GET requests/results/{seq}</c>: who looks is written down first.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call) => await ShowAsync(call, await FoundAsync(call), new FormState(), StatusCodes.Status200OK);

    /// <summary><c>POST requests/results/{seq}</c>: they were told.</summary>
    public static async Task<PageAnswer> EndAsync(PageCall call)
    {
        var (form, state) = (await call.FormAsync(), new FormState());
        var (way, on) = (state.Keep("way", form.TextOrNull("way")), state.Keep("told", form.TextOrNull("told")));
        form.Done();
        var row = await FoundAsync(call);
        if (way is null || !ResultTasks.Ways.Contains(way))
            state.Blame("way", call.T("Result.NoWay"));
        if (on is null || !LocalDatePattern.Iso.Parse(on).TryGetValue(default, out var day) || day < LocalDatePattern.Iso.Parse(row.Day).Value || day > (call.Now + East).InUtc().Date)
        {
            day = default;
            state.Blame("told", call.T("Result.BadDay"));
        }

        if (!state.IsSound)
            return await ShowAsync(call, row, state, StatusCodes.Status422UnprocessableEntity);
        if (!await ResultTasks.EndAsync(call.Installation.Store, call.Ledger, row, day, way!, call.Actor.Ref, call.Cancel))
            throw new CommandRefusedException("changed-meanwhile");
        return PageCall.SeeOther(call.At("requests") + "?done=told");
    }

    private static async Task<PageAnswer> ShowAsync(PageCall call, ResultTaskRow row, FormState state, int status)
    {
        var target = row is { ToldOn: null, NextAt: null } ? await TargetAsync(call, row) : null;
        var said = Words<ResultSaid>.TryParse(row.Said, out var known) ? known : throw new StoreException(StoreFault.Damaged, "What somebody said is none of what anybody says.");
        var rule = call.Served.InForce.LastKnown(call.Ledger).Rules.Where(rule => rule.Id == row.Rule).MaxBy(static rule => rule.From);
        var text = ResultText.Of(row.Language, call.Controllers[call.Controller], [(said, LocalDatePattern.Iso.Parse(row.Day).Value)]);
        return await call.PageAsync<ResultPage>(call.T("Result.Page"), new Case(row, rule, target, text, state), status);
    }

    private static async Task<ActTarget?> TargetAsync(PageCall call, ResultTaskRow row)
    {
        var (point, found) = await ResultTasks.WhomAsync(call.Installation, call.Ledger, row, call.Cancel);
        if (found is not null)
            return await new ActTarget(found, [.. found.Points().Where(one => point is null || one.Point.Equals(point)).Select(static one => PointView.Of(one.Id, one.Point))]) { Name = ContactPages.NameOf(call, found) }.ToShowAsync(call);
        if (point is null)
            return null;
        _ = await call.DoAsync(new RevealResultCommand(call.Actor, row.Seq));
        return await (await ActTarget.OfAsync(call, point.Value)).ToShowAsync(call);
    }

    private static async Task<ResultTaskRow> FoundAsync(PageCall call) =>
        long.TryParse(call.Path("seq"), NumberStyles.None, CultureInfo.InvariantCulture, out var seq) && await ResultTasks.FindAsync(call.Installation, call.Ledger, seq, call.Cancel) is { } row ? row : throw PageFault.Missing;
}

/// <summary>Somebody is about to see the number of somebody whom nobody knows otherwise: written down before it is shown.</summary>
/// <param name="actor">Who looks.</param>
/// <param name="seq">The record of what they said.</param>
internal sealed class RevealResultCommand(Actor actor, long seq) : LedgerCommand
{
    public override void Ask(RowsWanted wanted)
    {
    }

    public override byte[] Run(LedgerTurn turn) => new CommandAnswer(turn.Append(RecordDraft.Of(RecordType.StaffRevealed, actor, record => record with
    {
        About = [seq],
        Detail = LeafValue.Map.Of(("view", "result")),
    })).Seq, null).ToBytes();
}
