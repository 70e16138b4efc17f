using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Npgsql;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Server.Tests.Ledger;
using Ringfence.Server.Tests.Lists.Reading;
using Ringfence.Server.Tests.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Hosting.Nodes;

/// <summary>One of several programs that serve the same ledgers: with folders of its own, reached over a line of its own to the database.</summary>
internal sealed class ServerNode : IAsyncDisposable
{
    private readonly InstallationOptions options;
    private readonly string key;
    private readonly Dictionary<string, string?> environment;
    private readonly CutLine line;
    private ServedProcess? process;

    private ServerNode(InstallationOptions options, string key, Dictionary<string, string?> environment, CutLine line) =>
        (this.options, this.key, this.environment, this.line) = (options, key, environment, line);

    /// <summary>What it wrote beside.</summary>
    public string Complained => process?.Complained ?? "";

    /// <summary>Asks it; null: nobody is there, or nothing came back in time.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Json)?> AskAsync(string path, string body, string? idempotencyKey, TimeSpan patience)
    {
        if (process is not { } there)
            return null;
        using var clock = new CancellationTokenSource(patience);
        try
        {
            return await there.PostAsync(path, body, idempotencyKey, clock.Token);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            return null;
        }
        catch (InvalidDataException e)
        {
            // What is no answer of ours tells nothing, like silence.
            TestContext.Current.SendDiagnosticMessage(e.Message);
            return null;
        }
    }

    public async Task StartAsync() => process = await ServedProcess.StartAsync(options, key, environment, ["--facts", Path.Combine(SampleListTests.Folder, "standing-facts.yaml")], []);

    public async Task KillAsync()
    {
        var there = process!;
        process = null;
        await there.DisposeAsync();
    }

    /// <summary>Stands still for a while, as a machine does that is short of memory, and goes on without knowing.</summary>
    public async Task StandStillAsync(TimeSpan time)
    {
        await StandStillAsync();
        await Task.Delay(time);
        await GoOnAsync();
    }

    /// <summary>Stands still until it is told to go on.</summary>
    public Task StandStillAsync() => process!.SignalAsync("STOP");

    public Task GoOnAsync() => process!.SignalAsync("CONT");

    /// <summary>Is cut off from the database for a while.</summary>
    public async Task CutAsync(TimeSpan time)
    {
        line.Break();
        await Task.Delay(time);
        line.Mend();
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await KillAsync();
        line.Dispose();
    }

    /// <summary>An installation of several nodes on one database, by the commands that an operator types.</summary>
    internal sealed class Group : IAsyncDisposable
    {
        private readonly string folder;
        private readonly OwnPostgres database;
        private readonly Dictionary<string, string?> environment;

        private Group(string folder, OwnPostgres database, Dictionary<string, string?> environment) => (this.folder, this.database, this.environment) = (folder, database, environment);

        public List<ServerNode> Nodes { get; } = [];

        /// <summary>The installation, to look at.</summary>
        public InstallationOptions Options => House.In(folder) with
        {
            Data = Path.Combine(folder, "0"),
            Keys = Path.Combine(folder, "0-keys"),
            Store = new StoreOptions { Connection = database.Connection },
            KeyringConnection = environment["RINGFENCE_KEYRING_DB"],
            Environment = name => environment.GetValueOrDefault(name),
            Anchors = null,
        };

        /// <summary>What the database logged.</summary>
        public string Log => database.Log;

        /// <param name="nodes">How many.</param>
        /// <param name="settings">Settings of the database.</param>
        public static async Task<Group> StartAsync(int nodes, string settings = "")
        {
            var database = await OwnPostgres.StartNewAsync(settings);
            var folder = Directory.CreateTempSubdirectory("rf-nodes-").FullName;
            await PostgresHome.ExecuteAsync(database.Connection, "create database keyring");
            var environment = new Dictionary<string, string?>
            {
                ["RINGFENCE_DB"] = database.Connection,
                ["RINGFENCE_KEYRING_DB"] = new NpgsqlConnectionStringBuilder(database.Connection) { Database = "keyring" }.ToString(),
                ["RINGFENCE_KEK"] = $"k{DateTime.UtcNow:yyyy-MM-dd}:{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))}",
            };
            var group = new Group(folder, database, environment);
            await group.TypeAsync("controller", "add", "ringmuster", "--party", Path.Combine(SampleListTests.Folder, "party-ringmuster.yaml"));
            await group.TypeAsync("wording", "publish", Path.Combine(SampleListTests.Folder, "wording-letters.yaml"));
            var key = (await group.TypeAsync("keys", "api", "add", "test", "--scopes", "consent,decide,permit,withdraw,contacts", "--quiet")).Trim();
            for (var n = 0; n < nodes; n++)
            {
                var (data, keys) = (Path.Combine(folder, $"{n}"), Path.Combine(folder, $"{n}-keys"));
                var line = new CutLine(database.Connection, static _ => CutLine.Cut.No);
                var own = new Dictionary<string, string?>(environment)
                {
                    ["RINGFENCE_DB"] = line.Connection,
                    ["RINGFENCE_KEYRING_DB"] = new NpgsqlConnectionStringBuilder(line.Connection) { Database = "keyring" }.ToString(),
                };
                if (n > 0)
                {
                    // Who was erased is known to every node; one of them signs.
                    own[SignerPlace.Variable] = SignerPlace.AnotherNode;
                    Directory.CreateDirectory(keys);
                    using var copy = Process.Start("cp", ["-rp", Path.Combine(folder, "0-keys", "erasures"), keys]);
                    await copy.WaitForExitAsync();
                }

                var node = new ServerNode(group.Options with { Data = data, Keys = keys }, key, own, line);
                group.Nodes.Add(node);
                await node.StartAsync();
            }

            return group;
        }

        /// <summary>A place for a file.</summary>
        public string File(string name) => Path.Combine(folder, name);

        public async ValueTask DisposeAsync()
        {
            foreach (var node in Nodes)
                await node.DisposeAsync();
            await database.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }

        /// <summary>Runs a command at the first node.</summary>
        /// <returns>What it showed.</returns>
        public async Task<string> TypeAsync(params string[] words)
        {
            string[] command = [.. ServedProcess.Program, .. words, "--data", Path.Combine(folder, "0"), "--keys", Path.Combine(folder, "0-keys")];
            var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
            foreach (var (name, value) in environment)
                start.Environment[name] = value;
            using var typed = Process.Start(start)!;
            var said = typed.StandardError.ReadToEndAsync();
            var shown = await typed.StandardOutput.ReadToEndAsync();
            await typed.WaitForExitAsync();
            return typed.ExitCode == 0 ? shown : throw new InvalidOperationException($"{string.Join(' ', words)}: {typed.ExitCode} {await said}");
        }
    }
}
