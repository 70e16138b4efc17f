using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Lists;
using Ringfence.People;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.People.Import;

/// <summary>What is known of a person already, as far as an import asks.</summary>
/// <param name="person">The person.</param>
/// <param name="batch">The import.</param>
/// <param name="sameFile">Whether an import was of these very lists.</param>
internal sealed class KnownContact(Person person, ImportBatch batch, Func<OpaqueId, bool> sameFile)
{
    private readonly List<LedgerRecord> added = [];

    public Person Person => person;

    private IEnumerable<LedgerRecord> Records => person.Records.Concat(added);

    /// <summary>Notes what was written of them meanwhile.</summary>
    public void Add(LedgerRecord record) => added.Add(record);

    /// <summary>Whether all these channels were refused or withdrawn before, whatever was said since: an import has nothing to add to that.</summary>
    public static bool IsClosed(Person person, ChannelSet channels) =>
        (channels & ~ClosedOf(person.Records.Where(static record => record.Subject?.Point is null && record.Scope?.Purposes is null))) == ChannelSet.None;

    /// <summary>Channels on which the person said no once, for one of the purposes; what they said since doesn't matter, for it stands by itself.</summary>
    public ChannelSet Closed(OpaqueId point) => ClosedOf(Records.Where(record =>
        (record.Subject?.Point is null || record.Subject?.Point == point) && (record.Scope?.Purposes is not { } purposes || purposes.Any(batch.Purposes.Contains))));

    /// <summary>Whether a record says of the point what the list says, of these channels at least.</summary>
    public bool Says(OpaqueId point, ImportedConsent consent, Digest? wording)
    {
        var (state, at, term) = (ImportRecords.StateOf(consent.Answer), ImportRecords.GivenAt(consent), ImportRecords.TermOf(consent));
        foreach (var record in Records)
        {
            if (record.Type == RecordType.ConsentImported && record.State == state && record.Subject?.Point == point && record.EventAt == at && record.ValidFor == term
                && record.Notice?.Doc == wording && (consent.Channels & ~SuppressionScope.Of(record.Scope).Channels) == ChannelSet.None
                && record.Scope?.Purposes is { } purposes && purposes.SequenceEqual(batch.Purposes))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What a row changes of them, beside names, numbers and addresses.</summary>
    public ContactChange ChangeBy(ImportedRow row)
    {
        var residence = row.IsFirst && row.Residence is not null && row.Residence != person.Residence
            && (person.Residence is null || ImportRecords.BasisOf(row.ResidenceGround) >= person.ResidenceBasis);
        var source = person.Source is not { } from || Person.Worse(from, row.Source) != from;
        bool? quarantine = row.Quarantine == QuarantineCause.None && batch.Passport is not null && Provenance.NeedsPassport(row.Source)
            && person.Status == PersonStatus.Quarantined && HeldByTheseLists()
                ? false
                : null;
        return new ContactChange(residence, source, row.IsMinor && !person.IsMinor, quarantine);
    }

    // A passport speaks for the list it was given with, and not for another one that the person stands on, too.
    private bool HeldByTheseLists() => person.Records.Where(static record => record.Detail?["quarantine"]?.AsText == "yes")
        .All(record => OpaqueId.TryParse(record.Detail?["batch"]?.AsText, out var by) && sameFile(by));

    private static ChannelSet ClosedOf(IEnumerable<LedgerRecord> records)
    {
        var closed = ChannelSet.None;
        foreach (var record in records)
        {
            if (record.State is RecordState.Withdrawn or RecordState.Refused)
                closed |= SuppressionScope.Of(record.Scope).Channels;
        }

        return closed;
    }
}
