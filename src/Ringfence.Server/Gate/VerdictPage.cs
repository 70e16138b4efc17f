using System.Globalization;
using Ringfence.Gate;
using Ringfence.Numbers;
using Ringfence.Rules;
using Ringfence.Server.Cli;
using Ringfence.Server.Lists.Report;

namespace Ringfence.Server.Gate;

/// <summary>A verdict on the terminal: the paragraph for whoever makes contact, then the table for whoever checks it.</summary>
internal sealed class VerdictPage(Verdict verdict, Explanation told, TextSheet sheet)
{
    private const int Indent = 2;

    // Wide enough for the longest label in any language.
    private const int Labels = 13;

    // Rank, two blanks.
    private const int Ranks = 4;

    // "sha256:" and enough digits to tell packs apart; all of them are in the JSON.
    private const int DigestShown = 19;

    private const string Green = "32";
    private const string Yellow = "33";
    private const string Red = "31";

    private readonly GateLanguage say = new(told.Language);

    /// <summary>Writes it.</summary>
    /// <param name="briefly">The paragraph alone.</param>
    public void Write(bool briefly)
    {
        sheet.Paragraph(told.Paragraph);
        if (briefly)
            return;
        Head();
        Reasons();
        Duties();
        Grounds();
        Registers();
        Notes();
        Packs();
    }

    private static string Say(string key, params object[] arguments) => CliText.Say("Decide." + key, arguments);

    private void Head()
    {
        sheet.Heading(Say("Verdict"));
        Label("Answer", say.Verdict(verdict), verdict.Match(static _ => Green, static _ => Yellow, static _ => Red));
        Label("Judged", told.Judged);
        Label(verdict is Verdict.Deferred ? "Earliest" : "AskAgain", told.Until);
        if (told.Number.Digits != 0)
            Label("Number", say.List([told.Number.E164, say.Place(told.Number.Region.ToString()), LineOf(told.Number)]));
        Label("Places", say.List(told.Places.Select(say.Place)));
        Label("Zones", say.List(told.Zones));
        Label("Instead", say.List(told.Alternatives.Select(channel => GateTexts.Of(channel).In(told.Language))));

        void Label(string key, string? text, string? tone = null) => sheet.Row(Say(key), text, Indent, Labels, tone);
    }

    private void Reasons()
    {
        if (told.Reasons.Length == 0)
            return;
        sheet.Heading(Say("Reasons", told.Reasons.Length));
        foreach (var reason in told.Reasons)
        {
            var code = Words<ReasonCode>.Of(reason.Reason.Code);
            sheet.Row(
                reason.Rank.ToString(CultureInfo.InvariantCulture), reason.Reason.Rule is { } rule ? $"{code}  {rule.Id}" : code,
                Indent, Ranks, reason.Reason.IsDeferral ? Yellow : Red);
            Detail("Why", reason.Text);
            if (reason.Rule is null)
                Detail("Rule", Say("NoRule"));
            else
                OfRule(reason.Rule);
            Detail("Marks", say.Parts(reason.Marks));
            Detail("Item", reason.Reason.Item);
            Detail("Gone", reason.Until);
            Detail("Remedy", reason.Remedy);
        }
    }

    private void Duties()
    {
        if (told.Duties.Length == 0)
            return;
        sheet.Heading(Say("Obligations"));
        foreach (var same in told.Duties.GroupBy(static duty => duty.Obligation.Code))
        {
            sheet.Row(Words<ObligationCode>.Of(same.Key), same.First().Text, Indent, Ranks + Labels + 4);
            foreach (var duty in same)
            {
                var rule = duty.Rule is { } wanting ? $"{wanting.Rule.Id}, {wanting.Rule.Cites}" : Say("NoRule");
                sheet.Row("", duty.Detail is { } detail ? say.Beside(rule, detail) : rule, Indent, Ranks + Labels + 4);
            }
        }
    }

    private void Grounds()
    {
        if (told.Grounds.Length == 0)
            return;
        sheet.Heading(Say("Grounds"));
        foreach (var ground in told.Grounds)
        {
            sheet.Row("", ground.Rule.Rule.Id, Indent, 0);
            Detail("RestsOn", ground.Text);
            Detail("Alternative", (ground.Ground.Alternative + 1).ToString(CultureInfo.InvariantCulture));
            OfRule(ground.Rule);
        }
    }

    private void Registers()
    {
        if (told.Registers.Length == 0)
            return;
        sheet.Heading(Say("Registers"));
        foreach (var screening in told.Registers)
            sheet.Row(screening.Name, screening.Text, Indent, Ranks + Labels);
    }

    private void Notes()
    {
        if (told.Notes.Length == 0)
            return;
        sheet.Heading(Say("Notes"));
        foreach (var note in told.Notes)
            sheet.Row(note.Note.Code, note.Note.Rule is { } rule ? say.Beside(note.Text, rule.Id) : note.Text, Indent, Ranks + Labels);
    }

    private void Packs()
    {
        if (verdict.Packs.Length == 0)
            return;
        sheet.Heading(Say("Packs"));
        foreach (var pack in verdict.Packs)
        {
            IEnumerable<string> reviewed = pack.IsHouse ? [] : [pack.Reviewed is { } day ? Say("Reviewed", say.Date(day)) : Say("NotReviewed")];
            sheet.Row(pack.Name, say.Parts([pack.Title.In(told.Language), .. reviewed, pack.Digest[..Math.Min(DigestShown, pack.Digest.Length)]]), Indent, Ranks + Labels);
        }
    }

    private void OfRule(ExplainedRule rule)
    {
        Detail("Rule", rule.Says);
        Detail("Cites", rule.Rule.Cites);
        if (rule.Rule.Sources.Count > 0)
            sheet.Address(Say("Source"), rule.Rule.Sources[0].AbsoluteUri, Indent + Ranks, Labels);
        Detail("Certainty", rule.Certainty);
        Detail("Grade", rule.Grade);
        Detail("Reading", rule.Rule.Reading);
        Detail("Contested", rule.Rule.Contested);
    }

    private void Detail(string key, string? text) => sheet.Row(Say(key), text, Indent + Ranks, Labels);

    private string LineOf(PhoneNumber number) => ReportLanguage.Of(new CultureInfo(told.Language))["LineType." + number.Type.PlanWord().ToLowerInvariant().Replace('_', '-')];
}
