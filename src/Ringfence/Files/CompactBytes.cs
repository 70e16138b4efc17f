using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using NodaTime;
using NodaTime.Text;
using Ringfence.Ledger;

namespace Ringfence;

/// <summary>Writes values one after the other, small numbers in few bytes. What was written is read back by <see cref="CompactReader"/> in the same order.</summary>
public sealed class CompactWriter
{
    private readonly ArrayBufferWriter<byte> bytes = new(256);

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => bytes.WrittenSpan;

    /// <summary>Begins again.</summary>
    public void Clear() => bytes.ResetWrittenCount();

    public void Byte(byte value)
    {
        bytes.GetSpan(1)[0] = value;
        bytes.Advance(1);
    }

    public void Flag(bool value) => Byte(value ? (byte)1 : (byte)0);

    /// <summary>A number, seven bits to a byte; one below zero takes ten.</summary>
    public void Number(long value)
    {
        var rest = unchecked((ulong)value);
        for (; rest >= 0x80; rest >>= 7)
            Byte((byte)(rest & 0x7F | 0x80));
        Byte((byte)rest);
    }

    public void Text(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var length = Encoding.UTF8.GetByteCount(value);
        Number(length);
        Encoding.UTF8.GetBytes(value, bytes.GetSpan(length));
        bytes.Advance(length);
    }

    public void TextOrNull(string? value)
    {
        Flag(value is not null);
        if (value is not null)
            Text(value);
    }

    public void Id(OpaqueId value)
    {
        value.CopyTo(bytes.GetSpan(OpaqueId.Size)[..OpaqueId.Size]);
        bytes.Advance(OpaqueId.Size);
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        value.CopyTo(bytes.GetSpan(value.Length));
        bytes.Advance(value.Length);
    }

    /// <summary>An instant, to the nanosecond.</summary>
    public void Instant(Instant value)
    {
        var since = value - NodaConstants.UnixEpoch;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.GetSpan(4), since.Days);
        bytes.Advance(4);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.GetSpan(8), since.NanosecondOfDay);
        bytes.Advance(8);
    }

    public void Period(Period value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Text(PeriodPattern.Roundtrip.Format(value));
    }

    public void List<T>(IReadOnlyCollection<T> items, Action<CompactWriter, T> write)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(write);
        Number(items.Count);
        foreach (var item in items)
            write(this, item);
    }
}

/// <summary>Reads what a <see cref="CompactWriter"/> wrote.</summary>
/// <remarks>Bytes that none wrote end in an <see cref="InvalidDataException"/>, or in values that make no sense: whoever keeps them proves first that they are the ones.</remarks>
public ref struct CompactReader
{
    // Purposes and places: the same few words again and again. What is beyond is made anew each time.
    private const int MostKnown = 4096;
    private const int LongestKnown = 64;
    private static readonly ConcurrentDictionary<string, string> Known = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> KnownBySpan = Known.GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly ConcurrentDictionary<string, Period> Periods = new(StringComparer.Ordinal);

    private ReadOnlySpan<byte> rest;

    public CompactReader(ReadOnlySpan<byte> bytes) => rest = bytes;

    /// <summary>What was not read yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => rest;

    public byte Byte() => Take(1)[0];

    public bool Flag() => Byte() != 0;

    public long Number()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return unchecked((long)value);
        }

        throw Broken();
    }

    /// <summary>How many follow: never more than there are bytes.</summary>
    public int Count() => Number() is var count && count >= 0 && count <= rest.Length ? (int)count : throw Broken();

    public string Text()
    {
        var bytes = Take(Count());
        if (bytes.Length > LongestKnown)
            return Encoding.UTF8.GetString(bytes);
        Span<char> chars = stackalloc char[LongestKnown];
        var text = chars[..Encoding.UTF8.GetChars(bytes, chars)];
        if (KnownBySpan.TryGetValue(text, out var known))
            return known;
        var made = text.ToString();
        if (Known.Count < MostKnown)
            Known.TryAdd(made, made);
        return made;
    }

    public string? TextOrNull() => Flag() ? Text() : null;

    public string[] Texts()
    {
        var texts = new string[Count()];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = Text();
        return texts;
    }

    public OpaqueId Id() => new(Take(OpaqueId.Size));

    public ReadOnlySpan<byte> Bytes(int count) => Take(count);

    public Instant Instant()
    {
        var days = BinaryPrimitives.ReadInt32LittleEndian(Take(4));
        return NodaConstants.UnixEpoch + Duration.FromDays(days) + Duration.FromNanoseconds(BinaryPrimitives.ReadInt64LittleEndian(Take(8)));
    }

    // The few periods that wordings promise, again and again.
    public Period Period()
    {
        var text = Text();
        return Periods.TryGetValue(text, out var known) ? known : Keep(text);
    }

    private static Period Keep(string text)
    {
        var period = PeriodPattern.Roundtrip.Parse(text).TryGetValue(NodaTime.Period.Zero, out var read) ? read : throw Broken();
        if (Periods.Count < MostKnown)
            Periods.TryAdd(text, period);
        return period;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > rest.Length)
            throw Broken();
        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }

    private static InvalidDataException Broken() => new("These bytes are not what was written.");
}
