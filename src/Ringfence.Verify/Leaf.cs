using System.Text;

namespace Ringfence.Verify;

/// <summary>A record as it stands in the tree: bytes of the one accepted form, and what of it the checks ask for.</summary>
/// <remarks>It may be read into anew; then nothing of the record before is left.</remarks>
internal sealed class Leaf
{
    private readonly LeafText text = new();
    private ReadOnlyMemory<byte> body;

    /// <summary>Its place in the ledger, from 0.</summary>
    public long Seq { get; private set; }

    /// <summary>When it was put in order, in microseconds since the year 1.</summary>
    public long At { get; private set; }

    /// <summary>Whether it is of the type that opens a ledger.</summary>
    public bool IsGenesis => Is("type", "ledger.genesis");

    /// <summary>Whether it is of the type by which a ledger goes on under another name.</summary>
    public bool IsRecovered => Is("type", "ledger.recovered");

    /// <summary>Reads a record. Answers null, or a stable word for what is wrong with it.</summary>
    public string? Read(ReadOnlyMemory<byte> bytes)
    {
        body = bytes;
        (Seq, At) = (-1, 0);
        if ((text.Read(bytes.Span) ?? LeafShapes.Fault(bytes.Span, text.Nodes)) is { } fault)
            return fault;
        Seq = text.Nodes[Find("seq")].Number;
        Encodings.TryInstant(Bytes("at"), out var at);
        At = at;
        return null;
    }

    /// <summary>The word at a path of keys, such as <c>notice.doc</c>, as bytes; empty where there is none.</summary>
    public ReadOnlySpan<byte> Bytes(string path) => Find(path) is >= 0 and var node ? Bytes(text.Nodes[node]) : default;

    /// <summary>The word at a path of keys; null where there is none.</summary>
    public string? Word(string path) => Find(path) is >= 0 and var node ? Encoding.ASCII.GetString(Bytes(text.Nodes[node])) : null;

    /// <summary>Whether the word at a path of keys is this one.</summary>
    public bool Is(string path, string word) => Ascii.Equals(Bytes(path), word);

    /// <summary>The words of the list at a path of keys; null where there is none.</summary>
    public IReadOnlyList<string>? Words(string path)
    {
        if (Find(path) is not (>= 0 and var list))
            return null;
        var words = new List<string>();
        for (var item = list + 1; item < text.Nodes[list].Next; item = text.Nodes[item].Next)
            words.Add(Encoding.ASCII.GetString(Bytes(text.Nodes[item])));
        return words;
    }

    /// <summary>The earlier records it speaks of.</summary>
    public IEnumerable<long> About => (Words("about") ?? []).Select(word => long.Parse(word, System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>The groups it commits to.</summary>
    public IReadOnlyList<string> Groups
    {
        get
        {
            var groups = new List<string>();
            if (Find("commits") is >= 0 and var commits)
            {
                for (var item = commits + 1; item < text.Nodes[commits].Next; item = text.Nodes[item].Next)
                    groups.Add(Encoding.ASCII.GetString(body.Span.Slice(text.Nodes[item].KeyAt, text.Nodes[item].KeyLength)));
            }

            return groups;
        }
    }

    private ReadOnlySpan<byte> Bytes(LeafNode node) => body.Span.Slice(node.At, node.Length);

    private int Find(string path)
    {
        var node = 0;
        foreach (var step in path.AsSpan().Split('.'))
        {
            node = Child(node, path.AsSpan(step));
            if (node < 0)
                return -1;
        }

        return node;
    }

    private int Child(int map, ReadOnlySpan<char> key)
    {
        var nodes = text.Nodes;
        for (var item = map + 1; item < nodes[map].Next; item = nodes[item].Next)
        {
            if (Ascii.Equals(body.Span.Slice(nodes[item].KeyAt, nodes[item].KeyLength), key))
                return item;
        }

        return -1;
    }
}
