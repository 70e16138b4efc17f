using System.Text;
using SQLitePCL;

namespace Ringfence.Server.Storage.Sqlite;

/// <summary>One prepared statement, used again and again: bind, then <see cref="Run"/> or <see cref="Read"/> until there is nothing more.</summary>
/// <remarks>A statement that was not read to its end holds its view of the database; <see cref="Reset"/> lets it go.</remarks>
internal sealed class SqliteStatement(SqliteSession session, sqlite3_stmt statement) : ICells, IDisposable
{
    public void Bind(int place, long value) => session.Check(raw.sqlite3_bind_int64(statement, place, value));

    public void Bind(int place, long? value)
    {
        if (value is { } number)
            Bind(place, number);
        else
            session.Check(raw.sqlite3_bind_null(statement, place));
    }

    public void Bind(int place, byte[]? value) => session.Check(value switch
    {
        null => raw.sqlite3_bind_null(statement, place),
        [] => raw.sqlite3_bind_zeroblob(statement, place, 0),
        _ => raw.sqlite3_bind_blob(statement, place, value),
    });

    public void Bind(int place, string? value)
    {
        if (value is null)
        {
            session.Check(raw.sqlite3_bind_null(statement, place));
            return;
        }

        // With its length, so that a NUL inside does not end it.
        Span<byte> few = stackalloc byte[256];
        var most = Encoding.UTF8.GetMaxByteCount(value.Length);
        var bytes = most <= few.Length ? few : new byte[most];
        session.Check(raw.sqlite3_bind_text(statement, place, bytes[..Encoding.UTF8.GetBytes(value, bytes)]));
    }

    /// <summary>Goes to the next row; false after the last one.</summary>
    public bool Read()
    {
        switch (raw.sqlite3_step(statement))
        {
            case raw.SQLITE_ROW:
                return true;
            case raw.SQLITE_DONE:
                Reset();
                return false;
            default:
                // Told before the reset, which would tell it again.
                var fault = session.Fault();
                Reset();
                throw fault;
        }
    }

    /// <summary>Runs it to its end; the number of rows it changed.</summary>
    public int Run()
    {
        while (Read())
        {
        }

        return session.Changes;
    }

    public void Reset() => _ = raw.sqlite3_reset(statement);

    public long Long(int place) => raw.sqlite3_column_int64(statement, place);

    public long? LongOrNull(int place) => IsNull(place) ? null : Long(place);

    public byte[] Bytes(int place) => raw.sqlite3_column_blob(statement, place).ToArray();

    public byte[]? BytesOrNull(int place) => IsNull(place) ? null : Bytes(place);

    /// <summary>Copies a cell of bytes to where they are wanted.</summary>
    public void CopyBytes(int place, Span<byte> to) => raw.sqlite3_column_blob(statement, place).CopyTo(to);

    public string Text(int place)
    {
        // Of the length that the cell has: a NUL inside does not end it.
        _ = raw.sqlite3_column_text(statement, place);
        return Encoding.UTF8.GetString(raw.sqlite3_column_blob(statement, place));
    }

    public string? TextOrNull(int place) => IsNull(place) ? null : Text(place);

    public void Dispose() => statement.Dispose();

    private bool IsNull(int place) => raw.sqlite3_column_type(statement, place) == raw.SQLITE_NULL;
}
