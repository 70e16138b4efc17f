namespace Ringfence.Server.Lists.Reading;

/// <summary>How much all parts of one file may still unpack to.</summary>
internal sealed class UnpackBudget
{
    private long _left = ListLimits.UnpackedBytes;

    public void Take(int bytes)
    {
        _left -= bytes;
        if (_left < 0)
            throw UnreadableListException.TooLargeUnpacked();
    }
}

/// <summary>An unpacking stream that stops at what unpacks to far more than a list would.</summary>
/// <param name="unpacking">Gives the unpacked bytes.</param>
/// <param name="packedLength">Bytes of the packed form, against which the ratio is taken.</param>
/// <param name="budget">Shared by all parts of a file.</param>
/// <param name="longestToken">Largest distance between two <c>&lt;</c>; none where null.</param>
internal sealed class UnpackedStream(Stream unpacking, long packedLength, UnpackBudget budget, int? longestToken = null) : Stream
{
    private long _unpacked;
    private long _lastMark;

    public override int Read(Span<byte> buffer)
    {
        var read = unpacking.Read(buffer);
        if (longestToken is { } longest)
            CheckMarks(buffer[..read], longest);

        _unpacked += read;
        budget.Take(read);
        if (_unpacked > ListLimits.UnpackedBytesAtAnyRatio && _unpacked / ListLimits.UnpackedRatio > packedLength)
            throw UnreadableListException.TooLargeUnpacked();
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    // The XML reader holds a name, an attribute or a start tag as a whole; none of them may contain a '<'.
    private void CheckMarks(ReadOnlySpan<byte> read, int longest)
    {
        var last = read.LastIndexOf((byte)'<');
        var first = last < 0 ? read.Length : read.IndexOf((byte)'<');
        if (_unpacked + first - _lastMark > longest)
            throw UnreadableListException.CellTooLong();
        if (last >= 0)
            _lastMark = _unpacked + last;
    }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => _unpacked; set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            unpacking.Dispose();
        base.Dispose(disposing);
    }
}
