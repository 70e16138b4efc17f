using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Lists;
using Ringfence.Server.Storage;

namespace Ringfence.Server.People.Import;

/// <summary>A row on its way into the ledger: with the keyed hashes by which its person is found.</summary>
internal sealed class PreparedRow
{
    private IReadOnlyList<PointTags>? points;

    public required ImportedRow Row { get; init; }

    public required ReadList List { get; init; }

    /// <summary>In the order of the row.</summary>
    public required IReadOnlyList<PointTags> Phones { get; init; }

    /// <summary>In the order of the row.</summary>
    public required IReadOnlyList<PointTags> Emails { get; init; }

    /// <summary>Numbers that were only guessed at: for refusals.</summary>
    public required IReadOnlyList<PointTags> Guessed { get; init; }

    /// <summary>The words of each consent of the row that may be kept for ever; null where there are none.</summary>
    public required IReadOnlyList<DocumentRow?> Documents { get; init; }

    /// <summary>The contact it makes where nobody knows the person; null: it was not made ready.</summary>
    public NewContact? Ready { get; set; }

    /// <summary>All numbers and addresses by which somebody may be found.</summary>
    public IReadOnlyList<PointTags> Points => points ??= Emails.Count == 0 ? Phones : Phones.Count == 0 ? Emails : [.. Phones, .. Emails];

    /// <summary>The words of one consent.</summary>
    public DocumentRow? DocumentOf(ImportedConsent consent)
    {
        for (var i = 0; i < Documents.Count; i++)
        {
            if (ReferenceEquals(Row.Consents[i], consent))
                return Documents[i];
        }

        return null;
    }
}

/// <summary>The records of a contact nobody knew, made before it is certain that nobody does.</summary>
/// <param name="Sid">The person; the key is on the disk.</param>
/// <param name="ClosedPhones">Channels that were closed for each number when this was made.</param>
/// <param name="ClosedEmails">The same for each address.</param>
/// <param name="Drafts">The records, in order.</param>
/// <param name="Lookups">The ways to the person.</param>
/// <param name="Documents">The words agreed to.</param>
/// <param name="Consents">What of the consents was taken.</param>
/// <param name="NotReopened">How many consents were not, because the number or address is closed.</param>
internal sealed record NewContact(
    OpaqueId Sid, IReadOnlyList<ChannelSet> ClosedPhones, IReadOnlyList<ChannelSet> ClosedEmails, IReadOnlyList<RecordDraft> Drafts, IReadOnlyList<LookupRow> Lookups,
    IReadOnlyList<DocumentRow> Documents, IReadOnlyList<ImportedConsent> Consents, int NotReopened);
