using NodaTime;
using Ringfence.Gate;
using Ringfence.Rules;

namespace Ringfence.Tests.Gate;

/// <summary>What can be otherwise about a situation that permits.</summary>
internal sealed partial class SituationGenerator
{
    private Situation Flawed(Situation asked, DateTimeZone zone, Dice dice)
    {
        var today = asked.At.InZone(zone).Date;
        return dice.Next(12) switch
        {
            0 => asked with { Ask = FlawedAsk(asked.Ask, today, dice) },
            1 => asked with { Ask = FlawedAsk(asked.Ask, today, dice) },
            2 or 3 => asked with { Contact = FlawedPerson(asked.Contact, today, dice) },
            4 or 5 => asked with { Consents = FlawedConsents(asked, today, dice) },
            6 => asked with { Suppressions = [.. asked.Suppressions ?? [], Suppression(dice)] },
            7 => asked with { Registers = FlawedRegisters(asked.Registers, today, dice) },
            8 or 9 => asked with { History = [.. asked.History ?? [], .. Events(asked, dice)] },
            10 => Relation(asked, today, dice),
            _ => dice.Chance(60) ? asked with { Seller = FlawedSeller(asked.Seller, today, dice) }
                : dice.Chance(50) ? asked with { Emergency = [SomePlace(dice)] }
                : asked with { RightsRequests = [new OpenRequest(dice.Pick(Enum.GetValues<RequestKind>()), MomentAbout(today, dice), dice.Chance(50) ? null : MomentAbout(today, dice))] },
        };
    }

    private string SomePlace(Dice dice) => placed.Length == 0 ? "FR" : dice.Pick(dice.Pick(placed));

    private Moment MomentAbout(LocalDate today, Dice dice)
    {
        var day = dice.Chance(50) ? Edge(today, dice) : today.PlusDays(-dice.Next(40));
        return dice.Chance(70) ? Moment.On(day) : Moment.At(day.AtMidnight().PlusSeconds(dice.Next(86400)).InUtc().ToInstant());
    }

    private Ask FlawedAsk(Ask ask, LocalDate today, Dice dice) => dice.Next(24) switch
    {
        0 => ask with { Channel = dice.Pick(Channels.All) },
        1 or 2 => ask with { Technique = dice.Pick(Enum.GetValues<Technique>()) },
        3 => ask with { Class = dice.Pick(Enum.GetValues<ContactClass>()) },
        4 => ask with { Promotes = dice.Chance(60) ? true : null },
        5 => ask with { Subject = dice.Pick(Subjects), Purpose = dice.Pick(Purposes) },
        6 or 7 or 8 => ask with { Sector = dice.Pick(Enum.GetValues<Sector>()) },
        9 => ask with { CallerId = (ask.CallerId ?? new()) with { Number = CallerIdNumber(dice) } },
        10 => ask with { CallerId = (ask.CallerId ?? new()) with { Shown = dice.Chance(50), Entitled = dice.Chance(50) } },
        11 => ask with { CallerId = (ask.CallerId ?? new()) with { Directory = dice.Chance(50), Answered = dice.Chance(50), Registered = dice.Chance(50) } },
        12 or 13 => ask with { Script = ContentBlocks.All & ~(ContentBlocks)(1u << dice.Next(17)) },
        14 or 15 => ask with { Template = (ask.Template ?? new()) with { Holds = ContentBlocks.All & ~(ContentBlocks)(1u << dice.Next(17)) } },
        16 => ask with { Template = (ask.Template ?? new()) with { Category = dice.Pick(Enum.GetValues<TemplateCategory>()), Status = dice.Pick(Enum.GetValues<TemplateStatus>()) } },
        17 => ask with { Template = (ask.Template ?? new()) with { OptOutLiveUntil = today.PlusDays(dice.Next(70)), Registered = dice.Chance(50) } },
        18 => ask with { Agent = dice.Chance(50) ? new Agent { Id = "lee", Trained = dice.Chance(50), Registered = dice.Chance(50) } : null },
        19 or 20 => ask with { Campaign = (ask.Campaign ?? new()) with { AbandonedPercent = dice.Pick(0m, 2.5m, 3m, 3.01m, 5m), SelectedBy = (Selection)(1u << dice.Next(16)) } },
        21 => ask with { Class = ContactClass.Service },
        22 => ask with { Similar = dice.Chance(70), RelatesToContract = dice.Chance(70) },
        _ => ask with { Controller = dice.Pick(Controllers) },
    };

    private ContactedPerson FlawedPerson(ContactedPerson person, LocalDate today, Dice dice) => dice.Next(20) switch
    {
        0 or 1 => person with { Phone = dice.Pick(anyNumbers) },
        2 => person with { Residence = dice.Chance(30) ? null : [SomePlace(dice), .. dice.Chance(40) ? [SomePlace(dice)] : Array.Empty<string>()] },
        3 => person with { Residence = [SomePlace(dice)], ResidenceBasis = dice.Pick(Enum.GetValues<ResidenceBasis>()) },
        4 => person with { ResidenceBasis = ResidenceBasis.Documented },
        5 => person with { Zones = dice.Pick<string[]>(["Europe/Paris"], ["America/New_York", "America/Chicago"], ["Asia/Kolkata"], ["Pacific/Kiritimati"], ["America/Phoenix"], ["Australia/Lord_Howe"], ["Atlantic/Canary", "Europe/Madrid"]) },
        6 or 7 or 8 => person with { Audience = dice.Pick(Enum.GetValues<Audience>()) },
        9 => person with { Source = dice.Pick(Enum.GetValues<ContactSource>()), Provenance = dice.Pick<bool?>(true, true, false, null) },
        10 => person with { Age = dice.Pick<PersonAge>(new(null, false), new(17, false), new(18, true), new(15, false), new(70, true)) },
        11 or 12 => person with { LineType = dice.Pick(Enum.GetValues<LineType>()) },
        13 => person with { Verified = dice.Chance(50), Reassigned = dice.Pick(Enum.GetValues<ReassignedAnswer>()), ReassignedAskedAt = MomentAbout(today, dice) },
        14 => person with { NoticesGiven = (Notices)dice.Next(16) },
        15 => person with { Wishes = SomeWishes(today, dice) },
        16 => person with { Quarantine = dice.Chance(60), OtherPhones = [dice.Pick(anyNumbers)] },
        17 or 18 => person with { Unlisted = dice.Chance(80) },
        _ => person with { Phone = "+3912", Email = dice.Chance(50) ? null : "x" },
    };

    private static Wishes SomeWishes(LocalDate today, Dice dice) => new()
    {
        Hours = dice.Chance(50) ? [] : [new WeeklyWindow((byte)(1 + dice.Next(127)), 9 * 3600, 18 * 3600), new WeeklyWindow((byte)(1 + dice.Next(127)), 0, 86400)],
        PausedUntil = dice.Chance(50) ? null : dice.Chance(50) ? Moment.On(today.PlusDays(dice.Next(4) - 1)) : Moment.At(today.PlusDays(dice.Next(3)).AtMidnight().PlusHours(dice.Next(24)).InUtc().ToInstant()),
        Most = dice.Chance(60) ? null : new Promise(1 + dice.Next(2), dice.Pick(Period.FromDays(7), Period.FromHours(24), Period.FromMonths(1), Period.FromWeeks(1)), ChannelSet.All),
    };

    private List<GivenConsent>? FlawedConsents(Situation asked, LocalDate today, Dice dice)
    {
        var consents = (asked.Consents ?? []).ToList();
        if (consents.Count == 0 || dice.Chance(20))
            consents.Insert(dice.Next(consents.Count + 1), GoodConsent(asked.Ask with { Purpose = asked.Ask.Purpose ?? "offers" }, today, dice));
        if (dice.Chance(5))
            return null;
        var i = dice.Next(consents.Count);
        var one = consents[i];
        consents[i] = dice.Next(20) switch
        {
            0 => one with { Controllers = dice.Pick<string[]?>(["other"], ["acme", "other"], null) },
            1 => one with { Channels = (ChannelSet)dice.Next(64) },
            2 => one with { Techniques = dice.Chance(40) ? null : [dice.Pick(Enum.GetValues<Technique>()), dice.Pick(Enum.GetValues<Technique>())] },
            3 => one with { Purposes = dice.Pick<string[]>([], ["offers"], ["newsletter", "offers:solar"]) },
            4 => one with { Subject = dice.Pick(Subjects) },
            5 or 6 => one with { GrantedAt = MomentAbout(today, dice) },
            7 => one with { RenewedAt = MomentAbout(today, dice) },
            8 => one with { WithdrawnAt = dice.Chance(50) ? Moment.On(today.PlusDays(dice.Next(4) - 2)) : MomentAbout(today, dice) },
            9 => one with { LastActiveAt = MomentAbout(today, dice) },
            10 or 11 or 12 => one with { Holds = EvidenceItems.All & ~(EvidenceItems)(1UL << dice.Next(33)) & ~(dice.Chance(30) ? (EvidenceItems)(1UL << dice.Next(33)) : 0) },
            13 => one with { Flaws = (ConsentFlaws)(1 << dice.Next(8)) },
            14 => one with { Term = dice.Pick(ages), GrantedAt = MomentAbout(today, dice) },
            15 => one with { Until = today.PlusDays(dice.Next(5) - 2) },
            16 => one with { TimeScopes = [Scope(asked.At, today, dice), .. dice.Chance(30) ? [Scope(asked.At, today, dice)] : Array.Empty<TimeScope>()] },
            17 => one with { Promise = new Promise(1 + dice.Next(2), dice.Pick(Period.FromDays(7), Period.FromHours(24), Period.FromMonths(1)), dice.Chance(50) ? ChannelSet.All : (ChannelSet)(1 + dice.Next(63))) },
            18 => one with { OnRegister = true },
            _ => one with { GrantedAt = Moment.On(today.PlusDays(dice.Next(3) - 1)) },
        };
        return consents;
    }

    private static TimeScope Scope(Instant at, LocalDate today, Dice dice) => dice.Next(3) switch
    {
        0 => new TimeScope(null, null, true),
        1 => new TimeScope(new WeeklyWindow(127, dice.Next(12) * 3600, (12 + dice.Next(13)) * 3600), null, false),
        _ => new TimeScope(null, (today.AtMidnight().PlusHours(dice.Next(30)), Duration.FromHours(1 + dice.Next(3))), false),
    };

    private static SuppressionEntry Suppression(Dice dice)
    {
        var entry = AnySuppression(dice);
        return entry.Program is null ? entry : entry with { Purposes = null };
    }

    private static SuppressionEntry AnySuppression(Dice dice) => new()
    {
        Controller = dice.Pick<string?>(null, null, "other", "any", "acme"),
        Channels = dice.Chance(50) ? ChannelSet.All : (ChannelSet)(1 + dice.Next(63)),
        Purposes = dice.Chance(70) ? null : [dice.Pick(Purposes)],
        Program = dice.Chance(60) ? null : dice.Pick(Purposes),
        Since = dice.Chance(50) ? null : Moment.On(new LocalDate(2020, 1, 1).PlusDays(dice.Next(4000))),
        By = dice.Pick(Enum.GetValues<SuppressedBy>()),
        Kind = dice.Chance(70) ? SuppressionKind.Suppression : dice.Pick(Enum.GetValues<SuppressionKind>()),
    };

    private Dictionary<string, Screening> FlawedRegisters(IReadOnlyDictionary<string, Screening>? known, LocalDate today, Dice dice)
    {
        var screenings = (known ?? new Dictionary<string, Screening>()).ToDictionary();
        foreach (var (name, _) in registers)
        {
            if (dice.Chance(70))
                continue;
            if (dice.Chance(10))
            {
                screenings.Remove(name);
                continue;
            }

            screenings[name] = new Screening
            {
                ScreenedAt = dice.Chance(60) ? Moment.On(today.PlusDays(-dice.Next(3))) : MomentAbout(today, dice),
                Listed = dice.Chance(60),
                ListedAt = dice.Chance(20) ? null : MomentAbout(today, dice),
                PublishedAt = dice.Chance(50) ? null : MomentAbout(today, dice),
                ConsentsWithdrawn = dice.Pick<bool?>(null, true, false),
            };
        }

        return screenings;
    }

    private IEnumerable<PastEvent> Events(Situation asked, Dice dice)
    {
        var gentle = dice.Chance(75);
        for (var i = 1 + dice.Next(4); i > 0; i--)
        {
            var before = dice.Next(5) switch
            {
                0 => dice.Pick(spans) + Duration.FromSeconds(dice.Next(3) - 1),
                1 => dice.Pick(spans) * (dice.Next(100) / 100.0),
                2 => Duration.FromDays(dice.Next(8)) + Duration.FromSeconds(dice.Next(86400)),
                3 => Duration.FromSeconds(dice.Next(7200)),
                _ => asked.At - Edge(asked.At.InUtc().Date, dice).AtMidnight().PlusSeconds(dice.Next(86400)).InUtc().ToInstant(),
            };
            yield return new PastEvent
            {
                At = asked.At - (before < Duration.Zero ? Duration.Zero : before),
                Channel = dice.Chance(90) ? dice.Chance(60) ? asked.Ask.Channel : dice.Pick(Channels.All) : null,
                Controller = dice.Pick<string?>(null, null, null, "acme", "other"),
                Subject = dice.Chance(85) ? dice.Chance(60) ? asked.Ask.Subject : dice.Pick(Subjects) : null,
                Purpose = dice.Chance(50) ? null : dice.Pick(Purposes),
                Agent = dice.Pick<string?>(null, "kim", "lee"),
                Campaign = dice.Pick<string?>(null, "spring", "autumn"),
                Number = dice.Chance(60) ? asked.Contact.Phone : dice.Chance(50) ? null : dice.Pick(anyNumbers),
                Outcome = gentle ? (Outcome)dice.Next((int)Outcome.Complained) : dice.Pick(Enum.GetValues<Outcome>()),
            };
        }
    }

    private Situation Relation(Situation asked, LocalDate today, Dice dice)
    {
        var kind = dice.Pick(Enum.GetValues<RelationKind>());
        var last = dice.Chance(70) ? Edge(today, dice) : today.PlusDays(dice.Next(20) - 18);
        var momentary = kind is RelationKind.Purchase or RelationKind.Enquiry or RelationKind.Donation;
        var relation = new Relation
        {
            Kind = kind,
            From = momentary ? Moment.On(last) : MomentAbout(last.PlusDays(-30), dice),
            Until = momentary || dice.Chance(40) ? null : Moment.On(last),
            Subject = dice.Chance(80) ? asked.Ask.Subject : dice.Pick<string?>(null, "solar"),
            ContactGiven = dice.Pick<bool?>(true, true, true, false, null),
            RefusalOffered = dice.Pick<bool?>(true, true, true, false, null),
        };
        if (relation.Until is { } end && end < relation.From)
            relation = relation with { From = end };
        return asked with { Contact = asked.Contact with { Relations = [.. asked.Contact.Relations ?? [], relation] }, Ask = asked.Ask with { Similar = dice.Chance(80) ? true : asked.Ask.Similar } };
    }

    private Seller FlawedSeller(Seller seller, LocalDate today, Dice dice) => dice.Next(6) switch
    {
        0 => seller with { Country = SomePlace(dice)[..2] },
        1 => seller with { Registrations = [] },
        2 when kinds.Length > 0 => seller with { Registrations = [new Registration(dice.Chance(30) ? "any" : SomePlace(dice), dice.Pick(kinds), dice.Chance(50) ? null : today.PlusDays(dice.Next(3) - 1), dice.Chance(50) ? null : today.PlusDays(dice.Next(3) - 1), dice.Chance(50) ? null : "s. 1")] },
        3 => seller with { BalancingTest = dice.Chance(50), ImpactAssessment = dice.Chance(50) },
        _ => seller with { Is = (SellerKinds)(1u << dice.Next(14)) | (dice.Chance(30) ? (SellerKinds)(1u << dice.Next(14)) : 0) },
    };
}
