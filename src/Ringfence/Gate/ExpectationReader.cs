using Ringfence.Files;
using Ringfence.Rules;

namespace Ringfence.Gate;

/// <summary>Reads what has to come out of a case.</summary>
internal static class ExpectationReader
{
    /// <summary>The codes of notes.</summary>
    public static readonly string[] NoteCodes = ["not-reviewed", "contested", "not-law", "advice"];

    public static Expectation Read(RuleMap map)
    {
        var expected = new Expectation
        {
            Verdict = map.Has("verdict") ? map.OneOf("verdict", "allowed", "deferred", "refused") : null,
            Until = map.OptionalInstant("until"),
            First = map.Find("first") is { } first ? ReasonOf(RuleMap.Scalar(first, "first")) : null,
            Reasons = [.. map.Items("reasons").Select(ReasonOf)],
            Without = [.. map.Items("without").Select(ReasonOf)],
            Obligations = [.. map.Items("obligations").Select(RuleMap.WordOf<ObligationCode>)],
            Items = [.. map.List("items")],
            Notes = [.. map.Items("notes").Select(NoteOf)],
            Alternatives = map.OptionalChannels("alternatives"),
        };
        map.Done();
        Check(map, expected);
        return expected;
    }

    /// <summary>What can't come out together is a slip of the pen, not a case.</summary>
    private static void Check(RuleMap map, Expectation expected)
    {
        if (!map.Keys().Any(map.Has))
            throw RuleFileException.At(map.At, "nothing is expected");
        if (expected.Until is not null && expected.Verdict != "deferred")
            throw map.Wrong("until", "only a deferral has an end");
        if (expected is { Obligations.Length: > 0, Verdict: "deferred" or "refused" })
            throw map.Wrong("obligations", "only an allowed contact has obligations");
        if (expected.Verdict == "allowed" && (expected.First is not null || expected.Reasons.Length > 0 || expected.Items.Length > 0))
            throw map.Wrong(map.Has("first") ? "first" : map.Has("reasons") ? "reasons" : "items", "an allowed contact has no reasons");
        if (expected is { First: { } first, Verdict: not null } && (first.Code >= ReasonCode.Hours) != (expected.Verdict == "deferred"))
            throw map.Wrong("first", $"'{first}' is a {(first.Code >= ReasonCode.Hours ? "deferral" : "refusal")}, so the verdict is another");
    }

    private static ExpectedReason ReasonOf(FileText item)
    {
        var parts = item.Text.Split('@', 2);
        if (!Words<ReasonCode>.TryParse(parts[0], out var code))
            throw RuleFileException.At(item.At, Spelling.NoneOf(parts[0], Words<ReasonCode>.All));
        return parts.Length == 1 || RuleMapValues.NameOf(parts[1]) is not null
            ? new ExpectedReason(code, parts.Length == 1 ? null : parts[1])
            : throw RuleFileException.At(item.At, $"'{parts[1]}' is no id of a rule");
    }

    private static string NoteOf(FileText item) =>
        NoteCodes.Contains(item.Text) ? item.Text : throw RuleFileException.At(item.At, Spelling.NoneOf(item.Text, NoteCodes));
}
