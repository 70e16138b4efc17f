using System.Globalization;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rights;

/// <summary>What is handed out to a person: a file to read and one for machines.</summary>
/// <param name="Seq">The record that says it was.</param>
/// <param name="Json">For machines.</param>
/// <param name="Page">To read.</param>
internal sealed record Export(long Seq, byte[] Json, byte[] Page)
{
    /// <summary>Puts it together. The record that it was handed out is there before anybody has it: without the record there is nothing to hand out.</summary>
    /// <exception cref="CommandRefusedException"><c>not-a-contact</c>.</exception>
    /// <exception cref="StoreException">The record could not be written.</exception>
    public static async Task<Export> MakeAsync(Installation installation, LedgerRow ledger, OpaqueId sid, Actor actor, CultureInfo language, CancellationToken cancel)
    {
        var dossier = await Dossier.ReadAsync(installation, ledger, sid, cancel);
        var (json, page) = (ExportJson.Write(dossier), await ExportPage.WriteAsync(dossier, language));
        var writer = await installation.WriterAsync(ledger, cancel);
        var answer = CommandAnswer.Read(await writer.DoAsync(new ExportCommand(actor, dossier.Person.Sid, [TreeHash.Sha256(json), TreeHash.Sha256(page)]), cancel));
        return new Export(answer.Seq, json, page);
    }
}
