using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rights;
using Ringfence.Server.Ledger;
using Ringfence.Server.Rights;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Rights;

/// <summary>What people asked for outlives a rebuild, a restore and a new epoch; what was forgotten does not come back with any.</summary>
public abstract class RequestsKeptContract
{
    private const string Ann = BackupHouse.Number;
    private const string Stranger = "+442079460799";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected abstract Task<BackupHouse> BuildAsync();

    [Fact]
    public async Task A_rebuild_leaves_them_as_they_are_and_its_digest_is_equal()
    {
        await using var backup = await BuildAsync();
        var house = backup.House;
        await backup.KnownAsync();
        await house.AnsweredAsync(await house.AsksAsync(Ann, RightsKind.Access, "What do you know?"), "This");
        await house.AsksAsync(Stranger, RightsKind.Erasure, "Forget me");
        var rows = await RowsAsync(house.Installation, house.Ledger);
        var (before, after) = await Rebuild.RunAsync(house.Installation.Store, house.Ledger.Ledger, null, Cancel);
        Assert.Equal(before, after);
        Assert.Equal(rows.Select(Text), (await RowsAsync(house.Installation, house.Ledger)).Select(Text));
        Assert.Empty(await house.FaultsAsync());
    }

    [Fact]
    public async Task After_a_restore_they_are_gone_on_with_and_those_forgotten_since_the_backup_stay_forgotten()
    {
        await using var backup = await BuildAsync();
        var house = backup.House;
        await backup.KnownAsync();
        var open = await house.AsksAsync(Ann, RightsKind.Access, "What do you know?");
        var gone = await house.AsksAsync(Stranger, RightsKind.Complaint, "Slartibartfast");
        await backup.BackUpAsync();
        await new Erasure(house.Installation, house.Ledger, House.Staff).ForgetRequestsAsync([gone.Told.Id], Cancel);
        await house.Installation.NotaryOf(house.Ledger).CheckpointAsync(anchor: false, Cancel);
        await house.CloseAsync();
        var outcome = await backup.RestoreAsync(newEpoch: true);
        Assert.NotEmpty(outcome.Ledgers);

        await using var back = await backup.OpenAsync();
        var ledger = await back.LedgerAsync(null, Cancel);
        Assert.Equal(2, ledger.Epoch);
        Assert.Empty(await FaultsAsync(back, ledger));
        var forgotten = (await StoredRequest.FindAsync(back, ledger, gone.Told.Id, Cancel))!;
        Assert.Equal((RightsState.Erased, null, null), (forgotten.Told.State, forgotten.Row.Tag, forgotten.Row.Words));
        var request = (await StoredRequest.FindAsync(back, ledger, open.Told.Id, Cancel))!;
        Assert.Equal((open.Number, open.Row.Due, open.Row.Language), (request.Number, request.Row.Due, request.Row.Language));
        Assert.Equal("What do you know?", (await RequestWords.OpenAsync(back, request.Row, Cancel))!.Text);
        await RequestHandling.IdentifiedAsync(back, ledger, House.Staff, request, "staff", Cancel);
        request = (await StoredRequest.FindAsync(back, ledger, open.Told.Id, Cancel))!;
        await RequestHandling.StepAsync(back, ledger, House.Staff, request, null, RightsState.Answered, new RequestNote("2026-01-01", "answer", "This"), null, Cancel);
        Assert.Equal("answered", (await StoredRequest.FindAsync(back, ledger, open.Told.Id, Cancel))!.Row.State);
        Assert.Empty(await FaultsAsync(back, ledger));
        // The closed log keeps the bare rows: nothing in it opens or leads to anybody.
        var old = (await back.LedgersAsync(Cancel)).Single(row => row.Epoch == 1);
        Assert.All(await RowsAsync(back, old), static row => Assert.True(row is { Tag: null, Words: null, Nonce: null }));
        Assert.Equal(2, (await RowsAsync(back, old)).Count);
    }

    [Fact]
    public async Task One_that_came_after_the_backup_is_lost_with_it_and_nothing_else_is()
    {
        await using var backup = await BuildAsync();
        var house = backup.House;
        await backup.KnownAsync();
        var before = await house.AsksAsync(Ann, RightsKind.Access, "What do you know?");
        await backup.BackUpAsync();
        // What was done on the first since, and the second as a whole.
        await house.StepAsync(before, RightsStep.Identified);
        var after = await house.AsksAsync(Ann, RightsKind.Review, "Who decided?");
        await house.Installation.NotaryOf(house.Ledger).CheckpointAsync(anchor: false, Cancel);
        await house.CloseAsync();
        await backup.RestoreAsync(newEpoch: true);

        await using var back = await backup.OpenAsync();
        var ledger = await back.LedgerAsync(null, Cancel);
        Assert.Null(await StoredRequest.FindAsync(back, ledger, after.Told.Id, Cancel));
        var request = (await StoredRequest.FindAsync(back, ledger, before.Told.Id, Cancel))!;
        Assert.Equal((RightsState.Unidentified, before.Row.Records), (request.Told.State, request.Row.Records));
        Assert.Empty(await FaultsAsync(back, ledger));
    }

    [Fact]
    public async Task A_no_that_was_kept_while_the_store_was_away_is_heard_and_leaves_requests_as_they_are()
    {
        await using var backup = await BuildAsync();
        var house = backup.House;
        await backup.KnownAsync();
        var open = await house.AsksAsync(Ann, RightsKind.Access, "What do you know?");
        Assert.Empty(await house.SuppressionsAsync(Ann));
        await house.CloseAsync();
        var options = await backup.ToAsync("data", "first");
        Installation.Spool(options, new SpooledWithdrawal(Fresh.Id().ToString(), "acme", Ann, (int)ChannelSet.All, null, RequestIntake.Way, "web", open.Row.Received + 1));
        await house.ReopenAsync(options);
        Assert.NotEmpty(await house.SuppressionsAsync(Ann));
        Assert.Equal(Text(open.Row), Text(Assert.Single(await RowsAsync(house.Installation, house.Ledger))));
        await house.AnsweredAsync(open, "This");
        Assert.Empty(await house.FaultsAsync());
    }

    private static async Task<List<RightsRequestRow>> RowsAsync(Installation installation, LedgerRow ledger) => await installation.Store.RightsRequestsAsync(ledger.Ledger, Cancel).ToListAsync(Cancel);

    private static async Task<IReadOnlyList<string>> FaultsAsync(Installation installation, LedgerRow ledger) =>
        [.. (await new Fsck(installation, ledger, full: true).RunAsync(Cancel)).All.Where(static finding => finding.Weight != FsckWeight.Warning).Select(static finding => finding.Code).Distinct()];

    private static string Text(RightsRequestRow row) =>
        $"{Convert.ToHexString(row.Id)} {Convert.ToHexString(row.Tag ?? [])} {row.Kind} {row.State} {row.Language} {row.Received} {row.Due} {row.Closed} {row.Records} {Convert.ToHexString(row.Nonce ?? [])} {Convert.ToHexString(row.Words ?? [])}";
}

/// <summary>In the embedded store.</summary>
public sealed class RequestsKeptTests : RequestsKeptContract
{
    private protected override Task<BackupHouse> BuildAsync() => SqliteBackupHouse.BuildAsync();
}

/// <summary>In PostgreSQL.</summary>
public sealed class PostgresRequestsKeptTests : RequestsKeptContract
{
    private protected override Task<BackupHouse> BuildAsync() => PostgresBackupHouse.BuildAsync();
}
