namespace Ringfence.Server.Storage.Sqlite;

/// <summary>A consistent copy of the file, made while the store is in use.</summary>
internal static class SqliteBackup
{
    /// <summary>Writes the copy beside its name first: a file of that name is a whole copy.</summary>
    /// <exception cref="IOException">There is a file of that name.</exception>
    public static void Write(SqliteReaders readers, string path, CancellationToken cancel)
    {
        path = Path.GetFullPath(path);
        if (Path.Exists(path))
            throw new IOException($"{path} is there already.");
        var part = $"{path}.{Environment.ProcessId}.part";
        Disk.MakeFile(part);
        try
        {
            readers.Read(session =>
            {
                using (cancel.Register(session.Interrupt))
                {
                    // What was stopped before it began is not interrupted.
                    cancel.ThrowIfCancellationRequested();
                    var copy = session.Prepare("vacuum into ?1");
                    copy.Bind(1, part);
                    _ = copy.Run();
                }

                return 0;
            });
            Look(part);
            // The engine does not force a copy to the disk.
            Disk.SyncFile(part);
            File.Move(part, path, overwrite: false);
            Disk.SyncFolder(Path.GetDirectoryName(path)!);
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }

    // A copy that can't be opened is none.
    private static void Look(string part)
    {
        using var session = SqliteSession.Open(part, write: false, layer: null);
        if (SqliteSchema.Compare(session).FirstOrDefault(finding => finding.Verdict == FindingVerdict.Refuse) is { } refused)
            throw new StoreException(StoreFault.Damaged, $"The copy is not whole: {refused.Code} is {refused.Value}.");
    }
}
