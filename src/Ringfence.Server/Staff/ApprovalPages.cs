using System.Globalization;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.People;

namespace Ringfence.Server.Staff;

/// <summary>What takes two people: asked by one, agreed to by another.</summary>
internal static class ApprovalPages
{
    // As many as a page of people has at most: a record holds no more.
    private const int MostTogether = 50;

    /// <summary>What the page shows: requests, and who asked.</summary>
    internal sealed record Model(IReadOnlyList<AskedLift> Open, IReadOnlyList<AskedExport> Exports, IReadOnlyDictionary<string, string> Names)
    {
        /// <summary>Who asked for what waits.</summary>
        public IEnumerable<string> Askers => [.. Open.Select(static one => one.AskedBy), .. Exports.Select(static one => one.AskedBy)];
    }

    public static async Task<PageAnswer> ShowAsync(PageCall call)
    {
        var model = new Model(await Of(call).OpenAsync(call.Ledger, call.Cancel), await Files(call).OpenAsync(call.Ledger, call.Cancel), new Dictionary<string, string>());
        await RevealAsync(call, model.Open);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var account in model.Askers.Distinct())
            names[account] = (await call.Served.Entrance.Accounts.FindAsync(account, call.Cancel))?.Name ?? account;
        return await call.PageAsync<ApprovalsPage>(call.T("Room.approvals"), model with { Names = names });
    }

    public static async Task<PageAnswer> AskLiftAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var (point, seq, reason) = (form.Text("point"), form.TextOrNull("record"), form.Text("reason"));
        form.Done();
        long? record = seq is null ? null : long.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new PageFault(StatusCodes.Status400BadRequest, "bad-field", "record");
        await Of(call).AskAsync(call.Ledger, call.Staff.Account, point, record, reason, call.Cancel);
        return PageCall.SeeOther(call.At("approvals"));
    }

    public static async Task<PageAnswer> AnswerAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var agree = form.Text("answer") switch { "yes" => true, "no" => false, _ => throw new PageFault(StatusCodes.Status400BadRequest, "bad-field", "answer") };
        form.Done();
        if (!OpaqueId.TryParse(call.Path("id"), out var id))
            throw PageFault.Missing;
        if (agree && StepUp.Ask(call, call.At("approvals")) is { } ask)
            return ask;
        if (!await Files(call).AnswerAsync(call.Ledger, call.Actor, id, agree, call.Cancel))
            await Of(call).AnswerAsync(call.Ledger, call.Actor, id, agree, call.Cancel);
        return PageCall.SeeOther(call.At("approvals"));
    }

    // Whose suppression is said to be an error, and why, is written down as looked at before it is shown, as far as somebody is known by the number.
    private static async Task RevealAsync(PageCall call, IReadOnlyList<AskedLift> open)
    {
        var sids = new HashSet<OpaqueId>();
        foreach (var asked in open)
        {
            if (await Contacts.FindAsync(call.Installation, call.Ledger, call.Installation.TagsOf(asked.Point), call.Cancel) is { } found)
                sids.Add(found.Person.Sid);
        }

        foreach (var together in sids.Chunk(MostTogether))
            await call.DoAsync(new RevealListCommand(call.Actor, together, "approvals"));
    }

    private static ExportApprovals Files(PageCall call) => new(call.Installation, call.Served.Entrance.Accounts);

    private static Approvals Of(PageCall call) => new(call.Installation, call.Served.Entrance.Accounts);
}
