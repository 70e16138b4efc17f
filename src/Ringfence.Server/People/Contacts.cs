using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.People;

/// <summary>A person as found in the store, with what could be opened of them.</summary>
/// <param name="Person">Where they stand.</param>
/// <param name="Data">Names, numbers and addresses; empty where nothing can be opened any more.</param>
internal sealed record FoundContact(Person Person, PersonalData Data)
{
    /// <summary>Their numbers and addresses.</summary>
    public IEnumerable<(OpaqueId Id, ContactPoint Point)> Points()
    {
        foreach (var (id, value) in Data.Phones ?? [])
        {
            if (OpaqueId.TryParse(id, out var point) && ContactPoint.TryRead(value, Region.None, out var phone))
                yield return (point, phone);
        }

        foreach (var (id, value) in Data.Emails ?? [])
        {
            if (OpaqueId.TryParse(id, out var point) && ContactPoint.TryRead(value, Region.None, out var email))
                yield return (point, email);
        }
    }
}

/// <summary>Finding people, and opening what is sealed of them.</summary>
internal static class Contacts
{
    /// <summary>Whom a number or address belongs to; null: nobody known.</summary>
    /// <param name="withIdle">Whether with what was permitted and decided about them.</param>
    public static async Task<FoundContact?> FindAsync(Installation installation, LedgerRow ledger, PointTags tags, CancellationToken cancel, bool withIdle = true)
    {
        var wanted = new RowsWanted { WithPoints = true, WithIdle = withIdle };
        wanted.Points.Add(tags.Lookup);
        var rows = await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel);
        var lookup = rows.Lookups.Find(row => row.Tag.AsSpan().SequenceEqual(tags.Lookup));
        return lookup is null ? null : await OpenAsync(installation, ledger, new OpaqueId(lookup.Sid), rows, cancel);
    }

    /// <summary>A person by name; null: no such.</summary>
    public static async Task<FoundContact?> FindAsync(Installation installation, LedgerRow ledger, OpaqueId sid, CancellationToken cancel)
    {
        var wanted = new RowsWanted { WithPoints = true };
        wanted.Subjects.Add(sid.ToArray());
        var rows = await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel);
        return rows.Records.Count == 0 ? null : await OpenAsync(installation, ledger, sid, rows, cancel);
    }

    /// <summary>All numbers and addresses of whoever one of them belongs to; that one alone, where nobody is known.</summary>
    public static async Task<IReadOnlyList<PointTags>> PointsOfAsync(Installation installation, LedgerRow ledger, PointTags tags, CancellationToken cancel) =>
        await FindAsync(installation, ledger, tags, cancel, withIdle: false) is { } found
            ? [.. found.Points().Select(point => installation.TagsOf(point.Point)).Append(tags).DistinctBy(static t => t.Point)]
            : [tags];

    /// <summary>What stands against some numbers and addresses.</summary>
    public static async Task<IReadOnlyList<SuppressionRow>> SuppressionsAsync(Installation installation, LedgerRow ledger, IEnumerable<PointTags> tags, CancellationToken cancel) =>
        [.. (await installation.SuppressionsAsync(ledger, [.. tags], cancel)).Where(static row => row.LiftedSeq is null)];

    private static async Task<FoundContact> OpenAsync(Installation installation, LedgerRow ledger, OpaqueId sid, StoredRows rows, CancellationToken cancel)
    {
        var into = rows.Subjects.ToDictionary(static row => new OpaqueId(row.Sid), static row => row.MergedInto);
        for (var step = 0; step < into.Count && into.GetValueOrDefault(sid) is { } holder; step++)
            sid = new OpaqueId(holder);
        var records = rows.Records.Values.Select(StoredRecord.Read).ToDictionary(static record => record.Seq);
        var person = Person.Of(sid, records.Values);
        var data = new PersonalData();
        if (person.CarriedBy.Count > 0)
        {
            var wanted = new RowsWanted { WithRecords = false };
            wanted.Sealed.UnionWith(person.CarriedBy);
            var @sealed = await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel);
            var rowsOf = @sealed.Sealed.Where(static row => row.Group == (short)CommitGroup.Person).ToLookup(static row => row.Seq);
            foreach (var record in person.NamedBy)
            {
                if (rowsOf[record.Seq].FirstOrDefault() is { } row && await installation.OpenAsync(record, row, cancel) is { } opened)
                    data = data.With(PersonalData.Read(opened.Content));
            }
        }

        return new FoundContact(person, data);
    }
}
