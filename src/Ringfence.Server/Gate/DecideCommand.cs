using System.CommandLine;
using System.Globalization;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Server.Cli;
using Ringfence.Server.Rules;

namespace Ringfence.Server.Gate;

/// <summary><c>ringfence decide</c>: one verdict with every reason, from a file that states all facts.</summary>
internal static class DecideCommand
{
    /// <summary>The command, ready to be added to the program's.</summary>
    public static Command Create()
    {
        var file = new Argument<string>("SITUATION") { Description = CliText.Say("Decide.Argument.SITUATION") };
        var rules = RuleFolder.NewOption();
        var house = HouseFile.NewOption();
        var command = new Command("decide", CliText.Say("Decide.Description")) { file, rules, house };
        command.SetAction(parsed => Run(
            parsed.GetValue(file)!, parsed.GetValue(rules), parsed.GetValue(Terminal.Json), parsed.GetValue(Terminal.Quiet), Console.Out, Console.Error, parsed.GetValue(house)));
        return command;
    }

    /// <summary>Answers one situation; returns the exit code.</summary>
    internal static int Run(string file, string? rules, bool json, bool quiet, TextWriter output, TextWriter errors, string? house = null)
    {
        Situation situation;
        ContactGate gate;
        try
        {
            situation = SituationFile.Read(file.Replace('\\', '/'), TextFile.Read(file));
            gate = HouseFile.On(rules is null ? ContactGate.Shipped : new ContactGate(RuleFolder.Read(rules)), house);
        }
        catch (UnusableFileException e)
        {
            Terminal.Error(errors, e.Message);
            return Exit.Unusable;
        }
        catch (RuleFileException e) when (e.File == file.Replace('\\', '/'))
        {
            Terminal.Error(errors, CliText.Say("File.Fault", e.Message));
            return Exit.Unusable;
        }

        var verdict = gate.Decide(situation);
        // Who may be contacted as asked needs no other way.
        var alternatives = verdict is Verdict.Allowed ? [] : gate.Alternatives(situation);
        var told = Explanation.Of(situation, verdict, alternatives, LanguageTexts.TagOf(CultureInfo.CurrentUICulture));
        if (json)
            output.WriteLine(VerdictJson.Write(verdict, told));
        else
            new VerdictPage(verdict, told, TextSheet.On(output)).Write(quiet);
        return verdict is Verdict.Allowed ? Exit.Done : Exit.No;
    }
}
