using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

/// <summary>A PostgreSQL of one test's own, to be killed: in a temporary folder, reached by a socket in it.</summary>
internal sealed class OwnPostgres : IAsyncDisposable
{
    private const string User = "ringfence";

    private readonly string programs;
    private readonly string folder;
    private readonly string settings;

    private OwnPostgres(string programs, string folder, string settings) => (this.programs, this.folder, this.settings) = (programs, folder, settings);

    /// <summary>The connection string of a database of its own.</summary>
    public string Connection => new NpgsqlConnectionStringBuilder { Host = folder, Username = User, Database = "postgres", Timeout = 5, CommandTimeout = 20 }.ToString();

    /// <summary>What it logged.</summary>
    public string Log => Path.Combine(folder, "log");

    private string Data => Path.Combine(folder, "data");

    /// <summary>Starts one; skips the test where its programs are missing.</summary>
    /// <param name="settings">Further settings, as on the command line of the server.</param>
    public static async Task<OwnPostgres> StartNewAsync(string settings = "")
    {
        var programs = Programs();
        Assert.SkipWhen(programs is null, "No PostgreSQL programs. Debian and Ubuntu: sudo apt-get install postgresql.");
        Assert.SkipWhen(Environment.UserName == "root" && !File.ReadLines("/etc/passwd").Any(static line => line.StartsWith("postgres:", StringComparison.Ordinal)), "PostgreSQL does not run as root, and there is no user postgres.");
        var folder = Directory.CreateTempSubdirectory("rf-pg-").FullName;
        if (Environment.UserName == "root")
            await RunAsync("chown", "postgres", folder);
        var own = new OwnPostgres(programs!, folder, settings);
        await own.AsPostgresAsync("initdb", "-D", own.Data, "-U", User, "-A", "trust", "-E", "UTF8", "--locale=C");
        await own.StartAsync();
        return own;
    }

    /// <summary>Starts it, after it was killed too: it then reads its write-ahead log.</summary>
    public Task StartAsync() => AsPostgresAsync(
        "pg_ctl", "-D", Data, "-w", "-t", "60", "-l", Log, "-o", $"-c listen_addresses='' -c unix_socket_directories='{folder}' -c max_connections=200 {settings}", "start");

    /// <summary>Kills all of it, the first process first, so that nobody of it writes anything more and none comes after.</summary>
    public async Task KillAsync()
    {
        var first = int.Parse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture);
        Kill(first);
        // Each works in the folder of the data; shared memory goes with the last of them.
        while (Running() is { Count: > 0 } others)
        {
            others.ForEach(Kill);
            await Task.Delay(10);
        }

        // As long as its number is in use the next one takes it for running.
        while (Directory.Exists($"/proc/{first}"))
            await Task.Delay(10);
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        try
        {
            await AsPostgresAsync("pg_ctl", "-D", Data, "-m", "immediate", "stop");
        }
        catch (InvalidOperationException)
        {
            // It was killed.
        }

        Directory.Delete(folder, recursive: true);
    }

    private List<int> Running()
    {
        var running = new List<int>();
        foreach (var process in Directory.GetDirectories("/proc").Where(static name => char.IsAsciiDigit(name[^1])))
        {
            try
            {
                if (new FileInfo(process + "/cwd").LinkTarget == Data)
                    running.Add(int.Parse(Path.GetFileName(process), CultureInfo.InvariantCulture));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is gone, or nobody's of ours.
            }
        }

        return running;
    }

    private static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It is gone.
        }
    }

    // Debian keeps them off the path, one folder per version.
    private static string? Programs()
    {
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        var ofDebian = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Reverse().Select(static version => Path.Combine(version, "bin")) : [];
        return OperatingSystem.IsLinux() ? onPath.Concat(ofDebian).FirstOrDefault(static folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "pg_ctl"))) : null;
    }

    // The server refuses to run as root.
    private Task AsPostgresAsync(string program, params string[] arguments) => Environment.UserName == "root"
        ? RunAsync("runuser", ["-u", "postgres", "--", Path.Combine(programs, program), .. arguments])
        : RunAsync(Path.Combine(programs, program), arguments);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        // Into nothing, because the server inherits it and would keep a pipe open.
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", "exec \"$@\" >/dev/null 2>&1 </dev/null", program, program, .. arguments]) { WorkingDirectory = "/" })!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {process.ExitCode}");
    }
}
