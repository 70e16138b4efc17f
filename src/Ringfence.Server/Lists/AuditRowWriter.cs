using System.Text;
using Ringfence.Lists;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Rules;
using Ringfence.Server.Lists.Reading;

namespace Ringfence.Server.Lists;

/// <summary>Grades the rows of one list and writes them. One for each thread.</summary>
internal sealed class AuditRowWriter(
    AuditOptions options, ReadList list, IReadOnlyList<ReadList> lists, ContactStore contacts, PlaceTable places, Linking linking,
    AuditFiles files, AuditTally tally)
{

    private static readonly string[] RefusalWords = ["consent", "refusal-flag", "notes", "wording", "other"];

    private readonly byte[] fileName = Quoted(Encoding.UTF8.GetBytes(list.Name));
    private readonly GradingTerms terms = new(
        Days.Of(options.AsOf), Days.Of(options.AsOf.PlusMonths(-options.InactiveAfterMonths)), options.Controller is not null, list.Plan.ConsentCells,
        (place, channel, day, until) =>
            ConsentTerms.LastDay(places[place].Country, channel, Days.Date(day), until is { } agreed ? Days.Date(agreed) : null, options.AsOf) is { } last
                ? Days.Of(last)
                : null);

    private readonly Graded[] graded = new Graded[options.Channels.Count];
    private readonly Channel[] channels = [.. options.Channels];
    private readonly int[] source = files.Sources[lists.Index().First(l => l.Item == list).Index];

    // What is written again and again is worded and quoted once: by channel, grade and the bits of the reasons, and by the remarks.
    private readonly byte[]?[] reasonWords = new byte[1 << AuditWords.AllReasons.Count][];
    private readonly byte[]?[] gradeCells = new byte[options.Channels.Count * AuditWords.AllGrades.Count << AuditWords.AllReasons.Count][];
    private readonly byte[]?[] stepCells = new byte[options.Channels.Count * AuditWords.AllGrades.Count << AuditWords.AllReasons.Count][];
    private readonly Dictionary<(PlaceGrounds, NumberType, SourceKind), byte[]> traceCells = [];
    private readonly Dictionary<(NumberFault, NumberRemarks, ContactMarks), byte[]> noteWords = [];

    // The original cells of the row at hand: they go into a file per channel, and are quoted once.
    private readonly CsvOut original = new();

    /// <summary>The word of a type of number in files, such as <c>fixed-line</c>.</summary>
    public static string TypeWord(NumberType type) => type switch
    {
        NumberType.Unknown => "",
        NumberType.FixedLine => "fixed-line",
        NumberType.Mobile => "mobile",
        NumberType.FixedLineOrMobile => "fixed-line-or-mobile",
        NumberType.TollFree => "toll-free",
        NumberType.PremiumRate => "premium-rate",
        NumberType.SharedCost => "shared-cost",
        NumberType.Voip => "voip",
        NumberType.PersonalNumber => "personal-number",
        NumberType.Pager => "pager",
        NumberType.Uan => "uan",
        NumberType.Voicemail => "voicemail",
    };

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
        into.Tally.Rows++;
        for (var c = 0; c < graded.Length; c++)
        {
            graded[c] = Grading.Grade(facts, elsewhere.Channels, channels[c], terms);
            into.Tally.Count(c, graded[c]);
            if (graded[c].Grade == AuditGrade.Usable)
                usable |= channels[c].Only();
        }

        tally.UsableOf[at] = usable;
        tally.ClosedOf[at] = elsewhere.Channels;
        WriteContact(into.Files[AuditFiles.Contacts], batch, row, at, facts, elsewhere);
        original.Clear();
        for (var column = 0; column < files.OriginalColumns; column++)
            original.Cell(column < source.Length && source[column] >= 0 ? batch.Cell(row, source[column]) : default);
        original.EndRow();
        for (var c = 0; c < graded.Length; c++)
            WriteListed(into.Files[AuditFiles.Of(c, graded[c].Grade)], at, facts, c);
    }

    private void WriteContact(CsvOut line, RowBatch batch, int row, int at, in ContactFacts facts, Closed elsewhere)
    {
        line.Number(at - list.FirstRow + 1);
        line.Code(fileName);
        line.Cell(list.Plan.Id >= 0 ? batch.Cell(row, list.Plan.Id) : default);
        line.E164(facts.Number);
        line.Code(facts.NumberFault switch
        {
            NumberFault.None => "valid"u8,
            NumberFault.Missing => "missing"u8,
            _ => "invalid"u8,
        });
        line.Code(Note(facts));
        WriteRowOf(line, linking.FirstOfNumber(at), at);
        WriteRowOf(line, linking.FirstOfPerson(at), at);
        line.Code(places[facts.Place].CodeBytes);
        WriteRefused(line, facts.RefusedIn, elsewhere.PhoneBy);
        for (var c = 0; c < graded.Length; c++)
            line.Code(gradeCells[Index(c)] ??= GradeCells(c));
        line.Code(stepCells[Index(0)] ??= StepCells(0));
        line.Code(TraceCells(facts));
        WriteDay(line, facts.Evidence[(int)EvidenceSlots.Of(options.Channels[0])].GivenOn);
        WriteDay(line, Grading.LastSign(facts, terms.AsOf));
        WriteRefused(line, facts.EmailRefusedIn, elsewhere.EmailBy);
        line.EndRow();
    }

    // Empty where the row is the first of its kind.
    private void WriteRowOf(CsvOut line, int first, int at)
    {
        if (first < 0 || first == at)
            line.Empty();
        else if (first >= list.FirstRow)
            line.Number(first - list.FirstRow + 1);
        else
            line.Cell(RowName(first));
    }

    private string RowName(int at)
    {
        var other = lists.Last(l => l.FirstRow <= at);
        var row = (at - other.FirstRow + 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return other == list ? row : $"{other.Name}:{row}";
    }

    /// <summary>Where a refusal stood: places in this row, and a row elsewhere.</summary>
    private void WriteRefused(CsvOut line, RefusalPlaces places, int by)
    {
        if (places == RefusalPlaces.None && by < 0)
        {
            line.Empty();
            return;
        }

        var words = new List<string>(3);
        for (var i = 0; i < RefusalWords.Length; i++)
        {
            if (((int)places & (1 << i)) != 0)
                words.Add(RefusalWords[i]);
        }

        if (by >= 0)
            words.Add("row " + RowName(by));
        line.Cell(string.Join(';', words));
    }

    private void WriteListed(CsvOut line, int at, in ContactFacts facts, int channel)
    {
        line.Code(fileName);
        line.Number(at - list.FirstRow + 1);
        line.E164(facts.Number);
        line.Code(Words(graded[channel].Reasons));
        line.Code(stepCells[Index(channel)] ??= StepCells(channel));
        line.Rest(original.Written);
    }

    private int Index(int channel) =>
        (((channel * AuditWords.AllGrades.Count) + (int)graded[channel].Grade) << AuditWords.AllReasons.Count) | (int)graded[channel].Reasons;

    private byte[] Words(AuditReasons reasons) => reasonWords[(int)reasons] ??= Encoding.UTF8.GetBytes(reasons.Words());

    private byte[] GradeCells(int channel) => Encoding.UTF8.GetBytes($"{graded[channel].Grade.Word()},{graded[channel].Reasons.Words()}");

    private byte[] StepCells(int channel) =>
        Quoted(files.Steps.For(graded[channel].Grade, graded[channel].Reasons, options.Channels[channel]));

    private byte[] TraceCells(in ContactFacts facts)
    {
        var type = facts.Number == 0 ? NumberType.Unknown : facts.NumberType;
        var key = (facts.PlaceGround, type, facts.Source);
        if (!traceCells.TryGetValue(key, out var cells))
            traceCells[key] = cells = Encoding.UTF8.GetBytes($"{Encoding.UTF8.GetString(GroundWords(facts.PlaceGround))},{TypeWord(type)},{facts.Source.Word()}");
        return cells;
    }

    private static byte[] Quoted(ReadOnlySpan<byte> cell)
    {
        var quoted = new CsvOut();
        quoted.Cell(cell);
        return quoted.Written.ToArray();
    }

    private byte[] Note(in ContactFacts facts)
    {
        var key = (facts.NumberFault, facts.NumberRemarks, facts.Marks & (ContactMarks.Unreadable | ContactMarks.OtherNumber | ContactMarks.TakenFromOther));
        if (key is { NumberFault: NumberFault.None, NumberRemarks: NumberRemarks.None } && (facts.Marks & ContactMarks.TakenFromOther) == 0)
            return [];
        if (!noteWords.TryGetValue(key, out var words))
            noteWords[key] = words = NoteOf(key);
        return words;
    }

    /// <summary>Writes what could not be read, with its cure.</summary>
    public void WriteRejected(WrittenRows into, RowBatch batch, int row, int at, RejectedCell cell)
    {
        var line = into.Files[AuditFiles.Rejected];
        into.Tally.RejectedLines++;
        line.Code(fileName);
        line.Number(at - list.FirstRow + 1);
        if (cell.Column >= 0 && cell.Column < list.Plan.Columns.Count)
            line.Cell(list.Plan.Columns[cell.Column].Header);
        else
            line.Empty();
        if (cell.Column >= 0)
        {
            line.Cell(batch.Cell(row, cell.Column));
        }
        else
        {
            // The row as a whole: all its cells, so that nothing is lost.
            var whole = new StringBuilder();
            for (var column = 0; column < batch.CellCount(row); column++)
                whole.Append(column == 0 ? "" : " | ").Append(Encoding.UTF8.GetString(batch.Cell(row, column)));
            line.Cell(whole.ToString());
        }

        line.Cell(cell.Code);
        line.Cell(RejectedTexts.Cure(cell.Code, options.Language));
        line.EndRow();
    }

    private static byte[] NoteOf((NumberFault Fault, NumberRemarks Remarks, ContactMarks Marks) of)
    {
        var words = new List<string>();
        if ((of.Marks & ContactMarks.Unreadable) != 0)
            words.Add("unreadable-row");
        else if (of.Fault is not (NumberFault.None or NumberFault.Missing))
            words.Add(of.Fault.Word());
        words.AddRange(NumberWords.AllRemarks.Where(r => (of.Remarks & r) != 0).Select(static r => r.Word()));
        if ((of.Fault != NumberFault.None && (of.Marks & ContactMarks.OtherNumber) != 0) || (of.Marks & ContactMarks.TakenFromOther) != 0)
            words.Add("other-number");
        return Encoding.UTF8.GetBytes(string.Join(';', words));
    }

    private static ReadOnlySpan<byte> GroundWords(PlaceGrounds ground) => (ground & (PlaceGrounds.CountryCell | PlaceGrounds.StateCell | PlaceGrounds.Number)) switch
    {
        PlaceGrounds.None => default,
        _ when (ground & PlaceGrounds.NumberDiffers) != 0 => (ground & PlaceGrounds.CountryCell) != 0 ? "country-cell;number-differs"u8 : "state-cell;number-differs"u8,
        _ when (ground & PlaceGrounds.AreaCodeDiffers) != 0 => (ground & PlaceGrounds.CountryCell) != 0 ? "country-cell;state-cell;area-code-differs"u8 : "state-cell;area-code-differs"u8,
        PlaceGrounds.CountryCell => "country-cell"u8,
        PlaceGrounds.StateCell => "state-cell"u8,
        PlaceGrounds.Number => "number"u8,
        PlaceGrounds.CountryCell | PlaceGrounds.StateCell => "country-cell;state-cell"u8,
        PlaceGrounds.CountryCell | PlaceGrounds.Number => "country-cell;number"u8,
        PlaceGrounds.StateCell | PlaceGrounds.Number => "state-cell;number"u8,
        _ => "country-cell;state-cell;number"u8,
    };

    private static void WriteDay(CsvOut line, int day)
    {
        if (day == ContactFacts.NoDay)
        {
            line.Empty();
            return;
        }

        var (year, month, date) = Days.Date(day);
        Span<byte> text = stackalloc byte[10];
        text[0] = (byte)('0' + (year / 1000 % 10));
        text[1] = (byte)('0' + (year / 100 % 10));
        text[2] = (byte)('0' + (year / 10 % 10));
        text[3] = (byte)('0' + (year % 10));
        text[4] = text[7] = (byte)'-';
        text[5] = (byte)('0' + (month / 10));
        text[6] = (byte)('0' + (month % 10));
        text[8] = (byte)('0' + (date / 10));
        text[9] = (byte)('0' + (date % 10));
        line.Code(text);
    }
}
