using System.Globalization;
using Ringfence.People;
using Ringfence.Server.Cli;
using Ringfence.Server.Lists;

namespace Ringfence.Server.People.Import;

/// <summary>What an import came to, for people: figures, what was not taken and why, and what to do next.</summary>
internal sealed class ImportSummary(ImportOutcome outcome, ImportOptions options, TextSheet sheet)
{
    private const int Indent = 2;
    private const int Labels = 26;

    // So many contacts that may be one are named.
    private const int MostMerges = 5;

    private readonly ImportTally tally = outcome.Batch.Tally;

    /// <summary>Writes it.</summary>
    /// <param name="isQuiet">Only that it is done.</param>
    public void Write(bool isQuiet)
    {
        if (outcome.WentOn && !isQuiet)
            sheet.Paragraph(CliText.Say("Import.WentOn", Figure(outcome.From)));
        sheet.Paragraph(CliText.Say(outcome.IsDry ? "Import.Would" : "Import.Done", Figure(tally.Rows), outcome.Batch.Id[..8]));
        if (isQuiet)
            return;
        sheet.Heading(CliText.Say("Import.Contacts"));
        Row("New", tally.New);
        Row("Known", tally.Known, tally.Changed > 0 ? CliText.Say("Import.Known.Changed", Figure(tally.Changed)) : null);
        Row("Closed", tally.Closed);
        Row("Pointless", tally.Pointless);
        Row("OtherName", tally.OtherName);
        Row("HeldBack", tally.HeldBack);
        Row("Minors", tally.Minors);
        Row("Quarantined", tally.Quarantined.Values.Sum());
        foreach (var (cause, count) in tally.Quarantined)
            sheet.Row("", CliText.Say("Import.Quarantine." + cause, Figure(count), Lacking()), Indent, Labels);
        Row("Cleared", tally.Cleared);

        sheet.Heading(CliText.Say("Import.Consents"));
        foreach (var (channel, count) in tally.Given)
            sheet.Row(channel, Figure(count), Indent, Labels);
        if (tally.Given.Count == 0)
            sheet.Paragraph(CliText.Say("Import.NoConsents"), Indent);
        Row("Lacking", Counts(tally.Lacking));
        Row("Asked", Counts(tally.Asked));
        Row("Expired", tally.Expired);
        Row("NotReopened", tally.NotReopened);
        Row("Unclear", tally.Unclear);

        sheet.Heading(CliText.Say("Import.Refusals"));
        Row("Refused", tally.Refusals);
        Row("Suppressions", tally.Suppressions);

        WriteRejected();
        WriteLeftOut();
        WriteMerges();
        WriteNext();
    }

    private void WriteRejected()
    {
        if (outcome.Rejected.Count == 0)
            return;
        sheet.Heading(CliText.Say("Import.Rejected", Figure(outcome.Rejected.Count)));
        foreach (var place in outcome.Rejected.First)
        {
            var where = place.Column is null ? CliText.Say("Import.Row", place.List, place.Row) : CliText.Say("Import.Cell", place.List, place.Row, place.Column);
            sheet.Paragraph(CliText.Say("Import.Place", where, RejectedTexts.Cure(place.Code, CultureInfo.CurrentUICulture)), Indent);
        }

        sheet.Paragraph(outcome.Rejected.Path is { } path ? CliText.Say("Import.Rejected.In", path) : CliText.Say("Import.Rejected.More"), Indent);
    }

    private void WriteLeftOut()
    {
        var columns = outcome.Reading.LeftOut.Select(static column => column.Header).Distinct(StringComparer.Ordinal).ToList();
        if (columns.Count == 0)
            return;
        sheet.Heading(CliText.Say("Import.LeftOut"));
        sheet.Paragraph(string.Join(", ", columns), Indent);
    }

    private void WriteMerges()
    {
        if (tally.Merges == 0)
            return;
        sheet.Heading(CliText.Say("Import.Merges", Figure(tally.Merges)));
        foreach (var merge in tally.FirstMerges.Take(MostMerges))
        {
            // Contacts of a dry run have names that nobody will know.
            var row = CliText.Say("Import.Row", merge.List, merge.Row);
            sheet.Line(new string(' ', Indent) + (outcome.IsDry ? row : CliText.Say("Import.Place", row, $"ringfence contact merge {merge.One} {merge.Other}")));
        }
    }

    private void WriteNext()
    {
        sheet.Heading(CliText.Say("Import.Next"));
        if (outcome.IsDry)
            sheet.Paragraph(CliText.Say("Import.Next.Dry"), Indent);
        if (tally.Quarantined.Count > 0)
            sheet.Paragraph(CliText.Say("Import.Next.Quarantine"), Indent);
        if (tally.Asked.Count > 0 || tally.Lacking.Count > 0)
            sheet.Paragraph(CliText.Say("Import.Next.Ask"), Indent);
        if (!outcome.IsDry)
            sheet.Paragraph(CliText.Say("Import.Next.Undo", outcome.Batch.Id[..8]), Indent);
    }

    private void Row(string key, long count, string? more = null)
    {
        if (count > 0)
            sheet.Row(CliText.Say("Import." + key), Figure(count) + (more is null ? "" : " " + more), Indent, Labels);
    }

    private void Row(string key, string text) => sheet.Row(CliText.Say("Import." + key), text, Indent, Labels);

    private static string Counts(SortedDictionary<string, long> counts) =>
        string.Join(", ", counts.Select(static pair => CliText.Say("Import.Flaw." + pair.Key) + " " + Figure(pair.Value)));

    private string Lacking() => options.Passport is { } passport && passport.Lacks(options.Source) is not PassportItems.None and var lacking
        ? string.Join(", ", Ringfence.Gate.Words<PassportItems>.All.Where((_, i) => ((int)lacking & (1 << i)) != 0))
        : "";

    private static string Figure(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
