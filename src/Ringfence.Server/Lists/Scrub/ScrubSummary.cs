using System.Globalization;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Server.Cli;
using Ringfence.Server.Suppression.Registers;

namespace Ringfence.Server.Lists.Scrub;

/// <summary>What came of a scrub, for people and for programs.</summary>
internal static class ScrubSummary
{
    private const int MostReasons = 10;
    private const int Room = 16;

    private static readonly string[] Words3 = ["allowed", "deferred", "refused"];

    /// <summary>For people.</summary>
    public static void Write(ScrubOptions options, ScrubOutcome outcome, TextSheet sheet, bool quiet)
    {
        if (!quiet)
        {
            sheet.Line(CliText.Say("Scrub.Rows", N(outcome.Rows), outcome.Seconds));
            for (var i = 0; i < Words3.Length; i++)
                sheet.Row(CliText.Say("Scrub.Verdict." + Words3[i]), N(outcome.ByVerdict[i]), 2, Room);
            sheet.Heading(CliText.Say("Scrub.Reasons"));
            foreach (var (code, count) in Reasons(outcome).Take(MostReasons))
                sheet.Row(N(count), $"{Words<ReasonCode>.Of(code)}  {Explained(code)}", 2, Room);
            sheet.Heading(CliText.Say("Scrub.Asked"));
            foreach (var register in options.Registers)
            {
                sheet.Line("  " + CliText.Say(
                    "Scrub.OfRegister", register.Facts.Name, register.Facts.Version, LocalDatePattern.Iso.Format(register.Facts.AsOf), N(register.Facts.Count)));
            }

            if (outcome.AsOf is { } asOf)
                sheet.Line("  " + CliText.Say("Scrub.OfLedger", N(asOf), N(outcome.OfLedger)));
            if (options.SuppressionLists is null && outcome.AsOf is null)
                sheet.Paragraph(CliText.Say("Scrub.NobodyKnown"), 2);
            sheet.Blank();
            if (outcome.Resumed > 0)
                sheet.Paragraph(CliText.Say("Scrub.Resumed", N(outcome.Resumed)));
            if (outcome.Unreadable > 0)
                sheet.Paragraph(CliText.Say("Scrub.Unreadable", N(outcome.Unreadable)));
        }

        if (outcome.LostRefusals > 0)
            sheet.Paragraph(CliText.Say("Scrub.LostRefusals", N(outcome.LostRefusals)));
        sheet.Line(CliText.Say("Scrub.Written", options.Out));
    }

    /// <summary>For programs.</summary>
    public static string Json(ScrubOptions options, ScrubOutcome outcome) => CliJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("rows", outcome.Rows);
        for (var i = 0; i < Words3.Length; i++)
            json.WriteNumber(Words3[i], outcome.ByVerdict[i]);
        json.WriteStartObject("decidedBy");
        foreach (var (code, count) in Reasons(outcome))
            json.WriteNumber(Words<ReasonCode>.Of(code), count);
        json.WriteEndObject();
        json.WriteNumber("unreadable", outcome.Unreadable);
        json.WriteNumber("lostRefusals", outcome.LostRefusals);
        json.WriteNumber("resumed", outcome.Resumed);
        json.WriteString("at", InstantPattern.ExtendedIso.Format(options.Asked.At));
        json.WriteStartArray("registers");
        foreach (var register in options.Registers)
        {
            json.WriteStartObject();
            RegisterJson.WriteFacts(json, register.Facts);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (outcome.AsOf is { } asOf)
        {
            json.WriteNumber("asOf", asOf);
            json.WriteNumber("ofLedger", outcome.OfLedger);
        }

        json.WriteStartObject("packs");
        foreach (var pack in options.Gate.Rules.Packs)
            json.WriteString(pack.Name, pack.Digest);
        json.WriteEndObject();
        json.WriteString("out", options.Out);
        json.WriteNumber("seconds", outcome.Seconds);
        json.WriteEndObject();
    });

    private static IEnumerable<(ReasonCode Code, long Count)> Reasons(ScrubOutcome outcome) => outcome.ByReason
        .Select(static (count, code) => ((ReasonCode)code, count)).Where(static one => one.count > 0).OrderByDescending(static one => one.count).ThenBy(static one => one.Item1);

    private static string Explained(ReasonCode code) => GateTexts.Of(code).In(LanguageTexts.TagOf(CultureInfo.CurrentUICulture));

    private static string N(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
