using System.Net;
using System.Text.RegularExpressions;
using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Consent.Forms;
using Ringfence.Server.Consent.Notices;
using Ringfence.Server.Gate.Snapshot;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Tests.Gateways;
using Ringfence.Server.Tests.Pages;
using Ringfence.Server.Tests.Storage;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Consent;

public sealed class SqliteNoticePagesTests() : NoticePagesContract(isPostgres: false);

public sealed class PostgresNoticePagesTests() : NoticePagesContract(isPostgres: true);

/// <summary>Staff publish a privacy notice of what the house really does, and everybody reads it and what held before.</summary>
public abstract class NoticePagesContract(bool isPostgres) : StoreContract(isPostgres)
{
    private static readonly (string, string)[] Said =
    [
        ("version", "1"), ("storage", "gb"), ("no-officer", "1"), ("p.0.name", "offers"), ("p.0.basis", "consent"), ("p.0.about.en", "offers for kitchens"), ("p.0.about.zh-Hans", "厨房优惠"), ("p.0.about.zh-Hant", "廚房優惠"),
        .. new[] { "contact-data", "consent-proof", "contact-records", "requests" }.SelectMany(static what => new[] { ($"t.{what}.time", "P3Y"), ($"t.{what}.from", "end-of-consent"), ($"t.{what}.then", "deleted") }),
        ("t.refusals.from", "while-contacting"), ("t.refusals.then", "deleted"),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_notice_is_completed_looked_at_and_published_and_the_one_before_stays_readable()
    {
        await using var house = await PageHouse.BuildAsync(Store);
        await PublishFormAsync(house);
        var (room, page) = (house.Controller + "settings/notice", "n/" + house.House.Ledger.Controller);
        Assert.Equal(HttpStatusCode.NotFound, (await house.GetAsync(page, null)).Status);
        var size = await house.SizeAsync();
        // What nobody can know is asked for, with the provision that wants it.
        var first = await house.GetAsync(room, Role.PrivacyOfficer);
        foreach (var code in new[] { "retention", "storage", "plain-words" })
            Assert.Contains($"<code>{code}</code> ", Regex.Match(first.Text, "<ul class=\"lint\">.*?</ul>", RegexOptions.Singleline).Value, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"seen\"", first.Text, StringComparison.Ordinal);
        Assert.InRange(first.Text.Length, 1, 150_000);
        Assert.Equal(1, Regex.Count(first.Text, "<h1[ >]"));

        var seen = SeenOf(await house.PostAsync(room, Role.PrivacyOfficer, [.. Said, ("do", "look")]));
        Assert.NotEqual("", seen);
        // Not by whoever did not look, nor by whoever may not, nor where something is missing.
        Assert.Equal(HttpStatusCode.OK, (await house.PostAsync(room, Role.PrivacyOfficer, [.. Said, ("do", "publish")])).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await house.PostAsync(room, Role.Administrator, [.. Said, ("do", "publish"), ("seen", seen)])).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await house.PostAsync(room, Role.Auditor, [.. Said, ("do", "look")])).Status);
        var less = Said.Where(static field => field.Item1 != "storage").ToArray();
        var lessSeen = Regex.Matches((await house.PostAsync(room, Role.PrivacyOfficer, [.. less, ("do", "look")])).Text, "[0-9a-f]{64}").Select(static match => match.Value).Append(seen).Distinct();
        foreach (var digest in lessSeen)
            Assert.NotEqual(HttpStatusCode.SeeOther, (await house.PostAsync(room, Role.PrivacyOfficer, [.. less, ("do", "publish"), ("seen", digest)])).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await house.PostAsync(room, Role.PrivacyOfficer, [.. Said, ("secret", "1"), ("do", "look")])).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.PostAsync(room, Role.PrivacyOfficer, [.. Said.Where(static field => field.Item1 != "version"), ("version", "no version!"), ("do", "look")])).Status);
        Assert.Equal(size, await house.SizeAsync());

        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(room, Role.PrivacyOfficer, [.. Said, ("do", "publish"), ("seen", seen)])).Status);
        Assert.Equal(size + 1, await house.SizeAsync());
        var (store, ledger) = (house.House.Installation.Store, house.House.Ledger);
        var notice = Assert.Single(await PublishedNotices.AllAsync(store, ledger, Cancel));
        var record = (await house.House.RecordsAsync())[^1];
        Assert.Equal((RecordType.DocPublished, notice.Digest, "1"), (record.Type, record.Notice!.Doc, record.Notice.Version));
        foreach (var (language, words) in new[] { ("en", "offers for kitchens"), ("zh-Hans", "厨房优惠"), ("zh-Hant", "廚房優惠") })
        {
            var shown = await house.GetAsync($"{page}?lang={language}", null);
            Assert.Equal(HttpStatusCode.OK, shown.Status);
            Assert.Contains(words, shown.Text, StringComparison.Ordinal);
            Assert.Contains(NoticePage.Write(notice, language, $"/why/{ledger.Controller}?lang={language}"), shown.Text, StringComparison.Ordinal);
            Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(shown.Text), 1, 30_000);
            Assert.DoesNotContain("<script", shown.Text, StringComparison.Ordinal);
            Assert.False(shown.Response.Headers.Contains("Set-Cookie"));
        }

        // The same again is none, whatever it is called.
        var same = Said.Select(static field => field.Item1 == "version" ? ("version", "2") : field).ToArray();
        var sameSeen = await house.PostAsync(room, Role.PrivacyOfficer, [.. same, ("do", "look")]);
        Assert.Equal("", SeenOf(sameSeen));
        // A change is shown, and which one matters; under a version of its own it is published.
        var longer = same.Select(static field => field == ("t.contact-records.time", "P3Y") ? ("t.contact-records.time", "P10Y") : field).ToArray();
        var looked = await house.PostAsync(room, Role.PrivacyOfficer, [.. longer, ("do", "look")]);
        Assert.Contains("Kept for longer", looked.Text, StringComparison.Ordinal);
        Assert.Contains("have to be asked again", looked.Text, StringComparison.Ordinal);
        var taken = longer.Select(static field => field.Item1 == "version" ? ("version", "1") : field).ToArray();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.PostAsync(room, Role.PrivacyOfficer, [.. taken, ("do", "publish"), ("seen", SeenOf(await house.PostAsync(room, Role.PrivacyOfficer, [.. taken, ("do", "look")])))])).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(room, Role.PrivacyOfficer, [.. longer, ("do", "publish"), ("seen", SeenOf(looked))])).Status);
        var all = await PublishedNotices.AllAsync(store, ledger, Cancel);
        Assert.Equal(["1", "2"], all.Select(static one => one.Version));
        Assert.Equal(notice, all[0]);
        var old = await house.GetAsync($"{page}/{notice.Digest}", null);
        Assert.Contains(NoticePage.Write(notice, "en", $"/why/{ledger.Controller}?lang=en"), old.Text, StringComparison.Ordinal);
        Assert.Contains("Read version 2, which holds now", old.Text, StringComparison.Ordinal);
        Assert.Contains(notice.Digest.ToString(), (await house.GetAsync(page, null)).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await house.GetAsync($"{page}/{new string('0', 64)}", null)).Status);
    }

    [Fact]
    public async Task What_the_house_does_stands_in_it_as_it_is_set_up_and_rows_are_added_and_taken_out_by_buttons()
    {
        using var folder = new GatewayFolder();
        await using var house = await PageHouse.BuildAsync(Store, gateways: folder.Open(
            GatewayFolder.Files + "  - { name: post, kind: smtp, host: mail.texter.example, port: 25, from: a@ringmuster.example, tls: none }\n"));
        await PublishFormAsync(house);
        var room = house.Controller + "settings/notice";
        var first = await house.GetAsync(room, Role.PrivacyOfficer);
        // A folder is nobody; whoever carries messages is asked to be named.
        Assert.Contains("value=\"gateway:post\"", first.Text, StringComparison.Ordinal);
        Assert.Contains("post (mail.texter.example)", first.Text, StringComparison.Ordinal);
        Assert.Equal(1, Regex.Count(first.Text, "name=\"r\\.\\d+\\.key\""));
        (string, string)[] recipient = [("r.0.key", "gateway:post"), ("r.0.name", "Texter \"& Co"), ("r.0.role", "processor"), ("r.0.country", "us"), ("r.0.safeguards", "uk-agreement"), ("r.0.safeguards", "adequacy")];
        var complete = await house.PostAsync(room, Role.PrivacyOfficer, [.. Said, .. recipient, ("do", "look")]);
        Assert.NotEqual("", SeenOf(complete));
        Assert.Contains("Texter &quot;&amp; Co", complete.Text, StringComparison.Ordinal);
        Assert.Equal("", SeenOf(await house.PostAsync(room, Role.PrivacyOfficer, [.. Said, .. recipient.Where(static field => field.Item1 != "r.0.safeguards"), ("do", "look")])));
        Assert.Equal("", SeenOf(await house.PostAsync(room, Role.PrivacyOfficer, [.. Said, ("do", "look")])));
        // What is found can't be left out by whoever leaves its row out.
        Assert.Contains("value=\"gateway:post\"", (await house.PostAsync(room, Role.PrivacyOfficer, [.. Said, ("do", "look")])).Text, StringComparison.Ordinal);
        var added = await house.PostAsync(room, Role.PrivacyOfficer, [.. Said, .. recipient, ("s.0.name", "Fair"), ("s.0.origin", "public"), ("do", "add-recipient")]);
        Assert.Contains("value=\"said:1\"", added.Text, StringComparison.Ordinal);
        Assert.Contains("value=\"Fair\"", added.Text, StringComparison.Ordinal);
        var removed = await house.PostAsync(room, Role.PrivacyOfficer, [.. Said, .. recipient, ("r.1.key", "said:1"), ("do", "remove-recipient said:1")]);
        Assert.DoesNotContain("value=\"said:1\"", removed.Text, StringComparison.Ordinal);
        Assert.Contains("value=\"service\"", (await house.PostAsync(room, Role.PrivacyOfficer, [.. Said, ("do", "add-purpose")])).Text, StringComparison.Ordinal);
        var hostile = await house.PostAsync(room, Role.PrivacyOfficer, [.. Said, .. recipient.Where(static field => field.Item1 != "r.0.name"), ("r.0.name", "</p><script>alert(1)</script>"), ("do", "look")]);
        Assert.DoesNotContain("<script>alert", hostile.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_overview_tells_what_people_are_not_told_and_leads_to_those_who_agreed_before()
    {
        var time = new MovedClock();
        await using var house = await PageHouse.BuildAsync(Store, time);
        var (overview, room) = (house.Controller + "overview", house.Controller + "settings/notice");
        Assert.DoesNotContain("no privacy notice is published", (await house.GetAsync(overview, Role.PrivacyOfficer)).Text, StringComparison.Ordinal);
        await PublishFormAsync(house);
        time.Move(TimeSpan.FromSeconds(10));
        Assert.Contains("no privacy notice is published", (await house.GetAsync(overview, Role.PrivacyOfficer)).Text, StringComparison.Ordinal);
        async Task PublishAsync(params (string, string)[] said)
        {
            Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(room, Role.PrivacyOfficer, [.. said, ("do", "publish"), ("seen", SeenOf(await house.PostAsync(room, Role.PrivacyOfficer, [.. said, ("do", "look")])))])).Status);
            time.Move(TimeSpan.FromSeconds(10));
        }

        await PublishAsync(Said);
        await house.House.SaysAsync("+447400123456", channels: "sms");
        time.Move(TimeSpan.FromSeconds(10));
        var calm = (await house.GetAsync(overview, Role.PrivacyOfficer)).Text;
        foreach (var need in new[] { "no privacy notice is published", "differs from what is done", "agreed before notice" })
            Assert.DoesNotContain(need, calm, StringComparison.Ordinal);

        // Shorter: nobody has to be asked again. Longer: whoever agreed before has, and nobody who agrees after.
        (string, string)[] Changed(string version, string time) => [.. Said.Select(field => field.Item1 switch { "version" => ("version", version), "t.contact-records.time" => (field.Item1, time), _ => field })];
        await PublishAsync(Changed("2", "P1Y"));
        Assert.DoesNotContain("agreed before notice", (await house.GetAsync(overview, Role.PrivacyOfficer)).Text, StringComparison.Ordinal);
        await PublishAsync(Changed("3", "P10Y"));
        await PublishAsync(Changed("4", "P6Y"));
        await house.House.SaysAsync("+447400123499", channels: "sms");
        time.Move(TimeSpan.FromSeconds(10));
        // Everybody is read into memory before anybody is counted; the page would say how far it is.
        var follower = await new Snapshots(house.House.Installation).FollowAsync(house.House.Ledger, Cancel);
        await follower.BuildAsync(Cancel);
        await follower.LookAsync(Cancel);
        Assert.NotNull(await house.Served.Audiences.Of(house.House.Ledger).LookAsync([.. AudienceAsk.Line.Select(static channel => new AudienceAsk(channel, null))], TimeSpan.FromMinutes(2), Cancel));
        var told = (await house.GetAsync(overview, Role.PrivacyOfficer)).Text;
        Assert.Contains("1 person agreed before notice 3", told, StringComparison.Ordinal);
        var list = WebUtility.HtmlDecode(Regex.Match(told, "href=\"([^\"]*agreed-before=[^\"]*)\"").Groups[1].Value);
        var found = (await house.GetAsync(list, Role.PrivacyOfficer)).Text;
        Assert.Contains("•56", found, StringComparison.Ordinal);
        Assert.DoesNotContain("•99", found, StringComparison.Ordinal);

        // Another system is told of what happens: the notice says nothing of it.
        await house.PostAsync(house.Controller + "settings/webhooks", Role.Administrator, ("url", "https://crm.example/hook"), ("name", "CRM"));
        time.Move(TimeSpan.FromSeconds(10));
        var drifted = (await house.GetAsync(overview, Role.PrivacyOfficer)).Text;
        Assert.Contains("Notice 4 differs from what is done in 1 thing", drifted, StringComparison.Ordinal);
        Assert.Contains("New recipient", drifted, StringComparison.Ordinal);
    }

    [Fact]
    public async Task How_long_requests_are_kept_is_found_and_another_setting_shows_as_a_difference()
    {
        var (time, months) = (new MovedClock(), "");
        await using var house = await PageHouse.BuildAsync(Store, time, environment: name => name == Ringfence.Server.Rights.RequestKeeping.Variable ? months : null);
        var (overview, room) = (house.Controller + "overview", house.Controller + "settings/notice");
        await PublishFormAsync(house);
        time.Move(TimeSpan.FromSeconds(10));
        // Whatever is typed, the notice says what is done.
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(room, Role.PrivacyOfficer, [.. Said, ("do", "publish"), ("seen", SeenOf(await house.PostAsync(room, Role.PrivacyOfficer, [.. Said, ("do", "look")])))])).Status);
        var notice = Assert.Single(await PublishedNotices.AllAsync(house.House.Installation.Store, house.House.Ledger, Cancel));
        Assert.Equal(new NoticeRetention(NoticeKept.Requests, NodaTime.Period.FromYears(1), NoticeFrom.Answer, NoticeThen.Deleted), notice.Retention.Single(static one => one.What == NoticeKept.Requests));
        Assert.DoesNotContain("name=\"t.requests.time\"", (await house.GetAsync(room, Role.PrivacyOfficer)).Text, StringComparison.Ordinal);
        time.Move(TimeSpan.FromSeconds(10));
        Assert.DoesNotContain("differs from what is done", (await house.GetAsync(overview, Role.PrivacyOfficer)).Text, StringComparison.Ordinal);
        months = "18";
        time.Move(TimeSpan.FromSeconds(10));
        Assert.Contains("differs from what is done in 1 thing", (await house.GetAsync(overview, Role.PrivacyOfficer)).Text, StringComparison.Ordinal);
        // What nobody can read tells nothing.
        months = "a while";
        Assert.DoesNotContain("differs from what is done", (await house.GetAsync(overview, Role.PrivacyOfficer)).Text, StringComparison.Ordinal);
    }

    private sealed class MovedClock : TimeProvider
    {
        private TimeSpan ahead;

        public void Move(TimeSpan by) => ahead += by;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;

        public override long GetTimestamp() => base.GetTimestamp() + (long)(ahead.TotalSeconds * TimestampFrequency);
    }

    private static string SeenOf(Seen seen) => Regex.Match(seen.Text, "name=\"seen\" value=\"([0-9a-f]{64})\"").Groups[1].Value;

    private static async Task PublishFormAsync(PageHouse house)
    {
        var form = FormDocument.Read("form-offers.yaml", await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "form-offers.yaml"), Cancel));
        form = form with
        {
            OfferedIn = ["GB"],
            Purposes = [.. form.Purposes.Take(1).Select(static one => one with { About = new Dictionary<string, string> { ["en"] = "offers for kitchen appliances" } })],
            Languages = ["en"],
            Blocks =
        [
            new FormHeading("title", new Dictionary<string, string> { ["en"] = "May we tell you about kitchens?" }), new FormField("phone", FormAsks.Phone, false),
            new FormBox("offers-sms") { Channels = ChannelSet.Sms, Purposes = [form.Purposes[0].Name] },
        ],
            Layouts = []
        };
        await PublishedForms.PublishAsync(house.House.Installation, house.House.Ledger, new Actor(ActorKind.Staff, "ann"), form, house.Served.Gate.Rules, Cancel);
    }
}
