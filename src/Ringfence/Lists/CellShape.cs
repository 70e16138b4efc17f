namespace Ringfence.Lists;

/// <summary>What a cell looks like at a glance: enough to tell what a column holds, not whether a cell is right.</summary>
internal static class CellShape
{
    private static readonly string[] LegalForms =
    [
        " ltd", " limited", " llc", " inc", " corp", " plc", " gmbh", " ag", " kg", " ohg", " ug", " sarl", " sas", " sa", " s.a.", " s.r.l.", " srl", " spa",
        " s.p.a.", " s.l.", " sl", " bv", " b.v.", " nv", " n.v.", " pty", " pte", " oy", " ab", " aps", " a/s", " co.", " co", " company", " se", " kft", " sp. z o.o.",
        "有限公司", "公司", "集团", "株式会社", "有限会社",
    ];

    public static bool IsEmail(ReadOnlySpan<char> cell)
    {
        var at = cell.IndexOf('@');
        if (at < 1 || cell.ContainsAny(' ', '\t') && !cell.ContainsAny("<;,"))
            return false;
        var domain = cell[(at + 1)..];
        return domain.IndexOf('.') is > 0 and var dot && dot < domain.Length - 1;
    }

    /// <summary>Seven to fifteen digits with what stands between the digits of telephone numbers, or damage that such cells show.</summary>
    public static bool IsPhone(ReadOnlySpan<char> cell)
    {
        var digits = 0;
        var letters = 0;
        foreach (var raw in cell)
        {
            var c = CellText.Fold(raw);
            if (char.IsAsciiDigit(c))
                digits++;
            else if (char.IsLetter(c) || c == '_')
                letters++;
            else if (c is not ('+' or '-' or '.' or '(' or ')' or '/' or ' ' or '\'' or ':' or ';' or ',' or '=' or '"' or '*' or '#' or '|' or '\n' or CellText.Nothing))
                return false;
        }

        if (digits is < 6 or > 32 || letters > 12 || letters > digits)
            return false;
        return !ListDate.TryRead(cell, DateOrder.Unknown, out _, out _) || IsBareNumber(cell) && digits is >= 8 and not 13;
    }

    /// <summary>Digits, perhaps with one fraction.</summary>
    public static bool IsBareNumber(ReadOnlySpan<char> cell)
    {
        var fractions = 0;
        foreach (var raw in cell)
        {
            var c = CellText.Fold(raw);
            if (c is '.' or ',')
                fractions++;
            else if (!char.IsAsciiDigit(c))
                return false;
        }

        return fractions <= 1;
    }

    public static bool HasLetters(ReadOnlySpan<char> cell)
    {
        foreach (var c in cell)
        {
            if (char.IsLetter(c))
                return true;
        }

        return false;
    }

    /// <summary>How many words a cell has; every four characters that stand alone count as one.</summary>
    public static int Words(ReadOnlySpan<char> cell)
    {
        var words = 0;
        var alone = 0;
        var inside = false;
        foreach (var c in cell)
        {
            if (CellText.StandsAlone(c))
                alone++;
            var isWord = char.IsLetterOrDigit(c) && !CellText.StandsAlone(c);
            if (isWord && !inside)
                words++;
            inside = isWord || inside && c is '\'' or '’' or '-' or '.';
        }

        return words + alone / 4;
    }

    /// <summary>A person's name: two to four words that begin with capitals, or two to four characters that stand alone.</summary>
    public static bool IsName(ReadOnlySpan<char> cell)
    {
        var words = 0;
        var alone = 0;
        var before = ' ';
        foreach (var c in cell)
        {
            if (CellText.StandsAlone(c))
                alone++;
            else if (char.IsLetter(c) && before is ' ' or '.' or ',')
                words += char.IsUpper(c) || !char.IsLower(c) ? 1 : 9;
            else if (!char.IsLetter(c) && c is not (' ' or '.' or ',' or '-' or '\'' or '’'))
                return false;
            before = c;
        }

        return words is >= 2 and <= 4 && alone <= 4 || alone is >= 2 and <= 4 && words == 0;
    }

    /// <summary>A key: one short token with digits, such as <c>L00916</c> or <c>42</c>.</summary>
    public static bool IsKey(ReadOnlySpan<char> cell)
    {
        var digits = 0;
        foreach (var c in cell)
        {
            if (char.IsDigit(c))
                digits++;
            else if (!char.IsAsciiLetter(c) && c is not ('-' or '_' or '.' or ':' or '#'))
                return false;
        }

        return digits > 0 && cell.Length <= 40;
    }

    public static bool IsCompany(ReadOnlySpan<char> cell)
    {
        var name = cell.TrimEnd('.');
        foreach (var form in LegalForms)
        {
            if (name.EndsWith(form.AsSpan().TrimEnd('.'), StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
