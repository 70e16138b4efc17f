using System.Text;

namespace Ringfence.Server.Lists.Reading;

/// <summary>A contact list opened for reading: batches of rows of UTF-8 cells, whatever the file is.</summary>
/// <remarks>
/// Memory is bounded by the limits of <see cref="ListLimits"/>, whatever the file's size. Rows include the header row, if there is one.
/// Opening the same file again gives the same rows.
/// </remarks>
internal abstract class ListFile : IDisposable
{
    /// <summary>Opens a file and finds out what it is.</summary>
    /// <exception cref="UnreadableListException">It is no list we can read, or goes beyond a limit.</exception>
    public static ListFile Open(string path, ListReadOptions options)
    {
        try
        {
            var content = FileContent.Of(path);
            return ContentKinds.Recognise(content) switch
            {
                ContentKind.Zip => Workbook.Open(content, options),
                ContentKind.OldWorkbook => throw UnreadableListException.OldWorkbook(),
                ContentKind.Protected => throw UnreadableListException.PasswordProtected(),
                _ => OpenText(content, options),
            };
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            // A link that leads nowhere.
            throw UnreadableListException.NotFound(path);
        }
        catch (Exception broken) when (broken is IOException or InvalidDataException)
        {
            throw UnreadableListException.Broken(broken);
        }
        catch (UnauthorizedAccessException closed)
        {
            throw UnreadableListException.NoAccess(path, closed);
        }
    }

    private static ListFile OpenText(FileContent content, ListReadOptions options)
    {
        var encoding = EncodingFinder.Find(content, options.Encoding);
        return JsonRows.StartsLikeRows(content, encoding)
            ? JsonRows.Open(content, encoding)
            : TextTable.Open(content, encoding);
    }

    /// <summary><c>csv</c>, <c>xlsx</c> or <c>ndjson</c>.</summary>
    public abstract string Format { get; }

    /// <summary>For text tables the separator; null else.</summary>
    public virtual char? Separator => null;

    /// <summary>The encoding found.</summary>
    public virtual Encoding Encoding => Encoding.UTF8;

    /// <summary>For workbooks the sheet read; null else.</summary>
    public virtual string? Sheet => null;

    /// <summary>Number of columns: that of the first row, or of the keys seen in NDJSON.</summary>
    public abstract int ColumnCount { get; }

    /// <summary>For NDJSON the names of the columns, which stand in no row; null where the first row may be a header.</summary>
    public virtual IReadOnlyList<string>? ColumnNames => null;

    /// <summary>Bytes of the file read so far, and all of them, for progress.</summary>
    public abstract (long Read, long Total) Progress { get; }

    /// <summary>Fills a batch with the next rows. False at the end, when the batch is empty.</summary>
    /// <exception cref="UnreadableListException">The file goes beyond a limit or breaks off.</exception>
    public bool Read(RowBatch batch)
    {
        batch.Clear(RowsRead);
        try
        {
            Fill(batch);
        }
        catch (Exception broken) when (broken is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw UnreadableListException.Broken(broken);
        }

        RowsRead += batch.Count;
        if (RowsRead > ListLimits.Rows)
            throw UnreadableListException.TooManyRows();
        return batch.Count > 0;
    }

    /// <summary>Rows given so far, the header included.</summary>
    private long RowsRead { get; set; }

    /// <summary>Puts the next rows into an empty batch; none at the end.</summary>
    protected abstract void Fill(RowBatch batch);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}

/// <summary>How a list is to be read.</summary>
/// <param name="Sheet">The sheet of a workbook, by its name or its number from 1; null for the first visible one with rows.</param>
/// <param name="Encoding">IANA name of the encoding of a text file; null to find it from the content.</param>
internal sealed record ListReadOptions(string? Sheet, string? Encoding = null);
