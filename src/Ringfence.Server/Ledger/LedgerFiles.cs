using System.Buffers;
using System.Globalization;
using System.Text;
using Ringfence.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>A ledger as files, each under its path as <c>docs/reference/ledger.md</c> has it, and the proofs that can be asked for. Read-only, and nothing personal.</summary>
/// <remarks>What it gives lies within the newest signed checkpoint. A file that was given once is given alike for ever, but for <c>checkpoint</c>.</remarks>
internal sealed class LedgerFiles(ILedgerStore store, LedgerRow ledger, TileStore tiles)
{
    private const string Checkpoints = "checkpoints/";
    private const string Anchors = "anchors/";
    private const string Documents = "documents/";
    private const string TokenEnding = ".tst";

    /// <summary>The newest signed checkpoint; null: none was signed.</summary>
    public async Task<SignedCheckpoint?> NewestAsync(CancellationToken cancel) =>
        await store.CheckpointAsync(ledger.Ledger, long.MaxValue, cancel) is { } row ? SignedCheckpoint.Of(row) : null;

    /// <summary>The bytes of a path.</summary>
    /// <param name="path">
    /// Such as <c>checkpoint</c>, <c>tile/0/x001/067</c>, <c>tile/entries/000.p/17</c>, <c>documents/...</c>; or a question, <c>inclusion?seq=5&amp;size=100</c>,
    /// <c>consistency?from=8&amp;to=100</c>.
    /// </param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Null: there is no such file, or not yet.</returns>
    public async Task<byte[]?> TryGetAsync(string path, CancellationToken cancel)
    {
        if (path == "checkpoint")
            return (await NewestAsync(cancel))?.Note.Bytes.ToArray();
        if (path.StartsWith(Checkpoints, StringComparison.Ordinal))
            return (await CheckpointOfAsync(path[Checkpoints.Length..], cancel))?.Note;
        if (path.StartsWith(Anchors, StringComparison.Ordinal) && path.EndsWith(TokenEnding, StringComparison.Ordinal))
            return await TokenOfAsync(path[Anchors.Length..^TokenEnding.Length], cancel);
        if (path.StartsWith(Documents, StringComparison.Ordinal))
            return Digest.TryParse(path.AsSpan(Documents.Length), out var digest) ? (await DocumentAsync(digest, cancel))?.Bytes : null;
        if (path.StartsWith("inclusion?", StringComparison.Ordinal))
            return TryRead(path["inclusion?".Length..], "seq", "size", out var seq, out var size) ? await InclusionAsync(seq, size, cancel) : null;
        if (path.StartsWith("consistency?", StringComparison.Ordinal))
            return TryRead(path["consistency?".Length..], "from", "to", out var from, out var to) ? await ConsistencyAsync(from, to, cancel) : null;
        var isEntries = Tile.TryParseEntries(path, out var tile);
        if (!isEntries && !Tile.TryParse(path, out tile) || await NewestAsync(cancel) is not { } newest || !IsWithin(tile, newest.Size))
            return null;
        return isEntries ? await EntriesAsync(tile, cancel) : tiles.Read(tile).ToArray();
    }

    /// <summary>The records of a file of entries.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Damaged"/>: one is missing.</exception>
    public async Task<byte[]> EntriesAsync(Tile tile, CancellationToken cancel)
    {
        var file = new ArrayBufferWriter<byte>();
        var next = tile.Index * Tile.FullWidth;
        var end = next + tile.Width;
        await foreach (var row in store.RecordsAsync(ledger.Ledger, next, end, cancel))
        {
            if (row.Seq != next++)
                break;
            EntriesBundle.Append(file, row.Body);
        }

        return next == end ? file.WrittenSpan.ToArray() : throw new StoreException(StoreFault.Damaged, $"Record {next} is missing.");
    }

    /// <summary>A document by the SHA-256 of its bytes.</summary>
    public async Task<DocumentRow?> DocumentAsync(Digest digest, CancellationToken cancel)
    {
        var rows = await store.LoadAsync(ledger.Ledger, new RowsWanted { Documents = { digest.Bytes.ToArray() } }, cancel);
        return rows.Documents.Count == 0 ? null : rows.Documents[0];
    }

    /// <summary>The checkpoints over which there is a timestamp, by size, rising.</summary>
    public async Task<IReadOnlyList<(SignedCheckpoint Signed, byte[] Token)>> StampedAsync(CancellationToken cancel)
    {
        // A token names what it is over by its SHA-256, and there are far fewer tokens than checkpoints.
        var tokens = await TokensAsync(cancel);
        var stamped = new List<(SignedCheckpoint, byte[])>();
        if (tokens.Count == 0)
            return stamped;
        await foreach (var row in store.CheckpointsAsync(ledger.Ledger, 0, cancel))
        {
            if (tokens.TryGetValue(TreeHash.Sha256(row.Note), out var token))
                stamped.Add((SignedCheckpoint.Of(row), token));
        }

        return stamped;
    }

    /// <summary>The path of a timestamp.</summary>
    public static string TokenPath(long size) => string.Create(CultureInfo.InvariantCulture, $"{Anchors}{size}{TokenEnding}");

    /// <summary>The path of a checkpoint.</summary>
    public static string CheckpointPath(long size) => string.Create(CultureInfo.InvariantCulture, $"{Checkpoints}{size}");

    /// <summary>The path of a document.</summary>
    public static string DocumentPath(Digest digest) => Documents + digest;

    private async Task<Dictionary<Digest, byte[]>> TokensAsync(CancellationToken cancel)
    {
        var tokens = new Dictionary<Digest, byte[]>();
        await foreach (var row in store.DocumentsAsync(ledger.Ledger, cancel))
        {
            if (row.Media == AnchorTimestamp.Media && AnchorTimestamp.ImprintOf(row.Bytes) is { } imprint)
                tokens.TryAdd(imprint, row.Bytes);
        }

        return tokens;
    }

    private async Task<CheckpointRow?> CheckpointOfAsync(string size, CancellationToken cancel) =>
        TryRead(size, out var asked) && await store.CheckpointAsync(ledger.Ledger, asked, cancel) is { } row && row.Size == asked ? row : null;

    private async Task<byte[]?> TokenOfAsync(string size, CancellationToken cancel) =>
        await CheckpointOfAsync(size, cancel) is { } row && (await TokensAsync(cancel)).TryGetValue(TreeHash.Sha256(row.Note), out var token) ? token : null;

    private async Task<byte[]?> InclusionAsync(long seq, long size, CancellationToken cancel)
    {
        if (seq >= size || await store.CheckpointAsync(ledger.Ledger, size, cancel) is not { } row || row.Size != size)
            return null;
        return new TlogProof(seq, [.. tiles.Inclusion(seq, size)], SignedCheckpoint.Of(row).Note).ToBytes();
    }

    private async Task<byte[]?> ConsistencyAsync(long from, long to, CancellationToken cancel) =>
        from <= to && await NewestAsync(cancel) is { } newest && to <= newest.Size ? Encoding.ASCII.GetBytes(ConsistencyProof.ToText(tiles.Consistency(from, to))) : null;

    private static bool IsWithin(Tile tile, long size)
    {
        var hashes = tile.Level * Tile.LevelHeight < 63 ? size >> (tile.Level * Tile.LevelHeight) : 0;
        return tile.Index <= hashes / Tile.FullWidth && tile.Index * Tile.FullWidth + tile.Width <= hashes;
    }

    private static bool TryRead(string query, string first, string second, out long a, out long b)
    {
        (a, b) = (0, 0);
        return query.Split('&') is [var one, var other] && one.StartsWith(first + "=", StringComparison.Ordinal) && other.StartsWith(second + "=", StringComparison.Ordinal)
            && TryRead(one[(first.Length + 1)..], out a) && TryRead(other[(second.Length + 1)..], out b);
    }

    private static bool TryRead(string digits, out long number) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < LeafText.IntegerBound && number.ToString(CultureInfo.InvariantCulture) == digits;
}
