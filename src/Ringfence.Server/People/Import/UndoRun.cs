using Ringfence.Ledger;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;
using Ringfence.Server.Rights;
using Ringfence.Server.Storage;

namespace Ringfence.Server.People.Import;

/// <summary>Undoes an import, people by people in the order in which it told of them. One that was stopped goes on; one that is done stays as it is.</summary>
/// <remarks>
/// Forgetting takes the steps of an erasure: the ledger says so and what is sealed goes, then the journal, then the key, then the ledger says that it is done.
/// Whoever is met half-way is brought to the end.
/// </remarks>
internal sealed class UndoRun(Installation installation, LedgerRow ledger, Actor actor)
{
    private const int PeopleAtOnce = 500;

    /// <summary>Called after each portion of people; for tests that stop there.</summary>
    public Action<long>? Reached { get; init; }

    /// <summary>Undoes an import.</summary>
    /// <param name="batch">The import.</param>
    /// <param name="state">Where it stands.</param>
    /// <param name="progress">Shows how far it is.</param>
    /// <param name="cancel">Stops between portions; the same goes on from there.</param>
    /// <exception cref="OperationCanceledException">Stopped by the user.</exception>
    public async Task<ImportBatch> RunAsync(ImportBatch batch, ImportState state, ProgressBar progress, CancellationToken cancel)
    {
        if (state == ImportState.Undone)
            return batch;
        var writer = await installation.WriterAsync(ledger, cancel);
        var journaled = installation.Journal.ReadAll().ToHashSet();
        var from = batch.UndoneUntil ?? batch.From;
        progress.Begin(batch.Until - batch.From);
        var people = new HashSet<OpaqueId>();
        var suppressions = new List<long>();
        var portion = from;
        await foreach (var row in installation.Store.RecordsAsync(ledger.Ledger, from, batch.Until, cancel))
        {
            var record = StoredRecord.Read(row);
            if (record.Subject is not { } subject || record.Detail?["batch"]?.AsText != batch.Id)
                continue;
            if (people.Count == PeopleAtOnce && !people.Contains(subject.Sid))
            {
                cancel.ThrowIfCancellationRequested();
                await TakeBackAsync(writer, batch, people, suppressions, portion, journaled);
                people.Clear();
                suppressions.Clear();
                portion = record.Seq;
                progress.Step(record.Seq - batch.From, record.Seq - batch.From);
                Reached?.Invoke(portion);
            }

            people.Add(subject.Sid);
            if (record.Type == RecordType.SuppressionAdded)
                suppressions.Add(record.Seq);
        }

        await TakeBackAsync(writer, batch, people, suppressions, portion, journaled);
        await installation.Store.ScrubFreedAsync(CancellationToken.None);
        var done = new UndoneCommand(actor, batch.Name);
        await writer.DoAsync(done, CancellationToken.None);
        progress.End();
        return done.After!;
    }

    private async Task TakeBackAsync(
        LedgerWriter writer, ImportBatch batch, HashSet<OpaqueId> people, List<long> suppressions, long settled, HashSet<OpaqueId> journaled)
    {
        if (people.Count == 0)
            return;
        var command = new UndoCommand(actor, batch.Name, [.. people], [.. suppressions], settled);
        await writer.DoAsync(command, CancellationToken.None);
        if (command.Forgotten.Count == 0)
            return;
        foreach (var sid in command.Forgotten)
        {
            if (journaled.Add(sid))
                installation.Journal.Append(sid);
        }

        await installation.Keyring.DestroyAsync([.. command.Forgotten], CancellationToken.None);
        await writer.DoAsync(new CompleteErasureCommand(actor, command.Forgotten), CancellationToken.None);
    }
}
