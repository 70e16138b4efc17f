using System.Data;
using Npgsql;
using static Ringfence.Server.Storage.Postgres.PostgresFaults;
using static Ringfence.Server.Storage.Postgres.PostgresValues;

namespace Ringfence.Server.Storage.Postgres;

/// <summary>What other systems are to be told, in PostgreSQL. Each statement stays within one ledger.</summary>
internal sealed class PostgresOutbox(NpgsqlDataSource source) : IWebhookOutbox
{
    // Whoever claims passes over what another claims at the same moment. What is older and has not arrived holds back the rest of a contact, claimed or not.
    private static readonly string Claim = $"""
        update webhook_delivery t set lease = $5, next_at = $6 from (
            select d.webhook, d.seq from webhook_delivery d where d.ledger = $1 and d.webhook = $2 and d.delivered is null and (d.next_at <= $3 or $7 and d.lease is null)
            and not exists (select from webhook_delivery e where e.ledger = $1 and e.webhook = d.webhook and e.contact = d.contact and e.seq < d.seq and e.delivered is null)
            order by d.next_at, d.seq limit $4 for update skip locked) c
        where t.ledger = $1 and t.webhook = c.webhook and t.seq = c.seq and t.delivered is null and (t.next_at <= $3 or $7 and t.lease is null) returning {Table.NamesOfT}
        """;

    private const string Arrived = """
        update webhook_delivery set attempts = attempts + 1, status = $4, fault = null, delivered = $5, next_at = null, contact = null, lease = null,
        confirmed_by = case when confirmed is null and $6 then 'answer' else confirmed_by end, confirmed = case when confirmed is null and $6 then $5 else confirmed end
        where ledger = $1 and webhook = $2 and seq = $3 and delivered is null
        """;

    private const string Failed = """
        update webhook_delivery set attempts = attempts + 1, status = $4, fault = $5, next_at = $6, lease = null
        where ledger = $1 and webhook = $2 and seq = $3 and delivered is null and lease = $7
        """;

    private static Table<DeliveryRow> Table => WebhookTables.Delivery;

    public Task<long?> FedAsync(long ledger, CancellationToken cancel) => TellAsync(async () =>
    {
        await using var command = Question("select seq from webhook_feed where ledger = $1", Of(ledger));
        return await command.ExecuteScalarAsync(cancel) as long?;
    });

    public Task<bool> FeedAsync(long ledger, long? from, long until, IReadOnlyList<DeliveryRow> rows, IReadOnlyList<(byte[] Old, byte[] New)> merges, CancellationToken cancel) => TellAsync(async () =>
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancel);
        // The one row of a ledger: who changes it first feeds, and whoever waited for them finds another place in it.
        await using (var move = new NpgsqlBatch(connection, transaction)
        {
            BatchCommands =
            {
                from is { } place
                    ? Command("update webhook_feed set seq = $2 where ledger = $1 and seq = $3", Of(ledger), Of(until), Of(place))
                    : Command("insert into webhook_feed(ledger, seq) values ($1, $2) on conflict do nothing", Of(ledger), Of(until)),
            },
        })
        {
            if (await move.ExecuteNonQueryAsync(cancel) != 1)
                return false;
        }

        await using var batch = new NpgsqlBatch(connection, transaction);
        if (rows.Count > 0)
            batch.BatchCommands.Add(Command(Table.PostgresInsert + " on conflict do nothing", [Of(ledger), .. Table.Columns.Select(column => column.Array(rows))]));
        foreach (var (old, fresh) in merges)
            batch.BatchCommands.Add(Command("update webhook_delivery set contact = $3 where ledger = $1 and contact = $2 and delivered is null", Of(ledger), Of(old), Of(fresh)));
        if (batch.BatchCommands.Count > 0)
            _ = await batch.ExecuteNonQueryAsync(cancel);
        await transaction.CommitAsync(cancel);
        return true;
    });

    public Task<IReadOnlyList<DeliveryRow>> ClaimAsync(long ledger, string webhook, byte[] lease, long now, long until, int most, bool early, CancellationToken cancel) =>
        ReadAsync(Claim, cancel, Of(ledger), Of(webhook), Of(now), Of((long)most), Of(lease), Of(until), Of(early));

    public Task SettleAsync(long ledger, byte[] lease, IReadOnlyList<DeliveryOutcome> outcomes, CancellationToken cancel) => TellAsync(async () =>
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var batch = new NpgsqlBatch(connection);
        foreach (var one in outcomes)
        {
            var status = new NpgsqlParameter { Value = (object?)one.Status ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Smallint };
            batch.BatchCommands.Add(one.NextAt is { } next
                ? Command(Failed, Of(ledger), Of(one.Webhook), Of(one.Seq), status, Of(one.Fault ?? ""), Of(next), Of(lease))
                : Command(Arrived, Of(ledger), Of(one.Webhook), Of(one.Seq), status, Of(one.At), Of(one.Confirmed)));
        }

        if (outcomes.Count > 0)
            _ = await batch.ExecuteNonQueryAsync(cancel);
    });

    public Task HastenAsync(long ledger, string webhook, long now, CancellationToken cancel) => RunAsync(
        "update webhook_delivery set next_at = $3 where ledger = $1 and webhook = $2 and delivered is null and lease is null and next_at > $3", cancel, Of(ledger), Of(webhook), Of(now));

    public Task ReleaseAsync(long ledger, long now, CancellationToken cancel) =>
        RunAsync("update webhook_delivery set next_at = $2, lease = null where ledger = $1 and delivered is null and lease is not null", cancel, Of(ledger), Of(now));

    public async Task<DeliveryRow?> ConfirmAsync(long ledger, byte[] id, long at, string by, CancellationToken cancel)
    {
        await RunAsync("update webhook_delivery set confirmed = $3, confirmed_by = $4 where ledger = $1 and id = $2 and confirmed is null", cancel, Of(ledger), Of(id), Of(at), Of(by));
        return await FindAsync(ledger, id, cancel);
    }

    public async Task<DeliveryRow?> FindAsync(long ledger, byte[] id, CancellationToken cancel) =>
        await ReadAsync($"select {Table.Names} from webhook_delivery where ledger = $1 and id = $2", cancel, Of(ledger), Of(id)) is [var row] ? row : null;

    public Task<IReadOnlyList<DeliveryRow>> ListAsync(long ledger, string? webhook, DeliveryKind kind, long now, long after, int most, CancellationToken cancel)
    {
        var which = kind switch
        {
            DeliveryKind.All => "",
            DeliveryKind.Waiting => "and delivered is null",
            DeliveryKind.Unconfirmed => "and confirmed is null and deadline is not null",
            DeliveryKind.Overdue => "and confirmed is null and deadline is not null and deadline <= $5",
        };
        var sql = $"""
            select {Table.Names} from webhook_delivery t where ledger = $1 and ($2 = '' or webhook = $2) and seq > $3 {which}
            and webhook in (select id from webhook w where w.ledger = $1 and w.removed_seq is null) order by seq, webhook limit $4
            """;
        NpgsqlParameter[] values = [Of(ledger), Of(webhook ?? ""), Of(after), Of((long)most)];
        return ReadAsync(sql, cancel, kind == DeliveryKind.Overdue ? [.. values, Of(now)] : values);
    }

    public Task<IReadOnlyList<DeliveryCount>> CountAsync(long ledger, long now, CancellationToken cancel) => TellAsync(async () =>
    {
        const string sql = """
            select webhook, sum(waiting)::bigint, sum(overdue)::bigint, min(oldest) from (
                select webhook, 1 waiting, 0 overdue, null::bigint oldest from webhook_delivery where ledger = $1 and delivered is null
                union all select webhook, 0, 1, deadline from webhook_delivery where ledger = $1 and confirmed is null and deadline is not null and deadline <= $2) t
            where webhook in (select id from webhook where ledger = $1 and removed_seq is null) group by webhook order by webhook
            """;
        await using var command = Question(sql, Of(ledger), Of(now));
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var cells = new PostgresCells(rows);
        var counts = new List<DeliveryCount>();
        while (await rows.ReadAsync(cancel))
            counts.Add(new DeliveryCount(cells.Text(0), cells.Long(1), cells.Long(2), cells.LongOrNull(3)));
        return (IReadOnlyList<DeliveryCount>)counts;
    });

    public Task PruneAsync(long ledger, long before, CancellationToken cancel) => RunAsync(
        "delete from webhook_delivery where ledger = $1 and (delivered < $2 and (deadline is null or confirmed < $2) or webhook in (select id from webhook where ledger = $1 and removed_seq is not null))",
        cancel, Of(ledger), Of(before));

    public Task ClearAsync(long ledger, CancellationToken cancel) => RunAsync("delete from webhook_delivery where ledger = $1", cancel, Of(ledger));

    public async IAsyncEnumerable<DeliveryRow> AllAsync(long ledger, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var row in await ReadAsync($"select {Table.Names} from webhook_delivery where ledger = $1 order by webhook, seq", cancel, Of(ledger)))
            yield return row;
    }

    private Task<IReadOnlyList<DeliveryRow>> ReadAsync(string sql, CancellationToken cancel, params NpgsqlParameter[] values) => TellAsync(async () =>
    {
        await using var command = Question(sql, values);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var cells = new PostgresCells(rows);
        var found = new List<DeliveryRow>();
        while (await rows.ReadAsync(cancel))
            found.Add(Table.Read(cells));
        return (IReadOnlyList<DeliveryRow>)found;
    });

    private Task RunAsync(string sql, CancellationToken cancel, params NpgsqlParameter[] values) => TellAsync(async () =>
    {
        await using var command = Question(sql, values);
        _ = await command.ExecuteNonQueryAsync(cancel);
    });

    private NpgsqlCommand Question(string sql, params ReadOnlySpan<NpgsqlParameter> values)
    {
        var command = source.CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(value);
        return command;
    }
}
