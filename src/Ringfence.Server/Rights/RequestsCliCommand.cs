using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rights;
using Ringfence.Server.Cli;
using Ringfence.Server.Gateways;
using Ringfence.Server.Ledger;
using Ringfence.Server.Lists.Report;
using Ringfence.Server.Pages;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rights;

/// <summary><c>ringfence rights</c>: what people ask for by law and complain of, for whoever answers it without a browser.</summary>
internal static class RequestsCliCommand
{
    private const int Indent = 2;
    private const int Labels = 24;

    public static Command Create(TimeProvider time) => new("rights", CliText.Say("Rights.Description")) { List(time), Show(time), Enter(time), Answer(time), ProofsCliCommands.CreateList(time), ProofsCliCommands.CreateHandOut(time) };

    private static Command List(TimeProvider time)
    {
        var closed = new Option<bool>("--closed") { Description = CliText.Say("Rights.Option.closed") };
        var command = new Command("list", CliText.Say("Rights.List.Description")) { closed }.OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var lines = parsed.GetValue(closed) ? await RequestList.ClosedAsync(installation, ledger, stop) : await RequestList.OpenAsync(installation, ledger, stop);
            if (parsed.GetValue(Terminal.Json))
                Console.Out.WriteLine(CliJson.Write(json => Write(json, lines)));
            foreach (var line in parsed.GetValue(Terminal.Json) ? [] : lines)
            {
                Console.Out.WriteLine(string.Join('\t', StoredRequest.NumberOf(line.Id), Words<RightsKind>.Of(line.Kind), Words<RightsState>.Of(line.State),
                    LocalDatePattern.Iso.Format(line.Received.InUtc().Date), line.Closed is { } at ? LocalDatePattern.Iso.Format(at.InUtc().Date) : LocalDatePattern.Iso.Format(line.Due)));
            }

            return Exit.Done;
        }, cancel));
        return command;
    }

    private static Command Show(TimeProvider time)
    {
        var number = Number();
        var command = new Command("show", CliText.Say("Rights.Show.Description")) { number }.OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var request = await StoredRequest.NamedAsync(installation, ledger, parsed.GetValue(number)!, stop);
            // As on its page: that somebody looks is written down before anything is shown.
            _ = await (await installation.WriterAsync(ledger, stop)).DoAsync(new RevealRequestCommand(StoreArguments.Actor(parsed), request.Told.Id), stop);
            var words = await RequestWords.OpenAsync(installation, request.Row, stop);
            if (parsed.GetValue(Terminal.Json))
                Console.Out.WriteLine(CliJson.Write(json => ExportJson.Request(json, request, words)));
            else
                Write(TextSheet.On(Console.Out), request, words, Today(time));
            return Exit.Done;
        }, cancel));
        return command;
    }

    private static Command Enter(TimeProvider time)
    {
        var point = new Argument<string>("POINT") { Description = CliText.Say("Rights.Argument.POINT") };
        var kind = new Option<string>("--kind") { HelpName = "KIND", Required = true, Description = CliText.Say("Rights.Option.kind", string.Join(", ", RightsKinds.All.Select(Words<RightsKind>.Of))) };
        kind.AcceptOnlyFromAmong([.. RightsKinds.All.Select(Words<RightsKind>.Of)]);
        var text = Text("Rights.Option.text");
        var day = new Option<string?>("--day") { HelpName = "DATE", Description = CliText.Say("Rights.Option.day") };
        var place = new Option<string?>("--place") { HelpName = string.Join('|', RightsClocks.Regimes.Append(RequestIntake.Unknown)), Description = CliText.Say("Rights.Option.place") };
        place.AcceptOnlyFromAmong([.. RightsClocks.Regimes, RequestIntake.Unknown]);
        var reason = new Option<string?>("--reason") { HelpName = "WHY", Description = CliText.Say("Rights.Option.reason", string.Join(", ", Enum.GetValues<ComplaintReason>().Select(Words<ComplaintReason>.Of))) };
        reason.AcceptOnlyFromAmong([.. Enum.GetValues<ComplaintReason>().Select(Words<ComplaintReason>.Of)]);
        var language = new Option<string?>("--in") { HelpName = string.Join('|', LanguageTexts.Tags), Description = CliText.Say("Rights.Option.in") };
        language.AcceptOnlyFromAmong([.. LanguageTexts.Tags]);
        var command = new Command("enter", CliText.Say("Rights.Enter.Description")) { point, kind, text, day, place, reason, language }.OnLedger().WithRegion();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var asked = StoreArguments.Point(parsed, parsed.GetValue(point)!);
            var today = Today(time);
            var received = today;
            if (parsed.GetValue(day) is { } said && (!LocalDatePattern.Iso.Parse(said).TryGetValue(default, out received) || received > today || received < today.PlusYears(-1)))
                throw new UnusableFileException(CliText.Say("BadOption", "--day", said));
            var written = Read(parsed.GetValue(text), RequestIntake.LongestText);
            _ = Words<RightsKind>.TryParse(parsed.GetValue(kind)!, out var what);
            ComplaintReason? why = Words<ComplaintReason>.TryParse(parsed.GetValue(reason) ?? "", out var read) ? read : null;
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var id = await RequestIntake.EnterAsync(
                installation, ledger, StoreArguments.Actor(parsed), asked, what, written, parsed.GetValue(place), why, received == today ? null : received,
                parsed.GetValue(language) ?? LanguageTexts.TagOf(CultureInfo.CurrentUICulture), stop);
            var request = await StoredRequest.NamedAsync(installation, ledger, id.ToString(), stop);
            Tell(parsed, request, null, CliText.Say("Rights.Entered", request.Number, request.Row.Due));
            return Exit.Done;
        }, cancel));
        return command;
    }

    private static Command Answer(TimeProvider time)
    {
        var number = Number();
        var act = new Option<string>("--do") { HelpName = string.Join('|', RequestHandling.Acts), Description = CliText.Say("Rights.Option.do"), DefaultValueFactory = static _ => "answer" };
        act.AcceptOnlyFromAmong(RequestHandling.Acts);
        var text = Text("Rights.Option.answer");
        var by = new Option<string?>("--told") { HelpName = "DATE", Description = CliText.Say("Rights.Option.told") };
        var command = new Command("answer", CliText.Say("Rights.Answer.Description")) { number, act, text, by }.OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var done = parsed.GetValue(act)!;
            var written = Read(parsed.GetValue(text), RequestRoom.LongestText);
            if (written.Length == 0 && RequestHandling.NeedsText(done))
                throw new UnusableFileException(CliText.Say("Rights.NoText", done));
            using var gateways = GatewaySet.Of(Environment.GetEnvironmentVariable, time);
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var request = await StoredRequest.NamedAsync(installation, ledger, parsed.GetValue(number)!, stop);
            LocalDate? day = null;
            if (parsed.GetValue(by) is { } said)
                day = LocalDatePattern.Iso.Parse(said).TryGetValue(default, out var read) && read >= request.Told.ReceivedOn && read <= Today(time) ? read : throw new UnusableFileException(CliText.Say("BadOption", "--told", said));
            var name = (await installation.PartyDocumentAsync(ledger, stop)).Name;
            var told = await RequestHandling.ActAsync(installation, gateways, ledger, StoreArguments.Actor(parsed), request, done, written, day, name, stop);
            request = await StoredRequest.NamedAsync(installation, ledger, request.Told.Id.ToString(), stop);
            Tell(parsed, request, told, CliText.Say(told switch { null => "Rights.Done", true => "Rights.Sent", false => "Rights.ByHand" }, request.Number, Words<RightsState>.Of(request.Told.State)));
            return Exit.Done;
        }, cancel));
        return command;
    }

    private static Argument<string> Number() => new("NUMBER") { Description = CliText.Say("Rights.Argument.NUMBER") };

    // What people write stands in no history of a shell.
    private static Option<string?> Text(string key) => new("--text") { HelpName = "FILE", Description = CliText.Say(key) };

    private static string Read(string? file, int most)
    {
        var text = file is null ? "" : TextFile.Read(file).TrimEnd('\r', '\n');
        return text.Length <= most ? text : throw new UnusableFileException(CliText.Say("Rights.TooLong", most));
    }

    private static LocalDate Today(TimeProvider time) => Instant.FromDateTimeOffset(time.GetUtcNow()).InUtc().Date;

    private static void Tell(ParseResult parsed, StoredRequest request, bool? told, string text)
    {
        Console.Out.WriteLine(!parsed.GetValue(Terminal.Json) ? text : CliJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("number", request.Number);
            json.WriteString("request", request.Told.Id.ToString());
            json.WriteString("state", Words<RightsState>.Of(request.Told.State));
            json.WriteString("due", request.Row.Due);
            if (told is { } sent)
                json.WriteBoolean("sent", sent);
            json.WriteNumber("record", request.Records[^1].Seq);
            json.WriteEndObject();
        }));
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<RequestLine> lines)
    {
        json.WriteStartArray();
        foreach (var line in lines)
        {
            json.WriteStartObject();
            json.WriteString("number", StoredRequest.NumberOf(line.Id));
            json.WriteString("request", line.Id.ToString());
            json.WriteString("kind", Words<RightsKind>.Of(line.Kind));
            json.WriteString("state", Words<RightsState>.Of(line.State));
            json.WriteString("receivedAt", InstantPattern.ExtendedIso.Format(line.Received));
            json.WriteString("due", LocalDatePattern.Iso.Format(line.Due));
            if (line.Closed is { } closed)
                json.WriteString("closedAt", InstantPattern.ExtendedIso.Format(closed));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(TextSheet sheet, StoredRequest request, RequestWords? words, LocalDate today)
    {
        var (told, say) = (request.Told, PageCall.WordsOf(LanguageTexts.TagOf(CultureInfo.CurrentUICulture)));
        sheet.Heading(say.Say("Requests.Title", request.Number));
        Row("Requests.Kind", say.Say("Requests.Kind." + Words<RightsKind>.Of(told.Kind)));
        if (told.Reason is { } reason)
            Row("Requests.Reason", say.Say("Rights.Reason." + Words<ComplaintReason>.Of(reason)));
        Row("Requests.State", say.Say("Requests.State." + Words<RightsState>.Of(told.State)));
        Row("Rights.ReceivedOn", LocalDatePattern.Iso.Format(told.ReceivedOn));
        Row("Requests.Due", LocalDatePattern.Iso.Format(told.IsOpen ? told.Due(today) : told.DueSaid ?? told.Due(today)));
        if (told is { IsOpen: true, ConfirmBy: { } confirmBy })
            Row("Requests.ConfirmDue", LocalDatePattern.Iso.Format(confirmBy));
        Row("Requests.Identity", say.Say("Requests.Identity." + (told.AwaitsIdentity ? "Wanted" : told.IdentifiedBy ?? "None")));
        Row("Requests.Laws", say.Join(told.Regimes.Select(regime => say.Say("Rights.In." + regime))));
        sheet.Heading(say["Requests.Wrote"]);
        if (words is null)
        {
            sheet.Paragraph(say["Requests.Gone"], Indent);
            return;
        }

        sheet.Row(CliText.Say("Rights.For"), words.Point, Indent, Labels);
        foreach (var line in words.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            sheet.Paragraph(ReportLanguage.Visible(line.TrimEnd('\r')), Indent);
        foreach (var note in words.Notes)
            sheet.Row($"{note.At} {note.What}", ReportLanguage.Visible(note.Text.Replace("\r", "", StringComparison.Ordinal).Replace('\n', ' ')), Indent, Labels);

        void Row(string key, string text) => sheet.Row(say[key], text, Indent, Labels);
    }
}
