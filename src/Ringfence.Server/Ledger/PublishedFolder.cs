using Ringfence.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>Writes a ledger into a folder, as files that may be served as they are. Done again, it adds what is new.</summary>
internal sealed class PublishedFolder(ILedgerStore store, LedgerRow ledger, LedgerFiles files, TileStore tiles, string folder)
{
    private readonly string folder = Path.GetFullPath(folder);

    /// <summary>What was done.</summary>
    /// <param name="Size">How many records the folder holds now.</param>
    /// <param name="Written">How many files were written.</param>
    public sealed record Outcome(long Size, int Written);

    /// <summary>Publishes everything up to the newest signed checkpoint; <c>checkpoint</c> comes last, so that it never names what is not there.</summary>
    /// <exception cref="CommandRefusedException"><c>nothing-signed</c>; <c>published-other</c>: the folder holds another ledger.</exception>
    /// <exception cref="LedgerAlarmException">The folder holds more records than there are, or others.</exception>
    public async Task<Outcome> PublishAsync(CancellationToken cancel)
    {
        var newest = await files.NewestAsync(cancel) ?? throw new CommandRefusedException("nothing-signed");
        Compare(newest.Size);
        var written = 0;
        foreach (var tile in Tile.OfTree(newest.Size))
        {
            cancel.ThrowIfCancellationRequested();
            written += Write(tile.Path, () => tiles.Read(tile).ToArray());
            written += tile.Level == 0 ? await WriteAsync(tile.EntriesPath, () => files.EntriesAsync(tile, cancel)) : 0;
            if (tile.Width == Tile.FullWidth)
            {
                DropPartial(tile.Path);
                if (tile.Level == 0)
                    DropPartial(tile.EntriesPath);
            }
        }

        await foreach (var row in store.CheckpointsAsync(ledger.Ledger, 0, cancel))
            written += row.Size <= newest.Size ? Write(LedgerFiles.CheckpointPath(row.Size), () => row.Note) : 0;
        foreach (var (signed, token) in await files.StampedAsync(cancel))
            written += signed.Size <= newest.Size ? Write(LedgerFiles.TokenPath(signed.Size), () => token) : 0;
        await foreach (var row in store.DocumentsAsync(ledger.Ledger, cancel))
            written += Write(LedgerFiles.DocumentPath(new Digest(row.Digest)), () => row.Bytes);
        Put(Path.Combine(folder, "checkpoint"), newest.Note.Bytes.Span);
        return new Outcome(newest.Size, written);
    }

    // A mirror is an anchor, too: what was published once can't be taken back.
    private void Compare(long size)
    {
        var file = Path.Combine(folder, "checkpoint");
        if (!File.Exists(file))
            return;
        if (!SignedNote.TryParse(File.ReadAllBytes(file), out var note) || !Checkpoint.TryParse(note.Text.Span, out var before) || before.Origin != ledger.Origin)
            throw new CommandRefusedException("published-other", folder);
        if (before.Size > size)
            throw new LedgerAlarmException("rolled-back", size, before.Size);
        if (tiles.Root(before.Size) != before.Root)
            throw new LedgerAlarmException("fork", size, before.Size);
    }

    private int Write(string path, Func<byte[]> bytes)
    {
        var file = Path.Combine(folder, path);
        if (File.Exists(file))
            return 0;
        Put(file, bytes());
        return 1;
    }

    private async Task<int> WriteAsync(string path, Func<Task<byte[]>> bytes)
    {
        var file = Path.Combine(folder, path);
        if (File.Exists(file))
            return 0;
        Put(file, await bytes());
        return 1;
    }

    // Under another name first: whoever reads the folder meanwhile finds a file whole or not at all.
    private static void Put(string file, ReadOnlySpan<byte> bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var aside = file + ".new";
        using (var stream = new FileStream(aside, FileMode.Create, FileAccess.Write))
        {
            stream.Write(bytes);
            stream.Flush(flushToDisk: true);
        }

        File.Move(aside, file, overwrite: true);
    }

    // Needed by nobody any more once the full one is there.
    private void DropPartial(string path)
    {
        var partial = Path.Combine(folder, path + ".p");
        if (Directory.Exists(partial))
            Directory.Delete(partial, recursive: true);
    }
}
