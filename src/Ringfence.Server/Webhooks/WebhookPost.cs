using System.Collections.Concurrent;
using NodaTime;
using Ringfence.Ledger;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;
using Ringfence.Webhooks;

namespace Ringfence.Server.Webhooks;

/// <summary>Tells other systems what is waiting for them: at least once, in the order of each contact, for as long as it takes.</summary>
/// <param name="installation">The installation.</param>
/// <param name="sender">Sends.</param>
/// <param name="log">Takes what went wrong, without what was sent or where.</param>
/// <param name="random">Numbers from 0 to below 1, by which what failed together is not tried again together; null: the machine's.</param>
internal sealed class WebhookPost(Installation installation, WebhookSender sender, Action<string> log, Func<double>? random = null)
{
    // So many of one system at once, each of another contact.
    private const int MostAtOnce = 16;

    // Whoever claimed something and is gone leaves it to others after that. Longer than any attempt takes, with room for a machine that hesitates.
    private static readonly Duration Lease = Duration.FromSeconds(60);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan BetweenCounts = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan BetweenPrunings = TimeSpan.FromHours(1);
    private static readonly Duration Keeps = Duration.FromDays(30);

    private readonly ConcurrentDictionary<(long Ledger, string Webhook), WebhookCircuit> circuits = new();
    private readonly Dictionary<(long Ledger, string Webhook), Task> busy = [];
    private readonly HashSet<long> released = [];
    private readonly Dictionary<long, long> counted = [];
    private readonly Dictionary<long, long> pruned = [];

    private Instant Now => Instant.FromDateTimeOffset(installation.Time.GetUtcNow());

    /// <summary>Goes on until it is stopped; what is on its way then is given the time that one attempt may take.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await GuardedAsync(() => RoundAsync(stop), stop);
            await Task.Delay(Look, installation.Time, stop).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        await Task.WhenAll(busy.Values);
    }

    /// <summary>Looks at what was written, and sees to it that each system that is told anything is being told.</summary>
    private async Task RoundAsync(CancellationToken stop)
    {
        foreach (var ledger in await installation.NewestLedgersAsync(stop))
        {
            var feed = await PrepareAsync(ledger, stop);
            foreach (var webhook in await feed.TellingAsync(stop))
            {
                // Each in its own time: one that answers slowly holds up nobody else.
                var place = (ledger.Ledger, webhook.Id);
                if (webhook.Off || (busy.TryGetValue(place, out var running) && !running.IsCompleted))
                    continue;
                busy[place] = Task.Run(
                    () => GuardedAsync(
                        async () =>
                        {
                            // Looked at anew each time: it may be given another secret, or be removed, while there is much to tell.
                            while (!stop.IsCancellationRequested && await FindAsync(ledger, webhook.Id, stop) is { } now && await TellAsync(ledger, now, stop) > 0)
                            {
                            }
                        },
                        stop),
                    CancellationToken.None);
            }
        }
    }

    /// <summary>Does everything that is to be done at this moment, once; for tests, which have a clock of their own.</summary>
    /// <returns>How many messages were sent.</returns>
    public async Task<int> OnceAsync(CancellationToken cancel)
    {
        var sent = 0;
        foreach (var ledger in await installation.NewestLedgersAsync(cancel))
        {
            var feed = await PrepareAsync(ledger, cancel);
            var some = await Task.WhenAll((await feed.TellingAsync(cancel)).Where(static webhook => !webhook.Off).Select(webhook => TellAsync(ledger, webhook, cancel)));
            sent += some.Sum();
        }

        return sent;
    }

    private async Task<WebhookFeed> PrepareAsync(LedgerRow ledger, CancellationToken cancel)
    {
        var outbox = installation.Store.Outbox;
        // The embedded store is this program's alone: what was on its way when it was last stopped is nobody's.
        if (released.Add(ledger.Ledger) && installation.Options.Store.Connection is null)
            await outbox.ReleaseAsync(ledger.Ledger, Micros.Of(Now), cancel);
        var feed = new WebhookFeed(installation.Store, ledger);
        while (await feed.RunAsync(cancel))
        {
        }

        if (!counted.TryGetValue(ledger.Ledger, out var last) || installation.Time.GetElapsedTime(last) >= BetweenCounts)
        {
            counted[ledger.Ledger] = installation.Time.GetTimestamp();
            var counts = await outbox.CountAsync(ledger.Ledger, Micros.Of(Now), cancel);
            Meters.Standing(ledger.Controller, counts.Sum(static one => one.Waiting), counts.Sum(static one => one.Overdue));
        }

        if (!pruned.TryGetValue(ledger.Ledger, out last) || installation.Time.GetElapsedTime(last) >= BetweenPrunings)
        {
            pruned[ledger.Ledger] = installation.Time.GetTimestamp();
            await outbox.PruneAsync(ledger.Ledger, Micros.Of(Now - Keeps), cancel);
        }

        return feed;
    }

    private async Task<WebhookRow?> FindAsync(LedgerRow ledger, string id, CancellationToken cancel)
    {
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Webhooks.Add(id);
        return (await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel)).Webhooks.Find(static row => row is { Off: false, RemovedSeq: null });
    }

    // One claim: some messages, each of another contact, side by side.
    private async Task<int> TellAsync(LedgerRow ledger, WebhookRow webhook, CancellationToken cancel)
    {
        var circuit = circuits.GetOrAdd((ledger.Ledger, webhook.Id), static _ => new WebhookCircuit());
        var room = circuit.Room(Now, MostAtOnce);
        if (room == 0)
            return 0;
        var lease = Fresh.Id().ToArray();
        var outbox = installation.Store.Outbox;
        var claimed = await outbox.ClaimAsync(ledger.Ledger, webhook.Id, lease, Micros.Of(Now), Micros.Of(Now + Lease), room, circuit.Tries, cancel);
        if (claimed.Count == 0)
            return 0;
        using var secrets = await WebhookSecrets.OpenAsync(installation.Keyring, create: false, cancel);
        var signing = secrets?.Signing(webhook, Now) ?? [];
        var bodies = await BodiesAsync(ledger, claimed, cancel);
        var sent = await Task.WhenAll(claimed.Select(async row => (Row: row, Sent: await sender.SendAsync(webhook.Url, signing, WebhookMessage.NameOf(row.Id), bodies[row.Seq], CancellationToken.None))));

        var back = false;
        var outcomes = new List<DeliveryOutcome>();
        foreach (var (row, one) in sent)
        {
            Meters.Sent(one.Fault ?? "arrived");
            back |= circuit.Take(one, Now, Random());
            outcomes.Add(new DeliveryOutcome(webhook.Id, row.Seq, one.Status, one.Fault, Micros.Of(Now), NextOf(row, one), one.Confirmed));
        }

        // What was sent is noted, whoever wants to stop meanwhile.
        await outbox.SettleAsync(ledger.Ledger, lease, outcomes, CancellationToken.None);
        if (back)
            await outbox.HastenAsync(ledger.Ledger, webhook.Id, Micros.Of(Now), CancellationToken.None);
        // It says that it is gone for good. Somebody has to know, and what waits for it stays unconfirmed.
        if (Array.Exists(sent, static one => one.Sent.Fault == "gone"))
        {
            await (await installation.WriterAsync(ledger, CancellationToken.None)).DoAsync(new TurnWebhookCommand(LedgerActors.Program, webhook.Id, WebhookTurn.Off, "gone"), CancellationToken.None);
            log($"{ledger.Origin}: webhook {webhook.Id} answers that it is gone, and is turned off.");
            return 0;
        }

        return claimed.Count;
    }

    private long? NextOf(DeliveryRow row, Sent sent)
    {
        if (sent.Fault is null)
            return null;
        var wait = RetryDelay.OfMessage(row.Attempts + 1, Random());
        return Micros.Of(Now + (sent.After is { } after && after > wait ? after : wait));
    }

    // Made anew at each attempt, of what the ledger says: nothing of it is kept with what waits.
    private async Task<Dictionary<long, byte[]>> BodiesAsync(LedgerRow ledger, IReadOnlyList<DeliveryRow> rows, CancellationToken cancel)
    {
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Records.UnionWith(rows.Select(static row => row.Seq));
        var records = (await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel)).Records;
        var bodies = new Dictionary<long, byte[]>();
        foreach (var row in rows)
        {
            var record = StoredRecord.Read(records.TryGetValue(row.Seq, out var body) ? body : throw StoreException.RecordMissing(ledger.Ledger, row.Seq));
            bodies[row.Seq] = WebhookMessage.Write(ledger, record, await NamesAsync(ledger, record, cancel));
        }

        return bodies;
    }

    private async Task<IEnumerable<OpaqueId>> NamesAsync(LedgerRow ledger, LedgerRecord record, CancellationToken cancel)
    {
        if (record.Subject is not { } subject)
            return [];
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Subjects.Add(subject.Sid.ToArray());
        return (await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel)).Subjects.Select(static row => new OpaqueId(row.Sid));
    }

    private double Random() => random?.Invoke() ?? System.Random.Shared.NextDouble();

    private async Task GuardedAsync(Func<Task> work, CancellationToken stop)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is StoreException or KeysException or CommandRefusedException or LedgerAlarmException or SignerException or IOException)
        {
            log(e.Message);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }
}
