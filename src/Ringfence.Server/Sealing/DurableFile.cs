using System.Runtime.InteropServices;

namespace Ringfence.Server.Sealing;

/// <summary>Files that are on the disk when the call returns, readable by their owner alone.</summary>
internal static class DurableFile
{
    /// <summary>Read and write for the owner, nothing for anybody else: 0600.</summary>
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode OthersRead = UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Makes a folder for its owner alone (0700), with those above it, and sees to it that it stays.</summary>
    /// <exception cref="KeysException">Code <c>no-access</c>: this user may not.</exception>
    public static void MakeFolder(string path)
    {
        if (Directory.Exists(path))
            return;
        var parent = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(parent))
            MakeFolder(parent);
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(path);
            else
                Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        }
        catch (UnauthorizedAccessException e)
        {
            throw KeysException.NoAccess(path, e);
        }

        SyncFolder(parent);
    }

    /// <summary>Makes a file that was not there (O_EXCL) and opens it for writing.</summary>
    /// <exception cref="KeysException">Code <c>exists</c> or <c>no-access</c>.</exception>
    public static FileStream CreateNew(string path, FileShare share = FileShare.None)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        try
        {
            return new FileStream(path, options);
        }
        catch (IOException) when (File.Exists(path))
        {
            throw KeysException.Exists(path);
        }
        catch (UnauthorizedAccessException e)
        {
            throw KeysException.NoAccess(path, e);
        }
    }

    /// <summary>Makes a file with this content. After a crash there is either all of it or no file of the name.</summary>
    /// <exception cref="KeysException">Code <c>exists</c> or <c>no-access</c>.</exception>
    public static void Create(string path, ReadOnlySpan<byte> content)
    {
        if (File.Exists(path))
            throw KeysException.Exists(path);
        var aside = WriteAside(path, content);
        try
        {
            File.Move(aside, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(aside);
            throw KeysException.Exists(path);
        }

        SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Puts new content in the place of a file. After a crash there is either the old or the new, whole.</summary>
    /// <remarks>The old content is then overwritten where it stood. Disks and file systems that never write in place keep it all the same.</remarks>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        using var old = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 0);
        var length = checked((int)old.Length);
        File.Move(WriteAside(path, content), path, overwrite: true);
        SyncFolder(Path.GetDirectoryName(path)!);
        old.Write(new byte[length]);
        old.Flush(flushToDisk: true);
    }

    /// <summary>Sends a folder's list of files to the disk, without which a file made in it may be gone after a power cut.</summary>
    public static void SyncFolder(string path)
    {
        // Windows keeps this list itself.
        if (OperatingSystem.IsWindows())
            return;
        var folder = Open(path, 0);
        if (folder < 0)
            throw Failure(path);
        try
        {
            if (Fsync(folder) != 0)
                throw Failure(path);
        }
        finally
        {
            _ = Close(folder);
        }
    }

    /// <summary>Refuses an open file that somebody else may read or change.</summary>
    /// <exception cref="KeysException">Code <c>too-open</c> or <c>wrong-owner</c>.</exception>
    public static void RequireOwnerOnly(FileStream file)
    {
        if (OperatingSystem.IsWindows())
            return; // who may read is inherited from the folder there
        if ((File.GetUnixFileMode(file.SafeFileHandle) & (OthersRead | OthersWrite)) != 0)
            throw KeysException.TooOpen(file.Name, "chmod 600 " + file.Name);
        if (Owner((int)file.SafeFileHandle.DangerousGetHandle(), "", EmptyPath) is { } owner && owner != EffectiveUser())
            throw KeysException.WrongOwner(file.Name);
    }

    /// <summary>Refuses a folder in which others may put or take files.</summary>
    /// <exception cref="KeysException">Code <c>too-open</c> or <c>wrong-owner</c>.</exception>
    public static void RequireOwnFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        if ((File.GetUnixFileMode(path) & OthersWrite) != 0)
            throw KeysException.TooOpen(path, "chmod go-w " + path);
        if (Owner(CurrentFolder, path, 0) is { } owner && owner != EffectiveUser() && owner != Root)
            throw KeysException.WrongOwner(path);
    }

    private static string WriteAside(string path, ReadOnlySpan<byte> content)
    {
        // What a run that was killed left aside was never in force.
        var aside = path + ".new";
        File.Delete(aside);
        using var file = CreateNew(aside);
        file.Write(content);
        file.Flush(flushToDisk: true);
        return aside;
    }

    private static IOException Failure(string path) => new($"fsync of {path} failed", Marshal.GetLastPInvokeError());

    // Source: statx(2). The structure is laid out alike on all processors; stx_uid stands at byte 20. Elsewhere than on Linux the mode alone decides.
    private static uint? Owner(int at, string path, int flags)
    {
        var answer = new byte[256];
        return OperatingSystem.IsLinux() && Statx(at, path, flags, WantsOwner, answer) == 0 ? BitConverter.ToUInt32(answer, 20) : null;
    }

    private const int CurrentFolder = -100; // AT_FDCWD
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    private const uint WantsOwner = 0x8; // STATX_UID
    private const uint Root = 0;

#pragma warning disable SYSLIB1054 // generated marshalling wants unsafe code, which nothing else here needs
    [DllImport("libc", EntryPoint = "open", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Fsync(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);

    [DllImport("libc", EntryPoint = "geteuid"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint EffectiveUser();

    [DllImport("libc", EntryPoint = "statx", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(int at, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] answer);
#pragma warning restore SYSLIB1054
}
