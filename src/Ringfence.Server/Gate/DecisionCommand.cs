using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Gate;

/// <summary>Decides a contact in the serial order, on everything that was written before, and writes the answer down with what it was computed from.</summary>
/// <param name="actor">Who asks.</param>
/// <param name="gate">Judges.</param>
/// <param name="rules">Its rules, which are kept already.</param>
/// <param name="asked">What is stated from outside.</param>
/// <param name="facts">What was opened of the person.</param>
/// <param name="record">Whether it is written down.</param>
internal sealed class DecisionCommand(Actor actor, ContactGate gate, Digest rules, Situation asked, TurnFacts facts, bool record) : LedgerCommand
{
    /// <summary>The situation as it was judged, with the number itself; there once it was run.</summary>
    public Situation? Judged { get; private set; }

    /// <summary>The decision; there once it was run.</summary>
    public RecordedDecision? Decision { get; private set; }

    public override bool ReadsIdle => false;

    public override void Ask(RowsWanted wanted)
    {
        facts.Ask(wanted);
        if (record)
            wanted.Documents.Add(rules.Bytes.ToArray());
    }

    public override byte[] Run(LedgerTurn turn)
    {
        if (record && !turn.HasDocument(rules))
            throw new CommandRefusedException("rules-not-kept");
        var (situation, subject) = facts.SituationIn(turn, asked);
        Judged = situation;
        try
        {
            Decision = RecordedDecision.Decide(gate, rules, situation, turn.Size);
        }
        catch (ArgumentException e)
        {
            // Its message names a fact, never what it says.
            throw new CommandRefusedException("not-recordable", e.Message);
        }

        if (!record)
            return [];
        return new CommandAnswer(turn.Append(RecordDraft.Of(Decision.Verdict is Verdict.Allowed ? RecordType.DecisionAllowed : RecordType.DecisionDenied, actor, draft => draft with
        {
            Subject = subject,
            Decision = Decision.Whole,
            Pack = new PackInForce("rules", RecordedDecision.EngineNow, rules),
        })).Seq, subject?.Sid.ToString()).ToBytes();
    }
}

/// <summary>Keeps the rules in force as documents, so that what they decide can be decided again when the program has long other ones.</summary>
internal sealed class KeepRulesCommand(Actor actor, RulebookArchive rules) : LedgerCommand
{
    private const string Media = "text/plain";

    public override bool ReadsIdle => false;

    public override void Ask(RowsWanted wanted)
    {
        wanted.Documents.Add(rules.Digest.Bytes.ToArray());
        foreach (var document in rules.Documents)
            wanted.Documents.Add(document.Digest.Bytes.ToArray());
    }

    public override byte[] Run(LedgerTurn turn)
    {
        if (turn.HasDocument(rules.Digest))
            return new CommandAnswer(-1, null, Already: true).ToBytes();
        var seqs = new List<long>();
        foreach (var document in rules.Documents.Where(document => !turn.HasDocument(document.Digest)).DistinctBy(static document => document.Digest))
        {
            seqs.Add(turn.Publish(new DocumentRow(document.Digest.Bytes.ToArray(), Media, document.Bytes), RecordDraft.Of(RecordType.PackActivated, actor, record => record with
            {
                Notice = new Notice(document.Digest),
                Pack = new PackInForce(NameOf(document), RecordedDecision.EngineNow, document.Digest),
            })).Seq);
        }

        // The list of them comes last: whoever finds it finds all.
        seqs.Add(turn.Publish(new DocumentRow(rules.Digest.Bytes.ToArray(), Media, rules.List), RecordDraft.Of(RecordType.DocPublished, actor, record => record with
        {
            Notice = new Notice(rules.Digest),
            Detail = LeafValue.Map.Of(("kind", "rules")),
        })).Seq);
        return new CommandAnswer(seqs[^1], null, Also: seqs).ToBytes();
    }

    private static string NameOf(RuleDocument document) => $"{document.Kind}:{document.Name}" is var name && LeafText.Allows(name) ? name : document.Kind;
}
