using Npgsql;

namespace Ringfence.Server.Storage.Postgres;

/// <summary>The cells of the row at which a reader stands.</summary>
internal sealed class PostgresCells(NpgsqlDataReader reader) : ICells
{
    public long Long(int place) => reader.GetInt64(place);

    public long? LongOrNull(int place) => reader.IsDBNull(place) ? null : reader.GetInt64(place);

    public byte[] Bytes(int place) => reader.GetFieldValue<byte[]>(place);

    public byte[]? BytesOrNull(int place) => reader.IsDBNull(place) ? null : Bytes(place);

    public string Text(int place) => reader.GetString(place);

    public string? TextOrNull(int place) => reader.IsDBNull(place) ? null : reader.GetString(place);
}

/// <summary>Values of statements.</summary>
internal static class PostgresValues
{
    public static NpgsqlParameter Of<T>(T value) => new NpgsqlParameter<T> { TypedValue = value };

    /// <summary>A command with its values.</summary>
    public static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(value);
        return command;
    }
}
