using System.CommandLine;
using Ringfence.Server.Cli;

namespace Ringfence.Server.Rules;

/// <summary><c>ringfence rules</c>: the rules as data, and the cases that show what they come to.</summary>
internal static class RulesCommand
{
    /// <summary>The command with all that stands under it.</summary>
    public static Command Create() => new("rules", CliText.Say("Rules.Description"))
    {
        RulesTestCommand.Create(),
    };
}
