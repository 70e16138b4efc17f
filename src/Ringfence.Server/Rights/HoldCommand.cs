using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Gateways;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rights;

/// <summary>Blocks all use of what is held of a person, without erasing it. Several reasons may hold them, and each has to be ended for itself.</summary>
/// <param name="actor">Who does it.</param>
/// <param name="sid">The person.</param>
/// <param name="reason">One of <see cref="Reasons"/>.</param>
/// <param name="evidence">What shows it: JSON, sealed; null: nothing.</param>
internal sealed class HoldCommand(Actor actor, OpaqueId sid, string reason, byte[]? evidence = null) : LedgerCommand
{
    /// <summary>They wrote something that may be a no, and nobody has read it yet.</summary>
    public const string Unclear = "unclear";

    /// <summary>They asked by law that what is held of them be used no more.</summary>
    public const string Objection = "objection";

    /// <summary>Why use is blocked: the cases of Article 18(1) GDPR, a claim that others have, and words that nobody has read yet.</summary>
    public static readonly string[] Reasons = ["legal-claim", "accuracy", "unlawful", Objection, Unclear, "other"];

    public override bool IsWithdrawal => true;

    public override void Ask(RowsWanted wanted) => wanted.Subjects.Add(sid.ToArray());

    public override byte[] Run(LedgerTurn turn)
    {
        var person = Holds.Of(turn, sid);
        // What they wrote once more is kept once more.
        if (evidence is null && person.Holds.Contains((person.Sid, reason)))
        {
            var before = person.Records.Last(record => record.Type == RecordType.ProcessingHeld && record.Subject!.Value.Sid == person.Sid && record.Detail?["reason"]?.AsText == reason);
            return new CommandAnswer(before.Seq, person.Sid.ToString(), Already: true).ToBytes();
        }

        var draft = Holds.Begun(actor, person.Sid, reason);
        if (evidence is not null)
            draft.Sealing(CommitGroup.Evidence, evidence);
        return new CommandAnswer(turn.Append(draft).Seq, person.Sid.ToString()).ToBytes();
    }
}

/// <summary>Ends a hold.</summary>
/// <param name="actor">Who does it.</param>
/// <param name="sid">The person.</param>
/// <param name="reason">The one to be ended; null: the only one there is. Whoever reads one message decides nothing about a claim.</param>
internal sealed class ReleaseCommand(Actor actor, OpaqueId sid, string? reason) : LedgerCommand
{
    public override void Ask(RowsWanted wanted) => wanted.Subjects.Add(sid.ToArray());

    public override byte[] Run(LedgerTurn turn)
    {
        var person = Holds.Of(turn, sid);
        string[] open = [.. person.Holds.Select(static hold => hold.Reason).Distinct().Order(StringComparer.Ordinal)];
        if (open.Length == 0 || (reason is not null && !open.Contains(reason)))
            throw new CommandRefusedException("not-held");
        if (reason is null && open.Length > 1)
            throw new CommandRefusedException("held-for-several", string.Join(", ", open));
        // Whoever is merged with them may be held by an own record.
        var ended = reason ?? open[0];
        var seqs = person.Holds.Where(hold => hold.Reason == ended).Select(static hold => hold.Whose).OrderBy(static whose => whose.ToString(), StringComparer.Ordinal).Select(whose => turn.Append(Holds.Ended(actor, whose, ended)).Seq).ToList();
        return new CommandAnswer(seqs[0], person.Sid.ToString(), Also: seqs).ToBytes();
    }
}

/// <summary>What both share.</summary>
internal static class Holds
{
    /// <summary>Whoever is to be held or released.</summary>
    public static Person Of(LedgerTurn turn, OpaqueId sid)
    {
        var person = turn.Person(sid);
        if (person.Records.Count == 0)
            throw new CommandRefusedException("not-a-contact");
        return person.Status == PersonStatus.Erased ? throw new CommandRefusedException("erased") : person;
    }

    /// <summary>Ends one, and with it what waited to be read because of it.</summary>
    /// <param name="installation">The installation.</param>
    /// <param name="ledger">Whose.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="sid">The person.</param>
    /// <param name="reason">The one to be ended; null: the only one there is.</param>
    /// <param name="cancel">Gives up before anything was written.</param>
    public static async Task<CommandAnswer> EndAsync(Installation installation, LedgerRow ledger, Actor actor, OpaqueId sid, string? reason, CancellationToken cancel)
    {
        CommandAnswer? answer = null;
        try
        {
            answer = CommandAnswer.Read(await (await installation.WriterAsync(ledger, cancel)).DoAsync(new ReleaseCommand(actor, sid, reason), cancel));
        }
        catch (CommandRefusedException e) when (e.Code == "not-held")
        {
            // It may have been ended by somebody who was stopped before what follows.
        }

        if (await Contacts.FindAsync(installation, ledger, sid, CancellationToken.None) is { Person: var person } && !person.Holds.Any(static hold => hold.Reason == HoldCommand.Unclear))
            await InboundTasks.EndAsync(installation, ledger, [person.Sid, .. person.Merged], CancellationToken.None);
        return answer ?? throw new CommandRefusedException("not-held");
    }

    /// <summary>That a hold begins.</summary>
    public static RecordDraft Begun(Actor actor, OpaqueId sid, string reason) => Draft(RecordType.ProcessingHeld, actor, sid, reason);

    /// <summary>That one ends.</summary>
    public static RecordDraft Ended(Actor actor, OpaqueId sid, string reason) => Draft(RecordType.ProcessingReleased, actor, sid, reason);

    private static RecordDraft Draft(RecordType type, Actor actor, OpaqueId sid, string reason) => RecordDraft.Of(type, actor, record => record with
    {
        Subject = new Subject(sid),
        Detail = LeafValue.Map.Of(("reason", reason)),
    });
}
