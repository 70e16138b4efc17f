using NodaTime.Text;
using Ringfence.Files;

namespace Ringfence.Rules.Packs;

/// <summary>The files of one pack of law, as somebody sends them in to take the place of the one that ships, or to be added.</summary>
/// <remarks>As one document they are what a pack is kept as, so that its digest is the pack's.</remarks>
public sealed class PackFiles
{
    private const int LongestName = 40;

    private PackFiles(string name, IReadOnlyList<(string Path, string Text)> files) => (Name, Files, Document) = (name, files, RulebookArchive.Bundle(files));

    /// <summary>The folder, such as <c>us-fl</c>.</summary>
    public string Name { get; }

    /// <summary>Each with its path from <c>rules/</c> on, in order.</summary>
    public IReadOnlyList<(string Path, string Text)> Files { get; }

    /// <summary>All of them as one document.</summary>
    public byte[] Document { get; }

    /// <summary>The pack that some files make: whole where <c>pack.yaml</c> is among them, else the one that is there already with these files in it.</summary>
    /// <param name="book">The rules of the program.</param>
    /// <param name="files">Each with its path from <c>rules/</c> on. A single rule may have any path: where it belongs is told by its id and its first day.</param>
    /// <exception cref="RuleFileException">They are of no pack, of several, or not in order.</exception>
    public static PackFiles Of(Rulebook book, IReadOnlyList<(string Path, string Text)> files)
    {
        ArgumentNullException.ThrowIfNull(book);
        ArgumentNullException.ThrowIfNull(files);
        if (files.Count == 0)
            throw new RuleFileException("no rule is among the files");
        if (files is [var (path, text)] && !IsInPack(path))
            files = [(PathOf(book, path, text), text)];
        if (files.FirstOrDefault(static file => !IsInPack(file.Path)) is { Path: not null } stray)
            throw RuleFileException.At(new FilePlace(stray.Path, 1, 1), $"no file is expected here; a rule is rules/(pack)/(rule)/(first day).yaml, and each pack has a {PackReader.FileName}");
        if (files.GroupBy(static file => file.Path, StringComparer.Ordinal).FirstOrDefault(static same => same.Count() > 1) is { } twice)
            throw RuleFileException.At(new FilePlace(twice.Key, 1, 1), "the file is there twice");
        string[] names = [.. files.Select(static file => file.Path.Split('/')[1]).Distinct(StringComparer.Ordinal)];
        if (names.Length > 1)
            throw new RuleFileException($"one pack at a time: these are files of {string.Join(", ", names.Order(StringComparer.Ordinal))}");
        var isWhole = files.Any(static file => file.Path.EndsWith('/' + PackReader.FileName, StringComparison.Ordinal));
        var whole = isWhole ? [] : book.Files.Where(path => IsOf(path, names[0])).ToDictionary(static path => path, path => book.Text(path)!, StringComparer.Ordinal);
        if (!isWhole && whole.Count == 0)
            throw new RuleFileException($"rules/{names[0]}/{PackReader.FileName} is missing");
        foreach (var file in files)
            whole[file.Path] = file.Text;
        return new PackFiles(names[0], [.. whole.OrderBy(static file => file.Key, StringComparer.Ordinal).Select(static file => (file.Key, file.Value.ReplaceLineEndings("\n")))]);
    }

    /// <summary>Reads what <see cref="Document"/> gave.</summary>
    /// <exception cref="RuleArchiveException">It is none.</exception>
    public static PackFiles Read(string name, byte[] document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var files = RulebookArchive.Unbundle(document, name);
        return files.Count > 0 && files.All(file => IsOf(file.Path, name)) ? new PackFiles(name, files) : throw new RuleArchiveException("altered", name);
    }

    /// <summary>Whether a file lies in a pack.</summary>
    internal static bool IsOf(string path, string pack) => IsInPack(path) && path.Split('/')[1] == pack;

    private static bool IsInPack(string path) => path.Split('/') is ["rules", { Length: > 0 and <= LongestName } pack, { Length: > 0 }, ..] && pack != "calendars" && pack.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    private static string PathOf(Rulebook book, string file, string text)
    {
        using var reader = new StringReader(text);
        var map = RuleMap.Read(file, reader);
        var (id, from) = (map.Name("id"), map.Day("from"));
        var pack = book.Packs.Where(pack => !pack.IsHouse && id.StartsWith(pack.Prefix + "-", StringComparison.Ordinal)).MaxBy(static pack => pack.Prefix.Length)
            ?? throw map.Wrong("id", "begins with the prefix of no pack; send a new pack in as a folder");
        var kind = map.Has("exposure") ? "exposure-" : "";
        return $"rules/{pack.Name}/{kind}{id[(pack.Prefix.Length + 1)..]}/{LocalDatePattern.Iso.Format(from)}.yaml";
    }
}
