using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ringfence.Server.Tests.Pages;
using Xunit;

namespace Ringfence.Journeys;

/// <summary>The program, serving a firm of which everything that anybody could write was written to do harm: its name, what it asks with, what people and other programs send. Of each text it can be told which it was.</summary>
public sealed partial class HostileHouse : IAsyncLifetime
{
    public const string Ann = "+447400123401";
    public const string Bob = "+447400123402";
    public const string Closed = "+447400123403";
    public const string Mail = "mal@example.org";

    private const string Secret = "whoever-knows-this-may-write-in";
    private const string SecretVariable = "RINGFENCE_JOURNEY_INBOUND";
    // So that every text takes another turn than its neighbour; three hundred is no multiple of it.
    private const int Stride = 7;

    private static readonly string[] Channels = ["sms", "voice"];
    private static readonly string[] Purposes = ["offers"];

    private readonly ServingProcess server = new();
    private readonly List<string> fields = [];
    private readonly HttpClient http = new();
    private int turn;

    public HostileHouse() => Outbox = new(Path.Combine(server.Folder, "outbox"));

    /// <summary>Where it is, as browsers reach it.</summary>
    public string Url => server.Url;

    /// <summary>Where the first account is made.</summary>
    public string SetUp { get; private set; } = "";

    /// <summary>The digest of the wording by which people were asked.</summary>
    public string Wording { get; private set; } = "";

    /// <summary>Every field that something was written into.</summary>
    public IReadOnlyList<string> Fields => fields;

    internal Outbox Outbox { get; }

    /// <summary>How the text of a field is told from all others.</summary>
    public static string MarkOf(string field) => $"~{field}~";

    /// <summary>Something harmful for a field.</summary>
    public string Write(string field)
    {
        fields.Add(field);
        turn = (turn + Stride) % HostilePayloads.All.Count;
        var payload = HostilePayloads.All[turn];
        // Blanks at the ends are taken off, or refused.
        return payload[0] == ' ' ? MarkOf(field) + payload : $"{payload} {MarkOf(field)}";
    }

    public async ValueTask InitializeAsync()
    {
        var party = await SampleAsync("party-ringmuster.yaml", "acme", ("Ringmuster Ltd", Quoted("legal-name")), ("1 Example Street, Musterham", Quoted("legal-address")), ("Data protection", Quoted("officer")));
        var wording = await SampleAsync("wording-offers.yaml", "acme", ("Ringmuster Ltd", "Acme Ltd"), ("storage: [DE]", $"storage: [DE]\n  recipients: [{Quoted("wording-recipient")}]\n  authority: {Quoted("wording-authority")}"));
        var form = await SampleAsync(
            "form-offers.yaml", "acme", ("Ringmuster Ltd", "Acme Ltd"), ("[GB, DE, SG, TW, US]", "[GB]"), ("en: offers for kitchen appliances", "en: " + Quoted("form-purpose", "offers for kitchens ")), ("en: surveys on our service", "en: " + Quoted("form-research", "surveys on our service ")),
            ("en: May we tell you about kitchens?", "en: " + Quoted("form-heading")), ("  - { kind: field, name: phone", $"  - {{ kind: text, name: intro, texts: {{ en: {Quoted("form-text")}, zh-Hans: 您好, zh-Hant: 您好, de: Hallo }} }}\n  - {{ kind: field, name: phone"),
            ("order: [title,", "order: [title, intro,"));
        // The words themselves are checked against their fields; what stands behind them is checked against nothing.
        wording = More().Replace(wording, match => match.Value + " " + Write("wording-text"), 1);
        await server.WriteAsync("channels.yaml", $$"""
            format: ringfence/channels/v1
            gateways:
              - { name: folder, kind: file, folder: outbox }
            inbound:
              - { kind: kannel, controller: acme, secret-env: {{SecretVariable}} }
              - { kind: mail, controller: acme, secret-env: {{SecretVariable}} }
            codes: { places: [GB], per-source-and-hour: 1000, per-prefix-and-hour: 1000 }
            """);
        var settings = await server.WriteAsync("ringfence.yaml", "channels: channels.yaml\n");
        await server.RunAsync("controller", "add", "acme", "--party", await server.WriteAsync("party.yaml", party));
        Wording = (await server.RunAsync("wording", "publish", await server.WriteAsync("wording.yaml", wording))).Split(' ')[^1].Trim();
        await server.RunAsync("form", "publish", await server.WriteAsync("form.yaml", form));
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await server.RunAsync("keys", "api", "add", Write("key-of-the-command-line"), "--scopes", "decide,permit,consent,withdraw,suppress", "--quiet")).Trim());

        http.BaseAddress = new Uri(Url);
        SetUp = await server.StartAsync(
            ["--facts", "samples/standing-facts.yaml", "--public-url", Url, "--config", settings],
            (SecretVariable, Secret), ("RINGFENCE_WEBHOOK_HTTP", "loopback"), ("RINGFENCE_WEBHOOK_NETWORKS", "127.0.0.0/8"));
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await server.DisposeAsync();
    }

    /// <summary>Calls the API as a program of the house.</summary>
    public async Task<JsonElement> CallAsync(string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/" + path) { Content = JsonContent.Create(body), Headers = { { "Idempotency-Key", Guid.NewGuid().ToString() } } };
        return JsonSerializer.Deserialize<JsonElement>(await SendAsync(request));
    }

    /// <summary>Has somebody say yes to the wording, with what shows it.</summary>
    /// <returns>The person.</returns>
    public async Task<string> SaysYesAsync(string to, string name, Dictionary<string, object> evidence)
    {
        var more = new Dictionary<string, object> { ["format"] = "ringfence/consent-evidence/v1", ["method"] = "checkbox", ["ip"] = "192.0.2.7" };
        foreach (var (key, value) in evidence)
            more[key] = value;
        return (await CallAsync("consents", new { to, name, wording = Wording, language = "en", channels = Channels, purposes = Purposes, evidence = more })).GetProperty("sid").GetString()!;
    }

    /// <summary>A text message comes in.</summary>
    public async Task WritesAsync(string from, string words, string id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/hooks/kannel/acme/{Secret}?id={id}") { Content = new StringContent(words, Encoding.UTF8, "text/plain") };
        request.Headers.Add("X-Kannel-From", from.TrimStart('+'));
        request.Headers.Add("X-Kannel-To", "85290000000");
        await SendAsync(request);
    }

    /// <summary>A mail comes in.</summary>
    public async Task MailsAsync(string from, string subject, string words)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/hooks/mail/acme/{Secret}")
        {
            Content = new StringContent($"From: {from}\r\nTo: hello@acme.example\r\nSubject: {subject}\r\nMessage-ID: <1@example.org>\r\n\r\n{words}\r\n", Encoding.UTF8, "message/rfc822"),
        };
        await SendAsync(request);
    }

    private async Task<string> SendAsync(HttpRequestMessage request)
    {
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{request.RequestUri}: {answer.StatusCode} {text}");
        return text;
    }

    private static async Task<string> SampleAsync(string name, string word, params (string From, string To)[] changes)
    {
        var text = (await File.ReadAllTextAsync(Path.Combine(RingfenceProcess.Root, "samples", name))).Replace("id: ringmuster", "id: " + word, StringComparison.Ordinal);
        foreach (var (from, to) in changes)
        {
            Assert.Contains(from, text, StringComparison.Ordinal);
            text = text.Replace(from, to, StringComparison.Ordinal);
        }

        return text;
    }

    // As JSON and YAML both read it.
    private string Quoted(string field, string before = "") => JsonSerializer.Serialize(before + Write(field));

    [GeneratedRegex("More is in the privacy notice\\.")]
    private static partial Regex More();
}
