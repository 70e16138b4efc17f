using System.Security.Cryptography;
using Ringfence.Files;
using Ringfence.Rules.Calendars;

namespace Ringfence.Rules;

/// <summary>Reads all files of a rulebook, and sees that they go together.</summary>
internal sealed class RulebookReader
{
    private const string PlacesFile = PlaceGroups.FileName;
    private const string LeftOutFile = "rules/left-out.yaml";

    private readonly Dictionary<string, string> files = new(StringComparer.Ordinal);
    private readonly string[] paths;
    private readonly Lazy<PlaceGroups> groups;
    private readonly Lazy<IReadOnlyDictionary<string, RuleText>> leftOut;

    public RulebookReader(IEnumerable<(string Path, string Text)> files)
    {
        foreach (var (path, text) in files)
        {
            if (!this.files.TryAdd(path.Replace('\\', '/'), text))
                throw Fault(path, "the file is there twice");
        }

        paths = [.. this.files.Keys];
        Array.Sort(paths, StringComparer.Ordinal);
        groups = new(() => Shared(PlacesFile, PlaceGroups.Read));
        leftOut = new(() => Shared(LeftOutFile, ReadTexts));
    }

    /// <summary>The paths of all files, in order.</summary>
    public IReadOnlyCollection<string> Paths => files.Keys;

    /// <summary>The content of a file; null where there is none.</summary>
    public string? Text(string path) => files.GetValueOrDefault(path);

    /// <summary>What a figure of exposure may leave out, by code.</summary>
    public IReadOnlyDictionary<string, RuleText> LeftOut => leftOut.Value;

    /// <summary>All packs and rules.</summary>
    /// <exception cref="RuleFileException">A file is not in order, or two don't go together.</exception>
    public (IReadOnlyList<Pack> Packs, IReadOnlyList<Rule> Rules) All()
    {
        var (packs, rules) = Read(static fault => throw fault);
        return (packs, rules);
    }

    /// <summary>All that is not in order, at most one fault per file.</summary>
    public IReadOnlyList<RuleFileException> Faults()
    {
        var faults = new List<RuleFileException>();
        try
        {
            _ = LeftOut;
            _ = groups.Value;
            Read(faults.Add);
        }
        catch (RuleFileException fault)
        {
            // Nothing can be read without the files that all others name.
            faults.Add(fault);
        }

        return faults;
    }

    /// <summary>The files of each pack, by path, as one document.</summary>
    public IEnumerable<(string Name, byte[] Bytes)> Bundles() => paths.Where(static path => IsRule(path) || IsPack(path)).GroupBy(FolderOf)
        .Select(pack => (pack.Key, RulebookArchive.Bundle(pack.Select(path => (path, files[path])))));

    /// <summary>The files that all packs share: those given, else those that ship.</summary>
    public IEnumerable<(string Path, string Text)> SharedFiles() =>
        ((string[])[PlacesFile, LeftOutFile]).Select(path => (path, files.TryGetValue(path, out var given) ? given : EmbeddedFiles.Text(path)));

    /// <summary>Rules about exposure and terms of consent alone, without looking whether they go together with the others.</summary>
    public IReadOnlyList<Rule> OfAudit()
    {
        var packs = new Dictionary<string, Pack?>(StringComparer.Ordinal);
        var rules = new List<Rule>();
        foreach (var path in paths)
        {
            var text = files[path];
            // A mention elsewhere in a file costs the reading of one file too many, no more.
            if (!IsRule(path) || !(text.Contains("exposure:", StringComparison.Ordinal) || text.Contains("consent-term:", StringComparison.Ordinal)))
                continue;
            var folder = FolderOf(path);
            if (!packs.TryGetValue(folder, out var pack))
                packs.Add(folder, pack = files.ContainsKey(PackFileOf(folder)) ? PackOf(folder) : null);
            if (RuleOf(path, text, pack) is { State: RuleState.InForce } rule and ({ Exposure: not null } or { ConsentTerm: not null }))
                rules.Add(rule);
        }

        return rules;
    }

    private (List<Pack> Packs, List<Rule> Rules) Read(Action<RuleFileException> onFault)
    {
        var packs = new SortedDictionary<string, Pack>(StringComparer.Ordinal);
        var broken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            if (!IsKnown(path))
                onFault(Fault(path, $"no file is expected here; a rule is rules/(pack)/(rule)/(first day).yaml, and each pack has a {PackReader.FileName}"));
            else if (IsPack(path) && Try(() => PackOf(FolderOf(path))) is { } pack)
                packs.Add(pack.Name, pack);
            else if (IsPack(path))
                broken.Add(FolderOf(path));
        }

        var rules = new List<Rule>();
        foreach (var path in paths)
        {
            if (IsRule(path) && !broken.Contains(FolderOf(path)) && Try(() => RuleOf(path, files[path], packs.GetValueOrDefault(FolderOf(path)))) is { } rule)
                rules.Add(rule);
        }

        foreach (var clash in Clashes(packs.Values, rules))
            onFault(clash);
        var digests = Digests();
        return ([.. packs.Values.Select(pack => pack with { Digest = digests[pack.Name] })], rules);

        T? Try<T>(Func<T> read) where T : class
        {
            try
            {
                return read();
            }
            catch (RuleFileException fault)
            {
                onFault(fault);
                return null;
            }
        }
    }

    /// <summary>Packs and rules that don't go together.</summary>
    private IEnumerable<RuleFileException> Clashes(IEnumerable<Pack> packs, List<Rule> rules)
    {
        foreach (var same in packs.GroupBy(static pack => pack.Prefix).Where(static same => same.Count() > 1))
            yield return Fault(PackFileOf(same.Last().Name), "prefix", $"'{same.Key}' is the prefix of rules/{same.First().Name} already");

        foreach (var rule in rules)
        {
            foreach (var (key, calendar) in CalendarUse.Of(rule).Where(static use => !HolidayCalendars.Shipped.Names.Contains(use.Calendar)))
                yield return Fault(rule.File, key, $"there is no calendar '{calendar}'");
        }

        foreach (var versions in rules.GroupBy(static rule => rule.Id))
        {
            if (versions.FirstOrDefault(rule => NameOf(rule.File) != NameOf(versions.First().File)) is { } elsewhere)
            {
                yield return Fault(elsewhere.File, "id", $"'{elsewhere.Id}' is the id of {NameOf(versions.First().File)} already");
                continue;
            }

            var inOrder = versions.Where(static rule => rule.State != RuleState.Disabled).OrderBy(static rule => rule.From).ToArray();
            foreach (var (earlier, later) in inOrder.Zip(inOrder.Skip(1)))
            {
                if (earlier.Until is not { } until || until > later.From)
                    yield return Fault(later.File, "from", $"{earlier.File} is still in force on that day; its 'until' is the first day on which it no longer is");
            }
        }
    }

    private Pack PackOf(string folder)
    {
        using var text = new StringReader(files[PackFileOf(folder)]);
        return PackReader.Read(PackFileOf(folder), text, groups.Value);
    }

    private Rule RuleOf(string path, string content, Pack? pack)
    {
        using var text = new StringReader(content);
        return RuleReader.Read(path, text, groups.Value, pack);
    }

    /// <summary>A file that all packs share: the one given, else the one that ships.</summary>
    private T Shared<T>(string path, Func<string, TextReader, T> read)
    {
        var content = files.TryGetValue(path, out var given) ? given : EmbeddedFiles.Text(path);
        using var text = new StringReader(content);
        return read(path, text);
    }

    private static IReadOnlyDictionary<string, RuleText> ReadTexts(string file, TextReader text)
    {
        var map = RuleMap.Read(file, text);
        return map.Keys().ToDictionary(code => code, map.Texts, StringComparer.Ordinal);
    }

    /// <summary>SHA-256 of the document that the files of each pack make.</summary>
    private Dictionary<string, string> Digests()
    {
        var digests = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, bytes) in Bundles())
            digests.Add(name, $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}");
        return digests;
    }

    private static bool IsKnown(string path) =>
        path is PlacesFile or LeftOutFile || path.StartsWith(HolidayCalendars.Folder, StringComparison.Ordinal) || IsPack(path) || IsRule(path);

    private static bool IsPack(string path) => path.Split('/') is ["rules", { Length: > 0 }, PackReader.FileName] && !path.StartsWith(HolidayCalendars.Folder, StringComparison.Ordinal);

    private static bool IsRule(string path) =>
        path.Split('/') is ["rules", { Length: > 0 }, { Length: > 0 }, var name] && name.EndsWith(".yaml", StringComparison.Ordinal) && !path.StartsWith(HolidayCalendars.Folder, StringComparison.Ordinal);

    private static string FolderOf(string path) => path.Split('/')[1];

    /// <summary>The folder of all versions of a rule.</summary>
    private static string NameOf(string path) => path[..path.LastIndexOf('/')];

    private static string PackFileOf(string folder) => $"rules/{folder}/{PackReader.FileName}";

    private static RuleFileException Fault(string path, string what) => RuleFileException.At(new FilePlace(path, 1, 1), what);

    /// <summary>The fault of a file that is in order by itself, at one of its keys.</summary>
    private RuleFileException Fault(string path, string key, string what)
    {
        using var text = new StringReader(files[path]);
        return RuleMap.Read(path, text).Wrong(key, what);
    }
}
