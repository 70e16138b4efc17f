using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ringfence.Ledger;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.Ledger;

/// <summary>What a signing key is for. One key never serves two uses.</summary>
internal enum SignerUse
{
    /// <summary>Checkpoints; the key has the name of the origin.</summary>
    Log,

    /// <summary>Receipts; the key has the name of the origin and <c>/receipts</c>.</summary>
    Receipts,
}

/// <summary>Whether a signing key signs.</summary>
internal enum SignerKeyState
{
    /// <summary>Made, and not yet told of in the ledger: it signs nothing.</summary>
    New,

    Active,

    /// <summary>Its private half is destroyed. What it signed stays signed.</summary>
    Retired,
}

/// <summary>The public half of a signing key, and how it stands.</summary>
/// <param name="Number">From 1, in the order in which keys of a use were made.</param>
/// <param name="Spki">SubjectPublicKeyInfo, DER.</param>
internal sealed record SignerKey(SignerUse Use, int Number, SignerKeyState State, byte[] Spki)
{
    /// <summary>By what records name it: SHA-256 of its SubjectPublicKeyInfo.</summary>
    public Digest Digest => TreeHash.Sha256(Spki);

    /// <summary>The name it has in notes.</summary>
    public static string NameOf(SignerUse use, string origin) => use == SignerUse.Log ? origin : origin + "/receipts";

    /// <summary>The word of a use.</summary>
    public static string WordOf(SignerUse use) => use == SignerUse.Log ? "log" : "receipts";

    /// <summary>The file of its private half in the folder of its origin.</summary>
    public string FileIn(string folder) => Path.Combine(folder, $"{WordOf(Use)}-{Number.ToString(CultureInfo.InvariantCulture)}.pem");
}

/// <summary>A signing key with its private half: ECDSA on P-256, PKCS#8 in a PEM file that its owner alone may read.</summary>
internal sealed class SignerKeyPair : IDisposable
{
    private readonly ECDsa key;

    private SignerKeyPair(ECDsa key)
    {
        this.key = key;
        Spki = key.ExportSubjectPublicKeyInfo();
    }

    public byte[] Spki { get; }

    /// <summary>Makes a key in a file that was not there; it is on the disk when the call returns.</summary>
    public static SignerKeyPair Create(string file)
    {
        var pair = new SignerKeyPair(ECDsa.Create(ECCurve.NamedCurves.nistP256));
        var pem = Encoding.ASCII.GetBytes(pair.key.ExportPkcs8PrivateKeyPem() + "\n");
        try
        {
            DurableFile.Create(file, pem);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pem);
        }

        return pair;
    }

    /// <summary>Reads the key of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="spki">The public half it has to have.</param>
    /// <exception cref="SignerException"><c>key-damaged</c>: it is not there, or not this key.</exception>
    /// <exception cref="KeysException">Others may read it.</exception>
    public static SignerKeyPair Open(string file, byte[] spki)
    {
        var key = ECDsa.Create();
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
            DurableFile.RequireOwnerOnly(stream);
            using var text = new StreamReader(stream, Encoding.ASCII);
            key.ImportFromPem(text.ReadToEnd());
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw Damaged(file, e);
        }

        var pair = new SignerKeyPair(key);
        if (pair.Spki.AsSpan().SequenceEqual(spki))
            return pair;
        pair.Dispose();
        throw Damaged(file, null);
    }

    /// <summary>The signature over a note's text, ASN.1 DER.</summary>
    public byte[] Sign(ReadOnlySpan<byte> text) => key.SignData(text, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    public void Dispose() => key.Dispose();

    private static SignerException Damaged(string file, Exception? inner) =>
        new("key-damaged", $"The signing key {file} is missing or not the one that signed before. Put it back from its backup, or retire it and make another.", inner);
}
