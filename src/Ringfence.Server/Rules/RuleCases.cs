using Ringfence.Gate;
using Ringfence.Rules;

namespace Ringfence.Server.Rules;

/// <summary>A worked case, and what came of it just now.</summary>
/// <param name="Case">The case.</param>
/// <param name="Verdict">The word of the verdict; null: its house rules don't go with these rules.</param>
/// <param name="Differences">What came out otherwise than the case expects; empty: nothing.</param>
internal sealed record RanCase(WorkedCase Case, string? Verdict, IReadOnlyList<CaseDifference> Differences)
{
    public bool Holds => Differences.Count == 0;
}

/// <summary>The worked cases that ship, and those that show a rule.</summary>
internal static class RuleCases
{
    private static readonly Lazy<IReadOnlyList<WorkedCase>> LazyShipped = new(static () => [.. CaseFile.Shipped.SelectMany(CaseFile.ReadShipped)]);

    /// <summary>All that ship; read once.</summary>
    public static IReadOnlyList<WorkedCase> Shipped => LazyShipped.Value;

    /// <summary>Asks a gate a case.</summary>
    public static RanCase Run(WorkedCase worked, ContactGate gate)
    {
        var differences = CaseCheck.Run(worked, gate);
        try
        {
            return new RanCase(worked, CaseCheck.Ask(worked, gate).Word, differences);
        }
        catch (RuleFileException)
        {
            return new RanCase(worked, null, differences);
        }
    }

    /// <summary>The cases that show a rule: those that name it, then those of its folder.</summary>
    public static IReadOnlyList<WorkedCase> Of(Rule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return [.. Shipped.Where(worked => Names(worked, rule.Id) || Belongs(worked, rule)).OrderByDescending(worked => Names(worked, rule.Id))];
    }

    /// <summary>Whether a case says what becomes of a rule.</summary>
    public static bool Names(WorkedCase worked, string id)
    {
        var expected = worked.Expected;
        return expected.Reasons.Concat(expected.Without).Append(expected.First).Any(reason => reason?.Rule == id);
    }

    /// <summary>Whether a case lies where those of a rule do: rules/fr/hours/2023-03-01.yaml is shown by cases/fr/hours.yaml and cases/fr/hours/anything.yaml.</summary>
    public static bool Belongs(WorkedCase worked, Rule rule)
    {
        if (!rule.File.StartsWith("rules/", StringComparison.Ordinal))
            return false;
        var home = "cases" + rule.File["rules".Length..rule.File.LastIndexOf('/')];
        return worked.File.Contains(home + ".yaml", StringComparison.Ordinal) || worked.File.Contains(home + "/", StringComparison.Ordinal);
    }
}
