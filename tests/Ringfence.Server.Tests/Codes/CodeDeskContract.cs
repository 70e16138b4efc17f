using System.Net;
using System.Security.Cryptography;
using NodaTime;
using Ringfence.Gateways;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Codes;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Gateways;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Codes;

/// <summary>Codes confirm who has a number: bound to what they were asked for, once, for a while; and nobody makes the house send more than it allowed. On either store.</summary>
public abstract class CodeDeskContract
{
    private const string Ann = "+447400123456";
    private const string Session = "Q2FuIG5vYm9keSBndWVzcyB0aGlzPw";
    private const string Limits = GatewayFolder.Files + "codes: { places: [GB, TW], per-day: 100, alarm-after: 1000 }\n";

    private static readonly CodeSending BySms = new(Channel.Sms, "Acme Ltd", "en", IPAddress.Parse("192.0.2.7"));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>How many requests an attack makes.</summary>
    private protected virtual int Requests => 10_000;

    private protected abstract Task<StoreOptions?> StoreAsync();

    private async Task<(House House, MovedTime Time, GatewayFolder Folder, CodeDesk Desk)> BuildAsync(string yaml = Limits)
    {
        var time = new MovedTime();
        // Early in a day and an hour of the clock that counts, so that none ends within a test.
        time.Ahead = new DateTimeOffset(2027, 6, 9, 10, 0, 0, TimeSpan.Zero) - time.GetUtcNow();
        var house = await House.BuildAsync(time, store: await StoreAsync());
        var folder = new GatewayFolder();
        return (house, time, folder, new CodeDesk(house.Installation, folder.Open(yaml, time)));
    }

    private static ContactPoint Point(string text) => ContactPoint.TryRead(text, Region.None, out var point) ? point : throw new ArgumentException(text);

    private static CodeTarget Target(House house, string point = Ann, CodeAct act = CodeAct.Consent, string session = Session, string binding = "doc") => new(house.Ledger, act, session, Point(point), binding);

    [Fact]
    public async Task A_code_is_right_once_for_what_it_was_asked_for_and_for_nothing_else()
    {
        var (house, time, folder, desk) = await BuildAsync();
        await using var _ = house;
        using var __ = folder;
        Assert.True((await desk.SendAsync(Target(house), BySms, Cancel)).IsSent);
        var message = Assert.Single(folder.Messages());
        var code = folder.CodeTo(Ann);
        Assert.Equal($"Acme Ltd: your code is {code}, to confirm that you agree to be contacted. It is good for 10 minutes. If you did not ask for it, do nothing.", message.GetProperty("text").GetString());

        // Another session, number, act or wording.
        await desk.SendAsync(Target(house, "+447400123457"), BySms, Cancel);
        foreach (var other in (CodeTarget[])[Target(house, session: Session + "x"), Target(house, "+447400123457"), Target(house, act: CodeAct.Preferences), Target(house, binding: "other"), Target(house, "ann@example.org")])
            Assert.Null(await desk.TryAsync(other, code, Cancel));
        // Somebody types it as they can: other digits, blanks, hyphens.
        var right = await desk.TryAsync(Target(house), " " + string.Concat(code.Select(static c => char.IsDigit(c) ? (char)('０' + (c - '0')) : '-')), Cancel);
        Assert.NotNull(right);
        Assert.Equal((Channel.Sms, message.GetProperty("id").GetString()), (right.Via, right.Message));
        Assert.Null(await desk.TryAsync(Target(house), code, Cancel));

        // A new one takes the place of the old; at ten minutes it is late.
        await desk.SendAsync(Target(house), BySms, Cancel);
        var first = folder.CodeTo(Ann);
        await Task.Delay(20, Cancel);
        await desk.SendAsync(Target(house), BySms, Cancel);
        var second = folder.CodeTo(Ann);
        Assert.Null(await desk.TryAsync(Target(house), first, Cancel));
        time.Ahead += TimeSpan.FromMinutes(10);
        Assert.Null(await desk.TryAsync(Target(house), second, Cancel));
    }

    [Fact]
    public async Task After_five_wrong_tries_the_right_one_is_wrong_too_on_every_server()
    {
        var (house, _, folder, desk) = await BuildAsync();
        await using var _1 = house;
        using var _2 = folder;
        await desk.SendAsync(Target(house), BySms, Cancel);
        var code = folder.CodeTo(Ann);
        var other = new CodeDesk(house.Installation, folder.Open(Limits));
        // The fourth wrong one leaves room for the right one.
        foreach (var one in (string[])["0", "", new string('9', 200), "abcdefghij"])
            Assert.Null(await other.TryAsync(Target(house), one, Cancel));
        Assert.NotNull(await other.TryAsync(Target(house), code, Cancel));

        await desk.SendAsync(Target(house), BySms, Cancel);
        var again = folder.Messages().Select(static message => message.GetProperty("code").GetString()!).Single(one => one != code);
        // Twenty at once, on two servers: five are looked at.
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? desk : other).TryAsync(Target(house), $"{i:D10}", Cancel)));
        Assert.Null(await desk.TryAsync(Target(house), again, Cancel));
    }

    [Fact]
    public async Task Programs_that_ask_for_codes_get_as_many_as_were_allowed_and_no_more()
    {
        var (house, _, folder, desk) = await BuildAsync();
        await using var _1 = house;
        using var _2 = folder;
        var second = new CodeDesk(house.Installation, folder.Open(Limits));
        var sent = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, Requests), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancel }, async (i, cancel) =>
        {
            // 500 prefixes, 200 networks; each number is another, and each session.
            var how = BySms with { Source = i % 2 == 0 ? new IPAddress([10, 9, 0, (byte)(i % 200)]) : IPAddress.Parse($"2001:db8:0:{i % 200:x}::{i:x}") };
            var answer = await (i % 3 == 0 ? second : desk).SendAsync(Target(house, $"+447{400 + (i % 5)}{i % 500 / 5:D2}{i / 500 % 10000:D4}", session: $"s{i}"), how, cancel);
            if (answer.IsSent)
                Interlocked.Increment(ref sent);
        });
        Assert.Equal((100, 100), (sent, folder.Messages().Count));
        // What was refused left nothing behind.
        Assert.InRange(await RowsAsync(house, "code_count"), 1, 500);
        Assert.Equal(100, await RowsAsync(house, "code"));
    }

    [Fact]
    public async Task Each_number_prefix_and_network_has_a_limit_of_its_own()
    {
        var (house, time, folder, desk) = await BuildAsync(GatewayFolder.Files + "codes: { places: [GB], per-point-and-day: 2, per-prefix-and-hour: 3, per-source-and-hour: 5 }\n");
        await using var _1 = house;
        using var _2 = folder;
        async Task<string> AskAsync(string to, string source) => (await desk.SendAsync(Target(house, to), BySms with { Source = IPAddress.Parse(source) }, Cancel)).Word;
        Assert.Equal(["sent", "sent", "point"], [await AskAsync(Ann, "192.0.2.1"), await AskAsync(Ann, "192.0.2.2"), await AskAsync(Ann, "192.0.2.3")]);
        Assert.Equal(["sent", "prefix"], [await AskAsync("+447400123457", "192.0.2.4"), await AskAsync("+447400123458", "192.0.2.5")]);
        // A /64 is one network, whoever has it; a mapped address is the one it stands for.
        for (var i = 0; i < 5; i++)
            Assert.Equal("sent", await AskAsync($"+4474002{i}0000", $"2001:db8::{i + 1}"));
        Assert.Equal("source", await AskAsync("+447400190000", "2001:db8::ffff"));
        Assert.Equal("192.0.2.1", CodeCounts.NetworkOf(IPAddress.Parse("::ffff:192.0.2.1")));
        time.Ahead += TimeSpan.FromHours(1);
        Assert.Equal("sent", await AskAsync("+447400190000", "2001:db8::ffff"));
        Assert.Equal("point", await AskAsync(Ann, "192.0.2.9"));
        time.Ahead += TimeSpan.FromDays(1);
        Assert.Equal("sent", await AskAsync(Ann, "192.0.2.9"));
        // What has ended is gone.
        Assert.InRange(await RowsAsync(house, "code_count"), 1, 6);
    }

    [Fact]
    public async Task Browsers_that_do_no_work_get_their_share_and_take_nothing_from_those_that_do()
    {
        var (house, time, folder, desk) = await BuildAsync(GatewayFolder.Files + "codes: { places: [GB], work: 3, without-work: 2 }\n");
        await using var _ = house;
        using var __ = folder;
        var (key, now, ledger, i) = (await house.Installation.Keyring.TokenKeyAsync(Cancel), Instant.FromDateTimeOffset(time.GetUtcNow()), house.Ledger.Ledger, 0);
        async Task<string> AskAsync(CodeWork? work, string? to = null) => (await desk.SendAsync(Target(house, to ?? $"+44740{++i:D2}23456"), BySms with { Source = new IPAddress([10, 0, 0, (byte)i]), Work = work }, Cancel)).Word;
        CodeWork Read(string? sent, Instant? at = null, int bits = 3, long? of = null) => CodeWork.Read(key, of ?? ledger, bits, sent, at ?? now);

        var (none, seed) = (Read(null), CodeWork.NewSeed(key, ledger, now));
        var done = $"{seed}.{Enumerable.Range(0, int.MaxValue).First(number => CodeWork.IsFound(seed, $"{number}", 3))}";
        Assert.Equal(["sent", "sent", "without-work"], [await AskAsync(none), await AskAsync(none), await AskAsync(none)]);
        // Whoever worked once may send the same form again, and not more; whoever is asked for nothing counts against neither.
        Assert.Equal(["sent", "sent", "sent", "work", "sent"], [await AskAsync(Read(done)), await AskAsync(Read(done)), await AskAsync(Read(done)), await AskAsync(Read(done)), await AskAsync(null)]);
        Assert.Equal("sent", (await desk.SendAsync(Target(house, "ann@example.org"), BySms with { Via = Channel.Email, Work = none }, Cancel)).Word);

        // What is made up, unfinished, another controller's, from tomorrow, or four hours old is no work.
        var last = seed[^1] == 'A' ? 'B' : 'A';
        var idle = $"{seed}.{Enumerable.Range(0, int.MaxValue).First(number => !CodeWork.IsFound(seed, $"{number}", 3))}";
        foreach (var forged in (string[])["", ".", seed, seed + ".", idle, $"{seed[..^1]}{last}.{done.Split('.')[1]}", done + ".1", done + "x", new string('A', 32) + ".1", new string('.', 5000), $"{seed}.{new string('1', 17)}", $"{seed}.-1"])
            Assert.Null(Read(forged).Seed);
        Assert.Equal(seed, Read(done, now + Duration.FromHours(2)).Seed);
        Assert.All([Read(done, now + Duration.FromHours(4)), Read(done, now - Duration.FromDays(1)), Read(done, of: ledger + 1)], static one => Assert.Null(one.Seed));
    }

    [Theory]
    [InlineData("+442079460000")]
    [InlineData("+449098790000")]
    [InlineData("+448431234567")]
    [InlineData("+448001234567")]
    [InlineData("+881612345678")]
    [InlineData("+33612345678")]
    [InlineData("+18762101234")]
    public async Task No_code_goes_where_none_was_allowed(string number)
    {
        if (!ContactPoint.TryRead(number, Region.None, out var point))
            return;
        var (house, _, folder, desk) = await BuildAsync();
        await using var _1 = house;
        using var _2 = folder;
        Assert.Equal("place", (await desk.SendAsync(new CodeTarget(house.Ledger, CodeAct.Why, Session, point), BySms, Cancel)).Word);
        Assert.Empty(folder.Messages());
        Assert.Equal(0, await RowsAsync(house, "code_count"));
    }

    [Fact]
    public async Task Where_nobody_tells_their_codes_no_more_go_until_somebody_does()
    {
        var (house, _, folder, desk) = await BuildAsync(GatewayFolder.Files + "codes: { places: [GB, TW], alarm-after: 10 }\n");
        await using var _1 = house;
        using var _2 = folder;
        string NumberOf(int i) => $"+44740{i:D2}23456";
        for (var i = 0; i < 10; i++)
            Assert.Equal("sent", (await desk.SendAsync(Target(house, NumberOf(i)), BySms with { Source = new IPAddress([10, 0, 0, (byte)i]) }, Cancel)).Word);
        Assert.Equal("alarm", (await desk.SendAsync(Target(house, NumberOf(10)), BySms, Cancel)).Word);
        Assert.Equal(["GB"], await desk.AlarmsAsync(house.Ledger, Cancel));
        // Another place is another matter, and so is mail.
        Assert.Equal("sent", (await desk.SendAsync(Target(house, "+886912345678"), BySms, Cancel)).Word);
        Assert.Equal("sent", (await desk.SendAsync(Target(house, "ann@example.org"), BySms with { Via = Channel.Email }, Cancel)).Word);
        Assert.NotNull(await desk.TryAsync(Target(house, NumberOf(3)), folder.CodeTo(NumberOf(3)), Cancel));
        Assert.Empty(await desk.AlarmsAsync(house.Ledger, Cancel));
        Assert.Equal("sent", (await desk.SendAsync(Target(house, NumberOf(10)), BySms, Cancel)).Word);
    }

    [Fact]
    public async Task Nothing_that_is_kept_shows_a_number_a_session_or_a_code()
    {
        var (house, _, folder, desk) = await BuildAsync();
        await using var _1 = house;
        using var _2 = folder;
        await desk.SendAsync(Target(house), BySms, Cancel);
        var digits = CodeDesk.Read(folder.CodeTo(Ann))!;
        var kept = await house.Installation.Store.Local.ReadAsync("select tag, hash, message from code", static cells => Convert.ToHexString(cells.Bytes(0)) + Convert.ToHexString(cells.Bytes(1)) + cells.Text(2), Cancel);
        var counts = await house.Installation.Store.Local.ReadAsync("select kind, bucket from code_count", static cells => cells.Text(0) + System.Text.Encoding.Latin1.GetString(cells.Bytes(1)), Cancel);
        Assert.Single(kept);
        Assert.All(kept.Concat(counts), one =>
        {
            Assert.DoesNotContain(digits, one, StringComparison.Ordinal);
            Assert.DoesNotContain("7400123", one, StringComparison.Ordinal);
            Assert.DoesNotContain(Session, one, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToHexString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(digits))), one, StringComparison.Ordinal);
        });
    }

    private static async Task<long> RowsAsync(House house, string table) =>
        (await house.Installation.Store.Local.ReadAsync($"select count(*) from {table}", static cells => cells.Long(0), Cancel))[0];
}

public sealed class CodeDeskTests : CodeDeskContract
{
    private protected override Task<StoreOptions?> StoreAsync() => Task.FromResult<StoreOptions?>(null);

    [Fact]
    public void A_hundred_thousand_attacks_find_no_code()
    {
        // By arithmetic: the chance that any of them does.
        Assert.True(100_000 * CodeDesk.Tries / Math.Pow(10, CodeDesk.Digits) < 1e-4);
        Assert.True(CodeDesk.Digits * Math.Log2(10) >= 20);
        // And by trying; what is drawn, and what is guessed, is what a desk draws and hears.
        var found = 0;
        for (var attack = 0; attack < 100_000; attack++)
        {
            var code = RandomNumberGenerator.GetString("0123456789", CodeDesk.Digits);
            for (var guess = 0; guess < CodeDesk.Tries; guess++)
                found += CodeDesk.Read(RandomNumberGenerator.GetString("0123456789", CodeDesk.Digits)) == code ? 1 : 0;
        }

        Assert.True(found < 10, $"{found} of 100,000");
    }
}

public sealed class PostgresCodeDeskTests : CodeDeskContract, IAsyncDisposable
{
    private PostgresHome? home;

    // Each is a transaction of a server of its own: a tenth of them shows the same.
    private protected override int Requests => 1_000;

    private protected override async Task<StoreOptions?> StoreAsync() => (home = await PostgresHome.MakeAsync()).Options;

    public async ValueTask DisposeAsync()
    {
        if (home is not null)
            await home.DisposeAsync();
    }
}
