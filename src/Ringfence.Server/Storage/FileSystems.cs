using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Ringfence.Server.Storage;

/// <summary>Which kind of file system a folder is on, and whether a database may live there.</summary>
/// <remarks>
/// Source: https://www.sqlite.org/faq.html#q5 and https://www.sqlite.org/wal.html: locks of network file systems are often broken, and a write-ahead log
/// needs memory that all who use the file share, so they have to be on one machine.
/// </remarks>
internal static partial class FileSystems
{
    // What Linux calls them in the list of mounts. What a user's program mounts (fuse.sshfs, fuse.s3fs) is refused whatever it is; fuseblk is a disk.
    private static readonly HashSet<string> Remote = new(StringComparer.Ordinal)
    {
        "nfs", "nfs3", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "ncp", "ncpfs", "afs", "coda", "9p", "ceph", "glusterfs", "lustre", "gfs", "gfs2", "ocfs2",
        "gpfs", "beegfs", "orangefs", "pvfs2", "davfs", "vboxsf", "vmhgfs", "prl_fs", "drvfs", "virtiofs", "fuse",
    };

    private static readonly HashSet<string> Local = new(StringComparer.Ordinal)
    {
        "ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "bcachefs", "jfs", "reiserfs", "ntfs", "ntfs3", "fuseblk", "apfs", "hfs", "ufs",
    };

    private const string Wanted = "a disk of this machine (ext4, xfs, btrfs, zfs ...)";

    /// <summary>Judges the file system of a folder.</summary>
    /// <param name="mountTable">Where Linux lists what is mounted.</param>
    public static StoreFinding Judge(string folder, string mountTable)
    {
        if (OperatingSystem.IsLinux())
        {
            return File.Exists(mountTable)
                ? Judge(TypeOf(RealPath(folder), File.ReadAllText(mountTable)))
                : new StoreFinding("file-system", FindingVerdict.Warn, "unknown", Wanted);
        }

        var drive = new DriveInfo(folder.StartsWith(@"\\", StringComparison.Ordinal) ? "C" : Path.GetPathRoot(folder) is { Length: > 1 } root ? root : folder);
        return folder.StartsWith(@"\\", StringComparison.Ordinal) || drive.DriveType == DriveType.Network
            ? new StoreFinding("file-system", FindingVerdict.Refuse, "network", Wanted)
            : new StoreFinding("file-system", FindingVerdict.Fine, drive.DriveFormat, null);
    }

    /// <summary>Judges a kind by its name; null: not known.</summary>
    public static StoreFinding Judge(string? type) => type switch
    {
        null => new StoreFinding("file-system", FindingVerdict.Warn, "unknown", Wanted),
        _ when Remote.Contains(type) || type.StartsWith("fuse.", StringComparison.Ordinal) => new StoreFinding("file-system", FindingVerdict.Refuse, type, Wanted),
        _ when Local.Contains(type) => new StoreFinding("file-system", FindingVerdict.Fine, type, null),
        // In memory, or in a container's own layer: gone with the machine or the container.
        _ => new StoreFinding("file-system", FindingVerdict.Warn, type, Wanted),
    };

    /// <summary>The kind of the file system that a path is on, by Linux's list of mounts; null where it is not in it.</summary>
    /// <param name="path">Absolute, without links.</param>
    /// <param name="mounts">Lines as of <c>/proc/self/mountinfo</c>: the mount point is the fifth word, the kind the first after a lone hyphen.</param>
    public static string? TypeOf(string path, string mounts)
    {
        var (longest, type) = (-1, (string?)null);
        foreach (var line in mounts.Split('\n'))
        {
            var words = line.Split(' ');
            var hyphen = Array.IndexOf(words, "-");
            if (words.Length < 6 || hyphen < 5 || hyphen + 1 >= words.Length)
                continue;
            var point = Octal().Replace(words[4], static match => ((char)Convert.ToInt32(match.Groups[1].Value, 8)).ToString());
            // What was mounted later over the same point hides what is below.
            if (point.Length >= longest && IsWithin(path, point))
                (longest, type) = (point.Length, words[hyphen + 1]);
        }

        return type;
    }

    private static bool IsWithin(string path, string point) =>
        point == "/" || path == point || (path.StartsWith(point, StringComparison.Ordinal) && path[point.Length] == '/');

    private static string RealPath(string path)
    {
        // Source: limits.h, PATH_MAX.
        var buffer = new byte[4096];
        return RealPath(path, buffer) == 0 ? path : Encoding.UTF8.GetString(buffer, 0, Array.IndexOf(buffer, (byte)0));
    }

    [DllImport("libc", EntryPoint = "realpath")]
    private static extern nint RealPath([MarshalAs(UnmanagedType.LPUTF8Str)] string path, byte[] resolved);

    [GeneratedRegex(@"\\([0-7]{3})", RegexOptions.CultureInvariant)]
    private static partial Regex Octal();
}
