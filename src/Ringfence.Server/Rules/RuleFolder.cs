using System.CommandLine;
using Ringfence.Rules;
using Ringfence.Server.Cli;

namespace Ringfence.Server.Rules;

/// <summary>The rules that a command goes by: those of the program, or the files of a folder.</summary>
internal static class RuleFolder
{
    /// <summary>What stands for the rules of the program where a folder could.</summary>
    public const string Shipped = "shipped";

    // A folder that is no set of rules at all has a fault in every file.
    private const int MostFaults = 20;

    /// <summary><c>--rules</c>, with its words in the language of the run.</summary>
    public static Option<string?> NewOption() => new("--rules") { HelpName = "DIR", Description = CliText.Say("Option.rules") };

    /// <summary>Reads the rules of a folder; those of the program where none is named.</summary>
    /// <exception cref="UnusableFileException">The folder holds no rules, or its files are not in order; the message lists what is wrong.</exception>
    public static Rulebook Read(string? folder)
    {
        if (folder is null or Shipped)
            return Rulebook.Shipped;
        if (!Directory.Exists(folder))
            throw new UnusableFileException(CliText.Say("Rules.NoFolder", folder));
        // The top of a project that keeps them beside its cases will do.
        var top = Directory.Exists(Path.Combine(folder, "rules")) ? Path.Combine(folder, "rules") : folder;
        var files = TextFile.Under(top)
            .Where(static path => Path.GetExtension(path) != ".json")
            .Select(path => (Path: "rules/" + Path.GetRelativePath(top, path).Replace('\\', '/'), Text: TextFile.Read(path)))
            .ToArray();
        if (files.Length == 0)
            throw new UnusableFileException(CliText.Say("Rules.None", folder));
        var faults = Rulebook.Faults(files);
        if (faults.Count == 0)
            return Rulebook.Read(files);
        var told = faults.Take(MostFaults).Select(fault => Relocated(fault, top));
        throw new UnusableFileException(CliText.Say("Rules.Faults", faults.Count) + "\n" + string.Join('\n', told.Select(static fault => "  " + fault)));
    }

    /// <summary>The message of a fault, with the path that the user knows.</summary>
    private static string Relocated(RuleFileException fault, string top) =>
        fault.File.StartsWith("rules/", StringComparison.Ordinal) && fault.Message.StartsWith(fault.File, StringComparison.Ordinal)
            ? Path.Combine(top, fault.File["rules/".Length..]) + fault.Message[fault.File.Length..]
            : fault.Message;
}
