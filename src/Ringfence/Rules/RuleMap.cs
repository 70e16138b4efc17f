using System.Globalization;
using Ringfence.Files;
using Ringfence.Gate;

namespace Ringfence.Rules;

/// <summary>A mapping of a file that is read key by key, and in which a key nobody asked for is an error.</summary>
internal sealed class RuleMap
{
    private readonly FileMapping node;
    private readonly bool nullIsLeftOut;

    // In the order in which they were asked for, as errors list them.
    private readonly HashSet<string> asked = new(StringComparer.Ordinal);

    private RuleMap(FileMapping node, bool nullIsLeftOut) => (this.node, this.nullIsLeftOut) = (node, nullIsLeftOut);

    /// <summary>Reads the one document of a file.</summary>
    /// <exception cref="RuleFileException">It is no YAML, a key stands twice, or it is no mapping.</exception>
    public static RuleMap Read(string file, TextReader text) => Of(YamlTree.Read(file, text));

    /// <summary>Reads a mapping.</summary>
    /// <param name="node">What ought to be one.</param>
    /// <param name="nullIsLeftOut">Whether a key with nothing behind it is as good as none, in it and all that it holds; else it is an error.</param>
    public static RuleMap Of(FileNode node, bool nullIsLeftOut = false) =>
        node is FileMapping map ? new RuleMap(map, nullIsLeftOut) : throw RuleFileException.At(node.At, "a mapping is wanted here");

    /// <summary>Where the mapping starts.</summary>
    public FilePlace At => node.At;

    /// <summary>All keys, as written; each then counts as asked for.</summary>
    public IReadOnlyList<string> Keys()
    {
        var keys = node.Entries.Select(entry => entry.Key.Text).ToArray();
        asked.UnionWith(keys);
        return keys;
    }

    /// <summary>Whether there is something behind the key.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>What stands behind a key; null where it is not there.</summary>
    public FileNode? Find(string key)
    {
        asked.Add(key);
        return node.Find(key) is { } value && !(nullIsLeftOut && value is FileText { IsNull: true }) ? value : null;
    }

    public string Text(string key) => OptionalText(key) ?? throw Missing(key);

    public string? OptionalText(string key) => Find(key) is { } value ? Scalar(value, key).Text : null;

    public RuleMap Map(string key) => OptionalMap(key) ?? throw Missing(key);

    public RuleMap? OptionalMap(string key) => Find(key) is { } value ? Of(value, nullIsLeftOut) : null;

    /// <summary>A list of plain texts, or one text for a list of one; empty where the key is not there.</summary>
    public IReadOnlyList<string> List(string key) => [.. Items(key).Select(item => item.Text)];

    /// <summary>The same, with places.</summary>
    public IReadOnlyList<FileText> Items(string key) => Nodes(key) is { Count: > 0 } nodes ? [.. nodes.Select(item => Scalar(item, key))] : [];

    /// <summary>A list of mappings; empty where the key is not there.</summary>
    public IReadOnlyList<RuleMap> Maps(string key) => Find(key) switch
    {
        null => [],
        FileList list => [.. list.Items.Select(item => Of(item, nullIsLeftOut))],
        var other => throw RuleFileException.At(other.At, $"'{key}' has to be a list"),
    };

    /// <summary>A list of anything, or one thing for a list of one; empty where the key is not there.</summary>
    public IReadOnlyList<FileNode> Nodes(string key) => Find(key) switch
    {
        null => [],
        FileList list => list.Items,
        var one => [one],
    };

    /// <summary>One of several words.</summary>
    public string OneOf(string key, params string[] words)
    {
        var word = Text(key);
        return words.Contains(word, StringComparer.Ordinal) ? word : throw Wrong(key, Spelling.NoneOf(word, words));
    }

    /// <summary>True, false, or null where the key is not there.</summary>
    public bool? OptionalFlag(string key) => Has(key) ? OneOf(key, "true", "false") == "true" : null;

    /// <summary>Whether the key is there; only <c>true</c> may stand behind it.</summary>
    public bool True(string key) => Has(key) && OneOf(key, "true") == "true";

    public decimal? OptionalAmount(string key)
    {
        if (OptionalText(key) is not { } text)
            return null;
        return decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
            ? amount
            : throw Wrong(key, $"'{text}' is no amount");
    }

    /// <summary>A whole number within bounds.</summary>
    public int Count(string key, int least, int most) =>
        int.TryParse(Text(key), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && least <= number && number <= most
            ? number
            : throw Wrong(key, string.Create(CultureInfo.InvariantCulture, $"'{Text(key)}' is no whole number from {least} to {most}"));

    /// <summary>A word of an enumeration.</summary>
    public T Word<T>(string key) where T : struct, Enum => OptionalWord<T>(key) ?? throw Missing(key);

    public T? OptionalWord<T>(string key) where T : struct, Enum => Find(key) is { } value ? WordOf<T>(Scalar(value, key)) : null;

    /// <summary>Words of an enumeration; an error where the key is missing or the list is empty.</summary>
    public IReadOnlyList<T> Words<T>(string key) where T : struct, Enum => [.. Wanted(key).Select(WordOf<T>)];

    /// <summary>The same as a mask, in which bit n stands for the n-th value of the enumeration.</summary>
    public uint Mask<T>(string key) where T : struct, Enum => (uint)MaskOf(Wanted(key), Gate.Words<T>.Table);

    /// <summary>The same as a set of flags.</summary>
    public T AnyFlags<T>(string key) where T : struct, Enum => (T)Enum.ToObject(typeof(T), MaskOf(Wanted(key), Gate.Words<T>.Table));

    /// <summary>Words of a set of flags; none where the key is missing or the list is empty.</summary>
    public T Flags<T>(string key) where T : struct, Enum => (T)Enum.ToObject(typeof(T), MaskOf(Items(key), Gate.Words<T>.Table));

    /// <summary>Words of channels; none where the key is missing or the list is empty.</summary>
    public ChannelSet Channels(string key) => (ChannelSet)MaskOf(Items(key), Gate.Words<Channel>.Table);

    private IReadOnlyList<FileText> Wanted(string key) => Items(key) is { Count: > 0 } items ? items : throw (Has(key) ? Wrong(key, "the list is empty") : Missing(key));

    private static ulong MaskOf(IReadOnlyList<FileText> items, WordTable table)
    {
        var mask = 0ul;
        foreach (var item in items)
            mask |= 1ul << IndexOf(item, table);
        return mask;
    }

    private static int IndexOf(FileText item, WordTable table) =>
        table.IndexOf(item.Text) is >= 0 and var at ? at : throw RuleFileException.At(item.At, Spelling.NoneOf(item.Text, table.Words));

    /// <summary>The error for a value that can't be.</summary>
    public RuleFileException Wrong(string key, string what) => RuleFileException.At(PlaceOf(key), $"'{key}': {what}");

    /// <summary>The error for a key that is not there.</summary>
    public RuleFileException Missing(string key) => RuleFileException.At(At, $"'{key}' is missing");

    /// <summary>Where the value of a key starts; the mapping where the key is not there.</summary>
    public FilePlace PlaceOf(string key) => node.Find(key)?.At ?? At;

    /// <summary>Where a key itself stands; the mapping where it is not there.</summary>
    public FilePlace PlaceOfKey(string key) => node.PlaceOfKey(key);

    /// <summary>To be called when all is read.</summary>
    /// <param name="elsewhere">Keys that were read elsewhere, and are not in this mapping.</param>
    /// <exception cref="RuleFileException">A key was never asked for.</exception>
    public void Done(params ReadOnlySpan<string> elsewhere)
    {
        foreach (var key in elsewhere)
            asked.Add(key);
        foreach (var (written, _) in node.Entries)
        {
            if (!asked.Contains(written.Text))
                throw Unknown(written);
        }
    }

    /// <summary>The error for a key that is not known, beside all those that were asked for.</summary>
    private RuleFileException Unknown(FileText key)
    {
        var hint = Spelling.Nearest(key.Text, [.. asked]) is { } near ? $"; was '{near}' meant?" : "";
        return RuleFileException.At(key.At, $"unknown key '{key.Text}'; known are {string.Join(", ", asked)}{hint}");
    }

    /// <summary>Reads one word of an enumeration.</summary>
    public static T WordOf<T>(FileText item) where T : struct, Enum =>
        (T)Enum.ToObject(typeof(T), Gate.Words<T>.Table.Values[IndexOf(item, Gate.Words<T>.Table)]);

    /// <summary>Reads a text.</summary>
    public static FileText Scalar(FileNode value, string key) =>
        value is FileText { IsNull: false } text && !string.IsNullOrWhiteSpace(text.Text) ? text : throw RuleFileException.At(value.At, $"'{key}' has to be a text");
}
