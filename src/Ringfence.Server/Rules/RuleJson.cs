using System.Text.Json;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Rules;

namespace Ringfence.Server.Rules;

/// <summary>Rules as JSON.</summary>
internal static class RuleJson
{
    /// <summary>What a rule's file says about it, with the sentence in all languages.</summary>
    public static void Head(Utf8JsonWriter json, Rule rule)
    {
        json.WriteString("id", rule.Id);
        json.WriteString("pack", rule.Pack);
        json.WriteString("file", rule.File);
        json.WriteString("from", LocalDatePattern.Iso.Format(rule.From));
        json.WriteBoolean("fromIsAtLatest", rule.FromIsAtLatest);
        json.WriteString("until", rule.Until is { } until ? LocalDatePattern.Iso.Format(until) : null);
        json.WriteString("state", Words<RuleState>.Of(rule.State));
        json.WriteString("certainty", rule.Certainty);
        json.WriteString("grade", rule.Grade);
        json.WriteStartObject("says");
        json.WriteString("en", rule.Says.En);
        json.WriteString("zh-Hans", rule.Says.ZhHans);
        json.WriteString("zh-Hant", rule.Says.ZhHant);
        json.WriteEndObject();
        json.WriteString("cites", rule.Cites);
        json.WriteStartArray("sources");
        foreach (var source in rule.Sources)
            json.WriteStringValue(source.AbsoluteUri);
        json.WriteEndArray();
        json.WriteString("reading", rule.Reading);
        json.WriteString("contested", rule.Contested);
    }
}
