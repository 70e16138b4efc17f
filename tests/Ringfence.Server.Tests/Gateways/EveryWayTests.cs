using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Gateways;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Bridges.Twilio;
using Ringfence.Server.Bridges.Vicidial;
using Ringfence.Server.Gate.Snapshot;
using Ringfence.Server.Gateways;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.People;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Bridges;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Pages;
using Ringfence.Server.Tests.Storage;
using Ringfence.Server.Webhooks;
using Ringfence.Staff;
using Ringfence.Webhooks;
using Xunit;

namespace Ringfence.Server.Tests.Gateways;

/// <summary>Whichever way somebody says no: the next decision refuses, on every node.</summary>
public abstract partial class EveryWayContract
{
    /// <summary>One way.</summary>
    /// <param name="Name">What a reader calls it.</param>
    /// <param name="Channel">The channel that was open before, and is closed after.</param>
    /// <param name="File">The source in which the program takes it.</param>
    /// <param name="SayAsync">Says no, as somebody outside does.</param>
    /// <param name="Route">The public page that it posts to; null: none.</param>
    private sealed record Way(string Name, Channel Channel, string File, Func<Nodes, Who, Task> SayAsync, string? Route = null);

    /// <summary>Whoever says it.</summary>
    private sealed record Who(int Number, string To)
    {
        public string Digits => To.TrimStart('+');
    }

    // What takes a no, and is none of a person's at this moment: what was kept while the store was away, lists of others, and people who were made up.
    private static readonly Dictionary<string, string> Elsewhere = new()
    {
        ["Ledger/Installation.cs"] = nameof(Storage.StoreAwayTests),
        ["People/Import/BatchEntry.cs"] = nameof(People.ImportRefusalTests),
        // Typed by the guide that shows it, with the real program: docs/guides/prove-it.md.
        ["Suppression/WithdrawCliCommand.cs"] = "TypedGuideTests",
        ["Ledger/UpkeepCliCommand.cs"] = nameof(Ledger.UpkeepTests),
        ["Hosting/Demo.cs"] = nameof(Hosting.DemoTests),
        ["Hosting/DemoRooms.cs"] = nameof(Hosting.DemoTests),
        // Through these the ways below go; they take nothing of themselves.
        ["Hosting/ApiRoutes.cs"] = nameof(EveryWayTests),
        ["Suppression/WithdrawCommand.cs"] = nameof(EveryWayTests),
        ["Suppression/SayingNo.cs"] = nameof(EveryWayTests),
    };

    // What is written rather than said.
    private static readonly WordingDocument Letters = House.WordingOf("letters", "whatsapp, email",
        "Yes, Acme Ltd may send me messages on WhatsApp and e-mails with offers for solar panels, at most 4 a month. I can stop this at any time by replying STOP. My consent is not a condition of any purchase. See the privacy notice.");

    private static readonly string[] Requests = ["objection", "withdrawal", "complaint", "erasure", "restriction"];

    private static readonly Way[] Ways =
    [
        new("a text message", Channel.Sms, "Gateways/InboundHooks.cs", static (nodes, who) => Nodes.OkAsync(ReportTests.PostAsync(nodes.One.Client, $"hooks/kannel/acme/{GatewayFolder.Secret}?id={who.Number}", "STOP", "text/plain; charset=\"UTF-8\"", ("X-Kannel-From", who.Digits), ("X-Kannel-To", "85290000000")))),
        new("a text message that may be one", Channel.Sms, "Gateways/InboundTaking.cs", static (nodes, who) => Nodes.OkAsync(ReportTests.PostAsync(nodes.One.Client, $"hooks/kannel/acme/{GatewayFolder.Secret}?id={who.Number}", "who is this?", "text/plain; charset=\"UTF-8\"", ("X-Kannel-From", who.Digits), ("X-Kannel-To", "85290000000")))),
        new("a message on WhatsApp", Channel.Whatsapp, "Gateways/InboundHooks.cs", static (nodes, who) => Nodes.OkAsync(ReportTests.WhatsappAsync(nodes.One.Client, $$"""{"messages":[{"from":"{{who.Digits}}","id":"w{{who.Number}}","timestamp":"{{nodes.Seconds}}","type":"text","text":{"body":"stop"} }]}"""))),
        new("stopped in WhatsApp itself", Channel.Whatsapp, "Gateways/InboundHooks.cs", static (nodes, who) => Nodes.OkAsync(ReportTests.WhatsappAsync(nodes.One.Client, $$"""{"user_preferences":[{"wa_id":"{{who.Digits}}","category":"marketing_messages","value":"stop","timestamp":{{nodes.Seconds}} }]}"""))),
        new("a block on WhatsApp", Channel.Whatsapp, "Gateways/InboundHooks.cs", static (nodes, who) => Nodes.OkAsync(ReportTests.WhatsappAsync(nodes.One.Client, $$"""{"statuses":[{"id":"b{{who.Number}}","recipient_id":"{{who.Digits}}","status":"failed","timestamp":"{{nodes.Seconds}}","errors":[{"code":131050}]}]}"""))),
        new("a block that the carrier reports", Channel.Sms, "Gateways/Reports.cs", static (nodes, who) => Nodes.OkAsync(ReportTests.KannelAsync(nodes.One.Client, ReportTests.Seal(nodes.One, who.To), "2", "err:045"))),
        new("a block that a mail server reports", Channel.Email, "Gateways/InboundHooks.cs", static (nodes, who) => Nodes.OkAsync(ReportTests.MailAsync(nodes.One.Client, ReportTests.Bounce(ReportTests.Seal(nodes.One, who.To), "5.7.1")))),
        new("a complaint to the mail provider", Channel.Email, "Gateways/InboundHooks.cs", static (nodes, who) => Nodes.OkAsync(ReportTests.MailAsync(nodes.One.Client, ReportTests.Complaint(ReportTests.Seal(nodes.One, who.To))))),
        new("a block that answers the message", Channel.Whatsapp, "Gateways/Sending.cs", static async (nodes, who) =>
        {
            using var blocking = GatewaySet.Of([new Blocking()]);
            Assert.Equal("refused-blocked", (await Sending.SendAsync(nodes.One.House.Installation, blocking, nodes.One.House.Ledger, OutMessage.Of("m" + who.Number, Channel.Whatsapp, ReportTests.Point(who.To), "x"), Cancel)).Word);
        }),
        new("an answer to a mail", Channel.Email, "Gateways/InboundHooks.cs", static (nodes, who) => Nodes.OkAsync(ReportTests.MailAsync(nodes.One.Client, $"From: {who.To}\nTo: news@acme.example\nMessage-ID: <{who.Number}@example.org>\nSubject: Re: offers\n\nPlease unsubscribe me.\n"))),
        new("a mail to the address that ends it", Channel.Email, "Gateways/InboundHooks.cs", static (nodes, who) => Nodes.OkAsync(ReportTests.MailAsync(nodes.One.Client, $"From: {who.To}\nTo: unsubscribe+x@acme.example\nMessage-ID: <{who.Number}@example.org>\nSubject: x\n\n"))),
        new("a mail that ends one of ours, from another address", Channel.Email, "Gateways/InboundHooks.cs", static async (nodes, who) => await Nodes.OkAsync(ReportTests.MailAsync(nodes.One.Client, $"From: forwarded{who.Number}@example.net\nTo: unsubscribe@acme.example\nMessage-ID: <{who.Number}@example.org>\nSubject: {OutMessage.StopSubject}{await nodes.LinkAsync(who, LinkAct.Stop)}\n\n"))),
        new("a voice message on WhatsApp", Channel.Whatsapp, "Gateways/InboundTaking.cs", static (nodes, who) => Nodes.OkAsync(ReportTests.WhatsappAsync(nodes.One.Client, $$"""{"messages":[{"from":"{{who.Digits}}","id":"v{{who.Number}}","timestamp":"{{nodes.Seconds}}","type":"audio","audio":{"id":"1"} }]}"""))),
        new("a call to the number that ends it", Channel.Voice, "Gateways/InboundHooks.cs", static (nodes, who) => Nodes.OkAsync(ReportTests.PostAsync(nodes.One.Client, $"hooks/missed-call/acme/{GatewayFolder.Secret}", $"from=%2B{who.Digits}&id={who.Number}", "application/x-www-form-urlencoded"))),
        new("a text message by Twilio", Channel.Sms, "Bridges/Twilio/TwilioHooks.cs", static (nodes, who) => nodes.TwilioAsync("message", TwilioCaller.Message("STOP", "SM" + who.Number, who.To))),
        new("a stop that Twilio has", Channel.Sms, "Bridges/Twilio/TwilioHooks.cs", static (nodes, who) => nodes.TwilioAsync("outcome", [("MessageSid", "SM" + who.Number), ("To", who.To), ("MessageStatus", "failed"), ("ErrorCode", "21610")])),
        new("one click in a mail program", Channel.Email, "Suppression/StopPages.cs", static async (nodes, who) => await nodes.FormAsync($"u/acme/{await nodes.LinkAsync(who, LinkAct.Stop)}", null, ("List-Unsubscribe", "One-Click")), "u/{controller}/{token}"),
        new("everything, on their own page", Channel.Sms, "Consent/PreferencePages.cs", static async (nodes, who) => await nodes.FormAsync($"p/acme/{await nodes.LinkAsync(who, LinkAct.Preferences)}/stop", null), "p/{controller}/{token}/stop"),
        new("one box, on their own page", Channel.Sms, "Consent/PreferencePages.cs", static async (nodes, who) => await nodes.FormAsync($"p/acme/{await nodes.LinkAsync(who, LinkAct.Preferences)}", null, [.. (await nodes.BoxesAsync(who)).Select(static box => ("had", box))]), "p/{controller}/{token}"),
        new("the page that tells why", Channel.Sms, "Consent/WhyPages.cs", static (nodes, who) => nodes.FormAsync("why/acme/stop", null, ("to", who.To), ("opened", nodes.One.House.Installation.Links.Open("acme", CodeAct.Why, ReportTests.Point(who.To), Instant.FromDateTimeOffset(nodes.One.Time.GetUtcNow()) + Duration.FromMinutes(5)))), "why/{controller}/stop"),
        .. Requests.Select(static what => new Way("the page of rights: " + what, Channel.Sms, "Rights/RequestIntake.cs", (nodes, who) => nodes.FormAsync("r/acme", null, ("what", what), ("to", who.To)), "r/{controller}")),
        new("said to staff, of a person", Channel.Voice, "Suppression/RefusalForm.cs", static async (nodes, who) => await nodes.FormAsync($"c/acme/contacts/{(await nodes.One.House.FindAsync(who.To))!.Person.Sid}/withdraw", Role.Agent, ("reach", "all"), ("way", "call"))),
        new("said to staff, of a number", Channel.Voice, "Suppression/RefusalForm.cs", static (nodes, who) => nodes.FormAsync("c/acme/withdrawals", Role.Agent, ("to", who.To), ("reach", "all"), ("way", "letter"))),
        new("the house closes somebody", Channel.Voice, "Suppression/RefusalForm.cs", static (nodes, who) => nodes.FormAsync("c/acme/suppression", Role.PrivacyOfficer, ("to", who.To), ("reach", "all"), ("by", "complaint"))),
        new("another program: withdrawals", Channel.Sms, "Suppression/WithdrawalsApi.cs", static (nodes, who) => nodes.ApiAsync("withdrawals", $$"""{"to":"{{who.To}}"}""")),
        new("another program: suppressions", Channel.Sms, "Suppression/WithdrawalsApi.cs", static (nodes, who) => nodes.ApiAsync("suppressions", $$"""{"to":"{{who.To}}"}""")),
        new("on a call by Asterisk", Channel.Voice, "Bridges/Agi/AgiDesk.cs", static async (nodes, who) =>
        {
            await using var desk = await AgiAsterisk.BuildAsync(nodes.One);
            Assert.Equal("yes", (await desk.CallAsync("acme/optout", [who.To])).Variables["RINGFENCE_DONE"]);
        }),
        new("told to an agent that is a program", Channel.Sms, "Bridges/Mcp/McpTools.cs", static async (nodes, who) =>
        {
            await using var client = await McpCaller.ClientAsync(nodes.One, BridgeHouse.All);
            Assert.Equal("True", McpCaller.Member(await McpCaller.UseAsync(client, "record_opt_out", ("to", who.To)), "done"));
        }),
        new("what VICIdial knew of", Channel.Voice, "Bridges/Vicidial/RefusalTaking.cs", static async (nodes, who) =>
            await RefusalTaking.TakeAsync(nodes.One.House.Installation, nodes.One.House.Ledger, House.Staff, [(1, PhoneNumber.TryParse(who.To, Region.None, out var number) ? number : default)], Cancel)),
    ];

    // By which message somebody in Korea is told what came of it; empty: nobody said anything of themselves. Of all others staff have to tell them.
    private static readonly Dictionary<string, string> Told = new()
    {
        ["a text message"] = "withdrawal sms",
        ["a text message by Twilio"] = "withdrawal sms",
        ["a message on WhatsApp"] = "withdrawal whatsapp",
        ["an answer to a mail"] = "withdrawal email",
        ["a mail to the address that ends it"] = "withdrawal email",
        ["a mail that ends one of ours, from another address"] = "withdrawal email",
        ["one click in a mail program"] = "withdrawal email",
        ["everything, on their own page"] = "withdrawal sms",
        ["one box, on their own page"] = "withdrawal sms",
        ["the page that tells why"] = "withdrawal sms",
        // Somebody has to read it first.
        ["a text message that may be one"] = "",
        ["a voice message on WhatsApp"] = "",
        ["a block on WhatsApp"] = "",
        ["a block that the carrier reports"] = "",
        ["a block that a mail server reports"] = "",
        ["a complaint to the mail provider"] = "",
        ["a block that answers the message"] = "",
        ["a stop that Twilio has"] = "",
        ["the page of rights: complaint"] = "",
        ["the house closes somebody"] = "",
        ["another program: suppressions"] = "",
        ["what VICIdial knew of"] = "",
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected StoreOptions? Options { get; set; }

    private protected string? Ring { get; set; }

    [Fact]
    public async Task After_every_way_of_saying_no_the_next_decision_of_every_node_refuses()
    {
        using var folder = new GatewayFolder();
        await using var nodes = await Nodes.BuildAsync(Options, Ring, folder);
        var people = Ways.Select(static (way, n) => (Way: way, Who: new Who(n, way.Channel == Channel.Email ? $"p{n}@example.org" : $"+4474001235{n:00}"))).ToList();
        await nodes.One.House.DoAsync(new PublishCommand(House.Staff, "wording", "application/json", Letters.ToBytes(), "en", Letters.Version));
        foreach (var (way, who) in people)
        {
            if (way.Channel is Channel.Email or Channel.Whatsapp)
                await nodes.One.YesAsync(who.To, Letters, [way.Channel]);
            else
                await nodes.One.YesAsync(who.To);
        }

        foreach (var (way, who) in people)
            Assert.Equal((way.Name, nodes.Each("allowed")), (way.Name, await nodes.LookedAsync(way.Channel, who.To)));

        foreach (var (way, who) in people)
        {
            await way.SayAsync(nodes, who);
            // Where it was said it holds at once; elsewhere as soon as a node has looked, which it does several times in a second, or it tells nobody anything.
            Assert.Contains((await nodes.VerdictsAsync(way.Channel, who.To)).Split(' ')[0], (IEnumerable<string>)["refused", "shut"]);
            Assert.Equal((way.Name, nodes.Each("refused")), (way.Name, await nodes.LookedAsync(way.Channel, who.To)));
        }
    }

    [Fact]
    public async Task After_every_way_of_saying_no_whoever_is_in_Korea_is_told_what_came_of_it_or_somebody_has_to_tell_them()
    {
        using var folder = new GatewayFolder();
        await using var nodes = await Nodes.BuildAsync(Options, Ring, folder);
        var house = nodes.One.House;
        await house.DoAsync(new PublishCommand(House.Staff, "wording", "application/json", Letters.ToBytes(), "en", Letters.Version));
        foreach (var (n, way) in Ways.Index())
        {
            var who = new Who(n, way.Channel == Channel.Email ? $"p{n}@example.org" : $"+8210200012{n:00}");
            await nodes.One.YesAsync(who.To, Letters, [way.Channel == Channel.Email ? Channel.Email : Channel.Whatsapp], "KR");
            if (way.Channel is not (Channel.Email or Channel.Whatsapp))
                await nodes.One.YesAsync(who.To);
            var before = (await house.RecordsAsync()).Count;
            await way.SayAsync(nodes, who);
            var rows = (await Server.Rights.ResultTasks.AllAsync(house.Installation.Store, house.Ledger, Cancel).ListAsync()).Where(row => row.Seq >= before).Select(static row => row.Said + " " + (row.Via is { } via ? ((Channel)via).Word() : row.Fault));
            Assert.Equal((way.Name, Told.GetValueOrDefault(way.Name, "withdrawal unshown")), (way.Name, string.Join(", ", rows)));
        }
    }

    [Fact]
    public async Task A_no_is_confirmed_once_whichever_node_hears_it_and_however_often()
    {
        using var folder = new GatewayFolder();
        await using var nodes = await Nodes.BuildAsync(Options, Ring, folder, GatewayFolder.Files + ReportTests.Ways[ReportTests.Ways.IndexOf("inbound:", StringComparison.Ordinal)..]);
        await nodes.One.YesAsync();
        // The same one, as a carrier sends it again, and others of the same day; at once, and once more.
        for (var round = 0; round < 2; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 12).Select(n => Nodes.OkAsync(ReportTests.PostAsync(nodes.ClientOf(n), $"hooks/kannel/acme/{GatewayFolder.Secret}?id={n / 4}", "STOP", "text/plain; charset=\"UTF-8\"", ("X-Kannel-From", BridgeHouse.Ann.TrimStart('+')), ("X-Kannel-To", "85290000000")))));
            await nodes.IdleAsync();
            Assert.Single(folder.Messages());
            await nodes.One.YesAsync();
        }
    }

    [Fact]
    public void Every_place_that_takes_a_no_is_tried_here()
    {
        var root = Path.Combine(Repository.Root, "src", "Ringfence.Server");
        var places = Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(root, file).Replace('\\', '/'))
            .Where(static file => !file.StartsWith("obj/", StringComparison.Ordinal) && !file.StartsWith("bin/", StringComparison.Ordinal))
            .Where(file => Takes().IsMatch(File.ReadAllText(Path.Combine(root, file)))).Order(StringComparer.Ordinal);
        Assert.Equal(places, Ways.Select(static way => way.File).Concat(Elsewhere.Keys).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(PublicRoutes.All.Where(static route => route.IsNo).Select(static route => route.Path).Order(StringComparer.Ordinal), Ways.Select(static way => way.Route).OfType<string>().Distinct().Order(StringComparer.Ordinal));
        // Of each kind of way in there is one: text message, WhatsApp, mail, call. By the forms of social networks nobody says no.
        Assert.Equal(4, Enum.GetValues<InboundKind>().Except([InboundKind.GoogleLeads, InboundKind.MetaLeads]).Count());
        Assert.Equal(Ways.Length, Ways.DistinctBy(static way => way.Name).Count());
    }

    [GeneratedRegex(@"SayingNo\.DoAsync\(|new WithdrawCommand\(|Refusing\.Add\(|""withdrawals""[,)]|InboundTaking\.TakeAsync\(|ReportTaking\.(Take|Blocked)Async\(|class WithdrawCommand|class SayingNo|new HoldCommand\(Inbound")]
    private static partial Regex Takes();

    private sealed class Blocking : IChannelGateway
    {
        public GatewaySetting Setting { get; } = new() { Name = "b", Kind = GatewayKind.Whatsapp, Channels = ChannelSet.Whatsapp };

        public Task<Delivery> SendAsync(OutMessage message, CancellationToken cancel) => Task.FromResult(WhatsappGateway.OfError(131050));

        public void Dispose()
        {
        }
    }

    /// <summary>A node where everything is said, and, where the store can be shared, another that hears of it; each answers from what it holds in memory.</summary>
    private sealed class Nodes : IAsyncDisposable
    {
        private readonly List<SnapshotFollower> followers = [];
        private Installation? installation;
        private Served? served;
        private WebApplication? app;
        private HttpClient? other;
        private ApiKey key = null!;

        public BridgeHouse One { get; private init; } = null!;

        public long Seconds => One.Time.GetUtcNow().ToUnixTimeSeconds();

        public static async Task<Nodes> BuildAsync(StoreOptions? store, string? ring, GatewayFolder folder, string ways = ReportTests.Ways)
        {
            var accounts = new TwilioAccounts(TwilioCaller.Public, new Dictionary<string, IReadOnlyList<string>> { ["acme"] = [TwilioCaller.Token] });
            var one = await BridgeHouse.BuildAsync(store, (app, served) =>
            {
                InboundHooks.Map(app, served);
                TwilioHooks.Map(app, served, accounts);
            }, gateways: folder.Open(ways), staff: PageHouse.StaffOf, keyring: ring);
            var nodes = new Nodes { One = one, key = await one.KeyAsync(BridgeHouse.All) };
            await nodes.FollowAsync(one.House.Installation);
            if (store is null)
                return nodes;
            // Each machine has its own copy of the key-encryption keys; the keys of people are in a store for both.
            using (var copy = System.Diagnostics.Process.Start("cp", ["-r", one.House.Installation.Options.Keys!, Path.Combine(one.House.Folder, "keys-two")]))
                await copy.WaitForExitAsync(Cancel);
            nodes.installation = await Installation.OpenAsync(nodes.Beside("two"), one.Time, Cancel);
            nodes.served = new Served(nodes.installation, ContactGate.Shipped, one.Served.Facts)
            {
                Webhooks = new WebhookSender(WebhookReach.Internet, one.Time),
                Gateways = folder.Open(ways),
            };
            nodes.app = ApiHost.Build(nodes.served, "http://127.0.0.1:0");
            InboundHooks.Map(nodes.app, nodes.served);
            await nodes.app.StartAsync(Cancel);
            nodes.other = new HttpClient { BaseAddress = new Uri(nodes.app.Urls.Single()) };
            await nodes.FollowAsync(nodes.installation);
            return nodes;
        }

        public string Each(string verdict) => other is null ? verdict : verdict + " " + verdict;

        public HttpClient ClientOf(int n) => other is not null && n % 2 == 1 ? other : One.Client;

        public async Task LookAsync()
        {
            foreach (var follower in followers)
                await follower.LookAsync(Cancel);
        }

        public async Task IdleAsync()
        {
            await One.Served.Afterwards.IdleAsync();
            if (served is not null)
                await served.Afterwards.IdleAsync();
        }

        /// <summary>What each node says once it has looked. One that could not look for a second tells nobody anything, which on a busy machine it must not be blamed for.</summary>
        public async Task<string> LookedAsync(Channel channel, string to)
        {
            for (var round = 0; ; round++)
            {
                await LookAsync();
                var said = await VerdictsAsync(channel, to);
                if (round == 50 || !said.Contains("shut", StringComparison.Ordinal))
                    return said;
            }
        }

        /// <summary>What each node says; <c>shut</c>: it says nothing, because it is behind.</summary>
        public async Task<string> VerdictsAsync(Channel channel, string to)
        {
            var said = new List<string>();
            foreach (var client in other is null ? [One.Client] : new[] { One.Client, other })
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/decisions")
                {
                    Content = new StringContent($$"""{"to":"{{to}}","channel":"{{channel.Word()}}","purpose":"offers","technique":"{{(channel switch { Channel.Voice => "manual", Channel.Whatsapp => "template", _ => "bulk" })}}"{{(channel == Channel.Email ? ",\"facts\":{\"contact\":{\"residence\":\"GB\"}}" : "")}}}""", Encoding.UTF8, "application/json"),
                };
                request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key.Show());
                using var response = await client.SendAsync(request, Cancel);
                using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel));
                var answer = json.RootElement;
                said.Add(answer.TryGetProperty("verdict", out var verdict) ? verdict.GetString()! : answer.GetProperty("type").GetString() == "urn:ringfence:problem:shut" ? "shut" : answer.ToString());
            }

            return string.Join(' ', said);
        }

        public static async Task OkAsync(Task<HttpStatusCode> answer) => Assert.Equal(HttpStatusCode.OK, await answer);

        public async Task<string> LinkAsync(Who who, LinkAct act)
        {
            var found = (await One.House.FindAsync(who.To))!;
            return One.House.Installation.Links.Make("acme", act, new PersonLink(found.Person.Sid, found.Points().First(one => one.Point.Value == who.To).Id));
        }

        public async Task<IReadOnlyList<string>> BoxesAsync(Who who)
        {
            var page = await One.Client.GetStringAsync($"p/acme/{await LinkAsync(who, LinkAct.Preferences)}", Cancel);
            return [.. Regex.Matches(page, "name=\"had\" value=\"([^\"]+)\"").Select(static found => WebUtility.HtmlDecode(found.Groups[1].Value))];
        }

        public async Task FormAsync(string path, Role? role, params (string Name, string Value)[] fields)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path)
            {
                Content = new FormUrlEncodedContent([.. fields.Select(static field => KeyValuePair.Create(field.Name, field.Value)), .. fields is [("List-Unsubscribe", _)] ? [] : new[] { KeyValuePair.Create("_t", PageHouse.TokenOf(role)) }]),
            };
            request.Headers.TryAddWithoutValidation("Accept", "text/html");
            if (role is { } known)
                request.Headers.TryAddWithoutValidation("Cookie", "as=" + known.Word());
            using var response = await One.Client.SendAsync(request, Cancel);
            Assert.True((int)response.StatusCode < 400, $"{path}: {response.StatusCode}");
        }

        public async Task ApiAsync(string path, string body) => Assert.Equal(HttpStatusCode.Created, (await One.PostAsync(path, body)).Status);

        public async Task TwilioAsync(string hook, (string, string)[] form) => TwilioCaller.TwiML(await TwilioCaller.PostAsync(One, "/hooks/twilio/acme/" + hook, form));

        public async ValueTask DisposeAsync()
        {
            other?.Dispose();
            if (app is not null)
            {
                await app.StopAsync(CancellationToken.None);
                await app.DisposeAsync();
                served!.Webhooks.Dispose();
                await installation!.DisposeAsync();
            }

            await One.DisposeAsync();
        }

        private InstallationOptions Beside(string name) => One.House.Installation.Options with
        {
            Data = Path.Combine(One.House.Folder, name),
            Keys = Path.Combine(One.House.Folder, "keys-" + name),
            Signer = null,
            Environment = static variable => variable == SignerPlace.Variable ? SignerPlace.AnotherNode : null,
        };

        private async Task FollowAsync(Installation of)
        {
            var follower = await new Snapshots(of).FollowAsync(One.House.Ledger, Cancel);
            await follower.BuildAsync(Cancel);
            await follower.LookAsync(Cancel);
            followers.Add(follower);
        }
    }
}

public sealed class EveryWayTests : EveryWayContract;

public sealed class PostgresEveryWayTests : EveryWayContract, IAsyncLifetime
{
    private PostgresHome? home;
    private PostgresHome? ring;

    public async ValueTask InitializeAsync()
    {
        Options = (home = await PostgresHome.MakeAsync()).Options;
        Ring = (ring = await PostgresHome.MakeAsync()).Connection;
    }

    public async ValueTask DisposeAsync()
    {
        if (home is not null)
            await home.DisposeAsync();
        if (ring is not null)
            await ring.DisposeAsync();
    }
}
