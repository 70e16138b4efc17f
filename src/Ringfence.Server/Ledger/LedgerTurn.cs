using System.Security.Cryptography;
using NodaTime;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>One transaction of a ledger as commands see it: the state as of the head, with what was written before them in the same batch; and a pen.</summary>
internal sealed class LedgerTurn
{
    private readonly ILedgerTransaction transaction;
    private readonly Keyring keyring;
    private readonly SuppressionKeys suppressionKeys;
    private readonly Instant now;
    private readonly Frontier frontier;
    private readonly Dictionary<byte[], LookupRow> lookups = new(ByteArrays.Equal);
    private readonly Dictionary<OpaqueId, SubjectRow> subjects = [];
    private readonly Dictionary<OpaqueId, SortedList<long, LedgerRecord>> histories = [];
    private readonly Dictionary<byte[], List<SuppressionRow>> suppressions = new(ByteArrays.Equal);
    private readonly Dictionary<(string, string), IdempotencyRow> answers = [];
    private readonly HashSet<byte[]> documents = new(ByteArrays.Equal);
    private readonly Dictionary<byte[], BatchRow> batches = new(ByteArrays.Equal);
    private readonly Dictionary<string, ApiKeyRow> apiKeys = [];
    private readonly Dictionary<string, WebhookRow> webhooks = [];
    private readonly Dictionary<byte[], PermitRow> permits = new(ByteArrays.Equal);
    private readonly Dictionary<byte[], SortedDictionary<long, byte[]>> permitsOf = new(ByteArrays.Equal);
    private readonly Dictionary<long, LedgerRecord> records = [];
    private readonly HashSet<OpaqueId> touched = [];
    private readonly HashSet<OpaqueId> forgotten = [];
    private readonly HashSet<OpaqueId> told = [];
    private readonly List<byte[]> waysGone = [];
    private readonly LedgerWrites writes;
    private Instant lastAt;
    private int changes;

    public LedgerTurn(LedgerRow ledger, ILedgerTransaction transaction, StoredRows rows, Keyring keyring, DateTimeOffset time, Digest controller, SuppressionKeys suppressionKeys)
    {
        (Ledger, this.transaction, this.keyring, Controller, this.suppressionKeys) = (ledger, transaction, keyring, controller, suppressionKeys);
        now = LedgerTime.Cut(Instant.FromDateTimeOffset(time));
        frontier = new Frontier(transaction.Head.Size, transaction.Head.Frontier);
        lastAt = Micros.ToInstant(transaction.Head.LastAt);
        writes = new LedgerWrites { Head = transaction.Head };
        Take(rows);
    }

    public LedgerRow Ledger { get; }

    /// <summary>How many keys a tag of a suppression goes through by now.</summary>
    public short SuppressionChain => (short)suppressionKeys.Versions;

    /// <summary>The party document of the controller.</summary>
    public Digest Controller { get; set; }

    /// <summary>The time of the turn: what the next record would say, were none written in between.</summary>
    public Instant Now => now > lastAt ? now : lastAt;

    /// <summary>How many records there are.</summary>
    public long Size => transaction.Head.Size + writes.Records.Count;

    /// <summary>Persons of whom something was written that tells whether they may be contacted, with whoever holds their records. Complete once <see cref="Writes"/> was asked for.</summary>
    public IReadOnlyCollection<OpaqueId> Told => told;

    /// <summary>Lookup tags that lead to nobody any more, because the person was forgotten.</summary>
    public IReadOnlyList<byte[]> WaysGone => waysGone;

    /// <summary>What is to be written; null: nothing.</summary>
    public LedgerWrites? Writes
    {
        get
        {
            if (changes == 0)
                return null;
            Project();
            writes.Head = new HeadRow(Size, Micros.Of(lastAt), frontier.ToBytes());
            return writes;
        }
    }

    /// <summary>Does a command, or gives back what was answered to its key before.</summary>
    /// <exception cref="CommandRefusedException">It can't be done, and nothing of it was written.</exception>
    /// <exception cref="InvalidOperationException">It failed half-way: the turn is spoilt.</exception>
    public byte[] Do(LedgerCommand command)
    {
        var key = command.ClientKey;
        if (key is not null && answers.TryGetValue((key.Client, key.Key), out var before))
        {
            return CryptographicOperations.FixedTimeEquals(before.Fingerprint, key.Fingerprint)
                ? before.Response
                : throw new CommandRefusedException("key-reused");
        }

        var changesBefore = changes;
        byte[] answer;
        try
        {
            answer = command.Run(this);
        }
        catch (CommandRefusedException e) when (changes != changesBefore)
        {
            throw new InvalidOperationException("A command was refused after it had written.", e);
        }

        if (key is not null)
        {
            var row = new IdempotencyRow(key.Client, key.Key, key.Fingerprint, answer, Micros.Of(Now));
            answers[(key.Client, key.Key)] = row;
            writes.Idempotency.Add(row);
            changes++;
        }

        return answer;
    }

    /// <summary>Reads more, in the same order of things.</summary>
    public void Load(RowsWanted wanted) => Take(transaction.LoadAsync(wanted, CancellationToken.None).GetAwaiter().GetResult());

    /// <summary>Which person a number or address leads to; null: none that is known. To be asked for before.</summary>
    public LookupRow? Lookup(byte[] tag) => lookups.GetValueOrDefault(tag);

    /// <summary>The person as they stand, whoever they were merged into. To be asked for before, by sid or by a tag that leads there.</summary>
    public Person Person(OpaqueId sid)
    {
        for (var step = 0; subjects.TryGetValue(sid, out var row) && row.MergedInto is { } into && step < subjects.Count; step++)
            sid = new OpaqueId(into);
        return PersonAlone(sid);
    }

    /// <summary>The person by just this name, merged or not.</summary>
    public Person PersonAlone(OpaqueId sid)
    {
        if (histories.TryGetValue(sid, out var own) && !HasMerges(own))
            return Ringfence.People.Person.Of(sid, own.Values);

        // Everybody merged with them, by whatever way: the person itself passes over what does not count.
        var all = new SortedList<long, LedgerRecord>();
        foreach (var one in MergedWith(sid).Where(histories.ContainsKey))
        {
            foreach (var (seq, record) in histories[one])
                all[seq] = record;
        }

        return Ringfence.People.Person.Of(sid, all.Values);
    }

    private static bool HasMerges(SortedList<long, LedgerRecord> history)
    {
        for (var i = 0; i < history.Count; i++)
        {
            if (history.GetValueAtIndex(i).Type is RecordType.ContactMerged or RecordType.ContactUnmerged)
                return true;
        }

        return false;
    }

    // Whoever was ever merged with somebody, over any number of steps, and they themselves.
    private HashSet<OpaqueId> MergedWith(OpaqueId sid)
    {
        var seen = new HashSet<OpaqueId>();
        var open = new Stack<OpaqueId>([sid]);
        while (open.TryPop(out var next))
        {
            if (!seen.Add(next) || !histories.TryGetValue(next, out var history))
                continue;
            foreach (var record in history.Values)
            {
                if (record.Type is not (RecordType.ContactMerged or RecordType.ContactUnmerged))
                    continue;
                open.Push(record.Subject!.Value.Sid);
                if (OpaqueId.TryParse(record.Detail?["merged"]?.AsText, out var other))
                    open.Push(other);
            }
        }

        return seen;
    }

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

    /// <summary>The records in which a person stands, in order, whoever they were merged with. To be asked for before.</summary>
    public IReadOnlyList<LedgerRecord> RecordsOf(OpaqueId sid) => histories.TryGetValue(sid, out var history) ? [.. history.Values] : [];

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

    /// <summary>Whether a document is kept already.</summary>
    public bool HasDocument(Digest digest) => documents.Contains(digest.Bytes.ToArray());

    /// <summary>Gives a record its place.</summary>
    /// <returns>The record, with place and time.</returns>
    public LedgerRecord Append(RecordDraft draft)
    {
        changes++;
        var seq = Size;
        var at = LedgerTime.Next(now, lastAt);
        if (draft.IsOpen)
            Seal(draft);
        var record = draft.Place(seq, at, Controller, writes.Sealed);
        var body = RecordBytes.ToArray(record);
        var leaf = TreeHash.Leaf(body);
        frontier.Append(leaf);
        lastAt = at;
        writes.Records.Add(new RecordRow(seq, leaf.Bytes.ToArray(), body));
        records[seq] = record;
        if (record.Subject is { } subject)
            StandsWith(subject.Sid, record);
        foreach (var other in draft.AlsoAbout)
            StandsWith(other, record);
        return record;
    }

    /// <summary>Keeps a document that is not there yet, and says so in a record.</summary>
    public LedgerRecord Publish(DocumentRow document, RecordDraft draft)
    {
        documents.Add(document.Digest);
        writes.Documents.Add(document);
        return Append(draft);
    }

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

    /// <summary>Lets a number or address lead to a person.</summary>
    public void Link(LookupRow row)
    {
        changes++;
        writes.Lookups.Add(row);
        lookups[row.Tag] = row;
        touched.Add(new OpaqueId(row.Sid));
        told.Add(new OpaqueId(row.Sid));
    }

    /// <summary>Takes away everything of a person but what the tree holds: openings of these records, ways to them, projections.</summary>
    public void Forget(OpaqueId sid, IEnumerable<long> openings)
    {
        changes++;
        var bytes = sid.ToArray();
        var gone = openings.ToHashSet();
        writes.SealedGone.AddRange(gone.Where(seq => seq < transaction.Head.Size));
        writes.LookupsGoneOf.Add(bytes);
        foreach (var row in lookups.Values.Where(row => row.Sid.AsSpan().SequenceEqual(bytes)).ToList())
        {
            lookups.Remove(row.Tag);
            waysGone.Add(row.Tag);
        }

        // What came in this very turn is not there yet to be taken away.
        writes.Sealed.RemoveAll(row => gone.Contains(row.Seq));
        writes.Lookups.RemoveAll(row => row.Sid.AsSpan().SequenceEqual(bytes));
        foreach (var row in permits.Values.Where(row => row.Sid.AsSpan().SequenceEqual(bytes)).ToList())
        {
            permits.Remove(row.Id);
            writes.Permits.RemoveAll(other => other.Id.AsSpan().SequenceEqual(row.Id));
        }

        // In which records they stand is no secret of theirs, the records say it; replay and a later export need it.
        foreach (var seq in HistoryOf(sid).Keys.Where(seq => seq < transaction.Head.Size))
            writes.SubjectRecords.Add(new SubjectRecordRow(bytes, seq));
        touched.Add(sid);
        forgotten.Add(sid);
        told.Add(sid);
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
        // Of a row that stands here twice the last word is written.
        writes.Permits.Add(row);
        Keep(row);
    }

    /// <summary>Adds an API key, or ends one.</summary>
    public void Put(ApiKeyRow row)
    {
        changes++;
        writes.ApiKeys.RemoveAll(other => other.Id == row.Id);
        writes.ApiKeys.Add(row);
        apiKeys[row.Id] = row;
    }

    /// <summary>Adds a webhook, or says what became of it.</summary>
    public void Put(WebhookRow row)
    {
        changes++;
        writes.Webhooks.RemoveAll(other => other.Id == row.Id);
        writes.Webhooks.Add(row);
        webhooks[row.Id] = row;
    }

    /// <summary>Writes tiles that have become full.</summary>
    public void Put(TileRow tile)
    {
        changes++;
        writes.Tiles.Add(tile);
    }

    // Drafts come sealed where it is known beforehand whom they are about.
    private void Seal(RecordDraft draft)
    {
        var sid = draft.Record.Subject?.Sid ?? throw new InvalidOperationException("Only what is about a person can be sealed.");
        using var sealer = keyring.FindAsync(sid, CancellationToken.None).AsTask().GetAwaiter().GetResult()
            ?? throw new CommandRefusedException("erased");
        draft.Seal(sealer);
    }

    private void StandsWith(OpaqueId sid, LedgerRecord record)
    {
        touched.Add(sid);
        if (!Gate.Permits.IsIdle(record.Type))
            told.Add(sid);
        writes.SubjectRecords.Add(new SubjectRecordRow(sid.ToArray(), record.Seq));
        HistoryOf(sid)[record.Seq] = record;
        // A merge shows in who is found from now on in this turn.
        if (record.Type is RecordType.ContactMerged or RecordType.ContactUnmerged && OpaqueId.TryParse(record.Detail?["merged"]?.AsText, out var other) && other == sid
            && subjects.TryGetValue(sid, out var row))
        {
            subjects[sid] = row with { MergedInto = record.Type == RecordType.ContactMerged ? record.Subject!.Value.Sid.ToArray() : null };
        }
    }

    private SortedList<long, LedgerRecord> HistoryOf(OpaqueId sid)
    {
        if (!histories.TryGetValue(sid, out var history))
            histories.Add(sid, history = []);
        return history;
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
        foreach (var row in rows.Permits)
        {
            if (!permits.ContainsKey(row.Id))
                Keep(row);
        }
    }

    // Projections are the same sum that a rebuild makes.
    private void Project()
    {
        var holders = new Dictionary<OpaqueId, OpaqueId>();
        var open = new Queue<OpaqueId>(touched);
        while (open.TryDequeue(out var sid))
        {
            var person = PersonAlone(sid);
            // What happens to somebody who was merged happens to whoever holds them.
            if (person.MergedInto is { } holder)
            {
                holders[sid] = holder;
                if (touched.Add(holder))
                    open.Enqueue(holder);
            }

            var rows = Projection.Of(person);
            // Of somebody who came in this very turn nothing stands there yet.
            if (!IsOfThisTurn(sid))
                writes.ConsentsGoneOf.Add(sid.ToArray());
            writes.Subjects.Add(rows.Subject);
            if (!forgotten.Contains(sid))
                writes.Consents.AddRange(rows.Consents);
        }

        touched.Clear();
        foreach (var sid in told.ToList())
        {
            for (var at = sid; holders.TryGetValue(at, out var next) && told.Add(next);)
                at = next;
        }
    }

    private bool IsOfThisTurn(OpaqueId sid) =>
        !subjects.ContainsKey(sid) && histories.TryGetValue(sid, out var history) && history.Count > 0 && history.GetKeyAtIndex(0) >= transaction.Head.Size;
}

/// <summary>Instants as the store keeps them.</summary>
internal static class Micros
{
    private const long TicksInMicro = NodaConstants.TicksPerMillisecond / 1000;

    /// <summary>Microseconds since 1970.</summary>
    public static long Of(Instant instant) => Math.DivRem(instant.ToUnixTimeTicks(), TicksInMicro, out var rest) - (rest < 0 ? 1 : 0);

    /// <summary>The instant.</summary>
    public static Instant ToInstant(long micros) => Instant.FromUnixTimeTicks(micros * TicksInMicro);
}
