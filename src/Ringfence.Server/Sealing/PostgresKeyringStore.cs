using System.Security.Cryptography;
using Npgsql;
using NpgsqlTypes;
using Ringfence.Ledger;
using Ringfence.Server.Storage.Postgres;

namespace Ringfence.Server.Sealing;

/// <summary>A keyring in a PostgreSQL database of its own, for several nodes.</summary>
/// <remarks>
/// PostgreSQL keeps old versions of a row until it is vacuumed, and its log for as long as it is archived. What is destroyed here is gone from the table at once and
/// vacuumed away; a wrapped copy may stand in free space, in the log and in base backups until they are written over, or until its key-encryption key is destroyed.
/// </remarks>
internal sealed class PostgresKeyringStore : KeyringStore
{
    private const string Schema = """
        CREATE TABLE dek (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, sid bytea NOT NULL UNIQUE CHECK (length(sid) = 16), kid text NOT NULL CHECK (length(kid) = 11), wrapped bytea NOT NULL CHECK (length(wrapped) = 60))
            WITH (fillfactor = 85);
        CREATE TABLE secret (name text NOT NULL, version int NOT NULL, kid text NOT NULL CHECK (length(kid) = 11), wrapped bytea NOT NULL, PRIMARY KEY (name, version));
        CREATE TABLE kek (kid text NOT NULL PRIMARY KEY);
        CREATE TABLE keyring (id text NOT NULL);
        """;

    // Any number will do, as long as all nodes take the same: whoever makes the tables holds it.
    private const long MakingTables = 0x52464B52;

    private readonly NpgsqlDataSource source;
    private readonly string place;

    private PostgresKeyringStore(NpgsqlDataSource source, string place, string id)
    {
        (this.source, this.place) = (source, place);
        Id = id;
    }

    /// <inheritdoc/>
    public override string Id { get; }

    /// <summary>Opens the keyring in a database.</summary>
    /// <param name="connection">The connection string.</param>
    /// <param name="create">Whether the tables are made where the database is empty. Only for a ledger that has no record yet.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="KeysException">Code <c>no-keyring</c>, <c>not-ours</c>, <c>not-apart</c>, <c>not-durable</c> or <c>failed</c>.</exception>
    public static async Task<PostgresKeyringStore> OpenAsync(string connection, bool create, CancellationToken cancel)
    {
        var options = new NpgsqlConnectionStringBuilder(connection);
        var place = options.Host + "/" + options.Database;
        var source = new NpgsqlDataSourceBuilder(connection).Build();
        try
        {
            await RequireDurableAsync(source, cancel);
            return new PostgresKeyringStore(source, place, await PrepareAsync(source, place, create, cancel));
        }
        catch (Exception e)
        {
            await source.DisposeAsync();
            if (e is NpgsqlException)
                throw KeysException.Failed(place, e);
            throw;
        }
    }

    /// <inheritdoc/>
    public override ValueTask<bool[]> AddAsync(IReadOnlyList<(OpaqueId Sid, byte[] Wrapped)> keys, Kid kid, CancellationToken cancel) => RunAsync(async () =>
    {
        await using var insert = source.CreateCommand("""
            INSERT INTO dek (sid, kid, wrapped) SELECT sid, $2, wrapped FROM unnest($1, $3) AS new (sid, wrapped) ON CONFLICT (sid) DO NOTHING RETURNING sid
            """);
        Add(insert, NpgsqlDbType.Array | NpgsqlDbType.Bytea, keys.Select(static key => key.Sid.ToArray()).ToArray());
        Add(insert, NpgsqlDbType.Text, kid.ToString());
        Add(insert, NpgsqlDbType.Array | NpgsqlDbType.Bytea, keys.Select(static key => key.Wrapped).ToArray());
        var fresh = new HashSet<OpaqueId>();
        await using (var row = await insert.ExecuteReaderAsync(cancel))
        {
            while (await row.ReadAsync(cancel))
                fresh.Add(new OpaqueId(row.GetFieldValue<byte[]>(0)));
        }

        // Of an id that was given twice the first is the one that went in.
        return keys.Select(key => fresh.Remove(key.Sid)).ToArray();
    });

    /// <inheritdoc/>
    public override ValueTask<KeyringEntry> FindAsync(OpaqueId sid, CancellationToken cancel) => RunAsync(async () =>
    {
        await using var find = source.CreateCommand("SELECT kid, wrapped FROM dek WHERE sid = $1");
        Add(find, NpgsqlDbType.Bytea, sid.ToArray());
        await using var row = await find.ExecuteReaderAsync(cancel);
        if (!await row.ReadAsync(cancel))
            return default;
        return row.GetString(0) == DestroyedKid ? new KeyringEntry(null, Destroyed: true) : new KeyringEntry(KeyOf(row, 0), Destroyed: false);
    });

    /// <inheritdoc/>
    public override async ValueTask DestroyAsync(IReadOnlyCollection<OpaqueId> sids, CancellationToken cancel)
    {
        await RunAsync(async () =>
        {
            await using var destroy = source.CreateCommand($"""
                INSERT INTO dek (sid, kid, wrapped) SELECT DISTINCT sid, '{DestroyedKid}', $2 FROM unnest($1) AS gone (sid)
                ON CONFLICT (sid) DO UPDATE SET kid = excluded.kid, wrapped = excluded.wrapped
                """);
            Add(destroy, NpgsqlDbType.Array | NpgsqlDbType.Bytea, sids.Select(static sid => sid.ToArray()).ToArray());
            Add(destroy, NpgsqlDbType.Bytea, new byte[WrappedBytes]);
            return await destroy.ExecuteNonQueryAsync(cancel);
        });
        await TidyAsync(CancellationToken.None);
    }

    /// <inheritdoc/>
    public override ValueTask<List<PlacedKey>> NotUnderAsync(Kid kid, long after, int most, CancellationToken cancel) => RunAsync(async () =>
    {
        await using var next = source.CreateCommand($"SELECT n, sid, kid, wrapped FROM dek WHERE n > $1 AND kid <> $2 AND kid <> '{DestroyedKid}' ORDER BY n LIMIT $3");
        Add(next, NpgsqlDbType.Bigint, after);
        Add(next, NpgsqlDbType.Text, kid.ToString());
        Add(next, NpgsqlDbType.Integer, most);
        await using var row = await next.ExecuteReaderAsync(cancel);
        var keys = new List<PlacedKey>();
        while (await row.ReadAsync(cancel))
            keys.Add(new PlacedKey(row.GetInt64(0), new OpaqueId(row.GetFieldValue<byte[]>(1)), KeyOf(row, 2)));
        return keys;
    });

    /// <inheritdoc/>
    public override async ValueTask RewrapAsync(IReadOnlyList<PlacedKey> before, IReadOnlyList<WrappedKey> after, CancellationToken cancel) => await RunAsync(async () =>
    {
        await using var rewrap = source.CreateCommand("""
            UPDATE dek SET kid = renewed.kid, wrapped = renewed.wrapped FROM unnest($1, $2, $3, $4) AS renewed (n, old, kid, wrapped) WHERE dek.n = renewed.n AND dek.kid = renewed.old
            """);
        Add(rewrap, NpgsqlDbType.Array | NpgsqlDbType.Bigint, before.Select(static key => key.Place).ToArray());
        Add(rewrap, NpgsqlDbType.Array | NpgsqlDbType.Text, before.Select(static key => key.Key.Kid.ToString()).ToArray());
        Add(rewrap, NpgsqlDbType.Array | NpgsqlDbType.Text, after.Select(static key => key.Kid.ToString()).ToArray());
        Add(rewrap, NpgsqlDbType.Array | NpgsqlDbType.Bytea, after.Select(static key => key.Bytes).ToArray());
        return await rewrap.ExecuteNonQueryAsync(cancel);
    });

    /// <inheritdoc/>
    public override ValueTask<long> CountUnderAsync(Kid kid, CancellationToken cancel) => RunAsync(async () =>
    {
        await using var count = source.CreateCommand("SELECT (SELECT count(*) FROM dek WHERE kid = $1) + (SELECT count(*) FROM secret WHERE kid = $1)");
        Add(count, NpgsqlDbType.Text, kid.ToString());
        return (long)(await count.ExecuteScalarAsync(cancel))!;
    });

    /// <inheritdoc/>
    public override ValueTask<List<StoredSecret>> SecretsAsync(CancellationToken cancel) => RunAsync(async () =>
    {
        await using var all = source.CreateCommand("SELECT name, version, kid, wrapped FROM secret ORDER BY name, version");
        await using var row = await all.ExecuteReaderAsync(cancel);
        var secrets = new List<StoredSecret>();
        while (await row.ReadAsync(cancel))
            secrets.Add(new StoredSecret(row.GetString(0), row.GetInt32(1), KeyOf(row, 2)));
        return secrets;
    });

    /// <inheritdoc/>
    public override ValueTask<bool> AddSecretAsync(StoredSecret secret, CancellationToken cancel) => RunAsync(async () =>
    {
        await using var insert = source.CreateCommand("INSERT INTO secret (name, version, kid, wrapped) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING");
        Add(insert, NpgsqlDbType.Text, secret.Name);
        Add(insert, NpgsqlDbType.Integer, secret.Version);
        Add(insert, NpgsqlDbType.Text, secret.Key.Kid.ToString());
        Add(insert, NpgsqlDbType.Bytea, secret.Key.Bytes);
        return await insert.ExecuteNonQueryAsync(cancel) == 1;
    });

    /// <inheritdoc/>
    public override async ValueTask RewrapSecretsAsync(IReadOnlyList<StoredSecret> secrets, CancellationToken cancel) => await RunAsync(async () =>
    {
        await using var rewrap = source.CreateCommand("""
            UPDATE secret SET kid = renewed.kid, wrapped = renewed.wrapped FROM unnest($1, $2, $3, $4) AS renewed (name, version, kid, wrapped)
            WHERE secret.name = renewed.name AND secret.version = renewed.version
            """);
        Add(rewrap, NpgsqlDbType.Array | NpgsqlDbType.Text, secrets.Select(static secret => secret.Name).ToArray());
        Add(rewrap, NpgsqlDbType.Array | NpgsqlDbType.Integer, secrets.Select(static secret => secret.Version).ToArray());
        Add(rewrap, NpgsqlDbType.Array | NpgsqlDbType.Text, secrets.Select(static secret => secret.Key.Kid.ToString()).ToArray());
        Add(rewrap, NpgsqlDbType.Array | NpgsqlDbType.Bytea, secrets.Select(static secret => secret.Key.Bytes).ToArray());
        return await rewrap.ExecuteNonQueryAsync(cancel);
    });

    /// <inheritdoc/>
    public override ValueTask<List<Kid>> KidsAsync(CancellationToken cancel) => RunAsync(async () =>
    {
        await using var all = source.CreateCommand("SELECT kid FROM kek ORDER BY kid");
        await using var row = await all.ExecuteReaderAsync(cancel);
        var kids = new List<Kid>();
        while (await row.ReadAsync(cancel))
            kids.Add(KidOf(row.GetString(0)));
        return kids;
    });

    /// <inheritdoc/>
    public override async ValueTask NoteKidAsync(Kid kid, CancellationToken cancel) => await RunAsync("INSERT INTO kek (kid) VALUES ($1) ON CONFLICT DO NOTHING", kid, cancel);

    /// <inheritdoc/>
    public override async ValueTask ForgetKidAsync(Kid kid, CancellationToken cancel) => await RunAsync("DELETE FROM kek WHERE kid = $1", kid, cancel);

    /// <inheritdoc/>
    public override async ValueTask TidyAsync(CancellationToken cancel) => await RunAsync(async () =>
    {
        await using var vacuum = source.CreateCommand("VACUUM dek");
        return await vacuum.ExecuteNonQueryAsync(cancel);
    });

    public override ValueTask DisposeAsync() => source.DisposeAsync();

    private static async Task RequireDurableAsync(NpgsqlDataSource source, CancellationToken cancel)
    {
        foreach (var (setting, weak) in ((string, string[])[])[("fsync", ["off"]), ("full_page_writes", ["off"]), ("synchronous_commit", ["off"])])
        {
            await using var show = source.CreateCommand("SELECT current_setting($1)");
            Add(show, NpgsqlDbType.Text, setting);
            var value = (string)(await show.ExecuteScalarAsync(cancel))!;
            if (weak.Contains(value))
                throw KeysException.NotDurable(setting, value);
        }
    }

    private static async Task<string> PrepareAsync(NpgsqlDataSource source, string place, bool create, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await RunAsync(connection, $"SELECT pg_advisory_xact_lock({MakingTables})", cancel);
        var tables = new HashSet<string>(StringComparer.Ordinal);
        await using (var all = new NpgsqlCommand("SELECT tablename FROM pg_tables WHERE schemaname = ANY (current_schemas(false))", connection))
        await using (var row = await all.ExecuteReaderAsync(cancel))
        {
            while (await row.ReadAsync(cancel))
                tables.Add(row.GetString(0));
        }

        if (tables.Contains("ledger_record"))
            throw KeysException.NotApart(place, place);
        if (tables.Count == 0 && !create)
            throw KeysException.NoKeyring(place);
        if (tables.Count > 0 && !tables.IsSupersetOf(["dek", "secret", "kek", "keyring"]))
            throw KeysException.NotOurs(place);
        if (tables.Count == 0)
        {
            await RunAsync(connection, Schema, cancel);
            await RunAsync(connection, $"INSERT INTO keyring (id) VALUES ('{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}')", cancel);
        }

        await using var find = new NpgsqlCommand("SELECT id FROM keyring", connection);
        var id = (string)(await find.ExecuteScalarAsync(cancel))!;
        await transaction.CommitAsync(cancel);
        return id;
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
#pragma warning disable CA2100 // all statements stand in this file
        await using var run = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await run.ExecuteNonQueryAsync(cancel);
    }

    private async ValueTask<int> RunAsync(string sql, Kid kid, CancellationToken cancel) => await RunAsync(async () =>
    {
        await using var run = source.CreateCommand(sql);
        Add(run, NpgsqlDbType.Text, kid.ToString());
        return await run.ExecuteNonQueryAsync(cancel);
    });

    private async ValueTask<T> RunAsync<T>(Func<Task<T>> run)
    {
        try
        {
            return await run();
        }
        // Also what the driver does not say in its own name: that the connection broke, or that nothing came in time.
        catch (Exception e) when (e is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException or IOException || PostgresFaults.IsBroken(e))
        {
            throw KeysException.Failed(place, e);
        }
    }

    private static void Add(NpgsqlCommand command, NpgsqlDbType type, object value) => command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value });

    private static WrappedKey KeyOf(NpgsqlDataReader row, int first) => new(KidOf(row.GetString(first)), row.GetFieldValue<byte[]>(first + 1));

    private static Kid KidOf(string text) => Kid.TryParse(text, out var kid) ? kid : throw KeysException.SealedOtherwise(text);
}
