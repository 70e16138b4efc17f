namespace Ringfence.Files;

/// <summary>Where something stands in a file.</summary>
/// <param name="File">Its path.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
internal readonly record struct FilePlace(string File, int Line, int Column);

/// <summary>A part of a YAML or JSON file that remembers where it stands, also after it was merged with parts of other files.</summary>
internal abstract class FileNode(FilePlace at)
{
    public FilePlace At { get; } = at;
}

/// <summary>A text, number, or nothing.</summary>
internal sealed class FileText(FilePlace at, string text, bool isPlain) : FileNode(at)
{
    public string Text { get; } = text;

    /// <summary>Whether it was written as nothing: no value, <c>null</c> or <c>~</c>, without quotes.</summary>
    public bool IsNull { get; } = isPlain && (text is "" or "~" or "null" or "Null" or "NULL");
}

/// <summary>A list.</summary>
internal sealed class FileList(FilePlace at, IReadOnlyList<FileNode> items) : FileNode(at)
{
    public IReadOnlyList<FileNode> Items { get; } = items;
}

/// <summary>A mapping; keys keep the order in which they are written.</summary>
internal sealed class FileMapping(FilePlace at, IReadOnlyList<(FileText Key, FileNode Value)> entries) : FileNode(at)
{
    // Most mappings are short; a long one would be looked through too often.
    private const int Short = 12;

    private readonly Dictionary<string, int>? index =
        entries.Count > Short ? Enumerable.Range(0, entries.Count).ToDictionary(i => entries[i].Key.Text, StringComparer.Ordinal) : null;

    public IReadOnlyList<(FileText Key, FileNode Value)> Entries => entries;

    /// <summary>The value of a key; null where it is not there.</summary>
    public FileNode? Find(string key) => IndexOf(key) is >= 0 and var at ? entries[at].Value : null;

    /// <summary>Where a key itself stands; the mapping where it is not there.</summary>
    public FilePlace PlaceOfKey(string key) => IndexOf(key) is >= 0 and var at ? entries[at].Key.At : At;

    /// <summary>This mapping with another laid over it: mappings are merged key by key, everything else is replaced.</summary>
    public FileMapping With(FileMapping over)
    {
        var merged = new List<(FileText Key, FileNode Value)>(entries);
        foreach (var (key, value) in over.Entries)
        {
            if (IndexOf(key.Text) is >= 0 and var at)
                merged[at] = (key, entries[at].Value is FileMapping under && value is FileMapping top ? under.With(top) : value);
            else
                merged.Add((key, value));
        }

        return new FileMapping(over.At, merged);
    }

    /// <summary>This mapping without some keys.</summary>
    public FileMapping Without(params ReadOnlySpan<string> keys)
    {
        var left = new List<(FileText Key, FileNode Value)>(entries.Count);
        foreach (var entry in entries)
        {
            if (!keys.Contains(entry.Key.Text))
                left.Add(entry);
        }

        return new FileMapping(At, left);
    }

    private int IndexOf(string key)
    {
        if (index is not null)
            return index.GetValueOrDefault(key, -1);
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i].Key.Text == key)
                return i;
        }

        return -1;
    }
}
