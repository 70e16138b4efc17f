namespace Ringfence.Language;

/// <summary>The words of a phrase book as a letter tree: a word of a text finds in one walk what it can stand for.</summary>
/// <remarks>
/// A word may be known exactly, by its beginning (<c>anruf*</c>), or as a number (<c>#</c>: it begins with a digit). What a
/// word can stand for is its <em>class</em>, an index into <see cref="Meanings"/>; class 0 stands for nothing.
/// </remarks>
internal sealed class Vocabulary
{
    private readonly Dictionary<string, int> _ids = [];
    private readonly Dictionary<(int Node, char Letter), int> _children = [];
    private readonly List<(int Exact, int Stem)> _nodes = [(-1, -1)];
    private readonly int _number;
    private int[] _whenEnded = [];
    private int[] _whenBeyond = [];

    public Vocabulary() => _number = Id("#");

    /// <summary>For each class, the ids of the words it can stand for.</summary>
    public int[][] Meanings { get; private set; } = [];

    /// <summary>How many different words there are.</summary>
    public int Count => _ids.Count;

    /// <summary>The id of a folded word as a pattern writes it, such as <c>call</c> or <c>anruf*</c>.</summary>
    public int Id(string word)
    {
        if (_ids.TryGetValue(word, out var known))
            return known;
        var id = _ids[word] = _ids.Count;
        if (word == "#")
            return id;

        var stem = word.EndsWith('*');
        var node = 0;
        foreach (var letter in stem ? word[..^1] : word)
        {
            if (!_children.TryGetValue((node, letter), out var next))
            {
                _children[(node, letter)] = next = _nodes.Count;
                _nodes.Add((-1, -1));
            }

            node = next;
        }

        _nodes[node] = stem ? _nodes[node] with { Stem = id } : _nodes[node] with { Exact = id };
        return id;
    }

    /// <summary>Settles the classes, after the last word was added.</summary>
    public void Settle()
    {
        var meanings = new List<int[]> { Array.Empty<int>(), new[] { _number } };
        _whenEnded = new int[_nodes.Count];
        _whenBeyond = new int[_nodes.Count];
        var stems = new List<int>[_nodes.Count];
        stems[0] = [];
        List<int> number = [_number];
        // Invariant: a node's number is higher than its parent's, so the parent's stems are known.
        foreach (var ((parent, letter), node) in _children.OrderBy(c => c.Value))
        {
            var above = parent == 0 && char.IsAsciiDigit(letter) ? number : stems[parent];
            stems[node] = _nodes[node].Stem >= 0 ? [.. above, _nodes[node].Stem] : above;
            _whenBeyond[node] = ClassOf(stems[node]);
            _whenEnded[node] = _nodes[node].Exact >= 0 ? ClassOf([.. stems[node], _nodes[node].Exact]) : _whenBeyond[node];
        }

        Meanings = [.. meanings];

        int ClassOf(List<int> ids)
        {
            if (ids.Count == 0)
                return 0;
            meanings.Add([.. ids]);
            return meanings.Count - 1;
        }
    }

    /// <summary>The class of a folded word.</summary>
    public int ClassOf(ReadOnlySpan<char> word)
    {
        var node = 0;
        foreach (var letter in word)
        {
            if (!_children.TryGetValue((node, letter), out var next))
                return _whenBeyond[node] is var beyond && beyond == 0 && char.IsAsciiDigit(word[0]) ? 1 : beyond;
            node = next;
        }

        return _whenEnded[node];
    }
}
