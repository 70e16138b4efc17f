using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Ringfence.Server.Pages;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.Codes;

/// <summary>What a browser worked for a code, so that asking for thousands costs whoever has programs do it: a number of which the hash, with a seed of this page, begins with zeros.</summary>
/// <param name="Seed">What it worked on; null: it did no work, or not enough, or too long ago.</param>
/// <remarks>Browsers without scripts do none. What goes to them has a limit of its own, which nobody else's flood takes from those who worked.</remarks>
internal sealed record CodeWork(string? Seed)
{
    /// <summary>Rounds of PBKDF2 with SHA-256 for each try: as fast in a browser as in any program, and a millisecond for whoever checks one.</summary>
    private const int Rounds = 2_000;

    private const string Use = "ringfence/code-work/v1";
    private const int MinuteBytes = 4;
    private const int RandomBytes = 8;
    private const int MacBytes = 12;
    private const int LongestNumber = 16;

    // As long as somebody may sit before a form.
    private static readonly Duration GoodFor = Duration.FromHours(3);

    /// <summary>What a page carries in its head, so that its form brings work along; empty where none is asked for.</summary>
    public static async Task<string> ScriptAsync(PageCall call)
    {
        var bits = call.Served.Gateways.File.Codes.Work;
        if (bits == 0)
            return "";
        var seed = NewSeed(await KeyAsync(call), call.Ledger.Ledger, call.Now);
        return string.Create(CultureInfo.InvariantCulture, $"<script src=\"{WebUtility.HtmlEncode(PageFiles.Address("work.js"))}\" data-seed=\"{seed}\" data-bits=\"{bits}\" defer></script>");
    }

    /// <summary>What came with a form; null where nothing is asked for.</summary>
    public static async Task<CodeWork?> OfAsync(PageCall call, string? sent)
    {
        var bits = call.Served.Gateways.File.Codes.Work;
        return bits == 0 ? null : Read(await KeyAsync(call), call.Ledger.Ledger, bits, sent, call.Now);
    }

    /// <summary>A seed for a page that is shown now.</summary>
    internal static string NewSeed(SecretKey key, long ledger, Instant now)
    {
        Span<byte> seed = stackalloc byte[MinuteBytes + RandomBytes + MacBytes];
        BinaryPrimitives.WriteUInt32BigEndian(seed, (uint)(now.ToUnixTimeSeconds() / NodaConstants.SecondsPerMinute));
        RandomNumberGenerator.Fill(seed.Slice(MinuteBytes, RandomBytes));
        Mac(key, ledger, seed).CopyTo(seed[(MinuteBytes + RandomBytes)..]);
        return Base64Url.EncodeToString(seed);
    }

    /// <summary>What a browser sent: the seed, a full stop, the number it found.</summary>
    internal static CodeWork Read(SecretKey key, long ledger, int bits, string? sent, Instant now)
    {
        var none = new CodeWork((string?)null);
        Span<byte> seed = stackalloc byte[MinuteBytes + RandomBytes + MacBytes];
        if (sent?.Split('.') is not [var text, { Length: > 0 and <= LongestNumber } number] || text.Length != Base64Url.GetEncodedLength(seed.Length) || !number.All(char.IsAsciiDigit)
            || !Base64Url.TryDecodeFromChars(text, seed, out var written) || written != seed.Length
            || !CryptographicOperations.FixedTimeEquals(Mac(key, ledger, seed), seed[(MinuteBytes + RandomBytes)..]))
        {
            return none;
        }

        var shown = Instant.FromUnixTimeSeconds(BinaryPrimitives.ReadUInt32BigEndian(seed) * (long)NodaConstants.SecondsPerMinute);
        return now < shown || now - shown > GoodFor || !IsFound(text, number, bits) ? none : new CodeWork(text);
    }

    /// <summary>Whether a number is one that was looked for.</summary>
    internal static bool IsFound(string seed, string number, int bits)
    {
        Span<byte> hash = stackalloc byte[sizeof(uint)];
        Rfc2898DeriveBytes.Pbkdf2(Encoding.ASCII.GetBytes(number), Encoding.ASCII.GetBytes(seed), hash, Rounds, HashAlgorithmName.SHA256);
        return BitOperations.LeadingZeroCount(BinaryPrimitives.ReadUInt32BigEndian(hash)) >= bits;
    }

    private static Span<byte> Mac(SecretKey key, long ledger, ReadOnlySpan<byte> seed) =>
        key.Mac(Use, string.Create(CultureInfo.InvariantCulture, $"{ledger}:{Convert.ToHexString(seed[..(MinuteBytes + RandomBytes)])}")).AsSpan(0, MacBytes);

    private static async ValueTask<SecretKey> KeyAsync(PageCall call) => await call.Installation.Keyring.TokenKeyAsync(call.Cancel);
}
