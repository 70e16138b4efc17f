using System.Runtime.InteropServices;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.Suppression.Registers;

/// <summary>Puts numbers in order in bounded memory: what does not fit goes to files, which are sorted runs, and these are merged.</summary>
/// <param name="folder">Where the files go. They have no name after they were opened, and so no end that forgets them.</param>
/// <param name="inMemory">So many numbers are held, eight bytes each.</param>
internal sealed class NumberSorter(string folder, int inMemory = NumberSorter.Most) : IDisposable
{
    /// <summary>128 MB of numbers: a quarter of a billion of them is some sixteen runs.</summary>
    public const int Most = 1 << 24;

    private const int ReadAtOnce = 1 << 15;

    private readonly List<FileStream> runs = [];
    private ulong[] held = new ulong[Math.Min(inMemory, 1 << 16)];
    private int count;

    /// <summary>How many were added.</summary>
    public long Count { get; private set; }

    /// <summary>Adds one.</summary>
    public void Add(ulong number)
    {
        if (count == held.Length)
        {
            if (count < inMemory)
                Array.Resize(ref held, Math.Min(inMemory, count * 2));
            else
                Spill();
        }

        held[count++] = number;
        Count++;
    }

    /// <summary>All of them, rising; the same one again where it was added again.</summary>
    public IEnumerable<ulong> Sorted()
    {
        Array.Sort(held, 0, count);
        if (runs.Count == 0)
        {
            for (var i = 0; i < count; i++)
                yield return held[i];
            yield break;
        }

        Run[] open = [.. runs.Select(static file => new Run(file)), new Run(held, count)];
        var left = open.Count(static run => run.Next());
        open = [.. open.Where(static run => run.HasCurrent)];
        while (left > 0)
        {
            // A few dozen runs at most: looking at all of them costs less than keeping them in order.
            var least = open[0];
            for (var i = 1; i < left; i++)
            {
                if (open[i].Current < least.Current)
                    least = open[i];
            }

            yield return least.Current;
            if (!least.Next())
            {
                var at = Array.IndexOf(open, least);
                (open[at], open[left - 1]) = (open[left - 1], open[at]);
                left--;
            }
        }
    }

    public void Dispose()
    {
        foreach (var run in runs)
            run.Dispose();
    }

    private void Spill()
    {
        Array.Sort(held, 0, count);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0, Options = FileOptions.DeleteOnClose };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = DurableFile.OwnerOnly;
        var path = Path.Combine(folder, $".sorting-{Guid.NewGuid():N}");
        var file = new FileStream(path, options);
        runs.Add(file);
        // Where a file can be used without a name, a run that is killed leaves none behind.
        if (!OperatingSystem.IsWindows())
            File.Delete(path);
        file.Write(MemoryMarshal.AsBytes(held.AsSpan(0, count)));
        file.Position = 0;
        count = 0;
    }

    /// <summary>One sorted run, read forward.</summary>
    private sealed class Run
    {
        private readonly FileStream? file;
        private readonly ulong[] buffer;
        private int length;
        private int at = -1;

        public Run(FileStream file) => (this.file, buffer) = (file, new ulong[ReadAtOnce]);

        public Run(ulong[] sorted, int count) => (buffer, length) = (sorted, count);

        public ulong Current { get; private set; }

        public bool HasCurrent => at >= 0 && at < length;

        public bool Next()
        {
            if (++at >= length)
            {
                if (file is null)
                    return false;
                var read = file.ReadAtLeast(MemoryMarshal.AsBytes(buffer.AsSpan()), buffer.Length * sizeof(ulong), throwOnEndOfStream: false);
                (at, length) = (0, read / sizeof(ulong));
                if (length == 0)
                    return false;
            }

            Current = buffer[at];
            return true;
        }
    }
}
