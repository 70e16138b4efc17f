using System.Globalization;
using System.Text.Json;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Gateways;
using Ringfence.Ledger;
using Ringfence.Server.Cli;
using Ringfence.Server.Consent.Forms;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Gateways;

/// <summary>What social networks call when somebody fills in a form of theirs. A yes is what was ticked, or answered, where somebody here said that this is the yes of a box; having filled it in is none.</summary>
/// <param name="served">What is served.</param>
/// <param name="hooks">Knows whose they are.</param>
internal sealed class LeadHooks(Served served, InboundHooks hooks)
{
    private static readonly byte[] Empty = "{}"u8.ToArray();

    private GatewaySet Gateways => served.Gateways;

    /// <summary><c>POST google-leads/{controller}</c>.</summary>
    public async Task<ApiAnswer> GoogleAsync(HttpContext http, string controller)
    {
        const string Network = "google";
        var body = await InboundHooks.BodyAsync(http);
        GoogleLead sent;
        try
        {
            sent = GoogleLead.Read(body);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Told(StatusCodes.Status400BadRequest, "bad-request");
        }

        if (Gateways.Inbound(InboundKind.GoogleLeads, controller) is not { } setting || !InboundHooks.IsSecret(sent.Key, Gateways.SecretsOf(setting).Secret))
            throw Told(StatusCodes.Status403Forbidden, "not-signed");
        if (sent.IsTest)
        {
            Meters.Lead(Network, "test");
            return Done;
        }

        if (!sent.Lead.IsNamed)
            throw Told(StatusCodes.Status400BadRequest, "bad-request");
        if (FormOf(setting, sent.Lead.Form) is not { } form)
        {
            Meters.Lead(Network, "unknown-form");
            throw Told(StatusCodes.Status404NotFound, "no-such-form");
        }

        var ledger = await hooks.LedgerAsync(controller, http.RequestAborted);
        if (await OursAsync(ledger, Network, form) is not { } ours)
            throw Told(StatusCodes.Status503ServiceUnavailable, "lead-form-unfit");
        var taken = await TakeAsync(http, ledger, Network, form, ours, sent.Lead, http.RequestAborted);
        return taken is "taken" or "again" or "no-yes" ? Done : throw Told(StatusCodes.Status422UnprocessableEntity, taken == "not-shown" ? "consent-not-shown" : "lead-unfit");
    }

    /// <summary><c>POST meta-leads/{controller}</c>; its body is signed.</summary>
    public async Task<ApiAnswer> MetaAsync(HttpContext http, InboundSetting setting, ReadOnlyMemory<byte> body)
    {
        const string Network = "meta";
        IReadOnlyList<MetaLead> told;
        try
        {
            told = MetaLead.Read(body);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ApiFault(StatusCodes.Status400BadRequest, "bad-request");
        }

        var (ledger, late) = (await hooks.LedgerAsync(setting.Controller, http.RequestAborted), (string?)null);
        foreach (var lead in told)
        {
            // A page has other forms, too.
            if (FormOf(setting, lead.Form) is not { } form)
            {
                Meters.Lead(Network, "unknown-form");
                continue;
            }

            // What can't be kept is not fetched either; and it is in the way of no other.
            if (await OursAsync(ledger, Network, form) is not { } ours)
            {
                late = "lead-form-unfit";
                continue;
            }

            // Whoever brings many hangs up before they are all fetched, and brings the same ones again: were they left half-way, the last of them would never be reached.
            var (sent, isAnswered) = await lead.FetchAsync(Gateways.Asking, setting.Url!, Gateways.SecretsOf(setting).Token!, CancellationToken.None);
            if (sent is null)
            {
                Meters.Lead(Network, "not-fetched");
                late = "lead-not-fetched";
                // Nobody is there to answer for the others.
                if (!isAnswered)
                    break;
                continue;
            }

            // What can't be taken now can't be taken later either: it is counted, and not asked for again.
            await TakeAsync(http, ledger, Network, form, ours, sent, CancellationToken.None);
        }

        // All of it comes again; what was taken is taken once.
        return late is { } code ? throw new ApiFault(StatusCodes.Status503ServiceUnavailable, code) : Done;
    }

    private static ApiAnswer Done => new(StatusCodes.Status200OK, Empty);

    private static LeadFormSetting? FormOf(InboundSetting setting, string id) => setting.LeadForms.FirstOrDefault(form => form.Ids.Contains(id, StringComparer.Ordinal));

    /// <summary>The form that a setting names; null: it is not published.</summary>
    public static FormDocument? OursOf(LeadFormSetting setting, IEnumerable<FormDocument> published) => published.LastOrDefault(form => $"{form.Id}@{form.Version}" == setting.Form);

    // Null: somebody here has to publish it, or to mend the file; until then it comes again.
    private async Task<FormDocument?> OursAsync(LedgerRow ledger, string network, LeadFormSetting setting)
    {
        if (OursOf(setting, await served.Forms.OfAsync(ledger)) is { } form && setting.LackingIn(form).Count == 0)
            return form;
        Meters.Lead(network, "no-form");
        return null;
    }

    private async Task<string> TakeAsync(HttpContext http, LedgerRow ledger, string network, LeadFormSetting setting, FormDocument form, SentLead sent, CancellationToken cancel)
    {
        var taken = await TakeOneAsync(http, ledger, network, setting, form, sent, cancel);
        Meters.Lead(network, taken);
        return taken;
    }

    private async Task<string> TakeOneAsync(HttpContext http, LedgerRow ledger, string network, LeadFormSetting setting, FormDocument form, SentLead sent, CancellationToken cancel)
    {
        if (!setting.Boxes.Values.Any(sent.IsYes))
            return "no-yes";
        var answer = setting.AnswerTo(form, sent, FormLint.NamedBoxes(form, served.Gate.Rules, LocalDate.FromDateTime(served.Installation.Time.GetUtcNow().UtcDateTime)));
        if (!answer.IsSound || answer.Yeses.Count == 0)
            return "unfit";
        var came = new FormCame(setting.Language, form.LayoutsShown[0]) { LeadForm = new LeadFormSeen(network, sent.Form, sent.Lead), At = sent.At };
        try
        {
            var taken = await LeadTaking.TakeAsync(served, http, ledger, form, answer, came, new Actor(ActorKind.Provider, network + "-leads"), cancel);
            return taken.Any(static one => one.Outcome.Written.Count == 0) ? "not-shown" : taken.All(static one => one.Outcome.IsAgain) ? "again" : "taken";
        }
        catch (CommandRefusedException)
        {
            // Under the same id it was another number, or they were erased meanwhile.
            return "refused";
        }
    }

    // Source: as above, "Response": what is wrong stands in the member message.
    private static ApiFault Told(int status, string code) => new(status, code) { Tell = json => json.WriteString("message", CliText.SayOr(CultureInfo.GetCultureInfo("en"), "Api." + code, "Refused.other", code)) };
}
