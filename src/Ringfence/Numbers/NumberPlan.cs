using System.Collections.Concurrent;
using System.Text;

namespace Ringfence.Numbers;

/// <summary>
/// The numbering plans of the world, as automata over digits: read once from the library's resource, immutable after.
/// </summary>
internal sealed class NumberPlan
{
    // The layout that tools/Ringfence.NumberPlan writes.
    private const int Layout = 1;

    private static readonly Lazy<NumberPlan> Loaded = new(Load);

    private readonly RegionPlan[] regions;
    private readonly CallingCode[] callingCodes;
    private readonly short[] regionByLetters = new short[26 * 26];
    private readonly short[] codeByDigits = new short[1110];
    private readonly (Region Region, NumberType Type)[] rangeLabels;
    private readonly DigitAutomaton ranges;
    private readonly DigitAutomaton general;
    private readonly DigitAutomaton prefixes;
    private readonly PrefixOutcome[] prefixOutcomes;
    private readonly PrefixAction[] prefixActions;
    private readonly DigitAutomaton zones;
    private readonly ushort zoneStart;
    private readonly string[][] zoneSets;
    private readonly string[][] subdivisionSets;
    private readonly byte[] areas;

    private NumberPlan(BinaryReader from)
    {
        if (from.ReadString() != "RFNP" || from.ReadInt32() != Layout)
            throw new InvalidOperationException("The numbering plan inside the library is of another build; build again.");
        Source = from.ReadString();
        regions = ReadAll(from, static r => new RegionPlan(
            Region.Of(r.ReadString()), r.ReadUInt16(), r.ReadUInt32(), r.ReadUInt32(), r.ReadUInt16(), r.ReadUInt16(), r.ReadUInt16(), r.ReadString()));
        callingCodes = ReadAll(from, r => new CallingCode(
            r.ReadUInt16(), regions[r.ReadInt16()], r.ReadBoolean(), r.ReadUInt16(), FormatList.Read(r), FormatList.Read(r), r.ReadString()));
        ranges = DigitAutomaton.Read(from);
        rangeLabels = ReadAll(from, r => (r.ReadInt16() is >= 0 and var region ? regions[region].Region : Region.None, (NumberType)r.ReadByte()));
        general = DigitAutomaton.Read(from);
        prefixes = DigitAutomaton.Read(from);
        prefixOutcomes = ReadAll(from, static r => new PrefixOutcome(r.ReadUInt16(), r.ReadUInt16()));
        prefixActions = ReadAll(from, static r => new PrefixAction(
            r.ReadByte(), r.ReadByte(), r.ReadByte(), [.. r.ReadString().Select(digit => (byte)(digit - '0'))]));
        Formats = FormatTable.Read(from);
        zones = DigitAutomaton.Read(from);
        zoneStart = from.ReadUInt16();
        zoneSets = ReadAll(from, ReadNames);
        subdivisionSets = ReadAll(from, ReadNames);
        areas = from.ReadBytes(1000);

        for (var i = 0; i < regions.Length; i++)
            if (regions[i].Region.ToString() is [>= 'A' and var first, var second])
                regionByLetters[((first - 'A') * 26) + second - 'A'] = (short)(i + 1);
        for (var i = 0; i < callingCodes.Length; i++)
            codeByDigits[Slot(callingCodes[i].Code)] = (short)(i + 1);
    }

    /// <summary>The plans' only copy.</summary>
    public static NumberPlan Instance => Loaded.Value;

    /// <summary>Packages and versions that the data came from.</summary>
    public string Source { get; }

    public FormatTable Formats { get; }

    /// <summary>The plan of a region, or null where the region has none (no region, <c>001</c>, an unknown one).</summary>
    public RegionPlan? PlanOf(Region region)
    {
        var letters = region.Letters;
        return letters >= 0 && regionByLetters[letters] is > 0 and var place ? regions[place - 1] : null;
    }

    /// <summary>The calling code at the beginning of the digits, or null.</summary>
    public CallingCode? CallingCodeOf(ReadOnlySpan<byte> digits)
    {
        if (digits.IsEmpty || digits[0] == 0)
            return null;
        var (value, from) = (0, 0);
        for (var length = 1; length <= 3 && length <= digits.Length; length++)
        {
            value = (value * 10) + digits[length - 1];
            if (codeByDigits[from + value] is > 0 and var place)
                return callingCodes[place - 1];
            from = length == 1 ? 10 : 110;
        }
        return null;
    }

    public CallingCode CallingCodeOf(RegionPlan region) => callingCodes[codeByDigits[Slot(region.CallingCode)] - 1];

    /// <summary>Whose number it is and of what kind; the kind is unknown where no range of the plan holds it.</summary>
    public (Region Region, NumberType Type) Classify(CallingCode code, ReadOnlySpan<byte> national)
    {
        var label = ranges.WalkAll(code.RangeStart, national);
        return label != 0 ? rangeLabels[label] : (code.OnlyRegion, NumberType.Unknown);
    }

    /// <summary>What a label of <see cref="LabelOfBlock"/> says.</summary>
    public (Region Region, NumberType Type) LabelOf(ushort label) => rangeLabels[label];

    /// <summary>The one label of all valid numbers of +1 that have these six digits and four more; null where they have several, or none, or the digits can be read in another way.</summary>
    public ushort? LabelOfBlock(ReadOnlySpan<byte> six)
    {
        const int further = 4;
        Span<byte> one = [1];
        var code = CallingCodeOf(one)!;
        // No prefix of the plan begins so: the digits are the national number. And numbers of this length exist.
        if (prefixes.StateAfter(code.Main.NationalPrefixStart, six[..1]) != 0 || prefixes.WalkPrefix(code.Main.NationalPrefixStart, default, out _) != 0
            || code.Main.JudgeLength(six.Length + further) != NumberReason.IsPossible)
        {
            return null;
        }

        // Very many blocks come to the same few states.
        var label = onlyLabels.GetOrAdd(ranges.StateAfter(code.RangeStart, six), state => ranges.OnlyLabel(state, further));
        return label is { } known && known != 0 && rangeLabels[known].Type != NumberType.Unknown ? known : null;
    }

    /// <summary>Whether four more digits behind these, calling code included, say nothing more of the zones.</summary>
    public bool ZonesEndWithin(ReadOnlySpan<byte> digits) => bareStates.GetOrAdd(zones.StateAfter(zoneStart, digits), state => zones.IsBareBehind(state, 4));

    /// <summary>Whether the general pattern of a region holds the digits; lengths are another question.</summary>
    public bool IsGeneral(RegionPlan region, ReadOnlySpan<byte> digits) => general.WalkAll(region.GeneralStart, digits) != 0;

    /// <summary>What the prefix pattern that begins at a state makes of the digits; null where it does not match.</summary>
    public PrefixAction? MatchPrefix(ushort start, ReadOnlySpan<byte> digits)
    {
        if (start == 0)
            return null;
        var label = prefixes.WalkPrefix(start, digits, out var atEnd);
        var outcome = prefixOutcomes[label];
        var action = atEnd ? outcome.AtEnd : outcome.Action;
        return action == 0 ? null : prefixActions[action];
    }

    /// <summary>The zones of the longest known beginning of the digits, calling code included.</summary>
    public string[] ZonesOf(ReadOnlySpan<byte> digits) => zoneSets[zones.WalkLongest(zoneStart, digits)];

    /// <summary>The zones of a calling code as a whole.</summary>
    public string[] ZonesOfWhole(ReadOnlySpan<byte> code) => zoneSets[zones.WalkAll(zoneStart, code)];

    /// <summary>The zones of an area code of +1, with those of all its exchanges: numbers are carried from one exchange to another.</summary>
    public string[] ZonesOfArea(int area)
    {
        if (areaZones[area] is { } known)
            return known;
        Span<byte> digits = [1, (byte)(area / 100), (byte)(area / 10 % 10), (byte)(area % 10), 0, 0, 0, 0, 0, 0, 0];
        var all = new SortedSet<string>(StringComparer.Ordinal);
        // Source: NANP exchange codes run from 200 to 999.
        for (var exchange = 200; exchange < 1000; exchange++)
        {
            (digits[4], digits[5], digits[6]) = ((byte)(exchange / 100), (byte)(exchange / 10 % 10), (byte)(exchange % 10));
            all.UnionWith(ZonesOf(digits));
        }

        return areaZones[area] = [.. all];
    }

    /// <summary>States or provinces of an area code of +1.</summary>
    public string[] SubdivisionsOf(int area) => subdivisionSets[areas[area]];

    // Filled as they are asked for; which of two equal answers stays is all the same.
    private readonly string[]?[] areaZones = new string[]?[1000];

    private readonly ConcurrentDictionary<ushort, ushort?> onlyLabels = new();
    private readonly ConcurrentDictionary<ushort, bool> bareStates = new();

    private static int Slot(int code) => code < 10 ? code : code < 100 ? 10 + code : 110 + code;

    private static NumberPlan Load()
    {
        using var stream = typeof(NumberPlan).Assembly.GetManifestResourceStream("number-plan")
            ?? throw new InvalidOperationException("The library was built without its numbering plan.");
        using var reader = new BinaryReader(stream, Encoding.UTF8);
        return new NumberPlan(reader);
    }

    private static string[] ReadNames(BinaryReader from)
    {
        var names = new string[from.ReadByte()];
        for (var i = 0; i < names.Length; i++)
            names[i] = from.ReadString();
        return names;
    }

    private static T[] ReadAll<T>(BinaryReader from, Func<BinaryReader, T> read)
    {
        var all = new T[from.ReadInt32()];
        for (var i = 0; i < all.Length; i++)
            all[i] = read(from);
        return all;
    }

    private readonly record struct PrefixOutcome(ushort Action, ushort AtEnd);
}

/// <summary>
/// What parsing needs to know of a region. Bit n of <c>Lengths</c>: national numbers of n digits exist; of <c>LocalLengths</c>:
/// such numbers reach inside an area only. <c>NationalPrefix</c> is dialled before a national number, empty for none.
/// </summary>
internal sealed record RegionPlan(
    Region Region, ushort CallingCode, uint Lengths, uint LocalLengths, ushort GeneralStart, ushort InternationalPrefixStart, ushort NationalPrefixStart, string NationalPrefix)
{
    /// <summary>Whether a number of this length can exist.</summary>
    public NumberReason JudgeLength(int length)
    {
        if (length < 32 && (LocalLengths >> length & 1) != 0)
            return NumberReason.IsPossibleLocalOnly;
        if (length >= 32 || Lengths >> length == 0)
            return NumberReason.TooLong;
        if ((Lengths >> length & 1) != 0)
            return NumberReason.IsPossible;
        return (Lengths & ((1u << length) - 1)) == 0 ? NumberReason.TooShort : NumberReason.InvalidLength;
    }
}

/// <summary>A country calling code: its main plan, its ranges and its formats.</summary>
internal sealed record CallingCode(
    ushort Code, RegionPlan Main, bool HasOneRegion, ushort RangeStart, FormatList National, FormatList International, string ExtensionPrefix)
{
    public int Length => Code < 10 ? 1 : Code < 100 ? 2 : 3;

    public Region OnlyRegion => HasOneRegion ? Main.Region : Region.None;
}

/// <summary>What a matched prefix does: <see cref="Literal"/> and the captured digits take the place of the consumed ones.</summary>
internal sealed record PrefixAction(int Consumed, int CaptureAt, int CaptureLength, byte[] Literal);
