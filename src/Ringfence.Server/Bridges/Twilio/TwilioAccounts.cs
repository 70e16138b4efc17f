namespace Ringfence.Server.Bridges.Twilio;

/// <summary>Which tokens sign for which controller, and how the world calls this server. Neither is kept.</summary>
/// <param name="Address">As Twilio is told to call it, without a slash at its end: <c>https://calls.example.org</c>.</param>
/// <param name="Tokens">By the controller's word; more than one while a token is exchanged.</param>
internal sealed record TwilioAccounts(string Address, IReadOnlyDictionary<string, IReadOnlyList<string>> Tokens)
{
    /// <summary>Holds <c>CONTROLLER:TOKEN</c>, more than one parted by blanks.</summary>
    public const string TokensVariable = "RINGFENCE_TWILIO";

    // Twilio's are 32 hexadecimal digits.
    private const int ShortestToken = 32;

    /// <summary>Reads them; null and nothing amiss: there are none.</summary>
    /// <param name="said">The tokens.</param>
    /// <param name="url">The address. What a request says of itself is not believed: whoever forges it would choose.</param>
    /// <param name="amiss">What is wrong: a key of the texts; null: nothing.</param>
    public static TwilioAccounts? Read(string? said, string? url, out string? amiss)
    {
        amiss = null;
        var words = (said ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
            return null;
        var tokens = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var word in words)
        {
            if (word.Split(':') is not [{ Length: > 0 } controller, { Length: >= ShortestToken } token])
            {
                amiss = "Twilio.BadTokens";
                return null;
            }

            tokens[controller] = [.. tokens.GetValueOrDefault(controller) ?? [], token];
        }

        var address = (url ?? "").TrimEnd('/');
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http") || uri.Query.Length > 0 || uri.Fragment.Length > 0 || (uri.Scheme == "http" && !uri.IsLoopback))
        {
            amiss = "Twilio.BadAddress";
            return null;
        }

        return new TwilioAccounts(address, tokens);
    }
}
