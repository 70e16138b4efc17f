using System.Security.Cryptography;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Rights;

/// <summary>The first half of an erasure: says that a person is to be forgotten, and takes away everything of them but what the tree holds. Their numbers stay blocked.</summary>
/// <param name="actor">Who does it.</param>
/// <param name="sid">The person; all that were merged with them are forgotten, too.</param>
/// <param name="points">All their numbers and addresses, as they were opened before.</param>
/// <param name="carriedBy">The records that these were opened from: another one since means that a number may be missing.</param>
/// <param name="reason">One of <see cref="Reasons"/>.</param>
/// <param name="keeps">What the law wants kept of their consents, and sealed again already; null: nobody looked.</param>
internal sealed class EraseCommand(Actor actor, OpaqueId sid, IReadOnlyList<PointTags> points, IReadOnlyCollection<long> carriedBy, string reason, ErasureKeeps? keeps = null) : LedgerCommand
{
    /// <summary>Why somebody is forgotten: the grounds of Article 17(1) GDPR, and the end of retention.</summary>
    public static readonly string[] Reasons = ["request", "objection", "consent-withdrawn", "unlawful", "legal-duty", "minor", "retention"];

    public override bool IsWithdrawal => true;

    public override void Ask(RowsWanted wanted)
    {
        wanted.Subjects.Add(sid.ToArray());
        wanted.WithPoints = true;
        foreach (var tags in points)
        {
            wanted.Points.Add(tags.Lookup);
            wanted.Suppressions.UnionWith(tags.Suppress);
            wanted.RightsRequestsOf.Add(tags.Lookup);
        }
    }

    public override byte[] Run(LedgerTurn turn)
    {
        var person = turn.Person(sid);
        if (person.Records.Count == 0)
            throw new CommandRefusedException("not-a-contact");
        if (person.Status == PersonStatus.Erased)
            return new CommandAnswer(person.Records.Last(static record => record.Type == RecordType.ErasureRequested).Seq, person.Sid.ToString(), Already: true).ToBytes();
        if (person.Status == PersonStatus.Held)
            throw new CommandRefusedException("held", string.Join(", ", person.Holds.Select(static hold => hold.Reason).Distinct().Order(StringComparer.Ordinal)));
        if (!person.CarriedBy.SequenceEqual(carriedBy))
            throw new CommandRefusedException("changed-meanwhile");
        // A yes that came since would be destroyed with what proves it.
        if (keeps is not null && !ErasureKeeps.Proving(person).SequenceEqual(keeps.Seen))
            throw new CommandRefusedException("changed-meanwhile");

        var openings = OpeningsOf(person.Records);
        var (stay, again) = Block(turn, points.Select(tags => (turn.TagOf(tags), tags.Point.Channels)));
        var seqs = new List<long>();
        foreach (var one in (IEnumerable<OpaqueId>)[person.Sid, .. person.Merged])
        {
            seqs.Add(turn.Append(RecordDraft.Of(RecordType.ErasureRequested, actor, record => record with
            {
                Subject = new Subject(one),
                // How many numbers stay blocked without a record that says so, until the next snapshot does: one that went missing would show.
                Detail = one == person.Sid && keeps is { Proofs: [_, ..] proofs }
                    ? LeafValue.Map.Of(("reason", reason), ("kept", again.Count), ("proofs", proofs.Count), ("until", proofs.Max(static proof => proof.Until)!))
                    : LeafValue.Map.Of(("reason", reason), ("kept", one == person.Sid ? again.Count : 0)),
            })).Seq);
        }

        // What they asked for and complained of goes with them.
        RequestForgetting.Forget(turn, actor, [.. points.SelectMany(tags => turn.RightsRequestsOf(tags.Lookup))], person.Sid);
        foreach (var row in stay)
            turn.Change(row);
        foreach (var row in again)
            turn.Suppress(row);
        foreach (var one in (IEnumerable<OpaqueId>)[person.Sid, .. person.Merged])
            turn.Forget(one, openings);
        return new CommandAnswer(seqs[0], person.Sid.ToString(), Also: seqs).ToBytes();
    }

    /// <summary>The records of which something is sealed beside.</summary>
    public static List<long> OpeningsOf(IEnumerable<LedgerRecord> records) =>
        [.. records.Where(static record => record.Commits is { } commits && (commits.Person ?? commits.Evidence ?? commits.Note) is not null).Select(static record => record.Seq)];

    /// <summary>How numbers and addresses are blocked for good: what was said before stays said, and nothing ties it to the old records any more.</summary>
    /// <returns>Rows that take the place of those there, and rows that are added.</returns>
    public static (List<SuppressionRow> Stay, List<SuppressionRow> Again) Block(LedgerTurn turn, IEnumerable<(byte[] Tag, ChannelSet Channels)> numbers)
    {
        var (stay, again) = (new List<SuppressionRow>(), new List<SuppressionRow>());
        foreach (var (tag, channels) in numbers)
        {
            var everything = SuppressionScope.Everything with { Channels = channels };
            var blocked = false;
            foreach (var row in turn.AllSuppressions(tag))
            {
                blocked |= row.LiftedSeq is null && SuppressionScope.Of(row).Covers(everything) && row.Kind >= (short)SuppressionKind.Objection;
                // One without a record has nothing that ties it.
                if (row.Seq is null)
                    continue;
                var untied = SuppressionLeaf.Untie(row, turn.Size, turn.Now);
                stay.Add(untied.Stays);
                if (untied.Again is { } fresh)
                    again.Add(fresh);
            }

            if (blocked)
                continue;
            again.Add(new SuppressionRow(
                Fresh.Id().ToArray(), tag, turn.SuppressionChain, RandomNumberGenerator.GetBytes(Digest.Size), (int)everything.Channels, null, null,
                SuppressionLeaf.DayOf(turn.Now), (short)SuppressedBy.Person, (short)SuppressionKind.Objection, null, null));
        }

        return (stay, again);
    }
}

/// <summary>What an erasure does not destroy.</summary>
/// <param name="Proofs">What is sealed again.</param>
/// <param name="Seen">The records that may prove a consent, as they were looked at.</param>
internal sealed record ErasureKeeps(IReadOnlyList<KeptProof> Proofs, IReadOnlyList<long> Seen)
{
    /// <summary>The records of a person that may prove a consent.</summary>
    public static IEnumerable<long> Proving(Person person) =>
        person.Records.Where(static record => record.Commits?.Evidence is not null && !Gate.Permits.IsIdle(record.Type)).Select(static record => record.Seq);
}

/// <summary>Forgets somebody again who came back with a backup from before their erasure. Their key is destroyed already; their numbers are known by keyed hash alone.</summary>
/// <param name="actor">Who does it.</param>
/// <param name="sid">The person.</param>
/// <param name="numbers">What was kept of their numbers, under the key of the day of their erasure.</param>
/// <param name="keys">The keys by which they are suppressed.</param>
/// <param name="refusals">The records of theirs that added suppressions.</param>
internal sealed class EraseAgainCommand(Actor actor, OpaqueId sid, IReadOnlyList<ErasedNumber> numbers, SuppressionKeysInUse keys, IReadOnlyList<long> refusals) : LedgerCommand
{
    public override bool IsWithdrawal => true;

    public override void Ask(RowsWanted wanted)
    {
        wanted.Subjects.Add(sid.ToArray());
        wanted.WithPoints = true;
        wanted.SuppressionsBySeq.UnionWith(refusals);
        foreach (var number in numbers)
            wanted.Suppressions.UnionWith(keys.Current.Onwards(new ContactTag(number.TagBytes), number.Chain).Select(static tag => tag.ToArray()));
    }

    public override byte[] Run(LedgerTurn turn)
    {
        LedgerRecord[] own = [.. turn.RecordsOf(sid).Where(record => record.Subject?.Sid == sid)];
        if (Array.Exists(own, static record => record.Type is RecordType.ErasureRequested))
            return new CommandAnswer(-1, sid.ToString(), Already: true).ToBytes();
        var (stay, again) = EraseCommand.Block(turn, numbers.Select(number => (turn.Renewed(number.TagBytes, number.Chain), (ChannelSet)number.Channels)));
        foreach (var row in refusals.Select(turn.SuppressionOf).OfType<SuppressionRow>().Where(row => !stay.Exists(other => other.Id.AsSpan().SequenceEqual(row.Id))))
        {
            var untied = SuppressionLeaf.Untie(row, turn.Size, turn.Now);
            stay.Add(untied.Stays);
            if (untied.Again is { } fresh)
                again.Add(fresh);
        }

        var written = turn.Append(RecordDraft.Of(RecordType.ErasureRequested, actor, record => record with
        {
            Subject = new Subject(sid),
            Detail = LeafValue.Map.Of(("reason", "restored"), ("kept", again.Count)),
        }));
        stay.ForEach(turn.Change);
        again.ForEach(turn.Suppress);
        turn.Forget(sid, EraseCommand.OpeningsOf(own));
        return new CommandAnswer(written.Seq, sid.ToString()).ToBytes();
    }
}

/// <summary>The second half of an erasure, once the person's key is destroyed: says so, and lists every record that can't be opened any more.</summary>
/// <param name="actor">Who does it.</param>
/// <param name="sids">The persons.</param>
internal sealed class CompleteErasureCommand(Actor actor, IReadOnlyCollection<OpaqueId> sids) : LedgerCommand
{
    // So many places fit into one record with room to spare.
    private const int MostAbout = 400;

    public override void Ask(RowsWanted wanted)
    {
        foreach (var sid in sids)
            wanted.Subjects.Add(sid.ToArray());
    }

    public override byte[] Run(LedgerTurn turn)
    {
        var seqs = new List<long>();
        foreach (var sid in sids)
        {
            LedgerRecord[] own = [.. turn.RecordsOf(sid).Where(record => record.Subject?.Sid == sid)];
            if (!IsPending(own))
                continue;
            seqs.Add(turn.Append(RecordDraft.Of(RecordType.KeyDestroyed, actor, record => record with { Subject = new Subject(sid) })).Seq);
            var gone = own.Where(static record => record.Commits is not null).Select(static record => record.Seq).ToArray();
            foreach (var some in gone.Length == 0 ? [[]] : gone.Chunk(MostAbout))
            {
                seqs.Add(turn.Append(RecordDraft.Of(RecordType.ErasureCompleted, actor, record => record with
                {
                    Subject = new Subject(sid),
                    About = some.Length == 0 ? null : [.. some],
                })).Seq);
            }
        }

        return seqs.Count == 0
            ? new CommandAnswer(-1, null, Already: true).ToBytes()
            : new CommandAnswer(seqs[0], null, Also: seqs).ToBytes();
    }

    /// <summary>Whether an erasure was begun and not ended.</summary>
    /// <param name="own">The records about one person, in order.</param>
    public static bool IsPending(IReadOnlyList<LedgerRecord> own) =>
        own.LastOrDefault(static record => record.Type is RecordType.ErasureRequested or RecordType.ErasureCompleted) is { Type: RecordType.ErasureRequested };
}
