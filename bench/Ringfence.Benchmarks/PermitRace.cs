using System.Globalization;

namespace Ringfence.Benchmarks;

/// <summary>Permits over HTTP by wrk with 64 connections, of a contact each time, beside decisions of the same server and beside an endpoint of the same server that writes one statement for each, with its own commit.</summary>
internal static class PermitRace
{
    private const int Rounds = 3;
    private const int Seconds = 5;
    private const int WarmUp = 2;

    // Of every four contacts two may be contacted; so many of these are asked for in a run, whoever is asked for once more in a run may have a second one, too.
    private const int PermitsInRun = 20_000;
    private const int Contacts = 2 * PermitsInRun * (Rounds + 1);
    private const double DecisionGoalSqlite = 0.40;
    private const double DecisionGoalPostgres = 0.30;

    /// <param name="only">One store alone: <c>sqlite</c>, <c>postgresql</c>; null: SQLite, and PostgreSQL where <c>RINGFENCE_BENCH_POSTGRES</c> names an empty database.</param>
    public static int Run(string? only)
    {
        var postgres = Environment.GetEnvironmentVariable("RINGFENCE_BENCH_POSTGRES") is { Length: > 0 } connection ? connection : null;
        if (only is not "postgresql")
            Race("SQLite", DecisionGoalSqlite);
        if (only is not "sqlite" && postgres is not null)
            Race("PostgreSQL", DecisionGoalPostgres, postgres);
        else if (only is not "sqlite")
            Console.Error.WriteLine("PostgreSQL: set RINGFENCE_BENCH_POSTGRES to the connection string of an empty database to measure it too.");
        return 0;
    }

    private static void Race(string name, double goal, params string[] connection)
    {
        var folder = Directory.CreateTempSubdirectory("ringfence-permits-").FullName;
        try
        {
            using var host = HttpRace.Bench(["permit-host", folder, Contacts.ToString(CultureInfo.InvariantCulture), .. connection]);
            var said = host.StandardOutput.ReadLine()?.Split(' ') ?? throw new InvalidOperationException("The host did not start.");
            var (url, key) = (said[0], said[1]);
            Console.WriteLine($"{name}: {Contacts:N0} contacts, half of whom may be contacted; 64 connections, wrk with one thread; {Environment.ProcessorCount} processors, load {RegisterRace.Load()}");
            var (decisions, permits, plain) = (new List<(double Rate, double P99)>(), new List<(double Rate, double P99)>(), new List<(double Rate, double P99)>());
            for (var round = 0; round <= Rounds; round++)
            {
                var of = Enumerable.Range(0, PermitsInRun).Select(i => Of((round * PermitsInRun) + i)).ToArray();
                var some = of.Take(4000).ToArray();
                var seconds = round == 0 ? WarmUp : Seconds;
                var ran = new[] { HttpRace.Wrk(folder, url, key, "/api/v1/decisions", some, seconds), HttpRace.Wrk(folder, url, key, "/api/v1/permits", of, seconds), HttpRace.Wrk(folder, url, key, "/api/v1/plain", of, seconds) };
                var issued = Said(host, "issued");
                if (round == 0)
                    continue;
                decisions.Add(ran[0]);
                permits.Add(ran[1]);
                plain.Add(ran[2]);
                Console.WriteLine($"  round {round}: decisions {ran[0].Rate:N0}/s, permits {ran[1].Rate:N0}/s, p99 {ran[1].P99:0.0} ms, {issued:N0} issued so far; one statement each {ran[2].Rate:N0}/s, p99 {ran[2].P99:0.0} ms; load {RegisterRace.Load()}");
            }

            var (decision, permit, statement) = (Rate(decisions), Rate(permits), Rate(plain));
            Console.WriteLine($"{name}: permits {permit:N0}/s, p99 {HttpRace.Median(permits.Select(static run => run.P99)):0.0} ms (goal: at most 20); {permit / decision:0.00} of decisions (goal: {goal:0.00}); {permit / statement:0.0} times one statement for each (goal: 2)");
            host.StandardInput.WriteLine();
            host.WaitForExit();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static long Said(System.Diagnostics.Process host, string question)
    {
        host.StandardInput.WriteLine(question);
        return long.Parse(host.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The host ended."), CultureInfo.InvariantCulture);
    }

    // The first two of every four may be contacted.
    private static string Of(int permitted) => $$"""{"to":"{{HttpHost.NumberOf((permitted / 2 * 4) + (permitted % 2))}}","channel":"sms","purpose":"offers"}""";

    private static double Rate(List<(double Rate, double P99)> runs) => HttpRace.Median(runs.Select(static run => run.Rate));
}
