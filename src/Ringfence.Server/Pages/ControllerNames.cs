using System.Collections.Concurrent;
using Ringfence.Server.Ledger;

namespace Ringfence.Server.Pages;

/// <summary>How controllers are called: by the party document that is in force.</summary>
internal sealed class ControllerNames(Installation installation)
{
    // A firm that changes its name sees it within so long.
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, (string Name, long ReadAt)> names = new(StringComparer.Ordinal);

    /// <summary>The names of controllers, by their words.</summary>
    public async Task<IReadOnlyDictionary<string, string>> OfAsync(IEnumerable<string> controllers, CancellationToken cancel)
    {
        var wanted = controllers.ToHashSet(StringComparer.Ordinal);
        if (wanted.Any(one => !names.TryGetValue(one, out var known) || installation.Time.GetElapsedTime(known.ReadAt) > Fresh))
        {
            foreach (var ledger in await installation.NewestLedgersAsync(cancel))
            {
                if (wanted.Contains(ledger.Controller))
                    names[ledger.Controller] = ((await installation.PartyDocumentAsync(ledger, cancel)).Name, installation.Time.GetTimestamp());
            }
        }

        return wanted.ToDictionary(static one => one, one => names.TryGetValue(one, out var known) ? known.Name : one, StringComparer.Ordinal);
    }

    /// <summary>Reads a name anew the next time: it was said anew.</summary>
    public void Forget(string controller) => names.TryRemove(controller, out _);
}
