using SQLitePCL;

namespace Ringfence.Server.Storage.Sqlite;

/// <summary>What SQLite's result codes mean here.</summary>
/// <remarks>Source: https://www.sqlite.org/rescode.html. Messages of the engine name tables and columns, never a value.</remarks>
internal static class SqliteFaults
{
    // Extended codes that the binding does not name.
    private const int PrimaryKey = 1555;
    private const int Unique = 2067;
    private const int RowId = 2579;
    private const int FsyncFailed = 1034;
    private const int FolderFsyncFailed = 1290;

    /// <summary>The failure of a statement.</summary>
    public static Exception Of(int code, string message)
    {
        var told = $"SQLite {code}: {message}";
        return (code & 0xff) switch
        {
            raw.SQLITE_INTERRUPT => new OperationCanceledException(told),
            raw.SQLITE_FULL => new StoreException(StoreFault.Full, told) { EngineCode = code },
            raw.SQLITE_READONLY => new StoreException(StoreFault.Full, told) { EngineCode = code },
            raw.SQLITE_CORRUPT => new StoreException(StoreFault.Damaged, told),
            raw.SQLITE_NOTADB => new StoreException(StoreFault.Foreign, told),
            raw.SQLITE_CONSTRAINT when code is PrimaryKey or Unique or RowId => new StoreException(StoreFault.Conflict, told),
            raw.SQLITE_CONSTRAINT or raw.SQLITE_MISMATCH or raw.SQLITE_RANGE or raw.SQLITE_MISUSE or raw.SQLITE_TOOBIG or raw.SQLITE_ERROR => new InvalidOperationException(told),
            _ => new StoreException(StoreFault.OutOfReach, told) { EngineCode = code },
        };
    }

    /// <summary>Whether after this error nothing may be tried again: the disk did not take what it was to keep.</summary>
    /// <param name="inCommit">
    /// A commit or a checkpoint was under way. Then any error of reading or writing leaves open what is on the disk, and only a new start,
    /// which reads it, can tell.
    /// </param>
    public static bool EndsProcess(int code, bool inCommit) =>
        (code & 0xff) == raw.SQLITE_IOERR && (inCommit || code is FsyncFailed or FolderFsyncFailed);

    /// <summary>What is said before the process ends.</summary>
    public static string LastWords(string path, StoreException e) =>
        $"ringfence: {path}: {e.Message}: the disk did not take what it was to keep. Look at the disk, then start again.";
}
