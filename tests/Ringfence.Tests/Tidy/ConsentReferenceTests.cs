using System.Text;
using System.Text.RegularExpressions;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Tests.Consent;
using Xunit;

namespace Ringfence.Tests.Tidy;

/// <summary>What the reference says of consents is what is there.</summary>
public sealed partial class ConsentReferenceTests
{
    private static readonly string Reference = File.ReadAllText(Path.Combine(Repository.Root, "docs", "reference", "consents.md"));

    [Fact]
    public void The_reference_lists_every_standing() =>
        Assert.Equal(Enum.GetNames<ConsentStanding>(), FirstCells("## How a consent stands").Where(word => char.IsUpper(word[0])));

    [Fact]
    public void The_reference_lists_every_method() =>
        Assert.Equal(Words<ConsentMethod>.All.Order(StringComparer.Ordinal), FirstCells("| method | needs").Order(StringComparer.Ordinal));

    [Fact]
    public void The_reference_lists_every_key_of_evidence_and_no_other()
    {
        var json = Encoding.UTF8.GetString((ConsentEvidenceTests.Full(ConsentMethod.Checkbox) with { Flaws = ConsentFlaws.Silence }).ToBytes());
        var keys = System.Text.Json.JsonDocument.Parse(json).RootElement.EnumerateObject().Select(member => member.Name);
        Assert.Equal(keys.Order(StringComparer.Ordinal), FirstCells("## Evidence", "| method | needs").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_reference_lists_every_field_of_a_receipt_and_no_other()
    {
        var receipts = File.ReadAllText(Path.Combine(Repository.Root, "docs", "reference", "receipts.md"));
        var listed = receipts.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).SelectMany(line => QuotedWord().Matches(line.Split('|')[1]).Select(match => match.Groups["word"].Value));
        var fields = System.Text.Json.JsonDocument.Parse(ReceiptTests.WithEverything.ToBytes()).RootElement.EnumerateObject().Select(member => member.Name);
        Assert.Equal(fields.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    private static string[] FirstCells(string from, string until = "\n## ")
    {
        var start = Reference.IndexOf(from, StringComparison.Ordinal);
        var end = Reference.IndexOf(until, start + from.Length, StringComparison.Ordinal);
        var lines = Reference[start..(end < 0 ? Reference.Length : end)].Split('\n').Skip(1).Where(line => line.StartsWith("| `", StringComparison.Ordinal));
        return [.. lines.SelectMany(line => QuotedWord().Matches(line.Split('|')[1]).Select(match => match.Groups["word"].Value))];
    }

    [GeneratedRegex("`(?<word>[a-zA-Z_-]+)`", RegexOptions.CultureInvariant)]
    private static partial Regex QuotedWord();
}
