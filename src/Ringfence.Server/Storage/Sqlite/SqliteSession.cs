using SQLitePCL;

namespace Ringfence.Server.Storage.Sqlite;

/// <summary>One connection to the file, used by one at a time, with the statements prepared on it.</summary>
internal sealed class SqliteSession : IDisposable
{
    // Another process may look at the file with a tool of its own.
    private const int BusyMilliseconds = 5000;

    private readonly sqlite3 db;
    private readonly Dictionary<string, SqliteStatement> prepared = new(StringComparer.Ordinal);

    static SqliteSession() => Batteries_V2.Init();

    private SqliteSession(sqlite3 db) => this.db = db;

    /// <summary>The version of the engine: <c>3.50.4</c>.</summary>
    public static string EngineVersion => raw.sqlite3_libversion().utf8_to_string();

    /// <summary>How many rows the last statement changed.</summary>
    public int Changes => raw.sqlite3_changes(db);

    /// <summary>The statements prepared so far.</summary>
    public IReadOnlyCollection<string> Prepared => prepared.Keys;

    public bool InTransaction => raw.sqlite3_get_autocommit(db) == 0;

    /// <summary>Pages written so far by this connection, to the write-ahead file mostly.</summary>
    public int PagesWritten
    {
        get
        {
            Check(raw.sqlite3_db_status(db, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, 0));
            return pages;
        }
    }

    /// <summary>Opens a file that exists.</summary>
    /// <param name="layer">Name of the layer through which SQLite reaches the disk; null: its own.</param>
    /// <exception cref="StoreException">It does not open.</exception>
    public static SqliteSession Open(string path, bool write, string? layer)
    {
        // One thread at a time uses a connection, so the engine need not guard it.
        var flags = (write ? raw.SQLITE_OPEN_READWRITE : raw.SQLITE_OPEN_READONLY) | raw.SQLITE_OPEN_NOMUTEX | raw.SQLITE_OPEN_PRIVATECACHE;
        var code = raw.sqlite3_open_v2(path, out var db, flags, layer);
        var session = new SqliteSession(db);
        try
        {
            if (code != raw.SQLITE_OK)
                throw session.Fault();
            session.Check(raw.sqlite3_extended_result_codes(db, 1));
            session.Check(raw.sqlite3_busy_timeout(db, BusyMilliseconds));
            // Deleting in place of an insert shall meet the same triggers as deleting. Functions of a hostile schema shall not run.
            session.Run("pragma recursive_triggers = on; pragma trusted_schema = off; pragma foreign_keys = on; pragma cell_size_check = on; pragma temp_store = memory");
            // Checkpoints are made by us, who look at what they answer; the engine's own pass over an error of the disk.
            session.Check(raw.sqlite3_wal_autocheckpoint(db, 0));
            session.Check(raw.sqlite3_db_config(db, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _));
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Runs a script.</summary>
    public void Run(string script) => Check(raw.sqlite3_exec(db, script));

    /// <summary>The statement, ready to be bound.</summary>
    public SqliteStatement Prepare(string sql)
    {
        if (prepared.TryGetValue(sql, out var statement))
        {
            statement.Reset();
            return statement;
        }

        Check(raw.sqlite3_prepare_v2(db, sql, out var made));
        statement = new SqliteStatement(this, made);
        prepared.Add(sql, statement);
        return statement;
    }

    /// <summary>The first cell that a question gives, as text; null for none.</summary>
    public string? Ask(string question)
    {
        var statement = Prepare(question);
        if (!statement.Read())
            return null;
        var answer = statement.TextOrNull(0);
        statement.Reset();
        return answer;
    }

    /// <summary>Moves what the write-ahead file holds into the database; whether all of it could be moved.</summary>
    public bool Checkpoint(bool andEmpty)
    {
        var code = raw.sqlite3_wal_checkpoint_v2(db, "main", andEmpty ? raw.SQLITE_CHECKPOINT_TRUNCATE : raw.SQLITE_CHECKPOINT_PASSIVE, out var frames, out var moved);
        if ((code & 0xff) is raw.SQLITE_BUSY or raw.SQLITE_LOCKED)
            return false;
        Check(code);
        return frames == moved;
    }

    /// <summary>Stops what runs, from another thread.</summary>
    public void Interrupt() => raw.sqlite3_interrupt(db);

    /// <exception cref="StoreException">The code is one of a failure.</exception>
    public void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_DONE or raw.SQLITE_ROW))
            throw Fault();
    }

    /// <summary>What went wrong last.</summary>
    public Exception Fault() => SqliteFaults.Of(raw.sqlite3_extended_errcode(db), raw.sqlite3_errmsg(db).utf8_to_string());

    public void Dispose()
    {
        foreach (var statement in prepared.Values)
            statement.Dispose();
        prepared.Clear();
        db.Dispose();
    }
}
