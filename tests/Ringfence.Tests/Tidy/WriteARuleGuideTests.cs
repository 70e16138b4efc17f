using System.Text.RegularExpressions;
using Ringfence.Gate;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Tidy;

/// <summary>The guide to writing a rule can be followed as it stands: its files load beside those that ship, and its cases come out.</summary>
public sealed partial class WriteARuleGuideTests
{
    private static readonly string Guide = File.ReadAllText(Path.Combine(Repository.Root, "docs", "guides", "write-a-rule.md")).ReplaceLineEndings("\n");

    [GeneratedRegex("```yaml\n# (?<path>\\S+)\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Files();

    [Fact]
    public void The_cases_of_the_guide_come_out_by_its_rule()
    {
        var files = Files().Matches(Guide).Select(match => (Path: match.Groups["path"].Value, Text: match.Groups["text"].Value)).ToArray();
        var shipped = Repository.Files.Where(file => file.StartsWith("rules/", StringComparison.Ordinal)).Select(file => (file, File.ReadAllText(Path.Combine(Repository.Root, file))));
        var gate = new ContactGate(Rulebook.Read(shipped.Concat(files.Where(file => file.Path.StartsWith("rules/", StringComparison.Ordinal)))));

        var (path, text) = Assert.Single(files, file => file.Path.StartsWith("cases/", StringComparison.Ordinal));
        var cases = CaseFile.Read(path, text);
        Assert.Equal(5, cases.Count);
        Assert.Empty(cases.SelectMany(worked => CaseCheck.Run(worked, gate).Select(difference => $"{worked.Name}: {difference}")));
    }
}
