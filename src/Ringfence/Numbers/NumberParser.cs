namespace Ringfence.Numbers;

/// <summary>From digits to a number: prefixes, calling code, national number, in the order of the reference parser.</summary>
/// <remarks>Source of the semantics: google-libphonenumber 3.2.47, <c>parseHelper_</c> and what it calls.</remarks>
internal static class NumberParser
{
    /// <summary>National numbers have 2 to 17 digits.</summary>
    public const int LongestNational = 17;

    private const int ShortestNational = 2;

    // A rewriting rule puts at most four digits in front.
    private const int RuleRoom = 4;

    // No prefixes are so long that the digits beyond these could matter: what is left is too long in any case.
    private const int MostDigits = 64;

    /// <summary>Reads digits as written by someone in the region.</summary>
    /// <param name="digits">Digits 0 to 9, at most as many as <see cref="NumberText.LongestText"/>.</param>
    /// <param name="plus">Whether + stood before them.</param>
    /// <param name="region">The region whose spelling is meant; none when unknown.</param>
    public static NumberReading Parse(ReadOnlySpan<byte> digits, bool plus, Region region)
    {
        var plan = NumberPlan.Instance;
        var home = plan.PlanOf(region);
        if (home is null && !plus)
            return new NumberReading(NumberReason.InvalidCountryCode);

        digits = digits[..Math.Min(digits.Length, MostDigits)];
        Span<byte> codeRoom = stackalloc byte[MostDigits + RuleRoom];
        Span<byte> nationalRoom = stackalloc byte[MostDigits + RuleRoom];
        var failure = FindCallingCode(plan, digits, plus, home, codeRoom, out var code, out var rest, out var marks);
        if (failure != NumberReason.IsPossible)
            return new NumberReading(failure);
        if (rest.Length < ShortestNational)
            return new NumberReading(NumberReason.TooShortNsn);

        var rules = code is null ? home! : code.Main;
        code ??= plan.CallingCodeOf(home!);
        var national = WithoutNationalPrefix(plan, rules, rest, nationalRoom);
        if (rules.JudgeLength(national.Length) is NumberReason.TooShort or NumberReason.IsPossibleLocalOnly or NumberReason.InvalidLength)
            national = rest;
        if (national.Length < ShortestNational)
            return new NumberReading(NumberReason.TooShortNsn);
        if (national.Length > LongestNational)
            return new NumberReading(NumberReason.TooLong);

        if (marks != ReadingMarks.None && national.Length < rest.Length)
            marks |= ReadingMarks.PrefixAfterCode;
        var (owner, type) = plan.Classify(code, national);
        return new NumberReading(code.Main.JudgeLength(national.Length), code.Code, national, owner, type, marks);
    }

    private static NumberReason FindCallingCode(
        NumberPlan plan, ReadOnlySpan<byte> digits, bool plus, RegionPlan? home, Span<byte> room, out CallingCode? code, out ReadOnlySpan<byte> rest, out ReadingMarks marks)
    {
        code = null;
        rest = digits;
        marks = ReadingMarks.None;
        if (plus)
        {
            if (digits.Length <= ShortestNational)
                return NumberReason.TooShortAfterIdd;
            marks = ReadingMarks.Plus;
            code = plan.CallingCodeOf(digits);
            if (code is not null)
            {
                rest = digits[code.Length..];
                return NumberReason.IsPossible;
            }
            // Some write + before the prefix dialled for abroad: +0049.
            if (home is null)
                return NumberReason.InvalidCountryCode;
            marks |= ReadingMarks.PlusAndPrefix;
        }

        if (plan.MatchPrefix(home!.InternationalPrefixStart, digits) is { } prefix
            && (digits.Length == prefix.Consumed || digits[prefix.Consumed] != 0))
        {
            var abroad = digits[prefix.Consumed..];
            if (abroad.Length <= ShortestNational)
                return NumberReason.TooShortAfterIdd;
            marks |= ReadingMarks.InternationalPrefix;
            code = plan.CallingCodeOf(abroad);
            if (code is null)
                return NumberReason.InvalidCountryCode;
            rest = abroad[code.Length..];
            return NumberReason.IsPossible;
        }
        if (plus)
            return NumberReason.InvalidCountryCode;

        // The region's own code without +: only where the whole can't be a national number and the rest can.
        var own = plan.CallingCodeOf(home);
        if (ReferenceEquals(plan.CallingCodeOf(digits), own))
        {
            var after = WithoutNationalPrefix(plan, home, digits[own.Length..], room);
            if ((!plan.IsGeneral(home, digits) && plan.IsGeneral(home, after)) || home.JudgeLength(digits.Length) == NumberReason.TooLong)
            {
                code = own;
                rest = after;
                marks = ReadingMarks.BareCode;
            }
        }
        return NumberReason.IsPossible;
    }

    /// <summary>The digits without national prefix and carrier code, rewritten where the plan says so; the same digits where that would spoil a number.</summary>
    private static ReadOnlySpan<byte> WithoutNationalPrefix(NumberPlan plan, RegionPlan rules, ReadOnlySpan<byte> digits, Span<byte> room)
    {
        if (plan.MatchPrefix(rules.NationalPrefixStart, digits) is not { } action)
            return digits;
        var kept = action.Literal.Length + action.CaptureLength;
        scoped ReadOnlySpan<byte> after = digits[action.Consumed..];
        if (kept > 0)
        {
            action.Literal.CopyTo(room);
            digits.Slice(action.CaptureAt, action.CaptureLength).CopyTo(room[action.Literal.Length..]);
            after.CopyTo(room[kept..]);
            after = room[..(kept + after.Length)];
        }
        if (plan.IsGeneral(rules, digits) && !plan.IsGeneral(rules, after))
            return digits;
        return kept > 0 ? room[..after.Length] : digits[action.Consumed..];
    }
}
