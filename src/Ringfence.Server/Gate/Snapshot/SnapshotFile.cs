using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Ringfence.Server.Gate.Snapshot;

/// <summary>The file is not the one that is wanted, or not what was written: it is thrown away and made anew.</summary>
internal sealed class SnapshotFileException(string why) : Exception(why);

/// <summary>Of which ledger, state and program a snapshot file is.</summary>
/// <param name="Origin">The origin of the ledger, with its epoch.</param>
/// <param name="Ledger">Its number.</param>
/// <param name="Position">How many records are known at least.</param>
/// <param name="Leaf">Hash of the last of them: another history is told by it.</param>
/// <param name="Chain">How many keys the tags of suppressions went through.</param>
/// <param name="Program">Of the program that worked it out: another one may know better.</param>
internal sealed record SnapshotStamp(string Origin, long Ledger, long Position, byte[] Leaf, short Chain, byte[] Program);

/// <summary>The shape of a snapshot file: a page of head, entries, an index of them, and a keyed hash of every block, which the head's own covers.</summary>
internal static class SnapshotLayout
{
    public const int Head = 4096;
    public const int Block = 64 << 10;
    public const int Mac = 16;
    public const int HeadMac = 32;

    // Of an entry: its key, the length of its value.
    public const int EntryHead = SnapshotKey.Size + 4;

    // A slot of the index: 40 bits of place, 24 bits of key. No entry stands at 0 or 1.
    public const int Slot = 8;
    public const int PlaceBits = 40;
    public const ulong Free = 0;
    public const ulong Gone = 1;

    public static ReadOnlySpan<byte> Magic => "RFSNAP01"u8;

    public static ulong SlotOf(ulong place, long at) => unchecked(place >> PlaceBits << PlaceBits) | (ulong)at;

    public static void WriteHead(Span<byte> head, SnapshotStamp stamp, long index, long slots, long end)
    {
        head.Clear();
        Magic.CopyTo(head);
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], stamp.Ledger);
        BinaryPrimitives.WriteInt64LittleEndian(head[16..], stamp.Position);
        BinaryPrimitives.WriteInt16LittleEndian(head[24..], stamp.Chain);
        BinaryPrimitives.WriteInt64LittleEndian(head[32..], index);
        BinaryPrimitives.WriteInt64LittleEndian(head[40..], slots);
        BinaryPrimitives.WriteInt64LittleEndian(head[48..], end);
        stamp.Leaf.CopyTo(head[64..]);
        stamp.Program.CopyTo(head[96..]);
        var origin = Encoding.UTF8.GetBytes(stamp.Origin);
        BinaryPrimitives.WriteInt16LittleEndian(head[128..], (short)origin.Length);
        origin.CopyTo(head[130..]);
    }

    public static (SnapshotStamp Stamp, long Index, long Slots, long End) ReadHead(ReadOnlySpan<byte> head)
    {
        var length = BinaryPrimitives.ReadInt16LittleEndian(head[128..]);
        if (!head.StartsWith(Magic) || length is < 0 or > 1024)
            throw new SnapshotFileException("no snapshot");
        var stamp = new SnapshotStamp(
            Encoding.UTF8.GetString(head.Slice(130, length)), BinaryPrimitives.ReadInt64LittleEndian(head[8..]), BinaryPrimitives.ReadInt64LittleEndian(head[16..]), head.Slice(64, 32).ToArray(),
            BinaryPrimitives.ReadInt16LittleEndian(head[24..]), head.Slice(96, 32).ToArray());
        return (stamp, BinaryPrimitives.ReadInt64LittleEndian(head[32..]), BinaryPrimitives.ReadInt64LittleEndian(head[40..]), BinaryPrimitives.ReadInt64LittleEndian(head[48..]));
    }

    /// <summary>The keyed hash of a block; at its place it stands for itself alone.</summary>
    public static void MacOf(byte[] key, long block, ReadOnlySpan<byte> bytes, Span<byte> mac)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        Span<byte> place = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(place, block);
        hash.AppendData(place);
        hash.AppendData(bytes);
        Span<byte> whole = stackalloc byte[32];
        hash.GetHashAndReset(whole);
        whole[..mac.Length].CopyTo(mac);
    }
}

/// <summary>
/// A snapshot file, mapped into memory: entries found by key. What it holds is proven block by block when it is first looked at. It is let go when nobody knows of it any more.
/// Safe for many threads.
/// </summary>
internal sealed class SnapshotFile
{
    private readonly Lock writing = new();
    private readonly FileStream stream;
    private readonly MemoryMappedViewAccessor view;
    private readonly nint start;
    private readonly byte[] key;
    private readonly long index;
    private readonly long slots;
    private readonly long end;
    private readonly bool[] proven;

    private SnapshotFile(FileStream stream, MemoryMappedViewAccessor view, byte[] key)
    {
        (this.stream, this.view, this.key) = (stream, view, key);
        start = view.SafeMemoryMappedViewHandle.DangerousGetHandle();
        (Stamp, index, slots, end) = SnapshotLayout.ReadHead(Bytes(0, SnapshotLayout.Head));
        var blocks = Blocks(end);
        if (index < SnapshotLayout.Head || slots <= 0 || !long.IsPow2(slots) || index + (slots * SnapshotLayout.Slot) != end || end + (blocks * SnapshotLayout.Mac) + SnapshotLayout.HeadMac != stream.Length)
            throw new SnapshotFileException("cut short");
        Span<byte> mac = stackalloc byte[SnapshotLayout.HeadMac];
        HeadMacOf(mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, Bytes(stream.Length - SnapshotLayout.HeadMac, SnapshotLayout.HeadMac)))
            throw new SnapshotFileException("damaged or foreign");
        proven = new bool[blocks];
    }

    public SnapshotStamp Stamp { get; }

    /// <summary>Its size in bytes.</summary>
    public long Length => stream.Length;

    /// <summary>Maps a file. As long as it is open nobody else can.</summary>
    /// <exception cref="SnapshotFileException">It is none, or not one of this installation, or damaged.</exception>
    /// <exception cref="IOException">It can't be read.</exception>
    public static SnapshotFile Open(string path, byte[] key)
    {
        // A file that takes its name later does not change what is seen here.
        var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Delete, 1);
        try
        {
            if (stream.Length < SnapshotLayout.Head + SnapshotLayout.HeadMac)
                throw new SnapshotFileException("cut short");
            using var mapped = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
            return new SnapshotFile(stream, mapped.CreateViewAccessor(0, stream.Length, MemoryMappedFileAccess.ReadWrite), key);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>The value of a key; null: it has none.</summary>
    /// <exception cref="SnapshotFileException">It was damaged since it was written.</exception>
    public byte[]? Find(SnapshotKey wanted)
    {
        var (_, at, length) = PlaceOf(wanted);
        var value = at == 0 ? null : Proven(at + SnapshotLayout.EntryHead, length).ToArray();
        GC.KeepAlive(this);
        return value;
    }

    /// <summary>All entries, as they lie.</summary>
    public IEnumerable<(SnapshotKey Key, byte[] Value)> All()
    {
        for (var at = (long)SnapshotLayout.Head; at + SnapshotLayout.EntryHead <= index;)
        {
            var (key, length) = EntryAt(at);
            // What was wiped is passed over.
            if (key.Kind != SnapshotKind.None)
                yield return (key, Proven(at + SnapshotLayout.EntryHead, length).ToArray());
            at += SnapshotLayout.EntryHead + length;
        }

        GC.KeepAlive(this);
    }

    /// <summary>Overwrites entries where they stand: of what they said nothing is left when this returns.</summary>
    public void Wipe(IEnumerable<SnapshotKey> keys)
    {
        lock (writing)
        {
            var touched = new HashSet<long>();
            foreach (var wanted in keys)
            {
                var (slot, at, length) = PlaceOf(wanted);
                if (at == 0)
                    continue;
                // Its length stays, so that what stands behind it is still found.
                Proven(at, SnapshotLayout.EntryHead + length);
                Bytes(at, SnapshotKey.Size).Clear();
                Bytes(at + SnapshotLayout.EntryHead, length).Clear();
                BinaryPrimitives.WriteUInt64LittleEndian(Bytes(slot, SnapshotLayout.Slot), SnapshotLayout.Gone);
                for (var block = at / SnapshotLayout.Block; block <= (at + SnapshotLayout.EntryHead + length) / SnapshotLayout.Block; block++)
                    touched.Add(block);
                touched.Add(slot / SnapshotLayout.Block);
            }

            if (touched.Count == 0)
                return;
            foreach (var block in touched.Where(block => block < proven.Length))
                SnapshotLayout.MacOf(key, block, BlockAt(block), Bytes(end + (block * SnapshotLayout.Mac), SnapshotLayout.Mac));
            HeadMacOf(Bytes(stream.Length - SnapshotLayout.HeadMac, SnapshotLayout.HeadMac));
            view.Flush();
            stream.Flush(flushToDisk: true);
        }

        GC.KeepAlive(this);
    }

    /// <summary>Lets go of it: nobody may be looking into it.</summary>
    public void Close()
    {
        view.Dispose();
        stream.Dispose();
    }

    public static long Blocks(long end) => (end + SnapshotLayout.Block - 1) / SnapshotLayout.Block;

    // Where its slot and its entry stand, and how long the value is; 0: there is none.
    private (long Slot, long At, int Length) PlaceOf(SnapshotKey wanted)
    {
        Span<byte> name = stackalloc byte[SnapshotKey.Size];
        wanted.CopyTo(name);
        var place = wanted.Place;
        for (var (slot, steps) = (unchecked((long)place) & (slots - 1), 0L); steps < slots; slot = (slot + 1) & (slots - 1), steps++)
        {
            var where = index + (slot * SnapshotLayout.Slot);
            var found = BinaryPrimitives.ReadUInt64LittleEndian(Proven(where, SnapshotLayout.Slot));
            if (found == SnapshotLayout.Free)
                return default;
            if (found == SnapshotLayout.Gone || found >> SnapshotLayout.PlaceBits != place >> SnapshotLayout.PlaceBits)
                continue;
            var at = (long)(found & ((1UL << SnapshotLayout.PlaceBits) - 1));
            var head = Proven(at, SnapshotLayout.EntryHead);
            if (head[..SnapshotKey.Size].SequenceEqual(name))
                return (where, at, BinaryPrimitives.ReadInt32LittleEndian(head[SnapshotKey.Size..]));
        }

        return default;
    }

    private (SnapshotKey Key, int Length) EntryAt(long at)
    {
        var head = Proven(at, SnapshotLayout.EntryHead);
        return (new SnapshotKey((SnapshotKind)head[0], head[1..]), BinaryPrimitives.ReadInt32LittleEndian(head[SnapshotKey.Size..]));
    }

    // A piece of the file that is what was written.
    private ReadOnlySpan<byte> Proven(long at, int length)
    {
        if (at < SnapshotLayout.Head || length < 0 || at + length > end)
            throw new SnapshotFileException("damaged");
        for (var block = at / SnapshotLayout.Block; block <= (at + Math.Max(length, 1) - 1) / SnapshotLayout.Block; block++)
        {
            if (!Volatile.Read(ref proven[block]))
                Prove(block);
        }

        return Bytes(at, length);
    }

    private void Prove(long block)
    {
        Span<byte> mac = stackalloc byte[SnapshotLayout.Mac];
        // Whoever wipes has it for a moment as nobody wrote it.
        lock (writing)
        {
            SnapshotLayout.MacOf(key, block, BlockAt(block), mac);
            if (!CryptographicOperations.FixedTimeEquals(mac, Bytes(end + (block * SnapshotLayout.Mac), SnapshotLayout.Mac)))
                throw new SnapshotFileException("damaged");
        }

        Volatile.Write(ref proven[block], true);
    }

    private void HeadMacOf(Span<byte> mac)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hash.AppendData(Bytes(0, SnapshotLayout.Head));
        for (var at = end; at < stream.Length - SnapshotLayout.HeadMac; at += SnapshotLayout.Block)
            hash.AppendData(Bytes(at, (int)Math.Min(SnapshotLayout.Block, stream.Length - SnapshotLayout.HeadMac - at)));
        hash.GetHashAndReset(mac);
    }

    private Span<byte> BlockAt(long block) => Bytes(block * SnapshotLayout.Block, (int)Math.Min(SnapshotLayout.Block, end - (block * SnapshotLayout.Block)));

    // Invariant: the view begins at the start of the file, and so at the start of a page; all of the file is mapped as long as somebody knows of this.
    private Span<byte> Bytes(long at, int length) => MemoryMarshal.CreateSpan(ref Unsafe.AddByteOffset(ref Unsafe.NullRef<byte>(), start + (nint)at), length);
}
