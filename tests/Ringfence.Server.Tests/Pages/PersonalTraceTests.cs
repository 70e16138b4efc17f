using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Gate.Snapshot;
using Ringfence.Server.People;
using Ringfence.Server.Tests.Gate;
using Ringfence.Server.Tests.Lists.Desk;
using Ringfence.Server.Tests.People;
using Ringfence.Staff;
using Xunit;

namespace Ringfence.Server.Tests.Pages;

/// <summary>Who a person is stands in pages that are not kept, and nowhere else: in no address, header, log or trace.</summary>
public sealed class PersonalTraceTests
{
    private static readonly string[] Marks = ["Zzyxwood", "7400998877", "zzyxmail"];

    [Fact]
    public async Task Walking_every_page_leaves_no_name_number_or_address_in_addresses_headers_logs_and_traces()
    {
        await using var house = await PageHouse.BuildAsync(facts: StandingFacts.Read("facts.json", CampaignFacts.Bulk));
        await house.House.ImportAsync("name,phone,email,country,sms_consent,sms_consent_date\nAnn Zzyxwood,+447400998877,zzyxmail@example.org,GB,yes,2026-06-01\nBea Zzyxwood,+447400998878,,GB,no,2026-06-01\n", ContactSource.Form);
        var follower = await new Snapshots(house.House.Installation).FollowAsync(house.House.Ledger, CancellationToken.None);
        await follower.BuildAsync(CancellationToken.None);
        await follower.LookAsync(CancellationToken.None);
        await house.Served.Audiences.Of(house.House.Ledger).LookAsync([.. AudienceAsk.Line.Select(static channel => new AudienceAsk(channel, null))], TimeSpan.FromMinutes(2), CancellationToken.None);
        var told = new ConcurrentQueue<string>();
        using var logs = new Telling(told);
        house.Logs.AddProvider(logs);
        using var listener = Listening(told);

        var sid = (await house.House.PersonAsync("+447400998877")).Person.Sid.ToString();
        var answers = new List<(string Path, Seen Page)>();
        // What is looked for goes by forms, in its answer or by a way that names nobody.
        foreach (var (path, fields) in new (string, (string, string)[])[]
        {
            ("contacts", [("q", "zzyxwood")]), ("contacts", [("q", "zzyxmail@example.org")]), ("contacts/find", [("q", "+44 7400 998877")]), ("contacts/find", [("q", "+447400998879")]), ("contacts/find", [("q", "zzyxmail@example.org")]),
            ("withdrawals/new", [("to", "+447400998877")]), ("consents/new", [("to", "+447400998877")]), ("suppression/new", [("to", "+447400998877")]),
            ($"contacts/{sid}/number", []), ("gate/find", [("q", "+447400998877")]), ("gate/ask", [("to", "+447400998877"), ("channel", "sms"), ("purpose", "offers")]),
            ("contacts/export", []), ($"contacts/{sid}/bundle", []), ($"contacts/{sid}/export", [("to", "zzyxmail@example.org")]), ("approvals", [("point", "+447400998877"), ("reason", "asked")]), ("imports", [("name", "zzyxmail@example.org")]),
        })
        {
            answers.Add((path, await house.PostAsync(house.Controller + path, Role.PrivacyOfficer, fields)));
        }

        var size = await house.SizeAsync();
        answers.AddRange(await PageCrawl.WalkAsync(house, Role.PrivacyOfficer, 400, house.Controller + "overview", house.Controller + "contacts", house.Controller + "contacts/" + sid));
        Assert.InRange(answers.Count, 60, 500);
        // Looking writes down that somebody looked, and nothing else.
        Assert.All((await house.House.RecordsAsync()).Skip((int)size), static record => Assert.Equal(RecordType.StaffRevealed, record.Type));
        // Else nothing of this could be found anywhere.
        Assert.Contains(answers, static one => one.Page.Text.Contains(Marks[0], StringComparison.Ordinal));
        Assert.NotEmpty(told);
        Assert.Empty(LeftIn(answers, told));
    }

    [Fact]
    public async Task A_list_that_is_audited_brought_in_and_taken_back_leaves_none_there_either()
    {
        await using var house = await ListHouse.BuildAsync(isAtWork: false);
        var told = new ConcurrentQueue<string>();
        using var logs = new Telling(told);
        house.Pages.Logs.AddProvider(logs);
        using var listener = Listening(told);
        house.Begin();
        var at = await house.BringAsync("name,phone,email,country,notes\nAnn Zzyxwood,+447400998877,zzyxmail@example.org,GB,\nBea Zzyxwood,7400998877123456789,zzyxmail,GB,\nCy Zzyxwood,+44 7400 998879,,GB,never call me again\n\"Dot Zzyxwood,+447400998870\n");
        await house.ReadAsync(at);
        var answers = new List<(string, Seen)>();
        answers.AddRange(await PageCrawl.WalkAsync(house.Pages, Role.Marketer, 40, at + "/columns", at + "/audit", at + "/rows", at + "/rejected", at + "/choose"));
        var (import, _) = await ImportPagesContract.ImportAsync(house, at, ("source", "customer"));
        answers.AddRange(await PageCrawl.WalkAsync(house.Pages, Role.Marketer, 40, import, house.Pages.Controller + "imports", house.Pages.Controller + "quarantine"));
        // Rows are shown with their numbers and names made unreadable; they are known all the same.
        Assert.NotNull(await house.House.FindAsync("+447400998877"));
        await house.PostAsync(import + "/undo");
        answers.Add((import, await house.UntilAsync(import, static seen => seen.Text.Contains("is undone", StringComparison.Ordinal))));
        Assert.InRange(answers.Count, 50, 81);
        Assert.NotEmpty(told);
        Assert.Empty(LeftIn(answers, told));
    }

    private static ActivityListener Listening(ConcurrentQueue<string> told)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = static _ => true,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => told.Enqueue($"{span.OperationName} {span.DisplayName} {string.Join(' ', span.TagObjects.Select(static tag => $"{tag.Key}={tag.Value}"))} {string.Join(' ', span.Baggage)}"),
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    // Where somebody is named in an address, a header, a log or a trace, and pages that name somebody and may be kept.
    private static IEnumerable<string> LeftIn(IEnumerable<(string Path, Seen Page)> answers, IEnumerable<string> told)
    {
        var left = new List<string>();
        foreach (var (path, page) in answers)
        {
            Find("address", path);
            foreach (var (name, values) in page.Response.Headers.Concat(page.Response.Content.Headers))
                Find(path + " header " + name, string.Join(' ', values));
            foreach (var (tag, name, value) in PageCrawl.Attributes(page.Text).Where(static one => one.Name is "href" or "action" or "formaction" or "src" or "poster" or "data" || (one.Name.StartsWith("data-", StringComparison.Ordinal) && one.Value.Contains('/'))))
                Find($"{path} {tag} {name}", value);
            if (Marks.Any(mark => page.Text.Contains(mark, StringComparison.OrdinalIgnoreCase)) && page.Response.Headers.CacheControl?.NoStore != true)
                left.Add(path + " may be kept");
        }

        foreach (var one in told)
            Find("told", one);
        return left.Distinct();

        void Find(string where, string text)
        {
            var plain = Uri.UnescapeDataString(text).Replace(" ", "", StringComparison.Ordinal);
            left.AddRange(Marks.Where(mark => plain.Contains(mark, StringComparison.OrdinalIgnoreCase)).Select(mark => $"{where}: {mark}"));
        }
    }

    private sealed class Telling(ConcurrentQueue<string> told) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => told.Enqueue(formatter(state, exception) + exception);

        public void Dispose()
        {
        }
    }
}
