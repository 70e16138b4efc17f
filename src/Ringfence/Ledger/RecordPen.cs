using System.Buffers.Text;
using System.Text;
using NodaTime;

namespace Ringfence.Ledger;

/// <summary>Puts the values of a record down, one after the other, and refuses what a record may not hold.</summary>
internal ref struct RecordPen(Span<byte> room)
{
    private readonly Span<byte> room = room;

    public int Written { get; private set; }

    public void Raw(scoped ReadOnlySpan<byte> bytes)
    {
        if (!bytes.TryCopyTo(room[Written..]))
            throw TooLong();
        Written += bytes.Length;
    }

    /// <summary>A string after its name; nothing where there is none.</summary>
    public void Text(scoped ReadOnlySpan<byte> name, string? text, string field)
    {
        if (text is null)
            return;
        Raw(name);
        Text(text, field);
    }

    public void Text(string? text, string field)
    {
        if (!LeafText.Allows(text))
            throw Unwritable(field, "a string is 1 to 128 of A-Z a-z 0-9 . _ : / - and not 7 to 15 digits");
        Quoted(text);
    }

    public void Validity(string text, string field)
    {
        if (!LeafText.IsValidity(text))
            throw Unwritable(field, "neither an ISO 8601 duration in whole numbers nor until-withdrawn");
        Quoted(text);
    }

    /// <summary>A word of an enumeration.</summary>
    public void Word<T>(WireWords<T> words, T value, string field) where T : struct, Enum
    {
        if (words.BytesOf(value) is not { } word)
            throw Unwritable(field, "no word of the list");
        var to = Take(word.Length + 2);
        to[0] = to[^1] = (byte)'"';
        word.CopyTo(to[1..]);
    }

    public void Digest(in Digest digest) => Hex(digest.Bytes);

    public void Id(OpaqueId id)
    {
        Span<byte> bytes = stackalloc byte[OpaqueId.Size];
        id.CopyTo(bytes);
        Hex(bytes);
    }

    public void Commitment(scoped ReadOnlySpan<byte> name, Digest? commitment, int start)
    {
        if (commitment is not { } digest)
            return;
        if (Written > start)
            Raw(","u8);
        Raw(name);
        Digest(digest);
    }

    /// <summary>A place in the ledger: from 0.</summary>
    public void Place(long seq, string field)
    {
        if (seq is < 0 or >= LeafText.IntegerBound)
            throw Unwritable(field, "a place in the ledger is 0 or more and less than 2^53");
        Number(seq);
    }

    /// <summary>Places before that of the record, rising.</summary>
    public void Earlier(ValueList<long> places, long seq)
    {
        const string field = "about";
        if (places.Count == 0)
            throw Unwritable(field, "an array is never empty");
        for (var i = 0; i < places.Count; i++)
        {
            if (places[i] >= seq || i > 0 && places[i] <= places[i - 1])
                throw Unwritable(field, "earlier places, rising");
            Raw(i == 0 ? "["u8 : ","u8);
            Place(places[i], field);
        }

        Raw("]"u8);
    }

    /// <summary>An array of strings after its name; nothing where there is none.</summary>
    public void Texts(scoped ReadOnlySpan<byte> name, ValueList<string>? texts, bool sorted, string field)
    {
        if (texts is null)
            return;
        if (texts.Count == 0)
            throw Unwritable(field, "an array is never empty");
        Raw(name);
        for (var i = 0; i < texts.Count; i++)
        {
            if (sorted && i > 0 && string.CompareOrdinal(texts[i - 1], texts[i]) >= 0)
                throw Unwritable(field, "sorted, none twice");
            Raw(i == 0 ? "["u8 : ","u8);
            Text(texts[i], field);
        }

        Raw("]"u8);
    }

    /// <summary><c>2026-01-02T03:04:05.000006Z</c></summary>
    public void Instant(Instant at, string field)
    {
        if (!LedgerTime.IsWhole(at))
            throw Unwritable(field, "whole microseconds in the years 0001 to 9999");
        var time = at.ToDateTimeUtc();
        var to = Take(29);
        "\"0000-00-00T00:00:00.000000Z\""u8.CopyTo(to);
        Digits(to.Slice(1, 4), time.Year);
        Digits(to.Slice(6, 2), time.Month);
        Digits(to.Slice(9, 2), time.Day);
        Digits(to.Slice(12, 2), time.Hour);
        Digits(to.Slice(15, 2), time.Minute);
        Digits(to.Slice(18, 2), time.Second);
        Digits(to.Slice(21, 6), (int)(time.Ticks % NodaConstants.TicksPerSecond / 10));
    }

    /// <summary>An object of free names, with objects in it as far as the levels go, its own counted.</summary>
    public void Map(LeafValue.Map value, int levels, string field)
    {
        if (levels == 0)
            throw Unwritable(field, "objects too deep");
        if (value.Members.IsEmpty)
            throw Unwritable(field, "an object is never empty");
        for (var i = 0; i < value.Members.Length; i++)
        {
            Raw(i == 0 ? "{"u8 : ","u8);
            Text(value.Members[i].Key, field);
            Raw(":"u8);
            Value(value.Members[i].Value, levels - 1, field);
        }

        Raw("}"u8);
    }

    /// <summary>What is thrown for a field: its name and the rule, never what was in it.</summary>
    public static ArgumentException Unwritable(string field, string rule) => new($"The field {field} can't be written: {rule}.");

    private void Value(LeafValue? value, int levels, string field)
    {
        switch (value)
        {
            case LeafValue.Word word:
                Text(word.Text, field);
                break;
            case LeafValue.Number number:
                Integer(number.Value, field);
                break;
            case LeafValue.List array:
                Array(array.Items, field);
                break;
            case LeafValue.Map inner:
                Map(inner, levels, field);
                break;
            case null:
                throw Unwritable(field, "null");
        }
    }

    private void Array(ValueList<LeafValue> items, string field)
    {
        if (items.Count == 0)
            throw Unwritable(field, "an array is never empty");
        for (var i = 0; i < items.Count; i++)
        {
            Raw(i == 0 ? "["u8 : ","u8);
            if (items[i] is LeafValue.List or LeafValue.Map)
                throw Unwritable(field, "an array holds words and integers");
            Value(items[i], 0, field);
        }

        Raw("]"u8);
    }

    private void Integer(long number, string field)
    {
        if (!LeafText.Allows(number))
            throw Unwritable(field, "an integer is closer to 0 than 2^53");
        Number(number);
    }

    private void Number(long number)
    {
        if (!Utf8Formatter.TryFormat(number, room[Written..], out var written))
            throw TooLong();
        Written += written;
    }

    // Invariant: the text was looked at and is ASCII without anything to escape.
    private void Quoted(string text)
    {
        var to = Take(text.Length + 2);
        to[0] = to[^1] = (byte)'"';
        Encoding.ASCII.GetBytes(text, to[1..]);
    }

    private void Hex(scoped ReadOnlySpan<byte> bytes)
    {
        var to = Take(2 * bytes.Length + 2);
        to[0] = to[^1] = (byte)'"';
        LowerHex.Write(bytes, to[1..^1]);
    }

    private Span<byte> Take(int bytes)
    {
        if (bytes > room.Length - Written)
            throw TooLong();
        Written += bytes;
        return room.Slice(Written - bytes, bytes);
    }

    private static void Digits(Span<byte> to, int number)
    {
        for (var i = to.Length - 1; i >= 0; i--)
        {
            to[i] = (byte)('0' + number % 10);
            number /= 10;
        }
    }

    private static ArgumentException TooLong() => new($"The record is longer than {RecordBytes.Longest} bytes.");
}
