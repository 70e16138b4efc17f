using System.Text;

namespace Ringfence.Server.Lists.Reading;

/// <summary>The encoding of a text file.</summary>
/// <param name="Encoding">The encoding, decoding damage to U+FFFD.</param>
/// <param name="MarkLength">Bytes of the byte order mark at the start.</param>
internal sealed record TextEncoding(Encoding Encoding, int MarkLength)
{
    /// <summary>Whether the bytes are UTF-8 (or ASCII) already.</summary>
    public bool IsUtf8 => Encoding.CodePage == 65001;
}

/// <summary>Finds the encoding of a text file from its content.</summary>
/// <remarks>
/// In this order: a byte order mark; the NULs of UTF-16; UTF-8, where most of what is not ASCII is well-formed; else the legacy encoding in
/// which the text looks most like something people wrote. The judged sample consists of the lines that hold anything but ASCII, wherever
/// in the file they stand, up to 64 KiB.
/// </remarks>
internal static class EncodingFinder
{
    private static readonly Lazy<(Encoding Encoding, Plausibility Plausibility)[]> Legacy = new(MakeLegacy);

    private static readonly Lazy<Plausibility> Alphabets = new(() => Plausibility.Letters(CommonCharacters.WesternLetters, cyrillic: false, 0));

    static EncodingFinder() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <param name="content">The file.</param>
    /// <param name="asked">IANA name of the encoding the user says it has; null to find it.</param>
    /// <exception cref="UnreadableListException">There is no encoding of the name asked for.</exception>
    public static TextEncoding Find(FileContent content, string? asked)
    {
        var start = content.Start.Span;
        if (asked is not null)
            return Named(asked, start);
        if (Utf16Or32(start) is { } wide)
            return wide;
        if (start.StartsWith("\uFEFF"u8))
            return new TextEncoding(Encoding.UTF8, 3);

        var sample = NonAsciiSample.Of(content);
        return new TextEncoding(sample.Length == 0 || IsUtf8(sample) ? Encoding.UTF8 : Best(sample).Encoding, 0);
    }

    private static TextEncoding Named(string name, ReadOnlySpan<byte> start)
    {
        Encoding encoding;
        try
        {
            encoding = Encoding.GetEncoding(name);
        }
        catch (Exception unknown) when (unknown is ArgumentException or NotSupportedException)
        {
            throw UnreadableListException.UnknownEncoding(name);
        }

        encoding = encoding.CodePage switch
        {
            936 or 20936 => Decoding(54936),    // GBK and GB 2312 are parts of GB 18030
            20127 => Encoding.UTF8,             // and ASCII of UTF-8
            28591 => Decoding(1252),            // files said to be ISO 8859-1 hold the quotes and dashes of Windows
            1200 or 1201 or 12000 or 12001 or 65001 => encoding,
            var page => Decoding(page),
        };
        var mark = encoding.GetPreamble();
        return new TextEncoding(encoding, mark.Length > 0 && start.StartsWith(mark) ? mark.Length : 0);
    }

    /// <summary>UTF-16 or UTF-32 by its mark, or UTF-16 by where its NULs stand; null for anything else.</summary>
    public static TextEncoding? Utf16Or32(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE, 0, 0]))
            return new TextEncoding(Encoding.UTF32, 4);
        if (start.StartsWith((ReadOnlySpan<byte>)[0, 0, 0xFE, 0xFF]))
            return new TextEncoding(new UTF32Encoding(bigEndian: true, byteOrderMark: true), 4);
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]))
            return new TextEncoding(Encoding.Unicode, 2);
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
            return new TextEncoding(Encoding.BigEndianUnicode, 2);

        // Separators, digits and line ends have one NUL each, always on the same side.
        int even = 0, odd = 0;
        for (var i = 0; i + 1 < start.Length; i += 2)
        {
            even += start[i] == 0 ? 1 : 0;
            odd += start[i + 1] == 0 ? 1 : 0;
        }

        var many = Math.Max(2, start.Length / 50);
        var encoding = odd >= many && even * 10 <= odd ? Encoding.Unicode
            : even >= many && odd * 10 <= even ? Encoding.BigEndianUnicode : null;
        return encoding is not null && IsTextIn(encoding, start[..(start.Length & ~1)]) ? new TextEncoding(encoding, 0) : null;
    }

    private static bool IsTextIn(Encoding encoding, ReadOnlySpan<byte> start)
    {
        var text = encoding.GetString(start);
        var strange = text.Count(c => c is '\uFFFD' or (< ' ' and not ('\t' or '\r' or '\n')) or (>= '\uE000' and <= '\uF8FF'));
        return strange * 50 <= text.Length;
    }

    // Well-formed sequences of three and four bytes do not come about by chance. Those of two do, in Chinese: two bytes of GB 18030
    // may be one letter of some alphabet. Where there is nothing else, the letters have to be ones that go together.
    private static bool IsUtf8(ReadOnlySpan<byte> sample)
    {
        int two = 0, more = 0, broken = 0;
        for (var rest = sample; !rest.IsEmpty;)
        {
            var status = Rune.DecodeFromUtf8(rest, out _, out var length);
            if (status != System.Buffers.OperationStatus.Done)
                broken++;
            else if (length == 2)
                two++;
            else if (length > 2)
                more++;
            rest = rest[length..];
        }

        if (two + 3 * more < 2 * broken)
            return false;
        return more > 0 || two > 64 || !LettersDoNotGoTogether(sample);
    }

    private static bool LettersDoNotGoTogether(ReadOnlySpan<byte> sample)
    {
        var text = Encoding.UTF8.GetString(sample);
        var (strange, runs) = (0, 0);
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] < 0x80 || text[i - 1] < 0x80)
                continue;
            runs++;
            strange += text[i] >> 8 != text[i - 1] >> 8 || Block(text[i]) != Block(text[i - 1]) || char.IsUpper(text[i]) && char.IsLower(text[i - 1]) ? 1 : 0;
        }

        if (strange == 0 || strange * 3 < runs)
            return false;

        return Alphabets.Value.Of(text) < 0 && Best(sample).Points > 1.5;
    }

    // Latin with its additions, Greek, Cyrillic, Armenian, Hebrew, Arabic: what a word is written in.
    private static int Block(char c) => c switch
    {
        < '\u0250' => 0,
        < '\u0370' => 1,
        < '\u0400' => 2,
        < '\u0530' => 3,
        < '\u0590' => 4,
        < '\u0600' => 5,
        < '\u0700' => 6,
        _ => 7,
    };

    private static (Encoding Encoding, double Points) Best(ReadOnlySpan<byte> sample)
    {
        var best = (Encoding: Encoding.Latin1, Points: double.MinValue);
        foreach (var (encoding, plausibility) in Legacy.Value)
        {
            var points = plausibility.Of(encoding.GetString(sample));
            if (points > best.Points)
                best = (encoding, points);
        }

        return best;
    }

    private static (Encoding, Plausibility)[] MakeLegacy()
    {
        Encoding gb = Decoding(54936), big5 = Decoding(950), shiftJis = Decoding(932), eucJp = Decoding(51932), korean = Decoding(51949);
        return
        [
            (gb, Plausibility.Chinese(gb, simplified: true, 0.1)),
            (big5, Plausibility.Chinese(big5, simplified: false, 0)),
            (shiftJis, Plausibility.Japanese(shiftJis, shifted: true, 0)),
            (eucJp, Plausibility.Japanese(eucJp, shifted: false, -0.2)),
            (korean, Plausibility.Korean(korean, -0.2)),
            (Decoding(1251), Plausibility.Letters("оеаинтсрвлкмдпуяыьгзбчйхжшюОЕАИНТСРВЛКМДПГБ", cyrillic: true, -0.2)),
            (Decoding(1250), Plausibility.Letters(CommonCharacters.CentralLetters, cyrillic: false, -0.3)),
            (Decoding(1252), Plausibility.Letters(CommonCharacters.WesternLetters, cyrillic: false, 0.1)),
        ];
    }

    private static Encoding Decoding(int page) =>
        Encoding.GetEncoding(page, EncoderFallback.ReplacementFallback, new KeepAsciiFallback());
}
