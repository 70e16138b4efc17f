using System.Text.RegularExpressions;
using Ringfence.Server.Cli;

namespace Ringfence.Server.Lists;

/// <summary>The folder a report goes to. Files are made aside and moved in at the end, so that a stopped run leaves nothing half-written.</summary>
/// <remarks>One run at a time holds the folder: whatever another left aside was left by one that was killed.</remarks>
internal sealed partial class OutFolder : IDisposable
{
    private const string AsideName = ".unfinished";

    private readonly string target;
    private readonly string aside;
    private readonly FileStream hold;
    private readonly List<string> names = [];

    /// <summary>Prepares the folder.</summary>
    /// <exception cref="OutFolderException">It can't be made, is held by another run, or holds files that are not of an audit.</exception>
    /// <exception cref="IOException">The disk is full.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write there.</exception>
    public OutFolder(string target)
    {
        this.target = Path.GetFullPath(target);
        aside = Path.Combine(this.target, AsideName);
        hold = Hold();
        try
        {
            foreach (var left in Directory.EnumerateFiles(aside).Where(left => left != hold.Name))
                File.Delete(left);
            if (!File.Exists(Path.Combine(this.target, "audit.json")) && OfEarlierAudit().FirstOrDefault() is { } foreign)
                throw new OutFolderException("not-ours", Path.GetFileName(foreign));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Makes sure that the report will not take the place of a list it is made from.</summary>
    /// <exception cref="OutFolderException">It would.</exception>
    public void Spare(IEnumerable<string> lists)
    {
        // A file that appears in the folder of a list too tells that the folders are one, by whatever links and spellings they are reached.
        var mark = Path.GetRandomFileName();
        File.Create(Path.Combine(aside, mark)).Dispose();
        foreach (var list in lists.SelectMany(WithTarget).Where(list => OfAnAudit().IsMatch(Path.GetFileName(list))))
        {
            if (File.Exists(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(list))!, AsideName, mark)))
                throw new OutFolderException("holds-list", Path.GetFileName(list));
        }

        File.Delete(Path.Combine(aside, mark));
    }

    /// <summary>Makes a file of the report.</summary>
    public FileStream Create(string name)
    {
        names.Add(name);

        // A new file: where one is made by emptying an old one, ext4 sends all of it to the disk before it is closed.
        return new FileStream(Path.Combine(aside, name), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1);
    }

    /// <summary>Moves all files in, over those of an earlier run, and takes away what an earlier run wrote and this one did not.</summary>
    /// <remarks>The page people open goes first and comes last: where it is, all files beside it are of one run, even if the machine stops in between.</remarks>
    public void Complete()
    {
        File.Delete(Path.Combine(target, "report.html"));
        foreach (var old in OfEarlierAudit().Where(old => !names.Contains(Path.GetFileName(old))).ToList())
            File.Delete(old);
        foreach (var name in names.OrderBy(static name => name switch { "report.html" => 2, "audit.json" => 1, _ => 0 }))
            File.Move(Path.Combine(aside, name), Path.Combine(target, name), overwrite: true);
    }

    /// <summary>Takes away what was made and not moved in; the folder too, where it is empty.</summary>
    public void Dispose()
    {
        if (!hold.CanWrite)
            return;
        hold.Dispose();
        Directory.Delete(aside, recursive: true);
        if (!Directory.EnumerateFileSystemEntries(target).Any())
            Directory.Delete(target);
    }

    private FileStream Hold()
    {
        try
        {
            Directory.CreateDirectory(aside);
        }
        catch (IOException e) when (!DiskFull.Is(e))
        {
            throw new OutFolderException("no-folder", target, e);
        }

        try
        {
            return new FileStream(Path.Combine(aside, "hold"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException e) when (!DiskFull.Is(e))
        {
            throw new OutFolderException("busy", target, e);
        }
    }

    private IEnumerable<string> OfEarlierAudit() => Directory.EnumerateFiles(target).Where(static file => OfAnAudit().IsMatch(Path.GetFileName(file)));

    // A link and what it leads to.
    private static IEnumerable<string> WithTarget(string list)
    {
        yield return list;
        if (File.Exists(list) && File.ResolveLinkTarget(list, returnFinalTarget: true) is { } end)
            yield return end.FullName;
    }

    [GeneratedRegex(@"\A((usable|reconfirm|never|fix)-(voice|voice-auto|sms|whatsapp|email|fax)\.csv|rejected\.csv|contacts\.csv|audit\.json|report\.html)\z", RegexOptions.CultureInvariant)]
    private static partial Regex OfAnAudit();
}

/// <summary>A folder that no report can go to.</summary>
internal sealed class OutFolderException : IOException
{
    public OutFolderException() { }

    public OutFolderException(string message) : base(message) { }

    public OutFolderException(string message, Exception inner) : base(message, inner) { }

    /// <param name="code">See <see cref="Code"/>.</param>
    /// <param name="name">See <see cref="Name"/>.</param>
    /// <param name="inner">What made it so; null where it was found out by looking.</param>
    public OutFolderException(string code, string name, Exception? inner = null) : base($"{code}: {name}", inner) => (Code, Name) = (code, name);

    /// <summary>Stable code: <c>no-folder</c>, <c>busy</c>, <c>not-ours</c>, <c>holds-list</c>.</summary>
    public string Code { get; } = "no-folder";

    /// <summary>The folder, or the file in it that is in the way.</summary>
    public string Name { get; } = "";
}
