using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Gate;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Consent;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Pages;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.People;

public sealed class ContactPageTests
{
    private const string Ann = "+442079460018";

    private static readonly ConsentEvidence Box = new() { Method = ConsentMethod.Checkbox, Page = "https://ringmuster.example/offers", Ip = "192.0.2.7", Device = "Firefox on a train" };

    [Fact]
    public async Task A_number_that_is_at_hand_leads_to_the_person_and_stands_in_no_address()
    {
        await using var house = await PageHouse.BuildAsync();
        var sid = await KnownAsync(house);
        // As somebody in the controller's country writes it.
        foreach (var text in new[] { "020 7946 0018", "+44 20 7946 0018", "（020）7946-0018" })
        {
            var found = await house.PostAsync(house.Controller + "contacts/find", Role.Agent, ("q", text));
            Assert.Equal((HttpStatusCode.SeeOther, $"/{house.Controller}contacts/{sid}"), (found.Status, found.Location));
        }

        var page = await house.GetAsync(house.Controller + "contacts/" + sid, Role.Agent);
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains("<h1><bdi>Ann Example</bdi></h1>", page.Text, StringComparison.Ordinal);
        Assert.Contains("+44••••••••18", Read(page), StringComparison.Ordinal);
        Assert.DoesNotContain("2079460018", Read(page), StringComparison.Ordinal);
        Assert.True(page.Response.Headers.CacheControl!.NoStore);
        Assert.InRange(page.Text.Length, 1, 150_000);
    }

    [Fact]
    public async Task Whoever_sees_no_figures_begins_with_what_they_may_do()
    {
        await using var house = await PageHouse.BuildAsync();
        var agent = (await house.GetAsync(house.Controller + "overview", Role.Agent)).Text;
        Assert.Contains("<label for=\"f-q\">Telephone number or e-mail address</label>", agent, StringComparison.Ordinal);
        Assert.Contains($"href=\"/{house.Controller}gate/ask\"", agent, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await house.GetAsync(house.Controller + "gate/ask", Role.Agent)).Status);
        // Who connects programs asks the gate and finds nobody.
        var integrator = (await house.GetAsync(house.Controller + "overview", Role.Integrator)).Text;
        Assert.Contains($"href=\"/{house.Controller}gate/ask\"", integrator, StringComparison.Ordinal);
        Assert.DoesNotContain("contacts/find", integrator, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_look_is_a_record_before_anything_is_shown_and_so_is_the_number_itself()
    {
        await using var house = await PageHouse.BuildAsync();
        var sid = await KnownAsync(house);
        var size = await house.SizeAsync();
        await house.GetAsync(house.Controller + "contacts/" + sid, Role.Agent);
        await house.GetAsync(house.Controller + "contacts/" + sid, Role.PrivacyOfficer);
        var shown = await house.PostAsync(house.Controller + $"contacts/{sid}/number", Role.Agent);
        Assert.Contains("+442079460018", Read(shown), StringComparison.Ordinal);
        var records = (await house.House.RecordsAsync()).Skip((int)size).ToList();
        Assert.Equal(["contact", "evidence", "number", "contact"], records.Select(static record => record.Detail!["view"]!.AsText!));
        Assert.All(records, record => Assert.Equal((RecordType.StaffRevealed, sid), (record.Type, record.Subject!.Value.Sid.ToString())));
        Assert.Equal(["acc-agent", "acc-privacy-officer", "acc-agent", "acc-agent"], records.Select(static record => record.Actor.Ref));
        // Who looks at nobody is told nothing, and nothing is written.
        size = await house.SizeAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await house.GetAsync(house.Controller + "contacts/" + new OpaqueId(new byte[16]), Role.Agent)).Status);
        Assert.Equal(size, await house.SizeAsync());
    }

    [Fact]
    public async Task A_ledger_that_can_not_write_shows_nobody()
    {
        await using var house = await PageHouse.BuildAsync();
        var sid = await KnownAsync(house);
        await house.House.Writer.DisposeAsync();
        var page = await house.GetAsync(house.Controller + "contacts/" + sid, Role.PrivacyOfficer);
        Assert.True((int)page.Status >= 500, page.ToString());
        Assert.DoesNotContain("Ann Example", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_shown_and_how_they_answered_is_for_whoever_answers_for_it_and_for_nobody_else()
    {
        await using var house = await PageHouse.BuildAsync();
        var sid = await KnownAsync(house);
        var officer = await house.GetAsync(house.Controller + "contacts/" + sid, Role.PrivacyOfficer);
        foreach (var text in new[] { "Firefox on a train", "192.0.2.7", "at most 4 times a month", "https://ringmuster.example/offers", "Prove it is unaltered" })
            Assert.Contains(text, officer.Text, StringComparison.Ordinal);
        foreach (var role in new[] { Role.Agent, Role.Marketer })
        {
            var other = await house.GetAsync(house.Controller + $"contacts/{sid}?show=looks", role);
            Assert.Contains("Agreed to: ", other.Text, StringComparison.Ordinal);
            Assert.Contains("id=\"perm-voice\"", other.Text, StringComparison.Ordinal);
            foreach (var text in new[] { "Firefox on a train", "192.0.2.7", "at most 4 times a month", "looked:" })
                Assert.DoesNotContain(text, other.Text, StringComparison.Ordinal);
        }

        var looks = await house.GetAsync(house.Controller + $"contacts/{sid}?show=looks", Role.PrivacyOfficer);
        Assert.Contains("acc-agent looked: the contact", looks.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_permission_line_says_what_the_gate_says()
    {
        await using var house = await PageHouse.BuildAsync();
        var sid = await KnownAsync(house);
        var page = await house.GetAsync(house.Controller + $"contacts/{sid}?purpose=offers", Role.Agent);
        // Of a country whose register nobody looked into nobody may be called; and nobody asked for an address.
        Assert.Contains("May not call</b>", page.Text, StringComparison.Ordinal);
        Assert.Contains("Can't e-mail", Read(page), StringComparison.Ordinal);
        await house.House.WithdrawAsync(Ann);
        page = await house.GetAsync(house.Controller + $"contacts/{sid}?purpose=offers", Role.Agent);
        Assert.Contains("They said no. Since ", page.Text, StringComparison.Ordinal);
        Assert.Contains("Not to be contacted: ", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_gate_is_asked_on_their_clock_and_the_answer_recorded_where_that_is_wanted()
    {
        await using var house = await PageHouse.BuildAsync();
        var sid = await KnownAsync(house);
        var point = (await house.House.FindAsync(Ann))!.Points().Single().Id.ToString();
        var asked = await house.PostAsync(
            house.Controller + $"contacts/{sid}/ask", Role.Agent, ("point", point), ("channel", "voice"), ("purpose", "offers"), ("technique", "manual"), ("at", "2026-03-03T05:00"), ("record", "yes"));
        Assert.Equal(HttpStatusCode.OK, asked.Status);
        Assert.Contains("class=\"verdict verdict-no\"", asked.Text, StringComparison.Ordinal);
        Assert.Contains("05:00", asked.Text, StringComparison.Ordinal);
        var decided = (await house.House.RecordsAsync()).Last(static record => record.Decision is not null);
        Assert.Equal((RecordType.DecisionDenied, "acc-agent"), (decided.Type, decided.Actor.Ref));
        var size = await house.SizeAsync();
        var wrong = await house.PostAsync(house.Controller + $"contacts/{sid}/ask", Role.Agent, ("point", point), ("channel", "pigeon"), ("purpose", "two words"), ("facts", "consents: []"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        Assert.Contains("Choose a channel.", wrong.Text, StringComparison.Ordinal);
        Assert.Contains("value=\"two words\"", wrong.Text, StringComparison.Ordinal);
        Assert.Contains("consents: []", wrong.Text, StringComparison.Ordinal);
        // Only the look is written.
        Assert.Equal(size + 1, await house.SizeAsync());
        Assert.Equal(HttpStatusCode.Forbidden, (await house.PostAsync(house.Controller + $"contacts/{sid}/ask", Role.Auditor)).Status);
    }

    [Fact]
    public async Task A_decision_unfolds_in_place_with_every_reason_and_the_look_at_the_person_covers_it()
    {
        await using var house = await PageHouse.BuildAsync();
        var sid = await KnownAsync(house);
        var point = (await house.House.FindAsync(Ann))!.Points().Single().Id.ToString();
        for (var hour = 1; hour <= 12; hour++)
        {
            await house.PostAsync(
                house.Controller + $"contacts/{sid}/ask", Role.Agent, ("point", point), ("channel", "voice"), ("purpose", "offers"), ("technique", "manual"), ("at", $"2026-03-03T{hour:00}:00"), ("record", "yes"));
        }

        long[] decided = [.. (await house.House.RecordsAsync()).Where(static record => record.Decision is not null).Select(static record => record.Seq).OrderDescending()];
        Assert.Equal(12, decided.Length);
        var size = await house.SizeAsync();
        var page = await house.GetAsync(house.Controller + $"contacts/{sid}?show=contacts", Role.PrivacyOfficer);
        Assert.Equal(size + 1, await house.SizeAsync());
        Assert.InRange(page.Text.Length, 1, 150_000);
        // The newest are there in full, each with a link to its own page; those behind are told when asked for.
        foreach (var (seq, at) in decided.Select(static (seq, at) => (seq, at)))
        {
            Assert.Equal(at < 2, page.Text.Contains($"id=\"d{seq}\"", StringComparison.Ordinal));
            Assert.Equal(at >= 2, page.Text.Contains($"&amp;open={seq}#r{seq}\"", StringComparison.Ordinal));
            Assert.Contains($"gate/decisions/{seq}\"", page.Text, StringComparison.Ordinal);
        }

        var told = page.Text[page.Text.IndexOf($"id=\"d{decided[0]}\"", StringComparison.Ordinal)..page.Text.IndexOf($"id=\"r{decided[1]}\"", StringComparison.Ordinal)];
        foreach (var text in new[] { "<ol class=\"reasons\">", "class=\"cite\"", "Judged" })
            Assert.Contains(text, told, StringComparison.OrdinalIgnoreCase);
        var last = decided[^1];
        page = await house.GetAsync(house.Controller + $"contacts/{sid}?show=contacts&open={last}", Role.PrivacyOfficer);
        Assert.Contains($"id=\"d{last}\"", page.Text, StringComparison.Ordinal);
        Assert.Matches($"id=\"r{last}\">[^§]*?<details class=\"ev\" open>", page.Text);
        // Whoever sees no decisions sees no more of them than before.
        var agent = await house.GetAsync(house.Controller + $"contacts/{sid}?show=contacts&open={last}", Role.Agent);
        Assert.Contains("Gate asked", agent.Text, StringComparison.Ordinal);
        foreach (var text in new[] { "class=\"reasons\"", "&amp;open=", "gate/decisions/" })
            Assert.DoesNotContain(text, agent.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("en")]
    [InlineData("zh-Hans")]
    public async Task A_page_full_of_evidence_with_answers_among_it_stays_small(string tag)
    {
        await using var house = await PageHouse.BuildAsync();
        var sid = await KnownAsync(house);
        for (var day = 40; day > 0; day--)
        {
            var at = SystemClock.Instance.GetCurrentInstant() - Duration.FromDays(day);
            Assert.Empty((await ConsentTakingTests.TakeAsync(house.House, Ann, ConsentTakingTests.Asked(Box) with { Wording = "offers", At = at, TimeFrom = EventSource.Provider })).Findings);
        }

        var point = (await house.House.FindAsync(Ann))!.Points().Single().Id.ToString();
        for (var hour = 1; hour <= 4; hour++)
            await house.PostAsync(house.Controller + $"contacts/{sid}/ask", Role.Agent, ("point", point), ("channel", "voice"), ("purpose", "offers"), ("at", $"2026-03-03T{hour:00}:00"), ("record", "yes"));
        var first = (await house.House.RecordsAsync()).First(static record => record.Decision is not null).Seq;
        var page = await house.GetAsync(house.Controller + $"contacts/{sid}?open={first}", Role.PrivacyOfficer, tag);
        Assert.Contains($"id=\"d{first}\"", page.Text, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(page.Text), 1, 150_000);
    }

    [Fact]
    public async Task What_became_of_a_contact_unfolds_in_place()
    {
        await using var house = await PageHouse.BuildAsync();
        var sid = await KnownAsync(house);
        var id = Fresh.Id();
        await house.House.DoAsync(new Gate.SnapshotHistoryTests.PutPermitCommand(house.House.Tags(Ann), (await house.House.FindAsync(Ann))!.Person.Sid, id));
        var wanted = new RowsWanted();
        wanted.Permits.Add(id.ToArray());
        var row = (await house.House.Installation.Store.LoadAsync(house.House.Ledger.Ledger, wanted, CancellationToken.None)).Permits.Single();
        await house.House.DoAsync(new RedeemPermitCommand(House.Staff, row));
        await house.House.DoAsync(new OutcomeCommand(House.Staff, row, Outcome.Voicemail));
        var page = await house.GetAsync(house.Controller + $"contacts/{sid}?show=contacts", Role.Marketer);
        Assert.Equal(3, page.Text.Split("per_" + id).Length - 1);
        foreach (var entry in page.Text.Split("<li id=\"r")[1..])
        {
            Assert.Contains("<details class=\"ev\">", entry, StringComparison.Ordinal);
            Assert.Contains("What became of the permit", entry, StringComparison.Ordinal);
            Assert.Contains("Voicemail", entry, StringComparison.OrdinalIgnoreCase);
            Assert.Equal(["Permit issued for one contact", "Permit used", "Outcome noted"], Regex.Matches(entry, "<dt>([PO][^<]{7,})</dt>").Select(static match => match.Groups[1].Value));
        }

        Assert.DoesNotContain("per_" + id, (await house.GetAsync(house.Controller + $"contacts/{sid}?show=contacts", Role.Agent)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_number_nobody_knows_it_is_said_what_may_be_done_with_it_all_the_same()
    {
        await using var house = await PageHouse.BuildAsync();
        await house.House.WithdrawAsync("+442079460019");
        var size = await house.SizeAsync();
        var page = await house.PostAsync(house.Controller + "contacts/find", Role.Marketer, ("q", "020 7946 0019"));
        Assert.Equal(HttpStatusCode.OK, page.Status);
        foreach (var text in new[] { "Nobody is known by +442079460019", "This number or address is closed since", "suppression/new", "consents/new", "id=\"perm-sms\"" })
            Assert.Contains(text, Read(page), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await house.PostAsync(house.Controller + "contacts/find", Role.Agent, ("q", "Ann Example"))).Status);
        Assert.Equal(size, await house.SizeAsync());
    }

    [Theory]
    [InlineData("zh-Hans", "时间线", "已同意：")]
    [InlineData("zh-Hant", "時間軸", "已同意：")]
    public async Task The_page_speaks_the_language_of_whoever_reads_it(string tag, string title, string agreed)
    {
        await using var house = await PageHouse.BuildAsync();
        var sid = await KnownAsync(house);
        var page = await house.GetAsync(house.Controller + "contacts/" + sid, Role.PrivacyOfficer, tag);
        Assert.Contains(title, page.Text, StringComparison.Ordinal);
        Assert.Contains(agreed, page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Agreed to", page.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<script>alert(1)</script>", "<script>alert")]
    [InlineData("\"><img src=x onerror=alert(1)>", "<img")]
    [InlineData("' onmouseover='alert(1)", "' onmouseover='")]
    [InlineData("</title><svg/onload=alert(1)>", "<svg/onload")]
    [InlineData("Ann\u202Egnp.exe", "\u202E")]
    [InlineData("Ann\u2066Bea\u2069", "\u2066")]
    [InlineData("=HYPERLINK(\"https://evil.example\")", "<a href=\"https://evil.example")]
    [InlineData("{{70007*7}}@(1+1)", "490049")]
    public async Task Whatever_was_typed_comes_out_as_text(string hostile, string never)
    {
        await using var house = await PageHouse.BuildAsync();
        await ConsentTakingTests.PublishAsync(house.House);
        var evidence = Box with { Device = hostile, Place = hostile, Call = hostile, Answer = hostile, Account = hostile, Guardian = hostile, LeadForm = new LeadFormSeen(hostile, hostile, hostile), Message = new MessageSeen(hostile, Channel.Sms) };
        var outcome = await ConsentTakingTests.TakeAsync(house.House, Ann, ConsentTakingTests.Asked(evidence) with { Wording = "offers", Name = hostile });
        Assert.Empty(outcome.Findings);
        var sid = (await house.House.FindAsync(Ann))!.Person.Sid;
        var page = await house.GetAsync(house.Controller + "contacts/" + sid, Role.PrivacyOfficer);
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.DoesNotContain(never, page.Text, StringComparison.Ordinal);
        var typed = await house.PostAsync(house.Controller + "contacts/find", Role.Agent, ("q", hostile));
        Assert.DoesNotContain(never, typed.Text, StringComparison.Ordinal);
    }

    // As a browser reads it.
    private static string Read(Seen page) => WebUtility.HtmlDecode(page.Text);

    /// <summary>Ann, who agreed to offers by call and text message.</summary>
    internal static async Task<string> KnownAsync(PageHouse house)
    {
        await ConsentTakingTests.PublishAsync(house.House);
        var at = SystemClock.Instance.GetCurrentInstant() - Duration.FromHours(1);
        var outcome = await ConsentTakingTests.TakeAsync(
            house.House, Ann, ConsentTakingTests.Asked(Box) with { Wording = "offers", At = at, TimeFrom = EventSource.Provider, Name = "Ann Example", Residence = "GB" });
        Assert.Empty(outcome.Findings);
        return (await house.House.FindAsync(Ann))!.Person.Sid.ToString();
    }
}
