using System.Globalization;
using Ringfence.Lists;

namespace Ringfence.Server.Lists.Report;

/// <summary>Tells a report on the terminal, to be understood in ten seconds: the answer, the table, what to do.</summary>
internal static class AuditSummary
{
    // Narrower than this the table has no room; wider than this lines are hard to read.
    private const int Narrowest = 60;
    private const int Widest = 110;

    /// <summary>Writes the summary.</summary>
    /// <param name="report">The report.</param>
    /// <param name="writer">Where to.</param>
    /// <param name="language">In which language.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="colour">Whether to colour; words and marks say the same without.</param>
    public static void Write(AuditReport report, TextWriter writer, CultureInfo language, int width, bool colour) =>
        new Writing(report, writer, ReportLanguage.Of(language), Math.Clamp(width, Narrowest, Widest), colour).All();

    private sealed class Writing(AuditReport report, TextWriter to, ReportLanguage say, int width, bool colour)
    {
        private const int Bar = 22;
        private readonly int label = Math.Max(16, report.Channels.Select(c => TerminalText.Width(NameOf(c.Channel, say))).DefaultIfEmpty(0).Max() + 1);

        public void All()
        {
            Head();
            if (report.Rows == 0 || report.Headline() is not { } head)
            {
                Columns();
                return;
            }

            Grades();
            Reasons(head);
            Found();
            Where();
            Cost();
            Next();
            Columns();
            NotChecked();
            to.WriteLine();
            Lines(say["Term.Report"], "");
        }

        private void Head()
        {
            to.WriteLine();
            Lines(report.Controller is { } sender
                ? say.Say("Head.Line.Sender", report.FilesName(say), ReportLanguage.Visible(sender), say.Date(report.AsOf))
                : say.Say("Head.Line.NoSender", report.FilesName(say), say.Date(report.AsOf)), "", Tone.Dim);
            if (report.Rows == 0 || report.Headline() is not { } head)
            {
                Lines(say["Verdict.Empty"], "", Tone.Bold);
                Lines(say["Verdict.EmptyHint"], "");
                return;
            }

            var silent = report.SilentRefusals();
            if (silent.Count > 0)
                Warn(say.Say("SilentRefusals.Head", say.Join(silent.Select(f => ReportLanguage.Visible(f.Name)))), say["SilentRefusals.Hint"]);
            if (report.HasNoNumberColumn())
                Warn(say["NoNumbers.Head"], say["NoNumbers.Hint"]);
            var act = say["Act." + head.Channel.Word()];
            Lines(head.Usable > 0 ? say.Say("Verdict.Some", head.Usable, report.Rows, act) : say.Say("Verdict.None", report.Rows, act), "", Tone.Bold);
            if (report.Controller is not null)
                return;
            to.WriteLine();
            Lines("! " + say["NoSender.Head"], "", Tone.Wait);
            Lines(head.WouldBeUsable > 0 ? say.Say("NoSender.Some", head.WouldBeUsable, report.Rows, act) : say["NoSender.Zero"], "  ");
            Lines($"--controller \"{say["NoSender.Example"]}\"", "    ", Tone.Bold);
        }

        private void Warn(string head, string hint)
        {
            to.WriteLine();
            Lines("! " + head, "", Tone.Wait);
            Lines(hint, "  ");
            to.WriteLine();
        }

        private void Grades()
        {
            to.WriteLine();
            var words = AuditWords.AllGrades.Select(g => Mark(g) + " " + (say.Find($"Grade.{g.Word()}.Short") ?? say["Grade." + g.Word()])).ToList();
            var cells = words.ConvertAll(w => Math.Max(TerminalText.Width(w), ReportLanguage.Number(report.Rows).Length) + 2);
            var bar = Math.Min(Bar, width - label - cells.Sum() - 2);
            to.Write(TerminalText.Blanks(label));
            foreach (var (grade, i) in AuditWords.AllGrades.Select((g, i) => (g, i)))
                to.Write(Toned(TerminalText.Right(words[i], cells[i]), ToneOf(grade)));
            to.WriteLine();
            foreach (var tally in report.Channels)
            {
                to.Write(TerminalText.Left(NameOf(tally.Channel, say), label));
                foreach (var (grade, i) in AuditWords.AllGrades.Select((g, i) => (g, i)))
                    to.Write(Toned(TerminalText.Right(ReportLanguage.Number(tally.Rows(grade)), cells[i]), grade == AuditGrade.Usable ? Tone.Bold : Tone.Plain));
                if (bar >= 8)
                    to.Write("  " + BarOf(tally, bar));
                to.WriteLine();
            }
        }

        private string BarOf(ChannelTally tally, int length)
        {
            var slices = Design.Charts.Charting.Lay([.. AuditWords.AllGrades.Select(g => new Design.Charts.Slice(g.Word(), tally.Rows(g), Design.Charts.Paint.Plain))], 0, 100.0 / length);
            var bar = new System.Text.StringBuilder();
            var drawn = 0;
            foreach (var (slice, from, size) in slices)
            {
                var end = (int)Math.Round((from + size) / 100 * length);
                var grade = AuditWords.AllGrades.First(g => g.Word() == slice.Label);
                bar.Append(Toned(new string(Mark(grade)[0], end - drawn), ToneOf(grade)));
                drawn = end;
            }

            return bar.ToString();
        }

        private void Reasons(ChannelTally head)
        {
            var main = head.Reasons.Where(r => r.Grade is AuditGrade.Reconfirm or AuditGrade.Never).OrderByDescending(r => r.Rows).ThenBy(r => r.Reason).Take(3).ToList();
            if (main.Count == 0)
                return;
            Title(say["Term.Reasons"]);
            foreach (var reason in main)
                Row(ReportLanguage.Number(reason.Rows), say["Reason." + reason.Reason.Word()], ToneOf(reason.Grade), Mark(reason.Grade));
        }

        private void Found()
        {
            var found = new List<string>();
            if (report.Refusals.NotesOnly > 0)
                found.Add(say.Say("Term.Hidden", report.Refusals.NotesOnly, report.Refusals.Rows));
            if (report.Duplicates.SameNumber + report.Duplicates.SamePerson + report.Duplicates.RefusalFoundElsewhere > 0)
                found.Add(say.Say("Term.Duplicates", report.Duplicates.SameNumber, report.Duplicates.SamePerson, report.Duplicates.RefusalFoundElsewhere));
            if (report.UnreadableRows > 0)
                found.Add(say.Say("Term.Unreadable", report.UnreadableRows));
            if (found.Count == 0)
                return;
            Title(say["Term.Found"]);
            foreach (var line in found)
                Lines(line, "  ");
        }

        private void Where()
        {
            Title(say["Term.Where"]);
            Items(PlaceGroup.Count(report.Places).Where(g => g.Rows > 0).Select(g => say.Say("Pair", say["Place." + g.Code], g.Rows)));
        }

        private void Cost()
        {
            if (report.Exposure.Count == 0)
                return;
            // The heaviest in each currency, for amounts of different currencies don't compare.
            var shown = report.Exposure.DistinctBy(e => e.Currency).Take(4).ToList();
            Title(say["Term.Cost"]);
            foreach (var e in shown)
            {
                var law = ReportMoney.Regime(e, say);
                var upTo = e.To is { } most ? ReportLanguage.Money(e.Currency, most) : say["Cost.NotSet"];
                if (e.TurnoverPercent is { } percent && !e.TurnoverKnown)
                    upTo += " " + say.Say("Cost.OrTurnover", say.Percent(percent));
                Lines(e.From is { } from ? say.Say("Term.CostRange", law, ReportLanguage.Money(e.Currency, from), upTo) : say.Say("Term.CostUpTo", law, upTo), "  ");
            }

            var more = report.Exposure.Count - shown.Count;
            Lines(more > 0 ? say.Say("Term.CostNote", more) : say["Term.CostNoteAll"], "  ", Tone.Dim);
        }

        private void Next()
        {
            if (report.NextSteps.Count == 0)
                return;
            Title(say["Term.Next"]);
            var number = 0;
            foreach (var steps in NextStepWords.Together(report.NextSteps))
            {
                var title = string.Create(CultureInfo.InvariantCulture, $"{++number}. {NextStepWords.Title(steps, say)}");
                var files = steps.Where(s => s.File is not null).Select(s => NextStepWords.File(s, report, say)).ToList();
                var beside = files.Count == 1 && TerminalText.Width(title) + 2 + TerminalText.Width(files[0]) <= width - 2;
                Lines(beside ? $"{title}  {files[0]}" : title, "  ");
                if (!beside)
                    Items(files, "     ");
            }
        }

        // "= phone → telephone number": the mark says how sure.
        private void Columns()
        {
            const int filesShown = 4;
            const int columnsShown = 24;
            Title(say.Say("InBrackets", say["Term.Columns"], say["Term.Marks"]));
            foreach (var file in report.Files.Take(filesShown))
            {
                if (report.Files.Count > 1)
                    Lines(TerminalText.Cut(ReportLanguage.Visible(file.Name), width - 2), "  ", Tone.Bold);
                var used = file.Columns.Where(c => c.Field != ListField.None).ToList();
                var told = used.Take(columnsShown).Select(c =>
                    $"{Mark(c.Certainty)}{TerminalText.Cut(ReportLanguage.Visible(c.Header), 24)} → {FieldWords.Say(c, say)}");
                Items(told);
                if (file.Columns.Count > used.Count || used.Count > columnsShown)
                    Lines(say.Say("Term.Unused", file.Columns.Count - used.Count) + (used.Count > columnsShown ? say["List.Semicolon"] + say.Say("How.Columns.More", used.Count - columnsShown) : ""), "  ", Tone.Dim);
            }

            if (report.Files.Count > filesShown)
                Lines(say.Say("Term.MoreFiles", report.Files.Count - filesShown), "  ", Tone.Dim);
        }

        private void NotChecked()
        {
            if (report.NotChecked.Count == 0)
                return;
            Title(say["Term.NotChecked"]);
            const int shown = 6;
            foreach (var code in report.NotChecked.Take(shown))
                Lines("- " + say.Word("NotChecked", code), "  ", Tone.Plain);
            if (report.NotChecked.Count > shown)
                Lines("- " + say.Say("Term.NotCheckedMore", report.NotChecked.Count - shown), "  ", Tone.Dim);
        }

        private void Title(string text)
        {
            to.WriteLine();
            Lines(text, "", Tone.Bold);
        }

        private void Row(string number, string text, Tone tone, string mark)
        {
            var pad = Math.Max(8, ReportLanguage.Number(report.Rows).Length + 2);
            to.WriteLine($"{TerminalText.Right(number, pad)}  {Toned(mark, tone)} {TerminalText.Cut(text, width - pad - 4)}");
        }

        // Short things beside each other, as many to a line as fit; none is broken in two.
        private void Items(IEnumerable<string> items, string indent = "  ")
        {
            var line = "";
            foreach (var item in items.Select(i => TerminalText.Cut(i, width - indent.Length)))
            {
                if (line.Length > 0 && TerminalText.Width(line) + 2 + TerminalText.Width(item) > width - indent.Length)
                {
                    to.WriteLine(indent + line);
                    line = "";
                }

                line += (line.Length > 0 ? "  " : "") + item;
            }

            if (line.Length > 0)
                to.WriteLine(indent + line);
        }

        private void Lines(string text, string indent, Tone tone = Tone.Plain)
        {
            var hang = indent.Length > 0 && text.Length > 2 && (char.IsAsciiDigit(text[0]) && text[1] == '.' || text[0] == '-') ? text.IndexOf(' ') + 1 : 0;
            var first = true;
            foreach (var line in TerminalText.Wrap(text, width - indent.Length - hang))
            {
                to.WriteLine(indent + (first ? "" : TerminalText.Blanks(hang)) + Toned(line, tone));
                first = false;
            }
        }

        private string Toned(string text, Tone tone) => !colour || tone == Tone.Plain || text.Length == 0 ? text : tone switch
        {
            Tone.Bold => $"\u001b[1m{text}\u001b[0m",
            Tone.Dim => $"\u001b[2m{text}\u001b[0m",
            Tone.Ok => $"\u001b[32m{text}\u001b[0m",
            Tone.Wait => $"\u001b[33m{text}\u001b[0m",
            Tone.No => $"\u001b[31m{text}\u001b[0m",
            Tone.Plain => text,
        };

        private static string NameOf(Channel channel, ReportLanguage say) => say.Find($"Channel.{channel.Word()}.Short") ?? say["Channel." + channel.Word()];

        private static string Mark(AuditGrade grade) => grade switch
        {
            AuditGrade.Usable => "█",
            AuditGrade.Reconfirm => "▒",
            AuditGrade.Never => "▓",
            AuditGrade.Fix => "·",
        };

        private static char Mark(ReadingCertainty certainty) => certainty switch
        {
            ReadingCertainty.Sure => '=',
            ReadingCertainty.Likely => '~',
            ReadingCertainty.Guess => '?',
        };

        private static Tone ToneOf(AuditGrade grade) => grade switch
        {
            AuditGrade.Usable => Tone.Ok,
            AuditGrade.Reconfirm => Tone.Wait,
            AuditGrade.Never => Tone.No,
            AuditGrade.Fix => Tone.Dim,
        };
    }

    private enum Tone
    {
        Plain,
        Bold,
        Dim,
        Ok,
        Wait,
        No,
    }
}
