namespace Ringfence.Verify;

/// <summary>Whether values in a record are of a shape.</summary>
internal static class LeafValues
{
    public static bool IsWord(ReadOnlySpan<byte> body, ReadOnlySpan<LeafNode> nodes, int node) => nodes[node].Shape == LeafShape.Word;

    public static bool IsNumber(LeafNode node) => node.Shape == LeafShape.Number;

    public static bool IsCount(LeafNode node) => IsNumber(node) && node.Number >= 0;

    public static bool IsInstant(ReadOnlySpan<byte> body, ReadOnlySpan<LeafNode> nodes, int node) =>
        IsWord(body, nodes, node) && Encodings.TryInstant(Text(body, nodes[node]), out _);

    // As whoever asked said it: with as much of a second as that has.
    public static bool IsMoment(ReadOnlySpan<byte> body, ReadOnlySpan<LeafNode> nodes, int node)
    {
        if (!IsWord(body, nodes, node))
            return false;
        var text = Text(body, nodes[node]);
        if (text.Length is < 20 or > 30 || text[^1] != 'Z' || (text.Length > 20 && (text[19] != '.' || text.Length == 21 || text[20..^1].IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0)))
            return false;
        Span<byte> whole = stackalloc byte[27];
        text[..19].CopyTo(whole);
        ".000000Z"u8.CopyTo(whole[19..]);
        return Encodings.TryInstant(whole, out _);
    }

    public static bool IsListOfWords(ReadOnlySpan<byte> body, ReadOnlySpan<LeafNode> nodes, int node)
    {
        if (nodes[node].Shape != LeafShape.List)
            return false;
        for (var item = node + 1; item < nodes[node].Next; item = nodes[item].Next)
        {
            if (nodes[item].Shape != LeafShape.Word)
                return false;
        }

        return true;
    }

    public static bool IsSetOfWords(ReadOnlySpan<byte> body, ReadOnlySpan<LeafNode> nodes, int node)
    {
        if (!IsListOfWords(body, nodes, node))
            return false;
        for (var item = node + 2; item < nodes[node].Next; item++)
        {
            if (Text(body, nodes[item - 1]).SequenceCompareTo(Text(body, nodes[item])) >= 0)
                return false;
        }

        return true;
    }

    public static bool IsRising(ReadOnlySpan<byte> body, ReadOnlySpan<LeafNode> nodes, int node)
    {
        if (nodes[node].Shape != LeafShape.List)
            return false;
        var before = -1L;
        for (var item = node + 1; item < nodes[node].Next; item = nodes[item].Next)
        {
            if (!IsCount(nodes[item]) || nodes[item].Number <= before)
                return false;
            before = nodes[item].Number;
        }

        return true;
    }

    // Words and numbers by name, lists of them, and maps of the same, so many levels deep.
    public static bool IsTree(ReadOnlySpan<LeafNode> nodes, int map, int levels)
    {
        if (nodes[map].Shape != LeafShape.Map || levels < 0)
            return false;
        for (var item = map + 1; item < nodes[map].Next; item = nodes[item].Next)
        {
            if (nodes[item].Shape == LeafShape.Map ? !IsTree(nodes, item, levels - 1) : nodes[item].Shape == LeafShape.List && !IsFlat(nodes, item))
                return false;
        }

        return true;
    }

    private static bool IsFlat(ReadOnlySpan<LeafNode> nodes, int list)
    {
        for (var item = list + 1; item < nodes[list].Next; item = nodes[item].Next)
        {
            if (nodes[item].Shape is LeafShape.List or LeafShape.Map)
                return false;
        }

        return true;
    }

    // ISO 8601 in whole numbers, such as P2Y or P1DT12H.
    public static bool IsValidity(ReadOnlySpan<byte> body, ReadOnlySpan<LeafNode> nodes, int node)
    {
        if (!IsWord(body, nodes, node))
            return false;
        var text = Text(body, nodes[node]);
        if (text.SequenceEqual("until-withdrawn"u8))
            return true;
        if (text[0] != 'P' || text.Length < 3)
            return false;
        text = text[1..];
        var time = text.IndexOf((byte)'T');
        return time < 0
            ? InOrder(text, "YMWD"u8)
            : InOrder(text[..time], "YMWD"u8) && time + 1 < text.Length && InOrder(text[(time + 1)..], "HMS"u8);
    }

    private static bool InOrder(ReadOnlySpan<byte> text, ReadOnlySpan<byte> units)
    {
        while (text.Length > 0)
        {
            var digits = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            if (digits is < 1 or > 9 || units.IndexOf(text[digits]) is not (>= 0 and var unit))
                return false;
            units = units[(unit + 1)..];
            text = text[(digits + 1)..];
        }

        return true;
    }

    public static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> body, LeafNode node) => body.Slice(node.At, node.Length);
}
