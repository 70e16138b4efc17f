using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.People;
using Xunit;

namespace Ringfence.Server.Tests.People;

/// <summary>Columns beside a list of people that is gone through one by one.</summary>
public sealed class AudienceQueryTests
{
    private static readonly Instant Now = Instant.FromUtc(2027, 6, 9, 11, 0);
    private static readonly string[] Places = ["DE", "DE-BY", "GB", "US", "US-CA", "US-NY"];
    private static readonly string[] Purposes = ["offers", "offers:solar", "research"];
    private static readonly AudienceAsk[] Asks = [.. AudienceAsk.Line.SelectMany(channel => (AudienceAsk[])[new(channel, "offers"), new(channel, null)])];
    private static readonly OpaqueId[] Batches = [Id(1), Id(2)];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_filter_finds_whom_the_list_finds(int seed)
    {
        var random = new Random(seed);
        var (columns, classes, people) = (new AudienceColumns(), new NumberClasses(), new List<AudiencePerson>());
        for (var i = 0; i < 400; i++)
        {
            people.Add(Someone(random, classes, i));
            columns.Put(people[^1]);
        }

        columns.Sort();
        people = [.. people.OrderBy(static one => one.First).ThenBy(static one => one.Sid.Value)];
        var cells = new Dictionary<(AudienceAsk, OpaqueId), AudienceCell>();
        var answers = Asks.ToDictionary(static ask => ask, ask => new AnswerColumn(ask, ["offers"], Now, columns.Count));
        // Some change, some go, some come after the order was made.
        for (var i = 0; i < 120; i++)
        {
            var at = random.Next(people.Count);
            if (random.Next(3) == 0)
            {
                columns.Remove(people[at].Sid);
                people.RemoveAt(at);
            }
            else if (random.Next(2) == 0)
            {
                people[at] = Someone(random, classes, 0) with { Sid = people[at].Sid };
                columns.Put(people[at]);
            }
            else
            {
                people.Add(Someone(random, classes, 1_000 + i));
                columns.Put(people[^1]);
            }
        }

        foreach (var person in people)
        {
            foreach (var ask in Asks)
            {
                var cell = random.Next(4) switch
                {
                    0 => AudienceCell.NoPoint,
                    1 => new AudienceCell(AudienceVerdict.Allowed, null),
                    2 => new AudienceCell(AudienceVerdict.Deferred, random.Next(2) == 0 ? ReasonCode.Hours : ReasonCode.Cap),
                    _ => new AudienceCell(AudienceVerdict.Refused, random.Next(2) == 0 ? ReasonCode.NoConsent : ReasonCode.Suppressed),
                };
                cells[(ask, person.Sid)] = cell;
                answers[ask].Put(columns.Find(person.Sid), cell.Pack());
            }
        }

        Assert.Equal(people.Count, columns.People);
        var found = 0;
        for (var i = 0; i < 3_000; i++)
        {
            var filter = Filter(random);
            if (filter.Consent is null && random.Next(6) == 0)
                filter = filter with { Stands = true };
            var query = new AudienceQuery(columns, classes, filter, [.. AudienceQuery.AsksOf(filter).Select(ask => answers[ask])], Clock.Seconds(Now), null);
            AudiencePerson[] expected = [.. people.Where(one => Fits(filter, one, classes, ask => cells[(ask, one.Sid)]))];
            Assert.Equal(expected.Length, query.Count());
            found += expected.Length;
            var order = (AudienceOrder)random.Next(3);
            OpaqueId[] sorted = [.. Ordered(expected, order).Select(static one => one.Sid)];
            Assert.Equal(sorted, query.All(order));
            var (offset, size) = (random.Next(0, 60), random.Next(1, 40));
            var page = query.Page(order, new AudienceStart(offset), size);
            Assert.Equal(sorted.Skip(offset).Take(size), page.People);
            Assert.Equal((expected.Length, Math.Min(offset, expected.Length)), (page.Total, page.Offset));
            if (page.People.Count > 0)
            {
                Assert.Equal(sorted.Skip(page.Offset + page.People.Count).Take(size), query.Page(order, new AudienceStart(0, After: page.People[^1]), size).People);
                Assert.Equal(sorted.Take(page.Offset).TakeLast(size), query.Page(order, new AudienceStart(0, Before: page.People[0]), size).People.Take(Math.Min(size, page.Offset)));
            }

            Assert.Equal(expected.Length, query.Breakdown(AudienceField.Source).Sum(static one => one.Count));
            var countries = query.Breakdown([answers[Asks[0]]], byCountry: true).GroupBy(static share => share.Country).ToDictionary(static same => same.Key ?? "", static same => same.Sum(static share => share.Count));
            Assert.Equal(expected.GroupBy(static one => one.Residence?[..2] ?? "").ToDictionary(static same => same.Key, static same => same.Count()), countries);
        }

        Assert.InRange(found, 20_000, 1_000_000);
    }

    [Fact]
    public void A_person_is_found_by_random_name_among_very_many()
    {
        var (columns, random) = (new AudienceColumns(), new Random(4));
        OpaqueId[] sids = [.. Enumerable.Range(0, 50_000).Select(_ => new OpaqueId(new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64())))];
        foreach (var sid in sids)
            columns.Put(new AudiencePerson { Sid = sid, First = Now, Last = Now });
        columns.Sort();
        Assert.All(sids, sid => Assert.Equal(sid, columns.SidOf(columns.Find(sid))));
        Assert.True(columns.Find(Id(7)) < 0);
    }

    private static bool Fits(AudienceFilter filter, AudiencePerson one, NumberClasses classes, Func<AudienceAsk, AudienceCell> cellOf)
    {
        if (filter.Status is { } status && one.Status != status)
            return false;
        if (filter.Residence is { } place && !(place == "none" ? one.Residence is null : one.Residence == place || (place.Length == 2 && one.Residence?.StartsWith(place + "-", StringComparison.Ordinal) == true)))
            return false;
        if (filter.Source is { } source && (one.Source is { } from ? Words<ContactSource>.Of(from) : "none") != source)
            return false;
        if (filter.Batch is { } batch && one.Batch != batch)
            return false;
        if (filter.Suppressed is { } stopped && (one.Suppressed != ChannelSet.None) != stopped)
            return false;
        if (filter.NumberCountry is { } country && !one.Points.Any(point => point.Number != 0 && classes.Told(point.Class).Country.ToString() == country))
            return false;
        StandingLine[] said = [.. one.Consents.Where(line => (filter.Channel is not { } channel || line.Channel == channel) && (filter.Purpose is not { } purpose || purpose == line.Purpose || purpose.StartsWith(line.Purpose + ":", StringComparison.Ordinal)))];
        if (filter.AsksConsent && !(filter.Consent == ConsentStanding.NotAsked && filter is { AgeFrom: null, AgeTo: null, StaleWithin: null } && said.Length == 0) && !said.Any(line => LineFits(filter, line)))
            return false;
        if (!filter.AsksGate)
            return true;
        AudienceCell[] cells = [.. AudienceQuery.AsksOf(filter).Select(cellOf)];
        var best = cells.Min(static cell => cell.Verdict);
        return (filter.Verdict is not { } verdict || best == verdict) && (filter.Reason is not { } reason || cells.Any(cell => cell.Verdict == best && cell.Reason == reason));
    }

    private static bool LineFits(AudienceFilter filter, StandingLine line)
    {
        var isYes = line.Standing is ConsentStanding.Given or ConsentStanding.Confirmed;
        var standing = isYes && line.Until <= Now ? ConsentStanding.Expired : line.Standing;
        if (filter.Stands && standing is not (ConsentStanding.Given or ConsentStanding.Confirmed))
            return false;
        if (filter.Consent is { } wanted ? standing != wanted : standing is not (ConsentStanding.Given or ConsentStanding.Confirmed or ConsentStanding.Expired))
            return false;
        if ((filter.AgeFrom is { } || filter.AgeTo is { }) && line.Since is null)
            return false;
        var age = line.Since is { } since ? (Now - since).TotalDays : 0;
        return (filter.AgeFrom is not { } old || age >= old) && (filter.AgeTo is not { } young || age < young)
            && (filter.StaleWithin is not { } days || (standing is ConsentStanding.Given or ConsentStanding.Confirmed && line.Until is { } end && end <= Now + Duration.FromDays(days)));
    }

    private static IEnumerable<AudiencePerson> Ordered(AudiencePerson[] expected, AudienceOrder order) => order switch
    {
        AudienceOrder.Added => expected.Reverse(),
        AudienceOrder.Changed => expected.Select(static (one, at) => (one, at)).OrderByDescending(static pair => pair.one.Last).ThenByDescending(static pair => pair.at).Select(static pair => pair.one),
        AudienceOrder.Contacted => expected.Select(static (one, at) => (one, at)).OrderByDescending(static pair => pair.one.Contacted ?? Instant.MinValue).ThenByDescending(static pair => pair.at).Select(static pair => pair.one),
    };

    private static AudienceFilter Filter(Random random) => new()
    {
        Channel = Maybe(random, 2, AudienceAsk.Line),
        Purpose = random.Next(2) == 0 ? "offers" : null,
        Verdict = Maybe(random, 4, Enum.GetValues<AudienceVerdict>()),
        Reason = Maybe(random, 5, [ReasonCode.Hours, ReasonCode.NoConsent, ReasonCode.Suppressed]),
        Residence = random.Next(4) == 0 ? random.Next(5) == 0 ? "none" : Places[random.Next(Places.Length)] : null,
        NumberCountry = random.Next(6) == 0 ? random.Next(2) == 0 ? "DE" : "GB" : null,
        Source = random.Next(5) == 0 ? random.Next(4) == 0 ? "none" : "form" : null,
        Status = Maybe(random, 5, [PersonStatus.Contactable, PersonStatus.Quarantined, PersonStatus.Held]),
        Batch = Maybe(random, 6, [.. Batches, Id(3)]),
        Consent = Maybe(random, 4, Enum.GetValues<ConsentStanding>()),
        AgeFrom = Maybe(random, 6, [0, 10, 100]),
        AgeTo = Maybe(random, 6, [50, 300]),
        StaleWithin = Maybe(random, 6, [0, 5, 90]),
        Suppressed = Maybe(random, 6, [true, false]),
    };

    private static AudiencePerson Someone(Random random, NumberClasses classes, int nth) => new()
    {
        Sid = new OpaqueId(new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64())),
        Status = (PersonStatus)random.Next(3),
        Residence = random.Next(4) == 0 ? null : Places[random.Next(Places.Length)],
        Source = random.Next(4) == 0 ? null : (ContactSource)random.Next(3),
        Batch = random.Next(2) == 0 ? null : Batches[random.Next(2)],
        First = Now - Duration.FromDays(2_000) + Duration.FromSeconds(nth / 2),
        Last = Now - Duration.FromDays(random.Next(5)),
        Contacted = random.Next(2) == 0 ? null : Now - Duration.FromDays(random.Next(5)),
        Suppressed = random.Next(3) == 0 ? ChannelSet.Sms : ChannelSet.None,
        Points = [.. Enumerable.Range(0, random.Next(3)).Select(_ => PointOf(random.Next(3), classes, random))],
        Consents =
        [
            .. Enumerable.Range(0, random.Next(4)).Select(_ => new StandingLine(
                Id(9), AudienceAsk.Line[random.Next(4)], Purposes[random.Next(3)], (ConsentStanding)random.Next(1, 8), random.Next(5) == 0 ? null : Now - Duration.FromDays(random.Next(400)),
                random.Next(2) == 0 ? null : Now + Duration.FromDays(random.Next(-30, 120)))).DistinctBy(static line => (line.Channel, line.Purpose)),
        ],
    };

    private static AudiencePoint PointOf(int kind, NumberClasses classes, Random random)
    {
        if (kind == 2)
            return new AudiencePoint((ulong)random.NextInt64(), 0, 0, NumberClasses.Address);
        var number = PhoneNumber.TryParse(kind == 0 ? "+493023125123" : "+447400123456", Region.None, out var read) ? read : default;
        return new AudiencePoint((ulong)random.NextInt64(), 0, number.Digits, classes.Of(number, ContactGate.Shipped.Rules));
    }

    private static T? Maybe<T>(Random random, int oneIn, IReadOnlyList<T> all) where T : struct => random.Next(oneIn) == 0 ? all[random.Next(all.Count)] : null;

    private static OpaqueId Id(int n) => new((UInt128)n);
}
