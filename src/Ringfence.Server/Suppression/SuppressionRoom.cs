using System.Collections.Concurrent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Suppression;

/// <summary>The room of those who are not to be contacted: how many, of what kind, the newest; and nobody in particular.</summary>
internal static class SuppressionRoom
{
    private const int Newest = 25;

    /// <summary><c>GET suppression</c>.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call)
    {
        var counts = await call.Served.Suppressed.OfAsync(call.Ledger, call.Cancel);
        var newest = await call.Installation.Store.NewestSuppressionsAsync(call.Ledger.Ledger, Newest, call.Cancel);
        var wanted = new RowsWanted();
        wanted.Records.UnionWith(newest.Select(static row => row.Seq).OfType<long>());
        var records = (await call.Installation.Store.LoadAsync(call.Ledger.Ledger, wanted, call.Cancel)).Records;
        return await call.PageAsync<SuppressionPage>(call.T("Room.suppression"), new SuppressionPage.Model(
            counts, [.. newest.Select(row => new NewestEntry(row, records.TryGetValue(row.Seq!.Value, out var record) ? StoredRecord.Read(record) : null))]));
    }
}

/// <summary>One entry of the list, by its record alone.</summary>
/// <param name="Row">What is closed.</param>
/// <param name="Record">The record that says so; null: it is not there.</param>
internal sealed record NewestEntry(SuppressionRow Row, LedgerRecord? Record);

/// <summary>How many suppressions stand, counted anew after a while: counting millions takes seconds.</summary>
internal sealed class SuppressionFigures(Installation installation)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);

    // Few are counted in no time, so they are right at once.
    private const long Many = 100_000;

    private readonly ConcurrentDictionary<long, (IReadOnlyList<SuppressionCount> Counts, long ReadAt)> known = new();

    /// <summary>Those of a ledger.</summary>
    public async Task<IReadOnlyList<SuppressionCount>> OfAsync(LedgerRow ledger, CancellationToken cancel)
    {
        if (known.TryGetValue(ledger.Ledger, out var held) && held.Counts.Sum(static one => one.Count) >= Many && installation.Time.GetElapsedTime(held.ReadAt) < Fresh)
            return held.Counts;
        var counts = await installation.Store.SuppressionCountsAsync(ledger.Ledger, cancel);
        known[ledger.Ledger] = (counts, installation.Time.GetTimestamp());
        return counts;
    }

    /// <summary>How many of them close a channel.</summary>
    public static long Of(IEnumerable<SuppressionCount> counts, Channel channel) => counts.Where(one => ((ChannelSet)one.Channels).Has(channel)).Sum(static one => one.Count);

    /// <summary>How many there are of a kind.</summary>
    public static IEnumerable<SuppressionCount> Of(IEnumerable<SuppressionCount> counts, SuppressionKind kind) => counts.Where(one => one.Kind == (short)kind);
}
