using System.Collections.Immutable;
using NodaTime;

namespace Ringfence.Ledger;

// Instants, hex, and what the free parts of a record are made of.
internal ref partial struct RecordScanner
{
    /// <summary><c>2026-01-02T03:04:05.000006Z</c></summary>
    public Instant Instant()
    {
        const int length = 29;
        var text = Rest.Length < length ? default : Rest[..length];
        if (text.IsEmpty || text[0] != (byte)'"' || text[5] != (byte)'-' || text[8] != (byte)'-' || text[11] != (byte)'T' || text[14] != (byte)':'
            || text[17] != (byte)':' || text[20] != (byte)'.' || !text[27..].SequenceEqual("Z\""u8)
            || Number(text.Slice(1, 4)) is not (>= 1 and var year) || Number(text.Slice(6, 2)) is not (>= 1 and <= 12 and var month)
            || Number(text.Slice(9, 2)) is not (>= 1 and var day) || day > DateTime.DaysInMonth(year, month)
            || Number(text.Slice(12, 2)) is not (>= 0 and <= 23 and var hour) || Number(text.Slice(15, 2)) is not (>= 0 and <= 59 and var minute)
            || Number(text.Slice(18, 2)) is not (>= 0 and <= 59 and var second) || Number(text.Slice(21, 6)) is not (>= 0 and var microsecond))
        {
            Fail(RecordFaultCode.Instant);
            return default;
        }

        position += length;
        return NodaTime.Instant.FromDateTimeUtc(new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc).AddTicks(microsecond * 10));
    }

    /// <summary>An object of free names, with objects in it as far as the levels go, its own counted.</summary>
    public LeafValue.Map? Map(int levels)
    {
        if (levels == 0)
            Fail(RecordFaultCode.Depth);
        var members = ImmutableArray.CreateBuilder<KeyValuePair<string, LeafValue>>();
        Expect((byte)'{');
        do
        {
            var start = position;
            var name = Text();
            if (members.Count > 0 && string.CompareOrdinal(members[^1].Key, name) >= 0)
                Fail(RecordFaultCode.Order, start);
            Expect((byte)':');
            if (Value(levels - 1) is { } value)
                members.Add(new(name, value));
        }
        while (Skips((byte)','));
        Expect((byte)'}');
        isFirst = false;
        return HasFailed ? null : LeafValue.Map.OfSorted(members.DrainToImmutable());
    }

    private LeafValue? Value(int levels)
    {
        switch (Rest.IsEmpty ? default : Rest[0])
        {
            case (byte)'"':
                return Text();
            case (byte)'{':
                return Map(levels);
            case (byte)'[':
                return Array();
            default:
                return Integer();
        }
    }

    private LeafValue.List? Array()
    {
        var items = ImmutableArray.CreateBuilder<LeafValue>();
        Expect((byte)'[');
        do
        {
            if (Rest is [(byte)'[' or (byte)'{', ..])
                Fail(RecordFaultCode.Depth);
            if (Value(0) is { } value)
                items.Add(value);
        }
        while (Skips((byte)','));
        Expect((byte)']');
        return HasFailed ? null : new(new ValueList<LeafValue>(items.DrainToImmutable()));
    }

    private bool Hex(scoped Span<byte> value)
    {
        var length = 2 * value.Length + 2;
        if (Rest.Length < length || Rest[0] != (byte)'"' || Rest[length - 1] != (byte)'"' || !LowerHex.TryRead(Rest[1..(length - 1)], value))
        {
            Fail(RecordFaultCode.Hex);
            return false;
        }

        position += length;
        return true;
    }

    // -1 for anything but digits.
    private static int Number(ReadOnlySpan<byte> digits)
    {
        var number = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9')
                return -1;
            number = 10 * number + (digit - '0');
        }

        return number;
    }
}
