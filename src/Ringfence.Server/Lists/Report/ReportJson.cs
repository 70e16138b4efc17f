using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using NodaTime;
using NodaTime.Text;
using Ringfence.Lists;

namespace Ringfence.Server.Lists.Report;

/// <summary>Writes <c>audit.json</c>: the report for machines, as <c>docs/reference/audit.schema.json</c> describes it.</summary>
internal static class ReportJson
{
    private static readonly ReportJsonContext Context = new(new JsonSerializerOptions(ReportJsonContext.Default.Options)
    {
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
    });

    /// <summary>Writes the report as UTF-8, indented, with a line break at the end.</summary>
    public static void Write(AuditReport report, Stream stream)
    {
        JsonSerializer.Serialize(stream, report, Context.AuditReport);
        stream.WriteByte((byte)'\n');
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n",
    Converters =
    [
        typeof(DayConverter), typeof(ChannelConverter), typeof(ChannelSetConverter), typeof(GradeConverter), typeof(ReasonConverter),
        typeof(SourceKindConverter), typeof(FieldConverter), typeof(CertaintyConverter), typeof(GroundConverter), typeof(DateOrderConverter),
    ])]
[JsonSerializable(typeof(AuditReport))]
internal sealed partial class ReportJsonContext : JsonSerializerContext;

/// <summary>Writes a value as its word; nothing is read back.</summary>
internal abstract class WordConverter<T>(Func<T, string> word) : JsonConverter<T>
{
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(word(value));

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("A report is written, not read.");
}

internal sealed class DayConverter() : WordConverter<LocalDate>(LocalDatePattern.Iso.Format);

internal sealed class ChannelConverter() : WordConverter<Channel>(Channels.Word);

internal sealed class GradeConverter() : WordConverter<AuditGrade>(AuditWords.Word);

internal sealed class ReasonConverter() : WordConverter<AuditReasons>(AuditWords.Word);

internal sealed class SourceKindConverter() : WordConverter<SourceKind>(SourceKinds.Word);

internal sealed class FieldConverter() : WordConverter<ListField>(FieldWords.Word);

internal sealed class CertaintyConverter() : WordConverter<ReadingCertainty>(FieldWords.Word);

internal sealed class GroundConverter() : WordConverter<ReadingGround>(FieldWords.Word);

internal sealed class DateOrderConverter() : WordConverter<DateOrder>(FieldWords.Word);

/// <summary>Writes a set of channels as the list of their words.</summary>
internal sealed class ChannelSetConverter : JsonConverter<ChannelSet>
{
    public override void Write(Utf8JsonWriter writer, ChannelSet value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var channel in Channels.All.Where(c => value.Has(c)))
            writer.WriteStringValue(channel.Word());
        writer.WriteEndArray();
    }

    public override ChannelSet Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("A report is written, not read.");
}
