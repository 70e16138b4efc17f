using System.Data.Common;
using Ringfence.Server.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

public abstract partial class LedgerStoreContract
{
    [Theory]
    [InlineData("update ledger_record set body = body")]
    [InlineData("update ledger_record set seq = seq + 100")]
    [InlineData("delete from ledger_record where seq = 1")]
    [InlineData("update checkpoint set note = note")]
    [InlineData("delete from checkpoint")]
    [InlineData("update document set bytes = bytes")]
    [InlineData("delete from document")]
    [InlineData("update ledger_tile set bytes = bytes")]
    [InlineData("delete from ledger_tile")]
    [InlineData("update ledger set origin = 'x'")]
    [InlineData("delete from ledger")]
    [InlineData("delete from ledger_head")]
    [InlineData("update ledger_head set size = size - 1")]
    [InlineData("delete from suppression")]
    public async Task What_is_kept_for_ever_is_not_changed_by_a_slip(string sql)
    {
        await Store.AppendAsync(3, writes =>
        {
            writes.Documents.Add(new DocumentRow(Sample.Tag(1), "m", [1]));
            writes.Tiles.Add(Sample.Tile(0, 0));
            writes.Suppressions.Add(Sample.Suppression(1));
        });
        await Store.AddCheckpointAsync(1, new CheckpointRow(3, Sample.Tag(1), [1]), Cancel);
        Assert.True(await IsRefusedAsync(sql), sql);
        Assert.Equal(3, (await Store.LeavesAsync(1, 0, 3, Cancel)).Length / 32);
    }

    [Fact]
    public async Task Where_there_is_no_store_none_is_made_without_being_told_to()
    {
        await using var empty = await MakeHomeAsync();
        var fault = await Sample.FaultAsync(() => LedgerStores.OpenAsync(empty.Options with { Migrate = false }, Cancel));
        Assert.True(fault is StoreFault.OutOfReach or StoreFault.Foreign);
        await using var made = await LedgerStores.OpenAsync(empty.Options, Cancel);
        Assert.Empty(await made.LedgersAsync(Cancel));
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_left_alone()
    {
        await Store.AppendAsync(3);
        await Store.DisposeAsync();
        await Home.RunAsync($"insert into schema_version(version, name, digest, applied_at) values (900, 'later', {ZeroByte}, 0)");
        Assert.Equal(StoreFault.Foreign, await Sample.FaultAsync(() => LedgerStores.OpenAsync(Home.Options, Cancel)));
        Assert.Equal(3L, Convert.ToInt64(await Home.AskAsync("select count(*) from ledger_record"), System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_database_made_by_other_steps_is_left_alone()
    {
        await Store.DisposeAsync();
        await Home.RunAsync($"update schema_version set digest = {ZeroByte}");
        Assert.Equal(StoreFault.Foreign, await Sample.FaultAsync(() => LedgerStores.OpenAsync(Home.Options, Cancel)));
        await Home.RunAsync("delete from schema_version");
        Assert.Equal(StoreFault.Damaged, await Sample.FaultAsync(() => LedgerStores.OpenAsync(Home.Options, Cancel)));
    }

    [Fact]
    public async Task A_database_that_holds_anything_else_is_left_alone()
    {
        await using var other = await MakeHomeAsync();
        if (other is SqliteHome file)
            Directory.CreateDirectory(file.Folder);
        await other.RunAsync("create table orders(id integer)");
        Assert.Equal(StoreFault.Foreign, await Sample.FaultAsync(() => LedgerStores.OpenAsync(other.Options, Cancel)));
        Assert.Equal(0L, Convert.ToInt64(await other.AskAsync("select count(*) from orders"), System.Globalization.CultureInfo.InvariantCulture));
        await Assert.ThrowsAnyAsync<DbException>(() => other.AskAsync("select count(*) from ledger"));
    }

    [Theory]
    [InlineData("ledger_record_no_update", "ledger_record")]
    [InlineData("ledger_record_no_delete", "ledger_record")]
    [InlineData("suppression_kept", "suppression")]
    [InlineData("checkpoint_no_delete", "checkpoint")]
    public async Task A_guard_that_was_taken_away_is_found(string trigger, string table)
    {
        await Store.DisposeAsync();
        await Home.RunAsync(Home is SqliteHome ? $"drop trigger {trigger}" : $"drop trigger {trigger} on {table}");
        var fault = await Assert.ThrowsAsync<StoreException>(() => LedgerStores.OpenAsync(Home.Options, Cancel));
        Assert.Equal(StoreFault.Damaged, fault.Fault);
        var found = Assert.Single(fault.Findings, finding => finding.Verdict == FindingVerdict.Refuse);
        Assert.Equal($"trigger-{trigger}", found.Code);
        // The doctor is told the same of a store that does not open.
        Assert.Contains(await LedgerStores.ExamineAsync(Home.Options, Cancel), finding => finding == found);
    }

    [Fact]
    public async Task A_sound_store_has_nothing_refused()
    {
        await Store.AppendAsync(3);
        var findings = await Store.ExamineAsync(Cancel);
        Assert.DoesNotContain(findings, finding => finding.Verdict == FindingVerdict.Refuse);
        Assert.Equal(findings.Count, findings.Select(finding => finding.Code).Distinct().Count());
        Assert.All(findings, finding => Assert.Equal(finding.Verdict == FindingVerdict.Fine, finding.Wanted is null));
        foreach (var code in (string[])["engine", "migration-1", "trigger-ledger_record_no_update", "trigger-ledger_tile_no_delete", "trigger-suppression_kept", "table-ledger_record"])
            Assert.Contains(findings, finding => finding.Code == code);
    }

    [Fact]
    public async Task What_was_erased_can_be_scrubbed_and_the_store_goes_on()
    {
        await Store.AppendAsync(1, writes => writes.Sealed.Add(new SealedRow(0, 0, new byte[12], new byte[4000])));
        await Store.AppendAsync(0, writes => writes.SealedGone.Add(0));
        await Store.ScrubFreedAsync(Cancel);
        await Store.AppendAsync(2);
        Assert.Equal(3, (await Store.HeadAsync(1, Cancel)).Size);
    }

    private string ZeroByte => Home is SqliteHome ? "x'00'" : "'\\x00'";

    private async Task<bool> IsRefusedAsync(string sql)
    {
        try
        {
            await Home.RunAsync(sql);
            return false;
        }
        catch (DbException e)
        {
            Assert.Matches("append-only|is kept|does not shrink", e.Message);
            return true;
        }
    }
}
