using System.CommandLine;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Rules.House;
using Ringfence.Server.Cli;

namespace Ringfence.Server.Rules;

/// <summary>The house rules that a command goes by besides: a file of the user's, or those that ship under a name.</summary>
internal static class HouseFile
{
    /// <summary><c>--house</c>, with its words in the language of the run.</summary>
    public static Option<string?> NewOption() =>
        new("--house") { HelpName = "FILE", Description = CliText.Say("Option.house", string.Join(", ", HouseRules.ShippedNames)) };

    /// <summary>Reads house rules; null where none are named.</summary>
    /// <exception cref="UnusableFileException">The file is not there or not in order.</exception>
    public static HouseRules? Read(string? named)
    {
        if (named is null)
            return null;
        try
        {
            return HouseRules.ShippedNames.Contains(named) ? HouseRules.Shipped(named) : HouseRules.Read(named.Replace('\\', '/'), TextFile.Read(named));
        }
        catch (RuleFileException fault)
        {
            throw new UnusableFileException(CliText.Say("File.Fault", fault.Message), fault);
        }
    }

    /// <summary>The rules with house rules on top; the same where none are named.</summary>
    /// <exception cref="UnusableFileException">The file is not there, not in order, or would loosen a rule.</exception>
    public static Rulebook On(Rulebook rules, string? named) => On(rules, named, static (rules, house) => rules.With(house));

    /// <summary>The gate with house rules on top; the same where none are named.</summary>
    /// <exception cref="UnusableFileException">The file is not there, not in order, or would loosen a rule.</exception>
    public static ContactGate On(ContactGate gate, string? named) => On(gate, named, static (gate, house) => gate.With(house));

    /// <summary>The house rules that a file of cases names, by a path from its own folder.</summary>
    /// <exception cref="RuleFileException">They are not in order.</exception>
    /// <exception cref="UnusableFileException">They are not there.</exception>
    public static HouseRules Beside(string caseFile, string named)
    {
        var path = Path.Combine(Path.GetDirectoryName(caseFile) ?? "", named);
        return HouseRules.Read(path.Replace('\\', '/'), TextFile.Read(path));
    }

    private static T On<T>(T under, string? named, Func<T, HouseRules, T> on)
    {
        if (Read(named) is not { } house)
            return under;
        try
        {
            return on(under, house);
        }
        catch (RuleFileException fault)
        {
            throw new UnusableFileException(CliText.Say("File.Fault", fault.Message), fault);
        }
    }
}
