using System.Text;
using Ringfence.Lists;

namespace Ringfence.Server.Lists.Desk;

/// <summary>Which rows of an audit are to be seen. Everything in it is a word of ours; nothing tells of a person.</summary>
internal sealed record RowFilter
{
    /// <summary>Columns by whose word rows can be looked for, as the address names them.</summary>
    public static IReadOnlyList<string> Columns { get; } = ["number_status", "number_note", "number_type", "source_kind", "residence", "refused", "duplicate_of", "same_person_as"];

    /// <summary>The channel whose grades are meant.</summary>
    public Channel Channel { get; init; } = Channel.Voice;

    public AuditGrade? Grade { get; init; }

    public AuditReasons Reason { get; init; }

    /// <summary>Words, by column; <c>any</c>: there has to be one, <c>none</c>: there must not.</summary>
    public IReadOnlyDictionary<string, string> Words { get; init; } = new Dictionary<string, string>();

    /// <summary>Reads what an address asks for; what is no word of ours is left out.</summary>
    /// <param name="query">The value under a name; null: none.</param>
    /// <param name="channels">The channels that were graded.</param>
    public static RowFilter Read(Func<string, string?> query, IReadOnlyList<Channel> channels)
    {
        var grade = AuditWords.AllGrades.Where(one => one.Word() == query("grade")).Select(static one => (AuditGrade?)one).FirstOrDefault();
        return new RowFilter
        {
            Channel = query("channel") is { } word && Channels.TryParse(word, out var channel) && channels.Contains(channel) ? channel : channels.Count > 0 ? channels[0] : Channel.Voice,
            Grade = grade,
            Reason = AuditWords.AllReasons.FirstOrDefault(one => one.Word() == query("reason")),
            Words = Columns.Select(column => (column, Word: query(column))).Where(static one => one.Word is { Length: > 0 and <= 40 } word && word.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-'))
                .ToDictionary(static one => one.column, static one => one.Word!, StringComparer.Ordinal),
        };
    }

    /// <summary>Makes the test of a row, given where the columns stand.</summary>
    /// <param name="columns">Positions by name.</param>
    public Func<Reading.RowBatch, int, bool> Test(IReadOnlyDictionary<string, int> columns)
    {
        List<Func<Reading.RowBatch, int, bool>> tests = [];
        if (Grade is { } grade)
            tests.Add(Cell(columns[Channel.Word() + "_grade"], grade.Word()));
        if (Reason != AuditReasons.None)
            tests.Add(Listed(columns[Channel.Word() + "_reasons"], Reason.Word()));
        foreach (var (column, word) in Words)
            tests.Add(TestOf(columns, column, word));
        return (batch, row) =>
        {
            foreach (var test in tests)
            {
                if (!test(batch, row))
                    return false;
            }

            return true;
        };
    }

    private static Func<Reading.RowBatch, int, bool> TestOf(IReadOnlyDictionary<string, int> columns, string column, string word)
    {
        var at = columns[column];
        switch (column)
        {
            case "duplicate_of" or "same_person_as":
                return (batch, row) => !batch.Cell(row, at).IsEmpty;
            case "number_note" when word == "missing":
                return Cell(columns["number_status"], word);
            case "number_note":
                return Listed(at, word);
            case "number_type" or "residence" when word is "unknown" or "none":
                return (batch, row) => batch.Cell(row, at).IsEmpty;
            case "residence":
                var country = Encoding.UTF8.GetBytes(word);
                return (batch, row) => batch.Cell(row, at) is var cell && cell.StartsWith(country) && (cell.Length == country.Length || cell[country.Length] == '-');
            case "refused":
                var email = columns["email_refused"];
                if (word == "elsewhere")
                    return (batch, row) => IsElsewhere(batch.Cell(row, at)) && (batch.Cell(row, email).IsEmpty || IsElsewhere(batch.Cell(row, email))) || batch.Cell(row, at).IsEmpty && IsElsewhere(batch.Cell(row, email));
                var (inPhone, inEmail) = (Listed(at, word), Listed(email, word));
                return (batch, row) => inPhone(batch, row) || inEmail(batch, row);
            default:
                return Cell(at, word);
        }
    }

    private static bool IsElsewhere(ReadOnlySpan<byte> cell) => cell.StartsWith("row "u8);

    private static Func<Reading.RowBatch, int, bool> Cell(int column, string word)
    {
        var bytes = Encoding.UTF8.GetBytes(word);
        return (batch, row) => batch.Cell(row, column).SequenceEqual(bytes);
    }

    // One of several words, with semicolons between.
    private static Func<Reading.RowBatch, int, bool> Listed(int column, string word)
    {
        var bytes = Encoding.UTF8.GetBytes(word);
        return (batch, row) =>
        {
            var cell = batch.Cell(row, column);
            while (!cell.IsEmpty)
            {
                var end = cell.IndexOf((byte)';');
                if ((end < 0 ? cell : cell[..end]).SequenceEqual(bytes))
                    return true;
                cell = end < 0 ? default : cell[(end + 1)..];
            }

            return false;
        };
    }
}
