using System.Diagnostics;
using System.Globalization;

namespace Ringfence.Benchmarks;

/// <summary>
/// A scrub with full verdicts, reasons, evidence and an answer for every row, as a whole process, beside DuckDB, which merely leaves out the rows whose number stands in the register or among the refusals.
/// </summary>
internal static class ScrubRace
{
    private const int Rounds = 3;

    private const string Facts = """
        ask: { class: marketing, technique: manual, promotes: false, sector: other, callerId: { shown: true, entitled: true, directory: true, answered: true, registered: true }, script: complete,
          agent: { trained: true, registered: true }, campaign: { abandonedPercent: 0, selectedBy: [] } }
        contact: { audience: b2c, age: adult, verified: true, reassigned: { answer: "no" }, relation: [], notices: [], wishes: {}, unlisted: false, quarantine: false, source: { kind: form, provenance: true } }
        consents: []
        history: []
        seller: { country: US, registrations: [{ place: any, kind: any }], balancingTest: true, impactAssessment: true, is: [] }
        status: { emergency: false }
        rightsRequests: []
        """;

    public static int Run(int rows, double numbers)
    {
        var folder = Directory.CreateTempSubdirectory("ringfence-scrub-").FullName;
        try
        {
            string In(string name) => Path.Combine(folder, name);
            var count = MadeUpRegister.WriteFlatFile(In("us.txt"), numbers);
            MadeUpRegister.WriteList(In("list.csv"), rows, numbers);
            MadeUpRegister.WriteRefusals(In("refused.csv"), rows, numbers);
            File.WriteAllText(In("facts.yaml"), Facts);
            Console.WriteLine($"{rows:N0} rows ({new FileInfo(In("list.csv")).Length / 1e6:N0} MB), {count:N0} numbers in the register, {rows:N0} refusals; {Environment.ProcessorCount} processors, load {RegisterRace.Load()}");
            var host = Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet" ? Environment.ProcessPath! : "dotnet";
            var ringfence = Repository.Program;
            Ran.Of(host, [ringfence, "register", "build", "us-national", In("us.txt"), "--format", "us-dnc", "--as-of", "2026-11-20", "--covers", "1", "--out", In("us.rfr"), "--quiet"]);
            var peer = Path.Combine(Repository.Root, "bench", "peers", "antijoin.js");
            // Both have the register in their own form before the clock starts; list and refusals are read as they are.
            Ran.Of("node", [peer, "load", In("us.duckdb"), In("us.txt")]);
            File.Delete(In("us.txt"));

            var (ours, theirs, cpu, theirCpu) = (new List<Ran>(), new List<Ran>(), new List<double>(), new List<double>());
            for (var round = 0; round < Rounds; round++)
            {
                File.Delete(In("theirs.csv"));
                var before = ChildSeconds();
                theirs.Add(Ran.Of("node", [peer, "run", In("us.duckdb"), In("list.csv"), In("refused.csv"), In("theirs.csv")]));
                theirCpu.Add(ChildSeconds() - before);
                File.Delete(In("ours.csv"));
                before = ChildSeconds();
                ours.Add(Ran.Of(host,
                [
                    ringfence, "scrub", In("list.csv"), "--channel", "voice", "--purpose", "offers", "--controller", "acme", "--fact", In("facts.yaml"), "--register", "us-national=" + In("us.rfr"),
                    "--suppress", In("refused.csv"), "--at", "2026-11-23T17:00:00Z", "--quiet", "--out", In("ours.csv"),
                ]));
                cpu.Add(ChildSeconds() - before);
                Console.WriteLine($"round {round + 1}: DuckDB {theirs[^1].Seconds:0.00} s ({theirCpu[^1]:0.0} s CPU), ringfence {ours[^1].Seconds:0.00} s ({cpu[^1]:0.0} s CPU); load {RegisterRace.Load()}");
            }

            Agree(In("ours.csv"), In("theirs.csv"));
            var (us, them) = (Ran.Median(ours), Ran.Median(theirs));
            Console.WriteLine($"DuckDB, plain anti-join to CSV            : {them.Seconds,6:0.00} s  {Median(theirCpu),6:0.0} s CPU  {them.PeakMegabytes,5:0} MB");
            Console.WriteLine($"ringfence scrub, every row, with reasons  : {us.Seconds,6:0.00} s  {Median(cpu),6:0.0} s CPU  {us.PeakMegabytes,5:0} MB");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"by wall {them.Seconds / us.Seconds:0.0} times (goal: 3), by CPU {Median(theirCpu) / Median(cpu):0.0} times"));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // What is left over there is what stands here neither in the register nor among the refusals: two programs, one answer.
    private static void Agree(string ours, string theirs)
    {
        var left = File.ReadLines(theirs).Count() - 1;
        var free = File.ReadLines(ours).Skip(1).Count(static line => !line.Contains("us-national=listed", StringComparison.Ordinal) && !line.Contains("suppression-list", StringComparison.Ordinal));
        Console.WriteLine(left == free ? $"both leave {left:N0} rows" : $"THEY DIFFER: DuckDB leaves {left:N0} rows, ringfence {free:N0}");
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    // Source: proc(5), fields 16 and 17 of stat: processor time of children that were waited for, in hundredths of a second.
    private static double ChildSeconds()
    {
        var fields = File.ReadAllText("/proc/self/stat").Split(' ');
        return (double.Parse(fields[15], CultureInfo.InvariantCulture) + double.Parse(fields[16], CultureInfo.InvariantCulture)) / 100;
    }
}
