using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using NodaTime;

namespace Ringfence.Server.Staff;

/// <summary>Whom an identity provider vouches for.</summary>
/// <param name="Key">Of the issuer and its word for them: no address, which another may have tomorrow.</param>
/// <param name="Subject">Its word for them.</param>
/// <param name="Called">How it calls them, for people to read; null: it does not say.</param>
/// <param name="HasSecond">Whether they showed it a second factor.</param>
/// <param name="ShownAt">When they last showed it that it is them; null: it does not say.</param>
internal sealed record Vouched(byte[] Key, string Subject, string? Called, bool HasSecond, Instant? ShownAt);

/// <summary>What is begun when somebody goes to sign in elsewhere.</summary>
/// <param name="Since">Where they have to show there anew that it is them, the second in which they were sent; null: who is signed in there is believed.</param>
internal sealed record OutsideStep(string State, string Nonce, string Verifier, string Next, long? Since);

/// <summary>Signing in at an identity provider: OpenID Connect, by code with proof (PKCE).</summary>
/// <remarks>Source: OpenID Connect Core 1.0, 3.1.3.7; RFC 9700; RFC 9207; OWASP ASVS 5.0, 10.5. Keys and endpoints come from the issuer's own metadata, and algorithms from here.</remarks>
internal sealed class Outside
{
    /// <summary>Where the provider sends people back to.</summary>
    public const string BackPath = "/sign-in/outside/back";

    private const int MostBytes = 1 << 20;
    private const int MostSubject = 255;

    // With shared secrets whoever can check a token could make one, and with none anybody could.
    private static readonly string[] Algorithms = [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.EcdsaSha256];

    // For as long as the program runs. A provider that leads elsewhere is not followed.
    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = TimeSpan.FromSeconds(10), MaxResponseContentBufferSize = MostBytes,
    };

    private static readonly Duration Skew = Duration.FromMinutes(1);
    private static readonly Duration Fresh = Duration.FromMinutes(5);

    private readonly OutsideOptions options;
    private readonly Accounts accounts;
    private readonly ConfigurationManager<OpenIdConnectConfiguration> metadata;
    private readonly JsonWebTokenHandler tokens = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = 64 << 10 };

    public Outside(OutsideOptions options, Accounts accounts)
    {
        (this.options, this.accounts) = (options, accounts);
        metadata = new ConfigurationManager<OpenIdConnectConfiguration>(
            options.Name.TrimEnd('/') + "/.well-known/openid-configuration", new OpenIdConnectConfigurationRetriever(), new HttpDocumentRetriever(Http) { RequireHttps = options.Issuer.Scheme == Uri.UriSchemeHttps });
    }

    /// <summary>How the provider is called: its host.</summary>
    public string Host => options.Issuer.Host;

    /// <summary>Where to go, and what has to be known when they come back.</summary>
    /// <param name="anew">Whether they have to show there anew that it is them.</param>
    /// <exception cref="HttpRequestException">The provider does not answer, or not as it has to.</exception>
    public async Task<(string Address, OutsideStep Step)> BeginAsync(string root, string next, bool anew, CancellationToken cancel)
    {
        var known = await MetadataAsync(cancel);
        var step = new OutsideStep(Token.New(), Token.New(), Token.New(), next, anew ? accounts.Now.ToUnixTimeSeconds() : null);
        var address = QueryHelpers.AddQueryString(known.AuthorizationEndpoint, new Dictionary<string, string?>
        {
            ["response_type"] = "code", ["client_id"] = options.Client, ["redirect_uri"] = root + BackPath, ["scope"] = "openid", ["state"] = step.State, ["nonce"] = step.Nonce,
            ["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(step.Verifier))), ["code_challenge_method"] = "S256",
        });
        // Source: OpenID Connect Core 1.0, 3.1.2.1: with max_age the provider has to say auth_time.
        return (anew ? QueryHelpers.AddQueryString(address, new Dictionary<string, string?> { ["prompt"] = "login", ["max_age"] = "0" }) : address, step);
    }

    /// <summary>Whom the provider vouches for, given what it sent them back with; null: nobody.</summary>
    /// <exception cref="HttpRequestException">The provider does not answer, or not as it has to.</exception>
    public async Task<Vouched?> EndAsync(IQueryCollection query, OutsideStep step, string root, CancellationToken cancel)
    {
        var known = await MetadataAsync(cancel);
        if (query["state"] is not [{ } state] || !Same(state, step.State) || query["code"] is not [{ Length: > 0 } code])
            return null;
        // Which of several providers answers, so that one can't pass for another.
        var mustSay = known.AdditionalData.TryGetValue("authorization_response_iss_parameter_supported", out var says) && says is true or JsonElement { ValueKind: JsonValueKind.True };
        if (query["iss"] is not ([] or [_]) || (query["iss"] is [{ } issuer] ? issuer != options.Name : mustSay))
            return null;
        return await RedeemAsync(known, code, step.Verifier, root, cancel) is { } token ? await JudgeAsync(known, token, step.Nonce, cancel) : null;
    }

    private static bool Same(string a, string b) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(a), Encoding.UTF8.GetBytes(b));

    private async Task<OpenIdConnectConfiguration> MetadataAsync(CancellationToken cancel)
    {
        OpenIdConnectConfiguration known;
        try
        {
            known = await metadata.GetConfigurationAsync(cancel);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or ArgumentException or JsonException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new HttpRequestException("The identity provider tells nothing of itself.", e);
        }

        // Metadata of another would bring that one's keys.
        if (known.Issuer != options.Name || !IsUsable(known.AuthorizationEndpoint) || !IsUsable(known.TokenEndpoint))
            throw new HttpRequestException("The identity provider calls itself by another name.");
        return known;
    }

    private bool IsUsable(string? address) => Uri.TryCreate(address, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback && options.Issuer.IsLoopback));

    private async Task<string?> RedeemAsync(OpenIdConnectConfiguration known, string code, string verifier, string root, CancellationToken cancel)
    {
        var fields = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code", ["code"] = code, ["redirect_uri"] = root + BackPath, ["code_verifier"] = verifier, ["client_id"] = options.Client,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, known.TokenEndpoint) { Content = new FormUrlEncodedContent(fields) };
        if (options.Secret.Length > 0)
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(options.Client)}:{Uri.EscapeDataString(options.Secret)}")));
        try
        {
            using var response = await Http.SendAsync(request, cancel);
            if (!response.IsSuccessStatusCode)
                return null;
            using var json = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancel));
            return json.RootElement is { ValueKind: JsonValueKind.Object } body && body.TryGetProperty("id_token", out var token) && token.ValueKind == JsonValueKind.String ? token.GetString() : null;
        }
        catch (Exception e) when (e is JsonException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new HttpRequestException("The identity provider does not answer as it has to.", e);
        }
    }

    private async Task<Vouched?> JudgeAsync(OpenIdConnectConfiguration known, string token, string nonce, CancellationToken cancel)
    {
        var result = await tokens.ValidateTokenAsync(token, Wanted(known));
        // Keys are changed now and then: those of this moment are asked for, once.
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException)
        {
            metadata.RequestRefresh();
            result = await tokens.ValidateTokenAsync(token, Wanted(await MetadataAsync(cancel)));
        }

        if (!result.IsValid || result.SecurityToken is not JsonWebToken read)
            return null;
        // An access token is no proof of who somebody is; what has to be understood and is not, is refused.
        if (read.Typ is not (null or "" or "JWT" or "jwt") || read.TryGetHeaderValue<object>("crit", out _) || read.InnerToken is not null)
            return null;
        var audiences = read.Audiences.ToList();
        var party = Text(read, "azp");
        if (audiences is not [_] && party is null || (party is not null && party != options.Client))
            return null;
        if (Text(read, "nonce") is not { } said || !Same(said, nonce))
            return null;
        if (!read.TryGetPayloadValue<long>("iat", out var at) || !IsNow(at))
            return null;
        if (Text(read, "sub") is not { Length: > 0 and <= MostSubject } subject || subject.Any(static c => char.IsControl(c)))
            return null;
        // A time to come is none.
        Instant? shown = read.TryGetPayloadValue<long>("auth_time", out var when) && when is > 0 and < 1L << 40 && Instant.FromUnixTimeSeconds(when) is var then && then <= accounts.Now + Skew ? then : null;
        var ways = read.TryGetPayloadValue<string[]>("amr", out var list) ? list : [];
        var called = Text(read, "email") ?? Text(read, "preferred_username") ?? Text(read, "name");
        return new Vouched(await accounts.OutsideAsync(read.Issuer, subject, cancel), subject, called, ways.Contains("mfa"), shown);
    }

    /// <summary>Whether they showed there that it is them after they were sent.</summary>
    public static bool IsAnew(OutsideStep step, Vouched vouched) => step.Since is { } since && vouched.ShownAt is { } at && at >= Instant.FromUnixTimeSeconds(since) - Skew;

    private bool IsNow(long seconds) => seconds is > 0 and < 1L << 40 && Instant.FromUnixTimeSeconds(seconds) is var at && at <= accounts.Now + Skew && at >= accounts.Now - Fresh;

    private static string? Text(JsonWebToken token, string claim) => token.TryGetPayloadValue<object>(claim, out var value) ? value as string : null;

    private TokenValidationParameters Wanted(OpenIdConnectConfiguration known) => new()
    {
        ValidIssuer = options.Name,
        ValidAudience = options.Client,
        ValidAlgorithms = Algorithms,
        IssuerSigningKeys = known.SigningKeys,
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        RequireAudience = true,
        IgnoreTrailingSlashWhenValidatingAudience = false,
        ValidateIssuerSigningKey = true,
        TryAllIssuerSigningKeys = false,
        LifetimeValidator = (from, until, _, _) =>
            until is { } end && Instant.FromDateTimeUtc(DateTime.SpecifyKind(end, DateTimeKind.Utc)) > accounts.Now - Skew
            && (from is not { } begin || Instant.FromDateTimeUtc(DateTime.SpecifyKind(begin, DateTimeKind.Utc)) <= accounts.Now + Skew),
    };
}

[System.Text.Json.Serialization.JsonSerializable(typeof(OutsideStep))]
internal sealed partial class OutsideJson : System.Text.Json.Serialization.JsonSerializerContext;
