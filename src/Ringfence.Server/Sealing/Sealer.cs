using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ringfence.Ledger;

namespace Ringfence.Server.Sealing;

/// <summary>A sealed group of a record, as it is stored.</summary>
/// <param name="Nonce">12 random bytes.</param>
/// <param name="Ciphertext">The ciphertext, then the tag of 16 bytes.</param>
internal readonly record struct SealedBlob(byte[] Nonce, byte[] Ciphertext);

/// <summary>What a sealed group holds.</summary>
/// <param name="Salt">The salt of its commitment, 32 bytes.</param>
/// <param name="Content">What was committed to.</param>
internal readonly record struct OpenedBlob(byte[] Salt, byte[] Content);

/// <summary>Seals and opens what records say of one person. Dispose of it when done: it holds the person's keys.</summary>
/// <remarks>
/// Field key: HKDF-SHA256 of the person's key with the info <c>ringfence/field|group|v1</c> and no salt; AES-256-GCM with a random nonce of 96 bits and a tag of 128; bound to
/// <c>record id|group|schema</c>, so that no blob can stand in for another. Plaintext: the content's length (32 bits, big-endian), the salt of its commitment (32 bytes), the content,
/// and zeros up to a multiple of 64 bytes, so that the length tells little. For one thread at a time.
/// </remarks>
internal sealed class Sealer : IDisposable
{
    /// <summary>The schema that is written now.</summary>
    public const int Schema = 1;

    /// <summary>The schema of the scan of a paper: evidence, and bytes as they came.</summary>
    public const int ScanSchema = 2;

    /// <summary>Bytes of a nonce.</summary>
    public const int NonceBytes = 12;

    /// <summary>Bytes of a tag.</summary>
    public const int TagBytes = 16;

    /// <summary>The longest content, in bytes; a scan is the longest.</summary>
    public const int MostContent = 16 * 1024 * 1024;

    private const int Step = 64;
    private const int HeadBytes = sizeof(uint) + Commitment.SaltSize;

    private static readonly byte[] Unsalted = new byte[Commitment.SaltSize];

    // By group.
    private static readonly byte[][] Infos =
        [.. Enum.GetValues<CommitGroup>().Select(static group => Encoding.ASCII.GetBytes($"ringfence/field|{RecordWords.Groups.Of(group)}|v1"))];

    private static readonly byte[][] Expanded = [.. Infos.Select(static info => (byte[])[.. info, 1])];

    private static readonly byte[][] Names = [.. Infos.Select(static info => info["ringfence/field".Length..^"v1".Length])];

    private readonly byte[] ready;
    private readonly AesGcm?[] ciphers = new AesGcm?[Infos.Length];
    private bool disposed;

    /// <param name="ready">What <see cref="SubjectKey.Ready"/> made of the person's key; it is copied.</param>
    public Sealer(ReadOnlySpan<byte> ready)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(ready.Length, SubjectKey.Bytes);
        this.ready = ready.ToArray();
    }

    /// <summary>Seals a group of a record.</summary>
    /// <param name="record">The record's id.</param>
    /// <param name="group">What of it.</param>
    /// <param name="salt">The salt of its commitment, 32 bytes.</param>
    /// <param name="content">What is committed to, at most <see cref="MostContent"/> bytes.</param>
    /// <param name="schema">The schema of the content.</param>
    public SealedBlob Seal(OpaqueId record, CommitGroup group, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> content, int schema = Schema)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(salt.Length, Commitment.SaltSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, MostContent);
        var length = PaddedLength(content.Length);
        Span<byte> plaintext = length <= MostOnStack ? stackalloc byte[length] : new byte[length];
        BinaryPrimitives.WriteUInt32BigEndian(plaintext, (uint)content.Length);
        salt.CopyTo(plaintext[sizeof(uint)..]);
        content.CopyTo(plaintext[HeadBytes..]);
        plaintext[(HeadBytes + content.Length)..].Clear();

        Span<byte> bound = stackalloc byte[MostBound];
        bound = bound[..Bind(record, group, schema, bound)];
        var blob = new SealedBlob(new byte[NonceBytes], new byte[length + TagBytes]);
        Ringfence.Server.Ledger.Fresh.Fill(blob.Nonce);
        CipherOf(group).Encrypt(blob.Nonce, plaintext, blob.Ciphertext.AsSpan(0, length), blob.Ciphertext.AsSpan(length), bound);
        CryptographicOperations.ZeroMemory(plaintext);
        return blob;
    }

    /// <summary>Seals a scan. Nothing commits to it but its digest in the evidence of the same record.</summary>
    public SealedBlob SealScan(OpaqueId record, ReadOnlySpan<byte> content) => Seal(record, CommitGroup.Evidence, Unsalted, content, ScanSchema);

    /// <summary>Opens one; null if it was sealed for another person or record, or is not as it was sealed.</summary>
    public byte[]? OpenScan(OpaqueId record, SealedBlob blob) => TryOpen(record, CommitGroup.Evidence, blob, out var opened, ScanSchema) ? opened.Content : null;

    /// <summary>Opens a sealed group; false if it was sealed for another person, record, group or schema, or is not as it was sealed.</summary>
    public bool TryOpen(OpaqueId record, CommitGroup group, SealedBlob blob, out OpenedBlob opened, int schema = Schema)
    {
        opened = default;
        var length = blob.Ciphertext.Length - TagBytes;
        if (blob.Nonce.Length != NonceBytes || length < Step || length % Step != 0 || length > PaddedLength(MostContent))
            return false;
        Span<byte> plaintext = length <= MostOnStack ? stackalloc byte[length] : new byte[length];
        Span<byte> bound = stackalloc byte[MostBound];
        bound = bound[..Bind(record, group, schema, bound)];
        try
        {
            CipherOf(group).Decrypt(blob.Nonce, blob.Ciphertext.AsSpan(0, length), blob.Ciphertext.AsSpan(length), plaintext, bound);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        var content = BinaryPrimitives.ReadUInt32BigEndian(plaintext);
        if (content > MostContent || PaddedLength((int)content) != length || plaintext[(HeadBytes + (int)content)..].ContainsAnyExcept((byte)0))
            return false;
        opened = new OpenedBlob(plaintext[sizeof(uint)..HeadBytes].ToArray(), plaintext.Slice(HeadBytes, (int)content).ToArray());
        CryptographicOperations.ZeroMemory(plaintext);
        return true;
    }

    public void Dispose()
    {
        disposed = true;
        foreach (var cipher in ciphers)
            cipher?.Dispose();
        CryptographicOperations.ZeroMemory(ready);
    }

    private const int MostOnStack = 4096;
    private const int MostBound = 128;

    private static int PaddedLength(int content) => (HeadBytes + content + Step - 1) / Step * Step;

    private static int Bind(OpaqueId record, CommitGroup group, int schema, Span<byte> bound)
    {
        record.Value.TryFormat(bound, out var length, "x32", CultureInfo.InvariantCulture);
        Names[(int)group].CopyTo(bound[length..]);
        length += Names[(int)group].Length;
        schema.TryFormat(bound[length..], out var digits, provider: CultureInfo.InvariantCulture);
        return length + digits;
    }

    private AesGcm CipherOf(CommitGroup group)
    {
        // Invariant: nothing is sealed by the zeros that a disposed sealer is left with.
        ObjectDisposedException.ThrowIf(disposed, this);
        if (ciphers[(int)group] is { } known)
            return known;
        Span<byte> key = stackalloc byte[Kek.Bytes];
        // Of HKDF the step expand, for one block (RFC 5869, section 2.3): T(1) = HMAC(PRK, info | 0x01).
        HMACSHA256.HashData(ready, Expanded[(int)group], key);
        var made = new AesGcm(key, TagBytes);
        CryptographicOperations.ZeroMemory(key);
        return ciphers[(int)group] = made;
    }
}

/// <summary>The key of a person: 256 random bits.</summary>
internal static class SubjectKey
{
    /// <summary>Bytes of it, and of what <see cref="Ready"/> makes of it.</summary>
    public const int Bytes = 32;

    /// <summary>Makes it ready to derive field keys from: the step <i>extract</i> of HKDF, without salt.</summary>
    public static void Ready(ReadOnlySpan<byte> key, Span<byte> ready) => Extract.Of(key, ready);

    // RFC 5869, section 2.2: no salt is a salt of zeros, PRK = HMAC(salt, IKM).
    private static readonly KeyedHash Extract = new(new byte[Bytes]);
}
