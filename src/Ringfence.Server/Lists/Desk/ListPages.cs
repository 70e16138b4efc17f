using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using NodaTime;
using NodaTime.Text;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Cli;
using Ringfence.Server.Hosting;
using Ringfence.Server.Lists.Report;
using Ringfence.Server.Pages;
using Ringfence.Server.People.Import;

namespace Ringfence.Server.Lists.Desk;

/// <summary>Lists in the browser: what was brought and imported, bringing one, and how far its reading is.</summary>
internal static class ListPages
{
    // What goes on is told so often: seldom enough that nobody who reads it aloud is talked over.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(700);

    /// <summary>Rows of one page.</summary>
    public const int Rows = 100;

    /// <summary>Every list that was brought and every import, the newest first, a page at a time.</summary>
    public static Task<PageAnswer> IndexAsync(PageCall call) => IndexAsync(call, null);

    private static async Task<PageAnswer> IndexAsync(PageCall call, string? fault)
    {
        var cases = call.Served.Lists.Shelf.ReadAll().Where(one => one.Ledger == call.Ledger.Ledger).ToList();
        var lines = cases.Where(static one => one.Imports.Count == 0).Select(static one => new ListLine(one, null)).ToList();
        foreach (var batch in await StoredImport.AllAsync(call))
            lines.Add(new ListLine(cases.Find(one => one.Imports.Contains(batch.Batch.Id)), batch));
        var before = call.Query("before") is not { } text ? null : ListPlace.TryRead(text, out var place) ? place : throw new PageFault(StatusCodes.Status400BadRequest, "bad-field", "before");
        var shown = lines.Where(line => before is null || line.Place.CompareTo(before) < 0).OrderByDescending(static line => line.Place).Take(Rows + 1).ToList();
        return await call.PageAsync<ListIndexPage>(call.T("Room.imports"), new ListIndexPage.Overview(
            [.. shown.Take(Rows)], lines.Count, lines.Count(static line => line.Import is { State: ImportState.Finished }), before is not null, shown.Count > Rows ? shown[Rows - 1].Place : null, SenderOf(call), fault), fault is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    /// <summary>Takes lists in and has them read.</summary>
    public static async Task<PageAnswer> UploadAsync(PageCall call)
    {
        var desk = call.Served.Lists;
        if (desk.IsFull)
            throw new PageFault(StatusCodes.Status503ServiceUnavailable, "lists-full");
        using var upload = await ReceivedAsync(call);
        if (upload is null)
            return await IndexAsync(call, "Lists.NoFile");
        if (upload.Fields.Keys.FirstOrDefault(static name => name is not "region") is not null || upload.Passport is not null)
            throw new PageFault(StatusCodes.Status400BadRequest, "unknown-field");
        var made = new ListCase
        {
            Id = upload.Name.ToString(),
            Ledger = call.Ledger.Ledger,
            By = call.Actor.Ref,
            ByName = call.Staff.Name,
            At = InstantPattern.General.Format(call.Now),
            Files = KeptOf(upload, desk.Shelf),
            Sender = SenderOf(call),
            Region = RegionOf(upload.Fields.TryGetValue("region", out var region) ? region.ToString() : null),
            Language = call.Words.Tag,
        };
        desk.Shelf.Keep(made);
        upload.IsKept = true;
        desk.Add(made.Name);
        return PageCall.SeeOther(call.At($"imports/{made.Id}/reading"));
    }

    // Null: there was no list in it.
    private static async Task<ImportUpload?> ReceivedAsync(PageCall call)
    {
        try
        {
            return await ImportUpload.ReadAsync(call.Http, call.Served.Lists.Shelf.Uploads, call.Served.UploadLimit, call.RequireToken);
        }
        catch (ApiFault none) when (none.Code == "missing-field")
        {
            return null;
        }
    }

    /// <summary>On to where a list or an import stands.</summary>
    public static Task<PageAnswer> ShowAsync(PageCall call) => FindOrNull(call) is { } found
        ? Task.FromResult(PageCall.SeeOther(call.At($"imports/{found.Id}/{StepOf(found)}")))
        : ImportPages.ShowAsync(call);

    /// <summary>How far the reading is, or why it came to nothing.</summary>
    public static async Task<PageAnswer> ReadingAsync(PageCall call)
    {
        var found = Find(call);
        return found.State == ListState.Read ? PageCall.SeeOther(call.At($"imports/{found.Id}/{StepOf(found)}"))
            : await call.PageAsync<ListReadingPage>(call.T("Lists.Reading.Crumb"), new ListReadingPage.Reading(found, call.Served.Lists.HowFarIs(found.Name), ProblemOf(found, call)));
    }

    /// <summary>The same as it happens.</summary>
    public static Task<PageAnswer> EventsAsync(PageCall call)
    {
        _ = Find(call);
        return Task.FromResult<PageAnswer>(new PageAnswer.Events("progress", TellAsync(call)));
    }

    /// <summary>Takes a list and its report away.</summary>
    public static async Task<PageAnswer> DropAsync(PageCall call)
    {
        var found = Find(call);
        (await call.FormAsync()).Done();
        if (found.State == ListState.Waiting)
            throw new PageFault(StatusCodes.Status409Conflict, "list-busy");
        call.Served.Lists.Shelf.Destroy(found.Name);
        return PageCall.SeeOther(call.At("imports"));
    }

    /// <summary>The list of the path.</summary>
    /// <exception cref="PageFault"><c>missing</c>: there is none of this controller.</exception>
    public static ListCase Find(PageCall call) => FindOrNull(call) ?? throw PageFault.Missing;

    /// <summary>The list of the path, once it is read; one that waits is led to where it is waited for.</summary>
    public static (ListCase? Case, PageAnswer? Elsewhere) FindRead(PageCall call) => Find(call) is { State: ListState.Read } found
        ? (found, null)
        : (null, PageCall.SeeOther(call.At($"imports/{call.Path("id")}/reading")));

    /// <summary>The name of the controller, as it would be told to people.</summary>
    public static string SenderOf(PageCall call) => call.Controllers[call.Controller];

    /// <summary>A country as two letters; null: none is named.</summary>
    /// <exception cref="PageFault"><c>bad-field</c>.</exception>
    public static string? RegionOf(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        var region = Region.Of(text);
        return !region.IsNone && Places.Country(text) == region ? region.ToString() : throw new PageFault(StatusCodes.Status400BadRequest, "bad-field", "region");
    }

    private static ListCase? FindOrNull(PageCall call) =>
        OpaqueId.TryParse(call.Path("id"), out var name) ? call.Served.Lists.Shelf.Find(name, call.Ledger.Ledger) : null;

    private static string StepOf(ListCase found) => found.State != ListState.Read ? "reading" : found.AreColumnsSeen ? "audit" : "columns";

    // What the reader can mend is said as the command line says it, without the names of its options.
    private static string? ProblemOf(ListCase found, PageCall call) => found.Problem switch
    {
        null => null,
        "fault" or "disk-full" => call.T("Lists.Problem." + found.Problem),
        "map-unknown-header" or "map-unknown-field" => call.T("Lists.Problem.map", found.ProblemOf[0]),
        var code => CliText.SayOr(call.Language, "Unreadable." + code, "Unreadable.not-a-list", [.. found.ProblemOf.Select(ReportLanguage.Visible)]),
    };

    // One list is called by its own name; of several each has its place before it.
    private static List<KeptList> KeptOf(ImportUpload upload, ListShelf shelf)
    {
        var kept = new List<KeptList>();
        foreach (var file in upload.Files)
        {
            var name = file.Name;
            if (upload.Files.Count == 1 && name[2..] is var own and not ("case.json" or "report"))
            {
                File.Move(Path.Combine(shelf.FolderOf(upload.Name), name), Path.Combine(shelf.FolderOf(upload.Name), own));
                name = own;
            }

            var called = ReportLanguage.Visible(file.Called.Split('/', '\\')[^1]).Trim();
            kept.Add(new KeptList(name, called.Length is 0 or > 200 ? name : called, file.Sha256, file.IsSuppression));
        }

        return kept;
    }

    private static async IAsyncEnumerable<string> TellAsync(PageCall call, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        while (Find(call) is { State: ListState.Waiting } found)
        {
            var far = call.Served.Lists.HowFarIs(found.Name);
            yield return Progress.Json("reading", far?.Share ?? 0, far is { } now ? call.T("Lists.Reading.Far", now.Rows) : call.T("Lists.Reading.Waits"), isDone: false);
            await Task.Delay(Pace, call.Installation.Time, cancel);
        }

        yield return Progress.Json("reading", 1, "", isDone: true);
    }
}

/// <summary>What the script of a page is told of work that goes on.</summary>
internal static class Progress
{
    /// <summary>One event.</summary>
    /// <param name="id">The element of the bar; that of its words has <c>-far</c> behind it.</param>
    /// <param name="share">Done, of 1.</param>
    /// <param name="words">In words.</param>
    /// <param name="isDone">Whether there is something else to be seen now.</param>
    public static string Json(string id, double share, string words, bool isDone) => new JsonObject
    {
        ["value"] = new JsonObject { [id] = Math.Round(share * 100, 1) },
        ["text"] = isDone ? new JsonObject() : new JsonObject { [id + "-far"] = words },
        ["done"] = isDone,
    }.ToJsonString();
}

/// <summary>A list that was brought, an import, or both.</summary>
/// <param name="Case">The list, as long as it is kept; null: it is not, or came another way.</param>
/// <param name="Import">What came of it; null: nothing yet.</param>
internal sealed record ListLine(ListCase? Case, StoredImport? Import)
{
    public Instant At => Import is null ? Case!.BroughtAt : Import.At;

    /// <summary>What its page is called by.</summary>
    public string Id => Import?.Batch.Id.ToString() ?? Case!.Id;

    /// <summary>Where it stands among all of them.</summary>
    public ListPlace Place => new(At, Id);
}

/// <summary>A place in the lists and imports of a controller: by time, and those of one second by their names. It stays where it is, whatever comes or goes.</summary>
/// <param name="At">When it was brought, or began.</param>
/// <param name="Id">What it is called by.</param>
internal sealed record ListPlace(Instant At, string Id) : IComparable<ListPlace>
{
    public static bool TryRead(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ListPlace? place)
    {
        var cut = text.IndexOf('_', StringComparison.Ordinal);
        place = cut > 0 && InstantPattern.General.Parse(text[..cut]) is { Success: true, Value: var at } ? new ListPlace(at, text[(cut + 1)..]) : null;
        return place is not null;
    }

    public int CompareTo(ListPlace? other) => other is null ? 1 : At != other.At ? At.CompareTo(other.At) : string.CompareOrdinal(Id, other.Id);

    public override string ToString() => $"{InstantPattern.General.Format(At)}_{Id}";
}
