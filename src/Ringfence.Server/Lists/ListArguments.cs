using System.Buffers;
using System.CommandLine;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Cli;

namespace Ringfence.Server.Lists;

/// <summary>The arguments of every command that reads lists, with the words by which they are refused.</summary>
internal static class ListArguments
{
    private static readonly SearchValues<char> InFieldWords = SearchValues.Create("abcdefghijklmnopqrstuvwxyz-. ");

    public static readonly Option<string[]> Map = new("--map") { HelpName = "field=Header,..." };
    public static readonly Option<string> RegionCode = new("--region") { HelpName = "XX" };
    public static readonly Option<string> Sheet = new("--sheet") { HelpName = "NAME" };
    public static readonly Option<string> Encoding = new("--encoding") { HelpName = "NAME" };

    /// <summary>The lists of a command.</summary>
    public static Argument<string[]> NewFiles(string description)
    {
        var files = new Argument<string[]>("FILE") { Arity = ArgumentArity.OneOrMore, Description = CliText.Say(description) };

        // A slip in an option's name would otherwise be looked for as a file.
        files.Validators.Add(static result =>
        {
            foreach (var token in result.Tokens.Where(static t => t.Value.StartsWith('-') && !File.Exists(t.Value)))
                result.AddError(CliText.Say("NoOption", token.Value));
        });
        return files;
    }

    /// <summary>The country of <c>--region</c>; none where it was not given.</summary>
    public static bool TryReadRegion(ParseResult parsed, out Region region)
    {
        region = Region.None;
        if (parsed.GetValue(RegionCode) is not { } code)
            return true;
        region = Region.Of(code);
        return !region.IsNone && Places.Country(code) == region || Refuse("--region", code);
    }

    /// <summary>The pairs of all <c>--map</c>.</summary>
    public static bool TryReadMap(ParseResult parsed, out List<KeyValuePair<string, string>> map)
    {
        map = [];
        foreach (var pair in (parsed.GetValue(Map) ?? []).SelectMany(SplitMap))
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            if (at < 1 || at == pair.Length - 1)
                return Refuse("--map", pair);
            map.Add(new(pair[..at].Trim(), pair[(at + 1)..].Trim()));
        }

        return true;
    }

    /// <summary>Says on standard error what can't be, and what could.</summary>
    public static bool Refuse(string option, string value)
    {
        Terminal.Error(CliText.Say("BadOption", option, value) + " " + CliText.Say("BadOption." + option.TrimStart('-')));
        return false;
    }

    // A comma ends a pair only where another field and = follow: headers may hold commas.
    private static IEnumerable<string> SplitMap(string map)
    {
        var begin = 0;
        for (var at = 0; at < map.Length; at++)
        {
            if (map[at] != ',')
                continue;
            var rest = map.AsSpan(at + 1);
            var equals = rest.IndexOf('=');
            if (equals < 1 || rest[..equals].ContainsAnyExcept(InFieldWords))
                continue;
            yield return map[begin..at];
            begin = at + 1;
        }

        yield return map[begin..];
    }
}
