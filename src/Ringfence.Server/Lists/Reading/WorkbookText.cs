using System.Buffers;
using System.Globalization;
using System.Xml;

namespace Ringfence.Server.Lists.Reading;

/// <summary>Collects the text of an element, piece by piece, in one buffer that is used again and again.</summary>
internal sealed class WorkbookText
{
    private char[] _text = new char[1024];
    private int _length;

    public ReadOnlySpan<char> Span => _text.AsSpan(0, _length);

    public void Clear() => _length = 0;

    /// <summary>Adds the value the reader stands at: text, or an attribute's.</summary>
    public void Append(XmlPart xml)
    {
        while (true)
        {
            if (_length == _text.Length)
            {
                if (_length >= ListLimits.CellBytes)
                    throw UnreadableListException.CellTooLong();
                Array.Resize(ref _text, _length * 2);
            }

            var read = xml.ReadValueChunk(_text, _length, _text.Length - _length);
            if (read == 0)
                return;
            _length += read;
        }
    }

    /// <summary>Adds the text of the element the reader stands at, and moves to its end.</summary>
    /// <param name="xml">Stands at the element's start.</param>
    /// <param name="richText">Whether only what stands in <c>t</c> elements counts, and of those not what tells the pronunciation.</param>
    public void AppendElement(XmlPart xml, bool richText)
    {
        if (xml.IsEmptyElement)
            return;

        var depth = xml.Depth;
        var inText = !richText;
        var phoneticDepth = int.MaxValue;
        while (xml.Read() && xml.Depth > depth)
        {
            switch (xml.NodeType)
            {
                case XmlNodeType.Element when xml.LocalName == "rPh":
                    phoneticDepth = Math.Min(phoneticDepth, xml.IsEmptyElement ? int.MaxValue : xml.Depth);
                    break;
                case XmlNodeType.Element when xml.LocalName == "t":
                    inText = !xml.IsEmptyElement || !richText;
                    break;
                case XmlNodeType.EndElement when xml.LocalName == "rPh" && xml.Depth == phoneticDepth:
                    phoneticDepth = int.MaxValue;
                    break;
                case XmlNodeType.EndElement when xml.LocalName == "t":
                    inText = !richText;
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace
                    when inText && phoneticDepth == int.MaxValue:
                    Append(xml);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Replaces <c>_x000D_</c> and its like by the characters they stand for.</summary>
    public void Unescape()
    {
        var text = _text.AsSpan(0, _length);
        if (text.IndexOf("_x") < 0)
            return;

        var written = 0;
        for (var read = 0; read < text.Length; read++)
        {
            var c = text[read];
            if (c == '_' && text.Length - read >= 7 && text[read + 1] == 'x' && text[read + 6] == '_'
                && ushort.TryParse(text.Slice(read + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                c = (char)code;
                read += 6;
            }

            text[written++] = c;
        }

        _length = written;
    }
}

/// <summary>The texts that cells of a workbook refer to by number.</summary>
internal sealed class SharedStrings
{
    private const int BlockSize = 1024 * 1024;
    private const int PlacesPerPiece = 64 * 1024;

    private readonly List<byte[]> _blocks = [];
    private readonly List<ulong[]> _places = [];      // 24 bits of block, 20 of start, 20 of length; in pieces, for a list would be copied as it grows
    private int _used = BlockSize;
    private long _total;

    public int Count { get; private set; }

    /// <summary>A text as UTF-8; empty where there is none of that number.</summary>
    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            if ((uint)index >= (uint)Count)
                return default;

            var place = _places[index / PlacesPerPiece][index % PlacesPerPiece];
            return _blocks[(int)(place >> 40)].AsSpan((int)(place >> 20 & 0xFFFFF), (int)(place & 0xFFFFF));
        }
    }

    public static SharedStrings Read(XmlPart? xml)
    {
        var strings = new SharedStrings();
        if (xml is null)
            return strings;

        using (xml)
        {
            var text = new WorkbookText();
            while (xml.Read())
            {
                if (xml.NodeType != XmlNodeType.Element || xml.LocalName != "si")
                    continue;

                text.Clear();
                text.AppendElement(xml, richText: true);
                text.Unescape();
                strings.Add(text.Span);
            }
        }

        return strings;
    }

    private void Add(ReadOnlySpan<char> text)
    {
        var atMost = System.Text.Encoding.UTF8.GetMaxByteCount(text.Length);
        if (_used + atMost > BlockSize)
        {
            _blocks.Add(new byte[Math.Max(BlockSize, atMost)]);
            _used = 0;
        }

        // Half a surrogate pair, as truncating programs leave it, becomes U+FFFD.
        var length = System.Text.Encoding.UTF8.GetBytes(text, _blocks[^1].AsSpan(_used));
        if (Count % PlacesPerPiece == 0)
            _places.Add(new ulong[PlacesPerPiece]);
        _places[^1][Count++ % PlacesPerPiece] = (ulong)(_blocks.Count - 1) << 40 | (ulong)_used << 20 | (uint)length;
        _used += length;
        _total += length;
        if (Count > ListLimits.SharedStrings || _total > ListLimits.SharedStringBytes)
            throw UnreadableListException.TooManyStrings();
    }
}
