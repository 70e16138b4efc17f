using System.CommandLine;
using System.Globalization;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;
using Ringfence.Server.Rules;

namespace Ringfence.Server.Gate;

/// <summary><c>ringfence decide</c>: one verdict with every reason, from a file that states all facts, or about a contact whom the ledger knows.</summary>
internal static class DecideCommand
{
    /// <summary>The command, ready to be added to the program's.</summary>
    public static Command Create(TimeProvider time)
    {
        var file = new Argument<string?>("SITUATION") { Description = CliText.Say("Decide.Argument.SITUATION"), Arity = ArgumentArity.ZeroOrOne };
        var rules = RuleFolder.NewOption();
        var house = HouseFile.NewOption();
        var known = new KnownContactOptions();
        var command = new Command("decide", CliText.Say("Decide.Description")) { file, rules, house };
        known.AddTo(command);
        command.Validators.Add(result =>
        {
            // Facts stand in a file, or in the ledger.
            if (result.GetValue(file) is null == (result.GetValue(known.Contact) is null))
                result.AddError(CliText.Say("Decide.WhichOfTwo"));
        });
        command.SetAction((parsed, cancel) => parsed.GetValue(file) is { } situation
            ? Task.FromResult(Run(situation, parsed.GetValue(rules), parsed.GetValue(Terminal.Json), parsed.GetValue(Terminal.Quiet), Console.Out, Console.Error, parsed.GetValue(house)))
            : known.RunAsync(parsed, time, parsed.GetValue(rules), parsed.GetValue(house), cancel));
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
            gate = GateOf(rules, house);
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

        return Tell(gate, situation, gate.Decide(situation), null, json, quiet, output);
    }

    /// <summary>The gate of the rules asked for.</summary>
    /// <exception cref="UnusableFileException">They can't be used.</exception>
    internal static ContactGate GateOf(string? rules, string? house) => HouseFile.On(rules is null ? ContactGate.Shipped : new ContactGate(RuleFolder.Read(rules)), house);

    /// <summary>Tells a verdict; returns the exit code.</summary>
    /// <param name="seq">The record that holds it; null: none does.</param>
    internal static int Tell(ContactGate gate, Situation situation, Verdict verdict, long? seq, bool json, bool quiet, TextWriter output)
    {
        // Who may be contacted as asked needs no other way.
        var alternatives = verdict is Verdict.Allowed ? [] : gate.Alternatives(situation);
        var told = Explanation.Of(situation, verdict, alternatives, LanguageTexts.TagOf(CultureInfo.CurrentUICulture));
        if (json)
        {
            output.WriteLine(VerdictJson.Write(verdict, told, seq));
        }
        else
        {
            new VerdictPage(verdict, told, TextSheet.On(output)).Write(quiet);
            if (seq is { } record)
                output.WriteLine("\n" + CliText.Say("Decide.Recorded", record));
        }

        return verdict is Verdict.Allowed ? Exit.Done : Exit.No;
    }
}
