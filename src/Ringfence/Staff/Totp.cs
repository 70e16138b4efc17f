using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace Ringfence.Staff;

/// <summary>Codes of six digits that change with the time, as apps on telephones make them.</summary>
/// <remarks>Source: RFC 6238 over RFC 4226, with what every app takes: HMAC-SHA-1, steps of 30 seconds, six digits.</remarks>
public static class Totp
{
    /// <summary>Bytes of a secret. Source: RFC 4226, section 4, R6.</summary>
    public const int SecretBytes = 20;

    private const int StepSeconds = 30;
    private const int Digits = 6;

    // Clocks of telephones differ. Source: RFC 6238, section 5.2: one step of delay at most.
    private const int Late = 1;

    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>The step of a time.</summary>
    public static long StepOf(Instant at) => at.ToUnixTimeSeconds() / StepSeconds;

    /// <summary>The code of a step.</summary>
    public static string Code(ReadOnlySpan<byte> secret, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> mac = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // the algorithm of the apps; what is weak about the hash does not matter inside of a keyed one
        HMACSHA1.HashData(secret, counter, mac);
#pragma warning restore CA5350
        var number = (BinaryPrimitives.ReadInt32BigEndian(mac[(mac[^1] & 0xf)..]) & 0x7fff_ffff) % 1_000_000;
        return number.ToString(CultureInfo.InvariantCulture).PadLeft(Digits, '0');
    }

    /// <summary>The step that a code is of; null: of none that counts now.</summary>
    /// <param name="secret">The shared secret.</param>
    /// <param name="code">As typed, without blanks.</param>
    /// <param name="at">Now.</param>
    /// <param name="after">The step of the last code that was taken: that one and all before it are not taken again.</param>
    public static long? Match(ReadOnlySpan<byte> secret, string code, Instant at, long? after)
    {
        var now = StepOf(at);
        long? match = null;
        var typed = Encoding.UTF8.GetBytes(code);
        // All are compared, so that the time tells nothing.
        for (var step = now - Late; step <= now + Late; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Code(secret, step)), typed) && (after is null || step > after))
                match = step;
        }

        return match;
    }

    /// <summary>A secret as people type it: groups of four.</summary>
    public static string Show(ReadOnlySpan<byte> secret) => string.Join(' ', Base32(secret).Chunk(4).Select(static group => new string(group)));

    /// <summary>What the QR code holds.</summary>
    /// <param name="secret">The shared secret.</param>
    /// <param name="account">How the app names it, such as an e-mail address.</param>
    public static string Address(ReadOnlySpan<byte> secret, string account) =>
        $"otpauth://totp/Ringfence:{Uri.EscapeDataString(account)}?secret={Base32(secret)}&issuer=Ringfence&algorithm=SHA1&digits=6&period=30";

    private static string Base32(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        var (bits, held) = (0, 0);
        foreach (var one in bytes)
        {
            (bits, held) = (((bits << 8) | one) & 0xffff, held + 8);
            while (held >= 5)
                text.Append(Alphabet[(bits >> (held -= 5)) & 31]);
        }

        return held > 0 ? text.Append(Alphabet[(bits << (5 - held)) & 31]).ToString() : text.ToString();
    }
}
