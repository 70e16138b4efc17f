using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Gateways;
using Ringfence.Ledger;
using Ringfence.Rules;
using Ringfence.Server.Bridges.Vicidial;
using Ringfence.Server.Consent;
using Ringfence.Server.Consent.Forms;
using Ringfence.Server.Gateways;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Rights;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Consent;
using Ringfence.Server.Tests.Gateways;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Pages;
using Ringfence.Server.Tests.People;
using Ringfence.Server.Tests.Storage;
using Ringfence.Server.Webhooks;
using Ringfence.Staff;
using Ringfence.Webhooks;
using Xunit;

namespace Ringfence.Server.Tests.Rights;

public sealed class SqliteResultTests() : ResultContract(isPostgres: false);

public sealed class PostgresResultTests() : ResultContract(isPostgres: true);

/// <summary>Whoever in Korea says yes or no is told once what came of it, by a message or by staff; nobody elsewhere is.</summary>
public abstract class ResultContract(bool isPostgres) : StoreContract(isPostgres)
{
    private const string Kim = "+821020001234";
    private const string Lee = "+821020005678";
    private const string Ann = "+447400123456";
    private const string Mail = "kim@example.org";
    private const string Codes = GatewayFolder.Files + "codes: { places: [KR, GB] }\n";

    // Noon in Seoul.
    private static readonly DateTimeOffset Noon = new(2026, 11, 24, 3, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    // By a form nobody shows whose number it is, nor by an account or on paper; a question is no yes; who wrote, or told the code that went to the number, is answered there.
    [InlineData(RecordType.ConsentGiven, ConsentMethod.Checkbox, null, "unshown")]
    [InlineData(RecordType.ConsentGiven, ConsentMethod.Reply, Channel.Sms, "sms")]
    [InlineData(RecordType.ConsentGiven, ConsentMethod.Reply, Channel.Whatsapp, "whatsapp")]
    [InlineData(RecordType.ConsentRequested, ConsentMethod.Checkbox, null, null)]
    [InlineData(RecordType.ConsentConfirmed, ConsentMethod.DoubleOptIn, Channel.Sms, "sms")]
    [InlineData(RecordType.ConsentConfirmed, ConsentMethod.DoubleOptIn, Channel.Voice, "unshown")]
    public async Task Each_way_of_saying_yes_makes_one_task_and_a_question_none(RecordType type, ConsentMethod method, Channel? via, string? expected)
    {
        await using var house = await House.BuildAsync(At(Noon), store: Store);
        var wording = await PublishedAsync(house, method);
        var evidence = new ConsentEvidence { Method = method, Page = "https://acme.example/offers", Ip = "192.0.2.7" };
        if (method == ConsentMethod.Reply)
            evidence = new ConsentEvidence { Method = method, Message = new MessageSeen("m-1", via), Answer = "YES" };
        if (type == RecordType.ConsentConfirmed)
            evidence = evidence with { Confirmation = new Confirmation(Instant.FromDateTimeOffset(Noon), via!.Value, "m-2") };
        var asked = new ConsentAsked { Now = Instant.FromDateTimeOffset(Noon), Evidence = evidence, Wording = wording.Digest.ToString(), Language = "en" };
        var outcome = await new ConsentTaking(house.Installation, house.Ledger, House.Staff, house.Tags(Kim), asked).RunAsync(type == RecordType.ConsentRequested ? ConsentStep.Request : ConsentStep.Record, Cancel);
        Assert.Empty(outcome.Findings);
        var rows = await RowsAsync(house);
        if (expected is null)
        {
            Assert.Empty(rows);
            return;
        }

        var row = Assert.Single(rows);
        Assert.Equal(("consent", "2026-11-24", "2026-12-08", "kr-result", outcome.Written[^1]), (row.Said, row.Day, row.Due, row.Rule, row.Seq));
        Assert.Equal(expected, row.Via is { } by ? ((Channel)by).Word() : row.Fault);
        Assert.Equal(row.Via is null, row.NextAt is null);
    }

    [Fact]
    public async Task By_forms_on_ones_own_page_and_by_staff_it_is_one_task_each()
    {
        await using var house = await OwnHouse.BuildAsync(Store, Codes, At(Noon));
        // A box of a form that is confirmed by the code that went to the number.
        var form = FormDocument.Read("form-offers.yaml", await File.ReadAllTextAsync(Path.Combine(Repository.Root, "samples", "form-offers.yaml"), Cancel)) with { OfferedIn = ["GB"], Layouts = [] };
        Assert.False(await PublishedForms.PublishAsync(house.House.Installation, house.House.Ledger, House.Staff, form, Rulebook.Shipped, Cancel));
        var path = $"f/{house.Controller}/{form.Id}";
        var asked = await house.Pages.PostAsync(path, null, ("form", form.Digest.ToString()), ("lang", "zh-Hans"), ("layout", form.LayoutsShown[0].Name), ("phone", Kim), ("yes", "offers-sms"));
        Assert.Empty(await RowsAsync(house.House));
        var told = await house.Pages.PostAsync(path + "/confirm", null, ("form", form.Digest.ToString()), ("lang", "zh-Hans"), ("session", OwnHouse.Hidden(asked, "session")), ("at", OwnHouse.Hidden(asked, "at")),
            ("to.0", Kim), ("boxes.0", "offers-sms"), ("code.0", house.Folder.CodeTo(Kim)));
        Assert.Equal(HttpStatusCode.OK, told.Status);
        var row = Assert.Single(await RowsAsync(house.House));
        Assert.Equal(("consent", (short)Channel.Sms, "zh-Hans"), (row.Said, row.Via, row.Language));
        // On their own page: a no by the link alone, and a yes by the code.
        await house.Pages.PostAsync(await house.PathAsync(Kim), null, ("had", "offers/sms"));
        row = (await RowsAsync(house.House))[^1];
        Assert.Equal(("withdrawal", (short)Channel.Sms, "en"), (row.Said, row.Via, row.Language));
        Assert.Equal(HttpStatusCode.SeeOther, (await house.AgreeAsync(await house.PathAsync(Kim), Kim, (await BoxAsync(house, Kim))[0])).Status);
        Assert.Equal(["consent", "withdrawal", "consent"], (await RowsAsync(house.House)).Select(static one => one.Said));
        // Told to staff, on a call: nobody wrote from there.
        Assert.Equal(HttpStatusCode.SeeOther, (await house.Pages.PostAsync(house.Pages.Controller + "withdrawals", Role.Agent, ("to", Lee), ("reach", "all"), ("way", "call"))).Status);
        row = (await RowsAsync(house.House))[^1];
        Assert.Equal(("refusal", null, "unshown"), (row.Said, row.Via, row.Fault));
    }

    [Theory]
    [InlineData(Ann, null, 0)]
    [InlineData(Ann, "KR", 2)]
    [InlineData(Ann, "KR-11", 2)]
    [InlineData(Ann, "GB", 0)]
    [InlineData(Kim, "GB", 2)]
    [InlineData(Mail, null, 0)]
    [InlineData(Mail, "KR", 2)]
    public async Task Whom_no_law_of_Korea_concerns_is_told_nothing(string to, string? residence, int tasks)
    {
        await using var house = await House.BuildAsync(At(Noon), store: Store);
        await SaysAsync(house, to, residence: residence);
        await house.WithdrawAsync(to);
        Assert.Equal(tasks == 0 ? [] : ["consent", "withdrawal"], (await RowsAsync(house)).Select(static row => row.Said));
    }

    [Fact]
    public async Task Lists_the_house_an_authority_and_a_provider_make_none()
    {
        await using var house = await House.BuildAsync(At(Noon), store: Store);
        await house.ImportAsync($"name,phone,sms_opt_in,sms_opt_in_date,do not contact\nKim,{Kim},yes,2026-11-01,\nLee,{Lee},,,yes\n");
        Assert.True(Ringfence.Numbers.PhoneNumber.TryParse("+821020007777", Ringfence.Numbers.Region.None, out var lee));
        await RefusalTaking.TakeAsync(house.Installation, house.Ledger, House.Staff, [(1, lee)], Cancel);
        foreach (var by in new[] { SuppressedBy.Controller, SuppressedBy.Regulator, SuppressedBy.Platform, SuppressedBy.Complaint })
            await house.DoAsync(new WithdrawCommand(House.Staff, [house.Tags(Kim)], SuppressionScope.Everything, new RefusalFacts(by, SuppressionKind.Suppression, "api")));
        Assert.Empty(await RowsAsync(house));
        // Said again it is written once, and told once.
        await house.WithdrawAsync("+821020009999", "voice,sms");
        await house.WithdrawAsync("+821020009999", "sms");
        Assert.Single(await RowsAsync(house));
    }

    [Fact]
    public async Task One_message_says_who_what_when_and_what_came_of_it_and_no_second_one_does()
    {
        var time = At(Noon);
        await using var house = await OwnHouse.BuildAsync(Store, Codes, time);
        await SaysAsync(house.House, Kim, answer: new AnswerTo(Channel.Sms, null));
        var post = new ResultPost(house.Pages.Served, Assert.Fail);
        // What is said in one go is told in one go.
        Assert.Equal(0, await post.OnceAsync(Cancel));
        await SaysAsync(house.House, Kim, "voice", answer: new AnswerTo(Channel.Sms, null));
        time.Ahead += TimeSpan.FromSeconds(21);
        Assert.Equal(1, await post.OnceAsync(Cancel));
        Assert.Equal(0, await post.OnceAsync(Cancel));
        var message = Assert.Single(house.Folder.Messages());
        Assert.Equal((Kim, "sms", "Acme Ltd: on 24 November 2026 you agreed to advertising from us. This is noted and in force."), (message.GetProperty("to").GetString(), message.GetProperty("channel").GetString(), message.GetProperty("text").GetString()));
        Assert.All(await RowsAsync(house.House), static row => Assert.Equal(("2026-11-24", "message", null, null, null, null, null), (row.ToldOn, row.ToldBy, row.Sid, row.Tag, row.Words, row.NextAt, row.Teller)));
        Assert.Null(await ResultTasks.DueAsync(house.House.Installation, house.House.Ledger, Cancel));
        // Their no is another statement, and told by itself.
        await house.Pages.PostAsync(await house.PathAsync(Kim) + "/stop", null);
        time.Ahead += TimeSpan.FromHours(13);
        Assert.Equal(1, await post.OnceAsync(Cancel));
        Assert.EndsWith("on 24 November 2026 you took back your consent to advertising from us. This is noted and in force.", house.Folder.Messages()[^1].GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal("2026-11-24", (await RowsAsync(house.House))[^1].ToldOn);
    }

    [Fact]
    public async Task Whoever_says_no_before_the_yes_was_told_is_told_both_in_one_message()
    {
        var time = At(Noon);
        await using var house = await OwnHouse.BuildAsync(Store, Codes, time);
        await SaysAsync(house.House, Kim, answer: new AnswerTo(Channel.Sms, "ko"));
        await house.House.DoAsync(new WithdrawCommand(House.Person, [house.House.Tags(Kim)], SuppressionScope.Everything, Facts(Channel.Sms, "ko")));
        time.Ahead += TimeSpan.FromSeconds(11);
        Assert.Equal(1, await new ResultPost(house.Pages.Served, Assert.Fail).OnceAsync(Cancel));
        Assert.Equal("Acme Ltd: 2026년 11월 24일 광고성 정보 수신에 동의하셨습니다. 2026년 11월 24일 광고성 정보 수신동의를 철회하셨습니다. 처리 결과: 수신동의 철회 처리 완료.", Assert.Single(house.Folder.Messages()).GetProperty("text").GetString());
        Assert.All(await RowsAsync(house.House), static row => Assert.NotNull(row.ToldOn));
    }

    [Fact]
    public async Task Killed_between_the_record_and_the_message_it_is_sent_once_by_the_next_start()
    {
        using var folder = new GatewayFolder();
        var time = At(Noon);
        await using var house = await House.BuildAsync(time, store: Store);
        await house.DoAsync(new WithdrawCommand(House.Person, [house.Tags(Kim)], SuppressionScope.Everything, Facts(Channel.Sms, "en")));
        await house.CloseAsync();
        time.Ahead += TimeSpan.FromHours(1);
        for (var start = 0; start < 2; start++)
        {
            await house.ReopenAsync(Options(house), time);
            using var webhooks = new WebhookSender(WebhookReach.Internet, time);
            var served = ServedOf(house, folder, webhooks);
            Assert.Equal(start == 0 ? 1 : 0, await new ResultPost(served, Assert.Fail).OnceAsync(Cancel));
            await house.CloseAsync();
        }

        Assert.Equal(Kim, Assert.Single(folder.Messages()).GetProperty("to").GetString());
        await house.ReopenAsync(Options(house), time);
    }

    [Fact]
    public async Task Killed_while_it_is_being_sent_it_is_left_to_staff_and_never_sent_twice()
    {
        var time = At(Noon);
        await using var house = await OwnHouse.BuildAsync(Store, Codes, time);
        await SaysAsync(house.House, Kim, answer: new AnswerTo(Channel.Sms, "en"));
        var now = Instant.FromDateTimeOffset(Noon) + Duration.FromSeconds(15);
        Assert.Single(await ResultTasks.ClaimAsync(house.House.Installation.Store, house.House.Ledger, now, now + Duration.FromMinutes(2), Cancel));
        // Nobody else gets it meanwhile.
        Assert.Empty(await ResultTasks.ClaimAsync(house.House.Installation.Store, house.House.Ledger, now, now + Duration.FromMinutes(2), Cancel));
        Assert.Null(await ResultTasks.DueAsync(house.House.Installation, house.House.Ledger, Cancel));
        time.Ahead += TimeSpan.FromMinutes(3);
        Assert.Equal(0, await new ResultPost(house.Pages.Served, Assert.Fail).OnceAsync(Cancel));
        Assert.Empty(house.Folder.Messages());
        Assert.Equal(("unsure", null, null), (await RowsAsync(house.House))[0] is var row ? (row.Fault, row.NextAt, row.Lease) : default);
        Assert.Equal((1, Instant.FromUtc(2026, 12, 8, 15, 0)), await ResultTasks.DueAsync(house.House.Installation, house.House.Ledger, Cancel));
    }

    [Fact]
    public async Task Several_servers_send_it_once()
    {
        var time = At(Noon);
        await using var house = await OwnHouse.BuildAsync(Store, Codes, time);
        for (var n = 0; n < 20; n++)
            await house.House.DoAsync(new WithdrawCommand(House.Person, [house.House.Tags($"+8210200040{n:00}")], SuppressionScope.Everything, Facts(Channel.Sms, "en")));
        time.Ahead += TimeSpan.FromSeconds(30);
        var sent = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => new ResultPost(house.Pages.Served, Assert.Fail).OnceAsync(Cancel), Cancel)));
        Assert.Equal(20, sent.Sum());
        Assert.Equal(20, house.Folder.Messages().Select(static message => message.GetProperty("to").GetString()).Distinct().Count());
        Assert.Equal(20, house.Folder.Count());
    }

    [Fact]
    public async Task What_fails_for_now_is_tried_again_and_what_fails_for_good_or_may_have_gone_is_left_to_staff()
    {
        foreach (var (delivery, fault, tries) in new (Delivery, string?, bool)[]
        {
            (new Delivery.Later("busy"), null, true), (new Delivery.Later("timeout", MayHaveArrived: true), "unsure", false), (new Delivery.Refused(RefusedFor.Nobody, "x"), "nobody", false),
            (new Delivery.Refused(RefusedFor.Content, "x"), "content", false), (new Delivery.Refused(RefusedFor.Account, "x"), "account", false),
        })
        {
            var time = At(Noon);
            using var gateways = GatewaySet.Of([new Telling(delivery)]);
            await using var house = await PageHouse.BuildAsync(time: time, gateways: gateways);
            await SaysAsync(house.House, Kim, answer: new AnswerTo(Channel.Sms, "en"));
            time.Ahead += TimeSpan.FromSeconds(11);
            var post = new ResultPost(house.Served, Assert.Fail, static () => 0.5);
            Assert.Equal(0, await post.OnceAsync(Cancel));
            var row = Assert.Single(await RowsAsync(house.House));
            Assert.Equal((fault, tries, null), (row.Fault, row.NextAt is not null, row.Lease));
            if (!tries)
                continue;
            // After three days somebody has to look.
            time.Ahead += TimeSpan.FromDays(3);
            Assert.Equal(0, await post.OnceAsync(Cancel));
            Assert.Equal(("too-long", null), Assert.Single(await RowsAsync(house.House)) is var late ? (late.Fault, late.NextAt) : default);
        }
    }

    [Fact]
    public async Task No_message_goes_where_others_closed_the_number_or_somebody_has_to_look_first()
    {
        var time = At(Noon);
        await using var house = await OwnHouse.BuildAsync(Store, Codes, time);
        await SaysAsync(house.House, Kim, answer: new AnswerTo(Channel.Sms, "en"));
        var lee = (await SaysAsync(house.House, Lee, answer: new AnswerTo(Channel.Sms, "en"))).Sid!;
        await house.House.DoAsync(new WithdrawCommand(House.Staff, [house.House.Tags(Kim)], SuppressionScope.Everything, new RefusalFacts(SuppressedBy.Regulator, SuppressionKind.Suppression, "api")));
        Assert.True(OpaqueId.TryParse(lee, out var sid));
        await house.House.DoAsync(new HoldCommand(House.Staff, sid, HoldCommand.Unclear));
        time.Ahead += TimeSpan.FromSeconds(11);
        Assert.Equal(0, await new ResultPost(house.Pages.Served, Assert.Fail).OnceAsync(Cancel));
        Assert.Equal(["closed", "held"], (await RowsAsync(house.House)).Select(static row => row.Fault));
        Assert.Empty(house.Folder.Messages());
    }

    [Fact]
    public async Task A_no_of_somebody_whom_other_law_protects_too_is_answered_at_once_or_by_hand()
    {
        var time = At(Noon);
        await using var house = await OwnHouse.BuildAsync(Store, Codes, time);
        await SaysAsync(house.House, Ann, residence: "KR");
        await house.House.DoAsync(new WithdrawCommand(House.Person, [house.House.Tags(Ann)], SuppressionScope.Everything, Facts(Channel.Sms, "en")));
        await house.House.DoAsync(new WithdrawCommand(House.Person, [house.House.Tags(Kim)], SuppressionScope.Everything, Facts(Channel.Sms, "en")));
        time.Ahead += TimeSpan.FromMinutes(6);
        Assert.Equal(1, await new ResultPost(house.Pages.Served, Assert.Fail).OnceAsync(Cancel));
        Assert.Equal(Kim, Assert.Single(house.Folder.Messages()).GetProperty("to").GetString());
        Assert.Equal(["unshown", "too-long"], (await RowsAsync(house.House)).Where(static row => row.ToldOn is null).Select(static row => row.Fault));
    }

    [Fact]
    public async Task Where_there_is_no_gateway_staff_see_the_day_and_end_it()
    {
        var time = At(Noon);
        await using var house = await PageHouse.BuildAsync(Store, time);
        var (kim, _) = (await SaysAsync(house.House, Kim, answer: new AnswerTo(Channel.Sms, "ko")), await house.House.WithdrawAsync(Lee));
        time.Ahead += TimeSpan.FromSeconds(11);
        Assert.Equal(0, await new ResultPost(house.Served, Assert.Fail).OnceAsync(Cancel));
        var rows = await RowsAsync(house.House);
        Assert.Equal(["no-gateway", "unshown"], rows.Select(static row => row.Fault));
        var overview = await house.GetAsync(house.Controller + "overview", Role.PrivacyOfficer);
        Assert.Contains("2 people have to be told what came of their yes or no", overview.Text, StringComparison.Ordinal);
        var list = await house.GetAsync(house.Controller + "requests", Role.Auditor);
        foreach (var text in new[] { "8 December 2026", "14 days left", "No gateway is set up for the channel.", "Consent", "Refusal" })
            Assert.Contains(text, list.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Kim[^6..], list.Text, StringComparison.Ordinal);
        // Who looks is written down, known or not.
        foreach (var row in rows)
        {
            var size = await house.SizeAsync();
            var page = await house.GetAsync($"{house.Controller}requests/results/{row.Seq}", Role.PrivacyOfficer);
            Assert.Equal(HttpStatusCode.OK, page.Status);
            Assert.Contains("Network Act art. 50(7)", page.Text, StringComparison.Ordinal);
            Assert.Contains(row.Seq == kim.Seq ? "광고성 정보 수신에 동의하셨습니다" : "you said no to advertising from us", page.Text, StringComparison.Ordinal);
            Assert.Contains((await house.House.RecordsAsync()).Skip((int)size), record => record.Type == RecordType.StaffRevealed && (row.Sid is not null || record.About!.Contains(row.Seq)));
        }

        Assert.Contains(Lee[1..], (await house.GetAsync($"{house.Controller}requests/results/{rows[1].Seq}", Role.PrivacyOfficer)).Text, StringComparison.Ordinal);
        var path = $"{house.Controller}requests/results/{rows[1].Seq}";
        foreach (var (way, on) in new[] { ("", "2026-11-24"), ("pigeon", "2026-11-24"), ("letter", ""), ("letter", "2026-11-23"), ("letter", "2026-11-26") })
            Assert.Equal((way, on, HttpStatusCode.UnprocessableEntity), (way, on, (await house.PostAsync(path, Role.PrivacyOfficer, ("way", way), ("told", on))).Status));
        Assert.All(await RowsAsync(house.House), static row => Assert.Null(row.ToldOn));
        time.Ahead += TimeSpan.FromDays(15);
        Assert.Contains("1 day late", (await house.GetAsync(house.Controller + "requests", Role.PrivacyOfficer)).Text, StringComparison.Ordinal);
        Assert.Contains("and at least one late", (await house.GetAsync(house.Controller + "overview", Role.PrivacyOfficer)).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await house.PostAsync(path, Role.Auditor, ("way", "letter"), ("told", "2026-12-01"))).Status);
        Assert.EndsWith("requests?done=told", (await house.PostAsync(path, Role.PrivacyOfficer, ("way", "letter"), ("told", "2026-12-01"))).Location, StringComparison.Ordinal);
        var ended = (await RowsAsync(house.House))[1];
        Assert.Equal(("2026-12-01", "letter", "acc-privacy-officer", null, null, null), (ended.ToldOn, ended.ToldBy, ended.Teller, ended.Tag, ended.Nonce, ended.Words));
        Assert.Equal(HttpStatusCode.Conflict, (await house.PostAsync(path, Role.PrivacyOfficer, ("way", "letter"), ("told", "2026-12-01"))).Status);
        var closed = await house.GetAsync(house.Controller + "requests?closed=1", Role.Auditor);
        Assert.Contains("1 December 2026", closed.Text, StringComparison.Ordinal);
        Assert.Contains("by letter", closed.Text, StringComparison.Ordinal);
        Assert.Contains("told on 1 December 2026", (await house.GetAsync(path, Role.PrivacyOfficer)).Text, StringComparison.Ordinal);
        Assert.Equal(1, (await ResultTasks.DueAsync(house.House.Installation, house.House.Ledger, Cancel))!.Value.Count);
    }

    [Fact]
    public async Task What_was_said_long_before_it_is_written_down_is_left_to_staff()
    {
        await using var house = await House.BuildAsync(At(Noon), store: Store);
        foreach (var (to, days) in new[] { (Kim, 14), (Lee, 15) })
        {
            var said = Instant.FromDateTimeOffset(Noon) - Duration.FromDays(days);
            await house.DoAsync(new WithdrawCommand(House.Person, [house.Tags(to)], SuppressionScope.Everything, Facts(Channel.Sms, "en") with { EventAt = said, Source = EventSource.Staff }));
        }

        Assert.Equal([((short?)Channel.Sms, null, "2026-11-24"), (null, "late", "2026-11-23")], (await RowsAsync(house)).Select(static row => (row.Via, row.Fault, row.Due)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whoever_is_erased_is_told_nothing_and_nothing_of_them_stays(bool isKnown)
    {
        var time = At(Noon);
        await using var house = await OwnHouse.BuildAsync(Store, Codes, time);
        await house.House.DoAsync(new WithdrawCommand(House.Person, [house.House.Tags(Kim)], SuppressionScope.Everything, Facts(Channel.Sms, "en")));
        Assert.NotNull(Assert.Single(await RowsAsync(house.House)).Words);
        // Known only since, or never.
        var installation = house.House.Installation;
        if (isKnown)
        {
            var sid = (await SaysAsync(house.House, Kim, answer: new AnswerTo(Channel.Sms, "en"))).Sid!;
            Assert.Equal(2, (await RowsAsync(house.House)).Count);
            Assert.True(OpaqueId.TryParse(sid, out var person));
            await new Erasure(installation, house.House.Ledger, House.Staff).RunAsync(person, "request", Cancel);
        }
        else
        {
            var id = await RequestIntake.EnterAsync(installation, house.House.Ledger, House.Staff, house.House.Tags(Kim).Point, Ringfence.Rights.RightsKind.Erasure, "", null, null, null, "en", Cancel);
            await new Erasure(installation, house.House.Ledger, House.Staff).ForgetRequestsAsync([id], Cancel);
        }

        Assert.Empty(await RowsAsync(house.House));
        time.Ahead += TimeSpan.FromSeconds(30);
        Assert.Equal(0, await new ResultPost(house.Pages.Served, Assert.Fail).OnceAsync(Cancel));
        Assert.Empty(house.Folder.Messages());
    }

    [Fact]
    public async Task No_number_stands_in_a_row_in_the_clear_and_none_opens_elsewhere()
    {
        await using var house = await House.BuildAsync(At(Noon), store: Store);
        await SaysAsync(house, Kim);
        await house.WithdrawAsync(Lee);
        var rows = await RowsAsync(house);
        Assert.DoesNotContain(JsonSerializer.Serialize(rows), static c => c > '\u007f');
        foreach (var row in rows)
        {
            var text = string.Concat(JsonSerializer.Serialize(row with { Sid = null, Point = null, Tag = null, Nonce = null, Words = null }), System.Text.Encoding.Latin1.GetString([.. row.Words ?? [], .. row.Nonce ?? []]));
            Assert.DoesNotContain(Kim[3..], text, StringComparison.Ordinal);
            Assert.DoesNotContain(Lee[3..], text, StringComparison.Ordinal);
        }

        Assert.Equal((null, true), (rows[0].Words, rows[0].Sid is not null));
        Assert.Equal(Lee, house.Installation.Results.Open(house.Ledger, rows[1])!.Value);
        Assert.Throws<StoreException>(() => house.Installation.Results.Open(house.Ledger, rows[1] with { Seq = rows[1].Seq + 1 }));
        Assert.Throws<StoreException>(() => house.Installation.Results.Open(house.Ledger with { Controller = "other" }, rows[1]));
    }

    [Fact]
    public async Task A_text_message_with_a_no_is_answered_by_the_one_message_that_says_all()
    {
        using var folder = new GatewayFolder();
        var time = At(Noon);
        await using var house = await Bridges.BridgeHouse.BuildAsync(Store, InboundHooks.Map, gateways: folder.Open(GatewayFolder.Files + "inbound:\n  - { kind: kannel, controller: acme, secret-env: IN, confirm: true }\n"));
        foreach (var (from, id) in new[] { (Kim, "1"), (Ann, "2") })
        {
            Assert.Equal(HttpStatusCode.OK, await ReportTests.PostAsync(house.Client, $"hooks/kannel/acme/{GatewayFolder.Secret}?id={id}", "수신거부", "text/plain; charset=\"UTF-8\"", ("X-Kannel-From", from[1..]), ("X-Kannel-To", "85290000000")));
            Assert.Equal(HttpStatusCode.OK, await ReportTests.PostAsync(house.Client, $"hooks/kannel/acme/{GatewayFolder.Secret}?id=again-{id}", "STOP", "text/plain; charset=\"UTF-8\"", ("X-Kannel-From", from[1..]), ("X-Kannel-To", "85290000000")));
        }

        await house.Served.Afterwards.IdleAsync();
        Assert.Equal(Ann, Assert.Single(folder.Messages()).GetProperty("to").GetString());
        house.Time.Ahead += TimeSpan.FromSeconds(11);
        Assert.Equal(1, await new ResultPost(house.Served, Assert.Fail).OnceAsync(Cancel));
        await house.Served.Afterwards.IdleAsync();
        var told = Assert.Single(folder.Messages(), static message => message.GetProperty("to").GetString() == Kim);
        Assert.Equal("Acme Ltd: 2027년 6월 9일 광고성 정보 수신을 거부하셨습니다. 처리 결과: 수신거부 처리 완료.", told.GetProperty("text").GetString());
    }

    [Fact]
    public async Task After_a_restore_no_message_goes_of_what_may_have_been_told_since()
    {
        await using var house = await House.BuildAsync(At(Noon), store: Store);
        await house.DoAsync(new WithdrawCommand(House.Person, [house.Tags(Kim)], SuppressionScope.Everything, Facts(Channel.Sms, "en")));
        await ResultTasks.DoubtAsync(house.Installation.Store, Cancel);
        Assert.Equal(("unsure", null), Assert.Single(await RowsAsync(house)) is var row ? (row.Fault, row.NextAt) : default);
    }

    private static MovedTime At(DateTimeOffset moment)
    {
        var time = new MovedTime();
        time.Ahead = moment - time.GetUtcNow();
        return time;
    }

    private static RefusalFacts Facts(Channel via, string language) => new(SuppressedBy.Person, SuppressionKind.Suppression, "keyword") { Answer = new AnswerTo(via, language) };

    private static async Task<IReadOnlyList<ResultTaskRow>> RowsAsync(House house) => await ResultTasks.AllAsync(house.Installation.Store, house.Ledger, Cancel).ListAsync();

    private static async Task<CommandAnswer> SaysAsync(House house, string to, string channels = "sms", string? residence = null, AnswerTo? answer = null) => await house.DoAsync(new RecordConsentCommand(
        new ConsentSaid
        {
            Type = RecordType.ConsentGiven,
            State = RecordState.Given,
            Actor = House.Staff,
            Tags = house.Tags(to),
            Scope = new RecordScope([to.Contains('@', StringComparison.Ordinal) ? "email" : channels], ["offers"]),
            Method = new CollectionMethod("reply", Ceremony.SingleOptIn),
            Evidence = """{"page":"https://acme.example/form"}"""u8.ToArray(),
            Residence = residence,
            Answer = answer,
        },
        await house.Installation.NewPersonAsync(Cancel)));

    private static async Task<WordingDocument> PublishedAsync(House house, ConsentMethod method)
    {
        var wording = method == ConsentMethod.Reply
            ? WordingDocument.Read("reply.yaml", """
                format: ringfence/wording/v1
                id: reply
                version: "1"
                sender: Acme Ltd
                channels: [sms, whatsapp]
                purposes: [offers]
                frequency: { most: 4, within: P1M }
                stop: { reply: STOP }
                notice: { page: "https://acme.example/privacy", version: "1" }
                choice: { kind: reply, stands: apart }
                texts:
                  en: "Reply YES if Acme Ltd may send you text messages and messages on WhatsApp with offers for solar panels, at most 4 a month. Stop at any time by replying STOP. Consent is not a condition of any purchase. See the privacy notice."
                """)
            : House.Offers;
        await house.DoAsync(new PublishCommand(House.Staff, "wording", "application/json", wording.ToBytes(), "en", wording.Version));
        return wording;
    }

    private static async Task<IReadOnlyList<string>> BoxAsync(OwnHouse house, string point) => OwnHouse.All(await house.Pages.GetAsync(await house.PathAsync(point) + "/more", null), "box");

    private InstallationOptions Options(House house) => Store is { } store ? House.In(house.Folder) with { Store = store } : House.In(house.Folder);

    private static Served ServedOf(House house, GatewayFolder folder, WebhookSender webhooks) => new(house.Installation, ContactGate.Shipped) { Webhooks = webhooks, Gateways = folder.Open(Codes) };

    private sealed class Telling(Delivery delivery) : IChannelGateway
    {
        public GatewaySetting Setting { get; } = new() { Name = "t", Kind = GatewayKind.File, Channels = ChannelSet.Sms };

        public Task<Delivery> SendAsync(OutMessage message, CancellationToken cancel) => Task.FromResult(delivery);

        public void Dispose()
        {
        }
    }
}
