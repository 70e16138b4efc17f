using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Hosting;
using Ringfence.Server.People;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Gate;
using Ringfence.Server.Tests.Rights;
using Ringfence.Server.Tests.Storage;
using Ringfence.Server.Webhooks;
using Ringfence.Webhooks;
using Xunit;

namespace Ringfence.Server.Tests.People;

/// <summary>Whatever happens: lists say of everybody what decisions say, and count who is there.</summary>
public sealed class AudienceHistoryTests
{
    private const int Steps = 40;
    private const string Ann = "+447400123456";

    private static readonly AudienceAsk[] Asks =
    [
        new(Channel.Sms, "offers"), new(Channel.Sms, "offers:solar"), new(Channel.Voice, "offers"), new(Channel.Email, "offers"), new(Channel.Voice, "research"),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Over_any_history_a_column_says_what_decisions_say(int seed)
    {
        await using var house = await SnapshotHouse.BuildAsync();
        await LiveAsync(house, new Random(seed));
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public async Task Over_any_history_on_PostgreSQL_too(int seed)
    {
        await using var home = await PostgresHome.MakeAsync();
        await using var house = await SnapshotHouse.BuildAsync(home.Options);
        await LiveAsync(house, new Random(seed));
    }

    [Fact]
    public async Task What_was_acknowledged_is_in_the_next_answer()
    {
        await using var house = await SnapshotHouse.BuildAsync();
        await house.House.SaysAsync(Ann, channels: "sms,voice");
        await house.SettleAsync();
        using var index = IndexOf(house);
        var stopped = new AudienceFilter { Suppressed = true };
        var given = new AudienceFilter { Consent = ConsentStanding.Given, Channel = Channel.Sms, Purpose = "offers:solar" };
        var look = (await index.LookAsync([Asks[0]], Patience, TestContext.Current.CancellationToken))!;
        Assert.Equal((0, 1), (look.Count(stopped), look.Count(given)));
        // Nothing is settled: the snapshot itself does not know it yet.
        await house.House.WithdrawAsync(Ann);
        look = (await index.LookAsync([Asks[0]], Patience, TestContext.Current.CancellationToken))!;
        Assert.Equal((1, 0), (look.Count(stopped), look.Count(given)));
        var asked = SnapshotHouse.Asked(Instant.FromDateTimeOffset(house.House.Installation.Time.GetUtcNow()));
        var refused = Assert.IsType<Verdict.Refused>(ContactGate.Shipped.Decide(await house.StoreAsync(Ann, asked)));
        Assert.Equal(1, look.Count(new AudienceFilter { Channel = Channel.Sms, Purpose = "offers", Verdict = AudienceVerdict.Refused, Reason = refused.Reasons[0].Code }));
        Assert.Equal(1, look.Count(given with { Consent = ConsentStanding.Withdrawn }));
    }

    [Fact]
    public async Task Of_who_is_erased_no_name_and_no_number_is_left()
    {
        await using var house = await SnapshotHouse.BuildAsync();
        await house.House.ImportAsync($"name,phone,email\nAnn Smith,{Ann},ann@example.org\nBea Jones,+447400123457,bea@example.org\n", ContactSource.Form);
        await house.SettleAsync();
        using var index = IndexOf(house);
        var look = (await index.LookAsync([], Patience, TestContext.Current.CancellationToken))!;
        var sid = Assert.Single(look.All(AudienceFilter.Everyone, AudienceOrder.Added, new AudienceText("smi", null)));
        await house.House.EraseAsync(sid);
        look = (await index.LookAsync([], Patience, TestContext.Current.CancellationToken))!;
        Assert.Empty(look.All(AudienceFilter.Everyone, AudienceOrder.Added, new AudienceText("smi", null)));
        Assert.Single(look.All(AudienceFilter.Everyone, AudienceOrder.Added, new AudienceText("jon", null)));
        Assert.Equal(0, index.With((all, _) => all.PointsOf(all[all.Find(sid)]).Length));
        Assert.Equal(1, look.Count(AudienceFilter.Everyone));
    }

    [Fact]
    public async Task A_yes_that_ends_is_none_any_more_though_nobody_wrote_that_down()
    {
        var time = new StandingTime();
        await using var house = await SnapshotHouse.BuildAsync(time: time);
        await house.House.DoAsync(new Server.Consent.RecordConsentCommand(
            new Server.Consent.ConsentSaid
            {
                Type = RecordType.ConsentGiven,
                State = RecordState.Given,
                Actor = Ledger.House.Person,
                Tags = house.House.Tags(Ann),
                Scope = new RecordScope(["sms"], ["offers"]),
                Method = new CollectionMethod("web_form", Ceremony.SingleOptIn),
                Evidence = "{}"u8.ToArray(),
                ValidFor = "P1M",
            },
            await house.House.Installation.NewPersonAsync(TestContext.Current.CancellationToken)));
        await house.SettleAsync();
        using var index = IndexOf(house);
        var look = (await index.LookAsync([], Patience, TestContext.Current.CancellationToken))!;
        Assert.Equal((1, 0), (look.Count(new AudienceFilter { StaleWithin = 40 }), look.Count(new AudienceFilter { StaleWithin = 20 })));
        time.Moved = TimeSpan.FromDays(35);
        look = (await index.LookAsync([], Patience, TestContext.Current.CancellationToken))!;
        Assert.Equal((0, 1), (look.Count(new AudienceFilter { Consent = ConsentStanding.Given }), look.Count(new AudienceFilter { Consent = ConsentStanding.Expired, AgeFrom = 30, AgeTo = 40 })));
    }

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static AudienceIndex IndexOf(SnapshotHouse house) =>
        new(new Served(house.House.Installation, ContactGate.Shipped, StandingFacts.Read("facts.json", CampaignFacts.Bulk)) { Webhooks = new WebhookSender(WebhookReach.Internet, house.House.Installation.Time) }, house.House.Ledger);

    private static async Task LiveAsync(SnapshotHouse house, Random random)
    {
        using var index = IndexOf(house);
        for (var step = 0; step < Steps; step++)
        {
            house.LetOthersWrite(random.Next(3) == 0);
            var what = "";
            for (var some = random.Next(1, 4); some > 0; some--)
                what += await SnapshotHistoryTests.DoAsync(house, random) + "; ";
            // What this node wrote is marked; what others wrote as soon as the ledger was looked at.
            await house.Follower.LookAsync(CancellationToken.None);
            if (random.Next(3) == 0 || house.Snapshot.IsVoid)
                await house.SettleAsync();
            var fresh = random.Next(2) == 0;
            var look = await index.LookAsync(Asks, Patience, CancellationToken.None);
            if (fresh)
            {
                // Made anew over everybody, not only for those who changed.
                foreach (var ask in Asks)
                    await index.RefreshAsync(ask);
                look = await index.LookAsync(Asks, Patience, CancellationToken.None);
            }

            await CompareAsync(house, look!, $"step {step}, {what}{(fresh ? "made anew" : "")}");
        }
    }

    private static async Task CompareAsync(SnapshotHouse house, AudienceLook look, string when)
    {
        var now = Instant.FromDateTimeOffset(house.House.Installation.Time.GetUtcNow());
        var people = new Dictionary<OpaqueId, (Server.People.FoundContact Found, List<string> Points)>();
        foreach (var point in SnapshotHistoryTests.Points)
        {
            if (await house.House.FindAsync(point) is not { } found)
                continue;
            if (!people.TryGetValue(found.Person.Sid, out var one))
                people.Add(found.Person.Sid, one = (found, []));
            one.Points.Add(point);
        }

        foreach (var (sid, (found, points)) in people)
        {
            foreach (var ask in Asks)
            {
                var best = AudienceCell.NoPoint;
                foreach (var point in points.Where(point => point.Contains('@') == (ask.Channel == Channel.Email)))
                {
                    var asked = SnapshotHouse.Asked(now, ask.Channel, ask.Purpose!);
                    var cell = AudienceCell.Of(ContactGate.Shipped.Decide(await house.StoreAsync(point, asked)));
                    best = cell.IsBetterThan(best) ? cell : best;
                }

                Assert.True(look.Answer(ask, sid) is { } answer && answer.Verdict == best.Verdict && (points.Count > 1 || answer.Reason == best.Reason), $"{when}: {ask}: {look.Answer(ask, sid)} is not {best}");
            }

            Assert.True(look.Count(new AudienceFilter { Status = found.Person.Status }) == people.Values.Count(one => one.Found.Person.Status == found.Person.Status), $"{when}: {found.Person.Status}");
        }

        Assert.True(people.Keys.ToHashSet().SetEquals(look.All(AudienceFilter.Everyone, AudienceOrder.Added)), when);
        foreach (var ask in Asks)
        {
            var shares = look.Breakdown(AudienceFilter.Everyone, [ask], byCountry: true);
            Assert.Equal(people.Count, shares.Sum(static share => share.Count));
            foreach (var same in shares.GroupBy(static share => share.Cell))
            {
                var filter = new AudienceFilter { Channel = ask.Channel, Purpose = ask.Purpose, Verdict = same.Key.Verdict, Reason = same.Key.Reason };
                Assert.True(look.Count(filter) >= same.Sum(static share => share.Count), when);
            }
        }
    }
}
