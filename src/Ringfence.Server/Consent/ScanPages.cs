using System.Globalization;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.People;
using Ringfence.Server.Staff;

namespace Ringfence.Server.Consent;

/// <summary>The scan of a signed paper, handed to staff who may take a person's proofs along.</summary>
internal static class ScanPages
{
    // Whatever shows it runs and loads nothing of it.
    private const string Policy = "sandbox; default-src 'none'; frame-ancestors 'none'";

    /// <summary><c>POST contacts/{id}/scan</c>: that it is handed out is written down first.</summary>
    public static async Task<PageAnswer> HandOutAsync(PageCall call)
    {
        var target = await ActTarget.InPathAsync(call);
        var form = await call.FormAsync();
        var text = form.Text("record");
        form.Done();
        var sid = target.Found!.Person.Sid;
        // It leaves the house: whoever finds a browser open can't take it along.
        if (StepUp.Ask(call, call.At(ContactPages.PathOf(sid))) is { } ask)
            return ask;
        var record = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ? target.Found.Person.Records.FirstOrDefault(one => one.Seq == seq) : null;
        if (record is null || await KeptScan.OpenAsync(call.Installation, call.Ledger, record, call.Cancel) is not { } scan)
            throw PageFault.Missing;
        await call.DoAsync(new RevealCommand(call.Actor, sid, "scan", scan.Digest));
        call.Http.Response.Headers.ContentSecurityPolicy = Policy;
        return new PageAnswer.File(FormattableString.Invariant($"scan-{seq}.{scan.Extension}"), scan.Media, async (to, cancel) => await to.WriteAsync(scan.Content, cancel));
    }
}
