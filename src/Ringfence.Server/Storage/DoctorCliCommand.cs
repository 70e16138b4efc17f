using System.CommandLine;
using System.Text.Json;
using Ringfence.Server.Cli;
using Ringfence.Server.Gate;
using Ringfence.Server.Ledger;
using Ringfence.Server.Rules;

namespace Ringfence.Server.Storage;

/// <summary><c>ringfence doctor</c>: everything that an installation depends on, whether it opens or not, and what to do about what is not in order.</summary>
internal static class DoctorCliCommand
{
    private const int Indent = 2;
    private const int Labels = 10;
    private const string Red = "31";
    private const string Yellow = "33";

    public static Command Create(TimeProvider time)
    {
        var all = new Option<bool>("--all") { Description = CliText.Say("Doctor.Option.all") };
        var rules = RuleFolder.NewOption();
        var house = HouseFile.NewOption();
        var command = new Command("doctor", CliText.Say("Doctor.Description")) { all, rules, house }.OnStore();
        command.SetAction((parsed, cancel) => StoreArguments.GuardAsync(async () =>
        {
            var findings = await new Doctor(StoreArguments.Options(parsed), () => DecideCommand.GateOf(parsed.GetValue(rules), parsed.GetValue(house)), time).RunAsync(cancel);
            if (parsed.GetValue(Terminal.Json))
                Console.Out.WriteLine(CliJson.Write(json => Write(json, findings)));
            else
                Write(TextSheet.On(Console.Out), findings, parsed.GetValue(all));
            return findings.Any(static finding => finding.Verdict == FindingVerdict.Refuse) ? Exit.NotReady : Exit.Done;
        }));
        return command;
    }

    /// <summary>What was found, in a sentence.</summary>
    internal static string Say(DoctorFinding finding) => finding.Verdict == FindingVerdict.Fine
        ? $"{finding.Code}: {finding.Place} {finding.Value}".TrimEnd()
        : CliText.SayOr("Doctor.Say." + KindOf(finding), "Doctor.Say.setting", finding.Place, finding.Value, finding.Wanted ?? "");

    /// <summary>What to do about it.</summary>
    internal static string Do(DoctorFinding finding) => CliText.SayOr("Doctor.Do." + KindOf(finding), finding.Area == "keys" ? "Doctor.Do.keys" : "Doctor.Do.setting", finding.Place, finding.Value, finding.Wanted ?? "");

    // The store's own findings are many, and alike.
    private static string KindOf(DoctorFinding finding) => finding.Code switch
    {
        _ when finding.Area == "store" && finding.Code.StartsWith("mode-", StringComparison.Ordinal) => "mode",
        _ when finding.Area == "disk" => "free-space",
        _ when finding.Area == "keys" && finding.Code.StartsWith("keys-", StringComparison.Ordinal) && finding.Code is not ("keys-apart" or "keys-beside") => "keys",
        _ => finding.Code,
    };

    private static void Write(TextSheet sheet, IReadOnlyList<DoctorFinding> findings, bool all)
    {
        foreach (var area in Doctor.Areas)
        {
            var some = findings.Where(finding => finding.Area == area).ToList();
            if (some.Count == 0)
                continue;
            sheet.Heading(CliText.Say("Doctor.Area." + area));
            foreach (var finding in some.Where(finding => all || finding.Verdict != FindingVerdict.Fine))
            {
                sheet.Row(CliText.Say("Doctor.Verdict." + finding.Verdict), Say(finding), Indent, Labels, finding.Verdict switch
                {
                    FindingVerdict.Fine => null,
                    FindingVerdict.Warn => Yellow,
                    FindingVerdict.Refuse => Red,
                });
                if (finding.Verdict != FindingVerdict.Fine)
                    sheet.Row("", Do(finding), Indent, Labels);
            }

            if (!all && some.Count(static finding => finding.Verdict == FindingVerdict.Fine) is > 0 and var fine)
                sheet.Row(CliText.Say("Doctor.Verdict.Fine"), CliText.Say("Doctor.Fine", fine), Indent, Labels);
        }

        sheet.Blank();
        var (refused, warned) = (findings.Count(static finding => finding.Verdict == FindingVerdict.Refuse), findings.Count(static finding => finding.Verdict == FindingVerdict.Warn));
        sheet.Paragraph(CliText.Say(refused > 0 ? "Doctor.End.Refuse" : warned > 0 ? "Doctor.End.Warn" : "Doctor.End.Fine", refused, warned));
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<DoctorFinding> findings)
    {
        json.WriteStartObject();
        json.WriteString("verdict", Word(findings.Select(static finding => finding.Verdict).DefaultIfEmpty().Max()));
        json.WriteStartArray("findings");
        foreach (var finding in findings)
        {
            json.WriteStartObject();
            json.WriteString("area", finding.Area);
            json.WriteString("code", finding.Code);
            json.WriteString("verdict", Word(finding.Verdict));
            json.WriteString("place", finding.Place);
            json.WriteString("value", finding.Value);
            if (finding.Wanted is { } wanted)
                json.WriteString("wanted", wanted);
            if (finding.Verdict != FindingVerdict.Fine)
            {
                json.WriteString("says", Say(finding));
                json.WriteString("do", Do(finding));
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Word(FindingVerdict verdict) => verdict switch
    {
        FindingVerdict.Fine => "fine",
        FindingVerdict.Warn => "warn",
        FindingVerdict.Refuse => "refuse",
    };
}
