using Ringfence.Ledger;
using Ringfence.Lists;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.People.Import;

/// <summary>Makes the records of a contact nobody knows from one row.</summary>
internal sealed class NewContacts(ImportRecords records)
{
    /// <summary>What suppressions close of a number or address, for what is imported here.</summary>
    public ChannelSet ClosedBy(IEnumerable<SuppressionRow> rows)
    {
        var closed = ChannelSet.None;
        foreach (var row in rows)
        {
            var scope = SuppressionScope.Of(row);
            if (row.LiftedSeq is null && (scope.Purposes is null || scope.Purposes.Any(records.Batch.Purposes.Contains)))
                closed |= scope.Channels;
        }

        return closed;
    }

    /// <summary>Whether anything may be left to contact the person on: who refused everything is not kept, but for the refusal.</summary>
    public static bool IsOpen(PreparedRow row, IReadOnlyList<ChannelSet> closedPhones, IReadOnlyList<ChannelSet> closedEmails)
    {
        for (var i = 0; i < row.Phones.Count; i++)
        {
            if ((ChannelSet.Phone & ~(row.Row.Refusal.OfPerson | closedPhones[i])) != ChannelSet.None)
                return true;
        }

        for (var i = 0; i < row.Emails.Count; i++)
        {
            if ((ChannelSet.Email & ~(row.Row.Refusal.OfPerson | closedEmails[i])) != ChannelSet.None)
                return true;
        }

        return false;
    }

    /// <summary>Makes the records.</summary>
    /// <param name="prepared">The row.</param>
    /// <param name="sid">A name for the person.</param>
    /// <param name="closedPhones">What is closed for each number.</param>
    /// <param name="closedEmails">What is closed for each address.</param>
    /// <param name="isTaken">Whether a number or address leads to somebody else, and so stays theirs.</param>
    public NewContact Make(
        PreparedRow prepared, OpaqueId sid, IReadOnlyList<ChannelSet> closedPhones, IReadOnlyList<ChannelSet> closedEmails, Func<PointTags, bool> isTaken)
    {
        var (row, list) = (prepared.Row, prepared.List);
        var lookups = new List<LookupRow>(prepared.Phones.Count + prepared.Emails.Count);
        var phones = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var emails = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var main = Points(prepared.Phones, phones);
        var address = Points(prepared.Emails, emails);
        PersonalData? data = new()
        {
            Name = row.WholeName,
            Given = row.GivenName,
            Family = row.FamilyName,
            Company = row.Company,
            Phones = phones.Count > 0 ? phones : null,
            Emails = emails.Count > 0 ? emails : null,
        };
        var drafts = new List<RecordDraft>(row.Consents.Count + 1);
        var documents = new List<DocumentRow>();
        var taken = new List<ImportedConsent>(row.Consents.Count);
        var notReopened = 0;
        if (row.Refusal.OfPerson != ChannelSet.None)
            drafts.Add(records.Refusal(row, list, sid, Once(ref data)));
        foreach (var consent in row.Consents)
        {
            if ((consent.IsOfEmail ? address : main) is not { } point)
                continue;
            var open = consent.Channels & ~(consent.IsOfEmail ? closedEmails[0] : closedPhones[0]);
            if (open == ChannelSet.None)
            {
                notReopened++;
                continue;
            }

            var document = prepared.DocumentOf(consent);
            if (document is not null)
                documents.Add(document);
            var kept = consent with { Channels = open };
            taken.Add(kept);
            drafts.Add(records.Consent(row, list, new Subject(sid, point), kept, document is null ? null : new Digest(document.Digest), Once(ref data)));
        }

        if (data is not null)
            drafts.Add(records.Contact(row, list, sid, data));
        return new NewContact(sid, closedPhones, closedEmails, drafts, lookups, documents, taken, notReopened);

        // The first one's name is what a consent of the row is about; none where it is somebody else's.
        OpaqueId? Points(IReadOnlyList<PointTags> tags, SortedDictionary<string, string> named)
        {
            OpaqueId? first = null;
            for (var i = 0; i < tags.Count; i++)
            {
                if (isTaken(tags[i]))
                    continue;
                var point = Fresh.Id();
                named.Add(point.ToString(), tags[i].Point.Value);
                lookups.Add(new LookupRow(tags[i].Lookup, sid.ToArray(), point.ToArray()));
                if (i == 0)
                    first = point;
            }

            return first;
        }
    }

    // The first record carries the person, the others say nothing of them again.
    private static PersonalData? Once(ref PersonalData? data)
    {
        var first = data;
        data = null;
        return first;
    }
}
