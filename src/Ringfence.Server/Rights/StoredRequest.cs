using System.Globalization;
using NodaTime;
using Ringfence.Ledger;
using Ringfence.Rights;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rights;

/// <summary>A request as it is kept.</summary>
/// <param name="Row">The row.</param>
/// <param name="Told">What its records tell.</param>
/// <param name="Records">Those records, in order.</param>
internal sealed record StoredRequest(RightsRequestRow Row, RightsCase Told, IReadOnlyList<LedgerRecord> Records)
{
    private const string Letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int NumberLetters = 8;
    private const int BitsOfLetter = 5;

    /// <summary>As people are told its number: <c>R-7K3F-9Q2M</c>. It tells nothing, not even how many there are.</summary>
    public string Number => NumberOf(new OpaqueId(Row.Id));

    /// <summary>The number of a request by its name.</summary>
    public static string NumberOf(OpaqueId id)
    {
        Span<byte> bytes = stackalloc byte[OpaqueId.Size];
        id.CopyTo(bytes);
        var value = 0UL;
        foreach (var one in bytes[..(NumberLetters * BitsOfLetter / 8)])
            value = (value << 8) | one;
        Span<char> letters = stackalloc char[NumberLetters];
        for (var at = NumberLetters - 1; at >= 0; at--, value >>= BitsOfLetter)
            letters[at] = Letters[(int)(value & 31)];
        return string.Create(CultureInfo.InvariantCulture, $"R-{letters[..4]}-{letters[4..]}");
    }

    /// <summary>One by its name; null: there is none.</summary>
    public static async Task<StoredRequest?> FindAsync(Installation installation, LedgerRow ledger, OpaqueId id, CancellationToken cancel)
    {
        var wanted = new RowsWanted { WithRecords = false };
        wanted.RightsRequests.Add(id.ToArray());
        if ((await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel)).RightsRequests is not [var row])
            return null;
        var seqs = new RowsWanted { WithRecords = false };
        seqs.Records.UnionWith(RequestRows.RecordsOf(row));
        LedgerRecord[] records = [.. (await installation.Store.LoadAsync(ledger.Ledger, seqs, cancel)).Records.Values.Select(StoredRecord.Read)];
        return RightsCase.Of(records) is { } told ? new StoredRequest(row, told, records) : null;
    }

    /// <summary>One by its name, or by the number that people are told.</summary>
    /// <exception cref="CommandRefusedException"><c>no-such-request</c>; <c>which-request</c>: several have this number.</exception>
    public static async Task<StoredRequest> NamedAsync(Installation installation, LedgerRow ledger, string name, CancellationToken cancel)
    {
        if (!OpaqueId.TryParse(name, out var id))
        {
            var found = new List<OpaqueId>();
            await foreach (var row in installation.Store.RightsRequestsAsync(ledger.Ledger, cancel))
            {
                if (string.Equals(NumberOf(new OpaqueId(row.Id)), name, StringComparison.OrdinalIgnoreCase))
                    found.Add(new OpaqueId(row.Id));
            }

            if (found.Count > 1)
                throw new CommandRefusedException("which-request", string.Join(", ", found));
            id = found is [var only] ? only : throw new CommandRefusedException("no-such-request", name);
        }

        return await FindAsync(installation, ledger, id, cancel) ?? throw new CommandRefusedException("no-such-request", name);
    }
}
