using Ringfence.Files;
using Ringfence.Rules;
using Ringfence.Rules.House;

namespace Ringfence.Gate;

/// <summary>Reads files of worked cases: <c>docs/reference/cases.md</c>.</summary>
public static class CaseFile
{
    // What a case says beside its situation.
    private static readonly string[] BesideFacts = ["case", "source", "reading", "given", "expect", "but"];

    /// <summary>The paths of the case files that ship, in order.</summary>
    public static IReadOnlyList<string> Shipped { get; } =
        [.. EmbeddedFiles.Paths("cases/").Where(static path => path != CleanFacts.FileName)];

    /// <summary>Reads one of the case files that ship.</summary>
    /// <exception cref="RuleFileException">It is not in order; the tests see to it that none is.</exception>
    public static IReadOnlyList<WorkedCase> ReadShipped(string path) => Read(path, EmbeddedFiles.Text(path));

    /// <summary>Reads the cases of a file: each, then those that start from it under <c>but</c>.</summary>
    /// <param name="file">What errors call the file.</param>
    /// <param name="text">YAML or JSON.</param>
    /// <param name="house">
    /// Finds the house rules that the file names by a path; null where there is none. Those that ship are found by their names without it.
    /// </param>
    /// <exception cref="RuleFileException">It is no YAML, a key or a word is not known, or a value is not of its kind. The message names line and column.</exception>
    public static IReadOnlyList<WorkedCase> Read(string file, string text, Func<string, HouseRules?>? house = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(text);
        using var reader = new StringReader(text);
        var map = RuleMap.Read(file, reader);
        var defaults = map.Find("defaults") switch
        {
            null => null,
            FileMapping facts => OnlyFacts(facts),
            var other => throw RuleFileException.At(other.At, "'defaults' has to be a mapping of facts"),
        };
        var houseRules = map.OptionalText("house") is { } named
            ? HouseRules.ShippedNames.Contains(named) ? HouseRules.Shipped(named) : house?.Invoke(named) ?? throw map.Wrong("house", $"there is no file '{named}', and {Spelling.NoneOf(named, HouseRules.ShippedNames)}")
            : null;
        var stated = map.Nodes("cases");
        if (stated.Count == 0)
            throw map.Has("cases") ? map.Wrong("cases", "the list is empty") : map.Missing("cases");
        map.Done();

        var cases = new List<WorkedCase>();
        foreach (var node in stated)
            Add(cases, node, null, defaults);
        return houseRules is null ? cases : [.. cases.Select(one => one with { House = houseRules })];
    }

    /// <param name="cases">Where it is added, and all that start from it.</param>
    /// <param name="node">The case as it is written.</param>
    /// <param name="parent">The case it starts from; null for one that starts by itself.</param>
    /// <param name="inherited">The facts it starts from.</param>
    private static void Add(List<WorkedCase> cases, FileNode node, (WorkedCase Case, bool IsClean)? parent, FileMapping? inherited)
    {
        var map = RuleMap.Of(node);
        var own = (FileMapping)node;
        if (parent is not null && map.Has("given"))
            throw map.Wrong("given", "belongs to the case that this one starts from");
        var (name, source, reading) = (map.Text("case"), map.OptionalText("source"), map.OptionalText("reading"));
        var expected = ExpectationReader.Read(RuleMap.Of(map.Find("expect") ?? throw map.Missing("expect"), nullIsLeftOut: true));
        var but = map.Nodes("but");
        var isClean = parent?.IsClean ?? SituationFile.IsClean(own);

        var stated = own.Without(BesideFacts);
        var facts = inherited is null ? stated : inherited.With(stated);
        var read = new WorkedCase
        {
            Name = name,
            Source = source ?? parent?.Case.Source ?? throw map.Missing("source"),
            Reading = reading,
            File = own.At.File,
            Line = own.At.Line,
            Situation = SituationReader.Read(CleanFacts.Under(facts, isClean), BesideFacts),
            Expected = expected,
        };
        cases.Add(read);
        foreach (var child in but)
            Add(cases, child, (read, isClean), facts);
    }

    private static FileMapping OnlyFacts(FileMapping defaults)
    {
        foreach (var (key, _) in defaults.Entries)
        {
            if (!SituationReader.Keys.Contains(key.Text))
                throw RuleFileException.At(key.At, $"defaults are facts: {Spelling.NoneOf(key.Text, SituationReader.Keys)}");
        }

        return defaults;
    }
}
