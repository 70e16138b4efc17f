using System.Text;
using Ringfence.Lists;
using Ringfence.People;
using Ringfence.Rules;
using Ringfence.Server.Lists.Reading;

namespace Ringfence.Server.Lists;

/// <summary>Grades the rows of one list and writes them. One for each thread.</summary>
internal sealed class AuditRowWriter(
    AuditOptions options, ReadList list, IReadOnlyList<ReadList> lists, ContactStore contacts, PlaceTable places, Linking linking,
    AuditFiles files, AuditTally tally)
{
    private readonly byte[] fileName = RejectedLines.Quoted(list.Name);
    private readonly GradingTerms terms = RowGrading.TermsOf(options, options.InactiveAfterMonths, list.Plan, places);

    private readonly Channel[] channels = [.. options.Channels];
    private readonly Outcome[] outcomes = new Outcome[options.Channels.Count];
    private readonly EvidenceSlot firstSlot = EvidenceSlots.Of(options.Channels[0]);
    private readonly RowWords words = new();

    // For each original column of all lists, its column in this one.
    private readonly int[] source = [.. files.Sources[lists.Index().First(l => l.Item == list).Index], .. Enumerable.Repeat(-1, files.OriginalColumns)];

    // What a row has in each file it goes into, built once: where it is from, and its original cells.
    private readonly CsvOut origin = new();
    private readonly CsvOut original = new();
    private readonly RejectedLines rejected = new(list, options.Language);

    /// <summary>What the rows came to.</summary>
    public Outcomes Outcomes { get; } = new(options.Channels, files.Steps);

    /// <summary>Grades a row and writes it to the buffers.</summary>
    /// <param name="into">The buffers of the batch.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="row">The row in the batch.</param>
    /// <param name="at">The row over all files.</param>
    public void Write(WrittenRows into, RowBatch batch, int row, int at)
    {
        ref readonly var facts = ref contacts[at];
        var elsewhere = linking.RefusedElsewhere(at);
        var usable = ChannelSet.None;
        into.Rows++;
        for (var c = 0; c < outcomes.Length; c++)
        {
            var outcome = outcomes[c] = Outcomes.Of(c, Grading.Grade(facts, elsewhere.Channels, channels[c], terms));
            outcome.Rows++;
            if (outcome.Graded.Grade == AuditGrade.Usable)
                usable |= channels[c].Only();
        }

        tally.UsableOf[at] = usable;
        tally.ClosedOf[at] = elsewhere.Channels;
        WriteContact(into.Files[AuditFiles.Contacts], batch, row, at, facts, elsewhere);
        WriteListed(into, batch, row, at, facts);
    }

    private void WriteContact(CsvOut line, RowBatch batch, int row, int at, in ContactFacts facts, Closed elsewhere)
    {
        line.Number(at - list.FirstRow + 1);
        line.Code(fileName);
        line.Cell(list.Plan.Id >= 0 ? batch.Cell(row, list.Plan.Id) : default);
        line.E164(facts.Number);
        line.Code(RowWords.Status(facts.NumberFault));
        line.Code(words.Note(facts));
        WriteRowOf(line, linking.FirstOfNumber(at), at);
        WriteRowOf(line, linking.FirstOfPerson(at), at);
        line.Code(places[facts.Place].CodeBytes);
        WriteRefused(line, facts.RefusedIn, elsewhere.PhoneBy);
        foreach (var outcome in outcomes)
            line.Code(outcome.GradeCells);
        line.Code(outcomes[0].StepCell);
        line.Code(words.Trace(facts));
        WriteDay(line, facts.Evidence[(int)firstSlot].GivenOn);
        WriteDay(line, Grading.LastSign(facts, terms.AsOf));
        WriteRefused(line, facts.EmailRefusedIn, elsewhere.EmailBy);
        line.EndRow();
    }

    // Empty where the row is the first of its kind.
    private void WriteRowOf(CsvOut line, int first, int at)
    {
        if (first < 0 || first == at)
            line.Empty();
        else if (IsHere(first))
            line.Number(first - list.FirstRow + 1);
        else
            line.Cell(RowElsewhere(first));
    }

    private bool IsHere(int at) => at >= list.FirstRow && at < list.FirstRow + list.Rows;

    private string RowElsewhere(int at)
    {
        var other = lists.Last(l => l.FirstRow <= at);
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{other.Name}:{at - other.FirstRow + 1}");
    }

    /// <summary>Where a refusal stood: places in this row, and a row elsewhere.</summary>
    private void WriteRefused(CsvOut line, RefusalPlaces inRow, int by)
    {
        if (by < 0)
            line.Code(words.Refused(inRow));
        else if (IsHere(by))
            line.Code(words.RefusedBy(inRow), by - list.FirstRow + 1);
        else
            line.Cell(Encoding.UTF8.GetString(words.RefusedBy(inRow)) + RowElsewhere(by));
    }

    private static void WriteDay(CsvOut line, int day)
    {
        if (day == ContactFacts.NoDay)
        {
            line.Empty();
            return;
        }

        Span<byte> text = stackalloc byte[Days.Length];
        Days.Write(day, text);
        line.Code(text);
    }

    /// <summary>Adds the row to the file of its grade, for each channel.</summary>
    private void WriteListed(WrittenRows into, RowBatch batch, int row, int at, in ContactFacts facts)
    {
        origin.Clear();
        origin.Code(fileName);
        origin.Number(at - list.FirstRow + 1);
        origin.E164(facts.Number);
        original.Clear();
        original.Cells(batch, row, source.AsSpan(0, files.OriginalColumns));
        original.EndRow();
        foreach (var outcome in outcomes)
            into.Files[outcome.File].Row(origin.Written, outcome.ListCells, original.Written);
    }

    /// <summary>Writes what could not be read, with its cure.</summary>
    public void WriteRejected(WrittenRows into, RowBatch batch, int row, int at, RejectedCell cell)
    {
        into.RejectedLines++;
        rejected.Write(into.Files[AuditFiles.Rejected], batch, row, at - list.FirstRow + 1, cell);
    }
}
