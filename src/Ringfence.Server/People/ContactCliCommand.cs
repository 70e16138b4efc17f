using System.CommandLine;
using System.Globalization;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.People;

/// <summary><c>ringfence contact</c>: look a person up, merge two, undo it.</summary>
internal static class ContactCliCommand
{
    // Two blanks before, and the longest label in any language.
    private const int Indent = 2;
    private const int Labels = 16;

    public static Command Create(TimeProvider time) => new("contact", CliText.Say("Contact.Description"))
    {
        Show(time),
        Join(time, "merge", static (actor, kept, merged) => new MergeCommand(actor, kept, merged)),
        Join(time, "unmerge", static (actor, kept, merged) => new UnmergeCommand(actor, kept, merged)),
    };

    private static Command Show(TimeProvider time)
    {
        var point = new Argument<string>("POINT") { Description = CliText.Say("Contact.Argument.POINT") };
        var command = new Command("show", CliText.Say("Contact.Show.Description")) { point }.OnLedger().WithRegion();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var asked = StoreArguments.Point(parsed, parsed.GetValue(point)!);
            var tags = installation.TagsOf(asked);
            var found = await Contacts.FindAsync(installation, ledger, tags, stop);
            if (found is not null)
                await RevealAsync(installation, ledger, StoreArguments.Actor(parsed), found.Person.Sid, stop);
            var suppressions = await Contacts.SuppressionsAsync(installation, ledger, [tags, .. found?.Points().Select(p => installation.TagsOf(p.Point)) ?? []], stop);
            if (parsed.GetValue(Terminal.Json))
                Console.Out.WriteLine(ContactJson.Write(found, suppressions));
            else
                Write(TextSheet.On(Console.Out), asked, found, suppressions);
            return found is null && suppressions.Count == 0 ? Exit.No : Exit.Done;
        }, cancel));
        return command;
    }

    private static Command Join(TimeProvider time, string name, Func<Actor, OpaqueId, OpaqueId, LedgerCommand> of)
    {
        var key = name == "merge" ? "Contact.Merge." : "Contact.Unmerge.";
        var kept = new Argument<string>("KEPT") { Description = CliText.Say("Contact.Argument.KEPT") };
        var other = new Argument<string>("OTHER") { Description = CliText.Say("Contact.Argument.OTHER") };
        var command = new Command(name, CliText.Say(key + "Description")) { kept, other }.OnLedger().WithRegion();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var one = await StoreArguments.SidAsync(installation, ledger, parsed, parsed.GetValue(kept)!, stop);
            var two = await StoreArguments.SidAsync(installation, ledger, parsed, parsed.GetValue(other)!, stop);
            var writer = await installation.WriterAsync(ledger, stop);
            var answer = CommandAnswer.Read(await writer.DoAsync(of(StoreArguments.Actor(parsed), one, two), stop));
            Console.Out.WriteLine(parsed.GetValue(Terminal.Json) ? answer.ToJson() : CliText.Say(answer.Already ? key + "Already" : key + "Done", answer.Seq));
            return Exit.Done;
        }, cancel));
        return command;
    }

    // Who looks at personal data is written down before it is shown.
    private static async Task RevealAsync(Installation installation, LedgerRow ledger, Actor actor, OpaqueId sid, CancellationToken cancel) =>
        await (await installation.WriterAsync(ledger, cancel)).DoAsync(new RevealCommand(actor, sid, "contact"), cancel);

    private static void Write(TextSheet sheet, ContactPoint asked, FoundContact? found, IReadOnlyList<SuppressionRow> suppressions)
    {
        sheet.Paragraph(found is null ? CliText.Say("Contact.Unknown", asked.ToString()) : found.Data.Name ?? asked.Value);
        if (found is not null)
        {
            var person = found.Person;
            Row("Sid", person.Sid.ToString());
            Row("Status", CliText.Say("Contact.Status." + person.Status));
            foreach (var (_, point) in found.Points())
                Row(point.Kind == PointKind.Phone ? "Phone" : "Email", point.Value);
            Row("Residence", person.Residence is { } residence ? $"{residence} ({Words<ResidenceBasis>.Of(person.ResidenceBasis)})" : null);
            Row("Source", person.Source is { } source ? Words<ContactSource>.Of(source) : null);
        }

        if (suppressions.Count > 0)
        {
            sheet.Heading(CliText.Say("Contact.Suppressed"));
            foreach (var row in suppressions)
            {
                var scope = SuppressionScope.Of(row);
                var channels = string.Join(", ", Channels.All.Where(c => scope.Channels.Has(c)).Select(static c => c.Word()));
                sheet.Row(Day(Micros.ToInstant(row.Since)), channels + (scope.Purposes is { } purposes ? ": " + string.Join(", ", purposes) : ""), Indent, Labels);
            }
        }

        if (found is null)
            return;
        sheet.Heading(CliText.Say("Contact.History"));
        foreach (var record in found.Person.Records)
            sheet.Row(Day(record.At), HistoryLine.Of(record), Indent, Labels);

        void Row(string label, string? text) => sheet.Row(CliText.Say("Contact." + label), text, Indent, Labels);
    }

    private static string Day(NodaTime.Instant at) => at.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture);
}
