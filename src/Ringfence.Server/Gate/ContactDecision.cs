using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Gate;

/// <summary>The answer about a contact whom the ledger knows.</summary>
/// <param name="Situation">What was judged, with the number itself.</param>
/// <param name="Decision">The answer, with what it was computed from.</param>
/// <param name="Seq">The record that holds it; null: it was not written down.</param>
internal sealed record ContactDecision(Situation Situation, RecordedDecision Decision, long? Seq)
{
    // Somebody wrote about the person while it was read; a second try sees it.
    private const int MostTries = 5;

    /// <summary>What is committed of a contact, read from the store beside the serial order: for advice, which writes nothing.</summary>
    /// <returns>What is to be judged, and how many records were known at least.</returns>
    public static async Task<(Situation Situation, long AsOf)> AdviseAsync(Installation installation, LedgerRow ledger, Situation asked, PointTags tags, CancellationToken cancel)
    {
        // Read first: what is read after it may be newer, never older.
        var asOf = (await installation.Store.HeadAsync(ledger.Ledger, cancel)).Size;
        var facts = await LedgerFacts.ReadAsync(installation, ledger, tags, cancel);
        return (await facts.AdviseAsync(installation, ledger, asked, cancel), asOf);
    }

    /// <summary>Decides, and writes down where it is asked to.</summary>
    /// <exception cref="CommandRefusedException"><c>not-recordable</c>: a name in it is no word, or it depends on more than a record can hold.</exception>
    public static async Task<ContactDecision> MakeAsync(
        Installation installation, LedgerRow ledger, Actor actor, ContactGate gate, Situation asked, PointTags tags, bool record, CancellationToken cancel)
    {
        var writer = await installation.WriterAsync(ledger, cancel);
        var rules = RulebookArchive.Of(gate.Rules);
        asked = installation.Registers.On(asked, tags.Point, gate);
        if (record)
            await writer.DoAsync(new KeepRulesCommand(actor, rules), cancel);
        for (var tries = 1; ; tries++)
        {
            var facts = tries == 1 ? await TurnFacts.OfAsync(installation, ledger, tags, cancel) : await LedgerFacts.ReadAsync(installation, ledger, tags, cancel);
            var command = new DecisionCommand(actor, gate, rules.Digest, asked, facts, record);
            try
            {
                var answer = await writer.DoAsync(command, cancel);
                return new ContactDecision(command.Judged!, command.Decision!, record ? CommandAnswer.Read(answer).Seq : null);
            }
            catch (CommandRefusedException e) when (e.Code == "changed-meanwhile" && tries < MostTries)
            {
            }
        }
    }
}
