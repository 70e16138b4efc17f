using System.Text.Json;
using Ringfence.Ledger;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.People.Import;

/// <summary>Where lists that programs send lie until they are read: a folder for each, for the owner alone, beside the data. What was read is overwritten and taken away.</summary>
/// <param name="data">The folder of the data.</param>
internal sealed class ImportSpool(string data)
{
    private const string JobFile = "job.json";
    private const string UndoSuffix = ".undo";
    private const int OverwriteBytes = 1 << 20;

    private readonly string folder = Path.Combine(data, "imports");

    /// <summary>The folder of an import.</summary>
    public string FolderOf(OpaqueId import) => Path.Combine(folder, import.ToString());

    /// <summary>Keeps what was asked for; on the disk when the call returns.</summary>
    public void Keep(ImportJob job)
    {
        DurableFile.MakeFolder(FolderOf(job));
        if (!File.Exists(Path.Combine(FolderOf(job), JobFile)))
            DurableFile.Create(Path.Combine(FolderOf(job), JobFile), job.ToBytes());
    }

    /// <summary>Everything that was kept, the oldest first. What was not received whole goes.</summary>
    public IReadOnlyList<ImportJob> ReadAll()
    {
        if (!Directory.Exists(folder))
            return [];
        var jobs = new List<(DateTime At, ImportJob Job)>();
        foreach (var path in Directory.GetDirectories(folder))
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
    private static void Destroy(string path)
    {
        if (!Directory.Exists(path))
            return;
        File.Delete(Path.Combine(path, JobFile));
        foreach (var file in Directory.GetFiles(path))
        {
            // Disks and file systems that never write in place keep it all the same.
            using (var old = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.None, 0))
            {
                var zeros = new byte[OverwriteBytes];
                for (var left = old.Length; left > 0; left -= zeros.Length)
                    old.Write(zeros, 0, (int)Math.Min(left, zeros.Length));
                old.Flush(flushToDisk: true);
            }

            File.Delete(file);
        }

        Directory.Delete(path, recursive: true);
    }
}
