using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Ringfence.Files;

namespace Ringfence.Gate;

/// <summary>A mapping of facts in the making; nothing is added for a null.</summary>
internal sealed class FactMap
{
    private readonly List<(FileText Key, FileNode Value)> entries = [];

    public static FileText Leaf(string text) => new(default, text, isPlain: false);

    public FactMap Text(string key, string? text) => Add(key, text is null ? null : Leaf(text));

    public FactMap Flag(string key, bool? flag) => Text(key, flag switch { null => null, true => "true", false => "false" });

    public FactMap Number(string key, long? number) => Text(key, number?.ToString(CultureInfo.InvariantCulture));

    public FactMap Day(string key, LocalDate? day) => Text(key, day is { } known ? LocalDatePattern.Iso.Format(known) : null);

    public FactMap Moment(string key, Moment? moment) => Text(key, moment switch
    {
        null => null,
        { IsDay: true } day => LocalDatePattern.Iso.Format(day.DayIn(DateTimeZone.Utc)),
        { } instant => InstantPattern.ExtendedIso.Format(instant.StartIn(DateTimeZone.Utc)),
    });

    public FactMap Word<T>(string key, T? word) where T : struct, Enum => Text(key, word is { } known ? Words<T>.Of(known) : null);

    /// <summary>A set of flags, as the words of those it holds; an empty list for none.</summary>
    public FactMap Flags<T>(string key, T? flags) where T : struct, Enum
    {
        if (flags is not { } known)
            return this;
        // The words of channels are those of the enumeration of which a set has one bit for each.
        var words = typeof(T) == typeof(ChannelSet) ? Words<Channel>.All : Words<T>.All;
        var bits = Convert.ToUInt64(known, CultureInfo.InvariantCulture);
        return List(key, words.Where((_, at) => (bits >> at & 1) != 0));
    }

    public FactMap List(string key, IEnumerable<string>? words) => Nodes(key, words?.Select(static word => (FileNode)Leaf(word)));

    public FactMap Map(string key, FactMap? map) => Add(key, map?.Node());

    public FactMap Maps<T>(string key, IEnumerable<T>? items, Func<T, FactMap> write) => Nodes(key, items?.Select(item => (FileNode)write(item).Node()));

    public FactMap Nodes(string key, IEnumerable<FileNode>? nodes) => Add(key, nodes is null ? null : new FileList(default, [.. nodes]));

    public FileMapping Node() => new(default, entries);

    private FactMap Add(string key, FileNode? value)
    {
        if (value is not null)
            entries.Add((Leaf(key), value));
        return this;
    }
}
