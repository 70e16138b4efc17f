using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using NodaTime;
using Ringfence.Gate;

namespace Ringfence.Benchmarks;

/// <summary>Full decisions with all reasons, by all packs, against two policy engines that are given ten plain rules and facts already worked out; one core each, in turn.</summary>
internal static class GateRace
{
    private const int Rounds = 5;
    private const double SecondsPerRound = 2;
    private const int Situations = 2000;

    private static readonly Situation Florida = SituationFile.Read("bench", """
        given: clean
        at: 2026-06-09T15:00:00Z
        ask: { controller: acme, channel: voice, class: marketing, purpose: offers }
        contact: { phone: "+13055550123", residence: { place: US-FL, basis: documented }, zone: America/New_York, audience: b2c, lineType: mobile }
        consents:
          - { channels: [voice, voice-auto, sms], purposes: [offers], grantedAt: 2026-01-10, method: checkbox, evidence: complete }
        registers:
          us-national: { screenedAt: 2026-06-01, listed: false }
          us-fl: { screenedAt: 2026-06-01, listed: false }
        """);

    public static int Run()
    {
        var situations = Enumerable.Range(0, Situations).Select(Vary).ToArray();
        var file = Path.Combine(Path.GetTempPath(), $"ringfence-gate-{Environment.ProcessId}.ndjson");
        File.WriteAllLines(file, situations.Select(static s => JsonSerializer.Serialize(Plain(s))));
        try
        {
            var gate = ContactGate.Shipped;
            var expected = situations.Count(s => gate.Decide(s) is Verdict.Allowed);
            var clear = situations.Where(s => gate.Decide(s) is Verdict.Allowed).Take(1).ToArray();
            List<(double Rate, double Bytes)> ours = [], allowed = [];
            List<double> cedar = [], engine = [];
            for (var round = 0; round < Rounds; round++)
            {
                ours.Add(Ours(gate, situations));
                allowed.Add(Ours(gate, clear));
                cedar.Add(Peer("cedar-wasm", file, expected));
                engine.Add(Peer("json-rules-engine", file, expected));
            }

            var rate = Median(ours.Select(static o => o.Rate));
            var (c, j) = (Median(cedar), Median(engine));
            Console.WriteLine($"{Situations:N0} calls to Florida, {expected} of them allowed by each; one core; median of {Rounds} rounds of {SecondsPerRound} s");
            Console.WriteLine($"ringfence, all rules, all reasons  {rate,12:N0} a second, {ours.Max(static o => o.Bytes):0} bytes allocated per decision");
            Console.WriteLine($"ringfence, an allowed one          {Median(allowed.Select(static o => o.Rate)),12:N0} a second, {allowed.Max(static o => o.Bytes):0} bytes allocated per decision; rules in play {InPlay(gate, clear[0])}");
            Console.WriteLine($"cedar-wasm, ten rules              {c,12:N0} a second");
            Console.WriteLine($"json-rules-engine, ten rules       {j,12:N0} a second");
            Console.WriteLine($"ratio to the faster of them: {rate / Math.Max(c, j):0}  (goal: at least 20; and above 300,000 a second)");
            return 0;
        }
        finally
        {
            File.Delete(file);
        }
    }

    // Each fact the peers know of is now and then in the way, most of the time none is.
    private static Situation Vary(int i)
    {
        var random = new Random(i);
        bool Rarely() => random.Next(12) == 0;
        var s = Florida with { At = Florida.At + Duration.FromHours(random.Next(0, 14) - 5) };
        if (Rarely())
            s = s with { Suppressions = [new SuppressionEntry { By = SuppressedBy.Controller }] };
        if (Rarely())
            s = s with { Suppressions = [new SuppressionEntry { By = SuppressedBy.Person }] };
        if (Rarely())
            s = s with { Contact = s.Contact with { Age = new PersonAge(16, false) } };
        if (Rarely())
            s = s with { Contact = s.Contact with { Provenance = false } };
        if (random.Next(3) == 0)
            s = s with { Consents = [] };
        var listed = random.Next(3) == 0;
        var screened = Moment.On(new LocalDate(2026, 6, 9).PlusDays(Rarely() ? -32 : -random.Next(0, 31)));
        s = s with
        {
            Registers = new Dictionary<string, Screening>
            {
                ["us-national"] = new() { ScreenedAt = screened, Listed = listed, ListedAt = listed ? Moment.On(new LocalDate(2020, 1, 1)) : null },
                ["us-fl"] = new() { ScreenedAt = screened, Listed = false },
            },
        };
        if (Rarely())
            s = s with { Seller = s.Seller with { Registrations = [] } };
        if (random.Next(2) == 0)
            s = s with { History = [.. Enumerable.Range(1, random.Next(1, 4)).Select(n => new PastEvent { At = s.At - Duration.FromHours(n), Channel = Channel.Voice, Outcome = Outcome.NoAnswer })] };
        if (Rarely())
            s = s with { Ask = s.Ask with { CallerId = s.Ask.CallerId! with { Shown = false } } };
        return s;
    }

    // What the peers are told: the clock read, the days counted, the attempts of the day summed.
    private static Dictionary<string, object> Plain(Situation s)
    {
        var local = s.At.InZone(DateTimeZoneProviders.Tzdb["America/New_York"]);
        var national = s.Registers!["us-national"];
        return new()
        {
            ["suppressed"] = s.Suppressions!.Any(e => e.By == SuppressedBy.Controller),
            ["objected"] = s.Suppressions!.Any(e => e.By == SuppressedBy.Person),
            ["minor"] = !s.Contact.Age!.Value.IsAdult,
            ["provenance"] = s.Contact.Provenance!.Value,
            ["listed"] = national.Listed!.Value,
            ["consent"] = s.Consents!.Count > 0,
            ["screenedDays"] = Period.DaysBetween(national.ScreenedAt!.Value.DayIn(local.Zone), local.Date),
            ["registered"] = s.Seller.Registrations!.Count > 0,
            ["attempts"] = s.History!.Count,
            ["callerIdShown"] = s.Ask.CallerId!.Shown!.Value,
            ["second"] = (int)(local.TickOfDay / NodaConstants.TicksPerSecond),
        };
    }

    private static int InPlay(ContactGate gate, Situation situation) => gate.InPlay(situation);

    private static (double Rate, double Bytes) Ours(ContactGate gate, Situation[] situations)
    {
        var count = 0L;
        var reasons = 0L;
        foreach (var situation in situations)
            reasons += gate.Decide(situation).AllReasons.Length;
        var before = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed.TotalSeconds < SecondsPerRound)
        {
            for (var pass = 0; pass < Math.Max(1, 2000 / situations.Length); pass++)
            {
                foreach (var situation in situations)
                    reasons += gate.Decide(situation).AllReasons.Length;
                count += situations.Length;
            }
        }

        GC.KeepAlive(reasons);
        return (count / watch.Elapsed.TotalSeconds, (GC.GetAllocatedBytesForCurrentThread() - before) / (double)count);
    }

    private static double Peer(string name, string file, int expected)
    {
        using var process = Process.Start(new ProcessStartInfo("node", [Path.Combine(Repository.Root, "bench", "peers", "gate.js"), name, file, SecondsPerRound.ToString("0", CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
        })!;
        var text = process.StandardOutput.ReadToEnd().Trim().Split('\t');
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{name} did not run: npm ci in bench/peers?");
        if (text[1] != expected.ToString(CultureInfo.InvariantCulture))
            throw new InvalidOperationException($"{name} allowed {text[1]}, ours {expected}: they were not asked the same.");
        return double.Parse(text[0], CultureInfo.InvariantCulture);
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);
}
