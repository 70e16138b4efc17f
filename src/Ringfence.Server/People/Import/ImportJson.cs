using Ringfence.Server.Cli;
using Ringfence.Server.Storage;

namespace Ringfence.Server.People.Import;

/// <summary>What an import came to, for programs.</summary>
internal static class ImportJson
{
    public static string Of(ImportOutcome outcome) => CliJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("dryRun", outcome.IsDry);
        json.WriteNumber("goneOnFrom", outcome.From);
        json.WritePropertyName("import");
        json.WriteRawValue(outcome.Batch.ToBytes());
        json.WriteNumber("rejected", outcome.Rejected.Count);
        json.WriteStartArray("firstRejected");
        foreach (var place in outcome.Rejected.First)
        {
            json.WriteStartObject();
            json.WriteString("list", place.List);
            json.WriteNumber("row", place.Row);
            json.WriteString("column", place.Column);
            json.WriteString("problem", place.Code);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("leftOut");
        foreach (var (list, header) in outcome.Reading.LeftOut)
        {
            json.WriteStartObject();
            json.WriteString("list", list);
            json.WriteString("column", header);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    public static string Of(ImportBatch batch, ImportState state) => Of([(batch, new BatchRow(batch.Name.ToArray(), batch.Tally.Rows, (short)state, []))]);

    public static string Of(IReadOnlyList<(ImportBatch Batch, BatchRow Row)> all) => CliJson.Write(json =>
    {
        json.WriteStartArray();
        foreach (var (batch, row) in all)
        {
            json.WriteStartObject();
            json.WriteString("state", Ringfence.Gate.Words<ImportState>.Of((ImportState)row.State));
            json.WriteNumber("done", row.Done);
            json.WritePropertyName("import");
            json.WriteRawValue(batch.ToBytes());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
