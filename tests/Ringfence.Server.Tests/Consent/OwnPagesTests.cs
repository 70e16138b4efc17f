using System.Globalization;
using System.Net;
using Ringfence.Gateways;
using Ringfence.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Tests.Gateways;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Pages;
using Ringfence.Server.Tests.Storage;
using Xunit;
using static Ringfence.Server.Tests.Consent.OwnHouse;

namespace Ringfence.Server.Tests.Consent;

/// <summary>What a code opens to whoever has the number, and to nobody else.</summary>
public abstract class OwnPagesContract(bool isPostgres) : StoreContract(isPostgres)
{
    [Fact]
    public async Task A_pause_is_taken_back_by_a_code_and_not_by_the_link_alone()
    {
        await using var house = await BuildAsync(Store);
        await house.House.SaysAsync(Ann);
        var path = await house.PathAsync(Ann);
        (string, string)[] yes = [("had", "offers/sms"), ("yes", "offers/sms")];
        Assert.Equal(HttpStatusCode.SeeOther, (await house.Pages.PostAsync(path, null, [.. yes, .. AnyTime[..^1], ("pause", "P1M")])).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.Pages.PostAsync(path, null, [.. yes, .. AnyTime])).Status);
        var opened = await house.OpenAsync(path, Ann);
        Assert.Equal(HttpStatusCode.OK, opened.Status);
        Assert.Contains(Ann[1..], opened.Text, StringComparison.Ordinal);
        var saved = await house.Pages.PostAsync(path, null, [.. yes, .. AnyTime, ("opened", Hidden(opened, "opened"))]);
        Assert.Equal(HttpStatusCode.OK, saved.Status);
        Assert.Contains("It counts from this moment", saved.Text, StringComparison.Ordinal);
        Assert.Null((await house.House.FindAsync(Ann))!.Person.Wishes!.PausedUntil);
    }

    [Fact]
    public async Task A_code_opens_one_page_once_and_what_it_opens_nothing_else()
    {
        var time = new MovedTime();
        await using var house = await BuildAsync(Store, time: time);
        await house.House.SaysAsync(Ann);
        await house.House.SaysAsync(Bob);
        var (ann, bob) = (await house.PathAsync(Ann), await house.PathAsync(Bob));
        var asked = await house.Pages.PostAsync(ann + "/code", null);
        var (session, code) = (Hidden(asked, "session"), house.Folder.CodeTo(Ann));
        Assert.DoesNotContain(Ann[3..], asked.Text, StringComparison.Ordinal);
        // For another person, another session, as another act: it is none.
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await TellAsync(house, bob, session, code)).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await TellAsync(house, ann, session[..^1] + (session[^1] == 'A' ? 'B' : 'A'), code)).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.Pages.PostAsync("why/" + house.Controller + "/show", null, ("to", Ann), ("session", session), ("code", code))).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.Pages.PostAsync($"p/{house.Controller}/open", null, ("to", Ann), ("session", session), ("code", code))).Status);
        var opened = await TellAsync(house, ann, session, code);
        Assert.Equal(HttpStatusCode.OK, opened.Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await TellAsync(house, ann, session, code)).Status);
        var mine = Hidden(opened, "opened");
        var size = await house.Pages.SizeAsync();
        string[] acts = ["/history", "/receipt", "/copy"];
        (string, string)[] fields = [("record", "5"), ("as", "page")];
        var links = house.House.Installation.Links;
        var point = house.House.Tags(Ann).Point;
        var later = NodaTime.Instant.FromDateTimeOffset(time.GetUtcNow()) + NodaTime.Duration.FromMinutes(10);
        string[] wrong = [links.Open("other", CodeAct.Preferences, point, later), links.Open(house.Controller, CodeAct.Why, point, later), links.Open(house.Controller, CodeAct.Preferences, house.House.Tags(Bob).Point, later), "x", mine[..^2] + "AA"];
        foreach (var act in acts)
        {
            foreach (var one in wrong)
                Assert.Equal(HttpStatusCode.Forbidden, (await house.Pages.PostAsync(ann + act, null, [.. fields, ("opened", one)])).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await house.Pages.PostAsync(bob + act, null, [.. fields, ("opened", mine)])).Status);
        }

        // Of their choices what the link alone may change is changed all the same, and nothing is shown for it.
        foreach (var one in wrong)
        {
            var saved = await house.Pages.PostAsync(ann, null, ("opened", one));
            Assert.Equal(HttpStatusCode.SeeOther, saved.Status);
            Assert.DoesNotContain("/history", (await house.Pages.GetAsync(saved.Location![1..], null)).Text, StringComparison.Ordinal);
        }

        foreach (var act in acts)
            Assert.Equal(HttpStatusCode.Forbidden, (await house.Pages.PostAsync(ann + act, null, fields)).Status);
        time.Ahead += TimeSpan.FromMinutes(21);
        Assert.Equal(HttpStatusCode.Forbidden, (await house.Pages.PostAsync(ann + "/history", null, ("opened", mine))).Status);
        Assert.Equal(size, await house.Pages.SizeAsync());
    }

    [Fact]
    public async Task Whoever_has_the_number_sees_all_that_happened_and_keeps_proof_and_a_copy_of_it()
    {
        await using var house = await BuildAsync(Store);
        await house.House.SaysAsync(Ann);
        await house.House.SaysAsync(Bob);
        await house.House.WithdrawAsync(Ann, "voice");
        await house.House.DoAsync(new Server.Ledger.RevealCommand(House.Staff, (await house.PersonAsync(Ann)).Subject, "contact"));
        var path = await house.PathAsync(Ann);
        var opened = Hidden(await house.OpenAsync(path, Ann), "opened");
        foreach (var (tag, said) in new[] { ("en", "You agreed: SMS, for Offers"), ("zh-Hans", "您同意了："), ("zh-Hant", "您同意了：") })
        {
            var history = await house.Pages.PostAsync(path + "/history?lang=" + tag, null, ("opened", opened));
            Assert.Equal(HttpStatusCode.OK, history.Status);
            Assert.Contains(said, history.Text, StringComparison.Ordinal);
            // Which of the staff it was is nobody's business here.
            Assert.DoesNotContain("ada", history.Text, StringComparison.Ordinal);
        }

        var yes = (await house.House.FindAsync(Ann))!.Person.Records.First(static record => record.State == RecordState.Given).Seq;
        var receipt = await house.Pages.PostAsync(path + "/receipt", null, ("opened", opened), ("record", yes.ToString(CultureInfo.InvariantCulture)));
        Assert.Contains("\"signature\"", receipt.Text, StringComparison.Ordinal);
        var bobs = (await house.House.FindAsync(Bob))!.Person.Records.First(static record => record.State == RecordState.Given).Seq;
        foreach (var other in new[] { bobs.ToString(CultureInfo.InvariantCulture), "0", "-1", "x" })
            Assert.Equal(HttpStatusCode.NotFound, (await house.Pages.PostAsync(path + "/receipt", null, ("opened", opened), ("record", other))).Status);
        var size = await house.Pages.SizeAsync();
        var copy = await house.Pages.PostAsync(path + "/copy", null, ("opened", opened), ("as", "data"));
        Assert.Contains(Ann[1..], copy.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Bob[1..], copy.Text, StringComparison.Ordinal);
        Assert.Contains("attachment", copy.Response.Content.Headers.ContentDisposition!.ToString(), StringComparison.Ordinal);
        // That it was handed out is written down, and by whom.
        Assert.Equal(size + 1, await house.Pages.SizeAsync());
        Assert.Equal((RecordType.StaffExport, ActorKind.Person), ((await house.House.RecordsAsync())[^1].Type, (await house.House.RecordsAsync())[^1].Actor.Kind));
        Assert.Equal(HttpStatusCode.OK, (await house.Pages.PostAsync(path + "/copy", null, ("opened", opened), ("as", "page"))).Status);
    }

    [Fact]
    public async Task A_long_history_is_told_in_parts_and_each_page_stays_light()
    {
        await using var house = await BuildAsync(Store);
        for (var n = 0; n < 12; n++)
        {
            await house.House.SaysAsync(Ann);
            await house.House.WithdrawAsync(Ann, "sms");
        }

        var path = await house.PathAsync(Ann);
        var opened = await house.OpenAsync(path, Ann);
        var (mine, from, seen) = (Hidden(opened, "opened"), "", 0);
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(opened.Text), 1, 20_000);
        do
        {
            var page = await house.Pages.PostAsync(path + "/history", null, [("opened", mine), .. from.Length == 0 ? Array.Empty<(string, string)>() : [("from", from)]]);
            Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(page.Text), 1, 20_000);
            seen += page.Text.Split("<section").Length - 1;
            from = Hidden(page, "from");
        }
        while (from.Length > 0);
        Assert.Equal((await house.House.FindAsync(Ann))!.Person.Records.Count(static record => record.State is not null || record.Type == RecordType.SuppressionAdded), seen);
    }

    [Fact]
    public async Task Who_is_erased_is_known_to_none_of_the_pages_though_they_were_open()
    {
        await using var house = await BuildAsync(Store);
        await house.House.SaysAsync(Ann);
        var path = await house.PathAsync(Ann);
        var opened = Hidden(await house.OpenAsync(path, Ann), "opened");
        var asked = await house.Pages.PostAsync($"p/{house.Controller}", null, ("to", Ann));
        await house.Pages.Served.Afterwards.IdleAsync();
        var code = house.Folder.CodeTo(Ann);
        var found = (await house.House.FindAsync(Ann))!;
        await house.House.DoAsync(new Server.Rights.EraseCommand(House.Staff, found.Person.Sid, [house.House.Tags(Ann)], [.. found.Person.CarriedBy], "request"));
        var size = await house.Pages.SizeAsync();
        foreach (var (act, fields) in new (string, (string, string)[])[] { ("/history", []), ("/receipt", [("record", "5")]), ("/copy", [("as", "page")]), ("", AnyTime), ("/code", []), ("/open", [("session", Hidden(asked, "session")), ("code", code)]) })
            Assert.Equal(HttpStatusCode.NotFound, (await house.Pages.PostAsync(path + act, null, act is "/code" or "/open" ? fields : [.. fields, ("opened", opened)])).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await house.Pages.GetAsync(path + "/more", null)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await house.Pages.PostAsync($"p/{house.Controller}/open", null, ("to", Ann), ("session", Hidden(asked, "session")), ("code", code))).Status);
        Assert.Equal(size, await house.Pages.SizeAsync());
    }

    [Fact]
    public async Task The_entrance_answers_known_and_unknown_alike_and_writes_to_those_alone_whom_it_knows()
    {
        await using var house = await BuildAsync(Store);
        await house.House.SaysAsync(Ann);
        var size = await house.Pages.SizeAsync();
        Assert.Equal(HttpStatusCode.OK, (await house.Pages.GetAsync($"p/{house.Controller}", null)).Status);
        var pages = new List<string>();
        foreach (var number in new[] { Ann, Nobody })
        {
            var asked = await house.Pages.PostAsync($"p/{house.Controller}", null, ("to", number));
            Assert.Equal(HttpStatusCode.OK, asked.Status);
            var wrong = await house.Pages.PostAsync($"p/{house.Controller}/open", null, ("to", number), ("session", Hidden(asked, "session")), ("code", "0000000000"));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
            pages.AddRange(new[] { asked, wrong }.Select(page => WebUtility.HtmlDecode(page.Text).Replace(Hidden(asked, "session"), "", StringComparison.Ordinal).Replace(number, "", StringComparison.Ordinal).Replace(house.House.Tags(number).Point.ToString(), "", StringComparison.Ordinal)));
        }

        Assert.Equal(pages[0], pages[2]);
        Assert.Equal(pages[1], pages[3]);
        await house.Pages.Served.Afterwards.IdleAsync();
        Assert.Equal([Ann], house.Folder.Messages().Select(static message => message.GetProperty("to").GetString()));
        Assert.Equal(size, await house.Pages.SizeAsync());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.Pages.PostAsync($"p/{house.Controller}", null, ("to", "not a number"))).Status);
        // The code opens their page, and what it opened goes on by the link in it.
        var again = await house.Pages.PostAsync($"p/{house.Controller}", null, ("to", Ann));
        await house.Pages.Served.Afterwards.IdleAsync();
        var opened = await house.Pages.PostAsync($"p/{house.Controller}/open", null, ("to", Ann), ("session", Hidden(again, "session")), ("code", house.Folder.CodeTo(Ann)));
        Assert.Contains(Ann[1..], opened.Text, StringComparison.Ordinal);
        Assert.Contains($"action=\"/{await house.PathAsync(Ann)}/history", opened.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await house.Pages.PostAsync(await house.PathAsync(Ann) + "/history", null, ("opened", Hidden(opened, "opened")))).Status);
    }

    [Theory]
    [InlineData(Ann)]
    [InlineData(Nobody)]
    public async Task What_is_left_of_the_limits_does_not_tell_who_is_known(string tried)
    {
        await using var house = await BuildAsync(Store, GatewayFolder.Files + "codes: { places: [GB], per-source-and-hour: 3 }\n");
        await house.House.SaysAsync(Ann);
        for (var n = 0; n < 3; n++)
        {
            Assert.Equal(HttpStatusCode.OK, (await house.Pages.PostAsync($"p/{house.Controller}", null, ("to", tried))).Status);
            await house.Pages.Served.Afterwards.IdleAsync();
        }

        const string Own = "+447400123477";
        // One more goes to a number of one's own: nothing comes, whoever was tried before.
        Assert.Equal(HttpStatusCode.OK, (await house.Pages.PostAsync($"why/{house.Controller}", null, ("to", Own))).Status);
        Assert.DoesNotContain(Own, house.Folder.Messages().Select(static message => message.GetProperty("to").GetString()));
    }

    [Fact]
    public async Task Where_no_code_can_be_sent_people_are_told_whom_to_ask_whoever_they_are()
    {
        await using var house = await BuildAsync(Store, "format: ringfence/channels/v1\ngateways:\n  - { name: files, kind: file, folder: out, channels: [email] }\n");
        await house.House.SaysAsync(Ann);
        var path = await house.PathAsync(Ann);
        Assert.Contains("has no way to send a code", (await house.Pages.GetAsync(path, null)).Text, StringComparison.Ordinal);
        foreach (var asked in new[] { await house.Pages.PostAsync(path + "/code", null), await house.Pages.PostAsync($"p/{house.Controller}", null, ("to", Ann)), await house.Pages.PostAsync($"p/{house.Controller}", null, ("to", Nobody)), await house.Pages.PostAsync($"why/{house.Controller}", null, ("to", Nobody)) })
            Assert.Contains("privacy@acme.example", asked.Text, StringComparison.Ordinal);
        Assert.Empty(house.Folder.Messages());
    }

    private static Task<Seen> TellAsync(OwnHouse house, string path, string session, string code) => house.Pages.PostAsync(path + "/open", null, ("session", session), ("code", code));
}

public sealed class OwnPagesTests() : OwnPagesContract(isPostgres: false);

public sealed class OwnPagesOnPostgresTests() : OwnPagesContract(isPostgres: true);
