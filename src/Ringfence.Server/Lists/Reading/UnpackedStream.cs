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
/// <param name="packed">The file it comes out of; how far that was read is what the ratio is taken against, for a long bomb is to end early.</param>
/// <param name="budget">Shared by all parts of a file.</param>
/// <param name="longestToken">Bytes that may be read for one token; any number where null.</param>
internal sealed class UnpackedStream(Stream unpacking, FileStream packed, UnpackBudget budget, int? longestToken = null) : Stream
{
    // Unpacking reads ahead by a buffer, and the file is not yet where the part begins before the first bytes are asked for.
    private const int ReadAhead = 64 * 1024;

    private long _unpacked;
    private long _packedFrom = -1;
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
        if (_packedFrom < 0)
            _packedFrom = packed.Position - ReadAhead;
        if (_unpacked > ListLimits.UnpackedBytesAtAnyRatio && _unpacked / ListLimits.UnpackedRatio > packed.Position - _packedFrom)
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
