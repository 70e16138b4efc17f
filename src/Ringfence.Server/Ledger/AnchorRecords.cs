using NodaTime;
using Ringfence.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>Says in the ledger that a checkpoint of it is kept outside; a timestamp is kept among the documents.</summary>
/// <param name="checkpoint">The checkpoint.</param>
/// <param name="timestamp">The timestamp over it; null: it was written to a file.</param>
internal sealed class AnchoredCommand(SignedCheckpoint checkpoint, AnchorTimestamp? timestamp) : LedgerCommand
{
    private readonly Digest? token = timestamp is null ? null : TreeHash.Sha256(timestamp.Token);

    public override void Ask(RowsWanted wanted)
    {
        if (token is { } digest)
            wanted.Documents.Add(digest.Bytes.ToArray());
    }

    public override byte[] Run(LedgerTurn turn)
    {
        var draft = RecordDraft.Of(RecordType.LedgerAnchored, LedgerActors.Program, record => record with
        {
            Notice = token is { } digest ? new Notice(digest) : null,
            Detail = LeafValue.Map.Of(("kind", timestamp is null ? "file" : "rfc3161"), ("size", checkpoint.Size), ("digest", checkpoint.Digest)),
        });
        var written = token is { } key && !turn.HasDocument(key)
            ? turn.Publish(new DocumentRow(key.Bytes.ToArray(), AnchorTimestamp.Media, timestamp!.Token), draft)
            : turn.Append(draft);
        return new CommandAnswer(written.Seq, null).ToBytes();
    }
}

/// <summary>Says in the ledger that the clock can't be trusted.</summary>
internal sealed class ClockAnomalyCommand(ClockAnomaly anomaly) : LedgerCommand
{
    public override void Ask(RowsWanted wanted)
    {
    }

    public override byte[] Run(LedgerTurn turn) => new CommandAnswer(turn.Append(RecordDraft.Of(RecordType.LedgerClockAnomaly, LedgerActors.Program, record => record with
    {
        Detail = LeafValue.Map.Of(("kind", anomaly.Word), ("seconds", (long)Math.Min(anomaly.By.TotalSeconds, int.MaxValue))),
    })).Seq, null).ToBytes();
}

/// <summary>Says in the ledger that a signing key came into use, or went out of it.</summary>
internal sealed class KeyChangedCommand(RecordType type, Actor actor, SignerKey key) : LedgerCommand
{
    public override void Ask(RowsWanted wanted)
    {
    }

    public override byte[] Run(LedgerTurn turn) => new CommandAnswer(Append(turn).Seq, null).ToBytes();

    /// <summary>Writes the record within another command.</summary>
    public LedgerRecord Append(LedgerTurn turn) => turn.Append(RecordDraft.Of(type, actor, record => record with
    {
        Detail = LeafValue.Map.Of(("use", SignerKey.WordOf(key.Use)), ("key", key.Digest)),
    }));
}

/// <summary>Who writes what nobody asked for.</summary>
internal static class LedgerActors
{
    /// <summary>The program itself.</summary>
    public static Actor Program { get; } = new(ActorKind.System, "ringfence");
}
