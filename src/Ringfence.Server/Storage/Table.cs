namespace Ringfence.Server.Storage;

/// <summary>A table of rows per ledger: its columns beside the ledger, once for both stores.</summary>
/// <param name="name">As in the database.</param>
/// <param name="keys">How many of the columns, from the first on, are the key within a ledger.</param>
/// <param name="read">Makes a row of cells in the order of the columns.</param>
internal sealed class Table<T>(string name, int keys, Func<ICells, T> read, params Column<T>[] columns)
{
    public string Name { get; } = name;

    /// <summary>Without the ledger.</summary>
    public IReadOnlyList<Column<T>> Columns { get; } = columns;

    public Func<ICells, T> Read { get; } = read;

    /// <summary>Names of the columns, without the ledger: <c>seq, leaf, body</c>.</summary>
    public string Names { get; } = Join(columns, static name => name);

    /// <summary>The same of a row called <c>t</c>: <c>t.seq, t.leaf, t.body</c>.</summary>
    public string NamesOfT { get; } = Join(columns, static name => "t." + name);

    /// <summary>SQLite, one row: <c>?1</c> is the ledger, <c>?2</c> the first column.</summary>
    public string SqliteInsert { get; } = InsertRow(name, columns);

    /// <summary>SQLite, one row, in place of what has its key.</summary>
    public string SqliteUpsert { get; } = InsertRow(name, columns) + " " + OnConflict(keys, columns);

    /// <summary>SQLite, one row that has to be there.</summary>
    public string SqliteUpdate { get; } =
        $"update {name} set {Join(columns.Skip(keys), (column, i) => $"{column} = ?{keys + i + 2}")} " +
        $"where ledger = ?1 and {string.Join(" and ", columns.Take(keys).Select((column, i) => $"{column.Name} = ?{i + 2}"))}";

    /// <summary>PostgreSQL, many rows: <c>$1</c> is the ledger, <c>$2</c> the array of the first column. Inserts nothing where the ledger has no head.</summary>
    public string PostgresInsert { get; } = InsertArrays(name, columns);

    /// <summary>PostgreSQL, many rows, each in place of what has its key; no key may stand twice.</summary>
    public string PostgresUpsert { get; } = InsertArrays(name, columns) + " " + OnConflict(keys, columns);

    /// <summary>PostgreSQL, many rows, each of which has to be there.</summary>
    public string PostgresUpdate { get; } =
        $"update {name} t set {Join(columns.Skip(keys), static column => $"{column} = u.{column}")} from {Unnest(columns)} " +
        $"where t.ledger = $1 and {string.Join(" and ", columns.Take(keys).Select(static column => $"t.{column.Name} = u.{column.Name}"))}";

    public string PostgresCopy { get; } = $"copy {name}(ledger, {Join(columns, static name => name)}) from stdin (format binary)";

    private static string InsertRow(string name, Column<T>[] columns) =>
        $"insert into {name}(ledger, {Join(columns, static name => name)}) values (?1, {Join(columns, static (_, i) => $"?{i + 2}")})";

    // Joined to the head it is one task on one shard where ledgers are spread over machines; a bare unnest goes through the coordinator.
    private static string InsertArrays(string name, Column<T>[] columns) =>
        $"insert into {name}(ledger, {Join(columns, static name => name)}) select h.ledger, {Join(columns, static name => "u." + name)} " +
        $"from ledger_head h, {Unnest(columns)} where h.ledger = $1";

    private static string OnConflict(int keys, Column<T>[] columns) =>
        $"on conflict (ledger, {Join(columns.Take(keys), static name => name)}) do update set {Join(columns.Skip(keys), static name => $"{name} = excluded.{name}")}";

    private static string Unnest(Column<T>[] columns) =>
        $"unnest({Join(columns, static (_, i) => $"${i + 2}")}) u({Join(columns, static name => name)})";

    private static string Join(IEnumerable<Column<T>> columns, Func<string, string> say) => string.Join(", ", columns.Select(column => say(column.Name)));

    private static string Join(IEnumerable<Column<T>> columns, Func<string, int, string> say) => string.Join(", ", columns.Select((column, i) => say(column.Name, i)));
}
