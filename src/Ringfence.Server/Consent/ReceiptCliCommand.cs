using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.Rules;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent;

/// <summary><c>ringfence receipt</c>: what a person is given of a consent, for them to read and for anybody to check: <c>docs/reference/ledger.md</c>, "Receipt".</summary>
internal static class ReceiptCliCommand
{
    private static readonly JsonWriterOptions Plainly = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create(TimeProvider time)
    {
        var point = new Argument<string>("POINT") { Description = CliText.Say("Contact.Argument.POINT") };
        var record = new Option<long?>("--record") { HelpName = "RECORD", Description = CliText.Say("Receipt.Option.record") };
        var file = new Option<string>("--out") { HelpName = "FILE", Required = true, Description = CliText.Say("Bundle.Option.out") };
        var command = new Command("receipt", CliText.Say("Receipt.Description")) { point, record, file }.OnLedger().WithRegion();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var tags = installation.TagsOf(StoreArguments.Point(parsed, parsed.GetValue(point)!));
            var seq = await SeqAsync(installation, ledger, tags, parsed.GetValue(record), stop);
            await installation.NotaryOf(ledger).CheckpointAsync(anchor: false, stop);
            var bundle = await EvidenceBundle.GatherAsync(installation, ledger, [seq], new HashSet<CommitGroup> { CommitGroup.Person, CommitGroup.Evidence }, stop);
            var receipt = Of(bundle, bundle.Records.First(one => one.Seq == seq));
            var signature = await installation.Signer.SignReceiptAsync(ledger.Origin, receipt.Digest, stop);
            await EvidenceCliCommand.HandOutAsync(
                installation, ledger, StoreArguments.Actor(parsed), bundle.Revealed, "receipt", ToBytes(receipt, bundle, signature), parsed.GetValue(file)!, stop);
            if (parsed.GetValue(Terminal.Json))
                Console.Out.WriteLine(CliJson.Write(json =>
                {
                    json.WriteStartObject();
                    json.WriteNumber("record", seq);
                    json.WriteString("digest", receipt.Digest.ToString());
                    json.WriteEndObject();
                }));
            else if (!parsed.GetValue(Terminal.Quiet))
                Console.Out.WriteLine(receipt.ToText(LanguageTexts.TagOf(CultureInfo.CurrentUICulture)));
            return Exit.Done;
        }, cancel));
        return command;
    }

    // The newest thing that the person said at this number or address; or the one that is named, if it is theirs.
    private static async Task<long> SeqAsync(Installation installation, LedgerRow ledger, PointTags tags, long? named, CancellationToken cancel)
    {
        var found = await Contacts.FindAsync(installation, ledger, tags, cancel) ?? throw new CommandRefusedException("not-a-contact");
        var point = found.Points().Where(one => one.Point.Equals(tags.Point)).Select(static one => (OpaqueId?)one.Id).FirstOrDefault();
        return found.Person.Records.LastOrDefault(record => record is { State: not null, Type: RecordType.ConsentRequested or RecordType.ConsentGiven or RecordType.ConsentConfirmed or RecordType.ConsentImported or RecordType.ConsentWithdrawn }
            && (record.Subject?.Point is null || record.Subject?.Point == point) && (named is null || record.Seq == named))?.Seq ?? throw new CommandRefusedException("no-consent");
    }

    private static Receipt Of(EvidenceBundle bundle, LedgerRecord record)
    {
        var party = bundle.Document(record.Controller) is { } bytes ? PartyDocument.FromBytes(bytes) : throw new StoreException(StoreFault.Damaged, $"The party document of record {record.Seq} is missing.");
        return Receipt.Of(
            record, party, record.Notice is { } notice && bundle.Document(notice.Doc) is { } words ? Read(() => WordingDocument.FromBytes(words)) : null,
            bundle.Opened(record.Seq, CommitGroup.Evidence) is { } evidence ? Read(() => ConsentEvidence.FromBytes(evidence)) : null);
    }

    // An import keeps words and rows as its list had them: they are no documents of ours, and the receipt tells what the record says.
    private static T? Read<T>(Func<T> read) where T : class
    {
        try
        {
            return read();
        }
        catch (RuleFileException)
        {
            return null;
        }
    }

    private static byte[] ToBytes(Receipt receipt, EvidenceBundle bundle, SignedNote signature)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Plainly))
        {
            json.WriteStartObject();
            json.WriteString("format", "ringfence/receipt/v1");
            json.WritePropertyName("receipt");
            // As people read it; what is signed is its canonical form.
            using (var tree = JsonDocument.Parse(receipt.ToBytes()))
                tree.RootElement.WriteTo(json);
            json.WritePropertyName("evidence");
            bundle.Write(json);
            json.WriteString("signature", signature.ToString());
            json.WriteEndObject();
        }

        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }
}
