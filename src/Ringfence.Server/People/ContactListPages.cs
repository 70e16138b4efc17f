using System.Globalization;
using System.Text;
using NodaTime;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Gate;
using Ringfence.Server.Ledger;
using Ringfence.Server.Lists;
using Ringfence.Server.Pages;
using Ringfence.Server.Staff;

namespace Ringfence.Server.People;

/// <summary>The list of contacts: whoever fits a filter, with what may be done with them. A page of people is a record before it is shown; a name that is looked for stands in no address.</summary>
internal static class ContactListPages
{
    /// <summary>How many rows a page may have.</summary>
    public static IReadOnlyList<int> Sizes { get; } = [15, 30, 50];

    // An export is held in memory until its digest is in the ledger. Whoever needs more of them asks for parts, each of which is a record.
    private const int MostExported = 10_000;
    private const int Together = 250;

    // Longer than that nobody waits without being told how far it is.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary><c>GET contacts</c>.</summary>
    public static Task<PageAnswer> ShowAsync(PageCall call) => ShowAsync(call, call.Query, null);

    /// <summary><c>POST contacts</c>: the same, of those alone who have a name, or the one whom a number or address leads to.</summary>
    public static async Task<PageAnswer> FindAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var text = form.TextOrNull("q");
        var sent = Names.ToDictionary(static name => name, form.TextOrNull);
        form.Done();
        return await ShowAsync(call, sent.GetValueOrDefault, text);
    }

    /// <summary>The list of those alone who have a name.</summary>
    public static Task<PageAnswer> ShowAsync(PageCall call, string text) => ShowAsync(call, static _ => null, text);

    /// <summary><c>POST contacts/export</c>: those who fit, or those of them who were picked, as a file, in the order in which they are listed.</summary>
    public static async Task<PageAnswer> ExportAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var picked = form.All("pick");
        var text = form.TextOrNull("q");
        var sent = Names.ToDictionary(static name => name, form.TextOrNull);
        form.Done();
        var filter = Read(sent.GetValueOrDefault);
        if (await LookAsync(call, filter) is not { } look)
            throw new PageFault(StatusCodes.Status503ServiceUnavailable, "not-ready");
        IReadOnlyList<OpaqueId> sids = picked.Count > 0
            ? [.. picked.Select(static word => OpaqueId.TryParse(word, out var sid) ? sid : throw new PageFault(StatusCodes.Status400BadRequest, "bad-field", "pick")).Distinct()]
            : look.All(filter, OrderOf(sent.GetValueOrDefault), await TextAsync(call, text));
        if (sids.Count > MostExported)
            throw new PageFault(StatusCodes.Status422UnprocessableEntity, "export-too-large", MostExported);
        // What is taken out is not taken back: who finds a browser open takes nobody with them, and nobody takes very many alone.
        string[] said = [.. filter.Words().Select(static word => $"{word.Name}:{word.Value}")];
        var (ask, agreedBy) = await call.Served.Quota.AskAsync(call, sids.Count, ExportQuota.Of(said, picked.Count > 0 ? sids : [], text), call.At("contacts" + QueryOf(filter)));
        if (ask is not null)
            return ask;
        var (file, count) = await FileAsync(call, sids, PurposesOf(look, filter));
        // In the ledger before anything of it is handed out.
        var record = await call.DoAsync(new ExportListCommand(call.Actor, TreeHash.Sha256(file), count, picked.Count > 0 || text is not null ? [] : said, agreedBy));
        if (agreedBy is null)
            await call.Served.Quota.HoldAsync(call, record.Seq);
        return new PageAnswer.File(string.Create(CultureInfo.InvariantCulture, $"contacts-{record.Seq}.csv"), "text/csv; charset=utf-8", (to, cancel) => to.WriteAsync(file, cancel).AsTask());
    }

    /// <summary>The names of everything that an address of the list says.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["channel", "purpose", "may", "why", "where", "number", "source", "status", "batch", "consent", "older", "younger", "ends", "agreed-before", "stopped", "order", "from", "size"];

    /// <summary>Everybody, with what brings a view back that was just removed.</summary>
    public static Task<PageAnswer> RemovedAsync(PageCall call, SavedView gone) => ShowAsync(call, static _ => null, null, gone);

    private static async Task<PageAnswer> ShowAsync(PageCall call, Func<string, string?> valueOf, string? text, SavedView? gone = null)
    {
        var filter = Read(valueOf);
        var order = OrderOf(valueOf);
        var from = NumberOf(valueOf, "from") ?? 0;
        var size = NumberOf(valueOf, "size") ?? Sizes[0];
        if (!Sizes.Contains(size))
            throw Bad("size");
        var index = call.Served.Audiences.Of(call.Ledger);
        if (await LookAsync(call, filter) is not { } look)
        {
            // It is looked at again by itself; nothing has to run in the page for that.
            call.Http.Response.Headers["Refresh"] = HttpMethods.IsGet(call.Http.Request.Method) ? "3" : "3; url=" + call.At("contacts" + QueryOf(filter));
            return await call.PageAsync<ContactListPage>(call.T("Contacts.Title"), new ContactListView { Filter = filter, Order = order, Size = size, Gone = gone, Progress = index.Progress.Part < 1 ? index.Progress.Part : index.AnswersPart });
        }

        var wanted = await TextAsync(call, text);
        var purposes = PurposesOf(look, filter);
        var page = look.Page(filter, order, new AudienceStart(from), size, wanted);
        var people = await ListedContacts.ReadAsync(call, page.People, purposes);
        if (people.Count > 0)
            await call.DoAsync(new RevealListCommand(call.Actor, [.. people.Select(static one => one.Sid)]));
        var asks = AsksOf(filter);
        return await call.PageAsync<ContactListPage>(call.T("Contacts.Title"), new ContactListView
        {
            Filter = filter,
            Order = order,
            Size = size,
            Gone = gone,
            Text = text,
            Offset = page.Offset,
            Total = page.Total,
            Everyone = look.Count(AudienceFilter.Everyone),
            People = people,
            Purposes = purposes,
            AllPurposes = index.Purposes,
            Places = index.With(static (all, _) => all.Places),
            By = filter.Verdict is null ? look.Verdicts(filter, wanted) : [],
            WhyNot = [.. look.Breakdown(filter, asks, byCountry: false, wanted).Where(static share => share.Cell.Reason is not null).OrderByDescending(static share => share.Count)],
            Saved = await ContactViewPages.AllAsync(call),
            AnswersAt = look.AnswersAt,
        });
    }

    private static async Task<AudienceLook?> LookAsync(PageCall call, AudienceFilter filter) =>
        await call.Served.Audiences.Of(call.Ledger).LookAsync([.. AsksOf(AudienceFilter.Everyone with { Purpose = filter.Purpose }), .. AsksOf(filter)], Patience, call.Cancel);

    // The channels that are shown, or the one that is meant.
    private static IReadOnlyList<AudienceAsk> AsksOf(AudienceFilter filter) =>
        [.. (filter.Channel is { } one ? [one] : AudienceAsk.Line).Select(channel => new AudienceAsk(channel, filter.Purpose))];

    private static IReadOnlyList<string> PurposesOf(AudienceLook look, AudienceFilter filter) => look.PurposesOf(new AudienceAsk(AudienceAsk.Line[0], filter.Purpose));

    // A number or address leads to one person at most; anything else is taken for a name.
    private static async Task<AudienceText?> TextAsync(PageCall call, string? text)
    {
        if (text is null)
            return null;
        if (await ContactPages.PointAsync(call, text) is not { } point)
            return new AudienceText(text, null);
        return new AudienceText(null, await Contacts.FindAsync(call.Installation, call.Ledger, call.Installation.TagsOf(point), call.Cancel) is { } found ? [found.Person.Sid] : []);
    }

    private static async Task<(byte[] File, int Count)> FileAsync(PageCall call, IReadOnlyList<OpaqueId> sids, IReadOnlyList<string> purposes)
    {
        var (csv, count) = (new CsvOut(), 0);
        foreach (var head in (string[])["contact", "name", "company", "phones", "emails", "residence", "source", "status", .. AudienceAsk.Line.SelectMany(static channel => (string[])[channel.Word(), channel.Word() + "-why"]), "added", "contacted"])
            Cell(csv, head);
        csv.EndRow();
        foreach (var together in sids.Chunk(Together))
        {
            foreach (var one in await ListedContacts.ReadAsync(call, together, purposes))
            {
                count++;
                var points = one.Found.Points().Select(static point => point.Point).ToArray();
                Cell(csv, one.Sid.ToString());
                Cell(csv, one.Found.Data.Name ?? string.Join(' ', new[] { one.Found.Data.Given, one.Found.Data.Family }.OfType<string>()));
                Cell(csv, one.Found.Data.Company);
                Cell(csv, string.Join("; ", points.Where(static point => point.Kind == PointKind.Phone).Select(static point => point.Value)));
                Cell(csv, string.Join("; ", points.Where(static point => point.Kind == PointKind.Email).Select(static point => point.Value)));
                Cell(csv, one.Listed.Residence);
                Cell(csv, one.Listed.Source is { } source ? Words<ContactSource>.Of(source) : null);
                Cell(csv, Words<PersonStatus>.Of(one.Listed.Status));
                foreach (var answer in one.Line)
                {
                    Cell(csv, answer.Verdict?.Word ?? (answer.Standing == PermissionStanding.Shut ? "shut" : null));
                    Cell(csv, answer.Verdict is { AllReasons: [var first, ..] } ? Words<ReasonCode>.Of(first.Code) : null);
                }

                Cell(csv, InstantPattern.ExtendedIso.Format(one.Listed.First));
                Cell(csv, one.Listed.Contacted is { } at ? InstantPattern.ExtendedIso.Format(at) : null);
                csv.EndRow();
            }
        }

        return (csv.Written.ToArray(), count);
    }

    private static void Cell(CsvOut csv, string? text) => csv.Cell(Encoding.UTF8.GetBytes(text ?? ""));

    private static string QueryOf(AudienceFilter filter) =>
        filter == AudienceFilter.Everyone ? "" : "?" + string.Join('&', filter.Words().Select(static word => $"{word.Name}={Uri.EscapeDataString(word.Value)}"));

    private static AudienceFilter Read(Func<string, string?> valueOf) => AudienceFilter.TryRead(valueOf, out var filter, out var amiss) ? filter : throw Bad(amiss!);

    private static AudienceOrder OrderOf(Func<string, string?> valueOf) =>
        valueOf("order") is { } word ? Words<AudienceOrder>.TryParse(word, out var known) ? known : throw Bad("order") : AudienceOrder.Added;

    private static int? NumberOf(Func<string, string?> valueOf, string name) =>
        valueOf(name) is not { Length: > 0 } word ? null : int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Bad(name);

    private static PageFault Bad(string name) => new(StatusCodes.Status400BadRequest, "bad-filter", name);
}

/// <summary>What the list shows.</summary>
internal sealed record ContactListView
{
    public required AudienceFilter Filter { get; init; }

    public AudienceOrder Order { get; init; }

    public int Size { get; init; }

    /// <summary>What was looked for; null: nothing.</summary>
    public string? Text { get; init; }

    /// <summary>How far the index is; null: it is there.</summary>
    public double? Progress { get; init; }

    public int Offset { get; init; }

    public int Total { get; init; }

    /// <summary>People there are, whoever is meant.</summary>
    public int Everyone { get; init; }

    public IReadOnlyList<ListedContact> People { get; init; } = [];

    /// <summary>The purposes whose best answers are shown.</summary>
    public IReadOnlyList<string> Purposes { get; init; } = [];

    public IReadOnlyList<string> AllPurposes { get; init; } = [];

    public IReadOnlyList<string> Places { get; init; } = [];

    /// <summary>How many there are of each best answer, by <see cref="AudienceVerdict"/>; empty where one is asked for.</summary>
    public IReadOnlyList<int> By { get; init; } = [];

    /// <summary>Reasons against, by channel, those of most people first.</summary>
    public IReadOnlyList<AudienceShare> WhyNot { get; init; } = [];

    /// <summary>Views that were kept.</summary>
    public IReadOnlyList<SavedView> Saved { get; init; } = [];

    /// <summary>A view of one's own that was just removed; null: none was.</summary>
    public SavedView? Gone { get; init; }

    /// <summary>As of when the counts are.</summary>
    public Instant AnswersAt { get; init; }
}
