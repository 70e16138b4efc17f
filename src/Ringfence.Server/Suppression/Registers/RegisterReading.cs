using System.IO.Compression;
using System.Security.Cryptography;
using Ringfence.Numbers;
using Ringfence.Suppression.Registers;

namespace Ringfence.Server.Suppression.Registers;

/// <summary>A line of a register's file that is no entry.</summary>
/// <param name="File">The file, and what is in it where it is packed.</param>
/// <param name="Line">From 1.</param>
/// <param name="Code">What is wrong. Never the line itself: it holds somebody's number.</param>
internal sealed record DamagedLine(string File, long Line, string Code);

/// <summary>Reads the files of a register's operator line by line, as they are published, packed as ZIP or not.</summary>
/// <param name="lines">Their layout.</param>
/// <param name="step">Told now and then: bytes of the file that were read, and numbers in all.</param>
/// <param name="cancel">Stops.</param>
internal sealed class RegisterReading(RegisterLines lines, Action<long, long> step, CancellationToken cancel)
{
    /// <summary>So many damaged lines are told; the rest is counted.</summary>
    public const int MostTold = 20;

    // No entry of any operator is a tenth as long.
    private const int LongestLine = 4096;
    private const int Piece = 1 << 20;

    private readonly List<DamagedLine> damaged = [];
    private readonly byte[] buffer = new byte[Piece];

    /// <summary>How many numbers were read, the same one counted again.</summary>
    public long Numbers { get; private set; }

    /// <summary>The first damaged lines.</summary>
    public IReadOnlyList<DamagedLine> Damaged => damaged;

    /// <summary>How many lines are damaged.</summary>
    public long DamagedCount { get; private set; }

    /// <summary>The digest of a file as it lies there.</summary>
    public static byte[] DigestOf(string path)
    {
        using var file = Open(path);
        return SHA256.HashData(file);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="add">Takes each number, with what the line says of it: whether it is taken out of the register.</param>
    /// <exception cref="IOException">It can't be read.</exception>
    /// <exception cref="InvalidDataException">It is a broken archive.</exception>
    public void Read(string path, Action<ulong, bool> add)
    {
        using var file = Open(path);
        Span<byte> start = stackalloc byte[4];
        var got = file.ReadAtLeast(start, 4, throwOnEndOfStream: false);
        file.Position = 0;
        // Source: APPNOTE.TXT of ZIP, the signature of a local file header.
        if (got < 4 || !start.SequenceEqual("PK\x03\x04"u8))
        {
            ReadLines(file, path, file, add);
            return;
        }

        using var archive = new ZipArchive(file, ZipArchiveMode.Read);
        foreach (var entry in archive.Entries.Where(static entry => !entry.FullName.EndsWith('/')).OrderBy(static entry => entry.FullName, StringComparer.Ordinal))
        {
            using var content = entry.Open();
            ReadLines(content, $"{path}:{entry.FullName}", file, add);
        }
    }

    private void ReadLines(Stream content, string name, FileStream file, Action<ulong, bool> add)
    {
        var (line, waiting, isCut) = (0L, 0, false);
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            var read = content.Read(buffer.AsSpan(waiting));
            var end = waiting + read;
            var at = line == 0 && buffer.AsSpan(0, end).StartsWith("\uFEFF"u8) ? 3 : 0;
            while (at < end)
            {
                var rest = buffer.AsSpan(at, end - at);
                if (!isCut && lines.TryReadFast(rest, out var number, out var used))
                {
                    line++;
                    at += used;
                    Numbers++;
                    add(number, false);
                    continue;
                }

                var length = rest.IndexOf((byte)'\n');
                if (length < 0 && read > 0)
                    break;
                var whole = length < 0 ? rest : rest[..length];
                at += length < 0 ? rest.Length : length + 1;
                line++;
                if (isCut || whole.Length > LongestLine)
                    Damage(name, line, "line-too-long");
                else
                    Take(whole.TrimEnd("\r \t"u8).TrimStart(" \t"u8), name, line, add);
                isCut = false;
            }

            waiting = end - at;
            if (read == 0)
                break;
            // The beginning of an endless line is of no use: its end is looked for.
            if (waiting > LongestLine)
                (isCut, waiting) = (true, 0);
            buffer.AsSpan(at, waiting).CopyTo(buffer);
            step(file.Position, Numbers);
        }
    }

    private void Take(ReadOnlySpan<byte> text, string name, long line, Action<ulong, bool> add)
    {
        if (text.IsEmpty || (line == 1 && RegisterLines.IsHeader(text)))
            return;
        if (lines.TryRead(text, out var number, out var isRemoved) is { } fault)
        {
            Damage(name, line, fault);
            return;
        }

        if (number == 0)
            return;
        Numbers++;
        add(number, isRemoved);
    }

    private void Damage(string name, long line, string code)
    {
        DamagedCount++;
        if (damaged.Count < MostTold)
            damaged.Add(new DamagedLine(name, line, code));
    }

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1, FileOptions.SequentialScan);
}
