using Ringfence.Server.Ledger;

namespace Ringfence.Server.Hosting;

/// <summary>The work beside answering: puts into the ledger what was kept while the store was away, and has what is written signed and carried outside, of every ledger, those that are begun meanwhile too; and once an hour does what is due.</summary>
internal sealed class ServerUpkeep(Served served, ILogger log)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    /// <summary>Goes on until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var installation = served.Installation;
        var running = new Dictionary<long, Task>();
        long? looked = null;
        var damaged = new HashSet<string>(StringComparer.Ordinal);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                // What somebody said while the store was away comes before anything else.
                await installation.ApplySpoolAsync(stop);
                if (looked is not { } last || installation.Time.GetElapsedTime(last) >= Every)
                {
                    var outcome = await new Upkeep(installation).RunAsync(LedgerActors.Program, stop);
                    served.Heed(outcome.Faults);
                    foreach (var fault in outcome.Faults)
                        log.Warn($"{fault.Origin}: {fault.Code}: {fault.Why}");
                    looked = installation.Time.GetTimestamp();
                }

                foreach (var register in installation.Registers.Damaged.Where(damaged.Add))
                    log.Warn($"The file of register {register} can't be believed: the copy before it counts, where there is one.");
                damaged.IntersectWith(installation.Registers.Damaged);
                foreach (var ledger in await installation.NewestLedgersAsync(stop))
                {
                    if (!running.ContainsKey(ledger.Ledger))
                        running.Add(ledger.Ledger, installation.NotaryOf(ledger).RunAsync(log.Warn, stop));
                }
            }
            catch (Exception e) when (e is Storage.StoreException or LedgerAlarmException or Sealing.KeysException or SignerException or CommandRefusedException or IOException or UnauthorizedAccessException)
            {
                log.Warn(e.Message);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            await Task.Delay(Look, installation.Time, stop).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        await Task.WhenAll(running.Values);
    }
}
