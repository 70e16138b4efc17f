using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace Ringfence.Suppression.Registers;

/// <summary>Takes bytes of a register file, in order from behind the header on.</summary>
public delegate void RegisterBytes(ReadOnlySpan<byte> bytes);

/// <summary>Makes a register file from numbers in rising order, group by group: memory for one group, whatever the length.</summary>
public sealed class RegisterWriter : IDisposable
{
    private readonly RegisterBytes write;
    private readonly IncrementalHash digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly ulong[] bits = new ulong[(RegisterLayout.BlockNumbers + 63) / 64];
    private readonly byte[] block = new byte[RegisterLayout.BitmapBytes + 8];
    private readonly List<(ulong Group, long Directory)> groups = [];
    private readonly byte[] directory = new byte[RegisterLayout.DirectoryBytes];
    private readonly byte[] buffer = new byte[1 << 16];
    private int buffered;
    private long at = RegisterLayout.HeaderBytes;
    private ulong openBlock = ulong.MaxValue;
    private ulong openGroup = ulong.MaxValue;
    private ulong last;
    private int inBlock;
    private long count;

    /// <param name="write">Takes the bytes.</param>
    public RegisterWriter(RegisterBytes write) => this.write = write;

    /// <summary>Adds a number; the same again is one.</summary>
    /// <param name="number">Country code and national number as one integer; not less than the one before.</param>
    public void Add(ulong number)
    {
        if (number < last || number is 0 or > RegisterLayout.MostNumber)
            throw new ArgumentOutOfRangeException(nameof(number), "Numbers come in rising order and have at most 15 digits.");
        last = number;
        var key = number / RegisterLayout.BlockNumbers;
        if (key != openBlock)
            Open(key);
        var place = (int)(number - (key * RegisterLayout.BlockNumbers));
        ref var word = ref bits[place >> 6];
        var bit = 1UL << (place & 63);
        if ((word & bit) != 0)
            return;
        word |= bit;
        inBlock++;
    }

    /// <summary>Ends the file.</summary>
    /// <param name="facts">What the copy says of itself; count and digest are found out.</param>
    /// <returns>Its header, which goes in front of all that was written, and what it says.</returns>
    public (byte[] Header, RegisterFacts Facts) Finish(RegisterFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        if (!RegisterFacts.IsName(facts.Name))
            throw new ArgumentException("That is no name of a register.", nameof(facts));
        CloseGroup();
        var index = at + buffered;
        Span<byte> entry = stackalloc byte[RegisterLayout.IndexEntryBytes];
        foreach (var (group, place) in groups)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(entry, group);
            BinaryPrimitives.WriteInt64LittleEndian(entry[8..], place);
            Put(entry);
        }

        foreach (var beginning in facts.Covers.Beginnings)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(entry, RegisterLayout.CoverOf(beginning));
            Put(entry[..RegisterLayout.CoverBytes]);
        }

        Flush();
        var done = facts with { Count = count, Digest = Convert.ToHexStringLower(digest.GetHashAndReset()) };
        return (RegisterLayout.Header(done, at, index, groups.Count), done);
    }

    public void Dispose() => digest.Dispose();

    private void Open(ulong key)
    {
        CloseBlock();
        var group = key / RegisterLayout.GroupBlocks;
        if (group != openGroup)
        {
            CloseGroup();
            openGroup = group;
        }

        openBlock = key;
    }

    private void CloseBlock()
    {
        if (inBlock == 0)
            return;
        var isList = inBlock <= RegisterLayout.MostListed;
        var entry = directory.AsSpan((int)(openBlock % RegisterLayout.GroupBlocks) * RegisterLayout.EntryBytes, RegisterLayout.EntryBytes);
        // A file larger than memory can be addressed by is not made.
        BinaryPrimitives.WriteInt32LittleEndian(entry, checked((int)(at + buffered)));
        BinaryPrimitives.WriteUInt16LittleEndian(entry[4..], (ushort)inBlock);
        BinaryPrimitives.WriteUInt16LittleEndian(entry[6..], (ushort)(isList ? RegisterLayout.ListKind : RegisterLayout.BitmapKind));
        var length = 0;
        for (var i = 0; i < bits.Length; i++)
        {
            if (!isList)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(block.AsSpan(i * 8), bits[i]);
                continue;
            }

            for (var word = bits[i]; word != 0; word &= unchecked(word - 1))
            {
                BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(length), (ushort)((i * 64) + BitOperations.TrailingZeroCount(word)));
                length += 2;
            }
        }

        Put(block.AsSpan(0, isList ? length : RegisterLayout.BitmapBytes));
        Array.Clear(bits);
        count += inBlock;
        inBlock = 0;
    }

    private void CloseGroup()
    {
        CloseBlock();
        if (openGroup == ulong.MaxValue)
            return;
        groups.Add((openGroup, at + buffered));
        Put(directory);
        Array.Clear(directory);
        openGroup = ulong.MaxValue;
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        if (buffered + bytes.Length > buffer.Length)
            Flush();
        bytes.CopyTo(buffer.AsSpan(buffered));
        buffered += bytes.Length;
    }

    private void Flush()
    {
        digest.AppendData(buffer, 0, buffered);
        write(buffer.AsSpan(0, buffered));
        at += buffered;
        buffered = 0;
    }
}
