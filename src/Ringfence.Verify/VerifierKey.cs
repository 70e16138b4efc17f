using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Ringfence.Verify;

/// <summary>A public key with its name, as a policy writes it: <c>name+&lt;key ID&gt;+base64(type || key)</c>.</summary>
internal sealed class VerifierKey
{
    // The types of https://c2sp.org/signed-note.
    private const byte Ed25519Note = 1;
    private const byte EcdsaNote = 2;
    private const byte Ed25519Cosignature = 4;

    private readonly byte type;
    private readonly byte[] key;
    private readonly ECDsa? ecdsa;

    private VerifierKey(string name, uint id, byte type, byte[] key, ECDsa? ecdsa) => (Name, Id, this.type, this.key, this.ecdsa) = (name, id, type, key, ecdsa);

    public string Name { get; }

    public uint Id { get; }

    /// <summary>Whether signatures of this kind can be checked here.</summary>
    public bool CanCheck => type is Ed25519Note or EcdsaNote or Ed25519Cosignature;

    /// <summary>Whether a ledger may sign with it: ECDSA on P-256.</summary>
    public bool MaySignLedgers => type == EcdsaNote;

    /// <summary>Reads a key; null where it is none, or where name and key do not give its key ID.</summary>
    public static VerifierKey? Read(string text)
    {
        // A name has no plus sign; base64 may.
        if (text.Split('+', 3) is not [var name, { Length: 8 } hex, var encoded] || !SignedNote.IsKeyName(name)
            || !Encodings.TryHex(hex, 4, out var id) || !Encodings.TryBase64(encoded, out var bytes) || bytes.Length < 2)
            return null;
        var (type, key) = (bytes[0], bytes[1..]);
        switch (type)
        {
            case EcdsaNote:
                var ecdsa = ReadP256(key);
                return ecdsa is not null && SHA256.HashData(key).AsSpan(0, 4).SequenceEqual(id) ? Make(ecdsa) : null;
            case Ed25519Note or Ed25519Cosignature:
                byte[] named = [.. Encoding.UTF8.GetBytes(name), (byte)'\n', .. bytes];
                return key.Length == Ed25519.KeyLength && SHA256.HashData(named).AsSpan(0, 4).SequenceEqual(id) ? Make(null) : null;
            default:
                return Make(null);
        }

        VerifierKey Make(ECDsa? curve) => new(name, BinaryPrimitives.ReadUInt32BigEndian(id), type, key, curve);
    }

    /// <summary>Whether both are the same key, under whatever names.</summary>
    public bool IsSameKeyAs(VerifierKey other) => key.AsSpan().SequenceEqual(other.key);

    /// <summary>Whether the line bears the name and number of this key.</summary>
    public bool IsNamedBy(SignatureLine line) => line.KeyId == Id && line.Name == Name;

    /// <summary>Whether the signature over a note's text is by this key.</summary>
    public bool Signed(string text, byte[] signature)
    {
        var message = Encoding.UTF8.GetBytes(text);
        return type switch
        {
            EcdsaNote => SignedByCurve(message, signature),
            Ed25519Note => Ed25519.Verify(key, message, signature),
            Ed25519Cosignature => Cosigned(message, signature),
            _ => false,
        };
    }

    private bool SignedByCurve(byte[] message, byte[] signature)
    {
        try
        {
            return ecdsa!.VerifyData(message, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false; // bytes that are no signature at all
        }
    }

    // https://c2sp.org/tlog-cosignature: eight bytes of time, then the signature over the time and the text.
    private bool Cosigned(byte[] message, byte[] signature)
    {
        if (signature.Length != 8 + Ed25519.SignatureLength)
            return false;
        var time = BinaryPrimitives.ReadUInt64BigEndian(signature);
        if (time > long.MaxValue)
            return false;
        var header = string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {time}\n");
        byte[] signed = [.. Encoding.UTF8.GetBytes(header), .. message];
        return Ed25519.Verify(key, signed, signature.AsSpan(8));
    }

    private static ECDsa? ReadP256(byte[] subjectPublicKeyInfo)
    {
        var ecdsa = ECDsa.Create();
        try
        {
            ecdsa.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out var read);
            if (read == subjectPublicKeyInfo.Length && ecdsa.KeySize == 256
                && ecdsa.ExportParameters(false).Curve.Oid.Value == "1.2.840.10045.3.1.7"
                && ecdsa.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(subjectPublicKeyInfo))
                return ecdsa;
        }
        catch (CryptographicException)
        {
            // Not a key on a curve that is known here.
        }

        ecdsa.Dispose();
        return null;
    }
}
