using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Ringfence.Rules;

/// <summary>A YAML mapping that is read key by key, and in which a key nobody asked for is an error.</summary>
internal sealed class RuleMap
{
    private readonly string file;
    private readonly YamlMappingNode node;
    private readonly HashSet<string> asked = new(StringComparer.Ordinal);

    private RuleMap(string file, YamlMappingNode node) => (this.file, this.node) = (file, node);

    /// <summary>Reads the one document of a file.</summary>
    /// <exception cref="RuleFileException">It is no YAML, a key stands twice, or it is no mapping.</exception>
    public static RuleMap Read(string file, TextReader text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(text);
        }
        catch (YamlException e)
        {
            throw RuleFileException.At(file, e.Start.Line, e.InnerException?.Message ?? e.Message);
        }

        if (stream.Documents.Count != 1)
            throw RuleFileException.At(file, 1, "one document is wanted");
        return Of(file, stream.Documents[0].RootNode);
    }

    /// <summary>The line the mapping starts on.</summary>
    public long Line => node.Start.Line;

    /// <summary>All keys, as written; each then counts as asked for.</summary>
    public IReadOnlyList<string> Keys()
    {
        var keys = node.Children.Keys.Select(k => Scalar(k, "a key")).ToArray();
        asked.UnionWith(keys);
        return keys;
    }

    public string Text(string key) => OptionalText(key) ?? throw Missing(key);

    public string? OptionalText(string key) => Find(key) is { } value ? Scalar(value, key) : null;

    public RuleMap Map(string key) => OptionalMap(key) ?? throw Missing(key);

    public RuleMap? OptionalMap(string key) => Find(key) is { } value ? Of(file, value) : null;

    /// <summary>A list of plain texts; empty where the key is not there.</summary>
    public IReadOnlyList<string> List(string key) => Find(key) switch
    {
        null => [],
        YamlSequenceNode list => [.. list.Children.Select(item => Scalar(item, key))],
        var other => throw RuleFileException.At(file, other.Start.Line, $"'{key}' has to be a list"),
    };

    /// <summary>One of several words.</summary>
    public string OneOf(string key, params string[] words)
    {
        var word = Text(key);
        return words.Contains(word, StringComparer.Ordinal) ? word : throw Wrong(key, $"'{word}' is none of {string.Join(", ", words)}");
    }

    public decimal? OptionalAmount(string key)
    {
        if (OptionalText(key) is not { } text)
            return null;
        return decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
            ? amount
            : throw Wrong(key, $"'{text}' is no amount");
    }

    /// <summary>The error for a value that can't be.</summary>
    public RuleFileException Wrong(string key, string what) =>
        RuleFileException.At(file, Find(key)?.Start.Line ?? Line, $"'{key}': {what}");

    /// <summary>To be called when all is read.</summary>
    /// <exception cref="RuleFileException">A key was never asked for.</exception>
    public void Done()
    {
        foreach (var key in node.Children.Keys)
        {
            if (Scalar(key, "a key") is var word && !asked.Contains(word))
                throw RuleFileException.At(file, key.Start.Line, $"unknown key '{word}'");
        }
    }

    private static RuleMap Of(string file, YamlNode node) =>
        node is YamlMappingNode map ? new RuleMap(file, map) : throw RuleFileException.At(file, node.Start.Line, "a mapping is wanted here");

    private YamlNode? Find(string key)
    {
        asked.Add(key);
        return node.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;
    }

    private string Scalar(YamlNode value, string key)
    {
        if (value is not YamlScalarNode { Value: { } text } || text.Trim().Length == 0)
            throw RuleFileException.At(file, value.Start.Line, $"'{key}' has to be a text");
        return text;
    }

    private RuleFileException Missing(string key) => RuleFileException.At(file, Line, $"'{key}' is missing");
}
