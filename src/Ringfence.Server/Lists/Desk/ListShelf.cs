using System.Text.Json;
using Ringfence.Ledger;
using Ringfence.Server.People.Import;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.Lists.Desk;

/// <summary>Where lists that staff bring lie, with their reports: a folder for each case, for the owner alone, beside the data. What goes is overwritten and taken away.</summary>
/// <param name="data">The folder of the data.</param>
internal sealed class ListShelf(string data)
{
    private const string CaseFile = "case.json";
    private const string ReportName = "report";

    private readonly string folder = Path.Combine(data, "lists");
    private readonly Lock writing = new();

    /// <summary>Where uploads are received.</summary>
    public ImportSpool Uploads { get; } = new(data, "lists");

    /// <summary>The folder of a case.</summary>
    public string FolderOf(OpaqueId name) => Path.Combine(folder, name.ToString());

    /// <summary>The folder of its report.</summary>
    public string ReportOf(OpaqueId name) => Path.Combine(FolderOf(name), ReportName);

    /// <summary>The lists of a case.</summary>
    public IEnumerable<string> FilesOf(ListCase of) => of.Files.Select(file => Path.Combine(FolderOf(of.Name), file.Name));

    /// <summary>Keeps a new case beside its lists; on the disk when the call returns.</summary>
    public void Keep(ListCase made)
    {
        DurableFile.MakeFolder(ReportOf(made.Name));
        DurableFile.Create(Path.Combine(FolderOf(made.Name), CaseFile), made.ToBytes());
    }

    /// <summary>A case; null: there is none of the name.</summary>
    public ListCase? Find(OpaqueId name) => TryRead(FolderOf(name));

    /// <summary>A case of a ledger; null: there is none of the name.</summary>
    public ListCase? Find(OpaqueId name, long ledger) => Find(name) is { } found && found.Ledger == ledger ? found : null;

    /// <summary>Changes what is kept of a case; null: it is gone.</summary>
    public ListCase? Change(OpaqueId name, Func<ListCase, ListCase> change)
    {
        lock (writing)
        {
            if (TryRead(FolderOf(name)) is not { } found)
                return null;
            var changed = change(found);
            DurableFile.Replace(Path.Combine(FolderOf(name), CaseFile), changed.ToBytes());
            return changed;
        }
    }

    /// <summary>Every case, the oldest first.</summary>
    public IReadOnlyList<ListCase> ReadAll() => !Directory.Exists(folder) ? []
        : [.. Directory.GetDirectories(folder).Select(TryRead).OfType<ListCase>().OrderBy(static one => one.At, StringComparer.Ordinal).ThenBy(static one => one.Id, StringComparer.Ordinal)];

    /// <summary>Takes everything of a case away.</summary>
    public void Destroy(OpaqueId name)
    {
        lock (writing)
            WipedFolder.Destroy(FolderOf(name), CaseFile);
    }

    /// <summary>Takes away what had not been received whole when the shelf was opened.</summary>
    public void DropTorn()
    {
        foreach (var path in Uploads.Left.Where(static path => TryRead(path) is null))
            WipedFolder.Destroy(path, CaseFile);
    }

    /// <summary>Sees to it that the files of a report are their owner's alone.</summary>
    public void Close(OpaqueId name)
    {
        if (OperatingSystem.IsWindows())
            return; // who may read is inherited from the folder there
        foreach (var file in Directory.GetFiles(ReportOf(name)))
            File.SetUnixFileMode(file, DurableFile.OwnerOnly);
    }

    private static ListCase? TryRead(string path)
    {
        var file = Path.Combine(path, CaseFile);
        try
        {
            return File.Exists(file) && ListCase.Read(File.ReadAllBytes(file)) is { } found && found.Id == Path.GetFileName(path) ? found : null;
        }
        catch (Exception e) when (e is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
