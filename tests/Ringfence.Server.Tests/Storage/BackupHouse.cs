using System.Diagnostics;
using System.Reflection;
using Npgsql;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

/// <summary>An installation that is backed up and put back, with the places it is put back to.</summary>
public abstract class BackupHouse : IAsyncDisposable
{
    internal const string Number = "+442079460777";
    internal const string Other = "+442079460778";
    internal const string Name = "Zaphod Beeblebrox";
    internal static readonly string[] Markers = [Number[1..], Name, "Magrathea"];

    internal House House { get; private protected set; } = null!;

    internal string In(string name) => Path.Combine(House.Folder, name);

    /// <summary>A place to put a backup back to, the same each time for a name; a database anew in the same folder where <paramref name="database"/> names one.</summary>
    internal abstract Task<InstallationOptions> ToAsync(string name = "back", string? database = null);

    /// <summary>Writes what is in databases where a search of files finds it.</summary>
    internal abstract Task SpreadOutAsync();

    internal async Task<RestoreOutcome> RestoreAsync(bool newEpoch = false, string? keys = null, string copy = "copy", string to = "back", string? database = null) =>
        await new Restore(In(copy), await ToAsync(to, database), House.Staff, TimeProvider.System) { Keys = keys is null ? null : In(keys), NewEpoch = newEpoch }.RunAsync(CancellationToken.None);

    internal Task<BackupException> RefusedAsync(string copy = "copy", string to = "back", string? database = null) =>
        Assert.ThrowsAsync<BackupException>(() => RestoreAsync(copy: copy, to: to, database: database));

    internal Task<BackupManifest> BackUpAsync(string name = "copy", string? keys = null) =>
        Backup.TakeAsync(House.Installation, In(name), keys is null ? null : In(keys), House.Staff, CancellationToken.None);

    /// <summary>Opens what was put back.</summary>
    internal async Task<Installation> OpenAsync(string to = "back", string? database = null) => await Installation.OpenAsync(await ToAsync(to, database), TimeProvider.System, CancellationToken.None);

    internal async Task<OpaqueId> KnownAsync(string number = Number, string name = Name)
    {
        var answer = await House.DoAsync(new RecordConsentCommand(
            new ConsentSaid
            {
                Type = RecordType.ConsentGiven,
                State = RecordState.Given,
                Actor = House.Person,
                Tags = House.Tags(number),
                Scope = new RecordScope(["sms"], ["offers"]),
                Method = new CollectionMethod("web_form", Ceremony.SingleOptIn),
                Evidence = """{"page":"Magrathea form 42"}"""u8.ToArray(),
                Person = new PersonalData { Name = name },
            },
            await House.Installation.NewPersonAsync(CancellationToken.None)));
        return OpaqueId.TryParse(answer.Sid, out var sid) ? sid : throw new InvalidOperationException();
    }

    public virtual async ValueTask DisposeAsync()
    {
        await House.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

/// <summary>On SQLite.</summary>
public sealed class SqliteBackupHouse : BackupHouse
{
    public static async Task<BackupHouse> BuildAsync() => new SqliteBackupHouse { House = await House.BuildAsync() };

    internal override Task<InstallationOptions> ToAsync(string name = "back", string? database = null) =>
        Task.FromResult(House.In(House.Folder) with { Store = new StoreOptions { Folder = In(name) }, Data = In(name) });

    internal override Task SpreadOutAsync() => Task.CompletedTask;
}

/// <summary>In PostgreSQL, the keyring too where it is asked for.</summary>
public sealed class PostgresBackupHouse : BackupHouse
{
    private readonly Dictionary<string, PostgresHome> homes = [];
    private bool withKeyring;

    public static async Task<BackupHouse> BuildAsync(bool keyring = false)
    {
        var built = new PostgresBackupHouse { withKeyring = keyring };
        var home = built.homes["first"] = await PostgresHome.MakeAsync();
        var ring = keyring ? built.homes["keyring"] = await PostgresHome.MakeAsync() : null;
        built.House = await House.BuildAsync(store: home.Options, keyring: ring?.Connection);
        return built;
    }

    internal override async Task<InstallationOptions> ToAsync(string name = "back", string? database = null)
    {
        var home = homes.GetValueOrDefault(database ?? name) ?? (homes[database ?? name] = await PostgresHome.MakeAsync());
        var ring = !withKeyring ? null : homes.GetValueOrDefault(name + "-keyring") ?? (homes[name + "-keyring"] = await PostgresHome.MakeAsync());
        return House.In(House.Folder) with { Store = home.Options, Data = In(name), KeyringConnection = ring?.Connection };
    }

    internal override async Task SpreadOutAsync()
    {
        foreach (var (name, home) in homes)
            await RunAsync("pg_dump", home.Connection, "--format=plain", "--inserts", "--file=" + In(name + ".sql"));
        foreach (var dump in Directory.GetFiles(House.Folder, "*.dump", SearchOption.AllDirectories))
            await RunAsync("pg_restore", homes["first"].Connection, "--file=" + dump + ".sql", dump);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        foreach (var home in homes.Values)
            await home.DisposeAsync();
    }

    private static async Task RunAsync(string program, string connection, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments);
        foreach (var (name, value) in Ringfence.Server.Storage.Postgres.PostgresBackup.Environs(new NpgsqlConnectionStringBuilder(connection)))
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}

/// <summary>A process that backs up, or puts back, and is killed when it has come to a step.</summary>
internal static class CopyingProcess
{
    /// <summary>Tells the program of the tests to be this.</summary>
    public const string Argument = "copy-until-killed";

    private const string Variable = "RINGFENCE_TEST_STORE";

    /// <summary>Runs it until it is dead.</summary>
    /// <param name="folder">The house.</param>
    /// <param name="options">The installation: what is backed up, or where it is put back to.</param>
    /// <param name="step">A <see cref="BackupStep"/> or <see cref="RestoreStep"/>.</param>
    /// <param name="newEpoch">Whether a restore may begin a new epoch.</param>
    public static async Task RunAsync(string folder, InstallationOptions options, Enum step, bool newEpoch = false)
    {
        var start = new ProcessStartInfo("dotnet", [Assembly.GetExecutingAssembly().Location, Argument, folder, options.Data, $"{step.GetType().Name}.{step}", newEpoch.ToString()]) { RedirectStandardOutput = true };
        start.Environment[Variable] = options.Store.Connection ?? "";
        using var process = Process.Start(start)!;
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (said.Length > 0)
            throw new InvalidOperationException(said);
    }

    /// <summary>What it does.</summary>
    public static async Task<int> DoAsync(string folder, string data, string step, string newEpoch)
    {
        var connection = Environment.GetEnvironmentVariable(Variable);
        var options = House.In(folder) with { Data = data, Store = string.IsNullOrEmpty(connection) ? new StoreOptions { Folder = data } : new StoreOptions { Connection = connection } };
        var copy = Path.Combine(folder, "copy");
        if (step.Split('.') is ["BackupStep", var backup])
        {
            await using var installation = await Installation.OpenAsync(options, TimeProvider.System, CancellationToken.None);
            await Backup.TakeAsync(installation, copy, null, House.Staff, CancellationToken.None, reached => KillAt(reached.ToString(), backup));
        }
        else
        {
            var last = step.Split('.')[1];
            await new Restore(copy, options, House.Staff, TimeProvider.System) { NewEpoch = bool.Parse(newEpoch), Reached = reached => KillAt(reached.ToString(), last) }.RunAsync(CancellationToken.None);
        }

        Console.WriteLine("lived on");
        return 1;
    }

    private static void KillAt(string reached, string last)
    {
        if (reached == last)
            Process.GetCurrentProcess().Kill();
    }
}
