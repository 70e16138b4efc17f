using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Ringfence.Benchmarks;

/// <summary>Pages for people who are contacted: what each weighs and how soon it answers, whether known people are answered as soon as unknown ones, and what a flood of requests from one source does to the gate.</summary>
internal static partial class PublicRace
{
    private static readonly string[] Tags = ["en", "zh-Hans", "zh-Hant"];

    private const int Times = 200;
    private const int Pairs = 1_000;
    private const int Rounds = 3;
    private const int Seconds = 6;
    private const int FloodRate = 5_000;

    // Each waits for so many milliseconds between an answer and the next request, and so makes some 48 requests a second.
    private const int Pause = 20;
    private const int Connections = FloodRate * (Pause + 2) / 1000;

    // The same pages, of a web server in the same process that turns everybody away and knows nothing: what is left of the gate then is what nobody could better.
    private static readonly string Bare = $"{FloodRate:N0}/s at a bare server";

    // Where somebody else comes each time: what is written of one person makes the next answer to them slower.
    private const string Anybody = "anybody";

    public static int Run(int contacts)
    {
        var folder = Directory.CreateTempSubdirectory("ringfence-public-").FullName;
        try
        {
            using var host = Process.Start(new ProcessStartInfo("dotnet", [typeof(PublicRace).Assembly.Location, "public-host", folder, contacts.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true, RedirectStandardInput = true })!;
            var told = JsonSerializer.Deserialize<PublicPagesHost.Told>(host.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The host did not start."))!;
            Console.WriteLine($"{contacts:N0} contacts, {PublicPagesHost.Forms} forms with a double opt-in, SQLite; {Environment.ProcessorCount} processors, load {RegisterRace.Load()}");
            using (var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(told.Open) })
            {
                client.DefaultRequestHeaders.TryAddWithoutValidation("Accept-Language", "en");
                Pages(client, told);
                Alike(client, told, contacts);
            }

            Flood(folder, told, contacts);
            host.StandardInput.WriteLine();
            host.WaitForExit();
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // One after another over one connection: what a page takes, and not what it waits for.
    private static void Pages(HttpClient client, PublicPagesHost.Told told)
    {
        var c = told.Controller;
        var (mine, link, stop) = ($"/p/{c}/{told.Rich}", $"/p/{c}/{told.Preferences}", $"/u/{c}/{told.Stop}");
        var opened = Opened(client, told, mine);
        var boxes = BoxesOf(Get(client, link + "/more"));
        var number = HttpHost.NumberOf(1);
        var status = Regex.Match(Send(client, $"/r/{c}", [("what", "access"), ("to", number)]).Text, "href=\"(/r/[^\"?]+/status/[^\"?]+)").Groups[1].Value;
        var code = PublicPagesHost.Hidden(Send(client, $"/why/{c}", [("to", number)]).Text, "session");
        (string Name, string Path, (string, string)[]? Fields, int Status)[] pages =
        [
            ("form", $"/f/{c}/{PublicPagesHost.FormId}", null, 200), ("form, wrong", $"/f/{c}/{PublicPagesHost.FormId}", PublicPagesHost.Answer(told.FormDigest, "a", "12", "offers-sms"), 422),
            ("form, answered", $"/f/{c}/{PublicPagesHost.FormId}", PublicPagesHost.Answer(told.FormDigest, "a", Anybody, "offers-sms"), 200),
            ("notice", $"/n/{c}", null, 200), ("entrance", $"/p/{c}", null, 200), ("entrance, code", $"/p/{c}", [("to", number)], 200), ("choices", link, null, 200), ("choices, 12 yeses", mine, null, 200),
            ("choices, code", mine + "/code", [], 200), ("choices, wrong code", mine + "/open", [("session", code), ("code", "1")], 422), ("what happened", mine + "/history", [("opened", opened)], 200),
            ("more, 12 wordings", link + "/more", null, 200), ("more, ticked", link + "/more", [("to", number), .. boxes.Select(static box => ("box", box))], 200), ("stop everything", stop, null, 200), ("stopped", stop, [], 200),
            ("why", $"/why/{c}", null, 200), ("why, code", $"/why/{c}", [("to", number)], 200), ("why, wrong code", $"/why/{c}/show", [("to", number), ("session", code), ("code", "1")], 422),
            ("rights", $"/r/{c}", null, 200), ("rights, wrong", $"/r/{c}", [("to", "x")], 422), ("request, status", status, null, 200), ("no such link", $"/p/{c}/x", null, 404),
        ];
        Console.WriteLine($"  {"page",-22} {"bytes",7} {"en",7} {"median",9} {"p99",9}");
        var (slowest, heaviest) = (("", 0d), ("", 0));
        foreach (var (name, path, fields, wanted) in pages)
        {
            var weight = LanguageTagsIn(path).Max(tag => Encoding.UTF8.GetByteCount(Answered(client, fields is null ? HttpMethod.Get : HttpMethod.Post, tag, Filled(fields, 0)).Text));
            var times = new double[Times];
            var text = "";
            for (var n = -20; n < Times; n++)
            {
                var began = Stopwatch.GetTimestamp();
                var answer = Answered(client, fields is null ? HttpMethod.Get : HttpMethod.Post, path, Filled(fields, n + 100));
                if (answer.Status != wanted)
                    throw new InvalidOperationException($"{name}: {answer.Status} {answer.Text}");
                text = answer.Text;
                if (n >= 0)
                    times[n] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            }

            Array.Sort(times);
            Console.WriteLine($"  {name,-22} {weight,7:N0} {Encoding.UTF8.GetByteCount(text),7:N0} {times[Times / 2],6:0.0} ms {times[Times * 99 / 100],6:0.0} ms");
            slowest = times[Times * 99 / 100] > slowest.Item2 ? (name, times[Times * 99 / 100]) : slowest;
            heaviest = weight > heaviest.Item2 ? (name, weight) : heaviest;
        }

        var sheets = Regex.Matches(Get(client, $"/p/{c}"), "<link rel=\"stylesheet\" href=\"([^\"]+)\"").Sum(sheet => Encoding.UTF8.GetByteCount(Get(client, sheet.Groups[1].Value)));
        Console.WriteLine($"  as sent, of three languages the heaviest; beside them two style sheets, {sheets:N0} bytes, kept by browsers. Heaviest: {heaviest.Item1}, {heaviest.Item2:N0}. Slowest p99: {slowest.Item1}, {slowest.Item2:0.0} ms; load {RegisterRace.Load()}");
    }

    private static string Opened(HttpClient client, PublicPagesHost.Told told, string mine)
    {
        var session = PublicPagesHost.Hidden(Send(client, mine + "/code", []).Text, "session");
        return PublicPagesHost.Hidden(Send(client, mine + "/open", [("session", session), ("code", PublicPagesHost.CodeTo(told.Messages, HttpHost.NumberOf(0)))]).Text, "opened");
    }

    // The same numbers known and unknown, in an order that nobody can guess.
    private static void Alike(HttpClient client, PublicPagesHost.Told told, int contacts)
    {
        if (contacts < 8 * Pairs)
        {
            Console.WriteLine($"  known and unknown: needs {8 * Pairs:N0} contacts");
            return;
        }

        var c = told.Controller;
        (string Name, string Path, Func<string, (string, string)[]> Fields, int From, int Pairs)[] ways =
        [
            ("entrance", $"/p/{c}", static number => [("to", number)], 0, Pairs), ("why", $"/why/{c}", static number => [("to", number)], 0, Pairs), ("rights, access", $"/r/{c}", static number => [("what", "access"), ("to", number)], 0, Pairs),
            ("form, double opt-in", $"/f/{c}/kitchen-2", null!, 4 * Pairs, Pairs), ("rights, objection", $"/r/{c}", static number => [("what", "objection"), ("to", number)], 0, Pairs / 5),
        ];
        var digest = PublicPagesHost.Hidden(Get(client, $"/f/{c}/kitchen-2"), "form");
        Console.WriteLine($"  {"asked for",-22} {"known",9} {"unknown",9} {"differ by",10} {"p",6}");
        foreach (var (name, path, fields, from, pairs) in ways)
        {
            var (known, unknown) = (new List<double>(), new List<double>());
            var asked = Enumerable.Range(1, pairs).SelectMany(n => new[] { (IsKnown: true, Contact: from + (4 * (n - 1)) + 1), (IsKnown: false, Contact: from + (4 * (n - 1)) + 3) }).ToArray();
            new Random(5).Shuffle(asked);
            foreach (var (isKnown, contact) in asked)
            {
                var number = HttpHost.NumberOf(contact);
                var said = fields is null ? PublicPagesHost.Answer(digest, "a", number, "offers-sms") : fields(number);
                var began = Stopwatch.GetTimestamp();
                var answer = Answered(client, HttpMethod.Post, path, said);
                (isKnown ? known : unknown).Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                if (answer.Status != 200)
                    throw new InvalidOperationException($"{name}: {answer.Status} {answer.Text}");
            }

            var (one, other) = (Median(known), Median(unknown));
            Console.WriteLine($"  {name,-22} {one,6:0.00} ms {other,6:0.00} ms {Math.Abs(one - other),7:0.00} ms {Chance(known, unknown),6:0.000}   {pairs:N0} of each");
        }

        Console.WriteLine($"  medians; p: how likely two such samples would differ as much if nothing differed (Mann-Whitney); load {RegisterRace.Load()}");
    }

    private static void Flood(string folder, PublicPagesHost.Told told, int contacts)
    {
        var c = told.Controller;
        var questions = Enumerable.Range(0, Math.Min(contacts, 4_000)).Select(static i => $$"""{"to":"{{HttpHost.NumberOf(i)}}","channel":"sms","purpose":"offers","at":"{{HttpHost.At}}"}""").ToArray();
        string[] gets = [$"/f/{c}/{PublicPagesHost.FormId}", $"/p/{c}", $"/p/{c}/{told.Preferences}", $"/p/{c}/{told.Preferences}/more", $"/u/{c}/{told.Stop}", $"/why/{c}", $"/r/{c}", $"/n/{c}"];
        var gate = Script(folder, "gate", "POST", ["/api/v1/decisions"], questions, "application/json", told.Key, 0);
        var steady = Script(folder, "steady", "POST", ["/api/v1/decisions"], questions, "application/json", told.Key, 8);
        var pages = Script(folder, "pages", "GET", gets, [""], "", null, Pause);
        (string Name, string? Script, int Connections)[] floods =
        [
            ("nothing beside", null, 0), (Bare, pages, Connections), ($"{FloodRate:N0} pages/s", pages, Connections),
            ($"{FloodRate:N0} codes/s", Script(folder, "codes", "POST", [$"/p/{c}", $"/why/{c}", $"/f/{c}/{PublicPagesHost.FormId}"], ["to=%2B447400123456&phone=%2B447400123456&yes=offers-sms"], "application/x-www-form-urlencoded", null, Pause), Connections),
            ($"{FloodRate:N0} noes/s", Script(folder, "noes", "POST", [$"/u/{c}/{told.Stop}", $"/u/{c}/x", $"/p/{c}/{told.Preferences}/stop"], [""], "application/x-www-form-urlencoded", null, Pause), Connections),
            ("pages, all it can", Script(folder, "all", "GET", gets, [""], "", null, 0), Connections),
        ];
        Wrk(gate, 16, 3, told.Limited);
        var found = floods.ToDictionary(static flood => flood.Name, static _ => new List<(double Rate, double Refused, double Gate, double P50, double P99)>());
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (name, script, connections) in floods)
            {
                using var flood = script is null ? null : Start(script, connections, (2 * Seconds) + 3, name == Bare ? told.Bare : told.Limited);
                Thread.Sleep(1_000);
                var paced = Wrk(steady, 8, Seconds, told.Limited);
                var full = Wrk(gate, 16, Seconds, told.Limited);
                if (paced.Refused + full.Refused > 0)
                    throw new InvalidOperationException("The gate refused somebody.");
                var came = flood is null ? default : Read(flood);
                found[name].Add((came.Rate, came.Refused, full.Rate, paced.P50, paced.P99));
            }
        }

        var (calm, quiet) = (Median(found[floods[0].Name].Select(static one => one.Gate)), Median(found[floods[0].Name].Select(static one => one.P99)));
        Console.WriteLine($"  {"flood of one source",-22} {"requests/s",11} {"refused",8} {"gate, all it can",22} {"gate at 1,000/s: p50",21} {"p99",9}");
        foreach (var (name, _, _) in floods)
        {
            var of = found[name];
            var rate = Median(of.Select(static one => one.Gate));
            Console.WriteLine($"  {name,-22} {Median(of.Select(static one => one.Rate)),11:N0} {Median(of.Select(static one => one.Refused)),8:P0} {rate,9:N0}/s: {rate / calm,8:0.00} {Median(of.Select(static one => one.P50)),18:0.00} ms {Median(of.Select(static one => one.P99)),6:0.00} ms: {Median(of.Select(static one => one.P99)) / quiet:0.0}");
        }

        Console.WriteLine($"  medians of {Rounds} rounds of {Seconds} s; wrk on the same processors; load {RegisterRace.Load()}");
    }

    // With so many milliseconds between an answer and the next request, on average; they come at random, and not all at once.
    private static string Script(string folder, string name, string method, string[] paths, string[] bodies, string media, string? key, int pause)
    {
        var script = new StringBuilder("local requests, at = {}, 0\nlocal headers = { ['Accept-Language'] = 'en-GB,en;q=0.9,de;q=0.5', ['Accept'] = 'text/html'");
        if (media.Length > 0)
            script.Append(", ['Content-Type'] = '").Append(media).Append('\'');
        if (key is not null)
            script.Append(", ['Authorization'] = 'Bearer ").Append(key).Append('\'');
        script.Append(" }\nlocal paths, bodies = {");
        script.AppendJoin(',', paths.Select(static path => $"'{path}'")).Append("}, {").AppendJoin(",\n", bodies.Select(static body => $"'{body}'")).Append("}\n");
        script.Append(CultureInfo.InvariantCulture, $"init = function(args) math.randomseed(7) for i = 1, math.max(#paths, #bodies) do requests[i] = wrk.format('{method}', paths[(i - 1) % #paths + 1], headers, bodies[(i - 1) % #bodies + 1]) end end\n");
        script.Append("request = function() at = at % #requests + 1; return requests[at] end\n");
        if (pause > 0)
            script.Append(CultureInfo.InvariantCulture, $"delay = function() return math.random({pause / 2}, {pause * 3 / 2} - 1) end\n");
        script.Append("done = function(summary) io.write(string.format('\\nrefused %d of %d\\n', summary.errors.status, summary.requests)) end\n");
        var file = Path.Combine(folder, name + ".lua");
        File.WriteAllText(file, script.ToString());
        return file;
    }

    private static Process Start(string script, int connections, int seconds, string url) =>
        Process.Start(new ProcessStartInfo("wrk", ["-t1", $"-c{connections}", $"-d{seconds}s", "--latency", "-s", script, url]) { RedirectStandardOutput = true })!;

    private static (double Rate, double Refused, double P50, double P99) Wrk(string script, int connections, int seconds, string url)
    {
        using var wrk = Start(script, connections, seconds, url);
        return Read(wrk);
    }

    private static (double Rate, double Refused, double P50, double P99) Read(Process wrk)
    {
        var text = wrk.StandardOutput.ReadToEnd();
        wrk.WaitForExit();
        double At(string percent)
        {
            var found = Latency().Matches(text).First(match => match.Groups[1].Value == percent);
            return double.Parse(found.Groups[2].Value, CultureInfo.InvariantCulture) * found.Groups[3].Value switch { "us" => 0.001, "ms" => 1, _ => 1000 };
        }

        var refused = Refused().Match(text);
        return (double.Parse(Rate().Match(text).Groups[1].Value, CultureInfo.InvariantCulture), double.Parse(refused.Groups[1].Value, CultureInfo.InvariantCulture) / double.Parse(refused.Groups[2].Value, CultureInfo.InvariantCulture), At("50"), At("99"));
    }

    private static string Get(HttpClient client, string path) => Answered(client, HttpMethod.Get, path, null).Text;

    private static (int Status, string Text) Send(HttpClient client, string path, (string, string)[] fields) => Answered(client, HttpMethod.Post, path, fields);

    private static (int Status, string Text) Answered(HttpClient client, HttpMethod method, string path, (string Name, string Value)[]? fields)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (fields is not null)
            request.Content = new FormUrlEncodedContent(fields.Select(static field => KeyValuePair.Create(field.Name, field.Value)));
        using var answer = client.Send(request);
        using var reader = new StreamReader(answer.Content.ReadAsStream(), Encoding.UTF8);
        return ((int)answer.StatusCode, reader.ReadToEnd());
    }

    private static (string, string)[]? Filled((string Name, string Value)[]? fields, int contact) => fields?.Select(field => field.Value == Anybody ? (field.Name, HttpHost.NumberOf(contact)) : field).ToArray();

    private static string[] BoxesOf(string page) => [.. Regex.Matches(page, "name=\"box\" value=\"([^\"]+)\"").Select(static match => match.Groups[1].Value)];

    private static IEnumerable<string> LanguageTagsIn(string path) => Tags.Select(tag => path + "?lang=" + tag);

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    // Source: Mann and Whitney, "On a Test of Whether one of Two Random Variables is Stochastically Larger than the Other" (1947); by the normal curve, which holds for so many.
    private static double Chance(List<double> one, List<double> other)
    {
        var ranks = one.Select(static value => (value, IsOne: true)).Concat(other.Select(static value => (value, IsOne: false))).OrderBy(static pair => pair.value).Index().Where(static ranked => ranked.Item.IsOne).Sum(static ranked => ranked.Index + 1d);
        double m = one.Count, n = other.Count;
        var z = Math.Abs(ranks - (m * (m + n + 1) / 2)) / Math.Sqrt(m * n * (m + n + 1) / 12);
        // Both tails; Abramowitz and Stegun 7.1.26 for the integral.
        var t = 1 / (1 + (0.3275911 * z / Math.Sqrt(2)));
        return t * (0.254829592 + (t * (-0.284496736 + (t * (1.421413741 + (t * (-1.453152027 + (t * 1.061405429)))))))) * Math.Exp(-z * z / 2);
    }

    [GeneratedRegex(@"Requests/sec:\s+([0-9.]+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"refused (\d+) of (\d+)")]
    private static partial Regex Refused();

    [GeneratedRegex(@"(50|99)%\s+([0-9.]+)(us|ms|s)")]
    private static partial Regex Latency();
}
