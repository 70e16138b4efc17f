using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Numbers;
using Ringfence.Rules;
using Ringfence.Server.Cli;

namespace Ringfence.Server.Gate;

/// <summary>A verdict as JSON: the shape that every answer of the gate has for programs.</summary>
internal static class VerdictJson
{
    /// <summary>Writes it.</summary>
    /// <param name="verdict">The answer.</param>
    /// <param name="told">The same in words.</param>
    /// <param name="seq">The record of the ledger that holds it; null: none does.</param>
    public static string Write(Verdict verdict, Explanation told, long? seq = null) => CliJson.Write(json =>
    {
        json.WriteStartObject();
        Write(json, verdict, told, seq);
        json.WriteEndObject();
    });

    /// <summary>Writes its members into an object that is open.</summary>
    public static void Write(Utf8JsonWriter json, Verdict verdict, Explanation told, long? seq)
    {
        json.WriteString("verdict", verdict.Word);
        if (seq is { } record)
            json.WriteNumber("record", record);
        Number(json, told.Number);
        Where(json, told);
        json.WriteString("explanation", told.Paragraph);
        Rest(json, verdict, told);
    }

    /// <summary>Writes where the person is or may be.</summary>
    public static void Where(Utf8JsonWriter json, Explanation told)
    {
        List(json, "places", told.Places);
        List(json, "zones", told.Zones);
    }

    /// <summary>Writes what follows the paragraph.</summary>
    public static void Rest(Utf8JsonWriter json, Verdict verdict, Explanation told)
    {
        json.WriteStartArray("reasons");
        foreach (var reason in told.Reasons)
            Reason(json, reason);
        json.WriteEndArray();
        json.WriteStartArray("obligations");
        foreach (var duty in told.Duties)
            Duty(json, duty);
        json.WriteEndArray();
        json.WriteStartArray("evidence");
        foreach (var ground in told.Grounds)
            Evidence(json, ground);
        json.WriteEndArray();
        json.WriteStartArray("registers");
        foreach (var screening in told.Registers)
            Screening(json, screening);
        json.WriteEndArray();
        When(json, "until", verdict.Match(static allowed => allowed.Until, static deferred => deferred.Until, static _ => (Instant?)null));
        json.WriteStartArray("notes");
        foreach (var note in told.Notes)
            Note(json, note);
        json.WriteEndArray();
        List(json, "alternatives", told.Alternatives.Select(Channels.Word));
        json.WriteStartObject("packs");
        foreach (var pack in verdict.Packs)
            json.WriteString(pack.Name, pack.Digest);
        json.WriteEndObject();
    }

    /// <summary>Writes the number.</summary>
    public static void Number(Utf8JsonWriter json, PhoneNumber number)
    {
        if (number.Digits == 0)
        {
            json.WriteNull("number");
            return;
        }

        json.WriteStartObject("number");
        json.WriteString("e164", number.E164);
        json.WriteString("region", number.Region.ToString());
        json.WriteString("type", number.Type.PlanWord().ToLowerInvariant().Replace('_', '-'));
        List(json, "zones", number.Zones);
        json.WriteEndObject();
    }

    private static void Reason(Utf8JsonWriter json, ExplainedReason reason)
    {
        json.WriteStartObject();
        json.WriteString("code", Words<ReasonCode>.Of(reason.Reason.Code));
        json.WriteNumber("rank", reason.Rank);
        Rule(json, reason.Rule);
        json.WriteString("text", reason.Text);
        json.WriteString("remedy", reason.Remedy);
        json.WriteString("item", reason.Reason.Item);
        List(json, "marks", Words<ReasonMarks>.All.Where(word => Words<ReasonMarks>.TryParse(word, out var mark) && reason.Reason.Marks.HasFlag(mark)));
        When(json, "until", reason.Reason.Until);
        json.WriteEndObject();
    }

    private static void Duty(Utf8JsonWriter json, ExplainedDuty duty)
    {
        json.WriteStartObject();
        json.WriteString("code", Words<ObligationCode>.Of(duty.Obligation.Code));
        Rule(json, duty.Rule);
        json.WriteString("text", duty.Text);
        var detail = duty.Obligation.Detail;
        json.WriteString("within", detail?.Within is { } within ? PeriodPattern.NormalizingIso.Format(within) : null);
        json.WriteString("keep", detail?.Keep is { } keep ? PeriodPattern.NormalizingIso.Format(keep) : null);
        List(json, "blocks", Words<ContentBlocks>.All.Where(word => Words<ContentBlocks>.TryParse(word, out var block) && detail?.Blocks.HasFlag(block) == true));
        json.WriteEndObject();
    }

    private static void Evidence(Utf8JsonWriter json, ExplainedGround ground)
    {
        json.WriteStartObject();
        Rule(json, ground.Rule);
        json.WriteString("text", ground.Text);
        json.WriteNumber("alternative", ground.Ground.Alternative);
        Index("consent", ground.Ground.Consent);
        Index("relation", ground.Ground.Relation);
        json.WriteEndObject();

        void Index(string name, int? index)
        {
            if (index is { } at)
                json.WriteNumber(name, at);
            else
                json.WriteNull(name);
        }
    }

    // Which copy was looked into: its day, version and digest name it for good.
    private static void Screening(Utf8JsonWriter json, ExplainedScreening told)
    {
        json.WriteStartObject();
        json.WriteString("name", told.Name);
        json.WriteBoolean("listed", told.Screening.Listed!.Value);
        json.WriteString("day", LocalDatePattern.Iso.Format(told.Day));
        json.WriteNumber("version", told.Screening.Version!.Value);
        json.WriteString("digest", told.Screening.Digest);
        json.WriteString("text", told.Text);
        json.WriteEndObject();
    }

    private static void Note(Utf8JsonWriter json, ExplainedNote note)
    {
        json.WriteStartObject();
        json.WriteString("code", note.Note.Code);
        json.WriteString("place", note.Note.Place);
        json.WriteString("rule", note.Note.Rule?.Id);
        json.WriteString("text", note.Text);
        json.WriteEndObject();
    }

    // The keys of a rule stand in every reason and duty alike; null where it holds without one.
    private static void Rule(Utf8JsonWriter json, ExplainedRule? rule)
    {
        json.WriteString("rule", rule?.Rule.Id);
        json.WriteString("says", rule?.Says);
        json.WriteString("cites", rule?.Rule.Cites);
        json.WriteString("source", rule?.Rule.Sources.Count > 0 ? rule.Rule.Sources[0].AbsoluteUri : null);
        json.WriteString("certainty", rule?.Rule.Certainty);
        json.WriteString("grade", rule?.Rule.Grade);
    }

    private static void When(Utf8JsonWriter json, string name, Instant? at) => json.WriteString(name, at is { } instant ? InstantPattern.ExtendedIso.Format(instant) : null);

    private static void List(Utf8JsonWriter json, string name, IEnumerable<string> words)
    {
        json.WriteStartArray(name);
        foreach (var word in words)
            json.WriteStringValue(word);
        json.WriteEndArray();
    }
}
