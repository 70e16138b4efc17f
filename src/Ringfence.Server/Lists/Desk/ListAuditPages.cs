using System.Globalization;
using Ringfence.Ledger;
using Ringfence.Lists;
using Ringfence.Server.Lists.Report;
using Ringfence.Server.Pages;
using Ringfence.Server.People;
using Ringfence.Staff;

namespace Ringfence.Server.Lists.Desk;

/// <summary>The audit of a list in the browser: the report, the rows behind its figures, its files.</summary>
internal static class ListAuditPages
{
    /// <summary>Rows on a page.</summary>
    public const int PageRows = 50;

    /// <summary>The report.</summary>
    public static async Task<PageAnswer> ReportAsync(PageCall call)
    {
        var (found, elsewhere) = ListPages.FindRead(call);
        return found is null ? elsewhere! : await call.PageAsync<ListAuditPage>(found.Called, new ListAuditPage.Audited(found, ReportOf(call, found), FilesOf(call, found)));
    }

    /// <summary>Rows, by what was found of them. Written down before it is shown.</summary>
    public static async Task<PageAnswer> RowsAsync(PageCall call)
    {
        var (found, elsewhere) = ListPages.FindRead(call);
        if (found is null)
            return elsewhere!;
        var report = ReportOf(call, found);
        Channel[] channels = [.. report.Channels.Select(static tally => tally.Channel)];
        var filter = RowFilter.Read(call.Query, channels);
        var page = PageOf(call);
        var path = Path.Combine(call.Served.Lists.Shelf.ReportOf(found.Name), ReportFacts.ContactsFile);
        var rows = await Task.Run(() => AuditedRows.Find(path, filter, channels, (page - 1L) * PageRows, PageRows, call.Cancel), call.Cancel);
        await call.DoAsync(new ListHandedOutCommand(call.Actor, RecordType.StaffRevealed, "list-rows", [.. found.Files.Select(static file => file.Sha256)], rows.Rows.Count));
        return await call.PageAsync<ListRowsPage>(call.T("Lists.Rows.Title"), new ListRowsPage.Found(found, report, filter, rows, page));
    }

    /// <summary>What could not be read. Written down before it is shown.</summary>
    public static async Task<PageAnswer> RejectedAsync(PageCall call)
    {
        var (found, elsewhere) = ListPages.FindRead(call);
        if (found is null)
            return elsewhere!;
        var page = PageOf(call);
        var path = Path.Combine(call.Served.Lists.Shelf.ReportOf(found.Name), ReportFacts.RejectedFile);
        var problem = call.Query("problem");
        var rows = await Task.Run(() => AuditedRows.Rejected(path, problem, (page - 1L) * PageRows, PageRows, call.Cancel), call.Cancel);
        await call.DoAsync(new ListHandedOutCommand(call.Actor, RecordType.StaffRevealed, "list-rejected", [.. found.Files.Select(static file => file.Sha256)], rows.Rows.Count));
        return await call.PageAsync<ListRejectedPage>(call.T("Lists.Rejected.Title"), new ListRejectedPage.Found(found, rows, page));
    }

    /// <summary>Hands a file of the report out, numbers and all. Written down before that; rows of people are held back as those of the list of contacts are.</summary>
    public static async Task<PageAnswer> HandOutAsync(PageCall call)
    {
        call.Require(Right.ExportContacts);
        var found = ListPages.Find(call);
        var form = await call.FormAsync();
        var name = form.Text("name");
        form.Done();
        if (found.State != ListState.Read || FilesOf(call, found).All(file => file.Name != name))
            throw PageFault.Missing;
        var path = Path.Combine(call.Served.Lists.Shelf.ReportOf(found.Name), name);
        string[] lists = [.. found.Files.Select(static file => file.Sha256)];
        // The report and its figures are of nobody.
        var rows = Path.GetExtension(name) == ".csv" ? await Task.Run(() => AuditedRows.Count(path, call.Cancel), call.Cancel) : 0;
        string? agreedBy = null;
        if (rows > 0)
        {
            (var ask, agreedBy) = await call.Served.Quota.AskAsync(call, (int)Math.Min(rows, int.MaxValue), ExportQuota.Of([.. lists.Select(static list => "list:" + list), "file:" + name], [], null), call.At($"imports/{found.Id}/audit"));
            if (ask is not null)
                return ask;
        }

        var record = await call.DoAsync(new ListHandedOutCommand(call.Actor, RecordType.StaffExport, name, lists, rows, agreedBy));
        if (rows > 0 && agreedBy is null)
            await call.Served.Quota.HoldAsync(call, record.Seq);
        return new PageAnswer.File(name, MediaOf(name), async (to, cancel) =>
        {
            await using var from = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 17, FileOptions.SequentialScan | FileOptions.Asynchronous);
            await from.CopyToAsync(to, cancel);
        });
    }

    /// <summary>The report of a list that is read, with the names its lists have for people.</summary>
    public static AuditReport ReportOf(PageCall call, ListCase found)
    {
        using var stream = File.OpenRead(Path.Combine(call.Served.Lists.Shelf.ReportOf(found.Name), "audit.json"));
        var report = ReportJson.Read(stream);
        return report with { Files = [.. report.Files.Zip(found.Files, static (file, kept) => file with { Name = kept.Called })] };
    }

    private static IReadOnlyList<(string Name, long Bytes)> FilesOf(PageCall call, ListCase found) =>
    [
        .. new DirectoryInfo(call.Served.Lists.Shelf.ReportOf(found.Name)).GetFiles().Where(static file => file.Extension is ".csv" or ".json" or ".html")
            .OrderBy(static file => file.Name switch { "report.html" => 0, "contacts.csv" => 1, "rejected.csv" => 2, "audit.json" => 4, _ => 3 }).ThenBy(static file => file.Name, StringComparer.Ordinal)
            .Select(static file => (file.Name, file.Length)),
    ];

    private static string MediaOf(string name) => Path.GetExtension(name) switch
    {
        ".csv" => "text/csv; charset=utf-8",
        ".json" => "application/json",
        // Saved, and never shown as a page of this house.
        _ => "application/octet-stream",
    };

    private static int PageOf(PageCall call) =>
        int.TryParse(call.Query("page"), NumberStyles.None, CultureInfo.InvariantCulture, out var page) && page is > 0 and <= 1_000_000 ? page : 1;
}
