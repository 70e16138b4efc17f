using NodaTime;
using Ringfence.Ledger;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>The rows that a turn knows, and those it writes.</summary>
internal sealed partial class LedgerTurn
{
    private readonly Dictionary<long, LedgerRecord> records = [];
    private readonly Dictionary<byte[], List<SuppressionRow>> suppressions = new(ByteArrays.Equal);
    private readonly Dictionary<byte[], PermitRow> permits = new(ByteArrays.Equal);
    private readonly Dictionary<byte[], SortedDictionary<long, byte[]>> permitsOf = new(ByteArrays.Equal);
    private readonly HashSet<byte[]> documents = new(ByteArrays.Equal);
    private readonly Dictionary<byte[], BatchRow> batches = new(ByteArrays.Equal);
    private readonly Dictionary<string, ApiKeyRow> apiKeys = [];
    private readonly Dictionary<string, WebhookRow> webhooks = [];
    private readonly Dictionary<byte[], RightsRequestRow> rightsRequests = new(ByteArrays.Equal);
    private readonly Dictionary<string, RuleChangeRow> ruleChanges = new(StringComparer.Ordinal);
    private short leastChain;

    /// <summary>Whether every suppression is found under its newest tag. Not while a key is being added. To be asked for before, with any suppression.</summary>
    public bool IsAllUnderNewest => leastChain == 0 || leastChain == SuppressionChain;

    /// <summary>A record by its place; null where it was not asked for, or is not there.</summary>
    public LedgerRecord? Record(long seq) => records.GetValueOrDefault(seq);

    /// <summary>Suppressions of a number or address that stand, under whatever key.</summary>
    public IReadOnlyList<SuppressionRow> Suppressions(PointTags tags) => suppressions.TryGetValue(TagOf(tags), out var rows) ? rows.FindAll(static row => row.LiftedSeq is null) : [];

    /// <summary>Suppressions of a tag under the newest key, those that were lifted too.</summary>
    public IReadOnlyList<SuppressionRow> AllSuppressions(byte[] tag) => suppressions.TryGetValue(tag, out var rows) ? [.. rows] : [];

    /// <summary>The tag that new suppressions of a number or address carry.</summary>
    public byte[] TagOf(PointTags tags) => tags.Under(suppressionKeys)[^1];

    /// <summary>A tag under the newest key.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="chain">How many keys it went through.</param>
    public byte[] Renewed(byte[] tag, short chain) => suppressionKeys.Renew(new ContactTag(tag), chain).ToArray();

    /// <summary>A suppression by the record that added it.</summary>
    public SuppressionRow? SuppressionOf(long seq) => suppressions.Values.SelectMany(static rows => rows).FirstOrDefault(row => row.Seq == seq);

    public BatchRow? Batch(byte[] batch) => batches.GetValueOrDefault(batch);

    /// <summary>A permit by id; null: there is none. To be asked for before.</summary>
    public PermitRow? Permit(byte[] id) => permits.GetValueOrDefault(id);

    /// <summary>Every permit of a number or address, in the order of their records. To be asked for before.</summary>
    public IReadOnlyList<PermitRow> PermitsOf(byte[] tag) =>
        permitsOf.TryGetValue(tag, out var ids) ? [.. ids.Values.Select(id => permits.GetValueOrDefault(id)).OfType<PermitRow>()] : [];

    /// <summary>An API key by id; null: there is none. To be asked for before.</summary>
    public ApiKeyRow? ApiKey(string id) => apiKeys.GetValueOrDefault(id);

    /// <summary>A webhook by id; null: there is none. To be asked for before.</summary>
    public WebhookRow? Webhook(string id) => webhooks.GetValueOrDefault(id);

    /// <summary>A request by id; null: there is none. To be asked for before.</summary>
    public RightsRequestRow? RightsRequest(OpaqueId id) => rightsRequests.GetValueOrDefault(id.ToArray());

    /// <summary>Every request that came for a number or address. To be asked for before.</summary>
    public IReadOnlyList<RightsRequestRow> RightsRequestsOf(byte[] tag) => [.. rightsRequests.Values.Where(row => row.Tag.AsSpan().SequenceEqual(tag)).OrderBy(static row => row.Received)];

    /// <summary>Changes of the controller's own rules. To be asked for before.</summary>
    public IReadOnlyCollection<RuleChangeRow> RuleChanges => ruleChanges.Values;

    /// <summary>The record by which the controller's own rules became what they are; 0: they never changed. To be asked for before.</summary>
    public long RulesSeq => Server.Rules.RulesInForce.SeqOf(ruleChanges.Values);

    /// <summary>Whether a document is kept already.</summary>
    public bool HasDocument(Digest digest) => documents.Contains(digest.Bytes.ToArray());

    /// <summary>Adds a suppression.</summary>
    public void Suppress(SuppressionRow row)
    {
        changes++;
        writes.Suppressions.Add(row);
        Keep(row);
    }

    /// <summary>Changes one: lifts it, unties it, covers it by a snapshot.</summary>
    public void Change(SuppressionRow row)
    {
        changes++;
        // One that came in this turn is not there yet to be changed.
        var at = writes.Suppressions.FindIndex(other => other.Id.AsSpan().SequenceEqual(row.Id));
        if (at >= 0)
            writes.Suppressions[at] = row;
        else
            writes.SuppressionsChanged.Add(row);
        Keep(row);
    }

    /// <summary>Drops a suppression that was lifted, once a snapshot was made without it.</summary>
    public void Drop(SuppressionRow row)
    {
        changes++;
        writes.SuppressionsGone.Add(row.Id);
        if (suppressions.TryGetValue(KeyOf(row), out var rows))
            rows.RemoveAll(other => other.Id.AsSpan().SequenceEqual(row.Id));
    }

    /// <summary>Says how far an import has come.</summary>
    public void Put(BatchRow row)
    {
        changes++;
        writes.Batches.RemoveAll(other => other.Batch.AsSpan().SequenceEqual(row.Batch));
        writes.Batches.Add(row);
        batches[row.Batch] = row;
    }

    /// <summary>Adds a permit, or says what became of it.</summary>
    public void Put(PermitRow row)
    {
        changes++;
        if (!permits.ContainsKey(row.Id))
            writes.Permits.Add(row);
        // One that came in this turn is not there yet to be changed.
        else if (writes.Permits.FindIndex(other => other.Id.AsSpan().SequenceEqual(row.Id)) is >= 0 and var at)
            writes.Permits[at] = row;
        else
            writes.PermitsChanged.Add(row);
        Keep(row);
    }

    /// <summary>Adds an API key, or ends one.</summary>
    public void Put(ApiKeyRow row) => Put(row, writes.ApiKeys, apiKeys, static row => row.Id);

    /// <summary>Adds a webhook, or says what became of it.</summary>
    public void Put(WebhookRow row) => Put(row, writes.Webhooks, webhooks, static row => row.Id);

    /// <summary>Asks for a change of rules, or answers it.</summary>
    public void Put(RuleChangeRow row) => Put(row, writes.RuleChanges, ruleChanges, static row => row.Id);

    /// <summary>Adds a request, or says what became of it.</summary>
    public void Put(RightsRequestRow row)
    {
        changes++;
        // Of a row that stands here twice the last word is written.
        writes.RightsRequests.RemoveAll(other => other.Id.AsSpan().SequenceEqual(row.Id));
        writes.RightsRequests.Add(row);
        rightsRequests[row.Id] = row;
    }

    /// <summary>Adds that somebody has to be told what came of what they said.</summary>
    public void Put(ResultTaskRow row)
    {
        changes++;
        writes.ResultTasks.Add(row);
    }

    /// <summary>Of a number or address nothing has to be told any more: whoever has it is forgotten.</summary>
    public void ForgetResults(byte[] tag)
    {
        changes++;
        writes.ResultTasksGoneOf.Add(tag);
        // What came in this very turn is not there yet to be taken away.
        writes.ResultTasks.RemoveAll(row => row.Tag.AsSpan().SequenceEqual(tag));
    }

    private void Put<T>(T row, List<T> written, Dictionary<string, T> now, Func<T, string> idOf)
    {
        changes++;
        // Of a row that stands here twice the last word is written.
        written.RemoveAll(other => idOf(other) == idOf(row));
        written.Add(row);
        now[idOf(row)] = row;
    }

    /// <summary>Writes tiles that have become full.</summary>
    public void Put(TileRow tile)
    {
        changes++;
        writes.Tiles.Add(tile);
    }

    private void Keep(PermitRow row)
    {
        permits[row.Id] = row;
        if (!permitsOf.TryGetValue(row.Tag, out var ids))
            permitsOf.Add(row.Tag, ids = []);
        ids[row.Seq] = row.Id;
    }

    private void Keep(SuppressionRow row)
    {
        var key = KeyOf(row);
        if (!suppressions.TryGetValue(key, out var rows))
            suppressions.Add(key, rows = []);
        rows.RemoveAll(other => other.Id.AsSpan().SequenceEqual(row.Id));
        rows.Add(row);
    }

    // While tags are wrapped anew a row may stand under an older key; all of a number are found under its newest tag. What is untied has no tag any more.
    private byte[] KeyOf(SuppressionRow row) => row.Chain == SuppressionChain || Suppression.SuppressionLeaf.IsUntied(row) ? row.Tag : Renewed(row.Tag, row.Chain);

    private void Take(StoredRows rows)
    {
        foreach (var row in rows.Lookups)
            lookups.TryAdd(row.Tag, row);
        foreach (var row in rows.Standings)
            standings.TryAdd(new OpaqueId(row.Sid), row);
        if (rows.SuppressionLeast > 0)
            leastChain = rows.SuppressionLeast;
        foreach (var row in rows.Subjects)
            subjects.TryAdd(new OpaqueId(row.Sid), row);
        foreach (var (seq, row) in rows.Records)
        {
            if (!records.ContainsKey(seq))
                records.Add(seq, StoredRecord.Read(row));
        }

        foreach (var row in rows.SubjectRecords)
        {
            if (records.TryGetValue(row.Seq, out var record))
                HistoryOf(new OpaqueId(row.Sid))[row.Seq] = record;
        }

        foreach (var row in rows.Suppressions)
        {
            if (!suppressions.TryGetValue(KeyOf(row), out var known) || !known.Exists(other => other.Id.AsSpan().SequenceEqual(row.Id)))
                Keep(row);
        }

        foreach (var row in rows.Idempotency)
            answers.TryAdd((row.Client, row.Key), row);
        foreach (var row in rows.Documents)
            documents.Add(row.Digest);
        foreach (var row in rows.Batches)
            batches.TryAdd(row.Batch, row);
        foreach (var row in rows.ApiKeys)
            apiKeys.TryAdd(row.Id, row);
        foreach (var row in rows.Webhooks)
            webhooks.TryAdd(row.Id, row);
        foreach (var row in rows.RightsRequests)
            rightsRequests.TryAdd(row.Id, row);
        foreach (var row in rows.RuleChanges)
            ruleChanges.TryAdd(row.Id, row);
        foreach (var row in rows.Permits)
        {
            if (!permits.ContainsKey(row.Id))
                Keep(row);
        }
    }
}
