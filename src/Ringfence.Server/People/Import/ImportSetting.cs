using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.People.Import;

/// <summary>Where an import reads and writes. A dry run reads the same store, and what it writes is kept in memory and forgotten.</summary>
/// <param name="Installation">The installation.</param>
/// <param name="Ledger">The ledger.</param>
/// <param name="Store">Where people are looked up.</param>
/// <param name="Writer">Where batches are written.</param>
/// <param name="IsDry">Whether nothing is to stay.</param>
internal sealed record ImportSetting(Installation Installation, LedgerRow Ledger, ILedgerStore Store, LedgerWriter Writer, bool IsDry)
{
    /// <summary>Makes keys for people nobody knew; on the disk when the call returns, unless nothing is to stay.</summary>
    public SubjectKeys KeysFor(IReadOnlyList<OpaqueId> sids) =>
        IsDry ? new SubjectKeys(sids.Count) : Installation.Keyring.CreateAsync(sids, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>What seals records that are thrown away; null where they are not.</summary>
    public Sealer? Throwaway() => IsDry ? new Sealer(new byte[SubjectKey.Bytes]) : null;
}
