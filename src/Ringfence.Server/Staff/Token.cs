using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Ringfence.Server.Staff;

/// <summary>256 random bits that open something: shown once, kept as a hash.</summary>
internal static class Token
{
    /// <summary>Characters of one.</summary>
    public const int Length = 43;

    /// <summary>A new one.</summary>
    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>As it is kept.</summary>
    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>Whether a text can be one; what can't is asked of no store.</summary>
    public static bool Is(string? text) => text is { Length: Length } && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
