using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace Ringfence.Webhooks;

/// <summary>Signs messages, and tells whether one was signed: HMAC-SHA256 over <c>id.timestamp.body</c>.</summary>
/// <remarks>Source: the Standard Webhooks specification, "Signature scheme". The body is signed as it is sent, byte for byte; whoever writes its JSON anew gets another signature.</remarks>
public static class WebhookSignature
{
    public const string IdHeader = "webhook-id";
    public const string TimestampHeader = "webhook-timestamp";
    public const string SignatureHeader = "webhook-signature";

    /// <summary>How far the time of a message may be from now, either way.</summary>
    public static readonly Duration Tolerance = Duration.FromMinutes(5);

    // Symmetric signatures of the first version. Others, such as v1a, are passed over.
    private const string Version = "v1,";

    // Nobody rotates so often that more signatures are worth looking at.
    private const int MostSignatures = 16;

    /// <summary>The header: a signature by each secret, with a blank between.</summary>
    /// <param name="secrets">The newest first.</param>
    /// <param name="id">Of the message.</param>
    /// <param name="timestamp">When it is sent, in seconds since 1970.</param>
    /// <param name="body">The body.</param>
    public static string Sign(IEnumerable<byte[]> secrets, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        var signed = Signed(id, timestamp, body);
        return string.Join(' ', secrets.Select(secret => Version + Convert.ToBase64String(HMACSHA256.HashData(secret, signed))));
    }

    /// <summary>Whether a message was signed by one of the secrets within the <see cref="Tolerance"/> of now.</summary>
    /// <param name="secrets">Any of them will do.</param>
    /// <param name="id">The header; null: there is none.</param>
    /// <param name="timestamp">The header; null: there is none.</param>
    /// <param name="signatures">The header; null: there is none.</param>
    /// <param name="body">The body as it came.</param>
    /// <param name="now">The time.</param>
    public static bool Verify(IReadOnlyList<byte[]> secrets, string? id, string? timestamp, string? signatures, ReadOnlySpan<byte> body, Instant now)
    {
        if (id is null || signatures is null || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            return false;
        var distance = Int128.Abs((Int128)now.ToUnixTimeSeconds() - seconds);
        if (distance > (Int128)Tolerance.TotalSeconds)
            return false;
        var signed = Signed(id, seconds, body);
        Span<byte> claimed = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var found = false;
        foreach (var one in signatures.Split(' ', MostSignatures))
        {
            if (!one.StartsWith(Version, StringComparison.Ordinal) || !Convert.TryFromBase64String(one[Version.Length..], claimed, out var length) || length != claimed.Length)
                continue;
            // All are compared, so that how long it takes tells nothing.
            foreach (var secret in secrets)
                found |= CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(secret, signed), claimed);
        }

        return found;
    }

    private static byte[] Signed(string id, long timestamp, ReadOnlySpan<byte> body)
    {
        var head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}."));
        return [.. head, .. body];
    }
}
