using System.Net;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Storage;
using Xunit;
using static Ringfence.Server.Tests.Consent.OwnHouse;

namespace Ringfence.Server.Tests.Consent;

/// <summary>How somebody says yes to more, and how whoever had stopped everything comes back.</summary>
public abstract class MorePagesContract(bool isPostgres) : StoreContract(isPostgres)
{
    private static readonly string Box = $"{House.Offers.Digest}/offers/sms";

    [Fact]
    public async Task Who_stopped_everything_comes_back_for_what_they_tick_and_for_nothing_else()
    {
        await using var house = await BuildAsync(Store);
        await house.House.SaysAsync(Ann, channels: "sms,voice", purposes: "offers,research");
        var path = await house.PathAsync(Ann);
        Assert.Equal(HttpStatusCode.SeeOther, (await house.Pages.PostAsync(path + "/stop", null)).Status);
        Assert.Equal("refused", await house.VerdictAsync(Ann));
        var page = await house.Pages.GetAsync(path + "/more", null);
        Assert.Contains("Yes, Acme Ltd may send me text messages", page.Text, StringComparison.Ordinal);
        Assert.Equal([Box], All(page, "box"));
        Assert.DoesNotContain("checked", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Ann[3..], page.Text, StringComparison.Ordinal);
        var asked = await house.Pages.PostAsync(path + "/more", null, ("to", Ann), ("box", Box));
        // Until the code is told nothing is written, and nothing opens.
        var size = await house.Pages.SizeAsync();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.ConfirmAsync(path, asked, "00000 00000")).Status);
        Assert.Equal(size, await house.Pages.SizeAsync());
        Assert.Equal("refused", await house.VerdictAsync(Ann));
        await house.Pages.Served.Afterwards.IdleAsync();
        var code = house.Folder.CodeTo(Ann);
        var done = await house.ConfirmAsync(path, asked, code);
        Assert.Equal(HttpStatusCode.SeeOther, done.Status);
        var after = (await house.Pages.GetAsync(done.Location![1..], null)).Text;
        Assert.Contains("Written down and confirmed", after, StringComparison.Ordinal);
        Assert.Contains("value=\"offers/sms\" checked", after, StringComparison.Ordinal);
        Assert.Contains("Stop everything now", after, StringComparison.Ordinal);
        Assert.Equal("allowed", await house.VerdictAsync(Ann));
        Assert.Equal(["refused", "refused", "refused"], [await house.VerdictAsync(Ann, Channel.Voice), await house.VerdictAsync(Ann, Channel.Whatsapp), await house.VerdictAsync(Ann, purpose: "research")]);
        // It is kept as what a form takes is: the words, the moment, the page without what lets anybody in, and how it was confirmed.
        var person = (await house.House.FindAsync(Ann))!.Person;
        var confirmed = person.Records.Last(static record => record.Type == RecordType.ConsentConfirmed);
        Assert.Equal((House.Offers.Digest, Ceremony.DoubleOptIn, ActorKind.Person), (confirmed.Notice!.Doc, confirmed.Method!.Value.Ceremony, confirmed.Actor.Kind));
        var evidence = await EvidenceAsync(house, confirmed);
        Assert.Equal((ConsentMethod.DoubleOptIn, Channel.Sms, "127.0.0.1"), (evidence.Method, evidence.Confirmation!.Via, evidence.Ip));
        Assert.EndsWith("/p/" + house.Controller, evidence.Page, StringComparison.Ordinal);
        Assert.Empty(await house.House.FaultsAsync());
        // The code is used up: whoever pressed twice sees how it stands, and nothing more is written. Another no closes it all again.
        size = await house.Pages.SizeAsync();
        Assert.Equal($"/{path}?lang=en", (await house.ConfirmAsync(path, asked, code)).Location);
        Assert.Equal(size, await house.Pages.SizeAsync());
        Assert.Equal(HttpStatusCode.SeeOther, (await house.Pages.PostAsync(path + "/stop", null)).Status);
        Assert.Equal("refused", await house.VerdictAsync(Ann));
        Assert.DoesNotContain("Stop everything now", (await house.Pages.GetAsync(path, null)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_that_say_a_tick_is_a_signature_are_signed_by_it_and_no_others_are()
    {
        await using var house = await BuildAsync(Store);
        var signed = House.Offers with
        {
            Id = "signed",
            Purposes = ["research"],
            Texts = new Dictionary<string, WordingWords> { ["en"] = House.Offers.Texts["en"] with { Text = House.Offers.Texts["en"].Text + " Ticking this box is my electronic signature." } },
        };
        await house.House.DoAsync(new PublishCommand(House.Staff, "wording", "application/json", signed.ToBytes(), "en", signed.Version));
        await house.House.SaysAsync(Ann, RecordType.ConsentRequested, RecordState.Requested);
        Assert.Equal(HttpStatusCode.SeeOther, (await house.AgreeAsync(await house.PathAsync(Ann), Ann, Box, $"{signed.Digest}/research/sms")).Status);
        var confirmed = (await house.House.FindAsync(Ann))!.Person.Records.Where(static record => record.Type == RecordType.ConsentConfirmed).ToDictionary(static record => record.Notice!.Doc);
        Assert.Equal(SignatureKind.Electronic, (await EvidenceAsync(house, confirmed[signed.Digest])).Signature);
        Assert.Null((await EvidenceAsync(house, confirmed[House.Offers.Digest])).Signature);
        Assert.Equal(ActorKind.System, (await EvidenceAsync(house, confirmed[signed.Digest])).Recorder!.Kind);
    }

    [Fact]
    public async Task The_code_holds_for_what_was_ticked_then_by_that_person_and_goes_nowhere_but_to_their_number()
    {
        await using var house = await BuildAsync(Store);
        await house.House.WithdrawAsync(Ann);
        await house.House.SaysAsync(Ann, RecordType.ConsentRequested, RecordState.Requested);
        await house.House.SaysAsync(Bob, RecordType.ConsentRequested, RecordState.Requested);
        var (path, bobs) = (await house.PathAsync(Ann), await house.PathAsync(Bob));
        // Whoever got hold of the link and types another number is told the same, and nobody is sent anything.
        var other = await house.Pages.PostAsync(path + "/more", null, ("to", Bob), ("box", Box));
        await house.Pages.Served.Afterwards.IdleAsync();
        Assert.Empty(house.Folder.Messages());
        var asked = await house.Pages.PostAsync(path + "/more", null, ("to", Ann), ("box", Box));
        Assert.Equal(Plain(other.Text), Plain(asked.Text));
        await house.Pages.Served.Afterwards.IdleAsync();
        var code = house.Folder.CodeTo(Ann);
        var size = await house.Pages.SizeAsync();
        (string, string)[] right = [("session", Hidden(asked, "session")), ("at", Hidden(asked, "at")), ("box", Hidden(asked, "box")), ("code", code)];
        foreach (var (at, name, value) in new[] { (1, "at", "2020-01-01T00:00:00.000000Z"), (2, "box", Hidden(asked, "box").Replace("/sms/", "/voice/", StringComparison.Ordinal)), (2, "box", Hidden(asked, "box").Replace("offers", "research", StringComparison.Ordinal)), (0, "session", Hidden(other, "session")) })
        {
            var changed = right.ToArray();
            changed[at] = (name, value);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.Pages.PostAsync(path + "/more/confirm", null, changed)).Status);
        }

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.Pages.PostAsync(bobs + "/more/confirm", null, right)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await house.Pages.PostAsync(path + "/more/confirm", null, right[..2])).Status);
        Assert.Equal(size, await house.Pages.SizeAsync());
        // Nothing ticked, a box that is not offered, no number.
        foreach (var fields in new (string, string)[][] { [("to", Ann)], [("to", Ann), ("box", Box), ("box", Box.Replace("sms", "voice", StringComparison.Ordinal))], [("box", Box)], [("to", "x"), ("box", Box)] })
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.Pages.PostAsync(path + "/more", null, fields)).Status);
    }

    [Theory]
    [InlineData(SuppressedBy.Complaint, SuppressionKind.Suppression)]
    [InlineData(SuppressedBy.Regulator, SuppressionKind.Suppression)]
    [InlineData(SuppressedBy.Controller, SuppressionKind.Suppression)]
    [InlineData(SuppressedBy.Platform, SuppressionKind.Suppression)]
    [InlineData(SuppressedBy.Person, SuppressionKind.Restriction)]
    public async Task What_somebody_else_closed_is_not_offered_and_stays_closed_whatever_is_agreed_to(SuppressedBy by, SuppressionKind kind)
    {
        await using var house = await BuildAsync(Store);
        await house.House.SaysAsync(Ann, purposes: "research");
        var path = await house.PathAsync(Ann);
        // It comes after they were asked, and before they tell the code.
        var asked = await house.Pages.PostAsync(path + "/more", null, ("to", Ann), ("box", Box));
        await house.House.DoAsync(new WithdrawCommand(House.Staff, [house.House.Tags(Ann)], SuppressionScope.Everything, new RefusalFacts(by, kind, "staff")));
        await house.Pages.Served.Afterwards.IdleAsync();
        Assert.Equal(HttpStatusCode.SeeOther, (await house.ConfirmAsync(path, asked, house.Folder.CodeTo(Ann))).Status);
        Assert.Equal("refused", await house.VerdictAsync(Ann));
        var page = (await house.Pages.GetAsync(path + "/more", null)).Text;
        Assert.Contains("not yours to lift", page, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"box\"", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.Pages.PostAsync(path + "/more", null, ("to", Ann), ("box", Box))).Status);
        Assert.NotEmpty(await house.House.SuppressionsAsync(Ann));
    }

    [Fact]
    public async Task Only_words_are_offered_that_are_in_use_and_lawful_and_that_a_tick_agrees_to()
    {
        await using var house = await BuildAsync(Store);
        var offers = House.Offers;
        var text = offers.Texts["en"];
        WordingDocument[] others =
        [
            offers with { Id = "tied", Purposes = ["tied"], ConditionOf = ["purchase"] },
            offers with { Id = "spoken", Purposes = ["spoken"], Choice = offers.Choice with { Kind = ChoiceKind.Spoken } },
            offers with { Id = "unclean", Purposes = ["unclean"], Texts = new Dictionary<string, WordingWords> { ["en"] = text with { Text = "Yes." } } },
            offers with { Id = "mail", Purposes = ["mail"], Channels = ChannelSet.Email },
            offers with { Version = "2", Frequency = new WordingFrequency(2, NodaTime.Period.FromMonths(1), ChannelSet.None), Texts = new Dictionary<string, WordingWords> { ["en"] = text with { Text = text.Text.Replace("at most 4 a month", "at most 2 a month", StringComparison.Ordinal) } } },
        ];
        foreach (var wording in others)
            await house.House.DoAsync(new PublishCommand(House.Staff, "wording", "application/json", wording.ToBytes(), "en", wording.Version));
        await house.House.SaysAsync(Ann, purposes: "research");
        var page = await house.Pages.GetAsync(await house.PathAsync(Ann) + "/more", null);
        Assert.Equal([$"{others[^1].Digest}/offers/sms"], All(page, "box"));
        Assert.Contains("at most 2 a month", page.Text, StringComparison.Ordinal);
        // What is agreed to already is offered no more.
        await house.House.SaysAsync(Ann, purposes: "offers");
        Assert.Contains("nothing more that you could say yes to", (await house.Pages.GetAsync(await house.PathAsync(Ann) + "/more", null)).Text, StringComparison.Ordinal);
    }

    private static string Plain(string page) => System.Text.RegularExpressions.Regex.Replace(page, "name=\"(session|at)\" value=\"[^\"]+\"", "");

    private static async Task<ConsentEvidence> EvidenceAsync(OwnHouse house, LedgerRecord record)
    {
        var wanted = new Server.Storage.RowsWanted { WithRecords = false };
        wanted.Sealed.Add(record.Seq);
        var row = (await house.House.Installation.Store.LoadAsync(house.House.Ledger.Ledger, wanted, TestContext.Current.CancellationToken)).Sealed.First(static row => row.Group == (short)CommitGroup.Evidence);
        return ConsentEvidence.FromBytes((await house.House.Installation.OpenAsync(record, row, TestContext.Current.CancellationToken))!.Value.Content);
    }
}

public sealed class MorePagesTests() : MorePagesContract(isPostgres: false);

public sealed class MorePagesOnPostgresTests() : MorePagesContract(isPostgres: true);
