using NodaTime;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rights;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rights;

/// <summary>One line of the list of requests: nothing of who sent it.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Kind">What is asked for.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Received">When it came.</param>
/// <param name="Due">The last day on which an answer is in time.</param>
/// <param name="Closed">When it ended; null: it has not.</param>
internal sealed record RequestLine(OpaqueId Id, RightsKind Kind, RightsState State, Instant Received, LocalDate Due, Instant? Closed);

/// <summary>The requests of a controller as rows tell of them.</summary>
internal static class RequestList
{
    /// <summary>The most lines of a page.</summary>
    public const int Most = 200;

    private const string Columns = "select id, kind, state, received, due, closed from rights_request where ledger = $1 and ";

    /// <summary>Those that wait, the first to run out first.</summary>
    public static Task<IReadOnlyList<RequestLine>> OpenAsync(Installation installation, LedgerRow ledger, CancellationToken cancel) =>
        installation.Store.Local.ReadAsync(Columns + "closed is null order by due, received limit $2", Read, cancel, ledger.Ledger, (long)Most);

    /// <summary>Those that ended, the last first.</summary>
    public static Task<IReadOnlyList<RequestLine>> ClosedAsync(Installation installation, LedgerRow ledger, CancellationToken cancel) =>
        installation.Store.Local.ReadAsync(Columns + "closed is not null order by closed desc limit $2", Read, cancel, ledger.Ledger, (long)Most);

    /// <summary>How many have to be answered until a day, and the first of their days; null: none.</summary>
    public static async Task<(long Count, LocalDate First)?> DueAsync(Installation installation, LedgerRow ledger, LocalDate until, CancellationToken cancel) =>
        await installation.Store.Local.ReadAsync(
            "select count(*), min(due) from rights_request where ledger = $1 and closed is null and due <= $2", static cells => (Count: cells.Long(0), First: cells.TextOrNull(1)), cancel,
            ledger.Ledger, LocalDatePattern.Iso.Format(until)) is [{ Count: > 0, First: { } first } some] ? (some.Count, LocalDatePattern.Iso.Parse(first).Value) : null;

    /// <summary>Complaints that came in each of some months, the last of them this one.</summary>
    public static async Task<IReadOnlyList<(YearMonth Month, long Count)>> ComplaintsAsync(Installation installation, LedgerRow ledger, LocalDate today, int months, CancellationToken cancel)
    {
        var first = new LocalDate(today.Year, today.Month, 1).PlusMonths(1 - months);
        var came = await installation.Store.Local.ReadAsync(
            "select received from rights_request where ledger = $1 and kind = $2 and received >= $3", static cells => Micros.ToInstant(cells.Long(0)), cancel,
            ledger.Ledger, Words<RightsKind>.Of(RightsKind.Complaint), Micros.Of(first.AtMidnight().InUtc().ToInstant()));
        var counts = came.GroupBy(static at => at.InUtc().Date.ToYearMonth()).ToDictionary(static month => month.Key, static month => (long)month.Count());
        return [.. Enumerable.Range(0, months).Select(step => first.PlusMonths(step).ToYearMonth()).Select(month => (month, counts.GetValueOrDefault(month)))];
    }

    private static RequestLine Read(ICells cells) => new(
        new OpaqueId(cells.Bytes(0)), Words<RightsKind>.TryParse(cells.Text(1), out var kind) ? kind : throw Damaged(), Words<RightsState>.TryParse(cells.Text(2), out var state) ? state : throw Damaged(),
        Micros.ToInstant(cells.Long(3)), LocalDatePattern.Iso.Parse(cells.Text(4)).Value, cells.LongOrNull(5) is { } closed ? Micros.ToInstant(closed) : null);

    private static StoreException Damaged() => new(StoreFault.Damaged, "A request says of itself what no request says.");
}
