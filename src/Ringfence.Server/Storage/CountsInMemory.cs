namespace Ringfence.Server.Storage;

/// <summary>Counts of a store that one program alone has open: they live as long as it does.</summary>
internal sealed class CountsInMemory
{
    private readonly Lock gate = new();
    private readonly Dictionary<(long Ledger, string Bucket), (long Step, long Taken)> counts = [];

    /// <summary>As <see cref="ILedgerStore.CountAsync"/>.</summary>
    public (long Step, long Taken) Add(long ledger, string bucket, long step, long add)
    {
        lock (gate)
        {
            var before = counts.GetValueOrDefault((ledger, bucket), (Step: step, Taken: 0));
            return counts[(ledger, bucket)] = step > before.Step ? (step, add) : (before.Step, before.Taken + add);
        }
    }
}
