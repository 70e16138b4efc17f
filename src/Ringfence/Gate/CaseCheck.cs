using NodaTime.Text;
using Ringfence.Rules;

namespace Ringfence.Gate;

/// <summary>Compares what a gate answers with what a case expects.</summary>
public static class CaseCheck
{
    /// <summary>Asks a gate a case, with the house rules on top that the case is judged by.</summary>
    /// <returns>What came out differently, one sentence each; empty where all is as expected.</returns>
    public static IReadOnlyList<string> Run(WorkedCase worked, ContactGate gate)
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
                return [fault.Message];
            }
        }

        // A misspelt id would be among no reasons ever, which is what 'without' asks.
        string[] unknown = [.. RulesOf(worked.Expected).Where(id => !gate.Rules.Rules.Any(rule => rule.Id == id)).Select(static id => $"no rule has the id {id}")];
        if (unknown.Length > 0)
            return unknown;
        var alternatives = worked.Expected.Alternatives is null ? [] : gate.Alternatives(worked.Situation);
        return Compare(worked, gate.Decide(worked.Situation), alternatives);
    }

    /// <summary>Compares a verdict with what a case expects.</summary>
    /// <param name="worked">The case.</param>
    /// <param name="verdict">What the gate answered.</param>
    /// <param name="alternatives">The channels that would be allowed instead; not looked at where the case does not ask.</param>
    /// <returns>What differs, one sentence each; empty where nothing does.</returns>
    public static IReadOnlyList<string> Compare(WorkedCase worked, Verdict verdict, IReadOnlyCollection<Channel> alternatives)
    {
        ArgumentNullException.ThrowIfNull(worked);
        ArgumentNullException.ThrowIfNull(verdict);
        ArgumentNullException.ThrowIfNull(alternatives);
        var expected = worked.Expected;
        var differences = new List<string>();
        var reasons = verdict.AllReasons;
        var got = reasons.Length == 0 ? "none" : string.Join(", ", reasons.Select(Text));

        if (expected.Verdict is { } word && word != verdict.Word)
            Differs("verdict", word, reasons.Length == 0 ? verdict.Word : $"{verdict.Word} ({got})");
        if (expected.Until is { } until && verdict is Verdict.Deferred deferred && deferred.Until != until)
            Differs("until", InstantPattern.ExtendedIso.Format(until), InstantPattern.ExtendedIso.Format(deferred.Until));
        if (expected.First is { } first && !(reasons.Length > 0 && first.Is(reasons[0])))
            Differs("first reason", first.ToString(), got);
        foreach (var missing in expected.Reasons.Where(reason => !reasons.Any(reason.Is)))
            Differs("reasons", missing.ToString(), got);
        foreach (var unwanted in expected.Without.Where(reason => reasons.Any(reason.Is)))
            Differs("reasons", $"no {unwanted}", got);

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

        void Differs(string what, string wanted, string came) => differences.Add($"{what}: expected {wanted}, got {came}");
    }

    private static IEnumerable<string> RulesOf(Expectation expected) =>
        new[] { expected.First }.Concat(expected.Reasons).Concat(expected.Without).Select(static reason => reason?.Rule).OfType<string>().Distinct();

    private static string Text(Reason reason) =>
        $"{Words<ReasonCode>.Of(reason.Code)}{(reason.Rule is { } rule ? $"@{rule.Id}" : "")}{(reason.Item is { } item ? $" [{item}]" : "")}";

    private static string ChannelsOf(ChannelSet set) => ListOf(Channels.All.Where(channel => set.Has(channel)).Select(Words<Channel>.Of));

    private static string ListOf(IEnumerable<string> words) => string.Join(", ", words) is { Length: > 0 } list ? list : "none";
}
