using Npgsql;
using NpgsqlTypes;
using Ringfence.Server.Storage.Sqlite;

namespace Ringfence.Server.Storage;

/// <summary>The cells of the row that was just read, by place.</summary>
internal interface ICells
{
    long Long(int place);

    long? LongOrNull(int place);

    byte[] Bytes(int place);

    byte[]? BytesOrNull(int place);

    string Text(int place);

    string? TextOrNull(int place);
}

/// <summary>A column: how a row's cell gets into either store.</summary>
internal abstract class Column<T>(string name)
{
    public string Name { get; } = name;

    public abstract void Bind(SqliteStatement statement, int place, T row);

    /// <summary>The cells of many rows as one array.</summary>
    public abstract NpgsqlParameter Array(IReadOnlyList<T> rows);

    /// <summary>The next cell of a binary COPY.</summary>
    public abstract Task CopyAsync(NpgsqlBinaryImporter into, T row, CancellationToken cancel);

    protected static NpgsqlParameter Array<TCell>(IReadOnlyList<T> rows, Func<T, TCell> get, NpgsqlDbType type)
    {
        var cells = new TCell[rows.Count];
        for (var i = 0; i < cells.Length; i++)
            cells[i] = get(rows[i]);
        return new NpgsqlParameter<TCell[]> { TypedValue = cells, NpgsqlDbType = NpgsqlDbType.Array | type };
    }
}

/// <summary>The kinds of columns there are.</summary>
internal static class Column
{
    public static Column<T> Long<T>(string name, Func<T, long> get) => new LongColumn<T>(name, get);

    public static Column<T> LongOrNull<T>(string name, Func<T, long?> get) => new LongOrNullColumn<T>(name, get);

    public static Column<T> Int<T>(string name, Func<T, int> get) => new IntColumn<T>(name, get);

    public static Column<T> Small<T>(string name, Func<T, short> get) => new SmallColumn<T>(name, get);

    public static Column<T> SmallOrNull<T>(string name, Func<T, short?> get) => new SmallOrNullColumn<T>(name, get);

    /// <summary>Bytes; whether null is taken is for the table to say.</summary>
    public static Column<T> Bytes<T>(string name, Func<T, byte[]?> get) => new BytesColumn<T>(name, get);

    /// <summary>Text; whether null is taken is for the table to say.</summary>
    public static Column<T> Text<T>(string name, Func<T, string?> get) => new TextColumn<T>(name, get);

    private sealed class LongColumn<T>(string name, Func<T, long> get) : Column<T>(name)
    {
        public override void Bind(SqliteStatement statement, int place, T row) => statement.Bind(place, get(row));

        public override NpgsqlParameter Array(IReadOnlyList<T> rows) => Array(rows, get, NpgsqlDbType.Bigint);

        public override Task CopyAsync(NpgsqlBinaryImporter into, T row, CancellationToken cancel) => into.WriteAsync(get(row), NpgsqlDbType.Bigint, cancel);
    }

    private sealed class LongOrNullColumn<T>(string name, Func<T, long?> get) : Column<T>(name)
    {
        public override void Bind(SqliteStatement statement, int place, T row) => statement.Bind(place, get(row));

        public override NpgsqlParameter Array(IReadOnlyList<T> rows) => Array(rows, get, NpgsqlDbType.Bigint);

        public override Task CopyAsync(NpgsqlBinaryImporter into, T row, CancellationToken cancel) =>
            get(row) is { } cell ? into.WriteAsync(cell, NpgsqlDbType.Bigint, cancel) : into.WriteNullAsync(cancel);
    }

    private sealed class IntColumn<T>(string name, Func<T, int> get) : Column<T>(name)
    {
        public override void Bind(SqliteStatement statement, int place, T row) => statement.Bind(place, get(row));

        public override NpgsqlParameter Array(IReadOnlyList<T> rows) => Array(rows, get, NpgsqlDbType.Integer);

        public override Task CopyAsync(NpgsqlBinaryImporter into, T row, CancellationToken cancel) => into.WriteAsync(get(row), NpgsqlDbType.Integer, cancel);
    }

    private sealed class SmallColumn<T>(string name, Func<T, short> get) : Column<T>(name)
    {
        public override void Bind(SqliteStatement statement, int place, T row) => statement.Bind(place, get(row));

        public override NpgsqlParameter Array(IReadOnlyList<T> rows) => Array(rows, get, NpgsqlDbType.Smallint);

        public override Task CopyAsync(NpgsqlBinaryImporter into, T row, CancellationToken cancel) => into.WriteAsync(get(row), NpgsqlDbType.Smallint, cancel);
    }

    private sealed class SmallOrNullColumn<T>(string name, Func<T, short?> get) : Column<T>(name)
    {
        public override void Bind(SqliteStatement statement, int place, T row) => statement.Bind(place, (long?)get(row));

        public override NpgsqlParameter Array(IReadOnlyList<T> rows) => Array(rows, get, NpgsqlDbType.Smallint);

        public override Task CopyAsync(NpgsqlBinaryImporter into, T row, CancellationToken cancel) =>
            get(row) is { } cell ? into.WriteAsync(cell, NpgsqlDbType.Smallint, cancel) : into.WriteNullAsync(cancel);
    }

    private sealed class BytesColumn<T>(string name, Func<T, byte[]?> get) : Column<T>(name)
    {
        public override void Bind(SqliteStatement statement, int place, T row) => statement.Bind(place, get(row));

        public override NpgsqlParameter Array(IReadOnlyList<T> rows) => Array(rows, get, NpgsqlDbType.Bytea);

        public override Task CopyAsync(NpgsqlBinaryImporter into, T row, CancellationToken cancel) =>
            get(row) is { } cell ? into.WriteAsync(cell, NpgsqlDbType.Bytea, cancel) : into.WriteNullAsync(cancel);
    }

    private sealed class TextColumn<T>(string name, Func<T, string?> get) : Column<T>(name)
    {
        public override void Bind(SqliteStatement statement, int place, T row) => statement.Bind(place, get(row));

        public override NpgsqlParameter Array(IReadOnlyList<T> rows) => Array(rows, get, NpgsqlDbType.Text);

        public override Task CopyAsync(NpgsqlBinaryImporter into, T row, CancellationToken cancel) =>
            get(row) is { } cell ? into.WriteAsync(cell, NpgsqlDbType.Text, cancel) : into.WriteNullAsync(cancel);
    }
}
