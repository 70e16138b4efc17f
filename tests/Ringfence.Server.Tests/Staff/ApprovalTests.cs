using System.Net;
using System.Text.RegularExpressions;
using Ringfence.Ledger;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
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

    [GeneratedRegex("c/acme/approvals/[A-Za-z0-9_-]+")]
    private static partial Regex Action();
}
