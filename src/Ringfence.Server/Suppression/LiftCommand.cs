using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Suppression;

/// <summary>Takes a suppression back: by a fresh yes that was confirmed from the handset itself, or as an error that two people vouch for with a reason.</summary>
internal sealed class LiftCommand : LedgerCommand
{
    private readonly Actor actor;
    private readonly PointTags tags;
    private readonly long seq;
    private readonly long? confirmed;
    private readonly string? second;
    private readonly byte[]? reason;

    private LiftCommand(Actor actor, PointTags tags, long seq, long? confirmed, string? second, byte[]? reason) =>
        (this.actor, this.tags, this.seq, this.confirmed, this.second, this.reason) = (actor, tags, seq, confirmed, second, reason);

    /// <summary>By a confirmed opt-in: its record.</summary>
    public static LiftCommand ByOptIn(Actor actor, PointTags tags, long seq, long confirmed) => new(actor, tags, seq, confirmed, null, null);

    /// <summary>As an error: two people, and why.</summary>
    /// <param name="second">Who else vouches for it; not the actor.</param>
    /// <param name="reason">JSON, sealed.</param>
    public static LiftCommand AsError(Actor actor, PointTags tags, long seq, string second, byte[] reason) => new(actor, tags, seq, null, second, reason);

    public override void Ask(RowsWanted wanted)
    {
        wanted.Points.Add(tags.Lookup);
        wanted.Suppressions.UnionWith(tags.Suppress);
        wanted.Records.Add(seq);
        if (confirmed is { } record)
            wanted.Records.Add(record);
    }

    public override byte[] Run(LedgerTurn turn)
    {
        var row = turn.Suppressions(tags).FirstOrDefault(row => row.Seq == seq) ?? throw new CommandRefusedException("no-such-suppression");
        var added = turn.Record(seq) ?? throw new CommandRefusedException("no-such-suppression");
        var draft = RecordDraft.Of(RecordType.SuppressionLifted, actor, record => record with { Subject = added.Subject, Scope = added.Scope });
        if (confirmed is { } at)
            ByOptIn(turn, row, added, at, draft);
        else
            AsError(turn, draft);
        var written = turn.Append(draft);
        turn.Change(row with { LiftedSeq = written.Seq });
        return new CommandAnswer(written.Seq, added.Subject?.Sid.ToString()).ToBytes();
    }

    private void ByOptIn(LedgerTurn turn, SuppressionRow row, LedgerRecord added, long at, RecordDraft draft)
    {
        // Fresh: after the no. Confirmed: from the address itself. Of the same number, and for all that the no closed.
        var yes = turn.Record(at);
        var point = turn.Lookup(tags.Lookup)?.Point;
        if (yes is not { Type: RecordType.ConsentConfirmed, State: RecordState.Confirmed } || yes.Seq <= added.Seq || yes.EventAt < added.EventAt
            || yes.Method is not { Ceremony: Ceremony.DoubleOptIn } || point is null || yes.Subject?.Point is not { } confirmedPoint || confirmedPoint != new OpaqueId(point)
            || yes.Scope is null || !SuppressionScope.Of(yes.Scope).Covers(SuppressionScope.Of(row)))
        {
            throw new CommandRefusedException("not-confirmed");
        }

        // What the person did not say themselves is not theirs to take back.
        if (row.By != (short)Ringfence.Gate.SuppressedBy.Person || row.Kind == (short)Ringfence.Gate.SuppressionKind.Restriction)
            throw new CommandRefusedException("not-theirs");
        draft.Set(record => record with { About = [seq, at] });
    }

    private void AsError(LedgerTurn turn, RecordDraft draft)
    {
        if (actor.Kind != ActorKind.Staff || second is null or "" || string.Equals(second, actor.Ref, StringComparison.OrdinalIgnoreCase))
            throw new CommandRefusedException("two-people");
        if (reason is not { Length: > 0 })
            throw new CommandRefusedException("no-reason");
        draft.Set(record => record with { About = [seq], Detail = LeafValue.Map.Of(("approved", LeafValue.ListOf([actor.Ref, second]))) });
        // Where nobody is known, nobody's key can seal the reason; it then stands in the staff's own files.
        if (draft.Record.Subject is not null && turn.Lookup(tags.Lookup) is not null)
            draft.Sealing(CommitGroup.Note, reason);
    }
}
