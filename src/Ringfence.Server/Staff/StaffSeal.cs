using System.Security.Cryptography;
using System.Text;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.Staff;

/// <summary>Seals what is kept of staff, each bound to its place, so that none can be put in another's.</summary>
internal sealed class StaffSeal(SecretKey key)
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>A keyed hash: what is looked for, and is not to be read where it is kept.</summary>
    /// <param name="use">What is hashed, such as <c>mail</c>.</param>
    public byte[] Tag(string use, string text) => key.Mac("ringfence/staff/" + use, text);

    /// <summary>Seals something.</summary>
    /// <param name="place">Where it is kept, and whose it is.</param>
    public byte[] Seal(string place, ReadOnlySpan<byte> content)
    {
        var bytes = new byte[NonceBytes + content.Length + TagBytes];
        Fresh.Fill(bytes.AsSpan(0, NonceBytes));
        using var cipher = Cipher();
        cipher.Encrypt(bytes.AsSpan(0, NonceBytes), content, bytes.AsSpan(NonceBytes, content.Length), bytes.AsSpan(NonceBytes + content.Length), Encoding.UTF8.GetBytes(place));
        return bytes;
    }

    /// <summary>Opens it.</summary>
    /// <exception cref="KeysException">It is not what was sealed there, or was sealed by another key.</exception>
    public byte[] Open(string place, byte[] bytes)
    {
        var content = new byte[Math.Max(bytes.Length - NonceBytes - TagBytes, 0)];
        try
        {
            using var cipher = Cipher();
            cipher.Decrypt(bytes.AsSpan(0, NonceBytes), bytes.AsSpan(NonceBytes, content.Length), bytes.AsSpan(NonceBytes + content.Length), content, Encoding.UTF8.GetBytes(place));
            return content;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw KeysException.SealedOtherwise("staff");
        }
    }

    private AesGcm Cipher()
    {
        var field = key.Mac("ringfence/staff/v1", "");
        var cipher = new AesGcm(field, TagBytes);
        CryptographicOperations.ZeroMemory(field);
        return cipher;
    }
}
