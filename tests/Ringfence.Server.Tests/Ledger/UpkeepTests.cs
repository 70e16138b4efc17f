using Ringfence.Ledger;
using Ringfence.Gate;
using Ringfence.Rights;
using Ringfence.Server.Ledger;
using Ringfence.Server.Rights;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Rights;
using Xunit;

namespace Ringfence.Server.Tests.Ledger;

public sealed class UpkeepTests
{
    private const string Ann = "+442079460018";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_due_is_done_once_and_not_again_before_it_is_due_again()
    {
        var time = new MovedTime();
        await using var house = await House.BuildAsync(time);
        await house.SaysAsync(Ann);
        await house.WithdrawAsync(Ann);
        var first = await RunAsync(house);
        Assert.Equal(1, Assert.Single(first.Snapshots).Count);
        Assert.Empty(first.Faults);
        var size = await house.SizeAsync();
        Assert.Equal(size, Assert.Single(first.Signed).Size);
        // Nothing is due, so nothing is written, however often it is run; but for the hour's copy, where an hour just began.
        var second = await RunAsync(house);
        Assert.Empty(second.Snapshots);
        Assert.Null(second.NewKek);
        Assert.InRange(await house.SizeAsync(), size, size + 1);

        time.Ahead = TimeSpan.FromDays(1);
        Assert.Single((await RunAsync(house)).Snapshots);
        Assert.Contains((await house.RecordsAsync()).Skip((int)size + 1), static record => record.Type == RecordType.LedgerAnchored);
        Assert.Equal(2, (await house.RecordsAsync()).Count(static record => record.Type == RecordType.SuppressionSnapshot));
    }

    [Theory]
    [InlineData(null, 12)]
    [InlineData("3", 3)]
    [InlineData("0", 0)]
    public async Task What_was_written_of_requests_that_ended_is_forgotten_in_time_where_nobody_else_is_known_by_the_number(string? months, int kept)
    {
        const string Stranger = "+442079460799";
        var time = new MovedTime();
        await using var house = await House.BuildAsync(time, environment: name => name == RequestKeeping.Variable ? months : null);
        await house.SaysAsync(Ann);
        var known = await house.AnsweredAsync(await house.AsksAsync(Ann, RightsKind.Access, "Marvin"), "This");
        var gone = await house.AnsweredAsync(await house.AsksAsync(Stranger, RightsKind.Access, "Slartibartfast"), "Nothing at all");
        var open = await house.AsksAsync(Stranger, RightsKind.Review, "Trillian");
        var ended = NodaTime.Instant.FromDateTimeOffset(time.GetUtcNow()).InUtc().LocalDateTime.PlusMonths(kept).InUtc().ToInstant() - NodaTime.Instant.FromDateTimeOffset(time.GetUtcNow());
        if (kept > 0)
        {
            time.Ahead = (ended - NodaTime.Duration.FromHours(2)).ToTimeSpan();
            Assert.Equal(0, (await RunAsync(house)).Requests);
        }

        time.Ahead = (ended + NodaTime.Duration.FromHours(2)).ToTimeSpan();
        Assert.Equal(1, (await RunAsync(house)).Requests);
        Assert.Equal(0, (await RunAsync(house)).Requests);
        var left = await house.RequestAsync(gone.Told.Id);
        // When it came and that it was answered stays, and is proved as before.
        Assert.Equal((RightsState.Answered, null, null, gone.Row.Closed), (left.Told.State, left.Row.Tag, left.Row.Words, left.Row.Closed));
        Assert.NotNull((await house.RequestAsync(known.Told.Id)).Row.Words);
        Assert.NotNull((await house.RequestAsync(open.Told.Id)).Row.Words);
        Assert.Empty(await house.FaultsAsync());
        await house.CloseAsync();
        Assert.Empty(await Traces.OfAsync(house.Folder, "Slartibartfast"));
        await house.ReopenAsync();
    }

    [Fact]
    public async Task A_time_that_is_none_forgets_nothing_and_is_told()
    {
        var time = new MovedTime();
        await using var house = await House.BuildAsync(time, environment: static name => name == RequestKeeping.Variable ? "a year" : null);
        var answered = await house.AnsweredAsync(await house.AsksAsync(Ann, RightsKind.Access, "Marvin"), "This");
        time.Ahead = TimeSpan.FromDays(4_000);
        var outcome = await RunAsync(house);
        Assert.Equal((0, "rights-keep"), (outcome.Requests, Assert.Single(outcome.Faults).Code));
        Assert.NotNull((await house.RequestAsync(answered.Told.Id)).Row.Words);
    }

    [Fact]
    public async Task Without_refusals_there_is_nothing_to_fix()
    {
        await using var house = await House.BuildAsync();
        Assert.Empty((await RunAsync(house)).Snapshots);
    }

    [Fact]
    public async Task Keys_are_followed_by_new_ones_and_destroyed_when_their_time_is_over()
    {
        var time = new MovedTime();
        await using var house = await House.BuildAsync(time);
        await house.SaysAsync(Ann);
        time.Ahead = TimeSpan.FromDays(29);
        Assert.Null((await RunAsync(house)).NewKek);
        time.Ahead = TimeSpan.FromDays(30);
        var begun = await RunAsync(house);
        Assert.NotNull(begun.NewKek);
        Assert.Equal(6, begun.Rotation.Rewrapped);
        Assert.Null((await RunAsync(house)).NewKek);
        time.Ahead = TimeSpan.FromDays(64);
        Assert.Empty((await RunAsync(house)).Keks.Destroyed);
        time.Ahead = TimeSpan.FromDays(65);
        Assert.Single((await RunAsync(house)).Keks.Destroyed);
        Assert.NotNull(await house.FindAsync(Ann));
        // By then nothing of it would be found by a doctor either.
        await house.CloseAsync();
        var found = await new Doctor(House.In(house.Folder), static () => Ringfence.Gate.ContactGate.Shipped, time).RunAsync(Cancel);
        Assert.DoesNotContain(found, static one => one.Code is "kek-overdue" or "kek-in-use" or "unsigned" or "anchor-old");
    }

    [Fact]
    public async Task Withdrawals_that_wait_are_applied_also_where_the_installation_has_been_open_for_long()
    {
        await using var house = await House.BuildAsync();
        Installation.Spool(House.In(house.Folder), new SpooledWithdrawal(Fresh.Id().ToString(), null, Ann, (int)ChannelSet.All, null, "link", "ada", 1_770_000_000_000_000));
        Assert.Empty(await house.SuppressionsAsync(Ann));
        Assert.Equal(1, (await RunAsync(house)).Withdrawals);
        Assert.NotEmpty(await house.SuppressionsAsync(Ann));
        Assert.True(WithdrawalSpool.IsEmpty(house.Installation.Options.Data));
    }

    [Fact]
    public async Task Erasures_that_were_cut_off_are_ended_noted_or_not()
    {
        await using var house = await House.BuildAsync();
        var sid = (await house.SaysAsync(Ann)).Sid!;
        await house.CloseAsync();
        await ErasingProcess.RunAsync(house.Folder, sid, ErasureStep.Requested);
        Directory.Delete(Path.Combine(house.Folder, "keys", "erasures", "pending"), recursive: true);
        await house.ReopenAsync();
        Assert.Equal(1, (await RunAsync(house)).Erasures);
        Assert.Empty(await Erasure.OpenInRecordsAsync(house.Installation.Store, house.Ledger, Cancel));
    }

    [Fact]
    public async Task A_refusal_that_went_missing_is_told_and_the_rest_is_done()
    {
        await using var house = await House.BuildAsync();
        await house.WithdrawAsync(Ann);
        await house.WithdrawAsync("+442079460019");
        await SuppressionSnapshot.TakeAsync(house.Installation, house.Ledger, House.Staff, Cancel);
        await house.CloseAsync();
        using (var raw = new RawStore(house.Folder))
            raw.Run("delete from suppression where id = (select id from suppression limit 1)");
        await house.ReopenAsync(time: new MovedTime { Ahead = TimeSpan.FromDays(1) });
        var outcome = await RunAsync(house);
        Assert.Equal("suppressions-differ", Assert.Single(outcome.Faults).Code);
        Assert.Single(outcome.Signed);
    }

    [Fact]
    public async Task Answers_to_programs_and_staff_are_forgotten_after_thirty_days_and_what_providers_told_never()
    {
        var time = new MovedTime();
        await using var house = await House.BuildAsync(time);
        async Task<string[]> KeptAsync() => [.. await house.Installation.Store.Local.ReadAsync("select client from idempotency where client <> 'signer' order by client", static cells => cells.Text(0), Cancel)];
        Task<CommandAnswer> SayAsync(string client, string point) => house.DoAsync(
            new WithdrawCommand(House.Person, [house.Tags(point)], ScopeArguments.Read(null, null), new RefusalFacts(SuppressedBy.Person, SuppressionKind.Suppression, "link")) { ClientKey = new ClientKey(client, "1", new byte[32]) });
        await SayAsync("inbound-acme", "+442079460011");
        await SayAsync("key-1", "+442079460012");
        await SayAsync("staff-ada", "+442079460013");
        time.Ahead = TimeSpan.FromDays(1);
        await SayAsync("key-2", "+442079460014");
        time.Ahead = TimeSpan.FromDays(30) - TimeSpan.FromMinutes(1);
        await RunAsync(house);
        Assert.Equal(["inbound-acme", "key-1", "key-2", "staff-ada"], await KeptAsync());
        time.Ahead = TimeSpan.FromDays(30) + TimeSpan.FromMinutes(1);
        await RunAsync(house);
        Assert.Equal(["inbound-acme", "key-2"], await KeptAsync());
    }

    [Fact]
    public async Task A_signer_that_is_away_is_told_and_the_rest_is_done()
    {
        await using var house = await House.BuildAsync();
        await house.WithdrawAsync(Ann);
        await house.CloseAsync();
        await house.ReopenAsync(House.In(house.Folder) with { Signer = static _ => new SignerClient(static () => (Stream.Null, Stream.Null)) });
        var outcome = await RunAsync(house);
        Assert.Equal("signer", Assert.Single(outcome.Faults).Code);
        Assert.Single(outcome.Snapshots);
    }

    private static Task<UpkeepOutcome> RunAsync(House house) => new Upkeep(house.Installation).RunAsync(LedgerActors.Program, Cancel);
}
