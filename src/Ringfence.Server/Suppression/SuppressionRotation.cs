using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Suppression;

/// <summary>What a rotation of the suppression keys came to.</summary>
/// <param name="Keys">How many keys there are now.</param>
/// <param name="Wrapped">How many entries were wrapped anew, in all ledgers.</param>
/// <param name="Resumed">Whether it finished one that was cut off, and so added no key.</param>
internal readonly record struct SuppressionRotationOutcome(int Keys, long Wrapped, bool Resumed);

/// <summary>Adds a key to those by which numbers are suppressed, and wraps every tag by it, without knowing a number.</summary>
/// <remarks>
/// The key is on the disk before the first tag goes through it; each ledger is then wrapped in one transaction, with the record that says so. Killed at any point, entries stand under
/// the old keys or under all of them; look-ups ask for both, and the next rotation goes on with what is left.
/// </remarks>
internal static class SuppressionRotation
{
    /// <summary>Rotates, or finishes what was begun.</summary>
    /// <exception cref="CommandRefusedException"><c>suppressions-differ</c>: entries are not what the ledger says of them. Wrapping them would cover that up.</exception>
    public static async Task<SuppressionRotationOutcome> RunAsync(Installation installation, Actor actor, CancellationToken cancel)
    {
        var ledgers = await installation.NewestLedgersAsync(cancel);
        var resumed = false;
        foreach (var ledger in ledgers)
            resumed |= await IsBehindAsync(installation, ledger, cancel);
        if (!resumed)
            await installation.SuppressionKeys.AddAsync(cancel);
        var wrapped = 0L;
        foreach (var ledger in ledgers)
            wrapped += await FinishAsync(installation, ledger, actor, cancel);
        return new SuppressionRotationOutcome(installation.SuppressionKeys.Current.Versions, wrapped, resumed);
    }

    /// <summary>Wraps what stands under older keys in a ledger, as after a rotation that was cut off, or after older data were put back.</summary>
    /// <returns>How many entries stand; 0: none stood under an older key.</returns>
    public static async Task<long> FinishAsync(Installation installation, LedgerRow ledger, Actor actor, CancellationToken cancel) =>
        await IsBehindAsync(installation, ledger, cancel) ? (await SuppressionSnapshot.RewrapAsync(installation, ledger, actor, cancel)).Count : 0;

    private static async Task<bool> IsBehindAsync(Installation installation, LedgerRow ledger, CancellationToken cancel) =>
        (await installation.Store.SuppressionChainsAsync(ledger.Ledger, cancel)).Least is var least and > 0 && least < installation.SuppressionKeys.Current.Versions;
}
