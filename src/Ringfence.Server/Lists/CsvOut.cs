using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Ringfence.Server.Lists;

/// <summary>Builds CSV rows as bytes: UTF-8, comma, CRLF, quoted where needed, and safe to open in a spreadsheet program.</summary>
internal sealed class CsvOut
{
    // What makes RFC 4180 want quotes; blanks at the ends too, which many readers take off.
    private static readonly SearchValues<byte> NeedsQuotes = SearchValues.Create(",\"\r\n"u8);

    private byte[] buffer = new byte[1 << 16];
    private int length;
    private bool rowBegun;

    /// <summary>What was written since the last <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, length);

    /// <summary>Starts anew.</summary>
    public void Clear()
    {
        length = 0;
        rowBegun = false;
    }

    /// <summary>Ends the row.</summary>
    public void EndRow()
    {
        Room(2);
        buffer[length++] = (byte)'\r';
        buffer[length++] = (byte)'\n';
        rowBegun = false;
    }

    /// <summary>A cell that comes from the user's own data.</summary>
    public void Cell(ReadOnlySpan<byte> utf8)
    {
        Begin();
        if (utf8.IsEmpty)
            return;
        var guard = IsFormula(utf8);
        if (!guard && utf8.IndexOfAny(NeedsQuotes) < 0 && utf8[0] != ' ' && utf8[^1] != ' ')
        {
            Room(utf8.Length);
            utf8.CopyTo(buffer.AsSpan(length));
            length += utf8.Length;
            return;
        }

        Room((utf8.Length * 2) + 3);
        buffer[length++] = (byte)'"';
        if (guard)
            buffer[length++] = (byte)'\'';
        foreach (var b in utf8)
        {
            if (b == '"')
                buffer[length++] = (byte)'"';
            buffer[length++] = b;
        }

        buffer[length++] = (byte)'"';
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

    /// <summary>The rest of a row that another of these built, its end included.</summary>
    public void Rest(ReadOnlySpan<byte> cells)
    {
        Room(cells.Length + 1);
        if (rowBegun)
            buffer[length++] = (byte)',';
        cells.CopyTo(buffer.AsSpan(length));
        length += cells.Length;
        rowBegun = false;
    }

    /// <summary>A whole number.</summary>
    public void Number(long number)
    {
        Begin();
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

    // Source: OWASP "CSV Injection": = + - @, tab and CR (NUL by our own care) at the start make a spreadsheet program run what follows.
    // A plus and nothing but digits is a telephone number and dashes alone mean "nothing": they compute nothing and stay readable.
    // The full-width forms run too.
    private static bool IsFormula(ReadOnlySpan<byte> cell)
    {
        switch (cell[0])
        {
            case (byte)'+':
                return cell.Length == 1 || cell[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0;
            case (byte)'-':
                return cell.IndexOfAnyExcept((byte)'-') >= 0;
            case (byte)'=' or (byte)'@' or (byte)'\t' or (byte)'\r' or (byte)'\n' or 0:
                return true;
            case 0xEF:
                return cell.Length >= 3 && cell[1] == 0xBC && cell[2] is 0x9D or 0x8B or 0x8D or 0xA0;
            case (byte)' ':
                var rest = cell.TrimStart((byte)' ');
                return !rest.IsEmpty && rest.Length != cell.Length && IsFormula(rest);
            default:
                return false;
        }
    }

    private void Begin()
    {
        Room(1);
        if (rowBegun)
            buffer[length++] = (byte)',';
        rowBegun = true;
    }

    private void Room(int more)
    {
        if (buffer.Length - length < more)
            Grow(more);
    }

    private void Grow(int more) => Array.Resize(ref buffer, Math.Max(buffer.Length * 2, length + more));
}
