using System.Collections.Frozen;
using Ringfence.Files;

namespace Ringfence.Rules.Calendars;

/// <summary>The holiday calendars there are, by name. A calendar is made when it is first asked for.</summary>
public sealed class HolidayCalendars
{
    internal const string Folder = "rules/calendars/";
    private static readonly Lazy<HolidayCalendars> LazyShipped = new(() => new HolidayCalendars(EmbeddedFiles.In(Folder)));

    private readonly FrozenDictionary<string, Lazy<CalendarFile>> files;
    private readonly FrozenDictionary<string, Lazy<HolidayCalendar>> calendars;

    /// <param name="texts">The content of each file, with its path from <c>rules/</c> on.</param>
    internal HolidayCalendars(IEnumerable<(string Path, string Text)> texts)
    {
        files = texts.ToFrozenDictionary(
            file => file.Path[Folder.Length..^".yaml".Length],
            file => new Lazy<CalendarFile>(() => Read(file.Path, file.Text)),
            StringComparer.Ordinal);
        calendars = files.Keys.ToFrozenDictionary(
            name => name, name => new Lazy<HolidayCalendar>(() => Make(name)), StringComparer.Ordinal);
        Names = [.. files.Keys.Order(StringComparer.Ordinal)];
    }

    /// <summary>The calendars inside this library.</summary>
    public static HolidayCalendars Shipped => LazyShipped.Value;

    /// <summary>The names, in order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The calendar of a name, such as <c>us-federal</c>.</summary>
    /// <exception cref="ArgumentException">There is none of that name; the message says which was wanted.</exception>
    /// <exception cref="RuleFileException">Its file is not in order; the tests see to it that none that ships is so.</exception>
    public HolidayCalendar Named(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Find(name) ?? throw new ArgumentException($"There is no holiday calendar '{name}'.", nameof(name));
    }

    /// <summary>The calendar of a name; null where there is none.</summary>
    /// <exception cref="RuleFileException">Its file is not in order.</exception>
    public HolidayCalendar? Find(string name) => calendars.TryGetValue(name, out var calendar) ? calendar.Value : null;

    private HolidayCalendar Make(string name)
    {
        var file = files[name].Value;
        return new HolidayCalendar(file, HolidaySchedule.Of(RulesOf(file, []), file.First, file.Last));
    }

    // Those of the calendars it includes first, so that a day that both know is called as it is there.
    private IEnumerable<HolidayRule> RulesOf(CalendarFile file, IReadOnlyList<string> within)
    {
        foreach (var name in file.Includes)
        {
            if (!files.TryGetValue(name, out var lazy))
                throw file.WrongInclude($"there is no calendar '{name}'");
            if (name == file.Name || within.Contains(name))
                throw file.WrongInclude($"'{name}' includes itself");
            var included = lazy.Value;
            if (included.First > file.First || included.Last < file.Last)
                throw file.WrongInclude($"'{name}' does not reach as far");
            foreach (var rule in RulesOf(included, [.. within, file.Name]))
                yield return rule;
        }

        foreach (var rule in file.Rules)
            yield return rule;
    }

    private static CalendarFile Read(string file, string content)
    {
        using var text = new StringReader(content);
        return CalendarReader.Read(file, text);
    }
}
