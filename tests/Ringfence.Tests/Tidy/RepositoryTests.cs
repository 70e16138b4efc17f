using System.Text.RegularExpressions;
using Xunit;

namespace Ringfence.Tests.Tidy;

/// <summary>The repository holds what belongs to the product, and nothing of the machine it was made on.</summary>
public sealed partial class RepositoryTests
{
    // A contact list or a screenshot fits; a database or a package does not.
    private const long LargestFile = 1_500_000;

    [Fact]
    public void No_file_names_a_place_on_somebodys_machine() => NoneMatches(MachinePath());

    [Fact]
    public void No_comment_marks_unfinished_work() => NoneMatches(Unfinished());

    [Fact]
    public void No_file_is_too_large() =>
        Assert.All(Repository.Files, f => Assert.True(new FileInfo(Path.Combine(Repository.Root, f)).Length <= LargestFile, f));

    [Fact]
    public void Licence_and_notice_are_there()
    {
        Assert.Contains("Apache License", File.ReadAllText(Path.Combine(Repository.Root, "LICENSE")), StringComparison.Ordinal);
        Assert.Contains("The Libphonenumber Authors", File.ReadAllText(Path.Combine(Repository.Root, "NOTICE")), StringComparison.Ordinal);
    }

    private static void NoneMatches(Regex unwanted)
    {
        foreach (var file in Repository.Files)
        {
            var text = File.ReadAllText(Path.Combine(Repository.Root, file));
            if (text.Contains('\0'))
                continue; // a picture or other binary file
            if (unwanted.Match(text) is { Success: true } match)
                Assert.Fail($"{file}: {match.Value}");
        }
    }

    // Absolute paths of users and of build places; an address such as https://example.org/home/ is none.
    [GeneratedRegex(@"(?<![\w.:/\-])/(?:home|root|Users|work)/[\w.]|(?<!\w)[A-Z]:\\Users\\|/tmp/[\w.-]", RegexOptions.CultureInvariant)]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"(?://|#|<!--|/\*|\*)\s*(?:TO[D]O|FIX[M]E|HA[C]K|X[X]X)\b", RegexOptions.CultureInvariant)]
    private static partial Regex Unfinished();
}
