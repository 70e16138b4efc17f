using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Xunit;

namespace Ringfence.Server.Tests.Storage;

/// <summary>Processes under load are killed at any moment, start and recovery included; nothing that they acknowledged may be missing, and nothing else be wrong.</summary>
public sealed class KilledProcessTests
{
    /// <summary>How many rounds, where it is to be more than a few.</summary>
    private const string RoundsVariable = "RINGFENCE_KILL_ROUNDS";

    // The ledger grows from round to round, and looking through it takes its time.
    private const int RoundsOfAHouse = 20;

    private const int CountsOfARound = 1 << 16;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    internal static int Rounds => int.TryParse(Environment.GetEnvironmentVariable(RoundsVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var rounds) ? rounds : 5;

    [Fact]
    public async Task Whatever_the_program_acknowledged_before_it_was_killed_is_there_in_the_embedded_store()
    {
        var tally = new Tally();
        for (var round = 0; round < Rounds; round += RoundsOfAHouse)
        {
            var folder = Directory.CreateTempSubdirectory("rf-killed-").FullName;
            await KillAsync(new Aftermath(folder, null), folder, null, Math.Min(RoundsOfAHouse, Rounds - round), round, tally);
            Directory.Delete(folder, recursive: true);
        }

        tally.Tell("SQLite");
    }

    [Fact]
    public async Task Whatever_the_program_acknowledged_before_it_was_killed_is_there_in_the_server_store()
    {
        var tally = new Tally();
        for (var round = 0; round < Rounds; round += RoundsOfAHouse)
        {
            await using var home = await PostgresHome.MakeAsync();
            var folder = Directory.CreateTempSubdirectory("rf-killed-").FullName;
            await KillAsync(new Aftermath(folder, home.Connection), folder, home.Connection, Math.Min(RoundsOfAHouse, Rounds - round), round, tally);
            Npgsql.NpgsqlConnection.ClearAllPools();
            Directory.Delete(folder, recursive: true);
        }

        tally.Tell("PostgreSQL");
    }

    private static async Task KillAsync(Aftermath aftermath, string folder, string? connection, int rounds, int seed, Tally tally)
    {
        var random = new Random(seed);
        for (var round = 0; round < rounds; round++)
        {
            using var process = Start(folder, connection, round * CountsOfARound);
            var said = new Acknowledged();
            aftermath.Said.Add(said);
            // Every third within its start, where a recovery may be under way; the others under load.
            if (round % 3 != 2 && await process.StandardOutput.ReadLineAsync(Cancel) is { } begun)
                said.Take(begun);
            var rest = process.StandardOutput.ReadToEndAsync(Cancel);
            await Task.WhenAny(process.WaitForExitAsync(Cancel), Task.Delay(random.Next(round % 3 == 2 ? 700 : 1200), Cancel));
            process.Kill();
            await process.WaitForExitAsync(Cancel);
            said.TakeAll(await rest);
            Assert.True(process.ExitCode == 137 && said.Other.Count == 0, $"round {round} of seed {seed}: {process.ExitCode} {string.Join("; ", said.Other)} {await process.StandardError.ReadToEndAsync(Cancel)}");
            await aftermath.CheckAsync();
            tally.Add(said);
        }

        tally.Records += aftermath.Size;
    }

    internal static Process Start(string folder, string? connection, int first, int each = 0, bool onlyNo = false)
    {
        var start = new ProcessStartInfo("dotnet", Arguments(folder, first, each, onlyNo)) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[AcknowledgingProcess.ConnectionVariable] = connection;
        return Process.Start(start)!;
    }

    internal static string[] Arguments(string folder, int first, int each, bool onlyNo) =>
    [
        Assembly.GetExecutingAssembly().Location, AcknowledgingProcess.Argument, folder, first.ToString(CultureInfo.InvariantCulture), each.ToString(CultureInfo.InvariantCulture),
        onlyNo ? "no" : "all",
    ];

    private sealed class Tally
    {
        private int rounds;
        private int begun;
        private int no;
        private int yes;
        private int gone;
        private int lists;

        public long Records { get; set; }

        public void Add(Acknowledged said)
        {
            (rounds, begun) = (rounds + 1, begun + (said.HasBegun ? 1 : 0));
            (no, yes, gone, lists) = (no + said.No.Count, yes + said.Yes.Count, gone + said.Gone.Count, lists + said.Lists.Count);
        }

        public void Tell(string store) => TestContext.Current.SendDiagnosticMessage(
            $"{store}: {rounds} kills, {begun} of them under load; acknowledged {no} withdrawals, {yes} consents, {gone} erasures, {lists} lists; {Records} records.");
    }
}
