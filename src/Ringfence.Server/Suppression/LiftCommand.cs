using Ringfence.Consent;
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
        {
            var (yes, opened) = Confirmed(turn, row, added, at);
            draft.Set(record => record with { About = [seq, at] });
            if (!opened.Covers(SuppressionScope.Of(row)))
                return InPart(turn, yes, opened, draft);
        }
        else
        {
            AsError(turn, draft);
        }

        var written = turn.Append(draft);
        turn.Change(row with { LiftedSeq = written.Seq });
        return new CommandAnswer(written.Seq, added.Subject?.Sid.ToString()).ToBytes();
    }

    // Who refused more says yes to something: just that is opened, and the no stands for all the rest.
    private byte[] InPart(LedgerTurn turn, LedgerRecord yes, SuppressionScope opened, RecordDraft draft)
    {
        var sid = yes.Subject!.Value.Sid;
        if (turn.RecordsOf(sid).FirstOrDefault(record => PartialLift.Is(record) && record.About is [var about, var by] && about == seq && by == yes.Seq) is { } before)
            return new CommandAnswer(before.Seq, sid.ToString(), Already: true).ToBytes();
        draft.Set(record => record with { Subject = yes.Subject, Scope = opened.ToRecord(), Detail = LeafValue.Map.Of(PartialLift.Mark) });
        return new CommandAnswer(turn.Append(draft).Seq, sid.ToString()).ToBytes();
    }

    /// <summary>The yes, and what of the suppression it opens.</summary>
    private (LedgerRecord Yes, SuppressionScope Opened) Confirmed(LedgerTurn turn, SuppressionRow row, LedgerRecord added, long at)
    {
        // Fresh: after the no. Confirmed: from the address itself. Of the same number.
        var yes = turn.Record(at);
        var point = turn.Lookup(tags.Lookup)?.Point;
        if (yes is not { Type: RecordType.ConsentConfirmed, State: RecordState.Confirmed } || yes.Seq <= added.Seq || yes.EventAt < added.EventAt
            || yes.Method is not { Ceremony: Ceremony.DoubleOptIn } || point is null || yes.Subject?.Point is not { } confirmedPoint || confirmedPoint != new OpaqueId(point)
            || yes.Scope is not { Channels: { } words, Purposes: { } named })
        {
            throw new CommandRefusedException("not-confirmed");
        }

        // What the person did not say themselves is not theirs to take back.
        if (row.By != (short)Ringfence.Gate.SuppressedBy.Person || row.Kind == (short)Ringfence.Gate.SuppressionKind.Restriction)
            throw new CommandRefusedException("not-theirs");
        var refused = SuppressionScope.Of(row);
        var channels = ChannelSet.None;
        foreach (var word in words)
            channels |= Ringfence.Channels.TryParse(word, out var channel) ? channel.Only() & refused.Channels : ChannelSet.None;
        var purposes = PartialLift.Within(named, refused.Purposes);
        if (channels == ChannelSet.None || purposes.Count == 0 || !Stands(turn, yes, channels, purposes))
            throw new CommandRefusedException("not-confirmed");
        return (yes, new SuppressionScope(channels, purposes));
    }

    // A yes that was taken back, corrected or has ended since opens nothing any more.
    private static bool Stands(LedgerTurn turn, LedgerRecord yes, ChannelSet channels, IReadOnlyList<string> purposes)
    {
        var subject = yes.Subject!.Value;
        var consents = ConsentState.Fold(turn.Person(subject.Sid).Records);
        return Ringfence.Channels.All.Where(channel => channels.Has(channel)).All(channel => purposes.All(purpose =>
            consents.At(subject.Point!.Value, channel, purpose, turn.Now) is { Standing: ConsentStanding.Confirmed } answer && answer.Seqs.Contains(yes.Seq)));
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
