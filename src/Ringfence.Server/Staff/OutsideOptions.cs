namespace Ringfence.Server.Staff;

/// <summary>An identity provider that vouches for staff: OpenID Connect.</summary>
/// <param name="Issuer">As its tokens name it, to the letter; its metadata is below.</param>
/// <param name="Client">How it knows this program.</param>
/// <param name="Secret">What the two share; empty: nothing, the proof of the code is enough for it.</param>
internal sealed record OutsideOptions(Uri Issuer, string Client, string Secret)
{
    public const string IssuerVariable = "RINGFENCE_OIDC_ISSUER";
    public const string ClientVariable = "RINGFENCE_OIDC_CLIENT";
    public const string KeyVariable = "RINGFENCE_OIDC_KEY";

    /// <summary>As its tokens name it.</summary>
    public required string Name { get; init; }

    /// <summary>Reads what the environment says; null: there is none.</summary>
    /// <param name="wrong">Whether what it says can't be used.</param>
    public static OutsideOptions? Read(Func<string, string?> environment, out bool wrong)
    {
        var (issuer, client) = (environment(IssuerVariable), environment(ClientVariable));
        wrong = false;
        if (string.IsNullOrEmpty(issuer) && string.IsNullOrEmpty(client))
            return null;
        // Over an open network anybody could hand out keys in the provider's name.
        wrong = string.IsNullOrEmpty(client) || !Uri.TryCreate(issuer, UriKind.Absolute, out var url) || url is not { Query: "", Fragment: "", UserInfo: "" }
            || !(url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback));
        return wrong ? null : new OutsideOptions(new Uri(issuer!), client!, environment(KeyVariable) ?? "") { Name = issuer! };
    }
}
