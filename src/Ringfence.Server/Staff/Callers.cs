using System.Collections.Concurrent;
using System.Security.Cryptography;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Staff;

/// <summary>Who calls: a program by its key, in the name of one controller.</summary>
/// <param name="Ledger">The controller's ledger.</param>
/// <param name="Id">Of the key.</param>
/// <param name="Scopes">What it may do.</param>
internal sealed record Caller(LedgerRow Ledger, string Id, ApiScopes Scopes)
{
    /// <summary>As records name it.</summary>
    public Actor Actor { get; init; } = new(ActorKind.Client, "key-" + Id);
}

/// <summary>Tells callers by their keys. What is known of a key is as old as a second and a half at most, so that a revoked one is refused within two everywhere.</summary>
internal sealed class Callers(Installation installation)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1.5);

    // Of wrong keys nothing is kept, so that nobody can fill this.
    private readonly ConcurrentDictionary<(string Controller, string Id), Known> known = new();

    /// <summary>Who shows this header; null: nobody who is let in.</summary>
    /// <param name="authorization"><c>Bearer rf_...</c>.</param>
    /// <param name="mayBeOld">Whether what was known of the key will do where the store is away: for somebody's no, which is better kept than turned away.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="StoreException">Nobody can tell now.</exception>
    public async ValueTask<Caller?> FindAsync(string? authorization, bool mayBeOld, CancellationToken cancel)
    {
        const string scheme = "Bearer ";
        if (authorization is null || !authorization.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) || !ApiKey.TryRead(authorization[scheme.Length..].Trim(), out var key))
            return null;
        var time = installation.Time;
        if (!known.TryGetValue((key.Controller, key.Id), out var found) || time.GetElapsedTime(found.ReadAt) > Fresh)
        {
            try
            {
                if (await ReadAsync(key, cancel) is not { } read)
                {
                    known.TryRemove((key.Controller, key.Id), out _);
                    return null;
                }

                known[(key.Controller, key.Id)] = found = read;
            }
            catch (StoreException) when (mayBeOld && found is not null)
            {
            }
        }

        var isIn = CryptographicOperations.FixedTimeEquals(found.Row.Hash, key.Hash)
            && found.Row.RevokedSeq is null
            && (found.Row.Expires is not { } end || time.GetUtcNow() < Micros.ToInstant(end).ToDateTimeOffset());
        return isIn ? found.Caller : null;
    }

    private async Task<Known?> ReadAsync(ApiKey key, CancellationToken cancel)
    {
        var readAt = installation.Time.GetTimestamp();
        var ledger = (await installation.NewestLedgersAsync(cancel)).FirstOrDefault(row => row.Controller == key.Controller);
        if (ledger is null)
            return null;
        var wanted = new RowsWanted { WithRecords = false };
        wanted.ApiKeys.Add(key.Id);
        var row = (await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel)).ApiKeys.Find(row => row.Id == key.Id);
        return row is null || !ScopeWords.TryRead(row.Scopes, out var scopes) ? null : new Known(row, new Caller(ledger, row.Id, scopes), readAt);
    }

    private sealed record Known(ApiKeyRow Row, Caller Caller, long ReadAt);
}
