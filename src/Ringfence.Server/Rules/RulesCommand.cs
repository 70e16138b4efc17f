using System.CommandLine;
using Ringfence.Server.Cli;

namespace Ringfence.Server.Rules;

/// <summary><c>ringfence rules</c>: the rules as data, and the cases that show what they come to.</summary>
internal static class RulesCommand
{
    /// <summary>The command with all that stands under it.</summary>
    public static Command Create(TimeProvider time) => new("rules", CliText.Say("Rules.Description"))
    {
        RulesListCommand.Create(time),
        RulesShowCommand.Create(time),
        RulesTestCommand.Create(),
        RulesDiffCommand.Create(),
    };
}
