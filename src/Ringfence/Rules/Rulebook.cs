using System.Reflection;

namespace Ringfence.Rules;

/// <summary>The rules that ship with the program: every version ever in force, with the texts and places they use.</summary>
public sealed class Rulebook
{
    private const string PlacesFile = "rules/places.yaml";
    private const string LeftOutFile = "rules/left-out.yaml";
    private static readonly Lazy<Rulebook> LazyShipped = new(() => Load(typeof(Rulebook).Assembly));

    private Rulebook(IReadOnlyList<Rule> rules, IReadOnlyDictionary<string, RuleText> leftOut) => (Rules, LeftOut) = (rules, leftOut);

    /// <summary>The rules inside this library.</summary>
    /// <exception cref="RuleFileException">A file is not in order; the tests see to it that none is.</exception>
    public static Rulebook Shipped => LazyShipped.Value;

    /// <summary>All versions of all rules, by file.</summary>
    public IReadOnlyList<Rule> Rules { get; }

    /// <summary>The packs they belong to.</summary>
    public IReadOnlyList<Pack> Packs { get; } = [];

    /// <summary>What a figure of exposure may leave out, by code.</summary>
    public IReadOnlyDictionary<string, RuleText> LeftOut { get; }

    private static Rulebook Load(Assembly assembly)
    {
        // The separator of the machine the library was built on is no part of a rule's name.
        var files = assembly.GetManifestResourceNames()
            .Select(resource => (Resource: resource, File: resource.Replace('\\', '/')))
            .Where(f => f.File.StartsWith("rules/", StringComparison.Ordinal))
            .OrderBy(f => f.File, StringComparer.Ordinal)
            .ToArray();

        var places = Open(PlacesFile, RuleReader.ReadPlaces);
        var leftOut = Open(LeftOutFile, RuleReader.ReadTexts);
        var rules = files
            .Where(f => f.File is not (PlacesFile or LeftOutFile))
            .Select(f => Open(f.File, (file, text) => RuleReader.Read(file, text, places)))
            .ToArray();
        return new Rulebook(rules, leftOut);

        T Open<T>(string file, Func<string, TextReader, T> read)
        {
            var resource = files.First(f => f.File == file).Resource;
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            return read(file, reader);
        }
    }
}
