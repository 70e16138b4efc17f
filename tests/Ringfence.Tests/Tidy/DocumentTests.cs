using System.Text.RegularExpressions;
using Ringfence.Lists;
using Ringfence.Numbers;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Tidy;

/// <summary>What is written leads somewhere.</summary>
public sealed partial class DocumentTests
{
    public static TheoryData<string> Documents => [.. Repository.Files.Where(f => f.EndsWith(".md", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_relative_link_of_a_document_resolves(string document)
    {
        var text = FencedCode().Replace(Read(document), "");
        var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, document))!;
        foreach (Match link in Link().Matches(text))
        {
            var target = link.Groups["target"].Value;
            if (target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal))
                continue;
            var parts = target.Split('#', 2);
            var file = parts[0].Length == 0 ? Path.Combine(Repository.Root, document) : Path.GetFullPath(Path.Combine(folder, parts[0]));
            Assert.True(File.Exists(file) || Directory.Exists(file), $"{document} links to {target}, which is not there");
            if (parts.Length == 2)
                Assert.True(Anchors(File.ReadAllText(file)).Contains(parts[1]), $"{document} links to {target}, which has no such heading");
        }
    }

    [Fact]
    public void Every_document_is_reached_from_the_readme()
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<string>(["README.md"]);
        while (open.TryDequeue(out var document))
        {
            if (!reached.Add(document) || !document.EndsWith(".md", StringComparison.Ordinal))
                continue;
            foreach (Match link in Link().Matches(Read(document)))
            {
                var target = link.Groups["target"].Value.Split('#')[0];
                if (target.Length > 0 && !target.Contains("://", StringComparison.Ordinal))
                    open.Enqueue(Relative(Path.Combine(Path.GetDirectoryName(document)!, target)));
            }
        }

        Assert.Empty(Repository.Files.Where(f => f.StartsWith("docs/", StringComparison.Ordinal) && f.EndsWith(".md", StringComparison.Ordinal)).Except(reached));
    }

    [Fact]
    public void The_guide_has_the_same_sections_in_three_languages()
    {
        static int[] Levels(string document) =>
            [.. Heading().Matches(FencedCode().Replace(Read(document), "")).Select(h => h.Groups["level"].Length)];
        foreach (var guide in new[] { "docs/guides/audit-a-list", "docs/guides/ask-and-stop", "docs/guides/lead-forms" })
        {
            var english = Levels(guide + ".md");
            Assert.Equal(english, Levels(guide + ".zh-CN.md"));
            Assert.Equal(english, Levels(guide + ".zh-TW.md"));
        }

        Assert.Equal(Levels("README.md"), Levels("README.zh-CN.md"));
        Assert.Equal(Levels("README.md"), Levels("README.zh-TW.md"));
    }

    [Fact]
    public void The_reference_lists_every_grade_reason_and_number_note()
    {
        var reference = Read("docs/reference/audit.md");
        var words = AuditWords.AllGrades.Select(AuditWords.Word)
            .Concat(AuditWords.AllReasons.Select(AuditWords.Word))
            .Concat(NumberWords.AllRemarks.Select(NumberWords.Word))
            .Concat(Enum.GetValues<NumberFault>().Select(NumberWords.Word).Where(w => w.Length > 0));
        Assert.All(words, word => Assert.Contains($"`{word}`", reference, StringComparison.Ordinal));
    }

    [Fact]
    public void The_reference_lists_every_regime_that_has_a_figure()
    {
        var reference = Read("docs/reference/audit.md");
        var latest = Rulebook.Shipped.Rules.Where(r => r.Exposure is not null && r.Until is null);
        Assert.All(latest, rule => Assert.Contains(rule.File, reference, StringComparison.Ordinal));
    }

    private static string Read(string document) => File.ReadAllText(Path.Combine(Repository.Root, document));

    private static string Relative(string path) =>
        Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(Repository.Root, path))).Replace('\\', '/');

    // As on the usual forges: lower case, blanks to hyphens, punctuation dropped.
    private static HashSet<string> Anchors(string text) =>
    [
        .. Heading().Matches(text).Select(h => string.Concat(h.Groups["title"].Value.Trim()
            .Select(c => c == ' ' ? '-' : char.ToLowerInvariant(c))
            .Where(c => char.IsLetterOrDigit(c) || c is '-' or '_'))),
    ];

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)|(?:src|href)=""(?<target>[^""]+)""", RegexOptions.CultureInvariant)]
    private static partial Regex Link();

    [GeneratedRegex(@"^(?<level>#{1,6}) (?<title>.+)$", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("^```.*?^```", RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FencedCode();
}
