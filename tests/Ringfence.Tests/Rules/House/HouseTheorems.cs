using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Rules.House;
using Xunit;

namespace Ringfence.Tests.Rules.House;

/// <summary>Whatever house rules load, none opens what the law keeps closed.</summary>
public sealed class HouseTheorems
{
    private static readonly Lazy<Situation[]> Situations = new(() => [.. CaseFile.Shipped.SelectMany(CaseFile.ReadShipped).Select(worked => worked.Situation)]);

    private static readonly Gen<string> Times = Gen.Choose(0, 23).Select(hour => $"{hour:00}");
    private static readonly Gen<string> Days = Gen.Elements("daily", "mon-fri", "mon-sat", "sat", "sun", "tue");
    private static readonly Gen<string> Periods = Gen.Elements("PT1H", "PT12H", "PT24H", "PT48H", "PT720H");
    private static readonly Gen<string> DayPeriods = Gen.Elements("P1D", "P2D", "P7D", "P30D", "P90D");
    private static readonly Gen<string> Keys = Gen.Elements("", ", key: [subject]", ", key: [number]", ", key: [agent, channel]");

    private static readonly Gen<string> Windows =
        from days in Days
        from a in Times
        from b in Times
        where string.CompareOrdinal(a, b) < 0
        select $"{{ days: {days}, from: \"{a}:00\", until: \"{b}:30\" }}";

    private static readonly Gen<string> Hours =
        from one in Windows
        from two in Windows
        from closed in Gen.Elements("", ", closed-on: [fr-national]", ", closed-on: [us-federal, au-national]")
        from clock in Gen.Elements("", "", ", clock: [person, Asia/Seoul]", ", clock: Europe/Paris")
        select $"hours: {{ open: [{one}, {two}]{closed}{clock} }}";

    private static readonly Gen<string> Caps =
        from most in Gen.Choose(1, 4)
        from window in Gen.OneOf(Periods.Select(p => $"within: {p}"), DayPeriods.Select(p => $"within: {p}, counting: days"), Gen.Elements("per: day", "per: week", "per: month"))
        from key in Keys
        from outcomes in Gen.Elements("", ", outcomes: [conversation, answered]", ", outcomes: [no-answer]")
        select $"cap: {{ most: {most}, {window}{key}{outcomes} }}";

    private static readonly Gen<string> Rests =
        from after in Gen.Elements("refused", "no-answer", "[conversation, sent, delivered]", "[answered, no-answer, busy]")
        from lasts in Gen.OneOf(Periods.Select(p => $"lasts: {p}"), DayPeriods.Select(p => $"lasts: {p}, counting: full-days"), Gen.Constant("else: basis"))
        from key in Keys
        select $"cool-down: {{ after: {after}, {lasts}{key} }}";

    private static readonly Gen<string> Registers =
        from name in Gen.Elements("fr-bloctel", "us-dnc", "au-dncr", "gb-tps", "own-list")
        from within in Gen.Choose(1, 60)
        from more in Gen.Elements("", ", supersedes: all", ", supersedes: flagged", ", opt-in: true")
        select $"register: {{ name: {name}, screened-within: P{within}D{more} }}";

    private static readonly Gen<string> Terms =
        from lasts in Gen.Elements("P1M", "P3M", "P1Y", "P24M", "P10Y")
        from agreed in Gen.Elements("true", "false")
        from counts in Gen.Elements("grant", "renewal", "activity")
        from then in Gen.Elements("consent-expired", "reconfirm")
        select $"consent-term: {{ channels: [voice, sms, email, whatsapp], lasts: {lasts}, even-if-longer-agreed: {agreed}, counts: {counts}, then: {then} }}";

    private static readonly Gen<string> Others = Gen.Elements(
        "refuse: basis", "demand: { verified: true }\n    else: reassigned", "content: [identity, opt-out]", "note: advice\n    obliges: [identity]",
        "ground: { any-of: [{ consent: {} }, { relation: { kinds: [purchase, contract], lessThan: P1Y } }] }");

    private static readonly Gen<string> Conditions =
        from parts in Gen.Elements(
            "channel: [voice, voice-auto]", "class: [marketing]", "place: FR", "place: [US-FL, AU]", "place: EU-EEA", "sector: [energy-saving]", "audience: [b2c]",
            "age: { under: 18 }", "unlisted: true", "consent: {}", "event: { outcomes: [conversation], within: P30D }").ListOf()
        let few = parts.Take(3).DistinctBy(part => part.Split(':')[0]).ToArray()
        select few.Length == 0 ? "" : $"    when: {{ {string.Join(", ", few)} }}\n";

    private static readonly Gen<string> Free =
        from when in Conditions
        from unless in Gen.Elements("", "", "    unless: [{ consent: { timeScope: slot } }]\n", "    unless: [{ sellerIs: [charity] }]\n")
        from body in Gen.OneOf(Hours, Caps, Rests, Registers, Others)
        select $"{when}{unless}    {body}\n";

    private static readonly Gen<string> Standing =
        from pair in Gen.OneOf(
            Of("hours").Zip(Hours), Of("cap").Zip(Caps), Of("cool-down").Zip(Rests), Of("consent-term").Zip(Terms), Of("register").Zip(Registers))
        select $"    instead-of: {pair.Item1}\n    {pair.Item2}\n";

    private static readonly Gen<string> Files =
        from rules in Gen.OneOf(Free, Free, Terms.Select(term => $"    {term}\n"), Standing).NonEmptyListOf()
        select "house: test\nrules:\n" + string.Concat(rules.Take(3).Select((rule, i) => $"  - id: house-r{i}\n    says: it\n{rule}"));

    [Fact]
    public void No_situation_is_judged_less_strictly_by_house_rules_that_load()
    {
        var (loaded, tightened) = (0, 0);
        var every = Situations.Value;
        // Some four files in ten load; each of those is asked about sixty situations.
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Files.ToArbitrary(), Gen.Choose(0, every.Length - 1).ToArbitrary(), (file, start) =>
        {
            Rulebook book;
            try
            {
                book = Rulebook.Shipped.With(HouseRules.Read("h.yaml", file));
            }
            catch (RuleFileException fault)
            {
                // Only what loosens may be refused: the generator writes no file that is not in order.
                Assert.DoesNotContain("unknown", fault.Message, StringComparison.Ordinal);
                return;
            }

            loaded++;
            var gate = new ContactGate(book);
            for (var i = 0; i < 60; i++)
            {
                var stated = every[(start + (i * 101)) % every.Length];
                // Cases stand at boundaries; half of what is asked lies anywhere in the fortnight after one.
                var situation = i % 2 == 0 ? stated : stated with { At = stated.At + Duration.FromMinutes(((start * 37) + (i * 3617)) % (14 * 24 * 60)) };
                var (without, with) = (ContactGate.Shipped.Decide(situation), gate.Decide(situation));
                Assert.True(IsAsStrict(without, with), $"{file}\n{without.Word} {Until(without)} became {with.Word} {Until(with)} for {situation}");
                tightened += without.Word != with.Word ? 1 : 0;
            }
        }));
        Assert.True(loaded > 60 && tightened > 200, $"{loaded} files loaded, {tightened} answers tightened");
    }

    private static bool IsAsStrict(Verdict without, Verdict with) => (without, with) switch
    {
        (_, Verdict.Refused) or (Verdict.Allowed, _) => true,
        (Verdict.Deferred a, Verdict.Deferred b) => a.Until <= b.Until,
        _ => false,
    };

    private static string Until(Verdict verdict) => verdict is Verdict.Deferred deferred ? deferred.Until.ToString() : "";

    private static Gen<string> Of(string kind) => Gen.Elements(Rulebook.Shipped.Rules.Where(rule => rule.State == RuleState.InForce && kind switch
    {
        "hours" => rule.Body is HoursBody,
        "cap" => rule.Body is CapBody,
        "cool-down" => rule.Body is CoolDownBody,
        "register" => rule.Body is RegisterBody,
        _ => rule.ConsentTerm is not null,
    }).Select(rule => rule.Id).Distinct().ToArray());
}
