namespace Ringfence.Language;

/// <summary>The words of a phrase book as a letter tree: a word of a text finds in one walk what it can stand for.</summary>
/// <remarks>
/// A word may be known exactly, by its beginning (<c>anruf*</c>), or as a number (<c>#</c>: it begins with a digit). What a
/// word can stand for is its <em>class</em>, an index into <see cref="Meanings"/>; class 0 stands for nothing.
/// </remarks>
internal sealed class Vocabulary
{
    /// <summary>The id of any number: <c>#</c>.</summary>
    public const int AnyNumber = 0;

    private const int Nothing = 0;
    private const int Number = 1;
    private const int NodeBits = 24;

    private Node[] _nodes = new Node[1 << 11];
    private int _nodeCount = 1;

    // Ways from a node by a letter to a node, in one number each (24 bits, 16, 24), at the place of its hash or the next free one.
    private ulong[] _ways = new ulong[1 << 12];
    private int _shift = 64 - 12;
    private int[] _whenEnded = [];
    private int[] _whenBeyond = [];

    /// <summary>For each class, the ids of the words it can stand for.</summary>
    public int[][] Meanings { get; private set; } = [];

    /// <summary>How many different words there are; their ids are below that.</summary>
    public int Count { get; private set; } = AnyNumber + 1;

    /// <summary>The id of a folded word.</summary>
    /// <param name="word">The word, such as <c>call</c>, or the beginning of words, such as <c>anruf</c>.</param>
    /// <param name="isStem">Whether it is a beginning.</param>
    public int Id(ReadOnlySpan<char> word, bool isStem)
    {
        var at = 0;
        foreach (var letter in word)
            at = Next(at, letter) is var next && next > 0 ? next : Add(at, letter);
        ref var node = ref _nodes[at];
        ref var id = ref isStem ? ref node.Stem : ref node.Exact;
        if (id == 0)
            id = Count++;
        return id;
    }

    /// <summary>Settles the classes, after the last word was added.</summary>
    public void Settle()
    {
        List<int[]> meanings = [[], [AnyNumber]];
        _whenEnded = new int[_nodeCount];
        _whenBeyond = new int[_nodeCount];
        // Invariant: a node's number is higher than its parent's, so the parent's classes are known.
        for (var i = 1; i < _nodeCount; i++)
        {
            var node = _nodes[i];
            var above = node.Parent == 0 && char.IsAsciiDigit(node.Letter) ? Number : _whenBeyond[node.Parent];
            _whenBeyond[i] = And(above, node.Stem);
            _whenEnded[i] = And(_whenBeyond[i], node.Exact);
        }

        Meanings = [.. meanings];

        int And(int wordClass, int id)
        {
            if (id == 0)
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
        if (_nodeCount * 3 > _ways.Length)
        {
            (_ways, _shift) = (new ulong[_ways.Length * 2], _shift - 1);
            for (var i = 1; i < _nodeCount; i++)
                Lay(_nodes[i].Parent, _nodes[i].Letter, i);
        }

        if (_nodeCount == _nodes.Length)
            Array.Resize(ref _nodes, _nodeCount * 2);
        (_nodes[_nodeCount].Parent, _nodes[_nodeCount].Letter) = (parent, letter);
        Lay(parent, letter, _nodeCount);
        return _nodeCount++;
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

    /// <summary>What letters lead to: from which node, by which letter; and the words that end or only begin here, 0 for none.</summary>
    private struct Node
    {
        public int Parent;
        public char Letter;
        public int Exact;
        public int Stem;
    }
}
