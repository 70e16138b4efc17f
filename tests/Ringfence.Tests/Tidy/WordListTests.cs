using System.Text.RegularExpressions;
using Ringfence.Gate;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Tidy;

/// <summary>The words that the reference lists for situations, rules and verdicts are those that are read.</summary>
public sealed partial class WordListTests
{
    private static readonly string Cases = Read("cases.md");

    private static readonly string Rules = Read("rules.md");

    private static readonly string Verdicts = Read("verdicts.md");

    [Fact]
    public void Words_of_what_is_asked()
    {
        Same<Channel>(Between(Cases, "| channel | ", "\n"));
        Same<Technique>(Row(Cases, "technique"));
        Same<ContactClass>(Row(Cases, "class"));
        Same<Sector>(Row(Cases, "sector"));
        Same<ContentBlocks>(Paragraph(Cases, "Blocks of "), "script", "template.holds");
        Same<Selection>(Paragraph(Cases, "Words of "), "selectedBy");
        var template = Row(Cases, "template");
        Same<TemplateCategory>(Between(template, "`category` (", ")"));
        Same<TemplateStatus>(Between(template, "`status` (", ")"));
    }

    [Fact]
    public void Words_of_the_person_and_the_consents()
    {
        Same<Audience>(Row(Cases, "audience"));
        Same<RelationKind>(Between(Row(Cases, "relation"), "kind is ", ";"));
        Same<ContactSource>(Between(Row(Cases, "source", 1), "kind is ", ";"));
        Same<LineType>(Row(Cases, "lineType"));
        Same<Notices>(Row(Cases, "notices"));
        Same<ResidenceBasis>(Between(Row(Cases, "residence"), "basis is ", "\n"));
        Same<ReassignedAnswer>(Between(Row(Cases, "reassigned"), "query: ", "\n"));
        Same<ConsentMethod>(Row(Cases, "method"));
        Same<EvidenceItems>(Between(Cases, "Items of evidence: ", "Flaws:").Replace("(a stored declaration, recording, scan or message)", "", StringComparison.Ordinal));
        Same<ConsentFlaws>(Between(Cases, "Flaws: ", "A flaw makes"));
    }

    [Fact]
    public void Words_of_the_records()
    {
        Same<SuppressedBy>(Between(Cases, "`by`: ", "`kind`"));
        Same<SuppressionKind>(Between(Cases, "`kind`: ", "`since`"));
        Same<Outcome>(Between(Cases, "Outcomes of attempts: ", "\n\n"), "subject");
        Same<SellerKinds>(Between(Cases, "a list of what it is: ", "\n"));
        Same<RequestKind>(Between(Cases, "closedAt }`; kind is ", "\n"));
    }

    [Fact]
    public void Words_of_rule_files()
    {
        Same<ObligationCode>(Between(Rules, "Codes: ", "\n\n"));
        Same<Aspects>(Between(Row(Rules, "strict-default"), "unsaid: ", "\n"));
        Same<Reach>([.. Quoted(Row(Rules, "reaches", 1)).Where(word => word != "documented")]);
        Same<EventKey>(Between(Rules, "same,\nof ", "(person"));
        foreach (var key in ConditionReader.Keys)
            Assert.True(Quoted(Between(Rules, "## `when` and `unless`", "## Bodies")).Contains(key, StringComparer.Ordinal), $"rules.md does not say what the condition '{key}' is");
        foreach (var body in BodyReader.Bodies)
            Assert.Contains($"\n**`{body}", Rules, StringComparison.Ordinal);
    }

    [Fact]
    public void The_ladder_is_that_of_the_codes()
    {
        var rows = LadderRow().Matches(Verdicts);
        Assert.Equal(Words<ReasonCode>.All, rows.Select(row => row.Groups["code"].Value));
        Assert.Equal(Enumerable.Range(1, rows.Count).Select(rank => $"{rank}"), rows.Select(row => row.Groups["rank"].Value));
        Assert.All(rows, row => Assert.Equal(
            Enum.GetValues<ReasonCode>()[int.Parse(row.Groups["rank"].Value, null) - 1] >= ReasonCode.Hours ? "deferral" : "refusal", row.Groups["kind"].Value));
        Same<ReasonMarks>(Paragraph(Verdicts, "Marks on a reason: "));
        Assert.Equal(ExpectationReader.NoteCodes, Quoted(Paragraph(Verdicts, "`not-reviewed`: ")));
    }

    private static void Same<T>(string text, params string[] besides) where T : struct, Enum => Same<T>([.. Quoted(text).Except(besides)]);

    private static void Same<T>(string[] listed) where T : struct, Enum =>
        Assert.Equal(Words<T>.All.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));

    /// <summary>The second cell of the n-th row of the reference whose first names the word.</summary>
    private static string Row(string text, string word, int skip = 0) =>
        text.Split('\n').Where(line => Quoted(line.Split('|') is [_, var first, ..] ? first : "").Contains(word)).Skip(skip).First().Split('|')[2] + "\n";

    private static string Paragraph(string text, string start) => start + Between(text, "\n" + start, "\n\n");

    private static string Between(string text, string start, string end)
    {
        var from = text.IndexOf(start, StringComparison.Ordinal);
        Assert.True(from >= 0, $"the reference has lost '{start}'");
        from += start.Length;
        var until = text.IndexOf(end, from, StringComparison.Ordinal);
        return until < 0 ? text[from..] : text[from..until];
    }

    private static string[] Quoted(string text) => [.. QuotedWord().Matches(text).Select(match => match.Groups["word"].Value).Distinct()];

    private static string Read(string document) => File.ReadAllText(Path.Combine(Repository.Root, "docs", "reference", document));

    [GeneratedRegex("`(?<word>[a-zA-Z0-9.-]+)`", RegexOptions.CultureInvariant)]
    private static partial Regex QuotedWord();

    [GeneratedRegex(@"^\| (?<rank>\d+) \| `(?<code>[a-z0-9-]+)` \| (?<kind>\w+) \|", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex LadderRow();
}
