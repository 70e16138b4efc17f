using System.Net;
using System.Text.RegularExpressions;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Tests.Gate;
using Ringfence.Server.Tests.Pages;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.People;

/// <summary>Before two contacts are made one: what may be done with each, and what could be done with both.</summary>
public sealed class MergePreviewTests
{
    [Fact]
    public async Task It_tells_what_may_be_done_before_and_after_writes_that_both_were_looked_at_and_merges_nothing()
    {
        await using var house = await PageHouse.BuildAsync(facts: StandingFacts.Read("facts.json", CampaignFacts.Bulk));
        await house.House.ImportAsync("name,phone,email\nAnn Smith,+447400123456,\nAnn S,,ann@example.org\n", ContactSource.Form);
        await house.House.WithdrawAsync("ann@example.org");
        var kept = (await house.House.PersonAsync("+447400123456")).Person.Sid;
        var other = (await house.House.PersonAsync("ann@example.org")).Person.Sid;
        var size = await house.SizeAsync();
        var page = await house.PostAsync($"{house.Controller}contacts/{kept}/merge/preview", Role.PrivacyOfficer, ("q", "ann@example.org"));
        Assert.True(page.Status == HttpStatusCode.OK, page.ToString());

        var looked = (await house.House.RecordsAsync()).Skip((int)size).ToList();
        Assert.All(looked, static record => Assert.Equal(RecordType.StaffRevealed, record.Type));
        Assert.Contains(looked, record => record.Subject!.Value.Sid == kept);
        Assert.Contains(looked, record => record.Subject!.Value.Sid == other && record.Detail!["view"]!.AsText == "merge");
        // Each of the two, and what comes of them, has its line.
        var sides = Regex.Split(page.Text, "<section class=\"box\"><header><h2>")[1..];
        Assert.Equal(3, sides.Length);
        Assert.All(sides, static side => Assert.Contains("class=\"pl-row\"", side, StringComparison.Ordinal));
        Assert.Equal(size + looked.Count, await house.SizeAsync());
    }
}
