using System.Text;
using Ringfence.Server.Rights;
using Ringfence.Server.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

public abstract partial class LedgerStoreContract
{
    [Fact]
    public async Task Everything_written_is_read_back_as_it_was()
    {
        var wordings = new DocumentRow[] { new(Sample.Tag(1), "text/plain", Encoding.UTF8.GetBytes("我们可以致电给您吗？")), new(Sample.Tag(2), "application/octet-stream", Sample.EveryByte), new(Sample.Tag(3), "", []) };
        var suppressions = new[] { Sample.Suppression(1), Sample.Suppression(2, seq: null, lifted: 1) with { Purposes = null, Snapshot = 0 } };
        var subjects = new[] { Sample.Subject(1, mergedInto: 2), Sample.Subject(2, batch: 9), Sample.Subject(3) with { Residence = null, Source = null, Status = 3 } };
        var consents = new[] { Sample.Consent(1), Sample.Consent(1, "") with { Channel = -1, Until = long.MaxValue, Point = new byte[16] }, Sample.Consent(2, "优惠") };
        var lookups = new[] { new LookupRow(Sample.Tag(1), Sample.Sid(1), Sample.Point(1)), new LookupRow(Sample.Tag(2), Sample.Sid(2), Sample.Point(2)) };
        var seals = new[] { new SealedRow(0, 0, Sample.Bytes(12, 1), Sample.EveryByte), new SealedRow(0, 3, Sample.Bytes(12, 2), []), new SealedRow(1, 1, Sample.Bytes(12, 3), [7]) };
        var scans = new[] { new ScanRow(0, Sample.Bytes(12, 6), Sample.EveryByte), new ScanRow(1, Sample.Bytes(12, 7), new byte[3_000_000]) };
        var answer = new IdempotencyRow("клиент", "key with blanks ' \" ; --", Sample.Tag(5), Encoding.UTF8.GetBytes("{\"ok\":\"好\"}"), 99);
        var batch = new BatchRow(Sample.Bytes(16, 4), 12_000_000_000, 1, "{}"u8.ToArray());
        var tile = Sample.Tile(2, 3_000_000_000);
        var links = new[] { new SubjectRecordRow(Sample.Sid(1), 0), new SubjectRecordRow(Sample.Sid(2), 0), new SubjectRecordRow(Sample.Sid(2), 1) };
        var head = await Store.AppendAsync(2, writes =>
        {
            writes.Documents.AddRange(wordings);
            writes.Suppressions.AddRange(suppressions);
            writes.Subjects.AddRange(subjects);
            writes.Consents.AddRange(consents);
            writes.Lookups.AddRange(lookups);
            writes.Sealed.AddRange(seals);
            writes.Scans.AddRange(scans);
            writes.Idempotency.Add(answer);
            writes.Batches.Add(batch);
            writes.Tiles.Add(tile);
            writes.SubjectRecords.AddRange(links);
        });

        Sample.Same([head], [await Store.HeadAsync(1, Cancel)]);
        Sample.Same([Sample.Record(0), Sample.Record(1)], await Store.RecordsAsync(1, 0, 2, Cancel).ListAsync());
        Sample.Same([.. wordings.OrderBy(row => row.Digest, ByteArrays.Equal)], await Store.DocumentsAsync(1, Cancel).ListAsync());
        Sample.Same([.. suppressions.OrderBy(row => row.Tag, ByteArrays.Equal)], await Store.SuppressionsAsync(1, Cancel).ListAsync());
        Sample.Same([.. subjects.OrderBy(row => row.Sid, ByteArrays.Equal)], await Store.SubjectsAsync(1, null, 10, Cancel));
        Sample.Same(
            [.. consents.OrderBy(row => row.Sid, ByteArrays.Equal).ThenBy(row => row.Point, ByteArrays.Equal)], await Store.ConsentStatesAsync(1, Cancel).ListAsync());
        Sample.Same([.. lookups.OrderBy(row => row.Tag, ByteArrays.Equal)], await Store.LookupsAsync(1, Cancel).ListAsync());
        Sample.Same(seals, await Store.SealedAsync(1, 0, 2, Cancel).ListAsync());
        Assert.Equal([0L, 1L], await Store.ScansAsync(1, Cancel).ListAsync());
        Sample.Same(scans, [(await Store.ScanAsync(1, 0, Cancel))!, (await Store.ScanAsync(1, 1, Cancel))!]);
        Assert.Null(await Store.ScanAsync(1, 2, Cancel));
        Assert.Null(await Store.ScanAsync(2, 0, Cancel));
        Assert.Equal(tile.Bytes, await Store.TileAsync(1, 2, 3_000_000_000, Cancel));
        var wanted = new RowsWanted { Idempotency = { (answer.Client, answer.Key) }, Batches = { batch.Batch }, Subjects = { Sample.Sid(2) } };
        var found = await Store.LoadAsync(1, wanted, Cancel);
        Sample.Same([answer], found.Idempotency);
        Sample.Same([batch], found.Batches);
        Sample.Same([.. links.Order(ByPerson)], found.SubjectRecords.Order(ByPerson));
    }

    [Fact]
    public async Task A_transaction_without_commit_leaves_nothing()
    {
        await using (var transaction = await Store.BeginAsync(1, Cancel))
            Assert.Equal(0, transaction.Head.Size);
        await using (var transaction = await Store.BeginAsync(1, Cancel))
        {
            var writes = Sample.Writes(transaction.Head, 2);
            writes.Tiles.Add(Sample.Tile(0, 0));
            writes.Suppressions.AddRange([Sample.Suppression(1), Sample.Suppression(1)]);
            Assert.Equal(StoreFault.Conflict, await Sample.FaultAsync(() => transaction.CommitAsync(writes, Cancel)));
            // What failed is over; the next one begins anew.
            await Assert.ThrowsAsync<ObjectDisposedException>(() => transaction.CommitAsync(Sample.Writes(transaction.Head), Cancel));
        }

        Assert.Equal(0, (await Store.HeadAsync(1, Cancel)).Size);
        Assert.Empty(await Store.RecordsAsync(1, 0, 10, Cancel).ListAsync());
        Assert.Empty(await Store.TilesAsync(1, Cancel).ListAsync());
        Assert.Empty(await Store.SuppressionsAsync(1, Cancel).ListAsync());
        await Store.AppendAsync();
    }

    [Fact]
    public async Task Writes_that_do_not_go_on_where_the_head_stands_are_refused()
    {
        await Store.AppendAsync(3);
        await RefusedAsync(writes => writes.Records[0] = Sample.Record(4));
        await RefusedAsync(writes => writes.Records[0] = Sample.Record(2));
        await RefusedAsync(writes => writes.Records.Clear());
        await RefusedAsync(writes => writes.Records.Add(Sample.Record(5)));
        await RefusedAsync(writes => writes.Head = writes.Head with { LastAt = 2 });
        await RefusedAsync(writes => writes.Head = writes.Head with { Frontier = new byte[64] });
        await RefusedAsync(writes => writes.Sealed.Add(new SealedRow(4, 0, new byte[12], [1])));
        await RefusedAsync(writes => writes.Scans.Add(new ScanRow(4, new byte[12], [1])));
        await RefusedAsync(writes => writes.SubjectRecords.Add(new SubjectRecordRow(Sample.Sid(1), 4)));
        await RefusedAsync(writes => writes.ResultTasks.Add(Sample.Result(4)));
        await RefusedAsync(writes => writes.SubjectRecords.Add(new SubjectRecordRow(Sample.Sid(1), -1)));
        Assert.Equal(4, (await Store.AppendAsync()).Size);
    }

    [Fact]
    public async Task What_is_there_already_is_a_conflict_and_nothing_of_the_transaction_stays()
    {
        await Store.AppendAsync(2, writes =>
        {
            writes.Tiles.Add(Sample.Tile(0, 0));
            writes.Idempotency.Add(Sample.Answer("a", "k"));
            writes.Sealed.Add(new SealedRow(0, 1, new byte[12], [1]));
            writes.SubjectRecords.Add(new SubjectRecordRow(Sample.Sid(1), 0));
            writes.Suppressions.Add(Sample.Suppression(1));
        });
        await ConflictAsync(writes => writes.Tiles.Add(Sample.Tile(0, 0)));
        await ConflictAsync(writes => writes.Idempotency.Add(Sample.Answer("a", "k", at: 10)));
        await ConflictAsync(writes => writes.Sealed.Add(new SealedRow(0, 1, new byte[12], [1])));
        await ConflictAsync(writes => writes.SubjectRecords.Add(new SubjectRecordRow(Sample.Sid(1), 0)));
        await ConflictAsync(writes => writes.Suppressions.Add(Sample.Suppression(1)));
        await Store.AppendAsync(1, writes => writes.Idempotency.AddRange([Sample.Answer("b", "k"), Sample.Answer("a", "K")]));
        Assert.Equal(3, (await Store.HeadAsync(1, Cancel)).Size);
    }

    [Fact]
    public async Task Bytes_of_the_wrong_length_do_not_get_in()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Store.AppendAsync(1, writes => writes.Tiles.Add(new TileRow(0, 0, new byte[8191]))));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Store.AppendAsync(1, writes => writes.Records[0] = new RecordRow(0, new byte[31], [1])));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Store.AppendAsync(1, writes => writes.Records[0] = new RecordRow(0, new byte[32], new byte[8193])));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Store.AppendAsync(1, writes => writes.Lookups.Add(new LookupRow(new byte[32], new byte[15], new byte[16]))));
        Assert.Equal(0, (await Store.HeadAsync(1, Cancel)).Size);
    }

    [Fact]
    public async Task Who_has_to_be_told_something_goes_with_the_person_and_with_the_number()
    {
        var rows = new[] { Sample.Result(0, sid: Sample.Sid(1), tag: Sample.Bytes(32, 1)), Sample.Result(1, sid: Sample.Sid(2), tag: Sample.Bytes(32, 2)), Sample.Result(2, tag: Sample.Bytes(32, 3)) with { Nonce = Sample.Bytes(12, 1), Words = Sample.EveryByte } };
        await Store.AppendAsync(3, writes => writes.ResultTasks.AddRange(rows));
        var ledger = (await Store.LedgersAsync(Cancel))[0];
        Sample.Same(rows, await ResultTasks.AllAsync(Store, ledger, Cancel).ListAsync());
        Assert.Equal(StoreFault.Conflict, await Sample.FaultAsync(() => Store.AppendAsync(1, writes => writes.ResultTasks.Add(Sample.Result(1)))));
        await Store.AppendAsync(1, writes => writes.LookupsGoneOf.Add(Sample.Sid(1)));
        Assert.Equal([1L, 2L], (await ResultTasks.AllAsync(Store, ledger, Cancel).ListAsync()).Select(static row => row.Seq));
        await Store.AppendAsync(1, writes => writes.ResultTasksGoneOf.AddRange([Sample.Bytes(32, 3), Sample.Bytes(32, 9)]));
        Assert.Equal([1L], (await ResultTasks.AllAsync(Store, ledger, Cancel).ListAsync()).Select(static row => row.Seq));
        // One that has ended names nobody, and one that nobody can be told by has no time.
        await Assert.ThrowsAnyAsync<Exception>(() => Store.AppendAsync(1, writes => writes.ResultTasks.Add(Sample.Result(5, sid: Sample.Sid(3)) with { ToldOn = "2026-03-03", ToldBy = "letter" })));
        await Assert.ThrowsAnyAsync<Exception>(() => Store.AppendAsync(1, writes => writes.ResultTasks.Add(Sample.Result(5) with { NextAt = 1 })));
    }

    [Fact]
    public async Task A_document_kept_twice_is_kept_once()
    {
        await Store.AppendAsync(1, writes => writes.Documents.Add(new DocumentRow(Sample.Tag(1), "text/plain", [1])));
        await Store.AppendAsync(1, writes => writes.Documents.AddRange([new DocumentRow(Sample.Tag(1), "text/html", [2]), new DocumentRow(Sample.Tag(2), "text/plain", [3]), new DocumentRow(Sample.Tag(2), "text/plain", [3])]));
        var kept = await Store.DocumentsAsync(1, Cancel).ListAsync();
        Assert.Equal(2, kept.Count);
        Assert.Contains(kept, row => row.Bytes is [1] && row.Media == "text/plain");
    }

    [Fact]
    public async Task The_last_word_on_a_person_a_way_to_them_a_consent_or_an_import_stands()
    {
        await Store.AppendAsync(1, writes =>
        {
            writes.Lookups.AddRange([new LookupRow(Sample.Tag(1), Sample.Sid(1), Sample.Point(1)), new LookupRow(Sample.Tag(1), Sample.Sid(2), Sample.Point(2))]);
            writes.Subjects.AddRange([Sample.Subject(1), Sample.Subject(1) with { Status = 2 }]);
            writes.Consents.AddRange([Sample.Consent(1), Sample.Consent(1, state: 4)]);
            writes.Batches.AddRange([new BatchRow(Sample.Bytes(16, 1), 1, 0, [1]), new BatchRow(Sample.Bytes(16, 1), 2, 0, [1])]);
        });
        await Store.AppendAsync(1, writes =>
        {
            writes.Lookups.Add(new LookupRow(Sample.Tag(1), Sample.Sid(3), Sample.Point(3)));
            writes.Subjects.Add(Sample.Subject(1, mergedInto: 5));
            writes.Consents.Add(Sample.Consent(1, state: 5) with { Until = 7 });
            writes.Batches.Add(new BatchRow(Sample.Bytes(16, 1), 3, 1, [2]));
        });
        Sample.Same([new LookupRow(Sample.Tag(1), Sample.Sid(3), Sample.Point(3))], await Store.LookupsAsync(1, Cancel).ListAsync());
        Sample.Same([Sample.Subject(1, mergedInto: 5)], await Store.SubjectsAsync(1, null, 10, Cancel));
        Sample.Same([Sample.Consent(1, state: 5) with { Until = 7 }], await Store.ConsentStatesAsync(1, Cancel).ListAsync());
        Sample.Same([new BatchRow(Sample.Bytes(16, 1), 3, 1, [2])], (await Store.LoadAsync(1, new RowsWanted { Batches = { Sample.Bytes(16, 1) } }, Cancel)).Batches);
    }

    [Fact]
    public async Task Consents_of_a_person_are_dropped_before_the_new_ones_are_written()
    {
        await Store.AppendAsync(1, writes => writes.Consents.AddRange([Sample.Consent(1, "a"), Sample.Consent(1, "b"), Sample.Consent(2, "a")]));
        await Store.AppendAsync(1, writes =>
        {
            writes.ConsentsGoneOf.Add(Sample.Sid(1));
            writes.Consents.Add(Sample.Consent(1, "c"));
        });
        Assert.Equal([("a", 2), ("c", 1)], (await Store.ConsentStatesAsync(1, Cancel).ListAsync()).Select(row => (row.Purpose, row.Sid.SequenceEqual(Sample.Sid(1)) ? 1 : 2)).Order());
    }

    [Fact]
    public async Task Of_an_erased_person_nothing_stays_but_what_is_written_with_the_erasure()
    {
        await Store.AppendAsync(2, writes =>
        {
            for (var person = 1; person <= 2; person++)
            {
                writes.Lookups.AddRange([new LookupRow(Sample.Tag(person), Sample.Sid(person), Sample.Point(1)), new LookupRow(Sample.Tag(person + 10), Sample.Sid(person), Sample.Point(2))]);
                writes.Subjects.Add(Sample.Subject(person));
                writes.Consents.Add(Sample.Consent(person));
                writes.SubjectRecords.Add(new SubjectRecordRow(Sample.Sid(person), person - 1));
                writes.Sealed.AddRange([new SealedRow(person - 1, 0, new byte[12], [1]), new SealedRow(person - 1, 2, new byte[12], [2])]);
                writes.Scans.Add(new ScanRow(person - 1, new byte[12], [1]));
            }
        });
        await Store.AppendAsync(1, writes =>
        {
            writes.LookupsGoneOf.Add(Sample.Sid(1));
            writes.SealedGone.Add(0);
            writes.Subjects.Add(Sample.Subject(1) with { Status = 3, Residence = null, Source = null });
        });
        Assert.All(await Store.LookupsAsync(1, Cancel).ListAsync(), row => Assert.Equal(Sample.Sid(2), row.Sid));
        Assert.Equal([1L, 1L], (await Store.SealedAsync(1, 0, 10, Cancel).ListAsync()).Select(row => row.Seq));
        Assert.Equal([1L], await Store.ScansAsync(1, Cancel).ListAsync());
        Assert.Single(await Store.ConsentStatesAsync(1, Cancel).ListAsync());
        Assert.Equal(2, (await Store.SubjectsAsync(1, null, 10, Cancel)).Count);
        var found = await Store.LoadAsync(1, new RowsWanted { Subjects = { Sample.Sid(1), Sample.Sid(2) }, WithPoints = true }, Cancel);
        Assert.Equal([1L], found.SubjectRecords.Select(row => row.Seq));
        Assert.Equal(2, found.Lookups.Count);
        Assert.Equal(3, Assert.Single(found.Subjects, row => row.Sid.SequenceEqual(Sample.Sid(1))).Status);
    }

    [Fact]
    public async Task What_is_sealed_anew_takes_the_place_of_what_goes()
    {
        await Store.AppendAsync(1, writes => writes.Sealed.Add(new SealedRow(0, 0, new byte[12], [1])));
        await Store.AppendAsync(0, writes =>
        {
            writes.SealedGone.Add(0);
            writes.Sealed.Add(new SealedRow(0, 0, Sample.Bytes(12, 5), [2]));
        });
        Sample.Same([new SealedRow(0, 0, Sample.Bytes(12, 5), [2])], await Store.SealedAsync(1, 0, 1, Cancel).ListAsync());
    }

    [Fact]
    public async Task A_suppression_is_changed_in_place_and_goes_only_once_it_was_lifted()
    {
        await Store.AppendAsync(1, writes => writes.Suppressions.AddRange([Sample.Suppression(1), Sample.Suppression(2)]));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Store.AppendAsync(1, writes => writes.SuppressionsGone.Add(Sample.Suppression(1).Id)));
        var rotated = Sample.Suppression(1) with { Tag = Sample.Tag(500), Chain = 2, Seq = null, Salt = Sample.Tag(501), Purposes = null, Snapshot = 0 };
        await Store.AppendAsync(1, writes => writes.SuppressionsChanged.AddRange([rotated with { Chain = 9 }, rotated, Sample.Suppression(2, lifted: 1)]));
        Sample.Same([rotated, Sample.Suppression(2, lifted: 1)], (await Store.SuppressionsAsync(1, Cancel).ListAsync()).OrderByDescending(row => row.Chain));
        Assert.Equal(StoreFault.Conflict, await Sample.FaultAsync(() => Store.AppendAsync(1, writes => writes.SuppressionsChanged.Add(Sample.Suppression(3)))));
        await Store.AppendAsync(1, writes => writes.SuppressionsGone.Add(Sample.Suppression(2).Id));
        Sample.Same([rotated], await Store.SuppressionsAsync(1, Cancel).ListAsync());
    }

    [Fact]
    public async Task Old_answers_go()
    {
        await Store.AppendAsync(1, writes => writes.Idempotency.AddRange([Sample.Answer("a", "1", at: 10), Sample.Answer("a", "2", at: 20)]));
        await Store.AppendAsync(0, writes => writes.IdempotencyGoneBefore = 20);
        var found = await Store.LoadAsync(1, new RowsWanted { Idempotency = { ("a", "1"), ("a", "2") } }, Cancel);
        Assert.Equal("2", Assert.Single(found.Idempotency).Key);
    }

    [Fact]
    public async Task A_hundred_thousand_records_of_one_import_are_kept()
    {
        const int people = 100_000;
        await Store.AppendAsync(people, writes =>
        {
            for (var i = 0; i < people; i++)
            {
                writes.SubjectRecords.Add(new SubjectRecordRow(Sample.Sid(i), i));
                writes.Sealed.Add(new SealedRow(i, 0, Sample.Bytes(12, i), Sample.Tag(i)));
                writes.Lookups.Add(new LookupRow(Sample.Tag(i), Sample.Sid(i), Sample.Point(i)));
                writes.Subjects.Add(Sample.Subject(i, batch: 1));
            }
        });
        var next = 0L;
        await foreach (var record in Store.RecordsAsync(1, 0, long.MaxValue, Cancel))
        {
            Assert.Equal(next++, record.Seq);
            Assert.Equal(Sample.Record(record.Seq).Body, record.Body);
        }

        Assert.Equal(people, next);
        Assert.Equal(Sample.Record(77_777).Leaf, (await Store.LeavesAsync(1, 0, long.MaxValue, Cancel)).AsSpan(77_777 * 32, 32).ToArray());
        var found = await Store.LoadAsync(1, new RowsWanted { Points = { Sample.Tag(1), Sample.Tag(99_999) }, Sealed = { 50_000 } }, Cancel);
        Assert.Equal([1L, 99_999L], found.Records.Keys);
        Assert.Equal(Sample.Tag(50_000), Assert.Single(found.Sealed).Ciphertext);
        Assert.Equal(people, (await Store.LoadAsync(1, new RowsWanted { SubjectsOfBatches = { Sample.Bytes(16, 1) } }, Cancel)).Records.Count);
    }

    private static Comparer<SubjectRecordRow> ByPerson =>
        Comparer<SubjectRecordRow>.Create((x, y) => ByteArrays.Equal.Compare(x.Sid, y.Sid) is not 0 and var order ? order : x.Seq.CompareTo(y.Seq));

    private async Task RefusedAsync(Action<LedgerWrites> slip)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Store.AppendAsync(1, slip));
        Assert.Equal(3, (await Store.HeadAsync(1, Cancel)).Size);
    }

    private async Task ConflictAsync(Action<LedgerWrites> twice)
    {
        Assert.Equal(StoreFault.Conflict, await Sample.FaultAsync(() => Store.AppendAsync(1, twice)));
        Assert.Equal(2, (await Store.HeadAsync(1, Cancel)).Size);
        Assert.Equal(2, (await Store.RecordsAsync(1, 0, 10, Cancel).ListAsync()).Count);
    }
}
