using NodaTime;
using Ringfence.Ledger;

namespace Ringfence.Consent;

/// <summary>How a consent stands.</summary>
public enum ConsentStanding : byte
{
    /// <summary>Nobody asked, and nobody said anything.</summary>
    NotAsked,

    /// <summary>Asked, or not confirmed yet.</summary>
    Pending,
    Given,

    /// <summary>Given, and confirmed from the address itself.</summary>
    Confirmed,
    Refused,
    Withdrawn,

    /// <summary>The time it was given for has passed.</summary>
    Expired,

    /// <summary>What was recorded turned out to be none.</summary>
    Invalidated,
}

/// <summary>How one consent stands at an instant.</summary>
/// <param name="Standing">How.</param>
/// <param name="Seqs">The records it rests on, rising; none where nothing was ever said.</param>
/// <param name="Since">When it was said: of a yes the earliest of the times that were stated, of a no the latest it may be of.</param>
/// <param name="Until">Of a yes, the first instant at which it ends or has ended; null: no end.</param>
public sealed record ConsentAnswer(ConsentStanding Standing, ValueList<long> Seqs, Instant? Since, Instant? Until)
{
    internal static ConsentAnswer Nothing { get; } = new(ConsentStanding.NotAsked, [], null, null);

    /// <summary>Whether it is a yes. Whether it may be used is for the gate to say.</summary>
    public bool IsYes => Standing is ConsentStanding.Given or ConsentStanding.Confirmed;
}

/// <summary>One line of an overview of a person's consents.</summary>
/// <param name="Point">The number or address; null: every one.</param>
/// <param name="Channel">Null: every one.</param>
/// <param name="Purpose">Null: every one.</param>
/// <param name="Answer">How it stands.</param>
public readonly record struct ConsentLine(OpaqueId? Point, Channel? Channel, string? Purpose, ConsentAnswer Answer);

/// <summary>The consents of a person: a pure function of what happened, the same in whatever portions and order it is given.</summary>
/// <remarks>
/// What is unclear closes. The rules are written down in <c>docs/reference/consents.md</c>:
/// a no closes everything in its scope, and everything where it has none; a yes opens what it names, at the one point it names, and reopens only that;
/// it has to be later than every no, both in the order of learning and in that of happening; an import opens nothing that was ever closed;
/// a confirmation needs what it confirms; a correction takes the place of a yes and permits no more than it, and leaves a no as it is.
/// </remarks>
public sealed class ConsentState
{
    private readonly SortedList<long, ConsentEvent> events;
    private readonly ConsentResolution resolved;

    private ConsentState(SortedList<long, ConsentEvent> events) => (this.events, resolved) = (events, ConsentResolution.Of(events.Values));

    /// <summary>What remains of the events: all that it takes to say how a consent stands.</summary>
    internal StandingConsents Standing => new(resolved.Yeses, resolved.Pending, resolved.Voided, resolved.Nos);

    /// <summary>Nothing happened.</summary>
    public static ConsentState Empty { get; } = new([]);

    /// <summary>What happened, in the order of learning.</summary>
    public IReadOnlyList<ConsentEvent> Events => [.. events.Values];

    /// <summary>Sums up.</summary>
    /// <exception cref="ArgumentException">Two different events have one <c>seq</c>.</exception>
    public static ConsentState Fold(IEnumerable<ConsentEvent> events) => Empty.With(events);

    /// <summary>Sums up what the records of a person say; others are passed over.</summary>
    /// <param name="records">Theirs, and those of undone imports.</param>
    public static ConsentState Fold(IEnumerable<LedgerRecord> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        var all = new SortedList<long, ConsentEvent>();
        foreach (var record in records)
        {
            if (ConsentEvent.From(record) is { } one)
                Add(all, one);
        }

        return new ConsentState(all);
    }

    /// <summary>This and more.</summary>
    /// <exception cref="ArgumentException">Two different events have one <c>seq</c>.</exception>
    public ConsentState With(IEnumerable<ConsentEvent> more)
    {
        ArgumentNullException.ThrowIfNull(more);
        var all = new SortedList<long, ConsentEvent>(events);
        foreach (var one in more)
            Add(all, one);
        return new ConsentState(all);
    }

    private static void Add(SortedList<long, ConsentEvent> all, ConsentEvent one)
    {
        if (!all.TryAdd(one.Seq, one) && all[one.Seq] != one)
            throw new ArgumentException("Two different events have one place in the ledger.");
    }

    /// <summary>How the consent stands that would cover a contact.</summary>
    /// <param name="point">The number or address.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="purpose">The purpose; a consent to <c>offers</c> covers <c>offers:solar</c>.</param>
    /// <param name="at">The instant that is asked about.</param>
    public ConsentAnswer At(OpaqueId point, Channel channel, string purpose, Instant at) => Standing.At(point, channel, purpose, at);

    /// <summary>Whether the person stands on the controller's own list for a contact. No yes takes them off it.</summary>
    public bool IsSuppressed(OpaqueId point, Channel channel, string purpose) => resolved.Suppressions.Any(entry => entry.Covers(point, channel, purpose));

    /// <summary>Whether a yes stands of which a no in this scope would close anything.</summary>
    /// <param name="channels">What the no closes.</param>
    /// <param name="purposes">Null: every one.</param>
    /// <param name="at">The instant that is asked about.</param>
    public bool HasYes(ChannelSet channels, IReadOnlyList<string>? purposes, Instant at) => Lines(at).Any(line => line.Answer.IsYes && (line.Channel is not { } channel || channels.Has(channel))
        && (line.Purpose is not { } purpose || purposes is null || PurposeNames.Cover(purposes, purpose) || purposes.Any(one => PurposeNames.Covers(purpose, one))));

    /// <summary>An overview: every consent, question and no that was ever recorded, with how it stands.</summary>
    /// <param name="at">The instant that is asked about.</param>
    public IEnumerable<ConsentLine> Lines(Instant at)
    {
        var (seen, standing) = (new HashSet<(OpaqueId?, Channel?, string?)>(), Standing);
        foreach (var said in Said())
        {
            foreach (var channel in Channels.All)
            {
                if (!said.Channels.Has(channel))
                    continue;
                foreach (var purpose in said.Purposes)
                {
                    if (seen.Add((said.Point, channel, purpose)))
                        yield return new ConsentLine(said.Point, channel, purpose, standing.At(said.Point, channel, purpose, at));
                }
            }
        }

        foreach (var no in resolved.Nos)
        {
            foreach (var channel in no.Channels == ChannelSet.All ? [null] : Channels.All.Where(channel => no.Channels.Has(channel)).Select(static channel => (Channel?)channel))
            {
                foreach (var purpose in no.Purposes ?? (IReadOnlyList<string?>)[null])
                {
                    if (!seen.Add((no.Point, channel, purpose)))
                        continue;
                    // A no that is wider than any contact stays what it is, though parts of it were opened again.
                    yield return no.Point is { } point && channel is { } one && purpose is not null
                        ? new ConsentLine(point, one, purpose, standing.At(point, one, purpose, at))
                        : new ConsentLine(no.Point, channel, purpose, new ConsentAnswer(no.Standing, [no.Seq], no.Happened, null));
                }
            }
        }
    }

    // Every yes and question, in the order in which they were said.
    private IReadOnlyList<ResolvedYes> Said() => resolved is { Pending.Count: 0, Voided.Count: 0, Yeses: { Count: <= 1 } yeses }
        ? yeses
        : [.. resolved.Yeses.Concat(resolved.Pending).Concat(resolved.Voided.Select(static gone => gone.Yes)).OrderBy(static yes => yes.Seq)];
}
