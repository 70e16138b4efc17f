using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Ringfence.Gateways;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Codes;
using Ringfence.Server.Gateways;
using Ringfence.Server.Tests.Bridges;
using Xunit;

namespace Ringfence.Server.Tests.Gateways;

/// <summary>Programs that are not ours at the other end: a Kannel with its imitation of a carrier, and a mail server, all on this machine.</summary>
public sealed partial class RealPathTests
{
    private const string Ann = BridgeHouse.Ann;
    private const string FakeCarrier = "/usr/lib/kannel/test/fakesmsc";
    internal const string Python = "/usr/bin/python3";
    private const string Session = "c2Vzc2lvbi1vZi1hLWZvcm0";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [GeneratedRegex(@"\d{5}[+ ]\d{5}")]
    private static partial Regex Code();

    [Fact]
    public async Task A_code_reaches_the_carrier_whose_reports_and_a_stop_from_there_are_heard()
    {
        Assert.SkipUnless(Programs.Has("bearerbox") && Programs.Has("smsbox") && File.Exists(FakeCarrier), "No Kannel: apt-get install kannel kannel-extras.");
        using var folder = new GatewayFolder();
        var (admin, box, carrier, send) = (FreePort(), FreePort(), FreePort(), FreePort());
        var (own, heard) = (FreePort(), new ConcurrentQueue<string>());
        using var gateways = folder.Open($$"""
            format: ringfence/channels/v1
            reach: { networks: [127.0.0.0/8], http: loopback }
            gateways:
              - { name: texts, kind: kannel, url: "http://127.0.0.1:{{send}}/cgi-bin/sendsms", user: u, password-env: PASSWORD, from: "85290000000", reports: "http://127.0.0.1:{{own}}" }
            inbound:
              - { kind: kannel, controller: acme, secret-env: IN }
            codes: { places: [GB] }
            """);
        await using var house = await BridgeHouse.BuildAsync(also: (app, served) =>
        {
            app.Use(async (http, next) =>
            {
                await next(http);
                if (http.Request.Path.Value!.Contains("/report/", StringComparison.Ordinal))
                    heard.Enqueue($"{http.Response.StatusCode} {http.Request.Query["status"]} {http.Request.Query["answer"]}");
            });
            InboundHooks.Map(app, served);
        }, gateways: gateways, port: own);
        await house.YesAsync();
        Assert.Equal("allowed", await house.VerdictAsync("sms"));

        var kannel = Directory.CreateTempSubdirectory("rf-kannel-").FullName;
        var conf = Path.Combine(kannel, "kannel.conf");
        await File.WriteAllTextAsync(conf, $"""
            group = core
            admin-port = {admin}
            admin-password = {Guid.NewGuid():N}
            admin-interface = 127.0.0.1
            smsbox-port = {box}
            smsbox-interface = 127.0.0.1
            dlr-storage = internal

            group = smsc
            smsc = fake
            smsc-id = fake
            port = {carrier}
            connect-allow-ip = 127.0.0.1

            group = smsbox
            bearerbox-host = 127.0.0.1
            bearerbox-port = {box}
            sendsms-port = {send}
            sendsms-interface = 127.0.0.1

            group = sendsms-user
            username = u
            password = p
            max-messages = 5
            concatenation = true

            group = sms-service
            keyword = default
            catch-all = true
            max-messages = 0
            send-sender = true
            post-url = "{house.Client.BaseAddress}hooks/kannel/acme/{GatewayFolder.Secret}?id=%I"

            """, Cancel);
        using var programs = new Programs();
        programs.Start("bearerbox", conf);
        await ListensAsync(box);
        await ListensAsync(carrier);
        var messages = programs.Start("smsbox", conf);
        await ListensAsync(send);

        // What the carrier is given is what the person reads.
        var phone = programs.Start(FakeCarrier, "-H", "127.0.0.1", "-r", carrier.ToString(CultureInfo.InvariantCulture), "-i", "0.1", "-m", "1", "447400777777 85290000000 text hello");
        await SaysAsync(phone, "sent message 1");
        var point = ContactPoint.TryRead(Ann, Region.None, out var read) ? read : throw new InvalidOperationException();
        var target = new CodeTarget(house.House.Ledger, CodeAct.Consent, Session, point);
        var desk = new CodeDesk(house.House.Installation, gateways);
        Assert.Equal("sent", (await desk.SendAsync(target, new CodeSending(Channel.Sms, "Acme Ltd", "en", IPAddress.Loopback), Cancel)).Word);
        var code = Code().Match(await SaysAsync(phone, "447400123456")).Value;
        Assert.NotNull(await desk.TryAsync(target, code.Replace('+', ' '), Cancel));
        // What became of it comes back, and closes nothing.
        await UntilAsync(() => Task.FromResult(heard.Any(static one => one.StartsWith("200 1 ", StringComparison.Ordinal))), () => "Kannel tells that it arrived; it said: " + messages.Said);
        Assert.Equal("allowed", await house.VerdictAsync("sms"));

        Programs.End(phone);

        var other = programs.Start(FakeCarrier, "-H", "127.0.0.1", "-r", carrier.ToString(CultureInfo.InvariantCulture), "-i", "0.1", "-m", "1", "447400123456 85290000000 text STOP");
        await SaysAsync(other, "sent message 1");
        await UntilAsync(async () => await house.VerdictAsync("sms") == "refused", () => "the next decision refuses; Kannel said: " + messages.Said);
        programs.Dispose();
        Directory.Delete(kannel, recursive: true);
    }

    [Fact]
    public async Task A_mail_reaches_its_server_whole()
    {
        Assert.SkipUnless(File.Exists(Python) && Programs.Runs(Python, "-c", "import aiosmtpd"), "No mail server to try: apt-get install python3-aiosmtpd.");
        using var folder = new GatewayFolder();
        var port = FreePort();
        using var gateways = folder.Open($$"""
            format: ringfence/channels/v1
            gateways:
              - { name: mail, kind: smtp, host: 127.0.0.1, port: {{port}}, tls: none, from: news@acme.example, unsubscribe: unsubscribe@acme.example, name-shown: "Ringmuster 環形" }
            """);
        using var programs = new Programs();
        var box = Path.Combine(Directory.CreateTempSubdirectory("rf-mail-").FullName, "box");
        programs.Start(Python, "-m", "aiosmtpd", "-n", "-l", $"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Mailbox", box);
        await ListensAsync(port);
        var point = ContactPoint.TryRead("ann@example.org", Region.None, out var read) ? read : throw new InvalidOperationException();
        var message = OutMessage.Of("m1", Channel.Email, point, "您好\n.\nFrom here on\n", "驗證碼 – code") with { OneClick = new Uri("https://acme.example/u/token"), StopToken = "Token", Language = "zh-Hant" };
        Assert.Equal(new Delivery.Accepted("m1@acme.example"), await gateways.Of("acme", Channel.Email)!.SendAsync(message, Cancel));
        var file = Assert.Single(Directory.GetFiles(Path.Combine(box, "new")));
        using var mail = MimeKit.MimeMessage.Load(file, Cancel);
        Assert.Equal(("驗證碼 – code", "您好\n.\nFrom here on\n", "Ringmuster 環形", "news@acme.example"), (mail.Subject, mail.TextBody!.ReplaceLineEndings("\n"), mail.From.Mailboxes.Single().Name, mail.From.Mailboxes.Single().Address));
        Assert.Equal(("<mailto:unsubscribe@acme.example?subject=stop%20Token>, <https://acme.example/u/token>", "List-Unsubscribe=One-Click"), (mail.Headers["List-Unsubscribe"], mail.Headers["List-Unsubscribe-Post"]));

        // A server that is gone is a matter of later, and nobody has it.
        programs.Dispose();
        await UntilAsync(() => Task.FromResult(!IsListening(port)), "the server is gone");
        Assert.Equal(new Delivery.Later("connection"), await gateways.Of("acme", Channel.Email)!.SendAsync(message, Cancel));
        Directory.Delete(Path.GetDirectoryName(box)!, recursive: true);
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static bool IsListening(int port)
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    internal static Task ListensAsync(int port) => UntilAsync(() => Task.FromResult(IsListening(port)), $"something listens at {port}");

    private static async Task<string> SaysAsync(Programs.Running program, string what)
    {
        await UntilAsync(() => Task.FromResult(program.Said.Contains(what, StringComparison.Ordinal)), $"it says '{what}'; it said: {program.Said}");
        return program.Said.Split('\n').First(line => line.Contains(what, StringComparison.Ordinal));
    }

    private static Task UntilAsync(Func<Task<bool>> isSo, string what) => UntilAsync(isSo, () => what);

    private static async Task UntilAsync(Func<Task<bool>> isSo, Func<string> what)
    {
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < Patience; await Task.Delay(50, Cancel))
        {
            if (await isSo())
                return;
        }

        Assert.Fail($"Waited in vain until {what()}.");
    }

    /// <summary>Programs that run beside a test, and end with it.</summary>
    internal sealed class Programs : IDisposable
    {
        private readonly List<Running> running = [];

        public static bool Has(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin").Any(folder => File.Exists(Path.Combine(folder, name)));

        public static bool Runs(string name, params string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo(name, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }

        public Running Start(string name, params string[] arguments)
        {
            var path = Path.IsPathRooted(name) || !File.Exists("/usr/sbin/" + name) ? name : "/usr/sbin/" + name;
            var process = new Process { StartInfo = new ProcessStartInfo(path, arguments) { RedirectStandardError = true, RedirectStandardOutput = true } };
            var one = new Running(process);
            running.Add(one);
            process.Start();
            process.BeginErrorReadLine();
            process.BeginOutputReadLine();
            return one;
        }

        public static void End(Running one)
        {
            if (!one.Process.HasExited)
                one.Process.Kill(entireProcessTree: true);
            one.Process.WaitForExit();
        }

        // The last first: each needs those before it.
        public void Dispose()
        {
            foreach (var one in Enumerable.Reverse(running).ToList())
            {
                End(one);
                one.Process.Dispose();
            }

            running.Clear();
        }

        internal sealed class Running
        {
            private readonly StringBuilder said = new();

            public Running(Process process)
            {
                Process = process;
                process.OutputDataReceived += (_, line) => Take(line.Data);
                process.ErrorDataReceived += (_, line) => Take(line.Data);
            }

            public Process Process { get; }

            public string Said
            {
                get
                {
                    lock (said)
                        return said.ToString();
                }
            }

            private void Take(string? line)
            {
                lock (said)
                    said.Append(line).Append('\n');
            }
        }
    }
}
