using System.Diagnostics;
using System.Globalization;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Consent;
using Ringfence.Server.Gate.Snapshot;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.People.Import;
using Ringfence.Server.Storage;
using Ringfence.Server.Webhooks;
using Ringfence.Webhooks;

namespace Ringfence.Benchmarks;

/// <summary>Pages of very many contacts, after one import: how long the index takes to make, what it holds, and how long each page takes.</summary>
internal static class ContactsRace
{
    /// <param name="contacts">How many.</param>
    /// <param name="only">One store alone: <c>sqlite</c>, <c>postgresql</c>; null: both.</param>
    public static int Run(int contacts, string? only) => RunAsync(contacts, only).GetAwaiter().GetResult();

    private static async Task<int> RunAsync(int contacts, string? only)
    {
        var folder = Directory.CreateTempSubdirectory("rf-contacts-").FullName;
        try
        {
            foreach (var (name, store) in StoresIn(folder).Where(one => only is null || one.Name == only))
                await MeasureAsync(name, store, Path.Combine(folder, name), contacts);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task ImportListAsync(Installation installation, LedgerRow ledger, string list)
    {
        var options = new ImportOptions { Files = [list], AsOf = new LocalDate(2026, 11, 21), Source = ContactSource.Form, Language = CultureInfo.InvariantCulture, Threads = Environment.ProcessorCount };
        using var rejected = new RejectedFile(Path.ChangeExtension(list, ".rejected.csv"));
        await ImportRun.RunAsync(installation, ledger, new Actor(ActorKind.Client, "bench"), options, null, false, rejected, Ringfence.Server.Cli.ProgressBar.None, CancellationToken.None);
    }

    // PostgreSQL where one is offered, in an empty database of its own.
    private static IEnumerable<(string Name, StoreOptions Store)> StoresIn(string folder)
    {
        yield return ("sqlite", new StoreOptions { Folder = Path.Combine(folder, "sqlite", "data") });
        if (Environment.GetEnvironmentVariable("RINGFENCE_BENCH_POSTGRES") is { Length: > 0 } postgres)
            yield return ("postgresql", new StoreOptions { Connection = postgres });
        else
            Console.Error.WriteLine("PostgreSQL: set RINGFENCE_BENCH_POSTGRES to the connection string of an empty database to measure it too.");
    }

    private static async Task MeasureAsync(string name, StoreOptions store, string folder, int contacts)
    {
        var options = new InstallationOptions(store, Path.Combine(folder, "data"), Path.Combine(folder, "keys")) { Environment = static _ => null };
        await using var installation = await Installation.OpenAsync(options, TimeProvider.System, CancellationToken.None);
        var ledger = await installation.AddControllerAsync("bench", "ledger.example/bench", PartyDocument.Read("party.yaml", Repository.Sample("party-ringmuster.yaml")), CancellationToken.None);
        var list = Path.Combine(folder, "list.csv");
        MadeUpContacts.Write(list, contacts);
        var watch = Stopwatch.StartNew();
        await ImportListAsync(installation, ledger, list);
        Console.WriteLine($"{name}: {contacts:N0} contacts imported in {watch.Elapsed.TotalSeconds:0} s");
        using var stop = new CancellationTokenSource();
        watch.Restart();
        var following = Task.Run(() => new Snapshots(installation).RunAsync(stop.Token));
        while (installation.Snapshots?.Of(ledger) is not { IsWhole: true, Marked: 0 })
            await Task.Delay(50);
        Console.WriteLine($"  snapshot made in {watch.Elapsed.TotalSeconds:0} s");
        using var sender = new WebhookSender(WebhookReach.Internet, TimeProvider.System);
        var served = new Served(installation, ContactGate.Shipped, StandingFacts.Read("facts.yaml", Repository.Sample("standing-facts.yaml"))) { Webhooks = sender, Staff = ContactsOverHttp.StaffOf(installation, ledger) };
        using var audiences = served.Audiences;
        var index = audiences.Of(ledger);
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var (before, heap, busy) = (Environment.WorkingSet, GC.GetTotalMemory(forceFullCollection: true), Process.GetCurrentProcess().TotalProcessorTime);
        watch.Restart();
        var height = await HeightAsync(index.StartAsync());
        var (made, worked) = (watch.Elapsed, Process.GetCurrentProcess().TotalProcessorTime - busy);
        var people = Math.Max(1, index.Progress.People);
        Console.WriteLine($"  index of {people:N0} people made in {made.TotalSeconds:0.0} s, {worked.TotalSeconds:0.0} s of processors; says it holds {index.Bytes / 1e6:0} MB, {(double)index.Bytes / people:0} bytes a person");
        Console.WriteLine($"  the heap grew by {(GC.GetTotalMemory(forceFullCollection: true) - heap) / 1e6:0} MB; the process held {before / 1e6:0} MB before, {height / 1e6:0} MB at most meanwhile, {Environment.WorkingSet / 1e6:0} MB after");
        AudienceAsk[] asks = [.. AudienceAsk.Line.Select(static channel => new AudienceAsk(channel, null)), .. AudienceAsk.Line.Select(static channel => new AudienceAsk(channel, "offers"))];
        foreach (var ask in asks)
        {
            watch.Restart();
            await index.RefreshAsync(ask);
            Console.WriteLine($"  answers for {ask.Channel.Word()}, {ask.Purpose ?? "all purposes"}: {watch.Elapsed.TotalSeconds:0.0} s");
        }

        await ContactsOverHttp.MeasureAsync(served, ledger, index.Progress.People);
        await stop.CancelAsync();
        await following;
    }

    // What is held for good once building is over, and what it took at its height: the program's own memory is in both.
    private static async Task<long> HeightAsync(Task work)
    {
        var height = 0L;
        do
            height = Math.Max(height, Environment.WorkingSet);
        while (await Task.WhenAny(work, Task.Delay(100)) != work);
        await work;
        return height;
    }
}

/// <summary>A long list of people of three countries: some never asked, some who agreed on a day, some at a minute of their own, some who said no.</summary>
internal static class MadeUpContacts
{
    private static readonly string[] Given = ["Ann", "Bela", "Carla", "Dilan", "Eve", "Fatma", "Gus", "Hana", "Ivo", "Jana", "Karl", "Lena", "静怡", "Çağla", "José", "Zoë"];
    private static readonly string[] Family = ["Smith", "Braun", "Conrad", "Dietz", "Engel", "Fuchs", "Graf", "Hahn", "Jung", "Kern", "Lang", "Maier", "Noack", "Otto", "欧阳", "Yıldırım", "O'Neill"];

    public static void Write(string path, int rows)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var writer = new StreamWriter(path);
        writer.WriteLine("name,phone,email,country,sms_consent,sms_consent_date,sms_consent_wording,sms_consent_method,email_consent,email_consent_date");
        for (var i = 0; i < rows; i++)
        {
            var number = (long)i * 7_654_321 % 10_000_000;
            var (phone, country) = (i % 5) switch
            {
                < 2 => (string.Create(CultureInfo.InvariantCulture, $"+49 1512 {number:0000000}"), "DE"),
                < 4 => (string.Create(CultureInfo.InvariantCulture, $"+44 7400 {number % 1_000_000:000000}"), "GB"),
                _ => (string.Create(CultureInfo.InvariantCulture, $"+1 {202 + (i % 7 * 100)} {220 + (i / 50_000):000} {i / 5 % 10_000:0000}"), "US"),
            };
            var day = string.Create(CultureInfo.InvariantCulture, $"{2024 + (i % 3)}-{1 + (i % 9):00}-{1 + (i % 28):00}");
            var said = (i / 5 % 10) switch
            {
                < 3 => ",,,",
                < 4 => $"no,{day},,",
                < 7 => $"yes,{day},Bench Ltd may send me text messages with offers; I may say no at any time,web_form",
                _ => string.Create(CultureInfo.InvariantCulture, $"yes,{day} {i / 60 % 24:00}:{i % 60:00}:{i / 7 % 60:00},Bench Ltd may send me text messages with offers; I may say no at any time,web_form"),
            };
            writer.WriteLine($"{Given[i / 3 % Given.Length]} {Family[i / 11 % Family.Length]},{phone},{(i % 3 == 0 ? "" : $"p{i}@mail.example")},{country},{said},{(i % 4 == 0 ? $"yes,{day}" : ",")}");
        }
    }
}
