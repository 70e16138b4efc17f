using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Ringfence.Server.Tests.Storage;

/// <summary>What went to a write-ahead file of SQLite, and when it was forced to the disk.</summary>
/// <remarks>Source: https://www.sqlite.org/fileformat2.html#walformat: a header of 24 bytes before each page; the one that commits says in its second word how great the database is.</remarks>
internal sealed partial class WriteAhead
{
    private const int FrameHeader = 24;
    private const int LeastPage = 512;

    // Each page with the end of the writing that committed it.
    private readonly List<(byte[] Page, int Committed)> pages = [];
    private readonly List<SystemCall> forced;

    public WriteAhead(IEnumerable<SystemCall> calls, string path)
    {
        var own = calls.Where(call => call.Path == path).ToList();
        forced = [.. own.Where(static call => call.Name is "fsync" or "fdatasync" && call.Result == 0)];
        var open = new List<byte[]>();
        var commits = false;
        foreach (var write in own.Where(static call => call.Name == "pwrite64"))
        {
            if (write.Bytes.Length == FrameHeader)
            {
                commits = BinaryPrimitives.ReadUInt32BigEndian(write.Bytes.AsSpan(4)) != 0;
                continue;
            }

            if (write.Bytes.Length < LeastPage)
                continue;
            open.Add(write.Bytes);
            if (!commits)
                continue;
            pages.AddRange(open.Select(page => (page, write.Ended)));
            open.Clear();
        }
    }

    /// <summary>How often it was forced.</summary>
    public int TimesForced => forced.Count;

    /// <summary>Of each record the end of the first forcing that began after the commit which wrote it.</summary>
    public Dictionary<long, int> Records()
    {
        var known = new Dictionary<long, int>();
        foreach (var (page, committed) in pages)
        {
            foreach (Match match in Seq().Matches(Encoding.Latin1.GetString(page)))
            {
                if (AfterCommit(committed) is { } at)
                    known.TryAdd(long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), at);
            }
        }

        return known;
    }

    /// <summary>The end of the first forcing that began after the first commit, from a place on, of a page that holds these bytes; null: never.</summary>
    public int? Holding(byte[] bytes, int from = 0)
    {
        var at = pages.FindIndex(page => page.Committed > from && page.Page.AsSpan().IndexOf(bytes) >= 0);
        return at < 0 ? null : AfterCommit(pages[at].Committed);
    }

    private int? AfterCommit(int committed) => forced.Find(call => call.Began > committed)?.Ended;

    // In a record the names are in order: what follows "seq" is one of these.
    [GeneratedRegex("\"seq\":(\\d+),\"(?:state|subject|type)\"")]
    private static partial Regex Seq();
}
