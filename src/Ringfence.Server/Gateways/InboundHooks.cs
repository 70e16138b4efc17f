using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ringfence.Gate;
using Ringfence.Gateways;
using Ringfence.Ledger;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Rights;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Gateways;

/// <summary>What carriers, mail servers and exchanges call when a person writes, or rings the number that ends it all, and social networks when one fills in a form. Whoever calls shows a secret, or signs what is sent.</summary>
/// <remarks>Nothing is changed by GET, and no answer tells anything of a person.</remarks>
internal sealed class InboundHooks
{
    public const string Root = "/hooks/";

    /// <summary>Characters of a secret: it stands between anybody and everybody's permission.</summary>
    public const int ShortestSecret = 24;

    private const int MostBytes = 1 << 20;
    private const int LongestId = 200;

    private static readonly byte[] Done = [];

    private readonly ConcurrentDictionary<string, LedgerRow> ledgers = new(StringComparer.Ordinal);
    private readonly Served served;
    private readonly GatewaySet gateways;

    private readonly LeadHooks leads;

    private InboundHooks(Served served) => (this.served, gateways, leads) = (served, served.Gateways, new LeadHooks(served, this));

    /// <summary>Serves those that are set.</summary>
    public static void Map(WebApplication app, Served served)
    {
        var hooks = new InboundHooks(served);
        foreach (var kind in served.Gateways.File.Inbound.Select(static one => one.Kind).Distinct())
        {
            var word = ChannelsFile.KindWord(kind);
            if (kind is InboundKind.Whatsapp or InboundKind.MetaLeads)
            {
                Map(app, "POST", word + "/{controller}", http => hooks.SignedAsync(http, kind));
                Map(app, "GET", word + "/{controller}", http => Task.FromResult(hooks.Verify(http, kind)));
            }
            else if (kind == InboundKind.GoogleLeads)
            {
                Map(app, "POST", word + "/{controller}", http => hooks.leads.GoogleAsync(http, (string)http.Request.RouteValues["controller"]!));
            }
            else
            {
                Map(app, "POST", word + "/{controller}/{secret}", http => hooks.OpenAsync(http, kind));
            }
        }

        if (served.Gateways.File.Gateways.Any(static one => one.Reports is not null))
            Map(app, "GET", "kannel/{controller}/report/{token}", hooks.ReportAsync);
    }

    private static void Map(WebApplication app, string method, string path, Func<HttpContext, Task<ApiAnswer>> serve)
    {
        var route = new ApiRoute(method, Root + path, ApiScopes.Withdraw, static _ => throw new InvalidOperationException());
        app.MapMethods(Root + path, [method], (RequestDelegate)(async http =>
        {
            var answer = await ApiHost.AnswerAsync(http, route, CultureInfo.GetCultureInfo("en"), async () => await serve(http));
            if (answer is not null)
                await ApiProblem.SendAsync(http, answer);
        }));
    }

    // Whoever knows the address is let in; one that is wrong is answered as one that is not there.
    private async Task<ApiAnswer> OpenAsync(HttpContext http, InboundKind kind)
    {
        var controller = (string)http.Request.RouteValues["controller"]!;
        var shown = (string)http.Request.RouteValues["secret"]!;
        if (gateways.Inbound(kind, controller) is not { } setting || !IsSecret(shown, gateways.SecretsOf(setting).Secret))
            throw NotSigned;
        var body = await BodyAsync(http);
        if (kind == InboundKind.Mail)
        {
            await MailAsync(http, controller, body);
        }
        else
        {
            await TakeAsync(http, controller, kind == InboundKind.Kannel ? KannelInbound.Read(http.Request, body) : MissedCall.Read(http.Request, body));
        }

        // An answer with words would be sent to the person by Kannel.
        return new ApiAnswer(StatusCodes.Status200OK, Done, "text/plain; charset=utf-8");
    }

    private async Task MailAsync(HttpContext http, string controller, ReadOnlyMemory<byte> body)
    {
        using var mail = MailInbound.Load(body);
        if (MailReport.Read(mail) is { } report)
        {
            // A report on a mail that is not ours, or another controller's, is believed by nobody.
            if (served.Installation.Seals.Open(controller, report.Token) is not { Channel: Channel.Email } about)
                return;
            var blocked = gateways.Of(controller, Channel.Email)?.Setting.Blocked ?? [];
            await ReportTaking.TakeAsync(served, await LedgerAsync(controller, http.RequestAborted), about, report.Codes.Any(code => blocked.Contains(code, StringComparer.Ordinal)) ? Reported.Blocked : report.How, http.RequestAborted);
        }
        else if (MailInbound.Read(mail, body) is { } message)
        {
            // Whoever forwards their mail answers from another address than the one it went to.
            if (message.StopToken is { } token && served.Installation.Links.TryRead(controller, LinkAct.Stop, token, out var link))
                await StopAsync(await LedgerAsync(controller, http.RequestAborted), link, message, http.RequestAborted);
            await TakeAsync(http, controller, message);
        }
    }

    // The address that our mail went to, by what it brought back: mail, and nothing else.
    private async Task StopAsync(LedgerRow ledger, PersonLink link, InboundMessage message, CancellationToken cancel)
    {
        var (actor, scope, facts) = (new Actor(ActorKind.Person, "inbound"), new SuppressionScope(ChannelSet.Email, null), new RefusalFacts(SuppressedBy.Person, SuppressionKind.Suppression, message.Way) { Answer = AnswerTo.Of(message.Via, null) });
        FoundContact? found;
        try
        {
            found = await Contacts.FindAsync(served.Installation, ledger, link.Subject, cancel);
        }
        catch (Exception e) when (StoreAway.Is(e))
        {
            throw SayingNo.Keep(served.Installation, ledger.Controller, link, actor, [scope], facts);
        }

        // The same mail, brought again when they have said yes since, takes nothing back.
        var key = new ClientKey("inbound-" + ledger.Controller, message.Id + "/link", SHA256.HashData(Encoding.UTF8.GetBytes($"{link.Subject} {link.Point}")));
        foreach (var (_, point) in found?.Points().Where(one => one.Id == link.Point) ?? [])
            await SayingNo.DoAsync(served.Installation, ledger, actor, [served.Installation.TagsOf(point)], scope, facts, static () => Task.FromResult<IReadOnlyList<PointTags>>([]), key, cancel);
    }

    // Kannel tells what came of a message by GET and by nothing else. What it shows was given to it with the message, is bound to that message, its receiver and controller, and closes at most their text messages.
    private async Task<ApiAnswer> ReportAsync(HttpContext http)
    {
        var controller = (string)http.Request.RouteValues["controller"]!;
        if (served.Installation.Seals.Open(controller, (string)http.Request.RouteValues["token"]!) is not { Channel: Channel.Sms } about)
            throw NotSigned;
        await ReportTaking.TakeAsync(
            served, await LedgerAsync(controller, http.RequestAborted), about, KannelReport.Read(http.Request.Query["status"].ToString(), http.Request.Query["answer"].ToString(), gateways.Of(controller, Channel.Sms)?.Setting), http.RequestAborted);
        return new ApiAnswer(StatusCodes.Status200OK, Done, "text/plain; charset=utf-8");
    }

    // Source: Graph API, "Webhooks", verification requests.
    private ApiAnswer Verify(HttpContext http, InboundKind kind)
    {
        var controller = (string)http.Request.RouteValues["controller"]!;
        var query = http.Request.Query;
        if (gateways.Inbound(kind, controller) is not { } setting || query["hub.mode"] != "subscribe" || query["hub.challenge"] is not [{ Length: > 0 and <= LongestId } challenge]
            || !challenge.All(char.IsAsciiLetterOrDigit) || query["hub.verify_token"] is not [{ } token] || !IsSecret(token, gateways.SecretsOf(setting).Verify!))
        {
            throw NotSigned;
        }

        return new ApiAnswer(StatusCodes.Status200OK, Encoding.ASCII.GetBytes(challenge), "text/plain; charset=utf-8");
    }

    private async Task<ApiAnswer> SignedAsync(HttpContext http, InboundKind kind)
    {
        var controller = (string)http.Request.RouteValues["controller"]!;
        var body = await BodyAsync(http);
        if (gateways.Inbound(kind, controller) is not { } setting || !WhatsappInbound.IsSigned(http.Request.Headers["X-Hub-Signature-256"], body, gateways.SecretsOf(setting).Secret))
            throw NotSigned;
        return kind == InboundKind.Whatsapp ? await WhatsappAsync(http, controller, body) : await leads.MetaAsync(http, setting, body);
    }

    private async Task<ApiAnswer> WhatsappAsync(HttpContext http, string controller, ReadOnlyMemory<byte> body)
    {
        (List<InboundMessage> Messages, List<(ReportedMessage About, Reported How)> Reports) told;
        try
        {
            told = WhatsappInbound.Read(body, served.Installation.Time.GetUtcNow());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new ApiFault(StatusCodes.Status400BadRequest, "bad-request");
        }

        foreach (var message in told.Messages)
            await TakeAsync(http, controller, message);
        foreach (var (about, how) in told.Reports)
            await ReportTaking.TakeAsync(served, await LedgerAsync(controller, http.RequestAborted), about, how, http.RequestAborted);
        return new ApiAnswer(StatusCodes.Status200OK, Done, "text/plain; charset=utf-8");
    }

    private async Task TakeAsync(HttpContext http, string controller, InboundMessage message)
    {
        if (message.Id.Length is 0 or > LongestId || message.Id.Any(char.IsControl))
            throw new ApiFault(StatusCodes.Status400BadRequest, "bad-request");
        var ledger = await LedgerAsync(controller, http.RequestAborted);
        var caller = new Caller(ledger, "inbound", ApiScopes.Withdraw) { Actor = new Actor(ActorKind.Person, "inbound") };
        _ = await InboundTaking.TakeAsync(served, ledger, new ApiInside(served, caller, http.RequestServices), message, http.RequestAborted);
    }

    private static ApiFault NotSigned => new(StatusCodes.Status403Forbidden, "not-signed");

    internal static bool IsSecret(string shown, string secret) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(shown)), SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    internal static async Task<ReadOnlyMemory<byte>> BodyAsync(HttpContext http)
    {
        using var bytes = new MemoryStream();
        var piece = new byte[16 << 10];
        int read;
        while ((read = await http.Request.Body.ReadAsync(piece, http.RequestAborted)) > 0)
        {
            bytes.Write(piece, 0, read);
            if (bytes.Length > MostBytes)
                throw new ApiFault(StatusCodes.Status413PayloadTooLarge, "too-large");
        }

        return bytes.ToArray();
    }

    // While the store is away, the ledger that was known before will do: a no is kept until it can be written.
    internal async Task<LedgerRow> LedgerAsync(string controller, CancellationToken cancel)
    {
        try
        {
            foreach (var row in await served.Installation.NewestLedgersAsync(cancel))
                ledgers[row.Controller] = row;
        }
        catch (StoreException) when (ledgers.ContainsKey(controller))
        {
        }

        return ledgers.TryGetValue(controller, out var ledger) ? ledger : throw NotSigned;
    }
}
