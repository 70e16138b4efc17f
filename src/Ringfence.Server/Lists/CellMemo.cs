using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Unicode;

namespace Ringfence.Server.Lists;

/// <summary>Reads a cell as text.</summary>
internal delegate T CellReading<out T>(ReadOnlySpan<char> cell);

/// <summary>Remembers what cells said, for columns in which few texts stand again and again: country, source, consent, wording, notes.</summary>
/// <remarks>Bounded: once full it only looks up. Not for use by two threads at once.</remarks>
internal sealed class CellMemo<T>(CellReading<T> read)
{
    private const int Slots = 8192;
    private const int Most = Slots / 2;
    private const int LongestKept = 512;

    private readonly Entry[] entries = new Entry[Slots];
    private int count;

    /// <summary>What the cell says.</summary>
    public T this[ReadOnlySpan<byte> cell]
    {
        get
        {
            if (cell.Length > LongestKept)
                return Utf8Cell.Read(cell, read);
            var hash = Utf8Cell.Hash(cell);
            for (var at = (int)(hash & (Slots - 1)); ; at = (at + 1) & (Slots - 1))
            {
                ref var entry = ref entries[at];
                if (entry.Text is null)
                {
                    var value = Utf8Cell.Read(cell, read);
                    if (count < Most)
                    {
                        count++;
                        entry = new Entry { Hash = hash, Text = cell.ToArray(), Value = value };
                    }

                    return value;
                }

                if (entry.Hash == hash && cell.SequenceEqual(entry.Text))
                    return entry.Value;
            }
        }
    }

    private struct Entry
    {
        public ulong Hash;
        public byte[]? Text;
        public T Value;
    }
}

/// <summary>Cells as UTF-8 bytes.</summary>
internal static class Utf8Cell
{
    private const int OnStack = 512;

    /// <summary>Reads a cell as text. Bytes that are no UTF-8 read as U+FFFD.</summary>
    public static T Read<T>(ReadOnlySpan<byte> cell, CellReading<T> read)
    {
        if (cell.Length <= OnStack)
        {
            Span<char> chars = stackalloc char[OnStack];
            return read(Chars(cell, chars));
        }

        var rented = ArrayPool<char>.Shared.Rent(cell.Length);
        try
        {
            return read(Chars(cell, rented));
        }
        finally
        {
            ArrayPool<char>.Shared.Return(rented);
        }
    }

    /// <summary>Decodes a cell into a buffer at least as long.</summary>
    public static ReadOnlySpan<char> Chars(ReadOnlySpan<byte> cell, Span<char> into)
    {
        Utf8.ToUtf16(cell, into, out _, out var written);
        return into[..written];
    }

    /// <summary>A hash that tells texts apart with 64 bits: two of ten million texts meet by chance about once in 400,000 runs.</summary>
    public static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        unchecked
        {
            var hash = 0x9E3779B97F4A7C15UL ^ ((ulong)bytes.Length * 0xD6E8FEB86659FD93UL);
            while (bytes.Length >= 8)
            {
                hash = Mix(hash ^ MemoryMarshal.Read<ulong>(bytes));
                bytes = bytes[8..];
            }

            var rest = 0UL;
            for (var i = 0; i < bytes.Length; i++)
                rest |= (ulong)bytes[i] << (8 * i);
            return Mix(hash ^ rest);
        }
    }

    /// <summary>Spreads the bits of a number over all of it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mix(ulong value)
    {
        unchecked
        {
            var high = Math.BigMul(value, 0xA0761D6478BD642FUL, out var low);
            value = high ^ low;
            return value ^ (value >> 29);
        }
    }
}
