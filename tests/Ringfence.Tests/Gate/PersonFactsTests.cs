using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Xunit;

namespace Ringfence.Tests.Gate;

public sealed class PersonFactsTests
{
    private static readonly OpaqueId Sid = new(1);
    private static readonly OpaqueId Point = new(2);
    private static readonly Instant Start = Instant.FromUtc(2026, 3, 2, 9, 0);

    [Theory]
    [InlineData("offers", "allowed")]
    [InlineData("offers:wind", "allowed")]
    [InlineData("offers:solar", "refused")]
    [InlineData("offers:solar:roof", "refused")]
    public void A_no_to_a_part_of_what_was_given_holds_for_that_part(string purpose, string expected)
    {
        var yes = Record(0, RecordType.ConsentGiven, RecordState.Given) with { Scope = new RecordScope(["voice"], ["offers"]), Subject = new Subject(Sid, Point) };
        var no = Record(1, RecordType.ConsentWithdrawn, RecordState.Withdrawn) with { Scope = new RecordScope(null, ["offers:solar"]) };
        var asked = SituationFile.Read("s", $$"""
            given: clean
            at: 2026-03-10T11:00 Europe/London
            ask: { controller: Acme, channel: voice, class: marketing, purpose: "{{purpose}}" }
            contact: { phone: "+442079460000", residence: GB, audience: b2c }
            registers: { gb-tps: { screenedAt: 2026-03-09, listed: true, listedAt: 2026-01-01 } }
            seller: { country: GB }
            """);
        var situation = PersonFacts.Of(asked, Person.Of(Sid, [yes, no]), Point, _ => new ShownEvidence(EvidenceItems.All, ConsentFlaws.None, ConsentMethod.Checkbox), []);
        var verdict = ContactGate.Shipped.Decide(situation);
        Assert.True(verdict.Word == expected, $"{verdict.Word}: {string.Join(", ", verdict.AllReasons.Select(reason => reason.Code))}");
    }

    private static LedgerRecord Record(long seq, RecordType type, RecordState state) => new()
    {
        Seq = seq,
        Id = new OpaqueId((UInt128)seq + 100),
        Type = type,
        State = state,
        At = Start + Duration.FromHours(seq),
        Controller = TreeHash.Sha256("party"u8),
        Actor = new Actor(ActorKind.Person, "self"),
        Subject = new Subject(Sid),
    };
}
