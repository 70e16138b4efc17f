using Ringfence.Ledger;
using Ringfence.Rights;
using Ringfence.Server.Ledger;
using Ringfence.Server.Rights;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Server.Tests.Rights;
using Ringfence.Server.Tests.Verify;
using Xunit;

namespace Ringfence.Server.Tests.Ledger;

/// <summary>A ledger of which signed records were lost is closed and goes on under the next name: whoever checks it takes it for that where a record says so, and for nothing else.</summary>
public sealed class EpochTests : IDisposable
{
    private readonly Verifying verifying = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_whole_for_everybody_who_checks_it_and_so_is_the_closed_one()
    {
        await using var house = await RolledBackAsync();
        var next = await GoesOnAsync(house, house.Ledger);
        Assert.Equal("ledger.example/acme/e2", next.Origin);
        Assert.Equal([], await FaultsAsync(house, next));
        var closed = await new Fsck(house.Installation, house.Ledger, full: true).RunAsync(Cancel);
        Assert.Equal(["epoch-closed"], closed.All.Select(static finding => finding.Code).Except(["no-outside-anchor"]));

        var (exit, output, line) = await LogAsync(house, next);
        Assert.True(exit == 3, output);
        Assert.Equal(2, line.GetProperty("checked").GetProperty("epoch").GetInt32());
        (exit, output, line) = await BundleAsync(house, next, [0, 5]);
        Assert.True(exit == 3, output);
        Assert.Equal(3, line.GetProperty("checked").GetProperty("record").GetInt32());

        // And once more.
        var second = await GoesOnAsync(house, next);
        Assert.Equal("ledger.example/acme/e3", second.Origin);
        Assert.Equal([], await FaultsAsync(house, second));
        Assert.Equal([], await FaultsAsync(house, next));
        (exit, output, _) = await LogAsync(house, second);
        Assert.True(exit == 3, output);
    }

    [Fact]
    public async Task What_was_permitted_before_counts_on()
    {
        await using var house = await RolledBackAsync();
        var row = new PermitRow(
            Fresh.Id().ToArray(), house.Tags("+442079460018").Lookup, new byte[32], 1, null, (short)Channel.Voice, "offers", "mary", null, null, 1, 10, 20, 15, 2, null, null, null);
        await using (var transaction = await house.Installation.Store.BeginAsync(house.Ledger.Ledger, Cancel))
        {
            var writes = new LedgerWrites { Head = transaction.Head };
            writes.Permits.Add(row);
            await transaction.CommitAsync(writes, Cancel);
        }

        var next = await GoesOnAsync(house, house.Ledger);
        var kept = await house.Installation.Store.PermitsAsync(next.Ledger, Cancel).ToListAsync(Cancel);
        Assert.Equal((row.Redeemed, row.Agent, row.Purpose), Assert.Single(kept) is var one ? (one.Redeemed, one.Agent, one.Purpose) : default);
    }

    [Fact]
    public async Task One_that_says_it_goes_on_from_another_is_refused()
    {
        await using var house = await RolledBackAsync();
        var next = await GoesOnAsync(house, house.Ledger with { Origin = "ledger.example/other/e1" });
        Assert.Contains("recovered-differs", await FaultsAsync(house, next));
        Assert.Contains("rolled-back", await FaultsAsync(house, house.Ledger));
        var (exit, _, line) = await LogAsync(house, next);
        Assert.Equal(1, exit);
        Assert.Equal(["epoch/other-ledger"], Verifying.Failed(line));
        Assert.Equal(["epoch/other-ledger"], Verifying.Failed((await BundleAsync(house, next, [0])).Line));
    }

    [Fact]
    public async Task The_records_of_one_under_the_name_of_another_without_a_word_are_refused()
    {
        await using var house = await RolledBackAsync();
        var store = house.Installation.Store;
        var next = house.Ledger with { Ledger = 2, Epoch = 2, Origin = "ledger.example/acme/e2" };
        await store.CreateLedgerAsync(next, Cancel);
        await Notary.BeginAsync(house.Installation.Signer, next.Origin, Cancel);
        var rows = await store.RecordsAsync(1, 0, long.MaxValue, Cancel).ToListAsync(Cancel);
        await using (var transaction = await store.BeginAsync(2, Cancel))
        {
            var writes = new LedgerWrites { Head = await store.HeadAsync(1, Cancel) };
            writes.Records.AddRange(rows);
            await transaction.CommitAsync(writes, Cancel);
        }

        await foreach (var document in store.DocumentsAsync(1, Cancel))
        {
            await using var transaction = await store.BeginAsync(2, Cancel);
            var writes = new LedgerWrites { Head = transaction.Head };
            writes.Documents.Add(document);
            await transaction.CommitAsync(writes, Cancel);
        }

        await house.Installation.NotaryOf(next).CheckpointAsync(anchor: false, Cancel);
        Assert.Contains("genesis-differs", await FaultsAsync(house, next));
        var (exit, _, line) = await LogAsync(house, next);
        Assert.Equal(1, exit);
        Assert.Equal(["epoch/other-name"], Verifying.Failed(line));
    }

    [Fact]
    public async Task What_is_left_beside_a_closed_one_is_told()
    {
        await using var house = await RolledBackAsync();
        var next = await GoesOnAsync(house, house.Ledger);
        // Who has to be told something still has to be, and can be.
        var told = Assert.Single(await Ringfence.Server.Rights.ResultTasks.AllAsync(house.Installation.Store, next, Cancel).ToListAsync(Cancel));
        Assert.Equal("+821020001234", house.Installation.Results.Open(next, told)!.Value);
        using var raw = new RawStore(house.Folder);
        foreach (var table in new[] { "sealed", "scan", "suppression", "subject_lookup", "subject_record", "consent_state", "subject", "result_task" })
        {
            raw.Keep(table);
            Assert.True(raw.Run($"update {table} set ledger = 1") > 0, table);
            Assert.Contains("closed-not-bare", await FaultsAsync(house, house.Ledger));
            raw.PutBack(table);
        }

        // Of a request the bare row stays.
        raw.Keep("rights_request");
        foreach (var left in new[] { "tag = zeroblob(32)", "nonce = zeroblob(12)", "words = zeroblob(16)" })
        {
            Assert.Equal(1, raw.Run($"update rights_request set {left} where ledger = 1"));
            Assert.Contains("closed-not-bare", await FaultsAsync(house, house.Ledger));
            raw.PutBack("rights_request");
        }
    }

    public void Dispose() => verifying.Dispose();

    // Five records more were signed than the copy holds that was put in its place.
    private static async Task<House> RolledBackAsync()
    {
        var house = await House.BuildAsync();
        var said = await house.SaysAsync("+442079460018");
        await house.SaysAsync("+442079460019", scan: "%PDF-1.7 signed");
        await house.WithdrawAsync("+442079460019");
        await house.WithdrawAsync("+821020001234");
        await house.AsksAsync("+442079460019", RightsKind.Access, "What do you know?");
        await house.FillAsync(300);
        _ = OpaqueId.TryParse(said.Sid, out var sid);
        await new Erasure(house.Installation, house.Ledger, House.Staff).RunAsync(sid, "request", Cancel);
        await SuppressionSnapshot.TakeAsync(house.Installation, house.Ledger, House.Staff, Cancel);
        await house.Installation.NotaryOf(house.Ledger).CheckpointAsync(anchor: true, Cancel);
        await house.CloseAsync();
        house.CopyData("copy");
        await house.ReopenAsync();
        await house.FillAsync(5);
        await house.Installation.NotaryOf(house.Ledger).CheckpointAsync(anchor: true, Cancel);
        await house.CloseAsync();
        house.PutBack("copy");
        await house.ReopenAsync();
        return house;
    }

    private static async Task<LedgerRow> GoesOnAsync(House house, LedgerRow from)
    {
        var standing = await house.Installation.NotaryOf((await house.Installation.LedgersAsync(Cancel)).Single(row => row.Ledger == from.Ledger)).ExamineAsync(Cancel);
        var next = await NewEpoch.BeginAsync(house.Installation, from, await house.Installation.Store.HeadAsync(from.Ledger, Cancel), from.Origin, standing.Known, House.Staff, Cancel);
        await house.Installation.NotaryOf(next).CheckpointAsync(anchor: true, Cancel);
        return next;
    }

    private static async Task<IReadOnlyList<string>> FaultsAsync(House house, LedgerRow ledger) =>
        [.. (await new Fsck(house.Installation, ledger, full: true).RunAsync(Cancel)).All.Where(static finding => finding.Weight != FsckWeight.Warning).Select(static finding => finding.Code).Distinct()];

    private async Task<(int Exit, string Output, System.Text.Json.JsonElement Line)> LogAsync(House house, LedgerRow ledger)
    {
        var folder = verifying.Path("log" + ledger.Epoch);
        await new PublishedFolder(house.Installation.Store, ledger, house.Installation.FilesOf(ledger), house.Installation.NotaryOf(ledger).Tiles, folder).PublishAsync(Cancel);
        return Verifying.Run("log", folder, "--policy", await PolicyAsync(house, ledger), "--full");
    }

    private async Task<(int Exit, string Output, System.Text.Json.JsonElement Line)> BundleAsync(House house, LedgerRow ledger, IEnumerable<long> seqs)
    {
        var bundle = await EvidenceBundle.GatherAsync(house.Installation, ledger, seqs, new HashSet<CommitGroup>(), Cancel);
        return Verifying.Run("bundle", verifying.Write("bundle" + ledger.Epoch, bundle.ToBytes()), "--policy", await PolicyAsync(house, ledger));
    }

    private async Task<string> PolicyAsync(House house, LedgerRow ledger) =>
        verifying.Write("policy" + ledger.Epoch, string.Concat((await house.Installation.NotaryOf(ledger).KeysAsync(Cancel)).Select(static key => $"log {key}\n")) + "quorum none\n");
}
