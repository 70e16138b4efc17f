using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.Rules;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent;

/// <summary>The wordings that a ledger keeps, found by the names that people use.</summary>
internal static class PublishedWordings
{
    private const int LeastDigits = 8;

    /// <summary>The one that is meant: by its digest or the first eight digits of it or more, by <c>id@version</c>, or by its id where there is one version.</summary>
    /// <exception cref="CommandRefusedException"><c>no-such-wording</c>; <c>which-wording</c>, with the versions there are.</exception>
    public static async Task<WordingDocument> FindAsync(Installation installation, LedgerRow ledger, string name, CancellationToken cancel)
    {
        var found = new List<WordingDocument>();
        await foreach (var wording in AllAsync(installation.Store, ledger, cancel))
        {
            if (IsMeant(wording, name))
                found.Add(wording);
        }

        return found.Count switch
        {
            1 => found[0],
            0 => throw new CommandRefusedException("no-such-wording", name),
            _ => throw new CommandRefusedException("which-wording", string.Join(", ", found.Select(static wording => $"{wording.Id}@{wording.Version}").Order(StringComparer.Ordinal))),
        };
    }

    /// <summary>The one of an address; null where the ledger does not keep it, or it is no wording.</summary>
    public static async Task<WordingDocument?> FindAsync(ILedgerStore store, LedgerRow ledger, Digest doc, CancellationToken cancel) =>
        await store.DocumentAsync(ledger, doc, cancel) is { } row ? Read(row) : null;

    /// <summary>All of them.</summary>
    public static IAsyncEnumerable<WordingDocument> AllAsync(ILedgerStore store, LedgerRow ledger, CancellationToken cancel) =>
        store.DocumentsAsync(ledger.Ledger, cancel).Select(Read).OfType<WordingDocument>();

    /// <summary>By name, the newest version of each first.</summary>
    public static IReadOnlyList<WordingDocument> InOrder(IEnumerable<WordingDocument> wordings) =>
        [.. wordings.OrderBy(static one => one.Id, StringComparer.Ordinal).ThenByDescending(static one => one.Version.Length).ThenByDescending(static one => one.Version, StringComparer.Ordinal)];

    private static bool IsMeant(WordingDocument wording, string name)
    {
        if (name == wording.Id || name == $"{wording.Id}@{wording.Version}")
            return true;
        return name.Length >= LeastDigits && wording.Digest.ToString().StartsWith(name, StringComparison.Ordinal);
    }

    /// <summary>A document as a wording; null: it is something else. Parties, passports and rules are kept beside them; and an import keeps words as the list had them, which nobody asked anything of.</summary>
    public static WordingDocument? Read(DocumentRow row) => row.As("\"format\":\"ringfence/wording/v1\""u8, WordingDocument.FromBytes);
}
