using System.Net;
using System.Text.RegularExpressions;
using Ringfence.Ledger;
using Ringfence.Server.Gate;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Gateways;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Pages;
using Ringfence.Server.Tests.Rights;
using Xunit;

namespace Ringfence.Server.Tests.Consent;

/// <summary>Whoever was contacted learns why, and nobody else does.</summary>
public sealed partial class WhyPagesTests
{
    private const string Ann = "+447400123456";
    private const string Home = "+447400123457";
    private const string Nobody = "+447400123499";
    private const string Codes = GatewayFolder.Files + "codes: { places: [GB] }\n";

    [Fact]
    public async Task Until_the_code_is_told_known_and_unknown_are_answered_alike_and_nothing_is_written()
    {
        using var folder = new GatewayFolder();
        await using var house = await PageHouse.BuildAsync(gateways: folder.Open(Codes));
        await house.House.SaysAsync(Ann);
        var size = await house.SizeAsync();
        var pages = new List<string>();
        foreach (var number in new[] { Ann, Nobody })
        {
            var asked = await house.PostAsync(Path(house), null, ("to", number));
            Assert.Equal(HttpStatusCode.OK, asked.Status);
            pages.Add(Alike(asked, number));
            var wrong = await house.PostAsync(Path(house, "show"), null, ("to", number), ("session", Hidden(asked, "session")), ("code", "0000000000"));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
            pages.Add(Alike(wrong, number));
        }

        Assert.Equal(pages[0], pages[2]);
        Assert.Equal(pages[1], pages[3]);
        Assert.Equal(size, await house.SizeAsync());
        // A code for one number, or one form, opens no other.
        var mine = await house.PostAsync(Path(house), null, ("to", Nobody));
        var code = folder.CodeTo(Nobody);
        var other = await house.PostAsync(Path(house), null, ("to", Ann));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.PostAsync(Path(house, "show"), null, ("to", Ann), ("session", Hidden(other, "session")), ("code", code))).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.PostAsync(Path(house, "show"), null, ("to", Ann), ("session", Hidden(mine, "session")), ("code", code))).Status);
        var told = await house.PostAsync(Path(house, "show"), null, ("to", Nobody), ("session", Hidden(mine, "session")), ("code", code));
        Assert.Contains("knows nothing about you", told.Text, StringComparison.Ordinal);
        // Once only.
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.PostAsync(Path(house, "show"), null, ("to", Nobody), ("session", Hidden(mine, "session")), ("code", code))).Status);
    }

    [Fact]
    public async Task Whoever_has_the_number_stops_it_there_and_nobody_by_what_another_page_carried()
    {
        using var folder = new GatewayFolder();
        await using var house = await PageHouse.BuildAsync(gateways: folder.Open(Codes));
        await house.House.SaysAsync(Ann);
        var told = await OpenAsync(house, folder, Ann);
        Assert.Contains("keeps nothing about contacts with you", told.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", told.Text, StringComparison.Ordinal);
        var opened = Hidden(told, "opened");
        foreach (var (to, carried) in new[] { (Nobody, opened), (Ann, opened[..^1] + (opened[^1] == 'A' ? 'B' : 'A')), (Ann, ""), (Ann, "x") })
            Assert.Equal(HttpStatusCode.Forbidden, (await house.PostAsync(Path(house, "stop"), null, ("to", to), ("opened", carried))).Status);
        Assert.Empty(await house.House.SuppressionsAsync(Ann));
        var stopped = await house.PostAsync(Path(house, "stop"), null, ("to", Ann), ("opened", opened));
        Assert.Contains("will call or write to you", stopped.Text, StringComparison.Ordinal);
        Assert.NotEmpty(await house.House.SuppressionsAsync(Ann));
        // The signed proof of a yes is handed to whoever gave it, and of nobody else's.
        var yes = (await house.House.FindAsync(Ann))!.Person.Records.First(static record => record.State is not null).Seq.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var receipt = await house.PostAsync(Path(house, "receipt"), null, ("to", Ann), ("opened", opened), ("record", yes));
        Assert.Equal(HttpStatusCode.OK, receipt.Status);
        Assert.Contains("\"signature\"", receipt.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await house.PostAsync(Path(house, "receipt"), null, ("to", Ann), ("opened", opened), ("record", "0"))).Status);
    }

    [Fact]
    public async Task Whoever_shows_the_number_theirs_stops_it_though_the_page_was_left_open_and_sees_nothing_more()
    {
        using var folder = new GatewayFolder();
        var time = new MovedTime();
        await using var house = await PageHouse.BuildAsync(time: time, gateways: folder.Open(Codes));
        await house.House.SaysAsync(Ann);
        var opened = Hidden(await OpenAsync(house, folder, Ann), "opened");
        time.Ahead += TimeSpan.FromHours(2);
        Assert.Equal(HttpStatusCode.Forbidden, (await house.PostAsync(Path(house, "receipt"), null, ("to", Ann), ("opened", opened), ("record", "0"))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await house.PostAsync(Path(house, "stop"), null, ("to", Nobody), ("opened", opened))).Status);
        Assert.Empty(await house.House.SuppressionsAsync(Ann));
        var stopped = await house.PostAsync(Path(house, "stop"), null, ("to", Ann), ("opened", opened));
        Assert.Equal(HttpStatusCode.OK, stopped.Status);
        Assert.NotEmpty(await house.House.SuppressionsAsync(Ann));
        Assert.DoesNotContain("name=\"record\"", stopped.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Ann[3..], stopped.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_was_forgotten_is_not_told_that_they_were_never_contacted()
    {
        using var folder = new GatewayFolder();
        await using var house = await PageHouse.BuildAsync(gateways: folder.Open(Codes));
        var sid = Sid((await house.House.SaysAsync(Ann)).Sid);
        await house.House.WithdrawAsync(Ann);
        await house.House.EraseAsync(sid);
        var told = await OpenAsync(house, folder, Ann);
        Assert.Contains("keeps nothing about contacts with you", told.Text, StringComparison.Ordinal);
        Assert.Contains("or what was kept of them was deleted", told.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_has_one_number_of_somebody_gets_no_receipt_of_what_they_said_with_another()
    {
        using var folder = new GatewayFolder();
        await using var house = await PageHouse.BuildAsync(gateways: folder.Open(Codes));
        await house.House.SaysAsync(Ann);
        var other = await house.House.SaysAsync(Home);
        await house.House.DoAsync(new MergeCommand(House.Staff, Sid((await house.House.FindAsync(Ann))!.Person.Sid.ToString()), Sid(other.Sid)));
        var opened = Hidden(await OpenAsync(house, folder, Ann), "opened");
        var person = (await house.House.FindAsync(Ann))!.Person;
        var yeses = person.Records.Where(static record => record.State is not null).Select(static record => record.Seq).ToList();
        Assert.Equal(2, yeses.Count);
        List<HttpStatusCode> answers = [];
        foreach (var seq in person.Records.Select(static record => record.Seq))
            answers.Add((await house.PostAsync(Path(house, "receipt"), null, ("to", Ann), ("opened", opened), ("record", seq.ToString(System.Globalization.CultureInfo.InvariantCulture)))).Status);
        Assert.Single(answers, HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.OK, answers[0]);
    }

    [Fact]
    public async Task Whoever_knows_the_day_or_the_reference_sees_that_contact_and_else_the_last_ones()
    {
        using var folder = new GatewayFolder();
        var time = new MovedTime();
        await using var house = await PageHouse.BuildAsync(time: time, gateways: folder.Open(Codes));
        var sid = Sid((await house.House.SaysAsync(Ann)).Sid);
        var (permits, days) = (new List<OpaqueId>(), new List<string>());
        for (var n = 0; n < 3; n++)
        {
            permits.Add(Fresh.Id());
            await house.House.DoAsync(new Gate.SnapshotHistoryTests.PutPermitCommand(house.House.Tags(Ann), sid, permits[n]));
            var wanted = new RowsWanted();
            wanted.Permits.Add(permits[n].ToArray());
            var row = (await house.House.Installation.Store.LoadAsync(house.House.Ledger.Ledger, wanted, CancellationToken.None)).Permits.Single();
            await house.House.DoAsync(new RedeemPermitCommand(House.Staff, row));
            days.Add(time.GetUtcNow().ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
            time.Ahead += TimeSpan.FromDays(20);
        }

        Assert.Equal(3, Contacts(await OpenAsync(house, folder, Ann)));
        Assert.Equal(1, Contacts(await OpenAsync(house, folder, Ann, ("day", days[1]))));
        Assert.Equal(1, Contacts(await OpenAsync(house, folder, Ann, ("reference", "Ref. PER_" + permits[0] + "."))));
        Assert.Equal(1, Contacts(await OpenAsync(house, folder, Ann, ("day", days[2]), ("reference", "per_" + permits[2]))));
        foreach (var elsewhere in new[] { ("day", "2001-01-01"), ("day", "9999-12-31"), ("day", "-9998-01-01"), ("reference", "per_" + Fresh.Id()) })
        {
            // So many codes go to nobody in one day.
            time.Ahead += TimeSpan.FromDays(1);
            var missed = await OpenAsync(house, folder, Ann, elsewhere);
            Assert.Contains("No contact of that day or reference is recorded here", missed.Text, StringComparison.Ordinal);
            Assert.Equal(3, Contacts(missed));
        }

        // Who knows a reference learns nothing by it of somebody else's number.
        time.Ahead += TimeSpan.FromDays(1);
        var unknown = await OpenAsync(house, folder, Nobody, ("reference", "per_" + permits[0]));
        Assert.True(unknown.Text.Contains("knows nothing about you", StringComparison.Ordinal), unknown.ToString());
        foreach (var bad in new[] { ("day", "yesterday"), ("reference", "x") })
        {
            var asked = await house.PostAsync(Path(house), null, ("to", Ann), bad);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, asked.Status);
            Assert.Contains($"value=\"{bad.Item2}\"", asked.Text, StringComparison.Ordinal);
        }

        static int Contacts(Seen page) => Regex.Count(page.Text, "<h2>You were (called|sent|written)");
    }

    private static OpaqueId Sid(string? text) => OpaqueId.TryParse(text, out var sid) ? sid : throw new ArgumentException("Not a person.", nameof(text));

    private static async Task<Seen> OpenAsync(PageHouse house, GatewayFolder folder, string number, params (string Name, string Value)[] sought)
    {
        var asked = await house.PostAsync(Path(house), null, [("to", number), .. sought]);
        return await house.PostAsync(
            Path(house, "show"), null,
            [("to", number), ("session", Hidden(asked, "session")), ("code", folder.CodeTo(number)), .. sought.Select(one => (one.Name, Hidden(asked, one.Name)))]);
    }

    private static string Path(PageHouse house, string? act = null) => "why/" + house.House.Ledger.Controller + (act is null ? "" : "/" + act);

    private static string Hidden(Seen page, string name) => Regex.Match(page.Text, $"name=\"{name}\" value=\"([^\"]+)\"").Groups[1].Value;

    // But for the number they typed themselves, and the secret of the form.
    private static string Alike(Seen page, string number) => Session().Replace(page.Text.Replace(number, "", StringComparison.Ordinal).Replace(number[^2..], "", StringComparison.Ordinal), "");

    [GeneratedRegex("name=\"session\" value=\"[^\"]+\"")]
    private static partial Regex Session();
}
