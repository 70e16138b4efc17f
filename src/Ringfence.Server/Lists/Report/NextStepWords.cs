using Ringfence.Lists;

namespace Ringfence.Server.Lists.Report;

/// <summary>The steps of a report in words.</summary>
internal static class NextStepWords
{
    /// <summary>What to do. Where the step is about one channel and the sentence does not say so, it ends with it.</summary>
    public static string Title(NextStep step, ReportLanguage language)
    {
        if (language.Find("Next." + step.Code) is null)
            return language.Word("Next", step.Code);
        var act = language["Act." + (step.Channel ?? Channel.Voice).Word()];
        var title = language.Say("Next." + step.Code, step.Rows, act);
        var named = language["Next." + step.Code].Contains("{1", StringComparison.Ordinal);
        return step.Channel is { } channel && !named ? language.Say("Next.OnChannel", title, language["Channel." + channel.Word()]) : title;
    }

    /// <summary>How to do it, or null.</summary>
    public static string? Detail(NextStep step, ReportLanguage language) => language.Find($"Next.{step.Code}.Detail");
}
