using NodaTime;
using Ringfence.Gate;
using Ringfence.Rules.Calendars;

namespace Ringfence.Rules;

/// <summary>What a rule does while it is in play. The meaning of each is in <c>docs/reference/rules.md</c>.</summary>
public abstract record RuleBody
{
    private protected RuleBody() { }
}

/// <summary>One of the alternatives has to hold.</summary>
/// <param name="AnyOf">Each a set of conditions that have to hold together.</param>
/// <param name="Missing"><see cref="ReasonCode.NoConsent"/> or <see cref="ReasonCode.Basis"/>: the reason where nothing comes near.</param>
public sealed record GroundBody(IReadOnlyList<Alternative> AnyOf, ReasonCode Missing) : RuleBody;

/// <summary>Refuses.</summary>
public sealed record RefuseBody(ReasonCode Code, string? Item) : RuleBody;

/// <summary>Refuses unless all conditions are true.</summary>
public sealed record DemandBody(IReadOnlyList<Condition> Conditions, ReasonCode Else, string? Item) : RuleBody;

/// <summary>Script or message have to hold these blocks.</summary>
public sealed record ContentBody(ContentBlocks Blocks) : RuleBody;

/// <summary>Contact only within windows.</summary>
/// <param name="Open">Windows of the week.</param>
/// <param name="ClosedOn">Names of holiday calendars.</param>
/// <param name="OnPersonsClock">Whether the person's clock counts: every candidate zone.</param>
/// <param name="FixedClocks">Zones or offsets that count besides, or instead.</param>
public sealed record HoursBody(IReadOnlyList<WeeklyWindow> Open, IReadOnlyList<string> ClosedOn, bool OnPersonsClock, IReadOnlyList<DateTimeZone> FixedClocks) : RuleBody;

/// <summary>At most so many contacts in a time.</summary>
public sealed record CapBody(int Most, CapWindow Window, ChannelSet Channels, IReadOnlySet<Outcome>? Outcomes, EventKey Key) : RuleBody;

/// <summary>The time a cap counts in: exactly one of the three.</summary>
/// <param name="Elapsed">Rolling, by elapsed time.</param>
/// <param name="Days">Rolling, by calendar days, today included.</param>
/// <param name="Unit">The calendar's own day, week from Monday, or month.</param>
public sealed record CapWindow(Duration? Elapsed, int? Days, CalendarUnit? Unit);

/// <summary>A unit of the calendar.</summary>
public enum CalendarUnit : byte
{
    Day,
    Week,
    Month,
}

/// <summary>What has to be the same besides person and controller.</summary>
[Flags]
public enum EventKey : byte
{
    None = 0,
    Subject = 1,
    Number = 2,
    Agent = 4,
    Campaign = 8,
    Channel = 16,
}

/// <summary>A rest after something happened.</summary>
/// <param name="After">What has to have happened.</param>
/// <param name="FullDays">Whole days that have to pass, the day of the event not counted; null where <paramref name="Elapsed"/> counts.</param>
/// <param name="Elapsed">Elapsed time; both null: for ever, with <paramref name="Else"/> as the reason.</param>
/// <param name="Channels">On which channels; none: any.</param>
/// <param name="Key">What has to be the same.</param>
/// <param name="Else">The refusal where there is no end.</param>
public sealed record CoolDownBody(IReadOnlySet<Outcome> After, Period? FullDays, Duration? Elapsed, ChannelSet Channels, EventKey Key, ReasonCode? Else) : RuleBody;

/// <summary>The number has to be screened against a register, and not be listed.</summary>
/// <param name="Name">The register.</param>
/// <param name="Screened">How old a screening may be; null: any age.</param>
/// <param name="BindsAfter">How long after the listing it binds; null: at once.</param>
/// <param name="BindsFromPublished">Whether that counts from the publication, not the listing.</param>
/// <param name="OptIn">Whether being listed is what permits.</param>
/// <param name="Supersedes">Which consents from before the listing count no more.</param>
public sealed record RegisterBody(string Name, ScreeningAge? Screened, DayCount? BindsAfter, bool BindsFromPublished, bool OptIn, Superseding Supersedes) : RuleBody;

/// <summary>How old a screening may be.</summary>
/// <param name="AtMost">Days since, at most; null where it has to be of the same calendar month.</param>
public sealed record ScreeningAge(DayCount? AtMost);

/// <summary>A count of days.</summary>
/// <param name="Lasts">The period; with <paramref name="WorkingDaysOf"/> only its days count.</param>
/// <param name="WorkingDaysOf">The calendar whose working days are counted; null for calendar days, months, years.</param>
public sealed record DayCount(Period Lasts, string? WorkingDaysOf)
{
    /// <summary>The day on which the count is complete: of calendar days the same day of a later month, shortened to its last.</summary>
    /// <remarks>
    /// Saturdays count as working days, and a calendar that does not reach so far lets none pass: that makes every deadline the earlier one.
    /// </remarks>
    public LocalDate After(LocalDate day) => After(day, Lasts, WorkingDaysOf);

    /// <inheritdoc cref="After(LocalDate)"/>
    internal static LocalDate After(LocalDate day, Period lasts, string? workingDaysOf)
    {
        if (workingDaysOf is { } calendar)
            return new BusinessDays(HolidayCalendars.Shipped.Named(calendar), saturdaysCount: null, Lean.Earlier).Add(day, lasts.Days) ?? day;
        return LocalDate.MaxIsoValue.Year - day.Year <= lasts.Years + (lasts.Months / 12) + (lasts.Days / 365) + 1 ? LocalDate.MaxIsoValue : day + lasts;
    }
}

/// <summary>Which consents an entry in a register cancels.</summary>
public enum Superseding : byte
{
    None,
    Flagged,
    All,
}

/// <summary>Changes nothing, and is shown.</summary>
public sealed record NoteBody(string Code) : RuleBody;

/// <summary>A set of conditions that have to hold together, with duties that come with it.</summary>
public sealed record Alternative(IReadOnlyList<Condition> Conditions, IReadOnlyList<RuleObligation> Obliges);

/// <summary>A duty as a rule states it.</summary>
/// <param name="Code">What.</param>
/// <param name="Detail">How.</param>
/// <param name="Once">The notice that makes it fall away once given; none: it is due each time.</param>
public sealed record RuleObligation(ObligationCode Code, ObligationDetail? Detail, Notices Once);

/// <summary>How a duty is to be done.</summary>
/// <param name="Within">How soon.</param>
/// <param name="Keep">How long something is kept.</param>
/// <param name="Blocks">What has to be said.</param>
public sealed record ObligationDetail(Period? Within, Period? Keep, ContentBlocks Blocks)
{
    /// <summary>From when <see cref="Keep"/> counts; the latest of several. None: the rule does not say.</summary>
    public KeepSince Since { get; init; }

    /// <summary>Whether it is due to whoever gives, refuses or takes back a consent, because they did: they are told what came of it. <see cref="Within"/> counts from then.</summary>
    public bool OfAnswer { get; init; }
}

/// <summary>From when the time counts for which the proof of a consent is kept.</summary>
[Flags]
public enum KeepSince : byte
{
    None = 0,

    /// <summary>The day it was given.</summary>
    Given = 1,

    /// <summary>The day it was last used: a contact was allowed on its channel.</summary>
    Used = 2,

    /// <summary>The day it was taken back, or the person was forgotten.</summary>
    Ended = 4,
}

/// <summary>Hours of a week, <c>[From, Until)</c> on the local clock.</summary>
/// <param name="Days">Bit 0 is Monday, bit 6 Sunday.</param>
/// <param name="From">Seconds since midnight.</param>
/// <param name="Until">Seconds since midnight; 86400 is the end of the day.</param>
public readonly record struct WeeklyWindow(byte Days, int From, int Until)
{
    /// <summary>Whether it is open on a day of the week at all.</summary>
    public bool IsOn(IsoDayOfWeek day) => (Days >> ((int)day - 1) & 1) != 0;

    /// <summary>Whether a second of the day lies inside.</summary>
    public bool Holds(int second) => From <= second && second < Until;
}
