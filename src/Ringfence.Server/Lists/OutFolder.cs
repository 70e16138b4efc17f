using System.Text.RegularExpressions;

namespace Ringfence.Server.Lists;

/// <summary>The folder a report goes to. Files are made aside and moved in at the end, so that a stopped run leaves nothing half-written.</summary>
internal sealed partial class OutFolder : IDisposable
{
    private readonly string target;
    private readonly string aside;
    private readonly List<string> names = [];
    private bool done;

    /// <summary>Prepares the folder.</summary>
    /// <exception cref="IOException">It can't be made or written to.</exception>
    public OutFolder(string target)
    {
        this.target = Path.GetFullPath(target);
        RemoveLeftovers();
        aside = Path.Combine(this.target, ".unfinished-" + Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Directory.CreateDirectory(aside);
    }

    /// <summary>Where the report will be.</summary>
    public string FullName => target;

    /// <summary>Makes a file of the report.</summary>
    public FileStream Create(string name)
    {
        names.Add(name);
        return new FileStream(Path.Combine(aside, name), FileMode.Create, FileAccess.Write, FileShare.None, 1);
    }

    /// <summary>Moves all files in, over those of an earlier run, and takes away what an earlier run wrote and this one did not.</summary>
    public void Complete()
    {
        foreach (var old in Directory.EnumerateFiles(target))
        {
            if (OfAnAudit().IsMatch(Path.GetFileName(old)) && !names.Contains(Path.GetFileName(old)))
                File.Delete(old);
        }

        foreach (var name in names)
            File.Move(Path.Combine(aside, name), Path.Combine(target, name), overwrite: true);
        done = true;
        Directory.Delete(aside, recursive: true);
    }

    /// <summary>Takes away what was made, unless complete.</summary>
    public void Dispose()
    {
        if (done)
            return;
        if (Directory.Exists(aside))
            Directory.Delete(aside, recursive: true);
        if (Directory.Exists(target) && !Directory.EnumerateFileSystemEntries(target).Any())
            Directory.Delete(target);
    }

    // What a killed process left; a process that still runs keeps its own.
    private void RemoveLeftovers()
    {
        if (!Directory.Exists(target))
            return;
        foreach (var left in Directory.EnumerateDirectories(target, ".unfinished-*"))
        {
            if (int.TryParse(Path.GetFileName(left).AsSpan(".unfinished-".Length), out var id) && !IsRunning(id))
                Directory.Delete(left, recursive: true);
        }
    }

    private static bool IsRunning(int id)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"\A((usable|reconfirm|never|fix)-(voice|voice-auto|sms|whatsapp|email|fax)\.csv|rejected\.csv|contacts\.csv|audit\.json|report\.html)\z", RegexOptions.CultureInvariant)]
    private static partial Regex OfAnAudit();
}
