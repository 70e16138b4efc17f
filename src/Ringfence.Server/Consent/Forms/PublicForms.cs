using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.Server.Codes;
using Ringfence.Server.Pages;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent.Forms;

/// <summary>The page by which people say yes: shown by GET, which writes nothing, and taken by POST. No cookie, and no script that it needs; known and unknown people get the same answer.</summary>
internal static class PublicForms
{
    // A form has forty fields at most, and none is longer than an address.
    private const int MostSent = 32 << 10;

    /// <summary><c>GET f/{controller}/{form}</c>.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call)
    {
        var forms = await FormsAsync(call);
        var form = forms[^1];
        var language = LanguageOf(call, form, call.Query("lang"));
        return await HtmlAsync(call, form, LayoutFor(call, form), language, FormTyped.Nothing, StatusCodes.Status200OK);
    }

    /// <summary><c>POST f/{controller}/{form}</c>.</summary>
    public static async Task<PageAnswer> TakeAsync(PageCall call)
    {
        var (ledger, forms) = (call.Ledger, await FormsAsync(call));
        if (!call.Http.Request.HasFormContentType || call.Http.Request.ContentLength is > MostSent)
            throw new PageFault(StatusCodes.Status400BadRequest, "bad-field", "form");
        var sent = await call.FieldsAsync();
        // Whoever left the page open answers the version that they were shown.
        var form = forms.LastOrDefault(form => form.Digest.ToString() == sent["form"]) ?? forms[^1];
        var language = LanguageOf(call, form, sent["lang"]);
        var layout = form.LayoutsShown.FirstOrDefault(layout => layout.Name == sent["layout"]) ?? form.LayoutsShown[0];
        if (!await PublicShare.TakeAsync(call, "form:" + form.Id))
            throw PublicShare.TooOften(call);
        var answer = FormAnswer.Read(form, name => sent[name] is [var text] ? text : null, [.. sent[FormPage.Yes].OfType<string>()], declined: sent.ContainsKey(FormPage.Answer), FormLint.NamedBoxes(form, call.Served.Gate.Rules, call.Now.InUtc().Date));
        if (!answer.IsSound)
            return await HtmlAsync(call, form, layout, language, answer.Typed, StatusCodes.Status422UnprocessableEntity);
        var request = call.Http.Request;
        var at = LedgerTime.Cut(call.Now);
        var came = new FormCame(language, layout)
        {
            At = at,
            Page = $"{request.Scheme}://{request.Host}{request.Path}", Ip = call.Http.Connection.RemoteIpAddress?.ToString(), Device = request.Headers.UserAgent.ToString() is { Length: > 0 } device ? device : null,
        };
        // Whether they said yes is another matter than whether a code may go to them now.
        var saidYes = answer.Yeses.Count > 0;
        // Where codes can go, a question is written down for whom one went; else whoever confirms it otherwise finds it written.
        var confirming = form.OptIn == FormOptIn.Double ? FormConfirming.Of(call, form, answer, at) : null;
        if (confirming is not null)
            answer = answer with { Yeses = await confirming.SendAsync(call, answer, language, await CodeWork.OfAsync(call, sent["work"])) };

        var taken = await FormTaking.TakeAsync(call.Installation, ledger, form, answer, came, FormConfirming.ActorOf(form), call.Cancel);
        // What was published is lawful as it is: what is refused here was broken since, and nobody is told that it was taken.
        if (taken.Any(static one => one.Outcome.Written.Count == 0))
            throw new InvalidOperationException("A published form was not taken: " + string.Join(", ", taken.SelectMany(static one => one.Outcome.Findings).Select(static finding => $"{finding.Fault} {finding.Field}").Distinct()));
        await FormCounts.AddAsync(call.Installation.Store, ledger, form, layout, saidYes, sent.ContainsKey(FormPage.Answer), call.Cancel);
        if (confirming is { Points.Count: > 0 })
            return Code(call, form, language, confirming, isWrong: false);
        return Done(call, form, language, sent.ContainsKey(FormPage.Answer) ? "done.no" : !saidYes ? "done.none" : form.OptIn == FormOptIn.Double ? "done.request" : "done.given");
    }

    /// <summary><c>POST f/{controller}/{form}/confirm</c>: the codes that went to the numbers and addresses.</summary>
    public static async Task<PageAnswer> ConfirmAsync(PageCall call)
    {
        var forms = await FormsAsync(call);
        if (!call.Http.Request.HasFormContentType || call.Http.Request.ContentLength is > MostSent)
            throw new PageFault(StatusCodes.Status400BadRequest, "bad-field", "form");
        var sent = await call.FieldsAsync();
        var form = forms.LastOrDefault(form => form.Digest.ToString() == sent["form"]) ?? throw new PageFault(StatusCodes.Status400BadRequest, "bad-field", "form");
        var language = LanguageOf(call, form, sent["lang"]);
        var confirming = FormConfirming.Read(form, sent) ?? throw new PageFault(StatusCodes.Status400BadRequest, "bad-field", "form");
        var left = await confirming.ConfirmAsync(call, sent);
        return left.Points.Count == confirming.Points.Count ? Code(call, form, language, left, isWrong: true)
            : left.Points.Count > 0 ? Code(call, form, language, left, isWrong: false)
            : Done(call, form, language, await confirming.IsShutAsync(call) ? "done.shut" : "done.given");
    }

    private static async Task<IReadOnlyList<FormDocument>> FormsAsync(PageCall call)
    {
        var name = call.Path("form");
        FormDocument[] versions = [.. (await call.Served.Forms.OfAsync(call.Ledger)).Where(form => form.Id == name)];
        return versions.Length == 0 ? throw PageFault.Missing : versions;
    }

    // What the reader wants most of what there is; the form's first language where it has none of theirs.
    private static string LanguageOf(PageCall call, FormDocument form, string? asked)
    {
        if (asked is not null && form.Languages.Contains(asked))
            return asked;
        foreach (var wanted in call.Http.Request.GetTypedHeaders().AcceptLanguage.OrderByDescending(static one => one.Quality ?? 1).Select(static one => one.Value.ToString()))
        {
            var tag = wanted.StartsWith("zh", StringComparison.OrdinalIgnoreCase) ? LanguageTexts.TagOf(wanted) : wanted.Split('-')[0].ToLowerInvariant();
            if (form.Languages.FirstOrDefault(language => language == tag) is { } found)
                return found;
        }

        return form.Languages[0];
    }

    // The same source sees the same layout each time; nothing has to be remembered for that.
    private static FormLayout LayoutFor(PageCall call, FormDocument form) =>
        form.LayoutsShown[SHA256.HashData(Encoding.UTF8.GetBytes($"{CodeCounts.NetworkOf(call.Http.Connection.RemoteIpAddress)} {form.Digest}"))[0] % form.LayoutsShown.Count];

    private static async Task<PageAnswer> HtmlAsync(PageCall call, FormDocument form, FormLayout layout, string language, FormTyped typed, int status) =>
        Whole(call, form, language, FormPage.TitleOf(form, layout, language), FormPage.Write(form, layout, language, typed), status, form.OptIn == FormOptIn.Double ? await CodeWork.ScriptAsync(call) : "");

    // The same whether a code went out or not, and whoever has the number.
    private static PageAnswer.Html Code(PageCall call, FormDocument form, string language, FormConfirming confirming, bool isWrong)
    {
        var title = FormWords.Say("code.title", language);
        var main = new StringBuilder($"<header><h1>{Encode(title)}</h1><p class=\"lead\">{Encode(FormWords.Say("code.lead", language))}</p></header>\n");
        if (isWrong)
            main.Append(CultureInfo.InvariantCulture, $"<div class=\"notice notice-no\" role=\"alert\"><p id=\"wrong\">{Encode(FormWords.Say("code.wrong", language))}</p></div>\n");
        main.Append(CultureInfo.InvariantCulture, $"<form method=\"post\" action=\"{Encode($"/f/{Uri.EscapeDataString(call.Controller)}/{form.Id}/confirm")}\"><input type=\"hidden\" name=\"form\" value=\"{form.Digest}\"><input type=\"hidden\" name=\"lang\" value=\"{language}\"><input type=\"hidden\" name=\"session\" value=\"{confirming.Session}\"><input type=\"hidden\" name=\"at\" value=\"{confirming.Moment}\">{Shown(confirming)}\n<section class=\"panel\"><div class=\"stack\">\n");
        foreach (var (index, (point, boxes)) in confirming.Points.Index())
        {
            main.Append(CultureInfo.InvariantCulture, $"<input type=\"hidden\" name=\"to.{index}\" value=\"{Encode(point.Value)}\"><input type=\"hidden\" name=\"boxes.{index}\" value=\"{Encode(string.Join(' ', boxes))}\">")
                .Append(CultureInfo.InvariantCulture, $"<div class=\"field\"><label for=\"code-{index}\">{Encode(FormWords.Say("code.label", language, ("to", point.ToString())))}</label><input class=\"input\" id=\"code-{index}\" name=\"code.{index}\" inputmode=\"numeric\" autocomplete=\"one-time-code\" maxlength=\"32\"{(isWrong ? " aria-invalid=\"true\" aria-describedby=\"wrong\"" : "")}></div>\n");
        }

        main.Append(CultureInfo.InvariantCulture, $"<p class=\"btns\"><button class=\"btn btn-1\" type=\"submit\">{Encode(FormWords.Say("code.go", language))}</button></p></div></section></form>\n<p>{Encode(FormWords.Say("code.none", language))}</p>\n");
        return Whole(call, form, language, title, main.ToString(), isWrong ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }

    private static string Shown(FormConfirming confirming) =>
        confirming.Shown is var (point, proof) ? $"<input type=\"hidden\" name=\"shown\" value=\"{Encode(point.Value)}\"><input type=\"hidden\" name=\"proof\" value=\"{Encode(proof)}\">" : "";

    private static PageAnswer.Html Done(PageCall call, FormDocument form, string language, string key)
    {
        var title = FormWords.Say("done.title", language);
        var (blank, end) = language.StartsWith("zh", StringComparison.Ordinal) ? ("", "。") : (" ", ".");
        var main = $"<header><h1>{Encode(title)}</h1><p class=\"lead\">{Encode(FormWords.Say(key, language, ("sender", form.Sender ?? "")))}</p></header>\n<p>{Encode(FormWords.Say("done.stop", language))}{blank}{Encode(FormWords.Ways(form, language))}{end}</p>\n";
        return Whole(call, form, language, title, main, StatusCodes.Status200OK);
    }

    private static PageAnswer.Html Whole(PageCall call, FormDocument form, string language, string title, string main, int status, string script = "")
    {
        call.Http.Response.Headers.ContentSecurityPolicy = PublicHost.PolicyFor(form.EmbedIn, hasScript: script.Length > 0);
        // Of what a form answered the form itself is what can be read in another language.
        var path = $"/f/{Uri.EscapeDataString(call.Controller)}/{form.Id}";
        var languages = string.Concat(form.Languages.Select(one =>
            $"<a href=\"{Encode(path)}?lang={one}\" lang=\"{one}\" hreflang=\"{one}\"{(one == language ? " aria-current=\"true\"" : "")}>{NameOf(one)}</a>"));
        return new PageAnswer.Html(status, $"""
            <!doctype html>
            <html lang="{language}">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Encode(title)} · {Encode(form.Sender ?? "")}</title>
            <meta name="robots" content="noindex, nofollow">
            <link rel="icon" href="data:,">
            <link rel="stylesheet" href="{PageFiles.Address("tokens.css")}">
            <link rel="stylesheet" href="{PageFiles.Address("base.css")}">{script}
            </head>
            <body class="pub">
            <a class="skip" href="#main">{Encode(FormWords.Say("skip", language))}</a>
            <header class="pub-head"><b class="pub-brand">{Encode(form.Sender ?? "")}</b><nav class="langs" aria-label="{Encode(FormWords.Say("languages", language))}">{languages}</nav></header>
            <main class="pub-main" id="main">
            {main}</main>
            <footer class="pub-foot"><p class="by">Ringfence</p></footer>
            </body>
            </html>

            """);
    }

    private static string NameOf(string language) => language switch
    {
        "zh-Hans" => "简体中文",
        "zh-Hant" => "繁體中文",
        "de" => "Deutsch",
        "fr" => "Français",
        "es" => "Español",
        "it" => "Italiano",
        _ => "English",
    };

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
