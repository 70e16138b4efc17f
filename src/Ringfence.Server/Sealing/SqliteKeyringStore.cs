using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Ringfence.Ledger;

namespace Ringfence.Server.Sealing;

/// <summary>A keyring in an SQLite file of its own, in a folder of its own, held by one process.</summary>
/// <remarks>
/// One connection writes and is the only one to move the write-ahead log into the file; one more reads. Keys stand in a table in the order of their coming, which grows at
/// its end alone; they are overwritten in place, since old and new are equally long. Only the index of ids, which holds no key, is ever reordered.
/// </remarks>
internal sealed class SqliteKeyringStore : KeyringStore
{
    // "RFKR": tells the file from any other database.
    private const int ApplicationId = 0x52464B52;
    private const int SchemaVersion = 1;

    // The index is written all over when a list is imported. It takes some 30 bytes for each person.
    private const string CacheKibibytes = "65536";

    private const string Schema = """
        CREATE TABLE dek (n INTEGER PRIMARY KEY, sid BLOB NOT NULL UNIQUE CHECK (length(sid) = 16), kid TEXT NOT NULL CHECK (length(kid) = 11), wrapped BLOB NOT NULL CHECK (length(wrapped) = 60)) STRICT;
        CREATE TABLE secret (n INTEGER PRIMARY KEY, name TEXT NOT NULL, version INTEGER NOT NULL, kid TEXT NOT NULL CHECK (length(kid) = 11), wrapped BLOB NOT NULL, UNIQUE (name, version)) STRICT;
        CREATE TABLE kek (kid TEXT NOT NULL PRIMARY KEY) STRICT;
        CREATE TABLE keyring (id TEXT NOT NULL) STRICT;
        """;

    private readonly string path;
    private readonly FileStream hold;
    private readonly SqliteConnection writer;
    private readonly SqliteConnection reader;
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly SemaphoreSlim reading = new(1, 1);

    private bool faulted;

    private SqliteKeyringStore(string path, FileStream hold, SqliteConnection writer, SqliteConnection reader, string id)
    {
        (this.path, this.hold, this.writer, this.reader) = (path, hold, writer, reader);
        Id = id;
    }

    /// <inheritdoc/>
    public override string Id { get; }

    /// <summary>Opens the keyring in a folder.</summary>
    /// <param name="folder">The folder; <c>keyring.db</c> stands in it.</param>
    /// <param name="create">Whether one is made where there is none. Only for a ledger that has no record yet.</param>
    /// <exception cref="KeysException">Code <c>no-keyring</c>, <c>no-access</c>, <c>too-open</c>, <c>wrong-owner</c>, <c>busy</c>, <c>not-ours</c> or <c>not-durable</c>.</exception>
    public static SqliteKeyringStore Open(string folder, bool create)
    {
        var path = Path.Combine(folder, "keyring.db");
        if (create)
            DurableFile.MakeFolder(folder);
        else if (!File.Exists(path))
            throw KeysException.NoKeyring(path);
        DurableFile.RequireOwnFolder(folder);

        var hold = Hold(Path.Combine(folder, "keyring.lock"));
        SqliteConnection? writer = null, reader = null;
        try
        {
            // SQLite gives its log and index the mode of the file, which it would make readable for all.
            if (create && !File.Exists(path))
                DurableFile.CreateNew(path).Dispose();
            using (var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0))
                DurableFile.RequireOwnerOnly(file);
            writer = Connect(path, SqliteOpenMode.ReadWrite);
            var id = Prepare(path, writer, create);
            DurableFile.SyncFolder(folder);
            reader = Connect(path, SqliteOpenMode.ReadOnly);
            return new SqliteKeyringStore(path, hold, writer, reader, id);
        }
        catch (Exception e)
        {
            reader?.Dispose();
            writer?.Dispose();
            hold.Dispose();
            throw e switch
            {
                UnauthorizedAccessException => KeysException.NoAccess(path, e),
                SqliteException { SqliteErrorCode: NotADatabase or Corrupt } => KeysException.NotOurs(path),
                _ => e,
            };
        }
    }

    /// <inheritdoc/>
    public override ValueTask<bool[]> AddAsync(IReadOnlyList<(OpaqueId Sid, byte[] Wrapped)> keys, Kid kid, CancellationToken cancel) => WriteAsync(() =>
    {
        var added = new bool[keys.Count];
        using var insert = Command(writer, "INSERT INTO dek (sid, kid, wrapped) VALUES ($sid, $kid, $wrapped) ON CONFLICT (sid) DO NOTHING", "$sid", "$kid", "$wrapped");
        insert.Parameters[1].Value = kid.ToString();
        for (var i = 0; i < added.Length; i++)
        {
            insert.Parameters[0].Value = keys[i].Sid.ToArray();
            insert.Parameters[2].Value = keys[i].Wrapped;
            added[i] = insert.ExecuteNonQuery() == 1;
        }

        return added;
    }, cancel);

    /// <inheritdoc/>
    public override async ValueTask<KeyringEntry> FindAsync(OpaqueId sid, CancellationToken cancel)
    {
        await reading.WaitAsync(cancel);
        try
        {
            using var find = Command(reader, "SELECT kid, wrapped FROM dek WHERE sid = $sid", "$sid");
            find.Parameters[0].Value = sid.ToArray();
            using var row = find.ExecuteReader();
            if (!row.Read())
                return default;
            return row.GetString(0) == DestroyedKid ? new KeyringEntry(null, Destroyed: true) : new KeyringEntry(KeyOf(row, 0), Destroyed: false);
        }
        finally
        {
            reading.Release();
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DestroyAsync(IReadOnlyCollection<OpaqueId> sids, CancellationToken cancel)
    {
        await WriteAsync(() =>
        {
            using var destroy = Command(writer, $"""
                INSERT INTO dek (sid, kid, wrapped) VALUES ($sid, '{DestroyedKid}', zeroblob({WrappedBytes}))
                ON CONFLICT (sid) DO UPDATE SET kid = excluded.kid, wrapped = excluded.wrapped
                """, "$sid");
            foreach (var sid in sids)
            {
                destroy.Parameters[0].Value = sid.ToArray();
                destroy.ExecuteNonQuery();
            }

            return sids.Count;
        }, cancel);
        await TidyAsync(CancellationToken.None);
    }

    /// <inheritdoc/>
    public override async ValueTask<List<PlacedKey>> NotUnderAsync(Kid kid, long after, int most, CancellationToken cancel)
    {
        await reading.WaitAsync(cancel);
        try
        {
            using var next = Command(reader, $"SELECT n, sid, kid, wrapped FROM dek WHERE n > $after AND kid <> $kid AND kid <> '{DestroyedKid}' ORDER BY n LIMIT $most", "$after", "$kid", "$most");
            next.Parameters[0].Value = after;
            next.Parameters[1].Value = kid.ToString();
            next.Parameters[2].Value = most;
            using var row = next.ExecuteReader();
            var keys = new List<PlacedKey>();
            while (row.Read())
                keys.Add(new PlacedKey(row.GetInt64(0), new OpaqueId(row.GetFieldValue<byte[]>(1)), KeyOf(row, 2)));
            return keys;
        }
        finally
        {
            reading.Release();
        }
    }

    /// <inheritdoc/>
    public override async ValueTask RewrapAsync(IReadOnlyList<PlacedKey> before, IReadOnlyList<WrappedKey> after, CancellationToken cancel) => await WriteAsync(() =>
    {
        using var rewrap = Command(writer, "UPDATE dek SET kid = $kid, wrapped = $wrapped WHERE n = $n AND kid = $old", "$kid", "$wrapped", "$n", "$old");
        for (var i = 0; i < before.Count; i++)
        {
            rewrap.Parameters[0].Value = after[i].Kid.ToString();
            rewrap.Parameters[1].Value = after[i].Bytes;
            rewrap.Parameters[2].Value = before[i].Place;
            rewrap.Parameters[3].Value = before[i].Key.Kid.ToString();
            rewrap.ExecuteNonQuery();
        }

        return before.Count;
    }, cancel);

    /// <inheritdoc/>
    public override ValueTask<long> CountUnderAsync(Kid kid, CancellationToken cancel) => WriteAsync(() =>
    {
        using var count = Command(writer, "SELECT (SELECT count(*) FROM dek WHERE kid = $kid) + (SELECT count(*) FROM secret WHERE kid = $kid)", "$kid");
        count.Parameters[0].Value = kid.ToString();
        return (long)count.ExecuteScalar()!;
    }, cancel);

    /// <inheritdoc/>
    public override ValueTask<List<StoredSecret>> SecretsAsync(CancellationToken cancel) => WriteAsync(() =>
    {
        using var all = Command(writer, "SELECT name, version, kid, wrapped FROM secret ORDER BY name, version");
        using var row = all.ExecuteReader();
        var secrets = new List<StoredSecret>();
        while (row.Read())
            secrets.Add(new StoredSecret(row.GetString(0), row.GetInt32(1), KeyOf(row, 2)));
        return secrets;
    }, cancel);

    /// <inheritdoc/>
    public override ValueTask<bool> AddSecretAsync(StoredSecret secret, CancellationToken cancel) => WriteAsync(() =>
    {
        using var insert = Command(writer, "INSERT INTO secret (name, version, kid, wrapped) VALUES ($name, $version, $kid, $wrapped) ON CONFLICT DO NOTHING", "$name", "$version", "$kid", "$wrapped");
        insert.Parameters[0].Value = secret.Name;
        insert.Parameters[1].Value = secret.Version;
        insert.Parameters[2].Value = secret.Key.Kid.ToString();
        insert.Parameters[3].Value = secret.Key.Bytes;
        return insert.ExecuteNonQuery() == 1;
    }, cancel);

    /// <inheritdoc/>
    public override async ValueTask RewrapSecretsAsync(IReadOnlyList<StoredSecret> secrets, CancellationToken cancel) => await WriteAsync(() =>
    {
        using var rewrap = Command(writer, "UPDATE secret SET kid = $kid, wrapped = $wrapped WHERE name = $name AND version = $version", "$kid", "$wrapped", "$name", "$version");
        foreach (var secret in secrets)
        {
            rewrap.Parameters[0].Value = secret.Key.Kid.ToString();
            rewrap.Parameters[1].Value = secret.Key.Bytes;
            rewrap.Parameters[2].Value = secret.Name;
            rewrap.Parameters[3].Value = secret.Version;
            rewrap.ExecuteNonQuery();
        }

        return secrets.Count;
    }, cancel);

    /// <inheritdoc/>
    public override ValueTask<List<Kid>> KidsAsync(CancellationToken cancel) => WriteAsync(() =>
    {
        using var all = Command(writer, "SELECT kid FROM kek ORDER BY kid");
        using var row = all.ExecuteReader();
        var kids = new List<Kid>();
        while (row.Read())
            kids.Add(KidOf(row.GetString(0)));
        return kids;
    }, cancel);

    /// <inheritdoc/>
    public override async ValueTask NoteKidAsync(Kid kid, CancellationToken cancel) =>
        await RunAsync("INSERT INTO kek (kid) VALUES ($kid) ON CONFLICT DO NOTHING", kid, cancel);

    /// <inheritdoc/>
    public override async ValueTask ForgetKidAsync(Kid kid, CancellationToken cancel) => await RunAsync("DELETE FROM kek WHERE kid = $kid", kid, cancel);

    /// <inheritdoc/>
    public override async ValueTask TidyAsync(CancellationToken cancel)
    {
        // The log still holds the pages as they were before. Cutting it waits for nobody of this process: readers are kept out.
        await writing.WaitAsync(cancel);
        await reading.WaitAsync(cancel);
        try
        {
            using var truncate = Command(writer, "PRAGMA wal_checkpoint(TRUNCATE)");
            using var row = truncate.ExecuteReader();
            if (!row.Read() || row.GetInt32(0) != 0)
                throw KeysException.NotTruncated(path);
        }
        finally
        {
            reading.Release();
            writing.Release();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        // The reader goes first, so that the writer is the last one and folds its log into the file.
        await reader.DisposeAsync();
        await writer.DisposeAsync();
        await hold.DisposeAsync();
        writing.Dispose();
        reading.Dispose();
    }

    private async ValueTask RunAsync(string sql, Kid kid, CancellationToken cancel) => await WriteAsync(() =>
    {
        using var run = Command(writer, sql, "$kid");
        run.Parameters[0].Value = kid.ToString();
        return run.ExecuteNonQuery();
    }, cancel);

    // One transaction of the only writer; on the disk when it returns.
    private async ValueTask<T> WriteAsync<T>(Func<T> write, CancellationToken cancel)
    {
        await writing.WaitAsync(cancel);
        try
        {
            if (faulted)
                throw KeysException.Faulted(path);
            using var transaction = writer.BeginTransaction(deferred: false);
            var result = write();
            transaction.Commit();
            return result;
        }
        catch (SqliteException e)
        {
            // Invariant: nobody writes on after an fsync that failed. What of it is on the disk is known after a fresh start alone.
            faulted |= e.SqliteErrorCode == InputOutput;
            throw e.SqliteErrorCode == BusyElsewhere ? KeysException.Busy(path, e) : KeysException.Failed(path, e);
        }
        finally
        {
            writing.Release();
        }
    }

    private static FileStream Hold(string path)
    {
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = DurableFile.OwnerOnly;
            return new FileStream(path, options);
        }
        catch (IOException e)
        {
            throw KeysException.Busy(path, e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw KeysException.NoAccess(path, e);
        }
    }

    private static SqliteConnection Connect(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false, DefaultTimeout = 10 }.ToString());
        connection.Open();
        return connection;
    }

    private static string Prepare(string path, SqliteConnection writer, bool create)
    {
        // Whatever is there is looked at before anything is changed.
        var empty = Number(writer, "SELECT count(*) FROM sqlite_master") == 0;
        if (empty && !create)
            throw KeysException.NoKeyring(path);
        if (!empty && (Number(writer, "PRAGMA application_id") != ApplicationId || Number(writer, "PRAGMA user_version") != SchemaVersion))
            throw KeysException.NotOurs(path);

        Run(writer, "PRAGMA temp_store=MEMORY; PRAGMA busy_timeout=5000; PRAGMA cache_size=-" + CacheKibibytes);
        RequireDurable(writer);
        if (empty)
        {
            using var transaction = writer.BeginTransaction(deferred: false);
            Run(writer, Schema);
            Run(writer, $"INSERT INTO keyring (id) VALUES ('{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}')");
            Run(writer, $"PRAGMA application_id={ApplicationId}; PRAGMA user_version={SchemaVersion}");
            transaction.Commit();
        }

        using var id = Command(writer, "SELECT id FROM keyring");
        return (string)id.ExecuteScalar()!;
    }

    /// <summary>Sets a connection so that what is acknowledged stays and what is deleted is overwritten, and makes sure that it took it.</summary>
    /// <exception cref="KeysException">Code <c>not-durable</c>.</exception>
    internal static void RequireDurable(SqliteConnection writer)
    {
        Demand(writer, "journal_mode", "WAL", "wal");
        Demand(writer, "synchronous", "EXTRA", "3");
        Demand(writer, "fullfsync", "ON", "1");
        Demand(writer, "checkpoint_fullfsync", "ON", "1");
        Demand(writer, "secure_delete", "ON", "1");
    }

    // SQLite passes over what it can't do; what it says afterwards is what holds.
    private static void Demand(SqliteConnection connection, string setting, string value, string expected)
    {
        Run(connection, $"PRAGMA {setting}={value}");
        using var read = Command(connection, "PRAGMA " + setting);
        var now = Convert.ToString(read.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture) ?? "";
        if (now != expected)
            throw KeysException.NotDurable(setting, now);
    }

    private static long Number(SqliteConnection connection, string sql)
    {
        using var read = Command(connection, sql);
        return (long)read.ExecuteScalar()!;
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var run = Command(connection, sql);
        run.ExecuteNonQuery();
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, params ReadOnlySpan<string> parameters)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // all statements stand in this file
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var name in parameters)
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        return command;
    }

    private static WrappedKey KeyOf(SqliteDataReader row, int first) => new(KidOf(row.GetString(first)), row.GetFieldValue<byte[]>(first + 1));

    private static Kid KidOf(string text) => Kid.TryParse(text, out var kid) ? kid : throw KeysException.SealedOtherwise(text);

    private const int BusyElsewhere = 5; // SQLITE_BUSY
    private const int InputOutput = 10; // SQLITE_IOERR
    private const int Corrupt = 11; // SQLITE_CORRUPT
    private const int NotADatabase = 26; // SQLITE_NOTADB
}
