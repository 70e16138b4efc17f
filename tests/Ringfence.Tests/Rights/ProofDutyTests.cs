using NodaTime;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Rights;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Rights;

/// <summary>How long the proof of a consent outlives the person, by the laws that say so.</summary>
public sealed class ProofDutyTests
{
    private static readonly OpaqueId Sid = new(1);
    private static readonly OpaqueId Point = new(2);
    private static readonly Instant Erased = Instant.FromUtc(2026, 11, 23, 12, 0);

    // UWG § 7a(2): five years from the day it was given, and anew after each use.
    [Theory]
    [InlineData("2026-03-02", null, "2031-03-02")]
    [InlineData("2022-03-02", "2026-06-01", "2031-06-01")]
    [InlineData("2021-11-24", null, "2026-11-24")]
    [InlineData("2021-11-23", null, "2026-11-23")]
    [InlineData("2021-11-22", null, null)]
    public void Germany_wants_five_years_from_giving_and_from_the_last_use(string given, string? used, string? until)
    {
        List<LedgerRecord> records = [Yes(1, given, "voice")];
        if (used is not null)
            records.Add(Record(2, RecordType.PermitIssued, used) with { Decision = LeafValue.Map.Of(("verdict", "allowed")) });
        Assert.Equal(until, Until("DE", records, "de-consent-doc-retain"));
    }

    [Fact]
    public void A_consent_that_was_taken_back_was_relied_on_until_then()
    {
        Assert.Equal("2031-03-02", Until("DE", [Yes(1, "2026-03-02", "voice"), No(2, "2026-04-01")], "de-consent-doc-retain"));
        // § 116(3) of Act 452/2021: four years after it was taken back; whoever is forgotten takes it back.
        Assert.Equal("2030-04-01", Until("SK", [Yes(1, "2026-03-02", "sms"), No(2, "2026-04-01")], "sk-auto-msg"));
        Assert.Equal("2030-11-23", Until("SK", [Yes(1, "2026-03-02", "sms")], "sk-auto-msg"));
        Assert.Equal("2030-11-23", Until("SK", [Yes(1, "2026-03-02", "sms"), No(2, "2026-04-01") with { Scope = new RecordScope(["email"]) }], "sk-auto-msg"));
    }

    // R. 223-2: three years from the day it was given.
    [Fact]
    public void France_wants_three_years() => Assert.Equal("2029-09-01", Until("FR", [Yes(1, "2026-09-01", "voice")], "fr-consent-proof-2026"));

    [Fact]
    public void What_no_rule_of_the_place_is_about_is_not_kept()
    {
        Assert.Null(Until("DE", [Yes(1, "2026-03-02", "sms")]));
        Assert.Null(Until("GB", [Yes(1, "2026-03-02", "voice")]));
        // A question that nobody answered, a no, and a yes that nothing shows.
        Assert.Null(Until("DE", [Yes(1, "2026-03-02", "voice") with { Type = RecordType.ConsentRequested, State = RecordState.Requested }]));
        Assert.Null(Until("DE", [No(1, "2026-03-02")]));
        Assert.Null(Until("DE", [Yes(1, "2026-03-02", "voice") with { Commits = null }]));
        // After the last sending only, and there was none.
        Assert.Null(Until("JP", [Yes(1, "2026-03-02", "sms")]));
    }

    [Fact]
    public void What_confirmed_it_and_what_was_confirmed_are_kept_together()
    {
        var duty = Assert.Single(Duties("DE",
        [
            Yes(1, "2026-03-02", "voice") with { Type = RecordType.ConsentRequested, State = RecordState.Requested },
            Yes(2, "2026-03-03", "voice") with { Type = RecordType.ConsentConfirmed, State = RecordState.Confirmed, About = [1] },
        ]));
        Assert.Equal(([1L, 2L], Point, new LocalDate(2031, 3, 3)), (duty.Seqs, duty.Point, duty.Until));
    }

    [Fact]
    public void Every_rule_that_wants_a_proof_kept_for_a_time_and_is_read_says_from_when()
    {
        // Of a contact that was asked for, not of a consent; and of one whose beginning nobody told.
        string[] others = ["fr-energy-ban", "fr-live-optin-2026", "jp-fax"];
        foreach (var rule in Rulebook.Shipped.Rules)
        {
            var duties = rule.Obliges.Concat(rule.Unless.SelectMany(static one => one.Obliges)).Concat(rule.Body is GroundBody ground ? ground.AnyOf.SelectMany(static one => one.Obliges) : []);
            Assert.All(duties.Where(static duty => duty is { Code: Ringfence.Gate.ObligationCode.KeepProof, Detail.Keep: not null }), duty => Assert.Equal(others.Contains(rule.Id), duty.Detail!.Since == KeepSince.None));
        }
    }

    private static string? Until(string place, IReadOnlyList<LedgerRecord> records, string? rule = null)
    {
        if (Duties(place, records) is not [var duty])
            return null;
        Assert.Equal(rule, duty.Rule.Id);
        return NodaTime.Text.LocalDatePattern.Iso.Format(duty.Until);
    }

    private static IReadOnlyList<ProofDuty> Duties(string place, IReadOnlyList<LedgerRecord> records) => ProofDuty.Of(Person.Of(Sid, records), Rulebook.Shipped, _ => [place], Erased);

    private static LedgerRecord Yes(long seq, string day, string channels) => Record(seq, RecordType.ConsentGiven, day) with
    {
        State = RecordState.Given,
        Scope = new RecordScope([.. channels.Split(' ')], ["offers"]),
        Method = new CollectionMethod("checkbox", Ceremony.SingleOptIn),
        Commits = new Commitments { Evidence = TreeHash.Sha256("evidence"u8) },
    };

    private static LedgerRecord No(long seq, string day) => Record(seq, RecordType.ConsentWithdrawn, day) with { State = RecordState.Withdrawn };

    private static LedgerRecord Record(long seq, RecordType type, string day) => new()
    {
        Seq = seq,
        Id = new OpaqueId((UInt128)seq + 100),
        Type = type,
        At = NodaTime.Text.LocalDatePattern.Iso.Parse(day).Value.AtMidnight().InUtc().ToInstant() + Duration.FromHours(9),
        Controller = TreeHash.Sha256("party"u8),
        Actor = new Actor(ActorKind.Person, "self"),
        Subject = new Subject(Sid, Point),
    };
}
