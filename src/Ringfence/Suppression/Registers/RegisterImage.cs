using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Ringfence.Suppression.Registers;

/// <summary>A register file in memory, or mapped into it: says of a number whether it is listed. Immutable, safe for many threads.</summary>
/// <remarks>Nothing is unpacked: a look-up costs one directory entry and one block. What it holds is proven by its digest when it is opened, and not believed before.</remarks>
public sealed class RegisterImage
{
    // A prime share of 2^64 (the golden ratio): neighbouring groups fall far apart.
    private const ulong Spread = 0x9E37_79B9_7F4A_7C15;

    // So many look-ups are under way at a time.
    private const int Together = 64;

    private readonly ReadOnlyMemory<byte> bytes;
    private readonly ulong[] slotKeys;
    private readonly int[] slotDirectories;
    private readonly int shift;

    private RegisterImage(ReadOnlyMemory<byte> bytes, RegisterFacts facts, List<(ulong Group, int Directory)> groups)
    {
        (this.bytes, Facts) = (bytes, facts);
        // At most half full, so that few look-ups meet a stranger.
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(2, groups.Count * 2));
        shift = 64 - BitOperations.Log2((uint)size);
        slotKeys = new ulong[size];
        slotDirectories = new int[size];
        foreach (var (group, directory) in groups)
        {
            var slot = SlotOf(group);
            while (slotDirectories[slot] != 0)
                slot = (slot + 1) & (size - 1);
            (slotKeys[slot], slotDirectories[slot]) = (group, directory);
        }
    }

    /// <summary>What the copy says of itself.</summary>
    public RegisterFacts Facts { get; }

    /// <summary>Opens a register: looks at every byte.</summary>
    /// <exception cref="RegisterDamagedException">It is no register, or not as it was written.</exception>
    public static RegisterImage Open(ReadOnlyMemory<byte> bytes)
    {
        var span = bytes.Span;
        var (facts, index, groupCount, coverCount) = RegisterLayout.Read(span, span.Length);
        Span<byte> digest = stackalloc byte[32];
        SHA256.HashData(span[RegisterLayout.HeaderBytes..], digest);
        if (Convert.ToHexStringLower(digest) != facts.Digest)
            throw new RegisterDamagedException("content");

        var groups = new List<(ulong Group, int Directory)>(groupCount);
        var (at, listed) = ((int)index, 0L);
        for (var i = 0; i < groupCount; i++, at += RegisterLayout.IndexEntryBytes)
        {
            var group = BinaryPrimitives.ReadUInt64LittleEndian(span[at..]);
            var directory = BinaryPrimitives.ReadInt64LittleEndian(span[(at + 8)..]);
            if ((i > 0 && group <= groups[^1].Group) || directory < RegisterLayout.HeaderBytes || directory + RegisterLayout.DirectoryBytes > index)
                throw new RegisterDamagedException("directory");
            groups.Add((group, (int)directory));
            listed += Counted(span, (int)directory);
        }

        if (listed != facts.Count)
            throw new RegisterDamagedException("directory");
        return new RegisterImage(bytes, facts with { Covers = CoversOf(span, at, coverCount) }, groups);
    }

    /// <summary>What it says about a number.</summary>
    /// <param name="number">Country code and national number as one integer.</param>
    public RegisterAnswer Of(ulong number)
    {
        var span = bytes.Span;
        var isListed = IsListed(span, EntryOf(span, number), number);
        // What is mapped goes away with the last who knows of it, and a span is not one.
        GC.KeepAlive(this);
        return isListed ? RegisterAnswer.Listed : Facts.Covers.Has(number) ? RegisterAnswer.NotListed : RegisterAnswer.NotCovered;
    }

    /// <summary>What it says about many numbers; faster than one by one.</summary>
    /// <param name="numbers">Country code and national number as one integer each.</param>
    /// <param name="answers">At least as many.</param>
    public void Of(ReadOnlySpan<ulong> numbers, Span<RegisterAnswer> answers)
    {
        var span = bytes.Span;
        var everything = Facts.Covers.IsEverything;
        Span<ulong> entries = stackalloc ulong[Together];
        for (var from = 0; from < numbers.Length; from += Together)
        {
            var some = numbers.Slice(from, Math.Min(Together, numbers.Length - from));
            var said = answers.Slice(from, some.Length);
            // First where each number's block is, then what stands there: so the memory looks for many at a time.
            for (var i = 0; i < some.Length; i++)
                entries[i] = EntryOf(span, some[i]);
            for (var i = 0; i < some.Length; i++)
            {
                said[i] = IsListed(span, entries[i], some[i]) ? RegisterAnswer.Listed
                    : everything || Facts.Covers.Has(some[i]) ? RegisterAnswer.NotListed : RegisterAnswer.NotCovered;
            }
        }

        GC.KeepAlive(this);
    }

    /// <summary>All numbers, rising.</summary>
    public IEnumerable<ulong> Numbers()
    {
        var room = new ulong[RegisterLayout.BlockNumbers];
        foreach (var (group, directory) in slotKeys.Zip(slotDirectories).Where(static slot => slot.Second != 0).OrderBy(static slot => slot.First))
        {
            for (var block = 0; block < RegisterLayout.GroupBlocks; block++)
            {
                var count = Unpack(bytes.Span, directory + (block * RegisterLayout.EntryBytes), ((group * RegisterLayout.GroupBlocks) + (ulong)block) * RegisterLayout.BlockNumbers, room);
                for (var i = 0; i < count; i++)
                    yield return room[i];
            }
        }
    }

    private static int Unpack(ReadOnlySpan<byte> span, int entry, ulong first, ulong[] into)
    {
        var (place, kind, count) = EntryAt(span, entry);
        var written = 0;
        if (kind == RegisterLayout.ListKind)
        {
            foreach (var one in MemoryMarshal.Cast<byte, ushort>(span.Slice(place, count * 2)))
                into[written++] = first + Little(one);
        }
        else if (kind == RegisterLayout.BitmapKind)
        {
            var bitmap = span.Slice(place, RegisterLayout.BitmapBytes);
            for (var at = 0; at < bitmap.Length; at++)
            {
                for (int bits = bitmap[at]; bits != 0; bits &= bits - 1)
                    into[written++] = first + (ulong)((at * 8) + BitOperations.TrailingZeroCount(bits));
            }
        }

        return written;
    }

    /// <summary>The directory entry of a number's block; 0, which is that of an empty one, where the register has no number near it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong EntryOf(ReadOnlySpan<byte> span, ulong number)
    {
        unchecked
        {
            var block = number / RegisterLayout.BlockNumbers;
            var group = block / RegisterLayout.GroupBlocks;
            var slot = SlotOf(group);
            while (slotKeys[slot] != group || slotDirectories[slot] == 0)
            {
                if (slotDirectories[slot] == 0)
                    return 0;
                slot = (slot + 1) & (slotKeys.Length - 1);
            }

            return BinaryPrimitives.ReadUInt64LittleEndian(span[(slotDirectories[slot] + ((int)(block - (group * RegisterLayout.GroupBlocks)) * RegisterLayout.EntryBytes))..]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsListed(ReadOnlySpan<byte> span, ulong entry, ulong number)
    {
        var (place, kind, count) = Parts(entry);
        var within = unchecked((int)(number % RegisterLayout.BlockNumbers));
        return kind switch
        {
            RegisterLayout.BitmapKind => (span[place + (within >> 3)] >> (within & 7) & 1) != 0,
            RegisterLayout.ListKind => IsIn(MemoryMarshal.Cast<byte, ushort>(span.Slice(place, count * 2)), (ushort)within),
            _ => false,
        };
    }

    // The numbers of a block lie about evenly: where one would stand is found by its size, and a look around there nearly always tells.
    private static bool IsIn(ReadOnlySpan<ushort> rising, ushort number)
    {
        const int around = 64;
        if (rising.Length <= around || !BitConverter.IsLittleEndian)
            return rising.Contains(Little(number));
        var from = Math.Clamp((number * rising.Length / RegisterLayout.BlockNumbers) - (around / 2), 0, rising.Length - around);
        var near = rising.Slice(from, around);
        var tells = (from == 0 || near[0] <= number) && (from == rising.Length - around || number <= near[^1]);
        return tells ? near.Contains(number) : rising.Contains(number);
    }

    private int SlotOf(ulong group) => (int)(unchecked(group * Spread) >> shift);

    private static (int Place, int Kind, int Count) EntryAt(ReadOnlySpan<byte> span, int at) => Parts(BinaryPrimitives.ReadUInt64LittleEndian(span[at..]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (int Place, int Kind, int Count) Parts(ulong entry) => unchecked(((int)(uint)entry, (int)(entry >> 48), (int)(ushort)(entry >> 32)));

    // Two bytes as they stand in the file, on machines of either order.
    private static ushort Little(ushort value) => BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);

    // Invariant: every entry of a directory that was counted lies within the file, before its index.
    private static long Counted(ReadOnlySpan<byte> span, int directory)
    {
        var sum = 0L;
        for (var block = 0; block < RegisterLayout.GroupBlocks; block++)
        {
            var (place, kind, count) = EntryAt(span, directory + (block * RegisterLayout.EntryBytes));
            var isRight = kind switch
            {
                RegisterLayout.NoKind => place == 0 && count == 0,
                RegisterLayout.ListKind => count is > 0 and <= RegisterLayout.MostListed && place >= RegisterLayout.HeaderBytes && place + (count * 2) <= directory,
                RegisterLayout.BitmapKind => count is > 0 and <= RegisterLayout.BlockNumbers && place >= RegisterLayout.HeaderBytes && place + RegisterLayout.BitmapBytes <= directory,
                _ => false,
            };
            if (!isRight)
                throw new RegisterDamagedException("directory");
            sum += count;
        }

        return sum;
    }

    private static RegisterCoverage CoversOf(ReadOnlySpan<byte> span, int at, int count)
    {
        var beginnings = new string[count];
        for (var i = 0; i < count; i++)
        {
            beginnings[i] = RegisterLayout.BeginningOf(BinaryPrimitives.ReadUInt64LittleEndian(span[(at + (i * RegisterLayout.CoverBytes))..]));
            if (!RegisterCoverage.IsBeginning(beginnings[i]))
                throw new RegisterDamagedException("directory");
        }

        return RegisterCoverage.Of(beginnings);
    }
}
