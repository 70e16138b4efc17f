using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.Storage;
using Ringfence.Webhooks;

namespace Ringfence.Server.Webhooks;

/// <summary>Which other systems are told, whether they obeyed, and what to do where they did not.</summary>
internal static class WebhookPages
{
    private const int MostListed = 100;

    /// <summary>All of them, with what waits.</summary>
    public static async Task<PageAnswer> ListAsync(PageCall call) => await ShowAsync(call, null, null);

    /// <summary>Adds one. Its secret is shown in the answer, once.</summary>
    public static async Task<PageAnswer> AddAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var (url, name, deadline) = (form.Text("url"), form.TextOrNull("name"), form.TextOrNull("deadline"));
        string[] events = [.. form.All("events")];
        form.Done();
        var (row, secret) = await Told(call).AddAsync(call.Actor, call.Served.Webhooks.Reach, url, events.Length == 0 ? null : events, deadline, name, call.Cancel);
        return await ShowAsync(call, (row.Name, secret), null);
    }

    /// <summary>Gives one another secret, shown in the answer, once.</summary>
    public static async Task<PageAnswer> RotateAsync(PageCall call)
    {
        (await call.FormAsync()).Done();
        var row = await FindAsync(call);
        return await ShowAsync(call, (row.Name, await Told(call).RotateAsync(call.Actor, row.Id, null, call.Cancel)), null);
    }

    /// <summary>Sends one a message that tells of nothing, and shows what came of it.</summary>
    public static async Task<PageAnswer> TestAsync(PageCall call)
    {
        (await call.FormAsync()).Done();
        var row = await FindAsync(call);
        return await ShowAsync(call, null, (row.Name, await Told(call).TestAsync(call.Served.Webhooks, row.Id, call.Cancel)));
    }

    /// <summary>Turns one off or on, or removes it.</summary>
    public static async Task<PageAnswer> TurnAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var to = form.Text("to");
        form.Done();
        await Told(call).TurnAsync(call.Actor, (await FindAsync(call)).Id, to switch
        {
            "on" => WebhookTurn.On,
            "off" => WebhookTurn.Off,
            "removed" => WebhookTurn.Removed,
            _ => throw new PageFault(StatusCodes.Status400BadRequest, "bad-field", "to"),
        }, call.Cancel);
        return PageCall.SeeOther(call.At("settings/webhooks"));
    }

    /// <summary>Somebody knows that a copy obeyed, and says so.</summary>
    public static async Task<PageAnswer> ConfirmAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var delivery = form.Text("delivery");
        form.Done();
        await Told(call).ConfirmAsync(delivery, call.Staff.Account, null, call.Cancel);
        return PageCall.SeeOther(call.At("settings/webhooks"));
    }

    private static ToldSystems Told(PageCall call) => new(call.Installation, call.Ledger);

    // Of whatever else, there is none such for whoever asks.
    private static async Task<WebhookRow> FindAsync(PageCall call)
    {
        try
        {
            return await Told(call).FindAsync(call.Path("id"), call.Cancel);
        }
        catch (CommandRefusedException)
        {
            throw PageFault.Missing;
        }
    }

    private static async Task<PageAnswer> ShowAsync(PageCall call, (string, string)? secret, (string, Sent)? tried)
    {
        var told = Told(call);
        return await call.PageAsync<WebhooksPage>(call.T("Settings.webhooks"), new WebhooksView(
            await told.ListAsync(call.Cancel), (await told.CountAsync(call.Cancel)).ToDictionary(static one => one.Webhook, StringComparer.Ordinal),
            await told.DeliveriesAsync(null, DeliveryKind.Unconfirmed, -1, MostListed, call.Cancel), secret, tried));
    }
}

/// <summary>What the page of webhooks shows.</summary>
/// <param name="All">All of them.</param>
/// <param name="Counts">What waits for whom.</param>
/// <param name="Unconfirmed">What nobody confirmed, the oldest first.</param>
/// <param name="Secret">A secret that is shown now and never again, with whose it is; null: none.</param>
/// <param name="Tried">What came of a message just sent, and to whom; null: none was.</param>
internal sealed record WebhooksView(
    IReadOnlyList<WebhookRow> All, IReadOnlyDictionary<string, DeliveryCount> Counts, IReadOnlyList<DeliveryRow> Unconfirmed, (string Name, string Secret)? Secret, (string Name, Sent Sent)? Tried)
{
    /// <summary>What is still to be confirmed on the whole.</summary>
    public long Overdue => Counts.Values.Sum(static one => one.Overdue);
}
