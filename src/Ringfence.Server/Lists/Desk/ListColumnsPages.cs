using System.Globalization;
using Ringfence.Lists;
using Ringfence.Server.Lists.Reading;
using Ringfence.Server.Lists.Report;
using Ringfence.Server.Pages;

namespace Ringfence.Server.Lists.Desk;

/// <summary>How the columns of a list were understood, and putting it right.</summary>
internal static class ListColumnsPages
{
    // A page for each column that a spreadsheet can have would be no page. Those that are used come first.
    private const int MostShown = 40;

    /// <summary>The columns with examples, and what each may be.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call)
    {
        var (found, elsewhere) = ListPages.FindRead(call);
        if (found is null)
            return elsewhere!;
        var report = ListAuditPages.ReportOf(call, found);
        var lists = new List<ListColumnsPage.Listed>();
        foreach (var (file, path) in report.Files.Zip(call.Served.Lists.Shelf.FilesOf(found)))
        {
            ListSamples samples;
            try
            {
                samples = ListSamples.Read(path, file, found.Encoding);
            }
            catch (UnreadableListException)
            {
                // It was read once: somebody took it away meanwhile.
                throw PageFault.Missing;
            }

            lists.Add(new ListColumnsPage.Listed(file, [.. Shown(file)], samples));
        }

        return await call.PageAsync<ListColumnsPage>(found.Called, new ListColumnsPage.Columns(found, lists));
    }

    /// <summary>Has the list read again where something was changed, and goes on to the audit where not.</summary>
    public static async Task<PageAnswer> ReadAgainAsync(PageCall call)
    {
        var found = ListPages.Find(call);
        if (found.State == ListState.Waiting)
            return PageCall.SeeOther(call.At($"imports/{found.Id}/reading"));
        var form = await call.FormAsync();
        var report = found.State == ListState.Read ? ListAuditPages.ReportOf(call, found) : null;
        var asked = found with
        {
            Sender = form.TextOrNull("sender"),
            Region = ListPages.RegionOf(form.TextOrNull("region")),
            Sheet = form.TextOrNull("sheet"),
            Encoding = form.TextOrNull("encoding"),
            Map = report is null ? [] : MapOf(report, form),
        };
        form.Done();
        var isSame = report is not null && asked.Sender == found.Sender && asked.Region == found.Region && (asked.Sheet == found.Sheet || asked.Sheet == SheetOf(report)) && asked.Encoding == found.Encoding
            && asked.Map.Order(StringComparer.Ordinal).SequenceEqual(found.Map.Order(StringComparer.Ordinal));
        var shelf = call.Served.Lists.Shelf;
        if (isSame)
        {
            shelf.Change(found.Name, static one => one with { AreColumnsSeen = true });
            return PageCall.SeeOther(call.At($"imports/{found.Id}/audit"));
        }

        var isTaken = false;
        shelf.Change(found.Name, one =>
        {
            isTaken = one.State != ListState.Waiting;
            return isTaken ? asked with { Imports = one.Imports, State = ListState.Waiting, AreColumnsSeen = false, Language = call.Words.Tag } : one;
        });
        if (isTaken)
            call.Served.Lists.Add(found.Name);
        return PageCall.SeeOther(call.At($"imports/{found.Id}/reading"));
    }

    /// <summary>The sheet that was read; null: it is no workbook.</summary>
    public static string? SheetOf(AuditReport report) => report.Files.Select(static file => file.Sheet).FirstOrDefault(static sheet => sheet is not null);

    /// <summary>Columns that the page shows: those that are used, then the others, in their order.</summary>
    private static IEnumerable<ColumnReading> Shown(AuditedFile file) =>
        file.Columns.OrderBy(static column => column.Field == ListField.None).ThenBy(static column => column.Index).Take(MostShown);

    // What was understood needs no word; what somebody said of a column stays said until they say otherwise.
    private static List<string> MapOf(AuditReport report, PageForm form)
    {
        var map = new List<string>();
        foreach (var (file, list) in report.Files.Select(static (file, list) => (file, list)))
        {
            foreach (var column in Shown(file))
            {
                var understood = column.Field.Word(column.Channels);
                if (form.TextOrNull(string.Create(CultureInfo.InvariantCulture, $"c{list}.{column.Index}")) is not { } said || (said == understood && column.Ground != ReadingGround.Map))
                    continue;
                if (!ListFields.TryParse(said, out _, out _))
                    throw new PageFault(StatusCodes.Status400BadRequest, "bad-field", ReportLanguage.Visible(column.Header));
                map.Add($"{said}={NameOf(file, column)}");
            }
        }

        return [.. map.Distinct(StringComparer.Ordinal)];
    }

    // By its header where that tells it from the others, else by its place.
    private static string NameOf(AuditedFile file, ColumnReading column) =>
        file.HasHeader && !string.IsNullOrWhiteSpace(column.Header) && file.Columns.Count(other => string.Equals(other.Header.Trim(), column.Header.Trim(), StringComparison.OrdinalIgnoreCase)) == 1
            ? column.Header
            : string.Create(CultureInfo.InvariantCulture, $"{column.Index + 1}");
}
