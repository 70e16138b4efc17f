using System.Net;
using Ringfence.Ledger;
using Ringfence.Rights;
using Ringfence.Server.Rights;
using Ringfence.Server.Tests.Gateways;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Pages;
using Ringfence.Staff;
using Xunit;
using static Ringfence.Server.Tests.Rights.RequestPagesContract;

namespace Ringfence.Server.Tests.Rights;

/// <summary>Staff answer requests: each look and each step is a record, and nobody is answered of whom nobody knows that it is them.</summary>
public sealed class RequestRoomTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    // Where nobody says that California is theirs, the number does not tell; whatever may apply, the shortest counts.
    [InlineData("+14155550123", null, "US", "unknown")]
    [InlineData("+14155550123", "us-ca", "US", "us-ca")]
    [InlineData("someone@example.org", "us-ca", "US", "us-ca")]
    [InlineData("someone@example.org", null, "US", "unknown")]
    [InlineData("+14155550123", "us-ca", "DE", "eu,us-ca")]
    [InlineData("+442079460018", "us-ca", "US", "uk,us-ca")]
    [InlineData("+14165550123", null, "CA", "unknown")]
    public void The_laws_that_may_apply_are_told_by_what_anybody_can_see(string to, string? said, string country, string regimes)
    {
        Assert.True(Ringfence.People.ContactPoint.TryRead(to, Ringfence.Numbers.Region.None, out var point));
        Assert.Equal(regimes.Split(','), RequestIntake.RegimesOf(point, said, country));
    }

    [Fact]
    public async Task Staff_see_by_when_a_Californian_has_to_be_told_that_a_letter_was_received()
    {
        await using var house = await PageHouse.BuildAsync();
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(house.Controller + "requests/new", Role.PrivacyOfficer, ("what", "access"), ("to", "someone@example.org"), ("place", "us-ca"))).Status);
        var told = (await OnlyAsync(house, "access")).Told;
        // The house is in London.
        Assert.Equal(["uk", "us-ca"], told.Regimes);
        var seen = await house.GetAsync(Case(house, told.Id), Role.PrivacyOfficer);
        Assert.Contains("They have to be told by", seen.Text, StringComparison.Ordinal);
        Assert.Contains("11 CCR 7021", seen.Text, StringComparison.Ordinal);
        // On the page they are told at once, and choose where they live among the others.
        _ = await PostedAsync(house, "another@example.org", "copy", ("place", "us-ca"));
        var posted = (await OnlyAsync(house, "copy")).Told;
        Assert.Equal((null, posted.ReceivedOn.PlusMonths(1)), (posted.ConfirmBy, posted.Due(posted.ReceivedOn)));
        Assert.DoesNotContain("They have to be told by", (await house.GetAsync(Case(house, posted.Id), Role.PrivacyOfficer)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_is_read_identified_put_off_and_answered_and_the_person_is_told()
    {
        using var folder = new GatewayFolder();
        await using var house = await PageHouse.BuildAsync(gateways: folder.Open(RequestPagesContract.Codes));
        await house.House.SaysAsync(Ann);
        _ = await PostedAsync(house, Ann, "access", [("text", "What do you know?")]);
        var id = (await OnlyAsync(house, "access")).Told.Id;
        foreach (var role in new[] { Role.PrivacyOfficer, Role.Administrator, Role.Auditor })
            Assert.Contains((await OnlyAsync(house, "access")).Number, (await house.GetAsync(house.Controller + "requests", role)).Text, StringComparison.Ordinal);
        // Looking is recorded before anything is shown.
        var size = await house.SizeAsync();
        var seen = await house.GetAsync(Case(house, id), Role.PrivacyOfficer);
        Assert.Contains("What do you know?", seen.Text, StringComparison.Ordinal);
        Assert.True(await house.SizeAsync() > size);
        Assert.Contains((await house.House.RecordsAsync()).Skip((int)size), record => record.Type == RecordType.StaffRevealed && record.Detail?["view"]?.AsText == "request");
        foreach (var role in new[] { Role.Administrator, Role.Auditor })
        {
            var list = (await house.GetAsync(house.Controller + "requests", role)).Text;
            Assert.DoesNotContain("What do you know?", list, StringComparison.Ordinal);
            Assert.DoesNotContain(Ann[^6..], list, StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.Forbidden, (await house.GetAsync(Case(house, id), role)).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await house.GetAsync(house.Controller + "requests/new", role)).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await house.PostAsync(Case(house, id), role, ("act", "note"), ("text", "x"))).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await house.PostAsync(house.Controller + "requests/new", role, ("what", "objection"), ("to", Ann))).Status);
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await house.GetAsync(house.Controller + "requests", Role.Agent)).Status);

        Assert.Equal(HttpStatusCode.Conflict, (await ActAsync(house, id, "answer", "Here it is")).Status);
        Assert.EndsWith("done=identified", (await ActAsync(house, id, "identify")).Location, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await ActAsync(house, id, "extend")).Status);
        Assert.EndsWith("done=sent", (await ActAsync(house, id, "extend", "Many ask at once")).Location, StringComparison.Ordinal);
        Assert.True((await OnlyAsync(house, "access")).Told.IsExtended);
        Assert.Equal(HttpStatusCode.Conflict, (await ActAsync(house, id, "extend", "Once more")).Status);
        Assert.EndsWith("done=sent", (await ActAsync(house, id, "pause", "Which year?")).Location, StringComparison.Ordinal);
        Assert.Equal(RightsState.Paused, (await OnlyAsync(house, "access")).Told.State);
        Assert.EndsWith("done=resume", (await ActAsync(house, id, "resume")).Location, StringComparison.Ordinal);
        Assert.EndsWith("done=sent", (await ActAsync(house, id, "answer", "Here it is: <b>all</b>")).Location, StringComparison.Ordinal);
        Assert.Equal(RightsState.Answered, (await OnlyAsync(house, "access")).Told.State);
        Assert.Equal(["Many ask at once", "Which year?", "Here it is: <b>all</b>"], (await RequestWords.OpenAsync(house.House.Installation, (await OnlyAsync(house, "access")).Row, Cancel))!.Notes.Select(static note => note.Text));
        Assert.Equal(3, folder.Messages().Count(message => message.GetProperty("to").GetString() == Ann && message.GetProperty("text").GetString()!.Contains((OnlyAsync(house, "access").Result).Number, StringComparison.Ordinal)));
        Assert.DoesNotContain("<b>all", (await house.GetAsync(Case(house, id), Role.PrivacyOfficer)).Text, StringComparison.Ordinal);
        // What ended has ended.
        Assert.Equal(HttpStatusCode.Conflict, (await ActAsync(house, id, "refuse", "No")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await ActAsync(house, id, "reopen", "x")).Status);
        Assert.Empty(await house.House.FaultsAsync());
    }

    [Fact]
    public async Task Nothing_counts_before_the_person_was_told_and_nothing_goes_to_a_number_that_nobody_showed_to_be_theirs()
    {
        using var folder = new GatewayFolder();
        await using var house = await PageHouse.BuildAsync(gateways: folder.Open(RequestPagesContract.Codes));
        var today = DateTime.UtcNow.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        _ = await PostedAsync(house, Ann, "access", [("text", "What do you know?")]);
        var id = (await OnlyAsync(house, "access")).Told.Id;
        var sent = folder.Messages().Count;
        foreach (var act in (string[])["extend", "refuse"])
        {
            var untold = await ActAsync(house, id, act, "Many ask");
            Assert.Equal(HttpStatusCode.UnprocessableEntity, untold.Status);
            Assert.Contains("Many ask", untold.Text, StringComparison.Ordinal);
            Assert.Contains("enter the day", untold.Text, StringComparison.Ordinal);
        }

        foreach (var day in (string[])["2999-01-01", "2020-01-01", "soon"])
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.PostAsync(Case(house, id), Role.PrivacyOfficer, ("act", "extend"), ("text", "Many ask"), ("told", day))).Status);
        Assert.Equal((false, RightsState.Unidentified), (await OnlyAsync(house, "access")).Told is var told ? (told.IsExtended, told.State) : default);
        Assert.EndsWith("done=by-hand", (await house.PostAsync(Case(house, id), Role.PrivacyOfficer, ("act", "extend"), ("text", "Many ask"), ("told", today))).Location, StringComparison.Ordinal);
        Assert.True((await OnlyAsync(house, "access")).Told.IsExtended);
        Assert.Equal(today, (await OnlyAsync(house, "access")).Records[^1].Detail!["told"]!.AsText);

        // Of a complaint nobody has to show anything; whoever wants to write to the number makes sure first.
        _ = await PostedAsync(house, Nobody, "complaint", [("text", "Too loud")]);
        var complaint = (await OnlyAsync(house, "complaint")).Told.Id;
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await ActAsync(house, complaint, "answer", "Sorry")).Status);
        Assert.Equal(sent, folder.Messages().Count);
        Assert.EndsWith("done=identified", (await ActAsync(house, complaint, "identify")).Location, StringComparison.Ordinal);
        Assert.EndsWith("done=sent", (await ActAsync(house, complaint, "answer", "Sorry")).Location, StringComparison.Ordinal);
        Assert.Equal(sent + 1, folder.Messages().Count);
        Assert.Empty(await house.House.FaultsAsync());
    }

    [Fact]
    public async Task An_erasure_takes_the_person_and_what_they_asked_for_and_of_a_stranger_what_they_asked_for()
    {
        await using var house = await PageHouse.BuildAsync();
        var sid = Sid((await house.House.SaysAsync(Ann)).Sid);
        foreach (var number in new[] { Ann, Nobody })
        {
            _ = await PostedAsync(house, number, "erasure", [("text", "Slartibartfast")]);
            var id = new OpaqueId(Assert.Single(await RowsAsync(house), static row => row.Tag is not null).Id);
            Assert.Equal(HttpStatusCode.Conflict, (await ActAsync(house, id, "erase")).Status);
            _ = await ActAsync(house, id, "identify");
            // Nothing is deleted by a browser that was left open.
            Assert.StartsWith("/account/again", (await house.PostAsync(Case(house, id), Role.PrivacyOfficer, ("act", "erase"))).Location, StringComparison.Ordinal);
            Assert.EndsWith("done=erased", (await house.PostAgainAsync(Case(house, id), Role.PrivacyOfficer, ("act", "erase"))).Location, StringComparison.Ordinal);
            var told = (await StoredRequest.FindAsync(house.House.Installation, house.House.Ledger, id, Cancel))!;
            Assert.Equal((RightsState.Answered, null), (told.Told.State, told.Row.Words));
            Assert.DoesNotContain("Slartibartfast", (await house.GetAsync(Case(house, id), Role.PrivacyOfficer)).Text, StringComparison.Ordinal);
            Assert.NotEmpty(await house.House.SuppressionsAsync(number));
        }

        Assert.Null(await house.House.FindAsync(Ann));
        Assert.Contains(sid, house.House.Installation.Journal.ReadAll());
        Assert.Empty(await Traces.OfAsync(house.House.Folder, "Slartibartfast"));
        Assert.Empty(await house.House.FaultsAsync());
    }

    [Fact]
    public async Task What_came_by_letter_is_entered_with_its_day_and_what_is_late_stands_on_the_overview()
    {
        await using var house = await PageHouse.BuildAsync();
        var day = DateTime.UtcNow.AddDays(-60).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        var entered = await house.PostAsync(house.Controller + "requests/new", Role.PrivacyOfficer, ("what", "complaint"), ("to", Ann), ("day", day), ("reason", "too-often"), ("text", "By letter"));
        Assert.Equal(HttpStatusCode.SeeOther, entered.Status);
        Assert.NotEmpty(await house.House.SuppressionsAsync(Ann));
        var told = (await OnlyAsync(house, "complaint")).Told;
        Assert.Equal((day, ComplaintReason.TooOften), (NodaTime.Text.LocalDatePattern.Iso.Format(told.ReceivedOn), told.Reason));
        Assert.Contains("days late", (await house.GetAsync(house.Controller + "requests", Role.PrivacyOfficer)).Text, StringComparison.Ordinal);
        Assert.Contains("at least one late", (await house.GetAsync(house.Controller + "overview", Role.PrivacyOfficer)).Text, StringComparison.Ordinal);
        foreach (var (field, value) in new[] { ("day", "2999-01-01"), ("day", "yesterday"), ("to", "x"), ("what", "everything") })
        {
            (string, string)[] fields = [.. new[] { ("what", "access"), ("to", Nobody) }.Where(one => one.Item1 != field), (field, value)];
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.PostAsync(house.Controller + "requests/new", Role.PrivacyOfficer, fields)).Status);
        }

        Assert.Single(await RowsAsync(house));
    }

    private static string Case(PageHouse house, OpaqueId id) => house.Controller + "requests/" + id;

    private static Task<Seen> ActAsync(PageHouse house, OpaqueId id, string act, string? text = null) =>
        house.PostAsync(Case(house, id), Role.PrivacyOfficer, text is null ? [("act", act)] : [("act", act), ("text", text)]);
}
