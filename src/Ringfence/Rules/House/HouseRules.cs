using Ringfence.Files;

namespace Ringfence.Rules.House;

/// <summary>Rules that an organisation sets itself on top of the law, as one file states them: <c>docs/reference/house-rules.md</c>.</summary>
/// <remarks>Read by itself here; <see cref="Rulebook.With(HouseRules)"/> puts it on top of a rulebook, and refuses what would loosen one of its rules.</remarks>
public sealed class HouseRules
{
    private const string Folder = "house/";

    /// <summary>The names of those that ship. None of them applies unless it is asked for.</summary>
    public static IReadOnlyList<string> ShippedNames { get; } = [.. EmbeddedFiles.Paths(Folder).Select(static path => Path.GetFileNameWithoutExtension(path))];

    internal HouseRules(string file, string text, string name, RuleText title, string digest, IReadOnlyList<FileText> waives, IReadOnlyList<HouseRule> stated)
    {
        (File, Text, Name, Title, Digest, Waiving, Stated) = (file, text, name, title, digest, waives, stated);
        Waives = waives.Select(static item => item.Text).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The file, as it was given.</summary>
    public string File { get; }

    /// <summary>What the file holds.</summary>
    internal string Text { get; }

    /// <summary>What it calls itself, such as <c>ethics</c>.</summary>
    public string Name { get; }

    /// <summary>What people call it.</summary>
    public RuleText Title { get; }

    /// <summary>SHA-256 of its text with line feeds alone, as <c>sha256:</c> and lower-case hexadecimal digits.</summary>
    public string Digest { get; }

    /// <summary>Ids of the rules of policy that it sets aside.</summary>
    public IReadOnlySet<string> Waives { get; }

    /// <summary>The pack that its rules are in.</summary>
    internal string PackName => $"house-{Name}";

    /// <summary>The same as <see cref="Waives"/>, with places.</summary>
    internal IReadOnlyList<FileText> Waiving { get; }

    /// <summary>Its rules as they stand in the file.</summary>
    internal IReadOnlyList<HouseRule> Stated { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="file">What errors call it.</param>
    /// <param name="text">YAML or JSON.</param>
    /// <exception cref="RuleFileException">It is not in order. The message names line and column.</exception>
    public static HouseRules Read(string file, string text)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(text);
        return HouseReader.Read(file, text);
    }

    /// <summary>One of those that ship.</summary>
    /// <exception cref="ArgumentException">None has this name.</exception>
    public static HouseRules Shipped(string name) => Read(PathOf(name), ShippedText(name));

    /// <summary>The text of one of those that ship, to be taken and adapted.</summary>
    /// <exception cref="ArgumentException">None has this name.</exception>
    public static string ShippedText(string name) => EmbeddedFiles.Text(PathOf(name));

    private static string PathOf(string name) =>
        ShippedNames.Contains(name, StringComparer.Ordinal) ? $"{Folder}{name}.yaml" : throw new ArgumentException($"no house rules ship by this name: {Spelling.NoneOf(name, ShippedNames)}", nameof(name));
}

/// <summary>One rule of a house file.</summary>
/// <param name="Map">As it is written.</param>
/// <param name="Rule">As it is read. One that gives figures for another rule has no conditions yet.</param>
internal sealed record HouseRule(RuleMap Map, Rule Rule)
{
    /// <summary>The key of its body; null where it only obliges.</summary>
    public string? BodyKey => BodyReader.Bodies.FirstOrDefault(Map.Has);
}
