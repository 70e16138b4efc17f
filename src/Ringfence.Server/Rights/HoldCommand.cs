using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rights;

/// <summary>Blocks all use of what is held of a person, without erasing it; or ends that.</summary>
/// <param name="actor">Who does it.</param>
/// <param name="sid">The person.</param>
/// <param name="reason">One of <see cref="Reasons"/>; null: the hold is released.</param>
internal sealed class HoldCommand(Actor actor, OpaqueId sid, string? reason) : LedgerCommand
{
    /// <summary>Why use is blocked: the cases of Article 18(1) GDPR, and a claim that others have.</summary>
    public static readonly string[] Reasons = ["legal-claim", "accuracy", "unlawful", "objection", "other"];

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
        if (reason is not null && held.Contains(person.Sid) && last?.Detail?["reason"]?.AsText == reason)
            return new CommandAnswer(last.Seq, person.Sid.ToString(), Already: true).ToBytes();

        var seqs = new List<long>();
        foreach (var one in reason is null ? held : [person.Sid])
        {
            seqs.Add(turn.Append(RecordDraft.Of(reason is null ? RecordType.ProcessingReleased : RecordType.ProcessingHeld, actor, record => record with
            {
                Subject = new Subject(one),
                Detail = reason is null ? null : LeafValue.Map.Of(("reason", reason)),
            })).Seq);
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
