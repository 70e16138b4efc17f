using NodaTime;
using Ringfence.Ledger;
using Ringfence.Staff;

namespace Ringfence.Server.Staff;

/// <summary>A member of staff who is signed in, as of this request.</summary>
/// <param name="Account">Their account: opaque, as records name it.</param>
/// <param name="Name">As they are called.</param>
/// <param name="Language">The one they chose, BCP 47; null: what the browser asks for.</param>
/// <param name="Rights">What they may do, by controller. One that is not there is none of theirs.</param>
/// <param name="SteppedUpAt">When they last showed again that it is them; null: not since they signed in.</param>
/// <param name="FormToken">What their forms carry.</param>
internal sealed record SignedIn(string Account, string Name, string? Language, IReadOnlyDictionary<string, Right> Rights, Instant? SteppedUpAt, string FormToken)
{
    /// <summary>As records name them.</summary>
    public Actor Actor => new(ActorKind.Staff, Account);

    /// <summary>Whether single letters act as keys.</summary>
    public bool LetterKeys { get; init; } = true;

    /// <summary>What they may do for the installation as a whole, and so for every controller.</summary>
    public Right Everywhere { get; init; }

    /// <summary>What they may do for a controller.</summary>
    public Right For(string controller) => Rights.GetValueOrDefault(controller);
}
