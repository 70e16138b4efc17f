using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Ringfence.Benchmarks;

/// <summary>The whole audit of a made-up list against CsvHelper merely reading the same file, as whole processes, in turn.</summary>
internal static class AuditRace
{
    private const int Rounds = 5;

    public static int Run(int rows)
    {
        var folder = Directory.CreateTempSubdirectory("ringfence-bench-").FullName;
        try
        {
            var list = Path.Combine(folder, "list.csv");
            MadeUpList.Write(list, rows);
            Console.WriteLine($"{rows:N0} rows, {new FileInfo(list).Length / 1e6:N0} MB, {Environment.ProcessorCount} processors, median of {Rounds} whole processes");
            var self = Environment.ProcessPath!;
            var dll = typeof(AuditRace).Assembly.Location;
            var ringfence = Repository.Program;
            var host = Path.GetFileNameWithoutExtension(self) == "dotnet" ? self : "dotnet";
            var audits = new List<Ran>();
            var strings = new List<Ran>();
            var spans = new List<Ran>();
            for (var round = 0; round < Rounds; round++)
            {
                // Each round writes into a folder of its own: taking away 1.7 GB of the round before is no part of an audit.
                var report = Path.Combine(folder, "report");
                if (Directory.Exists(report))
                    Directory.Delete(report, recursive: true);
                strings.Add(Ran.Of(host, [dll, "csvhelper", "strings", list]));
                audits.Add(Ran.Of(host, [ringfence, "audit", list, "--controller", "Ringmuster Ltd", "--as-of", "2026-11-21", "--quiet", "--out", report], 4));
                spans.Add(Ran.Of(host, [dll, "csvhelper", "spans", list]));
            }

            var (audit, text, span) = (Ran.Median(audits), Ran.Median(strings), Ran.Median(spans));
            Console.WriteLine($"CsvHelper reads every cell as text : {text.Seconds,6:0.00} s  {text.PeakMegabytes,5:0} MB");
            Console.WriteLine($"CsvHelper reads every cell as bytes: {span.Seconds,6:0.00} s  {span.PeakMegabytes,5:0} MB");
            Console.WriteLine($"ringfence audit, report and lists  : {audit.Seconds,6:0.00} s  {audit.PeakMegabytes,5:0} MB");
            Console.WriteLine($"audit / CsvHelper as text  = {audit.Seconds / text.Seconds:0.00}  (goal: at most 4)");
            Console.WriteLine($"audit / CsvHelper as bytes = {audit.Seconds / span.Seconds:0.00}");
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

/// <summary>One finished process.</summary>
internal sealed record Ran(double Seconds, double PeakMegabytes, double ProcessorSeconds)
{
    public static Ran Median(List<Ran> runs) => new(Middle(runs, static r => r.Seconds), Middle(runs, static r => r.PeakMegabytes), Middle(runs, static r => r.ProcessorSeconds));

    /// <summary>Runs a command to its end and watches its memory.</summary>
    public static Ran Of(string command, IReadOnlyList<string> arguments, params int[] alsoGood)
    {
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true })!;
        var reading = process.StandardOutput.ReadToEndAsync();
        var (peak, processors) = (0.0, 0.0);
        while (!process.WaitForExit(20))
            (peak, processors) = (Math.Max(peak, Peak(process.Id)), Math.Max(processors, Processors(process.Id)));
        var seconds = watch.Elapsed.TotalSeconds;
        reading.Wait();
        if (process.ExitCode != 0 && !alsoGood.Contains(process.ExitCode))
            throw new InvalidOperationException($"{string.Join(' ', arguments)} ended with {process.ExitCode}.");
        return new Ran(seconds, peak, processors);
    }

    private static double Middle(List<Ran> runs, Func<Ran, double> of) => runs.Select(of).Order().ElementAt(runs.Count / 2);

    // Fields 14 and 15 of proc(5), after the name in brackets: user and system time in hundredths of a second, of all threads.
    private static double Processors(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / 100;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    // The kernel's own high-water mark of resident memory.
    private static double Peak(int id)
    {
        try
        {
            foreach (var line in File.ReadLines($"/proc/{id}/status"))
            {
                if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
                    return double.Parse(line.AsSpan(6, line.Length - 9), NumberStyles.Float, CultureInfo.InvariantCulture) / 1024;
            }
        }
        catch (IOException)
        {
            return 0;
        }

        return 0;
    }
}

/// <summary>Where the sources are.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>The program as <c>./ringfence</c> runs it.</summary>
    public static string Program { get; } = Path.Combine(Root, "src", "Ringfence.Server", "bin", "ready", "ringfence.dll");

    /// <summary>The text of one of the files in <c>samples</c>.</summary>
    public static string Sample(string name) => File.ReadAllText(PathOfSample(name));

    /// <summary>Where one of them is.</summary>
    public static string PathOfSample(string name) => Path.Combine(Root, "samples", name);

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "Ringfence.slnx")) ? folder : Find(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Not inside the repository."));
}

/// <summary>A long list made of the rows of samples/leads-2000.csv: other keys, other subscriber digits, other mailboxes; the same spellings, consents and notes.</summary>
internal static class MadeUpList
{
    public static void Write(string path, int rows)
    {
        var random = new Random(20261121);
        var sample = Repository.Sample("leads-2000.csv").Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        using var writer = new StreamWriter(path, append: false, new UTF8Encoding(false), 1 << 20);
        writer.Write(sample[0] + "\r\n");
        var line = new StringBuilder();
        for (var i = 0; i < rows; i++)
        {
            line.Clear();
            line.Append('R').Append(i);
            var cells = 0;
            var quoted = false;
            var from = sample[1 + (i % (sample.Length - 1))];
            for (var at = from.IndexOf(',', StringComparison.Ordinal); at < from.Length; at++)
            {
                var c = from[at];
                quoted ^= c == '"';
                cells += c == ',' && !quoted ? 1 : 0;

                // The last digits of numbers, and the mailbox of addresses, are another person's.
                var last = at + 1 == from.Length || (from[at + 1] == ',' && !quoted);
                var nearEnd = !last && (at + 2 == from.Length || from[at + 2] is ',' or ';' || (at + 3 < from.Length && from[at + 3] == ','));
                if (cells is 5 or 6 && char.IsAsciiDigit(c) && (last || nearEnd))
                    line.Append((char)('0' + random.Next(10)));
                else if (cells == 7 && c == '@')
                    line.Append(i / 2).Append('@');
                else
                    line.Append(c);
            }

            writer.Write(line.Append("\r\n"));
        }
    }
}
