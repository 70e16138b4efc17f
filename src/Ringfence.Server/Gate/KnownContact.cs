using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Gate;

/// <summary>A number or address of somebody, by what leads to it and by its name in the ledger.</summary>
internal readonly record struct KnownPoint(byte[] Lookup, OpaqueId Id);

/// <summary>All that the ledger adds to a decision about a person, whichever of their numbers and addresses is asked about.</summary>
/// <param name="Known">The person; null: only the store can tell, each time.</param>
/// <param name="Points">The numbers and addresses that lead to them.</param>
/// <param name="Blocked">What stands against any of theirs.</param>
/// <param name="Permits">What was permitted of any of theirs.</param>
internal sealed record KnownContact(KnownPerson? Known, IReadOnlyList<KnownPoint> Points, IReadOnlyList<SuppressionEntry> Blocked, IReadOnlyList<PermitRow> Permits)
{
    /// <summary>What is to be judged where one of their numbers or addresses is asked about.</summary>
    /// <param name="asked">The question, with what is stated.</param>
    /// <param name="point">Which one.</param>
    /// <param name="number">The number; null: it is an address.</param>
    public Situation Of(Situation asked, KnownPoint point, string? number) => PersonFacts.Of(LedgerFacts.Stated(asked, point.Lookup, number, Permits), Known, point.Id, Blocked);
}
