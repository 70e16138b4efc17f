using System.Collections.Concurrent;
using System.Text;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Gate;

/// <summary>What is kept of a situation names nobody, and says enough to decide it again.</summary>
public sealed class CoarseFactsTests
{
    private const int Situations = 8_000;

    private static readonly ContactGate Gate = ContactGate.Shipped;
    private static readonly Digest Rules = TreeHash.Sha256("rules"u8);

    [Fact]
    public void A_situation_written_down_reads_as_it_was() => Holds(situation =>
        SituationText.Of(SituationReader.Read(SituationWriter.Write(situation))) == SituationText.Of(situation) ? null : "reads otherwise");

    [Fact]
    public void The_facts_of_a_number_give_the_verdict_of_the_number() => Holds(situation =>
        Difference(situation, situation with { Contact = situation.Contact with { Phone = null, Number = NumberFacts.Of(situation.Contact, Rulebook.Shipped) }, History = Renamed(situation) }));

    [Fact]
    public void Coarse_facts_give_the_verdict_of_all_facts() => Holds(situation => Difference(situation, CoarseFacts.Of(situation, Rulebook.Shipped)));

    [Fact]
    public void A_decision_read_from_its_bytes_comes_out_with_the_same_bytes() => Holds(situation =>
    {
        RecordedDecision made;
        try
        {
            made = RecordedDecision.Decide(Gate, Rules, situation, 42);
        }
        catch (ArgumentException e)
        {
            return e.Message;
        }

        var record = RecordBytes.ToArray(Around(made.Whole));
        if (!Ringfence.Ledger.RecordReader.TryRead(record, out var read, out _) || !RecordedDecision.TryRead(read.Decision!, out var again))
            return "does not read";
        var recomputed = again.Again(Gate);
        return recomputed.ToBytes().AsSpan().SequenceEqual(made.ToBytes()) ? null : "differs in " + string.Join(", ", made.DifferencesFrom(recomputed));
    });

    [Fact]
    public void Nothing_in_a_recorded_decision_names_the_person() => Holds(situation =>
    {
        var text = Encoding.UTF8.GetString(RecordedDecision.Decide(Gate, Rules, situation, 42).ToBytes());
        string?[] names = [situation.Contact.Phone?[1..], situation.Contact.Email, situation.Ask.CallerId?.Number?[1..], .. situation.Contact.OtherPhones ?? []];
        // A short beginning of a number stays; nobody has it alone.
        return names.FirstOrDefault(name => name is { Length: >= 7 } && text.Contains(name, StringComparison.Ordinal)) is null ? null : "it is named";
    });

    [Fact]
    public void A_fact_changed_in_the_record_is_seen()
    {
        var made = RecordedDecision.Decide(Gate, Rules, new SituationGenerator(Rulebook.Shipped, Seeds.Now[0]).Situation(3), 42);
        var altered = LeafValue.Map.Of([.. made.Whole.Members.Select(member => member.Key == "verdict" ? ("verdict", (LeafValue)"other") : (member.Key, member.Value))]);
        Assert.True(RecordedDecision.TryRead(altered, out var read));
        Assert.Equal(["verdict"], read.Again(Gate).DifferencesFrom(read));
    }

    [Fact]
    public void A_history_too_long_for_a_record_keeps_what_the_answer_depends_on()
    {
        var situation = Enumerable.Range(0, 500).Select(new SituationGenerator(Rulebook.Shipped, Seeds.Now[0]).Situation)
            .First(one => one.History is not null && Gate.Decide(one) is Verdict.Deferred { Reasons: var reasons } && reasons.Any(reason => reason.Code == ReasonCode.Cap));
        var long_ = situation with
        {
            History = [.. situation.History!, .. Enumerable.Range(0, 200).Select(i => new PastEvent { At = situation.At - NodaTime.Duration.FromDays(800 + i), Channel = situation.Ask.Channel, Outcome = Outcome.NoAnswer })],
        };
        var made = RecordedDecision.Decide(Gate, Rules, long_, 42);
        Assert.Equal(ReferenceVerdict.Of(Gate.Decide(situation)), ReferenceVerdict.Of(made.Verdict!));
        Assert.True(made.Whole["left_out"]!.AsNumber > 100);
        Assert.True(RecordBytes.ToArray(Around(made.Whole)).Length <= 8192);
        Assert.Empty(made.Again(Gate).DifferencesFrom(made));
    }

    private static string? Difference(Situation one, Situation other)
    {
        var (a, b) = (Gate.Decide(one), Gate.Decide(other));
        var same = ReferenceVerdict.Of(a) == ReferenceVerdict.Of(b)
            && (a as Verdict.Allowed)?.Until == (b as Verdict.Allowed)?.Until
            && Grounds(a).SequenceEqual(Grounds(b)) && a.AllReasons.SequenceEqual(b.AllReasons);
        return same ? null : ReferenceVerdict.Difference(ReferenceVerdict.Of(a), ReferenceVerdict.Of(b));
    }

    private static System.Collections.Immutable.ImmutableArray<Ground> Grounds(Verdict verdict) => verdict is Verdict.Allowed allowed ? allowed.Grounds : [];

    private static PastEvent[]? Renamed(Situation situation) => situation.History is { } history && situation.Contact.Phone is { } phone
        ? [.. history.Select(past => past.Number is null ? past : past with { Number = past.Number == phone ? NumberFacts.Same : NumberFacts.Another })]
        : (PastEvent[]?)situation.History?.ToArray();

    private static LedgerRecord Around(LeafValue.Map decision) => new()
    {
        Seq = 1_000_000, Id = new OpaqueId(UInt128.MaxValue), Type = RecordType.DecisionAllowed, At = LedgerTime.Cut(NodaTime.Instant.FromUtc(2026, 11, 22, 4, 5)),
        Controller = Rules, Actor = new Actor(ActorKind.Staff, "somebody"), Subject = new Subject(new OpaqueId(1), new OpaqueId(2)), Decision = decision,
    };

    // No file can say that something ended before it began, nor hours that are none of the three that there are.
    private static bool IsSayable(Situation situation) =>
        (situation.Contact.Relations ?? []).All(static relation => !(relation.Until < relation.From))
        && (situation.Seller.Registrations ?? []).All(static one => !(one.Until < one.From))
        && (situation.Consents ?? []).SelectMany(static one => one.TimeScopes).All(static scope => scope.Night || scope.Slot is not null || scope.Window is not null);

    private static void Holds(Func<Situation, string?> fault)
    {
        foreach (var seed in Seeds.Now)
        {
            var generator = new SituationGenerator(Rulebook.Shipped, seed);
            var found = new ConcurrentBag<(int, string)>();
            Parallel.For(0, Situations / Seeds.Now.Count, number =>
            {
                var situation = generator.Situation(number);
                if (IsSayable(situation) && fault(situation) is { } what)
                    found.Add((number, what));
            });
            Assert.True(found.IsEmpty, $"{Seeds.Variable}={seed}: {found.Count} of {Situations}: " + string.Join("\n", found.Order().Take(5)));
        }
    }
}
