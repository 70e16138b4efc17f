using Ringfence.Rules;

namespace Ringfence.Files;

/// <summary>What a file sets under one key.</summary>
/// <param name="Key">The key.</param>
/// <param name="Values">A text, or the texts of a list; never empty.</param>
/// <param name="File">The file.</param>
/// <param name="Line">Of the key, from 1.</param>
public sealed record FileSetting(string Key, IReadOnlyList<string> Values, string File, int Line);

/// <summary>A file of settings: YAML, one mapping of keys to texts or lists of texts.</summary>
public static class SettingsFile
{
    /// <summary>Reads a file, strictly: a key that is not known, or stands twice, or has no value, is an error.</summary>
    /// <param name="file">Its path, for messages.</param>
    /// <param name="text">Its content.</param>
    /// <param name="known">The keys there are.</param>
    /// <exception cref="RuleFileException">It is no such file. The message names line and column, and no value.</exception>
    public static IReadOnlyList<FileSetting> Read(string file, string text, IReadOnlyList<string> known)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(known);
        using var reader = new StringReader(text);
        var root = YamlTree.Read(file, reader);
        if (root is not FileMapping map)
            throw RuleFileException.At(root.At, "settings are wanted: a line 'key: value' for each");
        var settings = new List<FileSetting>();
        foreach (var (key, value) in map.Entries)
        {
            if (!known.Contains(key.Text, StringComparer.Ordinal))
                throw RuleFileException.At(key.At, $"unknown key {Spelling.NoneOf(key.Text, known)}");
            settings.Add(new FileSetting(key.Text, ValuesOf(key.Text, value), file, key.At.Line));
        }

        return settings;
    }

    private static string[] ValuesOf(string key, FileNode value) => value switch
    {
        FileText { IsNull: false } text when !string.IsNullOrWhiteSpace(text.Text) => [text.Text],
        FileList { Items.Count: > 0 } list => [.. list.Items.SelectMany(item => item is FileText ? ValuesOf(key, item) : throw RuleFileException.At(item.At, $"'{key}' takes a text, or a list of texts"))],
        FileMapping => throw RuleFileException.At(value.At, $"'{key}' takes a text, or a list of texts"),
        _ => throw RuleFileException.At(value.At, $"'{key}' has no value"),
    };
}
