using System.Collections.Immutable;
using NodaTime;
using Ringfence.Numbers;
using Ringfence.Rules;

namespace Ringfence.Gate;

/// <summary>A verdict in words: a paragraph for whoever is about to make contact, and all that it rests on for whoever checks it.</summary>
public sealed record Explanation
{
    /// <summary>BCP 47.</summary>
    public required string Language { get; init; }

    /// <summary>What may or may not be done, why, when at the earliest, what helps.</summary>
    public required string Paragraph { get; init; }

    /// <summary>The instant that was judged, on the person's clock.</summary>
    public required string Judged { get; init; }

    /// <summary>When a deferral ends, or from when an allowed contact has to be asked for again; null where there is no such time.</summary>
    public string? Until { get; init; }

    /// <summary>The number contacted; one without digits where there is none that can be one.</summary>
    public PhoneNumber Number { get; init; }

    /// <summary>Where the person is or may be: ISO 3166 codes.</summary>
    public ImmutableArray<string> Places { get; init; } = [];

    /// <summary>Zones in which the person is or may be, by tz name.</summary>
    public ImmutableArray<string> Zones { get; init; } = [];

    /// <summary>Every reason, in order.</summary>
    public ImmutableArray<ExplainedReason> Reasons { get; init; } = [];

    /// <summary>Every duty of an allowed contact.</summary>
    public ImmutableArray<ExplainedDuty> Duties { get; init; } = [];

    /// <summary>What an allowed contact rests on.</summary>
    public ImmutableArray<ExplainedGround> Grounds { get; init; } = [];

    /// <summary>Which copies of registers were looked into, and what each said.</summary>
    public ImmutableArray<ExplainedScreening> Registers { get; init; } = [];

    /// <summary>What has to be said beyond the verdict.</summary>
    public ImmutableArray<ExplainedNote> Notes { get; init; } = [];

    /// <summary>The channels that would be allowed instead, now.</summary>
    public ImmutableArray<Channel> Alternatives { get; init; } = [];

    /// <summary>Tells a verdict.</summary>
    /// <param name="situation">What was judged.</param>
    /// <param name="verdict">The answer.</param>
    /// <param name="alternatives">The channels that would be allowed instead: <see cref="ContactGate.Alternatives"/>.</param>
    /// <param name="language">BCP 47; what is not Chinese is told in English.</param>
    public static Explanation Of(Situation situation, Verdict verdict, ImmutableArray<Channel> alternatives, string language)
    {
        ArgumentNullException.ThrowIfNull(situation);
        ArgumentNullException.ThrowIfNull(verdict);
        ArgumentNullException.ThrowIfNull(language);
        var contact = situation.Contact;
        var number = contact.Phone is { } phone ? NumberReader.Read(phone, Region.None).Number : default;
        var where = Whereabouts.Of(contact, number);
        var say = new GateLanguage(language);
        var told = Timeless(situation, verdict, where, alternatives, say) with { Number = number, Judged = say.Time(situation.At, where.Zones) };
        return told with { Paragraph = ExplanationParagraph.Write(situation, verdict, told, say) };
    }

    /// <summary>All of it but the number, the instant that was judged, and the paragraph that names it.</summary>
    internal static Explanation Timeless(Situation situation, Verdict verdict, Whereabouts where, ImmutableArray<Channel> alternatives, GateLanguage say)
    {
        var until = verdict.Match(static allowed => allowed.Until, static deferred => deferred.Until, static _ => (Instant?)null);
        return new Explanation
        {
            Language = say.Tag,
            Paragraph = "",
            Judged = "",
            Until = until is { } end ? say.Time(end, where.Zones) : null,
            Places = [.. where.Places],
            Zones = [.. where.Zones.Select(static zone => zone.Id)],
            Reasons = [.. verdict.AllReasons.Select(reason => ExplainedReason.Of(reason, where.Zones, say))],
            Duties = verdict is Verdict.Allowed { Obligations: var duties } ? [.. duties.Select(duty => ExplainedDuty.Of(duty, say))] : [],
            Grounds = verdict is Verdict.Allowed { Grounds: var grounds } ? [.. grounds.Select(ground => ExplainedGround.Of(ground, situation, where.Zones, say))] : [],
            Registers = ExplainedScreening.Of(situation.Registers, say),
            Notes = [.. verdict.Notes.Select(note => ExplainedNote.Of(note, say))],
            Alternatives = alternatives,
        };
    }
}

/// <summary>A rule, as whoever checks a verdict wants to see it.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Says">What it says.</param>
/// <param name="Certainty">How sure its file is of that, in words.</param>
/// <param name="Grade">What kind of rule it is, in words.</param>
public sealed record ExplainedRule(Rule Rule, string Says, string Certainty, string Grade)
{
    /// <summary>Tells a rule.</summary>
    public static ExplainedRule Of(Rule rule, string language)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return new ExplainedRule(rule, rule.Says.In(language), GateTexts.Of("certainty", rule.IsOfHouse ? "house" : rule.Certainty).In(language), GateTexts.Of("grade", rule.Grade).In(language));
    }

    internal static ExplainedRule? Of(Rule? rule, GateLanguage say) => rule is null ? null : Of(rule, say.Tag);
}

/// <summary>A reason in words.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="Rank">Its place on the ladder, from 1.</param>
/// <param name="Text">What it says, with what exactly is wanting.</param>
/// <param name="Item">What exactly is wanting, in words; null where the code says all.</param>
/// <param name="Remedy">What helps.</param>
/// <param name="Marks">How to read it.</param>
/// <param name="Until">For a deferral, when this reason alone would be gone.</param>
/// <param name="Rule">The rule; null for what holds without any.</param>
public sealed record ExplainedReason(
    Reason Reason, int Rank, string Text, string? Item, string Remedy, ImmutableArray<string> Marks, string? Until, ExplainedRule? Rule)
{
    internal static ExplainedReason Of(Reason reason, DateTimeZone[] zones, GateLanguage say)
    {
        var item = reason.Item is { } wanting ? say.List(ReasonItems.Words(reason.Code, wanting, say)) : null;
        return new ExplainedReason(
            reason, (int)reason.Code + 1, say.With(GateTexts.Of(reason.Code).In(say.Tag), ReasonItems.IsSaid(reason.Code) ? item : null), item, GateTexts.Remedy(reason.Code).In(say.Tag),
            [.. Enum.GetValues<ReasonMarks>().Where(mark => mark != ReasonMarks.None && reason.Marks.HasFlag(mark)).Select(mark => GateTexts.Of(mark).In(say.Tag))],
            reason.Until is { } until ? say.Time(until, zones) : null, ExplainedRule.Of(reason.Rule, say));
    }
}

/// <summary>What is wanting, in words.</summary>
internal static class ReasonItems
{
    /// <summary>Whether the sentence of a reason goes on with its item: where it names what is wanting, not the register or the proof that the rule is about.</summary>
    public static bool IsSaid(ReasonCode code) => code is not (ReasonCode.NoConsent or ReasonCode.ConsentExpired or ReasonCode.RelationEnded or ReasonCode.ConsentUnverified);

    /// <summary>The words of an item: of each of its parts, or of the reason by which a ground ends.</summary>
    public static IEnumerable<string> Words(ReasonCode code, string item, GateLanguage say)
    {
        if (code != ReasonCode.GroundEndsFirst)
            return item.Split(',', StringSplitOptions.TrimEntries).Select(word => GateTexts.Item(word)?.In(say.Tag) ?? word).Distinct();
        var parts = item.Split(": ", 2);
        if (!Words<ReasonCode>.TryParse(parts[0], out var ending))
            return [GateTexts.Item(item)?.In(say.Tag) ?? item];
        var sentence = GateTexts.Of(ending).In(say.Tag).TrimEnd(say.Say("stop")[0]);
        return [parts.Length == 2 ? say.Say("ends.by", sentence, parts[1]) : sentence];
    }
}
