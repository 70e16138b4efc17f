using System.Security.Cryptography;
using NodaTime;
using NodaTime.Text;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;
using Ringfence.Server.Lists;
using Ringfence.Server.Storage;

namespace Ringfence.Server.People.Import;

/// <summary>One run of an import: from the beginning, or from where an earlier run of the same was stopped.</summary>
internal sealed class ImportRun
{
    private readonly ImportSetting setting;
    private readonly ImportOptions options;
    private readonly Actor actor;
    private readonly RejectedFile rejected;
    private readonly Dictionary<int, OpaqueId> before = [];

    private ImportRun(ImportSetting setting, ImportOptions options, Actor actor, RejectedFile rejected) =>
        (this.setting, this.options, this.actor, this.rejected) = (setting, options, actor, rejected);

    /// <summary>Imports lists.</summary>
    /// <param name="installation">Where to.</param>
    /// <param name="ledger">The ledger of the controller.</param>
    /// <param name="actor">Who imports.</param>
    /// <param name="options">What it goes by. The controller's name and, where it goes on, the day are filled in.</param>
    /// <param name="passport">The passport's file as it is; null: none.</param>
    /// <param name="isDry">Whether nothing is to be written.</param>
    /// <param name="rejected">What can't be read goes there.</param>
    /// <param name="progress">Shows how far it is.</param>
    /// <param name="cancel">Stops between batches; the same run goes on from there.</param>
    /// <exception cref="Lists.Reading.UnreadableListException">A file is no list.</exception>
    /// <exception cref="Ringfence.Lists.ColumnMapException">The user's map does not fit.</exception>
    /// <exception cref="OperationCanceledException">Stopped by the user.</exception>
    /// <exception cref="StoreException">What was not written is written by the same run again.</exception>
    public static async Task<ImportOutcome> RunAsync(
        Installation installation, LedgerRow ledger, Actor actor, ImportOptions options, byte[]? passport, bool isDry, RejectedFile rejected, ProgressBar progress, CancellationToken cancel)
    {
        var writer = await installation.WriterAsync(ledger, cancel);
        var store = installation.Store;
        if (isDry)
        {
            store = new DryStore(store);
            writer = await installation.WriterOnAsync(ledger, store, cancel);
        }

        try
        {
            var run = new ImportRun(
                new ImportSetting(installation, ledger, store, writer, isDry), options with { Controller = (await installation.PartyDocumentAsync(ledger, cancel)).Name }, actor, rejected);
            return await run.RunAsync(passport, progress, cancel);
        }
        finally
        {
            if (isDry)
                await writer.DisposeAsync();
        }
    }

    private async Task<ImportOutcome> RunAsync(byte[]? passport, ProgressBar progress, CancellationToken cancel)
    {
        var document = passport is null ? null : new DocumentRow(SHA256.HashData(passport), "application/yaml", passport);
        var asked = await AskedAsync(document, cancel);
        var (batch, done) = await GoingOnAsync(asked, cancel);
        var wasBegun = batch is not null;

        // Whoever goes on reads the lists as of the same day, or the same row would be read otherwise than before.
        var asOf = LocalDatePattern.Iso.Parse((batch ?? asked).AsOf).Value;
        var reading = await ImportReading.OpenAsync(options with { AsOf = asOf }, progress, cancel);
        if (!reading.Lists.Select(static list => list.Sha256).SequenceEqual(asked.Files.Select(static file => file.Sha256)))
            throw Lists.Reading.UnreadableListException.Changed(options.Files[0]);
        if (batch is null)
        {
            var start = new StartImportCommand(asked with { Rows = reading.Rows }, actor, document);
            await setting.Writer.DoAsync(start, cancel);
            batch = start.Begun;
        }

        var records = new ImportRecords(batch, actor);
        var preparation = new RowPreparation(setting, records, reading.Lists);
        using var throwaway = setting.Throwaway();
        Enter(queue => reading.Run(done, preparation.Prepare, queue.Add, cancel), together =>
        {
            foreach (var prepared in together)
            {
                rejected.Take(prepared.Batch);
                Settle(prepared);
            }

            if (together.All(static prepared => prepared.Rows.Count == 0))
                return;
            var command = new EnterBatchCommand(records, together, before, setting, throwaway);
            setting.Writer.DoAsync(command, CancellationToken.None).GetAwaiter().GetResult();
            batch = command.After;
            foreach (var (row, sid) in command.Met)
                before.TryAdd(row, sid);
        });
        Enter(queue => reading.RunRefusals(preparation.Prepare, queue.Add, cancel), together =>
        {
            if (together.All(static prepared => prepared.Settled.Count == 0))
                return;
            var command = new EnterBatchCommand(records, together, before, setting, throwaway) { IsOfRefusals = true };
            setting.Writer.DoAsync(command, CancellationToken.None).GetAwaiter().GetResult();
            batch = command.After;
        });
        await setting.Writer.DoAsync(new FinishImportCommand(batch with { Rejected = rejected.Count, FirstRejected = rejected.Places }, actor), CancellationToken.None);
        rejected.Complete();
        return new ImportOutcome(batch, reading, rejected, wasBegun, done, setting.IsDry);
    }

    // What is in the queue is written also where reading was stopped: it would be made ready again.
    private static void Enter(Action<EntryQueue> read, Action<IReadOnlyList<PreparedBatch>> enter)
    {
        var queue = new EntryQueue(enter);
        try
        {
            read(queue);
        }
        finally
        {
            queue.End();
        }
    }

    private async Task<ImportBatch> AskedAsync(DocumentRow? passport, CancellationToken cancel)
    {
        var files = new List<ImportedFile>(options.Files.Count);
        foreach (var path in options.Files)
            files.Add(new ImportedFile(Path.GetFileName(path), await DigestAsync(path, cancel)));
        return new ImportBatch
        {
            Id = (options.Taken ?? Fresh.Id()).ToString(),
            By = options.Taken is null ? null : actor.Ref,
            ByStaff = options.Taken is not null && actor.Kind == ActorKind.Staff ? true : null,
            At = InstantPattern.General.Format(Instant.FromDateTimeOffset(setting.Installation.Time.GetUtcNow())),
            Files = files,
            Source = Words<ContactSource>.Of(options.Source),
            Purposes = options.Purposes,
            Passport = passport is null ? null : Convert.ToHexStringLower(passport.Digest),
            Reading = options.ReadingKey(),
            AsOf = LocalDatePattern.Iso.Format(options.AsOf),
            From = 0,
            Until = 0,
            Rows = 0,
        };
    }

    /// <summary>An import of the same that was begun and not ended, and how many rows are settled.</summary>
    private async Task<(ImportBatch? Batch, long Done)> GoingOnAsync(ImportBatch asked, CancellationToken cancel)
    {
        await foreach (var row in setting.Store.BatchesAsync(setting.Ledger.Ledger, cancel))
        {
            if (row.State != (short)ImportState.Running)
                continue;
            var batch = ImportBatch.Read(row.Facts);
            // What a program sent is gone on with by the server that holds it, and by nobody else.
            if (options.Taken is null ? batch.By is null && batch.IsSameAs(asked) : batch.Id == asked.Id)
                return (batch, row.Done);
        }

        return (null, 0);
    }

    // Persons of settled rows are found as they were when these were written.
    private void Settle(PreparedBatch prepared)
    {
        var at = 0;
        OpaqueId? Find(PointTags tags)
        {
            if (!prepared.Known.TryGetValue(tags.Lookup, out var sid) || (prepared.LinkedBy.TryGetValue(tags.Lookup, out var by) && by > at))
                return null;
            for (var step = 0; step <= prepared.MergedInto.Count && prepared.MergedInto.TryGetValue(sid, out var holder); step++)
                sid = holder;
            return sid;
        }

        var people = new KnownPeople(Find, sid => prepared.Names.GetValueOrDefault(sid));
        foreach (var row in prepared.Settled)
        {
            at = row.Row.At;
            var ofRows = before.TryGetValue(row.Row.Person, out var sid) ? sid : (OpaqueId?)null;
            if (people.Find(row, ofRows).Sid is { } found)
                before.TryAdd(row.Row.Person, found);
        }
    }

    private static async Task<string> DigestAsync(string path, CancellationToken cancel)
    {
        try
        {
            await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.SequentialScan);
            return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancel));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The reader of lists tells what is wrong, in the words of every command that reads them.
            return "";
        }
    }
}

/// <summary>What a run came to.</summary>
/// <param name="Batch">The import with its figures.</param>
/// <param name="Reading">How the lists were understood.</param>
/// <param name="Rejected">What could not be read.</param>
/// <param name="WentOn">Whether an earlier run had begun it.</param>
/// <param name="From">Rows that the earlier run had settled.</param>
/// <param name="IsDry">Whether nothing was written.</param>
internal sealed record ImportOutcome(ImportBatch Batch, ImportReading Reading, RejectedFile Rejected, bool WentOn, long From, bool IsDry);
