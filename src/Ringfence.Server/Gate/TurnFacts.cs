using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Gate;

/// <summary>What is known of a person before the serial order is asked, and holds there only if nothing was written about them since.</summary>
/// <param name="asked">The number or address that would be contacted.</param>
internal abstract class TurnFacts(PointTags asked)
{
    /// <summary>The number or address that would be contacted.</summary>
    public PointTags Asked { get; } = asked;

    /// <summary>Something was written since: it has to be read anew.</summary>
    protected static CommandRefusedException Changed => new("changed-meanwhile");

    /// <summary>By heart, where that is enough, and else read from the store.</summary>
    public static async ValueTask<TurnFacts> OfAsync(Installation installation, LedgerRow ledger, PointTags asked, CancellationToken cancel) =>
        (TurnFacts?)installation.Snapshots?.Of(ledger)?.FactsOf(asked) ?? await LedgerFacts.ReadAsync(installation, ledger, asked, cancel);

    /// <summary>Names the rows that <see cref="SituationIn"/> needs.</summary>
    public abstract void Ask(RowsWanted wanted);

    /// <summary>The situation as it stands at the head of the ledger.</summary>
    /// <exception cref="CommandRefusedException"><c>changed-meanwhile</c>: something was written about the person since this was read.</exception>
    public abstract (Situation Situation, Subject? Subject) SituationIn(LedgerTurn turn, Situation asked);
}
