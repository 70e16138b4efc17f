using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Ledger;
using Ringfence.Server.Rights;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.People.Import;

/// <summary>Takes back what an import said of some people: who came by nothing else is forgotten, of the others its consents are taken back. What it said of refusals stays.</summary>
/// <param name="actor">Who undoes it.</param>
/// <param name="batch">The import.</param>
/// <param name="people">Those people.</param>
/// <param name="suppressions">Places of the suppressions that it added for them.</param>
/// <param name="settled">The end of its records up to which everybody is dealt with.</param>
internal sealed class UndoCommand(Actor actor, OpaqueId batch, IReadOnlyCollection<OpaqueId> people, IReadOnlyCollection<long> suppressions, long settled) : LedgerCommand
{
    // So many places fit into one record with room to spare.
    private const int MostAbout = 400;

    private readonly string word = batch.ToString();

    /// <summary>Who is to be forgotten: their keys have to go now.</summary>
    public IReadOnlyList<OpaqueId> Forgotten { get; private set; } = [];

    public override void Ask(RowsWanted wanted)
    {
        wanted.Batches.Add(batch.ToArray());
        wanted.SuppressionsBySeq.UnionWith(suppressions);
        foreach (var sid in people)
            wanted.Subjects.Add(sid.ToArray());
    }

    public override byte[] Run(LedgerTurn turn)
    {
        if (turn.Batch(batch.ToArray()) is not { } row || row.State == (short)ImportState.Undone)
            throw new CommandRefusedException("no-such-import", word);
        var kept = ImportBatch.Read(row.Facts);
        var tally = kept.Undo ?? new UndoTally();
        var forgotten = new List<OpaqueId>();
        foreach (var sid in people)
        {
            var person = turn.PersonAlone(sid);
            LedgerRecord[] own = [.. person.Records.Where(record => record.Subject?.Sid == sid)];
            if (CompleteErasureCommand.IsPending(own))
            {
                forgotten.Add(sid);
            }
            else if (person.Status != PersonStatus.Erased && IsOfBatchAlone(person))
            {
                Forget(turn, person, own);
                forgotten.Add(sid);
                tally = tally with { Erased = tally.Erased + 1 };
            }
            else if (person.Status != PersonStatus.Erased && OpenConsents(own) is { Count: > 0 } consents)
            {
                foreach (var some in consents.Chunk(MostAbout))
                    TakeBack(turn, sid, some);
                tally = tally with { Kept = tally.Kept + 1, Invalidated = tally.Invalidated + consents.Count };
            }
        }

        turn.Put(row with { State = (short)ImportState.BeingUndone, Facts = (kept with { UndoneUntil = settled, Undo = tally }).ToBytes() });
        Forgotten = forgotten;
        return [];
    }

    /// <summary>Whether nothing but this import ever told of the person; that somebody looked at them, or asked about them, is nothing told.</summary>
    private bool IsOfBatchAlone(Person person) =>
        person.MergedInto is null && person.Merged.Count == 0
        && person.Records.All(record => IsOfBatch(record) || record.Type is RecordType.StaffRevealed or RecordType.StaffExport or RecordType.DecisionAllowed or RecordType.DecisionDenied);

    private bool IsOfBatch(LedgerRecord record) => record.Detail?["batch"]?.AsText == word;

    private List<long> OpenConsents(LedgerRecord[] own)
    {
        var corrected = own.Where(static record => record.Type == RecordType.ConsentCorrected).SelectMany(static record => record.About ?? []).ToHashSet();
        return
        [
            .. own.Where(record => record is { Type: RecordType.ConsentImported, State: RecordState.Given or RecordState.Requested } && IsOfBatch(record) && !corrected.Contains(record.Seq))
                .Select(static record => record.Seq),
        ];
    }

    private void TakeBack(LedgerTurn turn, OpaqueId sid, long[] consents) => turn.Append(RecordDraft.Of(RecordType.ConsentCorrected, actor, record => record with
    {
        State = RecordState.Invalidated,
        Subject = new Subject(sid),
        About = [.. consents],
        Detail = LeafValue.Map.Of(("batch", batch), ("reason", "import-undone")),
    }));

    // What was refused stays refused, and nothing ties it to the records of somebody who is forgotten any more.
    private void Forget(LedgerTurn turn, Person person, LedgerRecord[] own)
    {
        var untied = own.Where(static record => record.Type == RecordType.SuppressionAdded).Select(record => turn.SuppressionOf(record.Seq)).OfType<SuppressionRow>()
            .Select(row => SuppressionLeaf.Untie(row, turn.Size, turn.Now)).ToList();
        turn.Append(RecordDraft.Of(RecordType.ErasureRequested, actor, record => record with
        {
            Subject = new Subject(person.Sid),
            Detail = LeafValue.Map.Of(("batch", batch), ("reason", "import-undone"), ("kept", untied.Count(static row => row.Again is not null))),
        }));
        foreach (var (stays, again) in untied)
        {
            turn.Change(stays);
            if (again is not null)
                turn.Suppress(again);
        }

        turn.Forget(person.Sid, EraseCommand.OpeningsOf(person.Records));
    }
}

/// <summary>Says that an import is undone.</summary>
internal sealed class UndoneCommand(Actor actor, OpaqueId batch) : LedgerCommand
{
    /// <summary>The import as it then stands.</summary>
    public ImportBatch? After { get; private set; }

    public override void Ask(RowsWanted wanted) => wanted.Batches.Add(batch.ToArray());

    public override byte[] Run(LedgerTurn turn)
    {
        var row = turn.Batch(batch.ToArray()) ?? throw new CommandRefusedException("no-such-import", batch.ToString());
        After = ImportBatch.Read(row.Facts);
        if (row.State == (short)ImportState.Undone)
            return [];
        var tally = After.Undo ?? new UndoTally();
        After = After with { Undo = tally with { Refusals = After.Tally.Suppressions } };
        var facts = After.ToBytes();
        turn.Append(RecordDraft.Of(RecordType.ImportUndone, actor, record => record with
        {
            Detail = LeafValue.Map.Of(
                ("batch", batch), ("erased", tally.Erased), ("kept", tally.Kept), ("invalidated", tally.Invalidated), ("suppressions", After.Tally.Suppressions),
                ("facts", TreeHash.Sha256(facts))),
        }));
        turn.Put(row with { State = (short)ImportState.Undone, Facts = facts });
        return [];
    }
}
