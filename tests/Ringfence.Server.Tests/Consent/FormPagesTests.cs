using System.Net;
using System.Text.RegularExpressions;
using Ringfence;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;
using Ringfence.Server.Codes;
using Ringfence.Server.Consent;
using Ringfence.Server.Consent.Forms;
using Ringfence.Server.Gate;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Gate;
using Ringfence.Server.Tests.Gateways;
using Ringfence.Server.Tests.Pages;
using Ringfence.Server.Tests.Storage;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Consent;

public sealed class SqliteFormPagesTests() : FormPagesContract(isPostgres: false);

public sealed class PostgresFormPagesTests() : FormPagesContract(isPostgres: true);

/// <summary>Staff make a form in the browser, and publish it where nothing is wrong with it.</summary>
public abstract class FormPagesContract(bool isPostgres) : StoreContract(isPostgres)
{
    private static readonly (string, string)[] Sound =
    [
        ("id", "kitchen-news"), ("version", "1"), ("sender", "Ringmuster Ltd"), ("offered-in", "gb, tw"), ("notice-page", "https://ringmuster.example/privacy"), ("notice-version", "3"),
        ("stop-reply", "STOP"), ("stop-page", "https://ringmuster.example/stop"), ("stop-steps", "2"), ("stop-in", "every-call"), ("language", "en"), ("language", "zh-Hant"), ("opt-in", "double"), ("split", "1"),
        ("p.0.name", "offers"), ("p.0.most", "4"), ("p.0.within", "P1M"), ("p.0.term", "P1Y"), ("p.0.about.en", "offers for kitchen appliances"), ("p.0.about.zh-Hant", "廚房電器的優惠"),
        ("b.0.kind", "heading"), ("b.0.name", "title"), ("b.0.text.en", "May we tell you about kitchens?"), ("b.0.text.zh-Hant", "可以向您介紹廚房產品嗎？"),
        ("b.1.kind", "field"), ("b.1.name", "phone"), ("b.1.asks", "phone"),
        ("b.2.kind", "box"), ("b.2.name", "offers-sms"), ("b.2.channel", "sms"), ("b.2.purpose", "offers"),
        ("b.3.kind", "box"), ("b.3.name", "offers-voice"), ("b.3.channel", "voice"), ("b.3.purpose", "offers"),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_form_is_made_looked_at_and_published_with_all_that_it_shows()
    {
        await using var house = await PageHouse.BuildAsync(Store);
        var make = house.Controller + "forms/new";
        Assert.Equal(HttpStatusCode.OK, (await house.GetAsync(make, Role.PrivacyOfficer)).Status);
        var size = await house.SizeAsync();
        var looked = await house.PostAsync(make, Role.PrivacyOfficer, [.. Sound, ("do", "look")]);
        Assert.Equal(HttpStatusCode.OK, looked.Status);
        var seen = Regex.Match(looked.Text, "name=\"seen\" value=\"([0-9a-f]{64})\"").Groups[1].Value;
        Assert.NotEqual("", seen);
        Assert.Equal(size, await house.SizeAsync());

        // What was not looked at is looked at first.
        var unseen = await house.PostAsync(make, Role.PrivacyOfficer, [.. Sound, ("do", "publish")]);
        Assert.Equal((HttpStatusCode.OK, size), (unseen.Status, await house.SizeAsync()));

        var published = await house.PostAsync(make, Role.PrivacyOfficer, [.. Sound, ("do", "publish"), ("seen", seen)]);
        Assert.Equal(HttpStatusCode.SeeOther, published.Status);
        // Two boxes in the words of four ways to say yes, two languages in two layouts, and the form.
        Assert.Equal(size + 8 + 4 + 1, await house.SizeAsync());
        var (store, ledger) = (house.House.Installation.Store, house.House.Ledger);
        var form = Assert.Single(await PublishedForms.AllAsync(store, ledger, Cancel));
        Assert.Equal(seen, form.Digest.ToString());
        foreach (var layout in form.LayoutsShown)
        {
            foreach (var language in form.Languages)
            {
                var bytes = FormPage.ToBytes(form, layout, language);
                Assert.Equal(bytes, await PublishedForms.ShownAsync(store, ledger, TreeHash.Sha256(bytes), Cancel));
            }
        }

        foreach (var box in form.Boxes)
            Assert.NotNull(await PublishedWordings.FindAsync(store, ledger, FormWords.WordingOf(form, box).Digest, Cancel));
        var one = await house.GetAsync(published.Location!, Role.Auditor, "zh-Hant");
        Assert.Contains("我同意 Ringmuster Ltd", one.Text, StringComparison.Ordinal);
        Assert.Equal(1, Regex.Count(one.Text, "<h1[ >]"));
        Assert.DoesNotContain("<form method=\"post\" novalidate", one.Text, StringComparison.Ordinal);
        Assert.Contains(">kitchen-news<", (await house.GetAsync(house.Controller + "forms", Role.Auditor)).Text, StringComparison.Ordinal);
        Assert.Contains("廚房電器的優惠", (await house.GetAsync(published.Location! + "/paper?in=zh-Hant", Role.Auditor)).Text, StringComparison.Ordinal);
        Assert.Contains("value=\"kitchen-news\"", (await house.GetAsync(make + "?from=" + seen, Role.PrivacyOfficer)).Text, StringComparison.Ordinal);

        // The same again is nothing new; something else under the same version is refused.
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(make, Role.PrivacyOfficer, [.. Sound, ("do", "publish"), ("seen", seen)])).Status);
        var other = Sound.Select(static field => field.Item1 == "p.0.most" ? ("p.0.most", "2") : field).ToArray();
        var otherSeen = Regex.Match((await house.PostAsync(make, Role.PrivacyOfficer, [.. other, ("do", "look")])).Text, "name=\"seen\" value=\"([0-9a-f]{64})\"").Groups[1].Value;
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.PostAsync(make, Role.PrivacyOfficer, [.. other, ("do", "publish"), ("seen", otherSeen)])).Status);
        Assert.Equal(size + 13, await house.SizeAsync());
    }

    [Fact]
    public async Task What_is_wrong_stands_beside_it_and_nothing_of_it_is_published()
    {
        await using var house = await PageHouse.BuildAsync(Store);
        var make = house.Controller + "forms/new";
        var size = await house.SizeAsync();
        foreach (var (change, code) in new ((string, string), string)[]
        {
            (("sender", ""), "no-identity"), (("notice-page", ""), "no-notice"), (("p.0.most", ""), "no-frequency"), (("offered-in", "gb, de"), "language-missing"), (("offered-in", ""), "no-place"),
            (("b.0.text.zh-Hant", ""), "text-missing"), (("b.3.channel", "email"), "point-not-asked"), (("b.3.channel", "sms"), "box-twice"), (("for-children", "1"), "age-not-asked"),
        })
        {
            (string, string)[] fields = [.. Sound.Where(field => field.Item1 != change.Item1), change];
            var seen = await house.PostAsync(make, Role.PrivacyOfficer, [.. fields, ("do", "look")]);
            Assert.Contains($"<code>{code}</code>", seen.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("name=\"seen\"", seen.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("value=\"publish\"", seen.Text, StringComparison.Ordinal);
            // Nor is it by whoever sends its digest all the same.
            foreach (var digest in Regex.Matches(seen.Text, "[0-9a-f]{64}").Select(static match => match.Value).Distinct())
                Assert.NotEqual(HttpStatusCode.SeeOther, (await house.PostAsync(make, Role.PrivacyOfficer, [.. fields, ("do", "publish"), ("seen", digest)])).Status);
        }

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.PostAsync(make, Role.PrivacyOfficer, [.. Sound.Where(field => field.Item1 != "id"), ("id", "No Name"), ("do", "look")])).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await house.PostAsync(make, Role.PrivacyOfficer, [.. Sound, ("ticked", "1"), ("do", "look")])).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await house.PostAsync(make, Role.Auditor, [.. Sound, ("do", "look")])).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await house.GetAsync(house.Controller + "forms/" + new string('0', 64), Role.Auditor)).Status);
        Assert.Equal(size, await house.SizeAsync());
    }

    [Theory]
    [InlineData("contact-phone", "+14165550123")]
    [InlineData("contact-email", "hello@ringmuster.example")]
    [InlineData("contact-page", "https://ringmuster.example/contact")]
    public async Task A_form_for_Canada_is_published_once_it_says_where_whoever_asks_is_reached(string way, string reached)
    {
        await using var house = await PageHouse.BuildAsync(Store);
        var make = house.Controller + "forms/new";
        (string, string)[] canadian = [.. Sound.Where(static field => field.Item1 != "offered-in"), ("offered-in", "ca, tw")];
        Task<Seen> LookAsync(params (string, string)[] more) => house.PostAsync(make, Role.PrivacyOfficer, [.. canadian, .. more, ("do", "look")]);
        foreach (var lacking in new (string, string)[][] { [], [("contact-post", "12 Example St, Toronto ON M5V 2T6")], [(way, reached)] })
        {
            var refused = await LookAsync(lacking);
            Assert.Contains("<code>contact-missing</code>", refused.Text, StringComparison.Ordinal);
            Assert.Contains("ca-casl-consent", refused.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("name=\"seen\"", refused.Text, StringComparison.Ordinal);
        }

        (string, string)[] told = [("contact-post", "12 Example St, Toronto ON M5V 2T6"), (way, reached)];
        var seen = Regex.Match((await LookAsync(told)).Text, "name=\"seen\" value=\"([0-9a-f]{64})\"").Groups[1].Value;
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(make, Role.PrivacyOfficer, [.. canadian, .. told, ("do", "publish"), ("seen", seen)])).Status);
        var form = Assert.Single(await PublishedForms.AllAsync(house.House.Installation.Store, house.House.Ledger, Cancel));
        var page = WebUtility.HtmlDecode((await house.GetAsync($"f/{house.House.Ledger.Controller}/{form.Id}?lang=en", null)).Text);
        Assert.Contains($"Ringmuster Ltd can be reached at: 12 Example St, Toronto ON M5V 2T6, {reached}.", page, StringComparison.Ordinal);
        // A new version begins with it.
        var next = WebUtility.HtmlDecode((await house.GetAsync($"{make}?from={form.Digest}", Role.PrivacyOfficer)).Text);
        Assert.Contains($"value=\"{reached}\"", next, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parts_are_added_moved_and_taken_out_by_buttons_and_what_was_typed_stays()
    {
        await using var house = await PageHouse.BuildAsync(Store);
        var make = house.Controller + "forms/new";
        async Task<string[]> NamesAfter(string pressed) =>
            [.. Regex.Matches((await house.PostAsync(make, Role.PrivacyOfficer, [.. Sound, ("do", pressed)])).Text, "name=\"b\\.\\d+\\.name\" type=\"text\" value=\"([^\"]*)\"").Select(static match => match.Groups[1].Value)];
        Assert.Equal(["title", "phone", "offers-sms", "offers-voice"], await NamesAfter("look"));
        Assert.Equal(["title", "phone", "offers-voice", "offers-sms"], await NamesAfter("up 3"));
        Assert.Equal(["phone", "title", "offers-sms", "offers-voice"], await NamesAfter("down 0"));
        Assert.Equal(["title", "phone", "offers-voice"], await NamesAfter("remove 2"));
        Assert.Equal(["title", "phone", "email", "offers-sms", "offers-voice"], await NamesAfter("add-field"));
        Assert.Equal(["title", "phone", "offers-sms", "offers-voice", "box"], await NamesAfter("add-box"));
        foreach (var nothing in new[] { "up 0", "down 3", "remove 9", "remove -1", "fly" })
            Assert.Equal(["title", "phone", "offers-sms", "offers-voice"], await NamesAfter(nothing));
        var page = await house.PostAsync(make, Role.PrivacyOfficer, [.. Sound.Where(static field => field.Item1 != "sender"), ("sender", "\"><script>alert(1)</script>"), ("do", "look")]);
        Assert.DoesNotContain("<script>alert", page.Text, StringComparison.Ordinal);
        Assert.InRange(page.Text.Length, 1, 150_000);
    }

    [Fact]
    public async Task A_person_answers_a_published_form_and_every_yes_is_kept_with_what_was_shown()
    {
        await using var house = await PageHouse.BuildAsync(Store);
        var form = await PublishAsync(house);
        var path = $"f/{house.House.Ledger.Controller}/{form.Id}";
        var size = await house.SizeAsync();
        var page = await house.GetAsync(path + "?lang=zh-Hant", null);
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.False(page.Response.Headers.Contains("Set-Cookie"));
        Assert.InRange(page.Text.Length, 1, 30_000);
        Assert.DoesNotContain("<script", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("checked", page.Text, StringComparison.Ordinal);
        Assert.Contains("可以向您介紹廚房產品嗎？", page.Text, StringComparison.Ordinal);
        var layout = form.LayoutsShown.First(one => page.Text.Contains($"name=\"layout\" value=\"{one.Name}\"", StringComparison.Ordinal));
        // What stands on the page is what is kept, byte for byte.
        Assert.Contains(FormPage.Write(form, layout, "zh-Hant", FormTyped.Nothing), page.Text, StringComparison.Ordinal);
        foreach (var method in new[] { HttpMethod.Head, HttpMethod.Options })
            await house.SendAsync(method, path, null, null);
        Assert.Equal(size, await house.SizeAsync());

        (string, string)[] answer = [("form", form.Digest.ToString()), ("lang", "zh-Hant"), ("layout", layout.Name), ("phone", "+447400123499"), ("yes", "offers-sms"), ("yes", "offers-voice")];
        var done = await house.PostAsync(path, null, answer);
        Assert.Equal(HttpStatusCode.OK, done.Status);
        Assert.Contains("謝謝您", done.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("447400123499", done.Text, StringComparison.Ordinal);
        var asked = (await house.House.RecordsAsync()).Skip((int)size).Where(static record => record.Type == RecordType.ConsentRequested).ToArray();
        Assert.Equal(2, asked.Length);
        Assert.All(asked, record => Assert.Equal(("zh-Hant", form.Version), (record.Notice!.Lang, record.Notice.Version)));
        Assert.Equal(form.Boxes.Select(box => FormWords.WordingOf(form, box).Digest).ToHashSet(), asked.Select(static record => record.Notice!.Doc).ToHashSet());
        // Somebody who is known already gets the same answer.
        Assert.Equal(done.Text, (await house.PostAsync(path, null, answer)).Text);
        Assert.False(done.Response.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task Nothing_counts_until_the_code_is_told_and_then_exactly_what_was_ticked()
    {
        using var folder = new GatewayFolder();
        await using var house = await PageHouse.BuildAsync(Store, gateways: folder.Open(GatewayFolder.Files + "codes: { places: [GB] }\n"));
        var form = await PublishAsync(house);
        var path = $"f/{house.House.Ledger.Controller}/{form.Id}";
        const string ann = "+447400123456";
        await house.House.SaysAsync("+447400123499", channels: "whatsapp");
        (string, string)[] Answer(string phone) => [("form", form.Digest.ToString()), ("lang", "en"), ("layout", form.LayoutsShown[0].Name), ("phone", phone), ("yes", "offers-sms")];
        var asked = await house.PostAsync(path, null, Answer(ann));
        Assert.Equal(HttpStatusCode.OK, asked.Status);
        var session = Regex.Match(asked.Text, "name=\"session\" value=\"([^\"]+)\"").Groups[1].Value;
        // Somebody who is known gets the same page, but for what they typed and the secret of the form.
        var known = await house.PostAsync(path, null, Answer("+447400123499"));
        Assert.Equal(Regex.Replace(asked.Text, "name=\"(session|at)\" value=\"[^\"]+\"|\\+?4474001234(56|99)|•+(56|99)", ""), Regex.Replace(known.Text, "name=\"(session|at)\" value=\"[^\"]+\"|\\+?4474001234(56|99)|•+(56|99)", ""));
        (string, string)[] Told(string with, string code, string boxes = "offers-sms", string to = ann) => [("form", form.Digest.ToString()), ("lang", "en"), ("session", with), ("at", Regex.Match(asked.Text, "name=\"at\" value=\"([^\"]+)\"").Groups[1].Value), ("to.0", to), ("boxes.0", boxes), ("code.0", code)];
        var code = folder.CodeTo(ann);
        var size = await house.SizeAsync();
        // Wrong, for another form, for more than was ticked, for somebody else; and looking does nothing.
        foreach (var wrong in new[] { Told(session, "0000000000"), Told(Ringfence.Server.Staff.Token.New(), code), Told(session, code, "offers-sms offers-voice"), Told(session, code, to: "+447400123499") })
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.PostAsync(path + "/confirm", null, wrong)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await house.PostAsync(path + "/confirm", null, Told("x", code))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await house.GetAsync(path + "/confirm", null)).Status);
        Assert.Equal(size, await house.SizeAsync());
        var done = await house.PostAsync(path + "/confirm", null, Told(session, code));
        Assert.Contains("Your choices are saved", done.Text, StringComparison.Ordinal);
        var confirmed = Assert.Single((await house.House.RecordsAsync()).Skip((int)size), static record => record.Type == RecordType.ConsentConfirmed);
        Assert.Equal(["sms"], confirmed.Scope!.Channels);
        // Whoever presses twice sends it twice: the second says nothing new, and they are told what came of the first. Something else that is said after it is wrong as before.
        size = await house.SizeAsync();
        Assert.Equal(done.Text, (await house.PostAsync(path + "/confirm", null, Told(session, code))).Text);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.PostAsync(path + "/confirm", null, Told(session, "0000000000"))).Status);
        Assert.Equal(size, await house.SizeAsync());
        // Where no code may go nothing is written, and the page is the same.
        size = await house.SizeAsync();
        var far = await house.PostAsync(path, null, Answer("+886912345678"));
        Assert.Equal((HttpStatusCode.OK, size), (far.Status, await house.SizeAsync()));
        // They said yes all the same: which layout reads better does not go by where codes may go.
        Assert.Equal((3, 0), (await FormCounts.OfAsync(house.House.Installation.Store, house.House.Ledger, form, Cancel))[0] is var count ? (count.Yes, count.Nothing) : default);
    }

    [Fact]
    public async Task A_form_that_wants_work_for_a_code_brings_the_script_for_it_and_is_taken_without_as_often_as_was_allowed()
    {
        using var folder = new GatewayFolder();
        await using var house = await PageHouse.BuildAsync(Store, gateways: folder.Open(GatewayFolder.Files + "codes: { places: [GB], work: 2, without-work: 1 }\n"));
        var form = await PublishAsync(house, static form => form with { OfferedIn = ["GB"], Layouts = [] });
        var path = $"f/{house.House.Ledger.Controller}/{form.Id}";
        var page = await house.GetAsync(path, null);
        Assert.Contains("script-src 'self';", page.Response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        var script = Regex.Match(page.Text, "<script src=\"([^\"]+)\" data-seed=\"([^\"]+)\" data-bits=\"2\" defer></script>");
        Assert.Contains("PBKDF2", (await house.GetAsync(script.Groups[1].Value[1..], null)).Text, StringComparison.Ordinal);
        var seed = script.Groups[2].Value;
        // Neither the answer that nothing is known by, nor the page for the code, tells which of them got one.
        var answers = new List<string>();
        foreach (var (phone, work) in new[] { ("+447400123411", ""), ("+447400123412", "1.2"), ("+447400123413", $"{seed}.{Enumerable.Range(0, int.MaxValue).First(number => CodeWork.IsFound(seed, $"{number}", 2))}") })
            answers.Add(Regex.Replace((await house.PostAsync(path, null, ("form", form.Digest.ToString()), ("lang", "en"), ("layout", "a"), ("phone", phone), ("yes", "offers-sms"), ("work", work))).Text, "name=\"(session|at)\" value=\"[^\"]+\"|\\+?4474001234(11|12|13)|•+(11|12|13)", ""));
        Assert.Single(answers.Distinct());
        Assert.Equal(["+447400123411", "+447400123413"], folder.Messages().Select(static message => message.GetProperty("to").GetString()!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_code_confirms_the_answer_it_went_out_for_and_nobody_elses_for_the_same_number()
    {
        using var folder = new GatewayFolder();
        await using var house = await PageHouse.BuildAsync(Store, gateways: folder.Open(GatewayFolder.Files + "codes: { places: [GB] }\n"));
        var form = await PublishAsync(house, static form => form with
        {
            OfferedIn = ["GB"],
            ForChildren = true,
            Layouts = [],
            Blocks = [new FormField("age", FormAsks.Age, false), new FormField("guardian", FormAsks.Guardian, false), .. form.Blocks],
        });
        const string ann = "+447400123456";
        var own = await AnswerAsync(house, form, ann, ("age", "1"), ("yes", "offers-sms"));
        var code = folder.CodeTo(ann);
        // Somebody else types her number before she has told her code, and calls her a child in Chinese.
        Assert.Equal(HttpStatusCode.OK, (await house.PostAsync($"f/{house.House.Ledger.Controller}/{form.Id}", null,
            ("form", form.Digest.ToString()), ("lang", "zh-Hans"), ("layout", "a"), ("phone", ann), ("guardian", "Mallory"), ("yes", "offers-sms"))).Status);
        var asked = (await house.House.RecordsAsync()).Where(static record => record.Type == RecordType.ConsentRequested).ToArray();
        Assert.Equal(2, asked.Length);
        Assert.Contains("Your choices are saved", (await TellAsync(house, form, own, ann, code)).Text, StringComparison.Ordinal);
        var confirmed = Assert.Single(await house.House.RecordsAsync(), static record => record.Type == RecordType.ConsentConfirmed);
        Assert.Equal([asked[0].Seq], confirmed.About);
        Assert.Equal("en", confirmed.Notice!.Lang);
        Assert.False((await house.House.FindAsync(ann))!.Person.IsMinor);
        // Nor does the moment of another answer make it that one.
        var again = await AnswerAsync(house, form, ann, ("age", "1"), ("yes", "offers-sms"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await TellAsync(house, form, again, ann, folder.CodeTo(ann), Hidden(own, "at"))).Status);
    }

    [Fact]
    public async Task A_form_opens_again_what_the_person_had_stopped_but_no_no_that_came_after_the_answer()
    {
        using var folder = new GatewayFolder();
        await using var house = await PageHouse.BuildAsync(Store, gateways: folder.Open(GatewayFolder.Files + "codes: { places: [GB] }\n"));
        var form = await PublishAsync(house, static form => form with { OfferedIn = ["GB"], Layouts = [] });
        const string ann = "+447400123456";
        async Task<bool> IsSuppressedAsync(Channel channel) => (await DecideAsync(house, ann, channel, "bulk")).AllReasons.Any(static reason => reason.Code is ReasonCode.Objected or ReasonCode.Suppressed);
        await house.House.WithdrawAsync(ann);
        Assert.True(await IsSuppressedAsync(Channel.Sms));
        var asked = await AnswerAsync(house, form, ann, ("yes", "offers-sms"));
        Assert.True(await IsSuppressedAsync(Channel.Sms));
        await ConfirmAsync(house, folder, form, asked, ann);
        Assert.Equal((false, true), (await IsSuppressedAsync(Channel.Sms), await IsSuppressedAsync(Channel.Whatsapp)));
        // The code for what was answered before a no does not take it back.
        asked = await AnswerAsync(house, form, ann, ("yes", "offers-sms"));
        await house.House.WithdrawAsync(ann);
        await ConfirmAsync(house, folder, form, asked, ann);
        Assert.True(await IsSuppressedAsync(Channel.Sms));
        Assert.Empty(await house.House.FaultsAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whoever_shows_the_number_and_the_address_of_an_answer_is_one_person_and_stops_both_by_either(bool atOnce)
    {
        using var folder = new GatewayFolder();
        await using var house = await PageHouse.BuildAsync(Store, gateways: folder.Open(GatewayFolder.Files + "codes: { places: [GB] }\n"));
        var form = await PublishAsync(house, static form => form with { OfferedIn = ["GB"], Layouts = [] });
        const string ann = "+447400123456", mail = "ann@example.org";
        // What was never confirmed says nothing of whoever has the number.
        await AnswerAsync(house, form, ann, ("yes", "offers-sms"));
        var asked = await AnswerAsync(house, form, ann, ("email", mail), ("yes", "offers-sms"), ("yes", "offers-email"));
        var done = atOnce ? await PressAsync(house, folder, form, asked, ann, mail) : await PressAsync(house, folder, form, await PressAsync(house, folder, form, asked, mail), ann);
        Assert.Contains("Your choices are saved", done.Text, StringComparison.Ordinal);
        var person = (await house.House.FindAsync(ann))!;
        Assert.Equal(person.Person.Sid, (await house.House.FindAsync(mail))!.Person.Sid);
        Assert.Equal([ann, mail], person.Points().Select(static one => one.Point.Value).Order(StringComparer.Ordinal));
        async Task<bool> IsStoppedAsync(string point, Channel channel) => (await DecideAsync(house, point, channel, "bulk")).AllReasons.Any(static reason => reason.Code is ReasonCode.Objected or ReasonCode.NoConsent);
        Assert.Equal((false, false), (await IsStoppedAsync(ann, Channel.Sms), await IsStoppedAsync(mail, Channel.Email)));
        var link = house.House.Installation.Links.Make(house.House.Ledger.Controller, LinkAct.Stop, new PersonLink(person.Person.Sid, person.Points().First(static one => one.Point.Value == mail).Id));
        Assert.Equal(HttpStatusCode.OK, (await house.PostAsync($"u/{house.House.Ledger.Controller}/{link}", null)).Status);
        Assert.Equal((true, true), (await IsStoppedAsync(ann, Channel.Sms), await IsStoppedAsync(mail, Channel.Email)));
        Assert.Empty(await house.House.FaultsAsync());
    }

    [Fact]
    public async Task Whoever_was_known_before_or_showed_one_of_them_alone_stays_apart_from_the_other()
    {
        using var folder = new GatewayFolder();
        await using var house = await PageHouse.BuildAsync(Store, gateways: folder.Open(GatewayFolder.Files + "codes: { places: [GB] }\n"));
        var form = await PublishAsync(house, static form => form with { OfferedIn = ["GB"], Layouts = [] });
        const string ann = "+447400123456", bob = "+447400123499";
        async Task<bool> AreOneAsync(string phone, string mail) => (await house.House.FindAsync(phone))!.Person.Sid == (await house.House.FindAsync(mail))!.Person.Sid;
        // She shares a telephone with somebody who agreed before.
        await ConfirmAsync(house, folder, form, await AnswerAsync(house, form, ann, ("yes", "offers-sms")), ann);
        var both = await AnswerAsync(house, form, ann, ("email", "ann@example.org"), ("yes", "offers-sms"), ("yes", "offers-email"));
        Assert.Contains("Your choices are saved", (await PressAsync(house, folder, form, both, ann, "ann@example.org")).Text, StringComparison.Ordinal);
        Assert.False(await AreOneAsync(ann, "ann@example.org"));
        // Nobody is believed of a number whose code they did not tell.
        var asked = await AnswerAsync(house, form, bob, ("email", "eve@example.org"), ("yes", "offers-sms"), ("yes", "offers-email"));
        var point = Ringfence.Server.Tests.Gateways.ReportTests.Point(bob);
        var links = house.House.Installation.Links;
        foreach (var proof in new[] { "x", links.Open(house.House.Ledger.Controller, Ringfence.Gateways.CodeAct.Why, point, NodaTime.Instant.MaxValue.Minus(NodaTime.Duration.FromDays(1))), links.Open(house.House.Ledger.Controller, Ringfence.Gateways.CodeAct.Consent, point, NodaTime.Instant.FromUtc(2020, 1, 1, 0, 0)) })
        {
            var seen = asked with { Text = asked.Text + $"<input type=\"hidden\" name=\"shown\" value=\"{bob}\"><input type=\"hidden\" name=\"proof\" value=\"{proof}\">" };
            Assert.Contains("Code sent to +44", (await PressAsync(house, folder, form, seen, "eve@example.org")).Text, StringComparison.Ordinal);
            Assert.False(await AreOneAsync(bob, "eve@example.org"));
        }
    }

    [Fact]
    public async Task Whoever_is_closed_for_good_is_told_once_the_code_shows_that_it_is_them()
    {
        using var folder = new GatewayFolder();
        await using var house = await PageHouse.BuildAsync(Store, gateways: folder.Open(GatewayFolder.Files + "codes: { places: [GB] }\n"));
        var form = await PublishAsync(house, static form => form with { OfferedIn = ["GB"], Layouts = [] });
        const string ann = "+447400123456";
        await ConfirmAsync(house, folder, form, await AnswerAsync(house, form, ann, ("yes", "offers-sms")), ann);
        var found = (await house.House.FindAsync(ann))!;
        await house.House.DoAsync(new Ringfence.Server.Rights.EraseCommand(Ledger.House.Staff, found.Person.Sid, [house.House.Tags(ann)], [.. found.Person.CarriedBy], "request"));
        var asked = await AnswerAsync(house, form, ann, ("yes", "offers-sms"));
        Assert.DoesNotContain("no yes lifts", asked.Text, StringComparison.Ordinal);
        var told = await TellAsync(house, form, asked, ann, folder.CodeTo(ann));
        Assert.Contains("for a reason that no yes lifts, such as a deletion", told.Text, StringComparison.Ordinal);
        Assert.Contains("until Ringmuster Ltd has opened it", told.Text, StringComparison.Ordinal);
        Assert.Contains((await DecideAsync(house, ann, Channel.Sms, "bulk")).AllReasons, static reason => reason.Code == ReasonCode.Objected);
        // Their own page says it too, and offers nothing that would open nothing.
        var person = (await house.House.FindAsync(ann))!;
        var page = $"p/{house.House.Ledger.Controller}/{house.House.Installation.Links.Make(house.House.Ledger.Controller, LinkAct.Preferences, new PersonLink(person.Person.Sid, person.Points().First().Id))}";
        var own = WebUtility.HtmlDecode((await house.GetAsync(page, null)).Text);
        Assert.Contains("It stays closed whatever you agree to here: because your data were deleted", own, StringComparison.Ordinal);
        Assert.DoesNotContain("You stopped everything", own, StringComparison.Ordinal);
        Assert.DoesNotContain("/more?", own, StringComparison.Ordinal);
        var more = WebUtility.HtmlDecode((await house.GetAsync(page + "/more", null)).Text);
        Assert.Contains("not yours to lift", more, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"box\"", more, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_number_without_its_country_is_asked_for_it_where_the_form_is_of_several()
    {
        await using var house = await PageHouse.BuildAsync(Store);
        var form = await PublishAsync(house, static form => form with { Layouts = [] });
        async Task<string> SaidAsync(string phone)
        {
            var seen = await house.PostAsync($"f/{house.House.Ledger.Controller}/{form.Id}", null, ("form", form.Digest.ToString()), ("lang", "en"), ("phone", phone), ("yes", "offers-sms"));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, seen.Status);
            return WebUtility.HtmlDecode(seen.Text);
        }

        Assert.Contains("Begin with + and the country code, such as +44.", await SaidAsync("07400 123456"), StringComparison.Ordinal);
        Assert.Contains("This is no phone number that can be reached.", await SaidAsync("+44 7"), StringComparison.Ordinal);
        // Nor is it our fault what no program can have meant.
        Assert.Equal(HttpStatusCode.BadRequest, (await house.PostAsync($"f/{house.House.Ledger.Controller}/{form.Id}", null, ("form", form.Digest.ToString()), ("phone", "+44\0"))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await house.PostAsync($"why/{house.House.Ledger.Controller}", null, ("to", "+44\0"))).Status);
    }

    [Fact]
    public async Task What_no_code_can_reach_is_written_down_and_the_rest_is_confirmed()
    {
        using var folder = new GatewayFolder();
        await using var house = await PageHouse.BuildAsync(Store, gateways: folder.Open(GatewayFolder.Files.Replace("folder: out", "folder: out, channels: [email]", StringComparison.Ordinal) + "codes: { places: [GB] }\n"));
        var form = await PublishAsync(house, static form => form with { OfferedIn = ["GB"], Layouts = [] });
        var asked = await AnswerAsync(house, form, "+447400123456", ("email", "ann@example.org"), ("yes", "offers-sms"), ("yes", "offers-email"));
        Assert.Equal(2, (await house.House.RecordsAsync()).Count(static record => record.Type == RecordType.ConsentRequested));
        Assert.Equal("ann@example.org", Hidden(asked, "to.0"));
        await ConfirmAsync(house, folder, form, asked, "ann@example.org", "offers-email");
        var confirmed = Assert.Single(await house.House.RecordsAsync(), static record => record.Type == RecordType.ConsentConfirmed);
        Assert.Equal(["email"], confirmed.Scope!.Channels);
    }

    [Fact]
    public async Task A_code_comes_by_whatsapp_where_nothing_else_reaches_a_telephone()
    {
        using var folder = new GatewayFolder();
        await using var house = await PageHouse.BuildAsync(Store, gateways: folder.Open(GatewayFolder.Files.Replace("folder: out", "folder: out, channels: [whatsapp]", StringComparison.Ordinal) + "codes: { places: [GB] }\n"));
        var form = await PublishAsync(house, static form => form with { OfferedIn = ["GB"], Layouts = [] });
        await ConfirmAsync(house, folder, form, await AnswerAsync(house, form, "+447400123456", ("yes", "offers-sms")), "+447400123456");
        Assert.Equal("whatsapp", Assert.Single(folder.Messages()).GetProperty("channel").GetString());
    }

    [Theory]
    [InlineData("US", "sms", "+14155552671", "bulk", null)]
    [InlineData("US", "voice-auto", "+14155552671", "prerecorded", null)]
    [InlineData("DE", "voice", "+4915123456789", "manual", "Erika Muster")]
    [InlineData("NL", "voice", "+31612345678", "manual", "Erika Muster")]
    public async Task A_yes_by_a_form_that_is_published_is_one_to_the_gate(string place, string channel, string phone, string technique, string? name)
    {
        using var folder = new GatewayFolder();
        await using var house = await PageHouse.BuildAsync(Store, gateways: folder.Open(GatewayFolder.Files + $"codes: {{ places: [{place}] }}\n"));
        Assert.True(Channels.TryParse(channel, out var of));
        var form = await PublishAsync(house, form => form with
        {
            OfferedIn = [place],
            Layouts = [],
            Blocks = [.. form.Blocks.Where(static block => block is not (FormBox or FormField { Asks: FormAsks.Email })), new FormBox("yes") { Channels = of.Only(), Purposes = ["offers"] }],
        });
        var size = await house.SizeAsync();
        var named = name is null ? [] : new[] { ("name", name) };
        if (name is not null)
        {
            // Without the name it would count for nothing: the page says so in its own language.
            var nameless = await house.PostAsync($"f/{house.House.Ledger.Controller}/{form.Id}", null, ("form", form.Digest.ToString()), ("lang", "de"), ("phone", phone), ("yes", "yes"));
            Assert.Equal((HttpStatusCode.UnprocessableEntity, size), (nameless.Status, await house.SizeAsync()));
            Assert.Contains("href=\"#f-name\"", nameless.Text, StringComparison.Ordinal);
            Assert.Contains("zählt nur mit Ihrem Namen", WebUtility.HtmlDecode(nameless.Text), StringComparison.Ordinal);
        }

        await AgreeAsync(house, folder, form, phone, [.. named]);
        var reasons = (await DecideAsync(house, phone, of, technique)).AllReasons.Select(static reason => Words<ReasonCode>.Of(reason.Code)).ToArray();
        Assert.DoesNotContain(reasons, static reason => reason.Contains("consent", StringComparison.Ordinal));
        var before = (await DecideAsync(house, phone[..^1] + "2", of, technique)).AllReasons.Select(static reason => Words<ReasonCode>.Of(reason.Code));
        Assert.Contains(before, static reason => reason == "no-consent");
        Assert.Empty(await house.House.FaultsAsync());
    }

    [Fact]
    public async Task Whoever_a_parent_agrees_for_is_under_age_to_the_gate_once_it_is_confirmed()
    {
        using var folder = new GatewayFolder();
        await using var house = await PageHouse.BuildAsync(Store, gateways: folder.Open(GatewayFolder.Files + "codes: { places: [GB] }\n"));
        var form = await PublishAsync(house, static form => form with
        {
            OfferedIn = ["GB"],
            ForChildren = true,
            Layouts = [],
            Blocks = [new FormField("age", FormAsks.Age, false), new FormField("guardian", FormAsks.Guardian, false), .. form.Blocks],
        });
        var asked = await AnswerAsync(house, form, "+447400123456", ("guardian", "Erika Muster"), ("yes", "offers-sms"));
        // Whoever types a number is not believed of whose it is.
        Assert.False((await house.House.FindAsync("+447400123456"))!.Person.IsMinor);
        await ConfirmAsync(house, folder, form, asked, "+447400123456");
        Assert.True((await house.House.FindAsync("+447400123456"))!.Person.IsMinor);
        Assert.Contains((await DecideAsync(house, "+447400123456", Channel.Sms, "bulk")).AllReasons, static reason => reason.Code == ReasonCode.Minor);
        await ConfirmAsync(house, folder, form, await AnswerAsync(house, form, "+447400123499", ("age", "1"), ("yes", "offers-sms")), "+447400123499");
        Assert.False((await house.House.FindAsync("+447400123499"))!.Person.IsMinor);
        Assert.DoesNotContain((await DecideAsync(house, "+447400123499", Channel.Sms, "bulk")).AllReasons, static reason => reason.Code == ReasonCode.Minor);
        Assert.Empty(await house.House.FaultsAsync());
    }

    [Fact]
    public async Task Words_are_published_and_read_out_for_the_ways_alone_in_which_a_yes_can_count()
    {
        await using var house = await PageHouse.BuildAsync(Store);
        var form = await PublishAsync(house, static form => form with { OfferedIn = ["US"] });
        var ids = await PublishedWordings.AllAsync(house.House.Installation.Store, house.House.Ledger, Cancel).Select(static wording => wording.Id).ToListAsync(Cancel);
        Assert.Contains("kitchen-news-offers-voice-spoken", ids);
        Assert.Contains("kitchen-news-offers-sms-lead-form", ids);
        Assert.DoesNotContain("kitchen-news-offers-sms-spoken", ids);
        var page = WebUtility.HtmlDecode((await house.GetAsync(house.Controller + "forms/" + form.Digest, Role.Auditor)).Text);
        Assert.Contains("offers-sms is not asked on the telephone", page, StringComparison.Ordinal);
        Assert.DoesNotContain("offers-voice is not asked on the telephone", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_that_was_published_before_is_answered_in_the_words_that_it_was_published_with()
    {
        await using var house = await PageHouse.BuildAsync(Store);
        var form = await PublishAsync(house, static form => form with { Edition = 1, OfferedIn = ["GB"] });
        Assert.Equal(1, form.Edition);
        var page = (await house.GetAsync($"f/{house.House.Ledger.Controller}/{form.Id}?lang=en", null)).Text;
        Assert.Contains(FormWords.Say(form, "proof", "en"), page, StringComparison.Ordinal);
        Assert.DoesNotContain(FormWords.Say("proof", "en"), page, StringComparison.Ordinal);
        var size = await house.SizeAsync();
        await AnswerAsync(house, form, "+447400123499", ("yes", "offers-sms"));
        var asked = Assert.Single((await house.House.RecordsAsync()).Skip((int)size), static record => record.Type == RecordType.ConsentRequested);
        Assert.NotNull(await PublishedWordings.FindAsync(house.House.Installation.Store, house.House.Ledger, asked.Notice!.Doc, Cancel));
    }

    [Fact]
    public async Task A_wrong_answer_keeps_what_was_typed_a_no_and_an_empty_one_write_nothing()
    {
        await using var house = await PageHouse.BuildAsync(Store);
        var form = await PublishAsync(house);
        var path = $"f/{house.House.Ledger.Controller}/{form.Id}";
        var size = await house.SizeAsync();
        (string, string)[] head = [("form", form.Digest.ToString()), ("lang", "en"), ("layout", "a")];
        var wrong = await house.PostAsync(path, null, [.. head, ("phone", "12 <b>"), ("yes", "offers-sms")]);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        Assert.Contains("value=\"12 &lt;b&gt;\"", wrong.Text, StringComparison.Ordinal);
        Assert.Contains("href=\"#f-phone\"", wrong.Text, StringComparison.Ordinal);
        Assert.Equal(1, Regex.Count(wrong.Text, " checked"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.PostAsync(path, null, [.. head, ("yes", "offers-sms")])).Status);
        foreach (var nothing in new (string, string)[][] { [], [("phone", "+447400123499")], [("phone", "+447400123499"), ("yes", "no-such-box")], [("phone", "+447400123499"), ("yes", "offers-sms"), ("answer", "no")] })
            Assert.Equal(HttpStatusCode.OK, (await house.PostAsync(path, null, [.. head, .. nothing])).Status);
        foreach (var (button, said) in new (string, string)[][] { [], [("answer", "no")] }.Zip(["You ticked nothing", "You said no"]))
            Assert.Contains(said, (await house.PostAsync(path, null, [.. head, ("phone", "+447400123499"), .. button.Length > 0 ? new[] { ("yes", "offers-sms") } : [], .. button])).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await house.GetAsync($"f/{house.House.Ledger.Controller}/no-such-form", null)).Status);
        // Who has no administrator is sent to none.
        foreach (var nowhere in new[] { $"f/{house.House.Ledger.Controller}/no-such-form", $"n/{house.House.Ledger.Controller}/{new string('0', 64)}", "nowhere" })
        {
            foreach (var language in new[] { "en", "zh-Hans", "zh-Hant" })
                Assert.DoesNotMatch("dministrator|管理员|管理員", (await house.GetAsync(nowhere, null, language)).Text);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await house.GetAsync("f/nobody/" + form.Id, null)).Status);
        Assert.Equal(size, await house.SizeAsync());
    }

    [Fact]
    public async Task Answers_are_counted_by_layout_and_steps_stand_beside_every_form()
    {
        await using var house = await PageHouse.BuildAsync(Store);
        var form = await PublishAsync(house);
        var path = $"f/{house.House.Ledger.Controller}/{form.Id}";
        async Task AnswerAsync(string layout, params (string, string)[] fields) =>
            Assert.Equal(HttpStatusCode.OK, (await house.PostAsync(path, null, [("form", form.Digest.ToString()), ("lang", "en"), ("layout", layout), .. fields])).Status);
        await AnswerAsync("a", ("phone", "+447400123499"), ("yes", "offers-sms"), ("yes", "offers-voice"));
        await AnswerAsync("a");
        await AnswerAsync("b", ("phone", "+447400123499"), ("yes", "offers-sms"), ("answer", "no"));
        await AnswerAsync("b", ("phone", "+447400123498"), ("yes", "offers-sms"));
        await AnswerAsync("b", ("phone", "+447400123497"), ("yes", "offers-sms"));
        // What is wrong is no answer, and looking is none.
        await house.PostAsync(path, null, ("form", form.Digest.ToString()), ("lang", "en"), ("layout", "b"), ("phone", "12"), ("yes", "offers-sms"));
        await house.GetAsync(path, null);
        Assert.Equal([new LayoutCount("a", 1, 0, 1), new LayoutCount("b", 2, 1, 0)], await FormCounts.OfAsync(house.House.Installation.Store, house.House.Ledger, form, Cancel));
        var one = (await house.GetAsync(house.Controller + "forms/" + form.Digest, Role.Auditor)).Text;
        Assert.Contains("<th scope=\"row\">b</th>", one, StringComparison.Ordinal);
        Assert.Contains("Stopping is no harder", one, StringComparison.Ordinal);
        // Each language is seen, and each further layout in one of them.
        Assert.Equal(form.Languages.Count + form.Layouts.Count - 1, Regex.Count(one, "<div class=\"phone-page"));
        Assert.Equal(Regex.Count(one, " id=\""), Regex.Matches(one, " id=\"([^\"]+)\"").Select(static match => match.Groups[1].Value).Distinct().Count());
        var steps = FormSteps.Of(form).MaxBy(static one => one.ToStop - one.ToGive)!;
        Assert.Contains($"{steps.ToGive} / {steps.ToStop}", (await house.GetAsync(house.Controller + "forms", Role.Auditor)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_printed_and_copied_leads_where_the_world_reaches_the_server()
    {
        await using var house = await PageHouse.BuildAsync(Store, address: new Uri("https://consent.example"));
        var form = await PublishAsync(house, static form => form with { OfferedIn = ["GB"], EmbedIn = ["https://shop.example"] });
        var page = WebUtility.HtmlDecode((await house.SendAsync(HttpMethod.Get, house.Controller + "forms/" + form.Digest, Role.Auditor, null, ("Host", "evil.example"))).Text);
        Assert.Contains($"<code>https://consent.example/f/{house.House.Ledger.Controller}/{form.Id}</code>", page, StringComparison.Ordinal);
        Assert.Contains("src=\"https://consent.example/embed.js\"", page, StringComparison.Ordinal);
        Assert.Contains(QrPicture.Squares(QrPicture.PathOf($"https://consent.example/f/{house.House.Ledger.Controller}/{form.Id}")), page, StringComparison.Ordinal);
        Assert.DoesNotContain("evil.example", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_is_shown_inside_the_sites_that_it_names_and_in_no_other()
    {
        await using var house = await PageHouse.BuildAsync(Store);
        var plain = await PublishAsync(house);
        var path = $"f/{house.House.Ledger.Controller}/{plain.Id}";
        Assert.EndsWith("frame-ancestors 'none'", (await house.GetAsync(path, null)).Response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("embed.js", (await house.GetAsync(house.Controller + "forms/" + plain.Digest, Role.Auditor)).Text, StringComparison.Ordinal);
        var make = house.Controller + "forms/new";
        foreach (var bad in new[] { "http://shop.example", "https://shop.example/path", "https://*.example", "shop.example", "https://shop.example;script-src" })
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.PostAsync(make, Role.PrivacyOfficer, [.. Sound, ("embed-in", bad), ("do", "look")])).Status);
        (string, string)[] sites = [.. Sound.Where(static field => field.Item1 != "version"), ("version", "2"), ("embed-in", "https://shop.example/, https://www.shop.example:8443")];
        var looked = await house.PostAsync(make, Role.PrivacyOfficer, [.. sites, ("do", "look")]);
        var seen = Regex.Match(looked.Text, "name=\"seen\" value=\"([0-9a-f]{64})\"").Groups[1].Value;
        var published = await house.PostAsync(make, Role.PrivacyOfficer, [.. sites, ("do", "publish"), ("seen", seen)]);
        Assert.Equal(HttpStatusCode.SeeOther, published.Status);
        Assert.Contains("data-ringfence=&quot;frame&quot;", (await house.GetAsync(published.Location!, Role.Auditor)).Text, StringComparison.Ordinal);
        var embedded = FormDocument.FromBytes((await PublishedForms.FindAsync(house.House.Installation.Store, house.House.Ledger, Digest.TryParse(seen, out var digest) ? digest : default, Cancel))!.ToBytes());
        Assert.Equal(["https://shop.example", "https://www.shop.example:8443"], embedded.EmbedIn);
        // The form that is shown is held for a moment.
        var policy = Ringfence.Server.Pages.PublicHost.PolicyFor(embedded.EmbedIn);
        Assert.EndsWith("frame-ancestors https://shop.example https://www.shop.example:8443", policy, StringComparison.Ordinal);
        for (var tries = 0; tries < 100 && (await house.GetAsync(path, null)).Response.Headers.GetValues("Content-Security-Policy").Single() != policy; tries++)
            await Task.Delay(100, Cancel);
        Assert.Equal(policy, (await house.GetAsync(path, null)).Response.Headers.GetValues("Content-Security-Policy").Single());
        var script = await house.GetAsync("embed.js", null);
        Assert.Equal("text/javascript", script.Response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("cross-origin", script.Response.Headers.GetValues("Cross-Origin-Resource-Policy").Single());
        Assert.InRange(script.Text.Length, 100, 3_000);
    }

    private static async Task<FormDocument> PublishAsync(PageHouse house, Func<FormDocument, FormDocument> changed)
    {
        var form = changed(FormDocument.Read("form-offers.yaml", await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "form-offers.yaml"), Cancel)));
        Assert.False(await PublishedForms.PublishAsync(house.House.Installation, house.House.Ledger, Ledger.House.Staff, form, Rulebook.Shipped, Cancel));
        return Assert.Single(await PublishedForms.AllAsync(house.House.Installation.Store, house.House.Ledger, Cancel));
    }

    private static async Task<Seen> AnswerAsync(PageHouse house, FormDocument form, string phone, params (string, string)[] fields)
    {
        var asked = await house.PostAsync($"f/{house.House.Ledger.Controller}/{form.Id}", null, [("form", form.Digest.ToString()), ("lang", "en"), ("layout", form.LayoutsShown[0].Name), ("phone", phone), .. fields]);
        Assert.Equal(HttpStatusCode.OK, asked.Status);
        return asked;
    }

    private static string Hidden(Seen seen, string name) => WebUtility.HtmlDecode(Regex.Match(seen.Text, $"name=\"{Regex.Escape(name)}\" value=\"([^\"]+)\"").Groups[1].Value);

    private static Task<Seen> TellAsync(PageHouse house, FormDocument form, Seen asked, string to, string code, string? at = null, string box = "offers-sms") => house.PostAsync(
        $"f/{house.House.Ledger.Controller}/{form.Id}/confirm", null,
        ("form", form.Digest.ToString()), ("lang", "en"), ("session", Hidden(asked, "session")), ("at", at ?? Hidden(asked, "at")), ("to.0", to), ("boxes.0", box), ("code.0", code));

    // Sends back what the page carries, with the codes that went to some.
    private static Task<Seen> PressAsync(PageHouse house, GatewayFolder folder, FormDocument form, Seen page, params string[] tell)
    {
        var hidden = Regex.Matches(page.Text, "<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\">").Select(static one => (Name: one.Groups[1].Value, Value: WebUtility.HtmlDecode(one.Groups[2].Value))).ToArray();
        return house.PostAsync($"f/{house.House.Ledger.Controller}/{form.Id}/confirm", null,
            [.. hidden, .. hidden.Where(one => one.Name.StartsWith("to.", StringComparison.Ordinal) && tell.Contains(one.Value)).Select(one => ("code." + one.Name[3..], folder.CodeTo(one.Value)))]);
    }

    private static async Task ConfirmAsync(PageHouse house, GatewayFolder folder, FormDocument form, Seen asked, string to, string box = "offers-sms") =>
        Assert.Contains("Your choices are saved", (await TellAsync(house, form, asked, to, folder.CodeTo(to), box: box)).Text, StringComparison.Ordinal);

    private static async Task AgreeAsync(PageHouse house, GatewayFolder folder, FormDocument form, string phone, (string, string)[] fields) =>
        await ConfirmAsync(house, folder, form, await AnswerAsync(house, form, phone, [("yes", "yes"), .. fields]), phone, "yes");

    /// <summary>What the gate says of a contact at noon, in all its reasons.</summary>
    private static async Task<Verdict> DecideAsync(PageHouse house, string phone, Channel channel, string technique)
    {
        var facts = await LedgerFacts.ReadAsync(house.House.Installation, house.House.Ledger, house.House.Tags(phone), Cancel);
        var question = new ContactQuestion(NodaTime.Instant.FromUtc(2027, 6, 9, phone.StartsWith("+1", StringComparison.Ordinal) ? 19 : 11, 0), house.House.Ledger.Controller, channel, "offers");
        var situation = await facts.AdviseAsync(house.House.Installation, house.House.Ledger, AskedFile.Read(question, "facts.json", CampaignFacts.Of(technique)), Cancel);
        return house.Served.GateOf(house.House.Ledger).Decide(situation);
    }

    private static async Task<FormDocument> PublishAsync(PageHouse house)
    {
        var make = house.Controller + "forms/new";
        var looked = await house.PostAsync(make, Role.PrivacyOfficer, [.. Sound, ("do", "look")]);
        var seen = Regex.Match(looked.Text, "name=\"seen\" value=\"([0-9a-f]{64})\"").Groups[1].Value;
        Assert.Equal(HttpStatusCode.SeeOther, (await house.PostAsync(make, Role.PrivacyOfficer, [.. Sound, ("do", "publish"), ("seen", seen)])).Status);
        return Assert.Single(await PublishedForms.AllAsync(house.House.Installation.Store, house.House.Ledger, Cancel));
    }
}
