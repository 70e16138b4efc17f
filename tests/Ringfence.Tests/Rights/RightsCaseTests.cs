using NodaTime;
using Ringfence.Ledger;
using Ringfence.Rights;
using Xunit;

namespace Ringfence.Tests.Rights;

public sealed class RightsCaseTests
{
    private static readonly OpaqueId Id = new([.. Enumerable.Repeat((byte)7, OpaqueId.Size)]);

    [Fact]
    public void A_request_is_the_sum_of_its_records()
    {
        var records = new List<LedgerRecord> { Received("2026-03-03T10:00:00Z", RightsKind.Access, "uk", needsIdentity: true) };
        Assert.Equal((RightsState.Unidentified, Day(4, 3)), (Told(records).State, Told(records).Due(Day(3, 5))));
        // That the clock stands still meanwhile is not verified: the date stays the early one.
        records.Add(Record("2026-03-10T10:00:00Z", RecordType.RequestProgressed, ("step", "identified"), ("by", "code")));
        Assert.Equal((RightsState.Open, "code", Day(4, 3)), (Told(records).State, Told(records).IdentifiedBy, Told(records).Due(Day(3, 20))));
        records.Add(Record("2026-03-12T10:00:00Z", RecordType.RequestProgressed, ("step", "paused")));
        Assert.Equal((RightsState.Paused, Day(4, 3)), (Told(records).State, Told(records).Due(Day(3, 15))));
        records.Add(Record("2026-03-16T10:00:00Z", RecordType.RequestProgressed, ("step", "resumed")));
        records.Add(Record("2026-03-20T10:00:00Z", RecordType.RequestProgressed, ("step", "extended")));
        Assert.True(Told(records).IsExtended);
        Assert.False(Told(records).MayExtend(Day(3, 21)));
        Assert.Equal((4, Day(6, 3)), (Told(records).PausedDays(Day(3, 21)) - 7, Told(records).Due(Day(3, 21))));
        records.Add(Record("2026-04-01T10:00:00Z", RecordType.RequestClosed, ("outcome", "refused")));
        Assert.Equal((RightsState.Refused, false), (Told(records).State, Told(records).IsOpen));
    }

    [Fact]
    public void What_did_not_come_by_the_page_is_confirmed_in_time_where_a_law_wants_it()
    {
        LedgerRecord Came(string regime, string way) => Record("2026-03-03T10:00:00Z", RecordType.RequestReceived) with { Detail = RightsCase.Received(Id, RightsKind.Access, [regime], "US", null, true, way, default, "en") };
        Assert.Equal(Day(3, 14), Told([Came("us-ca", "staff")]).ConfirmBy);
        Assert.Equal(Day(3, 14), Told([Came("unknown", "staff")]).ConfirmBy);
        Assert.Null(Told([Came("us-ca", "page")]).ConfirmBy);
        Assert.Null(Told([Came("eu", "staff")]).ConfirmBy);
        Assert.Equal(Day(4, 17), Told([Came("us-ca", "staff")]).Due(Day(3, 5)));
    }

    [Fact]
    public void What_ends_before_anybody_showed_who_they_are_waits_for_nobody_any_more()
    {
        var told = Told([Received("2026-03-03T10:00:00Z", RightsKind.Erasure, "uk", needsIdentity: true), Record("2026-03-05T10:00:00Z", RecordType.RequestClosed, ("outcome", "taken-back"))]);
        Assert.Equal((RightsState.TakenBack, 2, 2), (told.State, told.PausedDays(Day(3, 5)), told.PausedDays(Day(12, 31))));
    }

    [Fact]
    public void Records_of_another_request_and_of_none_count_for_nothing()
    {
        var received = Received("2026-03-03T10:00:00Z", RightsKind.Access, "eu", needsIdentity: false);
        var other = Record("2026-03-05T10:00:00Z", RecordType.RequestClosed, ("outcome", "refused"));
        other = other with { Detail = LeafValue.Map.Of(("request", default(OpaqueId)), ("outcome", "refused")) };
        Assert.Equal(RightsState.Open, Told([received, other, received with { Type = RecordType.ContactChanged }]).State);
        Assert.Null(RightsCase.Of([other]));
        Assert.Null(RightsCase.Of([]));
    }

    private static RightsCase Told(IReadOnlyList<LedgerRecord> records) => RightsCase.Of(records)!;

    private static LocalDate Day(int month, int day) => new(2026, month, day);

    private static LedgerRecord Received(string at, RightsKind kind, string regime, bool needsIdentity) =>
        Record(at, RecordType.RequestReceived) with { Detail = RightsCase.Received(Id, kind, [regime], null, null, needsIdentity, "page", default, "en") };

    private static LedgerRecord Record(string at, RecordType type, params (string Name, LeafValue Value)[] detail) => new()
    {
        Seq = 1, Id = Id, Type = type, At = NodaTime.Text.InstantPattern.ExtendedIso.Parse(at).Value, Controller = default, Actor = new Actor(ActorKind.Staff, "ada"),
        Detail = LeafValue.Map.Of([("request", Id), .. detail]),
    };
}
