using System.Globalization;
using Npgsql;

namespace Ringfence.Server.Storage.Postgres;

/// <summary>What a server has to be set to, so that what it acknowledges is kept.</summary>
/// <remarks>Source: https://www.postgresql.org/docs/current/runtime-config-wal.html.</remarks>
internal static class PostgresSettings
{
    /// <summary>What is asked on every new connection and in every transaction that writes: settings change while connections stay.</summary>
    public const string Question =
        "select current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'), pg_is_in_recovery()::text, " +
        "current_setting('transaction_read_only'), current_setting('server_encoding')";

    private const int OldestTried = 150_000;

    // Above this, times that the database and the program write differ to people's eyes.
    private static readonly TimeSpan ClockDifference = TimeSpan.FromSeconds(2);

    /// <summary>Judges what <see cref="Question"/> gave.</summary>
    public static IEnumerable<StoreFinding> Judge(IReadOnlyList<string> answers) =>
    [
        Is("fsync", answers[0], "on"),
        Is("full-page-writes", answers[1], "on"),
        // "local" does not wait for a standby that others are told to be synchronous.
        answers[2] is "off" or "local"
            ? new StoreFinding("synchronous-commit", FindingVerdict.Refuse, answers[2], "on, remote_write or remote_apply")
            : new StoreFinding("synchronous-commit", FindingVerdict.Fine, answers[2], null),
        Is("standby", answers[3], "false"),
        Is("read-only", answers[4], "off"),
        Is("encoding", answers[5], "UTF8"),
    ];

    /// <summary>Looks at the row at which a reader stands.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.NotDurable"/>, with what was found.</exception>
    public static void Check(NpgsqlDataReader reader)
    {
        List<StoreFinding> findings = [.. Judge([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)])];
        if (findings.Find(static finding => finding.Verdict == FindingVerdict.Refuse) is { } refused)
            throw new StoreException(StoreFault.NotDurable, $"PostgreSQL: {refused.Code} is {refused.Value}; wanted: {refused.Wanted}.") { Findings = findings };
    }

    /// <summary>Looks at a new connection.</summary>
    public static async Task CheckAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(Question, connection);
        await using var reader = await command.ExecuteReaderAsync();
        _ = await reader.ReadAsync();
        Check(reader);
    }

    /// <summary>Sets a new connection.</summary>
    public static async Task ApplyAsync(NpgsqlConnection connection)
    {
        // The planner takes an array for a thousand rows and a walk up and down the merges for hundreds of thousands, and compiled for 0.3 s what then ran for 0.01 s.
        await using var command = new NpgsqlCommand("set jit = off", connection);
        _ = await command.ExecuteNonQueryAsync();
    }

    /// <summary>What is worth a warning.</summary>
    public static async Task<List<StoreFinding>> FindingsAsync(NpgsqlConnection connection, TimeProvider time, CancellationToken cancel)
    {
        const string question =
            Question + ", current_setting('server_version'), current_setting('server_version_num')::bigint, current_setting('synchronous_standby_names'), " +
            "(extract(epoch from clock_timestamp()) * 1000)::bigint, current_setting('data_checksums'), pg_size_pretty(pg_database_size(current_database()))";
        await using var command = new NpgsqlCommand(question, connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var before = time.GetUtcNow();
        _ = await reader.ReadAsync(cancel);
        var findings = Judge([.. Enumerable.Range(0, 6).Select(reader.GetString)]).ToList();
        findings.Add(new StoreFinding(
            "engine", reader.GetInt64(7) >= OldestTried ? FindingVerdict.Fine : FindingVerdict.Warn, $"PostgreSQL {reader.GetString(6)}", reader.GetInt64(7) >= OldestTried ? null : "15 or newer"));
        findings.Add(reader.GetString(8) is { Length: > 0 } standbys
            ? new StoreFinding("synchronous-standby", FindingVerdict.Fine, standbys, null)
            : new StoreFinding("synchronous-standby", FindingVerdict.Warn, "none", "a standby in synchronous_standby_names: without one, what is acknowledged is on one machine only"));
        var difference = DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(9)) - before;
        var seconds = string.Create(CultureInfo.InvariantCulture, $"{difference.TotalSeconds:0.000} s");
        findings.Add(difference.Duration() <= ClockDifference
            ? new StoreFinding("clock", FindingVerdict.Fine, seconds, null)
            : new StoreFinding("clock", FindingVerdict.Warn, seconds, "at most 2 s between the database and this machine"));
        findings.Add(reader.GetString(10) == "on"
            ? new StoreFinding("checksums", FindingVerdict.Fine, "on", null)
            : new StoreFinding("checksums", FindingVerdict.Warn, "off", "on (initdb --data-checksums, or pg_checksums --enable)"));
        findings.Add(new StoreFinding("size", FindingVerdict.Fine, reader.GetString(11), null));
        return findings;
    }

    private static StoreFinding Is(string code, string value, string wanted) =>
        value == wanted ? new StoreFinding(code, FindingVerdict.Fine, value, null) : new StoreFinding(code, FindingVerdict.Refuse, value, wanted);
}
