using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Xunit;

namespace Ringfence.Server.Tests.Ledger;

/// <summary>The page on <c>ringfence verify</c> tells of every finding there is, and of no other.</summary>
public sealed partial class FsckPageTests
{
    [Fact]
    public void Every_code_has_its_line()
    {
        var page = File.ReadAllText(Path.Combine(Repository(), "docs/reference/verify.md"));
        var texts = File.ReadAllText(Path.Combine(Repository(), "src/Ringfence.Server/Resources/CliTexts.resx"));
        var told = CodeInPage().Matches(page).Select(static match => match.Groups[1].Value).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(CodeInTexts().Matches(texts).Select(static match => match.Groups[1].Value).Order(StringComparer.Ordinal), told);
        Assert.True(told.Count > 50);
    }

    [GeneratedRegex("^\\| `([a-z-]+)` \\|", RegexOptions.Multiline)]
    private static partial Regex CodeInPage();

    [GeneratedRegex("name=\"Verify\\.([a-z-]+)\"")]
    private static partial Regex CodeInTexts();

    private static string Repository([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../.."));
}
