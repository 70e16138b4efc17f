using Microsoft.Data.Sqlite;

namespace Ringfence.Server.Tests.Ledger;

/// <summary>The database of a closed house, laid hands on by somebody who may do anything to it.</summary>
internal sealed class RawStore : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly IReadOnlyList<string> triggers;

    public RawStore(string folder)
    {
        connection = new SqliteConnection($"Data Source={Path.Combine(folder, "data", "ringfence.db")};Pooling=False;Foreign Keys=False");
        connection.Open();
        // What guards against mistakes does not guard against them, and is put back so that nobody sees.
        triggers = Texts("select sql from sqlite_schema where type = 'trigger'");
        foreach (var trigger in Texts("select name from sqlite_schema where type = 'trigger'"))
            Run($"drop trigger {trigger}");
        Run("pragma ignore_check_constraints = on");
    }

    /// <summary>Runs a statement; returns how many rows it touched.</summary>
    public int Run(string sql, params (string Name, object? Value)[] values)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // statements of tests
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in values)
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command.ExecuteNonQuery();
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
