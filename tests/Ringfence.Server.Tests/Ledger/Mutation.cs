using System.Globalization;

namespace Ringfence.Server.Tests.Ledger;

/// <summary>One change that somebody makes behind the program's back.</summary>
/// <param name="Table">Where.</param>
/// <param name="Column">The column; null: it is about whole rows.</param>
/// <param name="Sql">What is run.</param>
/// <param name="Row">The row as it was, by column; null: it is about more than one.</param>
internal sealed record Mutation(string Table, string? Column, string Sql, IReadOnlyDictionary<string, object?> Row)
{
    // All rows of small tables, some of large ones.
    private const int MostRows = 12;

    /// <summary>For each column a handful of changes in each of some rows; rows that go, rows that come, and rows that change places.</summary>
    public static IReadOnlyList<Mutation> Of(RawStore raw, string table)
    {
        var columns = raw.Columns(table);
        var keys = columns.Where(static column => column.Key > 0).OrderBy(static column => column.Key).ToList();
        if (keys.Count == 0)
            keys = [.. columns];
        var names = string.Join(", ", columns.Select(static column => column.Name));
        var rows = raw.Rows($"select {names} from {table} order by {string.Join(", ", keys.Select(static key => key.Name))}")
            .Select(row => columns.Select((column, i) => (column.Name, row[i])).ToDictionary(static one => one.Name, static one => one.Item2, StringComparer.Ordinal)).ToList();
        var mutations = new List<Mutation>();
        foreach (var at in rows.Count <= MostRows ? [.. Enumerable.Range(0, rows.Count)] : new[] { 0, 1, 3, rows.Count / 2, rows.Count - 2, rows.Count - 1 })
        {
            var row = rows[at];
            var where = Where(row);
            foreach (var column in columns)
            {
                foreach (var change in Changes(column, row[column.Name]))
                    Add(column.Name, row, $"update {table} set {column.Name} = {raw.Literal(change)} {where}");
                if (row[column.Name] is not null && column.MayBeNull)
                    Add(column.Name, row, $"update {table} set {column.Name} = null {where}");
            }

            Add(null, row, $"delete from {table} {where}");
            // A row more: a key that nobody has, and everything else as here.
            Add(null, row, $"insert into {table}({names}) values ({string.Join(", ", columns.Select(column => raw.Literal(column == keys[^1] ? Fresh(row[column.Name]) : row[column.Name])))})");
            // What two rows hold, each under the key of the other.
            if (columns.Count > keys.Count && rows.ElementAtOrDefault(at + 1) is { } next && columns.Any(column => column.Key == 0 && raw.Literal(row[column.Name]) != raw.Literal(next[column.Name])))
                Add(null, row, $"update {table} set {Held(next)} {where}; update {table} set {Held(row)} {Where(next)}");
        }

        return mutations;

        string Where(Dictionary<string, object?> row) => "where " + string.Join(" and ", keys.Select(key => $"{key.Name} = {raw.Literal(row[key.Name])}"));

        string Held(Dictionary<string, object?> row) => string.Join(", ", columns.Where(static column => column.Key == 0).Select(column => $"{column.Name} = {raw.Literal(row[column.Name])}"));

        void Add(string? column, Dictionary<string, object?> row, string sql) => mutations.Add(new Mutation(table, column, sql, row));
    }

    private static IEnumerable<object> Changes(RawColumn column, object? value)
    {
        switch (column.Type)
        {
            case "integer" when value is null:
                yield return 3;
                break;
            case "integer":
                var number = Convert.ToInt64(value, CultureInfo.InvariantCulture);
                foreach (var other in new[] { number + 1, number - 1, 30000, 70000 }.Where(other => other != number))
                    yield return other;
                break;
            case "text" when value is null:
                yield return "x";
                break;
            case "text":
                yield return value + "x";
                yield return value is "" ? "y" : (((string)value!)[0] == 'x' ? "y" : "x") + ((string)value!)[1..];
                break;
            case "bytes" when value is null:
                yield return new byte[16];
                break;
            default:
                foreach (var changed in Bytes((byte[])value!))
                    yield return changed;
                break;
        }
    }

    /// <summary>Bytes with a bit turned over, one more, one less.</summary>
    public static IEnumerable<byte[]> Bytes(byte[] bytes)
    {
        foreach (var at in new[] { 0, bytes.Length / 2, bytes.Length - 1 }.Distinct().Where(at => at < bytes.Length && at >= 0))
        {
            var flipped = bytes.ToArray();
            flipped[at] ^= 1;
            yield return flipped;
        }

        yield return [.. bytes, 0];
        if (bytes.Length > 0)
            yield return bytes[..^1];
    }

    private static object? Fresh(object? value) => value switch
    {
        byte[] bytes => Enumerable.Range(0, bytes.Length).Select(i => (byte)(bytes[i] ^ 0x5a ^ i)).ToArray(),
        string text => text + "y",
        null => null,
        _ => Convert.ToInt64(value, CultureInfo.InvariantCulture) + 7_919,
    };
}
