using System.ComponentModel;
using System.Diagnostics;
using Npgsql;

namespace Ringfence.Server.Storage.Postgres;

/// <summary>Puts a copy back into an empty database with <c>pg_restore</c>, and keeps everybody else out until it may be used.</summary>
internal static class PostgresRestore
{
    // Whoever writes refuses a database that may only be read; so the door is closed for every program on every machine.
    private const string Closed = "default_transaction_read_only";

    /// <summary>Name of a database, for people.</summary>
    public static string NameOf(string connection) => new NpgsqlConnectionStringBuilder(connection) is var settings ? settings.Database ?? settings.Username ?? "" : "";

    /// <summary>The same database, past a door that is closed.</summary>
    public static string Through(string connection)
    {
        var settings = new NpgsqlConnectionStringBuilder(connection);
        settings.Options = $"{settings.Options} -c {Closed}=off".Trim();
        return settings.ToString();
    }

    /// <summary>Whether there is nothing of anybody's in it.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.OutOfReach"/>.</exception>
    public static Task<bool> IsEmptyAsync(string connection, CancellationToken cancel) => PostgresFaults.TellAsync(async () =>
    {
        await using var open = new NpgsqlConnection(Alone(connection));
        await open.OpenAsync(cancel);
        await using var count = new NpgsqlCommand(
            "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and n.nspname <> 'information_schema' and n.nspname !~ '^pg_' " +
            "and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')", open);
        return (long)(await count.ExecuteScalarAsync(cancel))! == 0;
    });

    /// <summary>Closes a database to everybody who writes.</summary>
    /// <exception cref="BackupException">Code <c>no-access</c>: the user does not own it.</exception>
    public static Task CloseAsync(string connection, CancellationToken cancel) => SetAsync(connection, $"set {Closed} = on", cancel);

    /// <summary>Opens it again.</summary>
    /// <exception cref="BackupException">Code <c>no-access</c>.</exception>
    public static Task OpenAsync(string connection, CancellationToken cancel) => SetAsync(connection, $"reset {Closed}", cancel);

    /// <summary>Puts a copy back, all of it or nothing.</summary>
    /// <exception cref="BackupException">Code <c>no-tool</c>.</exception>
    /// <exception cref="StoreException"><see cref="StoreFault.OutOfReach"/>: the program failed; with its words.</exception>
    public static async Task RunAsync(string connection, string dump, CancellationToken cancel)
    {
        var settings = new NpgsqlConnectionStringBuilder(connection);
        // Rights are given anew when the store is opened: the roles of the server that was copied may not be here.
        var start = new ProcessStartInfo(
            "pg_restore", ["--no-password", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", $"--dbname={NameOf(connection)}", dump])
        { RedirectStandardError = true };
        foreach (var (name, value) in PostgresBackup.Environs(settings))
            start.Environment[name] = value;
        start.Environment["PGOPTIONS"] = $"-c {Closed}=off";
        using var restore = Start(start);
        try
        {
            var words = await restore.StandardError.ReadToEndAsync(cancel);
            await restore.WaitForExitAsync(cancel);
            if (restore.ExitCode != 0)
                throw new StoreException(StoreFault.OutOfReach, $"pg_restore failed: {words.Trim()}");
        }
        finally
        {
            if (!restore.HasExited)
                restore.Kill();
        }
    }

    // What a session was told when it began stays with it: it is not kept for others.
    private static string Alone(string connection) => new NpgsqlConnectionStringBuilder(connection) { Pooling = false }.ToString();

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new BackupException("no-tool", "pg_restore", e);
        }
    }

    private static Task SetAsync(string connection, string what, CancellationToken cancel) => PostgresFaults.TellAsync(async () =>
    {
        try
        {
            await using var open = new NpgsqlConnection(Alone(Through(connection)));
            await open.OpenAsync(cancel);
#pragma warning disable CA2100 // a name that the server quotes itself
            await using var set = new NpgsqlCommand($"do $do$ begin execute format('alter database %I {what}', current_database()); end $do$", open);
#pragma warning restore CA2100
            _ = await set.ExecuteNonQueryAsync(cancel);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new BackupException("no-access", NameOf(connection), e);
        }
    });
}
