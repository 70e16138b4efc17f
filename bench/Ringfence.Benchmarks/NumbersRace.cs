using System.Diagnostics;
using Ringfence.Numbers;

namespace Ringfence.Benchmarks;

/// <summary>Number reading against the two npm packages, on the same inputs, one core each, in turn.</summary>
internal static class NumbersRace
{
    private const int Rounds = 5;
    private const double SecondsPerRound = 2;

    public static int Run()
    {
        var inputs = Path.Combine(Path.GetTempPath(), $"ringfence-numbers-{Environment.ProcessId}.tsv");
        var lines = Inputs();
        File.WriteAllLines(inputs, lines.Select(static l => l.Text + "\t" + l.Region));
        try
        {
            var ours = new List<(double Rate, double Bytes)>();
            var google = new List<double>();
            var js = new List<double>();
            for (var round = 0; round < Rounds; round++)
            {
                ours.Add(Ours(lines));
                google.Add(Peer("google-libphonenumber", inputs));
                js.Add(Peer("libphonenumber-js", inputs));
            }

            var rate = Median(ours.Select(static o => o.Rate));
            var (g, j) = (Median(google), Median(js));
            Console.WriteLine($"{lines.Count:N0} mixed spellings; parse, validity, type, region, E.164; one core; median of {Rounds} rounds of {SecondsPerRound} s");
            Console.WriteLine($"ringfence             {rate,12:N0} a second, {ours.Max(static o => o.Bytes):0.0} bytes allocated per number");
            Console.WriteLine($"google-libphonenumber {g,12:N0} a second");
            Console.WriteLine($"libphonenumber-js     {j,12:N0} a second");
            Console.WriteLine($"ratio to the faster of them: {rate / Math.Max(g, j):0}  (goal: at least 60)");
            return 0;
        }
        finally
        {
            File.Delete(inputs);
        }
    }

    private static (double Rate, double Bytes) Ours(List<(string Text, Region Region)> lines)
    {
        var watch = Stopwatch.StartNew();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var count = 0L;
        var sum = 0UL;
        while (watch.Elapsed.TotalSeconds < SecondsPerRound)
        {
            foreach (var (text, region) in lines)
            {
                var reading = NumberReader.Read(text, region);
                sum = unchecked(sum + reading.Number.Digits + (uint)reading.Number.Type);
            }

            count += lines.Count;
        }

        GC.KeepAlive(sum);
        return (count / watch.Elapsed.TotalSeconds, (GC.GetAllocatedBytesForCurrentThread() - before) / (double)count);
    }

    private static double Peer(string package, string inputs)
    {
        using var process = Process.Start(new ProcessStartInfo("node", [Path.Combine(Repository.Root, "bench", "peers", "numbers.js"), package, inputs, SecondsPerRound.ToString("0")])
        {
            RedirectStandardOutput = true,
        })!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? double.Parse(text) : throw new InvalidOperationException($"{package} did not run: npm ci in bench/peers?");
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);

    // Every spelling class of the case file, and the numbers of the sample list.
    private static List<(string Text, Region Region)> Inputs()
    {
        var cases = File.ReadLines(Path.Combine(Repository.Root, "tests", "Ringfence.Tests", "Numbers", "phone-cases-sample.tsv"))
            .Where(static l => !l.StartsWith('#') && !l.StartsWith("input\t", StringComparison.Ordinal) && !l.EndsWith("\tjunk", StringComparison.Ordinal))
            .Select(static l => l.Split('\t'))
            .Where(static c => !c[0].Contains('\\', StringComparison.Ordinal))
            .Select(static c => (c[0], Region.Of(c[1])));
        var sample = File.ReadLines(Repository.PathOfSample("leads-2000.csv")).Skip(1)
            .Where(static l => !l.Contains('"', StringComparison.Ordinal)).Select(static l => l.Split(','))
            .Where(static c => c[5].Length > 0 && c[3].Length == 2).Select(static c => (c[5], Region.Of(c[3])));
        return [.. cases, .. sample];
    }
}
