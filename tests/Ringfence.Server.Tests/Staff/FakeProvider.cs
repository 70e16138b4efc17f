using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace Ringfence.Server.Tests.Staff;

/// <summary>An identity provider on a port of its own, that hands out whatever a test wants it to.</summary>
internal sealed class FakeProvider : IAsyncDisposable
{
    public const string Client = "ringfence";
    public const string Secret = "a shared secret";

    private readonly WebApplication app;

    private FakeProvider(WebApplication app) => this.app = app;

    public RSA Key { get; } = RSA.Create(2048);

    /// <summary>One that it does not publish.</summary>
    public RSA OtherKey { get; } = RSA.Create(2048);

    public string Issuer => app.Urls.Single();

    /// <summary>What its token endpoint answers.</summary>
    public Func<string> Token { get; set; } = static () => "";

    /// <summary>What it was last asked.</summary>
    public IReadOnlyDictionary<string, string> Asked { get; private set; } = new Dictionary<string, string>();

    public string? Authorization { get; private set; }

    public static async Task<FakeProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var provider = new FakeProvider(app);
        app.MapGet("/.well-known/openid-configuration", () => Results.Text(
            $$"""
            {"issuer":"{{provider.Issuer}}","authorization_endpoint":"{{provider.Issuer}}/authorize","token_endpoint":"{{provider.Issuer}}/token","jwks_uri":"{{provider.Issuer}}/keys",
             "response_types_supported":["code"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["RS256"]}
            """, "application/json"));
        app.MapGet("/keys", () => Results.Text(provider.Keys(), "application/json"));
        app.MapPost("/token", async (HttpRequest request) =>
        {
            provider.Asked = (await request.ReadFormAsync()).ToDictionary(static field => field.Key, static field => field.Value.ToString());
            provider.Authorization = request.Headers.Authorization;
            return Results.Text($$"""{"access_token":"x","token_type":"Bearer","id_token":{{JsonSerializer.Serialize(provider.Token())}}}""", "application/json");
        });
        await app.StartAsync();
        return provider;
    }

    /// <summary>What a good token says.</summary>
    public JsonObject Claims(string nonce, DateTimeOffset now, string subject = "u-1") => new()
    {
        ["iss"] = Issuer, ["aud"] = Client, ["sub"] = subject, ["nonce"] = nonce, ["iat"] = now.ToUnixTimeSeconds(), ["exp"] = now.AddMinutes(5).ToUnixTimeSeconds(), ["email"] = "ada@acme.example", ["email_verified"] = true,
    };

    public static JsonObject Header(string algorithm = "RS256") => new() { ["alg"] = algorithm, ["typ"] = "JWT", ["kid"] = "k1" };

    /// <summary>Signs with its own key.</summary>
    public string Sign(JsonObject claims, JsonObject? header = null) => Sign(claims, header, input => Key.SignData(input, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    public static string Sign(JsonObject claims, JsonObject? header, Func<byte[], byte[]> sign)
    {
        var input = $"{Part((header ?? Header()).ToJsonString())}.{Part(claims.ToJsonString())}";
        return $"{input}.{WebEncoders.Base64UrlEncode(sign(Encoding.ASCII.GetBytes(input)))}";
    }

    public static string Part(string json) => WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(json));

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        Key.Dispose();
        OtherKey.Dispose();
    }

    private string Keys()
    {
        var key = Key.ExportParameters(false);
        return $$"""{"keys":[{"kty":"RSA","use":"sig","kid":"k1","n":"{{WebEncoders.Base64UrlEncode(key.Modulus!)}}","e":"{{WebEncoders.Base64UrlEncode(key.Exponent!)}}"}]}""";
    }
}
