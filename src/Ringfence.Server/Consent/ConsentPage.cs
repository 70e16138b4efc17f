using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Server.Cli;
using Ringfence.Server.Ledger;
using Ringfence.Server.Lists.Report;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Consent;

/// <summary>How consents stand, and what stands in the way of one: for people, and for programs.</summary>
internal static class ConsentPage
{
    // Two blanks before; the longest channel, or standing, with a blank after it.
    private const int Indent = 2;
    private const int Labels = 25;
    private const int ChannelRoom = 11;

    /// <summary>Writes how the consents stand.</summary>
    public static void Write(TextSheet sheet, ConsentOverview overview)
    {
        foreach (var line in overview.Lines)
        {
            var what = TerminalText.Left(line.Channel?.Word() ?? CliText.Say("Consent.EveryChannel"), ChannelRoom) + (line.Purpose ?? CliText.Say("Consent.EveryPurpose"));
            sheet.Row(what, Told(line.Answer.Standing, line.Answer.Since, line.Answer.Until, line.Answer.Seqs), Indent, Labels);
        }

        foreach (var one in overview.Separate)
            sheet.Row(CliText.Say("Consent.Separate." + one.Kind), Told(one.Standing, null, one.Until, one.Seqs), Indent, Labels);
        if (overview.Lines.Count == 0 && overview.Separate.Count == 0)
            sheet.Paragraph(CliText.Say("Consent.NothingSaid"), Indent);
        if (overview.Suppressions.Count == 0)
            return;
        sheet.Heading(CliText.Say("Contact.Suppressed"));
        foreach (var row in overview.Suppressions)
            sheet.Row(Day(Micros.ToInstant(row.Since)), ScopeOf(SuppressionScope.Of(row)) + (row.Seq is { } seq ? $"  ({CliText.Say("Consent.Records", seq)})" : ""), Indent, Labels);
    }

    /// <summary>What was written down, and how the consents stand by that: as JSON, into an object that is open.</summary>
    public static void Write(System.Text.Json.Utf8JsonWriter json, IReadOnlyList<long> written, ConsentOverview overview)
    {
        json.WriteStartArray("records");
        foreach (var seq in written)
            json.WriteNumberValue(seq);
        json.WriteEndArray();
        Write(json, overview);
    }

    /// <summary>The same as JSON, into an object that is open.</summary>
    public static void Write(System.Text.Json.Utf8JsonWriter json, ConsentOverview overview)
    {
        if (overview.Sid is { } sid)
            json.WriteString("sid", sid.ToString());
        json.WriteStartArray("consents");
        foreach (var line in overview.Lines)
        {
            json.WriteStartObject();
            // A no to everything names neither.
            if (line.Channel is { } channel)
                json.WriteString("channel", channel.Word());
            if (line.Purpose is { } purpose)
                json.WriteString("purpose", purpose);
            Write(json, line.Answer.Standing, line.Answer.Since, line.Answer.Until, line.Answer.Seqs);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("separate");
        foreach (var one in overview.Separate)
        {
            json.WriteStartObject();
            json.WriteString("service", SeparateConsent.ServiceOf(one.Kind));
            json.WriteString("wording", one.Notice.Doc.ToString());
            Write(json, one.Standing, null, one.Until, one.Seqs);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        SuppressionJson.Write(json, overview.Suppressions);
    }

    /// <summary>Tells what stands in the way: the key, why, and how to mend it.</summary>
    public static void Write(TextSheet sheet, IReadOnlyList<ConsentFinding> findings)
    {
        foreach (var finding in findings)
        {
            sheet.Heading($"{CodeOf(finding)}  {finding.Field}");
            sheet.Paragraph(Why(finding), Indent);
            sheet.Paragraph(Cure(finding), Indent);
        }
    }

    /// <summary>The same as JSON: an array in an object that is open.</summary>
    public static void Write(System.Text.Json.Utf8JsonWriter json, IReadOnlyList<ConsentFinding> findings)
    {
        json.WriteStartArray("findings");
        foreach (var finding in findings)
        {
            json.WriteStartObject();
            json.WriteString("code", CodeOf(finding));
            json.WriteString("field", finding.Field);
            if (finding.Detail is { } detail)
                json.WriteString("detail", detail);
            json.WriteString("reason", Why(finding));
            json.WriteString("cure", Cure(finding));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>A stable word for what was found.</summary>
    public static string CodeOf(ConsentFinding finding) => finding.Fault switch
    {
        ConsentFault.Missing => "missing",
        ConsentFault.Answer => "answer-unclear",
        ConsentFault.Flaw => Words<ConsentFlaws>.Of(finding.Flaw),
        ConsentFault.Wording => "wording-faulty",
        ConsentFault.OtherWording => "other-wording",
        ConsentFault.Language => "no-such-language",
        ConsentFault.Method => "other-method",
        ConsentFault.Channel => "channel-not-asked",
        ConsentFault.Purpose => "purpose-not-asked",
        ConsentFault.Reach => "out-of-reach",
        ConsentFault.Future => "in-the-future",
        ConsentFault.ConfirmedElsewhere => "confirmed-elsewhere",
        ConsentFault.ConfirmedBefore => "confirmed-before",
    };

    /// <summary>What stands in the way, and what helps: two sentences.</summary>
    public static (string Why, string Cure) Told(ConsentFinding finding) => (Why(finding), Cure(finding));

    private static string Why(ConsentFinding finding) => Said($"Consent.Why.{KeyOf(finding)}", finding.Detail);

    private static string Cure(ConsentFinding finding) => Said($"Consent.Cure.{KeyOf(finding)}", finding.Detail);

    // Texts without a detail may hold braces, as files have them.
    private static string Said(string key, string? detail) => detail is null ? CliText.Say(key) : CliText.Say(key, detail);

    private static string KeyOf(ConsentFinding finding) => finding.Fault switch
    {
        ConsentFault.Missing => finding.Part.ToString(),
        ConsentFault.Flaw => finding.Flaw.ToString(),
        ConsentFault.Reach when finding.Detail is null => "NoReach",
        var fault => "Fault" + fault,
    };

    private static string Told(ConsentStanding standing, Instant? since, Instant? until, Ringfence.Ledger.ValueList<long> seqs)
    {
        var parts = new List<string> { CliText.Say("Consent.Standing." + standing) };
        if (since is { } from)
            parts.Add(CliText.Say("Consent.Since", Day(from)));
        if (until is { } end)
            parts.Add(CliText.Say(standing == ConsentStanding.Expired ? "Consent.Ended" : "Consent.Until", Day(end)));
        if (seqs.Count > 0)
            parts.Add($"({CliText.Say(seqs.Count == 1 ? "Consent.Records" : "Consent.Records.several", string.Join(", ", seqs))})");
        return string.Join(" ", parts);
    }

    private static void Write(System.Text.Json.Utf8JsonWriter json, ConsentStanding standing, Instant? since, Instant? until, Ringfence.Ledger.ValueList<long> seqs)
    {
        json.WriteString("standing", Words<ConsentStanding>.Of(standing));
        if (since is { } from)
            json.WriteString("since", Time(from));
        if (until is { } end)
            json.WriteString("until", Time(end));
        json.WriteStartArray("records");
        foreach (var seq in seqs)
            json.WriteNumberValue(seq);
        json.WriteEndArray();
    }

    /// <summary>Channels and purposes in a line.</summary>
    public static string ScopeOf(SuppressionScope scope) =>
        string.Join(", ", Channels.All.Where(c => scope.Channels.Has(c)).Select(static c => c.Word())) + (scope.Purposes is { } purposes ? ": " + string.Join(", ", purposes) : "");

    private static string Day(Instant at) => at.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture);

    private static string Time(Instant at) => InstantPattern.ExtendedIso.Format(at);
}
