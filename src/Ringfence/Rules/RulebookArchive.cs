using System.Globalization;
using System.Text;
using Ringfence.Files;
using Ringfence.Ledger;
using Ringfence.Rules.Calendars;
using Ringfence.Rules.House;

namespace Ringfence.Rules;

/// <summary>One document of a rulebook as it is kept: named by the SHA-256 of its bytes.</summary>
/// <param name="Kind"><c>pack</c>, <c>shared</c> or <c>house</c>.</param>
/// <param name="Name">The pack, the shared file's path, or what the house rules call themselves.</param>
/// <param name="Bytes">Of a pack its files one after the other, each after its path and its length; of the others their text with line feeds alone.</param>
public sealed record RuleDocument(string Kind, string Name, byte[] Bytes)
{
    /// <summary>The SHA-256 of the bytes.</summary>
    public Digest Digest { get; } = TreeHash.Sha256(Bytes);
}

/// <summary>The rules as they stood at a time, kept as documents, so that an old verdict can be computed by them when the program has long other ones.</summary>
/// <remarks>
/// The list of documents is a document too: the line <c>ringfence/rules/v1</c>, then for each document kind, name and digest. Its digest names the rules as a whole.
/// The holiday calendars are part of the program; the list says which ones.
/// </remarks>
public sealed class RulebookArchive
{
    private const string Head = "ringfence/rules/v1";
    private const string Pack = "pack";
    private const string Shared = "shared";
    private const string House = "house";
    private const string Calendars = "calendars";

    private static readonly Lazy<Digest> LazyCalendars = new(static () =>
        TreeHash.Sha256(Bundle(EmbeddedFiles.In(HolidayCalendars.Folder))));

    private RulebookArchive(byte[] list, IReadOnlyList<RuleDocument> documents) => (List, Documents, Digest) = (list, documents, TreeHash.Sha256(list));

    /// <summary>The list of documents, UTF-8.</summary>
    public byte[] List { get; }

    /// <summary>The digest of the list: what a decision names its rules by.</summary>
    public Digest Digest { get; }

    /// <summary>The documents, those of the law by kind and name, house rules after them in the order in which they were put on.</summary>
    public IReadOnlyList<RuleDocument> Documents { get; }

    /// <summary>The rules of a rulebook, to be kept.</summary>
    public static RulebookArchive Of(Rulebook rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        RuleDocument[] documents =
        [
            .. rules.PackBundles().OrderBy(static pack => pack.Name, StringComparer.Ordinal).Select(static pack => new RuleDocument(Pack, pack.Name, pack.Bytes)),
            .. rules.SharedFiles().OrderBy(static file => file.Path, StringComparer.Ordinal).Select(static file => new RuleDocument(Shared, file.Path, Plain(file.Text))),
            .. rules.Houses.Select(static house => new RuleDocument(House, house.Name, Plain(house.Text))),
        ];
        var list = new StringBuilder(Head).Append('\n').Append(Calendars).Append(" - ").Append(LazyCalendars.Value).Append('\n');
        foreach (var document in documents)
            list.Append(document.Kind).Append(' ').Append(document.Name).Append(' ').Append(document.Digest).Append('\n');
        return new RulebookArchive(Encoding.UTF8.GetBytes(list.ToString()), documents);
    }

    /// <summary>The digests that a list names; those of the calendars are not among them.</summary>
    public static IReadOnlyList<Digest> Named(ReadOnlySpan<byte> list)
    {
        var named = new List<Digest>();
        foreach (var line in Encoding.UTF8.GetString(list).Split('\n'))
        {
            if (!line.StartsWith(Calendars, StringComparison.Ordinal) && line.Split(' ') is { Length: >= 3 } parts && Digest.TryParse(parts[^1], out var digest))
                named.Add(digest);
        }

        return named;
    }

    /// <summary>Reads kept rules again, and nothing but what was kept.</summary>
    /// <param name="digest">What the decision names its rules by.</param>
    /// <param name="find">Gives the document of a digest; null where there is none.</param>
    /// <param name="sameCalendars">Whether the holiday calendars of this program are those of then.</param>
    /// <exception cref="RuleArchiveException">A document is missing, is not what its name says, or can't be read by this program.</exception>
    public static Rulebook Read(Digest digest, Func<Digest, byte[]?> find, out bool sameCalendars)
    {
        ArgumentNullException.ThrowIfNull(find);
        sameCalendars = false;
        var files = new List<(string Path, string Text)>();
        var houses = new List<(string Name, string Text)>();
        var lines = Encoding.UTF8.GetString(Document(digest, find, "list")).Split('\n');
        if (lines.Length < 2 || lines[0] != Head || lines[^1].Length > 0)
            throw new RuleArchiveException("altered", "list");
        foreach (var line in lines[1..^1])
        {
            var parts = line.Split(' ');
            if (parts.Length < 3 || !Digest.TryParse(parts[^1], out var named))
                throw new RuleArchiveException("altered", "list");
            var name = string.Join(' ', parts[1..^1]);
            switch (parts[0])
            {
                case Calendars:
                    sameCalendars = named == LazyCalendars.Value;
                    break;
                case Pack:
                    files.AddRange(Unbundle(Document(named, find, name), name));
                    break;
                case Shared:
                    files.Add((name, Encoding.UTF8.GetString(Document(named, find, name))));
                    break;
                case House:
                    houses.Add((name, Encoding.UTF8.GetString(Document(named, find, name))));
                    break;
                default:
                    throw new RuleArchiveException("altered", "list");
            }
        }

        try
        {
            return houses.Aggregate(Rulebook.Read(files), static (rules, house) => rules.With(HouseRules.Read($"house/{house.Name}.yaml", house.Text)));
        }
        catch (RuleFileException e)
        {
            throw new RuleArchiveException("unreadable", e.File, e);
        }
    }

    /// <summary>Files as one document: for each its path, a line feed, its length in bytes, a line feed, its text with line feeds alone.</summary>
    internal static byte[] Bundle(IEnumerable<(string Path, string Text)> files)
    {
        using var bundle = new MemoryStream();
        foreach (var (path, text) in files)
        {
            var content = Plain(text);
            bundle.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{path}\n{content.Length}\n")));
            bundle.Write(content);
        }

        return bundle.ToArray();
    }

    /// <summary>Reads what <see cref="Bundle"/> gave.</summary>
    /// <exception cref="RuleArchiveException">It is none.</exception>
    internal static IReadOnlyList<(string Path, string Text)> Unbundle(byte[] bundle, string name)
    {
        var files = new List<(string, string)>();
        for (var at = 0; at < bundle.Length;)
        {
            var path = Line(ref at);
            if (!int.TryParse(Line(ref at), NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > bundle.Length - at)
                throw new RuleArchiveException("altered", name);
            files.Add((path, Encoding.UTF8.GetString(bundle, at, length)));
            at += length;
        }

        return files;

        string Line(ref int at)
        {
            var end = bundle.AsSpan(at).IndexOf((byte)'\n');
            if (end < 0)
                throw new RuleArchiveException("altered", name);
            var line = Encoding.UTF8.GetString(bundle, at, end);
            at += end + 1;
            return line;
        }
    }

    // Invariant: nothing is read whose digest is not the one that was asked for.
    private static byte[] Document(Digest digest, Func<Digest, byte[]?> find, string name)
    {
        var bytes = find(digest) ?? throw new RuleArchiveException("missing", name);
        return TreeHash.Sha256(bytes) == digest ? bytes : throw new RuleArchiveException("altered", name);
    }

    private static byte[] Plain(string text) =>
        Encoding.UTF8.GetBytes(text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n'));
}

/// <summary>Kept rules that can't be used.</summary>
/// <param name="code"><c>missing</c>: a document is not there; <c>altered</c>: its bytes are not those of its name; <c>unreadable</c>: this program does not understand it.</param>
/// <param name="name">The pack or file.</param>
/// <param name="inner">What was wrong with it.</param>
public sealed class RuleArchiveException(string code, string name, Exception? inner = null) : Exception($"The kept rules can't be used: {name} is {code}.", inner)
{
    public string Code { get; } = code;

    public string Name { get; } = name;
}
