using System.Runtime.CompilerServices;
using Ringfence.Ledger;
using Ringfence.Server.Lists.Desk;
using Ringfence.Server.Pages;

namespace Ringfence.Server.People.Import;

/// <summary>Imports in the browser: how far one is, what it came to, and taking it back.</summary>
internal static class ImportPages
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(700);

    /// <summary>How far an import is, or what it came to. Nothing of what stands in the lists.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call)
    {
        var (found, list) = await FindAsync(call);
        return await call.PageAsync<ImportPage>(call.T("Imports.Crumb"), new ImportPage.Imported(found, list, call.Served.Imports.HowFarIs(found.Batch.Name)));
    }

    /// <summary>The same as it happens.</summary>
    public static async Task<PageAnswer> EventsAsync(PageCall call)
    {
        _ = await FindAsync(call, isDryToo: true);
        return new PageAnswer.Events("progress", TellAsync(call));
    }

    /// <summary>What taking it back means.</summary>
    public static async Task<PageAnswer> AskUndoAsync(PageCall call)
    {
        var (found, list) = await FindAsync(call);
        return found.State is ImportState.Undone or ImportState.BeingUndone ? PageCall.SeeOther(call.At($"imports/{found.Batch.Id}"))
            : await call.PageAsync<ImportUndoPage>(call.T("Imports.Undo.Title"), new ImportPage.Imported(found, list, null));
    }

    /// <summary>Takes it back, beside. What was refused stays refused.</summary>
    public static async Task<PageAnswer> UndoAsync(PageCall call)
    {
        var (found, _) = await FindAsync(call);
        (await call.FormAsync()).Done();
        await call.Served.Imports.UndoAsync(call.Ledger, found.Batch.Name, call.Actor, call.Cancel);
        return PageCall.SeeOther(call.At($"imports/{found.Batch.Id}"));
    }

    // One of another controller and one that nobody has are answered alike.
    private static async Task<(StoredImport Import, ListCase? List)> FindAsync(PageCall call, bool isDryToo = false)
    {
        if (!OpaqueId.TryParse(call.Path("id"), out var name) || await StoredImport.FindAsync(call, name, call.Cancel) is not { } found || (found.Batch.Dry is not null && !isDryToo))
            throw PageFault.Missing;
        return (found, call.Served.Lists.Shelf.ReadAll().FirstOrDefault(one => one.Ledger == call.Ledger.Ledger && one.Imports.Contains(found.Batch.Id)));
    }

    private static async IAsyncEnumerable<string> TellAsync(PageCall call, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        while ((await FindAsync(call, isDryToo: true)).Import is { IsUnderWay: true } found)
        {
            var far = call.Served.Imports.HowFarIs(found.Batch.Name);
            yield return Progress.Json("import", far?.Share ?? 0, far is { } now ? call.T("Imports.Far", now.Rows) : call.T("Lists.Reading.Waits"), isDone: false);
            await Task.Delay(Pace, call.Installation.Time, cancel);
        }

        yield return Progress.Json("import", 1, "", isDone: true);
    }
}
