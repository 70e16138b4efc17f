using System.Net;
using System.Text.RegularExpressions;
using Ringfence.Ledger;
using Ringfence.Server.Staff;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Staff;

/// <summary>Who may change what others may do, and that it is written down.</summary>
public sealed partial class TeamTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_is_invited_chooses_a_password_and_signs_in_with_the_role_they_were_given()
    {
        await using var house = await StaffHouse.BuildAsync();
        using var administrator = await house.SignedInAsync(Role.Administrator);
        var link = await InviteAsync(administrator, "bea@acme.example", "agent");
        using var browser = house.Browse();
        // Before they came, no password of theirs is right.
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await browser.SignInAsync("bea@acme.example", "")).Status);
        var done = await browser.SendAsync(link, link, ("name", "Bea Lund"), ("password", "eleven slow barges pass"));
        Assert.Equal("/sign-in", done.Location);
        await browser.SignInAsync("bea@acme.example", "eleven slow barges pass");
        Assert.Contains("Bea Lund", (await browser.GetAsync("c/acme/overview")).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync("c/acme/team")).Status);
        var account = (await house.Entrance.Accounts.FindByMailAsync("bea@acme.example", Cancel))!;
        Assert.Contains(await RecordsAsync(house), record => record is ("invited", var who, "agent") && who == account.Id);
    }

    [Fact]
    public async Task Each_change_of_roles_is_a_record_and_holds_at_the_next_click()
    {
        await using var house = await StaffHouse.BuildAsync();
        using var administrator = await house.SignedInAsync(Role.Administrator);
        var account = await house.AddAsync("cleo@acme.example", Role.Marketer);
        using var browser = house.Browse();
        await browser.SignInAsync("cleo@acme.example");
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync("c/acme/team")).Status);
        await administrator.SendAsync("c/acme/team/" + account.Id, $"c/acme/team/{account.Id}/roles", ("role", "administrator"), ("role", "auditor"));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("c/acme/team")).Status);
        var records = await RecordsAsync(house);
        Assert.Contains(("role-given", account.Id, "administrator auditor"), records);
        Assert.Contains(("role-taken", account.Id, "marketer"), records);
        await administrator.SendAsync("c/acme/team/" + account.Id, $"c/acme/team/{account.Id}/suspend");
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync("c/acme/team")).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await browser.SignInAsync("cleo@acme.example")).Status);
        await administrator.SendAsync("c/acme/team/" + account.Id, $"c/acme/team/{account.Id}/restore");
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.SignInAsync("cleo@acme.example")).Status);
        records = await RecordsAsync(house);
        Assert.Contains(("suspended", account.Id, ""), records);
        Assert.Contains(("restored", account.Id, ""), records);
    }

    [Fact]
    public async Task Who_looks_after_one_controller_shuts_nobody_out_of_another_and_gives_nothing_that_holds_everywhere()
    {
        await using var house = await StaffHouse.BuildAsync();
        await house.House.Installation.AddControllerAsync("other", "ledger.example/other", House.Acme, Cancel);
        using var administrator = await house.SignedInAsync(Role.Administrator);
        var both = await house.AddAsync("dan@acme.example", Role.Agent);
        await house.Entrance.Accounts.SetRoleAsync(new GivenRole(both.Id, "other", Role.Agent), true, Cancel);
        var elsewhere = await house.AddAsync("eve@other.example", "other", Role.Agent);
        foreach (var act in (string[])["suspend", "restore", "way-back"])
            Assert.Equal(HttpStatusCode.Forbidden, (await administrator.SendAsync("c/acme/team", $"c/acme/team/{both.Id}/{act}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await administrator.GetAsync("c/acme/team/" + elsewhere.Id)).Status);
        Assert.DoesNotContain("eve@other.example", (await administrator.GetAsync("c/acme/team")).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await administrator.GetAsync("c/other/team")).Status);
        foreach (var fields in new (string, string)[][] { [("everywhere", "administrator"), ("all", "1")], [("everywhere", "administrator")], [("all", "1")] })
            Assert.Equal(HttpStatusCode.Forbidden, (await administrator.SendAsync("c/acme/team", $"c/acme/team/{both.Id}/roles", fields)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await administrator.SendAsync("c/acme/team", $"c/acme/team/{both.Id}/roles", ("role", "owner"))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await administrator.SendAsync("c/acme/team", $"c/acme/team/{both.Id}/roles", ("role", "agent"), ("status", "1"))).Status);
        Assert.DoesNotContain(await house.Entrance.Accounts.RolesAsync(both.Id, Cancel), static role => role.Controller == GivenRole.Everywhere);
    }

    [Fact]
    public async Task The_last_who_looks_after_the_installation_stays()
    {
        await using var house = await StaffHouse.BuildAsync();
        var account = await house.AddAsync("ada@acme.example", GivenRole.Everywhere, Role.Administrator);
        using var browser = house.Browse();
        await browser.SignInAsync("ada@acme.example");
        Assert.Equal(HttpStatusCode.Conflict, (await browser.SendAsync("c/acme/team", $"c/acme/team/{account.Id}/suspend")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await browser.SendAsync("c/acme/team", $"c/acme/team/{account.Id}/roles", ("all", "1"))).Status);
        await house.AddAsync("bob@acme.example", GivenRole.Everywhere, Role.Administrator);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.SendAsync("c/acme/team", $"c/acme/team/{account.Id}/roles", ("all", "1"))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("c/acme/team")).Status);
    }

    [Fact]
    public async Task Who_looks_after_less_adds_a_role_to_who_is_invited_and_gets_no_link_to_the_rest()
    {
        await using var house = await StaffHouse.BuildAsync();
        await house.House.Installation.AddControllerAsync("other", "ledger.example/other", House.Acme, Cancel);
        var account = (await house.Entrance.Accounts.AddAsync("eve@other.example", "Eve Moss", null, null, [("other", Role.Administrator)], null, Cancel))!;
        var real = "invitation/" + await house.Entrance.Links.MakeAsync(account.Id, Links.Invitation, Cancel);
        using var administrator = await house.SignedInAsync(Role.Administrator);
        var answer = await administrator.SendAsync("c/acme/team", "c/acme/team/invite", ("email", "eve@other.example"), ("name", "Eve"), ("role", "agent"));
        Assert.Equal("/c/acme/team/" + account.Id, answer.Location);
        Assert.DoesNotMatch(Link(), answer.Text);
        Assert.Contains(await house.Entrance.Accounts.RolesAsync(account.Id, Cancel), static role => role is { Controller: "acme", Role: Role.Agent });
        using var browser = house.Browse();
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(real)).Status);
        Assert.Contains(("role-given", account.Id, "agent"), await RecordsAsync(house));
        // Whoever looks after all of it asks in anew, and the link before opens nothing.
        var first = await InviteAsync(administrator, "bea@acme.example", "agent");
        var second = await InviteAsync(administrator, "bea@acme.example", "marketer");
        Assert.Equal((HttpStatusCode.Gone, HttpStatusCode.OK), ((await browser.GetAsync(first)).Status, (await browser.GetAsync(second)).Status));
    }

    [Fact]
    public async Task Nobody_gives_themselves_a_role_and_anybody_lays_one_down()
    {
        await using var house = await StaffHouse.BuildAsync();
        var account = await house.AddAsync("ada@acme.example", Role.Administrator, Role.Auditor);
        var everywhere = await house.AddAsync("max@acme.example", GivenRole.Everywhere, Role.Administrator);
        using var browser = house.Browse();
        await browser.SignInAsync("ada@acme.example");
        var page = "c/acme/team/" + account.Id;
        var answer = await browser.SendAsync(page, page + "/roles", ("role", "administrator"), ("role", "auditor"), ("role", "privacy-officer"));
        Assert.Equal(HttpStatusCode.Conflict, answer.Status);
        Assert.Contains("Nobody gives themselves a role", answer.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, (await browser.SendAsync("c/acme/team", "c/acme/team/invite", ("email", "ADA@acme.example"), ("name", "Ada"), ("role", "privacy-officer"))).Status);
        Assert.Equal([Role.Administrator, Role.Auditor], (await house.Entrance.Accounts.RolesAsync(account.Id, Cancel)).Select(static role => role.Role));
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.SendAsync(page, page + "/roles", ("role", "administrator"))).Status);
        Assert.Equal([Role.Administrator], (await house.Entrance.Accounts.RolesAsync(account.Id, Cancel)).Select(static role => role.Role));

        using var other = house.Browse();
        await other.SignInAsync("max@acme.example");
        Assert.Equal(HttpStatusCode.Conflict, (await other.SendAsync("c/acme/team", $"c/acme/team/{everywhere.Id}/roles", ("all", "1"), ("everywhere", "administrator"), ("everywhere", "privacy-officer"))).Status);
        Assert.Equal([Role.Administrator], (await house.Entrance.Accounts.RolesAsync(everywhere.Id, Cancel)).Select(static role => role.Role));
    }

    [Fact]
    public async Task A_key_is_shown_once_calls_the_api_and_ends_when_it_is_revoked()
    {
        await using var house = await StaffHouse.BuildAsync();
        using var browser = await house.SignedInAsync(Role.Integrator);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await browser.SendAsync("c/acme/keys", "c/acme/keys", ("name", "dialer"))).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await browser.SendAsync("c/acme/keys", "c/acme/keys", ("name", "dialer"), ("scope", "everything"))).Status);
        var made = await browser.SendAsync("c/acme/keys", "c/acme/keys", ("name", "dialer <b>"), ("scope", "decide"), ("scope", "withdraw"), ("days", "30"));
        var key = Key().Match(made.Text).Value;
        using var program = new HttpClient { BaseAddress = new Uri(house.Url) };
        program.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + key);
        using var no = new StringContent("""{"to":"+447400123456"}""", System.Text.Encoding.UTF8, "application/json");
        Assert.Equal(HttpStatusCode.Created, (await program.PostAsync(new Uri("api/v1/withdrawals", UriKind.Relative), no, Cancel)).StatusCode);
        var listed = await browser.GetAsync("c/acme/keys");
        Assert.DoesNotContain(key, listed.Text, StringComparison.Ordinal);
        Assert.Contains("dialer &lt;b&gt;", listed.Text, StringComparison.Ordinal);
        var id = key.Split('_')[2];
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.PostAsync($"c/acme/keys/{id}/revoke", listed.FormToken)).Status);
        Assert.Contains("Revoked", (await browser.GetAsync("c/acme/keys")).Text, StringComparison.Ordinal);
    }

    private static async Task<string> InviteAsync(StaffBrowser browser, string mail, params string[] roles)
    {
        var shown = await browser.SendAsync("c/acme/team", "c/acme/team/invite", [("email", mail), ("name", "Somebody"), .. roles.Select(static role => ("role", role))]);
        Assert.Equal(HttpStatusCode.OK, shown.Status);
        return Link().Match(shown.Text).Value;
    }

    private static async Task<IReadOnlyList<(string What, string Account, string Roles)>> RecordsAsync(StaffHouse house) =>
    [
        .. (await house.House.RecordsAsync()).Where(static record => record.Type == RecordType.StaffRoleChanged)
            .Select(static record => (TextOf(record, "what"), TextOf(record, "account"), TextOf(record, "roles"))),
    ];

    private static string TextOf(LedgerRecord record, string name) => record.Detail?[name] is { } value ? name == "roles" ? string.Join(' ', ((LeafValue.List)value).Items.Select(static one => one.AsText)) : value.AsText! : "";

    [GeneratedRegex("invitation/[A-Za-z0-9_-]{43}")]
    private static partial Regex Link();

    [GeneratedRegex("rf_acme_[a-z2-7]{10}_[A-Za-z0-9_-]{43}")]
    private static partial Regex Key();
}
