namespace Ringfence.Server.Lists;

/// <summary>Size and last change of each list, as it was before it was read. A list is read twice, and both times must find the same.</summary>
internal sealed class ListStamps(IEnumerable<string> lists)
{
    private readonly List<(string Path, long Length, DateTime ChangedAt)> stamps = [.. lists.Select(Stamp)];

    /// <summary>The first list that is not as it was; null where all are.</summary>
    public string? Changed() => stamps.Where(static stamp => Stamp(stamp.Path) != stamp).Select(static stamp => stamp.Path).FirstOrDefault();

    // A file that is not there has no length and a date of its own, which is as good a stamp as any.
    private static (string Path, long Length, DateTime ChangedAt) Stamp(string path)
    {
        var file = new FileInfo(File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } end ? end.FullName : path);
        return file.Exists ? (path, file.Length, file.LastWriteTimeUtc) : (path, -1, default);
    }
}
