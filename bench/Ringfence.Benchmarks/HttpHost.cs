using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Consent;
using Ringfence.Server.Gate.Snapshot;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Server.Webhooks;
using Ringfence.Webhooks;

namespace Ringfence.Benchmarks;

/// <summary>The HTTP API as <c>ringfence serve</c> has it, over made-up contacts, with two more endpoints that always answer the same.</summary>
internal static class HttpHost
{
    // Eleven in the morning in London, on a Wednesday.
    public const string At = "2027-06-09T10:00:00Z";

    private const int Clients = 64;

    // The words ask for leave for a year.
    private static readonly Instant Agreed = Instant.FromUtc(2026, 11, 2, 12, 0);

    public static async Task<int> Run(string folder, int contacts)
    {
        var (installation, key) = await FillAsync(folder, contacts);
        await using (installation)
        {
            using var meters = new Meters();
            using var sender = new WebhookSender(WebhookReach.Internet, installation.Time);
            var served = new Served(installation, ContactGate.Shipped, StandingFacts.Read("facts.yaml", Repository.Sample("standing-facts.yaml"))) { Webhooks = sender };
            var answer = (await ConstantAsync(served, key)).AsMemory();
            ApiRoute constant = new("POST", "constant", ApiScopes.Decide, _ => Task.FromResult(new ApiAnswer(200, answer)));
            await using var app = ApiHost.Build(served, [.. ApiRoutes.All, constant], "http://127.0.0.1:0");
            app.MapPost("/bare", async (HttpContext http) =>
            {
                await http.Request.Body.CopyToAsync(Stream.Null);
                http.Response.ContentType = ApiAnswer.JsonMedia;
                http.Response.ContentLength = answer.Length;
                await http.Response.Body.WriteAsync(answer);
            });
            using var stop = new CancellationTokenSource();
            var snapshots = Task.Run(() => new Snapshots(installation).RunAsync(stop.Token));
            await app.StartAsync();
            while (installation.Snapshots?.Of((await installation.NewestLedgersAsync(default))[0]) is not { IsWhole: true, Marked: 0 })
                await Task.Delay(50);
            HttpParts.Say(installation, installation.Snapshots.Of((await installation.NewestLedgersAsync(default))[0])!, contacts);
            Console.WriteLine($"{app.Urls.Single()} {key} {answer.Length}");
            // Until whoever started it has seen enough.
            await Console.In.ReadLineAsync();
            await app.StopAsync();
            await stop.CancelAsync();
            await snapshots;
        }

        return 0;
    }

    /// <summary>Makes a snapshot file as large as that of so many contacts, by entries that nobody asks for.</summary>
    public static async Task<int> Grow(string folder, int entries)
    {
        await using var installation = await Installation.OpenAsync(Options(folder), TimeProvider.System, CancellationToken.None);
        var ledger = (await installation.NewestLedgersAsync(CancellationToken.None))[0];
        var path = SnapshotPath.Of(installation.Options.Data, ledger);
        var file = SnapshotFile.Open(path, installation.SnapshotKey());
        using var writer = new SnapshotFileWriter(path, installation.SnapshotKey());
        var all = file.All().ToList();
        foreach (var (key, value) in all)
            writer.Add(key, value);
        var random = new Random(1);
        Span<byte> name = stackalloc byte[16];
        for (var i = 0; i < entries; i++)
        {
            var (key, value) = all[i % all.Count];
            random.NextBytes(name);
            writer.Add(new SnapshotKey(key.Kind, name), value);
        }

        var grown = writer.Finish(file.Stamp);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{all.Count + entries} {grown.Length}"));
        grown.Close();
        return 0;
    }

    /// <summary>The number of a contact: of every four two may be contacted, one said no, one is nobody known.</summary>
    public static string NumberOf(int contact) => string.Create(CultureInfo.InvariantCulture, $"+44740{contact / 1000 % 10}{contact % 1000:000}{contact / 10_000 % 1000:000}");

    private static InstallationOptions Options(string folder, string? connection = null) =>
        new(connection is null ? new StoreOptions { Folder = Path.Combine(folder, "data") } : new StoreOptions { Connection = connection }, Path.Combine(folder, "data"), Path.Combine(folder, "keys")) { Environment = static _ => null };

    /// <summary>An installation with so many contacts, and a key that may ask.</summary>
    /// <param name="folder">Where it is.</param>
    /// <param name="contacts">How many.</param>
    /// <param name="connection">To PostgreSQL; null: SQLite in the folder.</param>
    /// <param name="time">Its clock; null: the system's.</param>
    /// <param name="scopes">What the key may do.</param>
    public static async Task<(Installation Installation, string Key)> FillAsync(string folder, int contacts, string? connection = null, TimeProvider? time = null, ApiScopes scopes = ApiScopes.Decide)
    {
        var installation = await Installation.OpenAsync(Options(folder, connection), time ?? TimeProvider.System, CancellationToken.None);
        var ledger = await installation.AddControllerAsync("bench", "ledger.example/bench", PartyDocument.Read("party.yaml", Repository.Sample("party-ringmuster.yaml")), CancellationToken.None);
        var writer = await installation.WriterAsync(ledger, CancellationToken.None);
        var actor = new Actor(ActorKind.Client, "bench");
        var key = ApiKey.New(ledger.Controller);
        await writer.DoAsync(new AddApiKeyCommand(actor, key, "bench", scopes, null), CancellationToken.None);
        var wording = WordingDocument.Read("wording.yaml", Repository.Sample("wording-offers.yaml"));
        await writer.DoAsync(new PublishCommand(actor, "wording", "application/json", wording.ToBytes(), "en", wording.Version), CancellationToken.None);
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            for (var i = Interlocked.Increment(ref next); i < contacts; i = Interlocked.Increment(ref next))
            {
                var tags = installation.TagsOf(ContactPoint.TryRead(NumberOf(i), Region.None, out var point) ? point : throw new InvalidOperationException("Not a number."));
                if (i % 4 == 3)
                    continue;
                await writer.DoAsync(new RecordConsentCommand(Yes(tags, wording), await installation.NewPersonAsync(CancellationToken.None)), CancellationToken.None);
                if (i % 4 == 2)
                    await writer.DoAsync(new WithdrawCommand(actor, [tags], SuppressionScope.Everything, new RefusalFacts(SuppressedBy.Person, SuppressionKind.Suppression, "api")), CancellationToken.None);
            }
        })));
        return (installation, key.Show());
    }

    private static ConsentSaid Yes(PointTags tags, WordingDocument wording) => new()
    {
        Type = RecordType.ConsentGiven,
        State = RecordState.Given,
        Actor = new Actor(ActorKind.Person, "web"),
        Tags = tags,
        Scope = new RecordScope(["sms"], ["offers"]),
        Method = new CollectionMethod("web_form", Ceremony.SingleOptIn),
        EventAt = Agreed,
        Source = EventSource.Server,
        Notice = new Notice(wording.Digest, "en", wording.Version),
        Evidence = new ConsentEvidence
        {
            Method = ConsentMethod.Checkbox,
            Shown = new ShownWording(wording.Digest, "en"),
            At = Agreed,
            Page = "https://ringmuster.example/offers",
            Ip = "192.0.2.7",
            Recorder = new Recorder(ActorKind.System, "form-offers"),
        }.ToBytes(),
    };

    // As long as what a decision says.
    private static async Task<byte[]> ConstantAsync(Served served, string key)
    {
        await using var app = ApiHost.Build(served, "http://127.0.0.1:0");
        await app.StartAsync();
        using var client = new HttpClient();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + key);
        var lengths = new List<byte[]>();
        for (var i = 0; i < 4; i++)
        {
            using var body = new StringContent($$"""{"to":"{{NumberOf(i)}}","channel":"sms","purpose":"offers","at":"{{At}}"}""", System.Text.Encoding.UTF8, "application/json");
            var answer = await client.PostAsync(new Uri(app.Urls.Single() + "/api/v1/decisions"), body);
            lengths.Add(await answer.Content.ReadAsByteArrayAsync());
            Console.Error.WriteLine($"{(int)answer.StatusCode} {System.Text.Encoding.UTF8.GetString(lengths[^1])[..Math.Min(60, lengths[^1].Length)]}... {lengths[^1].Length} bytes");
        }

        return new byte[(int)lengths.Average(static one => one.Length)].Select(static _ => (byte)' ').ToArray();
    }
}
