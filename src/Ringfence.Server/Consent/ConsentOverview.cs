using NodaTime;
using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent;

/// <summary>How the consents at one number or address stand at an instant, by what was known then; and what closes it whatever they say.</summary>
/// <param name="Sid">The person; null: nobody is known by it.</param>
/// <param name="Lines">Channel and purpose by channel and purpose.</param>
/// <param name="Separate">Consents to what is no contact.</param>
/// <param name="Suppressions">What closes this number or address, now.</param>
internal sealed record ConsentOverview(OpaqueId? Sid, IReadOnlyList<ConsentLine> Lines, IReadOnlyList<SeparateConsent> Separate, IReadOnlyList<SuppressionRow> Suppressions)
{
    /// <summary>Reads it.</summary>
    /// <param name="known">Until when records count.</param>
    /// <param name="at">The instant that is asked about.</param>
    public static async Task<ConsentOverview> ReadAsync(Installation installation, LedgerRow ledger, PointTags tags, Instant known, Instant at, CancellationToken cancel)
    {
        var wanted = new RowsWanted();
        wanted.Points.Add(tags.Lookup);
        var rows = await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel);
        var closed = await Contacts.SuppressionsAsync(installation, ledger, [tags], cancel);
        if (rows.Lookups.Find(row => row.Tag.AsSpan().SequenceEqual(tags.Lookup)) is not { } lookup
            || await Contacts.FindAsync(installation, ledger, new OpaqueId(lookup.Sid), cancel) is not { } found)
        {
            return new ConsentOverview(null, [], [], closed);
        }

        var point = new OpaqueId(lookup.Point);
        LedgerRecord[] records = [.. found.Person.Records.Where(record => record.At <= known)];
        var lines = ConsentState.Fold(records).Lines(at).Where(line => line.Point is null || line.Point == point)
            // What reaches the number or address; a no to everything is one line, and stays.
            .Where(line => line.Channel is not { } channel || tags.Point.Channels.Has(channel));
        return new ConsentOverview(found.Person.Sid, [.. lines], SeparateConsent.Fold(records.Where(record => record.Subject?.Point is null || record.Subject?.Point == point), at), closed);
    }
}
