using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using NodaTime;

namespace Ringfence.Ledger;

/// <summary>Reads the values of a record one after the other and stops at the first byte that may not stand there.</summary>
/// <remarks>
/// The canonical form leaves nothing to choose, so it asks for the very bytes: names in their order, no spaces, no escapes. After a fault there is
/// nothing left to read: every further value comes out empty, and the first fault stays.
/// </remarks>
internal ref struct RecordScanner(ReadOnlySpan<byte> bytes)
{
    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789"u8);

    private ReadOnlySpan<byte> bytes = bytes;
    private int position;

    // Whether no member of the innermost object has been read.
    private bool isFirst;

    public RecordFault Fault { get; private set; }

    private readonly bool HasFailed => Fault.Code is not RecordFaultCode.None;

    private readonly ReadOnlySpan<byte> Rest => bytes[position..];

    public void Open()
    {
        Expect((byte)'{');
        isFirst = true;
        if (Rest.StartsWith("}"u8))
            Fail(RecordFaultCode.Syntax);
    }

    /// <summary>Whether the next member has this name; it is passed over then.</summary>
    public bool Has(scoped ReadOnlySpan<byte> name)
    {
        var rest = Rest;
        var comma = isFirst ? 0 : 1;
        if (rest.Length < comma + name.Length + 3 || comma == 1 && rest[0] != (byte)',')
            return false;
        rest = rest[comma..];
        if (rest[0] != (byte)'"' || rest[name.Length + 1] != (byte)'"' || rest[name.Length + 2] != (byte)':' || !rest[1..].StartsWith(name))
            return false;
        position += comma + name.Length + 3;
        isFirst = false;
        return true;
    }

    public void Needs(scoped ReadOnlySpan<byte> name, WireNames names)
    {
        if (!Has(name))
            Fail(FaultOfMember(names, name));
    }

    public void Close(WireNames names)
    {
        if (!HasFailed && Rest.StartsWith(","u8))
            Fail(FaultOfMember(names, default));
        Expect((byte)'}');
        isFirst = false;
    }

    public void End()
    {
        if (!HasFailed && position != bytes.Length)
            Fail(RecordFaultCode.Trailing);
    }

    public string Text() => TextBytes() is { IsEmpty: false } text ? Encoding.ASCII.GetString(text) : "";

    public string Validity()
    {
        var start = position;
        var text = TextBytes();
        if (HasFailed || LeafText.IsValidity(text))
            return Encoding.ASCII.GetString(text);
        Fail(RecordFaultCode.Duration, start);
        return "";
    }

    public T Word<T>(WireWords<T> words) where T : struct, Enum
    {
        var start = position;
        if (!words.TryParse(TextBytes(), out var value))
            Fail(RecordFaultCode.Word, start);
        return value;
    }

    public Digest Digest()
    {
        Span<byte> value = stackalloc byte[Ledger.Digest.Size];
        return Hex(value) ? new(value) : default;
    }

    public OpaqueId Id()
    {
        Span<byte> value = stackalloc byte[OpaqueId.Size];
        return Hex(value) ? new(value) : default;
    }

    public void Version()
    {
        var start = position;
        if (Integer() != 1)
            Fail(RecordFaultCode.Version, start);
    }

    /// <summary>A place in the ledger, after those of which the record is.</summary>
    public long Place(ValueList<long>? after)
    {
        var start = position;
        var place = Integer();
        if (place < 0 || after is { Count: > 0 } && after[^1] >= place)
            Fail(RecordFaultCode.Number, start);
        return place;
    }

    /// <summary>Places from 0, rising.</summary>
    public ValueList<long>? Places()
    {
        var places = new List<long>();
        Expect((byte)'[');
        do
        {
            var start = position;
            var place = Integer();
            if (place < 0 || places.Count > 0 && place <= places[^1])
                Fail(RecordFaultCode.Number, start);
            places.Add(place);
        }
        while (Skips((byte)','));
        Expect((byte)']');
        return HasFailed ? null : [.. places];
    }

    public ValueList<string>? Texts(bool sorted)
    {
        var texts = ImmutableArray.CreateBuilder<string>();
        Expect((byte)'[');
        do
        {
            var start = position;
            var text = Text();
            if (sorted && texts.Count > 0 && string.CompareOrdinal(texts[^1], text) >= 0)
                Fail(RecordFaultCode.Unsorted, start);
            texts.Add(text);
        }
        while (Skips((byte)','));
        Expect((byte)']');
        return HasFailed ? null : new(texts.DrainToImmutable());
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

    // The string that stands here, without its quotation marks.
    private ReadOnlySpan<byte> TextBytes()
    {
        if (!Skips((byte)'"'))
        {
            Fail(RecordFaultCode.Syntax);
            return default;
        }

        var end = Rest.IndexOfAnyExcept(LeafText.Allowed);
        if (end < 0)
        {
            Fail(RecordFaultCode.Syntax, bytes.Length);
            return default;
        }

        var text = Rest[..end];
        if (Rest[end] != (byte)'"' || !LeafText.Allows(text))
        {
            Fail(RecordFaultCode.Text);
            return default;
        }

        position += end + 1;
        return text;
    }

    private long Integer()
    {
        var start = position;
        var isNegative = Skips((byte)'-');
        var digits = Rest.IndexOfAnyExcept(Digits);
        if (digits < 0)
            digits = Rest.Length;
        // 2^53 has 16 digits.
        if (digits is 0 or > 16 || Rest[0] == (byte)'0' && (digits > 1 || isNegative))
        {
            Fail(digits == 0 && !isNegative ? RecordFaultCode.Syntax : RecordFaultCode.Number, start);
            return 0;
        }

        var number = 0L;
        foreach (var digit in Rest[..digits])
            number = 10 * number + (digit - '0');
        if (!LeafText.Allows(number))
        {
            Fail(RecordFaultCode.Number, start);
            return 0;
        }

        position += digits;
        return isNegative ? -number : number;
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

    // What is wrong with the member that stands here, where another was needed or none.
    private readonly RecordFaultCode FaultOfMember(WireNames names, scoped ReadOnlySpan<byte> needed)
    {
        var rest = Rest;
        if (!isFirst && rest.StartsWith(","u8))
            rest = rest[1..];
        else if (!isFirst && rest.StartsWith("}"u8))
            return RecordFaultCode.MissingField;
        if (rest is not [(byte)'"', .. var text] || text.IndexOf((byte)'"') is not (>= 0 and var end))
            return RecordFaultCode.Syntax;
        if (!names.Contains(text[..end]))
            return RecordFaultCode.UnknownField;
        return needed.IsEmpty || text[..end].SequenceCompareTo(needed) < 0 ? RecordFaultCode.Order : RecordFaultCode.MissingField;
    }

    private void Expect(byte sign)
    {
        if (!Skips(sign))
            Fail(RecordFaultCode.Syntax);
    }

    private bool Skips(byte sign)
    {
        if (position >= bytes.Length || bytes[position] != sign)
            return false;
        position++;
        return true;
    }

    private void Fail(RecordFaultCode code) => Fail(code, position);

    private void Fail(RecordFaultCode code, int at)
    {
        if (HasFailed)
            return;
        Fault = new(code, at);
        bytes = default;
        position = 0;
    }
}

/// <summary>The names that an object of a record may have.</summary>
internal sealed class WireNames(params string[] names)
{
    private readonly byte[][] names = [.. names.Select(Encoding.ASCII.GetBytes)];

    public bool Contains(ReadOnlySpan<byte> name)
    {
        foreach (var known in names)
        {
            if (name.SequenceEqual(known))
                return true;
        }

        return false;
    }
}
