using NodaTime;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.People;

namespace Ringfence.Server.Suppression;

/// <summary>What somebody had closed themselves, and opens again by a yes that a code confirmed from the number or address.</summary>
internal static class OwnNoes
{
    /// <summary>Opens each no of theirs so far as each yes reaches; the command itself sees to it that nothing else is opened.</summary>
    /// <param name="call">The page by which they said yes.</param>
    /// <param name="actor">Who writes it down.</param>
    /// <param name="tags">The number or address that the code went to.</param>
    /// <param name="answered">When they said yes. A no that came after it, and before the code, is the last word.</param>
    /// <param name="confirmed">The records of the confirmed yeses.</param>
    public static async Task LiftAsync(PageCall call, Actor actor, PointTags tags, Instant answered, IReadOnlyList<long> confirmed)
    {
        foreach (var row in (await Contacts.SuppressionsAsync(call.Installation, call.Ledger, [tags], call.Cancel)).Where(row => ClosedPoints.IsTheirs(row) && row.Since <= Micros.Of(answered)))
        {
            foreach (var yes in confirmed.Where(yes => row.Seq is { } seq && seq < yes))
            {
                try
                {
                    await call.DoAsync(LiftCommand.ByOptIn(actor, tags, row.Seq!.Value, yes));
                }
                catch (CommandRefusedException e) when (e.Code is "not-confirmed" or "not-theirs" or "no-such-suppression")
                {
                    // It closes something else, or a yes before has lifted all of it.
                }
            }
        }
    }
}
