using System.Globalization;
using Ringfence.Files;
using Ringfence.Ledger;

namespace Ringfence.Gate;

/// <summary>The mapping of a situation in the shape that a record can hold, and back: one level of objects, words and lists of words.</summary>
/// <remarks>
/// Each mapping becomes an object named by its path: <c>ask</c>, <c>ask.template</c>, the first of a list <c>consents:0</c>. What stands in the outermost mapping itself, and
/// words within a list of mappings, stand beside them. The integer 0 is an empty list, 1 an empty mapping; a + is written <c>::</c>.
/// </remarks>
internal static class FactsTree
{
    private const long EmptyList = 0;
    private const long EmptyMapping = 1;

    /// <summary>Lays a mapping flat.</summary>
    /// <exception cref="ArgumentException">It holds what no record may; the message names where.</exception>
    public static List<(string Name, LeafValue Value)> Flatten(FileMapping facts)
    {
        var objects = new List<(string, LeafValue)>();
        foreach (var (key, value) in facts.Entries)
            Lay(key.Text, value, objects);
        return objects;
    }

    /// <summary>The mapping again; null where this is none of <see cref="Flatten"/>.</summary>
    public static FileMapping? Unflatten(LeafValue.Map flat)
    {
        var root = new Branch();
        foreach (var (name, value) in flat.Members)
        {
            if (root.Find(name) is not { } place || !place.Take(value))
                return null;
        }

        return root.Node() as FileMapping;
    }

    private static void Lay(string path, FileNode node, List<(string, LeafValue)> objects)
    {
        switch (node)
        {
            case FileText or FileList { Items.Count: 0 } or FileMapping { Entries.Count: 0 }:
                objects.Add((path, Value(path, node)));
                break;
            case FileList list when list.Items.All(static item => item is FileText):
                objects.Add((path, Value(path, node)));
                break;
            case FileList list:
                for (var i = 0; i < list.Items.Count; i++)
                    Lay(string.Create(CultureInfo.InvariantCulture, $"{path}:{i}"), list.Items[i], objects);
                break;
            case FileMapping map:
                var members = new List<(string, LeafValue)>();
                foreach (var (key, value) in map.Entries)
                {
                    var inner = $"{path}.{key.Text}";
                    if (value is FileMapping { Entries.Count: > 0 } || value is FileList list && list.Items.Any(static item => item is not FileText))
                        Lay(inner, value, objects);
                    else
                        members.Add((key.Text, Value(inner, value)));
                }

                if (members.Count > 0)
                    objects.Add((path, LeafValue.Map.Of([.. members])));
                break;
        }
    }

    private static LeafValue Value(string path, FileNode node) => node switch
    {
        FileText text => Word(path, text.Text),
        FileList { Items.Count: 0 } => EmptyList,
        FileList list => LeafValue.ListOf(list.Items.Select(item => Word(path, ((FileText)item).Text))),
        _ => EmptyMapping,
    };

    private static string Word(string path, string text)
    {
        var word = text.Replace("+", "::", StringComparison.Ordinal);
        return !text.Contains("::", StringComparison.Ordinal) && LeafText.Allows(word) ? word : throw new ArgumentException($"{path} is no word that a record can hold.", nameof(text));
    }

    private static string Text(string word) => word.Replace("::", "+", StringComparison.Ordinal);

    /// <summary>A place in the mapping that is built up again.</summary>
    private sealed class Branch
    {
        private readonly List<(string Key, Branch Value)> members = [];
        private readonly SortedDictionary<int, Branch> items = [];
        private FileNode? value;

        /// <summary>The place of a path; null where it is none.</summary>
        public Branch? Find(string path)
        {
            var at = this;
            foreach (var step in path.Split('.'))
            {
                var parts = step.Split(':');
                if (parts[0].Length == 0 || parts.Length > 2)
                    return null;
                at = at.Member(parts[0]);
                if (parts.Length == 1)
                    continue;
                if (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var index))
                    return null;
                if (!at.items.TryGetValue(index, out var item))
                    at.items.Add(index, item = new Branch());
                at = item;
            }

            return at;
        }

        /// <summary>Fills it; false where it is filled already, or by something else.</summary>
        public bool Take(LeafValue with)
        {
            if (with is LeafValue.Map map)
                return map.Members.All(member => member.Value is not LeafValue.Map && Member(member.Key).Take(member.Value));
            if (value is not null || members.Count > 0 || items.Count > 0)
                return false;
            value = with switch
            {
                LeafValue.Word word => FactMap.Leaf(Text(word.Text)),
                LeafValue.Number { Value: EmptyList } => new FileList(default, []),
                LeafValue.Number { Value: EmptyMapping } => new FileMapping(default, []),
                LeafValue.List list when list.Items.All(static item => item is LeafValue.Word) => new FileList(default, [.. list.Items.Select(static item => FactMap.Leaf(Text(item.AsText!)))]),
                _ => null,
            };
            return value is not null;
        }

        /// <summary>What it stands for; null where it is not whole.</summary>
        public FileNode? Node()
        {
            if (value is not null)
                return members.Count == 0 && items.Count == 0 ? value : null;
            if (items.Count > 0)
            {
                var list = items.Values.Select(static item => item.Node()).ToArray();
                return members.Count == 0 && items.Keys.Last() == items.Count - 1 && !list.Contains(null) ? new FileList(default, list!) : null;
            }

            var entries = new List<(FileText, FileNode)>();
            foreach (var (key, branch) in members)
            {
                if (branch.Node() is not { } node)
                    return null;
                entries.Add((FactMap.Leaf(key), node));
            }

            return new FileMapping(default, entries);
        }

        private Branch Member(string key)
        {
            foreach (var (known, branch) in members)
            {
                if (known == key)
                    return branch;
            }

            var made = new Branch();
            members.Add((key, made));
            return made;
        }
    }
}
