using System.Text.Json;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Suppression;

/// <summary>What stands against a number or address, for programs.</summary>
internal static class SuppressionJson
{
    /// <summary>Writes it as the member <c>suppressions</c> of an object that is open.</summary>
    public static void Write(Utf8JsonWriter json, IEnumerable<SuppressionRow> suppressions)
    {
        json.WriteStartArray("suppressions");
        foreach (var row in suppressions)
        {
            var scope = SuppressionScope.Of(row);
            json.WriteStartObject();
            json.WriteString("since", InstantPattern.ExtendedIso.Format(Micros.ToInstant(row.Since)));
            Words("channels", Channels.All.Where(channel => scope.Channels.Has(channel)).Select(static channel => channel.Word()));
            if (scope.Purposes is { } purposes)
                Words("purposes", purposes);
            json.WriteString("by", Words<SuppressedBy>.Of((SuppressedBy)row.By));
            json.WriteString("kind", Words<SuppressionKind>.Of((SuppressionKind)row.Kind));
            // An erasure takes the tie to its record away.
            if (row.Seq is { } seq)
                json.WriteNumber("seq", seq);
            json.WriteEndObject();
        }

        json.WriteEndArray();

        void Words(string name, IEnumerable<string> words)
        {
            json.WriteStartArray(name);
            foreach (var word in words)
                json.WriteStringValue(word);
            json.WriteEndArray();
        }
    }
}
