using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Server.Cli;

namespace Ringfence.Server.Rules;

/// <summary><c>ringfence rules test</c>: asks the gate every worked case and tells where it answers otherwise.</summary>
internal static class RulesTestCommand
{
    /// <summary>A case that came out otherwise than expected.</summary>
    /// <param name="Case">The case.</param>
    /// <param name="Differences">What differs.</param>
    private sealed record Failure(WorkedCase Case, IReadOnlyList<CaseDifference> Differences);

    /// <summary>The command, ready to be added.</summary>
    public static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Arity = ArgumentArity.ZeroOrMore, Description = CliText.Say("RulesTest.Argument.FILE") };
        var rules = RuleFolder.NewOption();
        var house = HouseFile.NewOption();
        var command = new Command("test", CliText.Say("RulesTest.Description")) { files, rules, house };
        command.SetAction(parsed =>
            Run(parsed.GetValue(files) ?? [], parsed.GetValue(rules), parsed.GetValue(Terminal.Json), Console.Out, Console.Error, parsed.GetValue(house)));
        return command;
    }

    /// <summary>Runs cases; returns the exit code.</summary>
    internal static int Run(IReadOnlyList<string> files, string? folder, bool json, TextWriter output, TextWriter errors, string? house = null)
    {
        ContactGate gate;
        try
        {
            gate = folder is null ? ContactGate.Shipped : new ContactGate(RuleFolder.Read(folder));
            gate = HouseFile.On(gate, house);
        }
        catch (UnusableFileException e)
        {
            Terminal.Error(errors, e.Message);
            return Exit.Unusable;
        }

        var unusable = false;
        var cases = CaseFolder.Read(files, fault =>
        {
            unusable = true;
            Terminal.Error(errors, fault);
        });
        var failures = new List<Failure>();
        foreach (var worked in cases)
        {
            if (CaseCheck.Run(worked, gate) is { Count: > 0 } differences)
                failures.Add(new Failure(worked, differences));
        }

        if (json)
            WriteJson(cases.Count, failures, output);
        else
            Write(cases.Count, failures, output);
        return unusable ? Exit.Unusable : failures.Count > 0 ? Exit.No : Exit.Done;
    }

    private static void Write(int cases, List<Failure> failures, TextWriter output)
    {
        foreach (var (worked, differences) in failures)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{worked.File}:{worked.Line}: {worked.Name}"));
            foreach (var difference in differences)
                output.WriteLine("    " + Sentence(difference));
        }

        // The last line is the same in every language: scripts look for it.
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{cases - failures.Count} passed, {failures.Count} failed"));
    }

    private static string Sentence(CaseDifference difference)
    {
        if (difference.What == CaseDifference.HouseFault)
            return difference.Got!;
        if (difference.What == CaseDifference.UnknownRule)
            return CliText.Say("CaseDiffers.unknown-rule", difference.Expected!);
        var none = CliText.Say("CaseDiffers.None");
        var expected = difference.What == "without" ? CliText.Say("CaseDiffers.Without", difference.Expected!) : difference.Expected ?? none;
        return CliText.Say("CaseDiffers", CliText.Say("CaseDiffers.What." + difference.What), expected, difference.Got ?? none);
    }

    private static void WriteJson(int cases, List<Failure> failures, TextWriter output)
    {
        output.WriteLine(CliJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("passed", cases - failures.Count);
            json.WriteNumber("failed", failures.Count);
            json.WriteStartArray("failures");
            foreach (var (worked, differences) in failures)
            {
                json.WriteStartObject();
                json.WriteString("file", worked.File);
                json.WriteNumber("line", worked.Line);
                json.WriteString("case", worked.Name);
                json.WriteStartArray("differences");
                foreach (var difference in differences)
                {
                    json.WriteStartObject();
                    json.WriteString("what", difference.What);
                    json.WriteString("expected", difference.Expected);
                    json.WriteString("got", difference.Got);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }));
    }
}
