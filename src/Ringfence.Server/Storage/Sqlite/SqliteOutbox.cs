namespace Ringfence.Server.Storage.Sqlite;

/// <summary>What other systems are to be told, in the embedded store.</summary>
internal sealed class SqliteOutbox(SqliteWriter writer, SqliteReaders readers) : IWebhookOutbox
{
    private const string Older =
        "not exists (select 1 from webhook_delivery e indexed by webhook_delivery_contact where e.ledger = t.ledger and e.webhook = t.webhook and e.contact = t.contact and e.seq < t.seq and e.delivered is null)";

    private static readonly Table<DeliveryRow> Table = WebhookTables.Delivery;

    public Task<long?> FedAsync(long ledger, CancellationToken cancel) => Task.FromResult(readers.Read(session => Fed(session, ledger)));

    public async Task<bool> FeedAsync(long ledger, long? from, long until, IReadOnlyList<DeliveryRow> rows, IReadOnlyList<(byte[] Old, byte[] New)> merges, CancellationToken cancel)
    {
        using var turn = await writer.TakeTurnAsync(cancel);
        var first = false;
        writer.Write(session =>
        {
            if (Fed(session, ledger) != from)
                return;
            first = true;
            Run(session, "insert into webhook_feed(ledger, seq) values (?1, ?2) on conflict (ledger) do update set seq = excluded.seq", ledger, until);
            var insert = session.Prepare(Table.SqliteInsert + " on conflict do nothing");
            foreach (var row in rows)
            {
                insert.Bind(1, ledger);
                for (var i = 0; i < Table.Columns.Count; i++)
                    Table.Columns[i].Bind(insert, i + 2, row);
                _ = insert.Run();
            }

            foreach (var (old, fresh) in merges)
            {
                var rename = session.Prepare("update webhook_delivery set contact = ?3 where ledger = ?1 and contact = ?2 and delivered is null");
                rename.Bind(1, ledger);
                rename.Bind(2, old);
                rename.Bind(3, fresh);
                _ = rename.Run();
            }
        });
        return first;
    }

    public async Task<IReadOnlyList<DeliveryRow>> ClaimAsync(long ledger, string webhook, byte[] lease, long now, long until, int most, bool early, CancellationToken cancel)
    {
        // Most of the time nothing is due, and whoever only looks waits for nobody.
        if (readers.Read(session => Due(session, ledger, webhook, now, 1, early)).Count == 0)
            return [];
        using var turn = await writer.TakeTurnAsync(cancel);
        List<DeliveryRow> due = [];
        writer.Write(session =>
        {
            due = Due(session, ledger, webhook, now, most, early);
            var claim = session.Prepare("update webhook_delivery set lease = ?4, next_at = ?5 where ledger = ?1 and webhook = ?2 and seq = ?3");
            foreach (var row in due)
            {
                claim.Bind(1, ledger);
                claim.Bind(2, webhook);
                claim.Bind(3, row.Seq);
                claim.Bind(4, lease);
                claim.Bind(5, until);
                _ = claim.Run();
            }
        });
        return due;
    }

    public async Task SettleAsync(long ledger, byte[] lease, IReadOnlyList<DeliveryOutcome> outcomes, CancellationToken cancel)
    {
        using var turn = await writer.TakeTurnAsync(cancel);
        writer.Write(session =>
        {
            foreach (var outcome in outcomes)
                Settle(session, ledger, lease, outcome);
        });
    }

    public async Task HastenAsync(long ledger, string webhook, long now, CancellationToken cancel)
    {
        using var turn = await writer.TakeTurnAsync(cancel);
        writer.Write(session =>
        {
            var hasten = session.Prepare("update webhook_delivery set next_at = ?3 where ledger = ?1 and webhook = ?2 and delivered is null and lease is null and next_at > ?3");
            hasten.Bind(1, ledger);
            hasten.Bind(2, webhook);
            hasten.Bind(3, now);
            _ = hasten.Run();
        });
    }

    public async Task ReleaseAsync(long ledger, long now, CancellationToken cancel)
    {
        using var turn = await writer.TakeTurnAsync(cancel);
        writer.Write(session => Run(session, "update webhook_delivery set next_at = ?2, lease = null where ledger = ?1 and delivered is null and lease is not null", ledger, now));
    }

    public async Task<DeliveryRow?> ConfirmAsync(long ledger, byte[] id, long at, string by, CancellationToken cancel)
    {
        using var turn = await writer.TakeTurnAsync(cancel);
        writer.Write(session =>
        {
            var confirm = session.Prepare("update webhook_delivery set confirmed = ?3, confirmed_by = ?4 where ledger = ?1 and id = ?2 and confirmed is null");
            confirm.Bind(1, ledger);
            confirm.Bind(2, id);
            confirm.Bind(3, at);
            confirm.Bind(4, by);
            _ = confirm.Run();
        });
        return Find(writer.Session, ledger, id);
    }

    public Task<DeliveryRow?> FindAsync(long ledger, byte[] id, CancellationToken cancel) => Task.FromResult(readers.Read(session => Find(session, ledger, id)));

    public Task<IReadOnlyList<DeliveryRow>> ListAsync(long ledger, string? webhook, DeliveryKind kind, long now, long after, int most, CancellationToken cancel) => Task.FromResult(readers.Read(session =>
    {
        var which = kind switch
        {
            DeliveryKind.All => "",
            DeliveryKind.Waiting => "and delivered is null",
            DeliveryKind.Unconfirmed => "and confirmed is null and deadline is not null",
            DeliveryKind.Overdue => "and confirmed is null and deadline is not null and deadline <= ?5",
        };
        var rows = session.Prepare($"""
            select {Table.Names} from webhook_delivery t where ledger = ?1 and (?2 is null or webhook = ?2) and seq > ?3 {which}
            and webhook in (select id from webhook w where w.ledger = ?1 and w.removed_seq is null) order by seq, webhook limit ?4
            """);
        rows.Bind(1, ledger);
        rows.Bind(2, webhook);
        rows.Bind(3, after);
        rows.Bind(4, most);
        if (kind == DeliveryKind.Overdue)
            rows.Bind(5, now);
        return (IReadOnlyList<DeliveryRow>)Read(rows);
    }));

    public Task<IReadOnlyList<DeliveryCount>> CountAsync(long ledger, long now, CancellationToken cancel) => Task.FromResult(readers.Read(session =>
    {
        var rows = session.Prepare("""
            select webhook, sum(waiting), sum(overdue), min(oldest) from (
                select webhook, 1 waiting, 0 overdue, null oldest from webhook_delivery where ledger = ?1 and delivered is null
                union all select webhook, 0, 1, deadline from webhook_delivery where ledger = ?1 and confirmed is null and deadline is not null and deadline <= ?2)
            where webhook in (select id from webhook where ledger = ?1 and removed_seq is null) group by webhook order by webhook
            """);
        rows.Bind(1, ledger);
        rows.Bind(2, now);
        var counts = new List<DeliveryCount>();
        while (rows.Read())
            counts.Add(new DeliveryCount(rows.Text(0), rows.Long(1), rows.Long(2), rows.LongOrNull(3)));
        return (IReadOnlyList<DeliveryCount>)counts;
    }));

    public async Task PruneAsync(long ledger, long before, CancellationToken cancel)
    {
        using var turn = await writer.TakeTurnAsync(cancel);
        writer.Write(session => Run(
            session,
            "delete from webhook_delivery where ledger = ?1 and (delivered < ?2 and (deadline is null or confirmed < ?2) " +
            "or webhook in (select id from webhook where ledger = ?1 and removed_seq is not null))", ledger, before));
    }

    public async Task ClearAsync(long ledger, CancellationToken cancel)
    {
        using var turn = await writer.TakeTurnAsync(cancel);
        writer.Write(session => Run(session, "delete from webhook_delivery where ledger = ?1 and seq < ?2", ledger, long.MaxValue));
    }

    public IAsyncEnumerable<DeliveryRow> AllAsync(long ledger, CancellationToken cancel) => readers.StreamAsync(Table, "where ledger = ?1 order by webhook, seq", cancel, ledger);

    private static long? Fed(SqliteSession session, long ledger)
    {
        var rows = session.Prepare("select seq from webhook_feed where ledger = ?1");
        rows.Bind(1, ledger);
        if (!rows.Read())
            return null;
        var seq = rows.Long(0);
        rows.Reset();
        return seq;
    }

    private static List<DeliveryRow> Due(SqliteSession session, long ledger, string webhook, long now, int most, bool early)
    {
        var rows = session.Prepare(
            $"select {Table.NamesOfT} from webhook_delivery t indexed by webhook_delivery_due where t.ledger = ?1 and t.webhook = ?2 and t.delivered is null and (t.next_at <= ?3{(early ? " or t.lease is null" : "")}) and {Older} order by t.next_at, t.seq limit ?4");
        rows.Bind(1, ledger);
        rows.Bind(2, webhook);
        rows.Bind(3, now);
        rows.Bind(4, most);
        return Read(rows);
    }

    private static void Settle(SqliteSession session, long ledger, byte[] lease, DeliveryOutcome outcome)
    {
        var settle = session.Prepare(outcome.NextAt is null
            ? "update webhook_delivery set attempts = attempts + 1, status = ?4, fault = ?5, delivered = ?6, next_at = null, contact = null, lease = null, " +
              "confirmed_by = case when confirmed is null and ?7 then 'answer' else confirmed_by end, confirmed = case when confirmed is null and ?7 then ?6 else confirmed end " +
              "where ledger = ?1 and webhook = ?2 and seq = ?3 and delivered is null"
            : "update webhook_delivery set attempts = attempts + 1, status = ?4, fault = ?5, next_at = ?6, lease = null where ledger = ?1 and webhook = ?2 and seq = ?3 and delivered is null and lease = ?7");
        settle.Bind(1, ledger);
        settle.Bind(2, outcome.Webhook);
        settle.Bind(3, outcome.Seq);
        settle.Bind(4, (long?)outcome.Status);
        settle.Bind(5, outcome.Fault);
        settle.Bind(6, outcome.NextAt ?? outcome.At);
        if (outcome.NextAt is null)
            settle.Bind(7, outcome.Confirmed ? 1L : 0L);
        else
            settle.Bind(7, lease);
        _ = settle.Run();
    }

    private static DeliveryRow? Find(SqliteSession session, long ledger, byte[] id)
    {
        var rows = session.Prepare($"select {Table.Names} from webhook_delivery where ledger = ?1 and id = ?2");
        rows.Bind(1, ledger);
        rows.Bind(2, id);
        return Read(rows) is [var row] ? row : null;
    }

    private static List<DeliveryRow> Read(SqliteStatement rows)
    {
        var found = new List<DeliveryRow>();
        while (rows.Read())
            found.Add(Table.Read(rows));
        return found;
    }

    private static void Run(SqliteSession session, string sql, long ledger, long value)
    {
        var statement = session.Prepare(sql);
        statement.Bind(1, ledger);
        statement.Bind(2, value);
        _ = statement.Run();
    }
}
