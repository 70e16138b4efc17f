using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
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
    private byte[] texts = new byte[1 << 10];
    private int textsEnd = 1;
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
                if (entry.Hash == hash && entry.Start != 0 && cell.SequenceEqual(texts.AsSpan(entry.Start, entry.Length)))
                    return entry.Value;
                if (entry.Start == 0)
                    return Add(ref entry, hash, cell);
            }
        }
    }

    private T Add(ref Entry entry, ulong hash, ReadOnlySpan<byte> cell)
    {
        var value = Utf8Cell.Read(cell, read);
        if (count == Most)
            return value;
        count++;
        if (texts.Length - textsEnd < cell.Length)
            Array.Resize(ref texts, Math.Max(texts.Length * 2, textsEnd + cell.Length));
        cell.CopyTo(texts.AsSpan(textsEnd));
        entry = new Entry { Hash = hash, Start = textsEnd, Length = cell.Length, Value = value };
        textsEnd += cell.Length;
        return value;
    }

    // A text is kept in one buffer with the others; none begins at 0, which is the mark of a free slot.
    private struct Entry
    {
        public ulong Hash;
        public int Start;
        public int Length;
        public T Value;
    }
}

/// <summary>Cells as UTF-8 bytes.</summary>
internal static class Utf8Cell
{
    private const int OnStack = 512;

    // The bit of each byte that no ASCII character has.
    private const ulong NotAscii = 0x8080808080808080UL;

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

    /// <summary>Decodes a cell into a buffer, as far as it has room: a byte becomes one character at most.</summary>
    public static ReadOnlySpan<char> Chars(ReadOnlySpan<byte> cell, Span<char> into)
    {
        if (cell.Length <= into.Length && TryWiden(cell, into))
            return into[..cell.Length];
        Utf8.ToUtf16(cell, into, out _, out var written);
        return into[..written];
    }

    // Most cells are short, and ASCII: eight bytes at a time; the last eight may overlap those before.
    private static bool TryWiden(ReadOnlySpan<byte> cell, Span<char> into)
    {
        ref var from = ref MemoryMarshal.GetReference(cell);
        ref var to = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(into[..cell.Length]));
        var length = cell.Length;
        if (length >= 8)
        {
            var (at, last) = (0, unchecked(length - 8));
            var seen = 0UL;
            while (true)
            {
                var piece = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref from, at));
                seen |= piece;
                Vector128.WidenLower(Vector128.CreateScalarUnsafe(piece).AsByte()).StoreUnsafe(ref to, (nuint)(uint)at);
                if (at == last)
                    return (seen & NotAscii) == 0;
                at = Math.Min(unchecked(at + 8), last);
            }
        }

        var all = 0;
        for (var i = 0; i < length; i++)
        {
            var b = Unsafe.Add(ref from, i);
            all |= b;
            Unsafe.Add(ref to, i) = b;
        }

        return all < 0x80;
    }

    /// <summary>A hash that tells texts apart with 64 bits: two of ten million texts meet by chance about once in 400,000 runs.</summary>
    public static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        ref var first = ref MemoryMarshal.GetReference(bytes);
        var length = bytes.Length;
        var hash = unchecked((ulong)length * 0xD6E8FEB86659FD93UL) ^ 0x9E3779B97F4A7C15UL;
        if (length >= 8)
        {
            var last = unchecked(length - 8);
            for (var at = 0; at < last; at = unchecked(at + 8))
                hash = Mix(hash ^ Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, at)));
            return Mix(hash ^ Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, last)));
        }

        var rest = 0UL;
        for (var i = 0; i < length; i++)
            rest = rest << 8 | Unsafe.Add(ref first, i);
        return Mix(hash ^ rest);
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
