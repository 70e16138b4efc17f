using Ringfence.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.People.Import;

/// <summary>A store whose writes are kept in memory and forgotten: a dry run reads what is there, and what it would have written itself.</summary>
/// <remarks>Of people whom the lists name once it keeps only their numbers and addresses; that is all that can be met again.</remarks>
internal sealed class DryStore(ILedgerStore under) : ILedgerStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<byte[], LookupRow> lookups = new(ByteArrays.Equal);
    private readonly Dictionary<byte[], List<SuppressionRow>> suppressions = new(ByteArrays.Equal);
    private readonly Dictionary<byte[], DocumentRow> documents = new(ByteArrays.Equal);
    private readonly Dictionary<byte[], BatchRow> batches = new(ByteArrays.Equal);
    private readonly Dictionary<byte[], SubjectRow> subjects = new(ByteArrays.Equal);
    private readonly Dictionary<byte[], List<RecordRow>> records = new(ByteArrays.Equal);
    private readonly Dictionary<OpaqueId, ulong> names = [];
    private HeadRow? head;

    public string Description => under.Description;

    /// <summary>Names people who may be met again.</summary>
    public void Keep(IReadOnlyDictionary<OpaqueId, ulong> people)
    {
        lock (gate)
        {
            foreach (var (sid, name) in people)
                names[sid] = name;
        }
    }

    /// <summary>The key of the name of somebody who may be met again.</summary>
    public bool TryGetName(OpaqueId sid, out ulong name)
    {
        lock (gate)
            return names.TryGetValue(sid, out name);
    }

    public async Task<StoredRows> LoadAsync(long ledger, RowsWanted wanted, CancellationToken cancel)
    {
        var rows = await under.LoadAsync(ledger, wanted, cancel);
        lock (gate)
        {
            var people = new HashSet<byte[]>(wanted.Subjects, ByteArrays.Equal);
            people.UnionWith(rows.Lookups.Select(static row => row.Sid));
            foreach (var tag in wanted.Points)
            {
                if (!lookups.TryGetValue(tag, out var row))
                    continue;
                rows.Lookups.Add(row);
                people.Add(row.Sid);
            }

            foreach (var sid in people)
                AddPerson(sid, rows);
            foreach (var tag in wanted.Suppressions)
                rows.Suppressions.AddRange(suppressions.GetValueOrDefault(tag, []));
            rows.Documents.AddRange(wanted.Documents.Where(documents.ContainsKey).Select(digest => documents[digest]));
            foreach (var batch in wanted.Batches)
            {
                if (!batches.TryGetValue(batch, out var row))
                    continue;
                rows.Batches.RemoveAll(other => ByteArrays.Equal.Equals(other.Batch, batch));
                rows.Batches.Add(row);
            }
        }

        return rows;
    }

    public async Task<ILedgerTransaction> BeginAsync(long ledger, CancellationToken cancel) => new Transaction(this, ledger, head ??= await under.HeadAsync(ledger, cancel));

    public Task<HeadRow> HeadAsync(long ledger, CancellationToken cancel) => head is null ? under.HeadAsync(ledger, cancel) : Task.FromResult(head);

    public Task<IReadOnlyList<LedgerRow>> LedgersAsync(CancellationToken cancel) => under.LedgersAsync(cancel);

    public IAsyncEnumerable<RecordRow> RecordsAsync(long ledger, long from, long until, CancellationToken cancel) => under.RecordsAsync(ledger, from, until, cancel);

    public Task<byte[]> LeavesAsync(long ledger, long from, long until, CancellationToken cancel) => under.LeavesAsync(ledger, from, until, cancel);

    public Task<byte[]?> TileAsync(long ledger, int level, long n, CancellationToken cancel) => under.TileAsync(ledger, level, n, cancel);

    public IAsyncEnumerable<TileRow> TilesAsync(long ledger, CancellationToken cancel) => under.TilesAsync(ledger, cancel);

    public IAsyncEnumerable<CheckpointRow> CheckpointsAsync(long ledger, long from, CancellationToken cancel) => under.CheckpointsAsync(ledger, from, cancel);

    public Task<CheckpointRow?> CheckpointAsync(long ledger, long atMost, CancellationToken cancel) => under.CheckpointAsync(ledger, atMost, cancel);

    public IAsyncEnumerable<SealedRow> SealedAsync(long ledger, long from, long until, CancellationToken cancel) => under.SealedAsync(ledger, from, until, cancel);

    public IAsyncEnumerable<long> ScansAsync(long ledger, CancellationToken cancel) => under.ScansAsync(ledger, cancel);

    public Task<ScanRow?> ScanAsync(long ledger, long seq, CancellationToken cancel) => under.ScanAsync(ledger, seq, cancel);

    public IAsyncEnumerable<SuppressionRow> SuppressionsAsync(long ledger, CancellationToken cancel) => under.SuppressionsAsync(ledger, cancel);

    public IAsyncEnumerable<PermitRow> PermitsAsync(long ledger, CancellationToken cancel) => under.PermitsAsync(ledger, cancel);

    public IAsyncEnumerable<LookupRow> LookupsAsync(long ledger, CancellationToken cancel) => under.LookupsAsync(ledger, cancel);

    public Task<IReadOnlyList<SubjectRow>> SubjectsAsync(long ledger, byte[]? after, int most, CancellationToken cancel) => under.SubjectsAsync(ledger, after, most, cancel);

    public IAsyncEnumerable<SubjectRecordRow> SubjectRecordsAsync(long ledger, CancellationToken cancel) => under.SubjectRecordsAsync(ledger, cancel);

    public IAsyncEnumerable<ConsentRow> ConsentStatesAsync(long ledger, CancellationToken cancel) => under.ConsentStatesAsync(ledger, cancel);

    public Task<IReadOnlyList<SuppressionCount>> SuppressionCountsAsync(long ledger, CancellationToken cancel) => under.SuppressionCountsAsync(ledger, cancel);

    public Task<IReadOnlyList<SuppressionRow>> NewestSuppressionsAsync(long ledger, int most, CancellationToken cancel) => under.NewestSuppressionsAsync(ledger, most, cancel);

    public Task<(short Least, short Most)> SuppressionChainsAsync(long ledger, CancellationToken cancel) => under.SuppressionChainsAsync(ledger, cancel);

    public IAsyncEnumerable<DocumentRow> DocumentsAsync(long ledger, CancellationToken cancel) => under.DocumentsAsync(ledger, cancel);

    public IAsyncEnumerable<ApiKeyRow> ApiKeysAsync(long ledger, CancellationToken cancel) => under.ApiKeysAsync(ledger, cancel);

    public IAsyncEnumerable<WebhookRow> WebhooksAsync(long ledger, CancellationToken cancel) => under.WebhooksAsync(ledger, cancel);

    public IAsyncEnumerable<RightsRequestRow> RightsRequestsAsync(long ledger, CancellationToken cancel) => under.RightsRequestsAsync(ledger, cancel);

    public IAsyncEnumerable<RuleChangeRow> RuleChangesAsync(long ledger, CancellationToken cancel) => under.RuleChangesAsync(ledger, cancel);

    public IWebhookOutbox Outbox => throw new NotSupportedException();

    public ILocalRows Local => throw new NotSupportedException();

    public IAsyncEnumerable<BatchRow> BatchesAsync(long ledger, CancellationToken cancel) => under.BatchesAsync(ledger, cancel);

    public Task<IReadOnlyList<StoreFinding>> ExamineAsync(CancellationToken cancel) => under.ExamineAsync(cancel);

    public Task<(long Step, long Taken)> CountAsync(long ledger, string bucket, long period, long add, CancellationToken cancel) => under.CountAsync(ledger, bucket, period, add, cancel);

    // Nothing that stays is ever written.
    public Task CreateLedgerAsync(LedgerRow ledger, CancellationToken cancel) => throw new NotSupportedException();

    public Task AddCheckpointAsync(long ledger, CheckpointRow checkpoint, CancellationToken cancel) => throw new NotSupportedException();

    public Task ReplaceProjectionsAsync(long ledger, IAsyncEnumerable<ProjectionRows> rows, CancellationToken cancel) => throw new NotSupportedException();

    public Task BackUpAsync(string path, CancellationToken cancel) => throw new NotSupportedException();

    public Task ScrubFreedAsync(CancellationToken cancel) => throw new NotSupportedException();

    // The store beneath is somebody else's to close.
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void AddPerson(byte[] sid, StoredRows rows)
    {
        if (!records.TryGetValue(sid, out var mine))
            return;
        if (subjects.TryGetValue(sid, out var subject))
        {
            rows.Subjects.RemoveAll(other => ByteArrays.Equal.Equals(other.Sid, sid));
            rows.Subjects.Add(subject);
        }

        foreach (var row in mine)
        {
            rows.Records[row.Seq] = row;
            rows.SubjectRecords.Add(new SubjectRecordRow(sid, row.Seq));
        }
    }

    private void Take(LedgerWrites writes)
    {
        lock (gate)
        {
            head = writes.Head;
            foreach (var row in writes.Lookups)
                lookups[row.Tag] = row;
            foreach (var row in writes.Suppressions)
            {
                if (!suppressions.TryGetValue(row.Tag, out var rows))
                    suppressions.Add(row.Tag, rows = []);
                rows.Add(row);
            }

            foreach (var row in writes.Documents)
                documents[row.Digest] = row;
            foreach (var row in writes.Batches)
                batches[row.Batch] = row;
            var bySeq = writes.Records.ToDictionary(static row => row.Seq);
            foreach (var row in writes.SubjectRecords.Where(row => names.ContainsKey(new OpaqueId(row.Sid))))
            {
                if (!records.TryGetValue(row.Sid, out var rows))
                    records.Add(row.Sid, rows = []);
                rows.Add(bySeq[row.Seq]);
            }

            foreach (var row in writes.Subjects.Where(row => names.ContainsKey(new OpaqueId(row.Sid))))
                subjects[row.Sid] = row;
        }
    }

    private sealed class Transaction(DryStore store, long ledger, HeadRow head) : ILedgerTransaction
    {
        public HeadRow Head => head;

        public Task<StoredRows> LoadAsync(RowsWanted wanted, CancellationToken cancel) => store.LoadAsync(ledger, wanted, cancel);

        public Task CommitAsync(LedgerWrites writes, CancellationToken cancel)
        {
            store.Take(writes);
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
