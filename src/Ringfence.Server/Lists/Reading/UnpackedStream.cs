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
/// <param name="longestToken">Bytes that may be read for one token; any number where null.</param>
internal sealed class UnpackedStream(Stream unpacking, long packedLength, UnpackBudget budget, int? longestToken = null) : Stream
{
    private long _unpacked;
    private long _sinceToken;

    /// <summary>Says that a token begins here.</summary>
    public void BeginToken() => _sinceToken = 0;

    public override int Read(Span<byte> buffer)
    {
        var read = unpacking.Read(buffer);
        _sinceToken += read;
        if (_sinceToken > longestToken)
            throw UnreadableListException.CellTooLong();

        _unpacked += read;
        budget.Take(read);
        if (_unpacked > ListLimits.UnpackedBytesAtAnyRatio && _unpacked / ListLimits.UnpackedRatio > packedLength)
            throw UnreadableListException.TooLargeUnpacked();
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

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
