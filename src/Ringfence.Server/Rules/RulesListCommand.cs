using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Server.Cli;

namespace Ringfence.Server.Rules;

/// <summary><c>ringfence rules list</c>: the rules, pack by pack.</summary>
internal static class RulesListCommand
{
    /// <summary>What is asked for.</summary>
    /// <param name="Pack">The folder or the prefix of one pack; null for all.</param>
    /// <param name="On">The day on which the rules hold.</param>
    /// <param name="All">Every version, whenever it holds.</param>
    /// <param name="Folder">The folder of the rules; null for those of the program.</param>
    /// <param name="House">House rules on top; null for none.</param>
    internal sealed record Asked(string? Pack, LocalDate On, bool All, string? Folder, string? House = null);

    private const int Indent = 2;

    /// <summary>The command, ready to be added.</summary>
    public static Command Create(TimeProvider time)
    {
        var pack = new Option<string?>("--pack") { HelpName = "NAME", Description = CliText.Say("RulesList.Option.pack") };
        var on = new Option<string?>("--on") { HelpName = "DATE", Description = CliText.Say("RulesList.Option.on") };
        var all = new Option<bool>("--all") { Description = CliText.Say("RulesList.Option.all") };
        var rules = RuleFolder.NewOption();
        var house = HouseFile.NewOption();
        var command = new Command("list", CliText.Say("RulesList.Description")) { pack, on, all, rules, house };
        command.SetAction(parsed =>
        {
            var day = LocalDate.FromDateTime(time.GetLocalNow().DateTime);
            if (parsed.GetValue(on) is { } text && !LocalDatePattern.Iso.Parse(text).TryGetValue(day, out day))
            {
                Terminal.Error(CliText.Say("BadOption", "--on", text) + " " + CliText.Say("BadOption.as-of"));
                return Exit.Unusable;
            }

            var asked = new Asked(parsed.GetValue(pack), day, parsed.GetValue(all), parsed.GetValue(rules), parsed.GetValue(house));
            return Run(asked, parsed.GetValue(Terminal.Json), Console.Out, Console.Error);
        });
        return command;
    }

    /// <summary>Lists the rules; returns the exit code.</summary>
    internal static int Run(Asked asked, bool json, TextWriter output, TextWriter errors)
    {
        Rulebook book;
        try
        {
            book = HouseFile.On(RuleFolder.Read(asked.Folder), asked.House);
        }
        catch (UnusableFileException e)
        {
            Terminal.Error(errors, e.Message);
            return Exit.Unusable;
        }

        var folders = book.Rules.Select(static rule => rule.Pack).Union(book.Packs.Select(static pack => pack.Name)).Order(StringComparer.Ordinal);
        if (asked.Pack is { } name)
        {
            var named = book.Packs.FirstOrDefault(pack => pack.Prefix == name)?.Name ?? name;
            folders = folders.Where(folder => folder == named || folder == name).Order(StringComparer.Ordinal);
            if (!folders.Any())
            {
                Terminal.Error(errors, CliText.Say("RulesList.NoPack", name, string.Join(", ", book.Packs.Select(static pack => pack.Name))));
                return Exit.Unusable;
            }
        }

        var listed = folders.Select(folder => (Folder: folder, Rules: book.Rules.Where(rule => rule.Pack == folder && (asked.All || RuleTimes.IsOf(rule, asked.On))).ToArray())).ToArray();
        if (json)
        {
            output.WriteLine(CliJson.Write(to => WriteJson(listed.SelectMany(static pack => pack.Rules), to)));
            return Exit.Done;
        }

        Write(asked, book, listed, TextSheet.On(output));
        return Exit.Done;
    }

    private static void Write(Asked asked, Rulebook book, (string Folder, Rule[] Rules)[] listed, TextSheet sheet)
    {
        var say = new GateLanguage(LanguageTexts.TagOf(CultureInfo.CurrentUICulture));
        sheet.Paragraph(asked.All ? CliText.Say("RulesList.AllVersions") : CliText.Say("RulesList.HoldOn", say.Date(asked.On)));
        foreach (var (folder, rules) in listed)
        {
            if (rules.Length == 0)
                continue;
            sheet.Heading(book.Packs.FirstOrDefault(pack => pack.Name == folder) is { } pack
                ? pack.IsHouse ? say.Beside(pack.Title.In(say.Tag), folder) : say.Parts([say.Beside(pack.Title.In(say.Tag), folder), pack.Reviewed is { } day ? CliText.Say("Decide.Reviewed", say.Date(day)) : CliText.Say("Decide.NotReviewed")])
                : folder);
            foreach (var rule in rules)
            {
                sheet.Line($"{new string(' ', Indent)}{rule.Id}");
                sheet.Paragraph(rule.Says.In(say.Tag), Indent * 2);
                sheet.Paragraph(say.Parts([RuleTimes.Interval(rule, say), RuleTimes.Standing(rule, say), .. RuleTimes.StateOf(rule) is { } state ? [state] : Array.Empty<string>()]), Indent * 2);
            }
        }

        sheet.Blank();
        var count = listed.Sum(static pack => pack.Rules.Length);
        var more = asked.All ? 0 : book.Rules.Count(rule => listed.Any(pack => pack.Folder == rule.Pack)) - count;
        sheet.Paragraph(CliText.Say("RulesList.Count", count, listed.Count(static pack => pack.Rules.Length > 0)));
        if (more > 0)
            sheet.Paragraph(CliText.Say("RulesList.More", more));
    }

    private static void WriteJson(IEnumerable<Rule> rules, Utf8JsonWriter json)
    {
        json.WriteStartArray();
        foreach (var rule in rules)
        {
            json.WriteStartObject();
            RuleJson.Head(json, rule);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
