using System.Security.Cryptography;
using System.Text;

namespace Ringfence.Server.Bridges.Twilio;

/// <summary>Tells whether a request is Twilio's: HMAC-SHA1 under the account's token over the address and what was sent.</summary>
/// <remarks>
/// Source: https://www.twilio.com/docs/usage/security, "Validating requests". Of a form: the whole address with its query, then every name and value, sorted by name, with nothing
/// between. Of any other body: the address alone, whose <c>bodySHA256</c> is the SHA-256 of the body in hexadecimal.
/// </remarks>
internal static class TwilioSignature
{
    private const string BodyDigest = "bodySHA256";

    /// <summary>Whether the signature is right for a form.</summary>
    public static bool IsOfForm(IEnumerable<string> tokens, string address, IEnumerable<KeyValuePair<string, string>> form, string? signature)
    {
        var sent = new StringBuilder();
        // Of a name that stands more than once each value counts once, sorted.
        foreach (var (name, value) in form.Distinct().OrderBy(static one => one.Key, StringComparer.Ordinal).ThenBy(static one => one.Value, StringComparer.Ordinal))
            sent.Append(name).Append(value);
        return IsRight(tokens, address, sent.ToString(), signature);
    }

    /// <summary>Whether the signature is right for another body.</summary>
    public static bool IsOfBody(IEnumerable<string> tokens, string address, ReadOnlySpan<byte> body, string? signature)
    {
        var query = address.IndexOf('?', StringComparison.Ordinal) is var at && at < 0 ? "" : address[(at + 1)..];
        var digests = query.Split('&').Where(static part => part.StartsWith(BodyDigest + "=", StringComparison.Ordinal)).ToList();
        return digests is [var digest]
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(digest[(BodyDigest.Length + 1)..].ToLowerInvariant()), Encoding.UTF8.GetBytes(Convert.ToHexStringLower(SHA256.HashData(body))))
            && IsRight(tokens, address, "", signature);
    }

    private static bool IsRight(IEnumerable<string> tokens, string address, string sent, string? signature)
    {
        if (signature is null)
            return false;
        var shown = Encoding.UTF8.GetBytes(signature);
        var isRight = false;
        // All are tried whichever is right: how long it takes tells nothing.
        foreach (var token in tokens)
        {
            foreach (var one in Spellings(address))
                isRight |= CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Compute(token, one + sent)), shown);
        }

        return isRight;
    }

    /// <summary>The signature of something under a token.</summary>
#pragma warning disable CA5350 // what Twilio signs by; HMAC stands on more than the collisions of its digest
    public static string Compute(string token, string signed) => Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(signed)));
#pragma warning restore CA5350

    // The port that goes without saying is sometimes said.
    private static IEnumerable<string> Spellings(string address)
    {
        yield return address;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || !uri.IsDefaultPort)
            yield break;
        var host = $"{uri.Scheme}://{uri.Host}";
        var port = FormattableString.Invariant($":{uri.Port}");
        if (address.StartsWith(host + port, StringComparison.OrdinalIgnoreCase))
            yield return host + address[(host.Length + port.Length)..];
        else if (address.StartsWith(host, StringComparison.OrdinalIgnoreCase))
            yield return host + port + address[host.Length..];
    }
}
