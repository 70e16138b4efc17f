using NodaTime;
using Ringfence.Figures;
using Ringfence.Ledger;
using Xunit;

namespace Ringfence.Tests.Figures;

public sealed class LedgerFiguresTests
{
    private static readonly Instant Noon = Instant.FromUtc(2026, 11, 20, 12, 0);
    private static readonly LocalDate Today = new(2026, 11, 20);

    [Fact]
    public void A_yes_counts_on_the_day_it_was_said_and_a_confirmed_request_is_one_yes()
    {
        var book = new LedgerFigures();
        Take(book, RecordType.ConsentGiven, state: RecordState.Given, said: Noon - Duration.FromDays(3));
        Take(book, RecordType.ConsentRequested, state: RecordState.Requested);
        Take(book, RecordType.ConsentConfirmed, state: RecordState.Confirmed, about: [1]);
        Take(book, RecordType.ConsentGiven, state: RecordState.Given);
        Take(book, RecordType.ConsentConfirmed, state: RecordState.Confirmed, about: [3]);
        Take(book, RecordType.ConsentGiven, state: RecordState.Refused);

        Assert.Equal(2, book.Between(FigurePeriod.Of(1, Today)).Given);
        Assert.Equal(1, book.Between(FigurePeriod.Of(1, Today)).Declined);
        Assert.Equal(3, book.Between(FigurePeriod.Of(4, Today)).Given);
        Assert.Equal(1, book.Between(FigurePeriod.Of(4, Today).Before with { Until = Today.PlusDays(-2) }).Given);
    }

    [Fact]
    public void What_was_held_back_is_told_by_its_first_reason_whatever_rule_names_it()
    {
        var book = new LedgerFigures();
        Decide(book, "refused", "us.dnc:register", "no-consent");
        Decide(book, "refused", "no-consent");
        Decide(book, "deferred", "de.hours:hours");
        Decide(book, "refused", "at.tkg:no-consent");
        Take(book, RecordType.DecisionAllowed);
        Take(book, RecordType.PermitIssued);

        var counts = book.All;
        Assert.Equal((6L, 4L, 1L, 3L), (counts.Asked, counts.HeldBack, counts.Deferred, counts.Refused));
        Assert.Equal("no-consent 2, hours 1, register 1", string.Join(", ", counts.Reasons.Select(static one => $"{one.Reason} {one.Count}")));
    }

    [Fact]
    public void Only_a_no_whose_time_is_told_by_somebody_here_has_a_wait_and_a_no_when_asked_is_no_withdrawal()
    {
        var book = new LedgerFigures();
        Take(book, RecordType.ConsentWithdrawn, state: RecordState.Withdrawn);
        Take(book, RecordType.ConsentWithdrawn, state: RecordState.Withdrawn, said: Noon - Duration.FromMinutes(30), source: EventSource.Staff);
        Take(book, RecordType.ConsentWithdrawn, state: RecordState.Withdrawn, said: Noon - Duration.FromSeconds(2), source: EventSource.Provider);
        Take(book, RecordType.ConsentWithdrawn, state: RecordState.Withdrawn, said: Noon - Duration.FromDays(5), source: EventSource.Import);
        Take(book, RecordType.ConsentWithdrawn, state: RecordState.Refused, said: Noon - Duration.FromHours(1), source: EventSource.Staff);

        Assert.Equal(3, book.Between(FigurePeriod.Of(1, Today)).Withdrawn);
        Assert.Equal("2 1800", string.Join(' ', book.WaitsIn(FigurePeriod.Of(7, Today)).Select(static wait => (long)wait.TotalSeconds)));
    }

    [Fact]
    public void Pressure_counts_people_by_how_often_permits_were_used_for_them()
    {
        var book = new LedgerFigures();
        foreach (var person in new ulong[] { 1, 1, 2, 1, 3, 0, 2 })
            Take(book, RecordType.PermitRedeemed, sid: person == 0 ? null : new OpaqueId(((UInt128)7 << 64) | person));
        Take(book, RecordType.PermitRedeemed, sid: new OpaqueId(9), said: Noon - Duration.FromDays(40));

        var (pressure, unknown) = book.PressureIn(FigurePeriod.Of(30, Today));
        Assert.Equal("1:1 2:1 3:1", string.Join(' ', pressure.Select(static one => $"{one.Contacts}:{one.People}")));
        Assert.Equal(1, unknown);

        // The contacts behind each figure: as many as people times contacts, and no others.
        var month = FigurePeriod.Of(30, Today);
        Assert.Equal([4L], book.ContactsOf(month, new(1, 1)));
        Assert.Equal([2L, 6], book.ContactsOf(month, new(2, 2)));
        Assert.Equal([0L, 1, 2, 3, 6], book.ContactsOf(month, new(2, int.MaxValue)));
        Assert.Equal([0L, 1, 2, 3, 4, 6], book.ContactsOf(month, new(1, int.MaxValue)));
        Assert.Equal([5L], book.ContactsOf(month, new(0, 0)));
        Assert.Empty(book.ContactsOf(month, new(4, int.MaxValue)));
        // In other days somebody was contacted otherwise often.
        Assert.Equal([4L, 7], book.ContactsOf(null, new(1, 1)));
    }

    [Fact]
    public void Records_are_found_newest_first_and_pages_meet_without_gap_or_overlap()
    {
        var book = new LedgerFigures();
        for (var i = 0; i < 2_500; i++)
            Take(book, i % 3 == 0 ? RecordType.ConsentGiven : RecordType.ContactAdded, state: i % 3 == 0 ? RecordState.Given : null, said: Noon - Duration.FromDays(i % 7));
        var period = FigurePeriod.Of(3, Today);
        var given = new RecordFilter([RecordType.ConsentGiven], null, period);
        var all = book.Find(given, long.MaxValue, int.MaxValue);
        Assert.Equal(Enumerable.Range(0, 2_500).Where(static i => i % 3 == 0 && i % 7 < 3).Select(static i => (long)i).OrderDescending(), all);
        Assert.Equal(all.Count, book.Count(given));

        var pages = new List<IReadOnlyList<long>>();
        for (var before = long.MaxValue; book.Find(given, before, 50) is { Count: > 0 } page; before = page[^1])
            pages.Add(page);
        Assert.Equal(all, pages.SelectMany(static page => page));
        // Back from the third page one is on the second.
        var back = book.BeforeOf(given, pages[1][^1], 50)!.Value;
        Assert.Equal(pages[1], book.Find(given, back, 50));
        Assert.Equal(2_500, book.Count(RecordFilter.Everything));
    }

    [Fact]
    public void Records_at_given_places_are_paged_as_others_are_and_one_beyond_the_last_is_none()
    {
        var book = new LedgerFigures();
        for (var i = 0; i < 300; i++)
            Take(book, RecordType.ConsentGiven, state: RecordState.Given);
        long[] places = [.. Enumerable.Range(0, 400).Where(static i => i % 3 == 0).Select(static i => (long)i)];
        var filter = new RecordFilter([], FigureKind.Ended, FigurePeriod.Of(1, Today.PlusDays(-9))) { Among = places };
        Assert.Equal(100, book.Count(filter));
        var pages = new List<IReadOnlyList<long>>();
        for (var before = long.MaxValue; book.Find(filter, before, 30) is { Count: > 0 } page; before = page[^1])
            pages.Add(page);
        Assert.Equal(places.Where(static place => place < 300).Reverse(), pages.SelectMany(static page => page));
        Assert.Equal(pages[1], book.Find(filter, book.BeforeOf(filter, pages[1][^1], 30)!.Value, 30));
    }

    [Fact]
    public void What_becomes_of_a_permit_counts_on_the_day_it_was_issued_and_once()
    {
        var book = new LedgerFigures();
        Take(book, RecordType.PermitIssued, said: Noon - Duration.FromDays(3));
        Take(book, RecordType.PermitIssued);
        Take(book, RecordType.PermitRedeemed, about: [0]);
        Take(book, RecordType.PermitRevoked, about: [0]);
        Take(book, RecordType.PermitRedeemed, about: [2]);
        Take(book, RecordType.PermitRedeemed, about: [99]);

        var (then, today) = (book.Between(FigurePeriod.Of(1, Today.PlusDays(-3))), book.Between(FigurePeriod.Of(1, Today)));
        Assert.Equal((1L, 0L, 0L), (then[FigureKind.PermitUsed], then[FigureKind.PermitBack], then[FigureKind.PermitOpen]));
        Assert.Equal((0L, 0L, 1L), (today[FigureKind.PermitUsed], today[FigureKind.PermitBack], today[FigureKind.PermitOpen]));
    }

    [Fact]
    public void Records_are_taken_in_their_order_or_not_at_all()
    {
        var book = new LedgerFigures();
        Take(book, RecordType.ContactAdded);
        Assert.Throws<ArgumentException>(() => book.Take(Record(5, RecordType.ContactAdded)));
        Assert.Equal(1, book.Size);
    }

    [Theory]
    [InlineData("days=7", "2026-11-14", "2026-11-20")]
    [InlineData("", "2026-10-22", "2026-11-20")]
    [InlineData("days=0", "2026-10-22", "2026-11-20")]
    [InlineData("days=99999", "2026-10-22", "2026-11-20")]
    [InlineData("months=12", "2025-11-21", "2026-11-20")]
    [InlineData("from=2026-01-01&to=2026-01-31", "2026-01-01", "2026-01-31")]
    [InlineData("from=2026-02-01&to=2026-01-31", "2026-10-22", "2026-11-20")]
    [InlineData("from=9998-01-01&to=9999-12-31", "2026-10-22", "2026-11-20")]
    [InlineData("from=1900-01-01", "2026-10-22", "2026-11-20")]
    public void A_period_is_read_from_an_address_and_nonsense_is_the_usual_one(string query, string from, string last)
    {
        var said = query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(static part => part.Split('=')).ToDictionary(static part => part[0], static part => part[1]);
        var period = FigurePeriod.Read(name => said.GetValueOrDefault(name), Today);
        Assert.Equal((from, last), (NodaTime.Text.LocalDatePattern.Iso.Format(period.From), NodaTime.Text.LocalDatePattern.Iso.Format(period.Last)));
        Assert.Equal($"from={from}&to={last}", period.Query);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(62)]
    [InlineData(63)]
    [InlineData(365)]
    [InlineData(3_000)]
    public void The_steps_of_a_line_cover_its_period_once_and_are_never_many(int days)
    {
        var period = FigurePeriod.Of(days, Today);
        var steps = period.Steps();
        Assert.Equal(period.From, steps[0].From);
        Assert.Equal(period.Until, steps[^1].Until);
        Assert.All(steps.Zip(steps.Skip(1)), static pair => Assert.Equal(pair.First.Until, pair.Second.From));
        Assert.Equal(days, steps.Sum(static step => step.Days));
        Assert.InRange(steps.Count, 1, 130);
    }

    private static void Decide(LedgerFigures book, string verdict, params string[] reasons) => book.Take(Record(book.Size, RecordType.DecisionDenied) with
    {
        Decision = LeafValue.Map.Of(("verdict", verdict), ("reasons", LeafValue.ListOf(reasons))),
    });

    private static void Take(LedgerFigures book, RecordType type, RecordState? state = null, Instant? said = null, EventSource source = EventSource.Staff, long[]? about = null, OpaqueId? sid = null) =>
        book.Take(Record(book.Size, type) with
        {
            State = state,
            EventAt = said,
            EventSource = said is null ? null : source,
            About = about is null ? null : ValueList.Of<long>(about),
            Subject = sid is { } one ? new Subject(one) : null,
        });

    private static LedgerRecord Record(long seq, RecordType type) =>
        new() { Seq = seq, Id = new OpaqueId((UInt128)seq + 1), Type = type, At = Noon, Controller = TreeHash.EmptyRoot, Actor = new Actor(ActorKind.System, "test") };
}
