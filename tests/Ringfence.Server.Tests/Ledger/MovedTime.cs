namespace Ringfence.Server.Tests.Ledger;

/// <summary>The clock of the machine, set wrong by so much.</summary>
internal sealed class MovedTime : TimeProvider
{
    public TimeSpan Ahead { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
}
