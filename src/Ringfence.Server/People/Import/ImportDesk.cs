using System.Threading.Channels;
using NodaTime;
using NodaTime.Text;
using Ringfence.Ledger;
using Ringfence.Lists;
using Ringfence.Server.Cli;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Lists.Desk;
using Ringfence.Server.Lists.Reading;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.People.Import;

/// <summary>Lists that programs sent to this server, or staff brought: brought in one after the other, and undone where asked. What was begun and not ended goes on when the server starts.</summary>
internal sealed class ImportDesk(Installation installation)
{
    /// <summary>Bytes of one request, unless the operator says otherwise: some million rows, of each of which some hundred bytes are held while they are read.</summary>
    public const int DefaultLimitMiB = 256;

    // Each is a file on the disk; more than this and something is wrong with the one who sends.
    private const int MostWaiting = 100;

    // The store, or what signs, is away.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Channel<ImportJob> queue = System.Threading.Channels.Channel.CreateUnbounded<ImportJob>(new UnboundedChannelOptions { SingleReader = true });
    private int waiting;
    private volatile InHand? inHand;

    /// <summary>Where lists lie until they are read.</summary>
    public ImportSpool Spool { get; } = new(installation.Options.Data);

    /// <summary>Whether no more can be taken now.</summary>
    public bool IsFull => Volatile.Read(ref waiting) >= MostWaiting;

    /// <summary>How far an import that is being read is; null: none of it is at this moment.</summary>
    public HowFar? HowFarIs(OpaqueId import) => inHand is { } at && at.Import == import ? at.Far : null;

    /// <summary>Takes lists that lie in the folder of a job: keeps the job, says in the store that it waits, and brings it in when its turn comes.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="job">What is asked for.</param>
    /// <param name="files">The lists.</param>
    /// <param name="key">By which the same request is known again; null: it is not.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>The import; another name where the same was taken before, and then nothing of this one is wanted.</returns>
    public async Task<OpaqueId> TakeAsync(LedgerRow ledger, ImportJob job, IReadOnlyList<ImportedFile> files, ClientKey? key, CancellationToken cancel)
    {
        var batch = new ImportBatch
        {
            Id = job.Id,
            At = InstantPattern.General.Format(Instant.FromDateTimeOffset(installation.Time.GetUtcNow())),
            Files = files,
            Source = job.Source,
            Purposes = job.Purposes,
            Reading = "",
            AsOf = "",
            From = 0,
            Until = 0,
            Rows = 0,
            By = job.By,
            ByStaff = job.IsStaff ? true : null,
            Dry = job.IsDry ? true : null,
        };
        Spool.Keep(job);
        OpaqueId taken;
        try
        {
            taken = new OpaqueId(await (await installation.WriterAsync(ledger, cancel)).DoAsync(new TakeImportCommand(batch) { ClientKey = key }, cancel));
        }
        catch (StoreException e) when (e.Fault == StoreFault.OutcomeUnknown)
        {
            // It may have been taken, and then the retry is told so: whoever brings it in looks first.
            Add(job);
            throw;
        }

        if (taken == job.Name)
            Add(job);
        return taken;
    }

    /// <summary>Has an import taken back, also one that is being read.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="import">The import.</param>
    /// <param name="actor">Who wants it.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="CommandRefusedException"><c>no-such-import</c>, <c>import-dry</c>.</exception>
    public async Task UndoAsync(LedgerRow ledger, OpaqueId import, Actor actor, CancellationToken cancel)
    {
        var isToUndo = await (await installation.WriterAsync(ledger, cancel)).DoAsync(new StopImportCommand(import), cancel) is [1];
        if (!isToUndo)
            return;
        var job = new ImportJob { Id = import.ToString(), Ledger = ledger.Ledger, By = actor.Ref, IsStaff = actor.Kind == ActorKind.Staff, IsUndo = true };
        Spool.Keep(job);
        Add(job);
    }

    /// <summary>Takes on what was kept in the spool.</summary>
    public void Add(ImportJob job)
    {
        Interlocked.Increment(ref waiting);
        queue.Writer.TryWrite(job);
    }

    /// <summary>Goes on until it is stopped; what is in hand then goes on at the next start.</summary>
    public async Task RunAsync(ILogger log, CancellationToken stop)
    {
        try
        {
            foreach (var job in Spool.ReadLeft())
                Add(job);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Warn($"imports: {e.GetType().Name}");
        }

        try
        {
            await foreach (var job in queue.Reader.ReadAllAsync(stop))
            {
                Interlocked.Decrement(ref waiting);
                // Reading and writing lists holds a thread from beginning to end.
                var isDone = await Task.Factory.StartNew(() => DoAsync(job, log, stop), stop, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
                if (isDone)
                    continue;
                await Task.Delay(Patience, installation.Time, stop);
                Add(job);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    /// <summary>Whether it came to its end, be it a bad one. If not, it is to be tried again.</summary>
    private async Task<bool> DoAsync(ImportJob job, ILogger log, CancellationToken stop)
    {
        try
        {
            var wanted = new RowsWanted { WithRecords = false };
            wanted.Batches.Add(job.Name.ToArray());
            // None: it was never said to be taken, or the store was put back to before it was.
            if ((await installation.LedgersAsync(stop)).FirstOrDefault(row => row.Ledger == job.Ledger) is { } ledger
                && (await installation.Store.LoadAsync(ledger.Ledger, wanted, stop)).Batches.FirstOrDefault() is { } row)
                await (job.IsUndo ? UndoAsync(job, ledger, row, stop) : ImportAsync(job, ledger, row, log, stop));
            inHand = null;
            Spool.Destroy(job);
            return true;
        }
        catch (Exception e) when (e is StoreException or LedgerAlarmException or SignerException or KeysException)
        {
            log.Warn($"imports: {e.GetType().Name}");
            return false;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return true;
        }
#pragma warning disable CA1031 // whatever it is, the next one is to have its turn; its message may hold anything
        catch (Exception e)
#pragma warning restore CA1031
        {
            log.Warn($"imports: {e.GetType().Name}\n{e.StackTrace}");
            return true;
        }
    }

    private async Task ImportAsync(ImportJob job, LedgerRow ledger, BatchRow row, ILogger log, CancellationToken stop)
    {
        if ((ImportState)row.State is not (ImportState.Waiting or ImportState.Running))
            return;
        string problem;
        try
        {
            using var rejected = new RejectedFile(null);
            inHand = new InHand(job.Name, default);
            var options = job.ToOptions(Spool.FolderOf(job.Name), LocalDate.FromDateTime(installation.Time.GetLocalNow().DateTime));
            var passport = job.Passport is null ? null : System.Text.Encoding.UTF8.GetBytes(job.Passport);
            var outcome = await ImportRun.RunAsync(installation, ledger, job.Actor, options, passport, job.IsDry, rejected, Watched(job), stop);
            if (job.IsDry)
            {
                await EndAsync(job, ledger, ImportState.Tried, batch => batch with
                {
                    Rows = outcome.Batch.Rows,
                    Tally = outcome.Batch.Tally,
                    Rejected = rejected.Count,
                    FirstRejected = rejected.Places,
                });
            }

            return;
        }
        catch (CommandRefusedException e) when (e.Code == "import-not-running")
        {
            // Somebody undoes it.
            return;
        }
        catch (UnreadableListException e)
        {
            problem = e.Code;
        }
        catch (ColumnMapException e)
        {
            problem = "map-" + e.Code;
        }
        catch (Exception e) when (e is not (OperationCanceledException or StoreException or LedgerAlarmException or SignerException or KeysException))
        {
            log.Warn($"imports: {e.GetType().Name}\n{e.StackTrace}");
            problem = "fault";
        }

        await EndAsync(job, ledger, ImportState.Failed, batch => batch with { Problem = problem });
    }

    private async Task EndAsync(ImportJob job, LedgerRow ledger, ImportState state, Func<ImportBatch, ImportBatch> end) =>
        await (await installation.WriterAsync(ledger, CancellationToken.None)).DoAsync(new EndImportCommand(job.Name, state, end), CancellationToken.None);

    private async Task UndoAsync(ImportJob job, LedgerRow ledger, BatchRow row, CancellationToken stop) =>
        await new UndoRun(installation, ledger, job.Actor).RunAsync(ImportBatch.Read(row.Facts), (ImportState)row.State, Watched(job), stop);

    private ProgressBar Watched(ImportJob job) => ProgressBar.Telling((share, rows) => inHand = new InHand(job.Name, new HowFar(share, rows)));

    private sealed record InHand(OpaqueId Import, HowFar Far);
}
