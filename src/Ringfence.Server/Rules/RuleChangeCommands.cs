using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rules;

/// <summary>Asks that rules of the controller's own come into force, or are in force no longer. Somebody else has to agree.</summary>
/// <param name="actor">Who asks.</param>
/// <param name="id">A new name of the change.</param>
/// <param name="kind">House rules, or a pack of law.</param>
/// <param name="name">What the rules call themselves.</param>
/// <param name="document">The file that states them.</param>
/// <param name="retire">Whether they are to be in force no longer.</param>
internal sealed class AskRulesCommand(Actor actor, OpaqueId id, string kind, string name, byte[] document, bool retire) : LedgerCommand
{
    private readonly Digest digest = TreeHash.Sha256(document);

    public override void Ask(RowsWanted wanted)
    {
        wanted.WithRuleChanges = true;
        wanted.Documents.Add(digest.Bytes.ToArray());
    }

    public override byte[] Run(LedgerTurn turn)
    {
        // One thing is decided after the other: two changes of the same rules that wait would be agreed to without knowing of each other.
        if (turn.RuleChanges.Any(row => row.AnsweredSeq is null && row.Kind == kind && row.Name == name))
            throw new CommandRefusedException("rules-asked", name);
        var isInForce = RulesInForce.Of(turn.RuleChanges).Any(row => row.Kind == kind && row.Name == name && row.Doc.AsSpan().SequenceEqual(digest.Bytes));
        if (isInForce != retire)
            throw new CommandRefusedException(retire ? "rules-not-in-force" : "rules-in-force", name);
        var draft = RecordDraft.Of(RecordType.ConfigChanged, actor, record => record with
        {
            Notice = new Notice(digest),
            Detail = LeafValue.Map.Of(("what", RuleChangeRecords.AskedWord), ("change", id), ("kind", kind), ("name", name), ("rules", digest), ("act", retire ? "retire" : "activate")),
        });
        var record = turn.HasDocument(digest) ? turn.Append(draft) : turn.Publish(new DocumentRow(digest.Bytes.ToArray(), "text/plain", document), draft);
        turn.Put(new RuleChangeRow(id.ToString(), kind, name, digest.Bytes.ToArray(), retire, actor.Ref, record.Seq, null, null, null));
        return new CommandAnswer(record.Seq, null).ToBytes();
    }
}

/// <summary>Answers who asked for a change of rules: puts it in force, or not.</summary>
/// <param name="actor">Who answers; to agree, somebody else than who asked.</param>
/// <param name="id">The change.</param>
/// <param name="agreed">Yes or no.</param>
/// <param name="since">By which record the rules became what they were when the change was looked at.</param>
internal sealed class AnswerRulesCommand(Actor actor, string id, bool agreed, long since) : LedgerCommand
{
    public override void Ask(RowsWanted wanted) => wanted.WithRuleChanges = true;

    public override byte[] Run(LedgerTurn turn)
    {
        var row = turn.RuleChanges.FirstOrDefault(row => row.Id == id) ?? throw new CommandRefusedException("no-such-rules");
        if (row.AnsweredSeq is not null)
            throw new CommandRefusedException("rules-answered");
        // Invariant: nobody puts rules in force alone. Whoever asked may take it back.
        if (agreed && row.AskedBy == actor.Ref)
            throw new CommandRefusedException("rules-same-person");
        if (agreed && turn.RulesSeq != since)
            throw new CommandRefusedException("rules-changed");
        var digest = new Digest(row.Doc);
        var record = turn.Append(RecordDraft.Of(!agreed ? RecordType.ConfigChanged : row.Retire ? RecordType.PackRetired : RecordType.PackActivated, actor, record => record with
        {
            About = [row.Seq],
            Notice = agreed ? new Notice(digest) : null,
            Pack = agreed ? new PackInForce(row.Name, RecordedDecision.EngineNow, digest) : null,
            Detail = LeafValue.Map.Of(("what", agreed ? RuleChangeRecords.AgreedWord : RuleChangeRecords.DeclinedWord), ("change", OpaqueId.TryParse(id, out var named) ? named : throw new CommandRefusedException("no-such-rules"))),
        }));
        turn.Put(row with { AnsweredBy = actor.Ref, AnsweredSeq = record.Seq, Agreed = agreed });
        return new CommandAnswer(record.Seq, null).ToBytes();
    }
}

/// <summary>What records say of changes of a controller's own rules.</summary>
internal static class RuleChangeRecords
{
    public const string AskedWord = "rules-asked";
    public const string AgreedWord = "rules-agreed";
    public const string DeclinedWord = "rules-declined";

    /// <summary>What a record asks for; null: nothing of the kind.</summary>
    public static RuleChangeRow? Asked(LedgerRecord record) =>
        record is { Type: RecordType.ConfigChanged, Detail: { } detail } && detail["what"]?.AsText == AskedWord && detail["change"]?.AsText is { } id && detail["kind"]?.AsText is { } kind
            && detail["name"]?.AsText is { } name && Digest.TryParse(detail["rules"]?.AsText, out var digest)
            ? new RuleChangeRow(id, kind, name, digest.Bytes.ToArray(), detail["act"]?.AsText == "retire", record.Actor.Ref, record.Seq, null, null, null)
            : null;

    /// <summary>What a record answers; null: nothing of the kind.</summary>
    public static (string Id, bool Agreed)? Answered(LedgerRecord record)
    {
        if (record.Type is not (RecordType.ConfigChanged or RecordType.PackActivated or RecordType.PackRetired) || record.Detail?["change"]?.AsText is not { } id)
            return null;
        return record.Detail["what"]?.AsText switch { AgreedWord => (id, true), DeclinedWord => (id, false), _ => null };
    }
}
