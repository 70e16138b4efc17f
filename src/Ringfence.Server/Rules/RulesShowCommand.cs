using System.CommandLine;
using System.Globalization;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Server.Cli;

namespace Ringfence.Server.Rules;

/// <summary><c>ringfence rules show</c>: one rule in all its versions, in plain words and as its file says it, with the cases that show it.</summary>
internal static class RulesShowCommand
{
    // More cases than this are a file to be opened.
    private const int MostCases = 20;

    private const int Indent = 2;
    private const int Labels = 13;

    /// <summary>What is asked for.</summary>
    /// <param name="Id">The id of the rule.</param>
    /// <param name="Today">The day that tells which version is in force.</param>
    /// <param name="All">All cases are named, however many.</param>
    /// <param name="Folder">The folder of the rules; null for those of the program.</param>
    /// <param name="House">House rules on top; null for none.</param>
    internal sealed record Asked(string Id, LocalDate Today, bool All = false, string? Folder = null, string? House = null);

    /// <summary>A case in which a rule plays a part, and what comes out of it.</summary>
    internal sealed record Shown(WorkedCase Case, string Verdict, bool Names);

    /// <summary>The command, ready to be added.</summary>
    public static Command Create(TimeProvider time)
    {
        var id = new Argument<string>("ID") { Description = CliText.Say("RulesShow.Argument.ID") };
        var rules = RuleFolder.NewOption();
        var all = new Option<bool>("--all") { Description = CliText.Say("RulesShow.Option.all") };
        var house = HouseFile.NewOption();
        var command = new Command("show", CliText.Say("RulesShow.Description")) { id, all, rules, house };
        command.SetAction(parsed => Run(
            new Asked(parsed.GetValue(id)!, LocalDate.FromDateTime(time.GetLocalNow().DateTime), parsed.GetValue(all), parsed.GetValue(rules), parsed.GetValue(house)),
            [], parsed.GetValue(Terminal.Json), Console.Out, Console.Error));
        return command;
    }

    /// <summary>Shows a rule; returns the exit code.</summary>
    /// <param name="asked">What is asked for.</param>
    /// <param name="cases">Files of cases; none for those of the program.</param>
    /// <param name="json">As JSON.</param>
    /// <param name="output">Where it goes.</param>
    /// <param name="errors">Where errors go.</param>
    internal static int Run(Asked asked, IReadOnlyList<string> cases, bool json, TextWriter output, TextWriter errors)
    {
        ContactGate gate;
        try
        {
            gate = HouseFile.On(asked.Folder is null ? ContactGate.Shipped : new ContactGate(RuleFolder.Read(asked.Folder)), asked.House);
        }
        catch (UnusableFileException e)
        {
            Terminal.Error(errors, e.Message);
            return Exit.Unusable;
        }

        var (book, id) = (gate.Rules, asked.Id);
        Rule[] versions = [.. book.Rules.Where(rule => rule.Id == id).OrderBy(static rule => rule.From)];
        if (versions.Length == 0)
        {
            var near = book.Nearest(id);
            Terminal.Error(errors, near.Count > 0 ? CliText.Say("RulesShow.Nearest", id, string.Join(", ", near)) : CliText.Say("RulesShow.NoRule", id));
            return Exit.Unusable;
        }

        Shown[] shown = [.. CaseFolder.Read(cases, Tell).Select(worked => CaseFolder.Ask(worked, gate, Tell) is { } verdict ? PartIn(worked, id, versions[0], verdict) : null).OfType<Shown>().OrderByDescending(static one => one.Names)];
        if (json)
            output.WriteLine(WriteJson(book, versions, shown));
        else
            Write(book, versions, shown, asked, TextSheet.On(output));
        return Exit.Done;

        void Tell(string fault) => Terminal.Error(errors, fault);
    }

    /// <summary>A case that names the rule, lies in its folder, or in whose verdict it appears; null for all others.</summary>
    private static Shown? PartIn(WorkedCase worked, string id, Rule rule, Verdict verdict)
    {
        var names = RuleCases.Names(worked, id);
        var appears = verdict.AllReasons.Any(reason => reason.Rule?.Id == id)
            || (verdict is Verdict.Allowed allowed && (allowed.Grounds.Any(ground => ground.Rule.Id == id) || allowed.Obligations.Any(duty => duty.Rule?.Id == id)));
        return names || RuleCases.Belongs(worked, rule) || appears ? new Shown(worked, verdict.Word, names) : null;
    }

    private static void Write(Rulebook book, Rule[] versions, Shown[] shown, Asked asked, TextSheet sheet)
    {
        var say = new GateLanguage(LanguageTexts.TagOf(CultureInfo.CurrentUICulture));
        var pack = book.Packs.FirstOrDefault(pack => pack.Name == versions[0].Pack);
        sheet.Line(pack is null ? versions[0].Id : say.Parts([versions[0].Id, say.Beside(pack.Title.In(say.Tag), pack.Name)]));
        foreach (var rule in versions)
        {
            var told = ExplainedRule.Of(rule, say.Tag);
            sheet.Heading(say.Beside(RuleTimes.Interval(rule, say), RuleTimes.On(rule, asked.Today)));
            sheet.Paragraph(told.Says, Indent);
            sheet.Blank();
            Label("Cites", rule.Cites);
            for (var i = 0; i < rule.Sources.Count; i++)
                sheet.Address(i == 0 ? CliText.Say("Decide.Source") : "", rule.Sources[i].AbsoluteUri, Indent, Labels);
            Label("Certainty", told.Certainty);
            Label("Grade", told.Grade);
            Label("Reading", rule.Reading);
            Label("Contested", rule.Contested);
            Label("File", rule.File);
            sheet.Blank();
            foreach (var line in book.Passage(rule).Split('\n'))
                sheet.Line(new string(' ', Indent * 2) + line);
        }

        sheet.Heading(CliText.Say("RulesShow.Cases", shown.Length));
        foreach (var one in asked.All ? shown : shown.Take(MostCases))
        {
            sheet.Row(one.Verdict, one.Case.Name, Indent, Labels);
            sheet.Address("", string.Create(CultureInfo.InvariantCulture, $"{one.Case.File}:{one.Case.Line}"), Indent, Labels);
        }

        if (!asked.All && shown.Length > MostCases)
            sheet.Paragraph(CliText.Say("RulesShow.MoreCases", shown.Length - MostCases), Indent);

        void Label(string key, string? text) => sheet.Row(CliText.Say("Decide." + key), text, Indent, Labels);
    }

    private static string WriteJson(Rulebook book, Rule[] versions, Shown[] shown) => CliJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("id", versions[0].Id);
        json.WriteStartArray("versions");
        foreach (var rule in versions)
        {
            json.WriteStartObject();
            RuleJson.Head(json, rule);
            json.WriteString("passage", book.Passage(rule));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("cases");
        foreach (var one in shown)
        {
            json.WriteStartObject();
            json.WriteString("case", one.Case.Name);
            json.WriteString("file", one.Case.File);
            json.WriteNumber("line", one.Case.Line);
            json.WriteString("verdict", one.Verdict);
            json.WriteBoolean("names", one.Names);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
