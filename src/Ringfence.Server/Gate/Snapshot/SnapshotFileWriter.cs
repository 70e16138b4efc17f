using System.Buffers.Binary;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Gate.Snapshot;

/// <summary>Writes a snapshot file aside, and puts it in its place whole. Disposed of before that, nothing of it stays.</summary>
internal sealed class SnapshotFileWriter : IDisposable
{
    private const int BufferSize = 1 << 20;

    private readonly Lock gate = new();
    private readonly string path;
    private readonly byte[] key;
    private readonly FileStream stream;
    private readonly byte[] buffer = new byte[BufferSize];
    private readonly List<(ulong Place, long At)> entries = [];
    private readonly HashSet<SnapshotKey> gone = [];
    private int buffered;
    private long written;

    public SnapshotFileWriter(string path, byte[] key)
    {
        (this.path, this.key) = (path, key);
        Disk.MakeFolder(Path.GetDirectoryName(path)!);
        // What a run that was killed left aside was never in force.
        File.Delete(Aside);
        stream = DurableFile.CreateNew(Aside);
        stream.Write(new byte[SnapshotLayout.Head]);
        written = SnapshotLayout.Head;
    }

    /// <summary>What was forgotten while it was written: to be looked at when it is finished.</summary>
    public IReadOnlySet<SnapshotKey> Gone => gone;

    private string Aside => path + ".new";

    private long At => written + buffered;

    /// <summary>Adds an entry; none is added twice. What was <see cref="Forget">forgotten</see> meanwhile is left out.</summary>
    public void Add(SnapshotKey key, ReadOnlySpan<byte> value)
    {
        lock (gate)
        {
            if (gone.Contains(key))
                return;
            if (buffered + SnapshotLayout.EntryHead + value.Length > buffer.Length)
                FlushBuffer();
            entries.Add((key.Place, At));
            Span<byte> head = stackalloc byte[SnapshotLayout.EntryHead];
            key.CopyTo(head);
            BinaryPrimitives.WriteInt32LittleEndian(head[SnapshotKey.Size..], value.Length);
            Append(head);
            Append(value);
        }
    }

    /// <summary>Overwrites what was added under these keys, and adds nothing under them any more.</summary>
    public void Forget(IEnumerable<SnapshotKey> keys)
    {
        lock (gate)
        {
            gone.UnionWith(keys);
            var places = gone.Select(static key => key.Place).ToHashSet();
            FlushBuffer();
            Span<byte> head = stackalloc byte[SnapshotLayout.EntryHead];
            for (var i = entries.Count - 1; i >= 0; i--)
            {
                if (!places.Contains(entries[i].Place))
                    continue;
                RandomAccess.Read(stream.SafeFileHandle, head, entries[i].At);
                if (!gone.Contains(new SnapshotKey((SnapshotKind)head[0], head[1..])))
                    continue;
                head[..SnapshotKey.Size].Clear();
                RandomAccess.Write(stream.SafeFileHandle, head, entries[i].At);
                RandomAccess.Write(stream.SafeFileHandle, new byte[BinaryPrimitives.ReadInt32LittleEndian(head[SnapshotKey.Size..])], entries[i].At + SnapshotLayout.EntryHead);
                entries.RemoveAt(i);
            }
        }
    }

    /// <summary>Ends it and puts it in the place of the one before; durable when this returns.</summary>
    public SnapshotFile Finish(SnapshotStamp stamp)
    {
        lock (gate)
        {
            FlushBuffer();
            var at = written;
            var slots = SlotsFor(entries.Count);
            WriteIndex(at, slots);
            var end = at + (slots * SnapshotLayout.Slot);
            var head = new byte[SnapshotLayout.Head];
            SnapshotLayout.WriteHead(head, stamp, at, slots, end);
            RandomAccess.Write(stream.SafeFileHandle, head, 0);
            WriteMacs(end, head);
            stream.Flush(flushToDisk: true);
            stream.Dispose();
        }

        // Once it has its name it is the one that a next start finds; it is opened before, because nobody else may have it open.
        var file = SnapshotFile.Open(Aside, key);
        File.Move(Aside, path, overwrite: true);
        Disk.SyncFolder(Path.GetDirectoryName(path)!);
        return file;
    }

    public void Dispose()
    {
        stream.Dispose();
        File.Delete(Aside);
    }

    // At most two of three slots are taken, so that what is not there is soon found missing.
    private static long SlotsFor(long count)
    {
        var slots = 1024L;
        while (count * 3 > slots * 2)
            slots *= 2;
        return slots;
    }

    private void WriteIndex(long at, long slots)
    {
        var table = new ulong[slots];
        foreach (var (place, entry) in entries)
        {
            var slot = unchecked((long)place) & (slots - 1);
            while (table[slot] != SnapshotLayout.Free)
                slot = (slot + 1) & (slots - 1);
            table[slot] = SnapshotLayout.SlotOf(place, entry);
        }

        stream.Position = at;
        for (var from = 0L; from < slots; from += BufferSize / SnapshotLayout.Slot)
        {
            var some = (int)Math.Min(BufferSize / SnapshotLayout.Slot, slots - from);
            for (var i = 0; i < some; i++)
                BinaryPrimitives.WriteUInt64LittleEndian(buffer.AsSpan(i * SnapshotLayout.Slot), table[from + i]);
            stream.Write(buffer, 0, some * SnapshotLayout.Slot);
        }
    }

    private void WriteMacs(long end, byte[] head)
    {
        var blocks = SnapshotFile.Blocks(end);
        var macs = new byte[blocks * SnapshotLayout.Mac];
        var block = new byte[SnapshotLayout.Block];
        for (var n = 0L; n < blocks; n++)
        {
            var length = (int)Math.Min(SnapshotLayout.Block, end - (n * SnapshotLayout.Block));
            var read = 0;
            while (read < length)
                read += RandomAccess.Read(stream.SafeFileHandle, block.AsSpan(read, length - read), (n * SnapshotLayout.Block) + read) is > 0 and var some ? some : throw new EndOfStreamException();
            SnapshotLayout.MacOf(key, n, block.AsSpan(0, length), macs.AsSpan((int)n * SnapshotLayout.Mac, SnapshotLayout.Mac));
        }

        using var hash = System.Security.Cryptography.IncrementalHash.CreateHMAC(System.Security.Cryptography.HashAlgorithmName.SHA256, key);
        hash.AppendData(head);
        hash.AppendData(macs);
        stream.Position = end;
        stream.Write(macs);
        stream.Write(hash.GetHashAndReset());
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > buffer.Length - buffered)
        {
            FlushBuffer();
            // Larger than the buffer: past it.
            stream.Write(bytes);
            written += bytes.Length;
            return;
        }

        bytes.CopyTo(buffer.AsSpan(buffered));
        buffered += bytes.Length;
    }

    private void FlushBuffer()
    {
        stream.Write(buffer, 0, buffered);
        written += buffered;
        buffered = 0;
    }
}
