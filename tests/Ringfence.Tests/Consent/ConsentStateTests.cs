using NodaTime;
using Ringfence.Consent;
using Ringfence.Ledger;
using Xunit;
using static Ringfence.Tests.Consent.ConsentEvents;

namespace Ringfence.Tests.Consent;

/// <summary>Events with what matters named; the n-th hour is the n-th event unless said otherwise.</summary>
internal static class ConsentEvents
{
    public static readonly OpaqueId Mobile = new(1);
    public static readonly OpaqueId Office = new(2);
    public static readonly Instant Start = Instant.FromUtc(2026, 3, 1, 0, 0);

    public static Instant Hour(double n) => Start + Duration.FromHours(n);

    public static ConsentEvent Event(long seq, ConsentEventKind kind, string channels = "*", string purposes = "*", OpaqueId? point = null) => new()
    {
        Seq = seq,
        At = Hour(seq),
        Kind = kind,
        Point = point,
        Channels = channels == "*" ? null : channels.Split('+').Aggregate(ChannelSet.None, (set, word) => Channels.TryParse(word, out var channel) ? set | channel.Only() : throw new FormatException(word)),
        Purposes = purposes == "*" ? null : [.. purposes.Split('+')],
    };

    public static ConsentEvent Yes(long seq, string channels = "voice+sms", string purposes = "offers", OpaqueId? point = null) =>
        Event(seq, ConsentEventKind.Given, channels, purposes, point ?? Mobile);

    public static ConsentEvent Import(long seq, string channels = "voice+sms", string purposes = "offers") => Yes(seq, channels, purposes) with { IsImport = true, Source = EventSource.Import };

    public static ConsentEvent No(long seq, string channels = "*", string purposes = "*", OpaqueId? point = null) => Event(seq, ConsentEventKind.Withdrawn, channels, purposes, point);

    public static ConsentEvent Confirmed(long seq, long about) => Event(seq, ConsentEventKind.Confirmed, point: Mobile) with { About = [about] };

    public static ConsentEvent Correction(long seq, long about, ConsentEventKind kind, string channels = "*", string purposes = "*", OpaqueId? point = null) =>
        Event(seq, kind, channels, purposes, point ?? Mobile) with { IsCorrection = true, About = [about] };
}

public sealed class ConsentStateTests
{
    private static string How(params ConsentEvent[] events) => How("sms", "offers", events);

    private static string How(string channel, string purpose, params ConsentEvent[] events) => How(Mobile, channel, purpose, 1000, events);

    private static string How(OpaqueId point, string channel, string purpose, double hour, params ConsentEvent[] events)
    {
        Assert.True(Channels.TryParse(channel, out var one));
        var answer = ConsentState.Fold(events).At(point, one, purpose, Hour(hour));
        return answer.Seqs.Count == 0 ? $"{answer.Standing}" : $"{answer.Standing} {string.Join(",", answer.Seqs)}";
    }

    [Fact]
    public void Nothing_said_is_not_asked() => Assert.Equal("NotAsked", How());

    [Fact]
    public void A_yes_opens_what_it_names_and_nothing_else()
    {
        Assert.Equal("Given 1", How("sms", "offers", Yes(1)));
        Assert.Equal("Given 1", How("sms", "offers:solar", Yes(1)));
        Assert.Equal("NotAsked", How("sms", "offersmore", Yes(1)));
        Assert.Equal("NotAsked", How("sms", "offers", Yes(1, purposes: "offers:solar")));
        Assert.Equal("NotAsked", How("email", "offers", Yes(1)));
        Assert.Equal("NotAsked", How("voice-auto", "offers", Yes(1)));
        Assert.Equal("NotAsked", How(Office, "sms", "offers", 1000, Yes(1)));
    }

    [Fact]
    public void A_yes_that_leaves_open_where_how_or_what_for_opens_nothing()
    {
        Assert.Equal("NotAsked", How(Event(1, ConsentEventKind.Given, "sms", "offers")));
        Assert.Equal("NotAsked", How(Event(1, ConsentEventKind.Given, "*", "offers", Mobile)));
        Assert.Equal("NotAsked", How(Event(1, ConsentEventKind.Given, "sms", "*", Mobile)));
    }

    [Theory]
    [InlineData("*", "*", "Withdrawn 2")]
    [InlineData("sms", "*", "Withdrawn 2")]
    [InlineData("*", "offers", "Withdrawn 2")]
    [InlineData("sms", "offers", "Withdrawn 2")]
    [InlineData("voice", "*", "Given 1")]
    [InlineData("*", "research", "Given 1")]
    [InlineData("*", "offers:solar", "Given 1")]
    public void A_no_closes_everything_in_its_scope_and_where_it_has_none_everything(string channels, string purposes, string expected) =>
        Assert.Equal(expected, How(Yes(1), No(2, channels, purposes)));

    [Fact]
    public void A_no_to_one_number_leaves_the_others_and_one_to_none_closes_all()
    {
        Assert.Equal("Given 1", How(Yes(1), No(2, point: Office)));
        Assert.Equal("Withdrawn 2", How(Yes(1), No(2, point: Mobile)));
        Assert.Equal("Withdrawn 2", How(Yes(1), No(2)));
    }

    [Fact]
    public void Who_refuses_calls_refuses_those_of_machines_too_and_not_the_other_way_round()
    {
        Assert.Equal("Withdrawn 2", How("voice-auto", "offers", Yes(1, "voice+voice-auto"), No(2, "voice")));
        Assert.Equal("Given 1", How("voice", "offers", Yes(1, "voice+voice-auto"), No(2, "voice-auto")));
    }

    [Fact]
    public void A_later_yes_opens_its_own_scope_again_and_only_that()
    {
        ConsentEvent[] events = [Yes(1), No(2), Yes(3, "sms")];
        Assert.Equal("Given 3", How("sms", "offers", events));
        Assert.Equal("Withdrawn 2", How("voice", "offers", events));
    }

    [Fact]
    public void A_second_no_changes_nothing_and_the_first_is_told()
    {
        Assert.Equal("Withdrawn 2", How(Yes(1), No(2), No(3), No(4, "sms")));
        Assert.Equal("Withdrawn 4", How(Yes(1), No(2), Yes(3), No(4), No(5)));
    }

    [Fact]
    public void A_no_of_the_same_instant_wins() =>
        Assert.Equal("Refused 1", How(Event(1, ConsentEventKind.Refused, "sms", "offers", Mobile), Yes(2) with { EventAt = Hour(1), Source = EventSource.Server }));

    [Fact]
    public void A_yes_has_to_be_later_both_in_learning_and_in_happening()
    {
        // Learned later, happened earlier: a form that lay in the post.
        Assert.Equal("Withdrawn 2", How(No(2), Yes(3) with { EventAt = Hour(1), Source = EventSource.Staff }));
        // Learned earlier, said to have happened later.
        Assert.Equal("Withdrawn 3", How(Yes(2) with { EventAt = Hour(10), Source = EventSource.Staff }, No(3)));
        // Said to have happened after it was learned.
        Assert.Equal("Withdrawn 2", How(No(2) with { EventAt = Hour(5), Source = EventSource.Staff }, Yes(3) with { EventAt = Hour(100), Source = EventSource.Staff }));
    }

    [Fact]
    public void What_staff_or_a_list_say_of_the_time_of_a_no_does_not_make_it_earlier()
    {
        var late = Yes(3) with { EventAt = Hour(1.5), Source = EventSource.Provider };
        Assert.Equal("Withdrawn 2", How(No(2) with { EventAt = Hour(0.5), Source = EventSource.Staff }, late));
        Assert.Equal("Withdrawn 2", How(No(2) with { EventAt = Hour(0.5), Source = EventSource.Import }, late));
        // The carrier knows when the message came in.
        Assert.Equal("Given 3", How(No(2) with { EventAt = Hour(0.5), Source = EventSource.Provider }, late));
    }

    [Fact]
    public void An_import_opens_what_was_never_closed_and_nothing_else()
    {
        Assert.Equal("Given 1", How(Import(1)));
        Assert.Equal("Withdrawn 1", How(No(1), Import(2)));
        Assert.Equal("Withdrawn 1", How(No(1), Import(2) with { EventAt = Hour(50) }));
        Assert.Equal("Withdrawn 2", How(Yes(1), No(2), Import(3)));
        Assert.Equal("Given 3", How(Yes(1), No(2), Yes(3), Import(4)));
        // Not what was closed later, and opened again by the person elsewhere.
        Assert.Equal("Withdrawn 2", How("voice", "offers", Import(1), No(2), Yes(3, "sms")));
        Assert.Equal("Withdrawn 2", How("sms", "offers", Import(1), No(2, "email+sms")));
    }

    [Fact]
    public void A_no_of_an_import_closes_and_stays_when_the_import_is_undone()
    {
        var batch = new OpaqueId(9);
        var undone = Event(9, ConsentEventKind.ImportUndone) with { Batch = batch };
        Assert.Equal("Invalidated 1,9", How(Import(1) with { Batch = batch }, undone));
        Assert.Equal("Given 1", How(Import(1) with { Batch = new OpaqueId(8) }, undone));
        Assert.Equal("Given 1", How(Import(1), undone with { Batch = null }));
        Assert.Equal("Withdrawn 2", How(Yes(1), No(2) with { IsImport = true, Batch = batch }, undone));
        // What came by the same import after it was undone is not undone.
        Assert.Equal("Given 10", How(Import(1) with { Batch = batch }, undone, Import(10) with { Batch = batch }));
    }

    [Fact]
    public void A_question_waits_and_a_double_ceremony_waits_for_its_confirmation()
    {
        var asked = Event(1, ConsentEventKind.Requested, "sms", "offers", Mobile);
        var twice = Yes(1) with { Method = new CollectionMethod("web_form", Ceremony.DoubleOptIn) };
        Assert.Equal("Pending 1", How(asked));
        Assert.Equal("Pending 1", How(twice));
        Assert.Equal("Confirmed 1,2", How(asked, Confirmed(2, 1)));
        Assert.Equal("Confirmed 1,2", How(twice, Confirmed(2, 1)));
        Assert.Equal("Confirmed 1,2", How(Yes(1), Confirmed(2, 1)));
    }

    [Fact]
    public void A_confirmation_needs_what_it_confirms()
    {
        Assert.Equal("NotAsked", How(Confirmed(2, 1)));
        Assert.Equal("NotAsked", How(Yes(2, "sms") with { Kind = ConsentEventKind.Confirmed }));
        Assert.Equal("Pending 1", How(Event(1, ConsentEventKind.Requested, "sms", "offers", Mobile), Confirmed(2, 1) with { Point = Office }));
        Assert.Equal("Pending 3", How(Confirmed(2, 3), Event(3, ConsentEventKind.Requested, "sms", "offers", Mobile)));
        // It confirms no more than was asked for.
        Assert.Equal("NotAsked", How("email", "offers", Event(1, ConsentEventKind.Requested, "sms", "offers", Mobile), Confirmed(2, 1) with { Channels = ChannelSet.All }));
        Assert.Equal("Withdrawn 2", How(Event(1, ConsentEventKind.Requested, "sms", "offers", Mobile), No(2), Confirmed(3, 1)));
    }

    [Fact]
    public void A_correction_takes_the_place_of_a_yes_and_permits_no_more()
    {
        Assert.Equal("Given 1,2", How("sms", "offers", Yes(1), Correction(2, 1, ConsentEventKind.Given, "sms", "offers")));
        Assert.Equal("NotAsked", How("voice", "offers", Yes(1), Correction(2, 1, ConsentEventKind.Given, "sms", "offers")));
        Assert.Equal("NotAsked", How("email", "offers", Yes(1), Correction(2, 1, ConsentEventKind.Given, "email+sms", "offers")));
        Assert.Equal("Given 1,2", How("sms", "offers:solar", Yes(1), Correction(2, 1, ConsentEventKind.Given, "sms", "offers:solar")));
        Assert.Equal("NotAsked", How("sms", "offers", Yes(1), Correction(2, 1, ConsentEventKind.Given, "sms", "offers:solar")));
        Assert.Equal("NotAsked", How("sms", "offers", Yes(1, purposes: "offers:solar"), Correction(2, 1, ConsentEventKind.Given, "sms", "offers")));
        Assert.Equal("Invalidated 1,2", How(Yes(1), Correction(2, 1, ConsentEventKind.Invalidated)));
        Assert.Equal("Invalidated 1,2", How(Yes(1), Correction(2, 1, ConsentEventKind.Given, "sms", "offers", Office)));
        Assert.Equal("Withdrawn 2", How(Yes(1), Correction(2, 1, ConsentEventKind.Withdrawn, "sms", "offers")));
        // By itself it says nothing.
        Assert.Equal("NotAsked", How(Correction(2, 1, ConsentEventKind.Given, "sms", "offers")));
    }

    [Fact]
    public void A_correction_of_a_correction_or_of_a_confirmation_reaches_what_these_are_about()
    {
        Assert.Equal("Invalidated 1,3", How(Yes(1), Correction(2, 1, ConsentEventKind.Given, "sms", "offers"), Correction(3, 2, ConsentEventKind.Invalidated)));
        Assert.Equal("Invalidated 1,3", How(Event(1, ConsentEventKind.Requested, "sms", "offers", Mobile), Confirmed(2, 1), Correction(3, 2, ConsentEventKind.Invalidated)));
        Assert.Equal("Confirmed 1,2,3", How(Event(1, ConsentEventKind.Requested, "sms+voice", "offers", Mobile), Confirmed(2, 1), Correction(3, 2, ConsentEventKind.Given, "sms", "offers")));
        Assert.Equal("NotAsked", How("voice", "offers", Event(1, ConsentEventKind.Requested, "sms+voice", "offers", Mobile), Confirmed(2, 1), Correction(3, 2, ConsentEventKind.Given, "sms", "offers")));
        // A question that is corrected stays a question.
        Assert.Equal("Pending 1,2", How(Event(1, ConsentEventKind.Requested, "sms", "offers", Mobile), Correction(2, 1, ConsentEventKind.Given, "sms", "offers")));
    }

    [Fact]
    public void No_correction_takes_a_no_away()
    {
        Assert.Equal("Withdrawn 2", How(Yes(1), No(2), Correction(3, 2, ConsentEventKind.Given, "sms", "offers")));
        Assert.Equal("Withdrawn 2", How(Yes(1), No(2), Correction(3, 2, ConsentEventKind.Invalidated)));
        Assert.Equal("Withdrawn 2", How(Yes(1), No(2), Event(3, ConsentEventKind.Invalidated) with { About = [2] }));
    }

    [Fact]
    public void A_yes_ends_with_the_time_it_was_given_for()
    {
        var forADay = Yes(1) with { ValidFor = Period.FromDays(1) };
        Assert.Equal("Given 1", How(Mobile, "sms", "offers", 24.999, forADay));
        Assert.Equal("Expired 1", How(Mobile, "sms", "offers", 25, forADay));
        // The earliest time that was stated counts.
        Assert.Equal("Expired 1", How(Mobile, "sms", "offers", 24.5, forADay with { EventAt = Hour(0), Source = EventSource.Staff }));
        Assert.Equal("Given 2", How(Mobile, "sms", "offers", 25.5, forADay, Yes(2) with { ValidFor = Period.FromDays(1) }));
        Assert.Equal("Withdrawn 2", How(Mobile, "sms", "offers", 30, forADay, No(2)));
        Assert.Equal(Hour(25), ConsentState.Fold([forADay]).At(Mobile, Channel.Sms, "offers", Start).Until);
        // A year of which no calendar knows has no end; a correction may set one.
        Assert.Equal("Given 1", How(Yes(1) with { ValidFor = Period.FromYears(999_999_999) }));
        Assert.Equal("Expired 1,2", How(Yes(1), Correction(2, 1, ConsentEventKind.Given, "sms", "offers") with { ValidFor = Period.FromDays(1) }));
    }

    [Fact]
    public void A_recorded_end_closes_what_it_names_or_its_scope()
    {
        Assert.Equal("Expired 1,2", How(Yes(1), Event(2, ConsentEventKind.Expired) with { About = [1] }));
        Assert.Equal("Given 3", How(Yes(1), Event(2, ConsentEventKind.Expired) with { About = [1] }, Yes(3)));
        Assert.Equal("Expired 2", How(Yes(1), Event(2, ConsentEventKind.Expired, "sms")));
        Assert.Equal("Given 1", How("voice", "offers", Yes(1), Event(2, ConsentEventKind.Expired, "sms")));
    }

    [Fact]
    public void No_yes_lifts_a_suppression_and_what_lifts_one_gives_no_consent()
    {
        var state = ConsentState.Fold([Yes(1), Event(2, ConsentEventKind.Suppressed, "sms"), Yes(3), Confirmed(4, 3)]);
        Assert.True(state.IsSuppressed(Mobile, Channel.Sms, "offers"));
        Assert.False(state.IsSuppressed(Mobile, Channel.Voice, "offers"));
        Assert.False(state.With([Event(5, ConsentEventKind.Lifted) with { About = [2, 4] }]).IsSuppressed(Mobile, Channel.Sms, "offers"));
        Assert.True(state.With([Event(5, ConsentEventKind.Lifted) with { About = [4] }]).IsSuppressed(Mobile, Channel.Sms, "offers"));
        Assert.Equal("NotAsked", How(Event(2, ConsentEventKind.Suppressed), Event(5, ConsentEventKind.Lifted) with { About = [2] }));
    }

    [Fact]
    public void An_overview_has_a_line_for_all_that_was_ever_said()
    {
        var lines = ConsentState.Fold([Yes(1, "voice+sms", "offers+research"), No(2, "sms"), Event(3, ConsentEventKind.Requested, "email", "offers", Office)]).Lines(Hour(9))
            .Select(line => $"{line.Point?.Value} {line.Channel} {line.Purpose} {line.Answer.Standing}");
        Assert.Equal(
            ["1 Voice offers Given", "1 Voice research Given", "1 Sms offers Withdrawn", "1 Sms research Withdrawn", "2 Email offers Pending", " Sms  Withdrawn"],
            lines);
    }

    [Fact]
    public void Two_events_in_one_place_are_refused_and_one_twice_is_one()
    {
        Assert.Throws<ArgumentException>(() => ConsentState.Fold([Yes(1), No(1)]));
        Assert.Single(ConsentState.Fold([Yes(1), Yes(1)]).Events);
    }
}
