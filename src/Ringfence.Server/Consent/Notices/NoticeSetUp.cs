using NodaTime;
using Ringfence.Consent;
using Ringfence.Gateways;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.Rights;

namespace Ringfence.Server.Consent.Notices;

/// <summary>What a controller's house is set up to do with people's data, as a notice has to tell it.</summary>
/// <param name="Found">What is found.</param>
/// <param name="Names">How what is found is called here, by the keys of recipients.</param>
internal sealed record NoticeSetUp(NoticeFound Found, IReadOnlyDictionary<string, string> Names)
{
    /// <summary>Looks at it as it is now.</summary>
    public static async Task<NoticeSetUp> OfAsync(PageCall call)
    {
        var (ledger, store) = (call.Ledger, call.Installation.Store);
        GatewaySetting[] gateways = [.. call.Served.Gateways.All.Select(static one => one.Setting).Where(one => one.Controllers.Count == 0 || one.Controllers.Contains(ledger.Controller))];
        var systems = new List<(string Id, string Name, string Host)>();
        await foreach (var row in store.WebhooksAsync(ledger.Ledger, call.Cancel))
        {
            if (row is { RemovedSeq: null, Off: false })
                systems.Add((row.Id, row.Name, new Uri(row.Url).Host));
        }

        var names = gateways.ToDictionary(static one => "gateway:" + one.Name, static one => HostOf(one) is { } host ? $"{one.Name} ({host})" : one.Name, StringComparer.Ordinal);
        foreach (var (id, name, host) in systems)
            names["system:" + id] = $"{name} ({host})";
        var found = NoticeFound.Of(
            await call.Installation.PartyDocumentAsync(ledger, call.Cancel), await call.Served.Forms.OfAsync(ledger), (await call.Served.Wordings.OfAsync(ledger)).Reverse(), gateways,
            systems.Select(static one => (one.Id, one.Name)), call.Installation.Registers.Copies.Select(static copy => copy.Name), await HasListsAsync(call));
        return new NoticeSetUp(found with { RequestsKept = KeptOf(RequestKeeping.Read(call.Installation.Options.Environment)) }, names);
    }

    /// <summary>In what the set-up differs from what a notice says.</summary>
    public IReadOnlyList<NoticeChange> DriftFrom(NoticeDocument notice) => NoticeChange.Between(notice, Found.With(notice, notice.Version, notice.Since));

    // Whole years are called so, and what is kept for no time at all is not told as a time.
    private static Period? KeptOf(int? months) => months is not > 0 ? null : months % 12 == 0 ? Period.FromYears(months.Value / 12) : Period.FromMonths(months.Value);

    private static string? HostOf(GatewaySetting gateway) => gateway.Host ?? (Uri.TryCreate(gateway.Url, UriKind.Absolute, out var url) ? url.Host : null);

    private static async Task<bool> HasListsAsync(PageCall call)
    {
        await foreach (var batch in call.Installation.Store.BatchesAsync(call.Ledger.Ledger, call.Cancel))
            return true;
        return false;
    }
}
