using System.Text.Json;
using Ringfence.Gate;
using Ringfence.Ledger;

namespace Ringfence.Server.Gate;

/// <summary>What the gate is told of the evidence of a consent: what can be shown, and nothing else.</summary>
internal static class EvidenceFacts
{
    /// <summary>What a record and its opened evidence show.</summary>
    /// <param name="record">The record of a yes, or of a question.</param>
    /// <param name="content">Its evidence, opened; null: there is none, or it can't be opened any more.</param>
    public static ShownEvidence Of(LedgerRecord record, byte[]? content)
    {
        var (holds, flaws, method) = (EvidenceItems.None, ConsentFlaws.None, (ConsentMethod?)null);
        if (content is not null && Parse(content) is { } json)
        {
            using (json)
            {
                holds = Flags<EvidenceItems>(json.RootElement, "holds");
                flaws = Flags<ConsentFlaws>(json.RootElement, "flaws");
                if (json.RootElement.TryGetProperty("method", out var word) && word.ValueKind == JsonValueKind.String && Words<ConsentMethod>.TryParse(word.GetString()!, out var known))
                    method = known;
            }
        }

        if (record is { Type: RecordType.ConsentConfirmed, Method.Ceremony: Ceremony.DoubleOptIn })
            (holds, method) = (holds | EvidenceItems.Confirmed, ConsentMethod.DoubleOptIn);
        return new ShownEvidence(holds, flaws, method);
    }

    private static T Flags<T>(JsonElement evidence, string name) where T : struct, Enum
    {
        var flags = 0UL;
        if (evidence.TryGetProperty(name, out var words) && words.ValueKind == JsonValueKind.Array)
        {
            foreach (var word in words.EnumerateArray())
            {
                if (word.ValueKind == JsonValueKind.String && Words<T>.TryParse(word.GetString()!, out var flag))
                    flags |= Convert.ToUInt64(flag, System.Globalization.CultureInfo.InvariantCulture);
            }
        }

        return (T)Enum.ToObject(typeof(T), flags);
    }

    private static JsonDocument? Parse(byte[] content)
    {
        try
        {
            var json = JsonDocument.Parse(content);
            if (json.RootElement.ValueKind == JsonValueKind.Object)
                return json;
            json.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
