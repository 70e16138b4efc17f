using Ringfence.Server.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

public abstract partial class LedgerStoreContract
{
    [Fact]
    public async Task A_number_leads_to_the_records_of_its_person()
    {
        await PeopleAsync();
        var found = await Store.LoadAsync(1, new RowsWanted { Points = { Sample.Tag(7), Sample.Tag(999) } }, Cancel);
        Sample.Same([new LookupRow(Sample.Tag(7), Sample.Sid(7), Sample.Point(7))], found.Lookups);
        Sample.Same([Sample.Subject(7)], found.Subjects);
        Sample.Same([Sample.Record(7)], found.Records.Values);
        Sample.Same([new SubjectRecordRow(Sample.Sid(7), 7)], found.SubjectRecords);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Whoever_is_asked_for_of_merged_persons_all_of_them_answer(int asked)
    {
        // 4 was merged into 3, 3 and 2 into 1.
        await PeopleAsync();
        var found = await Store.LoadAsync(1, new RowsWanted { Subjects = { Sample.Sid(asked) } }, Cancel);
        Assert.Equal([1L, 2L, 3L, 4L], found.Records.Keys);
        Assert.Equal(4, found.Subjects.Count);
        Assert.Empty(found.Lookups);
        found = await Store.LoadAsync(1, new RowsWanted { Points = { Sample.Tag(asked) } }, Cancel);
        Assert.Equal([1L, 2L, 3L, 4L], found.Records.Keys);
    }

    [Fact]
    public async Task Idle_records_are_left_unread_where_nobody_wants_them_of_whoever_is_asked_for()
    {
        // 2 was merged into 1. One record is about both, and idle for neither.
        SubjectRecordRow[] all = [new(Sample.Sid(1), 0), new(Sample.Sid(1), 1, Idle: true), new(Sample.Sid(1), 3), new(Sample.Sid(2), 2, Idle: true), new(Sample.Sid(2), 3)];
        await Store.AppendAsync(4, writes =>
        {
            writes.Subjects.AddRange([Sample.Subject(1), Sample.Subject(2, mergedInto: 1)]);
            writes.SubjectRecords.AddRange(all);
        });
        Sample.Same(all, await Store.SubjectRecordsAsync(1, Cancel).ListAsync());
        foreach (var withIdle in new[] { true, false })
        {
            var found = await Store.LoadAsync(1, new RowsWanted { Subjects = { Sample.Sid(2) }, Records = { 2 }, WithIdle = withIdle }, Cancel);
            Assert.Equal(withIdle ? [0L, 1L, 2L, 3L] : [0L, 2L, 3L], found.Records.Keys);
            Sample.Same(all.Where(row => withIdle || !row.Idle), found.SubjectRecords.OrderBy(static row => row, ByPerson));
            await using var transaction = await Store.BeginAsync(1, Cancel);
            Assert.Equal(found.SubjectRecords.Count, (await transaction.LoadAsync(new RowsWanted { Subjects = { Sample.Sid(1) }, WithIdle = withIdle }, Cancel)).SubjectRecords.Count);
        }

        // How far it goes is told of each name by itself; who has idle records alone, or none, is not among them.
        await using var turn = await Store.BeginAsync(1, Cancel);
        var standings = await turn.LoadAsync(new RowsWanted { Standings = { Sample.Sid(1), Sample.Sid(2), Sample.Sid(3) } }, Cancel);
        Assert.Equal([(1, 2L, 3L), (2, 1L, 3L)], standings.Standings.Select(static row => (Array.FindIndex([Sample.Sid(0), Sample.Sid(1), Sample.Sid(2)], sid => sid.AsSpan().SequenceEqual(row.Sid)), row.Count, row.Newest)).Order());
        var third = (await turn.LoadAsync(new RowsWanted { Records = { 3 } }, Cancel)).Records[3];
        Assert.All(standings.Standings, row => Assert.Equal(third.Leaf, row.Leaf));
        Assert.True(standings is { Records.Count: 0, SubjectRecords.Count: 0, Subjects.Count: 0 });
    }

    [Fact]
    public async Task A_way_is_told_without_whoever_it_leads_to()
    {
        await PeopleAsync();
        var found = await Store.LoadAsync(1, new RowsWanted { Ways = { Sample.Tag(1), Sample.Tag(77) } }, Cancel);
        Assert.Equal(Sample.Sid(1), Assert.Single(found.Lookups).Sid);
        Assert.True(found is { Records.Count: 0, SubjectRecords.Count: 0, Subjects.Count: 0 });
        // Asked for both ways it stands there once, with the records.
        found = await Store.LoadAsync(1, new RowsWanted { Ways = { Sample.Tag(1) }, Points = { Sample.Tag(1) } }, Cancel);
        Assert.Single(found.Lookups);
        Assert.Equal([1L, 2L, 3L, 4L], found.Records.Keys);
    }

    [Fact]
    public async Task Persons_merged_in_a_ring_are_found_all_the_same()
    {
        await Store.AppendAsync(2, writes =>
        {
            writes.Subjects.AddRange([Sample.Subject(1, mergedInto: 2), Sample.Subject(2, mergedInto: 1)]);
            writes.SubjectRecords.AddRange([new SubjectRecordRow(Sample.Sid(1), 0), new SubjectRecordRow(Sample.Sid(2), 1)]);
        });
        Assert.Equal([0L, 1L], (await Store.LoadAsync(1, new RowsWanted { Subjects = { Sample.Sid(1) } }, Cancel)).Records.Keys);
    }

    [Fact]
    public async Task A_person_without_a_row_of_their_own_still_has_records()
    {
        await Store.AppendAsync(2, writes =>
        {
            writes.SubjectRecords.Add(new SubjectRecordRow(Sample.Sid(1), 1));
            writes.Subjects.Add(Sample.Subject(2, mergedInto: 3));
            writes.SubjectRecords.Add(new SubjectRecordRow(Sample.Sid(3), 0));
        });
        Assert.Equal([1L], (await Store.LoadAsync(1, new RowsWanted { Subjects = { Sample.Sid(1) } }, Cancel)).Records.Keys);
        Assert.Equal([0L], (await Store.LoadAsync(1, new RowsWanted { Subjects = { Sample.Sid(2) } }, Cancel)).Records.Keys);
    }

    [Fact]
    public async Task Records_are_left_out_and_numbers_added_where_asked()
    {
        await PeopleAsync();
        var found = await Store.LoadAsync(1, new RowsWanted { Points = { Sample.Tag(2) }, WithRecords = false }, Cancel);
        Assert.Single(found.Lookups);
        Assert.Equal(4, found.Subjects.Count);
        Assert.Empty(found.Records);
        Assert.Empty(found.SubjectRecords);
        found = await Store.LoadAsync(1, new RowsWanted { Points = { Sample.Tag(2) }, WithRecords = false, WithPoints = true }, Cancel);
        Assert.Equal(4, found.Lookups.Count);
    }

    [Fact]
    public async Task One_record_about_two_persons_is_found_once()
    {
        await Store.AppendAsync(1, writes => writes.SubjectRecords.AddRange([new SubjectRecordRow(Sample.Sid(1), 0), new SubjectRecordRow(Sample.Sid(2), 0)]));
        var found = await Store.LoadAsync(1, new RowsWanted { Subjects = { Sample.Sid(1), Sample.Sid(2) }, Records = { 0 } }, Cancel);
        Assert.Equal(2, found.SubjectRecords.Count);
        Sample.Same([Sample.Record(0)], found.Records.Values);
    }

    [Fact]
    public async Task Persons_that_an_import_brought_are_found_by_it()
    {
        await Store.AppendAsync(3, writes =>
        {
            writes.Subjects.AddRange([Sample.Subject(0, batch: 1), Sample.Subject(1, batch: 2), Sample.Subject(2, batch: 1)]);
            writes.SubjectRecords.AddRange([new SubjectRecordRow(Sample.Sid(0), 0), new SubjectRecordRow(Sample.Sid(1), 1), new SubjectRecordRow(Sample.Sid(2), 2)]);
        });
        var found = await Store.LoadAsync(1, new RowsWanted { SubjectsOfBatches = { Sample.Bytes(16, 1) } }, Cancel);
        Assert.Equal([0L, 2L], found.Records.Keys);
        Assert.Equal(2, found.Subjects.Count);
    }

    [Fact]
    public async Task Suppressions_are_found_by_every_tag_of_a_number_and_by_their_record()
    {
        await Store.AppendAsync(3, writes => writes.Suppressions.AddRange(
            [Sample.Suppression(1, seq: 0), Sample.Suppression(2, seq: 1), Sample.Suppression(3, seq: 2), Sample.Suppression(4, seq: 2) with { Tag = Sample.Tag(1) }]));
        var found = await Store.LoadAsync(1, new RowsWanted { Suppressions = { Sample.Tag(1), Sample.Tag(2), Sample.Tag(99) }, SuppressionsBySeq = { 1, 2 } }, Cancel);
        Assert.Equal(4, found.Suppressions.Count);
        Assert.Equal(2, (await Store.LoadAsync(1, new RowsWanted { Suppressions = { Sample.Tag(1) } }, Cancel)).Suppressions.Count);
    }

    [Fact]
    public async Task Records_and_sealed_rows_are_found_by_place_and_what_is_not_there_is_not_found()
    {
        await Store.AppendAsync(3, writes => writes.Sealed.AddRange([new SealedRow(1, 0, new byte[12], [1]), new SealedRow(1, 2, new byte[12], [2]), new SealedRow(2, 0, new byte[12], [3])]));
        var found = await Store.LoadAsync(1, new RowsWanted { Records = { 0, 2, 7 }, Sealed = { 1, 7 }, Documents = { Sample.Tag(1) }, Batches = { Sample.Sid(1) }, Idempotency = { ("a", "b") } }, Cancel);
        Assert.Equal([0L, 2L], found.Records.Keys);
        Assert.Equal([(short)0, (short)2], found.Sealed.Select(row => row.Group));
        Assert.Empty(found.Documents);
        Assert.Empty(found.Batches);
        Assert.Empty(found.Idempotency);
    }

    [Fact]
    public async Task Ranges_take_the_first_and_leave_out_the_last()
    {
        await Store.AppendAsync(10, writes =>
        {
            for (var seq = 0; seq < 10; seq++)
                writes.Sealed.Add(new SealedRow(seq, 0, new byte[12], [1]));
        });
        Assert.Equal([3L, 4L], (await Store.RecordsAsync(1, 3, 5, Cancel).ListAsync()).Select(row => row.Seq));
        Assert.Equal([3L, 4L], (await Store.SealedAsync(1, 3, 5, Cancel).ListAsync()).Select(row => row.Seq));
        Assert.Equal([8L, 9L], (await Store.RecordsAsync(1, 8, 100, Cancel).ListAsync()).Select(row => row.Seq));
        Assert.Empty(await Store.RecordsAsync(1, 5, 5, Cancel).ListAsync());
        byte[] last = [.. Sample.Record(8).Leaf, .. Sample.Record(9).Leaf];
        Assert.Equal(last, await Store.LeavesAsync(1, 8, 100, Cancel));
        Assert.Empty(await Store.LeavesAsync(1, 10, 20, Cancel));
        Assert.Empty(await Store.LeavesAsync(1, 5, 3, Cancel));
    }

    [Fact]
    public async Task A_record_that_is_missing_is_damage_and_not_a_gap()
    {
        await Store.AppendAsync(4, writes => writes.SubjectRecords.Add(new SubjectRecordRow(Sample.Sid(1), 2)));
        await Home.TamperAsync("delete from ledger_record where seq = 2");
        Assert.Equal(StoreFault.Damaged, await Sample.FaultAsync(() => Store.LeavesAsync(1, 0, 4, Cancel)));
        Assert.Equal(StoreFault.Damaged, await Sample.FaultAsync(() => Store.LoadAsync(1, new RowsWanted { Subjects = { Sample.Sid(1) } }, Cancel)));
        Assert.Equal(3, (await Store.RecordsAsync(1, 0, 4, Cancel).ListAsync()).Count);
    }

    [Fact]
    public async Task Checkpoints_are_kept_once_per_size_and_found_by_it()
    {
        await Store.AppendAsync(10);
        foreach (var size in (long[])[8, 3, 10])
            await Store.AddCheckpointAsync(1, new CheckpointRow(size, Sample.Tag(size), Sample.EveryByte), Cancel);
        // The same again, with a line more of a witness: what was kept first stays.
        await Store.AddCheckpointAsync(1, new CheckpointRow(8, Sample.Tag(8), [1]), Cancel);
        Assert.Equal(StoreFault.Taken, await Sample.FaultAsync(() => Store.AddCheckpointAsync(1, new CheckpointRow(8, Sample.Tag(9), [1]), Cancel)));
        Assert.Equal([3L, 8L, 10L], (await Store.CheckpointsAsync(1, 0, Cancel).ListAsync()).Select(row => row.Size));
        Assert.Equal([8L, 10L], (await Store.CheckpointsAsync(1, 8, Cancel).ListAsync()).Select(row => row.Size));
        Sample.Same<CheckpointRow?>([new CheckpointRow(8, Sample.Tag(8), Sample.EveryByte)], [await Store.CheckpointAsync(1, 9, Cancel)]);
        Assert.Equal(8, (await Store.CheckpointAsync(1, 8, Cancel))?.Size);
        Assert.Null(await Store.CheckpointAsync(1, 2, Cancel));
    }

    [Fact]
    public async Task A_list_of_persons_goes_on_where_the_last_page_ended()
    {
        await Store.AppendAsync(1, writes => writes.Subjects.AddRange(Enumerable.Range(0, 25).Select(person => Sample.Subject(person))));
        var all = new List<SubjectRow>();
        byte[]? after = null;
        while (await Store.SubjectsAsync(1, after, 10, Cancel) is { Count: > 0 } page)
        {
            all.AddRange(page);
            after = page[^1].Sid;
        }

        Sample.Same(Enumerable.Range(0, 25).Select(person => Sample.Subject(person)).OrderBy(row => row.Sid, ByteArrays.Equal), all);
    }

    [Fact]
    public async Task Two_ledgers_do_not_mix()
    {
        await Store.CreateLedgerAsync(Sample.Ledger(2), Cancel);
        static void Fill(LedgerWrites writes, byte mark)
        {
            writes.Lookups.Add(new LookupRow(Sample.Tag(1), Sample.Sid(1), Sample.Bytes(16, mark)));
            writes.Subjects.Add(Sample.Subject(1) with { LastAt = mark });
            writes.SubjectRecords.Add(new SubjectRecordRow(Sample.Sid(1), 0));
            writes.Consents.Add(Sample.Consent(1) with { At = mark });
            writes.Suppressions.Add(Sample.Suppression(1) with { Since = mark });
            writes.Sealed.Add(new SealedRow(0, 0, new byte[12], [mark]));
            writes.Documents.Add(new DocumentRow(Sample.Tag(1), "m", [mark]));
            writes.Idempotency.Add(Sample.Answer("a", "k") with { Response = [mark] });
            writes.Batches.Add(new BatchRow(Sample.Sid(1), mark, 0, []));
            writes.Tiles.Add(Sample.Tile(0, 0));
        }

        await Store.AppendAsync(1, writes => Fill(writes, 1));
        await Store.AppendAsync(2, writes => Fill(writes, 2), ledger: 2);
        await Store.AppendAsync(0, writes => writes.LookupsGoneOf.Add(Sample.Sid(1)));
        await Store.AppendAsync(0, writes => writes.SealedGone.Add(0));
        await Store.ReplaceProjectionsAsync(1, AsyncEnumerable.Empty<ProjectionRows>(), Cancel);
        var wanted = new RowsWanted
        {
            Points = { Sample.Tag(1) }, Suppressions = { Sample.Tag(1) }, Idempotency = { ("a", "k") }, Documents = { Sample.Tag(1) }, Batches = { Sample.Sid(1) }, Sealed = { 0 }, Records = { 0, 1 },
        };
        var found = await Store.LoadAsync(2, wanted, Cancel);
        Assert.Equal(Sample.Bytes(16, 2), Assert.Single(found.Lookups).Point);
        Assert.Equal(2, Assert.Single(found.Subjects).LastAt);
        Assert.Equal([2], Assert.Single(found.Sealed).Ciphertext);
        Assert.Equal([2], Assert.Single(found.Documents).Bytes);
        Assert.Equal([2], Assert.Single(found.Idempotency).Response);
        Assert.Equal(2, Assert.Single(found.Suppressions).Since);
        Assert.Equal(2, Assert.Single(found.Batches).Done);
        Assert.Equal(2, found.Records.Count);
        Assert.Equal(2, Assert.Single(await Store.ConsentStatesAsync(2, Cancel).ListAsync()).At);
        Assert.Single(await Store.TilesAsync(2, Cancel).ListAsync());
        Assert.Equal((1, 2), ((await Store.HeadAsync(1, Cancel)).Size, (await Store.HeadAsync(2, Cancel)).Size));
    }

    // Persons 0 to 9, each with a number and a record; 4 was merged into 3, 3 and 2 into 1.
    private Task<HeadRow> PeopleAsync() => Store.AppendAsync(10, writes =>
    {
        for (var person = 0; person < 10; person++)
        {
            writes.Subjects.Add(Sample.Subject(person, mergedInto: person switch { 4 => 3, 3 or 2 => 1, _ => null }));
            writes.SubjectRecords.Add(new SubjectRecordRow(Sample.Sid(person), person));
            writes.Lookups.Add(new LookupRow(Sample.Tag(person), Sample.Sid(person), Sample.Point(person)));
        }
    });
}
