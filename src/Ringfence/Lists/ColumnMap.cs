namespace Ringfence.Lists;

/// <summary>What the user said about columns: field words to headers, positions or letters.</summary>
internal static class ColumnMap
{
    /// <summary>What was said of one column.</summary>
    public readonly record struct Said(ListField Field, ChannelSet Channels, bool ByHeader);

    /// <summary>Finds the column of each entry: by its header as it stands, then whatever its case and spacing, then by position from 1 or by letter.</summary>
    /// <remarks>One column named for several channels of one field holds them all; else the last entry counts.</remarks>
    /// <exception cref="ColumnMapException">An entry names a field or a header that does not exist.</exception>
    public static Dictionary<int, Said> Read(
        IReadOnlyList<string> headers, IReadOnlyList<string[]> rows, IReadOnlyList<KeyValuePair<string, string>> map)
    {
        var said = new Dictionary<int, Said>();
        foreach (var (word, header) in map)
        {
            if (!ListFields.TryParse(word, out var field, out var channels))
            {
                throw new ColumnMapException($"No field is called '{word}'.")
                {
                    Code = "unknown-field",
                    Word = word,
                    Known = ListFields.AllWords,
                };
            }

            var column = ByHeader(headers, header);
            var byHeader = column >= 0;
            if (!byHeader)
                column = ByPosition(headers.Count, header);
            if (column < 0)
            {
                throw new ColumnMapException($"No column is called '{header}'.")
                {
                    Code = "unknown-header",
                    Word = header,
                    Known = Names(headers, rows),
                };
            }

            if (said.TryGetValue(column, out var before) && before.Field == field && channels != ChannelSet.None)
                channels |= before.Channels;
            said[column] = new Said(field, channels, byHeader || before.ByHeader);
        }

        return said;
    }

    // Where the first row is a person's, not a header, it is not repeated to the screen: positions name the columns then.
    private static IReadOnlyList<string> Names(IReadOnlyList<string> headers, IReadOnlyList<string[]> rows) =>
        HeaderRow.IsHeader(headers, rows, [])
            ? headers
            : [.. Enumerable.Range(1, headers.Count).Select(static position => position.ToString(System.Globalization.CultureInfo.InvariantCulture))];

    private static int ByHeader(IReadOnlyList<string> headers, string wanted)
    {
        if (string.IsNullOrWhiteSpace(wanted))
            return -1;
        for (var i = 0; i < headers.Count; i++)
        {
            if (headers[i] == wanted)
                return i;
        }

        var key = CellText.Fold(CellText.Trim(wanted));
        for (var i = 0; i < headers.Count; i++)
        {
            if (CellText.Fold(CellText.Trim(headers[i])) == key)
                return i;
        }

        var loose = CellText.Key(wanted);
        for (var i = 0; i < headers.Count && loose.Length > 1; i++)
        {
            if (CellText.Key(headers[i]) == loose)
                return i;
        }

        return -1;
    }

    /// <summary>A position from 1, or the letters a spreadsheet shows above the column.</summary>
    private static int ByPosition(int count, string wanted)
    {
        var text = wanted.AsSpan().Trim();
        var position = 0;
        if (text.Length is 0 or > 4 || !(int.TryParse(text, System.Globalization.NumberStyles.None, null, out position) || IsLetters(text)))
            return -1;
        if (position == 0 && char.IsAsciiLetter(text[0]))
        {
            foreach (var c in text)
                position = position * 26 + (char.ToUpperInvariant(c) - 'A' + 1);
        }

        return position >= 1 && position <= count ? position - 1 : -1;
    }

    private static bool IsLetters(ReadOnlySpan<char> text) => text.Length <= 3 && (text.IndexOfAnyExceptInRange('A', 'Z') < 0 || text.IndexOfAnyExceptInRange('a', 'z') < 0);
}
