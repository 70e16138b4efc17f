using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Ringfence.Ledger;

/// <summary>A public key by which lines of a signed note are verified, with its name and id: <see href="https://c2sp.org/signed-note"/>.</summary>
/// <remarks>
/// Written <c>name+key id in 8 hex digits+base64(type || key)</c>. ECDSA on P-256 is verified here. Ed25519, of logs and of witnesses, is known but can't be:
/// the platform has none, and its lines are passed over like those of unknown keys.
/// </remarks>
public sealed class VerifierKey
{
    // Source: C2SP signed-note, "Signature types".
    private const byte Ed25519 = 0x01;
    private const byte Ecdsa = 0x02;
    private const byte Cosignature = 0x04;

    private const int Ed25519Size = 32;

    // Source: RFC 5480, SubjectPublicKeyInfo of a point on P-256, uncompressed, 64 bytes of which follow.
    private const int SpkiSize = 91;

    private readonly byte type;
    private readonly byte[] key;

    private VerifierKey(string name, byte type, byte[] key) =>
        (Name, this.type, this.key, KeyId) = (name, type, key, IdOf(name, type, key));

    /// <summary>Whose key it is; of a log its origin.</summary>
    public string Name { get; }

    /// <summary>Which of their keys: the first four bytes of a hash, the first byte highest.</summary>
    public uint KeyId { get; }

    /// <summary>Whether its signatures can be verified here.</summary>
    public bool CanVerify => type == Ecdsa;

    private static ReadOnlySpan<byte> SpkiOfP256 =>
        [0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04];

    /// <summary>A key on P-256.</summary>
    /// <param name="name">Whose it is.</param>
    /// <param name="spki">Its SubjectPublicKeyInfo in DER, as <c>ECDsa.ExportSubjectPublicKeyInfo</c> gives it.</param>
    /// <exception cref="ArgumentException">It is no name for a key, or no key on P-256.</exception>
    public static VerifierKey OfEcdsa(string name, ReadOnlySpan<byte> spki)
    {
        if (!WireText.IsKeyName(name))
            throw new ArgumentException("The name of a key has no spaces and no plus.", nameof(name));
        if (!IsOnP256(spki))
            throw new ArgumentException("Not the SubjectPublicKeyInfo of a key on P-256.", nameof(spki));
        return new(name, Ecdsa, spki.ToArray());
    }

    /// <summary>Reads a key as <see cref="ToString"/> writes it; one whose id does not fit is refused.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out VerifierKey? key)
    {
        key = null;
        // The base64 may have a plus of its own.
        if (text?.Split('+', 3) is not [var name, { Length: 8 } id, var encoded] || !WireText.IsKeyName(name)
            || !WireText.TryReadBase64(Encoding.UTF8.GetBytes(encoded), out var bytes) || bytes is not [var type, .. var point])
            return false;
        var fits = type switch
        {
            Ecdsa => IsOnP256(point),
            Ed25519 or Cosignature => point.Length == Ed25519Size,
            _ => false,
        };
        if (!fits)
            return false;
        var read = new VerifierKey(name, type, point);
        if (read.WrittenId != id)
            return false;
        key = read;
        return true;
    }

    /// <summary>Whether a signature of this key is on these bytes; false also where it can't be verified.</summary>
    public bool Verifies(ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature)
    {
        if (!CanVerify)
            return false;
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportSubjectPublicKeyInfo(key, out _);
        try
        {
            return ecdsa.VerifyData(text, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            // Some platforms answer so to what is no DER at all.
            return false;
        }
    }

    /// <summary>The line of a note that this key signed.</summary>
    /// <param name="signature">ECDSA over SHA-256 of the note's text, in ASN.1 DER.</param>
    public NoteSignature Line(ReadOnlySpan<byte> signature) => new(Name, KeyId, signature);

    /// <summary><c>name+key id+base64(type || key)</c></summary>
    public override string ToString() => $"{Name}+{WrittenId}+{Convert.ToBase64String([type, .. key])}";

    private string WrittenId => KeyId.ToString("x8", CultureInfo.InvariantCulture);

    private static uint IdOf(string name, byte type, byte[] key) =>
        BinaryPrimitives.ReadUInt32BigEndian(TreeHash.Sha256(type == Ecdsa ? key : [.. Encoding.UTF8.GetBytes(name), (byte)'\n', type, .. key]).Bytes);

    private static bool IsOnP256(ReadOnlySpan<byte> spki)
    {
        if (spki.Length != SpkiSize || !spki.StartsWith(SpkiOfP256))
            return false;
        try
        {
            using var ecdsa = ECDsa.Create();
            ecdsa.ImportSubjectPublicKeyInfo(spki, out _);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
