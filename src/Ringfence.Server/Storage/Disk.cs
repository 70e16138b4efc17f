using System.Runtime.InteropServices;

namespace Ringfence.Server.Storage;

/// <summary>What the framework does not offer of files: forcing a folder to the disk, closed doors from the first moment on, an end without farewell.</summary>
internal static class Disk
{
    // Source: sysexits.h, EX_SOFTWARE.
    private const int Software = 70;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerOnly | UnixFileMode.UserExecute;

    /// <summary>Makes a folder for the user of the program alone, if it is not there.</summary>
    public static void MakeFolder(string folder)
    {
        if (Directory.Exists(folder))
            return;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        Directory.CreateDirectory(folder, OwnerFolder);
        // A mask takes bits away: with 0777 nothing would be left.
        File.SetUnixFileMode(folder, OwnerFolder);
        if (Path.GetDirectoryName(Path.GetFullPath(folder)) is { } above)
            SyncFolder(above);
    }

    /// <summary>Makes an empty file for the user of the program alone, and its name durable.</summary>
    /// <exception cref="IOException">It exists.</exception>
    public static void MakeFile(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using (var file = new FileStream(path, options))
        {
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(file.SafeFileHandle, OwnerOnly);
            file.Flush(flushToDisk: true);
        }

        SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Forces a file to the disk.</summary>
    public static void SyncFile(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Forces the names in a folder to the disk. Windows does so by itself.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        var handle = Open(folder, 0);
        if (handle < 0)
            throw new IOException($"The folder can't be opened (errno {Marshal.GetLastPInvokeError()}).");
        try
        {
            if (Sync(handle) != 0)
                throw new IOException($"The folder can't be forced to the disk (errno {Marshal.GetLastPInvokeError()}).");
        }
        finally
        {
            _ = Close(handle);
        }
    }

    /// <summary>Reads a small file that another process holds locked; null where that is not possible.</summary>
    public static string? ReadLocked(string path)
    {
        // The framework's own reading asks for the lock first.
        if (OperatingSystem.IsWindows())
            return null;
        var handle = Open(path, 0);
        if (handle < 0)
            return null;
        using var file = new Microsoft.Win32.SafeHandles.SafeFileHandle(handle, ownsHandle: true);
        var bytes = new byte[64];
        return System.Text.Encoding.ASCII.GetString(bytes, 0, RandomAccess.Read(file, bytes, 0)).Trim();
    }

    /// <summary>Ends the process at once with exit code 70: no handler runs, no file is closed, so that nothing is written or forced a second time.</summary>
    public static void EndProcess(string line)
    {
        Console.Error.WriteLine(line);
        Console.Error.Flush();
        if (OperatingSystem.IsWindows())
            _ = TerminateProcess(-1, Software);
        else
            Exit(Software);
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Sync(int handle);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int handle);

    [DllImport("libc", EntryPoint = "_exit")]
    private static extern void Exit(int code);

    // -1 is the process itself.
    [DllImport("kernel32")]
    private static extern int TerminateProcess(nint process, uint code);
}
