using NodaTime;
using Ringfence.Consent;
using Ringfence.Ledger;
using Xunit;

namespace Ringfence.Tests.Consent;

public sealed class ConsentEventTests
{
    [Theory]
    [InlineData("consent.requested", "requested", "Requested")]
    [InlineData("consent.requested", null, "Requested")]
    [InlineData("consent.requested", "refused", "Refused")]
    [InlineData("consent.given", "given", "Given")]
    [InlineData("consent.given", null, "Given")]
    [InlineData("consent.given", "refused", "Refused")]
    [InlineData("consent.given", "requested", "Requested")]
    [InlineData("consent.given", "confirmed", "Given")]
    [InlineData("consent.given", "expired", "Expired")]
    [InlineData("consent.confirmed", "confirmed", "Confirmed")]
    [InlineData("consent.confirmed", "refused", "Refused")]
    [InlineData("consent.withdrawn", "withdrawn", "Withdrawn")]
    [InlineData("consent.withdrawn", null, "Withdrawn")]
    [InlineData("consent.withdrawn", "given", "Withdrawn")]
    [InlineData("consent.withdrawn", "refused", "Refused")]
    [InlineData("consent.withdrawn", "expired", "Expired")]
    [InlineData("consent.imported", "given", "Given")]
    [InlineData("consent.imported", "withdrawn", "Withdrawn")]
    [InlineData("consent.imported", "requested", "Requested")]
    [InlineData("consent.corrected", "given", "Given")]
    [InlineData("consent.corrected", "invalidated", "Invalidated")]
    [InlineData("suppression.added", null, "Suppressed")]
    [InlineData("suppression.lifted", null, "Lifted")]
    [InlineData("import.undone", null, "ImportUndone")]
    [InlineData("contact.added", null, null)]
    [InlineData("decision.allowed", null, null)]
    public void Type_and_state_make_the_kind_and_the_one_that_closes_counts(string type, string? state, string? kind) =>
        Assert.Equal(kind, ConsentEvent.From(Record(type) with { State = state is null ? null : State(state) })?.Kind.ToString());

    [Fact]
    public void Every_type_is_read_or_passed_over()
    {
        foreach (var type in RecordWords.Types.All)
            _ = ConsentEvent.From(Record(type));
    }

    [Fact]
    public void The_fields_come_with_it()
    {
        var record = Record("consent.imported") with
        {
            EventAt = ConsentEvents.Hour(3),
            EventSource = EventSource.Staff,
            Subject = new Subject(new OpaqueId(5), ConsentEvents.Mobile),
            Scope = new RecordScope(["sms", "voice"], ["offers"]),
            ValidFor = "P1Y2M",
            About = [3, 4],
            Method = new CollectionMethod("paper", Ceremony.DoubleOptIn),
            Detail = LeafValue.Map.Of(("batch", new OpaqueId(9))),
        };
        var read = ConsentEvent.From(record)!;
        Assert.Equal((7L, ConsentEvents.Hour(7), (Instant?)ConsentEvents.Hour(3), (EventSource?)EventSource.Staff), (read.Seq, read.At, read.EventAt, read.Source));
        Assert.Equal((ConsentEvents.Mobile, ChannelSet.Sms | ChannelSet.Voice), (read.Point, read.Channels));
        Assert.Equal(["offers"], read.Purposes!);
        Assert.Equal(new PeriodBuilder { Years = 1, Months = 2 }.Build(), read.ValidFor);
        Assert.Equal([3, 4], read.About!);
        Assert.Equal(new OpaqueId(9), read.Batch);
        Assert.True(read.IsImport);
        Assert.False(read.IsCorrection);
        Assert.True(ConsentEvent.From(Record("consent.given") with { EventSource = EventSource.Import })!.IsImport);
        Assert.True(ConsentEvent.From(Record("consent.corrected"))!.IsCorrection);
    }

    [Fact]
    public void A_channel_nobody_knows_opens_nothing_and_closes_everything()
    {
        var scope = new RecordScope(["pigeon", "sms"]);
        Assert.Equal(ChannelSet.Sms, ConsentEvent.From(Record("consent.given") with { Scope = scope })!.Channels);
        Assert.Null(ConsentEvent.From(Record("consent.withdrawn") with { Scope = scope })!.Channels);
        Assert.Null(ConsentEvent.From(Record("consent.withdrawn"))!.Channels);
    }

    [Theory]
    [InlineData("until-withdrawn", null)]
    [InlineData(null, null)]
    [InlineData("P0D", "P0D")]
    [InlineData("P999999999Y", "P999999999Y")]
    [InlineData("P2W", "P2W")]
    [InlineData("PT24H", "PT24H")]
    public void A_term_is_read_as_the_ledger_writes_it(string? written, string? read) =>
        Assert.Equal(read, ConsentEvent.From(Record("consent.given") with { ValidFor = written })!.ValidFor?.ToString());

    [Fact]
    public void Records_are_summed_up_and_others_passed_over()
    {
        var yes = Record("consent.given") with { Subject = new Subject(new OpaqueId(5), ConsentEvents.Mobile), Scope = new RecordScope(["sms"], ["offers"]) };
        var state = ConsentState.Fold([Record("contact.added") with { Seq = 1 }, yes]);
        Assert.Equal(ConsentStanding.Given, state.At(ConsentEvents.Mobile, Channel.Sms, "offers", ConsentEvents.Hour(99)).Standing);
    }

    private static RecordState State(string word) => RecordWords.States.TryParse(word, out var state) ? state : throw new FormatException(word);

    private static LedgerRecord Record(string type) => new()
    {
        Seq = 7,
        Id = new OpaqueId(77),
        Type = RecordWords.Types.TryParse(type, out var known) ? known : throw new FormatException(type),
        At = ConsentEvents.Hour(7),
        Controller = new Digest(new byte[Digest.Size]),
        Actor = new Actor(ActorKind.Person, "self"),
    };
}
