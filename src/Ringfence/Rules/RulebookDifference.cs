namespace Ringfence.Rules;

/// <summary>What differs between two sets of rules, file by file.</summary>
/// <param name="Added">Versions of rules that only the second has, by file.</param>
/// <param name="Removed">Versions of rules that only the first has.</param>
/// <param name="Changed">Versions of rules that both have, with another content; as in the second.</param>
/// <param name="OtherFiles">Other files that only one has, or that differ: packs, places, the texts of exposure.</param>
public sealed record RulebookDifference(IReadOnlyList<Rule> Added, IReadOnlyList<Rule> Removed, IReadOnlyList<Rule> Changed, IReadOnlyList<string> OtherFiles)
{
    /// <summary>Whether nothing differs.</summary>
    public bool IsNone => Added.Count + Removed.Count + Changed.Count + OtherFiles.Count == 0;

    /// <summary>Compares two sets of rules, house rules apart. How lines end makes no difference; a shared file that a set lacks is the one that ships.</summary>
    public static RulebookDifference Between(Rulebook before, Rulebook after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        var had = FilesOf(before);
        var has = FilesOf(after);
        return new RulebookDifference(
            [.. has.Where(file => !had.ContainsKey(file.Key)).Select(static file => file.Value)],
            [.. had.Where(file => !has.ContainsKey(file.Key)).Select(static file => file.Value)],
            [.. has.Where(file => had.ContainsKey(file.Key) && Differs(file.Key)).Select(static file => file.Value)],
            // Calendars are not of a set: all go by those of the program.
            [.. before.Files.Union(after.Files).Where(path => !had.ContainsKey(path) && !has.ContainsKey(path) && !path.StartsWith(Calendars.HolidayCalendars.Folder, StringComparison.Ordinal) && Differs(path)).Order(StringComparer.Ordinal)]);

        bool Differs(string path) => Content(before, path) != Content(after, path);
    }

    private static Dictionary<string, Rule> FilesOf(Rulebook book) =>
        book.Rules.Where(static rule => !rule.IsOfHouse).ToDictionary(static rule => rule.File, StringComparer.Ordinal);

    private static string? Content(Rulebook book, string path) => (book.Text(path) ?? (IsShared(path) ? Rulebook.Shipped.Text(path) : null))?.ReplaceLineEndings("\n");

    private static bool IsShared(string path) => path.Split('/').Length == 2;
}
