using System.Diagnostics.CodeAnalysis;

namespace Ringfence.Webhooks;

/// <summary>What signs the messages of one endpoint: <c>whsec_</c> and 24 to 64 bytes in base64, as the Standard Webhooks specification writes it.</summary>
public static class WebhookSecret
{
    /// <summary>How many bytes one of ours has.</summary>
    public const int Size = 32;

    private const string Mark = "whsec_";
    private const int Fewest = 24;
    private const int Most = 64;

    /// <summary>As it is shown, once.</summary>
    public static string Show(ReadOnlySpan<byte> secret) => Mark + Convert.ToBase64String(secret);

    /// <summary>Reads one as it was shown.</summary>
    public static bool TryRead(string? text, [NotNullWhen(true)] out byte[]? secret)
    {
        secret = null;
        if (text?.StartsWith(Mark, StringComparison.Ordinal) != true)
            return false;
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text[Mark.Length..], bytes, out var length) || length is < Fewest or > Most)
            return false;
        secret = bytes[..length];
        return true;
    }
}
