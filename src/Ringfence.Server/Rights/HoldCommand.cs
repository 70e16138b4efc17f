using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rights;

/// <summary>Blocks all use of what is held of a person, without erasing it; or ends that.</summary>
/// <param name="actor">Who does it.</param>
/// <param name="sid">The person.</param>
/// <param name="reason">One of <see cref="Reasons"/>; null: the hold is released.</param>
/// <param name="evidence">What shows it: JSON, sealed; null: nothing.</param>
internal sealed class HoldCommand(Actor actor, OpaqueId sid, string? reason, byte[]? evidence = null) : LedgerCommand
{
    /// <summary>They wrote something that may be a no, and nobody has read it yet.</summary>
    public const string Unclear = "unclear";

    /// <summary>Why use is blocked: the cases of Article 18(1) GDPR, a claim that others have, and words that nobody has read yet.</summary>
    public static readonly string[] Reasons = ["legal-claim", "accuracy", "unlawful", "objection", Unclear, "other"];

    public override bool IsWithdrawal => reason is not null;

    public override void Ask(RowsWanted wanted) => wanted.Subjects.Add(sid.ToArray());

    public override byte[] Run(LedgerTurn turn)
    {
        var person = turn.Person(sid);
        if (person.Records.Count == 0)
            throw new CommandRefusedException("not-a-contact");
        if (person.Status == PersonStatus.Erased)
            throw new CommandRefusedException("erased");
        // Whoever is merged with them may be held by an own record.
        OpaqueId[] held = [.. HeldOf(person)];
        if (reason is null && held.Length == 0)
            throw new CommandRefusedException("not-held");
        var last = person.Records.LastOrDefault(static record => record.Type == RecordType.ProcessingHeld);
        // What they wrote once more is kept once more.
        if (reason is not null && evidence is null && held.Contains(person.Sid) && last?.Detail?["reason"]?.AsText == reason)
            return new CommandAnswer(last.Seq, person.Sid.ToString(), Already: true).ToBytes();

        var seqs = new List<long>();
        foreach (var one in reason is null ? held : [person.Sid])
        {
            var draft = RecordDraft.Of(reason is null ? RecordType.ProcessingReleased : RecordType.ProcessingHeld, actor, record => record with
            {
                Subject = new Subject(one),
                Detail = reason is null ? null : LeafValue.Map.Of(("reason", reason)),
            });
            if (evidence is not null)
                draft.Sealing(CommitGroup.Evidence, evidence);
            seqs.Add(turn.Append(draft).Seq);
        }

        return new CommandAnswer(seqs[0], person.Sid.ToString(), Also: seqs).ToBytes();
    }

    private static HashSet<OpaqueId> HeldOf(Person person)
    {
        var held = new HashSet<OpaqueId>();
        foreach (var record in person.Records)
        {
            if (record.Type == RecordType.ProcessingHeld)
                held.Add(record.Subject!.Value.Sid);
            else if (record.Type == RecordType.ProcessingReleased)
                held.Remove(record.Subject!.Value.Sid);
        }

        return held;
    }
}
