using System.Globalization;
using Ringfence.Ledger;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.Ledger;

/// <summary>Checkpoints of one ledger in files outside of its database: what it was known to be, whatever becomes of the database.</summary>
/// <remarks>
/// <c>FOLDER/origin/size</c> is a signed note, <c>size.tst</c> an RFC 3161 timestamp over its bytes. A file is made once and never written again. It is worth most
/// on a disk that the machine's administrator can't rewrite.
/// </remarks>
internal sealed class AnchorFolder
{
    /// <summary>Names the folder where no option does.</summary>
    public const string Variable = "RINGFENCE_ANCHORS";

    private const string TokenEnding = ".tst";
    private const string RoundsFile = "rounds";

    private readonly string folder;
    private readonly string origin;

    /// <param name="root">The folder of all ledgers.</param>
    /// <param name="origin">The ledger.</param>
    public AnchorFolder(string root, string origin) => (folder, this.origin) = (Path.Combine(Path.GetFullPath(root), SignerState.FolderOf(origin)), origin);

    /// <summary>The ledgers of which a folder holds checkpoints.</summary>
    public static IReadOnlyList<string> Origins(string root) => Directory.Exists(root)
        ? [.. Directory.EnumerateDirectories(root).Select(static folder => Uri.UnescapeDataString(Path.GetFileName(folder))).Where(origin => new AnchorFolder(root, origin).Sizes().Count > 0)]
        : [];

    /// <summary>Sizes of the checkpoints there are, rising.</summary>
    public IReadOnlyList<long> Sizes() => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder).Select(Path.GetFileName).Select(SizeOf).OfType<long>().Order()]
        : [];

    /// <summary>Whether there is a file of a size.</summary>
    public bool Has(long size) => File.Exists(FileOf(size));

    /// <summary>The checkpoint of a size.</summary>
    /// <returns>Null: it is not there, or no note of this ledger.</returns>
    public (SignedNote Note, Checkpoint Checkpoint)? Read(long size)
    {
        var file = FileOf(size);
        return File.Exists(file) && SignedNote.TryParse(File.ReadAllBytes(file), out var note) && Checkpoint.TryParse(note.Text.Span, out var checkpoint)
            && checkpoint.Origin == origin && checkpoint.Size == size
            ? (note, checkpoint)
            : null;
    }

    /// <summary>The timestamp over the checkpoint of a size; null: there is none.</summary>
    public byte[]? ReadToken(long size) => File.Exists(FileOf(size) + TokenEnding) ? File.ReadAllBytes(FileOf(size) + TokenEnding) : null;

    /// <summary>Keeps a checkpoint, unless there is one of its size.</summary>
    /// <exception cref="LedgerAlarmException"><c>fork</c>: one of the same size has another root.</exception>
    /// <exception cref="IOException">It can't be written.</exception>
    public void Keep(SignedCheckpoint signed)
    {
        if (Read(signed.Size) is { } before)
        {
            if (before.Checkpoint.Root != signed.Checkpoint.Root)
                throw new LedgerAlarmException("fork", signed.Size, signed.Size);
            return;
        }

        Write(FileOf(signed.Size), signed.Note.Bytes.Span);
    }

    /// <summary>Keeps a timestamp over a checkpoint that is kept, unless there is one.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public void KeepToken(SignedCheckpoint signed, byte[] token)
    {
        // The same checkpoint signed twice is two notes, and a timestamp is over one of them.
        if (Read(signed.Size) is { } kept && kept.Note.Bytes.Span.SequenceEqual(signed.Note.Bytes.Span) && !File.Exists(FileOf(signed.Size) + TokenEnding))
            Write(FileOf(signed.Size) + TokenEnding, token);
    }

    /// <summary>When checkpoints were last carried outside, as far as is remembered. Says when to do it again, and proves nothing.</summary>
    public AnchorRounds Rounds
    {
        get
        {
            var file = Path.Combine(folder, RoundsFile);
            try
            {
                return File.Exists(file) ? AnchorRounds.Parse(File.ReadAllText(file)) : default;
            }
            catch (IOException)
            {
                return default;
            }
        }
        set
        {
            DurableFile.MakeFolder(folder);
            File.WriteAllText(Path.Combine(folder, RoundsFile), value.ToString());
        }
    }

    private void Write(string file, ReadOnlySpan<byte> bytes)
    {
        try
        {
            DurableFile.MakeFolder(folder);
            DurableFile.Create(file, bytes);
        }
        catch (KeysException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    private string FileOf(long size) => Path.Combine(folder, size.ToString(CultureInfo.InvariantCulture));

    private static long? SizeOf(string? name) =>
        long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size.ToString(CultureInfo.InvariantCulture) == name ? size : null;
}

/// <summary>When what was last carried outside, in microseconds since 1970; 0: never.</summary>
/// <param name="File">A file, with its record.</param>
/// <param name="Token">A timestamp.</param>
/// <param name="RetryAt">Before this no timestamp is asked for after one failed.</param>
/// <param name="RetryIn">How long the wait after the next failure is, in seconds; 0: the shortest.</param>
internal readonly record struct AnchorRounds(long File, long Token, long RetryAt, long RetryIn)
{
    public static AnchorRounds Parse(string text)
    {
        var parts = text.Split(' ', StringSplitOptions.TrimEntries).Select(static part => long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0).ToList();
        return parts.Count == 4 ? new AnchorRounds(parts[0], parts[1], parts[2], parts[3]) : default;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File} {Token} {RetryAt} {RetryIn}\n");
}

/// <summary>The ledger is not what it was known to be. Nothing may rest on it until somebody found out why.</summary>
/// <param name="code"><c>rolled-back</c>: fewer records than are known; <c>fork</c>: other records than are known.</param>
/// <param name="size">How many records there are.</param>
/// <param name="known">The size of the checkpoint that is known.</param>
internal sealed class LedgerAlarmException(string code, long size, long known) : Exception($"The ledger is not what it was known to be: {code}, {size} records, {known} known.")
{
    public string Code { get; } = code;

    public long Size { get; } = size;

    public long Known { get; } = known;
}
