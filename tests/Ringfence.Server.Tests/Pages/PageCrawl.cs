using System.Net;
using System.Text.RegularExpressions;
using Ringfence.Staff;

namespace Ringfence.Server.Tests.Pages;

/// <summary>Walks every page that somebody gets to by links, and takes pages apart.</summary>
internal static partial class PageCrawl
{
    /// <summary>All pages that links lead to, each once; of pages that differ only in what is asked for, some.</summary>
    public static async Task<IReadOnlyList<(string Path, Seen Page)>> WalkAsync(PageHouse house, Role role, int most, params string[] from)
    {
        var (found, seen, alike) = (new List<(string, Seen)>(), new HashSet<string>(StringComparer.Ordinal), new Dictionary<string, int>(StringComparer.Ordinal));
        var queue = new Queue<string>(from);
        while (queue.TryDequeue(out var path) && found.Count < most)
        {
            if (!seen.Add(path) || path.StartsWith("assets/", StringComparison.Ordinal) || path.Contains("/live", StringComparison.Ordinal) || path.Contains("/events", StringComparison.Ordinal) || path.Contains("/progress", StringComparison.Ordinal))
                continue;
            // Fifty filters of one list show nothing that five don't.
            var kind = Numbers().Replace(path.Split('?')[0], "#");
            if ((alike[kind] = alike.GetValueOrDefault(kind) + 1) > 5)
                continue;
            var page = await house.GetAsync(path, role);
            found.Add((path, page));
            foreach (var next in Attributes(page.Text).Where(static one => one is { Tag: "a", Name: "href" }).Select(static one => one.Value).Append(page.Location ?? ""))
            {
                if (next.StartsWith('/') && !next.StartsWith("//", StringComparison.Ordinal))
                    queue.Enqueue(next[1..].Split('#')[0]);
            }
        }

        return found;
    }

    /// <summary>Every attribute of every element, as a browser reads them; an element without any has one without a name.</summary>
    public static IEnumerable<(string Tag, string Name, string Value)> Attributes(string html)
    {
        foreach (Match tag in Tags().Matches(html))
        {
            var name = tag.Groups[1].Value.ToLowerInvariant();
            yield return (name, "", "");
            foreach (Match one in Pairs().Matches(tag.Groups[2].Value))
                yield return (name, one.Groups[1].Value.ToLowerInvariant(), WebUtility.HtmlDecode(one.Groups[2].Value.Trim('"', '\'')));
        }
    }

    [GeneratedRegex("[0-9a-f-]{6,}|[0-9]+")]
    private static partial Regex Numbers();

    [GeneratedRegex("<([a-zA-Z][^\\s/>]*)((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>", RegexOptions.Singleline)]
    private static partial Regex Tags();

    [GeneratedRegex("([^\\s\"'=<>/]+)(?:\\s*=\\s*(\"[^\"]*\"|'[^']*'|[^\\s>]+))?", RegexOptions.Singleline)]
    private static partial Regex Pairs();
}
