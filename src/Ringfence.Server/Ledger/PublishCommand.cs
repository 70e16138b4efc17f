using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>Keeps a document for ever under the digest of its bytes: a wording, a passport, a party. The same bytes twice are kept once.</summary>
/// <param name="actor">Who publishes it.</param>
/// <param name="kind"><c>party</c>, <c>wording</c>, <c>passport</c>, <c>rules</c>, <c>form</c>, <c>form-page</c>, <c>notice</c>.</param>
/// <param name="media">Media type.</param>
/// <param name="bytes">The document; nothing personal.</param>
/// <param name="lang">BCP 47 tag; <c>und</c> where it has none.</param>
/// <param name="version">Its version, a word.</param>
internal sealed class PublishCommand(Actor actor, string kind, string media, byte[] bytes, string lang, string version) : LedgerCommand
{
    public Digest Digest { get; } = TreeHash.Sha256(bytes);

    public override void Ask(RowsWanted wanted) => wanted.Documents.Add(Digest.Bytes.ToArray());

    public override byte[] Run(LedgerTurn turn)
    {
        if (turn.HasDocument(Digest))
            return new CommandAnswer(-1, null, Already: true).ToBytes();
        var written = turn.Publish(new DocumentRow(Digest.Bytes.ToArray(), media, bytes), Draft());
        return new CommandAnswer(written.Seq, null).ToBytes();
    }

    /// <summary>The record that goes with it.</summary>
    public RecordDraft Draft() => RecordDraft.Of(RecordType.DocPublished, actor, record => record with
    {
        Notice = new Notice(Digest, lang, version),
        Detail = LeafValue.Map.Of(("kind", kind)),
    });
}

/// <summary>Says anew who the controller is: the document is kept, and every record from this one on names it.</summary>
/// <param name="actor">Who says so.</param>
/// <param name="party">Who it is.</param>
internal sealed class PublishPartyCommand(Actor actor, PartyDocument party) : LedgerCommand
{
    private readonly PublishCommand publish = new(actor, "party", "application/json", party.ToBytes(), "und", "1");

    public override void Ask(RowsWanted wanted) => publish.Ask(wanted);

    public override byte[] Run(LedgerTurn turn)
    {
        if (turn.Controller == publish.Digest)
            return new CommandAnswer(-1, null, Already: true).ToBytes();
        // The record that says so is the first that names it.
        turn.Controller = publish.Digest;
        return turn.HasDocument(publish.Digest) ? new CommandAnswer(turn.Append(publish.Draft()).Seq, null).ToBytes() : publish.Run(turn);
    }
}

/// <summary>Begins a ledger: the genesis, whose it is, and which keys will sign it.</summary>
internal sealed class FoundCommand(LedgerRow ledger, PublishCommand party, IReadOnlyList<SignerKey> keys) : LedgerCommand
{
    public override void Ask(RowsWanted wanted) => party.Ask(wanted);

    public override byte[] Run(LedgerTurn turn)
    {
        if (turn.Size > 0)
            throw new CommandRefusedException("founded");
        turn.Append(RecordDraft.Of(RecordType.LedgerGenesis, new Actor(ActorKind.System, "ringfence"), record => record with
        {
            Detail = LeafValue.Map.Of(
                ("origin", ledger.Origin), ("controller", ledger.Controller), ("epoch", ledger.Epoch), ("lane", ledger.Lane), ("lanes", ledger.Lanes)),
        }));
        var answer = party.Run(turn);
        foreach (var key in keys)
            new KeyChangedCommand(RecordType.LedgerKeyAdded, LedgerActors.Program, key).Append(turn);
        return answer;
    }
}
