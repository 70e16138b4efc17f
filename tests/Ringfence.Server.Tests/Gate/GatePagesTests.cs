using System.Net;
using System.Text.RegularExpressions;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Gate;
using Ringfence.Server.Pages;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Pages;
using Ringfence.Server.Tests.People;
using Ringfence.Server.Tests.Storage;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Gate;

/// <summary>The gate room, on each store.</summary>
public abstract partial class GatePagesTests
{
    private const string Ann = "+447400123456";

    [Fact]
    public async Task What_was_written_down_is_counted_listed_and_looked_up_by_verdict_reason_and_channel()
    {
        await using var house = await HouseAsync();
        var first = await DecideAsync(house, Channel.Sms);
        await DecideAsync(house, Channel.Voice);
        var page = await house.GetAsync(house.Controller + "gate", Role.Auditor);
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains("id=\"n-refused\">2<", page.Text, StringComparison.Ordinal);
        Assert.Equal(2, RowsOf(page));
        Assert.Equal(1, RowsOf(await house.GetAsync(house.Controller + "gate?channel=voice", Role.Auditor)));
        Assert.Equal(2, RowsOf(await house.GetAsync(house.Controller + "gate?verdict=refused", Role.Auditor)));
        Assert.Equal(0, RowsOf(await house.GetAsync(house.Controller + "gate?verdict=allowed", Role.Auditor)));
        Assert.Equal(0, RowsOf(await house.GetAsync(house.Controller + "gate?reason=minor", Role.Auditor)));
        Assert.Equal(1, RowsOf(await house.GetAsync(house.Controller + $"gate?before={first + 1}", Role.Auditor)));
        Assert.Equal(HttpStatusCode.BadRequest, (await house.GetAsync(house.Controller + "gate?verdict=perhaps", Role.Auditor)).Status);
        foreach (var said in new[] { $"dec_{first}", $"#{first}", first.ToString(System.Globalization.CultureInfo.InvariantCulture) })
            Assert.Equal($"/{house.Controller}gate/decisions/{first}", (await house.PostAsync(house.Controller + "gate/find", Role.Auditor, ("id", said))).Location);
        Assert.Equal(HttpStatusCode.NotFound, (await house.PostAsync(house.Controller + "gate/find", Role.Auditor, ("id", "dec_x"))).Status);
    }

    [Fact]
    public async Task A_decision_is_shown_whole_in_three_languages_and_comes_out_the_same_again()
    {
        await using var house = await HouseAsync();
        var seq = await DecideAsync(house, Channel.Sms);
        foreach (var (tag, same) in new[] { ("en", "Came out the same"), ("zh-Hans", "结果相同"), ("zh-Hant", "結果相同") })
        {
            var page = await house.GetAsync(house.Controller + GatePages.PathOf(seq), Role.Auditor, tag);
            Assert.Equal(HttpStatusCode.OK, page.Status);
            Assert.Contains(same, page.Text, StringComparison.Ordinal);
            Assert.Contains("sha256", page.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("7400123456", page.Text, StringComparison.Ordinal);
            Assert.InRange(page.Text.Length, 1, 150_000);
        }

        // What is no decision, and what is not there, are alike.
        Assert.Equal(HttpStatusCode.NotFound, (await house.GetAsync(house.Controller + GatePages.PathOf(0), Role.Auditor)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await house.GetAsync(house.Controller + GatePages.PathOf(99_999), Role.Auditor)).Status);
    }

    [Fact]
    public async Task What_is_decided_while_somebody_looks_comes_to_them_and_what_they_filter_out_does_not()
    {
        await using var house = await HouseAsync();
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, house.Url + house.Controller + "gate/live?channel=sms");
        request.Headers.TryAddWithoutValidation("Cookie", "as=auditor");
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        await DecideAsync(house, Channel.Voice);
        await DecideAsync(house, Channel.Sms);
        var told = "";
        while (!told.Contains("#text", StringComparison.Ordinal))
            told += await lines.ReadLineAsync(TestContext.Current.CancellationToken) ?? throw new EndOfStreamException();
        Assert.Contains("event: decided", told, StringComparison.Ordinal);
        Assert.DoesNotContain("#call", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_number_at_hand_is_asked_about_and_stands_in_no_address()
    {
        await using var house = await HouseAsync();
        var size = await house.SizeAsync();
        var page = await house.PostAsync(house.Controller + "gate/ask", Role.Agent, ("to", Ann), ("channel", "sms"), ("purpose", "offers"));
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains("verdict-no", page.Text, StringComparison.Ordinal);
        // Advice about nobody who is known writes nothing, and is counted as what it is.
        Assert.Equal(size, await house.SizeAsync());
        Assert.Equal(1, house.Served.Advised.Of(house.House.Ledger).Refused);
        var amiss = await house.PostAsync(house.Controller + "gate/ask", Role.Agent, ("to", "nobody"), ("channel", "sms"), ("purpose", "offers"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, amiss.Status);
        Assert.Contains("value=\"nobody\"", amiss.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_figure_of_what_was_held_back_is_as_long_as_the_list_it_leads_to()
    {
        var time = new MovedTime();
        await using var house = await HouseAsync(time);
        await DecideAsync(house, Channel.Sms);
        time.Ahead += TimeSpan.FromDays(10);
        await DecideAsync(house, Channel.Sms);
        await DecideAsync(house, Channel.Voice);
        foreach (var (days, all) in new[] { ("days=7", 2), ("days=30", 3) })
        {
            var overview = await house.GetAsync(house.Controller + "overview?" + days, Role.PrivacyOfficer);
            var bars = HeldBar().Matches(overview.Text).Select(static bar => (Address: WebUtility.HtmlDecode(bar.Groups[1].Value), Count: int.Parse(bar.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture))).ToList();
            Assert.Equal(all, bars.Sum(static bar => bar.Count));
            foreach (var (address, count) in bars)
            {
                var list = await house.GetAsync(address[1..], Role.PrivacyOfficer);
                Assert.Equal((address, count), (address, RowsOf(list)));
                Assert.Contains($"{count} answer", list.Text, StringComparison.Ordinal);
            }
        }

        // Of a year the gate room knows too little; the records know it all.
        var year = (await house.GetAsync(house.Controller + "overview?months=12", Role.PrivacyOfficer)).Text;
        Assert.Empty(HeldBar().Matches(year));
        Assert.Contains(">All 3 as records</a>", year, StringComparison.Ordinal);
        // By day, by verdict, and of several reasons together.
        var room = (await house.GetAsync(house.Controller + "gate", Role.Auditor)).Text;
        var figures = DayFigure().Matches(room).Select(static one => (Address: WebUtility.HtmlDecode(one.Groups[1].Value), Count: int.Parse(one.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture))).ToList();
        Assert.Equal([3, 2, 1], figures.Select(static one => one.Count));
        foreach (var (address, count) in figures)
            Assert.Equal((address, count), (address, RowsOf(await house.GetAsync(address[1..], Role.Auditor))));
        var reasons = string.Join(',', house.Served.RecentOf(house.House.Ledger).Reasons(new DecisionFilter()).Select(static one => Words<ReasonCode>.Of(one.Reason)));
        Assert.Equal(3, RowsOf(await house.GetAsync(house.Controller + "gate?reason=" + reasons, Role.Auditor)));
        Assert.Equal(HttpStatusCode.BadRequest, (await house.GetAsync(house.Controller + "gate?reason=minor,perhaps", Role.Auditor)).Status);
    }

    [Fact]
    public async Task Whoever_sees_what_the_gate_knows_of_somebody_is_written_down_before_it_is_shown()
    {
        await using var house = await HouseAsync();
        await house.House.ImportAsync($"name,phone\nAnn Smith,{Ann}\n", ContactSource.Form);
        var sid = (await house.House.FindAsync(Ann))!.Person.Sid;
        var size = await house.SizeAsync();
        Assert.Contains("verdict-no", (await house.PostAsync(house.Controller + "gate/ask", Role.Agent, ("to", Ann), ("channel", "sms"), ("purpose", "offers"))).Text, StringComparison.Ordinal);
        Assert.Equal((size + 1, "acc-agent", "gate"), await LookedAsync());
        // What was not asked is not seen.
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.PostAsync(house.Controller + "gate/ask", Role.Agent, ("to", Ann), ("channel", "sms"), ("purpose", "offers"), ("facts", "{"))).Status);
        Assert.Equal(size + 1, await house.SizeAsync());
        var decision = await DecideAsync(house, Channel.Sms);
        foreach (var path in new[] { GatePages.PathOf(decision), $"ledger/{decision}" })
        {
            size = await house.SizeAsync();
            Assert.Equal(HttpStatusCode.OK, (await house.GetAsync(house.Controller + path, Role.Auditor)).Status);
            Assert.Equal((size + 1, "acc-auditor", "decision"), await LookedAsync());
        }

        // A record that holds nothing of what was known is no look at anybody.
        size = await house.SizeAsync();
        Assert.Equal(HttpStatusCode.OK, (await house.GetAsync(house.Controller + $"ledger/{decision + 1}", Role.Auditor)).Status);
        Assert.Equal(size, await house.SizeAsync());

        async Task<(long, string, string?)> LookedAsync()
        {
            var last = (await house.House.RecordsAsync())[^1];
            Assert.Equal((RecordType.StaffRevealed, sid), (last.Type, last.Subject!.Value.Sid));
            return (await house.SizeAsync(), last.Actor.Ref, last.Detail!["view"]!.AsText);
        }
    }

    [Fact]
    public async Task Rules_are_found_by_their_words_and_shown_with_their_source_and_cases()
    {
        await using var house = await HouseAsync();
        var all = await house.GetAsync(house.Controller + "rules", Role.Auditor);
        Assert.Contains("rules?pack=us-fl", all.Text, StringComparison.Ordinal);
        Assert.InRange(all.Text.Length, 1, 150_000);
        Assert.Contains("rules/of/fr-hours", (await house.GetAsync(house.Controller + "rules?pack=fr", Role.Auditor)).Text, StringComparison.Ordinal);
        Assert.Contains("rules/of/us-fl-cap", (await house.GetAsync(house.Controller + "rules?q=us-fl-cap", Role.Auditor)).Text, StringComparison.Ordinal);
        var hostile = await house.GetAsync(house.Controller + "rules?q=" + Uri.EscapeDataString("<script>alert(1)</script>\u202e"), Role.Auditor);
        Assert.DoesNotContain("<script>alert", hostile.Text, StringComparison.Ordinal);
        var rule = await house.GetAsync(house.Controller + "rules/of/us-fl-cap", Role.Auditor);
        Assert.Contains("state-ok", rule.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("state-no", rule.Text, StringComparison.Ordinal);
        Assert.Contains("cases/us-fl/", rule.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await house.GetAsync(house.Controller + "rules/of/no-such-rule", Role.Auditor)).Status);
    }

    /// <summary>Where it is kept; null: embedded.</summary>
    private protected abstract ValueTask<StoreOptions?> StoreAsync();

    private protected async Task<PageHouse> HouseAsync(TimeProvider? time = null) => await PageHouse.BuildAsync(await StoreAsync(), time);

    private static int RowsOf(Seen page) => page.Text.Split("gate/decisions/").Length - 1;

    [GeneratedRegex("<a href=\"([^\"]*/gate\\?reason=[^\"]*)\">[^<]*</a><code>[^<]*</code></span>\\s*<span class=\"hb-n\"><b>([0-9]+)</b>")]
    private static partial Regex HeldBar();

    [GeneratedRegex("<a href=\"([^\"]*/gate\\?verdict=[^\"]*)\">([0-9]+)</a>")]
    private static partial Regex DayFigure();

    private static async Task<long> DecideAsync(PageHouse house, Channel channel)
    {
        var asked = AskedFile.Read(new ContactQuestion(Instant.FromDateTimeOffset(house.House.Installation.Time.GetUtcNow()), "acme", channel, "offers"), "facts.json", null);
        return (await ContactDecision.MakeAsync(house.House.Installation, house.House.Ledger, House.Staff, ContactGate.Shipped, asked, house.House.Tags(Ann), record: true, CancellationToken.None)).Seq!.Value;
    }
}

public sealed class SqliteGatePagesTests : GatePagesTests
{
    private protected override ValueTask<StoreOptions?> StoreAsync() => ValueTask.FromResult<StoreOptions?>(null);
}

public sealed class PostgresGatePagesTests : GatePagesTests, IAsyncDisposable
{
    private PostgresHome? home;

    public async ValueTask DisposeAsync()
    {
        if (home is not null)
            await home.DisposeAsync();
    }

    private protected override async ValueTask<StoreOptions?> StoreAsync() => (home = await PostgresHome.MakeAsync()).Options;
}
