using System.Runtime.CompilerServices;
using NodaTime;
using NodaTime.Text;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rights;

/// <summary>Who has to be told what came of what they said, as rows tell of it.</summary>
internal static class ResultTasks
{
    /// <summary>By what staff say that somebody was told.</summary>
    public static readonly string[] Ways = ["email", "sms", "whatsapp", "call", "letter", "person"];

    /// <summary>As a row calls the program's own message.</summary>
    public const string ByMessage = "message";

    /// <summary>Nobody knows whether a message went: none goes a second time.</summary>
    public const string Unsure = "unsure";

    /// <summary>The most lines of a page.</summary>
    public const int Most = 200;

    private const int MostAtOnce = 64;
    private static readonly string Select = $"select {Tables.ResultTask.Names} from {Tables.ResultTask.Name} where ledger = $1 and ";

    /// <summary>Those that somebody has to tell by hand, the first to run out first.</summary>
    public static Task<IReadOnlyList<ResultTaskRow>> OpenAsync(Installation installation, LedgerRow ledger, CancellationToken cancel) =>
        installation.Store.Local.ReadAsync(Select + "told_on is null and next_at is null order by late_at, seq limit $2", Tables.ResultTask.Read, cancel, ledger.Ledger, (long)Most);

    /// <summary>Those who were told, the last first.</summary>
    public static Task<IReadOnlyList<ResultTaskRow>> ToldAsync(Installation installation, LedgerRow ledger, CancellationToken cancel) =>
        installation.Store.Local.ReadAsync(Select + "told_on is not null order by seq desc limit $2", Tables.ResultTask.Read, cancel, ledger.Ledger, (long)Most);

    /// <summary>How many somebody has to tell by hand, and when the first of them is too late; null: nobody.</summary>
    public static async Task<(long Count, Instant First)?> DueAsync(Installation installation, LedgerRow ledger, CancellationToken cancel) =>
        await installation.Store.Local.ReadAsync(
            "select count(*), min(late) from (select min(late_at) as late from result_task where ledger = $1 and told_on is null and next_at is null group by tag, said, day) one", static cells => (Count: cells.Long(0), First: cells.LongOrNull(1)), cancel, ledger.Ledger)
            is [{ Count: > 0, First: { } first } some] ? (some.Count, Micros.ToInstant(first)) : null;

    /// <summary>One; null: there is none.</summary>
    public static async Task<ResultTaskRow?> FindAsync(Installation installation, LedgerRow ledger, long seq, CancellationToken cancel) =>
        await installation.Store.Local.FirstAsync(Select + "seq = $2", Tables.ResultTask.Read, cancel, ledger.Ledger, seq);

    /// <summary>Whether somebody is about to be told by a message on a channel.</summary>
    public static async Task<bool> IsOnItsWayAsync(Installation installation, LedgerRow ledger, ContactPoint point, Channel via, CancellationToken cancel) =>
        (await installation.Store.Local.ReadAsync(
            "select count(*) from result_task where ledger = $1 and tag = $2 and via = $3 and next_at is not null", static cells => cells.Long(0), cancel, ledger.Ledger, installation.TagsOf(point).Lookup, (long)via)) is [> 0];

    /// <summary>The number or address, and whose it is; no number: whoever it was is forgotten, or has another one by now.</summary>
    public static async Task<(ContactPoint? Point, FoundContact? Found)> WhomAsync(Installation installation, LedgerRow ledger, ResultTaskRow row, CancellationToken cancel)
    {
        if (row.Sid is null)
            return (installation.Results.Open(ledger, row), null);
        if (await Contacts.FindAsync(installation, ledger, new OpaqueId(row.Sid), cancel) is not { Person.Status: not PersonStatus.Erased } found)
            return (null, null);
        return (row.Point is null ? null : found.Points().Where(one => one.Id == new OpaqueId(row.Point)).Select(static one => one.Point).FirstOrDefault(), found);
    }

    /// <summary>Claims what is due of one number or address on one channel, for nobody else. What was claimed before and is over is given up: nobody knows whether it went.</summary>
    /// <returns>Of each number and channel one group, with all that waits for it; none where others have it.</returns>
    public static async Task<IReadOnlyList<IReadOnlyList<ResultTaskRow>>> ClaimAsync(ILedgerStore store, LedgerRow ledger, Instant now, Instant until, CancellationToken cancel)
    {
        var due = await store.Local.ReadAsync(
            "select tag, via, lease from result_task where ledger = $1 and next_at <= $2 order by next_at limit $3", static cells => (Tag: cells.Bytes(0), Via: cells.Long(1), IsOver: cells.BytesOrNull(2) is not null), cancel,
            ledger.Ledger, Micros.Of(now), (long)MostAtOnce);
        if (due.Any(static one => one.IsOver))
        {
            _ = await store.Local.RunAsync(
                $"update result_task set next_at = null, lease = null, fault = '{Unsure}' where ledger = $1 and next_at <= $2 and lease is not null", cancel, ledger.Ledger, Micros.Of(now));
        }

        var claimed = new List<IReadOnlyList<ResultTaskRow>>();
        foreach (var (tag, via) in due.Where(static one => !one.IsOver).Select(static one => (one.Tag, one.Via)).DistinctBy(static one => (Convert.ToHexString(one.Tag), one.Via)))
        {
            var lease = Fresh.Id().ToArray();
            // Invariant: whoever sends has it alone, and it is written that they do before anything is sent.
            var rows = await store.Local.WriteAsync(async turn => await turn.RunAsync(
                "update result_task set lease = $4, next_at = $5, attempts = attempts + 1 where ledger = $1 and tag = $2 and via = $3 and next_at is not null and lease is null", ledger.Ledger, tag, via, lease, Micros.Of(until)) == 0
                ? [] : await turn.ReadAsync(Select + "lease = $2 order by seq", Tables.ResultTask.Read, ledger.Ledger, lease), cancel);
            if (rows.Count > 0)
                claimed.Add(rows);
        }

        return claimed;
    }

    /// <summary>They were told: nothing of them stays.</summary>
    public static Task<int> ToldAsync(ILedgerStore store, LedgerRow ledger, byte[] lease, LocalDate day, CancellationToken cancel) => store.Local.RunAsync(
        $"update result_task set {Ended} where ledger = $1 and lease = $2", cancel, ledger.Ledger, lease, LocalDatePattern.Iso.Format(day), ByMessage, null);

    /// <summary>No message went, and none will: somebody has to tell them.</summary>
    public static Task<int> GiveUpAsync(ILedgerStore store, LedgerRow ledger, byte[] lease, string fault, CancellationToken cancel) => store.Local.RunAsync(
        "update result_task set next_at = null, lease = null, fault = $3 where ledger = $1 and lease = $2", cancel, ledger.Ledger, lease, fault);

    /// <summary>No message went; another is tried later.</summary>
    public static Task<int> PutOffAsync(ILedgerStore store, LedgerRow ledger, byte[] lease, Instant next, CancellationToken cancel) => store.Local.RunAsync(
        "update result_task set next_at = $3, lease = null where ledger = $1 and lease = $2", cancel, ledger.Ledger, lease, Micros.Of(next));

    /// <summary>Whoever it was is forgotten.</summary>
    public static Task<int> DropAsync(ILedgerStore store, LedgerRow ledger, byte[] lease, CancellationToken cancel) =>
        store.Local.RunAsync("delete from result_task where ledger = $1 and lease = $2", cancel, ledger.Ledger, lease);

    /// <summary>Staff say that they were told, with all else that they said the same day and that waits for somebody.</summary>
    /// <returns>False: it was ended before, or a message is on its way.</returns>
    public static async Task<bool> EndAsync(ILedgerStore store, LedgerRow ledger, ResultTaskRow row, LocalDate day, string way, string teller, CancellationToken cancel) => row.Tag is { } tag && await store.Local.RunAsync(
        $"update result_task set {Ended} where ledger = $1 and tag = $2 and told_on is null and next_at is null and said = $6 and day = $7", cancel,
        ledger.Ledger, tag, LocalDatePattern.Iso.Format(day), way, teller, row.Said, row.Day) > 0;

    /// <summary>Every row, by record.</summary>
    public static async IAsyncEnumerable<ResultTaskRow> AllAsync(ILedgerStore store, LedgerRow ledger, [EnumeratorCancellation] CancellationToken cancel)
    {
        var from = -1L;
        while (await store.Local.ReadAsync(Select + "seq > $2 order by seq limit $3", Tables.ResultTask.Read, cancel, ledger.Ledger, from, (long)Most) is { Count: > 0 } rows)
        {
            foreach (var row in rows)
                yield return row;
            from = rows[^1].Seq;
        }
    }

    /// <summary>Drops every row of a ledger that is closed.</summary>
    public static Task<int> ClearAsync(ILedgerStore store, LedgerRow ledger, CancellationToken cancel) => store.Local.RunAsync("delete from result_task where ledger = $1", cancel, ledger.Ledger);

    /// <summary>Leaves to staff what a message was still to be sent of: after a restore, when nobody knows what went since.</summary>
    public static async Task DoubtAsync(ILedgerStore store, CancellationToken cancel)
    {
        foreach (var ledger in await store.LedgersAsync(cancel))
            _ = await store.Local.RunAsync($"update result_task set next_at = null, lease = null, fault = '{Unsure}' where ledger = $1 and next_at is not null", cancel, ledger.Ledger);
    }

    private const string Ended = "told_on = $3, told_by = $4, teller = $5, sid = null, point = null, tag = null, nonce = null, words = null, next_at = null, lease = null";
}
