using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.People;

namespace Ringfence.Server.Gate;

/// <summary>Asks the gate about a number or address that is at hand, whoever it belongs to.</summary>
internal static class GateAskPages
{
    /// <summary><c>GET gate/ask</c>.</summary>
    public static Task<PageAnswer> ShowAsync(PageCall call) => ShowAsync(call, new FormState(), null, null, StatusCodes.Status200OK);

    /// <summary><c>POST gate/ask</c>: the answer stands on the same page, and the number in no address.</summary>
    public static async Task<PageAnswer> AskAsync(PageCall call)
    {
        var asking = await GateAsking.ReadAsync(call);
        var point = asking.To is null ? null : await ContactPages.PointAsync(call, asking.To);
        if (point is null)
            asking.State.Blame("to", call.T("Ask.BadTo"));
        var answer = point is null ? null : await asking.AnswerAsync(point);
        // The reasons tell of whoever is known by it. That is a look at them, and written down before it is shown.
        if (answer is not null && await Contacts.FindAsync(call.Installation, call.Ledger, call.Installation.TagsOf(point!), call.Cancel) is { } found)
            await call.DoAsync(new RevealCommand(call.Actor, found.Person.Sid, "gate"));
        return await ShowAsync(call, asking.State, answer, asking.Purpose, asking.State.IsSound ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    private static async Task<PageAnswer> ShowAsync(PageCall call, FormState state, AskedHere? answer, string? purpose, int status)
    {
        var purposes = await ContactView.PurposesAsync(call, null);
        return await call.PageAsync<GateAskPage>(call.T("Ask.Title"), new GateAskView(state, answer, purpose ?? purposes[0], purposes), status);
    }
}

/// <summary>A question to the gate, and the answer.</summary>
/// <param name="State">The form.</param>
/// <param name="Answer">The answer; null: nothing was asked yet.</param>
/// <param name="Purpose">What for.</param>
/// <param name="Purposes">What it may be for.</param>
internal sealed record GateAskView(FormState State, AskedHere? Answer, string Purpose, IReadOnlyList<string> Purposes);
