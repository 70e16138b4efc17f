using NodaTime;

namespace Ringfence.Gate;

/// <summary>A duty in words.</summary>
/// <param name="Obligation">The duty.</param>
/// <param name="Text">What has to be done.</param>
/// <param name="Detail">How; null where there is no more to say.</param>
/// <param name="Rule">The rule that wants it; null for what holds without any.</param>
public sealed record ExplainedDuty(Obligation Obligation, string Text, string? Detail, ExplainedRule? Rule)
{
    internal static ExplainedDuty Of(Obligation duty, GateLanguage say)
    {
        var details = new List<string>();
        if (duty.Detail is { } detail)
        {
            if (detail.Within is { } within)
                details.Add(say.Say("detail.within", say.Period(within)));
            if (detail.Keep is { } keep)
                details.Add(say.Say("detail.keep", say.Period(keep)));
            if (detail.Blocks != ContentBlocks.None)
            {
                var blocks = Enum.GetValues<ContentBlocks>().Where(block => block is not (ContentBlocks.None or ContentBlocks.All) && detail.Blocks.HasFlag(block));
                details.Add(say.Say("detail.blocks", say.List(blocks.Select(block => say.Word("block", Words<ContentBlocks>.Of(block))))));
            }
        }

        return new ExplainedDuty(duty, GateTexts.Of(duty.Code).In(say.Tag), details.Count > 0 ? say.Parts(details) : null, ExplainedRule.Of(duty.Rule, say));
    }
}

/// <summary>What a contact rests on, in words.</summary>
/// <param name="Ground">The ground.</param>
/// <param name="Text">The consent or the relation; where it is neither, that the rule itself allows it.</param>
/// <param name="Rule">The rule that wants a ground.</param>
public sealed record ExplainedGround(Ground Ground, string Text, ExplainedRule Rule)
{
    internal static ExplainedGround Of(Ground ground, Situation situation, DateTimeZone[] zones, GateLanguage say)
    {
        // Of a moment the day is told, on the first clock of the person's.
        var zone = zones.Length > 0 ? zones[0] : DateTimeZone.Utc;
        var text = ground switch
        {
            { Consent: { } index } when situation.Consents is { } consents => Consent(consents[index], zone, say),
            { Relation: { } index } when situation.Contact.Relations is { } relations => Relation(relations[index], zone, say),
            _ => say.Say("ground.other"),
        };
        return new ExplainedGround(ground, text, ExplainedRule.Of(ground.Rule, say.Tag));
    }

    private static string Consent(GivenConsent consent, DateTimeZone zone, GateLanguage say)
    {
        if (consent.GrantedAt is not { } granted)
            return say.Say("ground.consent.undated");
        var day = say.Date(granted.DayIn(zone));
        return consent.Method is { } method ? say.Say("ground.consent.method", day, say.Word("method", Words<ConsentMethod>.Of(method))) : say.Say("ground.consent", day);
    }

    private static string Relation(Relation relation, DateTimeZone zone, GateLanguage say)
    {
        var from = say.Date(relation.From.DayIn(zone));
        var time = relation switch
        {
            { IsMomentary: true } => say.Say("ground.on", from),
            { Until: { } until } => say.Say("ground.until", from, say.Date(until.DayIn(zone))),
            _ => say.Say("ground.since", from),
        };
        return say.Say("ground.relation", say.Word("relation", Words<RelationKind>.Of(relation.Kind)), time);
    }
}

/// <summary>A note in words.</summary>
/// <param name="Note">The note.</param>
/// <param name="Text">What it says.</param>
public sealed record ExplainedNote(VerdictNote Note, string Text)
{
    internal static ExplainedNote Of(VerdictNote note, GateLanguage say)
    {
        var text = note switch
        {
            { Code: "not-reviewed", Place: { } place } => say.Say("unreviewed", say.NameOf(place) ?? place),
            { Code: "not-reviewed" } => say.Say("unreviewed.nowhere"),
            // Rule files say in English alone what is contested.
            { Code: "contested", Rule: { Contested: { } contested } } => say.Word("note", note.Code) + say.Say("list.sentence") + contested,
            { Rule: { } rule } => say.Word("note", note.Code) + say.Say("list.sentence") + rule.Says.In(say.Tag),
            _ => say.Word("note", note.Code),
        };
        return new ExplainedNote(note, text);
    }
}
