using NodaTime.Text;

namespace Ringfence.Gate;

/// <summary>What differs between two verdicts on the same situation, as far as somebody would act otherwise.</summary>
/// <param name="What"><c>verdict</c>, <c>until</c>, <c>first</c> (the first reason), or <c>reasons</c>.</param>
/// <param name="Before">Of the first verdict; null for none. Of reasons, those that only it has, as <c>code@rule-id</c>.</param>
/// <param name="After">Of the second.</param>
public sealed record VerdictDifference(string What, string? Before, string? After)
{
    /// <summary>Compares two verdicts; empty where they are alike. Of the end of an allowed one, which says only when to ask again, nothing is made.</summary>
    public static IReadOnlyList<VerdictDifference> Between(Verdict before, Verdict after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        var differences = new List<VerdictDifference>();
        Add("verdict", before.Word, after.Word);
        Add("until", UntilOf(before), UntilOf(after));
        var (had, has) = (ReasonsOf(before), ReasonsOf(after));
        Add("first", had.Length > 0 ? had[0] : null, has.Length > 0 ? has[0] : null);
        Add("reasons", List(had.Except(has)), List(has.Except(had)));
        return differences;

        void Add(string what, string? was, string? became)
        {
            if (was != became)
                differences.Add(new VerdictDifference(what, was, became));
        }
    }

    private static string? UntilOf(Verdict verdict) => verdict is Verdict.Deferred { Until: var until } ? InstantPattern.ExtendedIso.Format(until) : null;

    private static string[] ReasonsOf(Verdict verdict) =>
        [.. verdict.AllReasons.Select(static reason => reason.Rule is { } rule ? $"{Words<ReasonCode>.Of(reason.Code)}@{rule.Id}" : Words<ReasonCode>.Of(reason.Code)).Distinct()];

    private static string? List(IEnumerable<string> words) => string.Join(", ", words) is { Length: > 0 } list ? list : null;
}
