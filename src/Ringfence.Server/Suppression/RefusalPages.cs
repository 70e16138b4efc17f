using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.People;

namespace Ringfence.Server.Suppression;

/// <summary>Writing down a no: the person's own, and the house's. One step, as prominent as writing down a yes.</summary>
internal static class RefusalPages
{
    /// <summary><c>GET contacts/{id}/withdraw</c>.</summary>
    public static async Task<PageAnswer> ShowWithdrawAsync(PageCall call) => await ShowAsync(call, await ActTarget.InPathAsync(call), new FormState(), isOfPerson: true);

    /// <summary><c>POST contacts/{id}/withdraw</c>.</summary>
    public static async Task<PageAnswer> WithdrawAsync(PageCall call) => await DoAsync(call, await ActTarget.InPathAsync(call), await RefusalForm.ReadAsync(call, isOfPerson: true), isOfPerson: true);

    /// <summary><c>POST withdrawals/new</c>: the form for a number or address.</summary>
    public static Task<PageAnswer> NewWithdrawalAsync(PageCall call) => NewAsync(call, isOfPerson: true);

    /// <summary><c>POST withdrawals</c>.</summary>
    public static Task<PageAnswer> WithdrawNumberAsync(PageCall call) => NumberAsync(call, isOfPerson: true);

    /// <summary><c>GET contacts/{id}/suppress</c>.</summary>
    public static async Task<PageAnswer> ShowSuppressAsync(PageCall call) => await ShowAsync(call, await ActTarget.InPathAsync(call), new FormState(), isOfPerson: false);

    /// <summary><c>POST contacts/{id}/suppress</c>.</summary>
    public static async Task<PageAnswer> SuppressAsync(PageCall call) => await DoAsync(call, await ActTarget.InPathAsync(call), await RefusalForm.ReadAsync(call, isOfPerson: false), isOfPerson: false);

    /// <summary><c>POST suppression/new</c>: the form for a number or address.</summary>
    public static Task<PageAnswer> NewSuppressionAsync(PageCall call) => NewAsync(call, isOfPerson: false);

    /// <summary><c>POST suppression</c>.</summary>
    public static Task<PageAnswer> SuppressNumberAsync(PageCall call) => NumberAsync(call, isOfPerson: false);

    /// <summary><c>GET done/{what}</c>: it is done, of a number or address that stands in no address.</summary>
    public static Task<PageAnswer> DoneAsync(PageCall call) =>
        call.Words.Find("Done." + call.Path("what")) is { } text ? call.PageAsync<DonePage>(call.T("Done.Title"), text) : throw PageFault.Missing;

    private static async Task<PageAnswer> NewAsync(PageCall call, bool isOfPerson)
    {
        var form = await call.FormAsync();
        var to = form.Text("to");
        form.Done();
        return await ShowAsync(call, await ActTarget.OfAsync(call, to), new FormState(), isOfPerson);
    }

    private static async Task<PageAnswer> NumberAsync(PageCall call, bool isOfPerson)
    {
        var form = await RefusalForm.ReadAsync(call, isOfPerson);
        return await DoAsync(call, await ActTarget.OfAsync(call, form.To ?? ""), form, isOfPerson);
    }

    private static async Task<PageAnswer> DoAsync(PageCall call, ActTarget target, RefusalForm form, bool isOfPerson)
    {
        if (!form.State.IsSound)
            return await ShowAsync(call, target, form.State, isOfPerson, StatusCodes.Status422UnprocessableEntity);
        var answer = await form.DoAsync(call, target);
        var done = (isOfPerson ? "withdrawn" : "suppressed") + (answer.Already ? "-before" : "");
        return PageCall.SeeOther(target.Page is { } page ? call.At(page) + "?done=" + done : call.At("done/" + done));
    }

    private static async Task<PageAnswer> ShowAsync(PageCall call, ActTarget target, FormState state, bool isOfPerson, int status = StatusCodes.Status200OK)
    {
        target = await target.ToShowAsync(call);
        return await call.PageAsync<RefusalPage>(call.T(isOfPerson ? "Withdraw.Title" : "Suppress.Title", target.Title), new RefusalPage.Model(target, state, isOfPerson), status);
    }
}
