using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Ringfence.Server.Lists.Report;

namespace Ringfence.Server.Cli;

/// <summary>What <c>--help</c> shows, in the language of the run, on a grid in which a Han character takes two columns.</summary>
internal sealed class HelpPage : SynchronousCommandLineAction
{
    // Wider than this lines are hard to read.
    private const int Widest = 110;

    /// <summary>Takes the place of the help that the library would show, in all commands.</summary>
    public static void Use(RootCommand root)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpPage();
        help.Description = CliText.Say("Help.Help");
        root.Options.OfType<VersionOption>().Single().Description = CliText.Say("Help.Version");
        ShowAlone(root);
    }

    /// <summary>The command as it is typed: <c>ringfence rules test</c>.</summary>
    public static string PathOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathOf(parent)} {command.Name}" : "ringfence";

    // A command that only has others under it shows what there is.
    private static void ShowAlone(Command command)
    {
        if (command.Subcommands.Count == 0)
            return;
        if (command.Action is null)
            command.SetAction(static parsed => Write(parsed.CommandResult.Command, Console.Out, Terminal.Width));
        foreach (var sub in command.Subcommands)
            ShowAlone(sub);
    }

    // Who asks for help has not finished the line.
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        Write(parseResult.CommandResult.Command, parseResult.InvocationConfiguration.Output, Terminal.Width);
        return Exit.Done;
    }

    /// <summary>Writes the page of a command.</summary>
    public static void Write(Command command, TextWriter to, int width)
    {
        width = Math.Min(width, Widest);
        var page = new Page(to, width);
        page.Text(command.Description ?? "", "");
        page.Title("Help.Usage");
        page.Text(string.Join(' ', Usage(command)), "  ");
        page.Table("Help.Arguments", [.. command.Arguments.Select(static a => (a.Name, a.Description))]);
        page.Table("Help.Commands", [.. command.Subcommands.Select(static c => (string.Join(' ', [c.Name, .. c.Arguments.Select(static a => a.Name)]), c.Description))]);
        var inherited = Ancestors(command).SelectMany(static p => p.Options).Where(static o => o.Recursive);
        page.Table("Help.Options", [.. command.Options.Concat(inherited).Where(static o => !o.Hidden).Select(static o => (NameOf(o), o.Description))]);
    }

    private static IEnumerable<Command> Ancestors(Command command) =>
        command.Parents.OfType<Command>().SelectMany(static parent => (Command[])[parent, .. Ancestors(parent)]);

    private static IEnumerable<string> Usage(Command command)
    {
        yield return PathOf(command);
        if (command.Subcommands.Count > 0 && command.Arguments.Count == 0)
            yield return "COMMAND";
        foreach (var argument in command.Arguments)
        {
            var name = argument.Arity.MaximumNumberOfValues > 1 ? argument.Name + "..." : argument.Name;
            yield return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
        }
        yield return "[options]";
    }

    private static string NameOf(Option option)
    {
        var names = string.Join(", ", option.Aliases.Where(static a => a.StartsWith('-') && !a.Contains('?', StringComparison.Ordinal)).Append(option.Name).Distinct());
        return option.HelpName is { } value ? $"{names} {value}" : names;
    }

    private sealed class Page(TextWriter to, int width)
    {
        // A name longer than this has a line of its own.
        private const int WidestName = 30;

        public void Title(string key)
        {
            to.WriteLine();
            to.WriteLine(CliText.Say(key));
        }

        public void Text(string text, string indent)
        {
            foreach (var line in TerminalText.Wrap(text, width - indent.Length))
                to.WriteLine(indent + line);
        }

        public void Table(string title, IReadOnlyList<(string Name, string? Meaning)> rows)
        {
            if (rows.Count == 0)
                return;
            Title(title);
            var names = Math.Min(WidestName, rows.Max(static r => r.Name.Length)) + 2;
            foreach (var (name, meaning) in rows)
            {
                var label = name;
                foreach (var line in TerminalText.Wrap(meaning ?? "", width - names - 2))
                {
                    to.WriteLine("  " + TerminalText.Left(label, names) + line);
                    label = "";
                }
            }
        }
    }
}
