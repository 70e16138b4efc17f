using System.Net;
using System.Text;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Consent;
using Ringfence.Server.Tests.Pages;
using Ringfence.Server.Tests.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Suppression;

/// <summary>The pages on which people say no, while the database is not there.</summary>
public sealed class NoWhileAwayTests
{
    private const string Ann = "+442079460018";
    private const string Bob = "+442079460019";
    private const string Cara = "+442079460020";
    private const string Dan = "+442079460021";
    private const string Kept = "Your no is kept";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_no_is_kept_shuts_the_gate_at_once_and_is_in_force_when_the_store_is_back(bool wasSeen)
    {
        await using var own = await OwnPostgres.StartNewAsync();
        await using var house = await PageHouse.BuildAsync(new StoreOptions { Connection = own.Connection });
        foreach (var person in new[] { Ann, Bob, Cara })
            await house.House.SaysAsync(person, channels: "sms,voice");
        var (ann, bob, cara) = (await LinkAsync(house, Ann), await LinkAsync(house, Bob), await LinkAsync(house, Cara));
        var spool = WithdrawalSpool.FileIn(house.House.Installation.Options.Data);
        // Else nobody has asked yet who the controller of the page is.
        if (wasSeen)
            Assert.Equal(HttpStatusCode.OK, (await house.GetAsync("r/acme", null)).Status);
        await own.KillAsync();

        // Looking shows the button to whoever has a link, and keeps nothing.
        foreach (var lang in new[] { "en", "zh-Hans", "zh-Hant" })
        {
            var offer = await house.GetAsync(By(house, LinkAct.Stop, bob), null, lang);
            Assert.Equal(HttpStatusCode.OK, offer.Status);
            Assert.Contains($"action=\"/{By(house, LinkAct.Stop, bob)}?lang={lang}\"", offer.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("•", offer.Text, StringComparison.Ordinal);
            Assert.Contains(wasSeen ? "Acme Ltd" : "acme", offer.Text, StringComparison.Ordinal);
        }

        var instead = await house.GetAsync(By(house, LinkAct.Preferences, bob), null);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, instead.Status);
        Assert.Contains($"action=\"/{By(house, LinkAct.Preferences, bob)}/stop?lang=en\"", instead.Text, StringComparison.Ordinal);
        Assert.False(File.Exists(spool));
        Assert.Null(house.Served.WhyShut(house.House.Ledger));

        // By a mail program; from there on nobody is contacted.
        var posted = await OneClickAsync(house, By(house, LinkAct.Stop, ann));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, posted.Status);
        Assert.Contains(Kept, posted.Text, StringComparison.Ordinal);
        Assert.Equal("spool", house.Served.WhyShut(house.House.Ledger));
        // Whether it leads to anybody can't be told, and the answers don't.
        var nobody = By(house, LinkAct.Stop, new PersonLink(Server.Ledger.Fresh.Id(), Server.Ledger.Fresh.Id()));
        Assert.Equal(posted.Text.Replace(By(house, LinkAct.Stop, ann), "", StringComparison.Ordinal), (await OneClickAsync(house, nobody)).Text.Replace(nobody, "", StringComparison.Ordinal));
        Assert.Contains(Kept, (await house.PostAsync(By(house, LinkAct.Preferences, bob) + "/stop", null)).Text, StringComparison.Ordinal);
        // What is unticked is a no; what only wishes is none, and is not said to be kept.
        var unticked = await house.PostAsync(By(house, LinkAct.Preferences, cara), null, [("had", "offers/sms"), ("had", "offers/voice"), ("had", "/"), ("yes", "offers/voice"), .. OwnHouse.AnyTime]);
        Assert.Contains("Only what you took back is kept", unticked.Text, StringComparison.Ordinal);
        if (wasSeen)
            Assert.Contains(Kept, (await house.PostAsync("r/acme", null, ("what", "objection"), ("to", "020 7946 0021"))).Text, StringComparison.Ordinal);
        var size = new FileInfo(spool).Length;
        var wish = await house.PostAsync(By(house, LinkAct.Preferences, cara), null, [("had", "offers/voice"), ("yes", "offers/voice"), .. OwnHouse.AnyTime]);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, wish.Status);
        Assert.DoesNotContain(Kept, wish.Text, StringComparison.Ordinal);
        // A link that was not made here, or for something else, keeps nothing.
        foreach (var wrong in new[] { "u/acme/" + new string('A', PersonLinks.Length), By(house, LinkAct.Preferences, ann).Replace("p/", "u/", StringComparison.Ordinal), By(house, LinkAct.Stop, ann).Replace("acme", "other", StringComparison.Ordinal) })
        {
            var told = await OneClickAsync(house, wrong);
            Assert.True((int)told.Status >= 400, told.ToString());
            Assert.DoesNotContain(Kept, told.Text, StringComparison.Ordinal);
        }

        Assert.Equal(size, new FileInfo(spool).Length);

        await own.StartAsync();
        Assert.Equal(wasSeen ? 5 : 4, await AppliedAsync(house));
        Assert.Null(house.Served.WhyShut(house.House.Ledger));
        foreach (var person in wasSeen ? [Ann, Bob, Dan] : new[] { Ann, Bob })
            Assert.Equal((ChannelSet)Assert.Single(await house.House.SuppressionsAsync(person)).Channels, house.House.Tags(person).Point.Channels);
        var row = Assert.Single(await house.House.SuppressionsAsync(Cara));
        Assert.Equal((ChannelSet.Sms, "offers"), ((ChannelSet)row.Channels, row.Purposes));
        Assert.All((await house.House.RecordsAsync()).Where(static record => record.Type is RecordType.SuppressionAdded or RecordType.ConsentWithdrawn), static record => Assert.Equal(ActorKind.Person, record.Actor.Kind));
        Assert.Contains("You have stopped everything", (await house.GetAsync(By(house, LinkAct.Stop, ann), null)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_could_not_be_kept_is_never_said_to_be_and_the_page_says_how_else_to_say_no()
    {
        await using var own = await OwnPostgres.StartNewAsync();
        await using var house = await PageHouse.BuildAsync(new StoreOptions { Connection = own.Connection });
        await house.House.SaysAsync(Ann);
        var link = await LinkAsync(house, Ann);
        Assert.Equal(HttpStatusCode.OK, (await house.GetAsync(By(house, LinkAct.Stop, link), null)).Status);
        await own.KillAsync();
        // Nothing can be written where it would be kept.
        Directory.CreateDirectory(WithdrawalSpool.FileIn(house.House.Installation.Options.Data));
        foreach (var told in new[] { await OneClickAsync(house, By(house, LinkAct.Stop, link)), await house.PostAsync(By(house, LinkAct.Preferences, link) + "/stop", null), await house.PostAsync("r/acme", null, ("what", "objection"), ("to", Ann)) })
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, told.Status);
            Assert.Contains("Your no could not be kept", told.Text, StringComparison.Ordinal);
            Assert.DoesNotContain(Kept, told.Text, StringComparison.Ordinal);
            Assert.Contains("mailto:privacy@acme.example", told.Text, StringComparison.Ordinal);
        }

        Directory.Delete(WithdrawalSpool.FileIn(house.House.Installation.Options.Data));
        await own.StartAsync();
    }

    private static string By(PageHouse house, LinkAct act, PersonLink link) => $"{(act == LinkAct.Stop ? 'u' : 'p')}/acme/{house.House.Installation.Links.Make("acme", act, link)}";

    private static async Task<PersonLink> LinkAsync(PageHouse house, string to)
    {
        var found = (await house.House.FindAsync(to))!;
        return new PersonLink(found.Person.Sid, found.Points().First().Id);
    }

    private static Task<Seen> OneClickAsync(PageHouse house, string path) =>
        house.SendAsync(HttpMethod.Post, path, null, new StringContent("List-Unsubscribe=One-Click", Encoding.ASCII, "application/x-www-form-urlencoded"), ("Accept-Language", "en"));

    // Connections from before are found to be broken once each.
    private static async Task<int> AppliedAsync(PageHouse house)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await house.House.Installation.ApplySpoolAsync(Cancel);
            }
            catch (StoreException) when (tries < 50)
            {
                await Task.Delay(100, Cancel);
            }
        }
    }
}
