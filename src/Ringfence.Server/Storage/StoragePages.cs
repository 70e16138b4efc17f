using Ringfence.Ledger;
using Ringfence.Server.Pages;

namespace Ringfence.Server.Storage;

/// <summary>What keeps the house safe: backups, and what the doctor finds.</summary>
internal static class StoragePages
{
    /// <summary>The backups there are, and how one is put back.</summary>
    public static async Task<PageAnswer> BackupsAsync(PageCall call)
    {
        var figures = call.Served.Figures.Of(call.Ledger);
        await figures.CatchUpAsync(call.Served.Figures.Patience, call.Cancel);
        var desk = call.Served.Backups;
        return await call.PageAsync<BackupsPage>(call.T("Settings.backups"), BackupsView.Of(desk, figures.With(static (book, at) => (book.Newest(RecordType.BackupTaken), at is not null)), figures.Part));
    }

    /// <summary>Takes one.</summary>
    public static async Task<PageAnswer> BackUpAsync(PageCall call)
    {
        var form = await call.FormAsync();
        var name = form.TextOrNull("name");
        form.Done();
        call.Served.Backups.Begin(name, call.Actor);
        return PageCall.SeeOther(call.At("settings/backups"));
    }

    /// <summary>What the doctor finds of this server and this ledger.</summary>
    public static async Task<PageAnswer> HealthAsync(PageCall call)
    {
        var findings = await new Doctor(call.Installation.Options, () => call.Served.Gate, call.Installation.Time).RunInsideAsync(call.Installation, call.Ledger, call.Cancel);
        return await call.PageAsync<HealthPage>(call.T("Settings.health"), new HealthView(findings));
    }
}

/// <summary>What the page of backups shows.</summary>
/// <param name="Kept">Those in the folder.</param>
/// <param name="Folder">Where that is.</param>
/// <param name="Running">Which one is being taken; null: none.</param>
/// <param name="Fault">Why the last one failed; null: it did not.</param>
/// <param name="Recorded">The newest that a record tells of, wherever it was put; null: none was taken, as far as is counted.</param>
/// <param name="Counted">How much of the ledger is counted, from 0 to 1. What was taken since it last was is in the next look.</param>
internal sealed record BackupsView(IReadOnlyList<KeptBackup> Kept, string Folder, string? Running, string? Fault, (long Seq, NodaTime.Instant At)? Recorded, double Counted)
{
    /// <summary>What the desk has, and what the records tell.</summary>
    public static BackupsView Of(BackupDesk desk, ((long Seq, NodaTime.Instant At)? Newest, bool IsKnown) told, double part) =>
        new(desk.List(), desk.Folder, desk.Running, desk.Fault, told.Newest, told.IsKnown ? 1 : Math.Min(.99, part));
}

/// <summary>What the page of the doctor shows.</summary>
/// <param name="Findings">All of them, in the order of their areas.</param>
internal sealed record HealthView(IReadOnlyList<DoctorFinding> Findings)
{
    /// <summary>Those that stop something.</summary>
    public int Refused => Findings.Count(static finding => finding.Verdict == FindingVerdict.Refuse);

    /// <summary>Those that are to be looked at.</summary>
    public int Warned => Findings.Count(static finding => finding.Verdict == FindingVerdict.Warn);
}
