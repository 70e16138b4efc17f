using System.Collections.Concurrent;
using Ringfence.Lists;

namespace Ringfence.Server.Lists;

/// <summary>The CSV files of an audit: <c>contacts.csv</c>, one per grade and channel, <c>rejected.csv</c>.</summary>
internal sealed class AuditFiles : IDisposable
{
    private static readonly int Grades = AuditWords.AllGrades.Count;
    private readonly OutFolder folder;
    private readonly IReadOnlyList<Channel> channels;
    private readonly FileStream?[] streams;
    private readonly ConcurrentBag<WrittenRows> pool = [];
    private readonly byte[] listHeader;
    private readonly Dictionary<string, int> columnOf = new(StringComparer.Ordinal);

    public AuditFiles(OutFolder folder, AuditOptions options, IReadOnlyList<ReadList> lists, NextSteps steps)
    {
        this.folder = folder;
        Steps = steps;
        channels = options.Channels;
        streams = new FileStream?[2 + (channels.Count * Grades)];
        Sources = [.. lists.Select(Columns)];
        OriginalColumns = columnOf.Count;
        listHeader = ListHeader();
        Header(Contacts, ContactsHeader());
        Header(Rejected, RejectedLines.Header());
    }

    /// <summary>The place of <c>contacts.csv</c> among the files.</summary>
    public static int Contacts => 0;

    /// <summary>The place of <c>rejected.csv</c> among the files.</summary>
    public static int Rejected => 1;

    public NextSteps Steps { get; }

    /// <summary>How many original columns all lists have together.</summary>
    public int OriginalColumns { get; }

    /// <summary>For each list, for each original column, its column in that list; -1 where it has none.</summary>
    public int[][] Sources { get; }

    /// <summary>The place of the file of one grade on one channel, by the position of the channel in the options.</summary>
    public static int Of(int channel, AuditGrade grade) => 2 + (channel * Grades) + (int)grade;

    /// <summary>The name of the file of one grade on one channel.</summary>
    public static string Name(Channel channel, AuditGrade grade) => $"{grade.Word()}-{channel.Word()}.csv";

    /// <summary>Buffers for one batch.</summary>
    public WrittenRows Rent()
    {
        if (!pool.TryTake(out var rows))
            rows = new WrittenRows(streams.Length);
        rows.Clear();
        return rows;
    }

    /// <summary>Writes a batch to the files and takes its buffers back.</summary>
    public void Append(WrittenRows rows)
    {
        for (var i = 0; i < streams.Length; i++)
        {
            var bytes = rows.Files[i].Written;
            if (bytes.IsEmpty)
                continue;
            Stream(i).Write(bytes);
        }
    }

    /// <summary>Gives buffers back.</summary>
    public void Return(WrittenRows rows) => pool.Add(rows);

    /// <summary>Closes the files; one without rows is there all the same, with its header.</summary>
    public void Complete()
    {
        for (var i = 0; i < streams.Length; i++)
            Stream(i).Flush(flushToDisk: false);
        Dispose();
    }

    public void Dispose()
    {
        foreach (var stream in streams)
            stream?.Dispose();
    }

    private FileStream Stream(int index)
    {
        if (streams[index] is { } there)
            return there;
        var channel = channels[(index - 2) / Grades];
        var stream = streams[index] = folder.Create(Name(channel, (AuditGrade)((index - 2) % Grades)));
        stream.Write(listHeader);
        return stream;
    }

    private void Header(int index, CsvOut header)
    {
        streams[index] = folder.Create(index == Contacts ? "contacts.csv" : "rejected.csv");
        streams[index]!.Write(header.Written);
    }

    private CsvOut ContactsHeader()
    {
        var header = new CsvOut();
        foreach (var name in (ReadOnlySpan<string>)["row", "file", "id", "e164", "number_status", "number_note", "duplicate_of", "same_person_as", "residence", "refused"])
            header.Cell(name);
        foreach (var channel in channels)
        {
            header.Cell(channel.Word() + "_grade");
            header.Cell(channel.Word() + "_reasons");
        }

        foreach (var name in (ReadOnlySpan<string>)["next_step", "residence_basis", "number_type", "source_kind", "consent_date", "last_sign", "email_refused"])
            header.Cell(name);
        header.EndRow();
        return header;
    }

    private byte[] ListHeader()
    {
        var header = new CsvOut();
        foreach (var name in (ReadOnlySpan<string>)["ringfence_file", "ringfence_row", "ringfence_e164", "ringfence_reasons", "ringfence_next_step"])
            header.Cell(name);
        foreach (var name in columnOf.Keys)
            header.Cell(name);
        header.EndRow();
        return header.Written.ToArray();
    }

    // Columns of the same name in several lists are one; a name that stands twice in one list is two.
    private int[] Columns(ReadList list)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var source = new List<int>(Enumerable.Repeat(-1, columnOf.Count));
        foreach (var column in list.Plan.Columns)
        {
            var times = seen[column.Header] = seen.GetValueOrDefault(column.Header) + 1;
            var name = times == 1 ? column.Header : $"{column.Header} ({times})";
            if (!columnOf.TryGetValue(name, out var at))
            {
                at = columnOf[name] = columnOf.Count;
                source.Add(-1);
            }

            source[at] = column.Index;
        }

        return [.. source];
    }
}

/// <summary>What one batch of rows adds to the files.</summary>
internal sealed class WrittenRows(int files)
{
    /// <summary>One buffer per file.</summary>
    public CsvOut[] Files { get; } = [.. Enumerable.Range(0, files).Select(static _ => new CsvOut())];

    public int Rows { get; set; }

    /// <summary>Lines of <c>rejected.csv</c> among them.</summary>
    public long RejectedLines { get; set; }

    public void Clear()
    {
        foreach (var file in Files)
            file.Clear();
        Rows = 0;
        RejectedLines = 0;
    }
}
