namespace Ringfence.Server.Tests.Ledger;

/// <summary>A clock that stands: what is counted by the quarter of an hour is counted in one, whenever the test runs.</summary>
internal sealed class StillTime : TimeProvider
{
    private readonly DateTimeOffset now = TimeProvider.System.GetUtcNow();

    public override DateTimeOffset GetUtcNow() => now;
}
