using System.Net;
using System.Text.RegularExpressions;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Rules;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.People;
using Ringfence.Server.Tests.Storage;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Staff;

/// <summary>Nobody opens by themselves what somebody closed.</summary>
public sealed partial class ApprovalTests
{
    private const string Number = "+447400123456";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_suppression_is_lifted_by_two_and_by_no_fewer(bool onPostgres)
    {
        await using var home = onPostgres ? await PostgresHome.MakeAsync() : null;
        await using var house = await StaffHouse.BuildAsync(home?.Options);
        await house.House.WithdrawAsync(Number);
        using var one = await house.SignedInAsync(Role.PrivacyOfficer);
        using var two = await house.SignedInAsync(Role.PrivacyOfficer);
        using var agent = await house.SignedInAsync(Role.Agent, Role.Marketer);
        Assert.Equal(HttpStatusCode.Forbidden, (await agent.GetAsync("c/acme/approvals")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await one.SendAsync("c/acme/approvals", "c/acme/approvals", ("point", Number))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await one.SendAsync("c/acme/approvals", "c/acme/approvals", ("point", "+447400123457"), ("reason", "typed wrong"))).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await one.SendAsync("c/acme/approvals", "c/acme/approvals", ("point", "+44 7400 123456"), ("reason", "The number was read from the wrong line"))).Status);

        var page = await one.GetAsync("c/acme/approvals");
        var action = Action().Match(page.Text).Value;
        // The number is not shown in full, nor does it stand in an address or the store.
        Assert.DoesNotContain(Number, page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"yes\"", page.Text, StringComparison.Ordinal);
        var kept = (await house.Entrance.Accounts.Rows.ReadAsync("select what from approval", static cells => cells.Bytes(0), Cancel))[0];
        Assert.DoesNotContain("7400123456", System.Text.Encoding.Latin1.GetString(kept), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.Conflict, (await one.PostAsync(action, page.FormToken, ("answer", "yes"))).Status);
        Assert.NotEmpty(await house.House.SuppressionsAsync(Number));
        var shown = await two.GetAsync("c/acme/approvals");
        Assert.Contains("The number was read from the wrong line", shown.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.SeeOther, (await two.PostAsync(action, shown.FormToken, ("answer", "yes"))).Status);
        Assert.Empty(await house.House.SuppressionsAsync(Number));
        var lifted = (await house.House.RecordsAsync()).Single(static record => record.Type == RecordType.SuppressionLifted);
        Assert.Equal(2, ((LeafValue.List)lifted.Detail!["approved"]!).Items.Select(static item => item.AsText).Distinct().Count());
        Assert.Equal(HttpStatusCode.NotFound, (await two.PostAsync(action, shown.FormToken, ("answer", "yes"))).Status);
        Assert.Empty((await house.Entrance.Accounts.Rows.ReadAsync("select what from approval", static cells => cells.Bytes(0), Cancel))[0]);
    }

    [Fact]
    public async Task Whoever_sees_why_a_suppression_is_said_to_be_an_error_is_written_down_where_somebody_is_known_by_the_number()
    {
        await using var house = await StaffHouse.BuildAsync();
        await house.House.ImportAsync($"name,phone\nAnn Smith,{Number}\n", ContactSource.Form);
        await house.House.WithdrawAsync(Number);
        using var one = await house.SignedInAsync(Role.PrivacyOfficer);
        await one.GetAsync("c/acme/approvals");
        Assert.DoesNotContain(await house.House.RecordsAsync(), static record => record.Type == RecordType.StaffRevealed);
        await one.SendAsync("c/acme/approvals", "c/acme/approvals", ("point", Number), ("reason", "typed wrong"));
        await one.GetAsync("c/acme/approvals");
        var last = (await house.House.RecordsAsync())[^1];
        Assert.Equal((RecordType.StaffRevealed, "approvals"), (last.Type, last.Detail!["view"]!.AsText));
        Assert.Equal((await house.House.FindAsync(Number))!.Person.Sid.ToString(), Assert.Single(Assert.IsType<LeafValue.List>(last.Detail["people"]).Items).AsText);
    }

    [Fact]
    public async Task What_somebody_declines_stays_closed()
    {
        await using var house = await StaffHouse.BuildAsync();
        await house.House.WithdrawAsync(Number);
        using var one = await house.SignedInAsync(Role.PrivacyOfficer);
        using var two = await house.SignedInAsync(Role.PrivacyOfficer);
        await one.SendAsync("c/acme/approvals", "c/acme/approvals", ("point", Number), ("reason", "typed wrong"));
        var page = await two.GetAsync("c/acme/approvals");
        Assert.Equal(HttpStatusCode.SeeOther, (await two.PostAsync(Action().Match(page.Text).Value, page.FormToken, ("answer", "no"))).Status);
        Assert.NotEmpty(await house.House.SuppressionsAsync(Number));
        Assert.Contains("Nothing waits", (await two.GetAsync("c/acme/approvals")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whom_somebody_made_is_no_second_person_until_others_had_a_week_to_see_it()
    {
        var time = new MovedTime();
        await using var house = await StaffHouse.BuildAsync(time: time);
        await house.House.WithdrawAsync(Number);
        var ada = await house.AddAsync("ada@acme.example", Role.Administrator, Role.PrivacyOfficer);
        using var one = house.Browse();
        await one.SignInAsync("ada@acme.example");
        var shown = await one.SendAsync("c/acme/team", "c/acme/team/invite", ("email", "ada.too@acme.example"), ("name", "Bea"), ("role", "privacy-officer"));
        var link = Invitation().Match(shown.Text).Value;
        using var two = house.Browse();
        await two.SendAsync(link, link, ("name", "Bea Lund"), ("password", "eleven slow barges pass"));
        Assert.Equal(HttpStatusCode.SeeOther, (await two.SignInAsync("ada.too@acme.example", "eleven slow barges pass")).Status);
        var bea = (await house.Entrance.Accounts.FindByMailAsync("ada.too@acme.example", Cancel))!;

        await one.SendAsync("c/acme/approvals", "c/acme/approvals", ("point", Number), ("reason", "typed wrong"));
        await RefusedAsync(two, "c/acme/approvals", Action().Match((await two.GetAsync("c/acme/approvals")).Text).Value, ("answer", "yes"));
        Assert.NotEmpty(await house.House.SuppressionsAsync(Number));
        // Files, and rules.
        var files = new ExportApprovals(house.House.Installation, house.Entrance.Accounts);
        await files.AskAsync(house.House.Ledger, bea.Id, TreeHash.Sha256("filter"u8), 6000, Cancel);
        var file = (await files.OpenAsync(house.House.Ledger, Cancel))[0].Id;
        await RefusedAsync(one, "c/acme/approvals", "c/acme/approvals/" + file, ("answer", "yes"));
        var rules = Fresh.Id();
        await house.House.Writer.DoAsync(new AskRulesCommand(new Actor(ActorKind.Staff, ada.Id), rules, RulesInForce.House, "acme", "house: acme\n"u8.ToArray(), retire: false), Cancel);
        await RefusedAsync(two, "c/acme/approvals", $"c/acme/rules/changes/{rules}/agree", ("since", "0"));

        time.Ahead += TimeSpan.FromDays(7) + TimeSpan.FromMinutes(1);
        await two.SignInAsync("ada.too@acme.example", "eleven slow barges pass");
        var page = await two.GetAsync("c/acme/approvals");
        Assert.Equal(HttpStatusCode.SeeOther, (await two.PostAsync(Action().Match(page.Text).Value, page.FormToken, ("answer", "yes"))).Status);
        Assert.Empty(await house.House.SuppressionsAsync(Number));

        static async Task RefusedAsync(StaffBrowser browser, string page, string action, (string, string) field)
        {
            var refused = await browser.SendAsync(page, action, field);
            Assert.Equal(HttpStatusCode.Conflict, refused.Status);
            Assert.Contains("Within the last seven days one of them invited the other", refused.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Two_are_bound_by_roles_and_ways_back_by_others_in_between_and_by_nothing_else()
    {
        var time = new MovedTime();
        await using var house = await StaffHouse.BuildAsync(time: time);
        var officers = new Account[5];
        for (var i = 0; i < officers.Length; i++)
            officers[i] = await house.AddAsync($"o{i}@acme.example", Role.PrivacyOfficer, Role.Administrator);
        var (asks, agrees, third, fourth, fifth) = (officers[0].Id, officers[1].Id, officers[2].Id, officers[3].Id, officers[4].Id);
        foreach (var (isBound, made) in new (bool, (string By, string Whom, string What)[])[]
        {
            (false, []),
            (true, [(asks, agrees, "invited")]),
            (true, [(agrees, asks, "role-given")]),
            (true, [(asks, agrees, "way-back")]),
            (true, [(asks, agrees, "way-back-without-factors")]),
            (true, [(third, asks, "role-given"), (third, agrees, "role-given")]),
            (true, [(asks, third, "invited"), (third, agrees, "invited")]),
            (true, [(third, fourth, "invited"), (fourth, asks, "role-given"), (third, fifth, "invited"), (fifth, agrees, "role-given")]),
            (false, [(third, asks, "role-given"), (fourth, agrees, "role-given")]),
            (false, [(asks, agrees, "role-taken"), (asks, agrees, "suspended"), (asks, agrees, "restored")]),
            (false, [(asks, asks, "role-given"), (agrees, agrees, "role-given")]),
            (false, [("root", asks, "invited"), ("root", agrees, "invited")]),
        })
        {
            foreach (var (by, whom, what) in made)
                await RoleRecords.WriteAsync(house.House.Installation, "acme", new Actor(ActorKind.Staff, by), whom, what, [Role.PrivacyOfficer], Cancel);
            var fault = await Record.ExceptionAsync(() => TwoPeople.RequireAsync(house.House.Installation, house.Entrance.Accounts, asks, agrees, Cancel));
            Assert.Equal((string.Join(' ', made), isBound ? "same-hand" : null), (string.Join(' ', made), (fault as CommandRefusedException)?.Code));
            time.Ahead += TwoPeople.Apart.ToTimeSpan() + TimeSpan.FromSeconds(1);
        }
    }

    [GeneratedRegex("invitation/[A-Za-z0-9_-]{43}")]
    private static partial Regex Invitation();

    [GeneratedRegex("c/acme/approvals/[A-Za-z0-9_-]+")]
    private static partial Regex Action();
}
