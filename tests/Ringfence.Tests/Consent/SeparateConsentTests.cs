using NodaTime;
using Ringfence.Consent;
using Ringfence.Ledger;
using Xunit;

namespace Ringfence.Tests.Consent;

public sealed class SeparateConsentTests
{
    private static readonly Instant Start = Instant.FromUtc(2026, 1, 1, 0, 0);
    private static readonly Digest Words = new(new byte[Digest.Size]);
    private static readonly OpaqueId Sid = new(new byte[OpaqueId.Size]);

    [Fact]
    public void A_yes_to_passing_data_on_opens_no_channel_and_is_told_apart()
    {
        LedgerRecord[] records = [Yes(1)];
        var one = Assert.Single(Fold(records));
        Assert.Equal((WordingKind.ThirdParties, ConsentStanding.Given), (one.Kind, one.Standing));
        Assert.Empty(ConsentState.Fold(records).Lines(Start + Duration.FromDays(9)));
    }

    [Fact]
    public void It_ends_by_a_no_that_names_no_channel_and_begins_again_by_a_yes_after_it()
    {
        Assert.Equal(ConsentStanding.Given, Assert.Single(Fold([Yes(1), No(2, new RecordScope(Channels: ["sms"]))])).Standing);
        Assert.Equal(ConsentStanding.Withdrawn, Assert.Single(Fold([Yes(1), No(2, null)])).Standing);
        Assert.Equal([ConsentStanding.Withdrawn, ConsentStanding.Given], Fold([Yes(1), No(2, null), Yes(3)]).Select(static one => one.Standing));
    }

    [Fact]
    public void What_was_asked_waits_until_it_is_confirmed_and_what_was_taken_back_is_not_confirmed()
    {
        var asked = Yes(1) with { Type = RecordType.ConsentRequested, State = RecordState.Requested };
        Assert.Equal(ConsentStanding.Pending, Assert.Single(Fold([asked])).Standing);
        Assert.Equal(ConsentStanding.Confirmed, Assert.Single(Fold([asked, Confirmed(2, 1)])).Standing);
        Assert.Equal(ConsentStanding.Withdrawn, Assert.Single(Fold([asked, No(2, null), Confirmed(3, 1)])).Standing);
    }

    [Fact]
    public void It_ends_with_its_time()
    {
        var one = Assert.Single(SeparateConsent.Fold([Yes(1) with { ValidFor = "P1D" }], Start + Duration.FromDays(2)));
        Assert.Equal(ConsentStanding.Expired, one.Standing);
    }

    private static IReadOnlyList<SeparateConsent> Fold(LedgerRecord[] records) => SeparateConsent.Fold(records, Start + Duration.FromDays(9));

    private static LedgerRecord Yes(long seq) => Of(seq, RecordType.ConsentGiven, RecordState.Given) with { Scope = new RecordScope(Service: "third-parties"), Notice = new Notice(Words, "en", "1") };

    private static LedgerRecord Confirmed(long seq, long about) => Yes(seq) with { Type = RecordType.ConsentConfirmed, State = RecordState.Confirmed, About = [about] };

    private static LedgerRecord No(long seq, RecordScope? scope) => Of(seq, RecordType.ConsentWithdrawn, RecordState.Withdrawn) with { Scope = scope };

    private static LedgerRecord Of(long seq, RecordType type, RecordState state) => new()
    {
        Seq = seq, Id = Sid, Type = type, State = state, At = Start + Duration.FromHours(seq), Controller = Words, Actor = new Actor(ActorKind.Staff, "ada"), Subject = new Subject(Sid, Sid),
    };
}
