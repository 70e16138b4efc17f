using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.Gateways;

/// <summary>A message that a provider reports on. <see cref="ToString"/> tells nothing of it.</summary>
/// <param name="Id">What comes again under it is done once.</param>
/// <param name="Channel">How it went out.</param>
/// <param name="Point">Whom to.</param>
/// <param name="SentAt">When.</param>
internal sealed record ReportedMessage(string Id, Channel Channel, ContactPoint Point, Instant SentAt)
{
    /// <inheritdoc/>
    public override string ToString() => Channel.Word();
}

/// <summary>Makes and opens what a message carries so that a report can be believed: whom it went to, sealed for one controller. Safe for many threads.</summary>
/// <remarks>Nothing is kept: who shows one has it from a message of ours, or from the provider that was given it.</remarks>
internal sealed class ReportSeals(SecretKey key)
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int HeadBytes = 1 + sizeof(long);
    private const int MostBytes = 512;

    // Of its own, so that what is sealed by it is nothing to any other use of the secret.
    private byte[] Key => key.Mac("ringfence/report/v1", "");

    /// <summary>Makes one: letters, digits, <c>-</c> and <c>_</c>.</summary>
    public string Seal(string controller, Channel channel, ContactPoint point, Instant sentAt)
    {
        var plain = new byte[HeadBytes + Encoding.UTF8.GetByteCount(point.Value)];
        plain[0] = (byte)channel;
        BinaryPrimitives.WriteInt64BigEndian(plain.AsSpan(1), sentAt.ToUnixTimeSeconds());
        Encoding.UTF8.GetBytes(point.Value, plain.AsSpan(HeadBytes));
        var bytes = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(bytes.AsSpan(0, NonceBytes));
        using (var cipher = new AesGcm(Key, TagBytes))
            cipher.Encrypt(bytes.AsSpan(0, NonceBytes), plain, bytes.AsSpan(NonceBytes, plain.Length), bytes.AsSpan(NonceBytes + plain.Length), Encoding.UTF8.GetBytes(controller));
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Opens it; null: it was not made here for this controller.</summary>
    public ReportedMessage? Open(string controller, string? token)
    {
        if (token is not { Length: > 0 and <= MostBytes } || !token.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') || !Base64Url.IsValid(token))
            return null;
        var bytes = Base64Url.DecodeFromChars(token);
        // Bits that are not used could be told otherwise, and would make the same one another.
        if (bytes.Length <= NonceBytes + HeadBytes + TagBytes || Base64Url.EncodeToString(bytes) != token)
            return null;
        var plain = new byte[bytes.Length - NonceBytes - TagBytes];
        try
        {
            using var cipher = new AesGcm(Key, TagBytes);
            cipher.Decrypt(bytes.AsSpan(0, NonceBytes), bytes.AsSpan(NonceBytes, plain.Length), bytes.AsSpan(NonceBytes + plain.Length), plain, Encoding.UTF8.GetBytes(controller));
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }

        return ContactPoint.TryRead(Encoding.UTF8.GetString(plain.AsSpan(HeadBytes)), Region.None, out var point)
            ? new ReportedMessage(Convert.ToHexStringLower(SHA256.HashData(bytes)), (Channel)plain[0], point, Instant.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(plain.AsSpan(1)))) : null;
    }
}
