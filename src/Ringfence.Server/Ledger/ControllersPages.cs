using Ringfence.Consent;
using Ringfence.Server.Pages;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Staff;

namespace Ringfence.Server.Ledger;

/// <summary>The companies in whose names contact is made, and founding a further one: by the same fields and checks as the first.</summary>
internal static class ControllersPages
{
    private static readonly Dictionary<string, string> Nothing = new(StringComparer.Ordinal);

    /// <summary>Those that whoever asks may do anything for.</summary>
    public static Task<PageAnswer> ShowAsync(PageCall call) => ShowAsync(call, Nothing, Nothing, StatusCodes.Status200OK);

    /// <summary>Founds one.</summary>
    public static async Task<PageAnswer> AddAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var fields = NewController.Fields.ToDictionary(static name => name, name => form.TextOrNull(name) ?? "", StringComparer.Ordinal);
        form.Done();
        // A further one is of the installation as a whole.
        if (!MayAdd(call))
            throw new PageFault(StatusCodes.Status403Forbidden, "no-right");
        if (StepUp.Ask(call, call.At("settings/controllers")) is { } ask)
            return ask;
        var faults = new Dictionary<string, string>(StringComparer.Ordinal);
        if (NewController.Read(fields, faults) is not { } party)
            return await ShowAsync(call, fields, faults, StatusCodes.Status422UnprocessableEntity);
        try
        {
            await call.Installation.AddControllerAsync(fields["word"], NewController.OriginOf(call, fields["word"]), party, call.Cancel, call.Actor);
        }
        catch (CommandRefusedException e) when (e.Code is "controller-there" or "founded")
        {
            return await ShowAsync(call, fields, new Dictionary<string, string> { ["word"] = "taken" }, StatusCodes.Status409Conflict);
        }

        await call.Installation.SignWrittenAsync(call.Cancel);
        return PageCall.SeeOther($"/c/{fields["word"]}/settings/controllers");
    }

    private static bool MayAdd(PageCall call) => (call.Staff.Everywhere & Right.ManageHouse) != 0;

    private static async Task<PageAnswer> ShowAsync(PageCall call, IReadOnlyDictionary<string, string> fields, IReadOnlyDictionary<string, string> faults, int status)
    {
        var known = new List<KnownController>();
        foreach (var ledger in (await call.Installation.NewestLedgersAsync(call.Cancel)).Where(row => call.Controllers.ContainsKey(row.Controller)))
        {
            known.Add(new KnownController(
                ledger.Controller, await call.Installation.PartyDocumentAsync(ledger, call.Cancel), ledger.Origin, (await call.Installation.Store.HeadAsync(ledger.Ledger, call.Cancel)).Size,
                (call.Staff.For(ledger.Controller) & Right.SeeGate) != 0));
        }

        return await call.PageAsync<ControllersPage>(call.T("Settings.controllers"), new ControllersView(known, MayAdd(call), fields, faults), status);
    }
}

/// <summary>One company in whose name contact is made.</summary>
/// <param name="Word">Its word.</param>
/// <param name="Party">Who it is.</param>
/// <param name="Origin">Of its ledger.</param>
/// <param name="Records">How many that has.</param>
/// <param name="IsOpen">Whether whoever asks may see its page.</param>
internal sealed record KnownController(string Word, PartyDocument Party, string Origin, long Records, bool IsOpen);

/// <summary>What the page of controllers shows.</summary>
/// <param name="All">Those of whoever asks.</param>
/// <param name="MayAdd">Whether they may found a further one.</param>
/// <param name="Fields">What was typed.</param>
/// <param name="Faults">What is amiss, by field.</param>
internal sealed record ControllersView(IReadOnlyList<KnownController> All, bool MayAdd, IReadOnlyDictionary<string, string> Fields, IReadOnlyDictionary<string, string> Faults);
