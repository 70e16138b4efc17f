using System.Collections.Concurrent;
using System.Collections.Immutable;
using NodaTime;
using Ringfence.Rules;
using Ringfence.Rules.House;

namespace Ringfence.Gate;

/// <summary>Decides whether a contact may be made: a pure function from a fully stated situation and a rulebook to a verdict.</summary>
/// <remarks>Looks nothing up, knows no clock. Equal situations have equal verdicts, in every culture, zone and order of facts. Safe for many threads.</remarks>
public sealed class ContactGate
{
    private static readonly Lazy<ContactGate> LazyShipped = new(() => new ContactGate(Rulebook.Shipped));

    // A walk that takes more steps than this has found no end; windows, caps and slots of 400 days make far fewer.
    private const int MostSteps = 4000;

    private readonly RuleSelection selection;
    private readonly Lazy<IReadOnlyDictionary<string, RegisterUse>> registers;
    private readonly ContactGate? withoutHouse;
    private readonly ConcurrentDictionary<string, ContactGate> withHouse = new(StringComparer.Ordinal);

    /// <summary>A gate that applies a rulebook.</summary>
    public ContactGate(Rulebook rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        Rules = rules;
        selection = new RuleSelection(rules);
        registers = new(() => RegisterUse.Of(rules));
        withoutHouse = rules.WithoutHouse is { } law ? new ContactGate(law) : null;
    }

    /// <summary>The gate of the rules that ship with the program.</summary>
    public static ContactGate Shipped => LazyShipped.Value;

    /// <summary>The rules it applies.</summary>
    public Rulebook Rules { get; }

    /// <summary>The registers that its rules ask for, by name.</summary>
    public IReadOnlyDictionary<string, RegisterUse> Registers => registers.Value;

    /// <summary>The gate that applies house rules on top; the same one each time it is asked for, and this one where they are in force already.</summary>
    /// <exception cref="RuleFileException">They would loosen a rule, or name one that is not there.</exception>
    public ContactGate With(HouseRules house)
    {
        ArgumentNullException.ThrowIfNull(house);
        if (Rules.Packs.Any(pack => pack.IsHouse && pack.Digest == house.Digest))
            return this;
        return withHouse.GetOrAdd(house.Digest, static (_, asked) => new ContactGate(asked.Rules.With(asked.House)), (Rules, House: house));
    }

    /// <summary>Judges a situation.</summary>
    public Verdict Decide(Situation situation)
    {
        ArgumentNullException.ThrowIfNull(situation);
        if (ChannelOf(situation.Ask) is not { } channel)
            return new Verdict.Refused([new Reason(ReasonCode.MissingFact, null, "ask.channel", ReasonMarks.None, null)]);
        return Decide(situation, channel);
    }

    /// <summary>The channels, other than the one asked for, on which the same contact would be allowed now.</summary>
    /// <remarks>Machines that call and faxes are offered to nobody instead of anything. What a message or a call would say is taken to be as well made on the other channel; technique and template are the plain ones there.</remarks>
    public ImmutableArray<Channel> Alternatives(Situation situation)
    {
        ArgumentNullException.ThrowIfNull(situation);
        var asked = ChannelOf(situation.Ask);
        var content = situation.Ask.Script ?? situation.Ask.Template?.Holds;
        return
        [
            .. Channels.All.Where(other => other != asked && other is not (Channel.VoiceAuto or Channel.Fax) && Decide(
                situation with
                {
                    Ask = situation.Ask with
                    {
                        Channel = other,
                        Technique = other switch { Channel.Voice => Technique.Manual, Channel.VoiceAuto => Technique.Prerecorded, _ => Technique.Bulk },
                        Script = content,
                        Template = situation.Ask.Template ?? new MessageTemplate { Holds = content },
                    },
                },
                other) is Verdict.Allowed),
        ];
    }

    /// <summary>How many rules of the packs are in play in a situation; for measuring.</summary>
    internal int InPlay(Situation situation)
    {
        var judgement = Judgement.Rent();
        judgement.Begin(situation, ChannelOf(situation.Ask) ?? throw new ArgumentException("No channel is asked for.", nameof(situation)), selection);
        judgement.Evaluate(situation.At);
        var count = judgement.Rules.Rules.Count(judging => judgement.Holds(judging.Rule) && judgement.All(judging.When, null) != Truth.False);
        judgement.Return();
        return count;
    }

    /// <summary>The channel as it is judged: a live call that plays a recording or an artificial voice is an automated one.</summary>
    private static Channel? ChannelOf(Ask ask) => ask switch
    {
        { Channel: Channel.Voice, Technique: Technique.Prerecorded or Technique.AiVoice } => Channel.VoiceAuto,
        _ => ask.Channel,
    };

    private Verdict Decide(Situation situation, Channel channel)
    {
        var verdict = Judge(situation, channel);
        // A rest that the house adds may end in a later hour that was agreed to, while the law's own ends where nothing is: that stays refused.
        if (verdict is Verdict.Deferred deferred && withoutHouse?.Decide(situation, channel) is Verdict.Refused refused)
            return new Verdict.Refused([refused.Reasons[0], .. deferred.Reasons]) { Notes = verdict.Notes, Packs = verdict.Packs };
        return verdict;
    }

    private Verdict Judge(Situation situation, Channel channel)
    {
        var judgement = Judgement.Rent();
        try
        {
            judgement.Begin(situation, channel, selection);
            judgement.Evaluate(situation.At);
            return Answer(judgement);
        }
        finally
        {
            judgement.Return();
        }
    }

    private static Verdict Answer(Judgement judgement)
    {
        if (judgement.Reasons.Count == 0)
            return judgement.Allowed();
        var (reasons, notes, packs) = (judgement.Ranked(), judgement.AllNotes(), judgement.Rules.Packs);
        return reasons[0].IsDeferral ? Deferral(judgement, reasons, notes, packs) : new Verdict.Refused(reasons) { Notes = notes, Packs = packs };
    }

    /// <summary>Finds the first instant at which everything allows: from one end of a reason to the next, and no step between is left out in which anything could open.</summary>
    private static Verdict Deferral(Judgement judgement, ImmutableArray<Reason> reasons, ImmutableArray<VerdictNote> notes, ImmutableArray<Pack> packs)
    {
        var openings = judgement.Openings();
        var horizon = judgement.KnownAt + Duration.FromDays(Judgement.HorizonDays);
        var at = judgement.KnownAt;
        for (var step = 0; step < MostSteps; step++)
        {
            at = NextStep(judgement, openings, at);
            if (at > horizon)
                return Ends("horizon");
            judgement.Evaluate(at);
            if (judgement.Reasons.Count == 0)
                return new Verdict.Deferred(at, reasons) { Notes = notes, Packs = packs };
            if (judgement.Reasons.FirstOrDefault(reason => !reason.IsDeferral) is { })
                return Ends(judgement.Ranked()[0] is var first && first.Rule is { } rule ? $"{Words<ReasonCode>.Of(first.Code)}: {rule.Id}" : Words<ReasonCode>.Of(judgement.Ranked()[0].Code));
        }

        return Ends("horizon");

        Verdict.Refused Ends(string what) =>
            new([new Reason(ReasonCode.GroundEndsFirst, null, what, ReasonMarks.None, null), .. reasons]) { Notes = notes, Packs = packs };
    }

    // Invariant: until the latest end of a reason nothing can be allowed, unless a rule lapses or an hour agreed to begins before it.
    private static Instant NextStep(Judgement judgement, List<Instant> openings, Instant at)
    {
        var next = at;
        foreach (var reason in judgement.Reasons)
            next = reason.Until is { } until && until > next ? until : next;
        foreach (var opening in openings)
        {
            if (opening > at && opening < next)
                next = opening;
        }

        return next;
    }
}
