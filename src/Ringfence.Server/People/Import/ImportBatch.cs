using System.Text.Json;
using System.Text.Json.Serialization;
using Ringfence.Ledger;

namespace Ringfence.Server.People.Import;

/// <summary>What is kept of an import beside how far it has come. Nothing personal.</summary>
internal sealed record ImportBatch
{
    /// <summary>Its name: 32 hex digits.</summary>
    public required string Id { get; init; }

    /// <summary>When it began: ISO 8601.</summary>
    public required string At { get; init; }

    /// <summary>Names and digests of the lists, in order.</summary>
    public required IReadOnlyList<ImportedFile> Files { get; init; }

    /// <summary>The word of the source.</summary>
    public required string Source { get; init; }

    /// <summary>What the people agreed to be contacted for, sorted.</summary>
    public required IReadOnlyList<string> Purposes { get; init; }

    /// <summary>Digest of the passport; null: none was given.</summary>
    public string? Passport { get; init; }

    /// <summary>How the lists were to be understood: whoever goes on has to understand them the same way.</summary>
    public required string Reading { get; init; }

    /// <summary>The day as of which ages and dates were read.</summary>
    public required string AsOf { get; init; }

    /// <summary>Its first record.</summary>
    public required long From { get; init; }

    /// <summary>The end of the records it has written so far.</summary>
    public required long Until { get; init; }

    /// <summary>Rows of all lists.</summary>
    public required long Rows { get; init; }

    public ImportTally Tally { get; init; } = new();

    /// <summary>While it is being undone: the end of the records that were looked through.</summary>
    public long? UndoneUntil { get; init; }

    /// <summary>What undoing it came to.</summary>
    public UndoTally? Undo { get; init; }

    /// <summary>The program that sent it over HTTP, or the account of whoever brought it in the browser, as records name it; null: it was brought by the command line.</summary>
    public string? By { get; init; }

    /// <summary>True: a member of staff brought it in the browser; else null.</summary>
    public bool? ByStaff { get; init; }

    /// <summary>True: nothing of it is to be written; else null. Of one that came by the command line nothing is kept.</summary>
    public bool? Dry { get; init; }

    /// <summary>Cells and rows that could not be read; once all are.</summary>
    public long? Rejected { get; init; }

    /// <summary>Where the first of them stand. No header and no value: those may be anything.</summary>
    public IReadOnlyList<RejectedCellPlace>? FirstRejected { get; init; }

    /// <summary>Why it came to nothing: a stable word; null: it did not.</summary>
    public string? Problem { get; init; }

    [JsonIgnore]
    public OpaqueId Name => OpaqueId.TryParse(Id, out var id) ? id : throw new JsonException("Not a batch.");

    /// <summary>The digest of what it was begun with, which never changes: the lists, and how they are to be understood.</summary>
    public Digest Begun() => TreeHash.Sha256((this with { From = 0, Until = 0, Tally = new ImportTally(), UndoneUntil = null, Undo = null, Rejected = null, FirstRejected = null, Problem = null }).ToBytes());

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, ImportBatchJson.Default.ImportBatch);

    /// <summary>Reads what was kept.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    public static ImportBatch Read(ReadOnlySpan<byte> bytes) => JsonSerializer.Deserialize(bytes, ImportBatchJson.Default.ImportBatch) ?? throw new JsonException("Not an object.");

    /// <summary>Whether the same was asked for.</summary>
    public bool IsSameAs(ImportBatch other) =>
        Files.Select(static f => f.Sha256).SequenceEqual(other.Files.Select(static f => f.Sha256)) && Source == other.Source
        && Purposes.SequenceEqual(other.Purposes) && Passport == other.Passport && Reading == other.Reading;
}

/// <summary>A list that was imported.</summary>
/// <param name="Name">The name of the file, without its folder.</param>
/// <param name="Sha256">Of its bytes, as 64 hex digits.</param>
internal sealed record ImportedFile(string Name, string Sha256);

/// <summary>Where an import stands.</summary>
internal enum ImportState : short
{
    Running,
    Finished,
    Undone,
    BeingUndone,

    /// <summary>Taken from a program, and not read yet.</summary>
    Waiting,

    /// <summary>Came to an end before the last row: <see cref="ImportBatch.Problem"/> says why. What it wrote by then stays until it is undone.</summary>
    Failed,

    /// <summary>A dry run that is done: nothing of it was written.</summary>
    Tried,
}

/// <summary>Where something could not be read.</summary>
/// <param name="List">The list.</param>
/// <param name="Row">The row in it, from 1.</param>
/// <param name="Column">The column, from 1; null: the row as a whole.</param>
/// <param name="Problem">What is wrong.</param>
internal sealed record RejectedCellPlace(string List, int Row, int? Column, string Problem);

/// <summary>What undoing an import came to.</summary>
/// <param name="Erased">Contacts that only it had brought.</param>
/// <param name="Kept">Contacts that are known from elsewhere too.</param>
/// <param name="Invalidated">Consents of those that were taken back.</param>
/// <param name="Refusals">Refusals that stay.</param>
internal sealed record UndoTally(long Erased = 0, long Kept = 0, long Invalidated = 0, long Refusals = 0);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ImportBatch))]
internal sealed partial class ImportBatchJson : JsonSerializerContext;
