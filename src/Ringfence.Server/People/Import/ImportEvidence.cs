using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ringfence.Server.People.Import;

/// <summary>What shows a yes, a no or a contact that a list brought: the plaintext of the sealed group <c>evidence</c>. Null is not stated.</summary>
internal sealed record ImportEvidence
{
    // As an auditor reads it: words in their own script.
    private static readonly ImportEvidenceJson Json = new(new JsonSerializerOptions
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>What says that these bytes are in this form.</summary>
    public const string Version = "ringfence/import/v1";

    /// <summary><see cref="Version"/>.</summary>
    [JsonPropertyName("format")]
    public string Format { get; init; } = Version;

    /// <summary>SHA-256 of the list.</summary>
    [JsonPropertyName("file")]
    public required string File { get; init; }

    /// <summary>The row in it, from 1.</summary>
    [JsonPropertyName("row")]
    public required int Row { get; init; }

    /// <summary>The list's own key of the row.</summary>
    [JsonPropertyName("id")]
    public string? Id { get; init; }

    /// <summary>The day of the yes as the list states it.</summary>
    [JsonPropertyName("day")]
    public string? Day { get; init; }

    /// <summary>The last day for which it was given.</summary>
    [JsonPropertyName("until")]
    public string? Until { get; init; }

    /// <summary>The words agreed to, where they are no document because they name the person.</summary>
    [JsonPropertyName("wording")]
    public string? Wording { get; init; }

    /// <summary>How it was given, where the list says so in a word of the gate.</summary>
    [JsonPropertyName("method")]
    public string? Method { get; init; }

    /// <summary>How it was given, in the words of the list.</summary>
    [JsonPropertyName("method_words")]
    public string? MethodWords { get; init; }

    /// <summary>What of a proof the row shows, in the words of the gate.</summary>
    [JsonPropertyName("holds")]
    public IReadOnlyList<string>? Holds { get; init; }

    /// <summary>Where the contact came from, in the words of the list.</summary>
    [JsonPropertyName("source")]
    public string? Source { get; init; }

    /// <summary>The last sign of life that the list states.</summary>
    [JsonPropertyName("last_sign")]
    public string? LastSign { get; init; }

    /// <summary>Where in the row a refusal stood.</summary>
    [JsonPropertyName("refused_in")]
    public IReadOnlyList<string>? RefusedIn { get; init; }

    /// <summary>The row whose refusal reaches this one, counted over all lists from 0.</summary>
    [JsonPropertyName("refused_by")]
    public int? RefusedBy { get; init; }

    /// <summary>What the yes lacks, or holds against it.</summary>
    [JsonPropertyName("flaws")]
    public IReadOnlyList<string>? Flaws { get; init; }

    /// <summary>The sealed bytes.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json.ImportEvidence);

    /// <summary>Reads what was sealed.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    public static ImportEvidence Read(ReadOnlySpan<byte> bytes) => JsonSerializer.Deserialize(bytes, Json.ImportEvidence) ?? throw new JsonException("Not an object.");
}

[JsonSerializable(typeof(ImportEvidence))]
internal sealed partial class ImportEvidenceJson : JsonSerializerContext;
