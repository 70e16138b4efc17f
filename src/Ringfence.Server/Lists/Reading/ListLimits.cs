namespace Ringfence.Server.Lists.Reading;

/// <summary>How large a list and its parts may be.</summary>
internal static class ListLimits
{
    /// <summary>Rows of a list. Of each some hundred bytes are kept until the end: this many take most of the memory of a large machine.</summary>
    public const int Rows = 20_000_000;

    /// <summary>Columns of a list: more than any export has, few enough to keep a row small.</summary>
    public const int Columns = 1024;

    /// <summary>Bytes of one cell: a long note is some kilobytes; Excel itself stops at 32,767 characters.</summary>
    public const int CellBytes = 256 * 1024;

    /// <summary>Bytes of one row. What has no line end for this long is no table.</summary>
    public const int RowBytes = 8 * 1024 * 1024;

    /// <summary>Bytes of a batch after which it takes no further row: a batch stays in the processor's cache while it is worked on.</summary>
    public const int BatchBytes = 256 * 1024;

    /// <summary>Cells of a batch after which it takes no further row.</summary>
    public const int BatchCells = 512 * 1024;

    /// <summary>Bytes that all parts of one compressed file may unpack to: twice a full worksheet of long rows.</summary>
    public const long UnpackedBytes = 16L * 1024 * 1024 * 1024;

    /// <summary>
    /// How many times larger than its packed form a part may get. Sheets of real lists unpack to 8 to 30 times; deflate ends at 1,032.
    /// </summary>
    public const int UnpackedRatio = 200;

    /// <summary>Bytes up to which the ratio is not looked at: small parts are often repetitive, and do no harm.</summary>
    public const long UnpackedBytesAtAnyRatio = 16 * 1024 * 1024;

    /// <summary>Entries of an archive: a workbook has a few dozen.</summary>
    public const int ArchiveEntries = 10_000;

    /// <summary>Bytes of an archive's directory: it is read as a whole.</summary>
    public const long ArchiveDirectoryBytes = 2 * 1024 * 1024;

    /// <summary>Different texts of a workbook, which have to be kept in memory.</summary>
    public const int SharedStrings = 8 * 1024 * 1024;

    /// <summary>Bytes of these texts.</summary>
    public const long SharedStringBytes = 256L * 1024 * 1024;

    /// <summary>Formats of a workbook; Excel itself stops at 65,490.</summary>
    public const int CellStyles = 100_000;

    /// <summary>Sheets of a workbook.</summary>
    public const int Sheets = 1_000;

    /// <summary>How deep XML or JSON may be nested.</summary>
    public const int Depth = 64;

    /// <summary>Bytes of one piece of XML (a start tag, a comment, part of a text), which the XML reader has to hold at once.</summary>
    public const int XmlTokenBytes = 1024 * 1024;

    /// <summary>Different names of elements and attributes in one XML part.</summary>
    public const int XmlNames = 5_000;
}
