using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace Ringfence.Ledger;

/// <summary>Reads the values of a record one after the other and stops at the first byte that may not stand there.</summary>
/// <remarks>
/// The canonical form leaves nothing to choose, so it asks for the very bytes: names in their order, no spaces, no escapes. After a fault there is
/// nothing left to read: every further value comes out empty, and the first fault stays.
/// </remarks>
internal ref partial struct RecordScanner(ReadOnlySpan<byte> bytes)
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
