using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Lists;
using Ringfence.Server.Storage;

namespace Ringfence.Server.People.Import;

/// <summary>The names of people who are in the store, as keys that are equal for the same name; opened, compared, and not kept.</summary>
internal sealed class StoredNames(Installation installation, LedgerRow ledger)
{
    /// <summary>Opens the names of everybody whose records were found.</summary>
    public Dictionary<OpaqueId, ulong> Of(StoredRows rows)
    {
        var names = new Dictionary<OpaqueId, ulong>();
        if (rows.Subjects.Count == 0)
            return names;
        var into = rows.Subjects.ToDictionary(static row => new OpaqueId(row.Sid), static row => row.MergedInto);
        var whose = new Dictionary<long, OpaqueId>();
        var carrying = new RowsWanted { WithRecords = false };
        foreach (var row in rows.SubjectRecords)
        {
            if (!rows.Records.TryGetValue(row.Seq, out var stored) || StoredRecord.Read(stored).Commits?.Person is null)
                continue;
            carrying.Sealed.Add(row.Seq);
            whose[row.Seq] = HolderOf(new OpaqueId(row.Sid), into);
        }

        var data = new Dictionary<OpaqueId, PersonalData>();
        foreach (var row in installation.Store.LoadAsync(ledger.Ledger, carrying, CancellationToken.None).GetAwaiter().GetResult().Sealed.OrderBy(static row => row.Seq))
        {
            if (row.Group != (short)CommitGroup.Person)
                continue;
            var opened = installation.OpenAsync(StoredRecord.Read(rows.Records[row.Seq]), row, CancellationToken.None).GetAwaiter().GetResult();
            if (opened is { Content: var content })
                data[whose[row.Seq]] = data.GetValueOrDefault(whose[row.Seq], new PersonalData()).With(PersonalData.Read(content));
        }

        foreach (var (sid, known) in data)
            names[sid] = NameKey.Of(known.Name, known.Given, known.Family);
        return names;
    }

    /// <summary>Opens the name of one person; 0 where there is none.</summary>
    public ulong Of(OpaqueId sid) =>
        Contacts.FindAsync(installation, ledger, sid, CancellationToken.None).GetAwaiter().GetResult() is { } found
            ? NameKey.Of(found.Data.Name, found.Data.Given, found.Data.Family)
            : 0;

    private static OpaqueId HolderOf(OpaqueId sid, Dictionary<OpaqueId, byte[]?> into)
    {
        for (var step = 0; step < into.Count && into.GetValueOrDefault(sid) is { } holder; step++)
            sid = new OpaqueId(holder);
        return sid;
    }
}
