using System.Collections.Concurrent;
using System.Security.Cryptography;
using Ringfence.Lists;
using Ringfence.People;
using Ringfence.Server.Cli;
using Ringfence.Server.Lists.Reading;

namespace Ringfence.Server.Lists;

/// <summary>Lists that were read once: how their columns were understood, and what each row tells. The first of two passes.</summary>
/// <remarks>
/// A refusal in the last row closes the first, so no row is settled before all are read. Memory grows with the number of rows (some 200 bytes
/// each), not with their length; whatever else is wanted of a row is read again in the second pass.
/// </remarks>
internal sealed class ContactLists
{
    private readonly ListOptions options;
    private readonly ProgressBar progress;
    private readonly CancellationToken cancel;
    private readonly List<ReadList> lists = [];
    private readonly HashSet<string> found = [];
    private readonly List<ColumnMapException> unfound = [];
    private readonly List<(int Row, RejectedCell Cell)> rejected = [];
    private readonly ConcurrentBag<BatchFacts> spare = [];

    private ContactLists(ListOptions options, ProgressBar progress, CancellationToken cancel) =>
        (this.options, this.progress, this.cancel) = (options, progress, cancel);

    /// <summary>The facts of all rows.</summary>
    public ContactStore Contacts { get; } = new();

    /// <summary>Where they are.</summary>
    public PlaceTable Places { get; } = new();

    /// <summary>The lists, in the order given.</summary>
    public IReadOnlyList<ReadList> Lists => lists;

    /// <summary>What could not be read, by row over all lists, rising.</summary>
    public IReadOnlyList<(int Row, RejectedCell Cell)> Rejected => rejected;

    /// <summary>Reads lists, and begins a progress of two passes.</summary>
    /// <exception cref="UnreadableListException">A file is no list.</exception>
    /// <exception cref="ColumnMapException">The user's map does not fit.</exception>
    /// <exception cref="OperationCanceledException">Stopped by the user.</exception>
    public static ContactLists Read(ListOptions options, ProgressBar progress, CancellationToken cancel)
    {
        var lists = new ContactLists(options, progress, cancel);
        var total = options.Files.Sum(static file => File.Exists(file) ? new FileInfo(file).Length : 0);
        progress.Begin(total * 2);
        foreach (var file in options.Files)
            Naming(file, () => lists.ReadFacts(file));
        if (lists.unfound.FirstOrDefault(entry => !lists.found.Contains(entry.Word)) is { } lost)
            throw lost;
        return lists;
    }

    /// <summary>Opens a list again, for the second pass.</summary>
    public ListFile Open(ReadList list) =>
        ListFile.Open(list.Path, new ListReadOptions(list.Sheet ?? options.Sheet) { Encoding = options.Encoding });

    /// <summary>Takes the digest of every list.</summary>
    public async Task HashAsync()
    {
        foreach (var list in lists)
        {
            await using var stream = new FileStream(list.Path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.SequentialScan);
            list.Sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancel));
        }
    }

    /// <summary>Does something with a file; of several files the user wants to know which could not be read.</summary>
    public static void Naming(string path, Action work)
    {
        try
        {
            work();
        }
        catch (UnreadableListException e)
        {
            e.File ??= Path.GetFileName(path);
            throw;
        }
    }

    /// <summary>The place in <see cref="Rejected"/> from which on the rows from one on stand.</summary>
    public int FirstRejectedFrom(int row)
    {
        var (from, until) = (0, rejected.Count);
        while (from < until)
        {
            var middle = from + ((until - from) / 2);
            if (rejected[middle].Row < row)
                from = middle + 1;
            else
                until = middle;
        }

        return from;
    }

    // Two lists may have one name in two folders; then the whole path tells them apart.
    private string NameOf(string path) =>
        options.Files.Count(other => Path.GetFileName(other) == Path.GetFileName(path)) > 1 ? path : Path.GetFileName(path);

    private void ReadFacts(string path)
    {
        using var file = ListFile.Open(path, new ListReadOptions(options.Sheet) { Encoding = options.Encoding });
        var first = new RowBatch();
        file.Read(first);
        var understood = Understand(file, first);
        var list = new ReadList(path, NameOf(path), file, understood, Contacts.Count)
        {
            IsSuppression = options.Suppressions.Contains(Path.GetFullPath(path)),
        };
        lists.Add(list);
        Turns.Run(file, first, options.Threads, () => FactsReader(list), facts => HandIn(file, facts), cancel);
        list.Rows = Contacts.Count - list.FirstRow;
        progress.EndStep(list.Bytes);
    }

    private ColumnsUnderstood Understand(ListFile file, RowBatch first)
    {
        // A thousand rows show what a column holds.
        const int looksAt = 1000;
        string[] Row(int row) => [.. Enumerable.Range(0, file.ColumnCount).Select(c => Utf8Cell.Read(first.Cell(row, c), static cell => cell.ToString()))];

        if (file.ColumnNames is { } names)
        {
            var understood = Understand(names, [.. Enumerable.Range(0, Math.Min(looksAt, first.Count)).Select(Row)]);
            return understood with { HasHeader = false };
        }

        if (first.Count == 0)
            return new ColumnsUnderstood(false, []);
        var rows = Enumerable.Range(1, Math.Max(0, Math.Min(looksAt, first.Count) - 1)).Select(Row);
        return Understand(Row(0), [.. rows]);
    }

    /// <summary>Several lists have several headers: what the user said of a column counts where it is, and has to be in one of them.</summary>
    private ColumnsUnderstood Understand(IReadOnlyList<string> headers, IReadOnlyList<string[]> rows)
    {
        var map = options.Map.ToList();
        while (true)
        {
            try
            {
                var understood = ColumnReader.Understand(headers, rows, map);
                found.UnionWith(map.Select(static entry => entry.Value));
                return understood;
            }
            catch (ColumnMapException e) when (e.Code == "unknown-header" && options.Files.Count > 1)
            {
                unfound.Add(e);
                map.RemoveAll(entry => entry.Value == e.Word);
            }
        }
    }

    private Func<RowBatch, BatchFacts> FactsReader(ReadList list)
    {
        var reader = new RowReader(list.Plan, Places, options);
        return batch =>
        {
            var skip = list.IsHeader(batch) ? 1 : 0;
            if (!spare.TryTake(out var result))
                result = new BatchFacts();
            result.Begin(batch.Count - skip);
            var faults = new FaultWalk(batch);
            for (var row = skip; row < batch.Count; row++)
            {
                ref var facts = ref result.Facts[row - skip];
                facts = reader.Read(batch, row, faults.At(row));
                if (list.IsSuppression)
                    RowReader.Refuse(ref facts, ChannelSet.All, RefusalPlaces.Flag);
                foreach (var number in reader.OtherNumbers)
                    result.Others.Add((row - skip, number));
                foreach (var (email, shared) in reader.OtherEmails)
                    result.OtherEmails.Add(new OtherEmail(row - skip, email, shared));
                foreach (var cell in reader.Rejected)
                    result.Rejected.Add((row - skip, cell));
            }

            return result;
        };
    }

    private void HandIn(ListFile file, BatchFacts result)
    {
        var at = Contacts.Count;
        Contacts.Append(result.Facts.AsSpan(0, result.Count));
        foreach (var (row, number) in result.Others)
            Contacts.OtherNumbers.Add(new OtherNumber(at + row, number));
        foreach (var other in result.OtherEmails)
            Contacts.OtherEmails.Add(other with { Row = at + other.Row });
        foreach (var (row, cell) in result.Rejected)
            rejected.Add((at + row, cell));
        spare.Add(result);
        progress.Step(file.Progress.Read, Contacts.Count);
    }

    /// <summary>The facts of one batch; used again for the next.</summary>
    private sealed class BatchFacts
    {
        public ContactFacts[] Facts { get; private set; } = [];

        public int Count { get; private set; }

        public List<(int Row, ulong Number)> Others { get; } = [];

        public List<OtherEmail> OtherEmails { get; } = [];

        public List<(int Row, RejectedCell Cell)> Rejected { get; } = [];

        public void Begin(int count)
        {
            if (Facts.Length < count)
                Facts = new ContactFacts[Math.Max(count, RowBatch.Capacity)];
            Count = count;
            Others.Clear();
            OtherEmails.Clear();
            Rejected.Clear();
        }
    }
}
