using NodaTime.Text;
using Ringfence.Rules;

namespace Ringfence.Gate;

/// <summary>Compares what a gate answers with what a case expects.</summary>
public static class CaseCheck
{
    /// <summary>The verdict on a case, with the house rules on top that it is judged by.</summary>
    /// <exception cref="RuleFileException">Its house rules would loosen a rule, or name one that there is none of.</exception>
    public static Verdict Ask(WorkedCase worked, ContactGate gate)
    {
        ArgumentNullException.ThrowIfNull(worked);
        ArgumentNullException.ThrowIfNull(gate);
        return (worked.House is { } house ? gate.With(house) : gate).Decide(worked.Situation);
    }

    /// <summary>Asks a gate a case, with the house rules on top that the case is judged by.</summary>
    /// <returns>What came out differently; empty where all is as expected.</returns>
    public static IReadOnlyList<CaseDifference> Run(WorkedCase worked, ContactGate gate)
    {
        ArgumentNullException.ThrowIfNull(worked);
        ArgumentNullException.ThrowIfNull(gate);
        if (worked.House is { } house)
        {
            try
            {
                gate = gate.With(house);
            }
            catch (RuleFileException fault)
            {
                return [new CaseDifference(CaseDifference.HouseFault, null, fault.Message)];
            }
        }

        // A misspelt id would be among no reasons ever, which is what 'without' asks.
        CaseDifference[] unknown = [.. RulesOf(worked.Expected).Where(id => !gate.Rules.Rules.Any(rule => rule.Id == id)).Select(static id => new CaseDifference(CaseDifference.UnknownRule, id, null))];
        if (unknown.Length > 0)
            return unknown;
        var alternatives = worked.Expected.Alternatives is null ? [] : gate.Alternatives(worked.Situation);
        return Compare(worked, gate.Decide(worked.Situation), alternatives);
    }

    /// <summary>Compares a verdict with what a case expects.</summary>
    /// <param name="worked">The case.</param>
    /// <param name="verdict">What the gate answered.</param>
    /// <param name="alternatives">The channels that would be allowed instead; not looked at where the case does not ask.</param>
    /// <returns>What differs; empty where nothing does.</returns>
    public static IReadOnlyList<CaseDifference> Compare(WorkedCase worked, Verdict verdict, IReadOnlyCollection<Channel> alternatives)
    {
        ArgumentNullException.ThrowIfNull(worked);
        ArgumentNullException.ThrowIfNull(verdict);
        ArgumentNullException.ThrowIfNull(alternatives);
        var expected = worked.Expected;
        var differences = new List<CaseDifference>();
        var reasons = verdict.AllReasons;
        var got = ListOf(reasons.Select(Text));

        if (expected.Verdict is { } word && word != verdict.Word)
            Differs("verdict", word, reasons.Length == 0 ? verdict.Word : $"{verdict.Word} ({got})");
        if (expected.Until is { } until && verdict is Verdict.Deferred deferred && deferred.Until != until)
            Differs("until", InstantPattern.ExtendedIso.Format(until), InstantPattern.ExtendedIso.Format(deferred.Until));
        if (expected.First is { } first && !(reasons.Length > 0 && first.Is(reasons[0])))
            Differs("first", first.ToString(), got);
        foreach (var missing in expected.Reasons.Where(reason => !reasons.Any(reason.Is)))
            Differs("reasons", missing.ToString(), got);
        foreach (var unwanted in expected.Without.Where(reason => reasons.Any(reason.Is)))
            Differs("without", unwanted.ToString(), got);

        var items = reasons.SelectMany(static reason => reason.Item?.Split(',') ?? []).Select(static item => item.Trim()).ToArray();
        foreach (var missing in expected.Items.Where(item => !items.Contains(item)))
            Differs("items", missing, ListOf(items));
        var obligations = verdict is Verdict.Allowed allowed ? allowed.Obligations.Select(static duty => duty.Code).ToArray() : [];
        foreach (var missing in expected.Obligations.Where(code => !obligations.Contains(code)))
            Differs("obligations", Words<ObligationCode>.Of(missing), ListOf(obligations.Select(Words<ObligationCode>.Of)));
        foreach (var missing in expected.Notes.Where(code => !verdict.Notes.Any(note => note.Code == code)))
            Differs("notes", missing, ListOf(verdict.Notes.Select(static note => note.Code)));

        var others = alternatives.Aggregate(ChannelSet.None, static (set, channel) => set | channel.Only());
        if (expected.Alternatives is { } wanted && wanted != others)
            Differs("alternatives", ChannelsOf(wanted), ChannelsOf(others));
        return differences;

        void Differs(string what, string? wanted, string? came) => differences.Add(new CaseDifference(what, wanted, came));
    }

    private static IEnumerable<string> RulesOf(Expectation expected) =>
        new[] { expected.First }.Concat(expected.Reasons).Concat(expected.Without).Select(static reason => reason?.Rule).OfType<string>().Distinct();

    private static string Text(Reason reason) =>
        $"{Words<ReasonCode>.Of(reason.Code)}{(reason.Rule is { } rule ? $"@{rule.Id}" : "")}{(reason.Item is { } item ? $" [{item}]" : "")}";

    private static string? ChannelsOf(ChannelSet set) => ListOf(Channels.All.Where(channel => set.Has(channel)).Select(Words<Channel>.Of));

    private static string? ListOf(IEnumerable<string> words) => string.Join(", ", words) is { Length: > 0 } list ? list : null;
}

/// <summary>One thing that came out of a case differently from what it expects.</summary>
/// <param name="What">The key of the expectation: <c>verdict</c>, <c>until</c>, <c>first</c>, <c>reasons</c>, <c>without</c>, ...; or <see cref="UnknownRule"/> or <see cref="HouseFault"/>.</param>
/// <param name="Expected">What was to come out, or, of <c>without</c>, was not to; null for none.</param>
/// <param name="Got">What came out; null for none.</param>
public sealed record CaseDifference(string What, string? Expected, string? Got)
{
    /// <summary>That the case names a rule that there is none of.</summary>
    public const string UnknownRule = "unknown-rule";

    /// <summary>That its house rules would loosen a rule, or name one that there is none of; <see cref="Got"/> says which and where.</summary>
    public const string HouseFault = "house";

    /// <summary>In English: <c>verdict: expected allowed, got refused</c>.</summary>
    public override string ToString() => What switch
    {
        UnknownRule => $"no rule has the id {Expected}",
        HouseFault => Got ?? "",
        "first" => $"first reason: expected {Expected}, got {Got ?? "none"}",
        "without" => $"reasons: expected no {Expected}, got {Got ?? "none"}",
        _ => $"{What}: expected {Expected ?? "none"}, got {Got ?? "none"}",
    };
}
