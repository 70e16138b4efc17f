using System.Buffers;
using System.Buffers.Binary;

namespace Ringfence.Ledger;

/// <summary>A file of records: each after its length, a 16-bit number with the higher byte first.</summary>
public static class EntriesBundle
{
    private const int LengthSize = 2;

    /// <summary>Adds a record to the file.</summary>
    /// <exception cref="ArgumentException">It is longer than 65,535 bytes.</exception>
    public static void Append(IBufferWriter<byte> file, ReadOnlySpan<byte> body)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (body.Length > ushort.MaxValue)
            throw new ArgumentException("An entry has at most 65,535 bytes.", nameof(body));
        var to = file.GetSpan(LengthSize + body.Length);
        BinaryPrimitives.WriteUInt16BigEndian(to, (ushort)body.Length);
        body.CopyTo(to[LengthSize..]);
        file.Advance(LengthSize + body.Length);
    }

    /// <summary>Takes the next record off the rest of a file.</summary>
    /// <param name="rest">What is left of the file; afterwards what is left after the record.</param>
    /// <param name="body">The record.</param>
    /// <returns>False at the end. A file that was cut off has something left then.</returns>
    public static bool TryTake(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> body)
    {
        body = default;
        if (rest.Length < LengthSize || BinaryPrimitives.ReadUInt16BigEndian(rest) is var length && rest.Length < LengthSize + length)
            return false;
        body = rest.Slice(LengthSize, length);
        rest = rest[(LengthSize + length)..];
        return true;
    }
}
