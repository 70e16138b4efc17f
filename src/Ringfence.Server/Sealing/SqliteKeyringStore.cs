using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Ringfence.Ledger;

namespace Ringfence.Server.Sealing;

/// <summary>A keyring in an SQLite file of its own, in a folder of its own, held by one process.</summary>
/// <remarks>
/// One connection writes and is the only one to move the write-ahead log into the file; one more reads. Keys stand in a table in the order of their coming, which grows at
/// its end alone; they are overwritten in place, since old and new are equally long. Only the index of ids, which holds no key, is ever reordered.
/// </remarks>
internal sealed partial class SqliteKeyringStore : KeyringStore
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
        catch (SqliteException e)
        {
            throw Failure(e);
        }
        finally
        {
            reading.Release();
            writing.Release();
        }
    }

    /// <summary>Writes a consistent copy to a file that is not there yet.</summary>
    /// <exception cref="KeysException">Code <c>exists</c> or <c>failed</c>.</exception>
    public async ValueTask BackUpAsync(string copy, CancellationToken cancel)
    {
        DurableFile.CreateNew(copy).Dispose();
        await ReadAsync(() =>
        {
            using var vacuum = Command(reader, "VACUUM INTO $copy", "$copy");
            vacuum.Parameters[0].Value = copy;
            return vacuum.ExecuteNonQuery();
        }, cancel);
        using (var file = new FileStream(copy, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 0))
            file.Flush(flushToDisk: true);
        DurableFile.SyncFolder(Path.GetDirectoryName(Path.GetFullPath(copy))!);
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
            throw Failure(e);
        }
        finally
        {
            writing.Release();
        }
    }

    private async ValueTask<T> ReadAsync<T>(Func<T> read, CancellationToken cancel)
    {
        await reading.WaitAsync(cancel);
        try
        {
            return read();
        }
        catch (SqliteException e)
        {
            throw Failure(e);
        }
        finally
        {
            reading.Release();
        }
    }

    // Invariant: nobody writes on after an fsync that failed. What of it is on the disk is known after a fresh start alone.
    private KeysException Failure(SqliteException e)
    {
        faulted |= e.SqliteErrorCode == InputOutput;
        return e.SqliteErrorCode == BusyElsewhere ? KeysException.Busy(path, e) : KeysException.Failed(path, e);
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

    private const int BusyElsewhere = 5; // SQLITE_BUSY
    private const int InputOutput = 10; // SQLITE_IOERR
    private const int Corrupt = 11; // SQLITE_CORRUPT
    private const int NotADatabase = 26; // SQLITE_NOTADB
}
