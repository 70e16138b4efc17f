using System.Text.Json;
using NodaTime.Text;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Webhooks;

/// <summary>Webhooks and deliveries as JSON: the same on the command line and over HTTP. Nothing personal.</summary>
internal static class WebhookJson
{
    public static void Write(Utf8JsonWriter json, WebhookRow row, DeliveryCount? count, string? secret = null)
    {
        json.WriteStartObject();
        json.WriteString("id", row.Id);
        json.WriteString("name", row.Name);
        json.WriteString("url", row.Url);
        json.WriteStartArray("events");
        foreach (var word in row.Events.Split(' '))
            json.WriteStringValue(word);
        json.WriteEndArray();
        json.WriteString("deadline", row.Deadline is { } seconds ? ToldSystems.Iso(seconds) : null);
        json.WriteBoolean("off", row.Off);
        if (secret is not null)
        {
            json.WriteString("secret", secret);
        }
        else
        {
            json.WriteNumber("record", row.Seq);
            json.WriteNumber("waiting", count?.Waiting ?? 0);
            json.WriteNumber("overdue", count?.Overdue ?? 0);
        }

        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, DeliveryRow row)
    {
        json.WriteStartObject();
        json.WriteString("id", WebhookMessage.NameOf(row.Id));
        json.WriteString("webhook", row.Webhook);
        json.WriteNumber("record", row.Seq);
        json.WriteString("at", Instant(row.At));
        json.WriteString("state", StateOf(row));
        json.WriteNumber("attempts", row.Attempts);
        if (row.Status is { } status)
            json.WriteNumber("status", status);
        if (row.Fault is { } fault)
            json.WriteString("fault", fault);
        json.WriteString("next", Instant(row.NextAt));
        json.WriteString("delivered", Instant(row.Delivered));
        json.WriteString("deadline", Instant(row.Deadline));
        json.WriteString("confirmed", Instant(row.Confirmed));
        json.WriteString("confirmedBy", row.ConfirmedBy);
        json.WriteEndObject();
    }

    /// <summary>How far it has come, in a word.</summary>
    public static string StateOf(DeliveryRow row) => row.Confirmed is not null ? "confirmed" : row.Delivered is not null ? "delivered" : row.Fault is not null ? "retrying" : "waiting";

    /// <summary>A time as it is written.</summary>
    public static string? Instant(long? micros) => micros is { } at ? InstantPattern.ExtendedIso.Format(Micros.ToInstant(at)) : null;
}
