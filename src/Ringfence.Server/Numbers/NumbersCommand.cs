using System.CommandLine;
using System.Text;
using Ringfence.Numbers;
using Ringfence.Server.Cli;

namespace Ringfence.Server.Numbers;

/// <summary><c>ringfence numbers</c>: one number a line in, what the numbering plans say of it out.</summary>
internal static class NumbersCommand
{
    // Answers are written when this much has gathered, so that a pipe is not woken for every line.
    private const int WriteAfter = 32 * 1024;

    private static readonly Option<string> RegionOption = new("--region") { HelpName = "XX" };
    private static readonly Option<bool> TsvOption = new("--tsv");

    private delegate void Writing(StringBuilder to, in Answer answer);

    /// <summary>The command, ready to be added to the program's.</summary>
    public static Command Create()
    {
        RegionOption.Description = CliText.Say("Numbers.Option.region");
        TsvOption.Description = CliText.Say("Numbers.Option.tsv");
        var command = new Command("numbers", CliText.Say("Numbers.Description")) { RegionOption, TsvOption };
        command.SetAction(static parsed =>
        {
            if (!Console.IsInputRedirected && !parsed.GetValue(Terminal.Quiet))
                Console.Error.WriteLine(CliText.Say("Numbers.Waiting"));
            return Run(
                parsed.GetValue(RegionOption), parsed.GetValue(TsvOption), parsed.GetValue(Terminal.Json),
                Console.OpenStandardInput(), Console.OpenStandardOutput(), Console.Error);
        });
        return command;
    }

    /// <summary>Answers every line; returns the exit code.</summary>
    internal static int Run(string? regionText, bool tsv, bool json, Stream input, Stream output, TextWriter errors)
    {
        var home = Region.Of(regionText);
        if (tsv && json)
        {
            errors.WriteLine("ringfence: " + CliText.Say("Numbers.TwoForms"));
            return Exit.Unusable;
        }
        if (regionText is not null && !string.Equals(regionText, "ZZ", StringComparison.OrdinalIgnoreCase) && !NumberReader.HasPlan(home))
        {
            errors.WriteLine($"ringfence: {CliText.Say("BadOption", "--region", regionText)} {CliText.Say("Numbers.Region")}");
            return Exit.Unusable;
        }

        Writing write = tsv ? NumberAnswers.WriteTsv : json ? NumberAnswers.WriteJson : NumberAnswers.WritePlain;
        var answers = new StringBuilder();
        if (tsv)
            answers.Append(NumberAnswers.TsvHeader).Append('\n');
        var rejected = false;
        var lines = new LineReader(input);
        Span<char> room = new char[LineReader.LongestLine];
        while (lines.TryRead(out var line))
        {
            // The case files begin with remarks and a header; a number that begins with # is spelled \u0023 there.
            if (tsv && (line.StartsWith('#') || line.StartsWith("input\tdefault_region")))
                continue;
            var answer = Read(line, lines.WasCut, home, tsv, room);
            // The table and JSON judge the line as one number; the line for people also reads two numbers, or one in an odd cell.
            rejected |= !(tsv || json ? answer.Reading.IsValid : answer.Cell.IsValid);
            write(answers, answer);
            if (answers.Length > WriteAfter)
                Flush(answers, output);
        }
        Flush(answers, output);
        output.Flush();
        return rejected ? Exit.Rejected : Exit.Done;
    }

    private static Answer Read(ReadOnlySpan<char> line, bool cut, Region home, bool escaped, Span<char> room)
    {
        var number = line;
        var region = home;
        if (line.IndexOf('\t') is >= 0 and var tab)
        {
            number = line[..tab];
            var second = line[(tab + 1)..];
            if (second.IndexOf('\t') is >= 0 and var more)
                second = second[..more];
            second = second.Trim();
            if (!second.IsEmpty)
                region = Region.Of(second);
        }
        if (escaped)
            number = TsvText.Undo(number, room);
        if (cut)
            return new Answer { Input = string.Concat(number[..Math.Min(40, number.Length)], "..."), Region = region, Reading = NumberReader.Read("", region), Cell = new CellNumber { Fault = NumberFault.NotANumber } };
        return new Answer { Input = number.ToString(), Region = region, Reading = NumberReader.Read(number, region), Cell = NumberReader.ReadCell(number, region) };
    }

    private static void Flush(StringBuilder answers, Stream output)
    {
        output.Write(Encoding.UTF8.GetBytes(answers.ToString()));
        answers.Clear();
    }
}

/// <summary>One line's number and what was read from it.</summary>
internal readonly struct Answer
{
    public required string Input { get; init; }

    /// <summary>The region whose spelling was meant.</summary>
    public required Region Region { get; init; }

    /// <summary>The text as one number, nothing mended.</summary>
    public required NumberReading Reading { get; init; }

    /// <summary>The text as a cell of a list, with what can be offered.</summary>
    public required CellNumber Cell { get; init; }

    /// <summary>The mended number on offer, or the number itself where a person should look at how it came about; empty otherwise.</summary>
    public string Repaired =>
        Cell.Number.Digits != 0 && (!Reading.IsValid || (Cell.Remarks & NumberRemarks.Repaired) != 0) ? Cell.Number.E164 : "";
}
