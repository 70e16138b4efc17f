using Microsoft.AspNetCore.Components;
using Ringfence.Lists;
using Ringfence.Server.Design.Charts;

namespace Ringfence.Server.Lists.Report;

/// <summary>What every part of the page knows: the report and the language it is told in.</summary>
public abstract class ReportSection : ComponentBase
{
    /// <summary>The report.</summary>
    [CascadingParameter] public required AuditReport Report { get; set; }

    /// <summary>The language.</summary>
    [CascadingParameter] public required ReportLanguage L { get; set; }

    /// <summary>Where the rows behind the figures are.</summary>
    [CascadingParameter] public ReportLinks Links { get; set; } = ReportLinks.Files;

    /// <summary>The channel the headline is about; null where none was looked at.</summary>
    protected ChannelTally? Headline => Report.Headline();

    /// <summary>A text.</summary>
    protected string T(string key, params ReadOnlySpan<object> arguments) => L.Say(key, arguments);

    /// <summary>What to do about it: where the rows are pages, in their words and not in those of the command line.</summary>
    protected string Remedy(string key) => (Links.AreFiles ? null : L.Find(key + ".House")) ?? L[key];

    /// <summary>A text with bold figures.</summary>
    protected MarkupString H(string key, params ReadOnlySpan<object> arguments) => L.Html(key, arguments);

    /// <summary>A number.</summary>
    protected static string N(long value) => ReportLanguage.Number(value);

    /// <summary>A word of a file or the command line, set apart in a sentence.</summary>
    protected static MarkupString Code(string word) => new($"<code>{ReportLanguage.Encode(word)}</code>");

    /// <summary>A file beside the report, as a link in a sentence.</summary>
    protected MarkupString FileLink(string file) => new($"<a href=\"{ReportLanguage.Encode(Links.File(file))}\">{ReportLanguage.Encode(file)}</a>");

    /// <summary>The rows of one grade on one channel, as a figure that leads to them.</summary>
    protected Figure Fig(ChannelTally tally, AuditGrade grade) => new(tally.Rows(grade), Links.File(ReportFacts.GradeFile(grade, tally.Channel)));

    /// <summary>A count that leads to its rows, where they can be shown alone.</summary>
    protected MarkupString Count(long rows, Func<string> href) => new(Links.AreFiles ? N(rows) : new Figure(rows, href()).Html());

    /// <summary>A bar of rows that have a word in a column of <c>contacts.csv</c>.</summary>
    protected Bar BarOf(string label, long rows, Paint paint, string column, string? word, string? told = null) =>
        new(label, rows, paint, Links.Where(column, word), Links.AreFiles ? told ?? word ?? column : null);

    /// <summary>A text whose file names are links.</summary>
    protected MarkupString Linked(string key, params ReadOnlySpan<object> arguments)
    {
        var html = L.Html(key, arguments).Value;
        foreach (var file in (ReadOnlySpan<string>)[ReportFacts.ContactsFile, ReportFacts.RejectedFile, "audit.json"])
            html = html.Replace(file, FileLink(file).Value, StringComparison.Ordinal);
        return new MarkupString(html);
    }

    /// <summary>The four grades of a channel as parts of a whole.</summary>
    protected IReadOnlyList<Slice> Grades(ChannelTally tally) =>
        [.. AuditWords.AllGrades.Select(g => new Slice(L["Grade." + g.Word()], tally.Rows(g), PaintOf(g)))];

    /// <summary>The four grades of a channel in a sentence.</summary>
    protected string GradesSentence(ChannelTally tally) => T("Bar.Grades", L["Channel." + tally.Channel.Word()], Report.Rows,
        L.Percent(tally.Usable, Report.Rows), L.Percent(tally.Reconfirm, Report.Rows), L.Percent(tally.Never, Report.Rows), L.Percent(tally.Fix, Report.Rows));

    /// <summary>How a grade is painted.</summary>
    protected static Paint PaintOf(AuditGrade grade) => grade switch
    {
        AuditGrade.Usable => Paint.Ok,
        AuditGrade.Reconfirm => Paint.Wait,
        AuditGrade.Never => Paint.No,
        AuditGrade.Fix => Paint.Unset,
    };
}
