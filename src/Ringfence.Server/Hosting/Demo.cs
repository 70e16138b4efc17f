using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.Rules;
using Ringfence.Server.Cli;
using Ringfence.Server.Gate;
using Ringfence.Server.Ledger;
using Ringfence.Server.People.Import;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Staff;

namespace Ringfence.Server.Hosting;

/// <summary>A controller that does not exist, with people who don't exist, to look at every room of the house. All of it is written as it would be in earnest: by the API and by an import.</summary>
/// <remarks>Numbers are of the ranges kept for films wherever a country has such: https://www.bundesnetzagentur.de, https://www.ofcom.org.uk, https://www.acma.gov.au.</remarks>
internal sealed class Demo
{
    /// <summary>The word of its controller. No other is served beside it.</summary>
    public const string Controller = "demo";

    /// <summary>Where it is kept if nobody says where.</summary>
    public const string Folder = "demo";

    // Letters and digits that are not taken for one another.
    private const string Signs = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";

    private const int People = 240;
    private const string Offers = "offers@2026-11";
    private const string Letters = "letters@2026-11";
    private const string Mira = "mira@demo.invalid";

    private static readonly string[] Given =
        ["Anneliese", "Jonas", "Mathilde", "Tomasz", "Priya", "Gerhard", "Ingrid", "Łukasz", "Chloé", "Aylin", "Noah", "Margit", "Sofia", "Émile", "Oksana", "Hugo", "Mei-Ling", "Ferdinand", "Amara", "Lotte"];

    private static readonly string[] Family =
        ["Hartmann", "Feld", "Sørensen-Kjær", "Wiśniewski", "Raghunathan", "Ölschläger", "Brandt", "Kowalczyk", "Moreau", "Demir", "Whitfield", "Lindqvist", "Rossi", "Garnier", "Bondarenko", "Peeters", "Chan", "Graf von Altenbruch", "Okafor", "Vogel"];

    private static readonly string[] Ways = ["link", "keyword", "preference-centre", "call", "agent", "one-click", "email"];

    private readonly ApiInside api;
    private readonly Served served;
    private readonly LedgerRow ledger;
    private readonly DateTimeOffset now;

    private Demo(Served served, LedgerRow ledger, IServiceProvider services)
    {
        (this.served, this.ledger) = (served, ledger);
        now = served.Installation.Time.GetUtcNow();
        api = new ApiInside(served, new Caller(ledger, "demo", ApiScopes.Decide | ApiScopes.Permit | ApiScopes.Consent | ApiScopes.Withdraw | ApiScopes.Suppress) { Actor = new Actor(ActorKind.System, "demo") }, services);
    }

    /// <summary>What the demonstration states of all its contacts.</summary>
    public static StandingFacts Facts { get; } = StandingFacts.Read("standing-facts.yaml", Read("standing-facts.yaml"));

    /// <summary>Makes it, where there is nothing yet; where it was made before, leaves it as it is by now.</summary>
    /// <exception cref="CommandRefusedException"><c>not-a-demo</c>: there are real controllers.</exception>
    public static async Task MakeAsync(Served served, IServiceProvider services, CancellationToken cancel)
    {
        var installation = served.Installation;
        var ledgers = await installation.NewestLedgersAsync(cancel);
        if (ledgers.Any(static row => row.Controller != Controller))
            throw new CommandRefusedException("not-a-demo");
        if (ledgers.Count > 0 && (await installation.Store.HeadAsync(ledgers[0].Ledger, cancel)).Size > 100)
            return;
        var ledger = await installation.AddControllerAsync(Controller, "demo.invalid/" + Controller, PartyDocument.Read("party.yaml", Read("party-ringmuster.yaml")), cancel);
        var demo = new Demo(served, ledger, services);
        await demo.PublishAsync(cancel);
        await demo.ImportAsync(cancel);
        for (var i = 0; i < People; i++)
            await demo.MeetAsync(i, cancel);
        // Their passwords are made anew once it is served.
        await StaffAsync(served, cancel);
        var mira = await served.Entrance.Accounts.FindByMailAsync(Mira, cancel) ?? throw new InvalidOperationException("Nobody looks after the demonstration.");
        await new DemoRooms(served, ledger, demo.api, mira.Id, static i => PointOf(i).To).FurnishAsync(cancel);
    }

    /// <summary>Its staff, with passwords that hold until it is started again: nobody gets in by one that somebody else knows.</summary>
    public static async Task<IReadOnlyList<(string Mail, string Password)>> StaffAsync(Served served, CancellationToken cancel)
    {
        var accounts = served.Entrance.Accounts;
        List<(string, string)> staff = [];
        foreach (var (mail, name, roles) in new (string, string, Role[])[]
        {
            (Mira, "Mira Okonkwo", [Role.Administrator, Role.PrivacyOfficer, Role.Marketer]),
            ("jonas@demo.invalid", "Jonas Feld", [Role.Agent]),
            // What takes two people can be seen through to its end.
            ("ingrid@demo.invalid", "Ingrid Brandt", [Role.PrivacyOfficer, Role.Auditor]),
        })
        {
            var password = string.Join('-', Enumerable.Range(0, 4).Select(static _ => RandomNumberGenerator.GetString(Signs, 4)));
            var hash = SignIn.Hash(password);
            if (await accounts.FindByMailAsync(mail, cancel) is { } known)
                await accounts.SetPasswordAsync(known.Id, hash, null, cancel);
            else
                await accounts.AddAsync(mail, name, null, hash, [.. roles.Select(static role => (Controller, role))], null, cancel);
            staff.Add((mail, password));
        }

        return staff;
    }

    private async Task PublishAsync(CancellationToken cancel)
    {
        var writer = await served.Installation.WriterAsync(ledger, cancel);
        foreach (var file in new[] { "wording-offers.yaml", "wording-letters.yaml" })
        {
            var wording = WordingDocument.Read(file, Read(file));
            await writer.DoAsync(new PublishCommand(LedgerActors.Program, "wording", "application/json", wording.ToBytes(), "en", wording.Version), cancel);
        }
    }

    private async Task ImportAsync(CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("ringfence-demo-").FullName;
        try
        {
            var list = Path.Combine(folder, "leads-2000.csv");
            await File.WriteAllTextAsync(list, Read("leads-2000.csv"), cancel);
            var options = new ImportOptions { Files = [list], Source = Ringfence.Gate.ContactSource.Form, AsOf = NodaTime.LocalDate.FromDateTime(now.UtcDateTime), Region = Region.Of("GB") };
            using var rejected = new RejectedFile(null);
            await ImportRun.RunAsync(served.Installation, ledger, new Actor(ActorKind.System, "demo"), options, null, isDry: false, rejected, ProgressBar.None, cancel);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // One person: a yes of some day within the last fourteen months; and what may have become of it. By their number, not by chance, so that it is the same everywhere.
    private async Task MeetAsync(int i, CancellationToken cancel)
    {
        var (to, residence, language) = PointOf(i);
        var isMail = to.Contains('@', StringComparison.Ordinal);
        var said = now.AddDays(-(i * 37 % 420)).AddMinutes(-(i * 61 % 600));
        await SayAsync("consents", new JsonObject
        {
            ["to"] = to,
            ["name"] = $"{Given[i % Given.Length]} {Family[i * 7 % Family.Length]}",
            ["wording"] = isMail ? Letters : Offers,
            ["language"] = isMail ? "en" : language,
            ["residence"] = residence,
            ["at"] = said.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["evidence"] = new JsonObject
            {
                ["format"] = "ringfence/consent-evidence/v1",
                ["method"] = "checkbox",
                ["page"] = "https://ringmuster.example/offers",
                ["ip"] = string.Create(CultureInfo.InvariantCulture, $"192.0.2.{i % 250}"),
                ["device"] = "Firefox",
            },
        }, cancel);
        var question = new JsonObject { ["to"] = to, ["channel"] = isMail ? "email" : i % 3 == 0 ? "sms" : "voice", ["purpose"] = "offers" };
        if (!isMail && question["channel"]!.GetValue<string>() == "voice")
            question["technique"] = "manual";
        if (i % 3 == 1)
            await SayAsync("decisions", With(question, "record", true), cancel);
        if (i % 4 == 2 && (await SayAsync("permits", question, cancel)).Text("permit") is { } permit)
        {
            if ((await SayAsync($"permits/{permit}/redeem", [], cancel)).IsDone)
                await SayAsync($"permits/{permit}/outcome", new JsonObject { ["outcome"] = isMail || i % 3 == 0 ? "delivered" : i % 8 == 2 ? "no-answer" : "answered" }, cancel);
        }

        if (i % 11 == 5)
            await SayAsync("withdrawals", new JsonObject { ["to"] = to, ["way"] = Ways[i % Ways.Length] }, cancel);
        else if (i % 29 == 7)
            await SayAsync("suppressions", new JsonObject { ["to"] = to, ["by"] = i % 2 == 0 ? "complaint" : "controller" }, cancel);
    }

    private static (string To, string Residence, string Language) PointOf(int i)
    {
        var last = (i * 13) % 1000;
        return (i % 8) switch
        {
            0 => (Number($"+493023125{last:000}"), "DE", "de"),
            1 => (Number($"+49171392{last:0000}"), "DE", "de"),
            2 => (Number($"+442079460{last:000}"), "GB", "en"),
            3 => (Number($"+441214960{last:000}"), "GB", "en"),
            4 => (string.Create(CultureInfo.InvariantCulture, $"{Plain(Given[i % Given.Length])}.{i}@example.org"), i % 3 == 0 ? "GB" : "DE", i % 3 == 0 ? "en" : "de"),
            5 => (Number($"+4969900090{last % 100:00}"), "DE", "de"),
            6 => (Number($"+12125550{100 + last % 100:000}"), "US-NY", "en"),
            _ => (Number($"+3319900{last % 10000:0000}"), "FR", "en"),
        };
    }

    private static string Number(FormattableString text) => FormattableString.Invariant(text);

    private static string Plain(string name) => new([.. name.Where(char.IsAsciiLetter).Select(char.ToLowerInvariant)]);

    private static JsonObject With(JsonObject body, string name, JsonNode value)
    {
        var more = body.DeepClone().AsObject();
        more[name] = value;
        return more;
    }

    // What the gate refuses is part of the picture; what could not be written is a fault of the program.
    private async Task<ApiReply> SayAsync(string path, JsonObject body, CancellationToken cancel)
    {
        var reply = await api.CallAsync("POST", path, body.DeepClone().AsObject(), null, CultureInfo.GetCultureInfo("en"), cancel);
        return reply.IsDone || path.StartsWith("permits", StringComparison.Ordinal)
            ? reply : throw new InvalidOperationException($"{path}: {reply.Status} {reply.Json.GetRawText()}");
    }

    /// <summary>One of the samples, as the program carries them.</summary>
    public static string Read(string name)
    {
        using var stream = typeof(Demo).Assembly.GetManifestResourceStream("samples/" + name)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
