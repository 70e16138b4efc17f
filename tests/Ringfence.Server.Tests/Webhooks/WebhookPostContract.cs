using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Rights;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Storage;
using Ringfence.Server.Webhooks;
using Ringfence.Webhooks;
using Xunit;

namespace Ringfence.Server.Tests.Webhooks;

/// <summary>Every no reaches every other system, in order, at least once, whatever fails on the way; and what nobody confirmed is known. On either store.</summary>
public abstract class WebhookPostContract
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected abstract Task<StoreOptions?> StoreAsync();

    [Fact]
    public async Task Every_no_is_told_thin_and_signed()
    {
        await using var house = await BuildAsync();
        var (ann, bea, unknown) = (WebhookHouse.Number(1), WebhookHouse.Number(2), WebhookHouse.Number(3));
        await house.House.SaysAsync(ann);
        await house.House.WithdrawAsync(WebhookHouse.Number(9));
        var (webhook, secret) = await house.AddAsync();
        Assert.Equal(0, await house.SendAsync());

        var (sid, other) = ((await house.House.SaysAsync(bea)).Sid!, (await house.House.FindAsync(ann))!.Person.Sid);
        var permit = await PermitAsync(house, bea);
        await house.House.WithdrawAsync(bea, "sms", "offers");
        await house.House.WithdrawAsync(unknown);
        await house.House.DoAsync(new HoldCommand(House.Staff, other, "accuracy"));
        await new Erasure(house.House.Installation, house.House.Ledger, House.Staff).RunAsync(OpaqueId.TryParse(sid, out var id) ? id : default, "request", Cancel);
        Assert.Equal(6, await house.SendAsync());
        Assert.Equal(0, await house.SendAsync());

        var told = house.Receiver.All.OrderBy(static one => one.Record).ToArray();
        Assert.Equal(
            [("suppression.added", sid), ("permit.revoked", sid), ("consent.withdrawn", sid), ("suppression.added", null), ("processing.held", other.ToString()), ("erasure.requested", sid)],
            told.Select(static one => (one.Type, one.Contact)));
        Assert.Equal("""["sms"]""", told[0].Data.GetProperty("channels").GetRawText());
        Assert.Equal("""["offers"]""", told[2].Data.GetProperty("purposes").GetRawText());
        Assert.False(told[3].Data.TryGetProperty("purposes", out _));
        Assert.Equal("per_" + new OpaqueId(permit.Id), told[1].Data.GetProperty("permit").GetString());
        Assert.All(told, one =>
        {
            Assert.True(WebhookSignature.Verify([secret], one.Id, one.Timestamp, one.Signature, one.Body, Instant.FromDateTimeOffset(house.Time.GetUtcNow())));
            var text = Encoding.UTF8.GetString(one.Body);
            Assert.DoesNotContain("2079460", text, StringComparison.Ordinal);
            Assert.DoesNotContain("447946", text, StringComparison.Ordinal);
            Assert.Equal("acme", one.Data.GetProperty("controller").GetString());
        });
        Assert.Equal(told.Length, told.Select(static one => one.Id).Distinct().Count());
        // What arrived keeps nobody's name.
        Assert.All(await house.ListAsync(), static row => Assert.Equal((null, null, 1), (row.Contact, row.NextAt, row.Attempts)));
    }

    [Fact]
    public async Task What_comes_later_of_somebody_waits_for_what_came_before_and_nobody_else_does()
    {
        await using var house = await BuildAsync();
        var (ann, bea) = ((await house.House.SaysAsync(WebhookHouse.Number(1))).Sid!, (await house.House.SaysAsync(WebhookHouse.Number(2))).Sid!);
        await house.AddAsync("consent.withdrawn");
        house.Receiver.Answers = (one, http) =>
        {
            http.Response.StatusCode = one.Contact == ann && house.Receiver.All.Count(before => before.Contact == ann) <= 3 ? 500 : 200;
            return Task.CompletedTask;
        };
        await house.House.WithdrawAsync(WebhookHouse.Number(1), "sms");
        await house.House.WithdrawAsync(WebhookHouse.Number(2), "sms");
        await house.House.SaysAsync(WebhookHouse.Number(1), channels: "voice");
        await house.House.WithdrawAsync(WebhookHouse.Number(1), "voice");
        await house.House.WithdrawAsync(WebhookHouse.Number(2), "voice");
        await house.SendAsync();
        // Ann's first failed once; her second was not tried, and Bea has both of hers.
        Assert.Single(house.Receiver.All, one => one.Contact == ann);
        Assert.Equal(2, house.Receiver.All.Count(one => one.Contact == bea));

        await house.PassAsync(TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(5));
        var hers = house.Receiver.All.Where(one => one.Contact == ann).Select(static one => one.Record).ToArray();
        Assert.Equal(5, hers.Length);
        Assert.Single(hers[..4].Distinct());
        Assert.True(hers[4] > hers[0]);
        Assert.Empty(await house.ListAsync(DeliveryKind.Waiting));
    }

    [Fact]
    public async Task Whoever_was_merged_with_another_is_told_of_in_one_order()
    {
        await using var house = await BuildAsync();
        await house.AddAsync("consent.withdrawn");
        var (kept, merged) = ((await house.House.SaysAsync(WebhookHouse.Number(1))).Sid!, (await house.House.SaysAsync(WebhookHouse.Number(2))).Sid!);
        var up = false;
        house.Receiver.Answers = (_, http) =>
        {
            http.Response.StatusCode = up ? 200 : 500;
            return Task.CompletedTask;
        };
        await house.House.WithdrawAsync(WebhookHouse.Number(2), "sms");
        await house.SendAsync();
        await house.House.DoAsync(new MergeCommand(House.Staff, Sid(kept), Sid(merged)));
        await house.House.WithdrawAsync(WebhookHouse.Number(1), "sms");
        up = true;
        await house.SendAsync();
        // The first is not due again yet, and the second does not overtake it.
        Assert.Single(house.Receiver.All);
        await house.PassAsync(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(5));
        Assert.Equal([merged, merged, kept], house.Receiver.All.Select(static one => one.Contact));
        Assert.Equal([merged], house.Receiver.All.Last().Data.GetProperty("also").EnumerateArray().Select(static one => one.GetString()));
    }

    [Fact]
    public async Task After_three_days_in_which_nobody_answered_each_arrives_once_and_in_order()
    {
        await using var house = await BuildAsync();
        await house.AddAsync("consent.withdrawn,suppression.added");
        foreach (var n in Enumerable.Range(1, 8))
        {
            await house.House.SaysAsync(WebhookHouse.Number(n));
            await house.House.WithdrawAsync(WebhookHouse.Number(n));
        }

        var (up, attempts, arrived) = (false, 0, new List<Received>());
        house.Receiver.Answers = (one, http) =>
        {
            attempts++;
            http.Response.StatusCode = up ? 200 : 503;
            lock (arrived)
            {
                if (up)
                    arrived.Add(one);
            }

            return Task.CompletedTask;
        };
        await house.PassAsync(TimeSpan.FromDays(3), TimeSpan.FromMinutes(10));
        // It was knocked at now and then, and not with everything that waits.
        Assert.InRange(attempts, 20, 700);
        Assert.Equal(16, (await house.ListAsync(DeliveryKind.Waiting)).Count);
        up = true;
        // It answers again: everything comes at once, not when each would have been due.
        await house.PassAsync(TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(1));
        Assert.Equal(16, arrived.Select(static one => one.Id).Distinct().Count());
        Assert.Equal(16, arrived.Count);
        Assert.All(arrived.GroupBy(static one => one.Contact), static some => Assert.Equal(some.Select(static one => one.Record).Order(), some.Select(static one => one.Record)));
        Assert.Empty(await house.ListAsync(DeliveryKind.Waiting));
    }

    [Fact]
    public async Task Whoever_says_that_they_are_gone_is_sent_nothing_more_until_somebody_looks()
    {
        await using var house = await BuildAsync();
        var (webhook, _) = await house.AddAsync(deadline: "1h");
        house.Receiver.Answers = static (_, http) =>
        {
            http.Response.StatusCode = 410;
            return Task.CompletedTask;
        };
        await house.House.WithdrawAsync(WebhookHouse.Number(1));
        await house.SendAsync();
        await house.House.WithdrawAsync(WebhookHouse.Number(2));
        await house.PassAsync(TimeSpan.FromDays(1), TimeSpan.FromHours(1));
        Assert.Single(house.Receiver.All);
        Assert.True((await house.Told.FindAsync(webhook.Id, Cancel)).Off);
        Assert.Equal(("webhook-off", "gone"), (await house.House.RecordsAsync()).Last(static record => record.Type == RecordType.ConfigChanged).Detail is { } detail ? (detail["what"]!.AsText, detail["why"]!.AsText) : default);
        Assert.Equal(2, (await house.ListAsync(DeliveryKind.Overdue)).Count);
        Assert.Single(house.Log);

        house.Receiver.Answers = null;
        await house.Told.TurnAsync(House.Staff, webhook.Id, WebhookTurn.On, Cancel);
        Assert.Equal(2, await house.SendAsync());
    }

    [Theory]
    [InlineData(301, "redirect")]
    [InlineData(302, "redirect")]
    [InlineData(307, "redirect")]
    [InlineData(308, "redirect")]
    [InlineData(400, "status")]
    [InlineData(401, "status")]
    [InlineData(404, "status")]
    [InlineData(429, "too-many")]
    [InlineData(500, "status")]
    public async Task Any_other_answer_is_no_yes_and_nobody_is_followed_elsewhere(int status, string fault)
    {
        await using var house = await BuildAsync();
        await using var elsewhere = await Receiver.StartAsync();
        await house.AddAsync();
        house.Receiver.Answers = (_, http) =>
        {
            http.Response.StatusCode = status;
            http.Response.Headers.Location = elsewhere.Url;
            return Task.CompletedTask;
        };
        await house.House.WithdrawAsync(WebhookHouse.Number(1));
        await house.SendAsync();
        var row = Assert.Single(await house.ListAsync());
        Assert.Equal(((short)status, fault, null, 1), (row.Status, row.Fault, row.Delivered, row.Attempts));
        Assert.Empty(elsewhere.All);
        house.Receiver.Answers = null;
        Assert.Equal(1, await house.PassAsync(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5)));
        Assert.Equal(house.Receiver.All.First().Id, house.Receiver.All.Last().Id);
    }

    [Theory]
    [InlineData("900", 900)]
    [InlineData("date", 900)]
    [InlineData("-5", 0)]
    [InlineData("soon", 0)]
    [InlineData("99999999", 86_400)]
    public async Task Who_asks_to_be_left_alone_for_a_while_is(string header, int seconds)
    {
        await using var house = await BuildAsync();
        await house.AddAsync();
        house.Receiver.Answers = (_, http) =>
        {
            http.Response.StatusCode = 503;
            http.Response.Headers.RetryAfter = header == "date" ? house.Time.GetUtcNow().AddSeconds(900).ToString("R", CultureInfo.InvariantCulture) : header;
            return Task.CompletedTask;
        };
        await house.House.WithdrawAsync(WebhookHouse.Number(1));
        await house.SendAsync();
        house.Receiver.Answers = null;
        // What comes meanwhile for somebody else waits, too: it is the system that asked.
        await house.House.WithdrawAsync(WebhookHouse.Number(2));
        if (seconds > 0)
            await house.PassAsync(TimeSpan.FromSeconds(seconds - 60), TimeSpan.FromSeconds((seconds - 60) / 20));
        Assert.Single(house.Receiver.All);
        await house.PassAsync(TimeSpan.FromSeconds(120), TimeSpan.FromSeconds(10));
        Assert.Equal(3, house.Receiver.All.Count);
    }

    [Fact]
    public async Task What_arrived_is_obeyed_where_the_answer_says_so_and_stays_listed_where_nobody_does()
    {
        await using var house = await BuildAsync();
        var (webhook, _) = await house.AddAsync(deadline: "1h");
        string[] answers =
        [
            """{"confirmed":true}""", """{"confirmed":false}""", """{"confirmed":"true"}""", "true", """[{"confirmed":true}]""", "", """{"confirmed":true,"x":""" + "\"" + new string('x', 5000) + "\"}",
            """{"confirmed":true}{""", """{"confirmed":true,"confirmed":true}""",
        ];
        house.Receiver.Answers = async (one, http) =>
        {
            http.Response.StatusCode = 200;
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(answers[house.Receiver.All.ToList().IndexOf(one)]);
        };
        foreach (var n in Enumerable.Range(1, answers.Length))
        {
            await house.House.WithdrawAsync(WebhookHouse.Number(n));
            await house.SendAsync();
        }

        Assert.Equal(answers.Length - 1, (await house.ListAsync(DeliveryKind.Unconfirmed)).Count);
        Assert.Empty(await house.ListAsync(DeliveryKind.Overdue));
        house.Time.Ahead += TimeSpan.FromHours(1);
        var overdue = await house.ListAsync(DeliveryKind.Overdue);
        Assert.Equal(answers.Length - 1, overdue.Count);
        Assert.Equal((0, answers.Length - 1), (await house.Told.CountAsync(Cancel)).Single() is var count ? (count.Waiting, count.Overdue) : default);
        foreach (var row in overdue)
        {
            Assert.Equal("staff:ada", (await house.Told.ConfirmAsync(WebhookMessage.NameOf(row.Id), "staff:ada", null, Cancel)).ConfirmedBy);
            // The first word stands.
            Assert.Equal("staff:ada", (await house.Told.ConfirmAsync(WebhookMessage.NameOf(row.Id), "staff:eve", null, Cancel)).ConfirmedBy);
        }

        Assert.Empty(await house.ListAsync(DeliveryKind.Unconfirmed));
        Assert.Equal("answer", (await house.DeliveryAsync(house.Receiver.All.First().Id)).ConfirmedBy);

        // After a month nothing is kept of what is over.
        Assert.Equal(answers.Length, (await house.ListAsync()).Count);
        house.Time.Ahead += TimeSpan.FromDays(31);
        await Task.Delay(10, Cancel);
        house.NewPost();
        await house.SendAsync();
        Assert.Empty(await house.ListAsync());
    }

    [Fact]
    public async Task Who_need_not_confirm_is_never_overdue_and_who_is_removed_is_told_nothing_more()
    {
        await using var house = await BuildAsync();
        var (silent, _) = await house.AddAsync(deadline: "none");
        var (gone, _) = await house.AddAsync(url: house.Receiver.Url + "?gone");
        await house.House.WithdrawAsync(WebhookHouse.Number(1));
        house.Receiver.Answers = static (_, http) =>
        {
            http.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        await house.SendAsync();
        await house.Told.TurnAsync(House.Staff, gone.Id, WebhookTurn.Removed, Cancel);
        house.Receiver.Answers = null;
        house.Time.Ahead += TimeSpan.FromDays(3);
        var before = house.Receiver.All.Count;
        await house.House.WithdrawAsync(WebhookHouse.Number(2));
        house.NewPost();
        Assert.Equal(2, await house.SendAsync());
        Assert.Equal(before + 2, house.Receiver.All.Count);
        Assert.Empty(await house.ListAsync(DeliveryKind.Overdue));
        Assert.All(await house.ListAsync(), row => Assert.Equal(silent.Id, row.Webhook));
        await Assert.ThrowsAsync<CommandRefusedException>(() => house.Told.TurnAsync(House.Staff, gone.Id, WebhookTurn.On, Cancel));
    }

    [Fact]
    public async Task While_a_secret_is_exchanged_both_sign_and_then_the_new_one_alone()
    {
        await using var house = await BuildAsync();
        var (webhook, old) = await house.AddAsync();
        Assert.True(WebhookSecret.TryRead(await house.Told.RotateAsync(House.Staff, webhook.Id, "2h", Cancel), out var fresh));
        await house.House.WithdrawAsync(WebhookHouse.Number(1));
        await house.SendAsync();
        house.Time.Ahead += TimeSpan.FromHours(2);
        await house.House.WithdrawAsync(WebhookHouse.Number(2));
        await house.SendAsync();
        bool Signed(Received one, byte[] secret) => WebhookSignature.Verify([secret], one.Id, one.Timestamp, one.Signature, one.Body, Instant.FromUnixTimeSeconds(long.Parse(one.Timestamp, CultureInfo.InvariantCulture)));
        Assert.Equal([(true, true), (false, true)], house.Receiver.All.Select(one => (Signed(one, old), Signed(one, fresh))));
    }

    [Fact]
    public async Task Who_is_erased_before_they_were_told_of_is_told_of_and_then_not_named_any_more()
    {
        await using var house = await BuildAsync();
        await house.AddAsync();
        var sid = (await house.House.SaysAsync(WebhookHouse.Number(1))).Sid!;
        await house.House.WithdrawAsync(WebhookHouse.Number(1));
        await new Erasure(house.House.Installation, house.House.Ledger, House.Staff).RunAsync(Sid(sid), "request", Cancel);
        Assert.Equal(3, await house.SendAsync());
        Assert.Equal(["suppression.added", "consent.withdrawn", "erasure.requested"], house.Receiver.All.Select(static one => one.Type));
        Assert.All(house.Receiver.All, one => Assert.Equal(sid, one.Contact));
        Assert.All(await house.ListAsync(), static row => Assert.Null(row.Contact));
    }

    [Fact]
    public async Task What_a_program_had_taken_when_it_died_another_sends_after_a_minute_and_not_before()
    {
        await using var house = await BuildAsync();
        var (webhook, _) = await house.AddAsync();
        // It has started, and let go of what was on its way before.
        Assert.Equal(0, await house.SendAsync());
        await house.House.WithdrawAsync(WebhookHouse.Number(1));
        await new WebhookFeed(house.House.Installation.Store, house.House.Ledger).RunAsync(Cancel);
        var until = house.Now + 60_000_000;
        byte[] lease = [.. Enumerable.Repeat((byte)1, 16)];
        var taken = Assert.Single(await house.Outbox.ClaimAsync(house.House.Ledger.Ledger, webhook.Id, lease, house.Now, until, 10, false, Cancel));
        Assert.Empty(await house.Outbox.ClaimAsync(house.House.Ledger.Ledger, webhook.Id, lease, house.Now, until, 10, false, Cancel));
        Assert.Equal(0, await house.SendAsync());
        house.Time.Ahead += TimeSpan.FromSeconds(61);
        Assert.Equal(1, await house.SendAsync());
        // The one that died comes back, and says that it failed: it is too late for that. Then that it arrived: so it did.
        await house.Outbox.SettleAsync(house.House.Ledger.Ledger, lease, [new DeliveryOutcome(webhook.Id, taken.Seq, 500, "status", house.Now, house.Now, false)], Cancel);
        Assert.NotNull((await house.Outbox.FindAsync(house.House.Ledger.Ledger, taken.Id, Cancel))!.Delivered);
        Assert.Single(house.Receiver.All);
    }

    [Fact]
    public async Task A_message_that_arrived_while_nobody_could_note_it_is_sent_again_under_the_same_name()
    {
        await using var house = await BuildAsync();
        var (webhook, _) = await house.AddAsync();
        await house.House.WithdrawAsync(WebhookHouse.Number(1));
        Assert.Equal(1, await house.SendAsync());
        // As if the outbox had been lost with what it knew: it is fed from the records again.
        await house.Outbox.ClearAsync(house.House.Ledger.Ledger, Cancel);
        var record = (await house.House.RecordsAsync()).Last(static one => one.Type == RecordType.SuppressionAdded);
        Assert.Equal(house.Receiver.All.Single().Id, WebhookMessage.NameOf(WebhookMessage.IdOf(webhook.Id, record)));
    }

    [Fact]
    public async Task It_goes_on_by_itself_until_it_is_stopped()
    {
        await using var house = await BuildAsync();
        await house.AddAsync();
        using var stop = new CancellationTokenSource();
        var running = house.Post.RunAsync(stop.Token);
        foreach (var n in Enumerable.Range(1, 20))
            await house.House.WithdrawAsync(WebhookHouse.Number(n));
        var until = DateTime.UtcNow.AddSeconds(30);
        while (house.Receiver.All.Count < 20 && DateTime.UtcNow < until)
            await Task.Delay(20, Cancel);
        await stop.CancelAsync();
        await running;
        Assert.Equal(20, house.Receiver.All.Select(static one => one.Id).Distinct().Count());
        Assert.Equal(20, house.Receiver.All.Count);
        Assert.Empty(await house.ListAsync(DeliveryKind.Waiting));
    }

    [Fact]
    public async Task What_others_have_to_be_told_is_found_by_the_doctor()
    {
        await using var house = await BuildAsync();
        var (webhook, _) = await house.AddAsync(deadline: "1m");
        await house.House.WithdrawAsync(WebhookHouse.Number(1));
        await house.SendAsync();
        var findings = new List<DoctorFinding>();
        await new DoctorLedgers(house.House.Installation, findings).LookAsync(house.House.Ledger, Cancel);
        Assert.Equal(("webhooks", FindingVerdict.Fine, "1"), findings.Single(static one => one.Area == "webhooks") is var fine ? (fine.Code, fine.Verdict, fine.Value) : default);
        house.Time.Ahead += TimeSpan.FromMinutes(2);
        await house.Told.TurnAsync(House.Staff, webhook.Id, WebhookTurn.Off, Cancel);
        house.Time.Ahead += TimeSpan.FromMinutes(10);
        findings.Clear();
        await new DoctorLedgers(house.House.Installation, findings).LookAsync(house.House.Ledger, Cancel);
        Assert.Equal(
            [("webhooks-unconfirmed", "1"), ("webhook-off", webhook.Id), ("webhooks-behind", (await house.Outbox.FedAsync(house.House.Ledger.Ledger, Cancel)).ToString()!)],
            findings.Where(static one => one.Area == "webhooks").Select(static one => (one.Code, one.Value)));
    }

    private protected async Task<WebhookHouse> BuildAsync() => await WebhookHouse.BuildAsync(await StoreAsync());

    private protected static OpaqueId Sid(string text) => OpaqueId.TryParse(text, out var sid) ? sid : throw new ArgumentException("No name.", nameof(text));

    private static async Task<PermitRow> PermitAsync(WebhookHouse house, string number)
    {
        var (found, tags) = ((await house.House.FindAsync(number))!, house.House.Tags(number));
        var row = new PermitRow(
            Fresh.Id().ToArray(), tags.Lookup, new byte[32], 1, found.Person.Sid.ToArray(), (short)Channel.Sms, "offers", null, null, null, 1, house.Now, house.Now + 60_000_000, null, null, null, null, null);
        await using var transaction = await house.House.Installation.Store.BeginAsync(house.House.Ledger.Ledger, Cancel);
        var writes = new LedgerWrites { Head = transaction.Head };
        writes.Permits.Add(row);
        await transaction.CommitAsync(writes, Cancel);
        return row;
    }
}

/// <summary>In the embedded store; and what goes with files.</summary>
public sealed class WebhookPostTests : WebhookPostContract
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected override Task<StoreOptions?> StoreAsync() => Task.FromResult<StoreOptions?>(null);

    [Fact]
    public async Task What_was_on_its_way_when_the_program_was_stopped_is_sent_at_once_when_it_starts_again()
    {
        await using var house = await BuildAsync();
        var (webhook, _) = await house.AddAsync();
        await house.House.WithdrawAsync(WebhookHouse.Number(1));
        await new WebhookFeed(house.House.Installation.Store, house.House.Ledger).RunAsync(Cancel);
        Assert.Single(await house.Outbox.ClaimAsync(house.House.Ledger.Ledger, webhook.Id, new byte[16], house.Now, house.Now + 60_000_000, 10, false, Cancel));
        await house.RestartAsync();
        Assert.Equal(1, await house.SendAsync());
    }

    [Fact]
    public async Task What_comes_back_from_a_copy_is_told_again_under_the_same_name_and_nothing_else_is()
    {
        await using var house = await BuildAsync();
        await house.AddAsync();
        await house.House.WithdrawAsync(WebhookHouse.Number(1));
        await house.SendAsync();
        await house.House.WithdrawAsync(WebhookHouse.Number(2));
        await house.House.CloseAsync();
        house.House.CopyData("copy");
        await house.OpenAsync();
        await house.SendAsync();
        await house.House.CloseAsync();
        house.House.PutBack("copy");
        await house.OpenAsync();
        Assert.Equal(1, await house.SendAsync());
        var ids = house.Receiver.All.Select(static one => one.Id).ToArray();
        Assert.Equal((3, ids[1]), (ids.Length, ids[2]));
        Assert.Equal(0, await house.SendAsync());
    }

    [Fact]
    public async Task In_a_new_epoch_nothing_is_told_twice_and_nothing_is_left_out()
    {
        await using var house = await BuildAsync();
        var (webhook, _) = await house.AddAsync();
        await house.House.WithdrawAsync(WebhookHouse.Number(1));
        await house.SendAsync();
        await house.House.WithdrawAsync(WebhookHouse.Number(2));
        await new WebhookFeed(house.House.Installation.Store, house.House.Ledger).RunAsync(Cancel);
        var waiting = Assert.Single(await house.ListAsync(DeliveryKind.Waiting));
        var (installation, old) = (house.House.Installation, house.House.Ledger);
        var head = await installation.Store.HeadAsync(old.Ledger, Cancel);
        var next = await NewEpoch.BeginAsync(installation, old, head, old.Origin, head.Size + 3, House.Staff, Cancel);
        house.NewPost();
        Assert.Equal(1, await house.SendAsync());
        Assert.Equal(WebhookMessage.NameOf(waiting.Id), house.Receiver.All.Last().Id);
        Assert.Empty(await installation.Store.Outbox.AllAsync(old.Ledger, Cancel).ToListAsync(Cancel));

        await (await installation.WriterAsync(next, Cancel)).DoAsync(
            new WithdrawCommand(House.Person, [house.House.Tags(WebhookHouse.Number(3))], SuppressionScope.Everything, new RefusalFacts(SuppressedBy.Person, SuppressionKind.Suppression, "link")),
            Cancel);
        Assert.Equal(1, await house.SendAsync());
        Assert.Equal(3, house.Receiver.All.Select(static one => one.Id).Distinct().Count());
        Assert.Equal(webhook.Id, Assert.Single(await new ToldSystems(installation, next).ListAsync(Cancel)).Id);
    }

    [Fact]
    public async Task A_receiver_that_never_ends_its_answer_is_left_after_a_while()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answers = static async (_, http) =>
        {
            http.Response.ContentType = "application/json";
            for (var i = 0; i < 600 && !http.RequestAborted.IsCancellationRequested; i++)
            {
                await http.Response.WriteAsync(" ", http.RequestAborted);
                await http.Response.Body.FlushAsync(http.RequestAborted);
                await Task.Delay(50, http.RequestAborted);
            }
        };
        using var sender = new WebhookSender(Receiver.Reach, new HurriedTime());
        Assert.Equal("timeout", (await sender.SendAsync(receiver.Url, [new byte[32]], "msg_1", "{}"u8.ToArray(), Cancel)).Fault);
    }

    // Ten seconds are over in a tenth of one.
    private sealed class HurriedTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(callback, state, dueTime / 100, period);
    }
}

/// <summary>In PostgreSQL; and what goes with several programs.</summary>
public sealed class PostgresWebhookPostTests : WebhookPostContract, IAsyncDisposable
{
    private PostgresHome? home;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected override async Task<StoreOptions?> StoreAsync() => (home = await PostgresHome.MakeAsync()).Options;

    [Fact]
    public async Task Several_programs_send_everything_once_and_in_order()
    {
        await using var house = await BuildAsync();
        await house.AddAsync("consent.withdrawn,suppression.added");
        foreach (var n in Enumerable.Range(1, 40))
        {
            await house.House.SaysAsync(WebhookHouse.Number(n));
            await house.House.WithdrawAsync(WebhookHouse.Number(n), "sms");
            await house.House.SaysAsync(WebhookHouse.Number(n), channels: "voice");
            await house.House.WithdrawAsync(WebhookHouse.Number(n), "voice");
        }

        using var stop = new CancellationTokenSource();
        var programs = Enumerable.Range(0, 3).Select(_ => house.NewPost().RunAsync(stop.Token)).ToArray();
        var until = DateTime.UtcNow.AddSeconds(60);
        while (house.Receiver.All.Count < 160 && DateTime.UtcNow < until)
            await Task.Delay(50, Cancel);
        await stop.CancelAsync();
        await Task.WhenAll(programs);
        Assert.Equal([], house.Log);
        Assert.Equal(160, house.Receiver.All.Count);
        Assert.Equal(160, house.Receiver.All.Select(static one => one.Id).Distinct().Count());
        Assert.All(house.Receiver.All.GroupBy(static one => one.Contact), static some => Assert.Equal(some.Select(static one => one.Record).Order(), some.Select(static one => one.Record)));
    }

    public async ValueTask DisposeAsync()
    {
        if (home is not null)
            await home.DisposeAsync();
    }
}
