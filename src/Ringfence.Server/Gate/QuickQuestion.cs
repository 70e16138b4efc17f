using System.Text;
using System.Text.Json;

namespace Ringfence.Server.Gate;

/// <summary>A question as programs ask it, read in one go. What is not quite of that form is left to whoever tells what is wrong with it.</summary>
internal struct QuickQuestion
{
    public string? Controller { get; private set; }

    public string? To { get; private set; }

    public string? Region { get; private set; }

    public string? Channel { get; private set; }

    public string? Purpose { get; private set; }

    public string? Technique { get; private set; }

    public string? At { get; private set; }

    /// <summary>As they were written.</summary>
    public string? Facts { get; private set; }

    /// <summary>Whether words are wanted, or codes alone; null: not said.</summary>
    public bool? Explain { get; private set; }

    /// <summary>Reads one.</summary>
    /// <param name="reader">Stands on its first token; behind its last one when this returns true.</param>
    /// <param name="body">All that is read.</param>
    /// <param name="question">What was asked.</param>
    /// <returns>False: it is something else, or something is wrong with it.</returns>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static bool TryRead(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, out QuickQuestion question)
    {
        question = default;
        if (reader.TokenType != JsonTokenType.StartObject)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!question.TryReadField(ref reader, body))
                return false;
        }

        return reader.TokenType == JsonTokenType.EndObject && question is { To: not null, Channel: not null, Purpose: not null };
    }

    private bool TryReadField(ref Utf8JsonReader reader, ReadOnlySpan<byte> body)
    {
        if (reader.ValueTextEquals("to"u8))
            return TryText(ref reader, To, out var to) && (To = to) is not null;
        if (reader.ValueTextEquals("channel"u8))
            return TryText(ref reader, Channel, out var channel) && (Channel = channel) is not null;
        if (reader.ValueTextEquals("purpose"u8))
            return TryText(ref reader, Purpose, out var purpose) && (Purpose = purpose) is not null;
        if (reader.ValueTextEquals("technique"u8))
            return TryText(ref reader, Technique, out var technique) && (Technique = technique) is not null;
        if (reader.ValueTextEquals("at"u8))
            return TryText(ref reader, At, out var at) && (At = at) is not null;
        if (reader.ValueTextEquals("region"u8))
            return TryText(ref reader, Region, out var region) && (Region = region) is not null;
        if (reader.ValueTextEquals("controller"u8))
            return TryText(ref reader, Controller, out var controller) && (Controller = controller) is not null;
        if (reader.ValueTextEquals("explain"u8))
        {
            if (Explain is not null || !reader.Read() || reader.TokenType is not (JsonTokenType.True or JsonTokenType.False))
                return false;
            Explain = reader.GetBoolean();
            return true;
        }

        if (!reader.ValueTextEquals("facts"u8) || Facts is not null || !reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        Facts = Encoding.UTF8.GetString(body[start..(int)reader.BytesConsumed]);
        return true;
    }

    // A field that comes twice is not for us to choose from.
    private static bool TryText(ref Utf8JsonReader reader, string? before, out string? text)
    {
        text = null;
        if (before is not null || !reader.Read() || reader.TokenType != JsonTokenType.String)
            return false;
        text = reader.GetString();
        return true;
    }
}
