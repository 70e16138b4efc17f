using Ringfence.Ledger;

namespace Ringfence.Consent;

/// <summary>The scan of a signed paper: a document or a picture of a kind that is known by its first bytes. What it is called and what it says it is count for nothing.</summary>
public sealed class ScanFile
{
    /// <summary>The largest that is taken, in bytes: some ten pages at 300 dots an inch.</summary>
    public const int MostBytes = 10 * 1024 * 1024;

    private readonly byte[] content;

    private ScanFile(byte[] content, string media, string extension) => (this.content, Media, Extension, Digest) = (content, media, extension, TreeHash.Sha256(content));

    /// <summary>Its bytes.</summary>
    public ReadOnlyMemory<byte> Content => content;

    /// <summary>SHA-256 of them: what evidence names it by.</summary>
    public Digest Digest { get; }

    /// <summary>Such as <c>application/pdf</c>.</summary>
    public string Media { get; }

    /// <summary>Such as <c>pdf</c>.</summary>
    public string Extension { get; }

    /// <summary>Reads one; null: it is empty or too large, or neither PDF, JPEG, PNG, TIFF nor WebP.</summary>
    /// <param name="content">Its bytes; they are kept.</param>
    public static ScanFile? Read(byte[] content) =>
        content.Length <= MostBytes && KindOf(content) is var (media, extension) ? new ScanFile(content, media, extension) : null;

    // Sources: ISO 32000-1, 7.5.2; ITU-T T.81, B.1.1.3; RFC 2083, 3.1; TIFF 6.0, section 2 (43: BigTIFF); RFC 9649, 2.3.
    private static (string Media, string Extension)? KindOf(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [(byte)'%', (byte)'P', (byte)'D', (byte)'F', (byte)'-', ..] => ("application/pdf", "pdf"),
        [0xff, 0xd8, 0xff, ..] => ("image/jpeg", "jpg"),
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => ("image/png", "png"),
        [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..] => ("image/tiff", "tiff"),
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => ("image/webp", "webp"),
        _ => null,
    };
}
