using System.Collections.Frozen;
using Ringfence.Rules;

namespace Ringfence.Files;

/// <summary>Tables of texts in three languages that travel inside this library: key cells, English, Simplified Chinese, Traditional Chinese, with tabs between.</summary>
internal static class TextTable
{
    /// <summary>Reads a table; the key cells are held together by blanks.</summary>
    /// <param name="file">Its name.</param>
    /// <param name="keys">How many cells make the key.</param>
    public static FrozenDictionary<string, RuleText> Load(string file, int keys)
    {
        using var text = new StreamReader(typeof(TextTable).Assembly.GetManifestResourceStream(file)!);
        var texts = new Dictionary<string, RuleText>(StringComparer.Ordinal);
        while (text.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            var cells = line.Split('\t');
            texts.Add(string.Join(' ', cells[..keys]), new RuleText(cells[keys], cells[keys + 1], cells[keys + 2]));
        }

        return texts.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
