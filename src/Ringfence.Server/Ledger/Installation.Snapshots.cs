using Ringfence.Server.Gate.Snapshot;

namespace Ringfence.Server.Ledger;

/// <summary>What a node that serves knows of the ledgers, so that decisions read nothing.</summary>
internal sealed partial class Installation
{
    /// <summary>The snapshots of this node; null: it has none, and asks the store.</summary>
    public Snapshots? Snapshots { get; set; }

    /// <summary>The key by which the files of snapshots are proven: those of another installation are none.</summary>
    public byte[] SnapshotKey() => lookupKey.Mac("ringfence/snapshot/v1", "file");
}
