using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using Ringfence.Server.Lists.Reading;

namespace Ringfence.Server.Lists;

/// <summary>Builds CSV rows as bytes: UTF-8, comma, CRLF, quoted where needed, and safe to open in a spreadsheet program.</summary>
internal sealed class CsvOut
{
    // What makes RFC 4180 want quotes; blanks at the ends too, which many readers take off.
    private static readonly SearchValues<byte> NeedsQuotes = SearchValues.Create(",\"\r\n"u8);

    // Where a program that does not part cells by commas sees another begin: one that is set to a country which writes 1,5 parts them by semicolons, and then minds no quotes within.
    private static readonly SearchValues<byte> Parts = SearchValues.Create(";\t\r\n"u8);

    // What begins a formula, in ASCII and in the shapes of East Asian type, which are taken for the same. A minus of typesetters is read as one, too.
    private static readonly Rune[] Signs = [.. "=+-@＝＋－＠﹦﹢﹣﹫−".EnumerateRunes()];

    // Bytes with which a cell may need more than copying: see IsFormula, and blanks at its ends. Those with which Latin, Cyrillic, Chinese and Korean letters begin begin nothing else.
    private static readonly bool[] WantsCare = [.. Enumerable.Range(0, 256).Select(static b => b is <= ' ' or '+' or '-' or '=' or '@' or >= 0x7F and not (>= 0xC3 and <= 0xC5) and not 0xD0 and not 0xD1 and not (>= 0xE4 and <= 0xEC))];

    private byte[] buffer = new byte[1 << 14];
    private int length;

    // 1 where the row has a cell and the next one wants a comma before it.
    private int rowBegun;

    /// <summary>What was written since the last <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, length);

    /// <summary>Starts anew.</summary>
    public void Clear()
    {
        length = 0;
        rowBegun = 0;
    }

    /// <summary>Ends the row.</summary>
    public void EndRow()
    {
        Room(2);
        buffer[length++] = (byte)'\r';
        buffer[length++] = (byte)'\n';
        rowBegun = 0;
    }

    /// <summary>A cell that comes from the user's own data.</summary>
    public void Cell(ReadOnlySpan<byte> utf8)
    {
        Begin();
        if (!utf8.IsEmpty)
            Guarded(utf8);
    }

    private void Guarded(ReadOnlySpan<byte> utf8)
    {
        var parts = utf8.IndexOfAny(Parts) >= 0;
        var guard = IsFormula(utf8) || (parts && HidesFormula(utf8));
        if (!guard && utf8.IndexOfAny(NeedsQuotes) < 0 && utf8[0] != ' ' && utf8[^1] != ' ')
        {
            Room(utf8.Length);
            utf8.CopyTo(buffer.AsSpan(length));
            length += utf8.Length;
            return;
        }

        // An apostrophe stands before a part, and a part is two bytes at least with what parts it: at most three for one of the text.
        Room((utf8.Length * 3) + 3);
        buffer[length++] = (byte)'"';
        for (var i = 0; i < utf8.Length; i++)
        {
            if (guard && (i == 0 ? IsFormula(utf8) : parts && HoldsFormulaAt(utf8, i)))
                buffer[length++] = (byte)'\'';
            if (utf8[i] == '"')
                buffer[length++] = (byte)'"';
            buffer[length++] = utf8[i];
        }

        buffer[length++] = (byte)'"';
    }

    /// <summary>Cells of a row of the user's own data, in the order of these columns; empty where it has no such column.</summary>
    public void Cells(RowBatch batch, int row, ReadOnlySpan<int> columns)
    {
        var cells = batch.CellsOf(row);
        var bytes = batch.Bytes;
        foreach (var column in columns)
        {
            Begin();
            if (unchecked((uint)column) >= (uint)cells.Length || cells[column] is not { Length: > 0 } at)
                continue;
            Room(at.Length + Vector256<byte>.Count);

            // Most cells are copied as they are, and looked at on the way; what was copied of another is written over.
            if (!WantsCare[bytes[at.Start]] && bytes[at.Start + at.Length - 1] != ' ' && CopiesAsItIs(bytes, at, buffer, length))
                length += at.Length;
            else
                Guarded(bytes.AsSpan(at.Start, at.Length));
        }
    }

    /// <summary>A cell that comes from the user's own data.</summary>
    public void Cell(string text) => Cell(Encoding.UTF8.GetBytes(text));

    /// <summary>A cell of ours: a code without any character that would need care, already as bytes.</summary>
    public void Code(ReadOnlySpan<byte> ascii)
    {
        Begin();
        Room(ascii.Length);
        ascii.CopyTo(buffer.AsSpan(length));
        length += ascii.Length;
    }

    /// <summary>A code and a whole number behind it, in one cell.</summary>
    public void Code(ReadOnlySpan<byte> ascii, long number)
    {
        Code(ascii);
        Append(number);
    }

    /// <summary>A whole row of three parts, built before: the first ones without a comma at their ends, the last one up to the end of the row.</summary>
    public void Row(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> last)
    {
        Room(first.Length + second.Length + last.Length + 2);
        var to = buffer.AsSpan(length);
        first.CopyTo(to);
        to[first.Length] = (byte)',';
        to = to[(first.Length + 1)..];
        second.CopyTo(to);
        to[second.Length] = (byte)',';
        last.CopyTo(to[(second.Length + 1)..]);
        length += first.Length + second.Length + last.Length + 2;
    }

    /// <summary>A whole number.</summary>
    public void Number(long number)
    {
        Begin();
        Append(number);
    }

    private void Append(long number)
    {
        Room(20);
        Utf8Formatter.TryFormat(number, buffer.AsSpan(length), out var written);
        length += written;
    }

    /// <summary>A telephone number in E.164; an empty cell for 0.</summary>
    public void E164(ulong digits)
    {
        Begin();
        if (digits == 0)
            return;
        Room(21);
        buffer[length++] = (byte)'+';
        Utf8Formatter.TryFormat(digits, buffer.AsSpan(length), out var written);
        length += written;
    }

    /// <summary>An empty cell.</summary>
    public void Empty() => Begin();

    // Source: OWASP "CSV Injection": = + - @, tab and CR (every other control, by our own care) at the start make a spreadsheet program run what follows; the full-width forms run too.
    // A plus and nothing but digits is a telephone number and dashes alone mean "nothing": they compute nothing and stay readable.
    private static bool IsFormula(ReadOnlySpan<byte> cell)
    {
        if (cell.IsEmpty || cell[0] is < 0x80 and > (byte)' ' and not (byte)'+' and not (byte)'-' and not (byte)'=' and not (byte)'@' and not 0x7F)
            return false;
        var rest = cell;
        while (Rune.DecodeFromUtf8(rest, out var rune, out var length) == OperationStatus.Done)
        {
            if (Signs.Contains(rune))
                return !IsPlain(rest);
            if (!IsUnseen(rune))
                return false;
            if (rune.Value < ' ')
                return true;
            rest = rest[length..];
        }

        return false;
    }

    // Blanks, marks and what is never shown: some programs take it off before they look.
    private static bool IsUnseen(Rune rune) => Rune.IsWhiteSpace(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format;

    private static bool IsPlain(ReadOnlySpan<byte> cell) => cell[0] switch
    {
        (byte)'+' => cell.Length > 1 && cell[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0,
        (byte)'-' => cell.IndexOfAnyExcept((byte)'-') < 0,
        _ => false,
    };

    private static bool HidesFormula(ReadOnlySpan<byte> cell)
    {
        for (var i = 1; i < cell.Length; i++)
        {
            if (HoldsFormulaAt(cell, i))
                return true;
        }

        return false;
    }

    // Source: OWASP "CSV Injection": separators within a cell may begin a new one, "and then have the dangerous character in the middle of the user input, but at beginning of a cell".
    private static bool HoldsFormulaAt(ReadOnlySpan<byte> cell, int at)
    {
        if (!Parts.Contains(cell[at - 1]))
            return false;
        var part = cell[at..];
        if (part.IndexOfAny(Parts) is >= 0 and var end)
            part = part[..end];
        // Whoever begins a cell there takes its quotes off.
        return IsFormula(part.TrimStart((byte)'"'));
    }

    /// <summary>Copies a cell of a batch and says whether it needs no care. Where it does, what was copied means nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]     // asked for each cell of a list, and not compiled beforehand: how wide a vector is the processor says
    private static bool CopiesAsItIs(byte[] bytes, RowBatch.CellAt at, byte[] to, int toStart)
    {
        ref var source = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(bytes), at.Start);
        ref var target = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(to), toStart);
        for (var i = 0; i < at.Length; i = unchecked(i + Vector256<byte>.Count))
        {
            // Invariant: a batch keeps a vector's length free behind its bytes, and Room was made for one behind the copy.
            var part = Vector256.LoadUnsafe(ref source, unchecked((nuint)i));
            part.StoreUnsafe(ref target, unchecked((nuint)i));
            var quotes = Vector256.Equals(part, Vector256.Create((byte)',')) | Vector256.Equals(part, Vector256.Create((byte)'"'))
                | Vector256.Equals(part, Vector256.Create((byte)'\r')) | Vector256.Equals(part, Vector256.Create((byte)'\n'))
                | Vector256.Equals(part, Vector256.Create((byte)';')) | Vector256.Equals(part, Vector256.Create((byte)'\t'));
            var inside = unchecked((1UL << Math.Min(at.Length - i, Vector256<byte>.Count)) - 1);
            if ((quotes.ExtractMostSignificantBits() & inside) != 0)
                return false;
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Begin()
    {
        Room(1);
        buffer[length] = (byte)',';
        length += rowBegun;
        rowBegun = 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Room(int more)
    {
        if (buffer.Length - length < more)
            Grow(more);
    }

    private void Grow(int more) => Array.Resize(ref buffer, Math.Max(buffer.Length * 2, length + more));
}
