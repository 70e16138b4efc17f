using System.CommandLine;
using System.Globalization;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;

namespace Ringfence.Server.Consent.Forms;

/// <summary><c>ringfence form</c>: the forms by which people are asked. What breaks a rule of a place where it is offered is not published.</summary>
internal static class FormCliCommand
{
    public static Command Create(TimeProvider time) => new("form", CliText.Say("Form.Description")) { Check(time), Publish(time), List(time), Show(time) };

    private static Command Check(TimeProvider time)
    {
        var file = new Argument<string>("FILE") { Description = CliText.Say("Form.Argument.FILE") };
        var command = new Command("check", CliText.Say("Form.Check.Description")) { file };
        command.SetAction(parsed =>
        {
            if (TextFile.Read(parsed.GetValue(file)!, FormDocument.Read) is not { } form)
                return Exit.Unusable;
            var findings = FormLint.Check(form, Rulebook.Shipped, LocalDate.FromDateTime(time.GetUtcNow().UtcDateTime));
            if (parsed.GetValue(Terminal.Json))
                Console.Out.WriteLine(Json(form, findings));
            else
                Write(TextSheet.On(Console.Out), form, findings);
            return findings.Count == 0 ? Exit.Done : Exit.No;
        });
        return command;
    }

    private static Command Publish(TimeProvider time)
    {
        var file = new Argument<string>("FILE") { Description = CliText.Say("Form.Argument.FILE") };
        var command = new Command("publish", CliText.Say("Form.Publish.Description")) { file }.OnLedger();
        command.SetAction((parsed, cancel) =>
        {
            if (TextFile.Read(parsed.GetValue(file)!, FormDocument.Read) is not { } form)
                return Task.FromResult(Exit.Unusable);
            var findings = FormLint.Check(form, Rulebook.Shipped, LocalDate.FromDateTime(time.GetUtcNow().UtcDateTime));
            if (findings.Count > 0)
            {
                Write(TextSheet.On(Console.Error), form, findings);
                Terminal.Error(CliText.Say("Form.NotPublished"));
                return Task.FromResult(Exit.No);
            }

            return StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
            {
                var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
                var already = await PublishedForms.PublishAsync(installation, ledger, StoreArguments.Actor(parsed), form, Rulebook.Shipped, stop);
                Console.Out.WriteLine(parsed.GetValue(Terminal.Json) ? Json(form, findings) : CliText.Say(already ? "Form.Already" : "Form.Published", form.Digest.ToString()));
                return Exit.Done;
            }, cancel);
        });
        return command;
    }

    private static Command List(TimeProvider time)
    {
        var command = new Command("list", CliText.Say("Form.List.Description")).OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var forms = await PublishedForms.AllAsync(installation.Store, ledger, stop);
            if (parsed.GetValue(Terminal.Json))
            {
                Console.Out.WriteLine(CliJson.Write(json =>
                {
                    json.WriteStartArray();
                    foreach (var form in forms)
                    {
                        json.WriteStartObject();
                        json.WriteString("id", form.Id);
                        json.WriteString("version", form.Version);
                        json.WriteString("digest", form.Digest.ToString());
                        json.WriteEndObject();
                    }

                    json.WriteEndArray();
                }));
                return Exit.Done;
            }

            foreach (var form in forms)
                Console.Out.WriteLine($"{form.Id}@{form.Version}  {form.Digest}  {string.Join(' ', form.Languages)}");
            return Exit.Done;
        }, cancel));
        return command;
    }

    private static Command Show(TimeProvider time)
    {
        var name = new Argument<string>("FORM") { Description = CliText.Say("Form.Argument.FORM") };
        var command = new Command("show", CliText.Say("Form.Show.Description")) { name }.OnLedger();
        command.SetAction((parsed, cancel) => StoreArguments.RunAsync(parsed, time, async (installation, stop) =>
        {
            var ledger = await installation.LedgerAsync(StoreArguments.ControllerOf(parsed), stop);
            var form = await PublishedForms.FindAsync(installation, ledger, parsed.GetValue(name)!, stop);
            if (parsed.GetValue(Terminal.Json))
                Console.Out.WriteLine(System.Text.Encoding.UTF8.GetString(form.ToBytes()));
            else
                Write(TextSheet.On(Console.Out), form, []);
            return Exit.Done;
        }, cancel));
        return command;
    }

    private static void Write(TextSheet sheet, FormDocument form, IReadOnlyList<FormFinding> findings)
    {
        const int room = 26;
        var language = LanguageTexts.TagOf(CultureInfo.CurrentUICulture);
        foreach (var finding in findings)
        {
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

        if (findings.Count > 0)
            return;
        sheet.Line(CliText.Say("Wording.Clean"));
        foreach (var steps in FormSteps.Of(form))
            sheet.Row(steps.Box.Name, CliText.Say("Form.Steps", steps.ToGive, steps.ToStop ?? 0, string.Join(", ", steps.Ways.Select(static way => $"{way.Name} {way.Steps}"))), 2, room);
    }

    private static string Json(FormDocument form, IReadOnlyList<FormFinding> findings) => CliJson.Write(json =>
    {
        var language = LanguageTexts.TagOf(CultureInfo.CurrentUICulture);
        json.WriteStartObject();
        json.WriteString("digest", form.Digest.ToString());
        json.WriteBoolean("passes", findings.Count == 0);
        json.WriteStartArray("findings");
        foreach (var finding in findings)
        {
            json.WriteStartObject();
            json.WriteString("code", finding.Code);
            json.WriteString("where", finding.Where);
            json.WriteString("reason", finding.Reason.In(language));
            json.WriteString("cure", finding.Cure.In(language));
            if (finding.Detail is { } detail)
                json.WriteString("detail", detail);
            if (finding.Rule is { } rule)
                json.WriteString("rule", rule.Id);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("steps");
        foreach (var steps in FormSteps.Of(form))
        {
            json.WriteStartObject();
            json.WriteString("box", steps.Box.Name);
            json.WriteNumber("toGive", steps.ToGive);
            if (steps.ToStop is { } stop)
                json.WriteNumber("toStop", stop);
            if (steps.Way is { } way)
                json.WriteString("way", way);
            json.WriteStartObject("ways");
            foreach (var one in steps.Ways)
            {
                if (one.Steps is { } counted)
                    json.WriteNumber(one.Name, counted);
                else
                    json.WriteNull(one.Name);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
