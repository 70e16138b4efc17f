using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using NodaTime;
using Ringfence.Lists;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Lists.Report;
using Xunit;

namespace Ringfence.Server.Tests.Lists.Report;

public sealed partial class TextsTests
{
    private static readonly string[] Steps = ["suppress", "use", "ask-again", "prove-source", "name-sender", "fix", "read-rejected"];

    private static Dictionary<string, string> Load(string book, string suffix) =>
        XDocument.Load(Path.Combine(ReportJsonTests.Root(), $"src/Ringfence.Server/Resources/{book}{suffix}.resx")).Root!.Elements("data")
            .ToDictionary(d => d.Attribute("name")!.Value, d => d.Element("value")!.Value);

    /// <summary>Every room's texts, found as the files that are there.</summary>
    public static TheoryData<string> Books() =>
        [.. Directory.GetFiles(Path.Combine(ReportJsonTests.Root(), "src/Ringfence.Server/Resources"), "*.resx")
            .Select(f => Path.GetFileName(f).Split('.')[0]).Distinct().Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Books))]
    public void Each_language_is_found_in_the_program(string book)
    {
        var texts = new LanguageTexts(book);
        foreach (var (tag, suffix) in new[] { ("en", ""), ("zh-Hans", ".zh-Hans"), ("zh-Hant", ".zh-Hant") })
            Assert.All(Load(book, suffix), text => Assert.Equal(text.Value, texts.Find(text.Key, new CultureInfo(tag))));
    }

    [Theory, MemberData(nameof(Books))]
    public void The_three_languages_have_the_same_texts_with_the_same_places_for_figures(string book)
    {
        var english = Load(book, "");
        foreach (var suffix in new[] { ".zh-Hans", ".zh-Hant" })
        {
            var other = Load(book, suffix);
            Assert.Equal(english.Keys.Order(StringComparer.Ordinal), other.Keys.Order(StringComparer.Ordinal));
            foreach (var (key, text) in english)
                Assert.True(Places(text).SetEquals(Places(other[key])), $"{key}{suffix}: {other[key]}");
        }
    }

    [Theory, MemberData(nameof(Books))]
    public void Chinese_has_full_width_marks_and_its_own_quotes(string book)
    {
        foreach (var suffix in new[] { ".zh-Hans", ".zh-Hant" })
        {
            foreach (var (key, text) in Load(book, suffix))
            {
                Assert.False(HalfWidthAfterHan().IsMatch(text), $"{key}: {text}");
                Assert.False(suffix == ".zh-Hant" ? text.Contains('“', StringComparison.Ordinal) : text.Contains('「', StringComparison.Ordinal), key);
            }
        }
    }

    [Fact]
    public void Every_code_has_its_words_in_every_language()
    {
        var keys = AuditWords.AllGrades.Select(g => "Grade." + g.Word())
            .Concat(AuditWords.AllReasons.SelectMany(r => new[] { "Reason." + r.Word(), "Cure." + r.Word() }))
            .Concat(Channels.All.SelectMany(c => new[] { "Channel." + c.Word(), "Act." + c.Word() }))
            .Concat(Enum.GetValues<SourceKind>().Select(k => "Source." + k.Word()))
            .Concat(NumberWords.AllRemarks.Select(r => "Note." + r.Word()))
            .Concat(Enum.GetValues<NumberFault>().Where(f => f != NumberFault.None).Select(f => "Note." + f.Word()))
            .Concat(Enum.GetValues<ListField>().Select(f => "Field." + FieldWords.Word(f)))
            .Concat(Enum.GetValues<ReadingCertainty>().Select(c => "Reading." + FieldWords.Word(c)))
            .Concat(Enum.GetValues<ReadingGround>().Select(g => "Ground." + FieldWords.Word(g)))
            .Concat(PlaceGroup.Codes.SelectMany(c => new[] { "Place." + c, "Bound." + c }))
            .Concat(Steps.SelectMany(c => new[] { $"Next.{c}", $"Next.{c}.Detail" }));
        foreach (var key in keys)
            Assert.All(ReportLanguage.All, l => Assert.False(string.IsNullOrEmpty(l.Find(key)), key + " " + l.Tag));
    }

    [Fact]
    public void Every_grade_reason_and_channel_has_a_next_step_in_every_language()
    {
        foreach (var language in ReportLanguage.All)
            foreach (var grade in AuditWords.AllGrades)
                foreach (var channel in Channels.All)
                    foreach (var reason in AuditWords.AllReasons.Append(AuditReasons.None))
                        Assert.False(string.IsNullOrWhiteSpace(NextStepTexts.For(grade, reason, channel, new CultureInfo(language.Tag))));
    }

    [Theory]
    [InlineData(AuditGrade.Never, AuditReasons.RefusedElsewhere | AuditReasons.Minor, Channel.Voice, "Suppress this copy too; refused in another row.")]
    [InlineData(AuditGrade.Never, AuditReasons.Refused | AuditReasons.MissingNumber, Channel.Sms, "Suppress; must never be texted.")]
    [InlineData(AuditGrade.Reconfirm, AuditReasons.LongInactive | AuditReasons.ThirdPartySource, Channel.Voice, "Get the seller’s proof of a consent that names you, or delete.")]
    [InlineData(AuditGrade.Fix, AuditReasons.InvalidNumber, Channel.Email, "Correct the e-mail address or delete it.")]
    [InlineData(AuditGrade.Usable, AuditReasons.None, Channel.Voice, "May be called; check registers and hours first.")]
    internal void The_next_step_follows_the_weightiest_reason(AuditGrade grade, AuditReasons reasons, Channel channel, string step) =>
        Assert.Equal(step, NextStepTexts.For(grade, reasons, channel, CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("en", "en")]
    [InlineData("en-GB", "en")]
    [InlineData("de", "en")]
    [InlineData("zh", "zh-Hans")]
    [InlineData("zh-CN", "zh-Hans")]
    [InlineData("zh-SG", "zh-Hans")]
    [InlineData("zh-Hans", "zh-Hans")]
    [InlineData("zh-Hant", "zh-Hant")]
    [InlineData("zh-TW", "zh-Hant")]
    [InlineData("zh-HK", "zh-Hant")]
    [InlineData("zh-Hans-HK", "zh-Hans")]
    [InlineData("zh-Hant-CN", "zh-Hant")]
    public void The_language_nearest_to_a_culture_is_taken(string culture, string tag) =>
        Assert.Equal(tag, ReportLanguage.Of(new CultureInfo(culture)).Tag);

    [Fact]
    public void Numbers_shares_days_and_money_are_written_the_same_on_every_machine()
    {
        var (english, hans) = (ReportLanguage.All[0], ReportLanguage.All[1]);
        Assert.Equal("48,213", ReportLanguage.Number(48213));
        Assert.Equal("3 March 2026", english.Date(new LocalDate(2026, 3, 3)));
        Assert.Equal("2026 年 3 月 3 日", hans.Date(new LocalDate(2026, 3, 3)));
        Assert.Equal("USD 3,107,000", ReportLanguage.Money("USD", 3107000m));
        Assert.Equal("EUR 12.50", ReportLanguage.Money("EUR", 12.5m));
        Assert.Equal("24.7 %", english.Percent(11906, 48213));
        Assert.Equal("<0.1 %", english.Percent(1, 10_000_000));
        Assert.Equal("99.9 %", english.Percent(9_999_999, 10_000_000));
        Assert.Equal("100%", hans.Percent(5, 5));
        Assert.Equal("0 %", english.Percent(0, 0));
        Assert.Equal("1.2 MB", ReportLanguage.Size(1_234_567));
    }

    [Fact]
    public void A_step_about_part_of_a_file_says_of_what_it_is_a_part()
    {
        var report = SampleReports.Ordinary();
        var all = report.Channels[0].Reconfirm;
        string Told(long rows) => NextStepWords.File(new NextStep("ask-again", Channel.Voice, rows, "reconfirm-voice.csv"), report, ReportLanguage.All[0]);
        Assert.Equal($"reconfirm-voice.csv, {ReportLanguage.Number(all)} rows", Told(all));
        Assert.Equal($"reconfirm-voice.csv, 7 of {ReportLanguage.Number(all)} rows", Told(7));
    }

    [Fact]
    public void A_refused_row_without_a_number_is_closed_and_not_reached()
    {
        var tally = new ChannelTally(Channel.Voice, 1, 4, 3, 0, 1,
            [new(AuditGrade.Never, AuditReasons.Refused, 3), new(AuditGrade.Never, AuditReasons.MissingNumber, 2), new(AuditGrade.Reconfirm, AuditReasons.LongInactive, 4)], 0);
        Assert.Equal(5, tally.WithoutPermission());
        Assert.Equal([AuditReasons.Refused], tally.ReasonsFor(AuditGrade.Never).Select(r => r.Reason));
    }

    [Fact]
    public void One_takes_the_singular()
    {
        var english = ReportLanguage.All[0];
        Assert.Equal("1 row", english.Say("Rows", 1L));
        Assert.Equal("0 rows", english.Say("Rows", 0L));
        Assert.Equal("1,000 rows", english.Say("Rows", 1000L));
    }

    [Fact]
    public void Every_country_and_every_state_has_a_name_in_every_language()
    {
        Assert.Equal(57, PlaceNames.Codes.Count(c => c.StartsWith("US-", StringComparison.Ordinal)));
        Assert.Equal(13, PlaceNames.Codes.Count(c => c.StartsWith("CA-", StringComparison.Ordinal)));
        Assert.True(PlaceNames.Codes.Count(c => c.Length == 2) >= 249);
        foreach (var code in PlaceNames.Codes)
            Assert.All(ReportLanguage.All, l => Assert.False(string.IsNullOrWhiteSpace(l.Place(code)) || l.Place(code) == code, code));
        Assert.Equal("ZZ", ReportLanguage.All[0].Place("ZZ"));
    }

    [Theory]
    [InlineData("DE", "eu")]
    [InlineData("NO", "eu")]
    [InlineData("RE", "eu")]
    [InlineData("CH", "other")]
    [InlineData("GB", "uk")]
    [InlineData("JE", "other")]
    [InlineData("PR", "us")]
    [InlineData("HK", "other")]
    [InlineData("CN", "cn")]
    [InlineData(null, "unknown")]
    public void A_country_belongs_to_the_group_whose_law_binds(string? country, string group) => Assert.Equal(group, PlaceGroup.Of(country));

    private static HashSet<string> Places(string text) => [.. Place().Matches(text).Select(m => m.Value)];

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Place();

    // A half-width comma, stop, colon or bracket beside a Han character; but what is typed on the command line stays as it is typed.
    [GeneratedRegex(@"[\u4e00-\u9fff](?:[;:!?()]|,(?![a-z.-]+=))|[,;:!?()][\u4e00-\u9fff]")]
    private static partial Regex HalfWidthAfterHan();
}
