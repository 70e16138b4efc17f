using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>Who signs the ledgers of an installation, and where that is carried to.</summary>
internal sealed partial class Installation
{
    private readonly Dictionary<long, Notary> notaries = [];

    /// <summary>Who signs.</summary>
    public SignerClient Signer { get; }

    /// <summary>Where checkpoints are carried to.</summary>
    public AnchorOptions Anchors { get; }

    /// <summary>The notary of a ledger.</summary>
    public Notary NotaryOf(LedgerRow ledger)
    {
        lock (notaries)
        {
            if (!notaries.TryGetValue(ledger.Ledger, out var notary))
                notaries.Add(ledger.Ledger, notary = new Notary(Store, ledger, Signer, Anchors, stop => WriterAsync(ledger, stop), time));
            return notary;
        }
    }

    /// <summary>The files of a ledger, and its proofs.</summary>
    public LedgerFiles FilesOf(LedgerRow ledger) => new(Store, ledger, NotaryOf(ledger).Tiles);

    /// <summary>Has signed what was written since the installation was opened. For commands, at their end; a server lets its notaries run.</summary>
    /// <exception cref="LedgerAlarmException">A ledger is not what was signed before.</exception>
    /// <exception cref="SignerException">The signer does not sign: what was written is signed later.</exception>
    public async Task SignWrittenAsync(CancellationToken cancel)
    {
        if (Signer.IsElsewhere)
            return;
        foreach (var writer in writers.Values.ToList())
            await NotaryOf(writer.Ledger).CheckpointAsync(anchor: false, cancel);
    }

    // A ledger that was put back to an older state must not grow another history; one whose signer is down may grow on.
    private async Task RequireKnownAsync(LedgerRow ledger, CancellationToken cancel)
    {
        var standing = await NotaryOf(ledger).ExamineAsync(cancel);
        if (standing.Readiness is LedgerReadiness.RolledBack or LedgerReadiness.Forked)
            throw new LedgerAlarmException(standing.Readiness == LedgerReadiness.RolledBack ? "rolled-back" : "fork", standing.Size, standing.Known);
    }
}
