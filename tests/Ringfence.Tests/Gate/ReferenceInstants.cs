using NodaTime;
using Ringfence.Gate;
using Ringfence.Rules;

namespace Ringfence.Tests.Gate;

/// <summary>Every instant at which a situation may be judged otherwise: edges of windows and of days on each clock, and the ends of whatever is counted in hours.</summary>
internal sealed class ReferenceInstants
{
    private readonly DateTimeZone[] zones;
    private readonly int[] edges;
    private readonly List<Instant> single = [];

    public ReferenceInstants(Situation asked, ReferenceWhere where, IReadOnlyList<Rule> judging)
    {
        var bodies = judging.Select(rule => rule.Body).ToArray();
        var consents = asked.Consents ?? [];
        var hours = bodies.OfType<HoursBody>().ToArray();
        zones = [.. where.Days.Concat(hours.SelectMany(body => body.FixedClocks)).Distinct()];
        edges = [.. hours.SelectMany(body => body.Open)
            .Concat(asked.Contact.Wishes?.Hours ?? [])
            .Concat(consents.SelectMany(consent => consent.TimeScopes).Select(scope => scope.Window).OfType<WeeklyWindow>())
            .SelectMany(window => new[] { window.From, window.Until }).Append(0).Where(second => second < 86400).Distinct()];

        foreach (var slot in consents.SelectMany(consent => consent.TimeScopes).Select(scope => scope.Slot).OfType<(LocalDateTime From, Duration Lasts)>())
        {
            foreach (var zone in zones)
            {
                AddLocal(slot.From, zone);
                single.Add(FirstShown(slot.From, zone) + slot.Lasts);
            }
        }

        Duration[] counted = [.. bodies.SelectMany(Elapsed)
            .Concat(judging.SelectMany(rule => rule.When.Concat(rule.Unless.SelectMany(entry => entry.Conditions))
                .Concat(rule.Body is GroundBody ground ? ground.AnyOf.SelectMany(entry => entry.Conditions) : [])
                .Concat(rule.Body is DemandBody demand ? demand.Conditions : []))
                .SelectMany(Elapsed))
            .Concat(consents.Select(consent => consent.Promise).Append(asked.Contact.Wishes?.Most).OfType<Promise>().Where(promise => promise.Within.HasTimeComponent).Select(promise => promise.Within.ToDuration()))
            .Append(Duration.Zero).Distinct()];
        var moments = (asked.History ?? []).Select(one => Moment.At(one.At))
            .Concat(consents.SelectMany(consent => new[] { consent.GrantedAt, consent.RenewedAt, consent.WithdrawnAt, consent.LastActiveAt }).OfType<Moment>())
            .Concat((asked.RightsRequests ?? []).Select(request => request.ClosedAt).OfType<Moment>())
            .Concat((asked.Registers?.Values ?? []).Select(screening => screening.ScreenedAt).OfType<Moment>())
            .Append(asked.Contact.Wishes?.PausedUntil ?? Moment.At(asked.At));
        foreach (var start in moments.SelectMany(moment => zones.Select(moment.StartIn)).Distinct())
        {
            foreach (var length in counted)
            {
                single.Add(start + length);
                // Of what is inside to its last instant, the next one.
                single.Add(start + length + Duration.Epsilon);
            }
        }

        single.Sort();
    }

    /// <summary>All of them after one instant and up to another, in order.</summary>
    public IEnumerable<Instant> After(Instant from, Instant last)
    {
        var day = Duration.FromDays(1);
        for (var start = from; start < last; start += day)
        {
            var end = start + day;
            var found = new SortedSet<Instant>();
            foreach (var zone in zones)
            {
                var firstDay = start.InZone(zone).Date.PlusDays(-1);
                for (var i = 0; i < 4; i++)
                {
                    foreach (var second in edges)
                    {
                        foreach (var instant in Shown(firstDay.PlusDays(i).AtMidnight().PlusSeconds(second), zone))
                            Add(instant);
                    }
                }

                // A change of the clock may open or close by itself.
                if (zone.GetZoneInterval(start) is { HasEnd: true, End: var change })
                    Add(change);
            }

            foreach (var instant in single)
                Add(instant);
            foreach (var instant in found)
                yield return instant;

            void Add(Instant instant)
            {
                if (instant > start && instant <= end && instant <= last)
                    found.Add(instant);
            }
        }
    }

    private void AddLocal(LocalDateTime time, DateTimeZone zone) => single.AddRange(Shown(time, zone));

    /// <summary>The first instant at which a clock shows a time, or has skipped it.</summary>
    public static Instant FirstShown(LocalDateTime time, DateTimeZone zone) => Shown(time, zone).First();

    /// <summary>When a clock shows a time: twice where it is set back, at the change where it is skipped.</summary>
    private static IEnumerable<Instant> Shown(LocalDateTime time, DateTimeZone zone)
    {
        var mapping = zone.MapLocal(time);
        return mapping.Count switch
        {
            0 => [mapping.LateInterval.Start],
            1 => [mapping.First().ToInstant()],
            _ => [mapping.First().ToInstant(), mapping.Last().ToInstant()],
        };
    }

    private static IEnumerable<Duration> Elapsed(RuleBody? body) => body switch
    {
        CapBody { Window.Elapsed: { } window } => [window],
        CoolDownBody { Elapsed: { } rest } => [rest],
        _ => [],
    };

    private static IEnumerable<Duration> Elapsed(Condition condition) => condition switch
    {
        EventCondition { Age.Elapsed: { } age } => [age],
        ConsentCondition { Age.Elapsed: { } age } => [age],
        _ => [],
    };
}
