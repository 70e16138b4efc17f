using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Ringfence.Benchmarks;

/// <summary>A list of people who all agreed to something, imported into an empty ledger and then once more: whole processes, every batch on the disk before the next.</summary>
internal static class ImportRace
{
    public static int Run(int rows, string within)
    {
        var folder = Directory.CreateDirectory(Path.Combine(within, "ringfence-bench-" + Guid.NewGuid().ToString("N"))).FullName;
        try
        {
            var list = Path.Combine(folder, "list.csv");
            ConsentList.Write(list, rows);
            Console.WriteLine($"{rows:N0} rows, {new FileInfo(list).Length / 1e6:N0} MB, {Environment.ProcessorCount} processors, {Load()}");
            var store = (string[])["--data", Path.Combine(folder, "data"), "--keys", Path.Combine(folder, "keys")];
            var import = (string[])["import", list, "--source", "form", "--quiet", .. store];
            Ringfence(["controller", "add", "bench", "--party", Repository.PathOfSample("party-ringmuster.yaml"), .. store]);
            Say("dry run", rows, Ringfence([.. import, "--dry-run"]));
            Say("import", rows, Ringfence(import));
            var bytes = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Sum(static file => new FileInfo(file).Length) - new FileInfo(list).Length;
            Console.WriteLine($"  on the disk: {bytes / 1e6:N0} MB, {(double)bytes / rows:N0} bytes a row");
            Say("the same again", rows, Ringfence(import));
            Console.WriteLine(Load());
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Ran Ringfence(string[] arguments)
    {
        var program = Repository.Program;
        return Ran.Of("dotnet", [program, .. arguments]);
    }

    private static void Say(string what, int rows, Ran ran) => Console.WriteLine(
        $"{what,-14}: {rows / ran.Seconds,7:N0} rows/s  {ran.Seconds,6:0.0} s, {ran.ProcessorSeconds,6:0.0} s of processors, {ran.ProcessorSeconds / rows * 1e6,4:0} µs a row, peak {ran.PeakMegabytes,5:0} MB");

    // Figures are worth something only where nobody else works on the machine.
    private static string Load() => File.Exists("/proc/loadavg") ? $"load {File.ReadAllText("/proc/loadavg").Split(' ')[0]}" : "load unknown";
}

/// <summary>A long list of people with a number, an address and a consent each, all different; half a dozen wordings, as forms have them.</summary>
internal static class ConsentList
{
    private static readonly string[] Given = ["Ann", "Bela", "Carla", "Dilan", "Eve", "Fatma", "Gus", "Hana", "Ivo", "Jana", "Karl", "Lena"];
    private static readonly string[] Family = ["Adler", "Braun", "Conrad", "Dietz", "Engel", "Fuchs", "Graf", "Hahn", "Jung", "Kern", "Lang", "Maier", "Noack", "Otto"];

    private static readonly string[] Wordings =
    [
        "I agree that Bench Ltd may call me with offers about once a month. I can withdraw this at any time.",
        "Bench Ltd may phone me about its offers; I may say no at any time by phone or e-mail",
        "Yes to calls by Bench Ltd with offers, withdrawable at any time",
        "I would like Bench Ltd to call me with offers at most twice a year; I can stop this whenever I like",
    ];

    public static void Write(string path, int rows)
    {
        using var writer = new StreamWriter(path, append: false, new UTF8Encoding(false), 1 << 20);
        writer.Write("id,first name,last name,phone,email,country,source,call_consent,call_consent_date,call_consent_wording,call_consent_method\r\n");
        var line = new StringBuilder();
        for (var i = 0; i < rows; i++)
        {
            // Every number of a German mobile range, and every mailbox, once, and in no order that would help.
            var number = (long)i * 7_654_321 % 10_000_000;
            var (given, family) = (Given[i % Given.Length], Family[i / Given.Length % Family.Length]);
            line.Clear().Append(CultureInfo.InvariantCulture, $"R{i},{given},{family},+49 1512 {number:0000000},")
                .Append(CultureInfo.InvariantCulture, $"{given.ToLowerInvariant()}.{family.ToLowerInvariant()}{i}@mail.example,DE,web form,yes,2026-{1 + (i % 9):00}-{1 + (i % 28):00},")
                .Append('"').Append(Wordings[i % Wordings.Length]).Append("\",web_form\r\n");
            writer.Write(line);
        }
    }
}
