using Ringfence.Lists;

namespace Ringfence.Server.Lists.Report;

/// <summary>The steps of a report in words.</summary>
internal static class NextStepWords
{
    /// <summary>The steps with those of one kind together, in their order: one act, done per channel.</summary>
    public static IReadOnlyList<IReadOnlyList<NextStep>> Together(IEnumerable<NextStep> steps) => [.. steps.GroupBy(s => s.Code).Select(g => g.ToList())];

    /// <summary>What to do. One step says how many it is about; several of a kind say it once for all channels.</summary>
    public static string Title(IReadOnlyList<NextStep> steps, ReportLanguage language)
    {
        var step = steps[0];
        if (language.Find("Next." + step.Code) is not { } text)
            return language.Word("Next", step.Code);
        if (steps.Count > 1 && language.Find($"Next.{step.Code}.All") is { } all)
            return all;
        var title = language.Say("Next." + step.Code, step.Rows, language["Act." + (step.Channel ?? Channel.Voice).Word()]);
        return step.Channel is { } channel && !text.Contains("{1", StringComparison.Ordinal)
            ? language.Say("Next.OnChannel", title, language["Channel." + channel.Word()])
            : title;
    }

    /// <summary>How to do it, or null.</summary>
    public static string? Detail(NextStep step, ReportLanguage language) => language.Find($"Next.{step.Code}.Detail");

    /// <summary>The file of a step and how many rows of it are meant: <c>reconfirm-voice.csv, 974 of 1,315 rows</c>.</summary>
    public static string File(NextStep step, AuditReport report, ReportLanguage language)
    {
        var name = ReportLanguage.Visible(step.File ?? "");
        var whole = report.Channels.SelectMany(t => AuditWords.AllGrades.Select(g => t.Figure(g))).FirstOrDefault(f => f.File == step.File)?.Value ?? step.Rows;
        return whole == step.Rows ? language.Say("Next.File", name, step.Rows) : language.Say("Next.FilePart", name, step.Rows, whole);
    }
}
