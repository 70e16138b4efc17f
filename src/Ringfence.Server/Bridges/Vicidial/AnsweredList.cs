using System.Text;
using Ringfence.Numbers;
using Ringfence.Server.Lists;
using Ringfence.Server.Lists.Reading;

namespace Ringfence.Server.Bridges.Vicidial;

/// <summary>A list that <c>ringfence scrub</c> answered, row by row.</summary>
internal sealed class AnsweredList : IDisposable
{
    private static readonly string[] Answers = ["ringfence_number", "ringfence_verdict", "ringfence_reasons", "ringfence_ask_again"];

    private readonly ListFile file;
    private readonly RowBatch batch;
    private readonly int[] answers;

    private AnsweredList(ListFile file, RowBatch batch, string[] headers, int[] answers) => (this.file, this.batch, Headers, this.answers) = (file, batch, headers, answers);

    /// <summary>What the columns are called.</summary>
    public IReadOnlyList<string> Headers { get; }

    /// <summary>Opens one; null: it is none.</summary>
    /// <exception cref="UnreadableListException">It is no list at all.</exception>
    public static AnsweredList? Open(string path)
    {
        var file = ListFile.Open(path, new ListReadOptions(null));
        var batch = new RowBatch();
        string[] headers = file.Read(batch) ? [.. Enumerable.Range(0, batch.CellCount(0)).Select(column => Text(batch, 0, column))] : [];
        // The list may have had columns of these names before: the last ones are the answers.
        int[] answers = [.. Answers.Select(name => Array.LastIndexOf(headers, name))];
        if (!answers.Contains(-1))
            return new AnsweredList(file, batch, headers, answers);
        file.Dispose();
        return null;
    }

    /// <summary>Each row; to be read before the next one is asked for.</summary>
    public IEnumerable<AnsweredRow> Rows()
    {
        var skip = 1;
        do
        {
            var faults = new FaultWalk(batch);
            for (var row = skip; row < batch.Count; row++)
            {
                var at = row;
                // A row whose cells can't be told apart tells nothing.
                if (faults.At(row))
                {
                    yield return new AnsweredRow(batch.FirstRow + row, default, "", "", "", static _ => "");
                    continue;
                }

                _ = PhoneNumber.TryParse(Of(answers[0]), Region.None, out var number);
                yield return new AnsweredRow(batch.FirstRow + row, number, Of(answers[1]), Of(answers[2]), Of(answers[3]), Of);

                string Of(int column) => Text(batch, at, column);
            }

            skip = 0;
        }
        while (file.Read(batch));
    }

    public void Dispose() => file.Dispose();

    // Cells that a spreadsheet program would run were given an apostrophe.
    private static string Text(RowBatch batch, int row, int column) =>
        Encoding.UTF8.GetString(batch.Cell(row, column)) is ['\'', '+' or '-' or '=' or '@', ..] text ? text[1..] : Encoding.UTF8.GetString(batch.Cell(row, column));
}

/// <summary>One row of it.</summary>
/// <param name="Row">Counted from 1, the header left out.</param>
/// <param name="Number">Without digits where there is none.</param>
/// <param name="Verdict">As the scrub wrote it.</param>
/// <param name="Reasons">Likewise.</param>
/// <param name="AskAgain">Likewise.</param>
/// <param name="Cell">The text under a column.</param>
internal sealed record AnsweredRow(long Row, PhoneNumber Number, string Verdict, string Reasons, string AskAgain, Func<int, string> Cell);
