using System.Globalization;

namespace Ringfence.Server.Lists.Reading;

/// <summary>A file that is no list we can read.</summary>
/// <remarks>
/// The message is English and says what to do; front ends word it anew from <see cref="Code"/> and <see cref="Arguments"/>.
/// </remarks>
internal sealed class UnreadableListException : Exception
{
    public UnreadableListException() { }

    public UnreadableListException(string message) : base(message) { }

    public UnreadableListException(string message, Exception inner) : base(message, inner) { }

    /// <summary>
    /// Stable code: <c>not-found</c>, <c>is-directory</c>, <c>no-access</c>, <c>empty</c>, <c>not-a-list</c> (what it is instead),
    /// <c>old-workbook</c>, <c>password-protected</c>, <c>no-such-sheet</c> (asked for, sheets there are), <c>unknown-encoding</c> (asked for),
    /// <c>broken-file</c>, <c>broken-workbook</c>, <c>too-large-unpacked</c>, <c>too-many-entries</c>, <c>too-many-rows</c> (limit), <c>too-many-columns</c> (limit),
    /// <c>too-many-strings</c>, <c>row-too-long</c> (limit in bytes), <c>cell-too-long</c> (limit), <c>too-deep</c>, <c>changed</c>.
    /// </summary>
    public string Code { get; init; } = "not-a-list";

    /// <summary>The name of the file, once it is known which of several it was.</summary>
    public string? File { get; set; }

    /// <summary>What to fill into the message in the user's language.</summary>
    public IReadOnlyList<object> Arguments { get; init; } = [];

    public static UnreadableListException NotFound(string path) =>
        new($"There is no file {path}.") { Code = "not-found", Arguments = [path] };

    public static UnreadableListException IsDirectory(string path) =>
        new($"{path} is a folder; name the list in it.") { Code = "is-directory", Arguments = [path] };

    public static UnreadableListException NoAccess(string path, Exception inner) =>
        new($"{path} may not be read by this user.", inner) { Code = "no-access", Arguments = [path] };

    public static UnreadableListException Changed(string path) =>
        new("The file changed while it was read. Run the audit again.") { Code = "changed", File = Path.GetFileName(path) };

    public static UnreadableListException Empty() => new("The file holds no rows.") { Code = "empty" };

    /// <param name="what">What the file seems to be, as a word such as <c>pdf</c>.</param>
    public static UnreadableListException NotAList(string what) =>
        new($"This is no list but {what}. Save it as CSV, XLSX or NDJSON.") { Code = "not-a-list", Arguments = [what] };

    public static UnreadableListException OldWorkbook() =>
        new("This is a workbook in an old or binary form. Save it as .xlsx.") { Code = "old-workbook" };

    public static UnreadableListException PasswordProtected() =>
        new("The workbook is protected by a password. Save it without one.") { Code = "password-protected" };

    public static UnreadableListException NoSuchSheet(string asked, IEnumerable<string> sheets)
    {
        var known = string.Join(", ", sheets.Take(20));
        return new($"There is no sheet {asked}. There are: {known}.") { Code = "no-such-sheet", Arguments = [asked, known] };
    }

    public static UnreadableListException UnknownEncoding(string asked) =>
        new($"There is no encoding {asked}.") { Code = "unknown-encoding", Arguments = [asked] };

    public static UnreadableListException Broken(Exception inner) =>
        new($"The file breaks off or is damaged: {inner.Message}", inner) { Code = "broken-file" };

    public static UnreadableListException BrokenWorkbook(string why, Exception? inner = null) =>
        inner is null
            ? new($"The workbook is damaged: {why}") { Code = "broken-workbook" }
            : new($"The workbook is damaged: {why}", inner) { Code = "broken-workbook" };

    public static UnreadableListException TooLargeUnpacked() =>
        new("The file unpacks to far more than a list of its size should.") { Code = "too-large-unpacked" };

    public static UnreadableListException TooManyEntries() =>
        new("The archive has far more entries than a workbook.") { Code = "too-many-entries" };

    public static UnreadableListException TooManyRows() =>
        new(string.Create(CultureInfo.InvariantCulture, $"The list has more than {ListLimits.Rows} rows."))
        { Code = "too-many-rows", Arguments = [ListLimits.Rows] };

    public static UnreadableListException TooManyColumns() =>
        new(string.Create(CultureInfo.InvariantCulture, $"The list has more than {ListLimits.Columns} columns."))
        { Code = "too-many-columns", Arguments = [ListLimits.Columns] };

    public static UnreadableListException TooManyStrings() =>
        new("The workbook holds more different texts than can be kept in memory. Save it as CSV.") { Code = "too-many-strings" };

    public static UnreadableListException RowTooLong() =>
        new(string.Create(CultureInfo.InvariantCulture, $"A row is longer than {ListLimits.RowBytes} bytes."))
        { Code = "row-too-long", Arguments = [ListLimits.RowBytes] };

    public static UnreadableListException CellTooLong() =>
        new(string.Create(CultureInfo.InvariantCulture, $"A cell is longer than {ListLimits.CellBytes} bytes."))
        { Code = "cell-too-long", Arguments = [ListLimits.CellBytes] };

    public static UnreadableListException TooDeep() =>
        new("The file is nested too deeply to be a list.") { Code = "too-deep" };
}
