using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;

namespace Ringfence.Server.People.Import;

/// <summary>What a program asked for with lists that it sent, or a member of staff with lists they brought, as it is kept beside them until they are read.</summary>
internal sealed record ImportJob
{
    /// <summary>The import's name: 32 hex digits.</summary>
    public required string Id { get; init; }

    /// <summary>The ledger.</summary>
    public required long Ledger { get; init; }

    /// <summary>Who asked, as records name them.</summary>
    public required string By { get; init; }

    /// <summary>Whether a member of staff asked in the browser, and not a program.</summary>
    public bool IsStaff { get; init; }

    /// <summary>Whether it is to be taken back.</summary>
    public bool IsUndo { get; init; }

    /// <summary>Whether nothing is to be written.</summary>
    public bool IsDry { get; init; }

    /// <summary>Names of the files in their order, in the folder of the job.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Those of them in which every row is a refusal.</summary>
    public IReadOnlyList<string> Suppressions { get; init; } = [];

    /// <summary>The word of the source.</summary>
    public string Source { get; init; } = "";

    public IReadOnlyList<string> Purposes { get; init; } = [];

    public string? Region { get; init; }

    public string? Sheet { get; init; }

    public string? Encoding { get; init; }

    /// <summary>Field words and headers, <c>=</c> between.</summary>
    public IReadOnlyList<string> Map { get; init; } = [];

    /// <summary>Whether only those rows are wanted that may be used on a channel as they are.</summary>
    public bool IsUsableOnly { get; init; }

    /// <summary>The passport as it was sent; null: none.</summary>
    public string? Passport { get; init; }

    /// <summary>The language of the caller.</summary>
    public string Language { get; init; } = "en";

    [JsonIgnore]
    public OpaqueId Name => OpaqueId.TryParse(Id, out var id) ? id : throw new JsonException("Not a job.");

    [JsonIgnore]
    public Actor Actor => new(IsStaff ? ActorKind.Staff : ActorKind.Client, By);

    /// <summary>How the import goes by it.</summary>
    /// <param name="folder">Where the files are.</param>
    /// <param name="today">The day of the import.</param>
    public ImportOptions ToOptions(string folder, LocalDate today) => new()
    {
        Taken = Name,
        Files = [.. Files.Select(file => Path.Combine(folder, file))],
        Suppressions = Suppressions.Select(file => Path.GetFullPath(Path.Combine(folder, file))).ToHashSet(),
        AsOf = today,
        Source = Words<ContactSource>.TryParse(Source, out var source) ? source : throw new JsonException("Not a source."),
        Passport = Passport is null ? null : Ringfence.People.Passport.Read("passport", Passport),
        Purposes = Purposes,
        IsUsableOnly = IsUsableOnly,
        Region = Region is null ? Ringfence.Numbers.Region.None : Ringfence.Numbers.Region.Of(Region),
        Sheet = Sheet,
        Encoding = Encoding,
        Map = [.. Map.Select(static pair => pair.Split('=', 2)).Select(static pair => new KeyValuePair<string, string>(pair[0], pair[1]))],
        Language = CultureInfo.GetCultureInfo(Language),
        // Those who ask whether somebody may be contacted come first.
        Threads = Math.Max(1, Environment.ProcessorCount / 2),
    };

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, ImportJobJson.Default.ImportJob);

    /// <summary>Reads what was kept.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    public static ImportJob Read(ReadOnlySpan<byte> bytes) => JsonSerializer.Deserialize(bytes, ImportJobJson.Default.ImportJob) ?? throw new JsonException("Not an object.");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ImportJob))]
internal sealed partial class ImportJobJson : JsonSerializerContext;
