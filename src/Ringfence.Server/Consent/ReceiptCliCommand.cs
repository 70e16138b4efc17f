using System.CommandLine;
using System.Globalization;
using Ringfence.Ledger;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent;

/// <summary><c>ringfence receipt</c>: what a person is given of a consent, for them to read and for anybody to check: <c>docs/reference/ledger.md</c>, "Receipt".</summary>
internal static class ReceiptCliCommand
{
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
            var made = await ReceiptFile.MakeAsync(installation, ledger, seq, stop);
            var receipt = made.Receipt;
            await EvidenceCliCommand.HandOutAsync(installation, ledger, StoreArguments.Actor(parsed), made.Evidence.Revealed, "receipt", made.ToBytes(), parsed.GetValue(file)!, stop);
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
}
