using System.CommandLine;
using System.Globalization;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;

namespace Ringfence.Server.Consent;

/// <summary><c>ringfence wording</c>: the words by which people are asked. What breaks a rule is not published.</summary>
internal static class WordingCliCommand
{
    public static Command Create(TimeProvider time) => new("wording", CliText.Say("Wording.Description")) { Lint(time), Publish(time) };

    private static Command Lint(TimeProvider time)
    {
        var file = new Argument<string>("FILE") { Description = CliText.Say("Wording.Argument.FILE") };
        var places = PlacesOption();
        var command = new Command("lint", CliText.Say("Wording.Lint.Description")) { file, places };
        command.SetAction(parsed =>
        {
            if (TextFile.Read(parsed.GetValue(file)!, WordingDocument.Read) is not { } wording)
                return Exit.Unusable;
            var findings = Check(wording, parsed.GetValue(places), time);
            if (parsed.GetValue(Terminal.Json))
                Console.Out.WriteLine(Json(wording, findings));
            else
                Write(TextSheet.On(Console.Out), findings);
            return WordingLint.Passes(findings) ? Exit.Done : Exit.No;
        });
        return command;
    }

    private static Command Publish(TimeProvider time)
    {
        var file = new Argument<string>("FILE") { Description = CliText.Say("Wording.Argument.FILE") };
        var places = PlacesOption();
        var command = new Command("publish", CliText.Say("Wording.Publish.Description")) { file, places }.OnLedger();
        command.SetAction((parsed, cancel) =>
        {
            if (TextFile.Read(parsed.GetValue(file)!, WordingDocument.Read) is not { } wording)
                return Task.FromResult(Exit.Unusable);
            var findings = Check(wording, parsed.GetValue(places), time);
            if (!WordingLint.Passes(findings))
            {
                Write(TextSheet.On(Console.Error), findings);
                Terminal.Error(CliText.Say("Wording.NotPublished"));
                return Task.FromResult(Exit.No);
            }

            return StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
            {
                var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
                var publish = new PublishCommand(StoreArguments.Actor(parsed), "wording", "application/json", wording.ToBytes(), LanguageOf(wording), wording.Version);
                var answer = CommandAnswer.Read(await (await installation.WriterAsync(ledger, stop)).DoAsync(publish, stop));
                Console.Out.WriteLine(parsed.GetValue(Terminal.Json) ? Json(wording, findings) : CliText.Say(answer.Already ? "Wording.Already" : "Wording.Published", publish.Digest.ToString()));
                return Exit.Done;
            }, cancel);
        });
        return command;
    }

    /// <summary>The language of a wording that has one; several are <c>mul</c>, by ISO 639-2.</summary>
    public static string LanguageOf(WordingDocument wording) => wording.Texts.Count == 1 ? wording.Texts.Keys.First() : "mul";

    private static Option<string?> PlacesOption() => new("--places") { HelpName = "DE,US-FL,...", Description = CliText.Say("Wording.Option.places") };

    private static IReadOnlyList<WordingFinding> Check(WordingDocument wording, string? places, TimeProvider time) => places is null
        ? WordingLint.Check(wording)
        : WordingLint.Check(
            wording, Rulebook.Shipped, places.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), LocalDate.FromDateTime(time.GetUtcNow().DateTime));

    private static void Write(TextSheet sheet, IReadOnlyList<WordingFinding> findings)
    {
        // Codes are at most this long, with a blank after them.
        const int room = 26;
        if (findings.Count == 0)
            sheet.Line(CliText.Say("Wording.Clean"));
        foreach (var finding in findings)
        {
            var language = LanguageTexts.TagOf(CultureInfo.CurrentUICulture);
            sheet.Heading($"{finding.Code}  {finding.Where}");
            sheet.Paragraph(finding.Reason.In(language), 2);
            sheet.Paragraph(finding.Cure.In(language), 2);
            if (finding.Detail is { } detail)
                sheet.Paragraph(detail, 2);
            if (finding.Quote is { } quote)
                sheet.Row(CliText.Say("Wording.Quote"), quote, 2, room);
            if (finding.Rule is { } rule)
                sheet.Row(rule.Id, rule.Cites, 2, room);
        }
    }

    private static string Json(WordingDocument wording, IReadOnlyList<WordingFinding> findings) => CliJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("digest", TreeHash.Sha256(wording.ToBytes()).ToString());
        json.WriteBoolean("passes", WordingLint.Passes(findings));
        json.WriteStartArray("findings");
        foreach (var finding in findings)
        {
            json.WriteStartObject();
            json.WriteString("code", finding.Code);
            json.WriteString("severity", Words<WordingSeverity>.Of(finding.Severity));
            json.WriteString("where", finding.Where);
            json.WriteString("reason", finding.Reason.In(LanguageTexts.TagOf(CultureInfo.CurrentUICulture)));
            json.WriteString("cure", finding.Cure.In(LanguageTexts.TagOf(CultureInfo.CurrentUICulture)));
            if (finding.Rule is { } rule)
                json.WriteString("rule", rule.Id);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
