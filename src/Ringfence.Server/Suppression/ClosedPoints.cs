using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Suppression;

/// <summary>What the list of those not to be contacted closes of a number or address, as its person is told it.</summary>
/// <param name="rows">What stands against it.</param>
/// <param name="records">Of its person: a refusal may have been opened again in part.</param>
internal sealed class ClosedPoints(IReadOnlyList<SuppressionRow> rows, IReadOnlyList<LedgerRecord> records)
{
    /// <summary>Whether one channel is closed for one purpose.</summary>
    public bool IsShut(Channel channel, string purpose) => rows.Any(row => Closes(row, channel, purpose));

    /// <summary>Whether it is closed by something that the person did not say themselves, so that no yes of theirs opens it.</summary>
    public bool IsShutByOthers(Channel channel, string purpose) => rows.Any(row => !IsTheirs(row) && Closes(row, channel, purpose));

    /// <summary>Since when everything is closed, and nothing was opened again; null: it is not.</summary>
    public long? AllSince(ChannelSet channels) => AllBy(rows, channels);

    /// <summary>Whether everything is closed by something that no yes of theirs opens.</summary>
    public bool IsAllByOthers(ChannelSet channels) => AllBy(rows.Where(static row => !IsTheirs(row)), channels) is not null;

    private long? AllBy(IEnumerable<SuppressionRow> closing, ChannelSet channels) =>
        closing.Where(row => SuppressionScope.Of(row).Covers(new SuppressionScope(channels, null)) && !(row.Seq is { } seq && PartialLift.Exists(records, seq))).Select(static row => (long?)row.Since).FirstOrDefault();

    /// <summary>Whether the person said it, so that they may take it back. What an erasure closed no record names any more, so nobody can show what they would take back.</summary>
    public static bool IsTheirs(SuppressionRow row) => row.Seq is not null && row.By == (short)SuppressedBy.Person && row.Kind != (short)SuppressionKind.Restriction;

    private bool Closes(SuppressionRow row, Channel channel, string purpose) =>
        SuppressionScope.Of(row) is var scope && scope.Channels.Has(channel) && PartialLift.Within([purpose], scope.Purposes).Count > 0
        && !(row.Seq is { } seq && PartialLift.Opens(records, seq, channel, purpose));
}
