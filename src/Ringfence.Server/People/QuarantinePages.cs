using System.Globalization;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Pages;
using Ringfence.Server.People.Import;

namespace Ringfence.Server.People;

/// <summary>An import with people who are held back now.</summary>
/// <param name="Import">The import.</param>
/// <param name="Held">How many of its people are.</param>
internal sealed record HoldingImport(StoredImport Import, int Held)
{
    /// <summary>Why: words of <see cref="QuarantineCause"/>, that of most rows first.</summary>
    public IReadOnlyList<string> Causes => [.. Import.Batch.Tally.Quarantined.OrderByDescending(static one => one.Value).Select(static one => one.Key)];
}

/// <summary>What the page of those who are held back shows.</summary>
internal sealed record QuarantineView
{
    /// <summary>How far the index is; null: it is there.</summary>
    public double? Progress { get; init; }

    /// <summary>Everybody who is held back.</summary>
    public int All { get; init; }

    /// <summary>Imports that hold somebody back, the newest first.</summary>
    public IReadOnlyList<HoldingImport> Imports { get; init; } = [];

    /// <summary>The import whose people are shown; null: all.</summary>
    public OpaqueId? Batch { get; init; }

    public int Offset { get; init; }

    public int Total { get; init; }

    public IReadOnlyList<ListedContact> People { get; init; } = [];

    /// <summary>Why somebody may be held back: of the causes of their import those that fit where they come from.</summary>
    public IReadOnlyList<string> CausesOf(ListedContact one) => [.. (Imports.FirstOrDefault(import => import.Import.Batch.Name == one.Listed.Batch)?.Causes ?? [])
        .Where(cause => one.Listed.Source is not { } source || Provenance.IsBeyondPassport(source) == (cause == Words<QuarantineCause>.Of(QuarantineCause.BeyondPassport)))];
}

/// <summary>People whom imports brought and hold back: why, and what lets them out. A page of them is a record before it is shown.</summary>
internal static class QuarantinePages
{
    /// <summary>Rows on a page.</summary>
    public const int PageRows = 30;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary><c>GET quarantine</c>.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call)
    {
        var from = call.Query("from") is not { } said ? 0 : int.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Bad("from");
        OpaqueId? batch = call.Query("batch") is not { } word ? null : OpaqueId.TryParse(word, out var name) ? name : throw Bad("batch");
        var index = call.Served.Audiences.Of(call.Ledger);
        var ask = new AudienceAsk(AudienceAsk.Line[0], null);
        if (await index.LookAsync([ask], Patience, call.Cancel) is not { } look)
        {
            call.Http.Response.Headers["Refresh"] = "3";
            return await call.PageAsync<QuarantinePage>(call.T("Quarantine.Title"), new QuarantineView { Progress = index.Progress.Part < 1 ? index.Progress.Part : index.AnswersPart });
        }

        var held = AudienceFilter.Everyone with { Status = PersonStatus.Quarantined };
        var imports = new List<HoldingImport>();
        foreach (var import in await StoredImport.AllAsync(call))
        {
            if (look.Count(held with { Batch = import.Batch.Name }) is > 0 and var count)
                imports.Add(new HoldingImport(import, count));
        }

        var page = look.Page(held with { Batch = batch }, AudienceOrder.Added, new AudienceStart(from), PageRows);
        var people = await ListedContacts.ReadAsync(call, page.People, look.PurposesOf(ask));
        if (people.Count > 0)
            await call.DoAsync(new RevealListCommand(call.Actor, [.. people.Select(static one => one.Sid)]));
        return await call.PageAsync<QuarantinePage>(call.T("Quarantine.Title"), new QuarantineView
        {
            All = look.Count(held),
            Imports = [.. imports.OrderByDescending(static one => one.Import.At)],
            Batch = batch,
            Offset = page.Offset,
            Total = page.Total,
            People = people,
        });
    }

    private static PageFault Bad(string name) => new(StatusCodes.Status400BadRequest, "bad-filter", name);
}
