using Ringfence.Consent;
using Ringfence.Server.Pages;

namespace Ringfence.Server.Consent;

/// <summary>What people are contacted for: each purpose with the words that ask for it. A purpose is made by publishing a wording that names it.</summary>
internal static class PurposePages
{
    /// <summary>All that are asked for, or that anybody said yes or no to.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call)
    {
        var asked = (await call.Served.Wordings.OfAsync(call.Ledger)).SelectMany(static wording => wording.Purposes.Select(purpose => (purpose, wording))).ToLookup(static one => one.purpose, static one => one.wording);
        var audience = call.Served.Audiences.Of(call.Ledger);
        return await call.PageAsync<PurposesPage>(call.T("Settings.purposes"), new PurposesView(
            [.. asked.Select(static one => one.Key).Concat(audience.Purposes).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
                .Select(purpose => new PurposeInUse(purpose, [.. asked[purpose].OrderBy(static one => one.Id, StringComparer.Ordinal).ThenByDescending(static one => one.Version, StringComparer.Ordinal)]))]));
    }
}

/// <summary>One purpose.</summary>
/// <param name="Name">Its name; a further one stands behind a colon.</param>
/// <param name="Wordings">What asks for it, the newest version of each first; none: records alone name it.</param>
internal sealed record PurposeInUse(string Name, IReadOnlyList<WordingDocument> Wordings)
{
    /// <summary>The wider purpose that covers it; null: none does.</summary>
    public string? Within => Name.LastIndexOf(':') is > 0 and var colon ? Name[..colon] : null;
}

/// <summary>What the page of purposes shows.</summary>
/// <param name="All">They.</param>
internal sealed record PurposesView(IReadOnlyList<PurposeInUse> All);
