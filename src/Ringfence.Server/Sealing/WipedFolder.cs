namespace Ringfence.Server.Sealing;

/// <summary>Takes folders with people's data away: what stood in their files is overwritten first.</summary>
internal static class WipedFolder
{
    private const int AtOnce = 1 << 20;

    /// <summary>Takes a folder away with everything in it; none is none.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="first">The file that goes first: without it the rest is nothing, however far this comes.</param>
    public static void Destroy(string path, string first)
    {
        if (!Directory.Exists(path))
            return;
        File.Delete(Path.Combine(path, first));
        // A link is taken away, and what it leads to stays.
        foreach (var file in Directory.EnumerateFiles(path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
        {
            Overwrite(file);
            File.Delete(file);
        }

        Directory.Delete(path, recursive: true);
    }

    // Disks and file systems that never write in place keep it all the same.
    private static void Overwrite(string file)
    {
        using var old = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 0);
        var zeros = new byte[AtOnce];
        for (var left = old.Length; left > 0; left -= zeros.Length)
            old.Write(zeros, 0, (int)Math.Min(left, zeros.Length));
        old.Flush(flushToDisk: true);
    }
}
