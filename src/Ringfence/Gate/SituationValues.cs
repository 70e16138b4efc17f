using System.Globalization;
using NodaTime;
using NodaTime.Text;
using NodaTime.TimeZones;
using Ringfence.Files;
using Ringfence.Rules;

namespace Ringfence.Gate;

/// <summary>Instants, moments and places as situations write them.</summary>
internal static class SituationValues
{
    // Beyond these nothing is contacted, and sums with the periods of rules stay inside the calendar.
    private const int FirstYear = 1900;
    private const int LastYear = 2999;

    private static readonly LocalDateTimePattern[] LocalTimes =
        [.. new[] { "uuuu-MM-dd'T'HH:mm", "uuuu-MM-dd'T'HH:mm:ss", "uuuu-MM-dd'T'HH:mm:ss.FFFFFFFFF" }.Select(LocalDateTimePattern.CreateWithInvariantCulture)];

    private static readonly OffsetPattern Offset = OffsetPattern.CreateWithInvariantCulture("Z+HH:mm");

    // Of two instants that a clock shows alike the later one; of a time that it skips the one it would have been without the change.
    private static readonly ZoneLocalMappingResolver Later = Resolvers.CreateMappingResolver(Resolvers.ReturnLater, Resolvers.ReturnForwardShifted);

    extension(RuleMap map)
    {
        public Instant Instant(string key) => map.OptionalInstant(key) ?? throw map.Missing(key);

        /// <summary>An instant: <c>2026-06-09T09:00:00Z</c>, with an offset, or local time and zone.</summary>
        public Instant? OptionalInstant(string key) =>
            map.OptionalText(key) is { } text ? ReadInstant(text) ?? throw map.Wrong(key, NoInstant(text)) : null;

        public Moment Moment(string key) => map.OptionalMoment(key) ?? throw map.Missing(key);

        /// <summary>An instant or a day.</summary>
        public Moment? OptionalMoment(string key)
        {
            if (map.OptionalText(key) is not { } text)
                return null;
            if (LocalDatePattern.Iso.Parse(text).TryGetValue(default, out var day) && IsUsed(day.Year))
                return Gate.Moment.On(day);
            return ReadInstant(text) is { } instant ? Gate.Moment.At(instant) : throw map.Wrong(key, $"{NoInstant(text)}, nor a day such as 2026-06-09");
        }

        /// <summary>A day of the years that are used.</summary>
        public LocalDate? OptionalUsedDay(string key) =>
            map.OptionalDay(key) is { } day ? IsUsed(day.Year) ? day : throw map.Wrong(key, "the year is out of reach; leave an end out that is none") : null;

        /// <summary>A time on a clock that is not named.</summary>
        public LocalDateTime LocalTime(string key) =>
            ReadLocal(map.Text(key)) ?? throw map.Wrong(key, $"'{map.Text(key)}' is no local time, such as 2026-09-05T11:00");

        /// <summary>Places, one at least; null where the key is not there.</summary>
        public IReadOnlyList<string>? OptionalPlaces(string key)
        {
            if (!map.Has(key))
                return null;
            var items = map.Items(key);
            return items.Count > 0 ? [.. items.Select(PlaceOf)] : throw map.Wrong(key, "the list is empty; leave it out where nobody knows");
        }

        /// <summary>One place.</summary>
        public string? OptionalPlace(string key) => map.Find(key) is { } node ? PlaceOf(RuleMap.Scalar(node, key)) : null;

        /// <summary>A list of texts; null where the key is not there, empty where the list is.</summary>
        public IReadOnlyList<string>? OptionalList(string key) => map.Has(key) ? map.List(key) : null;

        /// <summary>A list of mappings, each read by a function; null where the key is not there, empty where the list is.</summary>
        public IReadOnlyList<T>? OptionalMaps<T>(string key, Func<RuleMap, T> read) => map.Has(key) ? [.. map.Maps(key).Select(read)] : null;

        /// <summary>A set of channels; null where the key is not there, none where the list is empty.</summary>
        public ChannelSet? OptionalChannels(string key) =>
            map.Has(key) ? map.Channels(key) : null;

        /// <summary>A set of flags, null where the key is not there.</summary>
        public T? OptionalFlags<T>(string key) where T : struct, Enum => map.Has(key) ? map.Flags<T>(key) : null;

        /// <summary>Flags, or <c>complete</c> for all of them; null where the key is not there.</summary>
        public T? OptionalComplete<T>(string key, T all) where T : struct, Enum =>
            map.Find(key) is FileText { Text: "complete" } ? all : map.OptionalFlags<T>(key);
    }

    /// <summary>A code of ISO 3166.</summary>
    public static string PlaceOf(FileText item) =>
        PlaceGroups.IsPlace(item.Text) ? item.Text : throw RuleFileException.At(item.At, $"'{item.Text}' is no code of ISO 3166, such as FR or US-FL");

    private static Instant? ReadInstant(string text)
    {
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        if (space > 0)
        {
            return ReadLocal(text[..space]) is { } there && DateTimeZoneProviders.Tzdb.GetZoneOrNull(text[(space + 1)..].Trim()) is { } zone
                ? there.InZone(zone, Later).ToInstant()
                : null;
        }

        // The sign of an offset comes after the time; the hyphens before it are those of the day.
        var time = text.IndexOf('T', StringComparison.Ordinal);
        var end = time < 0 ? -1 : text.AsSpan(time).IndexOfAny('Z', '+', '-');
        return end > 0 && ReadLocal(text[..(time + end)]) is { } local && Offset.Parse(text[(time + end)..]).TryGetValue(default, out var offset)
            ? local.WithOffset(offset).ToInstant()
            : null;
    }

    private static LocalDateTime? ReadLocal(string text)
    {
        foreach (var pattern in LocalTimes)
        {
            if (pattern.Parse(text).TryGetValue(default, out var time))
                return IsUsed(time.Year) ? time : null;
        }

        return null;
    }

    private static bool IsUsed(int year) => year is >= FirstYear and <= LastYear;

    private static string NoInstant(string text) => string.Create(
        CultureInfo.InvariantCulture, $"'{text}' is no instant from {FirstYear} to {LastYear}, such as 2026-06-09T09:00:00Z or 2026-06-09T11:00 Europe/Paris");
}
