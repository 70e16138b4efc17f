using System.Collections.Concurrent;
using System.Globalization;
using NodaTime;
using Ringfence.Files;
using Ringfence.Gate;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Gate;

/// <summary>What holds of every verdict, whatever the situation.</summary>
public sealed class GateTheorems(ITestOutputHelper output)
{
    private const int Situations = 5000;

    // What it means that one of these is left out is said in docs/reference/cases.md: nothing is unknown then.
    private static readonly string[] Defined =
    [
        "Ask.Agent", "Contact.Reassigned", "Contact.ReassignedAskedAt", "Contact.Quarantine", "Contact.NoticesGiven", "Contact.Wishes", "Contact.Residence", "Contact.Zones",
        "Contact.OtherPhones", "Contact.LineType", ".Controllers", ".Controller", ".Techniques", ".WithdrawnAt", ".Term", ".Promise", ".Until", ".Since",
    ];

    private static readonly ContactGate Gate = ContactGate.Shipped;

    [Fact]
    public void A_suppression_of_all_trumps_every_ground() => Holds((situation, _) =>
        situation.Ask.Class == ContactClass.ConfirmOptOut
        || Gate.Decide(situation with { Suppressions = [.. situation.Suppressions ?? [], new SuppressionEntry { Controller = "any", Kind = SuppressionKind.Restriction }] }) is Verdict.Refused);

    [Fact]
    public void A_missing_fact_never_allows() => Holds((situation, dice) =>
    {
        var facts = SituationText.WithoutOne(situation)
            .Where(one => !one.Fact.EndsWith(']') && !Defined.Any(one.Fact.Contains) && !IsDefinedHere(situation, one.Fact)).ToArray();
        var worst = Openness(Gate.Decide(situation));
        for (var i = 0; i < 6 && facts.Length > 0; i++)
        {
            var (fact, less) = dice.Pick(facts);
            if (Openness(Gate.Decide(less)) > worst)
                return Fails(situation, $"without {fact} it is {Gate.Decide(less).Word}: {ReferenceVerdict.Of(Gate.Decide(situation))}");
        }

        return true;
    });

    [Fact]
    public void A_further_refusal_opens_nothing() => Holds((situation, dice) =>
    {
        var said = new PastEvent { At = situation.At - Duration.FromMinutes(dice.Next(10_000)), Outcome = dice.Pick(Outcome.OptedOut, Outcome.Complained), Channel = situation.Ask.Channel };
        if (situation.History is null)
            return true;
        var after = Gate.Decide(situation with { History = [.. situation.History, said] });
        return Openness(after) <= Openness(Gate.Decide(situation))
            || (situation.Ask.Class == ContactClass.ConfirmOptOut && said.Outcome == Outcome.OptedOut)
            || Fails(situation, $"after {Words<Outcome>.Of(said.Outcome)} at {said.At} it is {ReferenceVerdict.Of(after)}, and was {ReferenceVerdict.Of(Gate.Decide(situation))}");
    });

    [Fact]
    public void A_further_rule_opens_nothing()
    {
        const string Head = "says: { en: Less., zh-Hans: 更少。, zh-Hant: 更少。 }\ncites: Here\nsource: https://example.org/\ncertainty: verified\ngrade: statute\nfrom: 2000-01-01\n";
        var stricter = new ContactGate(Rulebook.Read(
        [
            .. EmbeddedFiles.In("rules/"),
            ("rules/zz/pack.yaml", "prefix: zz\nname: { en: Less, zh-Hans: 更少, zh-Hant: 更少 }\ncovers: [everywhere]\nreviewed: 2026-01-01\n"),
            ("rules/zz/hours/2000-01-01.yaml", "id: zz-hours\n" + Head + "hours: { open: [{ days: mon-thu, from: \"11:00\", until: \"15:30\" }] }\n"),
            ("rules/zz/cap/2000-01-01.yaml", "id: zz-cap\n" + Head + "cap: { most: 1, within: P7D, counting: days }\n"),
        ]));
        Holds((situation, _) =>
        {
            var (before, after) = (Gate.Decide(situation), stricter.Decide(situation));
            return Openness(after) <= Openness(before)
                && (after is not Verdict.Deferred later || before is not Verdict.Deferred sooner || sooner.Until <= later.Until);
        });
    }

    [Fact]
    public void A_deferral_ends_where_it_says_and_not_earlier() => Holds((situation, dice) =>
    {
        if (Gate.Decide(situation) is not Verdict.Deferred deferred || KnowsAhead(situation))
            return true;
        if (Gate.Decide(situation with { At = deferred.Until }) is not Verdict.Allowed)
            return Fails(situation, $"until {deferred.Until}, and then it is {ReferenceVerdict.Of(Gate.Decide(situation with { At = deferred.Until }))}");
        var wait = deferred.Until - situation.At;
        return Enumerable.Range(0, 8).Select(i => wait * (i / 8.0)).Append(wait - Duration.FromSeconds(1)).Append(wait - Duration.Epsilon).Append(wait * (dice.Next(1000) / 1000.0))
            .Where(after => after >= Duration.Zero && after < wait)
            .All(after => Gate.Decide(situation with { At = situation.At + after }) is not Verdict.Allowed || Fails(situation, $"it is allowed {wait - after} earlier"));
    });

    [Fact]
    public void What_is_allowed_stays_so_as_long_as_it_says() => Holds((situation, dice) =>
    {
        if (Gate.Decide(situation) is not Verdict.Allowed { Until: { } until } || KnowsAhead(situation))
            return true;
        var while_ = until - situation.At;
        return while_ > Duration.Zero && new[] { while_ - Duration.Epsilon, while_ * (dice.Next(1000) / 1000.0), while_ * 0.5 }
            .All(after => Gate.Decide(situation with { At = situation.At + after }) is Verdict.Allowed || Fails(situation, $"it is no longer {after} on, of {while_}"));
    });

    [Fact]
    public void The_order_of_facts_makes_no_difference() => Holds((situation, _) => ReferenceVerdict.Of(Gate.Decide(situation)) == ReferenceVerdict.Of(Gate.Decide(situation with
    {
        Suppressions = Reversed(situation.Suppressions),
        History = Reversed(situation.History),
        Registers = situation.Registers?.Reverse().ToDictionary(),
        RightsRequests = Reversed(situation.RightsRequests),
        Emergency = Reversed(situation.Emergency),
        Seller = situation.Seller with { Registrations = Reversed(situation.Seller.Registrations) },
        Contact = situation.Contact with { Relations = Reversed(situation.Contact.Relations), Residence = Reversed(situation.Contact.Residence), Zones = Reversed(situation.Contact.Zones) },
    })));

    [Theory]
    [InlineData("tr-TR")]
    [InlineData("ar-SA")]
    [InlineData("zh-Hant")]
    [InlineData("fa-IR")]
    public void The_culture_of_the_thread_makes_no_difference(string culture)
    {
        var generator = new SituationGenerator(Rulebook.Shipped, Seeds.Now[0]);
        var situations = Enumerable.Range(0, Situations / 4).Select(generator.Situation).ToArray();
        var invariant = situations.Select(situation => ReferenceVerdict.Of(Gate.Decide(situation))).ToArray();
        var before = CultureInfo.CurrentCulture;
        try
        {
            (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (CultureInfo.GetCultureInfo(culture), CultureInfo.GetCultureInfo(culture));
            Assert.Equal(invariant, situations.Select(situation => ReferenceVerdict.Of(Gate.Decide(situation))));
        }
        finally
        {
            (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (before, before);
        }
    }

    [Fact]
    public void Many_threads_at_once_get_what_one_gets()
    {
        var generator = new SituationGenerator(Rulebook.Shipped, Seeds.Now[0]);
        var situations = Enumerable.Range(0, 500).Select(generator.Situation).ToArray();
        var alone = situations.Select(situation => ReferenceVerdict.Of(Gate.Decide(situation))).ToArray();
        var gate = new ContactGate(Rulebook.Shipped);
        var threads = Enumerable.Range(0, 8).Select(_ => new Thread(() =>
        {
            foreach (var i in Enumerable.Range(0, situations.Length))
            {
                if (ReferenceVerdict.Of(gate.Decide(situations[i])) != alone[i])
                    wrong.Add(i);
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Empty(wrong);
    }

    private readonly ConcurrentBag<int> wrong = [];
    private readonly ConcurrentBag<string> told = [];

    private void Holds(Func<Situation, Dice, bool> theorem)
    {
        foreach (var seed in Seeds.Now)
        {
            output.WriteLine($"{Seeds.Variable}={seed}");
            var generator = new SituationGenerator(Rulebook.Shipped, seed);
            Parallel.For(0, Situations / Seeds.Now.Count, (number, loop) =>
            {
                if (theorem(generator.Situation(number), new Dice(new Random(number))))
                    return;
                wrong.Add(number);
                loop.Stop();
            });
            Assert.True(wrong.IsEmpty, $"seed {seed}, number {string.Join(", ", wrong)}: {told.FirstOrDefault()}{Environment.NewLine}{string.Join(Environment.NewLine, wrong.Take(1).Select(number => SituationText.Of(generator.Situation(number))))}");
        }
    }

    private bool Fails(Situation situation, string how)
    {
        told.Add($"{how}{Environment.NewLine}{SituationText.Of(situation)}");
        return false;
    }

    private static int Openness(Verdict verdict) => verdict.Match(static _ => 2, static _ => 1, static _ => 0);

    // On e-mail nobody has to have a number; a consent that is limited to no subject or day has none to be outside of. A no that names no purpose is one to
    // marketing, which leaves service be; one that names the very purpose closes it whatever the contact is called.
    private static bool IsDefinedHere(Situation situation, string fact) =>
        (fact == "Contact.Phone" && situation.Ask.Channel == Channel.Email) || (fact.StartsWith("Consents", StringComparison.Ordinal) && fact.EndsWith(".Subject", StringComparison.Ordinal))
        // What was said of no purpose and no programme was said of all marketing, and of no service.
        || (situation.Ask.Class == ContactClass.Service && fact.StartsWith("Suppressions", StringComparison.Ordinal) && (fact.EndsWith(".Purposes", StringComparison.Ordinal) || fact.EndsWith(".Program", StringComparison.Ordinal)))
        // To refuse a programme may shut its neighbours on other channels too; to refuse a channel is about that channel.
        || ((situation.Suppressions ?? []).Select(static (entry, index) => (entry, Fact: $"Suppressions.[{index}].Program")).Any(one => one.Fact == fact && situation.Ask.Channel is { } asked && !one.entry.Channels.Has(asked)));

    // Asked again later, more is known.
    private static bool KnowsAhead(Situation situation)
    {
        var asked = new[] { situation.Contact.Relations?.Select(one => one.From), situation.Registers?.Values.Select(one => one.ScreenedAt).OfType<Moment>(), situation.RightsRequests?.Select(one => one.ClosedAt).OfType<Moment>() }
            .OfType<IEnumerable<Moment>>().SelectMany(moments => moments)
            .Concat((situation.Consents ?? []).SelectMany(one => new[] { one.GrantedAt, one.RenewedAt, one.LastActiveAt }).OfType<Moment>());
        return asked.Any(moment => moment.EndIn(DateTimeZone.ForOffset(Offset.FromHours(-12))) > situation.At) || situation.Ask.Class == ContactClass.ConfirmOptOut;
    }

    private static IReadOnlyList<T>? Reversed<T>(IReadOnlyList<T>? list) => list is null ? null : [.. list.Reverse()];
}
