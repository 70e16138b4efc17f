namespace Ringfence.Numbers;

/// <summary>Numbers of +1 by their first seven digits: where the plan tells all ten thousand of a block alike, one look tells of each.</summary>
/// <remarks>What a block is, is worked out from the plan's tables when it is met first. Safe for many threads: whichever writes first, they write the same.</remarks>
internal static class NumberBlocks
{
    // Country code and ten digits.
    private const ulong First = 10_000_000_000;
    private const int Last = 10_000;
    private const int Blocks = 1_000_000;

    private const ushort Unknown = 0;
    private const ushort Mixed = 1;
    private const ushort Labels = 2;

    private static readonly ushort[] Known = new ushort[Blocks];

    /// <summary>Reads digits of +1.</summary>
    /// <param name="digits">Country code and national number as one integer.</param>
    /// <param name="number">The number; none where it is not valid, or its block has to be looked at more closely.</param>
    public static bool TryRead(ulong digits, out PhoneNumber number)
    {
        number = default;
        if (digits < First || digits >= 2 * First)
            return false;
        var block = (int)((digits - First) / Last);
        var known = Known[block];
        if (known == Unknown)
            Known[block] = known = Look(block);
        if (known == Mixed)
            return false;
        var (region, type) = NumberPlan.Instance.LabelOf((ushort)(known - Labels));
        number = new PhoneNumber(digits, region, type);
        return true;
    }

    /// <summary>Whether all numbers of a number's block have the same zones.</summary>

    /// <summary>The block of a number; null where it is not of +1.</summary>
    public static int? Of(ulong digits) => digits >= First && digits < 2 * First ? (int)((digits - First) / Last) : null;

    /// <summary>How many blocks there are.</summary>
    public static int Count => Blocks;

    /// <summary>Whether all numbers of a block have the same zones.</summary>
    public static bool HasOneZoneSet(int block)
    {
        Span<byte> beginning = stackalloc byte[7];
        beginning[0] = 1;
        Write(block, beginning[1..]);
        return NumberPlan.Instance.ZonesEndWithin(beginning);
    }

    private static ushort Look(int block)
    {
        Span<byte> beginning = stackalloc byte[6];
        Write(block, beginning);
        return NumberPlan.Instance.LabelOfBlock(beginning) is { } label ? (ushort)(label + Labels) : Mixed;
    }

    private static void Write(int block, Span<byte> digits)
    {
        for (var i = digits.Length - 1; i >= 0; i--, block /= 10)
            digits[i] = (byte)(block % 10);
    }
}
