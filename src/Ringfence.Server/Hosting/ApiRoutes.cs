using Ringfence.Server.Consent;
using Ringfence.Server.Consent.Forms;
using Ringfence.Server.Gate;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.People.Import;
using Ringfence.Server.Staff;
using Ringfence.Server.Suppression;
using Ringfence.Server.Webhooks;

namespace Ringfence.Server.Hosting;

/// <summary>One way to call the program: what it takes, and who may.</summary>
/// <param name="Method">GET changes nothing, and so shows nothing personal: whoever sees that is written down.</param>
/// <param name="Path">Below <see cref="ApiRoutes.Root"/>.</param>
/// <param name="Scope">What the key has to be good for.</param>
/// <param name="Do">Serves it.</param>
internal sealed record ApiRoute(string Method, string Path, ApiScopes Scope, Func<ApiCall, Task<ApiAnswer>> Do)
{
    /// <summary>Serves it line by line instead, and writes the answer itself; its length has no limit. Null: it comes whole and is answered whole.</summary>
    public Func<ApiCall, Task>? Stream { get; init; }

    /// <summary>One that is served line by line.</summary>
    public static ApiRoute OfLines(string method, string path, ApiScopes scope, Func<ApiCall, Task> stream) =>
        new(method, path, scope, static _ => throw new InvalidOperationException("It is served line by line.")) { Stream = stream };

    /// <summary>Whether it reads what is sent by itself: no JSON, or too much to be held at once.</summary>
    public bool ReadsBody { get; init; }
}

/// <summary>Every way to call the program. What is not in this list is not there.</summary>
internal static class ApiRoutes
{
    public const string Root = "/api/v1/";

    public static IReadOnlyList<ApiRoute> All { get; } =
    [
        new("POST", "decisions", ApiScopes.Decide, DecisionsApi.DecideAsync),
        new("POST", "decisions/batch", ApiScopes.Decide, DecisionsApi.DecideManyAsync),
        ApiRoute.OfLines("POST", "decisions/stream", ApiScopes.Decide, DecisionStream.RunAsync),
        new("GET", "decisions/{id}", ApiScopes.Decide, DecisionsApi.ShowAsync),
        new("POST", "decisions/{id}/replay", ApiScopes.Decide, DecisionsApi.ReplayOneAsync),
        new("POST", "permits", ApiScopes.Permit, PermitsApi.IssueAsync),
        new("POST", "permits/batch", ApiScopes.Permit, PermitsApi.IssueManyAsync),
        new("POST", "permits/{id}/redeem", ApiScopes.Permit, PermitsApi.RedeemAsync),
        new("POST", "permits/{id}/cancel", ApiScopes.Permit, PermitsApi.CancelAsync),
        new("POST", "permits/{id}/outcome", ApiScopes.Permit, PermitsApi.OutcomeAsync),
        new("POST", "consents", ApiScopes.Consent, ConsentsApi.RecordAsync) { ReadsBody = true },
        new("POST", "forms/{id}/leads", ApiScopes.Consent, FormsApi.LeadAsync),
        new("POST", "withdrawals", ApiScopes.Withdraw, WithdrawalsApi.WithdrawAsync),
        new("POST", "suppressions", ApiScopes.Suppress, WithdrawalsApi.SuppressAsync),
        new("POST", "contacts/find", ApiScopes.Contacts, ContactsApi.FindAsync),
        new("GET", "contacts/{id}/timeline", ApiScopes.Contacts, ContactsApi.TimelineAsync),
        new("POST", "imports", ApiScopes.Import, ImportsApi.AcceptAsync) { ReadsBody = true },
        new("GET", "imports/{id}", ApiScopes.Import, ImportsApi.ShowAsync),
        new("POST", "imports/{id}/undo", ApiScopes.Import, ImportsApi.UndoAsync),
        new("GET", "ledger/{**path}", ApiScopes.Ledger, LedgerApi.FileAsync),
        new("POST", "webhooks", ApiScopes.Webhooks, WebhooksApi.AddAsync),
        new("GET", "webhooks", ApiScopes.Webhooks, WebhooksApi.ListAsync),
        new("GET", "webhooks/unconfirmed", ApiScopes.Webhooks, WebhooksApi.UnconfirmedAsync),
        new("DELETE", "webhooks/{id}", ApiScopes.Webhooks, WebhooksApi.RemoveAsync),
        new("POST", "webhooks/{id}/rotate", ApiScopes.Webhooks, WebhooksApi.RotateAsync),
        new("POST", "webhooks/{id}/test", ApiScopes.Webhooks, WebhooksApi.TestAsync),
        new("POST", "webhooks/{id}/off", ApiScopes.Webhooks, WebhooksApi.OffAsync),
        new("POST", "webhooks/{id}/on", ApiScopes.Webhooks, WebhooksApi.OnAsync),
        new("GET", "webhooks/{id}/deliveries", ApiScopes.Webhooks, WebhooksApi.DeliveriesAsync),
        new("POST", "webhooks/deliveries/{id}/confirm", ApiScopes.Confirm, WebhooksApi.ConfirmAsync),
    ];
}
