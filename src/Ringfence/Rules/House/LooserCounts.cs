using System.Globalization;
using NodaTime;
using Ringfence.Gate;

namespace Ringfence.Rules.House;

/// <summary>Finds in what caps and rests are looser than others.</summary>
internal static class LooserCounts
{
    // Clocks are put forward or back by two hours at most, which makes days shorter or longer than 24.
    private static readonly Duration ClockChange = Duration.FromHours(2);

    /// <summary>In what a cap is looser; null where it is as strict in all.</summary>
    public static string? Cap(CapBody house, CapBody law, string called)
    {
        if (house.Most > law.Most)
            return string.Create(CultureInfo.InvariantCulture, $"allows {house.Most} where {called} allows {law.Most}");
        if (!Holds(house.Window, law.Window))
            return $"counts over {Text(house.Window)} where {called} counts over {Text(law.Window)}, which may reach further back";
        if ((law.Channels & ~house.Channels) is not ChannelSet.None and var left)
            return $"does not count {Text(left)}, as {called} does";
        if (OutcomesLeftOut(house.Outcomes, law.Outcomes) is { Length: > 0 } outcomes)
            return $"does not count {outcomes}, as {called} does";
        return Key(house.Key, law.Key, called);
    }

    /// <summary>In what a rest is looser; null where it is as strict in all.</summary>
    public static string? Rest(CoolDownBody house, CoolDownBody law, string called)
    {
        if ((house.Else is null) != (law.Else is null))
            return law.Else is null ? $"ends with a new consent, while the rest of {called} does not" : $"ends, while that of {called} does not";
        if (!LastsAsLong(house, law))
            return $"may end before that of {called}";
        if (law.After.Where(outcome => !house.After.Contains(outcome)).ToArray() is { Length: > 0 } after)
            return $"does not follow on {Text(after)}, as that of {called} does";
        // No channel stands for any.
        if (house.Channels != ChannelSet.None && (law.Channels == ChannelSet.None || (law.Channels & ~house.Channels) != 0))
            return $"does not follow on {(law.Channels == ChannelSet.None ? "every channel" : Text(law.Channels & ~house.Channels))}, as that of {called} does";
        return Key(house.Key, law.Key, called);
    }

    /// <summary>Whether one window, at any instant, holds all that another holds.</summary>
    private static bool Holds(CapWindow wide, CapWindow narrow) => (wide, narrow) switch
    {
        ({ Elapsed: { } a }, { Elapsed: { } b }) => a >= b,
        // An event of the first minute of a day is counted for so many whole days.
        ({ Elapsed: { } a }, _) => a >= Duration.FromDays(MostDays(narrow)) + ClockChange,
        // One of the last minute of a day, for a day less.
        ({ Days: { } a }, { Elapsed: { } b }) => Duration.FromDays(a - 1) - ClockChange >= b,
        ({ Days: { } a }, _) => a >= MostDays(narrow),
        ({ Unit: { } a }, { Unit: { } b }) => a == b || b == CalendarUnit.Day,
        ({ Unit: not null }, { Days: 1 }) => true,
        _ => false,
    };

    private static int MostDays(CapWindow window) => window.Days ?? window.Unit switch
    {
        CalendarUnit.Day => 1,
        CalendarUnit.Week => 7,
        CalendarUnit.Month => 31,
        null => 0,
    };

    private static bool LastsAsLong(CoolDownBody house, CoolDownBody law) => (house, law) switch
    {
        ({ Else: not null }, { Else: not null }) => true,
        ({ Elapsed: { } a }, { Elapsed: { } b }) => a >= b,
        ({ FullDays: { } a }, { FullDays: { } b }) => DaysOf.IsAtMost(b, a),
        // The rest of the day of the event comes on top of full days.
        ({ Elapsed: { } a }, { FullDays: { } b }) => a >= Duration.FromDays(DaysOf.Most(b) + 1) + ClockChange,
        ({ FullDays: { } a }, { Elapsed: { } b }) => Duration.FromDays(DaysOf.Least(a)) - ClockChange >= b,
        _ => false,
    };

    private static string OutcomesLeftOut(IReadOnlySet<Outcome>? house, IReadOnlySet<Outcome>? law)
    {
        bool Counts(IReadOnlySet<Outcome>? set, Outcome outcome) => set?.Contains(outcome) ?? outcome < Outcome.Inbound;
        return Text([.. Enum.GetValues<Outcome>().Where(outcome => Counts(law, outcome) && !Counts(house, outcome))]);
    }

    private static string? Key(EventKey house, EventKey law, string called) => (house & ~law) is not EventKey.None and var more
        ? $"counts by {string.Join(", ", Words<EventKey>.All.Where(word => Words<EventKey>.TryParse(word, out var one) && (more & one) != 0))}, while {called} counts all together"
        : null;

    private static string Text(Outcome[] outcomes) => string.Join(", ", outcomes.Select(Words<Outcome>.Of));

    private static string Text(ChannelSet set) => string.Join(", ", Channels.All.Where(channel => set.Has(channel)).Select(Channels.Word));

    private static string Text(CapWindow window) => window switch
    {
        { Elapsed: { } elapsed } => string.Create(CultureInfo.InvariantCulture, $"{elapsed.TotalHours:0.##} hours"),
        { Days: { } days } => string.Create(CultureInfo.InvariantCulture, $"{days} days"),
        { Unit: { } unit } => $"the {Words<CalendarUnit>.Of(unit)}",
        _ => "",
    };
}
