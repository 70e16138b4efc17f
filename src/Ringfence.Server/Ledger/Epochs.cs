using System.Globalization;
using Ringfence.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>The epochs of a ledger: after a restore that lost signed records it goes on under a new origin, which ends in the next number.</summary>
internal static class Epochs
{
    /// <summary>Splits an origin such as <c>ledger.example/acme/e2</c>.</summary>
    /// <returns>What is before the epoch, and the epoch; 0: it names none.</returns>
    public static (string Base, int Epoch) Split(string origin)
    {
        var at = origin.LastIndexOf("/e", StringComparison.Ordinal);
        return at > 0 && int.TryParse(origin.AsSpan(at + 2), NumberStyles.None, CultureInfo.InvariantCulture, out var epoch) && epoch > 0 && NameOf(origin[..at], epoch) == origin
            ? (origin[..at], epoch)
            : (origin, 0);
    }

    /// <summary>The origin of an epoch.</summary>
    public static string NameOf(string origin, int epoch) => string.Create(CultureInfo.InvariantCulture, $"{origin}/e{epoch}");

    /// <summary>The newest epoch after this one of which anything is known to have been signed, with how much: to the signer, or by the files outside.</summary>
    /// <returns>Null: none.</returns>
    /// <exception cref="SignerException">The signer can't be asked, so nobody knows.</exception>
    public static async Task<(string Origin, long Known)?> LaterAsync(Installation installation, LedgerRow ledger, CancellationToken cancel)
    {
        var (name, _) = Split(ledger.Origin);
        var outside = AnchorFolder.Origins(installation.Anchors.Folder).Select(Split).Where(other => other.Base == name).Select(static other => other.Epoch).DefaultIfEmpty().Max();
        (string, long)? newest = null;
        for (var epoch = ledger.Epoch + 1; ; epoch++)
        {
            var origin = NameOf(name, epoch);
            var known = await KnownAsync(installation, origin, cancel);
            if (known is null && epoch > outside)
                return newest;
            if (known > 0)
                newest = (origin, known.Value);
        }
    }

    /// <summary>The first epoch after this one and after all of which anything is known to have been signed.</summary>
    /// <exception cref="SignerException">The signer can't be asked, so nobody knows.</exception>
    public static async Task<int> NextAsync(Installation installation, LedgerRow ledger, CancellationToken cancel) =>
        (await LaterAsync(installation, ledger, cancel) is { } later ? Split(later.Origin).Epoch : ledger.Epoch) + 1;

    /// <summary>Whether an origin is an epoch that a later one in the store took the place of.</summary>
    public static bool IsPast(string origin, IEnumerable<LedgerRow> there)
    {
        var (name, epoch) = Split(origin);
        return epoch > 0 && there.Any(row => row.Epoch > epoch && Split(row.Origin).Base == name);
    }

    /// <summary>The epoch that says, as its first own record, that it took the place of this one as it is.</summary>
    /// <returns>Null: none does, and the ledger goes on.</returns>
    public static async Task<LedgerRow?> SuccessorAsync(ILedgerStore store, LedgerRow ledger, HeadRow head, CancellationToken cancel)
    {
        var name = Split(ledger.Origin).Base;
        foreach (var later in (await store.LedgersAsync(cancel)).Where(row => row.Epoch > ledger.Epoch && Split(row.Origin).Base == name).OrderBy(static row => row.Epoch))
        {
            await foreach (var row in store.RecordsAsync(later.Ledger, head.Size, head.Size + 1, cancel))
            {
                if (RecordReader.TryRead(row.Body, out var record, out _) && record.Type == RecordType.LedgerRecovered && record.Detail is { } detail
                    && detail["origin"]?.AsText == ledger.Origin && detail["held_size"]?.AsNumber == head.Size && detail["held_root"]?.AsText == new Frontier(head.Size, head.Frontier).Root.ToString())
                    return later;
            }
        }

        return null;
    }

    // Null: nobody knows it.
    private static async Task<long?> KnownAsync(Installation installation, string origin, CancellationToken cancel)
    {
        var signed = (await installation.Signer.StateAsync(origin, cancel))?.Size;
        var sizes = new AnchorFolder(installation.Anchors.Folder, origin).Sizes();
        return sizes.Count == 0 ? signed : Math.Max(signed ?? 0, sizes[^1]);
    }
}
