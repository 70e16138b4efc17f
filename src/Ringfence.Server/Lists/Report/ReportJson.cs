using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using NodaTime;
using NodaTime.Text;
using Ringfence.Lists;

namespace Ringfence.Server.Lists.Report;

/// <summary>Writes and reads <c>audit.json</c>: the report for machines, as <c>docs/reference/audit.schema.json</c> describes it.</summary>
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

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    public static AuditReport Read(Stream stream) => JsonSerializer.Deserialize(stream, Context.AuditReport) ?? throw new JsonException("Not a report.");
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

/// <summary>A value as its word.</summary>
internal abstract class WordConverter<T>(Func<T, string> word, Func<string, T?> read) : JsonConverter<T> where T : struct
{
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(word(value));

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() is { } text && read(text) is { } value ? value : throw new JsonException("Not a word of a report.");

    /// <summary>The value of a word among all there are.</summary>
    protected static Func<string, T?> Among(IEnumerable<T> all, Func<T, string> word)
    {
        var values = all.ToDictionary(word, static value => value, StringComparer.Ordinal);
        return text => values.TryGetValue(text, out var value) ? value : null;
    }
}

internal sealed class DayConverter() : WordConverter<LocalDate>(LocalDatePattern.Iso.Format, static text => LocalDatePattern.Iso.Parse(text) is { Success: true } day ? day.Value : null);

internal sealed class ChannelConverter() : WordConverter<Channel>(Channels.Word, Among(Channels.All, Channels.Word));

internal sealed class GradeConverter() : WordConverter<AuditGrade>(AuditWords.Word, Among(AuditWords.AllGrades, AuditWords.Word));

internal sealed class ReasonConverter() : WordConverter<AuditReasons>(AuditWords.Word, Among(AuditWords.AllReasons, AuditWords.Word));

internal sealed class SourceKindConverter() : WordConverter<SourceKind>(SourceKinds.Word, Among(Enum.GetValues<SourceKind>(), SourceKinds.Word));

internal sealed class FieldConverter() : WordConverter<ListField>(FieldWords.Word, Among(ListFields.All, FieldWords.Word));

internal sealed class CertaintyConverter() : WordConverter<ReadingCertainty>(FieldWords.Word, Among(Enum.GetValues<ReadingCertainty>(), FieldWords.Word));

internal sealed class GroundConverter() : WordConverter<ReadingGround>(FieldWords.Word, Among(Enum.GetValues<ReadingGround>(), FieldWords.Word));

internal sealed class DateOrderConverter() : WordConverter<DateOrder>(FieldWords.Word, Among(Enum.GetValues<DateOrder>(), FieldWords.Word));

/// <summary>A set of channels as the list of their words.</summary>
internal sealed class ChannelSetConverter : JsonConverter<ChannelSet>
{
    public override void Write(Utf8JsonWriter writer, ChannelSet value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var channel in Channels.All.Where(c => value.Has(c)))
            writer.WriteStringValue(channel.Word());
        writer.WriteEndArray();
    }

    public override ChannelSet Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var set = ChannelSet.None;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            set |= reader.GetString() is { } word && Channels.TryParse(word, out var channel) ? channel.Only() : throw new JsonException("Not a channel.");
        return set;
    }
}
