using System.Text.RegularExpressions;
using Npgsql;
using static Ringfence.Server.Storage.Postgres.PostgresValues;

namespace Ringfence.Server.Storage.Postgres;

/// <summary>The tables in PostgreSQL: made in an empty database, brought forward by one at a time, compared with what they have to be.</summary>
internal static partial class PostgresSchema
{
    // Tables, views and sequences of anybody but the server and its extensions.
    private const string Look = """
        select count(*), count(*) filter (where c.relname = 'schema_version' and c.relnamespace = current_schema()::regnamespace)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
          and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
        """;

    private const string VersionTable =
        "create table schema_version(version bigint not null primary key, name text not null, digest bytea not null, applied_at bigint not null)";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static IReadOnlyList<Migration> Ours { get; } = Migrations.Of("Postgres");

    /// <summary>Makes the tables of an empty database or applies what is missing, all of it or nothing. Several may try at once: all come out well.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Foreign"/>, <see cref="StoreFault.Damaged"/>.</exception>
    public static async Task BringForwardAsync(NpgsqlConnection connection, StoreOptions options, CancellationToken cancel)
    {
        var began = options.Time.GetTimestamp();
        while (true)
        {
            try
            {
                await TryAsync(connection, options, cancel);
                return;
            }
            catch (PostgresException e) when (MadeByAnother(e) && options.Time.GetElapsedTime(began) < options.Patience)
            {
                await Task.Delay(Pause, cancel);
            }
        }
    }

    /// <summary>The migrations that the database says were applied.</summary>
    public static async Task<List<AppliedMigration>> AppliedAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var applied = new List<AppliedMigration>();
        await using var command = new NpgsqlCommand("select version, name, digest from schema_version order by version", connection);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            applied.Add(new AppliedMigration(rows.GetInt64(0), rows.GetString(1), rows.GetFieldValue<byte[]>(2)));
        return applied;
    }

    /// <summary>Every table, index, trigger and function: whether it is there and at work.</summary>
    public static async Task<List<StoreFinding>> CompareAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        const string question = """
            select 'table-' || relname, 'there' from pg_class where relkind in ('r', 'p') and relnamespace = current_schema()::regnamespace
            union all select 'index-' || c.relname, case when i.indisvalid then 'there' else 'invalid' end
                from pg_index i join pg_class c on c.oid = i.indexrelid where c.relnamespace = current_schema()::regnamespace
            union all select 'trigger-' || t.tgname, case when t.tgenabled in ('O', 'A') then 'there' else 'disabled' end
                from pg_trigger t join pg_class c on c.oid = t.tgrelid where c.relnamespace = current_schema()::regnamespace and not t.tgisinternal
            union all select 'function-' || proname, prosrc from pg_proc where pronamespace = current_schema()::regnamespace
            """;
        var there = new Dictionary<string, string>(StringComparer.Ordinal);
        await using (var command = new NpgsqlCommand(question, connection))
        {
            await using var rows = await command.ExecuteReaderAsync(cancel);
            while (await rows.ReadAsync(cancel))
                there[rows.GetString(0)] = rows.GetString(1);
        }

        var findings = new List<StoreFinding>();
        foreach (var (code, text) in Expected())
        {
            var value = there.GetValueOrDefault(code) is not { } found ? "missing" : text is null ? found : found == text ? "there" : "altered";
            findings.Add(new StoreFinding(code, value == "there" ? FindingVerdict.Fine : FindingVerdict.Refuse, value, value == "there" ? null : "as the migration made it"));
        }

        return findings;
    }

    private static async Task TryAsync(NpgsqlConnection connection, StoreOptions options, CancellationToken cancel)
    {
        var empty = await IsEmptyAsync(connection, cancel);
        if (!empty && Migrations.Pending(Ours, await AppliedAsync(connection, cancel)).Count == 0)
            return;
        if (!options.Migrate)
            throw new StoreException(StoreFault.Foreign, empty ? "There is no store yet." : "The store is of an older version: start the server once.");
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        // Where ledgers are spread over machines, one after the other; nothing elsewhere.
        await RunAsync(connection, "set local citus.multi_shard_modify_mode to 'sequential'", cancel);
        // Whoever comes second here waits for the first, and is then told that the table exists.
        if (empty)
            await RunAsync(connection, VersionTable, cancel);
        await RunAsync(connection, "lock table schema_version in share row exclusive mode", cancel);
        var applied = await AppliedAsync(connection, cancel);
        if (applied.Count == 0 && await RelationsAsync(connection, cancel) > 1)
            throw new StoreException(StoreFault.Damaged, "There are tables, and no migration says that it made them.");
        foreach (var migration in Migrations.Pending(Ours, applied))
        {
            await RunAsync(connection, migration.Sql, cancel);
            await using var note = new NpgsqlCommand("insert into schema_version(version, name, digest, applied_at) values ($1, $2, $3, $4)", connection)
            {
                Parameters = { Of((long)migration.Number), Of(migration.Name), Of(migration.Digest), Of(options.Time.GetUtcNow().ToUnixTimeMilliseconds() * 1000) },
            };
            _ = await note.ExecuteNonQueryAsync(cancel);
        }

        await transaction.CommitAsync(cancel);
    }

    private static async Task<bool> IsEmptyAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Look, connection);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        _ = await rows.ReadAsync(cancel);
        var (relations, versions) = (rows.GetInt64(0), rows.GetInt64(1));
        return (relations, versions) switch
        {
            (0, _) => true,
            (_, 0) => throw new StoreException(StoreFault.Foreign, "The database holds tables that are not ours."),
            _ => false,
        };
    }

    private static async Task<long> RelationsAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Look, connection);
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
#pragma warning disable CA2100 // texts of this program
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        _ = await command.ExecuteNonQueryAsync(cancel);
    }

    // Unique violation in a catalogue, duplicate table, object or function, deadlock, a catalogue row that another changes.
    private static bool MadeByAnother(PostgresException e) => e.SqlState is "23505" or "42P07" or "42710" or "42723" or "40P01" or "XX000";

    // What the migrations make, by what they say; of functions the body too. Keys make indexes of their own, which go with their tables.
    private static IEnumerable<(string Code, string? Text)> Expected() =>
        Ours.SelectMany(static migration => Made().Matches(migration.Sql))
            .Select(static made => ($"{made.Groups["kind"].Value}-{made.Groups["name"].Value}", made.Groups["body"] is { Success: true } body ? body.Value : null))
            .Append(("table-schema_version", null));

    [GeneratedRegex(@"^create (unlogged )?(?<kind>table|index|trigger) (?<name>\w+)|^create (?<kind>function) (?<name>\w+)[^$]*\$\$(?<body>[^$]*)\$\$", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Made();
}
