using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;

namespace Ringfence.People;

/// <summary>What a person wishes as to when and how often, as a record of theirs tells it: in the members <c>wish_...</c> of its detail. The newest record that has them says all of it.</summary>
/// <remarks>Hours are written <c>mon.tue/09:00-11:00</c>, the last day of a pause <c>2027-01-12</c>. Nothing in it is personal.</remarks>
public static class WishRecord
{
    private const string Told = "wish_told";
    private const string Hours = "wish_hours";
    private const string Most = "wish_most";
    private const string Within = "wish_within";
    private const string Pause = "wish_pause";

    /// <summary>More is no wish.</summary>
    public const int MostWindows = 14;

    private static readonly string[] Weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    /// <summary>The members of a detail that tell of wishes; of none that they are none any more.</summary>
    /// <exception cref="ArgumentException">A pause is no day, or there are more than <see cref="MostWindows"/> windows.</exception>
    public static IReadOnlyList<(string Name, LeafValue Value)> Of(Wishes wishes)
    {
        ArgumentNullException.ThrowIfNull(wishes);
        if (wishes.Hours.Count > MostWindows || wishes.PausedUntil is { IsDay: false })
            throw new ArgumentException("No such wish can be recorded.", nameof(wishes));
        var members = new List<(string, LeafValue)> { (Told, "yes") };
        if (wishes.Hours.Count > 0)
            members.Add((Hours, LeafValue.ListOf(wishes.Hours.Select(Write))));
        if (wishes.Most is { } most)
            members.AddRange([(Most, most.Most), (Within, PeriodPattern.Roundtrip.Format(most.Within))]);
        if (wishes.PausedUntil is { } pause)
            members.Add((Pause, LocalDatePattern.Iso.Format(pause.DayIn(DateTimeZone.Utc))));
        return members;
    }

    /// <summary>The wishes that a record tells; null: it tells of none.</summary>
    public static Wishes? Read(LedgerRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (record.Detail is not { } detail || detail[Told] is null)
            return null;
        var most = detail[Most]?.AsNumber;
        var within = detail[Within]?.AsText is { } period && PeriodPattern.Roundtrip.Parse(period) is { Success: true } read ? read.Value : null;
        return new Wishes
        {
            Hours = detail[Hours] is LeafValue.List list ? [.. list.Items.Select(static item => Window(item.AsText))] : [],
            Most = most is > 0 and <= int.MaxValue && within is not null ? new Promise((int)most, within, ChannelSet.All) : null,
            PausedUntil = detail[Pause]?.AsText is { } day && LocalDatePattern.Iso.Parse(day) is { Success: true } pause ? Moment.On(pause.Value) : null,
        };
    }

    /// <summary>Of two who turned out to be one, or of what is known and what is stated beside: all that both wish.</summary>
    /// <remarks>Where they wish for hours that have nothing in common, no hour suits both: what <paramref name="later"/> says counts.</remarks>
    public static Wishes? Both(Wishes? earlier, Wishes? later)
    {
        if (earlier is null || later is null)
            return earlier ?? later;
        return new Wishes
        {
            Hours = earlier.Hours.Count == 0 ? later.Hours : later.Hours.Count == 0 ? earlier.Hours : Shared(earlier.Hours, later.Hours) is { Count: > 0 } shared ? shared : later.Hours,
            PausedUntil = earlier.PausedUntil is { } one && later.PausedUntil is { } other ? (one < other ? other : one) : earlier.PausedUntil ?? later.PausedUntil,
            Most = earlier.Most is { } most && later.Most is { } than ? (IsFewer(most, than) ? most : than) : earlier.Most ?? later.Most,
        };
    }

    /// <summary>Whether a change of wishes lets nobody contact the person when they could not be contacted before.</summary>
    public static bool OnlyNarrows(Wishes? before, Wishes? after)
    {
        var (was, now) = (before ?? new Wishes(), after ?? new Wishes());
        var hours = was.Hours.Count == 0 || (now.Hours.Count > 0 && now.Hours.All(window => was.Hours.Any(old => (window.Days & ~old.Days) == 0 && old.From <= window.From && window.Until <= old.Until)));
        var pause = was.PausedUntil is not { } paused || (now.PausedUntil is { } still && !(still < paused));
        var most = was.Most is not { } promised || (now.Most is { } fewer && (fewer == promised || IsFewer(fewer, promised)));
        return hours && pause && most;
    }

    // No more at once, and no more in the long run, whichever months those are.
    private static bool IsFewer(Promise one, Promise other) =>
        one.Most <= other.Most && (one.Within == other.Within || one.Most * Days(other.Within, atMost: true) <= other.Most * Days(one.Within, atMost: false));

    private static long Days(Period period, bool atMost) => (period.Years * (atMost ? 366L : 365)) + (period.Months * (atMost ? 31L : 28)) + (period.Weeks * 7L) + period.Days;

    private static List<WeeklyWindow> Shared(IReadOnlyList<WeeklyWindow> one, IReadOnlyList<WeeklyWindow> other) =>
    [
        .. from a in one
           from b in other
           let shared = new WeeklyWindow((byte)(a.Days & b.Days), Math.Max(a.From, b.From), Math.Min(a.Until, b.Until))
           where shared.Days != 0 && shared.From < shared.Until
           select shared,
    ];

    private static string Write(WeeklyWindow window) => $"{string.Join('.', Weekdays.Where((_, day) => (window.Days >> day & 1) != 0))}/{Clock(window.From)}-{Clock(window.Until)}";

    private static string Clock(int second) => string.Create(CultureInfo.InvariantCulture, $"{second / 3600:00}:{second / 60 % 60:00}");

    // What can't be read allows no hour: a wish that is not understood is not passed over.
    private static WeeklyWindow Window(string? text)
    {
        if (text?.Split('/') is [{ } days, { } hours] && hours.Split('-') is [{ } from, { } until] && Second(from) is { } begin && Second(until) is { } end && begin < end)
        {
            var mask = days.Split('.').Select(static day => Array.IndexOf(Weekdays, day)).ToList();
            if (mask.TrueForAll(static day => day >= 0))
                return new WeeklyWindow((byte)mask.Aggregate(0, static (all, day) => all | (1 << day)), begin, end);
        }

        return new WeeklyWindow(0, 0, 1);
    }

    private static int? Second(string text) =>
        text.Split(':') is [{ Length: 2 } hours, { Length: 2 } minutes] && int.TryParse(hours, NumberStyles.None, CultureInfo.InvariantCulture, out var hour) && int.TryParse(minutes, NumberStyles.None, CultureInfo.InvariantCulture, out var minute) && hour <= 24 && minute < 60
            ? (hour * 3600) + (minute * 60) : null;
}
