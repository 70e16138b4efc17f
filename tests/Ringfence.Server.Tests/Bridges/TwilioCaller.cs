using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Ringfence.Server.Bridges.Twilio;
using Ringfence.Server.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Bridges;

/// <summary>What Twilio sends, signed as it signs.</summary>
internal static class TwilioCaller
{
    public const string Token = "0123456789abcdef0123456789abcdef";
    public const string OldToken = "fedcba9876543210fedcba9876543210";
    public const string Public = "https://calls.acme.example/rf";

    /// <summary>A house that it calls.</summary>
    public static Task<BridgeHouse> HouseAsync(string limits = RateLimit.Default) => BridgeHouse.BuildAsync(limits: limits, also: static (app, served) => TwilioHooks.Map(app, served, new TwilioAccounts(Public, new Dictionary<string, IReadOnlyList<string>>
    {
        ["acme"] = [Token, OldToken], ["other"] = [new string('9', 32)], ["nobody"] = [Token],
    })));

    public static (string, string)[] Message(string body, string sid = "SM1", string from = BridgeHouse.Ann) =>
        [("MessageSid", sid), ("AccountSid", "AC1"), ("From", from), ("To", "+442071234567"), ("Body", body), ("NumMedia", "0")];

    public static (string, string)[] Call(string to = BridgeHouse.Ann, string direction = "inbound", string sid = "CA1") =>
        [("CallSid", sid), ("AccountSid", "AC1"), ("From", "client:mary"), ("To", to), ("Direction", direction), ("CallStatus", "ringing")];

    // Written apart from what is tested: by the words of Twilio's page.
    public static string Sign(string token, string address, IEnumerable<(string Name, string Value)> form) => Convert.ToBase64String(
#pragma warning disable CA5350
        HMACSHA1.HashData(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(address + string.Concat(form.OrderBy(static one => one.Name, StringComparer.Ordinal).Select(static one => one.Name + one.Value)))));
#pragma warning restore CA5350

    public static async Task<(HttpStatusCode Status, string Text)> SendAsync(BridgeHouse house, string path, string body, string? signature, string media = "application/x-www-form-urlencoded")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(Encoding.Latin1.GetBytes(body)) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", media);
        if (signature is not null)
            request.Headers.TryAddWithoutValidation("X-Twilio-Signature", signature);
        using var response = await house.Client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public static string Encode((string Name, string Value)[] form) => string.Join('&', form.Select(static one => $"{Uri.EscapeDataString(one.Name)}={Uri.EscapeDataString(one.Value).Replace("%20", "+", StringComparison.Ordinal)}"));

    public static Task<(HttpStatusCode Status, string Text)> PostAsync(BridgeHouse house, string path, (string, string)[] form, string token = Token) =>
        SendAsync(house, path[1..], Encode(form), Sign(token, Public + path, form));

    public static XElement TwiML((HttpStatusCode Status, string Text) answer)
    {
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var root = XDocument.Parse(answer.Text).Root!;
        Assert.Equal("Response", root.Name);
        return root;
    }
}
