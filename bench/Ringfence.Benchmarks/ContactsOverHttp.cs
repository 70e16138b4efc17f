using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.People;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Staff;

namespace Ringfence.Benchmarks;

/// <summary>Whole pages of contacts as a browser gets them: looked up, people opened and asked about, written down as seen, drawn and sent.</summary>
internal static partial class ContactsOverHttp
{
    private const int Times = 5;
    private const string Secret = "bench";

    /// <summary>Somebody who may see everything is signed in.</summary>
    public static Func<HttpContext, ValueTask<SignedIn?>> StaffOf(Installation installation, LedgerRow ledger)
    {
        var rights = Enum.GetValues<Right>().Aggregate(Right.None, static (all, one) => all | one);
        var staff = new SignedIn("acc-bench", "Bench", "en", new Dictionary<string, Right> { [ledger.Controller] = rights }, Instant.FromDateTimeOffset(installation.Time.GetUtcNow()), PageHost.FormTokenOf(Secret));
        return _ => ValueTask.FromResult<SignedIn?>(staff);
    }

    public static async Task MeasureAsync(Served served, LedgerRow ledger, int people)
    {
        if (served.WhyMute(ledger) is { } shut)
            Console.WriteLine($"  the gate is shut ({shut}): pages ask it nothing");
        await using var app = ApiHost.Build(served, "http://127.0.0.1:0");
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single() + $"/c/{ledger.Controller}/") };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Accept", "text/html");
        var worst = (Time: TimeSpan.Zero, What: "");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {"page",-58} {"people",10} {"median",9} {"worst",9} {"bytes",9}"));
        foreach (var query in Queries(people, BatchOf(served, ledger)))
            await SayAsync("contacts" + query, () => new HttpRequestMessage(HttpMethod.Get, "contacts" + query));
        foreach (var text in (string[])["ann smith", "a", "欧", "nobody of this name", "+44 7400 654321", "p14@mail.example"])
            await SayAsync($"looked for: {text}", () => new HttpRequestMessage(HttpMethod.Post, "contacts") { Content = new FormUrlEncodedContent([new("_t", PageHost.FormTokenOf(Secret)), new("q", text)]) });
        await SayAsync("overview", static () => new HttpRequestMessage(HttpMethod.Get, "overview"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  the slowest: {worst.Time.TotalMilliseconds:0} ms, {worst.What}"));
        await app.StopAsync();

        async Task SayAsync(string what, Func<HttpRequestMessage> ask)
        {
            // The first time of each kind is for the compiler and for answers that nobody asked for before; it is told where it is slow.
            var (all, text, asking) = (new List<TimeSpan>(), "", Stopwatch.StartNew());
            for (var i = 0; i <= Times; i++)
            {
                using var request = ask();
                var began = Stopwatch.GetTimestamp();
                using var response = await client.SendAsync(request);
                text = await response.Content.ReadAsStringAsync();
                var took = Stopwatch.GetElapsedTime(began);
                // The page says how far it is, and is asked for again.
                if (i == 0 && text.Contains("<progress", StringComparison.Ordinal) && asking.Elapsed.TotalMinutes < 5)
                {
                    i--;
                    await Task.Delay(100);
                    continue;
                }

                if (!response.IsSuccessStatusCode || text.Contains("<progress", StringComparison.Ordinal))
                    throw new InvalidOperationException($"{what}: {(int)response.StatusCode} {text[..Math.Min(2_000, text.Length)]}");
                if (i > 0)
                    all.Add(took);
                else if (asking.ElapsedMilliseconds > 300)
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what,-58} there the first time after {asking.ElapsedMilliseconds} ms"));
            }

            all.Sort();
            worst = all[^1] > worst.Time ? (all[^1], what) : worst;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what,-58} {TotalOf(text),10} {all[Times / 2].TotalMilliseconds,6:0} ms {all[^1].TotalMilliseconds,6:0} ms {System.Text.Encoding.UTF8.GetByteCount(text),9:N0}"));
        }
    }

    // Each filter alone, some together; the first page, one in the middle, the last; each order.
    private static IEnumerable<string> Queries(int people, string? batch)
    {
        yield return "";
        yield return "?size=50";
        yield return $"?from={people / 2}";
        yield return $"?from={people - 15}";
        foreach (var order in (string[])["changed", "contacted"])
        {
            yield return "?order=" + order;
            yield return $"?order={order}&from={people / 2}";
            yield return $"?order={order}&from={people - 15}";
        }

        foreach (var channel in AudienceAsk.Line)
            yield return "?channel=" + channel.Word();
        yield return "?purpose=offers";
        yield return "?purpose=marketing";
        foreach (var verdict in Words<AudienceVerdict>.All)
            yield return "?may=" + verdict;
        foreach (var reason in (ReasonCode[])[ReasonCode.NoConsent, ReasonCode.Suppressed, ReasonCode.Hours])
            yield return "?why=" + Words<ReasonCode>.Of(reason);
        foreach (var place in (string[])["US", "DE", "FR", "none"])
            yield return "?where=" + place;
        yield return "?number=GB";
        foreach (var source in (string[])["form", "purchased", "none"])
            yield return "?source=" + source;
        foreach (var status in (string[])["contactable", "quarantined", "held"])
            yield return "?status=" + status;
        if (batch is not null)
            yield return "?batch=" + batch;
        foreach (var standing in Words<ConsentStanding>.All)
            yield return "?consent=" + standing;
        yield return "?older=365";
        yield return "?younger=365";
        yield return "?ends=90";
        yield return "?stopped=yes";
        yield return "?stopped=no";
        yield return "?channel=sms&purpose=offers&may=refused";
        yield return "?channel=voice&purpose=offers&why=no-consent&where=DE";
        yield return "?channel=email&may=allowed&where=GB&source=form&older=30";
        yield return "?channel=sms&consent=given&older=90&ends=90&stopped=no&order=changed";
        yield return $"?may=refused&where=DE&order=changed&from={people / 10}";
    }

    private static string? BatchOf(Served served, LedgerRow ledger) => served.Audiences.Of(ledger).With(static (all, _) => all.BatchOf(in all[0])?.ToString());

    private static string TotalOf(string page) => Total().Match(page) is { Success: true } total ? total.Groups[1].Value : "";

    [GeneratedRegex("id=\"answer\"[^>]*>[^0-9]*([0-9][0-9,]*)")]
    private static partial Regex Total();
}
