using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Ringfence.Ledger;

namespace Ringfence.Server.Sealing;

/// <summary>The ids of people who were erased, in a file of its own with backups of its own. It is replayed after a restore, so that nobody comes back with an old backup.</summary>
/// <remarks>
/// The line <c>ringfence-erasures/v1</c>, then a line for each: 32 hex digits, a blank, and the first 8 hex digits of SHA-256 over the line's number (from 1), a colon and the id.
/// Every line is on the disk before <see cref="Append"/> returns. What a crash left of a line that was never acknowledged is cut off; any other damage is refused.
/// </remarks>
internal sealed class ErasureJournal : IDisposable
{
    private const int SidDigits = 2 * OpaqueId.Size;
    private const int CheckDigits = 8;
    private const int LineBytes = SidDigits + 1 + CheckDigits + 1;

    private static readonly SearchValues<byte> OfLines = SearchValues.Create("0123456789abcdef "u8);

    private readonly Lock one = new();
    private readonly FileStream file;
    private readonly List<OpaqueId> erased;
    private bool faulted;

    private ErasureJournal(FileStream file, List<OpaqueId> erased) => (this.file, this.erased) = (file, erased);

    private static ReadOnlySpan<byte> Head => "ringfence-erasures/v1\n"u8;

    /// <summary>Opens the journal.</summary>
    /// <param name="path">The file.</param>
    /// <param name="create">Whether one is made where there is none. Only for a ledger that has no record yet.</param>
    /// <exception cref="KeysException">Code <c>no-journal</c>, <c>damaged</c>, <c>busy</c>, <c>no-access</c>, <c>too-open</c> or <c>wrong-owner</c>.</exception>
    public static ErasureJournal Open(string path, bool create)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (create)
            DurableFile.MakeFolder(folder);
        if (create && !File.Exists(path))
            DurableFile.Create(path, Head);
        var file = OpenFile(path);
        try
        {
            DurableFile.RequireOwnFolder(folder);
            DurableFile.RequireOwnerOnly(file);
            return new ErasureJournal(file, Read(file, path));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads a copy, which nobody writes to.</summary>
    /// <exception cref="KeysException">Code <c>no-journal</c> or <c>damaged</c>.</exception>
    public static IReadOnlyList<OpaqueId> ReadCopy(string path)
    {
        var content = File.Exists(path) ? File.ReadAllBytes(path) : throw KeysException.NoJournal(path);
        var (erased, rest) = Read(content, path);
        return rest == 0 ? erased : throw KeysException.Damaged(path, erased.Count + 2);
    }

    /// <summary>Notes that a person is erased; on the disk when the call returns. Twice does no harm.</summary>
    /// <exception cref="KeysException">Code <c>failed</c> or <c>faulted</c>: it may or may not be noted, and only a fresh start can tell.</exception>
    public void Append(OpaqueId sid)
    {
        lock (one)
        {
            if (faulted)
                throw KeysException.Faulted(file.Name);
            Span<byte> line = stackalloc byte[LineBytes];
            WriteLine(sid, erased.Count + 1, line);
            try
            {
                file.Write(line);
                file.Flush(flushToDisk: true);
            }
            catch (IOException e)
            {
                // Invariant: nothing is written after an fsync that failed; a second one may succeed without the bytes being there.
                faulted = true;
                throw KeysException.Failed(file.Name, e);
            }

            erased.Add(sid);
        }
    }

    /// <summary>Everybody in the journal, in the order of erasure.</summary>
    public IReadOnlyList<OpaqueId> ReadAll()
    {
        lock (one)
            return [.. erased];
    }

    /// <summary>Writes a copy to a file that is not there yet.</summary>
    /// <exception cref="KeysException">Code <c>exists</c>.</exception>
    public void CopyTo(string copy)
    {
        lock (one)
        {
            var content = new byte[checked((int)file.Length)];
            RandomAccess.Read(file.SafeFileHandle, content, 0);
            DurableFile.Create(copy, content);
        }
    }

    public void Dispose() => file.Dispose();

    private static FileStream OpenFile(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 0);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw KeysException.NoJournal(path);
        }
        catch (UnauthorizedAccessException e)
        {
            throw KeysException.NoAccess(path, e);
        }
        catch (IOException e)
        {
            throw KeysException.Busy(path, e);
        }
    }

    private static List<OpaqueId> Read(FileStream file, string path)
    {
        var content = new byte[checked((int)file.Length)];
        file.ReadExactly(content);
        var (erased, rest) = Read(content, path);
        if (rest > 0)
            CutTorn(file, path, content.AsSpan(^rest..), line: erased.Count + 2);
        return erased;
    }

    // And how many bytes at the end are no whole line.
    private static (List<OpaqueId> Erased, int Beyond) Read(ReadOnlySpan<byte> content, string path)
    {
        if (!content.StartsWith(Head))
            throw KeysException.Damaged(path, 1);
        var erased = new List<OpaqueId>();
        var rest = content[Head.Length..];
        while (rest.Length >= LineBytes && ReadLine(rest[..LineBytes], erased.Count + 1) is { } sid)
        {
            erased.Add(sid);
            rest = rest[LineBytes..];
        }

        return (erased, rest.Length);
    }

    // A crash leaves a beginning of a line, or one that ends in bytes that were never written and read as zero. Whatever else is wrong happened to a line that was whole.
    private static void CutTorn(FileStream file, string path, ReadOnlySpan<byte> rest, int line)
    {
        var written = rest.TrimEnd((byte)0);
        var torn = rest.Length <= LineBytes && written.Length < LineBytes && !written.ContainsAnyExcept(OfLines);
        if (!torn)
            throw KeysException.Damaged(path, line);
        file.SetLength(file.Length - rest.Length);
        file.Position = file.Length;
        file.Flush(flushToDisk: true);
    }

    private static void WriteLine(OpaqueId sid, int number, Span<byte> line)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var digits = sid.ToString();
        SHA256.HashData(Encoding.ASCII.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{number}:{digits}")), hash);
        Encoding.ASCII.GetBytes(digits, line);
        line[SidDigits] = (byte)' ';
        Convert.TryToHexStringLower(hash[..(CheckDigits / 2)], line[(SidDigits + 1)..], out _);
        line[^1] = (byte)'\n';
    }

    private static OpaqueId? ReadLine(ReadOnlySpan<byte> line, int number)
    {
        if (!OpaqueId.TryParse(line[..SidDigits], out var sid))
            return null;
        Span<byte> expected = stackalloc byte[LineBytes];
        WriteLine(sid, number, expected);
        return line.SequenceEqual(expected) ? sid : null;
    }
}
