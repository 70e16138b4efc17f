using System.Buffers.Binary;
using System.Security.Cryptography;
using NodaTime;
using Ringfence.Ledger;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>One transaction of a ledger as commands see it: the state as of the head, with what was written before them in the same batch; and a pen.</summary>
internal sealed partial class LedgerTurn
{
    private readonly ILedgerTransaction transaction;
    private readonly Keyring keyring;
    private readonly SuppressionKeys suppressionKeys;
    private readonly Instant now;
    private readonly Frontier frontier;
    private readonly Dictionary<(string, string), IdempotencyRow> answers = [];
    private readonly LedgerWrites writes;
    private Instant lastAt;
    private int changes;
    private long? neighbours;

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

    /// <summary>Notes who has to be told what came of what they said; null: nobody is, here.</summary>
    public Rights.ResultNotes? Results { get; init; }

    /// <summary>How many keys a tag of a suppression goes through by now.</summary>
    public short SuppressionChain => (short)suppressionKeys.Versions;

    /// <summary>The party document of the controller.</summary>
    public Digest Controller { get; set; }

    /// <summary>The time of the turn: what the next record would say, were none written in between.</summary>
    public Instant Now => now > lastAt ? now : lastAt;

    /// <summary>How many records there are.</summary>
    public long Size => transaction.Head.Size + writes.Records.Count;

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
                ? command.Again(this, before.Response)
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

    /// <summary>A name that nobody can guess, for what comes in this turn: such names lie beside each other in the store, which then has few pages to write.</summary>
    public OpaqueId NewName() => Fresh.IdAt(neighbours ??= BinaryPrimitives.ReadInt64BigEndian(Fresh.Id().ToArray()));

    /// <summary>Reads more, in the same order of things.</summary>
    public void Load(RowsWanted wanted) => Take(transaction.LoadAsync(wanted, CancellationToken.None).GetAwaiter().GetResult());

    /// <summary>Gives a record its place.</summary>
    /// <returns>The record, with place and time.</returns>
    public LedgerRecord Append(RecordDraft draft)
    {
        changes++;
        var seq = Size;
        var at = LedgerTime.Next(now, lastAt);
        if (draft.IsOpen)
            Seal(draft);
        var record = draft.Place(seq, at, Controller, writes);
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

    // Drafts come sealed where it is known beforehand whom they are about.
    private void Seal(RecordDraft draft)
    {
        var sid = draft.Record.Subject?.Sid ?? throw new InvalidOperationException("Only what is about a person can be sealed.");
        using var sealer = keyring.FindAsync(sid, CancellationToken.None).AsTask().GetAwaiter().GetResult()
            ?? throw new CommandRefusedException("erased");
        draft.Seal(sealer);
    }
}
