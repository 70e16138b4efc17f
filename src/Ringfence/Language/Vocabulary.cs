namespace Ringfence.Language;

/// <summary>The words of a phrase book as a letter tree: a word of a text finds in one walk what it can stand for.</summary>
/// <remarks>
/// A word may be known exactly, by its beginning (<c>anruf*</c>), or as a number (<c>#</c>: it begins with a digit). What a
/// word can stand for is its <em>class</em>, an index into <see cref="Meanings"/>; class 0 stands for nothing.
/// </remarks>
internal sealed class Vocabulary
{
    private const int Nothing = 0;
    private const int Number = 1;
    private const int NodeBits = 24;

    private readonly Dictionary<string, int> _ids = [];
    private readonly List<Node> _nodes = [new Node(0, '\0')];

    // Ways from a node by a letter to a node, in one number each (24 bits, 16, 24), at the place of its hash or the next free one.
    private ulong[] _ways = new ulong[1 << 12];
    private int _shift = 64 - 12;
    private int[] _whenEnded = [];
    private int[] _whenBeyond = [];

    public Vocabulary() => Id("#");

    /// <summary>For each class, the ids of the words it can stand for.</summary>
    public int[][] Meanings { get; private set; } = [];

    /// <summary>How many different words there are; their ids are below that.</summary>
    public int Count => _ids.Count;

    /// <summary>The id of a folded word as a pattern writes it, such as <c>call</c> or <c>anruf*</c>.</summary>
    public int Id(ReadOnlySpan<char> word)
    {
        var ids = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
        if (ids.TryGetValue(word, out var known))
            return known;
        var id = _ids.Count;
        ids[word] = id;
        if (word is "#")
            return id;

        var isStem = word[^1] == '*';
        var node = 0;
        foreach (var letter in isStem ? word[..^1] : word)
            node = Next(node, letter) is var next && next > 0 ? next : Add(node, letter);
        _nodes[node] = isStem ? _nodes[node] with { Stem = id } : _nodes[node] with { Exact = id };
        return id;
    }

    /// <summary>Settles the classes, after the last word was added.</summary>
    public void Settle()
    {
        List<int[]> meanings = [[], [0]];
        _whenEnded = new int[_nodes.Count];
        _whenBeyond = new int[_nodes.Count];
        // Invariant: a node's number is higher than its parent's, so the parent's classes are known.
        for (var i = 1; i < _nodes.Count; i++)
        {
            var node = _nodes[i];
            var above = node.Parent == 0 && char.IsAsciiDigit(node.Letter) ? Number : _whenBeyond[node.Parent];
            _whenBeyond[i] = And(above, node.Stem);
            _whenEnded[i] = And(_whenBeyond[i], node.Exact);
        }

        Meanings = [.. meanings];

        int And(int wordClass, int id)
        {
            if (id < 0)
                return wordClass;
            meanings.Add([.. meanings[wordClass], id]);
            return meanings.Count - 1;
        }
    }

    /// <summary>The class of a folded word.</summary>
    public int ClassOf(ReadOnlySpan<char> word)
    {
        var node = 0;
        foreach (var letter in word)
        {
            var next = Next(node, letter);
            if (next == 0)
                return _whenBeyond[node] is var beyond && beyond == Nothing && char.IsAsciiDigit(word[0]) ? Number : beyond;
            node = next;
        }

        return _whenEnded[node];
    }

    private int Next(int node, char letter)
    {
        var key = ((ulong)(uint)node << 16) | letter;
        var ways = _ways;
        for (var place = Place(key); ; place++)
        {
            var way = ways[place & (ways.Length - 1)];
            if (way >> NodeBits == key)
                return (int)(way & ((1 << NodeBits) - 1));
            if (way == 0)
                return 0;
        }
    }

    private int Add(int parent, char letter)
    {
        // Invariant: most places are free, so that a way that isn't there is soon known not to be.
        if (_nodes.Count * 3 > _ways.Length)
        {
            (_ways, _shift) = (new ulong[_ways.Length * 2], _shift - 1);
            for (var i = 1; i < _nodes.Count; i++)
                Lay(_nodes[i].Parent, _nodes[i].Letter, i);
        }

        _nodes.Add(new Node(parent, letter));
        Lay(parent, letter, _nodes.Count - 1);
        return _nodes.Count - 1;
    }

    private void Lay(int parent, char letter, int node)
    {
        var key = ((ulong)(uint)parent << 16) | letter;
        var place = Place(key);
        while (_ways[place & (_ways.Length - 1)] != 0)
            place++;
        _ways[place & (_ways.Length - 1)] = (key << NodeBits) | (uint)node;
    }

    private int Place(ulong key) => unchecked((int)((key * 0x9E3779B97F4A7C15) >> _shift));

    private readonly record struct Node(int Parent, char Letter, int Exact = -1, int Stem = -1);
}
