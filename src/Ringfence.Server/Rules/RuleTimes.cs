using NodaTime;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Server.Cli;

namespace Ringfence.Server.Rules;

/// <summary>When a version of a rule holds, in words.</summary>
internal static class RuleTimes
{
    /// <summary>Whether the version is the one of a day, also one that is shown and not applied.</summary>
    public static bool IsOf(Rule rule, LocalDate day) => (rule.FromIsAtLatest || rule.From <= day) && (rule.Until is not { } until || day < until);

    /// <summary>From when until when; the first day and the last.</summary>
    public static string Interval(Rule rule, GateLanguage say)
    {
        var from = say.Date(rule.From);
        // A house rule that names no first day always held.
        if (rule.From.Year == 1)
            return rule.Until is { } end ? CliText.Say("RuleTime.To", say.Date(end.PlusDays(-1))) : CliText.Say("RuleTime.Always");
        var key = rule.FromIsAtLatest ? "RuleTime.AtLatest" : "RuleTime.From";
        return rule.Until is { } until ? CliText.Say(key + "To", from, say.Date(until.PlusDays(-1))) : CliText.Say(key, from);
    }

    /// <summary>How certain a rule is, and of what grade; of a house rule that it is one.</summary>
    public static string Standing(Rule rule, GateLanguage say)
    {
        var grade = ExplainedRule.Of(rule, say.Tag).Grade;
        return rule.Grade == "house" ? grade : say.List([CliText.Say("RuleCertainty." + rule.Certainty), grade]);
    }

    /// <summary>That a version is not applied; null where it is.</summary>
    public static string? StateOf(Rule rule) => rule.State switch
    {
        RuleState.InForce => null,
        RuleState.Disabled => CliText.Say("RuleState.disabled"),
        RuleState.Suspended => CliText.Say("RuleState.suspended"),
    };

    /// <summary>What a version is on a day: in force, past, to come, or not applied.</summary>
    public static string On(Rule rule, LocalDate day) => StateOf(rule) ?? CliText.Say(
        IsOf(rule, day) ? "RuleState.in-force" : rule.From > day ? "RuleState.to-come" : "RuleState.past");
}
