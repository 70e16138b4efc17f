using Ringfence.Files;
using Ringfence.Rules;

namespace Ringfence.Gate;

/// <summary>Reads a situation that somebody wrote down: <c>docs/reference/cases.md</c>.</summary>
public static class SituationFile
{
    /// <summary>Reads a situation.</summary>
    /// <param name="file">What errors call the file.</param>
    /// <param name="text">YAML or JSON. It may begin with <c>given: clean</c>.</param>
    /// <exception cref="RuleFileException">It is no YAML, a key or a word is not known, or a value is not of its kind. The message names line and column.</exception>
    public static Situation Read(string file, string text)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(text);
        using var reader = new StringReader(text);
        return YamlTree.Read(file, reader) is FileMapping whole
            ? SituationReader.Read(CleanFacts.Under(whole.Without("given"), IsClean(whole)), "given")
            : throw RuleFileException.At(new FilePlace(file, 1, 1), "a mapping is wanted here");
    }

    /// <summary>Whether the mapping says <c>given: clean</c>.</summary>
    internal static bool IsClean(FileMapping stated)
    {
        var map = RuleMap.Of(stated);
        return map.Has("given") && map.OneOf("given", "clean") == "clean";
    }
}
