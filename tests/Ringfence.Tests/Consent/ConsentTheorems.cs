using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Ledger;
using Xunit;
using static Ringfence.Tests.Consent.ConsentEvents;

namespace Ringfence.Tests.Consent;

/// <summary>What holds of every history, and that the state is what the naive reading of the rules says.</summary>
public sealed class ConsentTheorems
{
    private static readonly Config Often = Config.QuickThrowOnFailure.WithMaxTest(800);

    private static readonly Instant[] Moments = [Hour(0), Hour(40), Hour(75), Hour(2000)];

    private static readonly ConsentEventKind[] Kinds =
    [
        ConsentEventKind.Requested, ConsentEventKind.Given, ConsentEventKind.Given, ConsentEventKind.Given, ConsentEventKind.Confirmed, ConsentEventKind.Confirmed, ConsentEventKind.Refused,
        ConsentEventKind.Withdrawn, ConsentEventKind.Withdrawn, ConsentEventKind.Expired, ConsentEventKind.Invalidated, ConsentEventKind.ImportUndone,
    ];

    /// <summary>A history with places left between its events: 10, 20, ...</summary>
    private static List<ConsentEvent> History(Random random)
    {
        var events = new List<ConsentEvent>();
        for (var n = random.Next(1, 10); n > 0; n--)
            events.Add(Anything(random, 10 * (events.Count + 1), Kinds[random.Next(Kinds.Length)], [.. events.Select(one => one.Seq)]));
        return events;
    }

    private static ConsentEvent Anything(Random random, long seq, ConsentEventKind kind, long[] earlier)
    {
        var isCorrection = random.Next(6) == 0 && kind is not (ConsentEventKind.ImportUndone or ConsentEventKind.Requested);
        var isImport = random.Next(6) == 0 && kind is not ConsentEventKind.ImportUndone;
        var names = kind is ConsentEventKind.Given or ConsentEventKind.Requested ? 9 : 2;
        return new ConsentEvent
        {
            Seq = seq,
            At = Hour(seq),
            Kind = kind,
            IsCorrection = isCorrection,
            IsImport = isImport,
            EventAt = random.Next(3) == 0 ? Hour(seq + random.Next(-30, 8)) : null,
            Source = isImport ? EventSource.Import : (EventSource)random.Next(4),
            Point = random.Next(names + 4) == 0 ? null : random.Next(3) == 0 ? Office : Mobile,
            Channels = random.Next(names + 1) == 0 ? null : (ChannelSet)random.Next(1, 1 << 6),
            Purposes = random.Next(names + 1) == 0 ? null : [.. NaiveConsents.Purposes.Where(_ => random.Next(2) == 0).DefaultIfEmpty("offers")],
            ValidFor = random.Next(4) == 0 ? Period.FromHours(random.Next(1, 90)) : null,
            About = earlier.Length > 0 && (isCorrection || random.Next(kind == ConsentEventKind.Confirmed ? 8 : 2) != 0) ? [earlier[random.Next(earlier.Length)]] : null,
            Method = random.Next(4) == 0 ? new CollectionMethod("web_form", Ceremony.DoubleOptIn) : null,
            Batch = random.Next(2) == 0 ? new OpaqueId(7) : null,
        };
    }

    private static void ForEveryHistory(Action<Random, List<ConsentEvent>> holds) => Check.One(Often, Prop.ForAll(Gen.Choose(int.MinValue, int.MaxValue).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        holds(random, History(random));
    }));

    private static bool IsYes(ConsentState state, NaiveConsents.Cell cell, Instant at) => state.At(cell.Point, cell.Channel, cell.Purpose, at).IsYes;

    private static IEnumerable<ConsentAnswer> Answers(ConsentState state) =>
        from at in Moments from cell in NaiveConsents.AllCells select state.At(cell.Point, cell.Channel, cell.Purpose, at);

    [Fact]
    public void It_is_what_the_naive_reading_says() => ForEveryHistory((_, history) =>
    {
        var (state, naive) = (ConsentState.Fold(history), new NaiveConsents(history));
        foreach (var at in Moments)
        {
            foreach (var cell in NaiveConsents.AllCells)
                Assert.True(naive.At(cell, at) == state.At(cell.Point, cell.Channel, cell.Purpose, at).Standing, $"{cell} at {at}: {naive.At(cell, at)}, not {state.At(cell.Point, cell.Channel, cell.Purpose, at)}\n{string.Join("\n", history)}");
        }
    });

    [Fact]
    public void Histories_reach_every_standing()
    {
        var seen = Enumerable.Range(0, 400).SelectMany(seed => Answers(ConsentState.Fold(History(new Random(seed))))).Select(answer => answer.Standing).ToHashSet();
        Assert.Equal(Enum.GetValues<ConsentStanding>().ToHashSet(), seen);
    }

    [Fact]
    public void Portions_and_the_order_of_their_coming_make_no_difference() => ForEveryHistory((random, history) =>
    {
        var whole = Answers(ConsentState.Fold(history)).ToArray();
        var at = random.Next(history.Count + 1);
        Assert.Equal(whole, Answers(ConsentState.Fold(history.Take(at)).With(history.Skip(at))));
        Assert.Equal(whole, Answers(ConsentState.Fold(history.OrderBy(_ => random.Next()))));
        Assert.Equal(whole, Answers(history.Aggregate(ConsentState.Empty, (state, one) => state.With([one]))));
    });

    [Fact]
    public void A_no_more_never_opens() => ForEveryHistory((random, history) =>
    {
        var no = Anything(random, (10 * random.Next(1, history.Count + 1)) + 5, random.Next(2) == 0 ? ConsentEventKind.Withdrawn : ConsentEventKind.Refused, []) with { IsCorrection = false };
        var (before, after) = (ConsentState.Fold(history), ConsentState.Fold(history.Append(no)));
        Assert.All(Moments, at => Assert.All(NaiveConsents.AllCells, cell => Assert.True(!IsYes(after, cell, at) || IsYes(before, cell, at))));
    });

    [Fact]
    public void A_correction_or_an_end_more_never_opens() => ForEveryHistory((random, history) =>
    {
        var kind = Kinds[random.Next(Kinds.Length)];
        var more = Anything(random, 10 * (history.Count + 1), kind, [.. history.Select(one => one.Seq)]);
        more = kind is ConsentEventKind.Expired or ConsentEventKind.Invalidated or ConsentEventKind.ImportUndone ? more : more with { IsCorrection = true };
        var (before, after) = (ConsentState.Fold(history), ConsentState.Fold(history.Append(more)));
        Assert.All(Moments, at => Assert.All(NaiveConsents.AllCells, cell => Assert.True(!IsYes(after, cell, at) || IsYes(before, cell, at))));
    });

    [Fact]
    public void A_second_withdrawal_of_the_same_changes_nothing() => ForEveryHistory((random, history) =>
    {
        var no = Anything(random, 10 * (history.Count + 1), ConsentEventKind.Withdrawn, []) with { IsCorrection = false, EventAt = null };
        var once = ConsentState.Fold(history.Append(no));
        Assert.Equal(Answers(once), Answers(once.With([no with { Seq = no.Seq + 10, At = no.At + Duration.FromHours(1) }])));
    });

    [Fact]
    public void A_yes_more_opens_nothing_beyond_what_it_names() => ForEveryHistory((random, history) =>
    {
        var yes = Anything(random, 10 * (history.Count + 1), ConsentEventKind.Given, []) with { IsCorrection = false };
        var (before, after) = (ConsentState.Fold(history), ConsentState.Fold(history.Append(yes)));
        foreach (var cell in NaiveConsents.AllCells)
        {
            var named = yes.Point == cell.Point && yes.Channels?.Has(cell.Channel) == true
                && yes.Purposes?.Any(purpose => cell.Purpose == purpose || cell.Purpose.StartsWith(purpose + ":", StringComparison.Ordinal)) == true;
            Assert.All(Moments, at => Assert.True(named || IsYes(before, cell, at) == IsYes(after, cell, at)));
        }
    });

    [Fact]
    public void An_import_never_opens_what_a_no_covers() => ForEveryHistory((random, history) =>
    {
        var import = Anything(random, 10 * (history.Count + 1), ConsentEventKind.Given, []) with { IsCorrection = false, IsImport = true };
        var (before, after) = (ConsentState.Fold(history), ConsentState.Fold(history.Append(import)));
        foreach (var cell in NaiveConsents.AllCells)
        {
            foreach (var at in Moments.Where(at => IsYes(after, cell, at) && !IsYes(before, cell, at)))
                Assert.DoesNotContain(before.At(cell.Point, cell.Channel, cell.Purpose, at).Standing, new[] { ConsentStanding.Withdrawn, ConsentStanding.Refused });
        }
    });

    [Fact]
    public void An_overview_agrees_with_what_is_asked_one_by_one() => ForEveryHistory((_, history) =>
    {
        var state = ConsentState.Fold(history);
        foreach (var line in state.Lines(Hour(75)))
        {
            if (line is { Point: { } point, Channel: { } channel, Purpose: { } purpose })
                Assert.Equal(state.At(point, channel, purpose, Hour(75)), line.Answer);
        }
    });
}
