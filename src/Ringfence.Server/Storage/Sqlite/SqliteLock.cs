using System.Globalization;
using System.Text;

namespace Ringfence.Server.Storage.Sqlite;

/// <summary>The lock by which one process at a time has a folder. The system takes it away when the process ends, however it ends.</summary>
internal sealed class SqliteLock : IDisposable
{
    public const string FileName = "ringfence.lock";

    private readonly FileStream file;

    private SqliteLock(FileStream file) => this.file = file;

    /// <summary>Takes the lock, and sees that it holds.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.InUse"/>: another process has it, or nothing is locked here by locking.</exception>
    public static SqliteLock Take(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            Make(path);
        var taken = new SqliteLock(TryOpen(path) ?? throw new StoreException(StoreFault.InUse, $"Another process{Owner(path)} has {folder} open. One at a time may."));
        // A file system without locks lets everybody in, and so does the framework when told not to lock.
        if (TryOpen(path) is { } second)
        {
            second.Dispose();
            taken.Dispose();
            throw new StoreException(StoreFault.InUse, $"Nothing is kept out of {folder} by a lock, so that two processes could write there. Use a disk of this machine.");
        }

        taken.file.SetLength(0);
        taken.file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n"));
        taken.file.Flush();
        return taken;
    }

    public void Dispose() => file.Dispose();

    private static void Make(string path)
    {
        try
        {
            Disk.MakeFile(path);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process made it just now; who has it is told by the lock.
        }
    }

    private static FileStream? TryOpen(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException))
        {
            return null;
        }
    }

    private static string Owner(string path) => Disk.ReadLocked(path) is { Length: > 0 } process ? $" ({process})" : "";
}
