using System.Security.Cryptography;
using System.Text;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;
using Ringfence.Server.Ledger;
using Ringfence.Server.Lists.Desk;
using Ringfence.Server.Pages;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.People.Import;

/// <summary>What is to be imported of a list: chosen, tried without writing, and begun.</summary>
internal static class ImportChoicePages
{
    private static readonly char[] BetweenPurposes = [',', '，', '、'];

    /// <summary>The choice, with the figures of the last dry run.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call)
    {
        var (found, elsewhere) = ListPages.FindRead(call);
        return found is null ? elsewhere! : await ShowAsync(call, found, found.Choice ?? new ImportChoice(), null);
    }

    /// <summary>Keeps the choice, and tries or begins the import.</summary>
    public static async Task<PageAnswer> TakeAsync(PageCall call)
    {
        var (found, elsewhere) = ListPages.FindRead(call);
        if (found is null)
            return elsewhere!;
        var form = await call.FormAsync();
        var isDry = form.Text("act") switch { "try" => true, "import" => false, _ => throw new PageFault(StatusCodes.Status400BadRequest, "bad-field", "act") };
        var once = OpaqueId.TryParse(form.Text("once"), out var named) ? named : throw new PageFault(StatusCodes.Status400BadRequest, "bad-field", "once");
        var choice = new ImportChoice
        {
            Source = form.TextOrNull("source") ?? "",
            Purposes = form.TextOrNull("purposes") ?? "offers",
            IsUsableOnly = form.TextOrNull("rows") switch { null or "all" => false, "usable" => true, _ => throw new PageFault(StatusCodes.Status400BadRequest, "bad-field", "rows") },
            Passport = PassportForm.Fields.Select(field => (field, Text: form.TextOrNull(PassportForm.Prefix + field))).Where(static one => one.Text is not null)
                .ToDictionary(static one => one.field, static one => one.Text!, StringComparer.Ordinal),
        };
        form.Done();
        if (FaultOf(call, choice, found, out var purposes, out var passport) is { } fault)
            return await ShowAsync(call, found, choice, fault);
        var desk = call.Served.Imports;
        if (desk.IsFull)
            throw new PageFault(StatusCodes.Status503ServiceUnavailable, "lists-full");
        var job = JobOf(call, found, choice, isDry, purposes, passport);
        var taken = await TakeAsync(call, found, job, once);
        call.Served.Lists.Shelf.Change(found.Name, one => isDry
            ? one with { Choice = choice, Trial = taken.ToString() }
            : one with { Choice = choice, Imports = [.. one.Imports.Append(taken.ToString()).Distinct(StringComparer.Ordinal)] });
        return PageCall.SeeOther(isDry ? call.At($"imports/{found.Id}/choose#trial") : call.At($"imports/{taken}"));
    }

    private static async Task<PageAnswer> ShowAsync(PageCall call, ListCase found, ImportChoice choice, (string Field, string Text)? fault)
    {
        var trial = found.Trial is { } id && OpaqueId.TryParse(id, out var name) ? await StoredImport.FindAsync(call, name, call.Cancel) : null;
        return await call.PageAsync<ImportChoicePage>(
            found.Called, new ImportChoicePage.Chosen(found, choice, ListAuditPages.ReportOf(call, found), trial, trial is null ? null : call.Served.Imports.HowFarIs(trial.Batch.Name), fault, Fresh.Id().ToString()),
            fault is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    private static (string Field, string Text)? FaultOf(PageCall call, ImportChoice choice, ListCase found, out string[] purposes, out string? passport)
    {
        passport = null;
        purposes = [.. choice.Purposes.Split(BetweenPurposes, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (!Words<ContactSource>.TryParse(choice.Source, out _))
            return ("source", call.T("Imports.Fault.source"));
        if (purposes.Length == 0 || Array.Find(purposes, static purpose => !ScopeArguments.IsPurpose(purpose)) is not null)
            return ("purposes", call.T("Imports.Fault.purposes"));
        try
        {
            passport = PassportForm.Write(choice.Passport, "list-" + found.Id[..8]);
            return null;
        }
        catch (RuleFileException)
        {
            return ("passport-from", call.T("Imports.Fault.passport"));
        }
    }

    private static ImportJob JobOf(PageCall call, ListCase found, ImportChoice choice, bool isDry, string[] purposes, string? passport) => new()
    {
        Id = Fresh.Id().ToString(),
        Ledger = call.Ledger.Ledger,
        By = call.Actor.Ref,
        IsStaff = true,
        IsDry = isDry,
        Files = [.. found.Files.Select(static file => file.Name)],
        Suppressions = [.. found.Files.Where(static file => file.IsSuppression).Select(static file => file.Name)],
        Source = choice.Source,
        Purposes = purposes,
        IsUsableOnly = choice.IsUsableOnly,
        Region = found.Region,
        Sheet = found.Sheet,
        Encoding = found.Encoding,
        Map = found.Map,
        Passport = passport,
        Language = call.Words.Tag,
    };

    // The lists stay on the shelf: whoever is in quarantine is let out by the very same ones.
    private static async Task<OpaqueId> TakeAsync(PageCall call, ListCase found, ImportJob job, OpaqueId once)
    {
        var desk = call.Served.Imports;
        var isKept = false;
        try
        {
            await Task.Run(() => desk.Spool.Copy(job.Name, call.Served.Lists.Shelf.FilesOf(found)), call.Cancel);
            var key = new ClientKey("staff-" + call.Actor.Ref, once.ToString(), SHA256.HashData(Encoding.UTF8.GetBytes($"{found.Id}\n{job.IsDry}")));
            var taken = await desk.TakeAsync(call.Ledger, job, [.. found.Files.Select(static file => new ImportedFile(file.Name, file.Sha256))], key, call.Cancel);
            isKept = taken == job.Name;
            return taken;
        }
        catch (StoreException e) when (e.Fault == StoreFault.OutcomeUnknown)
        {
            isKept = true;
            throw;
        }
        finally
        {
            if (!isKept)
                desk.Spool.Destroy(job.Name);
        }
    }
}
