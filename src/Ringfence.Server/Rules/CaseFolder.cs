using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Server.Cli;

namespace Ringfence.Server.Rules;

/// <summary>Worked cases: those of the program, or of files and folders that the user names.</summary>
internal static class CaseFolder
{
    // The facts that "given: clean" stands for: no cases.
    private const string CleanFacts = "clean.yaml";

    /// <summary>Reads cases; a file that is not in order is told of and left out.</summary>
    /// <param name="named">Files and folders; none for the cases of the program.</param>
    /// <param name="tell">Takes each file's fault, as a sentence.</param>
    public static IReadOnlyList<WorkedCase> Read(IReadOnlyList<string> named, Action<string> tell)
    {
        var cases = new List<WorkedCase>();
        if (named.Count == 0)
        {
            foreach (var path in CaseFile.Shipped)
                cases.AddRange(CaseFile.ReadShipped(path));
            return cases;
        }

        foreach (var path in named.SelectMany(path => Files(path, tell)))
        {
            try
            {
                cases.AddRange(CaseFile.Read(path.Replace('\\', '/'), TextFile.Read(path), house => HouseFile.Beside(path, house)));
            }
            catch (RuleFileException fault)
            {
                tell(CliText.Say("File.Fault", fault.Message));
            }
            catch (UnusableFileException fault)
            {
                tell(fault.Message);
            }
        }

        return cases;
    }

    /// <summary>The verdict on a case; null where its house rules don't go with the rules, which is told of.</summary>
    public static Verdict? Ask(WorkedCase worked, ContactGate gate, Action<string> tell)
    {
        try
        {
            return CaseCheck.Ask(worked, gate);
        }
        catch (RuleFileException fault)
        {
            tell(CliText.Say("File.Fault", fault.Message));
            return null;
        }
    }

    private static string[] Files(string path, Action<string> tell)
    {
        if (!Directory.Exists(path))
            return [path];
        try
        {
            string[] files = [.. TextFile.Under(path).Where(static file => Path.GetFileName(file) != CleanFacts)];
            if (files.Length == 0)
                tell(CliText.Say("Cases.None", path));
            return files;
        }
        catch (UnusableFileException fault)
        {
            tell(fault.Message);
            return [];
        }
    }
}
