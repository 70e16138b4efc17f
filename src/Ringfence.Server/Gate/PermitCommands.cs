using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Rules;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Gate;

/// <summary>Decides in the serial order, and where the answer is yes, permits one contact for a minute at most. The answer is written down either way.</summary>
/// <param name="actor">Who asks.</param>
/// <param name="by">Judges; its rules are kept already.</param>
/// <param name="asked">What is stated from outside.</param>
/// <param name="facts">What was opened of the person.</param>
internal sealed class IssuePermitCommand(Actor actor, GateInForce by, Situation asked, TurnFacts facts) : LedgerCommand
{
    private readonly Digest rules = by.Rules.Digest;

    /// <summary>How long a permit can be redeemed.</summary>
    public static readonly Duration Lifetime = Duration.FromSeconds(60);

    /// <summary>The situation as it was judged, with the number itself; there once it was run, and not where the answer was kept from before.</summary>
    public Situation? Judged { get; private set; }

    /// <summary>The decision; as above.</summary>
    public RecordedDecision? Decision { get; private set; }

    /// <summary>When the permit ends; as above, and null where there is none.</summary>
    public Instant? Expires { get; private set; }

    public override bool ReadsIdle => false;

    public override void Ask(RowsWanted wanted)
    {
        facts.Ask(wanted);
        wanted.WithRuleChanges = true;
        wanted.Documents.Add(rules.Bytes.ToArray());
    }

    public override byte[] Run(LedgerTurn turn)
    {
        // Invariant: nobody is permitted by rules that are not in force any more, whichever server was told first.
        if (turn.RulesSeq != by.Since)
            throw new CommandRefusedException("rules-changed");
        if (!turn.HasDocument(rules))
            throw new CommandRefusedException("rules-not-kept");
        // What is permitted now is judged by this clock, whatever the asker's says.
        var now = turn.Now;
        var (situation, subject) = facts.SituationIn(turn, asked with { At = now });
        Judged = situation;
        try
        {
            Decision = RecordedDecision.Decide(by.Gate, rules, situation, turn.Size);
        }
        catch (ArgumentException e)
        {
            // Its message names a fact, never what it says.
            throw new CommandRefusedException("not-recordable", e.Message);
        }

        var pack = new PackInForce("rules", RecordedDecision.EngineNow, rules);
        if (Decision.Verdict is not Verdict.Allowed allowed)
        {
            return new CommandAnswer(turn.Append(RecordDraft.Of(RecordType.DecisionDenied, actor, record => record with
            {
                Subject = subject,
                Decision = Decision.Whole,
                Pack = pack,
            })).Seq, subject?.Sid.ToString()).ToBytes();
        }

        var id = turn.NewName();
        var expires = allowed.Until is { } until ? Instant.Min(now + Lifetime, until) : now + Lifetime;
        var record = turn.Append(RecordDraft.Of(RecordType.PermitIssued, actor, record => record with
        {
            Subject = subject,
            Decision = Decision.Whole,
            Pack = pack,
            Detail = LeafValue.Map.Of(("permit", id), ("expires", Micros.Of(expires))),
        }));
        var ask = situation.Ask;
        turn.Put(new PermitRow(
            id.ToArray(), facts.Asked.Lookup, turn.TagOf(facts.Asked), turn.SuppressionChain, subject?.Sid.ToArray(), (short)ask.Channel!.Value, ask.Purpose, ask.Agent?.Id, ask.Subject,
            ask.Campaign?.Id, record.Seq, Micros.Of(now), Micros.Of(expires), null, null, null, null, null));
        Expires = expires;
        return new CommandAnswer(record.Seq, subject?.Sid.ToString(), Permit: id.ToString()).ToBytes();
    }
}

/// <summary>Takes a client's key for a batch of permits: each of them is kept under a key of its own behind it.</summary>
internal sealed class BeginBatchCommand : LedgerCommand
{
    public override bool ReadsIdle => false;

    public override void Ask(RowsWanted wanted)
    {
    }

    public override byte[] Run(LedgerTurn turn) => [];
}

/// <summary>Uses a permit: the last look before somebody is contacted. What was written about them since it was issued ends it.</summary>
/// <param name="actor">Who is about to make contact.</param>
/// <param name="row">The permit as it was read; what became of it is looked up in the serial order.</param>
internal sealed class RedeemPermitCommand(Actor actor, PermitRow row) : LedgerCommand
{
    public override bool ReadsIdle => false;

    public override void Ask(RowsWanted wanted)
    {
        Permits.Ask(wanted, row);
        wanted.WithRuleChanges = true;
        wanted.Suppressions.Add(row.Suppress);
        wanted.Points.Add(row.Tag);
    }

    public override byte[] Run(LedgerTurn turn)
    {
        var permit = turn.Permit(row.Id) ?? throw new CommandRefusedException("no-such-permit");
        if (permit.RedeemedSeq is not null)
            throw new CommandRefusedException("permit-used");
        if (permit.EndedSeq is not null)
            throw new CommandRefusedException("permit-ended");
        if (Micros.Of(turn.Now) >= permit.Expires)
            throw new CommandRefusedException("permit-expired");
        if (WhyNot(turn, permit) is { } why)
            return new CommandAnswer(Permits.End(turn, actor, permit, why).Seq, null, Ended: why).ToBytes();
        var record = turn.Append(RecordDraft.Of(RecordType.PermitRedeemed, actor, record => record with
        {
            Subject = Permits.SubjectOf(turn, permit),
            About = [permit.Seq],
            Detail = LeafValue.Map.Of(("permit", new OpaqueId(permit.Id))),
        }));
        turn.Put(permit with { Redeemed = Micros.Of(record.At), RedeemedSeq = record.Seq });
        return new CommandAnswer(record.Seq, record.Subject?.Sid.ToString()).ToBytes();
    }

    // The answer got lost, and whoever waits for it has made no contact yet: to them it is the last look, and what was written since counts.
    public override byte[] Again(LedgerTurn turn, byte[] before)
    {
        if (CommandAnswer.Read(before).Ended is not null)
            return before;
        var permit = turn.Permit(row.Id) ?? throw new CommandRefusedException("no-such-permit");
        if (permit.OutcomeSeq is not null)
            throw new CommandRefusedException("permit-used");
        if (Micros.Of(turn.Now) >= permit.Expires)
            throw new CommandRefusedException("permit-expired");
        return WhyNot(turn, permit) is { } why ? new CommandAnswer(permit.RedeemedSeq!.Value, null, Ended: why).ToBytes() : before;
    }

    // Anything that could make the answer another one ends it; whoever asks again gets that other answer.
    private static string? WhyNot(LedgerTurn turn, PermitRow permit)
    {
        if (permit.Chain != turn.SuppressionChain)
            return "keys-changed";
        if (turn.RulesSeq > permit.Seq)
            return "rules-changed";
        var channel = ((Channel)permit.Channel).Only();
        if (turn.AllSuppressions(permit.Suppress).Any(one => one.LiftedSeq is null && ((ChannelSet)one.Channels & channel) != 0 && !IsOpened(turn, one, permit)))
            return "suppressed";
        var lookup = turn.Lookup(permit.Tag);
        if (permit.Sid is null)
            return lookup is null ? null : "contact-changed";
        if (lookup is null)
            return "contact-changed";
        return turn.Person(new OpaqueId(permit.Sid)).Records.Any(record => record.Seq > permit.Seq && !Permits.IsIdle(record.Type)) ? "contact-changed" : null;
    }

    private static bool IsOpened(LedgerTurn turn, SuppressionRow row, PermitRow permit) =>
        row.Seq is { } seq && permit.Sid is { } sid && PartialLift.Opens(turn.Person(new OpaqueId(sid)).Records, seq, (Channel)permit.Channel, permit.Purpose);
}

/// <summary>Gives a permit back, or takes it back, before it was used.</summary>
internal sealed class EndPermitCommand(Actor actor, PermitRow row) : LedgerCommand
{
    public override bool ReadsIdle => false;

    public override void Ask(RowsWanted wanted) => Permits.Ask(wanted, row);

    public override byte[] Run(LedgerTurn turn)
    {
        var permit = turn.Permit(row.Id) ?? throw new CommandRefusedException("no-such-permit");
        if (permit.RedeemedSeq is not null)
            throw new CommandRefusedException("permit-used");
        return permit.EndedSeq is { } before
            ? new CommandAnswer(before, null, Already: true).ToBytes()
            : new CommandAnswer(Permits.End(turn, actor, permit, "given-back").Seq, null).ToBytes();
    }
}

/// <summary>Says what came of a contact. Said again otherwise, the last word counts, and both stay.</summary>
internal sealed class OutcomeCommand(Actor actor, PermitRow row, Outcome outcome) : LedgerCommand
{
    public override bool ReadsIdle => false;

    public override void Ask(RowsWanted wanted) => Permits.Ask(wanted, row);

    public override byte[] Run(LedgerTurn turn)
    {
        var permit = turn.Permit(row.Id) ?? throw new CommandRefusedException("no-such-permit");
        if (permit.RedeemedSeq is not { } redeemed)
            throw new CommandRefusedException("permit-unused");
        if (permit.Outcome == (short)outcome)
            return new CommandAnswer(permit.OutcomeSeq!.Value, null, Already: true).ToBytes();
        var record = turn.Append(RecordDraft.Of(RecordType.ContactOutcome, actor, record => record with
        {
            Subject = Permits.SubjectOf(turn, permit),
            About = [permit.Seq, redeemed],
            Detail = LeafValue.Map.Of(("permit", new OpaqueId(permit.Id)), ("outcome", Words<Outcome>.Of(outcome))),
        }));
        turn.Put(permit with { Outcome = (short)outcome, OutcomeSeq = record.Seq });
        return new CommandAnswer(record.Seq, record.Subject?.Sid.ToString()).ToBytes();
    }
}

/// <summary>What the commands on permits share.</summary>
internal static class Permits
{
    /// <summary>Records that change nothing of whether somebody may be contacted, beyond the counts that the permit itself holds a place in.</summary>
    public static bool IsIdle(RecordType type) => type is RecordType.DecisionAllowed or RecordType.DecisionDenied or RecordType.PermitIssued or RecordType.PermitRedeemed
        or RecordType.PermitRevoked or RecordType.ContactOutcome or RecordType.StaffRevealed or RecordType.StaffExport;

    /// <summary>Names what has to be known of one that something becomes of.</summary>
    public static void Ask(RowsWanted wanted, PermitRow row)
    {
        wanted.Permits.Add(row.Id);
        if (row.Sid is { } sid)
            wanted.Subjects.Add(sid);
    }

    /// <summary>Ends one that was not used, and says why.</summary>
    public static LedgerRecord End(LedgerTurn turn, Actor actor, PermitRow permit, string why)
    {
        var record = turn.Append(RecordDraft.Of(RecordType.PermitRevoked, actor, record => record with
        {
            Subject = SubjectOf(turn, permit),
            About = [permit.Seq],
            Detail = LeafValue.Map.Of(("permit", new OpaqueId(permit.Id)), ("why", why)),
        }));
        turn.Put(permit with { EndedSeq = record.Seq });
        return record;
    }

    /// <summary>Ends every permit of a number or address that could still be used: somebody said no.</summary>
    public static IEnumerable<long> EndAll(LedgerTurn turn, Actor actor, byte[] tag, SuppressionScope scope)
    {
        var now = Micros.Of(turn.Now);
        return [.. turn.PermitsOf(tag)
            .Where(row => row.RedeemedSeq is null && row.EndedSeq is null && row.Expires > now && scope.Channels.Has((Channel)row.Channel))
            .ToList().Select(row => End(turn, actor, row, "withdrawn").Seq)];
    }

    /// <summary>Whom it was for, if they are still known.</summary>
    public static Subject? SubjectOf(LedgerTurn turn, PermitRow permit) =>
        permit.Sid is { } sid && turn.RecordsOf(new OpaqueId(sid)).Count > 0 ? new Subject(turn.Person(new OpaqueId(sid)).Sid) : null;
}
