namespace Ringfence.Numbers;

/// <summary>Numbers to offer where what is written is none: each one a known way of going wrong, and only where it leads to one valid number.</summary>
internal static class NumberRepair
{
    // Fewer digits after a foreign prefix, or after a country code without +, prove too little.
    private const int FewestAbroad = 8;
    private const int FewestWithoutPlus = 10;

    // What is dialled for abroad in most of the world, North America, Australia, Russia, East Asia.
    private static readonly byte[][] DialledForAbroad =
        [[0, 0], [0, 1, 1], [0, 0, 1, 1], [8, 1, 0], [0, 1, 0], [0, 0, 1], [0, 0, 9], [0, 0, 2], [1, 1, 9], [8, 1, 0, 0]];

    /// <summary>The number on offer, the default value where none suggests itself.</summary>
    /// <param name="digits">The digits as written.</param>
    /// <param name="plus">Whether + stood before them.</param>
    /// <param name="region">The region whose spelling is meant.</param>
    /// <param name="mayLackPlus">Whether they may begin with a country code.</param>
    /// <param name="withoutPlus">Whether a country code written without + led to the offer.</param>
    public static PhoneNumber Offer(ReadOnlySpan<byte> digits, bool plus, Region region, bool mayLackPlus, out bool withoutPlus)
    {
        withoutPlus = false;
        if (digits.Length > NumberParser.LongestNational + 6)
            return default;
        var mexican = WithoutOldMexicanOne(digits, plus, region);
        if (mexican.Digits != 0)
            return mexican;

        if (!plus && mayLackPlus && digits.Length >= FewestWithoutPlus && International(digits) is { Digits: not 0 } bare)
        {
            withoutPlus = true;
            return bare;
        }
        var abroad = AfterForeignPrefix(digits);
        if (abroad.Digits != 0)
            return abroad;
        return plus ? AfterNeedlessSign(digits, region) : default;
    }

    /// <summary>The number with the zero that a spreadsheet dropped, for plans in which it is part of the number or must be dialled.</summary>
    public static PhoneNumber WithLeadingZero(ReadOnlySpan<byte> digits, Region region)
    {
        Span<byte> room = stackalloc byte[NumberParser.LongestNational + 1];
        if (digits.Length >= NumberParser.LongestNational || digits.Length < 6 || digits[0] == 0)
            return default;
        room[0] = 0;
        digits.CopyTo(room[1..]);
        return NumberParser.Parse(room[..(digits.Length + 1)], plus: false, region).Number;
    }

    /// <summary>Until 2019 mobiles were called as +52 1; the 1 is gone.</summary>
    private static PhoneNumber WithoutOldMexicanOne(ReadOnlySpan<byte> digits, bool plus, Region region)
    {
        // Source: IFT numbering plan of 3 August 2019: ten digits after +52, whatever the line.
        ReadOnlySpan<byte> code = [5, 2, 1];
        var from = plus || digits.StartsWith(code) ? 0 : digits.StartsWith((ReadOnlySpan<byte>)[0, 1, 1]) ? 3 : digits.StartsWith((ReadOnlySpan<byte>)[0, 0]) ? 2 : -1;
        if (from < 0 && region == Region.Of("MX") && digits.Length == 11 && digits[0] == 1)
            return Join([5, 2], digits[1..]);
        if (from < 0 || digits.Length != from + 13 || !digits[from..].StartsWith(code))
            return default;
        return Join([5, 2], digits[(from + 3)..]);
    }

    private static PhoneNumber AfterForeignPrefix(ReadOnlySpan<byte> digits)
    {
        PhoneNumber found = default;
        foreach (var prefix in DialledForAbroad)
        {
            if (!digits.StartsWith(prefix) || digits.Length < prefix.Length + FewestAbroad)
                continue;
            var rest = digits[prefix.Length..];
            var number = International(rest);
            if (number.Digits == 0)
                number = WithoutOldMexicanOne(rest, plus: true, Region.None);
            if (number.Digits == 0)
                continue;
            // Two prefixes that fit leave it open whose number it is.
            if (found.Digits != 0 && found != number)
                return default;
            found = number;
        }
        return found;
    }

    /// <summary>+ before a national number, or a national zero kept after the country code.</summary>
    private static PhoneNumber AfterNeedlessSign(ReadOnlySpan<byte> digits, Region region)
    {
        if (NumberPlan.Instance.CallingCodeOf(digits) is not { } code)
            return digits[0] == 0 || region == Region.Of("RU") ? NumberParser.Parse(digits, plus: false, region).Number : default;
        var national = digits[code.Length..];
        if (national.Length < 2 || national[0] != 0)
            return default;
        return Join(digits[..code.Length], national[1..]);
    }

    private static PhoneNumber Join(ReadOnlySpan<byte> code, ReadOnlySpan<byte> national)
    {
        Span<byte> room = stackalloc byte[NumberText.LongestText];
        code.CopyTo(room);
        national.CopyTo(room[code.Length..]);
        return International(room[..(code.Length + national.Length)]);
    }

    /// <summary>A number that is valid with its country code in front and nothing mended on the way.</summary>
    private static PhoneNumber International(ReadOnlySpan<byte> digits)
    {
        var reading = NumberParser.Parse(digits, plus: true, Region.None);
        return (reading.Marks & ReadingMarks.PrefixAfterCode) == 0 ? reading.Number : default;
    }
}
