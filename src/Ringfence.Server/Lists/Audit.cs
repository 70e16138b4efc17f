using System.Security.Cryptography;
using Ringfence.Lists;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Rules;
using Ringfence.Server.Cli;
using Ringfence.Server.Lists.Reading;

namespace Ringfence.Server.Lists;

/// <summary>The database audit (A6): lists in, the truth about them out.</summary>
/// <remarks>
/// Two passes over the files. The first turns every row into <see cref="ContactFacts"/> and links them, because a refusal in the last row
/// closes the first; the second grades each row and writes it. Memory grows with the number of rows (some 200 bytes each), not with their length.
/// </remarks>
internal sealed class Audit
{
    private readonly AuditOptions options;
    private readonly ProgressBar progress;
    private readonly CancellationToken cancel;
    private readonly ContactStore contacts = new();
    private readonly PlaceTable places = new();
    private readonly List<ReadList> lists = [];
    private readonly HashSet<string> found = [];
    private readonly List<ColumnMapException> unfound = [];
    private readonly List<(int Row, RejectedCell Cell)> rejected = [];
    private readonly System.Collections.Concurrent.ConcurrentBag<BatchFacts> spare = [];

    private Audit(AuditOptions options, ProgressBar progress, CancellationToken cancel) =>
        (this.options, this.progress, this.cancel) = (options, progress, cancel);

    /// <summary>Audits the lists and writes all files of the report but the report itself.</summary>
    /// <exception cref="UnreadableListException">A file is no list.</exception>
    /// <exception cref="ColumnMapException">The user's map does not fit.</exception>
    /// <exception cref="OperationCanceledException">Stopped by the user; nothing is left behind.</exception>
    public static AuditReport Run(AuditOptions options, OutFolder folder, NextSteps steps, ProgressBar progress, CancellationToken cancel)
    {
        var audit = new Audit(options, progress, cancel);
        var total = options.Files.Sum(static file => File.Exists(file) ? new FileInfo(file).Length : 0);
        progress.Begin(total * 2);
        foreach (var file in options.Files)
            Naming(file, () => audit.ReadFacts(file));
        if (audit.unfound.FirstOrDefault(entry => !audit.found.Contains(entry.Word)) is { } lost)
            throw lost;
        var hashing = Task.Run(audit.HashFilesAsync, cancel);
        var linking = Linking.Of(audit.contacts);
        progress.BeginPass();
        var tally = audit.WriteRows(folder, linking, steps);
        hashing.GetAwaiter().GetResult();
        var report = new AuditReporting(options, audit.contacts, audit.places, linking, audit.lists, tally).Report();
        progress.End();
        return report;
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
        var list = new ReadList(path, NameOf(path), file, understood, contacts.Count)
        {
            IsSuppression = options.Suppressions.Contains(Path.GetFullPath(path)),
        };
        lists.Add(list);
        Turns.Run(file, first, options.Threads, () => FactsReader(list), facts => HandIn(file, facts), cancel);
        list.Rows = contacts.Count - list.FirstRow;
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
        var reader = new RowReader(list.Plan, places, options);
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
        var at = contacts.Count;
        contacts.Append(result.Facts.AsSpan(0, result.Count));
        foreach (var (row, number) in result.Others)
            contacts.OtherNumbers.Add(new OtherNumber(at + row, number));
        foreach (var other in result.OtherEmails)
            contacts.OtherEmails.Add(other with { Row = at + other.Row });
        foreach (var (row, cell) in result.Rejected)
            rejected.Add((at + row, cell));
        spare.Add(result);
        progress.Step(file.Progress.Read, contacts.Count);
    }

    private async Task HashFilesAsync()
    {
        foreach (var list in lists)
        {
            await using var stream = new FileStream(list.Path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.SequentialScan);
            list.Sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancel));
        }
    }

    private AuditTally WriteRows(OutFolder folder, Linking linking, NextSteps steps)
    {
        using var files = new AuditFiles(folder, options, lists, steps);
        var tally = new AuditTally(contacts.Count, options.Channels.Count);
        foreach (var list in lists)
            Naming(list.Path, () => WriteRows(list, files, tally, linking));
        files.Complete();
        return tally;
    }

    private void WriteRows(ReadList list, AuditFiles files, AuditTally tally, Linking linking)
    {
        using var file = ListFile.Open(list.Path, new ListReadOptions(list.Sheet ?? options.Sheet) { Encoding = options.Encoding });
        var writers = new System.Collections.Concurrent.ConcurrentBag<AuditRowWriter>();
        Turns.Run<WrittenRows>(
            file, null, options.Threads,
            () =>
            {
                var writer = new AuditRowWriter(options, list, lists, contacts, places, linking, files, tally);
                writers.Add(writer);
                return batch => Written(batch, list, writer, files);
            },
            written =>
            {
                files.Append(written);
                tally.Add(written);
                progress.Step(file.Progress.Read, tally.RowsSeen);
                files.Return(written);
            },
            cancel);
        foreach (var writer in writers)
            writer.Outcomes.AddTo(tally.Grades);
        if (tally.RowsSeen != list.FirstRow + list.Rows)
            throw new UnreadableListException("The file changed while it was read.") { Code = "changed" };
        progress.EndStep(list.Bytes);
    }

    // Of several files the user wants to know which.
    private static void Naming(string path, Action work)
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

    private WrittenRows Written(RowBatch batch, ReadList list, AuditRowWriter writer, AuditFiles files)
    {
        var skip = list.IsHeader(batch) ? 1 : 0;
        var written = files.Rent();
        var faults = new FaultWalk(batch);
        var at = checked((int)(list.FirstRow + batch.FirstRow - (list.HasHeader && skip == 0 ? 1 : 0)));
        var next = FirstRejectedFrom(at);
        for (var row = skip; row < batch.Count; row++, at++)
        {
            faults.At(row);
            writer.Write(written, batch, row, at);
            foreach (var fault in faults.Current)
                writer.WriteRejected(written, batch, row, at, new RejectedCell(fault.Column, fault.Code));
            for (; next < rejected.Count && rejected[next].Row == at; next++)
                writer.WriteRejected(written, batch, row, at, rejected[next].Cell);
        }

        return written;
    }

    private int FirstRejectedFrom(int row)
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

/// <summary>A list that was read once.</summary>
internal sealed class ReadList(string path, string name, ListFile file, ColumnsUnderstood understood, int firstRow)
{
    public string Path { get; } = path;

    /// <summary>What it is called in the report: the file's name, with its folder where another list has the same.</summary>
    public string Name { get; } = name;

    public string Format { get; } = file.Format;

    public char? Separator { get; } = file.Separator;

    public string Encoding { get; } = file.Encoding.WebName;

    public string? Sheet { get; } = file.Sheet;

    public bool HasHeader { get; } = understood.HasHeader;

    /// <summary>Whether the names of the columns stand in the file, as a header or as keys.</summary>
    public bool HasNames { get; } = understood.HasHeader || file.ColumnNames is not null;

    public ListPlan Plan { get; } = new(understood.Columns);

    /// <summary>Its first row, counted over all files.</summary>
    public int FirstRow { get; } = firstRow;

    public long Bytes { get; } = new FileInfo(path).Length;

    public int Rows { get; set; }

    /// <summary>Whether the user said that every row of it is a refusal.</summary>
    public bool IsSuppression { get; init; }

    public string Sha256 { get; set; } = "";

    /// <summary>Whether the first row of a batch is the header.</summary>
    public bool IsHeader(RowBatch batch) => HasHeader && batch.FirstRow == 0 && batch.Count > 0;
}

/// <summary>Walks along the faults of a batch beside its rows.</summary>
internal struct FaultWalk(RowBatch batch)
{
    private int at;

    /// <summary>The faults of the row asked for last.</summary>
    public List<RowFault> Current { get; } = [];

    /// <summary>Whether a row's cells can't be told apart. Rows are asked for in order.</summary>
    public bool At(int row)
    {
        Current.Clear();
        var misaligned = false;
        while (at < batch.Faults.Count && batch.Faults[at].Row <= row)
        {
            if (batch.Faults[at].Row == row)
            {
                Current.Add(batch.Faults[at]);
                misaligned |= batch.Faults[at].Code is "too-many-cells" or "too-few-cells" or "open-quote" or "bad-json";
            }

            at++;
        }

        return misaligned;
    }
}
