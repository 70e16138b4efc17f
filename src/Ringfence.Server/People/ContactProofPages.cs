using System.Globalization;
using System.Text;
using Ringfence.Ledger;
using Ringfence.Server.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.Rights;
using Ringfence.Server.Sealing;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Staff;

namespace Ringfence.Server.People;

/// <summary>What proves what was recorded of somebody: handed out as a bundle, checked here as an outsider checks it, and the receipt of a consent; and all that is held of them.</summary>
internal static class ContactProofPages
{
    private const string Json = "application/json; charset=utf-8";

    private static readonly CommitGroup[] Groups = [CommitGroup.Person, CommitGroup.Evidence, CommitGroup.Note];

    /// <summary><c>GET contacts/{id}/prove</c>.</summary>
    public static async Task<PageAnswer> ShowAsync(PageCall call)
    {
        var (target, state) = (await ActTarget.InPathOrErasedAsync(call), new FormState());
        state.Keep("record", call.Query("record"));
        return await ShowAsync(call, target, state, null);
    }

    /// <summary><c>POST contacts/{id}/prove</c>: checks on this page what would be handed out. Nothing of it leaves the program.</summary>
    public static async Task<PageAnswer> VerifyAsync(PageCall call)
    {
        var target = await ActTarget.InPathOrErasedAsync(call);
        var (state, bundle) = await GatherAsync(call, target);
        return await ShowAsync(call, target, state, bundle is null ? null : await CheckAsync(call, bundle.ToBytes()), bundle is null ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }

    /// <summary><c>POST contacts/{id}/bundle</c>: hands it out; that is written down first.</summary>
    public static async Task<PageAnswer> BundleAsync(PageCall call)
    {
        var target = await ActTarget.InPathOrErasedAsync(call);
        var (state, bundle) = await GatherAsync(call, target);
        if (bundle is null)
            return await ShowAsync(call, target, state, null, StatusCodes.Status422UnprocessableEntity);
        // What is opened leaves the house: whoever finds a browser open can't take it along.
        if (bundle.Revealed.Count > 0 && StepUp.Ask(call, Here(call, target, "prove")) is { } ask)
            return ask;
        return await HandOutAsync(call, bundle.Revealed, "bundle", bundle.ToBytes(), $"evidence-{target.Found!.Person.Sid}.json");
    }

    /// <summary><c>POST contacts/{id}/receipt</c>: what a person is given of one consent.</summary>
    public static async Task<PageAnswer> ReceiptAsync(PageCall call)
    {
        var target = await ActTarget.InPathOrErasedAsync(call);
        var form = await call.FormAsync();
        var text = form.Text("record");
        form.Done();
        if (StepUp.Ask(call, Here(call, target, null)) is { } ask)
            return ask;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seq) || !target.Found!.Person.Records.Any(record => record.Seq == seq))
            throw new CommandRefusedException("no-consent");
        await call.Installation.NotaryOf(call.Ledger).CheckpointAsync(anchor: false, call.Cancel);
        var receipt = await ReceiptFile.MakeAsync(call.Installation, call.Ledger, seq, call.Cancel);
        return await HandOutAsync(call, receipt.Evidence.Revealed, "receipt", receipt.ToBytes(), FormattableString.Invariant($"receipt-{seq}.json"));
    }

    /// <summary><c>GET contacts/{id}/export</c>.</summary>
    public static async Task<PageAnswer> ShowExportAsync(PageCall call)
    {
        var target = await ActTarget.InPathOrErasedAsync(call);
        return await call.PageAsync<ContactExportPage>(call.T("Export.Title", target.Name), await target.ToShowAsync(call));
    }

    /// <summary><c>POST contacts/{id}/export</c>: all that is held of a person, for the person; the record that it was handed out is there before anybody has it.</summary>
    public static async Task<PageAnswer> ExportAsync(PageCall call)
    {
        var target = await ActTarget.InPathOrErasedAsync(call);
        var form = await call.FormAsync();
        var (isJson, language) = (form.TextOrNull("as") == "json", form.TextOrNull("lang"));
        form.Done();
        if (StepUp.Ask(call, Here(call, target, "export")) is { } ask)
            return ask;
        var tag = language is not null && LanguageTexts.Tags.Contains(language) ? language : call.Words.Tag;
        var sid = target.Found!.Person.Sid;
        var export = await Export.MakeAsync(call.Installation, call.Ledger, sid, call.Actor, CultureInfo.GetCultureInfo(tag), call.Cancel);
        var bytes = isJson ? export.Json : export.Page;
        return new PageAnswer.File($"export-{sid}.{(isJson ? "json" : "html")}", isJson ? Json : "text/html; charset=utf-8", async (to, cancel) => await to.WriteAsync(bytes, cancel));
    }

    private static string Here(PageCall call, ActTarget target, string? act) => call.At(ContactPages.PathOf(target.Found!.Person.Sid) + (act is null ? "" : "/" + act));

    private static async Task<(FormState State, EvidenceBundle? Bundle)> GatherAsync(PageCall call, ActTarget target)
    {
        var form = await call.FormAsync();
        var state = new FormState();
        var record = state.Keep("record", form.TextOrNull("record"));
        var open = state.Keep("open", form.All("open"));
        form.Done();
        var records = target.Found!.Person.Records;
        IReadOnlyList<long> seqs = record is null ? [.. records.Select(static one => one.Seq)]
            : long.TryParse(record, NumberStyles.None, CultureInfo.InvariantCulture, out var seq) && records.Any(one => one.Seq == seq) ? [seq] : [];
        if (seqs.Count == 0)
        {
            state.Blame("record", call.T("Prove.BadRecord"));
            return (state, null);
        }

        // What was just written is not signed yet.
        await call.Installation.NotaryOf(call.Ledger).CheckpointAsync(anchor: false, call.Cancel);
        HashSet<CommitGroup> groups = [.. Groups.Where(group => open.Contains(EvidenceBundle.WordOf(group)))];
        if (groups.Count > 0)
            call.Require(Right.SeeEvidence);
        return (state, await EvidenceBundle.GatherAsync(call.Installation, call.Ledger, seqs, groups, call.Cancel, scans: record => KeptScan.OpenAsync(call.Installation, call.Ledger, record, call.Cancel)));
    }

    private static async Task<PageAnswer> HandOutAsync(PageCall call, IReadOnlyCollection<OpaqueId> revealed, string view, byte[] bytes, string name)
    {
        var digest = TreeHash.Sha256(bytes);
        foreach (var sid in revealed)
            await call.DoAsync(new RevealCommand(call.Actor, sid, view, digest));
        return new PageAnswer.File(name, Json, async (to, cancel) => await to.WriteAsync(bytes, cancel));
    }

    private static Task<string> PolicyAsync(PageCall call) => BundleCheck.PolicyAsync(call.Installation, call.Ledger, call.Cancel);

    private static async Task<BundleCheck> CheckAsync(PageCall call, byte[] bundle) => await BundleCheck.RunAsync(call.Installation, bundle, await PolicyAsync(call), call.Words.Tag);

    private static async Task<PageAnswer> ShowAsync(PageCall call, ActTarget target, FormState state, BundleCheck? check, int status = StatusCodes.Status200OK)
    {
        target = await target.ToShowAsync(call);
        return await call.PageAsync<ContactProofPage>(call.T("Prove.Title", target.Name), new ContactProofPage.Model(target, state, check, await PolicyAsync(call)), status);
    }
}

/// <summary>What the stand-alone verifier says of a bundle: the very program that an outsider runs, given the same two files.</summary>
/// <param name="Exit">Its exit code.</param>
/// <param name="Lines">What it said, sentence by sentence.</param>
/// <param name="Size">How large the bundle is.</param>
internal sealed record BundleCheck(int Exit, IReadOnlyList<string> Lines, long Size)
{
    /// <summary>The keys that the ledger is signed by, as a verifier takes them.</summary>
    public static async Task<string> PolicyAsync(Installation installation, LedgerRow ledger, CancellationToken cancel) =>
        string.Concat((await installation.NotaryOf(ledger).KeysAsync(cancel)).Select(static key => $"log {key}\n")) + "quorum none\n";

    /// <summary>Runs it.</summary>
    public static async Task<BundleCheck> RunAsync(Installation installation, byte[] bundle, string policy, string language)
    {
        var folder = Path.Combine(Path.GetFullPath(installation.Options.Data), "verify-" + Fresh.Id());
        DurableFile.MakeFolder(folder);
        try
        {
            var (file, keys) = (Path.Combine(folder, "bundle.json"), Path.Combine(folder, "policy"));
            DurableFile.Create(file, bundle);
            DurableFile.Create(keys, Encoding.UTF8.GetBytes(policy));
            await using var said = new StringWriter { NewLine = "\n" };
            var exit = Verify.Verification.Run(["bundle", file, "--policy", keys, "--lang", language], said, static _ => null);
            // The last line is for programs; and where the files lay is nobody's business.
            string[] lines = [.. said.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal))];
            return new BundleCheck(exit, lines.Length > 1 ? lines[..^1] : lines, bundle.Length);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
