using System.Diagnostics;
using System.Text;

namespace Ringfence.Server.Lists.Reading;

/// <summary>A text file as a stream of UTF-8 bytes without a byte order mark, whatever its encoding is.</summary>
/// <remarks>Bytes that are UTF-8 already are passed on as they are, damage included; damage in any other encoding comes out as U+FFFD.</remarks>
internal sealed class Utf8Content : IDisposable
{
    private const int Chunk = 64 * 1024;

    private readonly ContentStream _stream;
    private readonly Decoder? _decoder;
    private readonly byte[] _encoded = [];
    private readonly char[] _text = [];
    private readonly byte[] _utf8 = [];
    private readonly Encoder? _encoder;
    private int _given;
    private int _ready;
    private bool _ended;

    public Utf8Content(FileContent content, TextEncoding encoding)
    {
        _stream = content.Open();
        Span<byte> mark = stackalloc byte[encoding.MarkLength];
        _stream.ReadAtLeast(mark, mark.Length);
        if (encoding.IsUtf8)
            return;

        _decoder = encoding.Encoding.GetDecoder();
        _encoder = Encoding.UTF8.GetEncoder();
        _encoded = new byte[Chunk];
        _text = new char[encoding.Encoding.GetMaxCharCount(Chunk)];
        _utf8 = new byte[Encoding.UTF8.GetMaxByteCount(_text.Length)];
    }

    /// <summary>Bytes of the file read so far.</summary>
    public long Position => _stream.Position;

    /// <summary>Gives the next bytes; none at the end.</summary>
    public int Read(Span<byte> into)
    {
        if (_decoder is null)
            return _stream.Read(into);

        while (_given == _ready && !_ended)
            Transcode();

        var given = Math.Min(into.Length, _ready - _given);
        _utf8.AsSpan(_given, given).CopyTo(into);
        _given += given;
        return given;
    }

    private void Transcode()
    {
        Debug.Assert(_decoder is not null && _encoder is not null);
        var read = _stream.Read(_encoded);
        _ended = read == 0;
        var characters = _decoder.GetChars(_encoded.AsSpan(0, read), _text, flush: _ended);
        _ready = _encoder.GetBytes(_text.AsSpan(0, characters), _utf8, flush: _ended);
        _given = 0;
    }

    public void Dispose() => _stream.Dispose();
}

/// <summary>Decodes damage to U+FFFD without taking a separator, a quote or a line end with it.</summary>
/// <remarks>The double-byte decoders give up both bytes of a pair that is no character, although the second may be a plain comma.</remarks>
internal sealed class KeepAsciiFallback : DecoderFallback
{
    public override int MaxCharCount => 4;

    public override DecoderFallbackBuffer CreateFallbackBuffer() => new KeepingBuffer();

    private sealed class KeepingBuffer : DecoderFallbackBuffer
    {
        private readonly char[] _text = new char[4];
        private int _length;
        private int _next;

        public override int Remaining => _length - _next;

        public override bool Fallback(byte[] bytesUnknown, int index)
        {
            _text[0] = '\uFFFD';
            _next = 0;
            _length = 1;
            foreach (var b in bytesUnknown.AsSpan(1))
            {
                if (b < 0x80 && _length < _text.Length)
                    _text[_length++] = (char)b;
            }

            return true;
        }

        public override char GetNextChar() => _next < _length ? _text[_next++] : '\0';

        public override bool MovePrevious()
        {
            if (_next == 0)
                return false;
            _next--;
            return true;
        }

        public override void Reset() => (_length, _next) = (0, 0);
    }
}
