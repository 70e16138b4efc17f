using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Ringfence.Server.Storage.Postgres;

/// <summary>A consistent copy of the database by <c>pg_dump</c>, in its own format, which <c>pg_restore</c> reads.</summary>
internal static class PostgresBackup
{
    /// <summary>Writes the copy beside its name first: a file of that name is a whole copy.</summary>
    /// <exception cref="IOException">There is a file of that name.</exception>
    /// <exception cref="StoreException"><see cref="StoreFault.OutOfReach"/>: the program is not there, or it failed; with its words.</exception>
    public static async Task WriteAsync(string connection, string path, CancellationToken cancel)
    {
        path = Path.GetFullPath(path);
        if (Path.Exists(path))
            throw new IOException($"{path} is there already.");
        var part = $"{path}.{Environment.ProcessId}.part";
        Disk.MakeFile(part);
        try
        {
            await DumpAsync(new NpgsqlConnectionStringBuilder(connection), part, cancel);
            Disk.SyncFile(part);
            File.Move(part, path, overwrite: false);
            Disk.SyncFolder(Path.GetDirectoryName(path)!);
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }

    private static async Task DumpAsync(NpgsqlConnectionStringBuilder settings, string file, CancellationToken cancel)
    {
        var start = new ProcessStartInfo("pg_dump", ["--format=custom", "--no-password", $"--file={file}"]) { RedirectStandardError = true };
        foreach (var (name, value) in Environs(settings))
            start.Environment[name] = value;
        using var dump = Start(start);
        try
        {
            var words = await dump.StandardError.ReadToEndAsync(cancel);
            await dump.WaitForExitAsync(cancel);
            if (dump.ExitCode != 0)
                throw new StoreException(StoreFault.OutOfReach, $"pg_dump failed: {words.Trim()}");
        }
        finally
        {
            if (!dump.HasExited)
                dump.Kill();
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new StoreException(
                StoreFault.OutOfReach, "pg_dump is not on the path: install the client programs of PostgreSQL (Debian and Ubuntu: the package postgresql-client), as new as the server or newer.", e);
        }
    }

    // Others see what a program was called with, but not its environment. Source: https://www.postgresql.org/docs/current/libpq-envars.html.
    internal static IEnumerable<(string Name, string? Value)> Environs(NpgsqlConnectionStringBuilder settings)
    {
        yield return ("PGHOST", settings.Host);
        yield return ("PGPORT", settings.Port.ToString(CultureInfo.InvariantCulture));
        yield return ("PGUSER", settings.Username);
        yield return ("PGDATABASE", settings.Database ?? settings.Username);
        yield return ("PGPASSWORD", settings.Password);
        yield return ("PGPASSFILE", settings.Passfile);
        yield return ("PGSSLROOTCERT", settings.RootCertificate);
        yield return ("PGSSLMODE", settings.SslMode switch
        {
            SslMode.Disable => "disable",
            SslMode.Allow => "allow",
            SslMode.Prefer => "prefer",
            SslMode.Require => "require",
            SslMode.VerifyCA => "verify-ca",
            SslMode.VerifyFull => "verify-full",
        });
    }
}
