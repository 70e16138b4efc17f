using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Server.Cli;

namespace Ringfence.Server.Rules;

/// <summary><c>ringfence rules diff</c>: which rules two sets have otherwise, and which cases they answer otherwise.</summary>
internal static class RulesDiffCommand
{
    private const int Indent = 2;
    private const int Labels = 13;

    /// <summary>A case that the two sets answer otherwise.</summary>
    private sealed record Changed(WorkedCase Case, IReadOnlyList<VerdictDifference> Differences);

    /// <summary>The command, ready to be added.</summary>
    public static Command Create()
    {
        var before = new Argument<string>("A") { Description = CliText.Say("RulesDiff.Argument.A") };
        var after = new Argument<string>("B") { Description = CliText.Say("RulesDiff.Argument.B") };
        var cases = new Option<string[]>("--cases") { HelpName = "FILE", Description = CliText.Say("RulesDiff.Option.cases") };
        var command = new Command("diff", CliText.Say("RulesDiff.Description")) { before, after, cases };
        command.SetAction(parsed => Run(
            parsed.GetValue(before)!, parsed.GetValue(after)!, parsed.GetValue(cases) ?? [], parsed.GetValue(Terminal.Json), Console.Out, Console.Error));
        return command;
    }

    /// <summary>Compares two sets of rules; returns the exit code.</summary>
    internal static int Run(string before, string after, IReadOnlyList<string> files, bool json, TextWriter output, TextWriter errors)
    {
        Rulebook rulesBefore, rulesAfter;
        try
        {
            rulesBefore = RuleFolder.Read(before);
            rulesAfter = RuleFolder.Read(after);
        }
        catch (UnusableFileException e)
        {
            Terminal.Error(errors, e.Message);
            return Exit.Unusable;
        }

        var unusable = false;
        var cases = CaseFolder.Read(files, Tell);
        var (was, now) = (new ContactGate(rulesBefore), new ContactGate(rulesAfter));
        Changed[] changed =
        [
            .. cases.Select(worked => new Changed(worked, CaseFolder.Ask(worked, was, Tell) is { } first && CaseFolder.Ask(worked, now, Tell) is { } second ? VerdictDifference.Between(first, second) : []))
                .Where(static one => one.Differences.Count > 0),
        ];
        var rules = RulebookDifference.Between(rulesBefore, rulesAfter);
        if (json)
            output.WriteLine(WriteJson(rules, cases.Count, changed));
        else
            Write(rules, cases.Count, changed, TextSheet.On(output));
        return unusable ? Exit.Unusable : changed.Length > 0 ? Exit.No : Exit.Done;

        void Tell(string fault)
        {
            unusable = true;
            Terminal.Error(errors, fault);
        }
    }

    private static void Write(RulebookDifference rules, int cases, Changed[] changed, TextSheet sheet)
    {
        Rules("Added", rules.Added.Select(Line));
        Rules("Removed", rules.Removed.Select(Line));
        Rules("Changed", rules.Changed.Select(Line));
        Rules("Other", rules.OtherFiles);
        if (rules.IsNone)
            sheet.Paragraph(CliText.Say("RulesDiff.SameRules"));
        foreach (var (worked, differences) in changed)
        {
            sheet.Blank();
            sheet.Line(string.Create(CultureInfo.InvariantCulture, $"{worked.File}:{worked.Line}: {worked.Name}"));
            foreach (var difference in differences)
                sheet.Row(CliText.Say("RulesDiff.What." + difference.What), Sentence(difference), Indent, Labels);
        }

        sheet.Blank();
        sheet.Paragraph(CliText.Say("RulesDiff.Count", changed.Length, cases));

        void Rules(string key, IEnumerable<string> lines)
        {
            var all = lines.ToArray();
            if (all.Length == 0)
                return;
            sheet.Heading(CliText.Say("RulesDiff." + key, all.Length));
            foreach (var line in all)
                sheet.Line("  " + line);
        }

        static string Line(Rule rule) => $"{rule.Id}  {rule.File}";
    }

    private static string Sentence(VerdictDifference difference)
    {
        var none = CliText.Say("RulesDiff.None");
        // Reasons that go and reasons that come are two things; of all else one takes the place of the other.
        return difference.What != "reasons"
            ? $"{difference.Before ?? none} → {difference.After ?? none}"
            : string.Join("; ", new[] { difference.Before is { } gone ? CliText.Say("RulesDiff.Gone", gone) : null, difference.After is { } come ? CliText.Say("RulesDiff.Come", come) : null }.OfType<string>());
    }

    private static string WriteJson(RulebookDifference rules, int cases, Changed[] changed) => CliJson.Write(json =>
    {
        json.WriteStartObject();
        Rules("added", rules.Added);
        Rules("removed", rules.Removed);
        Rules("changed", rules.Changed);
        json.WriteStartArray("otherFiles");
        foreach (var file in rules.OtherFiles)
            json.WriteStringValue(file);
        json.WriteEndArray();
        json.WriteNumber("cases", cases);
        json.WriteStartArray("differences");
        foreach (var (worked, differences) in changed)
            Case(json, worked, differences);
        json.WriteEndArray();
        json.WriteEndObject();

        void Rules(string name, IReadOnlyList<Rule> list)
        {
            json.WriteStartArray(name);
            foreach (var rule in list)
            {
                json.WriteStartObject();
                json.WriteString("id", rule.Id);
                json.WriteString("file", rule.File);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }
    });

    private static void Case(Utf8JsonWriter json, WorkedCase worked, IReadOnlyList<VerdictDifference> differences)
    {
        json.WriteStartObject();
        json.WriteString("file", worked.File);
        json.WriteNumber("line", worked.Line);
        json.WriteString("case", worked.Name);
        json.WriteStartArray("what");
        foreach (var difference in differences)
        {
            json.WriteStartObject();
            json.WriteString("what", difference.What);
            json.WriteString("before", difference.Before);
            json.WriteString("after", difference.After);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
