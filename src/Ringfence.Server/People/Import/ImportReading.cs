using Ringfence.Lists;
using Ringfence.People;
using Ringfence.Server.Cli;
using Ringfence.Server.Lists;
using Ringfence.Server.Lists.Reading;

namespace Ringfence.Server.People.Import;

/// <summary>Reads lists for an import: what is kept of every row, in the order of the lists.</summary>
/// <remarks>
/// Two passes, as in an audit: the first understands columns and rows and links them, so that a refusal in the last row is known before the
/// first one is kept; the second brings the words.
/// </remarks>
internal sealed class ImportReading
{
    // What is ready is large: records, sealed.
    private const int MostWaiting = 1;

    private readonly ImportOptions options;
    private readonly ContactLists lists;
    private readonly Linking linking;
    private readonly PersonRows persons;
    private readonly ProgressBar progress;

    private ImportReading(ImportOptions options, ContactLists lists, ProgressBar progress)
    {
        (this.options, this.lists, this.progress) = (options, lists, progress);
        linking = Linking.Of(lists.Contacts);
        persons = new PersonRows(linking, lists.Contacts);
    }

    /// <summary>The lists, with their digests.</summary>
    public IReadOnlyList<ReadList> Lists => lists.Lists;

    /// <summary>How many rows there are in all.</summary>
    public int Rows => lists.Contacts.Count;

    /// <summary>Reads the lists a first time.</summary>
    /// <exception cref="UnreadableListException">A file is no list.</exception>
    /// <exception cref="ColumnMapException">The user's map does not fit.</exception>
    /// <exception cref="OperationCanceledException">Stopped by the user.</exception>
    public static async Task<ImportReading> OpenAsync(ImportOptions options, ProgressBar progress, CancellationToken cancel)
    {
        var lists = ContactLists.Read(options, progress, cancel);
        var hashing = Task.Run(lists.HashAsync, cancel);
        var reading = new ImportReading(options, lists, progress);
        await hashing;
        return reading;
    }

    /// <summary>Columns of which nothing is kept, by list: some are looked through for refusals, and that is all.</summary>
    public IEnumerable<(string List, string Header)> LeftOut =>
        from list in lists.Lists
        from column in list.Plan.Columns
        where column.Field is ListField.None or ListField.Notes
        select (list.Name, column.Header);

    /// <summary>Reads them again, and hands in what is kept, batch by batch in the order of the lists.</summary>
    /// <param name="done">So many rows are settled by an earlier run. Of them only those are handed in whose person is met again.</param>
    /// <param name="prepare">What is done with a batch beside the others, on several threads.</param>
    /// <param name="handIn">Takes what came of it; called by one thread at a time.</param>
    /// <param name="cancel">Stops between batches.</param>
    /// <exception cref="UnreadableListException">A file is no longer what it was.</exception>
    public void Run<T>(long done, Func<ImportedBatch, T> prepare, Action<T> handIn, CancellationToken cancel)
    {
        var awaited = AwaitedOf(done);
        Read(done, at => awaited.Contains(linking.FirstOfPerson(at)), prepare, handIn, cancel);
    }

    /// <summary>Hands in, once all rows are written, those of people who refused something and may stand in other rows as well; as settled ones.</summary>
    public void RunRefusals<T>(Func<ImportedBatch, T> prepare, Action<T> handIn, CancellationToken cancel)
    {
        if (persons.AnyRefuses)
            Read(Rows, persons.RefusesAndMayBeMet, prepare, handIn, cancel);
    }

    private void Read<T>(long done, Func<int, bool> isWanted, Func<ImportedBatch, T> prepare, Action<T> handIn, CancellationToken cancel)
    {
        var seen = 0;
        progress.BeginPass();
        foreach (var list in lists.Lists)
        {
            ContactLists.Naming(list.Path, () =>
            {
                using var file = lists.Open(list);
                Turns.Run<(int RowsSeen, T Prepared)>(
                    file, null, options.Threads,
                    () =>
                    {
                        var make = Maker(list, done, isWanted);
                        return rows =>
                        {
                            var made = make(rows);
                            return (made.RowsSeen, prepare(made));
                        };
                    },
                    batch =>
                    {
                        seen += batch.RowsSeen;
                        handIn(batch.Prepared);
                        progress.Step(file.Progress.Read, seen);
                    },
                    cancel, MostWaiting);
                if (seen != list.FirstRow + list.Rows)
                    throw new UnreadableListException("The file changed while it was read.") { Code = "changed" };
                progress.EndStep(list.Bytes);
            });
        }
    }

    // First rows among the settled ones of persons who are met again.
    private HashSet<int> AwaitedOf(long done)
    {
        var awaited = new HashSet<int>();
        if (done <= 0)
            return awaited;
        for (var row = checked((int)Math.Min(done, Rows)); row < Rows; row++)
        {
            if (linking.FirstOfPerson(row) is var first && first < done)
                awaited.Add(first);
        }

        for (var row = 0; row < done && persons.AnyRefuses; row++)
        {
            if (persons.RefusesAndMayBeMet(row))
                awaited.Add(linking.FirstOfPerson(row));
        }

        return awaited;
    }

    private Func<RowBatch, ImportedBatch> Maker(ReadList list, long done, Func<int, bool> isWanted)
    {
        var maker = new RowMaker(list, lists, linking, persons, options);
        var rejectedLines = new RejectedLines(list, options.Language);
        return batch =>
        {
            var (first, at) = list.FirstOf(batch);
            var made = new ImportedBatch(list, at, batch.Count - first);
            var faults = new FaultWalk(batch);
            var next = lists.FirstRejectedFrom(at);
            for (var row = first; row < batch.Count; row++, at++)
            {
                var misaligned = faults.At(row);
                if (at >= done)
                    made.Rows.Add(maker.Make(batch, row, misaligned, at));
                else if (isWanted(at))
                    made.Settled.Add(maker.Make(batch, row, misaligned, at));
                foreach (var fault in faults.Current)
                    made.Reject(rejectedLines, batch, row, at, new RejectedCell(fault.Column, fault.Code));
                for (; next < lists.Rejected.Count && lists.Rejected[next].Row == at; next++)
                    made.Reject(rejectedLines, batch, row, at, lists.Rejected[next].Cell);
            }

            return made;
        };
    }
}

/// <summary>What is kept of some rows that stand one after the other in a list.</summary>
/// <param name="list">The list.</param>
/// <param name="firstRow">The first of them over all lists.</param>
/// <param name="rowsSeen">How many were read.</param>
internal sealed class ImportedBatch(ReadList list, int firstRow, int rowsSeen)
{
    public ReadList List => list;

    public int FirstRow => firstRow;

    public int RowsSeen => rowsSeen;

    /// <summary>The rows, in their order.</summary>
    public List<ImportedRow> Rows { get; } = new(rowsSeen);

    /// <summary>Rows that an earlier run has settled, of persons of whom more is to come.</summary>
    public List<ImportedRow> Settled { get; } = [];

    /// <summary>What could not be read: row in its list, column from 0 or -1, and the problem.</summary>
    public List<(int Number, RejectedCell Cell)> Rejected { get; } = [];

    /// <summary>The same as lines of <c>rejected.csv</c>, without its header.</summary>
    public CsvOut RejectedCsv { get; } = new();

    public void Reject(RejectedLines lines, RowBatch batch, int row, int at, RejectedCell cell)
    {
        Rejected.Add((at - list.FirstRow + 1, cell));
        lines.Write(RejectedCsv, batch, row, at - list.FirstRow + 1, cell);
    }
}
