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

    /// <summary>The channel the headline is about; null where none was looked at.</summary>
    protected ChannelTally? Headline => Report.Headline();

    /// <summary>A text.</summary>
    protected string T(string key, params ReadOnlySpan<object> arguments) => L.Say(key, arguments);

    /// <summary>A text with bold figures.</summary>
    protected MarkupString H(string key, params ReadOnlySpan<object> arguments) => L.Html(key, arguments);

    /// <summary>A number.</summary>
    protected static string N(long value) => ReportLanguage.Number(value);

    /// <summary>A word of a file or the command line, set apart in a sentence.</summary>
    protected static MarkupString Code(string word) => new($"<code>{ReportLanguage.Encode(word)}</code>");

    /// <summary>A file beside the report, as a link in a sentence.</summary>
    protected static MarkupString FileLink(string file) => new($"<a href=\"{ReportLanguage.Encode(file)}\">{ReportLanguage.Encode(file)}</a>");

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

    /// <summary>The class that colours a grade's word.</summary>
    protected static string ClassOf(AuditGrade grade) => grade switch
    {
        AuditGrade.Usable => "is-ok",
        AuditGrade.Reconfirm => "is-wait",
        AuditGrade.Never => "is-no",
        AuditGrade.Fix => "is-un",
    };

    /// <summary>The ring that stands for a grade.</summary>
    protected static string RingOf(AuditGrade grade) => grade switch
    {
        AuditGrade.Usable => "ring-yes",
        AuditGrade.Reconfirm => "ring-wait",
        AuditGrade.Never => "ring-no",
        AuditGrade.Fix => "ring-unasked",
    };

    /// <summary>The symbol of a channel.</summary>
    protected static string IconOf(Channel channel) => channel switch
    {
        Channel.Voice => "call",
        Channel.VoiceAuto => "call-auto",
        Channel.Sms => "text",
        Channel.Whatsapp => "chat",
        Channel.Email => "mail",
        Channel.Fax => "fax",
    };

    /// <summary>The class of a certainty's mark.</summary>
    protected static string ClassOf(ReadingCertainty certainty) => certainty switch
    {
        ReadingCertainty.Sure => "state state-note",
        ReadingCertainty.Likely => "state",
        ReadingCertainty.Guess => "state state-wait",
    };

    /// <summary>The symbol of a certainty.</summary>
    protected static string IconOf(ReadingCertainty certainty) => certainty switch
    {
        ReadingCertainty.Sure => "check",
        ReadingCertainty.Likely => "minus",
        ReadingCertainty.Guess => "alert",
    };
}
