using System.CommandLine;
using System.CommandLine.Parsing;

namespace Ringfence.Server.Cli;

/// <summary>What is wrong with a command line, in the language of the run.</summary>
internal static class ArgumentFaults
{
    /// <summary>The faults, each as a sentence, and the last where help is to be had; empty where there are none.</summary>
    public static IReadOnlyList<string> Of(ParseResult parsed)
    {
        if (parsed.Errors.Count == 0)
            return [];
        var command = parsed.CommandResult.Command;
        var help = $"{HelpPage.PathOf(command)} --help";
        return [.. parsed.Errors.Select(e => Sentence(e, parsed)).Distinct(), CliText.Say("SeeHelp", help)];
    }

    private static string Sentence(ParseError error, ParseResult parsed) => error.SymbolResult switch
    {
        OptionResult { Tokens.Count: 0 } option => CliText.Say("NoValue", option.IdentifierToken?.Value ?? option.Option.Name),
        OptionResult { Tokens.Count: > 1 } option => CliText.Say("Twice", option.Option.Name),
        ArgumentResult { Tokens.Count: 0 } or CommandResult { Command.Arguments.Count: > 0, Tokens.Count: 0 } => CliText.SayOr("NoArgument." + parsed.CommandResult.Command.Name, "NoList"),
        CommandResult when parsed.UnmatchedTokens.Count > 0 => CliText.Say(parsed.UnmatchedTokens[0].StartsWith('-') ? "UnknownOption" : "UnknownCommand", parsed.UnmatchedTokens[0]),
        _ => error.Message,
    };
}
