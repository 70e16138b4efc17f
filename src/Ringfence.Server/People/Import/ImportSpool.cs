using System.Text.Json;
using Ringfence.Ledger;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.People.Import;

/// <summary>Where lists that programs send lie until they are read: a folder for each, for the owner alone, beside the data. What was read is overwritten and taken away.</summary>
internal sealed class ImportSpool
{
    private const string JobFile = "job.json";
    private const string UndoSuffix = ".undo";

    private readonly string folder;

    /// <summary>Opens it, before anybody brings more.</summary>
    /// <param name="data">The folder of the data.</param>
    /// <param name="name">The folder in it.</param>
    public ImportSpool(string data, string name = "imports")
    {
        folder = Path.Combine(data, name);
        Left = Directory.Exists(folder) ? Directory.GetDirectories(folder) : [];
    }

    /// <summary>The folders that lay here when it was opened. Only among them may something be torn: what came since may still be on its way.</summary>
    public IReadOnlyList<string> Left { get; }

    /// <summary>The folder of an import.</summary>
    public string FolderOf(OpaqueId import) => Path.Combine(folder, import.ToString());

    /// <summary>Keeps what was asked for; on the disk when the call returns.</summary>
    public void Keep(ImportJob job)
    {
        DurableFile.MakeFolder(FolderOf(job));
        if (!File.Exists(Path.Combine(FolderOf(job), JobFile)))
            DurableFile.Create(Path.Combine(FolderOf(job), JobFile), job.ToBytes());
    }

    /// <summary>Takes lists that lie elsewhere into the folder of an import; they stay where they are, too.</summary>
    public void Copy(OpaqueId import, IEnumerable<string> files)
    {
        DurableFile.MakeFolder(FolderOf(import));
        foreach (var path in files)
        {
            using var from = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.SequentialScan);
            using var to = DurableFile.CreateNew(Path.Combine(FolderOf(import), Path.GetFileName(path)));
            from.CopyTo(to, 1 << 20);
            to.Flush(flushToDisk: true);
        }
    }

    /// <summary>What was kept before it was opened, the oldest first. What was not received whole then goes.</summary>
    public IReadOnlyList<ImportJob> ReadLeft()
    {
        var jobs = new List<(DateTime At, ImportJob Job)>();
        foreach (var path in Left)
        {
            var file = Path.Combine(path, JobFile);
            if (TryRead(file) is { } job && Path.GetFullPath(FolderOf(job)) == Path.GetFullPath(path))
                jobs.Add((File.GetLastWriteTimeUtc(file), job));
            else
                Destroy(path);
        }

        return [.. jobs.OrderBy(static one => one.At).ThenBy(static one => one.Job.Id, StringComparer.Ordinal).Select(static one => one.Job)];
    }

    /// <summary>Takes everything of a job away.</summary>
    public void Destroy(ImportJob job) => Destroy(FolderOf(job));

    /// <summary>Takes what came of an import away that is not to be.</summary>
    public void Destroy(OpaqueId import) => Destroy(FolderOf(import));

    private string FolderOf(ImportJob job) => FolderOf(job.Name) + (job.IsUndo ? UndoSuffix : "");

    private static ImportJob? TryRead(string file)
    {
        try
        {
            return File.Exists(file) ? ImportJob.Read(File.ReadAllBytes(file)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // The job first: a folder without it is taken away at the next start, however far this came.
    private static void Destroy(string path) => WipedFolder.Destroy(path, JobFile);
}
