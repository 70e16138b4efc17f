using NodaTime;
using Ringfence.Gate;
using Ringfence.Numbers;
using Ringfence.Rules;
using Ringfence.Rules.Calendars;

namespace Ringfence.Tests.Gate;

/// <summary>
/// Situations as they come, with the edges of every rule far oftener than they come: most start from facts that permit, and get a few flaws.
/// The same seed and number give the same situation on every machine.
/// </summary>
internal sealed partial class SituationGenerator
{
    private static readonly string[] Purposes = ["offers", "offers:solar", "newsletter"];
    private static readonly string[] Subjects = ["solar", "phones"];
    private static readonly string[] Controllers = ["acme", "other"];

    // Where most is sent, and most law is.
    private static readonly Channel[] Usual = [Channel.Voice, Channel.Voice, Channel.Voice, Channel.Sms, Channel.Sms, Channel.Sms, Channel.VoiceAuto, Channel.VoiceAuto, Channel.Whatsapp, Channel.Email, Channel.Fax];

    private readonly int seed;
    private readonly string[][] placed;
    private readonly Dictionary<string, PhoneNumber[]> numbers;
    private readonly string[] anyNumbers;
    private readonly (string Name, bool OptIn)[] registers;
    private readonly Period[] ages;
    private readonly Duration[] spans;
    private readonly LocalDate[] turns;
    private readonly int[] edges;
    private readonly string[] kinds;
    private readonly string[] calendars;
    private readonly string[] callers;

    public SituationGenerator(Rulebook rulebook, int seed)
    {
        this.seed = seed;
        placed = [.. rulebook.Packs.Where(pack => pack.Covers.Count > 0).Select(pack => pack.Covers.Order(StringComparer.Ordinal).ToArray())];
        numbers = NumbersByPlace();
        anyNumbers = [.. numbers.Values.SelectMany(some => some).Select(number => number.E164).Distinct().Order(StringComparer.Ordinal)];
        var bodies = rulebook.Rules.Select(rule => rule.Body).ToArray();
        var conditions = rulebook.Rules.SelectMany(ConditionsOf).ToArray();
        registers = [.. bodies.OfType<RegisterBody>().Select(body => (body.Name, body.OptIn)).DistinctBy(register => register.Name)];
        ages =
        [
            .. conditions.Select(condition => condition switch { RelationCondition relation => relation.Age, ConsentCondition consent => consent.Age, EventCondition happened => happened.Age, _ => null })
                .OfType<AgeLimit>().Where(age => age.Elapsed is null).Select(age => age.Lasts)
                .Concat(rulebook.Rules.Select(rule => rule.ConsentTerm?.Lasts).OfType<Period>())
                .Concat(bodies.OfType<RegisterBody>().SelectMany(body => new[] { body.Screened?.AtMost?.Lasts, body.BindsAfter?.Lasts }).OfType<Period>())
                .Concat(bodies.OfType<CoolDownBody>().Select(body => body.FullDays).OfType<Period>())
                .Concat(bodies.OfType<CapBody>().Select(body => body.Window.Days).OfType<int>().Select(Period.FromDays))
                .Append(Period.FromYears(1)).Distinct(),
        ];
        spans =
        [
            .. conditions.OfType<EventCondition>().Select(happened => happened.Age?.Elapsed).Concat(bodies.OfType<CapBody>().Select(cap => cap.Window.Elapsed))
                .Concat(bodies.OfType<CoolDownBody>().Select(rest => rest.Elapsed)).OfType<Duration>().Append(Duration.FromHours(1)).Distinct(),
        ];
        turns = [.. rulebook.Rules.SelectMany(rule => new[] { rule.From, rule.Until ?? rule.From }).Where(day => day.Year is > 2015 and < 2032).Distinct().Order()];
        edges = [.. bodies.OfType<HoursBody>().SelectMany(body => body.Open).SelectMany(window => new[] { window.From, window.Until }).Distinct().Order()];
        calendars = [.. bodies.OfType<HoursBody>().SelectMany(body => body.ClosedOn).Distinct().Order(StringComparer.Ordinal)];
        callers = [.. conditions.OfType<CallerIdPrefixCondition>().SelectMany(one => one.Prefixes).Distinct().Order(StringComparer.Ordinal)];
        kinds = [.. conditions.OfType<RegisteredCondition>().SelectMany(one => one.Kinds).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>The situation of a number.</summary>
    public Situation Situation(int number)
    {
        var dice = new Dice(new Random(unchecked((seed * 1_000_003) + number)));
        var place = SomePlace(dice);
        var phone = PhoneIn(place, dice);
        var person = new ContactedPerson
        {
            Phone = phone?.E164,
            Email = "who@example.org",
            OtherPhones = [],
            Residence = dice.Chance(70) ? [place] : null,
            Audience = Audience.B2c,
            Relations = [],
            Source = ContactSource.Form,
            Provenance = true,
            Age = new PersonAge(null, true),
            Verified = true,
            Reassigned = ReassignedAnswer.No,
            NoticesGiven = Notices.None,
            Wishes = new Wishes(),
            Quarantine = false,
            Unlisted = false,
        };
        var zone = ZoneOf(person);
        var at = InstantIn(zone, dice);
        var today = at.InZone(zone).Date;
        var asked = new Situation
        {
            At = at,
            Ask = AskOf(dice),
            Contact = person,
            Consents = [],
            Suppressions = [],
            Registers = registers.ToDictionary(register => register.Name, register => FreshScreening(register.OptIn, today, dice)),
            History = [],
            Seller = new Seller { Country = "US", Registrations = [new Registration("any", "any", null, null, null)], BalancingTest = true, ImpactAssessment = true, Is = SellerKinds.None },
            Emergency = [],
            RightsRequests = [],
        };
        if (dice.Chance(85))
            asked = asked with { Consents = [GoodConsent(asked.Ask, today, dice)] };

        var flaws = dice.Next(100) switch { < 22 => 0, < 50 => 1, < 72 => 2, < 90 => 4, _ => 8 };
        for (var i = 0; i < flaws; i++)
            asked = Flawed(asked, zone, dice);
        if (dice.Chance(14))
        {
            var less = SituationText.WithoutOne(asked).ToArray();
            for (var nulls = dice.Next(2); nulls >= 0 && less.Length > 0; nulls--)
            {
                asked = dice.Pick(less).Without;
                less = nulls > 0 ? [.. SituationText.WithoutOne(asked)] : less;
            }
        }

        return asked;
    }

    private static Screening FreshScreening(bool listed, LocalDate today, Dice dice) =>
        new() { ScreenedAt = Moment.On(today.PlusDays(-dice.Next(7))), Listed = listed };

    private Ask AskOf(Dice dice)
    {
        var channel = dice.Pick(Usual);
        return new Ask
        {
            Controller = "acme",
            Channel = channel,
            Technique = channel switch
            {
                Channel.Voice => dice.Chance(70) ? Technique.Manual : dice.Pick(Technique.Preview, Technique.Predictive, Technique.ListDialler, Technique.AiVoice, Technique.Prerecorded, Technique.RandomDialler),
                Channel.VoiceAuto => dice.Pick(Technique.Prerecorded, Technique.AiVoice, Technique.RandomDialler, Technique.Predictive),
                Channel.Whatsapp => dice.Pick(Technique.Template, Technique.Template, Technique.FreeForm),
                Channel.Sms or Channel.Email or Channel.Fax => dice.Pick(Technique.Bulk, Technique.Bulk, Technique.Gateway, Technique.Manual),
            },
            Purpose = dice.Pick(Purposes),
            Class = dice.Chance(62) ? ContactClass.Marketing : dice.Pick(Enum.GetValues<ContactClass>()),
            Promotes = false,
            Subject = dice.Pick(Subjects),
            Similar = dice.Chance(50),
            RelatesToContract = dice.Chance(20),
            Sector = Sector.Other,
            CallerId = new CallerId { Number = CallerIdNumber(dice), Shown = true, Entitled = true, Directory = true, Answered = true, Registered = true },
            Script = ContentBlocks.All,
            Template = new MessageTemplate { Category = dice.Chance(80) ? TemplateCategory.Marketing : TemplateCategory.Utility, Status = TemplateStatus.Approved, Holds = ContentBlocks.All, OptOutLiveUntil = new LocalDate(2999, 12, 31), Registered = true },
            Agent = new Agent { Id = "kim", Trained = true, Registered = true },
            Campaign = new Campaign { Id = "spring", AbandonedPercent = 0, SelectedBy = Selection.None },
        };
    }

    private string CallerIdNumber(Dice dice) => callers.Length > 0 && dice.Chance(40) ? dice.Pick(callers) + "5550123" : "+12025550143";

    private GivenConsent GoodConsent(Ask ask, LocalDate today, Dice dice) => new()
    {
        Controllers = dice.Chance(50) ? null : ["acme"],
        Channels = ChannelSet.All,
        Techniques = dice.Chance(40) && ask.Technique is null or not (Technique.Prerecorded or Technique.AiVoice or Technique.RandomDialler) ? null : Enum.GetValues<Technique>(),
        Purposes = [ask.Purpose!],
        GrantedAt = Moment.On(dice.Chance(60) ? today.PlusDays(-1 - dice.Next(300)) : Edge(today, dice)),
        Method = dice.Pick(Enum.GetValues<ConsentMethod>()),
        Holds = EvidenceItems.All,
        TimeScopes = dice.Chance(80) ? [] : [new TimeScope(null, null, true)],
        OnRegister = dice.Chance(20),
    };

    /// <summary>A day about which a period of some rule ends today.</summary>
    private LocalDate Edge(LocalDate today, Dice dice) => (today - dice.Pick(ages)).PlusDays(dice.Next(3) - 1);

    private Instant InstantIn(DateTimeZone zone, Dice dice)
    {
        var day = dice.Next(10) switch
        {
            0 when turns.Length > 0 => dice.Pick(turns).PlusDays(dice.Next(3) - 1),
            1 or 2 => HolidayOrSo(dice),
            3 => ClockChange(zone, dice),
            4 => new LocalDate(2018 + dice.Next(12), 1 + dice.Next(12), 1).PlusDays(-dice.Next(2)),
            _ => new LocalDate(2018, 1, 1).PlusDays(dice.Next(4200)),
        };
        var second = dice.Next(10) switch
        {
            < 4 when edges.Length > 0 => dice.Pick(edges) + dice.Next(3) - 1,
            4 => dice.Next(3) - 1,
            5 or 6 or 7 => dice.Next(86400),
            _ => (10 * 3600) + dice.Next(7 * 3600),
        };
        var local = day.AtMidnight().PlusSeconds(second);
        return local.InZoneLeniently(zone).ToInstant() + (dice.Chance(10) ? Duration.FromMilliseconds(dice.Next(1000)) : Duration.Zero);
    }

    private LocalDate HolidayOrSo(Dice dice)
    {
        if (calendars.Length == 0)
            return new LocalDate(2026, 12, 25);
        var calendar = HolidayCalendars.Shipped.Named(dice.Pick(calendars));
        if (dice.Chance(10))
            return dice.Chance(50) ? calendar.LastDay.PlusDays(dice.Next(3) - 1) : calendar.FirstDay.PlusDays(dice.Next(3) - 1);
        var holidays = calendar.Holidays.Where(holiday => holiday.Day.Year is >= 2018 and < 2030).ToArray();
        return (holidays.Length == 0 ? new LocalDate(2026, 12, 25) : dice.Pick(holidays).Day).PlusDays(dice.Next(4) - 2);
    }

    private static LocalDate ClockChange(DateTimeZone zone, Dice dice)
    {
        var interval = zone.GetZoneInterval(Instant.FromUtc(2018 + dice.Next(12), 1 + dice.Next(12), 1, 0, 0));
        return interval.HasEnd && interval.End < Instant.FromUtc(2031, 1, 1, 0, 0) ? interval.End.InZone(zone).Date.PlusDays(dice.Next(2) - 1) : new LocalDate(2026, 3, 29);
    }

    private static DateTimeZone ZoneOf(ContactedPerson person) =>
        new ReferenceWhere(new Situation { At = Instant.FromUtc(2026, 6, 1, 0, 0), Contact = person }).Zones.FirstOrDefault() ?? DateTimeZone.Utc;

    private PhoneNumber? PhoneIn(string place, Dice dice)
    {
        var there = numbers.GetValueOrDefault(place) ?? numbers.GetValueOrDefault(place[..2]);
        return there is null ? null : dice.Pick(there);
    }

    private static IEnumerable<Condition> ConditionsOf(Rule rule) => rule.When
        .Concat(rule.Unless.SelectMany(entry => entry.Conditions))
        .Concat(rule.Body switch
        {
            GroundBody ground => ground.AnyOf.SelectMany(entry => entry.Conditions),
            DemandBody demand => demand.Conditions,
            _ => [],
        });

    // Numbers of every country from the table of the numbering tests, and of every area code of +1.
    private static Dictionary<string, PhoneNumber[]> NumbersByPlace()
    {
        var found = new List<(string Place, PhoneNumber Number)>();
        foreach (var row in Numbers.ReferenceCases.Read("reference-cases.tsv"))
        {
            if (row[4] == "yes" && NumberReader.Read(row[0], Region.Of(row[1])).Number is { Digits: > 0 } number)
                found.Add((number.Region.ToString(), number));
        }

        foreach (var area in Enumerable.Range(200, 800))
        {
            foreach (var exchange in new[] { 234, 345, 456, 678, 789, 850 })
            {
                if (!PhoneNumber.TryParse($"+1{area}{exchange}4567", Region.None, out var number))
                    continue;
                foreach (var state in number.Subdivisions)
                    found.Add((state, number));
            }
        }

        return found.GroupBy(pair => pair.Place).ToDictionary(group => group.Key, group => group.Select(pair => pair.Number).Distinct().OrderBy(number => number.Digits).ToArray());
    }
}

/// <summary>Chance with a few words of its own.</summary>
internal sealed class Dice(Random random)
{
    public int Next(int below) => random.Next(below);

    public bool Chance(int percent) => random.Next(100) < percent;

    public T Pick<T>(params IReadOnlyList<T> from) => from[random.Next(from.Count)];
}
