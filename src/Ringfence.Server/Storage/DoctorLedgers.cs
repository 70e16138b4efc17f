using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Ringfence.Gateways;
using Ringfence.Ledger;
using Ringfence.Rules;
using Ringfence.Server.Cli;
using Ringfence.Server.Consent.Forms;
using Ringfence.Server.Gateways;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;
using Ringfence.Server.Webhooks;

namespace Ringfence.Server.Storage;

/// <summary>Looks at each ledger that goes on: whether it is what was signed, who outside vouches for it, and when what has to be done now and then was last done.</summary>
/// <param name="installation">Opened as it is.</param>
/// <param name="findings">Takes what is found.</param>
internal sealed class DoctorLedgers(Installation installation, List<DoctorFinding> findings)
{
    // Once a day, and two hours for a night on which somebody works.
    private static readonly Duration Daily = Duration.FromHours(26);

    // A server signs within seconds, a command at its end.
    private static readonly Duration SignedWithin = Duration.FromMinutes(5);

    // What clocks of two houses may differ by.
    private static readonly Duration ClockTolerance = Duration.FromMinutes(5);

    private static readonly Duration BackedUpWithin = Duration.FromDays(2);

    private Instant Now => Instant.FromDateTimeOffset(installation.Time.GetUtcNow());

    /// <summary>Whether something is still wrapped by a key-encryption key that should be gone, which would keep it.</summary>
    public async Task KeksAsync(CancellationToken cancel)
    {
        var keks = await installation.Keyring.KeksAsync(cancel);
        foreach (var (kid, keys) in keks.SkipLast(1).Where(static one => one.Keys > 0))
            findings.Add(new DoctorFinding("keys", "kek-in-use", FindingVerdict.Warn, kid.ToString(), Count(keys)));
    }

    /// <summary>Looks at one.</summary>
    public async Task LookAsync(LedgerRow ledger, CancellationToken cancel)
    {
        var head = await installation.Store.HeadAsync(ledger.Ledger, cancel);
        await SignerAsync(ledger, cancel);
        await StandingAsync(ledger, head, cancel);
        var last = await LastAsync(ledger, head, cancel);
        DailyWork(ledger, last);
        await WebhooksAsync(ledger, head, cancel);
        await LeadFormsAsync(ledger, cancel);
        Anchors(ledger, head);
        Clock(ledger, head);
    }

    private void Add(string area, string code, FindingVerdict verdict, LedgerRow ledger, string value, string? wanted = null) =>
        findings.Add(new DoctorFinding(area, code, verdict, ledger.Origin, value, wanted));

    private async Task SignerAsync(LedgerRow ledger, CancellationToken cancel)
    {
        if (installation.Signer.IsElsewhere)
        {
            Add("signer", "signer-elsewhere", FindingVerdict.Warn, ledger, SignerPlace.Variable);
            return;
        }

        try
        {
            var state = await installation.Signer.StateAsync(ledger.Origin, cancel);
            if (state is null)
                Add("signer", "signer-unknown", FindingVerdict.Refuse, ledger, "");
            else
                Add("signer", "signer", FindingVerdict.Fine, ledger, Count(state.Size));
        }
        catch (SignerException e)
        {
            Add("signer", "signer-away", FindingVerdict.Refuse, ledger, e.Message);
        }

        if (installation.Options.Environment(SignerPlace.Variable) is not { Length: > 0 })
            Add("signer", "signer-with-us", FindingVerdict.Warn, ledger, SignerPlace.Variable);
    }

    private async Task StandingAsync(LedgerRow ledger, HeadRow head, CancellationToken cancel)
    {
        var standing = await installation.NotaryOf(ledger).ExamineAsync(cancel);
        switch (standing.Readiness)
        {
            case LedgerReadiness.Ready:
                Add("ledger", "ledger", FindingVerdict.Fine, ledger, Count(standing.Size));
                break;
            case LedgerReadiness.RolledBack:
                Add("ledger", "rolled-back", FindingVerdict.Refuse, ledger, Count(standing.Size), Count(standing.Known));
                break;
            case LedgerReadiness.Forked:
                Add("ledger", "fork", FindingVerdict.Refuse, ledger, Count(standing.Size), Count(standing.Known));
                break;
            case LedgerReadiness.Unsure:
                // The signer has been told of.
                break;
        }

        var signed = (await installation.Store.CheckpointAsync(ledger.Ledger, head.Size, cancel))?.Size ?? 0;
        if (signed < head.Size && Now - Micros.ToInstant(head.LastAt) > SignedWithin)
            Add("ledger", "unsigned", FindingVerdict.Warn, ledger, Count(head.Size - signed));
        if (ledger.Epoch > 1)
            Add("ledger", "recovered", FindingVerdict.Warn, ledger, Count(ledger.Epoch));
    }

    /// <summary>When what was last done, and whose erasure was begun and not ended, as the records say.</summary>
    private sealed record Done(Instant? Backup, Instant? Snapshot, Instant? Suppressed, int Erasures);

    private async Task<Done> LastAsync(LedgerRow ledger, HeadRow head, CancellationToken cancel)
    {
        Instant? backup = null, snapshot = null, suppressed = null;
        var open = new HashSet<OpaqueId>();
        await foreach (var row in installation.Store.RecordsAsync(ledger.Ledger, 0, head.Size, cancel))
        {
            // Reading all of a million records as what they say takes many times as long as finding the few.
            if (!IsAny(row.Body) || !RecordReader.TryRead(row.Body, out var record, out _))
                continue;
            switch (record.Type)
            {
                case RecordType.BackupTaken:
                    backup = record.At;
                    break;
                case RecordType.SuppressionSnapshot:
                    snapshot = record.At;
                    break;
                case RecordType.SuppressionAdded or RecordType.SuppressionLifted:
                    suppressed ??= record.At;
                    break;
                case RecordType.ErasureRequested when record.Subject is { } begun:
                    open.Add(begun.Sid);
                    suppressed ??= record.At;
                    break;
                case RecordType.ErasureCompleted when record.Subject is { } ended:
                    open.Remove(ended.Sid);
                    break;
            }
        }

        return new Done(backup, snapshot, suppressed, open.Count);
    }

    private static bool IsAny(ReadOnlySpan<byte> body) =>
        body.IndexOf("\"type\":\"backup.taken\""u8) >= 0 || body.IndexOf("\"type\":\"suppression."u8) >= 0 || body.IndexOf("\"type\":\"erasure."u8) >= 0;

    private void DailyWork(LedgerRow ledger, Done last)
    {
        Aged("backups", "backup", ledger, last.Backup, BackedUpWithin);
        // Where nobody refused anything, there is nothing that could go missing.
        if (last.Suppressed is { } first && last.Snapshot is null && Now - first <= Daily)
            Add("ledger", "snapshot", FindingVerdict.Fine, ledger, "-");
        else if (last.Suppressed is not null)
            Aged("ledger", "snapshot", ledger, last.Snapshot, Daily);
        if (last.Erasures > 0)
            Add("erasures", "erasure-open", FindingVerdict.Warn, ledger, Count(last.Erasures));
    }

    private void Aged(string area, string code, LedgerRow ledger, Instant? at, Duration within)
    {
        if (at is not { } last)
            Add(area, code + "-none", FindingVerdict.Warn, ledger, "-");
        else
            Add(area, Now - last <= within ? code : code + "-old", Now - last <= within ? FindingVerdict.Fine : FindingVerdict.Warn, ledger, InstantPattern.General.Format(last));
    }

    // What the file of channels says of forms of social networks has to be true of forms that are published.
    private async Task LeadFormsAsync(LedgerRow ledger, CancellationToken cancel)
    {
        if (installation.Options.Environment(GatewaySet.Variable) is not { Length: > 0 } path)
            return;
        ChannelsFile file;
        try
        {
            file = ChannelsFile.Read(path.Replace('\\', '/'), TextFile.Read(path));
        }
        catch (Exception e) when (e is RuleFileException or UnusableFileException)
        {
            Add("webhooks", "channels-unusable", FindingVerdict.Warn, ledger, e.Message);
            return;
        }

        var settings = file.Inbound.Where(one => one.Controller == ledger.Controller).SelectMany(static one => one.LeadForms).ToList();
        if (settings.Count == 0)
            return;
        var published = await PublishedForms.AllAsync(installation.Store, ledger, cancel);
        foreach (var setting in settings)
        {
            if (LeadHooks.OursOf(setting, published) is not { } form)
                Add("webhooks", "lead-form-none", FindingVerdict.Warn, ledger, setting.Form);
            else if (setting.LackingIn(form) is { Count: > 0 } lacking)
                Add("webhooks", "lead-form-unfit", FindingVerdict.Warn, ledger, setting.Form, string.Join(", ", lacking));
            else
                Add("webhooks", "lead-form", FindingVerdict.Fine, ledger, setting.Form);
        }
    }

    private void Anchors(LedgerRow ledger, HeadRow head)
    {
        var options = installation.Anchors;
        var folder = new AnchorFolder(options.Folder, ledger.Origin);
        var sizes = folder.Sizes();
        var rounds = folder.Rounds;
        var at = Micros.ToInstant(rounds.File);
        if (sizes.Count == 0 || rounds.File == 0)
            Add("anchors", "anchor-none", FindingVerdict.Warn, ledger, options.Folder);
        else
            Add("anchors", Now - at <= Daily || sizes[^1] >= head.Size ? "anchor" : "anchor-old", Now - at <= Daily || sizes[^1] >= head.Size ? FindingVerdict.Fine : FindingVerdict.Warn, ledger, InstantPattern.General.Format(at));
        if (!options.IsOtherDisk)
            findings.Add(new DoctorFinding("anchors", "anchor-same-disk", FindingVerdict.Warn, options.Folder, options.Data));
        if (!OperatingSystem.IsWindows() && Directory.Exists(options.Folder) && (File.GetUnixFileMode(options.Folder) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0)
            findings.Add(new DoctorFinding("anchors", "anchor-too-open", FindingVerdict.Warn, options.Folder, Convert.ToString((int)File.GetUnixFileMode(options.Folder), 8), "755"));
        if (options.Authority is null)
            Add("anchors", "no-authority", FindingVerdict.Warn, ledger, TimestampAuthority.Variable);
        else if (rounds.Token == 0 || Now - Micros.ToInstant(rounds.Token) > Daily)
            Add("anchors", "stamp-old", FindingVerdict.Warn, ledger, rounds.Token == 0 ? "-" : InstantPattern.General.Format(Micros.ToInstant(rounds.Token)));
        else
            Add("anchors", "stamp", FindingVerdict.Fine, ledger, InstantPattern.General.Format(Micros.ToInstant(rounds.Token)));
        Stamped(ledger, folder, sizes);
    }

    // Whether every copy has confirmed that it obeyed; and whether anybody is told at all.
    private async Task WebhooksAsync(LedgerRow ledger, HeadRow head, CancellationToken cancel)
    {
        var told = await new WebhookFeed(installation.Store, ledger).TellingAsync(cancel);
        var overdue = (await installation.Store.Outbox.CountAsync(ledger.Ledger, Micros.Of(Now), cancel)).Where(static one => one.Overdue > 0).ToList();
        if (overdue.Count > 0)
            Add("webhooks", "webhooks-unconfirmed", FindingVerdict.Warn, ledger, Count(overdue.Sum(static one => one.Overdue)), InstantPattern.General.Format(Micros.ToInstant(overdue.Min(static one => one.Oldest ?? 0))));
        foreach (var webhook in told.Where(static row => row.Off))
            Add("webhooks", "webhook-off", FindingVerdict.Warn, ledger, webhook.Id);
        var fed = await installation.Store.Outbox.FedAsync(ledger.Ledger, cancel) ?? 0;
        if (told.Count > 0 && fed < head.Size && Now - Micros.ToInstant(head.LastAt) > SignedWithin)
            Add("webhooks", "webhooks-behind", FindingVerdict.Warn, ledger, Count(fed), Count(head.Size));
        if (overdue.Count == 0)
            Add("webhooks", "webhooks", FindingVerdict.Fine, ledger, Count(told.Count));
    }

    // Somebody else's clock, as of the newest timestamp there is.
    private void Stamped(LedgerRow ledger, AnchorFolder folder, IReadOnlyList<long> sizes)
    {
        foreach (var size in sizes.Reverse())
        {
            if (folder.ReadToken(size) is not { } token || folder.Read(size) is not { } kept || AnchorTimestamp.Read(token, kept.Note.Bytes.Span, installation.Anchors.Authority?.Certificate) is not { } stamp)
                continue;
            if (Now < stamp.At - ClockTolerance)
                Add("clock", "clock-anchor", FindingVerdict.Refuse, ledger, InstantPattern.General.Format(Now), InstantPattern.General.Format(stamp.At));
            return;
        }
    }

    private void Clock(LedgerRow ledger, HeadRow head)
    {
        var watch = new ClockWatch(installation.Time);
        watch.Look(Micros.ToInstant(head.LastAt));
        if (watch.Anomaly is null)
            Add("clock", "clock", FindingVerdict.Fine, ledger, InstantPattern.General.Format(Now));
        else
            Add("clock", "clock-behind", FindingVerdict.Refuse, ledger, InstantPattern.General.Format(Now), InstantPattern.General.Format(Micros.ToInstant(head.LastAt)));
    }

    private static string Count(long number) => number.ToString(CultureInfo.InvariantCulture);
}
