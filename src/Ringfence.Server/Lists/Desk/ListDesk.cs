using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using NodaTime;
using Ringfence.Ledger;
using Ringfence.Lists;
using Ringfence.Server.Cli;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Lists.Reading;

namespace Ringfence.Server.Lists.Desk;

/// <summary>Looks lists through that staff brought, one after the other. What waits, or was being read when the server stopped, is read when it starts.</summary>
internal sealed class ListDesk(Installation installation)
{
    /// <summary>So long lists and their reports stay after they were brought, unless somebody takes them away before.</summary>
    public static readonly Duration KeptFor = Duration.FromDays(14);

    // Each is files on the disk: more than this and something is wrong with whoever brings them.
    private const int MostKept = 500;

    private static readonly TimeSpan BetweenSweeps = TimeSpan.FromHours(1);

    private readonly Channel<OpaqueId> queue = System.Threading.Channels.Channel.CreateUnbounded<OpaqueId>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<OpaqueId, HowFar> underWay = new();

    /// <summary>Where they lie.</summary>
    public ListShelf Shelf { get; } = new(installation.Options.Data);

    /// <summary>Whether no more can be taken now.</summary>
    public bool IsFull => Shelf.ReadAll().Count >= MostKept;

    /// <summary>How far the reading of a case is; null: it waits for its turn, or is not being read.</summary>
    public HowFar? HowFarIs(OpaqueId name) => underWay.TryGetValue(name, out var far) ? far : null;

    /// <summary>Has a case read.</summary>
    public void Add(OpaqueId name) => queue.Writer.TryWrite(name);

    /// <summary>Goes on until it is stopped; what is in hand is then read again at the next start.</summary>
    public async Task RunAsync(ILogger log, CancellationToken stop)
    {
        try
        {
            Shelf.DropTorn();
            foreach (var one in Shelf.ReadAll().Where(static one => one.State == ListState.Waiting))
                Add(one.Name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Warn($"lists: {e.GetType().Name}");
        }

        var sweeping = SweepAsync(log, stop);
        try
        {
            await foreach (var name in queue.Reader.ReadAllAsync(stop))
            {
                // Reading a list holds a thread from beginning to end.
                await Task.Factory.StartNew(() => ReadAsync(name, log, stop), stop, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }

        await sweeping;
    }

    /// <summary>Takes away what has been kept for long enough.</summary>
    public void Sweep()
    {
        var now = Instant.FromDateTimeOffset(installation.Time.GetUtcNow());
        foreach (var old in Shelf.ReadAll().Where(one => one.BroughtAt + KeptFor <= now && HowFarIs(one.Name) is null))
            Shelf.Destroy(old.Name);
    }

    private async Task SweepAsync(ILogger log, CancellationToken stop)
    {
        using var hour = new PeriodicTimer(BetweenSweeps, installation.Time);
        try
        {
            do
            {
                try
                {
                    Sweep();
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    log.Warn($"lists: {e.GetType().Name}");
                }
            }
            while (await hour.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    private async Task ReadAsync(OpaqueId name, ILogger log, CancellationToken stop)
    {
        try
        {
            if (Shelf.Find(name) is not { State: ListState.Waiting } found)
                return;
            underWay[name] = new HowFar(0, 0);
            var report = await AuditRun.RunAsync(
                found.ToOptions(Shelf.FolderOf(name), Shelf.ReportOf(name), LocalDate.FromDateTime(installation.Time.GetLocalNow().DateTime)),
                ProgressBar.Telling((share, rows) => underWay[name] = new HowFar(share, rows)), stop);
            Shelf.Close(name);
            Shelf.Change(name, one => one with
            {
                State = ListState.Read,
                Rows = report.Rows,
                Usable = report.Channels.FirstOrDefault(static tally => tally.Channel == Ringfence.Channel.Voice)?.Usable ?? 0,
                Problem = null,
                ProblemOf = [],
            });
        }
        catch (UnreadableListException e)
        {
            Fail(name, e.Code, [.. e.Arguments.Select(static argument => Convert.ToString(argument, CultureInfo.InvariantCulture) ?? "")]);
        }
        catch (ColumnMapException e)
        {
            Fail(name, "map-" + e.Code, [e.Word, string.Join(", ", e.Known)]);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
#pragma warning disable CA1031 // whatever it is, the next one is to have its turn; its message may hold anything
        catch (Exception e)
#pragma warning restore CA1031
        {
            log.Warn($"lists: {e.GetType().Name}\n{e.StackTrace}");
            Fail(name, e is IOException io && DiskFull.Is(io) ? "disk-full" : "fault", []);
        }
        finally
        {
            underWay.TryRemove(name, out _);
        }
    }

    private void Fail(OpaqueId name, string problem, IReadOnlyList<string> of) =>
        Shelf.Change(name, one => one with { State = ListState.Unreadable, Problem = problem, ProblemOf = of });
}

/// <summary>How far work is.</summary>
/// <param name="Share">Done, of 1.</param>
/// <param name="Rows">Rows met so far.</param>
internal readonly record struct HowFar(double Share, long Rows);
