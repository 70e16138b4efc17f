using Ringfence.Files;
using Ringfence.Gate;

namespace Ringfence.Rules;

/// <summary>Reads <c>rules/(pack)/pack.yaml</c>.</summary>
internal static class PackReader
{
    /// <summary>The name of the file that says what a pack is.</summary>
    public const string FileName = "pack.yaml";

    /// <summary>Reads one pack; its digest is left to be added.</summary>
    /// <exception cref="RuleFileException">The file is not in order.</exception>
    public static Pack Read(string file, TextReader text, PlaceGroups groups)
    {
        var map = RuleMap.Read(file, text);
        var covers = map.Items("covers");
        var (everywhere, rest) = (Names(covers, "everywhere"), Names(covers, "rest"));
        var pack = new Pack
        {
            Name = file.Split('/')[^2],
            Prefix = map.Name("prefix"),
            Title = map.Texts("name"),
            Covers = everywhere || rest ? new HashSet<string>() : groups.Places(map, "covers"),
            Everywhere = everywhere,
            Rest = rest,
            Reaches = ReachOf(map, Reach.Person),
            Baseline = map.True("baseline"),
            StrictDefault = map.Flags<Aspects>("strict-default"),
            Reviewed = map.OptionalDay("reviewed"),
        };
        map.Done();

        if ((everywhere || rest) && covers.Count > 1)
            throw map.Wrong("covers", $"'{(everywhere ? "everywhere" : "rest")}' stands alone");
        if (rest && pack.StrictDefault != Aspects.None)
            throw map.Wrong("strict-default", "the strict default can't fall back on itself");
        return pack;
    }

    /// <summary>The words of <c>reaches</c>, or what holds where there are none.</summary>
    public static Reach ReachOf(RuleMap map, Reach otherwise) =>
        map.Has("reaches") ? map.AnyFlags<Reach>("reaches") : otherwise;

    private static bool Names(IReadOnlyList<FileText> covers, string word) => covers.Any(item => item.Text == word);
}
