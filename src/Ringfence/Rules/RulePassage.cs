using Ringfence.Files;

namespace Ringfence.Rules;

/// <summary>Finds the part of a file that says to what a rule applies and what it does.</summary>
internal static class RulePassage
{
    // What a file says about the rule rather than in it: docs/reference/rules.md, "Head".
    private static readonly string[] Head =
    [
        "id", "says", "name", "cites", "source", "also", "certainty", "grade", "from", "from-is", "until", "state", "contested", "reading", "reaches", "aspect",
    ];

    /// <summary>The lines of all keys of a rule file but those of the head, with the remarks above them; the whole file where keys share a line.</summary>
    public static string Of(string file, string text)
    {
        var lines = LinesOf(text);
        return Of((FileMapping)Read(file, text), lines, lines.Length);
    }

    /// <summary>The same of one rule of a file of house rules, as far to the left as it goes.</summary>
    public static string OfHouse(string file, string text, string id)
    {
        var lines = LinesOf(text);
        var whole = (FileMapping)Read(file, text);
        // What comes next ends a rule: another one, or another key of the file.
        var next = whole.Entries.Select(static entry => entry.Key.At.Line).ToList();
        FileMapping? found = null;
        foreach (var rule in (whole.Find("rules") as FileList)?.Items.OfType<FileMapping>() ?? [])
        {
            next.Add(rule.At.Line);
            if (rule.Find("id") is FileText { Text: var one } && one == id)
                found = rule;
        }

        if (found is null)
            return text;
        var end = next.Where(line => line > found.At.Line).Select(line => FirstOf(lines, line - 1)).DefaultIfEmpty(lines.Length).Min();
        return Of(found, lines, end);
    }

    /// <summary>What a file says but for some of its keys, the same for all files that say the same: keys in order, without remarks and without how it is written.</summary>
    public static string Canonical(string file, string text, params ReadOnlySpan<string> beside)
    {
        var to = new System.Text.StringBuilder();
        Write(((FileMapping)Read(file, text)).Without(beside), to);
        return to.ToString();
    }

    private static void Write(FileNode node, System.Text.StringBuilder to)
    {
        switch (node)
        {
            case FileMapping map:
                foreach (var (key, value) in map.Entries.OrderBy(static entry => entry.Key.Text, StringComparer.Ordinal))
                {
                    to.Append('{').Append(key.Text.Length).Append(':').Append(key.Text);
                    Write(value, to);
                    to.Append('}');
                }

                break;
            case FileList list:
                foreach (var item in list.Items)
                {
                    to.Append('[');
                    Write(item, to);
                    to.Append(']');
                }

                break;
            case FileText one:
                to.Append(one.Text.Length).Append(':').Append(one.Text);
                break;
        }
    }

    private static string Of(FileMapping map, string[] lines, int end)
    {
        var keys = map.Entries.Select(static entry => entry.Key.At).ToArray();
        if (keys.DistinctBy(static at => at.Line).Count() < keys.Length)
            return string.Join('\n', lines[(map.At.Line - 1)..end]).Trim();

        var indent = keys[0].Column - 1;
        var starts = keys.Select(at => FirstOf(lines, at.Line - 1)).Append(end).ToArray();
        var passage = map.Entries.Index().Where(static entry => !Head.Contains(entry.Item.Key.Text))
            .SelectMany(entry => lines[starts[entry.Index]..starts[entry.Index + 1]].Select(line => line[Math.Min(indent, line.Length - line.TrimStart().Length)..]));
        return string.Join('\n', passage).TrimEnd();
    }

    // A remark belongs to the key below it.
    private static int FirstOf(string[] lines, int key)
    {
        while (key > 0 && lines[key - 1].TrimStart().StartsWith('#'))
            key--;
        return key;
    }

    private static FileNode Read(string file, string text)
    {
        using var reader = new StringReader(text);
        return YamlTree.Read(file, reader);
    }

    private static string[] LinesOf(string text) => text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
}
