using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ringfence.Server.Webhooks;
using Ringfence.Webhooks;
using Xunit;

namespace Ringfence.Server.Tests.Webhooks;

/// <summary>What somebody names as a receiver is no way into this house.</summary>
public sealed class WebhookReachTests
{
    private static readonly byte[] Secret = new byte[32];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Forbidden()
    {
        var cases = new TheoryData<string, string>();
        using var file = new StreamReader(typeof(WebhookReachTests).Assembly.GetManifestResourceStream("forbidden-urls.tsv")!);
        while (file.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
                cases.Add(line.Split('\t')[0], line.Split('\t').ElementAtOrDefault(1) ?? "");
        }

        return cases;
    }

    [Fact]
    public void There_are_more_than_120_of_them() => Assert.True(Forbidden().Count > 120);

    [Theory, MemberData(nameof(Forbidden))]
    public async Task Nothing_is_connected_to(string url, string answers)
    {
        var connected = new List<IPEndPoint>();
        using var sender = Sender(WebhookReach.Internet, answers, connected);
        var sent = await sender.SendAsync(url, [Secret], "msg_1", "{}"u8.ToArray(), Cancel);
        Assert.Empty(connected);
        Assert.NotNull(sent.Fault);
        Assert.Null(sent.Status);
    }

    [Theory]
    [InlineData("https://example.com/hook?a=b", "93.184.216.34", "93.184.216.34:443")]
    [InlineData("https://EXAMPLE.com:8443/", "93.184.216.34", "93.184.216.34:8443")]
    [InlineData("https://example.com/", "2606:2800:220:1::1", "[2606:2800:220:1::1]:443")]
    [InlineData("https://bücher.example/", "93.184.216.34", "93.184.216.34:443")]
    [InlineData("https://93.184.216.34/", "", "93.184.216.34:443")]
    [InlineData("https://[2606:2800:220:1::1]/", "", "[2606:2800:220:1::1]:443")]
    public async Task The_open_internet_is_reached_at_the_very_address_that_was_looked_at(string url, string answers, string to)
    {
        var connected = new List<IPEndPoint>();
        using var sender = Sender(WebhookReach.Internet, answers, connected);
        Assert.Equal("connection", (await sender.SendAsync(url, [Secret], "msg_1", "{}"u8.ToArray(), Cancel)).Fault);
        Assert.Equal([to], connected.Select(static one => one.ToString()));
    }

    [Fact]
    public async Task A_name_is_looked_up_once_for_a_connection_so_that_it_can_not_lead_elsewhere_in_between()
    {
        var asked = 0;
        var connected = new List<IPEndPoint>();
        using var sender = new WebhookSender(
            WebhookReach.Internet, TimeProvider.System,
            (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(asked++ == 0 ? "93.184.216.34" : "127.0.0.1")]),
            (to, _) =>
            {
                connected.Add(to);
                throw new IOException();
            });
        Assert.Equal("connection", (await sender.SendAsync("https://rebind.example/", [Secret], "msg_1", "{}"u8.ToArray(), Cancel)).Fault);
        Assert.Equal((1, "93.184.216.34:443"), (asked, Assert.Single(connected).ToString()));
        // The next time it leads here, and is not followed.
        Assert.Equal("address", (await sender.SendAsync("https://rebind.example/", [Secret], "msg_1", "{}"u8.ToArray(), Cancel)).Fault);
        Assert.Equal((2, 1), (asked, connected.Count));
    }

    [Fact]
    public async Task A_second_address_of_a_name_is_tried_where_the_first_does_not_answer()
    {
        var connected = new List<IPEndPoint>();
        using var sender = Sender(WebhookReach.Internet, "93.184.216.34 93.184.216.35", connected, static () => new System.Net.Sockets.SocketException(111));
        Assert.Equal("connection", (await sender.SendAsync("https://example.com/", [Secret], "msg_1", "{}"u8.ToArray(), Cancel)).Fault);
        Assert.Equal(["93.184.216.34:443", "93.184.216.35:443"], connected.Select(static one => one.ToString()));
    }

    [Theory]
    [InlineData("10.1.0.0/16", "https://crm.example:9443/", "10.1.2.3", true)]
    [InlineData("10.1.0.0/16", "https://10.1.2.3:9443/", "", true)]
    [InlineData("10.1.0.0/16", "https://crm.example/", "10.2.0.1", false)]
    [InlineData("10.1.0.0/16", "https://crm.example/", "10.1.0.1 10.2.0.1", false)]
    [InlineData("10.1.0.0/16", "https://crm.example:9443/", "93.184.216.34", false)]
    [InlineData("10.1.0.0/16", "http://10.1.0.1/", "", false)]
    [InlineData("fd00:1::/64", "https://crm.example/", "fd00:1::5", true)]
    [InlineData("10.1.2.3", "https://10.1.2.3/", "", true)]
    [InlineData("10.1.2.3", "https://10.1.2.4/", "", false)]
    [InlineData("10.1.0.0/16", "https://[::ffff:10.1.0.1]/", "", false)]
    [InlineData("", "https://10.1.0.1/", "", false)]
    public async Task A_network_is_reached_where_whoever_runs_the_program_named_it(string networks, string url, string answers, bool reached)
    {
        Assert.True(WebhookReach.TryRead(networks, false, out var reach));
        var connected = new List<IPEndPoint>();
        using var sender = Sender(reach, answers, connected);
        _ = await sender.SendAsync(url, [Secret], "msg_1", "{}"u8.ToArray(), Cancel);
        Assert.Equal(reached ? 1 : 0, connected.Count);
    }

    [Theory]
    [InlineData("127.0.0.0/8", true, "http://127.0.0.1:5000/", true)]
    [InlineData("127.0.0.0/8", false, "http://127.0.0.1:5000/", false)]
    [InlineData("", true, "http://127.0.0.1:5000/", false)]
    [InlineData("10.0.0.0/8", true, "http://10.0.0.1/", false)]
    [InlineData("0.0.0.0/0", true, "http://93.184.216.34/", false)]
    public async Task Without_tls_nothing_but_this_machine_is_reached_and_only_if_both_were_said(string networks, bool http, string url, bool reached)
    {
        Assert.True(WebhookReach.TryRead(networks, http, out var reach));
        var connected = new List<IPEndPoint>();
        using var sender = Sender(reach, "", connected);
        _ = await sender.SendAsync(url, [Secret], "msg_1", "{}"u8.ToArray(), Cancel);
        Assert.Equal(reached ? 1 : 0, connected.Count);
    }

    [Theory]
    [InlineData("10.0.0.0/33")]
    [InlineData("all")]
    [InlineData("10.0.0.0/8;11.0.0.0/8")]
    public void A_network_that_is_none_is_told(string networks) => Assert.False(WebhookReach.TryRead(networks, false, out _));

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused_before_anything_is_said()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        await using var app = builder.Build();
        var heard = 0;
        app.MapFallback(_ =>
        {
            heard++;
            return Task.CompletedTask;
        });
        await app.StartAsync(Cancel);
        using var sender = new WebhookSender(Receiver.Reach, TimeProvider.System);
        Assert.Equal("tls", (await sender.SendAsync(app.Urls.Single() + "/", [Secret], "msg_1", "{}"u8.ToArray(), Cancel)).Fault);
        Assert.Equal(0, heard);
    }

    private static WebhookSender Sender(WebhookReach reach, string answers, List<IPEndPoint> connected, Func<Exception>? failure = null) => new(
        reach, TimeProvider.System,
        (name, _) => Task.FromResult<IPAddress[]>(answers is "" ? throw new InvalidOperationException($"{name} was looked up.") : answers is "-" ? [] : [.. answers.Split(' ').Select(IPAddress.Parse)]),
        (to, _) =>
        {
            connected.Add(to);
            throw failure?.Invoke() ?? new IOException();
        });
}
