using System.Globalization;
using Ringfence.Lists;
using Ringfence.Server.Lists.Report;
using Xunit;

namespace Ringfence.Server.Tests.Lists.Report;

public sealed class AuditSummaryTests
{
    public static TheoryData<string> Languages() => [.. ReportLanguage.All.Select(l => l.Tag)];

    [Theory, MemberData(nameof(Languages))]
    public void No_line_is_wider_than_the_terminal(string language)
    {
        foreach (var report in new[] { SampleReports.Empty(), SampleReports.Ordinary(), SampleReports.NoSender(), SampleReports.OneChannel(), SampleReports.Maximal(), LongName() })
        {
            foreach (var line in Lines(report, language, 80))
                Assert.True(TerminalText.Width(line) <= 80, line);
        }
    }

    private static AuditReport LongName() => SampleReports.Ordinary() with
    {
        Controller = new string('名', 300),
        Files = [SampleReports.Ordinary().Files[0] with { Name = new string('x', 240) + ".csv" }],
    };

    [Theory, MemberData(nameof(Languages))]
    public void The_name_of_a_file_and_its_rows_stand_on_one_line(string language)
    {
        foreach (var width in Enumerable.Range(60, 30))
        {
            foreach (var line in Lines(SampleReports.OneChannel(), language, width).Where(l => l.Contains(".csv", StringComparison.Ordinal) && l.Contains("  ", StringComparison.Ordinal)).Skip(1))
                Assert.Matches(@"\.csv(, |，)[0-9,]+ ?(rows?|行|列|of|中)", line);
        }
    }

    [Theory, MemberData(nameof(Languages))]
    public void A_list_without_a_column_of_numbers_says_so_where_numbers_are_wanted(string language)
    {
        var whole = SampleReports.Ordinary();
        var none = whole with { Files = [.. whole.Files.Select(f => f with { Columns = [.. f.Columns.Where(c => c.Field is not (ListField.Phone or ListField.OtherPhone))] })] };
        var mail = none with { Channels = [.. none.Channels.Where(c => c.Channel == Channel.Email)] };
        Assert.NotEmpty(mail.Channels);
        Assert.Contains("--map phone=", Text(none, language, 80, colour: false), StringComparison.Ordinal);
        Assert.All(new[] { whole, mail, SampleReports.Empty() }, r => Assert.DoesNotContain("--map phone=", Text(r, language, 80, colour: false), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("unsubscribed.csv", true)]
    [InlineData("Opt-Out 2026.xlsx", true)]
    [InlineData("do_not_call.csv", true)]
    [InlineData("DNC.txt", true)]
    [InlineData("退订名单.csv", true)]
    [InlineData("黑名單.xlsx", true)]
    [InlineData("Sperrliste-März.csv", true)]
    [InlineData("contacts.csv", false)]
    [InlineData("leads-2000.csv", false)]
    public void A_file_named_after_refusals_without_a_column_of_them_is_named_as_closing_nobody(string name, bool warns)
    {
        var whole = SampleReports.Ordinary();
        var file = whole.Files[0] with { Name = name, Columns = [.. whole.Files[0].Columns.Where(c => c.Field is not (ListField.Refusal or ListField.Consent))] };
        Assert.Equal(warns, (whole with { Files = [file] }).SilentRefusals().Count == 1);
        Assert.Equal(warns, Text(whole with { Files = [file] }, "en", 80, colour: false).Contains("! Nobody is closed by " + name, StringComparison.Ordinal));
        Assert.Empty((whole with { Files = [file with { Columns = whole.Files[0].Columns }] }).SilentRefusals());
    }

    [Theory, MemberData(nameof(Languages))]
    public void The_columns_of_the_table_stand_under_each_other(string language)
    {
        var lines = Lines(SampleReports.Ordinary(), language, 80);
        var names = SampleReports.Ordinary().Channels.Count;
        var head = Array.FindIndex(lines, l => l.Contains('█', StringComparison.Ordinal));
        var ends = lines[(head + 1)..(head + 1 + names)].Select(l => TerminalText.Width(l[..l.IndexOf('█', StringComparison.Ordinal)])).ToList();
        Assert.Single(ends.Distinct());
    }

    [Theory, MemberData(nameof(Languages))]
    public void Nothing_in_a_list_steers_the_terminal(string language)
    {
        var text = string.Join('\n', Lines(SampleReports.Maximal(), language, 80));
        Assert.DoesNotContain('\u001b', text);
        Assert.DoesNotContain('\u202E', text);
    }

    [Fact]
    public void Colour_is_there_only_when_asked_for()
    {
        Assert.Contains('\u001b', Text(SampleReports.Ordinary(), "en", 80, colour: true));
        Assert.DoesNotContain('\u001b', Text(SampleReports.Ordinary(), "en", 80, colour: false));
    }

    [Theory]
    [InlineData("abc", 3)]
    [InlineData("电话", 4)]
    [InlineData("電話（真人）", 12)]
    [InlineData("e\u0301", 1)]
    [InlineData("ＡＢ", 4)]
    [InlineData("가", 2)]
    [InlineData("", 0)]
    public void Widths_are_counted_in_columns(string text, int width) => Assert.Equal(width, TerminalText.Width(text));

    [Fact]
    public void Han_breaks_anywhere_but_before_a_closing_mark()
    {
        var lines = TerminalText.Wrap("今天就把位联系人列入黑名单。", 26).ToList();
        Assert.Equal(["今天就把位联系人列入黑名单。"], lines);
        Assert.All(TerminalText.Wrap("对法定责任的估算，既非预测，也非法律意见。", 12), l => Assert.True(TerminalText.Width(l) <= 14));
    }

    internal static string Text(AuditReport report, string language, int width, bool colour)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        AuditSummary.Write(report, writer, new CultureInfo(language), width, colour);
        return writer.ToString();
    }

    private static string[] Lines(AuditReport report, string language, int width)
    {
        var text = Text(report, language, width, colour: false);
        if (Environment.GetEnvironmentVariable("RINGFENCE_SHOW") is { Length: > 0 } folder)
            File.AppendAllText(Path.Combine(folder, "summary.txt"), text);
        return text.Split('\n');
    }
}
