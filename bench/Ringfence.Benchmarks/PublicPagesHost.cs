using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Consent.Forms;
using Ringfence.Server.Gate.Snapshot;
using Ringfence.Server.Gateways;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.People;
using Ringfence.Server.Webhooks;
using Ringfence.Webhooks;

namespace Ringfence.Benchmarks;

/// <summary>The server with its pages for people who are contacted: forms, a notice, made-up contacts. It listens twice over the same ledger: as it is set up by itself, and without a limit, for measuring what pages cost.</summary>
internal static class PublicPagesHost
{
    public const int Forms = 4;
    public const string FormId = "kitchen-1";

    private static readonly string[] Kept = ["contact-data", "consent-proof", "contact-records", "requests"];
    private static readonly string[] Tags = ["en", "zh-Hans", "zh-Hant"];

    private const string Channels = """
        format: ringfence/channels/v1
        gateways:
          - { name: files, kind: file, folder: out }
        codes: { places: [GB], per-point-and-day: 100000, per-prefix-and-hour: 100000, per-source-and-hour: 100000, per-day: 100000, alarm-after: 100000 }
        """;

    /// <summary>What the host says once it answers.</summary>
    public sealed record Told(string Limited, string Open, string Bare, string Key, string Controller, string Messages, string FormDigest, string Preferences, string Rich, string Stop);

    public static async Task<int> Run(string folder, int contacts)
    {
        var (installation, key) = await HttpHost.FillAsync(folder, contacts);
        await using (installation)
        {
            var channels = Path.Combine(folder, "channels.yaml");
            await File.WriteAllTextAsync(channels, Channels);
            using var gateways = GatewaySet.Open(channels, static _ => null, TimeProvider.System);
            using var sender = new WebhookSender(WebhookReach.Internet, installation.Time);
            var ledger = (await installation.NewestLedgersAsync(default))[0];
            Served Serve(int limit) => new(installation, ContactGate.Shipped, StandingFacts.Read("facts.yaml", Repository.Sample("standing-facts.yaml")))
            {
                Webhooks = sender, Gateways = gateways, PublicLimit = limit, Staff = ContactsOverHttp.StaffOf(installation, ledger),
            };
            var (limited, open) = (Serve(PublicSources.Default), Serve(0));
            await using var first = ApiHost.Build(limited, "http://127.0.0.1:0");
            await using var second = ApiHost.Build(open, "http://127.0.0.1:0");
            using var stop = new CancellationTokenSource();
            var snapshots = Task.Run(() => new Snapshots(installation).RunAsync(stop.Token));
            await first.StartAsync();
            await second.StartAsync();
            // What a flood costs whoever runs a web server, whatever it is made to do: this one turns everybody away and does nothing else.
            var builder = WebApplication.CreateEmptyBuilder(new());
            builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
            await using var bare = builder.Build();
            bare.Run(static http =>
            {
                http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
                return Task.CompletedTask;
            });
            await bare.StartAsync();
            using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(second.Urls.Single()) };
            var forms = await PublishAsync(installation, ledger, open, client);
            var rich = HttpHost.NumberOf(0);
            foreach (var form in forms)
                await AgreeAsync(client, Path.Combine(folder, "out"), ledger.Controller, form, rich);
            while (installation.Snapshots?.Of(ledger) is not { IsWhole: true, Marked: 0 })
                await Task.Delay(50);
            async Task<string> LinkAsync(int contact, LinkAct act)
            {
                var tags = installation.TagsOf(ContactPoint.TryRead(HttpHost.NumberOf(contact), Region.None, out var point) ? point : throw new InvalidOperationException("Not a number."));
                var found = (await Contacts.FindAsync(installation, ledger, tags, CancellationToken.None))!;
                return installation.Links.Make(ledger.Controller, act, new PersonLink(found.Person.Sid, found.Points().First().Id));
            }

            Console.WriteLine(JsonSerializer.Serialize(new Told(
                first.Urls.Single(), second.Urls.Single(), bare.Urls.Single(), key, ledger.Controller, Path.Combine(folder, "out"), forms[0].Digest.ToString(), await LinkAsync(1, LinkAct.Preferences), await LinkAsync(0, LinkAct.Preferences), await LinkAsync(4, LinkAct.Stop))));
            // Until whoever started it has seen enough.
            await Console.In.ReadLineAsync();
            await first.StopAsync();
            await second.StopAsync();
            await bare.StopAsync();
            await stop.CancelAsync();
            await snapshots;
        }

        return 0;
    }

    /// <summary>The code in the newest message to a number.</summary>
    public static string CodeTo(string folder, string number) => new DirectoryInfo(folder).GetFiles("*.json").OrderByDescending(static file => file.LastWriteTimeUtc).Select(static file => JsonDocument.Parse(File.ReadAllBytes(file.FullName)).RootElement)
        .First(message => message.GetProperty("to").GetString() == number).GetProperty("code").GetString()!;

    /// <summary>A hidden field of a page.</summary>
    public static string Hidden(string page, string name) => WebUtility.HtmlDecode(Regex.Match(page, $"name=\"{Regex.Escape(name)}\" value=\"([^\"]*)\"").Groups[1].Value);

    // Forms that ask for twelve different yeses of whoever has a telephone, and the notice of it all.
    private static async Task<IReadOnlyList<FormDocument>> PublishAsync(Installation installation, Ringfence.Server.Storage.LedgerRow ledger, Served served, HttpClient client)
    {
        var sample = FormDocument.Read("form-offers.yaml", Repository.Sample("form-offers.yaml"));
        Dictionary<string, string> InTags(IReadOnlyDictionary<string, string> texts) => Tags.ToDictionary(static tag => tag, tag => texts[tag]);
        for (var n = 1; n <= Forms; n++)
        {
            var form = sample with
            {
                Id = string.Create(CultureInfo.InvariantCulture, $"kitchen-{n}"),
                OfferedIn = ["GB"],
                Languages = Tags,
                Purposes = [.. sample.Purposes.Select(one => one with { Name = $"{one.Name}-{n}", About = InTags(one.About) })],
                Blocks = [.. sample.Blocks.Select(block => block switch
                {
                    FormHeading heading => heading with { Texts = InTags(heading.Texts) },
                    FormBox box => box with { Purposes = [.. box.Purposes.Select(one => $"{one}-{n}")] },
                    _ => block,
                })],
            };
            await PublishedForms.PublishAsync(installation, ledger, new Actor(ActorKind.Client, "bench"), form, served.Gate.Rules, CancellationToken.None);
        }

        var forms = await PublishedForms.AllAsync(installation.Store, ledger, CancellationToken.None);
        var room = $"/c/{ledger.Controller}/settings/notice";
        string[] purposes = ["offers", .. forms.SelectMany(static form => form.Purposes).Select(static one => one.Name)];
        List<(string, string)> said =
        [
            ("_t", PageHost.FormTokenOf("bench")), ("version", "1"), ("storage", "gb"), ("no-officer", "1"),
            .. purposes.Index().SelectMany(static one => new[] { ($"p.{one.Index}.name", one.Item), ($"p.{one.Index}.basis", "consent"), ($"p.{one.Index}.about.en", "offers for kitchens"), ($"p.{one.Index}.about.zh-Hans", "厨房优惠"), ($"p.{one.Index}.about.zh-Hant", "廚房優惠") }),
            .. Kept.SelectMany(static what => new[] { ($"t.{what}.time", "P3Y"), ($"t.{what}.from", "end-of-consent"), ($"t.{what}.then", "deleted") }),
            ("t.refusals.from", "while-contacting"), ("t.refusals.then", "deleted"),
        ];
        var seen = Hidden(await PostAsync(client, room, [.. said, ("do", "look")]), "seen");
        await PostAsync(client, room, [.. said, ("do", "publish"), ("seen", seen)]);
        return forms;
    }

    // Somebody says yes to all that a form asks of a telephone, and tells the code.
    private static async Task AgreeAsync(HttpClient client, string messages, string controller, FormDocument form, string number)
    {
        var path = $"/f/{controller}/{form.Id}";
        var asked = await PostAsync(client, path, Answer(form.Digest.ToString(), form.LayoutsShown[0].Name, number, "offers-voice", "offers-sms", "research-whatsapp"));
        await PostAsync(client, path + "/confirm", [("form", form.Digest.ToString()), ("lang", "en"), ("session", Hidden(asked, "session")), ("at", Hidden(asked, "at")), ("to.0", number), ("boxes.0", Hidden(asked, "boxes.0")), ("code.0", CodeTo(messages, number))]);
    }

    /// <summary>What somebody fills into a form.</summary>
    public static (string, string)[] Answer(string digest, string layout, string number, params string[] boxes) => [("form", digest), ("lang", "en"), ("layout", layout), ("phone", number), ("name", "Ann"), .. boxes.Select(static box => ("yes", box))];

    private static async Task<string> PostAsync(HttpClient client, string path, (string Name, string Value)[] fields)
    {
        using var content = new FormUrlEncodedContent(fields.Select(static field => KeyValuePair.Create(field.Name, field.Value)));
        using var answer = await client.PostAsync(new Uri(path, UriKind.Relative), content);
        var text = await answer.Content.ReadAsStringAsync();
        return (int)answer.StatusCode < 400 ? text : throw new InvalidOperationException($"{path}: {(int)answer.StatusCode} {text}");
    }
}
