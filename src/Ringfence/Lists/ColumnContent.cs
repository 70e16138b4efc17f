using Ringfence.Numbers;
using Ringfence.People;

namespace Ringfence.Lists;

/// <summary>What the cells of one column look like: how many of those that are not blank fit each description.</summary>
internal sealed class ColumnContent
{
    /// <summary>Rows looked at: enough to tell, and bounded.</summary>
    private const int RowsLookedAt = 500;

    /// <summary>Characters of a cell looked at: its beginning shows what it is.</summary>
    private const int CellLookedAt = 400;

    /// <summary>Longer cells are no answers.</summary>
    private const int LongestAnswer = 60;

    private readonly HashSet<string> distinct = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Longer cells are no ages.</summary>
    private const int LongestAge = 16;

    /// <summary>Cells that say something.</summary>
    public int Filled { get; private set; }

    public int Emails { get; private set; }

    public int Phones { get; private set; }

    /// <summary>Dates beyond doubt, not bare numbers.</summary>
    public int Dates { get; private set; }

    /// <summary>Numbers that could be a spreadsheet serial, Unix time, a packed date or a year.</summary>
    public int DateNumbers { get; private set; }

    public int Countries { get; private set; }

    public int States { get; private set; }

    /// <summary>Yes, no, or an outspoken "not known".</summary>
    public int Answers { get; private set; }

    /// <summary>Answers that speak of consent, not just yes and no: <c>opted out</c>, <c>同意</c>.</summary>
    public int ConsentWords { get; private set; }

    /// <summary>Cells with letters.</summary>
    public int Texts { get; private set; }

    /// <summary>Cells of several words.</summary>
    public int Sentences { get; private set; }

    /// <summary>Short letters-and-digits keys.</summary>
    public int Keys { get; private set; }

    public int Ages { get; private set; }

    /// <summary>Companies by their legal form.</summary>
    public int Companies { get; private set; }

    /// <summary>Two to four capitalised words, or two to four Chinese characters.</summary>
    public int Names { get; private set; }

    /// <summary>Different cells, counted up to the rows looked at.</summary>
    public int Distinct => distinct.Count;

    /// <summary>The order of day and month that all telling cells agree on.</summary>
    public DateOrder Order { get; private set; }

    /// <summary>Looks at one column.</summary>
    public static ColumnContent Of(IReadOnlyList<string[]> rows, int column)
    {
        var content = new ColumnContent();
        var agree = true;
        var step = Math.Max(1, rows.Count / RowsLookedAt);
        for (var i = 0; i < rows.Count; i++)
        {
            var cell = column < rows[i].Length ? CellText.Trim(rows[i][column]) : default;
            if (cell.IsEmpty)
                continue;
            if (agree && ListDate.OrderOf(cell) is not DateOrder.Unknown and var order)
            {
                agree = content.Order == DateOrder.Unknown || content.Order == order;
                content.Order = agree ? order : DateOrder.Unknown;
            }

            if (i % step == 0)
                content.Look(cell[..Math.Min(cell.Length, CellLookedAt)]);
        }

        return content;
    }

    /// <summary>Whether a share of the filled cells fits, and there is at least one.</summary>
    public bool Mostly(int fitting, double share) => Filled > 0 && fitting >= share * Filled;

    private void Look(ReadOnlySpan<char> cell)
    {
        var answer = cell.Length <= LongestAnswer ? ConsentCell.Read(cell) : new ConsentCell(Answer.Unknown, null, ChannelSet.None, false);
        if (answer.Answer == Answer.Blank)
            return;
        Filled++;
        distinct.Add(cell[..Math.Min(cell.Length, 60)].ToString());
        if (CellShape.IsEmail(cell))
        {
            Emails++;
            return;
        }

        LookAtAnswer(cell, answer);
        if (ListDate.TryRead(cell, DateOrder.Unknown, out _, out _))
        {
            if (CellShape.IsBareNumber(cell))
                DateNumbers++;
            else
                Dates++;
        }

        if (CellShape.IsPhone(cell))
            Phones++;
        if (!Places.Country(cell).IsNone)
            Countries++;
        if (Places.State(cell, Region.Of("US")) is not null || Places.State(cell, Region.Of("CA")) is not null || Places.State(cell, Region.None) is not null)
            States++;
        if (CellShape.HasLetters(cell))
            Texts++;
        if (CellShape.Words(cell) >= 3)
            Sentences++;
        if (CellShape.IsName(cell))
            Names++;
        if (CellShape.IsKey(cell))
            Keys++;
        if (cell.Length <= LongestAge && AgeCell.Read(cell, 1) != AgeGroup.Unknown)
            Ages++;
        if (CellShape.IsCompany(cell))
            Companies++;
    }

    private void LookAtAnswer(ReadOnlySpan<char> cell, ConsentCell answer)
    {
        var isAnswer = cell.Length <= LongestAnswer && (answer.Answer != Answer.Unknown || answer.At is not null && CellShape.HasLetters(cell) || AnswerReader.IsKnownUnknown(cell));
        if (!isAnswer)
            return;
        Answers++;
        if (AnswerReader.SpeaksOfConsent(cell))
            ConsentWords++;
    }
}
