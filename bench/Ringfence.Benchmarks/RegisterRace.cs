using System.Diagnostics;
using System.Globalization;
using Ringfence.Server.Suppression.Registers;
using Ringfence.Suppression.Registers;

namespace Ringfence.Benchmarks;

/// <summary>A register of the size of the US one: how it is built, how large it is, how fast it is asked, beside a set of the same numbers.</summary>
internal static class RegisterRace
{
    private const int Probes = 10_000_000;
    private const int Rounds = 3;

    public static int Run(double numbers)
    {
        var folder = Directory.CreateTempSubdirectory("ringfence-register-").FullName;
        try
        {
            var flat = Path.Combine(folder, "us.txt");
            var count = MadeUpRegister.WriteFlatFile(flat, numbers);
            Console.WriteLine($"{count:N0} numbers, flat file of {new FileInfo(flat).Length / 1e6:N0} MB; load {Load()}");
            var host = Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet" ? Environment.ProcessPath! : "dotnet";
            var ringfence = Repository.Program;
            var file = Path.Combine(folder, "us.rfr");
            var built = Ran.Of(host, [ringfence, "register", "build", "us-national", flat, "--format", "us-dnc", "--as-of", "2026-11-20", "--covers", "1", "--out", file, "--quiet"]);
            var bytes = new FileInfo(file).Length;
            Console.WriteLine($"built from sorted text : {built.Seconds:0.0} s = {count / built.Seconds / 1e6:0.0} million a second, {built.PeakMegabytes:0} MB");
            Console.WriteLine($"on the disk and mapped : {bytes / 1e6:0} MB = {bytes / (double)count:0.000} bytes a number  (goals: 0.9 and 1.4)");

            var watch = Stopwatch.StartNew();
            var image = RegisterFile.Open(file);
            Console.WriteLine($"opened, every byte looked at: {watch.Elapsed.TotalMilliseconds:0} ms");
            var asked = Asked(image);
            var answers = new RegisterAnswer[4096];
            var (rates, listed) = (new List<double>(), 0L);
            for (var round = 0; round < Rounds; round++)
            {
                watch.Restart();
                listed = 0;
                for (var at = 0; at < asked.Length; at += answers.Length)
                {
                    var some = asked.AsSpan(at, Math.Min(answers.Length, asked.Length - at));
                    image.Of(some, answers);
                    foreach (var answer in answers.AsSpan(0, some.Length))
                        listed += answer == RegisterAnswer.Listed ? 1 : 0;
                }

                rates.Add(asked.Length / watch.Elapsed.TotalSeconds / 1e6);
            }

            Console.WriteLine($"random questions, one core: {rates.Order().ElementAt(Rounds / 2):0.0} million a second ({100.0 * listed / asked.Length:0.0} % listed)");
            BesideSet(image, asked, Math.Min(count, 25_000_000));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The machine's load averages: how much else goes on.</summary>
    public static string Load() => File.Exists("/proc/loadavg") ? string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]) : "unknown";

    // A set of all numbers would not fit beside everything else: a tenth of the full size has to do.
    private static void BesideSet(RegisterImage image, ulong[] asked, long most)
    {
        var before = GC.GetTotalMemory(true);
        var set = new HashSet<ulong>(image.Numbers().Take((int)most));
        var bytes = (GC.GetTotalMemory(true) - before) / (double)set.Count;
        var watch = Stopwatch.StartNew();
        var found = asked.Count(set.Contains);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"HashSet<ulong> of {set.Count:N0}: {asked.Length / watch.Elapsed.TotalSeconds / 1e6:0.0} million a second, {bytes:0.0} bytes a number ({found:N0} found)"));
    }

    private static ulong[] Asked(RegisterImage image)
    {
        var random = new Random(5);
        ulong[] groups = [.. image.Numbers().Where(static (_, i) => i % 100_000 == 0).Select(static number => number / 10_000_000).Distinct()];
        return [.. Enumerable.Range(0, Probes).Select(_ => (groups[random.Next(groups.Length)] * 10_000_000) + (ulong)random.Next(2_000_000, 9_920_000))];
    }
}
