using System.Text.Json;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Cli;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.People;

/// <summary>A person and what closes them, for machines.</summary>
internal static class ContactJson
{
    public static string Write(FoundContact? found, IReadOnlyList<SuppressionRow> suppressions) => CliJson.Write(json => Write(json, found, suppressions));

    /// <summary>Writes it as an object.</summary>
    public static void Write(Utf8JsonWriter json, FoundContact? found, IReadOnlyList<SuppressionRow> suppressions)
    {
        json.WriteStartObject();
        json.WriteBoolean("known", found is not null);
        if (found is not null)
        {
            json.WriteString("sid", found.Person.Sid.ToString());
            json.WriteString("status", Words<PersonStatus>.Of(found.Person.Status));
            json.WriteString("name", found.Data.Name);
            json.WriteStartArray("points");
            foreach (var (id, point) in found.Points())
            {
                json.WriteStartObject();
                json.WriteString("id", id.ToString());
                json.WriteString("kind", Words<PointKind>.Of(point.Kind));
                json.WriteString("value", point.Value);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("residence", found.Person.Residence);
            json.WriteString("source", found.Person.Source is { } source ? Words<ContactSource>.Of(source) : null);
        }

        SuppressionJson.Write(json, suppressions);
        if (found is not null)
        {
            json.WriteStartArray("records");
            foreach (var record in found.Person.Records)
                json.WriteRawValue(RecordBytes.ToArray(record));
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
