using Ringfence.Server.Storage.Postgres;
using Ringfence.Server.Storage.Sqlite;

namespace Ringfence.Server.Storage;

/// <summary>Opens stores.</summary>
public static class LedgerStores
{
    /// <summary>Opens a store, having looked at everything that an acknowledged record depends on.</summary>
    /// <remarks>Tables are made only in a database proven empty: one that can't be reached or read is not empty. Nothing is ever dropped.</remarks>
    /// <exception cref="StoreException">
    /// <see cref="StoreFault.OutOfReach"/>, <see cref="StoreFault.InUse"/>, <see cref="StoreFault.Foreign"/>, <see cref="StoreFault.Damaged"/>,
    /// <see cref="StoreFault.NotDurable"/>; the last two with <see cref="StoreException.Findings"/>.
    /// </exception>
    public static Task<ILedgerStore> OpenAsync(StoreOptions options, CancellationToken cancel) => options switch
    {
        { Connection: not null } => PostgresStore.OpenAsync(options, cancel),
        { Folder: not null } => SqliteStore.OpenAsync(options, cancel),
        _ => throw new ArgumentException("Neither a folder nor a connection is given.", nameof(options)),
    };

    /// <summary>What there is to say of a store, whether it opens or not. For the doctor.</summary>
    /// <exception cref="StoreException">It does not open, for a reason that is no finding.</exception>
    public static async Task<IReadOnlyList<StoreFinding>> ExamineAsync(StoreOptions options, CancellationToken cancel)
    {
        try
        {
            await using var store = await OpenAsync(options with { Migrate = false }, cancel);
            return await store.ExamineAsync(cancel);
        }
        catch (StoreException e) when (e.Findings.Count > 0)
        {
            return e.Findings;
        }
    }
}
