using System.Globalization;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Rules;

namespace Ringfence.Tests.Gate;

/// <summary>What of a verdict two evaluators have to agree on, as text that can be compared.</summary>
internal sealed record ReferenceVerdict(string Word, Instant? Until, string Reasons, string Obligations, string Notes)
{
    public static ReferenceVerdict Of(Verdict verdict) => Of(
        verdict.Word,
        (verdict as Verdict.Deferred)?.Until,
        verdict.AllReasons.Select(reason => (reason.Code, reason.Rule, reason.Item)),
        verdict is Verdict.Allowed allowed ? allowed.Obligations.Select(duty => (duty.Code, duty.Rule)) : [],
        verdict.Notes.Select(note => (note.Code, note.Place, note.Rule)));

    public static ReferenceVerdict Of(
        string word, Instant? until, IEnumerable<(ReasonCode Code, Rule? Rule, string? Item)> reasons, IEnumerable<(ObligationCode Code, Rule? Rule)> obligations,
        IEnumerable<(string Code, string? Place, Rule? Rule)> notes) => new(
        word,
        until,
        Sorted(reasons.Select(reason => $"{Words<ReasonCode>.Of(reason.Code)}{At(reason.Rule)}{(reason.Code == ReasonCode.GroundEndsFirst ? "" : Items(reason.Item))}")),
        Sorted(obligations.Select(duty => $"{Words<ObligationCode>.Of(duty.Code)}{At(duty.Rule)}")),
        Sorted(notes.Select(note => $"{note.Code}{(note.Place is null ? "" : "=" + note.Place)}{At(note.Rule)}")));

    /// <summary>What the two say differently, in one line; empty where they agree.</summary>
    public static string Difference(ReferenceVerdict gate, ReferenceVerdict reference)
    {
        var parts = new List<string>();
        if (gate.Word != reference.Word)
            parts.Add($"{gate.Word} / {reference.Word}");
        if (gate.Word == reference.Word && gate.Until != reference.Until)
            parts.Add("until");
        Sets(gate.Reasons, reference.Reasons);
        if (gate.Word == reference.Word)
            Sets(gate.Obligations, reference.Obligations);
        Sets(gate.Notes, reference.Notes);
        return string.Join("; ", parts);

        void Sets(string one, string other)
        {
            var (only, others) = (one.Split(' ').Except(other.Split(' ')), other.Split(' ').Except(one.Split(' ')));
            if (one != other)
                parts.Add($"{string.Join(' ', only)} / {string.Join(' ', others)}");
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Word}{(Until is { } until ? $" until {until}" : "")}; because {Reasons}; do {Obligations}; note {Notes}");

    private static string At(Rule? rule) => rule is null ? "" : "@" + rule.Id;

    private static string Items(string? item) =>
        item is null ? "" : $"[{string.Join(',', item.Split(',').Select(one => one.Trim()).Order(StringComparer.Ordinal))}]";

    private static string Sorted(IEnumerable<string> all) => string.Join(' ', all.Distinct().Order(StringComparer.Ordinal));
}
