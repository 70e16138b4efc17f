using System.Globalization;
using System.Net;
using System.Text;
using NodaTime;
using Ringfence.Gate;

namespace Ringfence.Consent;

/// <summary>Writes the main part of a notice's page: the same bytes for the same notice and language. What matters most stands first; every text is encoded; there is no script.</summary>
public sealed class NoticePage
{
    private readonly NoticeDocument notice;
    private readonly GateLanguage language;
    private readonly string whyPath;
    private readonly StringBuilder html = new();

    private NoticePage(NoticeDocument notice, string tag, string whyPath) => (this.notice, language, this.whyPath) = (notice, new GateLanguage(tag), whyPath);

    /// <summary>The main part: what stands between <c>&lt;main&gt;</c> and its end.</summary>
    /// <param name="notice">The notice.</param>
    /// <param name="tag">One of <see cref="NoticeDocument.Languages"/>.</param>
    /// <param name="whyPath">Where somebody is told why they were contacted, and can stop it.</param>
    public static string Write(NoticeDocument notice, string tag, string whyPath)
    {
        ArgumentNullException.ThrowIfNull(notice);
        var page = new NoticePage(notice, tag, whyPath);
        page.WriteTop();
        page.WriteObjection();
        page.WriteWho();
        page.WritePurposes();
        page.WriteData();
        page.WriteRecipients();
        page.WriteRetention();
        page.WriteAutomated();
        page.WriteRights();
        page.WriteFrance();
        page.WriteChina();
        page.WriteChanges();
        return page.html.ToString();
    }

    /// <summary>The title of the page.</summary>
    public static string TitleOf(NoticeDocument notice, string tag)
    {
        ArgumentNullException.ThrowIfNull(notice);
        return NoticeWords.Say("page", "title", tag, notice.Controller.Name);
    }

    private void WriteTop()
    {
        html.Append("<header><h1>").Append(Encode(TitleOf(notice, language.Tag))).Append("</h1><p class=\"lead\">")
            .Append(Encode(Say("lead", notice.Controller.Name, notice.Version, language.Date(notice.Since.InUtc().Date)))).Append("</p></header>\n");
        html.Append("<section class=\"panel\" aria-labelledby=\"short\"><h2 id=\"short\">").Append(Encode(Say("h-short"))).Append("</h2><ul class=\"told\">");
        Item(Say("short-who", notice.Controller.Name));
        Item(Say("short-what", language.Parts(notice.Purposes.Select(purpose => Parts([AboutOf(purpose), OftenOf(purpose) is { } often ? char.ToLowerInvariant(often[0]) + often[1..] : null])))));
        Item(Say("short-cost"));
        Item(notice.ConditionOf.Count == 0 ? Say("short-condition") : Say("short-condition-of", language.List(notice.ConditionOf)));
        Item(Say("short-stop", language.Parts(WaysToStop())));
        html.Append("</ul></section>\n");
    }

    // Source: GDPR Art 21(4), "presented clearly and separately from any other information".
    private void WriteObjection() => html.Append("<section class=\"notice notice-wait\" aria-labelledby=\"object\"><div><h2 id=\"object\">").Append(Encode(Say("h-object"))).Append("</h2><p>").Append(Encode(Say("object")))
        .Append("</p><p><a href=\"").Append(Encode(whyPath)).Append("\">").Append(Encode(Say("object-link"))).Append("</a></p></div></section>\n");

    private void WriteWho()
    {
        Head("who", "h-who");
        var party = notice.Controller;
        Paragraph(language.List([party.Name, party.Address, language.Place(party.Country), .. Reach(party.Contact)]));
        Paragraph(party.PrivacyOfficer is { } officer ? Say("officer", language.List(Reach(officer))) : Say("no-officer"));
        foreach (var one in notice.Representatives)
            Paragraph(Say("representative", NoticeWords.Of("regime", one.Regime, language.Tag), language.List([one.Name, one.Address, one.Email])));
        End();
    }

    private void WritePurposes()
    {
        Head("what", "h-what");
        foreach (var purpose in notice.Purposes)
        {
            html.Append("<h3>").Append(Encode(AboutOf(purpose))).Append("</h3><ul class=\"told\">");
            if (purpose.Channels != ChannelSet.None)
                Item(Say("channels", language.List(ChannelsOf(purpose.Channels))));
            if (purpose.Basis is { } basis)
                Item(Say("ground", NoticeWords.Of("basis", basis, language.Tag)));
            if (purpose.Interests.Count > 0)
                Item(Say("interests", purpose.Interests.GetValueOrDefault(language.Tag) ?? ""));
            if (OftenOf(purpose) is { } often)
                Item(often);
            if (purpose.Basis == NoticeBasis.Consent)
                Item(purpose.Term is { } term ? Say("term", language.Period(term)) : Say("term-open"));
            html.Append("</ul>");
        }

        Paragraph(Say("duties", NoticeWords.Of("basis", NoticeBasis.LegalObligation, language.Tag)));
        Paragraph(Say("new-purpose"));
        End();
    }

    private void WriteData()
    {
        Head("data", "h-data");
        Paragraph(Say("collected"));
        Items(notice.Data.Select(one => NoticeWords.Of("data", one, language.Tag)));
        Paragraph(Say("required"));
        Paragraph(Say("from-you"));
        if (notice.Sources.Count > 0 || notice.HasLists)
            Paragraph(Say("from-others", language.Parts(notice.Sources.Select(one => language.Beside(one.Name, NoticeWords.Of("origin", one.Origin, language.Tag))))));
        if (notice.Registers.Count > 0)
            Paragraph(Say("registers", language.List(notice.Registers)));
        if (notice.Sensitive.GetValueOrDefault(language.Tag) is { } sensitive)
            Paragraph(Say("sensitive", sensitive));
        End();
    }

    private void WriteRecipients()
    {
        Head("recipients", "h-recipients");
        var outside = notice.Recipients.Where(static one => one.IsOutside).ToArray();
        if (outside.Length == 0)
            Paragraph(Say("nobody"));
        else
            Items(outside.Select(RecipientText));
        if (notice.Storage.Count > 0)
            Paragraph(Say("storage", language.List(notice.Storage.Select(language.Place))));
        if (outside.Any(one => one.Safeguards != NoticeSafeguards.None))
            Paragraph(Say("copy", language.List(Reach(notice.Controller.Contact))));
        End();
    }

    private string RecipientText(NoticeRecipient one)
    {
        var safeguards = Words<NoticeSafeguards>.All.Where(word => Words<NoticeSafeguards>.TryParse(word, out var flag) && flag != 0 && one.Safeguards.HasFlag(flag)).Select(word => NoticeWords.Say("safeguard", word, language.Tag)).ToArray();
        return Parts(
        [
            NameOf(one), one.Country is { } country ? language.Place(country) : null, one.Role is { } role ? NoticeWords.Of("role", role, language.Tag) : null,
            one.Channels != ChannelSet.None ? Say("carries", language.List(ChannelsOf(one.Channels))) : null, one.Contact is { } contact ? Say("reached", contact) : null,
            safeguards.Length > 0 ? Say("secured", language.List(safeguards)) : null,
        ]);
    }

    private void WriteRetention()
    {
        Head("retention", "h-retention");
        Items(notice.Retention.OrderBy(static one => one.What).Select(one =>
        {
            var what = NoticeWords.Of("kept", one.What, language.Tag);
            return one.Time is { } time
                ? Say("retention", what, NoticeWords.Say("from", Words<NoticeFrom>.Of(one.From), language.Tag, language.Period(time)), NoticeWords.Of("then", one.Then, language.Tag))
                : Say("retention-open", what, NoticeWords.Of("from", one.From, language.Tag));
        }));
        End();
    }

    private void WriteAutomated()
    {
        Head("automated", "h-automated");
        Paragraph(Say("automated"));
        End();
    }

    private void WriteRights()
    {
        Head("rights", "h-rights");
        Paragraph(Say("rights", language.List(Reach(notice.Controller.PrivacyOfficer ?? notice.Controller.Contact))));
        Paragraph(Say("withdraw", language.Parts(WaysToStop())));
        var authorities = NoticeLaw.AuthoritiesOf(notice, language.Tag);
        if (authorities.Count == 0)
            Paragraph(Say("complain-any"));
        else
        {
            Paragraph(Say("complain"));
            html.Append("<ul class=\"told\">");
            foreach (var (country, name, page) in authorities)
                html.Append("<li>").Append(Encode(language.NameOf(country) ?? country)).Append(CultureInfo.InvariantCulture, $"{(language.Tag.StartsWith("zh", StringComparison.Ordinal) ? "：" : ": ")}<a href=\"{Encode(page)}\" rel=\"noopener\">{Encode(name)}</a></li>");
            html.Append("</ul>");
        }

        End();
    }

    private void WriteFrance()
    {
        if (!NoticeCheck.IsFrench(notice))
            return;
        Head("france", "h-france");
        Paragraph(Say("france"));
        End();
    }

    // Source: PIPL Art 17, 23, 39, 44 to 50; Network Data Security Regulation Art 21: lists of what is collected, and of who gets it.
    private void WriteChina()
    {
        if (!NoticeLaw.RegimesOf(notice).Contains(NoticeRegime.Cn))
            return;
        Head("china", "h-china");
        var data = language.List(notice.Data.Select(one => NoticeWords.Of("data", one, language.Tag)));
        var purposes = language.Parts(notice.Purposes.Select(AboutOf));
        Paragraph(Say("china-list", data));
        var given = notice.Recipients.Where(static one => one.Role == NoticeRole.Receiver).ToArray();
        Paragraph(given.Length == 0 ? Say("china-given-none") : Say("china-given", language.Parts(given.Select(one => language.Beside(NameOf(one), one.Contact ?? "")))));
        var abroad = notice.Recipients.Where(static one => one is { IsOutside: true, Country: { } country } && !NoticeLaw.Covers(NoticeRegime.Cn, country)).Select(one => language.Beside(NameOf(one), one.Contact ?? ""))
            .Concat(NoticeLaw.Covers(NoticeRegime.Cn, notice.Controller.Country) && notice.Storage.All(static place => NoticeLaw.Covers(NoticeRegime.Cn, place)) ? []
                : [language.Beside(notice.Controller.Name, language.List(Reach(notice.Controller.Contact)))]).ToArray();
        Paragraph(abroad.Length == 0 ? Say("china-export-none") : Say("china-export", language.Parts(abroad), data, purposes));
        Paragraph(Say("china-rights"));
        End();
    }

    private void WriteChanges()
    {
        Head("changes", "h-changes");
        Paragraph(Say("changes"));
        Paragraph(Say("language"));
        End();
    }

    private List<string> WaysToStop()
    {
        var ways = new List<string> { Say("stop-here") };
        foreach (var (way, values) in (ReadOnlySpan<(string, IEnumerable<string?>)>)
            [
                ("reply", notice.Stops.Select(static one => one.Reply)), ("page", notice.Stops.Select(static one => one.Page)), ("email", notice.Stops.Select(static one => one.Email)),
                ("phone", notice.Stops.Select(static one => one.Phone)), ("post", notice.Stops.Select(static one => one.Post)),
            ])
        {
            ways.AddRange(values.OfType<string>().Distinct(StringComparer.Ordinal).Select(value => Say("stop-" + way, value)));
        }

        var places = notice.Stops.Aggregate(StopPlaces.None, static (all, one) => all | one.In);
        ways.AddRange(Words<StopPlaces>.All.Where(word => Words<StopPlaces>.TryParse(word, out var place) && place != 0 && places.HasFlag(place)).Select(word => Say("stop-" + word)));
        return ways;
    }

    private string AboutOf(NoticePurpose purpose) => purpose.About.GetValueOrDefault(language.Tag) ?? purpose.Name;

    private string? OftenOf(NoticePurpose purpose) => purpose.Frequency is { } often ? Say("most", often.Most, language.Period(often.Within)) : null;

    private static string NameOf(NoticeRecipient one) => one.Name ?? one.Key;

    private string Parts(IEnumerable<string?> parts) => language.List(parts.OfType<string>());

    private static IEnumerable<string> Reach(PartyContact contact) => new[] { contact.Name, contact.Email, contact.Phone, contact.Page }.OfType<string>();

    private IEnumerable<string> ChannelsOf(ChannelSet channels) => Channels.All.Where(channel => channels.Has(channel)).Select(channel => GateTexts.Of(channel).In(language.Tag));

    private string Say(string key, params object[] values) => NoticeWords.Say("page", key, language.Tag, values);

    private void Head(string id, string key) => html.Append(CultureInfo.InvariantCulture, $"<section class=\"stack\" aria-labelledby=\"{id}\"><h2 id=\"{id}\">{Encode(Say(key))}</h2>");

    private void End() => html.Append("</section>\n");

    private void Paragraph(string text) => html.Append("<p>").Append(Encode(text)).Append("</p>");

    private void Item(string text) => html.Append("<li>").Append(Encode(text)).Append("</li>");

    private void Items(IEnumerable<string> texts)
    {
        html.Append("<ul class=\"told\">");
        foreach (var text in texts)
            Item(text);
        html.Append("</ul>");
    }

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
