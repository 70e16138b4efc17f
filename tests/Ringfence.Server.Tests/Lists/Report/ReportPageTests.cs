using System.Globalization;
using System.Xml.Linq;
using Ringfence.Lists;
using Ringfence.Server.Lists.Report;
using Xunit;

namespace Ringfence.Server.Tests.Lists.Report;

public sealed class ReportPageTests
{
    private static readonly Dictionary<string, Func<AuditReport>> Reports = new()
    {
        ["empty"] = SampleReports.Empty,
        ["ordinary"] = SampleReports.Ordinary,
        ["nosender"] = SampleReports.NoSender,
        ["onechannel"] = SampleReports.OneChannel,
        ["maximal"] = SampleReports.Maximal,
    };

    public static TheoryData<string, string> AllPages()
    {
        var data = new TheoryData<string, string>();
        foreach (var name in Reports.Keys)
            foreach (var language in ReportLanguage.All)
                data.Add(name, language.Tag);
        return data;
    }

    internal static async Task<string> Render(string report, string language)
    {
        using var writer = new StringWriter();
        await ReportPage.WriteAsync(Reports[report](), writer, new CultureInfo(language));
        var html = writer.ToString();
        // For looking at the pages: RINGFENCE_SHOW=folder writes them there.
        if (Environment.GetEnvironmentVariable("RINGFENCE_SHOW") is { Length: > 0 } folder)
            await File.WriteAllTextAsync(Path.Combine(folder, $"{report}.{language}.html"), html, TestContext.Current.CancellationToken);
        return html;
    }

    [Theory, MemberData(nameof(AllPages))]
    public async Task The_page_is_well_formed_and_stands_alone(string report, string language)
    {
        var html = await Render(report, language);
        var page = XDocument.Parse(html.Replace("<!doctype html>", "", StringComparison.Ordinal));

        Assert.Equal(language, page.Root!.Attribute("lang")?.Value);
        Assert.Empty(page.Descendants("script"));
        Assert.Empty(page.Descendants("img"));
        Assert.DoesNotContain(page.Descendants(), e => e.Attribute("style") is not null || e.Attributes().Any(a => a.Name.LocalName.StartsWith("on", StringComparison.Ordinal)));
        Assert.DoesNotContain(page.Descendants(), e => e.Attribute("src") is not null);
        foreach (var link in page.Descendants().Where(e => e.Name.LocalName != "a").Attributes("href"))
            Assert.True(link.Value.StartsWith('#') || link.Value.StartsWith("data:", StringComparison.Ordinal), link.Value);
        foreach (var link in page.Descendants("a").Attributes("href"))
            Assert.True(link.Value.StartsWith('#') || link.Value.StartsWith("https://", StringComparison.Ordinal) || IsFileBeside(link.Value), link.Value);
        Assert.DoesNotContain("@import", html, StringComparison.Ordinal);
        Assert.True(html.Length < 150_000, $"{html.Length} characters");
    }

    [Theory, MemberData(nameof(AllPages))]
    public async Task Every_link_within_the_page_has_its_place(string report, string language)
    {
        var page = XDocument.Parse((await Render(report, language)).Replace("<!doctype html>", "", StringComparison.Ordinal));
        var ids = page.Descendants().Attributes("id").Select(a => a.Value).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        foreach (var target in page.Descendants().Attributes("href").Select(a => a.Value).Where(h => h.StartsWith('#')))
            Assert.Contains(target[1..], ids);
        foreach (var label in page.Descendants().Attributes().Where(a => a.Name.LocalName is "aria-labelledby").SelectMany(a => a.Value.Split(' ')))
            Assert.Contains(label, ids);
    }

    [Theory, MemberData(nameof(AllPages))]
    public async Task Every_table_has_heads_with_a_scope_and_every_chart_a_name(string report, string language)
    {
        var page = XDocument.Parse((await Render(report, language)).Replace("<!doctype html>", "", StringComparison.Ordinal));
        Assert.Single(page.Descendants("h1"));
        Assert.All(page.Descendants("th"), th => Assert.NotNull(th.Attribute("scope")));
        Assert.All(page.Descendants("svg").Where(s => s.Attribute("aria-hidden") is null), svg =>
        {
            Assert.Equal("img", svg.Attribute("role")?.Value);
            Assert.True(svg.Attribute("aria-label") is not null || svg.Element("title") is not null);
        });
    }

    [Theory, MemberData(nameof(AllPages))]
    public async Task Nothing_from_a_list_becomes_markup_or_steers_the_reader(string report, string language)
    {
        var html = await Render(report, language);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("javascript:", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\u001b', html);
        Assert.DoesNotContain('\u202E', html);
    }

    [Fact]
    public async Task The_page_answers_in_a_sentence_first()
    {
        var page = XDocument.Parse((await Render("ordinary", "en")).Replace("<!doctype html>", "", StringComparison.Ordinal));
        var voice = SampleReports.Ordinary().Channels[0];
        Assert.Equal($"{ReportLanguage.Number(voice.Usable)} of 2,000 contacts may be called", page.Descendants("h1").Single().Value);
        var links = page.Descendants("a").Attributes("href").Select(a => a.Value).ToHashSet();
        Assert.Superset(new HashSet<string> { "usable-voice.csv", "reconfirm-voice.csv", "never-voice.csv", "fix-voice.csv", "usable-email.csv" }, links);
    }

    [Fact]
    public async Task Given_no_sender_Then_the_page_says_what_to_type_and_how_many_wait_for_it()
    {
        var html = await Render("nosender", "en");
        Assert.Contains("--controller", html, StringComparison.Ordinal);
        Assert.Contains(ReportLanguage.Number(SampleReports.NoSender().Channels[0].WouldBeUsable), html, StringComparison.Ordinal);
        Assert.Contains("None of 2,000 contacts may be called", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Given_no_rows_Then_the_page_says_so_and_shows_no_charts()
    {
        var html = await Render("empty", "en");
        Assert.Contains("This list holds no contacts", html, StringComparison.Ordinal);
        Assert.DoesNotContain("stackbar\"", html, StringComparison.Ordinal);
    }

    private static bool IsFileBeside(string href) =>
        href.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.') && (href.EndsWith(".csv", StringComparison.Ordinal) || href.EndsWith(".json", StringComparison.Ordinal));
}
