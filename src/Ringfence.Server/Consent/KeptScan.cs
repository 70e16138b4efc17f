using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent;

/// <summary>The scan of a signed paper, as it is kept: sealed by the key of the person, beside the record whose evidence names it.</summary>
internal static class KeptScan
{
    /// <summary>What a record says beside which one is kept: that it is there can't be taken away unseen.</summary>
    public static (string Name, LeafValue Value) Detail => ("scan", "kept");

    /// <summary>Whether one is kept beside a record, or was until it was erased.</summary>
    public static bool IsBeside(LedgerRecord record) => record.Detail?[Detail.Name]?.AsText == Detail.Value.AsText;

    /// <summary>Opens the one beside a record; null: there is none, or it was erased.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Damaged"/>: what is there is not what was sealed.</exception>
    public static async Task<ScanFile?> OpenAsync(Installation installation, LedgerRow ledger, LedgerRecord record, CancellationToken cancel)
    {
        if (!IsBeside(record) || record.Subject is not { } subject || await installation.Store.ScanAsync(ledger.Ledger, record.Seq, cancel) is not { } row)
            return null;
        using var sealer = await installation.Keyring.FindAsync(subject.Sid, cancel);
        if (sealer is null)
            return null;
        return sealer.OpenScan(record.Id, new SealedBlob(row.Nonce, row.Ciphertext)) is { } content && ScanFile.Read(content) is { } scan
            ? scan
            : throw new StoreException(StoreFault.Damaged, $"The scan beside record {record.Seq} is not what was sealed.");
    }
}
