using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using NodaTime;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Consent;
using Ringfence.Server.People;
using Ringfence.Server.Tests.Pages;
using Xunit;

namespace Ringfence.Server.Tests.Consent;

/// <summary>Somebody's own page, reached by the link that was sent to their number.</summary>
public sealed class PreferencePagesTests
{
    private const string Ann = "+442079460018";
    private const string Bob = "+442079460019";

    private static readonly (string, string)[] AnyTime =
        [("wishes", "1"), ("day", "0"), ("day", "1"), ("day", "2"), ("day", "3"), ("day", "4"), ("day", "5"), ("day", "6"), ("from", "0"), ("until", "86400"), ("often", ""), ("pause", "")];

    [Fact]
    public async Task What_was_agreed_to_stands_there_without_the_number_a_cookie_or_a_script_and_under_30_kilobytes()
    {
        await using var house = await PageHouse.BuildAsync();
        var path = await LinkAsync(house);
        var weights = new List<int>();
        foreach (var tag in LanguageTexts.Tags)
        {
            var page = await house.GetAsync(path + "?lang=" + tag, null);
            Assert.Equal(HttpStatusCode.OK, page.Status);
            Assert.Contains($"<html lang=\"{tag}\"", page.Text, StringComparison.Ordinal);
            Assert.Contains("value=\"offers/sms\" checked", page.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("2079460018", page.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("<script", page.Text, StringComparison.OrdinalIgnoreCase);
            Assert.False(page.Response.Headers.Contains("Set-Cookie"));
            Assert.Equal("no-referrer", Assert.Single(page.Response.Headers.GetValues("Referrer-Policy")));
            Assert.DoesNotContain("script-src", Assert.Single(page.Response.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
            weights.Add(System.Text.Encoding.UTF8.GetByteCount(page.Text) + await StylesAsync(house, page.Text));
        }

        Assert.All(weights, static weight => Assert.InRange(weight, 1, 30_000));
    }

    [Fact]
    public async Task One_press_stops_everything_on_every_number_and_the_gate_refuses_from_then_on()
    {
        await using var house = await PageHouse.BuildAsync();
        var path = await LinkAsync(house);
        var done = await house.PostAsync(path + "/stop", null);
        Assert.Equal(HttpStatusCode.SeeOther, done.Status);
        Assert.Contains("Nobody from Acme Ltd will call or write to you", (await house.GetAsync(done.Location![1..], null)).Text, StringComparison.Ordinal);
        Assert.NotEmpty(await house.House.SuppressionsAsync(Ann));
        Assert.Empty(await house.House.SuppressionsAsync(Bob));
        // Said twice it is written once.
        var size = await house.SizeAsync();
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(path + "/stop", null)).Status);
        Assert.Equal(size, await house.SizeAsync());
    }

    [Fact]
    public async Task What_is_unticked_is_taken_back_and_nothing_else_and_no_box_can_be_added()
    {
        await using var house = await PageHouse.BuildAsync();
        var path = await LinkAsync(house, "sms,voice");
        var saved = await house.PostAsync(path, null, [("had", "offers/sms"), ("had", "offers/voice"), ("yes", "offers/voice"), ("yes", "news/email"), .. AnyTime]);
        Assert.Equal(HttpStatusCode.SeeOther, saved.Status);
        var page = (await house.GetAsync(path, null)).Text;
        Assert.Contains("value=\"offers/voice\" checked", page, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"offers/sms\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("news", page, StringComparison.Ordinal);
        // Nothing is taken back that was not seen.
        await house.House.SaysAsync(Ann, channels: "whatsapp");
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(path, null, [("had", "offers/voice"), ("yes", "offers/voice"), .. AnyTime])).Status);
        Assert.Contains("value=\"offers/whatsapp\" checked", (await house.GetAsync(path, null)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_unticked_is_taken_back_though_the_rest_of_the_page_is_wrong_or_came_too_late()
    {
        await using var house = await PageHouse.BuildAsync();
        var path = await LinkAsync(house, "sms,voice,whatsapp");
        // No day at all, and hours the wrong way round: told so, and the no is written.
        var wrong = await house.PostAsync(path, null, [("had", "offers/sms"), ("had", "offers/voice"), ("yes", "offers/voice"), ("wishes", "1"), ("from", "72000"), ("until", "28800")]);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        Assert.Contains("role=\"alert\"", wrong.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"offers/sms\"", wrong.Text, StringComparison.Ordinal);
        Assert.Contains("value=\"offers/voice\" checked", wrong.Text, StringComparison.Ordinal);
        Assert.Equal(ChannelSet.Sms, (await house.House.SuppressionsAsync(Ann)).Aggregate(ChannelSet.None, static (all, row) => all | (ChannelSet)row.Channels));
        // Nor does it wait for a code whose time is over, or that was none.
        var late = await house.PostAsync(path, null, [("had", "offers/voice"), ("opened", "x"), .. AnyTime]);
        Assert.Equal(HttpStatusCode.SeeOther, late.Status);
        Assert.Equal(ChannelSet.Sms | ChannelSet.Voice, (await house.House.SuppressionsAsync(Ann)).Aggregate(ChannelSet.None, static (all, row) => all | (ChannelSet)row.Channels));
    }

    [Fact]
    public async Task Wishes_count_at_the_gate_and_the_link_alone_can_not_take_them_back()
    {
        await using var house = await PageHouse.BuildAsync();
        var path = await LinkAsync(house);
        (string, string)[] mornings = [("wishes", "1"), ("day", "0"), ("day", "1"), ("from", "32400"), ("until", "39600"), ("often", "1-P1M"), ("pause", "P1M")];
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(path, null, [("had", "offers/sms"), ("yes", "offers/sms"), .. mornings])).Status);
        var wishes = (await house.House.FindAsync(Ann))!.Person.Wishes!;
        Assert.Equal(new Ringfence.Rules.WeeklyWindow(3, 32_400, 39_600), Assert.Single(wishes.Hours));
        Assert.Equal(1, wishes.Most!.Most);
        var situation = await SituationAsync(house);
        Assert.Equal(wishes.Hours, situation.Contact.Wishes!.Hours);
        Assert.Contains(ReasonCode.Preference, house.Served.GateOf(house.House.Ledger).Decide(situation) switch
        {
            Verdict.Refused refused => refused.Reasons.Select(static reason => reason.Code),
            Verdict.Deferred deferred => deferred.Reasons.Select(static reason => reason.Code),
            _ => [],
        });
        // More is refused, and what was typed is still there.
        var wider = await house.PostAsync(path, null, [("had", "offers/sms"), ("yes", "offers/sms"), ("wishes", "1"), ("day", "0"), ("day", "5"), ("from", "32400"), ("until", "39600"), ("often", "1-P1M"), ("pause", "as-is")]);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wider.Status);
        Assert.Contains("name=\"day\" value=\"5\" checked", wider.Text, StringComparison.Ordinal);
        Assert.Equal(wishes.Hours, (await house.House.FindAsync(Ann))!.Person.Wishes!.Hours);
        // Less is taken.
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(path, null, [("had", "offers/sms"), ("yes", "offers/sms"), ("wishes", "1"), ("day", "0"), ("from", "32400"), ("until", "39600"), ("often", "1-P1M"), ("pause", "as-is")])).Status);
        Assert.Equal((byte)1, Assert.Single((await house.House.FindAsync(Ann))!.Person.Wishes!.Hours).Days);
    }

    [Theory]
    [InlineData("", "+30", 30)]
    [InlineData("P1M", "+200", 200)]
    [InlineData("P1Y", "+30", 365)]
    [InlineData("", "+0", 0)]
    public async Task A_pause_lasts_until_the_day_that_was_chosen_or_the_length_where_that_is_longer(string length, string day, int until)
    {
        await using var house = await PageHouse.BuildAsync();
        var path = await LinkAsync(house);
        var today = Instant.FromDateTimeOffset(house.House.Installation.Time.GetUtcNow()).InUtc().Date;
        (string, string)[] had = [("had", "offers/sms"), ("yes", "offers/sms")];
        (string, string)[] asked = [.. had, .. AnyTime[..^1], ("pause", length), ("pauseDay", LocalDatePattern.Iso.Format(today.PlusDays(int.Parse(day, CultureInfo.InvariantCulture))))];
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(path, null, asked)).Status);
        Assert.Equal(today.PlusDays(until), (await house.House.FindAsync(Ann))!.Person.Wishes!.PausedUntil!.Value.DayIn(DateTimeZone.Utc));
        Assert.IsNotType<Verdict.Allowed>(house.Served.GateOf(house.House.Ledger).Decide(await SituationAsync(house)));
        // By the link alone it gets no shorter; longer it does, beside what it was.
        (string, string)[] Later(int days) => [.. had, .. AnyTime[..^1], ("pause", "as-is"), ("pauseDay", LocalDatePattern.Iso.Format(today.PlusDays(days)))];
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.PostAsync(path, null, [.. had, .. AnyTime])).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(path, null, Later(until + 1))).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(path, null, Later(0))).Status);
        Assert.Equal(today.PlusDays(until + 1), (await house.House.FindAsync(Ann))!.Person.Wishes!.PausedUntil!.Value.DayIn(DateTimeZone.Utc));
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("2020-01-01")]
    [InlineData("2099-01-01")]
    [InlineData("31.12.2026")]
    public async Task A_day_that_can_not_be_is_told_and_kept_as_it_was_typed(string day)
    {
        await using var house = await PageHouse.BuildAsync();
        var path = await LinkAsync(house);
        var wrong = await house.PostAsync(path, null, [("had", "offers/sms"), ("yes", "offers/sms"), .. AnyTime, ("pauseDay", day)]);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        Assert.Contains("href=\"#f-pauseDay\"", wrong.Text, StringComparison.Ordinal);
        Assert.Contains($"value=\"{day}\"", wrong.Text, StringComparison.Ordinal);
        Assert.Null((await house.House.FindAsync(Ann))!.Person.Wishes?.PausedUntil);
    }

    [Fact]
    public async Task A_link_opens_for_one_person_one_controller_and_one_act_and_what_leads_nowhere_is_answered_alike()
    {
        await using var house = await PageHouse.BuildAsync();
        var path = await LinkAsync(house);
        var (ann, bob) = (await PersonAsync(house, Ann), await PersonAsync(house, Bob));
        var links = house.House.Installation.Links;
        var controller = house.House.Ledger.Controller;
        var token = path[(path.LastIndexOf('/') + 1)..];
        List<string> wrong =
        [
            links.Make(controller, LinkAct.Stop, ann), links.Make("another", LinkAct.Preferences, ann), links.Make(controller, LinkAct.Preferences, new PersonLink(ann.Subject, bob.Point)),
            links.Make(controller, LinkAct.Preferences, new PersonLink(new OpaqueId(RandomNumberGenerator.GetBytes(16)), ann.Point)), token[..^1], token + "A", "no-such-token", new string('A', token.Length),
        ];
        // Every character of it counts; the last one holds no spare bits.
        for (var at = 0; at < token.Length; at++)
            wrong.Add(token[..at] + (token[at] == 'A' ? 'B' : 'A') + token[(at + 1)..]);
        string? said = null;
        var size = await house.SizeAsync();
        foreach (var one in wrong)
        {
            foreach (var (method, below) in new[] { (HttpMethod.Get, ""), (HttpMethod.Post, "/stop"), (HttpMethod.Post, "") })
            {
                var seen = await house.SendAsync(method, $"p/{controller}/{one}{below}", null, method == HttpMethod.Post ? new FormUrlEncodedContent([]) : null);
                Assert.Equal(HttpStatusCode.NotFound, seen.Status);
                var text = seen.Text.Replace(one, "", StringComparison.Ordinal).Replace("/stop?", "?", StringComparison.Ordinal);
                Assert.Equal(said ??= text, text);
            }
        }

        Assert.Equal(size, await house.SizeAsync());
        // Who is erased is known to no page.
        var found = (await house.House.FindAsync(Ann))!;
        await house.House.DoAsync(new Ringfence.Server.Rights.EraseCommand(Ringfence.Server.Tests.Ledger.House.Staff, ann.Subject, [house.House.Tags(Ann)], [.. found.Person.CarriedBy], "request"));
        Assert.Equal(HttpStatusCode.NotFound, (await house.GetAsync(path, null)).Status);
    }

    private static async Task<Situation> SituationAsync(PageHouse house)
    {
        var tags = house.House.Tags(Ann);
        var asked = new ContactQuestion(NodaTime.Instant.FromDateTimeOffset(house.House.Installation.Time.GetUtcNow()), house.House.Ledger.Controller, Channel.Sms, "offers", Technique.Bulk);
        var situation = AskedFile.Read(asked, "test", null);
        var known = PersonFacts.Of(situation, (await house.House.FindAsync(Ann))!.Person, (await PersonAsync(house, Ann)).Point, static _ => null, []);
        return known with { Contact = known.Contact with { Phone = tags.Point.Value } };
    }

    private static async Task<string> LinkAsync(PageHouse house, string channels = "sms")
    {
        await house.House.SaysAsync(Ann, channels: channels);
        await house.House.SaysAsync(Bob);
        return $"p/{house.House.Ledger.Controller}/{house.House.Installation.Links.Make(house.House.Ledger.Controller, LinkAct.Preferences, await PersonAsync(house, Ann))}";
    }

    private static async Task<PersonLink> PersonAsync(PageHouse house, string number)
    {
        var found = (await house.House.FindAsync(number))!;
        return new PersonLink(found.Person.Sid, found.Points().First().Id);
    }

    private static async Task<int> StylesAsync(PageHouse house, string page)
    {
        var weight = 0;
        foreach (System.Text.RegularExpressions.Match sheet in System.Text.RegularExpressions.Regex.Matches(page, "<link rel=\"stylesheet\" href=\"/([^\"]+)\""))
            weight += System.Text.Encoding.UTF8.GetByteCount((await house.GetAsync(sheet.Groups[1].Value, null)).Text);
        return weight;
    }
}
