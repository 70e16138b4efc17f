using System.Net;
using System.Text.Json;
using NodaTime;
using Ringfence.Server.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.Rights;
using Ringfence.Server.Staff;
using Ringfence.Server.Suppression.Registers;
using Ringfence.Server.Tests.Hosting;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Suppression.Registers;
using Ringfence.Suppression.Registers;
using Xunit;

namespace Ringfence.Server.Tests.Gate;

/// <summary>The registers that an installation keeps, asked by the gate while it serves.</summary>
public sealed class RegisterGateTests : IAsyncLifetime
{
    private const string Ann = "+447400123456";
    private const string Bea = "+447400123457";
    private const string Tps = "gb-tps";

    private static readonly ApiScopes All = Enum.GetValues<ApiScopes>().Aggregate(static (set, one) => set | one);

    private readonly MovedTime time = new();
    private ApiHouse api = null!;
    private ApiKey key = null!;

    public async ValueTask InitializeAsync()
    {
        // Eleven in the morning in London, on a Wednesday.
        time.Ahead = new DateTimeOffset(2026, 11, 18, 11, 0, 0, TimeSpan.Zero) - time.GetUtcNow();
        api = await ApiHouse.BuildAsync(time: time);
        key = await api.KeyAsync(All);
    }

    public ValueTask DisposeAsync() => api.DisposeAsync();

    private RegisterScreen Screen => api.House.Installation.Registers;

    private string Data => api.House.Installation.Options.Data;

    private string Place(string name = Tps) => RegisterFile.PathOf(Data, name);

    private RegisterOrder Order(int day, string name = Tps) => new()
    {
        Name = name, Out = Place(name), AsOf = new LocalDate(2026, 11, day), Now = Instant.FromUtc(2026, 11, 18, 10, 0), Format = name == Tps ? RegisterFormat.GbTps : RegisterFormat.Plain,
    };

    private string Lines(params string[] numbers)
    {
        var file = Path.Combine(api.House.Folder, "list.txt");
        File.WriteAllLines(file, numbers);
        return file;
    }

    private static string National(string number) => "0" + number[3..];

    private void Build(int day, params string[] listed)
    {
        RegisterHome.Build(Order(day), Lines([.. listed.Select(National)]));
        Screen.Look();
    }

    private static string Ask(string number = Ann, string? registers = null, string channel = "voice", string more = "") =>
        $$"""{"to":"{{number}}","channel":"{{channel}}","purpose":"offers","facts":{{CampaignFacts.Of("manual", registers: registers)}}{{more}}}""";

    private async Task<JsonElement> DecideAsync(string number = Ann, string? registers = null)
    {
        var answer = await api.PostAsync("decisions", key, Ask(number, registers));
        Assert.True(answer.Status == HttpStatusCode.OK, answer.ToString());
        return answer.Json;
    }

    // Of all that stands against the call, what has to do with the register.
    private static string ReasonsOf(JsonElement decision) => string.Join(' ', decision.GetProperty("reasons").EnumerateArray()
        .Where(static reason => reason.GetProperty("item").GetString() == Tps).Select(static reason => reason.GetProperty("code").GetString()));

    private async Task<string> ReasonsAsync(string number = Ann, string? registers = null) => ReasonsOf(await DecideAsync(number, registers));

    private static string Quoted(JsonElement answer) => string.Join(' ', answer.GetProperty("registers").EnumerateArray().Select(static one =>
        $"{one.GetProperty("name").GetString()}={(one.GetProperty("listed").GetBoolean() ? "listed" : "clear")}/v{one.GetProperty("version").GetInt64()}/{one.GetProperty("day").GetString()}"));

    [Fact]
    public async Task A_number_is_never_screened_then_clear_then_listed_by_an_update_then_the_copy_is_too_old()
    {
        Assert.Equal("register-missing", await ReasonsAsync(registers: "{}"));
        Build(10, Bea);
        var clear = await DecideAsync();
        Assert.Equal(("", "gb-tps=clear/v1/2026-11-10"), (ReasonsOf(clear), Quoted(clear)));
        Assert.Matches("^sha256:[0-9a-f]{64}$", clear.GetProperty("registers")[0].GetProperty("digest").GetString());
        Assert.Equal("The number is not listed in gb-tps, copy 1 of 10 November 2026.", clear.GetProperty("registers")[0].GetProperty("text").GetString());
        Assert.Equal("register", await ReasonsAsync(Bea));
        RegisterHome.Building(Order(17)).Update([Lines(National(Ann))], [], []);
        Screen.Look();
        var listed = await DecideAsync();
        Assert.Equal(("register", "gb-tps=listed/v2/2026-11-17"), (ReasonsOf(listed), Quoted(listed)));
        RegisterHome.Building(Order(18)).Update([], [Lines(National(Ann))], []);
        Screen.Look();
        Assert.Equal("", await ReasonsAsync());
        // Good for 28 days, the last of them whole.
        time.Ahead += TimeSpan.FromDays(28);
        Assert.Equal("", await ReasonsAsync());
        time.Ahead += TimeSpan.FromDays(1);
        Assert.Equal("register-stale", await ReasonsAsync());
        Assert.Equal("register-stale register", await ReasonsAsync(Bea) is var both && both.Split(' ').Length == 2 ? string.Join(' ', both.Split(' ').OrderDescending(StringComparer.Ordinal)) : both);
    }

    [Fact]
    public async Task Who_asks_first_after_a_pause_is_answered_from_the_new_copy()
    {
        Build(10, Bea);
        Assert.Equal("", await ReasonsAsync());
        // Longer than what was seen of the folder is believed, and nobody looks meanwhile.
        await Task.Delay(1100, TestContext.Current.CancellationToken);
        RegisterHome.Building(Order(17)).Update([Lines(National(Ann))], [], []);
        Assert.Equal("register", await ReasonsAsync());
    }

    [Fact]
    public async Task Numbers_that_the_copy_does_not_speak_of_were_not_screened()
    {
        RegisterHome.Build(Order(17) with { Covers = RegisterCoverage.Of(["4420"]) }, Lines("02079460123"));
        Screen.Look();
        Assert.Equal("register-missing", await ReasonsAsync(registers: """{"gb-tps":{"screenedAt":"2026-11-18","listed":false}}"""));
        Assert.Equal("", await ReasonsAsync("+442079460124"));
    }

    [Theory]
    // What the file says: nothing of such numbers, clear, listed; what the caller states; what counts.
    [InlineData(null, "{}", "register-missing")]
    [InlineData(null, """{"gb-tps":{"screenedAt":"2026-11-18","listed":false}}""", "register-missing")]
    [InlineData(null, """{"gb-tps":{"screenedAt":"2026-11-18","listed":true}}""", "register register-stale")]
    [InlineData(false, """{"gb-tps":{"screenedAt":"2026-11-18","listed":true}}""", "register")]
    [InlineData(false, """{"gb-tps":{"screenedAt":"2020-01-01","listed":false}}""", "")]
    [InlineData(true, """{"gb-tps":{"screenedAt":"2026-11-18","listed":false}}""", "register")]
    [InlineData(true, """{"gb-tps":{"screenedAt":"2026-11-18"}}""", "register")]
    [InlineData(true, """{"gb-tps":{"screenedAt":"2026-11-18","listed":true,"listedAt":"2026-11-17","publishedAt":"2026-11-17"}}""", "register")]
    public async Task What_a_caller_states_can_add_an_entry_and_take_none_away(bool? listed, string stated, string reasons)
    {
        RegisterHome.Build(Order(17) with { Covers = listed is null ? RegisterCoverage.Of(["4420"]) : RegisterCoverage.Everything }, Lines(listed == true ? National(Ann) : National(Bea)));
        Screen.Look();
        Assert.Equal(reasons, string.Join(' ', (await ReasonsAsync(registers: stated)).Split(' ').Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task What_a_caller_states_makes_an_old_copy_no_younger()
    {
        RegisterHome.Build(Order(17) with { AsOf = new LocalDate(2026, 9, 1) }, Lines(National(Bea)));
        Screen.Look();
        Assert.Equal("register-stale", await ReasonsAsync(registers: """{"gb-tps":{"screenedAt":"2026-11-18","listed":false}}"""));
    }

    [Fact]
    public async Task Of_a_register_that_nobody_keeps_here_the_word_of_the_caller_counts_and_is_not_told_as_ours()
    {
        Build(17, Bea);
        var clear = await DecideAsync(registers: """{"gb-ctps":{"screenedAt":"2026-11-18","listed":false,"version":9,"digest":"sha256:00"}}""");
        Assert.Equal("gb-tps=clear/v1/2026-11-17", Quoted(clear));
        File.Delete(Place());
        Screen.Look();
        Assert.Equal("", await ReasonsAsync(registers: """{"gb-tps":{"screenedAt":"2026-11-18","listed":false}}"""));
    }

    [Fact]
    public async Task A_damaged_file_is_not_believed_whether_or_not_there_was_a_good_one_before()
    {
        Build(17, Bea);
        var bytes = await File.ReadAllBytesAsync(Place(), TestContext.Current.CancellationToken);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(Place() + ".new", bytes, TestContext.Current.CancellationToken);
        File.Move(Place() + ".new", Place(), overwrite: true);
        Screen.Look();
        // The copy before counts on, and ages.
        Assert.Equal([Tps], Screen.Damaged);
        Assert.Equal(("", "register"), (await ReasonsAsync(), await ReasonsAsync(Bea)));
        time.Ahead += TimeSpan.FromDays(30);
        Assert.Equal("register-stale", await ReasonsAsync());
        // Who starts now knows of no good one.
        var fresh = new RegisterScreen(Data, time);
        var stated = new Ringfence.Gate.Situation { At = default, Registers = new Dictionary<string, Ringfence.Gate.Screening> { [Tps] = new() { Listed = false } } };
        Assert.Empty(fresh.On(stated, api.House.Tags(Ann).Point, Ringfence.Gate.ContactGate.Shipped).Registers!);
    }

    [Fact]
    public async Task A_new_copy_counts_within_a_second_while_questions_are_answered_and_none_is_answered_from_two()
    {
        const int copies = 12;
        Build(1, Bea);
        using var stop = new CancellationTokenSource();
        var asking = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var last = 0L;
            while (!stop.IsCancellationRequested)
            {
                var answer = await DecideAsync();
                var quoted = answer.GetProperty("registers")[0];
                var version = quoted.GetProperty("version").GetInt64();
                Assert.InRange(version, last, copies);
                last = version;
                // Each copy has the day of its number, and lists the number where that is even.
                Assert.Equal($"gb-tps={(version % 2 == 0 ? "listed" : "clear")}/v{version}/2026-11-{version:00}", Quoted(answer));
                Assert.Equal(version % 2 == 0 ? "register" : "", ReasonsOf(answer));
            }
        })).ToArray();
        for (var day = 2; day <= copies; day++)
        {
            RegisterHome.Build(Order(day), Lines(day % 2 == 0 ? [National(Ann), National(Bea)] : [National(Bea)]));
            await Task.Delay(60, TestContext.Current.CancellationToken);
        }

        var until = DateTime.UtcNow.AddSeconds(20);
        while (Quoted(await DecideAsync()) != $"gb-tps=listed/v{copies}/2026-11-{copies}")
        {
            Assert.True(DateTime.UtcNow < until);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        await stop.CancelAsync();
        await Task.WhenAll(asking);
    }

    [Fact]
    public async Task What_was_written_down_keeps_the_copy_it_was_decided_on_when_the_register_has_long_another()
    {
        await api.House.DoAsync(new PublishCommand(House.Staff, "wording", "application/json", House.Offers.ToBytes(), "en", House.Offers.Version));
        var said = await api.PostAsync("consents", key, $$"""
            { "to": "{{Ann}}", "wording": "{{House.Offers.Digest}}", "language": "en", "channels": ["sms"], "purposes": ["offers"],
              "evidence": { "format": "ringfence/consent-evidence/v1", "method": "checkbox", "page": "https://acme.example/offers", "ip": "192.0.2.7", "device": "x",
                "recorder": { "kind": "client", "ref": "form-offers" } } }
            """);
        Assert.Equal(HttpStatusCode.Created, said.Status);
        Build(10, Bea);
        var permit = await api.PostAsync("permits", key, Ask(channel: "sms").Replace("\"manual\"", "\"bulk\"", StringComparison.Ordinal), ("Idempotency-Key", "one"));
        var refused = await api.PostAsync("decisions", key, Ask(Bea, more: ",\"record\":true"));
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (permit.Status, refused.Status));
        RegisterHome.Build(Order(17), Lines(National(Ann)));
        Screen.Look();
        foreach (var (answer, quoted) in new[] { (permit, "gb-tps=clear/v1/2026-11-10"), (refused, "gb-tps=listed/v1/2026-11-10") })
        {
            Assert.Equal(quoted, Quoted(answer.Json));
            var id = "dec_" + answer.Json.GetProperty("record").GetInt64();
            Assert.True((await api.PostAsync($"decisions/{id}/replay", key, "")).Json.GetProperty("same").GetBoolean());
            var facts = (await api.GetAsync($"decisions/{id}", key)).Json.GetProperty("decision").GetProperty("facts");
            var kept = facts.GetProperty("registers.gb-tps");
            Assert.Equal(("1", answer.Json.GetProperty("registers")[0].GetProperty("digest").GetString()), (kept.GetProperty("version").GetString(), kept.GetProperty("digest").GetString()));
        }

        var again = await api.PostAsync("permits", key, Ask(channel: "sms").Replace("\"manual\"", "\"bulk\"", StringComparison.Ordinal), ("Idempotency-Key", "one"));
        Assert.Equal((permit.Json.GetProperty("permit").GetString(), Quoted(permit.Json)), (again.Json.GetProperty("permit").GetString(), Quoted(again.Json)));
    }
}
