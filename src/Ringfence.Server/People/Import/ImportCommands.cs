using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.People.Import;

/// <summary>Begins an import: says where its contacts came from, and keeps the passport.</summary>
/// <param name="batch">The import; its places in the ledger are set here.</param>
/// <param name="actor">Who imports.</param>
/// <param name="passport">The passport's file as it is; null: none.</param>
internal sealed class StartImportCommand(ImportBatch batch, Actor actor, DocumentRow? passport) : LedgerCommand
{
    private ImportBatch? begun;

    /// <summary>The import as it began; once it has.</summary>
    public ImportBatch Begun => begun!;

    public override void Ask(RowsWanted wanted)
    {
        wanted.Batches.Add(batch.Name.ToArray());
        if (passport is not null)
            wanted.Documents.Add(passport.Digest);
    }

    public override byte[] Run(LedgerTurn turn)
    {
        // Tried again after nobody could say whether it was done.
        if (turn.Batch(batch.Name.ToArray()) is { State: not (short)ImportState.Waiting } row)
        {
            if (row.State != (short)ImportState.Running)
                throw new CommandRefusedException("import-not-running");
            begun = ImportBatch.Read(row.Facts);
            return [];
        }

        var from = turn.Size;
        if (passport is not null && !turn.HasDocument(new Digest(passport.Digest)))
            turn.Publish(passport, new ImportRecords(batch, actor).Published(passport, "passport"));
        turn.Append(RecordDraft.Of(RecordType.ImportStarted, actor, record => record with
        {
            Notice = passport is null ? null : new Notice(new Digest(passport.Digest), "und", "1"),
            Detail = LeafValue.Map.Of(
                ("batch", batch.Name), ("source", batch.Source), ("file", LeafValue.ListOf(batch.Files.Select(static file => file.Sha256))),
                ("purpose", LeafValue.ListOf(batch.Purposes)), ("rows", batch.Rows), ("facts", batch.Begun())),
        }));
        begun = batch with { From = from, Until = turn.Size };
        turn.Put(new BatchRow(batch.Name.ToArray(), 0, (short)ImportState.Running, begun.ToBytes()));
        return [];
    }
}

/// <summary>Writes some batches of rows that follow one on the other, and with them how far the import has come.</summary>
/// <param name="records">Makes the records.</param>
/// <param name="batches">The rows.</param>
/// <param name="before">Whom the first rows of persons in earlier batches were written down as.</param>
/// <param name="setting">Where it is written.</param>
/// <param name="throwaway">Seals what is thrown away; null where it is not.</param>
internal sealed class EnterBatchCommand(
    ImportRecords records, IReadOnlyList<PreparedBatch> batches, IReadOnlyDictionary<int, OpaqueId> before, ImportSetting setting, Sealer? throwaway) : LedgerCommand
{
    /// <summary>Whether all rows are written, and these are the settled ones whose refusals may reach somebody who came after them.</summary>
    public bool IsOfRefusals { get; init; }

    private IEnumerable<PreparedRow> Rows => batches.SelectMany(prepared => IsOfRefusals ? prepared.Settled : prepared.Rows);

    private readonly StoredNames names = new(setting.Installation, setting.Ledger);

    /// <summary>The import as it stands after the batch.</summary>
    public ImportBatch After { get; private set; } = records.Batch;

    /// <summary>Whom first rows of persons with more rows were written down as.</summary>
    public IReadOnlyDictionary<int, OpaqueId> Met { get; private set; } = new Dictionary<int, OpaqueId>();

    private long Done => batches[^1].Batch.FirstRow + (long)batches[^1].Batch.RowsSeen;

    public override void Ask(RowsWanted wanted)
    {
        wanted.Batches.Add(records.Batch.Name.ToArray());
        foreach (var row in Rows)
        {
            foreach (var tags in row.Points)
            {
                wanted.Points.Add(tags.Lookup);
                wanted.Suppressions.UnionWith(tags.Suppress);
            }

            foreach (var tags in row.Guessed)
            {
                wanted.Points.Add(tags.Lookup);
                wanted.Suppressions.UnionWith(tags.Suppress);
            }

            foreach (var document in row.Documents)
            {
                if (document is not null)
                    wanted.Documents.Add(document.Digest);
            }

            if (row.Row.HasMore && before.TryGetValue(row.Row.Person, out var sid))
                wanted.Subjects.Add(sid.ToArray());
        }
    }

    public override byte[] Run(LedgerTurn turn)
    {
        var row = turn.Batch(records.Batch.Name.ToArray());
        if (row is null || row.State != (short)ImportState.Running)
            throw new CommandRefusedException("import-not-running");
        var batch = ImportBatch.Read(row.Facts);
        if (row.Done >= Done && !IsOfRefusals)
        {
            // Written already: this is the same batch, tried again after nobody could say whether it was.
            After = batch;
            return [];
        }

        var entry = new BatchEntry(turn, records, before, IsOfTheseLists(turn), NameOf, FreshPerson, throwaway) { Tally = batch.Tally };
        var from = turn.Size;
        foreach (var ready in Rows)
        {
            if (IsOfRefusals)
                entry.Reach(ready);
            else
                entry.Enter(ready);
        }

        entry.End();
        After = batch with { Until = turn.Size };
        if (IsOfRefusals && turn.Size == from)
            return [];
        Met = entry.Met;
        (setting.Store as DryStore)?.Keep(entry.Names(Met.Values));
        turn.Put(row with { Done = Math.Max(row.Done, Done), Facts = After.ToBytes() });
        return [];
    }

    private ulong NameOf(OpaqueId sid)
    {
        foreach (var prepared in batches)
        {
            if (prepared.Names.TryGetValue(sid, out var name))
                return name;
        }

        return setting.Store is DryStore dry && dry.TryGetName(sid, out var kept) ? kept : names.Of(sid);
    }

    private OpaqueId FreshPerson()
    {
        var sid = Fresh.Id();
        setting.KeysFor([sid]).Dispose();
        return sid;
    }

    // A batch is known by name only; what it read is kept with it.
    private Func<OpaqueId, bool> IsOfTheseLists(LedgerTurn turn)
    {
        var files = records.Batch.Files.Select(static file => file.Sha256).ToHashSet(StringComparer.Ordinal);
        var known = new Dictionary<OpaqueId, bool>();
        return name =>
        {
            if (known.TryGetValue(name, out var isSame))
                return isSame;
            var wanted = new RowsWanted { WithRecords = false };
            wanted.Batches.Add(name.ToArray());
            turn.Load(wanted);
            isSame = turn.Batch(name.ToArray()) is { } other && ImportBatch.Read(other.Facts).Files.All(file => files.Contains(file.Sha256));
            known.Add(name, isSame);
            return isSame;
        };
    }
}

/// <summary>Ends an import with its figures.</summary>
internal sealed class FinishImportCommand(ImportBatch batch, Actor actor) : LedgerCommand
{
    public override void Ask(RowsWanted wanted) => wanted.Batches.Add(batch.Name.ToArray());

    public override byte[] Run(LedgerTurn turn)
    {
        if (turn.Batch(batch.Name.ToArray()) is not { State: (short)ImportState.Running } row)
            return [];
        var tally = batch.Tally;
        var facts = (batch with { Until = turn.Size + 1 }).ToBytes();
        turn.Append(RecordDraft.Of(RecordType.ImportFinished, actor, record => record with
        {
            Detail = LeafValue.Map.Of(
                ("batch", batch.Name), ("rows", tally.Rows), ("new", tally.New), ("known", tally.Known), ("changed", tally.Changed), ("closed", tally.Closed),
                ("refusals", tally.Refusals), ("suppressions", tally.Suppressions), ("quarantined", tally.Quarantined.Values.Sum()), ("cleared", tally.Cleared),
                ("facts", TreeHash.Sha256(facts))),
        }));
        turn.Put(row with { State = (short)ImportState.Finished, Facts = facts });
        return [];
    }
}
