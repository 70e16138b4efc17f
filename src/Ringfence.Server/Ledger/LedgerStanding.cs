namespace Ringfence.Server.Ledger;

/// <summary>Whether a ledger may be relied on: what is there, against what is known of it elsewhere.</summary>
internal enum LedgerReadiness
{
    /// <summary>It holds everything that is known of it.</summary>
    Ready,

    /// <summary>The signer can't be asked, so nobody knows.</summary>
    Unsure,

    /// <summary>Fewer records are there than were signed: an older copy was put in its place.</summary>
    RolledBack,

    /// <summary>Other records are there than were signed.</summary>
    Forked,
}

/// <summary>How a ledger stands. Unless it is ready nothing is permitted; what it holds may be looked at and verified.</summary>
/// <param name="Readiness">Whether it may be relied on.</param>
/// <param name="Size">How many records there are.</param>
/// <param name="Known">The greatest size that is known to have been signed; 0: none.</param>
/// <param name="Why">What stands in the way, where it is unsure: English, for logs; null: nothing.</param>
internal sealed record LedgerStanding(LedgerReadiness Readiness, long Size, long Known, string? Why = null);
