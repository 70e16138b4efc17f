using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Gate;

/// <summary>What was permitted of a number before, as the gate counts it.</summary>
internal static class PermitHistory
{
    /// <summary>An event for each contact that was made or may still be made. Who let a permit lapse made none.</summary>
    /// <param name="permits">All permits of the person's numbers and addresses.</param>
    /// <param name="asked">The tag of the one asked about.</param>
    /// <param name="number">That number; null: it is an address.</param>
    /// <param name="now">The time of the turn, in microseconds.</param>
    public static IEnumerable<PastEvent> Of(IEnumerable<PermitRow> permits, byte[] asked, string? number, long now) =>
        from row in permits
        where row.EndedSeq is null && (row.Redeemed is not null || row.Expires > now)
        let isSame = row.Tag.AsSpan().SequenceEqual(asked)
        select new PastEvent
        {
            At = Micros.ToInstant(row.Redeemed ?? row.Issued),
            Channel = (Channel)row.Channel,
            Purpose = row.Purpose,
            Agent = row.Agent,
            Subject = row.Subject,
            Campaign = row.Campaign,
            Number = isSame ? number : Another,
            Outcome = row.Outcome is { } outcome ? (Outcome)outcome : Unknown((Channel)row.Channel),
        };

    // Any other number of theirs: which one is nobody's business here.
    private const string Another = "other";

    // Of a contact whose outcome nobody told it is assumed that it reached the person: so it counts wherever contacts are counted.
    private static Outcome Unknown(Channel channel) => channel is Channel.Voice or Channel.VoiceAuto ? Outcome.Answered : Outcome.Sent;
}
