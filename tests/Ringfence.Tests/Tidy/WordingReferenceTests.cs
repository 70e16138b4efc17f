using System.Text.RegularExpressions;
using Ringfence.Consent;
using Ringfence.Gate;
using Xunit;

namespace Ringfence.Tests.Tidy;

/// <summary>What the reference says of wordings is what is read, and every fault has its words in every language.</summary>
public sealed partial class WordingReferenceTests
{
    private static readonly string Reference = File.ReadAllText(Path.Combine(Repository.Root, "docs", "reference", "wordings.md"));

    [Fact]
    public void The_reference_lists_every_fault_and_no_other() =>
        Assert.Equal(Words<WordingFault>.All, CodeRow().Matches(Reference[Reference.IndexOf("## The lint", StringComparison.Ordinal)..Reference.IndexOf("## A party", StringComparison.Ordinal)]).Select(row => row.Groups["code"].Value));

    [Fact]
    public void The_reference_lists_every_word()
    {
        Same<WordingKind>("kind");
        Same<PartyKind>("kind", skip: 1);
        Assert.Equal([.. Words<ChoiceKind>.All, .. Words<ChoicePreset>.All, .. Words<ChoiceStands>.All], Quoted(Row("choice")).Except(["kind", "preset", "stands", "alsoCovers"]));
        Assert.Equal(Words<StopPlaces>.All, Quoted(Row("stop")).SkipWhile(word => word != "in").Skip(1));
        Assert.Subset(Quoted(Row("processing")).ToHashSet(), Words<RequestKind>.All.ToHashSet());
        Assert.Equal(WordingReader.Languages, Quoted(Row("texts")).Take(WordingReader.Languages.Count));
    }

    [Fact]
    public void Every_fault_has_its_sentences()
    {
        var texts = WordingFinding.All.ToArray();
        Assert.Equal(Words<WordingFault>.All.SelectMany(code => new[] { $"cure {code}", $"reason {code}" }).Order(StringComparer.Ordinal), texts.Select(text => text.Key).Order(StringComparer.Ordinal));
        foreach (var (key, text) in texts)
        {
            Assert.True(text.En.EndsWith('.') && char.IsUpper(text.En[0]), key);
            Assert.True(text.ZhHans.EndsWith('。') && text.ZhHant.EndsWith('。') && text.ZhHans != text.ZhHant, key);
            Assert.DoesNotMatch(HalfWidthByHan(), text.ZhHans);
            Assert.DoesNotMatch(HalfWidthByHan(), text.ZhHant);
        }
    }

    private static void Same<T>(string key, int skip = 0) where T : struct, Enum => Assert.Equal(Words<T>.All, Quoted(Row(key, skip)));

    private static string Row(string key, int skip = 0) => Reference.Split('\n').Where(line => line.StartsWith($"| `{key}` |", StringComparison.Ordinal)).Skip(skip).First().Split('|')[2];

    private static string[] Quoted(string text) => [.. QuotedWord().Matches(text).Select(match => match.Groups["word"].Value).Distinct()];

    [GeneratedRegex("`(?<word>[a-zA-Z-]+)`", RegexOptions.CultureInvariant)]
    private static partial Regex QuotedWord();

    [GeneratedRegex(@"^\| `(?<code>[a-z-]+)` \|", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex CodeRow();

    [GeneratedRegex(@"[\u4e00-\u9fff][,;:!?()]|[,;:!?()][\u4e00-\u9fff]")]
    private static partial Regex HalfWidthByHan();
}
