using System.Runtime.CompilerServices;
using Ringfence.Server.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

public abstract partial class LedgerStoreContract
{
    [Fact]
    public async Task Whoever_reads_after_a_commit_sees_it()
    {
        for (var i = 0; i < 50; i++)
        {
            var head = await Store.AppendAsync();
            Sample.Same([head], [await Store.HeadAsync(1, Cancel)]);
            Assert.Single((await Store.LoadAsync(1, new RowsWanted { Records = { head.Size - 1 } }, Cancel)).Records);
        }
    }

    [Fact]
    public async Task Who_comes_second_waits_for_the_head_and_then_sees_what_the_first_did()
    {
        var first = await Store.BeginAsync(1, Cancel);
        var second = Task.Run(() => Store.BeginAsync(1, Cancel), Cancel);
        await Task.Delay(200, Cancel);
        Assert.False(second.IsCompleted);
        var writes = Sample.Writes(first.Head, 3);
        await first.CommitAsync(writes, Cancel);
        await first.DisposeAsync();
        await using var then = await second;
        Assert.Equal(3, then.Head.Size);
        Assert.Equal(3, (await then.LoadAsync(new RowsWanted { Records = { 0, 1, 2 } }, Cancel)).Records.Count);
    }

    [Fact]
    public async Task Many_writers_make_one_order_without_gaps()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 12; i++)
                await Store.AppendAsync(1 + ((writer + i) % 3));
        }, Cancel)));
        var size = (await Store.HeadAsync(1, Cancel)).Size;
        Assert.Equal(8 * 12 * 2, size);
        Assert.Equal(Enumerable.Range(0, (int)size).Select(seq => (long)seq), (await Store.RecordsAsync(1, 0, long.MaxValue, Cancel).ListAsync()).Select(row => row.Seq));
    }

    [Fact]
    public async Task A_transaction_reads_what_stands_when_it_has_the_head()
    {
        await Store.AppendAsync(1, writes => writes.Suppressions.Add(Sample.Suppression(1)));
        await using var transaction = await Store.BeginAsync(1, Cancel);
        Assert.Single((await transaction.LoadAsync(new RowsWanted { Suppressions = { Sample.Tag(1) } }, Cancel)).Suppressions);
        Assert.Empty((await transaction.LoadAsync(new RowsWanted { Suppressions = { Sample.Tag(2) } }, Cancel)).Suppressions);
        await transaction.CommitAsync(Sample.Writes(transaction.Head), Cancel);
    }

    [Fact]
    public async Task A_reader_in_the_middle_of_a_stream_sees_one_moment()
    {
        await Store.AppendAsync(1, writes => writes.Suppressions.AddRange(Enumerable.Range(0, 100).Select(i => Sample.Suppression(i))));
        var seen = 0;
        await foreach (var row in Store.SuppressionsAsync(1, Cancel))
        {
            if (seen++ == 0)
                await Store.AppendAsync(1, writes => writes.Suppressions.AddRange(Enumerable.Range(100, 100).Select(i => Sample.Suppression(i))));
            Assert.InRange(row.Since, 77, 77);
        }

        Assert.Equal(100, seen);
        Assert.Equal(200, (await Store.SuppressionsAsync(1, Cancel).ListAsync()).Count);
    }

    [Fact]
    public async Task A_stream_that_is_not_read_to_its_end_holds_nothing_back()
    {
        await Store.AppendAsync(1000);
        for (var i = 0; i < 30; i++)
        {
            await foreach (var record in Store.RecordsAsync(1, 0, 1000, Cancel))
            {
                if (record.Seq == 3)
                    break;
            }
        }

        await Store.AppendAsync();
        await Store.ScrubFreedAsync(Cancel);
    }

    [Fact]
    public async Task Whoever_does_not_want_it_any_more_gets_nothing_written()
    {
        using var stopped = new CancellationTokenSource();
        await using (var transaction = await Store.BeginAsync(1, Cancel))
        {
            // Waiting for the head can be given up.
            using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.BeginAsync(1, soon.Token));
            await stopped.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => transaction.CommitAsync(Sample.Writes(transaction.Head), stopped.Token));
        }

        Assert.Equal(0, (await Store.HeadAsync(1, Cancel)).Size);
        await Store.AppendAsync(100);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            using var middle = new CancellationTokenSource();
            await foreach (var record in Store.RecordsAsync(1, 0, 100, middle.Token))
            {
                if (record.Seq == 10)
                    await middle.CancelAsync();
            }
        });
        await Store.AppendAsync();
    }

    [Fact]
    public async Task Projections_are_replaced_as_a_whole_and_nothing_else_is()
    {
        await Store.AppendAsync(3, Projected);
        await Store.ReplaceProjectionsAsync(1, NewAsync(fail: false, Cancel), Cancel);
        Sample.Same([Sample.Subject(5)], await Store.SubjectsAsync(1, null, 10, Cancel));
        Sample.Same([Sample.Consent(5)], await Store.ConsentStatesAsync(1, Cancel).ListAsync());
        Sample.Same([Sample.Tile(0, 5)], await Store.TilesAsync(1, Cancel).ListAsync());
        Assert.Equal([2L], (await Store.LoadAsync(1, new RowsWanted { Subjects = { Sample.Sid(5) } }, Cancel)).Records.Keys);
        Assert.Equal(3, (await Store.HeadAsync(1, Cancel)).Size);
        Assert.Single(await Store.LookupsAsync(1, Cancel).ListAsync());
        Assert.Single(await Store.SuppressionsAsync(1, Cancel).ListAsync());
    }

    [Fact]
    public async Task Projections_that_can_not_be_replaced_to_the_end_stay_as_they_were()
    {
        await Store.AppendAsync(3, Projected);
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => Store.ReplaceProjectionsAsync(1, NewAsync(fail: true, Cancel), Cancel));
        Sample.Same([Sample.Subject(1)], await Store.SubjectsAsync(1, null, 10, Cancel));
        Sample.Same([Sample.Tile(0, 0)], await Store.TilesAsync(1, Cancel).ListAsync());
        Assert.Equal([1L], (await Store.LoadAsync(1, new RowsWanted { Subjects = { Sample.Sid(1) } }, Cancel)).Records.Keys);
        await Store.AppendAsync();
        // The door through which tiles go is shut again.
        Assert.True(await IsRefusedAsync("delete from ledger_tile"));
    }

    private static void Projected(LedgerWrites writes)
    {
        writes.Subjects.Add(Sample.Subject(1));
        writes.SubjectRecords.Add(new SubjectRecordRow(Sample.Sid(1), 1));
        writes.Consents.Add(Sample.Consent(1));
        writes.Tiles.Add(Sample.Tile(0, 0));
        writes.Lookups.Add(new LookupRow(Sample.Tag(1), Sample.Sid(1), Sample.Point(1)));
        writes.Suppressions.Add(Sample.Suppression(1));
    }

    private static async IAsyncEnumerable<ProjectionRows> NewAsync(bool fail, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        yield return new ProjectionRows { Subjects = { Sample.Subject(5) }, Tiles = { Sample.Tile(0, 5) } };
        await Task.Yield();
        cancel.ThrowIfCancellationRequested();
        if (fail)
            throw new TimeZoneNotFoundException("a fault of whoever folds");
        yield return new ProjectionRows { SubjectRecords = { new SubjectRecordRow(Sample.Sid(5), 2) }, Consents = { Sample.Consent(5) } };
    }
}
