using Ringfence.Server.Sealing;
using Ringfence.Suppression.Registers;

namespace Ringfence.Server.Suppression.Registers;

/// <summary>Register files on the disk: opened by mapping, put in place by renaming, so that whoever reads sees the old one or the new one, whole.</summary>
internal static class RegisterFile
{
    /// <summary>How the files are called: <c>us-national.rfr</c>.</summary>
    public const string Extension = ".rfr";

    // Numbers of people: for the owner, and for the group that the server may run in.
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    // The header says how many numbers there are, and so is written last, over this.
    private const int HeaderBytes = 256;

    /// <summary>Where an installation keeps the register of a name.</summary>
    public static string PathOf(string data, string name) => Path.Combine(data, "registers", name + Extension);

    /// <summary>Opens a register, and reads all of it once.</summary>
    /// <exception cref="RegisterDamagedException">It is no register, or damaged.</exception>
    /// <exception cref="IOException">It can't be read.</exception>
    public static RegisterImage Open(string path)
    {
        if (new FileInfo(path) is { Exists: true, Length: 0 })
            throw new RegisterDamagedException("not-a-register");
        return RegisterImage.Open(new MappedFile(path).Memory);
    }

    /// <summary>Writes a register beside its place.</summary>
    /// <param name="path">Its place.</param>
    /// <param name="fill">Adds the numbers, rising, and tells what the copy says of itself.</param>
    /// <returns>The file, not yet in its place: <see cref="AsideFile.Complete"/> puts it there.</returns>
    public static (AsideFile File, RegisterFacts Facts) Write(string path, Func<RegisterWriter, RegisterFacts> fill)
    {
        var aside = new AsideFile(path, Mode);
        try
        {
            aside.Stream.Write(new byte[HeaderBytes]);
            using var writer = new RegisterWriter(aside.Stream.Write);
            var (header, facts) = writer.Finish(fill(writer));
            aside.Stream.Position = 0;
            aside.Stream.Write(header);
            return (aside, facts);
        }
        catch
        {
            aside.Dispose();
            throw;
        }
    }
}

/// <summary>A file that is made beside its place and takes it by renaming. What is not completed goes away.</summary>
internal sealed class AsideFile : IDisposable
{
    private readonly string path;
    private readonly string aside;
    private bool done;

    /// <summary>Makes it; one left by a run that was killed goes away.</summary>
    public AsideFile(string path, UnixFileMode mode)
    {
        this.path = Path.GetFullPath(path);
        aside = this.path + ".unfinished";
        Directory.CreateDirectory(Path.GetDirectoryName(this.path)!);
        File.Delete(aside);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;
        Stream = new FileStream(aside, options);
    }

    /// <summary>What is written.</summary>
    public FileStream Stream { get; }

    /// <summary>Sends it to the disk and puts it in its place.</summary>
    public void Complete()
    {
        Stream.Flush(flushToDisk: true);
        Stream.Dispose();
        File.Move(aside, path, overwrite: true);
        done = true;
        DurableFile.SyncFolder(Path.GetDirectoryName(path)!);
    }

    public void Dispose()
    {
        Stream.Dispose();
        if (!done)
            File.Delete(aside);
    }
}
