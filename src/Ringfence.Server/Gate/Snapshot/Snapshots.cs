using System.Collections.Concurrent;
using Ringfence.Ledger;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Gate.Snapshot;

/// <summary>The snapshots of a node, one of each ledger that goes on.</summary>
internal sealed class Snapshots(Installation installation, ILogger? log = null)
{
    // How soon a controller that was founded meanwhile is followed; until then the store is asked.
    private static readonly TimeSpan LookForNew = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<long, (LedgerSnapshot Snapshot, SnapshotFollower Follower)> followed = new();

    /// <summary>The snapshot of a ledger; null: it is not followed.</summary>
    public LedgerSnapshot? Of(LedgerRow ledger) => followed.TryGetValue(ledger.Ledger, out var one) ? one.Snapshot : null;

    /// <summary>Follows every ledger until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        installation.Snapshots = this;
        var running = new List<Task>();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                foreach (var ledger in await installation.NewestLedgersAsync(stop))
                {
                    if (followed.ContainsKey(ledger.Ledger))
                        continue;
                    var follower = await FollowAsync(ledger, stop);
                    running.Add(Task.Run(() => follower.RunAsync(stop), CancellationToken.None));
                }
            }
            catch (Exception e) when (e is StoreException or KeysException or LedgerAlarmException or SignerException or IOException or UnauthorizedAccessException)
            {
                // Nobody is kept from an answer by it: the store is asked.
                log?.Warn(e.Message);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            await Task.Delay(LookForNew, installation.Time, stop).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        await Task.WhenAll(running);
    }

    /// <summary>Takes up what is there of a ledger, and has every commit of this node marked from now on. Whoever asked lets the follower run.</summary>
    public async Task<SnapshotFollower> FollowAsync(LedgerRow ledger, CancellationToken cancel)
    {
        var snapshot = new LedgerSnapshot(installation, ledger);
        var follower = new SnapshotFollower(installation, snapshot, log);
        // Before anything is taken up: what is written from now on is marked in it.
        var writer = await installation.WriterAsync(ledger, cancel);
        (writer.Committed, writer.Answering) = (snapshot.Committed, snapshot.Answering);
        await follower.OpenAsync(cancel);
        followed[ledger.Ledger] = (snapshot, follower);
        installation.Snapshots = this;
        return follower;
    }

    /// <summary>Overwrites in the file of a ledger what was known of somebody who was erased by this program. Where no snapshot is followed, the file goes.</summary>
    public static void Forget(Installation installation, LedgerRow ledger, IEnumerable<OpaqueId> sids)
    {
        if (installation.Snapshots?.followed.TryGetValue(ledger.Ledger, out var one) == true)
        {
            one.Follower.Wipe();
            return;
        }

        var path = SnapshotPath.Of(installation.Options.Data, ledger);
        if (!File.Exists(path))
            return;
        try
        {
            var file = SnapshotFile.Open(path, installation.SnapshotKey());
            foreach (var sid in sids)
            {
                var person = SnapshotKey.Person(sid);
                var tags = file.Find(person) is { } value ? PersonValue.Read(value).Tags : [];
                file.Wipe([person, .. tags.SelectMany(static tags => (SnapshotKey[])[new(SnapshotKind.Point, tags.Lookup), new(SnapshotKind.Permits, tags.Lookup), new(SnapshotKind.Suppressed, tags.Suppress)])]);
            }

            file.Close();
            File.Delete(path);
        }
        catch (SnapshotFileException)
        {
            File.Delete(path);
        }
        catch (IOException) when (File.Exists(path))
        {
            // A server has it, and wipes it as soon as it reads of the erasure.
        }
    }
}
