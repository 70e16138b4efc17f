using System.Collections.Concurrent;
using Ringfence.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Pages;

/// <summary>How controllers are called: by the party document that is in force; while the store is away, by the one that was read last.</summary>
internal sealed class ControllerNames(Installation installation)
{
    // A firm that changes its name sees it within so long.
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Known> parties = new(StringComparer.Ordinal);

    /// <summary>The names of controllers, by their words.</summary>
    public async Task<IReadOnlyDictionary<string, string>> OfAsync(IEnumerable<string> controllers, CancellationToken cancel)
    {
        var wanted = controllers.ToHashSet(StringComparer.Ordinal);
        if (!wanted.All(IsFresh))
        {
            try
            {
                foreach (var ledger in await installation.NewestLedgersAsync(cancel))
                {
                    if (wanted.Contains(ledger.Controller))
                        parties[ledger.Controller] = new Known(await installation.PartyDocumentAsync(ledger, cancel), installation.Time.GetTimestamp());
                }
            }
            catch (Exception away) when (StoreAway.Is(away))
            {
                // Nobody's page waits for it: it is asked for again after as long as otherwise.
                foreach (var one in wanted)
                {
                    if (parties.TryGetValue(one, out var last))
                        parties[one] = last with { ReadAt = installation.Time.GetTimestamp() };
                }
            }
        }

        return wanted.ToDictionary(static one => one, LastNameOf, StringComparer.Ordinal);
    }

    /// <summary>Who a controller is, as it was read last; null: nobody has asked yet.</summary>
    public PartyDocument? LastOf(string controller) => parties.TryGetValue(controller, out var last) ? last.Party : null;

    /// <summary>How a controller was called when that was read last; its word, where nobody has asked yet.</summary>
    public string LastNameOf(string controller) => LastOf(controller)?.Name ?? controller;

    /// <summary>Reads a name anew the next time: it was said anew.</summary>
    public void Forget(string controller)
    {
        if (parties.TryGetValue(controller, out var last))
            parties[controller] = last with { ReadAt = null };
    }

    private bool IsFresh(string controller) => parties.TryGetValue(controller, out var known) && known.ReadAt is { } at && installation.Time.GetElapsedTime(at) <= Fresh;

    // When it was read; null: it is to be read anew.
    private sealed record Known(PartyDocument Party, long? ReadAt);
}
