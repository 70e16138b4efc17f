using System.Buffers;

namespace Ringfence.Numbers;

/// <summary>Reads the cell of a list: unwraps, recognises damage, tries the cell as one number, then as several.</summary>
internal static class CellReader
{
    // Longer cells are texts, not numbers; a cell of five numbers with labels stays well below.
    private const int LongestCell = 1000;

    // More pieces than this are not looked at: a cell of so many holds no one's number.
    private const int MostParts = 16;

    // Two readings make two numbers only when both are written out.
    private const int FewestDigitsOfSecond = 7;

    private static readonly SearchValues<char> Plain = SearchValues.Create("+0123456789-().[] \u00a0");

    private static readonly SearchValues<char> DigitsAndCommas = SearchValues.Create("0123456789,");

    public static CellNumber Read(ReadOnlySpan<char> cell, Region region)
    {
        var text = CellWording.Unwrap(cell, out var apostrophe);
        var seen = apostrophe ? NumberRemarks.Apostrophe : NumberRemarks.None;
        if (CellWording.SaysNothing(text))
            return new CellNumber { Fault = NumberFault.Missing, Remarks = seen };
        if (text.Length > LongestCell)
            return new CellNumber { Fault = NumberFault.NotANumber, Remarks = seen };

        Span<byte> digits = stackalloc byte[32];
        if (CellWording.IsScientific(text, digits, out var count))
            return Scientific(digits[..count], region, seen);
        text = CellWording.WithoutDecimals(text, out var decimals);
        if (decimals)
            seen |= NumberRemarks.DecimalPoint;

        var whole = ReadOne(text, region, out var extension);
        var answer = whole;
        // A valid number with nothing but digits and plain separators in the cell is all that the cell holds.
        if (!whole.IsValid || (text.ContainsAnyExcept(Plain) && extension is 0 or >= FewestDigitsOfSecond))
            answer = Better(whole, text, region);
        return new CellNumber { Number = answer.Number, Second = answer.Second, Fault = answer.Fault, Remarks = answer.Remarks | seen };
    }

    private static CellNumber Better(CellNumber whole, ReadOnlySpan<char> text, Region region)
    {
        // The common failure, a single number that is wrong, holds nothing to cut at.
        if (!text.ContainsAnyExcept(Plain) && text.LastIndexOf('+') <= 0)
            return !whole.IsValid && CountDigits(text) >= 2 * FewestDigitsOfSecond && ReadSpaced(text, region) is { Number.Digits: not 0 } two ? two : whole;

        var apart = ReadParts(new CellParts(text, CellCut.Separators), region);
        if (apart.Second.Digits != 0)
            return apart;
        var slashes = text.ContainsAny('/', '／', '\\') ? ReadParts(new CellParts(text, CellCut.Slashes), region) : default;
        if (slashes.Second.Digits != 0)
            return slashes;
        if (whole.IsValid)
            return whole;
        if (apart.Number.Digits != 0 && apart.IsValid)
            return apart;
        if (slashes.Number.Digits != 0 && slashes.IsValid && (slashes.Remarks & NumberRemarks.TwoNumbers) != 0)
            return slashes;
        var words = ReadParts(new CellParts(text, CellCut.Letters), region);
        if (words.Number.Digits != 0 && words.IsValid)
            return words;
        var spaced = ReadSpaced(text, region);
        if (spaced.Number.Digits != 0)
            return spaced;
        var grouped = ReadGrouped(text, region);
        if (grouped.Number.Digits != 0)
            return grouped;
        // Nothing valid anywhere: an offer for the whole, else for a part.
        if (whole.Number.Digits == 0 && slashes.Number.Digits != 0)
            return new CellNumber { Number = slashes.Number, Fault = whole.Fault, Remarks = slashes.Remarks | NumberRemarks.Repaired };
        return whole.Number.Digits != 0 ? whole : apart.Number.Digits != 0 ? apart : words.Number.Digits != 0 ? words : whole;
    }

    /// <summary>The first valid number of the parts, and the second; the first offer where none is valid.</summary>
    private static CellNumber ReadParts(CellParts parts, Region region)
    {
        CellNumber first = default, offered = default;
        PhoneNumber second = default;
        var (count, written) = (0, 0);
        foreach (var part in parts)
        {
            if (++count > MostParts)
                break;
            var read = ReadOne(part, region, out _);
            written += CountDigits(part) >= FewestDigitsOfSecond ? 1 : 0;
            if (read.IsValid && CountDigits(part) >= FewestDigitsOfSecond - 2)
            {
                if (first.Number.Digits == 0)
                    first = read;
                else if (second.Digits == 0 && CountDigits(part) >= FewestDigitsOfSecond && read.Number != first.Number)
                    second = read.Number;
            }
            else if (read.Number.Digits != 0 && offered.Number.Digits == 0)
            {
                offered = read;
            }
        }
        var answer = first.Number.Digits != 0 ? first : offered;
        if (answer.Number.Digits == 0)
            return new CellNumber { Fault = NumberFault.NotANumber };
        var two = second.Digits != 0 || written > 1 ? NumberRemarks.TwoNumbers : NumberRemarks.None;
        return new CellNumber { Number = answer.Number, Second = second, Fault = answer.Fault, Remarks = answer.Remarks | two };
    }

    /// <summary>Two numbers with nothing but a blank between them.</summary>
    private static CellNumber ReadSpaced(ReadOnlySpan<char> text, Region region)
    {
        var (tries, digits) = (0, 0);
        for (var i = 0; i < text.Length && tries < MostParts; i++)
        {
            digits += NumberText.DigitOf(text[i]) >= 0 ? 1 : 0;
            if (!char.IsWhiteSpace(text[i]) || digits < FewestDigitsOfSecond)
                continue;
            tries++;
            var (left, right) = (ReadOne(text[..i], region, out _), ReadOne(text[(i + 1)..], region, out _));
            if (left.IsValid && right.IsValid && CountDigits(text[i..]) >= FewestDigitsOfSecond)
                return new CellNumber { Number = left.Number, Second = right.Number, Remarks = left.Remarks | NumberRemarks.TwoNumbers };
        }
        return new CellNumber { Fault = NumberFault.NotANumber };
    }

    /// <summary>An integer that a spreadsheet grouped in thousands, such as <c>442,079,460,018</c>: offered, as the groups may have meant something else.</summary>
    private static CellNumber ReadGrouped(ReadOnlySpan<char> text, Region region)
    {
        Span<char> room = stackalloc char[32];
        if (text.Length > room.Length || text.ContainsAnyExcept(DigitsAndCommas) || text.Length % 4 == 0)
            return default;
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if ((text[i] == ',') != ((text.Length - i) % 4 == 0))
                return default;
            if (text[i] != ',')
                room[length++] = text[i];
        }
        var read = ReadOne(room[..length], region, out _);
        return new CellNumber { Number = read.Number, Fault = NumberFault.NotANumber, Remarks = read.Remarks | NumberRemarks.Repaired };
    }

    private static CellNumber ReadOne(ReadOnlySpan<char> text, Region region, out int extensionDigits)
    {
        extensionDigits = 0;
        Span<byte> digits = stackalloc byte[NumberText.LongestText];
        if (text.Length > NumberText.LongestText || !NumberText.TryFindDigits(text, digits, out var count, out var plus, out var vanity, out var extension))
            return new CellNumber { Fault = NumberFault.NotANumber };
        digits = digits[..count];
        if (!plus && CellWording.IsFiller(digits))
            return new CellNumber { Fault = NumberFault.NotANumber };

        extensionDigits = extension?.Length ?? 0;
        var remarks = (extension is null ? NumberRemarks.None : NumberRemarks.Extension) | (vanity ? NumberRemarks.Vanity : NumberRemarks.None);
        var reading = NumberParser.Parse(digits, plus, region);
        if (reading.IsValid)
            return Valid(text, digits, reading, region, remarks);

        var fault = FaultOf(reading, plus);
        var offer = !plus && IsBare(text) ? NumberRepair.WithLeadingZero(digits, region) : default;
        if (offer.Digits != 0)
            return new CellNumber { Number = offer, Fault = fault, Remarks = remarks | NumberRemarks.Repaired | NumberRemarks.LostLeadingZero | Elsewhere(offer, region) };
        if (!vanity)
            offer = NumberRepair.Offer(digits, plus, region, MayBeAbroad(reading), out var withoutPlus) is { Digits: not 0 } found ? Offered(found, withoutPlus, ref remarks) : default;
        if (offer.Digits == 0)
            return new CellNumber { Fault = fault, Remarks = remarks };
        return new CellNumber { Number = offer, Fault = fault, Remarks = remarks | NumberRemarks.Repaired | Elsewhere(offer, region) };
    }

    /// <summary>Digits that fit no national number may be a foreign one without its +; those of a fitting length are a slip at home.</summary>
    private static bool MayBeAbroad(in NumberReading reading) =>
        reading.Reason is NumberReason.TooLong or NumberReason.InvalidLength or NumberReason.InvalidCountryCode;

    private static PhoneNumber Offered(PhoneNumber number, bool withoutPlus, ref NumberRemarks remarks)
    {
        remarks |= withoutPlus ? NumberRemarks.NoPlus : NumberRemarks.None;
        return number;
    }

    private static CellNumber Valid(ReadOnlySpan<char> text, ReadOnlySpan<byte> digits, in NumberReading reading, Region region, NumberRemarks remarks)
    {
        var number = reading.Number;
        // In North America 1 is the country code and the national prefix at once.
        if ((reading.Marks & ReadingMarks.BareCode) != 0 && reading.CallingCode != 1)
            remarks |= NumberRemarks.NoPlus;
        // Valid for the reference, and yet a digit was dropped that the writer may have meant: a person should look.
        var needless = (reading.Marks & ReadingMarks.PrefixAfterCode) != 0 && !HoldsBracketedPrefix(text);
        if (needless || (reading.Marks & ReadingMarks.PlusAndPrefix) != 0 || HoldsDoubledPlus(text))
            remarks |= NumberRemarks.Repaired;
        if (reading.Marks == ReadingMarks.None && IsBare(text) && LacksPrefix(reading, digits, region))
            remarks |= NumberRemarks.LostLeadingZero;
        return new CellNumber { Number = number, Remarks = remarks | Elsewhere(number, region) };
    }

    private static bool HoldsDoubledPlus(ReadOnlySpan<char> text) => text.IndexOf('+') is >= 0 and var plus && text[plus..].Contains("++", StringComparison.Ordinal);

    private static CellNumber Scientific(ReadOnlySpan<byte> digits, Region region, NumberRemarks seen)
    {
        PhoneNumber offer = default;
        if (!digits.IsEmpty)
        {
            offer = NumberParser.Parse(digits, plus: false, region).Number;
            if (offer.Digits == 0)
                offer = NumberRepair.Offer(digits, plus: false, region, mayLackPlus: true, out _);
        }
        return new CellNumber { Number = offer, Fault = NumberFault.Scientific, Remarks = offer.Digits == 0 ? seen : seen | NumberRemarks.Repaired };
    }

    private static NumberFault FaultOf(in NumberReading reading, bool plus) => reading.Reason switch
    {
        NumberReason.IsPossible => NumberFault.NotInPlan,
        NumberReason.IsPossibleLocalOnly => NumberFault.LocalOnly,
        NumberReason.TooShort or NumberReason.TooShortAfterIdd or NumberReason.TooShortNsn => NumberFault.TooShort,
        NumberReason.TooLong => NumberFault.TooLong,
        NumberReason.InvalidLength => NumberFault.WrongLength,
        NumberReason.InvalidCountryCode => plus || reading.Marks != ReadingMarks.None ? NumberFault.UnknownCountryCode : NumberFault.NoCountry,
        NumberReason.NotANumber => NumberFault.NotANumber,
    };

    private static NumberRemarks Elsewhere(PhoneNumber number, Region region) =>
        region.IsNone || number.Region == region ? NumberRemarks.None : NumberRemarks.OtherCountry;

    /// <summary>Whether people of the region dial a zero before this number, and none is written.</summary>
    private static bool LacksPrefix(in NumberReading reading, ReadOnlySpan<byte> digits, Region region)
    {
        if (digits[0] == 0 || NumberPlan.Instance.PlanOf(region) is not { } plan || !plan.NationalPrefix.StartsWith('0'))
            return false;
        Span<char> text = stackalloc char[80];
        Span<byte> room = stackalloc byte[20];
        var all = NumberWriting.Split(reading.Digits, room);
        var code = NumberPlan.Instance.CallingCodeOf(all)!;
        if (all.Length - code.Length != digits.Length)
            return false;
        var length = NumberPlan.Instance.Formats.Write(code, all[code.Length..], nationally: true, text);
        return text[..length].IndexOfAnyInRange('0', '9') is >= 0 and var first && text[first] == '0';
    }

    /// <summary>A (0) is written for those who dial at home; it is no slip.</summary>
    private static bool HoldsBracketedPrefix(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is not ('(' or '（' or '['))
                continue;
            var end = i + 1;
            while (end < text.Length && NumberText.DigitOf(text[end]) >= 0)
                end++;
            if (end - i is 2 or 3 && end < text.Length && text[end] is ')' or '）' or ']')
                return true;
        }
        return false;
    }

    /// <summary>Digits alone, as a spreadsheet holds a number.</summary>
    private static bool IsBare(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
            if (!char.IsAsciiDigit(c))
                return false;
        return true;
    }

    private static int CountDigits(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var c in text)
            count += NumberText.DigitOf(c) >= 0 ? 1 : 0;
        return count;
    }
}
