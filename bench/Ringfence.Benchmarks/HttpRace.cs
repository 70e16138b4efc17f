using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Ringfence.Benchmarks;

/// <summary>Decisions over HTTP by wrk with 64 connections, beside endpoints of the same server that always answer the same; and how soon a server answers that has a large snapshot.</summary>
internal static partial class HttpRace
{
    private const int Rounds = 3;
    private const int Seconds = 5;

    public static int Run(int contacts, int entries)
    {
        var folder = Directory.CreateTempSubdirectory("ringfence-http-").FullName;
        try
        {
            Console.WriteLine($"{contacts:N0} contacts: of every four two may be contacted, one said no, one is nobody known; 64 connections, wrk with one thread; {Environment.ProcessorCount} processors, load {RegisterRace.Load()}");
            var key = Race(folder, contacts);
            Start(folder, entries, key);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Race(string folder, int contacts)
    {
        using var host = Bench("http-host", folder, contacts.ToString(CultureInfo.InvariantCulture));
        var said = host.StandardOutput.ReadLine()?.Split(' ') ?? throw new InvalidOperationException("The host did not start.");
        var (url, key) = (said[0], said[1]);
        var one = Enumerable.Range(0, Math.Min(contacts, 4000)).Select(i => Question(i)).ToArray();
        (string Name, string Path, string[] Bodies, int Each)[] shapes =
        [
            ("constant answer, bare", "/bare", one, 1),
            ("constant answer, with key", "/api/v1/constant", one, 1),
            ("decision", "/api/v1/decisions", one, 1),
            ("decision, codes alone", "/api/v1/decisions", [.. one.Select(static body => body[..^1] + ",\"explain\":false}")], 1),
            ("batch of 100", "/api/v1/decisions/batch", Batches(contacts, explain: true), 100),
            ("batch of 100, codes alone", "/api/v1/decisions/batch", Batches(contacts, explain: false), 100),
        ];
        var rates = shapes.ToDictionary(static shape => shape.Name, static _ => new List<(double Rate, double P99)>());
        foreach (var shape in shapes)
            Wrk(folder, url, key, shape.Path, shape.Bodies, 2);
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var shape in shapes)
                rates[shape.Name].Add(Wrk(folder, url, key, shape.Path, shape.Bodies, Seconds));
            Console.WriteLine($"round {round + 1}: {string.Join("; ", shapes.Select(shape => $"{shape.Name} {rates[shape.Name][^1].Rate:N0}/s, p99 {rates[shape.Name][^1].P99:0.0} ms"))}; load {RegisterRace.Load()}");
        }

        var bare = Median(rates["constant answer, bare"].Select(static one => one.Rate));
        var keyed = Median(rates["constant answer, with key"].Select(static one => one.Rate));
        foreach (var shape in shapes)
        {
            var rate = Median(rates[shape.Name].Select(static one => one.Rate));
            Console.WriteLine($"{shape.Name,-27}: {rate,8:N0} requests/s, {rate * shape.Each,10:N0} answers/s, p99 {Median(rates[shape.Name].Select(static one => one.P99)),5:0.0} ms; {rate / keyed:0.00} of the constant answer with key, {rate / bare:0.00} of the bare one");
        }

        host.StandardInput.WriteLine();
        host.WaitForExit();
        return key;
    }

    // The program itself, as somebody starts it: until it answers at all, and until it answers whether somebody may be contacted.
    private static void Start(string folder, int entries, string key)
    {
        using (var grown = Bench("http-grow", folder, entries.ToString(CultureInfo.InvariantCulture)))
        {
            var size = grown.StandardOutput.ReadToEnd().Trim().Split(' ');
            grown.WaitForExit();
            Console.WriteLine($"snapshot file: {long.Parse(size[0], CultureInfo.InvariantCulture):N0} entries, {long.Parse(size[1], CultureInfo.InvariantCulture) / 1e6:N0} MB");
        }

        var program = Path.Combine(Repository.Root, "src", "Ringfence.Server", "bin", "Release", "net10.0", "ringfence.dll");
        const string url = "http://127.0.0.1:15080";
        for (var round = 0; round < Rounds; round++)
        {
            var watch = Stopwatch.StartNew();
            using var server = Process.Start(new ProcessStartInfo("dotnet", [program, "serve", "--urls", url, "--watch", "none", "--data", Path.Combine(folder, "data"), "--keys", Path.Combine(folder, "keys")]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            using var client = new HttpClient();
            // Without a key: what answers is the server, whoever asks.
            Until(() => client.GetAsync(new Uri(url + "/api/v1/decisions/dec_1")), static _ => true);
            var first = watch.Elapsed;
            client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + key);
            // Somebody who said yes. Where they live and who asks is read from the store the first time; 503 means that it does not know yet what was written since.
            Until(() => client.PostAsync(new Uri(url + "/api/v1/decisions"), new StringContent(Question(0), Encoding.UTF8, "application/json")), static answer => answer.IsSuccessStatusCode);
            Console.WriteLine($"start {round + 1}: first answer after {first.TotalSeconds:0.00} s, first decision after {watch.Elapsed.TotalSeconds:0.00} s; load {RegisterRace.Load()}");
            using (var kill = Process.Start("kill", ["-TERM", server.Id.ToString(CultureInfo.InvariantCulture)]))
                kill.WaitForExit();
            server.WaitForExit();
        }
    }

    private static void Until(Func<Task<HttpResponseMessage>> ask, Func<HttpResponseMessage, bool> isAnswer)
    {
        while (true)
        {
            try
            {
                using var answer = ask().GetAwaiter().GetResult();
                if (isAnswer(answer))
                    return;
                Thread.Sleep(5);
            }
            catch (HttpRequestException)
            {
                Thread.Sleep(5);
            }
        }
    }

    internal static string Question(int contact) => $$"""{"to":"{{HttpHost.NumberOf(contact)}}","channel":"sms","purpose":"offers","at":"{{HttpHost.At}}"}""";

    private static string[] Batches(int contacts, bool explain) =>
        [.. Enumerable.Range(0, 40).Select(n => $$"""{"requests":[{{string.Join(',', Enumerable.Range(0, 100).Select(i => Question(((n * 100) + i) % contacts)))}}],"explain":{{(explain ? "true" : "false")}}}""")];

    internal static (double Rate, double P99) Wrk(string folder, string url, string key, string path, string[] bodies, int seconds)
    {
        var script = new StringBuilder("local bodies = {\n");
        foreach (var body in bodies)
            script.Append('\'').Append(body).Append("',\n");
        script.Append("}\nlocal headers = { ['Content-Type'] = 'application/json', ['Authorization'] = 'Bearer ").Append(key).Append("' }\nlocal requests, at = {}, 0\n");
        script.Append("init = function(args) for i = 1, #bodies do requests[i] = wrk.format('POST', '").Append(path).Append("', headers, bodies[i]) end end\n");
        script.Append("request = function() at = at % #requests + 1; return requests[at] end\n");
        var file = Path.Combine(folder, "wrk.lua");
        File.WriteAllText(file, script.ToString());
        using var wrk = Process.Start(new ProcessStartInfo("wrk", ["-t1", "-c64", $"-d{seconds}s", "--latency", "-s", file, url]) { RedirectStandardOutput = true })!;
        var text = wrk.StandardOutput.ReadToEnd();
        wrk.WaitForExit();
        if (text.Contains("Non-2xx", StringComparison.Ordinal))
            throw new InvalidOperationException(text);
        var p99 = Percentile().Match(text);
        var unit = p99.Groups[2].Value switch { "us" => 0.001, "ms" => 1, _ => 1000 };
        return (double.Parse(Rate().Match(text).Groups[1].Value, CultureInfo.InvariantCulture), double.Parse(p99.Groups[1].Value, CultureInfo.InvariantCulture) * unit);
    }

    internal static Process Bench(params string[] arguments) =>
        Process.Start(new ProcessStartInfo("dotnet", [typeof(HttpRace).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardInput = true })!;

    internal static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);

    [GeneratedRegex(@"Requests/sec:\s+([0-9.]+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"99%\s+([0-9.]+)(us|ms|s)")]
    private static partial Regex Percentile();
}
