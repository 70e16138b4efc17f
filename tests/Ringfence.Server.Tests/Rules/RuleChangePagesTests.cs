using System.Net;
using System.Text;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Gate;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Rules;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Pages;
using Ringfence.Server.Tests.Storage;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Rules;

/// <summary>Rules of a controller's own, from the file to being in force, on each store.</summary>
public abstract class RuleChangePagesTests
{
    private const string Mornings = """
        house: acme
        name: { en: "Acme <script>alert(1)</script>", zh-Hans: Acme 的规则, zh-Hant: Acme 的規則 }
        rules:
          - id: house-mornings
            says: "We call nobody before ten. <img src=x onerror=alert(1)>"
            when: { channel: [voice, voice-auto], class: [marketing] }
            hours: { open: [{ days: daily, from: "10:00", until: "10:30" }] }

        """;

    [Fact]
    public async Task Rules_come_into_force_only_when_a_second_person_agrees_and_hold_at_once_after_a_restart_and_elsewhere()
    {
        await using var house = await HouseAsync();
        var ledger = house.House.Ledger;
        using var sender = new Ringfence.Server.Webhooks.WebhookSender(Ringfence.Webhooks.WebhookReach.Internet, house.House.Installation.Time);
        var elsewhere = new Served(house.House.Installation, ContactGate.Shipped) { Webhooks = sender };
        Assert.Equal(0, elsewhere.JudgedBy(ledger).Since);
        var stale = house.Served.JudgedBy(ledger);

        var asked = await SendAsync(house, Mornings);
        Assert.Equal(HttpStatusCode.SeeOther, asked.Status);
        var path = asked.Location![1..];
        Assert.Equal(HttpStatusCode.OK, (await house.GetAsync(path, Role.PrivacyOfficer)).Status);
        await house.Served.Previews.Find(ledger, path.Split('/')[^1], 0)!.EndAsync();
        var page = await house.GetAsync(path, Role.PrivacyOfficer);
        Assert.Contains("don’t count yet", WebUtility.HtmlDecode(page.Text), StringComparison.Ordinal);
        Assert.DoesNotContain("/agree\"", page.Text, StringComparison.Ordinal);
        // What the file says comes out as text.
        Assert.DoesNotContain("<script>alert", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", page.Text, StringComparison.Ordinal);
        // The cases of the law that a morning call is put off by it.
        Assert.Contains("id=\"p-cases\"", page.Text, StringComparison.Ordinal);
        Assert.Same(stale.Gate, house.Served.GateOf(ledger));

        // Whoever asked can't agree, whatever they send.
        var size = await house.SizeAsync();
        Assert.Equal(HttpStatusCode.Conflict, (await house.PostAsync(path + "/agree", Role.PrivacyOfficer, ("since", "0"))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await house.PostAsync(path + "/agree", Role.Marketer, ("since", "0"))).Status);
        Assert.Equal(size, await house.SizeAsync());

        house.Which = ".second";
        Assert.Contains("/agree\"", (await house.GetAsync(path, Role.PrivacyOfficer)).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, (await house.PostAsync(path + "/agree", Role.PrivacyOfficer, ("since", "77"))).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(path + "/agree", Role.PrivacyOfficer, ("since", "0"))).Status);
        Assert.Contains(house.Served.GateOf(ledger).Rules.Rules, static rule => rule.Id == "house-mornings");
        var record = (await house.House.RecordsAsync()).Last(static record => record.Type == RecordType.PackActivated && record.Detail is not null);
        Assert.Equal("acc-privacy-officer.second", record.Actor.Ref);
        Assert.Equal("acc-privacy-officer", (await house.House.RecordsAsync()).Single(static record => record.Detail?["what"]?.AsText == "rules-asked").Actor.Ref);
        Assert.Equal(HttpStatusCode.Conflict, (await house.PostAsync(path + "/agree", Role.PrivacyOfficer, ("since", "0"))).Status);

        // After a restart, and on a server that was there already.
        Assert.Equal(record.Seq, new Served(house.House.Installation, ContactGate.Shipped) { Webhooks = sender }.JudgedBy(ledger).Since);
        while (elsewhere.JudgedBy(ledger).Since == 0)
            await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Contains(elsewhere.GateOf(ledger).Rules.Rules, static rule => rule.Id == "house-mornings");
        // Nobody is permitted by what was in force before, not even by a server that does not know yet.
        var facts = await LedgerFacts.ReadAsync(house.House.Installation, ledger, house.House.Tags("+447400123456"), CancellationToken.None);
        var late = new IssuePermitCommand(House.Staff, stale, AskedFile.Read(new ContactQuestion(NodaTime.Instant.FromUtc(2027, 6, 9, 8, 0), "acme", Channel.Voice, "offers"), "facts.json", null), facts);
        Assert.Equal("rules-changed", (await Assert.ThrowsAsync<CommandRefusedException>(() => house.House.Writer.DoAsync(late, CancellationToken.None))).Code);
        Assert.Empty(await house.House.FaultsAsync());

        // Out of force in the same way.
        var retire = (await house.PostAsync(house.Controller + "rules/retire", Role.PrivacyOfficer, ("name", "acme"))).Location![1..];
        Assert.Equal(HttpStatusCode.OK, (await house.GetAsync(retire, Role.PrivacyOfficer)).Status);
        house.Which = "";
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(retire + "/agree", Role.PrivacyOfficer, ("since", record.Seq.ToString(System.Globalization.CultureInfo.InvariantCulture)))).Status);
        Assert.DoesNotContain(house.Served.GateOf(ledger).Rules.Rules, static rule => rule.Id == "house-mornings");
        Assert.Empty(await house.House.FaultsAsync());
    }

    [Fact]
    public async Task What_is_not_in_order_loosens_or_fails_its_cases_is_told_with_its_place_and_nothing_is_asked()
    {
        await using var house = await HouseAsync();
        var size = await house.SizeAsync();
        foreach (var (file, told) in new[]
        {
            ("house: acme\nrulez: []\n", ":2:1"),
            ("house: acme\nname: { en: A, zh-Hans: B, zh-Hant: C }\nrules:\n  - id: house-longer\n    says: Longer.\n    instead-of: us-fl-cap\n    cap: { most: 30, within: PT24H }\n", "us-fl-cap"),
            ("\0\0<script>alert(1)</script>", "errors"),
        })
        {
            var amiss = await SendAsync(house, file);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, amiss.Status);
            Assert.Contains(told, WebUtility.HtmlDecode(amiss.Text), StringComparison.Ordinal);
            Assert.DoesNotContain("<script>alert", amiss.Text, StringComparison.Ordinal);
        }

        const string wrong = """
            cases:
              - case: a call at eight in the evening
                source: our own
                given: clean
                at: 2026-06-15T11:00 Europe/Paris
                ask: { controller: acme, channel: sms, class: marketing, purpose: offers }
                contact: { phone: "+33612345678", residence: FR }
                expect: { first: hours@house-mornings }

            """;
        var failed = await SendAsync(house, Mornings, wrong);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, failed.Status);
        Assert.Contains("a call at eight in the evening", failed.Text, StringComparison.Ordinal);
        Assert.Equal(size, await house.SizeAsync());
    }

    [Fact]
    public async Task A_change_that_is_declined_or_taken_back_comes_to_nothing_and_another_may_be_asked_for()
    {
        await using var house = await HouseAsync();
        var first = (await SendAsync(house, Mornings)).Location![1..];
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync(house, Mornings)).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(first + "/decline", Role.PrivacyOfficer, ("since", "0"))).Status);
        Assert.Same(ContactGate.Shipped, house.Served.GateOf(house.House.Ledger));
        Assert.Contains("Nothing came of it", (await house.GetAsync(first, Role.Auditor)).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.SeeOther, (await SendAsync(house, Mornings)).Status);
        Assert.Contains("rules/changes/", (await house.GetAsync(house.Controller + "rules", Role.Auditor)).Text, StringComparison.Ordinal);
        Assert.Empty(await house.House.FaultsAsync());
    }

    [Fact]
    public async Task A_check_finds_a_change_that_no_record_tells_of_one_that_is_gone_and_one_that_is_otherwise()
    {
        await using var house = await HouseAsync();
        var path = (await SendAsync(house, Mornings)).Location![1..];
        house.Which = ".second";
        await house.PostAsync(path + "/agree", Role.PrivacyOfficer, ("since", "0"));
        var records = new FsckRules();
        foreach (var record in await house.House.RecordsAsync())
            records.Add(record);
        var row = await house.House.Installation.Store.RuleChangesAsync(house.House.Ledger.Ledger, CancellationToken.None).SingleAsync(CancellationToken.None);
        Assert.Empty(records.Compare([row]));
        Assert.Equal(["rules-missing"], records.Compare([]).Select(static fault => fault.Code));
        Assert.Equal(["rules-unknown"], records.Compare([row, row with { Id = "other" }]).Select(static fault => fault.Code));
        foreach (var other in new[] { row with { Name = "b" }, row with { Kind = "b" }, row with { Doc = new byte[32] }, row with { Retire = true }, row with { AskedBy = "b" }, row with { Seq = 1 }, row with { AnsweredBy = "b" }, row with { AnsweredSeq = 1 }, row with { Agreed = false } })
            Assert.Equal(["rules-differ"], records.Compare([other]).Select(static fault => fault.Code));
    }

    private protected abstract ValueTask<StoreOptions?> StoreAsync();

    private async Task<PageHouse> HouseAsync() => await PageHouse.BuildAsync(await StoreAsync());

    private static Task<Seen> SendAsync(PageHouse house, string file, string? cases = null)
    {
        var form = new MultipartFormDataContent { { new StringContent(PageHouse.TokenOf(Role.PrivacyOfficer)), "_t" }, { new ByteArrayContent(Encoding.UTF8.GetBytes(file)), "file", "acme.yaml" } };
        if (cases is not null)
            form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(cases)), "cases", "cases.yaml");
        return house.SendAsync(HttpMethod.Post, house.Controller + "rules/new", Role.PrivacyOfficer, form);
    }
}

public sealed class SqliteRuleChangePagesTests : RuleChangePagesTests
{
    private protected override ValueTask<StoreOptions?> StoreAsync() => ValueTask.FromResult<StoreOptions?>(null);
}

public sealed class PostgresRuleChangePagesTests : RuleChangePagesTests, IAsyncDisposable
{
    private PostgresHome? home;

    public async ValueTask DisposeAsync()
    {
        if (home is not null)
            await home.DisposeAsync();
    }

    private protected override async ValueTask<StoreOptions?> StoreAsync() => (home = await PostgresHome.MakeAsync()).Options;
}
