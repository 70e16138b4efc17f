using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace Ringfence.Server.Sealing;

/// <summary>Key-encryption keys in a file of their own, outside the data, readable by its owner alone.</summary>
/// <remarks>
/// Text: the line <c>ringfence-keys/v1</c>, a line for people, then one line for each key, oldest first: its kid, 64 hex digits, and the
/// first 8 hex digits of SHA-256 over both, so that a slip of a hand or a disk shows.
/// </remarks>
internal sealed class KeyFile : KeyProvider
{
    private const int MostBytes = 64 * 1024;
    private const int CheckDigits = 8;
    private const int LineBytes = Kid.Length + 1 + 2 * Kek.Bytes + 1 + CheckDigits;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly string path;

    private KeyFile(string path, IEnumerable<Kek> keks) : base(keks) => this.path = path;

    /// <inheritdoc/>
    public override bool Changeable => true;

    private static ReadOnlySpan<byte> Head => """
        ringfence-keys/v1
        # Whoever has this file and the keyring reads what is sealed. Keep a copy of it apart from every other backup.

        """u8;

    /// <summary>Makes the file with one new key.</summary>
    /// <exception cref="KeysException">Code <c>exists</c>, <c>no-access</c>, <c>too-open</c> or <c>wrong-owner</c>.</exception>
    public static KeyFile Create(string path, LocalDate today)
    {
        var folder = Path.GetDirectoryName(path)!;
        DurableFile.MakeFolder(folder);
        DurableFile.RequireOwnFolder(folder);
        var first = NewKek(new Kid(today));
        Write([first], content => DurableFile.Create(path, content));
        return new KeyFile(path, [first]);
    }

    /// <summary>Reads the file.</summary>
    /// <exception cref="KeysException">Code <c>no-keys</c>, <c>no-access</c>, <c>too-open</c>, <c>wrong-owner</c> or <c>damaged</c>.</exception>
    public static KeyFile Open(string path)
    {
        var content = GC.AllocateArray<byte>(MostBytes, pinned: true);
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0);
            DurableFile.RequireOwnFolder(Path.GetDirectoryName(path)!);
            DurableFile.RequireOwnerOnly(file);
            var length = file.ReadAtLeast(content, MostBytes, throwOnEndOfStream: false);
            return new KeyFile(path, length < MostBytes ? Parse(path, content.AsSpan(0, length)) : throw KeysException.Damaged(path, 1));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw KeysException.NoKeys(path);
        }
        catch (UnauthorizedAccessException e)
        {
            throw KeysException.NoAccess(path, e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <inheritdoc/>
    protected override void Keep(IReadOnlyList<Kek> all) => Write(all, content => DurableFile.Replace(path, content));

    private delegate void Taker(ReadOnlySpan<byte> content);

    private static void Write(IReadOnlyList<Kek> keks, Taker take)
    {
        var content = GC.AllocateArray<byte>(Head.Length + keks.Count * (LineBytes + 1), pinned: true);
        try
        {
            Head.CopyTo(content);
            var rest = content.AsSpan(Head.Length);
            foreach (var kek in keks)
            {
                WriteLine(kek, rest);
                rest[LineBytes] = (byte)'\n';
                rest = rest[(LineBytes + 1)..];
            }

            take(content);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    private static void WriteLine(Kek kek, Span<byte> line)
    {
        line[..LineBytes].Fill((byte)' ');
        Utf8.GetBytes(kek.Kid.ToString(), line);
        Convert.TryToHexStringLower(kek.Key, line[(Kid.Length + 1)..], out _);
        Check(line[..(Kid.Length + 1 + 2 * Kek.Bytes)], line[(LineBytes - CheckDigits)..LineBytes]);
    }

    private static List<Kek> Parse(string path, ReadOnlySpan<byte> content)
    {
        if (!content.StartsWith(Head))
            throw KeysException.Damaged(path, 1);
        var keks = new List<Kek>();
        var line = 2;
        for (var rest = content[Head.Length..]; rest.Length > 0;)
        {
            line++;
            var end = rest.IndexOf((byte)'\n');
            keks.Add(end >= 0 && ParseLine(rest[..end]) is { } kek && (keks.Count == 0 || keks[^1].Kid < kek.Kid) ? kek : throw KeysException.Damaged(path, line));
            rest = rest[(end + 1)..];
        }

        return keks.Count > 0 ? keks : throw KeysException.Damaged(path, line);
    }

    private static Kek? ParseLine(ReadOnlySpan<byte> line)
    {
        Span<byte> key = stackalloc byte[Kek.Bytes];
        Span<byte> expected = stackalloc byte[LineBytes];
        if (line.Length != LineBytes || !Kid.TryParse(Encoding.Latin1.GetString(line[..Kid.Length]), out var kid))
            return null;
        if (Convert.FromHexString(line.Slice(Kid.Length + 1, 2 * Kek.Bytes), key, out _, out _) != System.Buffers.OperationStatus.Done)
            return null;
        var kek = new Kek(kid, key);
        CryptographicOperations.ZeroMemory(key);
        WriteLine(kek, expected);
        var whole = line.SequenceEqual(expected);
        CryptographicOperations.ZeroMemory(expected);
        return whole ? kek : null;
    }

    private static void Check(ReadOnlySpan<byte> of, Span<byte> digits)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(of, hash);
        Convert.TryToHexStringLower(hash[..(CheckDigits / 2)], digits, out _);
    }
}
