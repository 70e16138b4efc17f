using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Rules.House;
using Ringfence.Server.Consent;
using Ringfence.Server.Gate.Snapshot;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Rules;
using Ringfence.Server.Tests.Gate;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Pages;
using Ringfence.Server.Tests.People;
using Ringfence.Server.Tests.Storage;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Rules;

/// <summary>What a change of rules would do to everybody, before anybody agrees to it.</summary>
public sealed class ChangePreviewTests
{
    private static readonly NodaTime.Instant Given = NodaTime.Instant.FromUtc(2026, 6, 1, 12, 0);

    // Refuses whoever has a number that begins so, which no rule of the law looks at.
    private const string NotThere = """
        house: acme
        rules:
          - id: house-not-there
            says: We write to nobody whose number begins so.
            when: { channel: [sms], number: { prefix: ["+447400123"] } }
            refuse: platform

        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Everybody_is_asked_about_by_both_gates_and_each_figure_leads_to_its_people(bool isPostgres)
    {
        await using var home = isPostgres ? await PostgresHome.MakeAsync() : null;
        await using var house = await HouseAsync(home?.Options, 60);
        var path = (await SendAsync(house, NotThere)).Location![1..];
        var page = await DoneAsync(house, path);
        var preview = house.Served.Previews.Find(house.House.Ledger, path.Split('/')[^1], 0)!;

        // One by one, by what the store says and nothing of the index.
        var after = ContactGate.Shipped.With(HouseRules.Read("acme.yaml", NotThere));
        Assert.Equal(60, preview.Everybody!.People);
        foreach (var ask in preview.Everybody.Asked.Select(static one => one.Ask))
        {
            var moves = new Dictionary<(AudienceVerdict, AudienceVerdict), int>();
            foreach (var number in Numbers(60))
            {
                var asked = house.Served.Facts is null ? throw new InvalidOperationException() : new AudienceGate(house.Served, house.House.Ledger).TemplateOf(ask.Channel, ask.Purpose!) with { At = preview.Began };
                if (ask.Channel == Channel.Email)
                    continue;
                var tags = house.House.Tags(number);
                var facts = await Server.Gate.LedgerFacts.ReadAsync(house.House.Installation, house.House.Ledger, tags, TestContext.Current.CancellationToken);
                var situation = await facts.AdviseAsync(house.House.Installation, house.House.Ledger, asked, TestContext.Current.CancellationToken);
                var (was, will) = (AudienceCell.Of(ContactGate.Shipped.Decide(situation)).Verdict, AudienceCell.Of(after.Decide(situation)).Verdict);
                if (was != will)
                    moves[(was, will)] = moves.GetValueOrDefault((was, will)) + 1;
            }

            var told = preview.Everybody.Asked.Single(one => one.Ask == ask).Moves.GroupBy(static move => (move.Before.Verdict, move.After.Verdict)).ToDictionary(static same => same.Key, static same => same.Sum(static move => move.Count));
            Assert.True(moves.Count == told.Count && moves.All(move => told.GetValueOrDefault(move.Key) == move.Value), $"{ask}: {string.Join(' ', moves)} is not {string.Join(' ', told)}");
        }

        var all = preview.Everybody.Asked.SelectMany(static one => one.Moves).ToList();
        Assert.NotEmpty(all);
        Assert.All(all, static move => Assert.Equal((Channel.Sms, AudienceVerdict.Refused), (move.Ask.Channel, move.After.Verdict)));
        Assert.False(preview.Everybody.IsLooser);

        // Each figure is a link to those people, and looking at them is a record.
        var link = WebUtility.HtmlDecode(Regex.Match(page.Text, "href=\"/([^\"]*/people\\?[^\"]*)\"").Groups[1].Value);
        var size = await house.SizeAsync();
        var people = await house.GetAsync(link, Role.PrivacyOfficer);
        Assert.True(people.Status == HttpStatusCode.OK, people.ToString());
        Assert.Equal(Math.Min(20, all[0].Count), Regex.Count(people.Text, "<th scope=\"row\">"));
        Assert.DoesNotContain("7400123", people.Text, StringComparison.Ordinal);
        Assert.Equal(size + 1, await house.SizeAsync());
        Assert.Equal("contacts", (await house.House.RecordsAsync())[^1].Detail!["view"]!.AsText);
        Assert.Equal(HttpStatusCode.Forbidden, (await house.GetAsync(link, Role.Integrator)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await house.GetAsync(link.Replace("channel=sms", "channel=voice", StringComparison.Ordinal), Role.PrivacyOfficer)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await house.GetAsync(link.Replace("channel=sms", "channel=x", StringComparison.Ordinal), Role.PrivacyOfficer)).Status);

        // A sign that changes the rules ends what is told of them.
        house.Which = ".second";
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(path + "/agree", Role.PrivacyOfficer, ("since", "0"))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await house.GetAsync(link, Role.PrivacyOfficer)).Status);
    }

    [Fact]
    public async Task It_can_be_stopped_and_begun_again_and_says_what_is_not_known()
    {
        await using var house = await HouseAsync(null, 5, follow: false);
        var path = (await SendAsync(house, NotThere)).Location![1..];
        // Nothing follows the ledger here: that is told, and nothing is made up.
        Assert.Contains("this is not known", (await DoneAsync(house, path)).Text, StringComparison.Ordinal);

        // Followed, but not read yet: the page says how far it is, and comes back.
        var follower = await new Snapshots(house.House.Installation).FollowAsync(house.House.Ledger, CancellationToken.None);
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(path + "/preview", Role.PrivacyOfficer, ("act", "again"))).Status);
        var page = await house.GetAsync(path, Role.Auditor);
        Assert.Contains("<progress", page.Text, StringComparison.Ordinal);
        Assert.Equal("3", page.Response.Headers.GetValues("Refresh").Single());
        var going = house.Served.Previews.Find(house.House.Ledger, path.Split('/')[^1], 0)!;
        Assert.Equal((HttpStatusCode.Forbidden, true), ((await house.PostAsync(path + "/preview", Role.Marketer, ("act", "stop"))).Status, going.GoesOn));
        Assert.Equal(HttpStatusCode.BadRequest, (await house.PostAsync(path + "/preview", Role.PrivacyOfficer, ("act", "<b>"))).Status);
        await house.PostAsync(path + "/preview", Role.PrivacyOfficer, ("act", "stop"));
        await going.EndAsync();
        page = await house.GetAsync(path, Role.PrivacyOfficer);
        Assert.Contains("Stopped before everybody was asked about", page.Text, StringComparison.Ordinal);
        Assert.False(page.Response.Headers.Contains("Refresh"));

        await follower.BuildAsync(CancellationToken.None);
        await follower.LookAsync(CancellationToken.None);
        await house.PostAsync(path + "/preview", Role.PrivacyOfficer, ("act", "again"));
        Assert.DoesNotContain("<progress", (await DoneAsync(house, path)).Text, StringComparison.Ordinal);
        Assert.Equal(5, house.Served.Previews.Find(house.House.Ledger, path.Split('/')[^1], 0)!.Everybody!.People);
    }

    private static async Task<Seen> DoneAsync(PageHouse house, string path)
    {
        var page = await house.GetAsync(path, Role.PrivacyOfficer);
        Assert.True(page.Status == HttpStatusCode.OK, page.ToString());
        if (house.Served.Previews.Find(house.House.Ledger, path.Split('/')[^1], 0) is { GoesOn: true } preview)
        {
            await preview.EndAsync().WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
            page = await house.GetAsync(path, Role.PrivacyOfficer);
        }

        return page;
    }

    private static IEnumerable<string> Numbers(int people) => Enumerable.Range(0, people).Select(static i => FormattableString.Invariant($"+4474001{i % 2 * 11 + 23}{i:000}"));

    private static async Task<PageHouse> HouseAsync(Server.Storage.StoreOptions? store, int people, bool follow = true)
    {
        var house = await PageHouse.BuildAsync(store, facts: StandingFacts.Read("facts.json", CampaignFacts.Bulk));
        await house.House.DoAsync(new PublishCommand(House.Staff, "wording", "application/json", House.Offers.ToBytes(), "en", House.Offers.Version));
        foreach (var (number, i) in Numbers(people).Select(static (number, i) => (number, i)))
        {
            // Of every third nothing shows the yes, so that they are refused either way.
            if (i % 3 == 0)
                await house.House.SaysAsync(number);
            else
                await house.House.DoAsync(new RecordConsentCommand(
                    new ConsentSaid
                    {
                        Type = RecordType.ConsentGiven, State = RecordState.Given, Actor = House.Person, Tags = house.House.Tags(number), Scope = new RecordScope(["sms"], ["offers"]),
                        Method = new CollectionMethod("web_form", Ceremony.SingleOptIn), EventAt = Given, Source = EventSource.Server, Notice = new Notice(House.Offers.Digest, "en", House.Offers.Version),
                        Evidence = new ConsentEvidence
                        {
                            Method = ConsentMethod.Checkbox, Shown = new ShownWording(House.Offers.Digest, "en"), At = Given, Page = "https://acme.example/offers", Ip = "192.0.2.7", Recorder = new Recorder(ActorKind.System, "form-offers"),
                        }.ToBytes(),
                    },
                    await house.House.Installation.NewPersonAsync(CancellationToken.None)));
        }

        if (!follow)
            return house;
        var follower = await new Snapshots(house.House.Installation).FollowAsync(house.House.Ledger, CancellationToken.None);
        await follower.BuildAsync(CancellationToken.None);
        await follower.LookAsync(CancellationToken.None);
        return house;
    }

    private static Task<Seen> SendAsync(PageHouse house, string file) => house.SendAsync(HttpMethod.Post, house.Controller + "rules/new", Role.PrivacyOfficer,
        new MultipartFormDataContent { { new StringContent(PageHouse.TokenOf(Role.PrivacyOfficer)), "_t" }, { new ByteArrayContent(Encoding.UTF8.GetBytes(file)), "file", "acme.yaml" } });
}
