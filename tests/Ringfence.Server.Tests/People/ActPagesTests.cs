using System.Net;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Tests.Consent;
using Ringfence.Server.Tests.Pages;
using Ringfence.Server.Tests.Storage;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.People;

public sealed class ActPagesTests
{
    private const string Ann = "+442079460018";
    private const string Bea = "+442079460019";

    [Fact]
    public async Task A_no_takes_one_step_means_everything_unless_less_was_asked_for_and_shuts_the_gate_at_once()
    {
        await using var house = await PageHouse.BuildAsync();
        var at = house.Controller + "contacts/" + await ContactPageTests.KnownAsync(house);
        var form = await house.GetAsync(at + "/withdraw", Role.Agent);
        Assert.Contains("value=\"all\" checked", form.Text, StringComparison.Ordinal);
        var done = await house.PostAsync(at + "/withdraw", Role.Agent, ("reach", "all"), ("way", "call"), ("words", "Leave me alone, please"));
        Assert.Equal((HttpStatusCode.SeeOther, $"/{at}?done=withdrawn"), (done.Status, done.Location));
        var records = await house.House.RecordsAsync();
        var no = records.Last(static record => record.Type == RecordType.ConsentWithdrawn);
        Assert.Equal(("call", "acc-agent"), (no.Method!.Value.Collection, no.Actor.Ref));
        Assert.Null(no.Scope);
        Assert.NotNull(no.Commits!.Evidence);
        var page = await house.GetAsync(at + "?done=withdrawn&purpose=offers", Role.PrivacyOfficer);
        foreach (var text in new[] { "Their no is written down.", "They said no. Since ", "Leave me alone, please" })
            Assert.Contains(text, page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("is-ok\" id=\"perm-", page.Text, StringComparison.Ordinal);
        // Said twice it is written once.
        var again = await house.PostAsync(at + "/withdraw", Role.Agent, ("way", "call"));
        Assert.EndsWith("?done=withdrawn-before", again.Location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_no_to_one_channel_leaves_the_others_and_one_in_words_that_reach_further_does_not()
    {
        await using var house = await PageHouse.BuildAsync();
        var at = house.Controller + "contacts/" + await ContactPageTests.KnownAsync(house);
        var none = await house.PostAsync(at + "/withdraw", Role.Agent, ("reach", "channels"), ("way", "call"), ("words", "no calls"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, none.Status);
        Assert.Contains("Choose the channels they meant", none.Text, StringComparison.Ordinal);
        Assert.Contains(">no calls</textarea>", none.Text, StringComparison.Ordinal);
        await house.PostAsync(at + "/withdraw", Role.Agent, ("reach", "channels"), ("channels", "voice"), ("way", "call"));
        Assert.Equal(ChannelSet.Voice, (ChannelSet)Assert.Single(await house.House.SuppressionsAsync(Ann)).Channels);
        await house.PostAsync(at + "/withdraw", Role.Agent, ("reach", "channels"), ("channels", "sms"), ("way", "call"), ("words", "Never contact me again in any way"));
        Assert.Contains(await house.House.SuppressionsAsync(Ann), static row => (ChannelSet)row.Channels == ChannelSet.Phone);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_number_that_nobody_knows_is_closed_all_the_same_and_stands_in_no_address(bool onPostgres)
    {
        await using var home = onPostgres ? await PostgresHome.MakeAsync() : null;
        await using var house = await PageHouse.BuildAsync(home?.Options);
        var form = await house.PostAsync(house.Controller + "suppression/new", Role.Marketer, ("to", "020 7946 0019"));
        Assert.Equal(HttpStatusCode.OK, form.Status);
        var wrong = await house.PostAsync(house.Controller + "suppression", Role.Marketer, ("to", Bea), ("by", "nobody"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        var done = await house.PostAsync(house.Controller + "suppression", Role.Marketer, ("to", Bea), ("by", "regulator"), ("kind", "restriction"));
        Assert.Equal($"/{house.Controller}done/suppressed", done.Location);
        Assert.Contains("Nobody may contact them any more", (await house.GetAsync(done.Location![1..], Role.Marketer)).Text, StringComparison.Ordinal);
        var row = Assert.Single(await house.House.SuppressionsAsync(Bea));
        Assert.Equal(((short)SuppressedBy.Regulator, (short)SuppressionKind.Restriction), (row.By, row.Kind));
        await house.House.WithdrawAsync(Ann, "sms");
        var room = await house.GetAsync(house.Controller + "suppression", Role.Auditor);
        Assert.Contains("<b>2</b> entries close", room.Text, StringComparison.Ordinal);
        Assert.Contains("<b>1</b> restricts all use", room.Text, StringComparison.Ordinal);
        Assert.Contains("ordered by an authority", room.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("7946", room.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("suppression/new", room.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await house.PostAsync(house.Controller + "suppression", Role.Auditor, ("to", Ann), ("by", "controller"))).Status);
        // A lift ends it, and it counts no more.
        var counted = await house.House.Installation.Store.SuppressionCountsAsync(house.House.Ledger.Ledger, CancellationToken.None);
        Assert.Equal([((int)ChannelSet.Sms, 1L), ((int)ChannelSet.Phone, 1L)], counted.Select(static one => (one.Channels, one.Count)).Order());
        var newest = await house.House.Installation.Store.NewestSuppressionsAsync(house.House.Ledger.Ledger, 1, CancellationToken.None);
        Assert.Equal((int)ChannelSet.Sms, Assert.Single(newest).Channels);
    }

    [Fact]
    public async Task A_yes_is_written_with_exactly_the_evidence_it_needs_and_not_without()
    {
        await using var house = await PageHouse.BuildAsync();
        var wording = await ConsentTakingTests.PublishAsync(house.House);
        var digest = wording.Digest.ToString();
        var form = await house.PostAsync(house.Controller + "consents/new", Role.Agent, ("to", "020 7946 0019"), ("wording", digest), ("shownIn", "en"), ("method", "checkbox"));
        foreach (var field in new[] { "name=\"page\"", "name=\"ip\"", "at most 4 times a month" })
            Assert.Contains(field, form.Text, StringComparison.Ordinal);
        foreach (var field in new[] { "name=\"recording\"", "name=\"scan\"", "name=\"confirmedMessage\"" })
            Assert.DoesNotContain(field, form.Text, StringComparison.Ordinal);
        (string, string)[] said = [("to", Bea), ("wording", digest), ("shownIn", "en"), ("method", "checkbox"), ("name", "Bea Example"), ("page", "https://ringmuster.example/offers")];
        var size = await house.SizeAsync();
        var lacking = await house.PostAsync(house.Controller + "consents", Role.Agent, said);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, lacking.Status);
        Assert.Contains("href=\"#f-ip\"", lacking.Text, StringComparison.Ordinal);
        Assert.Contains("value=\"Bea Example\"", lacking.Text, StringComparison.Ordinal);
        var flawed = await house.PostAsync(house.Controller + "consents", Role.Agent, [.. said, ("ip", "192.0.2.7"), ("flaws", "pre-ticked")]);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, flawed.Status);
        Assert.Equal(size, await house.SizeAsync());
        var done = await house.PostAsync(house.Controller + "consents", Role.Agent, [.. said, ("ip", "192.0.2.7"), ("channels", "sms")]);
        Assert.Equal(HttpStatusCode.SeeOther, done.Status);
        var found = (await house.House.FindAsync(Bea))!;
        Assert.Equal($"/{house.Controller}contacts/{found.Person.Sid}?done=consent", done.Location);
        var record = found.Person.Records.Single(static record => record.State is not null);
        Assert.Equal((RecordType.ConsentGiven, RecordState.Given, "acc-agent"), (record.Type, record.State!.Value, record.Actor.Ref));
        Assert.Equal(["sms"], record.Scope!.Channels!);
    }

    [Fact]
    public async Task What_is_to_be_confirmed_opens_nothing_before_it_is()
    {
        await using var house = await PageHouse.BuildAsync();
        var digest = (await ConsentTakingTests.PublishAsync(house.House)).Digest.ToString();
        (string, string)[] said = [("to", Bea), ("wording", digest), ("shownIn", "en"), ("method", "double-opt-in"), ("state", "requested"), ("page", "https://ringmuster.example/offers"), ("ip", "192.0.2.7")];
        var asked = await house.PostAsync(house.Controller + "consents", Role.Agent, said);
        Assert.EndsWith("?done=requested", asked.Location, StringComparison.Ordinal);
        var at = asked.Location![1..asked.Location!.IndexOf('?', StringComparison.Ordinal)];
        var request = (await house.House.FindAsync(Bea))!.Person.Records.Last(static record => record.State == RecordState.Requested).Seq.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var elsewhere = await house.PostAsync(at + "/confirm", Role.Agent, ("record", request), ("via", "email"), ("message", "m-1"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, elsewhere.Status);
        var confirmed = await house.PostAsync(at + "/confirm", Role.Agent, ("record", request), ("via", "sms"), ("message", "m-1"));
        Assert.EndsWith("?done=confirmed", confirmed.Location, StringComparison.Ordinal);
        Assert.All((await ConsentTakingTests.OverviewAsync(house.House, Bea)).Lines, static line => Assert.Equal(ConsentStanding.Confirmed, line.Answer.Standing));
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("\"><img src=x onerror=alert(1)>")]
    [InlineData("</textarea><svg/onload=alert(1)>")]
    public async Task Whatever_was_typed_into_a_form_comes_back_as_text(string hostile)
    {
        await using var house = await PageHouse.BuildAsync();
        var at = house.Controller + "contacts/" + await ContactPageTests.KnownAsync(house);
        var digest = (await house.House.FindAsync(Ann))!.Person.Records.Single(static record => record.State is not null).Notice!.Doc.ToString();
        Seen[] pages =
        [
            await house.PostAsync(at + "/withdraw", Role.Agent, ("reach", "purposes"), ("purpose", hostile), ("words", hostile), ("way", hostile), ("point", hostile)),
            await house.PostAsync(at + "/suppress", Role.Marketer, ("by", hostile), ("kind", hostile)),
            await house.PostAsync(at + "/consent", Role.Agent, ("wording", digest), ("shownIn", "en"), ("method", "checkbox"), ("page", hostile), ("ip", hostile), ("device", hostile), ("guardian", hostile), ("residence", hostile), ("channels", hostile)),
            await house.PostAsync(at + "/confirm", Role.Agent, ("record", hostile), ("via", hostile), ("message", hostile)),
            await house.PostAsync(at + "/merge/preview", Role.Marketer, ("q", hostile)),
            await house.PostAsync(at + "/prove", Role.PrivacyOfficer, ("record", hostile), ("open", hostile)),
            await house.PostAsync(at + "/ask", Role.Agent, ("point", hostile), ("channel", hostile), ("purpose", hostile), ("technique", hostile), ("at", hostile), ("facts", hostile)),
        ];
        foreach (var page in pages)
        {
            Assert.Equal(HttpStatusCode.UnprocessableEntity, page.Status);
            foreach (var never in new[] { "<script>alert", "<img", "<svg/onload" })
                Assert.DoesNotContain(never, page.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_way_of_saying_yes_has_a_form_that_asks_for_what_it_needs()
    {
        foreach (var method in Enum.GetValues<ConsentMethod>())
        {
            foreach (var choice in Enum.GetValues<ChoiceKind>().Where(choice => choice is not (ChoiceKind.Silence or ChoiceKind.Browsing) && WordingMethods.Of(choice).Contains(method)))
            {
                var parts = Ringfence.Server.Consent.ConsentForm.PartsOf(method, choice);
                Assert.Contains(EvidenceProfile.Needed(method), set => (set & ~parts) == EvidenceParts.None);
            }
        }
    }

    [Fact]
    public async Task Two_contacts_become_one_after_a_look_at_both_and_every_no_of_either_holds()
    {
        await using var house = await PageHouse.BuildAsync();
        var sid = await ContactPageTests.KnownAsync(house);
        var at = house.Controller + "contacts/" + sid;
        await house.House.SaysAsync("bea@example.org", channels: "email");
        await house.House.WithdrawAsync("bea@example.org");
        var other = (await house.House.FindAsync("bea@example.org"))!.Person.Sid.ToString();
        var size = await house.SizeAsync();
        var preview = await house.PostAsync(at + "/merge/preview", Role.Marketer, ("q", "bea@example.org"));
        foreach (var text in new[] { "What comes of it", "1 yes, 0 no", "1 yes, 1 no", "2 yes, 1 no", $"value=\"{other}\"" })
            Assert.Contains(text, preview.Text, StringComparison.Ordinal);
        // Looked at, both; and nothing merged yet.
        Assert.Equal(size + 2, await house.SizeAsync());
        Assert.Contains("This is the same person.", (await house.PostAsync(at + "/merge/preview", Role.Marketer, ("q", Ann))).Text, StringComparison.Ordinal);
        Assert.Contains("Nobody is known by this.", (await house.PostAsync(at + "/merge/preview", Role.Marketer, ("q", "+442079460099"))).Text, StringComparison.Ordinal);
        var merged = await house.PostAsync(at + "/merge", Role.Marketer, ("other", other));
        Assert.Equal($"/{at}?done=merged&other={other}", merged.Location);
        // The notice that says so undoes it.
        var notice = (await house.GetAsync(merged.Location![1..], Role.Marketer)).Text;
        Assert.Contains($"action=\"/{at}/unmerge\"", notice[notice.IndexOf("notice-ok", StringComparison.Ordinal)..].Split("</form>")[0], StringComparison.Ordinal);
        Assert.Equal($"/{at}", (await house.GetAsync(house.Controller + "contacts/" + other, Role.Marketer)).Location);
        var page = await house.GetAsync(at + "?purpose=offers", Role.Marketer);
        Assert.DoesNotContain("is-ok\" id=\"perm-", page.Text, StringComparison.Ordinal);
        var parted = await house.PostAsync(at + "/unmerge", Role.Marketer, ("other", other));
        Assert.Equal($"/{at}?done=unmerged", parted.Location);
        Assert.Equal(HttpStatusCode.OK, (await house.GetAsync(house.Controller + "contacts/" + other, Role.Marketer)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await house.PostAsync(at + "/merge", Role.Agent, ("other", other))).Status);
    }

    [Fact]
    public async Task What_was_recorded_is_proved_by_the_verifier_that_an_outsider_runs()
    {
        await using var house = await PageHouse.BuildAsync();
        var sid = await ContactPageTests.KnownAsync(house);
        var at = house.Controller + "contacts/" + sid;
        // Of a question about a whole minute the record has no fraction of a second.
        var point = (await house.House.FindAsync(Ann))!.Points().Single().Id.ToString();
        await house.PostAsync(at + "/ask", Role.Agent, ("point", point), ("channel", "voice"), ("purpose", "offers"), ("at", "2026-03-03T05:00"), ("record", "yes"));
        Assert.Contains("Gate asked: refused, Call", (await house.GetAsync(at, Role.PrivacyOfficer)).Text, StringComparison.Ordinal);
        var checkedHere = await house.PostAsync(at + "/prove", Role.PrivacyOfficer, ("open", "evidence"), ("open", "person"));
        Assert.Equal(HttpStatusCode.OK, checkedHere.Status);
        Assert.Matches("Unaltered", checkedHere.Text);
        Assert.DoesNotContain("Not what was signed", checkedHere.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Could not be checked", checkedHere.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("verify-", checkedHere.Text, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(house.House.Installation.Options.Data, "verify-*"));
        var size = await house.SizeAsync();
        Assert.StartsWith("/account/again?next=", (await house.PostAsync(at + "/bundle", Role.PrivacyOfficer, ("open", "evidence"))).Location, StringComparison.Ordinal);
        Assert.Equal(size, await house.SizeAsync());
        var bundle = await house.PostAgainAsync(at + "/bundle", Role.PrivacyOfficer, ("open", "evidence"));
        Assert.Equal($"attachment; filename=\"evidence-{sid}.json\"", bundle.Response.Content.Headers.ContentDisposition!.ToString());
        Assert.Contains("\"format\": \"ringfence/evidence/v1\"", bundle.Text, StringComparison.Ordinal);
        var handed = (await house.House.RecordsAsync()).Skip((int)size).Single(static record => record.Type == RecordType.StaffRevealed);
        Assert.Equal("bundle", handed.Detail!["view"]!.AsText);
        Assert.Equal(TreeHash.Sha256(System.Text.Encoding.UTF8.GetBytes(bundle.Text)).ToString(), handed.Detail["digest"]!.AsText);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.PostAsync(at + "/prove", Role.PrivacyOfficer, ("record", "0"))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await house.PostAsync(at + "/bundle", Role.Marketer)).Status);
    }

    [Fact]
    public async Task A_receipt_and_all_that_is_held_are_handed_out_once_it_is_written_down()
    {
        await using var house = await PageHouse.BuildAsync();
        var sid = await ContactPageTests.KnownAsync(house);
        var at = house.Controller + "contacts/" + sid;
        var seq = (await house.House.FindAsync(Ann))!.Person.Records.Single(static record => record.State is not null).Seq.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var receipt = await house.PostAgainAsync(at + "/receipt", Role.PrivacyOfficer, ("record", seq));
        Assert.Equal(HttpStatusCode.OK, receipt.Status);
        Assert.Contains("\"signature\"", receipt.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, (await house.PostAgainAsync(at + "/receipt", Role.PrivacyOfficer, ("record", "0"))).Status);
        var size = await house.SizeAsync();
        // Whoever finds a browser open takes nothing along.
        Assert.StartsWith("/account/again?next=", (await house.PostAsync(at + "/receipt", Role.PrivacyOfficer, ("record", seq))).Location ?? "", StringComparison.Ordinal);
        Assert.StartsWith("/account/again?next=", (await house.PostAsync(at + "/export", Role.PrivacyOfficer, ("as", "json"))).Location ?? "", StringComparison.Ordinal);
        Assert.Equal(size, await house.SizeAsync());
        var export = await house.PostAgainAsync(at + "/export", Role.PrivacyOfficer, ("as", "json"), ("lang", "zh-Hant"));
        Assert.Contains("Ann Example", export.Text, StringComparison.Ordinal);
        Assert.Equal(RecordType.StaffExport, (await house.House.RecordsAsync()).Last(static record => record.Subject is not null).Type);
        var page = await house.PostAgainAsync(at + "/export", Role.PrivacyOfficer, ("as", "html"));
        Assert.Contains("<h1>", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_verifier_that_finds_something_altered_says_so_on_the_page()
    {
        await using var house = await PageHouse.BuildAsync();
        await ContactPageTests.KnownAsync(house);
        var call = house.Served;
        await house.House.Installation.NotaryOf(house.House.Ledger).CheckpointAsync(anchor: false, CancellationToken.None);
        var bundle = await Ringfence.Server.Ledger.EvidenceBundle.GatherAsync(house.House.Installation, house.House.Ledger, [(await house.House.FindAsync(Ann))!.Person.Records.Single(static record => record.State is not null).Seq], new HashSet<CommitGroup>(), CancellationToken.None);
        var policy = await Ringfence.Server.People.BundleCheck.PolicyAsync(call.Installation, house.House.Ledger, CancellationToken.None);
        var sound = await Ringfence.Server.People.BundleCheck.RunAsync(call.Installation, bundle.ToBytes(), policy, "en");
        Assert.True(sound.Exit is 0 or 3);
        var text = System.Text.Encoding.UTF8.GetString(bundle.ToBytes());
        var body = System.Text.RegularExpressions.Regex.Match(text, "\"body\": \"([^\"]+)\"").Groups[1].Value;
        var forged = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(body)).Replace("\"sms\"", "\"fax\"", StringComparison.Ordinal)));
        var altered = await Ringfence.Server.People.BundleCheck.RunAsync(call.Installation, System.Text.Encoding.UTF8.GetBytes(text.Replace(body, forged, StringComparison.Ordinal)), policy, "en");
        Assert.Equal(1, altered.Exit);
        Assert.NotEqual(sound.Lines, altered.Lines);
    }
}
