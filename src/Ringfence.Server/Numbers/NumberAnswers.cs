using System.Globalization;
using System.Text;
using System.Text.Json;
using Ringfence.Numbers;
using Ringfence.Server.Cli;
using Ringfence.Server.Lists.Report;

namespace Ringfence.Server.Numbers;

/// <summary>An answer as a table row, as JSON, or as a line for people.</summary>
internal static class NumberAnswers
{
    public const string TsvHeader =
        "input\tdefault_region\te164\tpossible\tvalid\tregion\ttype\treason\text\tnational\tinternational\tzones\tsubdivisions\trepaired";

    public static void WriteTsv(StringBuilder to, in Answer answer)
    {
        var reading = answer.Reading;
        TsvText.Append(to, answer.Input);
        Cell(to, answer.Region.IsNone ? "ZZ" : answer.Region.ToString());
        Cell(to, reading.E164);
        Cell(to, Possible(reading));
        Cell(to, reading.IsValid ? "yes" : "no");
        Cell(to, reading.Region.ToString());
        Cell(to, reading.IsRead ? reading.Type.PlanWord() : "");
        Cell(to, reading.Reason.PlanWord());
        Cell(to, reading.Extension);
        Cell(to, reading.FormatNational());
        Cell(to, reading.FormatInternational());
        Cell(to, string.Join(';', reading.Number.Zones));
        Cell(to, string.Join(';', reading.Number.Subdivisions));
        Cell(to, answer.Repaired);
        to.Append('\n');
    }

    public static void WriteJson(StringBuilder to, in Answer answer)
    {
        var reading = answer.Reading;
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("input", answer.Input);
            json.WriteString("defaultRegion", answer.Region.IsNone ? "ZZ" : answer.Region.ToString());
            Text(json, "e164", reading.E164);
            json.WriteString("possible", Possible(reading));
            json.WriteBoolean("valid", reading.IsValid);
            Text(json, "region", reading.Region.ToString());
            Text(json, "type", reading.IsRead ? reading.Type.PlanWord() : "");
            json.WriteString("reason", reading.Reason.PlanWord());
            Text(json, "extension", reading.Extension);
            Text(json, "national", reading.FormatNational());
            Text(json, "international", reading.FormatInternational());
            List(json, "zones", reading.Number.Zones);
            List(json, "subdivisions", reading.Number.Subdivisions);
            Text(json, "repaired", answer.Repaired);
            Text(json, "fault", answer.Cell.Fault.Word());
            List(json, "remarks", Remarks(answer.Cell.Remarks));
            json.WriteEndObject();
        }
        to.Append(Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length)).Append('\n');
    }

    /// <summary>A line in the language of the run: number, country, kind of line, zones; or the text and why it is no number.</summary>
    public static void WritePlain(StringBuilder to, in Answer answer)
    {
        var say = ReportLanguage.Of(CultureInfo.CurrentUICulture);
        var cell = answer.Cell;
        if (cell.IsValid)
        {
            to.Append(CultureInfo.InvariantCulture, $"{cell.Number.E164,-17} {cell.Number.Region,-4} {TerminalText.Left(Words(cell.Number.Type, say), 21)} {Places(cell.Number)}");
        }
        else
        {
            var shown = new StringBuilder();
            TsvText.Append(shown, answer.Input);
            to.Append(CultureInfo.InvariantCulture, $"{"-",-17} {"",-4} {TerminalText.Left(shown.ToString(), 21)} {say["Note." + cell.Fault.Word()]}");
            if (cell.Number.Digits != 0)
                to.Append(CultureInfo.InvariantCulture, $"  ({CliText.Say("Numbers.Perhaps", cell.Number.E164)})");
        }
        var remarks = say.Join(Noticed(cell, say));
        if (remarks.Length > 0)
            to.Append(CultureInfo.InvariantCulture, $"  [{remarks}]");
        if (cell.Second.Digits != 0)
            to.Append("  ").Append(CliText.Say("Numbers.Second", cell.Second.E164));
        to.Append('\n');
    }

    // That a mended number is offered is said where it is offered; of a valid number the same remark means that something was dropped.
    private static IEnumerable<string> Noticed(CellNumber cell, ReportLanguage say) => NumberWords.AllRemarks
        .Where(remark => (cell.Remarks & remark) != 0 && (cell.IsValid || remark != NumberRemarks.Repaired))
        .Select(remark => remark == NumberRemarks.Repaired ? CliText.Say("Numbers.Dropped") : say["Note." + remark.Word()]);

    private static string Possible(in NumberReading reading) =>
        !reading.IsRead ? "no" : reading.Reason switch { NumberReason.IsPossible => "yes", NumberReason.IsPossibleLocalOnly => "local", _ => "no" };

    private static string Words(NumberType type, ReportLanguage say) => say["LineType." + type.PlanWord().ToLowerInvariant().Replace('_', '-')];

    private static string Places(PhoneNumber number)
    {
        // A toll-free number of +1 lies in 42 zones: three tell enough to a reader.
        const int Shown = 3;
        var zones = string.Join(", ", number.Zones.Take(Shown));
        if (number.Zones.Count > Shown)
            zones = CliText.Say("Numbers.MoreZones", zones, number.Zones.Count - Shown);
        return number.Subdivisions.Count > 0 ? $"{zones} ({string.Join(", ", number.Subdivisions)})" : zones;
    }

    private static IReadOnlyList<string> Remarks(NumberRemarks remarks) =>
        [.. NumberWords.AllRemarks.Where(remark => (remarks & remark) != 0).Select(remark => remark.Word())];

    private static void Cell(StringBuilder to, string? text)
    {
        to.Append('\t');
        TsvText.Append(to, text);
    }

    private static void Text(Utf8JsonWriter json, string name, string? text)
    {
        if (string.IsNullOrEmpty(text))
            json.WriteNull(name);
        else
            json.WriteString(name, text);
    }

    private static void List(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
