using System.Globalization;
using Ringfence.Ledger;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.Rights;

/// <summary>Erasures that were begun and not ended, an empty file for each beside the erasure journal: what a start goes on with.</summary>
/// <remarks>A file is there before the ledger says anything, and goes when all is done; one that the ledger knows nothing of was never begun.</remarks>
internal sealed class PendingErasures(string folder)
{
    /// <summary>Those of an installation.</summary>
    public static PendingErasures Of(KeysFolder keys) => new(Path.Combine(Path.GetDirectoryName(keys.Journal)!, "pending"));

    /// <summary>All of them.</summary>
    public IReadOnlyList<(long Ledger, OpaqueId Sid)> All()
    {
        var all = new List<(long, OpaqueId)>();
        foreach (var name in Directory.Exists(folder) ? Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToArray() : [])
        {
            var parts = name!.Split('-');
            if (parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ledger) && OpaqueId.TryParse(parts[1], out var sid))
                all.Add((ledger, sid));
        }

        return all;
    }

    /// <summary>Notes one; on the disk when the call returns.</summary>
    public void Add(long ledger, OpaqueId sid)
    {
        DurableFile.MakeFolder(folder);
        if (!File.Exists(FileOf(ledger, sid)))
            DurableFile.Create(FileOf(ledger, sid), []);
    }

    /// <summary>Takes one off.</summary>
    public void Remove(long ledger, OpaqueId sid)
    {
        if (!File.Exists(FileOf(ledger, sid)))
            return;
        File.Delete(FileOf(ledger, sid));
        DurableFile.SyncFolder(folder);
    }

    private string FileOf(long ledger, OpaqueId sid) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{ledger}-{sid}"));
}
