using System.Buffers;

namespace Ringfence.Verify;

/// <summary>What a value in a record is.</summary>
internal enum LeafShape : byte
{
    Word,
    Number,
    List,
    Map,
}

/// <summary>A value in a record: where it stands, what key it has, and where the next value beside it is found.</summary>
internal struct LeafNode
{
    public LeafShape Shape;

    public int KeyAt;

    public int KeyLength;

    public int At;

    public int Length;

    /// <summary>The value of a number; of a list or map, how many values it holds.</summary>
    public long Number;

    /// <summary>The index of the first value after this one and all it holds.</summary>
    public int Next;
}

/// <summary>Reads the bytes of a record, accepting only their one canonical form: RFC 8785 over words, whole numbers, lists and maps.</summary>
/// <remarks>
/// A word is made of <c>[A-Za-z0-9._:/-]</c>, so nothing is ever escaped, and what has no blanks, sorted keys and numbers
/// written shortest is canonical already. It is kept and used again, so that a million records need no memory of their own.
/// </remarks>
internal sealed class LeafText
{
    /// <summary>A record takes no more bytes than this.</summary>
    public const int LongestBytes = 8192;

    private const int LongestWord = 128;

    // The shapes of records need four.
    private const int DeepestLevel = 8;

    private static readonly SearchValues<byte> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/-"u8);

    private LeafNode[] nodes = new LeafNode[64];
    private int count;
    private int at;

    /// <summary>The values in the order of the bytes, each before what it holds; the first is the record itself.</summary>
    public ReadOnlySpan<LeafNode> Nodes => nodes.AsSpan(0, count);

    /// <summary>Reads a record. Answers null, or a stable word for what is wrong with it.</summary>
    public string? Read(ReadOnlySpan<byte> body)
    {
        (count, at) = (0, 0);
        if (body.Length > LongestBytes)
            return "too-long";
        if (body.Length == 0 || body[0] != '{')
            return "no-object";
        return ReadValue(body, 1) ?? (at == body.Length ? null : "more-behind");
    }

    private string? ReadValue(ReadOnlySpan<byte> body, int level)
    {
        if (at == body.Length)
            return "cut-short";
        if (count == nodes.Length)
            Array.Resize(ref nodes, 2 * count);
        var own = count++;
        nodes[own] = default;
        var fault = body[at] switch
        {
            (byte)'"' => ReadWord(body, own),
            (byte)'{' or (byte)'[' => level > DeepestLevel ? "too-deep" : ReadMany(body, own, level),
            _ => ReadNumber(body, own),
        };
        nodes[own].Next = count;
        return fault;
    }

    private string? ReadMany(ReadOnlySpan<byte> body, int own, int level)
    {
        var isMap = body[at++] == '{';
        var close = (byte)(isMap ? '}' : ']');
        nodes[own].Shape = isMap ? LeafShape.Map : LeafShape.List;
        if (at < body.Length && body[at] == close)
            return "empty";
        ReadOnlySpan<byte> before = default;
        do
        {
            var (keyAt, keyLength) = (0, 0);
            if (isMap)
            {
                if (Word(body, out keyAt, out keyLength) is { } wrong)
                    return wrong;
                var key = body.Slice(keyAt, keyLength);
                // Sorted and none twice: each key comes behind the one before it.
                if (before.SequenceCompareTo(key) >= 0)
                    return "keys-not-sorted";
                before = key;
                if (!Skip(body, (byte)':'))
                    return "not-canonical";
            }

            var next = count;
            if (ReadValue(body, level + 1) is { } fault)
                return fault;
            (nodes[next].KeyAt, nodes[next].KeyLength) = (keyAt, keyLength);
            nodes[own].Number++;
        }
        while (Skip(body, (byte)','));
        return Skip(body, close) ? null : "not-canonical";
    }

    private string? ReadWord(ReadOnlySpan<byte> body, int own)
    {
        nodes[own].Shape = LeafShape.Word;
        return Word(body, out nodes[own].At, out nodes[own].Length);
    }

    private string? Word(ReadOnlySpan<byte> body, out int start, out int length)
    {
        (start, length) = (at + 1, 0);
        if (!Skip(body, (byte)'"'))
            return "not-canonical";
        length = body[start..].IndexOfAnyExcept(Alphabet);
        if (length is < 1 or > LongestWord || body[start + length] != '"')
            return "not-a-word";
        at = start + length + 1;
        // What looks like a telephone number may not stand in the open.
        return length is >= 7 and <= 15 && !body.Slice(start, length).ContainsAnyExceptInRange((byte)'0', (byte)'9') ? "bare-digits" : null;
    }

    private string? ReadNumber(ReadOnlySpan<byte> body, int own)
    {
        nodes[own].Shape = LeafShape.Number;
        nodes[own].At = at;
        var negative = Skip(body, (byte)'-');
        var digits = body[at..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (digits is < 1 or > 16 || (body[at] == '0' && (digits > 1 || negative)))
            return "not-a-number";
        var number = 0L;
        for (; digits > 0; digits--)
            number = (number * 10) + (body[at++] - '0');
        nodes[own].Number = negative ? -number : number;
        nodes[own].Length = at - nodes[own].At;
        return number < Encodings.NumberLimit ? null : "not-a-number";
    }

    private bool Skip(ReadOnlySpan<byte> body, byte wanted)
    {
        if (at >= body.Length || body[at] != wanted)
            return false;
        at++;
        return true;
    }
}
