using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.Rules;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent.Notices;

/// <summary>The privacy notices that a ledger keeps. One that was published never changes and stays readable.</summary>
internal static class PublishedNotices
{
    private const string Json = "application/json";

    /// <summary>All of them, the newest last.</summary>
    public static async Task<IReadOnlyList<NoticeDocument>> AllAsync(ILedgerStore store, LedgerRow ledger, CancellationToken cancel) =>
        InOrder(await store.DocumentsAsync(ledger.Ledger, cancel).Select(Read).OfType<NoticeDocument>().ToListAsync(cancel));

    /// <summary>The newest last.</summary>
    public static IReadOnlyList<NoticeDocument> InOrder(IEnumerable<NoticeDocument> notices) =>
        [.. notices.OrderBy(static notice => notice.Since).ThenBy(static notice => notice.Digest.ToString(), StringComparer.Ordinal)];

    /// <summary>Keeps one.</summary>
    /// <param name="installation">The installation.</param>
    /// <param name="ledger">The controller's ledger.</param>
    /// <param name="actor">Who publishes it.</param>
    /// <param name="notice">What it says. It holds from now on, whatever stands in it.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The notice as it is kept.</returns>
    /// <exception cref="CommandRefusedException"><c>notice-incomplete</c>: something is missing. <c>notice-version-taken</c>: another one has this version. <c>notice-same</c>: it says what the newest one says.</exception>
    public static async Task<NoticeDocument> PublishAsync(Installation installation, LedgerRow ledger, Actor actor, NoticeDocument notice, CancellationToken cancel)
    {
        if (NoticeCheck.MissingIn(notice) is [var first, ..])
            throw new CommandRefusedException("notice-incomplete", first.Code);
        var before = await AllAsync(installation.Store, ledger, cancel);
        if (before.Any(other => other.Version == notice.Version))
            throw new CommandRefusedException("notice-version-taken", notice.Version);
        if (before.Count > 0 && NoticeChange.Between(before[^1], notice).Count == 0)
            throw new CommandRefusedException("notice-same", before[^1].Version);
        // To the second, as the document has it; two within one second stand in the order in which they came.
        var since = NodaTime.Instant.FromUnixTimeSeconds(installation.Time.GetUtcNow().ToUnixTimeSeconds());
        if (before.Count > 0 && before[^1].Since >= since)
            since = before[^1].Since + NodaTime.Duration.FromSeconds(1);
        var kept = notice with { Since = since };
        var writer = await installation.WriterAsync(ledger, cancel);
        await writer.DoAsync(new PublishCommand(actor, "notice", Json, kept.ToBytes(), "mul", kept.Version), cancel);
        return kept;
    }

    /// <summary>A document as a notice; null: it is something else.</summary>
    public static NoticeDocument? Read(DocumentRow row) => row.As("\"format\":\"ringfence/notice/v1\""u8, NoticeDocument.FromBytes);
}
