using System.Security.Cryptography;
using System.Text;

namespace Ringfence.Server.Tests.Verify;

/// <summary>A key that signs notes: ECDSA on P-256 as ledgers do, or Ed25519 as witnesses do.</summary>
internal sealed class ForgedKey
{
    private readonly ECDsa? ecdsa;
    private readonly byte[] secret = [];
    private readonly byte[] publicKey;

    public ForgedKey(string name, byte type = 2)
    {
        (Name, Type) = (name, type);
        if (type == 2)
        {
            ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            publicKey = ecdsa.ExportSubjectPublicKeyInfo();
            Id = SHA256.HashData(publicKey)[..4];
        }
        else
        {
            secret = RandomNumberGenerator.GetBytes(32);
            publicKey = SecondEd25519.PublicKey(secret);
            Id = SHA256.HashData([.. Encoding.UTF8.GetBytes(name), 10, type, .. publicKey])[..4];
        }
    }

    public string Name { get; }

    public byte Type { get; }

    /// <summary>The key ID; a forger may write another.</summary>
    public byte[] Id { get; init; }

    /// <summary>The key as policies write it.</summary>
    public string Line => $"{Name}+{Convert.ToHexStringLower(Id)}+{Convert.ToBase64String([Type, .. publicKey])}";

    /// <summary>The same key under another name, as it signs for another ledger.</summary>
    public string SignatureLine(string text, string? name = null) => $"— {name ?? Name} {Convert.ToBase64String([.. Id, .. Sign(text)])}\n";

    public string Note(string text) => $"{text}\n{SignatureLine(text)}";

    private byte[] Sign(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        const long time = 1767225600;
        return Type switch
        {
            2 => ecdsa!.SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence),
            4 => [.. Time(time), .. SecondEd25519.Sign(secret, [.. Encoding.UTF8.GetBytes($"cosignature/v1\ntime {time}\n"), .. bytes])],
            _ => SecondEd25519.Sign(secret, bytes),
        };
    }

    private static byte[] Time(long time)
    {
        var bytes = BitConverter.GetBytes(time);
        Array.Reverse(bytes);
        return bytes;
    }
}
