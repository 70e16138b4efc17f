using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Ringfence.Server.Tests.Ledger;

/// <summary>A column as its database tells of it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type"><c>integer</c>, <c>text</c> or <c>bytes</c>.</param>
/// <param name="Key">Its place in the key of the table, from 1; 0: it is none of it.</param>
/// <param name="MayBeNull">Whether it may hold nothing.</param>
internal sealed record RawColumn(string Name, string Type, int Key, bool MayBeNull);

/// <summary>The database of a house, laid hands on by somebody who may do anything to it.</summary>
internal sealed class RawStore : IDisposable
{
    private readonly DbConnection connection;
    private readonly IReadOnlyList<string> triggers = [];

    /// <summary>SQLite, in a house that nobody writes in.</summary>
    public RawStore(string folder, string file = "data/ringfence.db")
    {
        connection = new SqliteConnection($"Data Source={Path.Combine(folder, file)};Pooling=False;Foreign Keys=False");
        connection.Open();
        // What guards against mistakes does not guard against them, and is put back so that nobody sees.
        triggers = Texts("select sql from sqlite_schema where type = 'trigger'");
        foreach (var trigger in Texts("select name from sqlite_schema where type = 'trigger'"))
            Run($"drop trigger {trigger}");
        Run("pragma ignore_check_constraints = on");
    }

    private RawStore(DbConnection connection) => this.connection = connection;

    private bool IsSqlite => connection is SqliteConnection;

    /// <summary>PostgreSQL, a database that is dropped afterwards: what refuses changes is not put back.</summary>
    public static RawStore OnPostgres(string connectionString)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ToString());
        connection.Open();
        var raw = new RawStore(connection);
        raw.Run("set session_replication_role = replica");
        foreach (var constraint in raw.Rows("select conrelid::regclass::text, conname from pg_constraint where contype = 'c' and connamespace = 'public'::regnamespace"))
            raw.Run($"alter table {constraint[0]} drop constraint {constraint[1]}");
        return raw;
    }

    /// <summary>Runs a statement; returns how many rows it touched.</summary>
    public int Run(string sql, params (string Name, object? Value)[] values)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // statements of tests
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in values)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value ?? DBNull.Value);
            command.Parameters.Add(parameter);
        }

        return command.ExecuteNonQuery();
    }

    /// <summary>Runs a statement; false: the database itself can't hold what it would leave.</summary>
    public bool TryRun(string sql)
    {
        try
        {
            return Run(sql) > 0;
        }
        catch (DbException)
        {
            return false;
        }
    }

    /// <summary>The first column of a query.</summary>
    public IReadOnlyList<string> Texts(string sql) => [.. Rows(sql).Select(static row => row[0]!.ToString()!)];

    /// <summary>The rows of a query.</summary>
    public IReadOnlyList<object?[]> Rows(string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var rows = new List<object?[]>();
        while (reader.Read())
        {
            var row = new object?[reader.FieldCount];
            for (var i = 0; i < row.Length; i++)
                row[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
            rows.Add(row);
        }

        return rows;
    }

    /// <summary>Every table.</summary>
    public IReadOnlyList<string> Tables() => Texts(IsSqlite
        ? "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name"
        : "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by relname");

    /// <summary>The columns of a table.</summary>
    public IReadOnlyList<RawColumn> Columns(string table) => [.. Rows(IsSqlite
        ? $"select name, lower(type), pk, \"notnull\" = 0 from pragma_table_info('{table}')"
        : $"""
          select a.attname, format_type(a.atttypid, null), coalesce(array_position(i.indkey::int2[], a.attnum) + 1, 0), case when a.attnotnull then 0 else 1 end
          from pg_attribute a left join pg_index i on i.indrelid = a.attrelid and i.indisprimary
          where a.attrelid = '{table}'::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum
          """).Select(static row => new RawColumn(
            (string)row[0]!,
            (string)row[1]! switch { "text" => "text", "blob" or "bytea" => "bytes", "integer" or "bigint" or "smallint" => "integer", var other => throw new InvalidOperationException(other) },
            Convert.ToInt32(row[2], CultureInfo.InvariantCulture),
            Convert.ToInt32(row[3], CultureInfo.InvariantCulture) != 0))];

    /// <summary>A value as it is written in a statement.</summary>
    public string Literal(object? value) => value switch
    {
        null => "null",
        byte[] bytes => IsSqlite ? $"x'{Convert.ToHexStringLower(bytes)}'" : $"'\\x{Convert.ToHexStringLower(bytes)}'::bytea",
        string text => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <summary>Remembers a table as it is.</summary>
    public void Keep(string table) => Run($"create temp table kept_{table} as select * from {table}");

    /// <summary>Makes a table what it was.</summary>
    public void PutBack(string table)
    {
        Run($"delete from {table}");
        Run($"insert into {table} select * from kept_{table}");
    }

    public void Dispose()
    {
        foreach (var trigger in triggers)
            Run(trigger);
        connection.Dispose();
    }
}
