using System.Globalization;
using Ringfence.Lists;
using Ringfence.Numbers;
using Ringfence.Server.Lists.Reading;

namespace Ringfence.Server.Lists.Desk;

/// <summary>Some rows of an audit, as they are shown: masked.</summary>
/// <param name="Rows">Those of the page.</param>
/// <param name="Count">How many there are in all that were asked for.</param>
internal sealed record ListRows<T>(IReadOnlyList<T> Rows, long Count);

/// <summary>One row of an audit.</summary>
internal sealed record AuditedRow
{
    /// <summary>In its list, from 1.</summary>
    public required long Number { get; init; }

    public required string File { get; init; }

    /// <summary>The number, masked; null: there is none that could be called.</summary>
    public required string? Phone { get; init; }

    public required string NumberStatus { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>ISO 3166; empty: not known.</summary>
    public required string Residence { get; init; }

    public required string Source { get; init; }

    /// <summary>The row with the same number; empty: none is earlier.</summary>
    public required string SameNumber { get; init; }

    public required string SamePerson { get; init; }

    public required IReadOnlyList<RowGrade> Grades { get; init; }
}

/// <summary>What may be done with a row on a channel, and why.</summary>
internal sealed record RowGrade(Channel Channel, AuditGrade Grade, IReadOnlyList<string> Reasons);

/// <summary>Something of a list that could not be read.</summary>
/// <param name="File">The list.</param>
/// <param name="Row">The row in it.</param>
/// <param name="Column">The header; empty: the row as a whole.</param>
/// <param name="Shape">What stands there, masked.</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="Cure">How to mend it.</param>
internal sealed record RejectedRow(string File, string Row, string Column, string Shape, string Problem, string Cure);

/// <summary>Finds rows in the files that an audit wrote. Each is read once from beginning to end; nothing but the page asked for is held.</summary>
internal static class AuditedRows
{
    /// <summary>Rows of <c>contacts.csv</c>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="filter">Which of them.</param>
    /// <param name="channels">The channels that were graded.</param>
    /// <param name="skip">So many that fit come before the page.</param>
    /// <param name="take">So many are on it.</param>
    /// <param name="cancel">Ends it.</param>
    public static ListRows<AuditedRow> Find(string path, RowFilter filter, IReadOnlyList<Channel> channels, long skip, int take, CancellationToken cancel)
    {
        Func<RowBatch, int, bool>? fits = null;
        return Find(path, skip, take, (columns, batch, row) => (fits ??= filter.Test(columns))(batch, row), (columns, batch, row) => RowOf(columns, batch, row, channels), cancel);
    }

    /// <summary>Lines of <c>rejected.csv</c>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="problem">Only those of a problem; null: all.</param>
    /// <param name="skip">So many that fit come before the page.</param>
    /// <param name="take">So many are on it.</param>
    /// <param name="cancel">Ends it.</param>
    public static ListRows<RejectedRow> Rejected(string path, string? problem, long skip, int take, CancellationToken cancel) => Find(
        path, skip, take,
        (columns, batch, row) => problem is null || Text(batch, row, columns["problem"]) == problem,
        static (columns, batch, row) => new RejectedRow(
            Text(batch, row, columns["file"]), Text(batch, row, columns["row"]), Text(batch, row, columns["column"]), CellMask.Shape(Text(batch, row, columns["value"])),
            Text(batch, row, columns["problem"]), Text(batch, row, columns["cure"])),
        cancel);

    /// <summary>How many rows a file has below its header.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancel">Ends it.</param>
    public static long Count(string path, CancellationToken cancel)
    {
        using var file = ListFile.Open(path, new ListReadOptions(null, "utf-8"));
        var batch = new RowBatch();
        var count = 0L;
        while (file.Read(batch))
        {
            cancel.ThrowIfCancellationRequested();
            count += batch.Count;
        }

        return Math.Max(0, count - 1);
    }

    private static ListRows<T> Find<T>(
        string path, long skip, int take, Func<Dictionary<string, int>, RowBatch, int, bool> fits, Func<Dictionary<string, int>, RowBatch, int, T> make, CancellationToken cancel)
    {
        using var file = ListFile.Open(path, new ListReadOptions(null, "utf-8"));
        var batch = new RowBatch();
        Dictionary<string, int>? columns = null;
        var found = new List<T>(take);
        var count = 0L;
        while (file.Read(batch))
        {
            cancel.ThrowIfCancellationRequested();
            for (var row = 0; row < batch.Count; row++)
            {
                if (columns is null)
                {
                    columns = Enumerable.Range(0, batch.CellCount(0)).ToDictionary(column => Text(batch, 0, column), static column => column, StringComparer.Ordinal);
                    continue;
                }

                if (!fits(columns, batch, row))
                    continue;
                if (count >= skip && found.Count < take)
                    found.Add(make(columns, batch, row));
                count++;
            }
        }

        return new ListRows<T>(found, count);
    }

    private static AuditedRow RowOf(Dictionary<string, int> columns, RowBatch batch, int row, IReadOnlyList<Channel> channels)
    {
        string Of(string column) => Text(batch, row, columns[column]);
        return new AuditedRow
        {
            Number = long.Parse(Of("row"), NumberStyles.None, CultureInfo.InvariantCulture),
            File = Of("file"),
            Phone = PhoneNumber.TryParse(Of("e164"), Region.None, out var number) ? number.ToString() : null,
            NumberStatus = Of("number_status"),
            Notes = Words(Of("number_note")),
            Residence = Of("residence"),
            Source = Of("source_kind"),
            SameNumber = Of("duplicate_of"),
            SamePerson = Of("same_person_as"),
            Grades =
            [
                .. channels.Select(channel => new RowGrade(
                    channel, AuditWords.AllGrades.First(grade => grade.Word() == Of(channel.Word() + "_grade")), Words(Of(channel.Word() + "_reasons")))),
            ],
        };
    }

    private static string[] Words(string cell) => cell.Split(';', StringSplitOptions.RemoveEmptyEntries);

    private static string Text(RowBatch batch, int row, int column) => Utf8Cell.Read(batch.Cell(row, column), static text => text.ToString());
}
