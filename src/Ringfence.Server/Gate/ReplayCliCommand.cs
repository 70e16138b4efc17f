using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Rules;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Gate;

/// <summary><c>ringfence replay</c>: a recorded decision computed anew from what it was made on, or where a person stood at a time.</summary>
internal static class ReplayCliCommand
{
    private const int Indent = 2;
    private const int Labels = 16;

    public static Command Create(TimeProvider time)
    {
        var seq = new Argument<long?>("SEQ") { Description = CliText.Say("Replay.Argument.SEQ"), Arity = ArgumentArity.ZeroOrOne };
        var contact = new Option<string?>("--contact") { HelpName = "POINT", Description = CliText.Say("Replay.Option.contact") };
        var asOf = new Option<string?>("--as-of") { HelpName = "SIZE|INSTANT", Description = CliText.Say("Replay.Option.as-of") };
        var command = new Command("replay", CliText.Say("Replay.Description")) { seq, contact, asOf }.OnLedger().WithRegion();
        command.Validators.Add(result =>
        {
            if (result.GetValue(seq) is null == (result.GetValue(contact) is null))
                result.AddError(CliText.Say("Replay.WhichOfTwo"));
        });
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            return parsed.GetValue(seq) is { } record
                ? await DecisionAsync(parsed, installation, ledger, record, stop)
                : await PersonAsync(parsed, installation, ledger, parsed.GetValue(contact)!, parsed.GetValue(asOf), stop);
        }, cancel));
        return command;
    }

    private static async Task<int> DecisionAsync(ParseResult parsed, Installation installation, LedgerRow ledger, long seq, CancellationToken cancel)
    {
        Replay replay;
        try
        {
            replay = await Replay.RunAsync(installation.Store, ledger, seq, cancel);
        }
        catch (RuleArchiveException e)
        {
            Terminal.Error(CliText.Say("Replay.Rules." + e.Code, e.Name));
            return Exit.NotReady;
        }

        if (parsed.GetValue(Terminal.Json))
            Console.Out.WriteLine(Json(replay));
        else
            Write(TextSheet.On(Console.Out), replay);
        return replay.IsSame ? Exit.Done : Exit.No;
    }

    private static void Write(TextSheet sheet, Replay replay)
    {
        sheet.Paragraph(CliText.Say(replay.IsSame ? "Replay.Same" : "Replay.Other", replay.Record.Seq, InstantPattern.ExtendedIso.Format(replay.Record.At)));
        foreach (var name in replay.Differences)
        {
            sheet.Row(name, CliText.Say("Replay.Recorded", Text(replay.Recorded.Whole[name])), Indent, Labels);
            sheet.Row("", CliText.Say("Replay.Now", Text(replay.Again.Whole[name])), Indent, Labels);
        }

        foreach (var note in replay.Notes)
            sheet.Paragraph(CliText.Say("Replay.Note." + note), Indent);
        sheet.Blank();
        var told = Explanation.Of(replay.Again.Situation, replay.Again.Verdict!, [], LanguageTexts.TagOf(CultureInfo.CurrentUICulture));
        new VerdictPage(replay.Again.Verdict!, told, sheet).Write(briefly: false);
    }

    private static string Text(LeafValue? value) => value is null ? "-" : Encoding.UTF8.GetString(LeafJson.Write(value));

    private static string Json(Replay replay) => CliJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("seq", replay.Record.Seq);
        json.WriteBoolean("same", replay.IsSame);
        Strings(json, "differences", replay.Differences);
        Strings(json, "notes", replay.Notes);
        json.WritePropertyName("recorded");
        json.WriteRawValue(LeafJson.Write(replay.Recorded.Whole));
        json.WritePropertyName("again");
        json.WriteRawValue(LeafJson.Write(replay.Again.Whole));
        json.WriteEndObject();
    });

    private static async Task<int> PersonAsync(ParseResult parsed, Installation installation, LedgerRow ledger, string contact, string? asOf, CancellationToken cancel)
    {
        var sid = await StoreArguments.SidAsync(installation, ledger, parsed, contact, cancel);
        var (at, before) = Before(asOf, installation.Time);
        var person = await Replay.PersonAsync(installation.Store, ledger, sid, before, cancel);
        if (person is null)
        {
            Terminal.Error(CliText.Say("Replay.NotYet"));
            return Exit.No;
        }

        // Judged at the instant asked about; of a size, when its last record about the person was written.
        var instant = at ?? person.Records[^1].At;
        var lines = ConsentState.Fold(person.Records).Lines(instant).ToList();
        if (parsed.GetValue(Terminal.Json))
            Console.Out.WriteLine(Json(person, lines));
        else
            Write(TextSheet.On(Console.Out), person, lines);
        return Exit.Done;
    }

    private static (Instant? At, Func<LedgerRecord, bool> Before) Before(string? asOf, TimeProvider time)
    {
        if (long.TryParse(asOf, NumberStyles.None, CultureInfo.InvariantCulture, out var size))
            return (null, record => record.Seq < size);
        var at = KnownContactOptions.InstantOf(asOf, time);
        return (at, record => record.At <= at);
    }

    private static void Write(TextSheet sheet, Person person, List<ConsentLine> lines)
    {
        Row("Sid", person.Sid.ToString());
        Row("Status", CliText.Say("Contact.Status." + person.Status));
        Row("Residence", person.Residence);
        Row("Source", person.Source is { } source ? Words<ContactSource>.Of(source) : null);
        sheet.Heading(CliText.Say("Replay.Consents"));
        foreach (var line in lines)
        {
            sheet.Row(
                line.Channel?.Word() ?? CliText.Say("Export.All"),
                $"{line.Purpose ?? CliText.Say("Export.All")}: {StandingOf(line)}{(line.Answer.Since is { } since ? $", {InstantPattern.General.Format(since)}" : "")} ({string.Join(", ", line.Answer.Seqs)})", Indent, Labels);
        }

        sheet.Heading(CliText.Say("Contact.History"));
        foreach (var record in person.Records)
            sheet.Row(record.At.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture), HistoryLine.Of(record), Indent, Labels);

        void Row(string label, string? text) => sheet.Row(CliText.Say("Contact." + label), text, Indent, Labels);
    }

    private static string Json(Person person, List<ConsentLine> lines) => CliJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("sid", person.Sid.ToString());
        json.WriteString("status", person.Status.ToString().ToLowerInvariant());
        json.WriteString("residence", person.Residence);
        json.WriteString("source", person.Source is { } source ? Words<ContactSource>.Of(source) : null);
        json.WriteBoolean("minor", person.IsMinor);
        json.WriteStartArray("consents");
        foreach (var line in lines)
        {
            json.WriteStartObject();
            json.WriteString("point", line.Point?.ToString());
            json.WriteString("channel", line.Channel?.Word());
            json.WriteString("purpose", line.Purpose);
            json.WriteString("standing", StandingOf(line));
            json.WriteString("since", line.Answer.Since is { } since ? InstantPattern.ExtendedIso.Format(since) : null);
            json.WriteString("until", line.Answer.Until is { } until ? InstantPattern.ExtendedIso.Format(until) : null);
            json.WriteStartArray("seqs");
            foreach (var seq in line.Answer.Seqs)
                json.WriteNumberValue(seq);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("records");
        foreach (var record in person.Records)
            json.WriteNumberValue(record.Seq);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static string StandingOf(ConsentLine line) => Words<ConsentStanding>.Of(line.Answer.Standing);

    private static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> words)
    {
        json.WriteStartArray(name);
        foreach (var word in words)
            json.WriteStringValue(word);
        json.WriteEndArray();
    }
}
