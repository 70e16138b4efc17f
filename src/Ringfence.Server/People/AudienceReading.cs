using System.Buffers.Binary;
using System.Security.Cryptography;
using NodaTime;
using Ringfence.Files;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Rules;
using Ringfence.Server.Gate;
using Ringfence.Server.Gate.Snapshot;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.People;

/// <summary>A person as they were read for the index.</summary>
/// <param name="Sid">Who.</param>
/// <param name="Listed">As lists know them; null: they are not listed, because they were erased, stand with somebody else, or are nobody.</param>
/// <param name="Contact">What decisions ask of them; null where they are not listed.</param>
/// <param name="Found">With what could be opened of them; null where they are not listed.</param>
internal sealed record ReadPerson(OpaqueId Sid, AudiencePerson? Listed, KnownContact? Contact, FoundContact? Found);

/// <summary>Reads people from the store for the index: what decisions go by, and what is sealed of them, opened.</summary>
internal sealed class AudienceReading(Installation installation, LedgerRow ledger, NumberClasses classes, Rulebook rules)
{
    /// <summary>
    /// Reads some, in any order, by what a snapshot knows of them: only what it does not hold is read from the store and opened. Of whom it knows nothing now, all is read.
    /// </summary>
    /// <param name="sids">Who.</param>
    /// <param name="look">What decisions ask of a person; null: only the store can tell.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<IReadOnlyList<ReadPerson>> ReadAsync(IReadOnlyList<OpaqueId> sids, Func<OpaqueId, KnownContact?> look, CancellationToken cancel)
    {
        var (known, others, all) = (new Dictionary<OpaqueId, KnownContact>(sids.Count), new List<OpaqueId>(), new List<ReadPerson>(sids.Count));
        foreach (var sid in sids)
        {
            if (look(sid) is { Known: not null } contact)
                known[sid] = contact;
            else
                others.Add(sid);
        }

        var now = Instant.FromDateTimeOffset(installation.Time.GetUtcNow());
        foreach (var (person, data) in known.Count == 0 ? [] : await new SnapshotReading(installation, ledger, installation.SuppressionKeys.Current).OpenNamesAsync([.. known.Keys.Select(static sid => sid.ToArray())], cancel))
            all.Add(Of(person, data, TagsOf(person, data), known[person.Sid], now));
        if (others.Count > 0)
            all.AddRange(await ReadAsync(others, cancel));
        return all;
    }

    /// <summary>Reads some, in the order in which they were asked for.</summary>
    public async Task<IReadOnlyList<ReadPerson>> ReadAsync(IReadOnlyList<OpaqueId> sids, CancellationToken cancel)
    {
        var opened = (await new SnapshotReading(installation, ledger, installation.SuppressionKeys.Current).OpenAsync([.. sids.Select(static sid => sid.ToArray())], cancel))
            .Where(static one => one.Person.MergedInto is null).ToDictionary(static one => one.Person.Sid);
        var theirs = opened.ToDictionary(
            static one => one.Key, one => TagsOf(one.Value.Person, one.Value.Data));
        var wanted = new RowsWanted { WithRecords = false };
        foreach (var tags in theirs.Values.SelectMany(static all => all))
        {
            wanted.Points.Add(tags.Lookup);
            wanted.PermitsOf.Add(tags.Lookup);
        }

        var rows = await installation.LoadAsync(ledger, [.. theirs.Values.SelectMany(static all => all)], wanted, cancel);
        var leads = rows.Lookups.ToDictionary(static row => row.Tag, ByteArrays.Equal);
        var blocked = rows.Suppressions.Where(static row => row.LiftedSeq is null).ToLookup(static row => row.Tag, ByteArrays.Equal);
        var permits = rows.Permits.Where(static row => row.EndedSeq is null).ToLookup(static row => row.Tag, ByteArrays.Equal);
        var now = Instant.FromDateTimeOffset(installation.Time.GetUtcNow());
        return [.. sids.Select(sid => opened.TryGetValue(sid, out var one) ? Of(one, theirs[sid], leads, blocked, permits, now) : new ReadPerson(sid, null, null, null))];
    }

    private ReadPerson Of(
        OpenedPerson one, PointTags[] theirs, Dictionary<byte[], LookupRow> leads, ILookup<byte[], SuppressionRow> blocked, ILookup<byte[], PermitRow> permits, Instant now)
    {
        var (person, points) = (one.Person, new List<KnownPoint>(theirs.Length));
        var (standing, past) = (new List<SuppressionRow>(), new List<PermitRow>());
        foreach (var tags in theirs)
        {
            standing.AddRange(tags.Suppress.SelectMany(tag => blocked[tag]));
            past.AddRange(permits[tags.Lookup]);
            if (leads.TryGetValue(tags.Lookup, out var lead) && new OpaqueId(lead.Sid) is var whose && (whose == person.Sid || person.Merged.Contains(whose)))
                points.Add(new KnownPoint(tags.Lookup, new OpaqueId(lead.Point)));
        }

        return Of(person, one.Data, theirs, new KnownContact(one.Value.Known, points, [.. standing.Select(LedgerFacts.EntryOf)], past), now);
    }

    private PointTags[] TagsOf(Person person, PersonalData data) => [.. new FoundContact(person, data).Points().Select(static point => point.Point).Distinct().Select(installation.TagsOf)];

    private ReadPerson Of(Person person, PersonalData data, PointTags[] theirs, KnownContact contact, Instant now)
    {
        var (known, past) = (contact.Known, contact.Permits);
        var made = past.Where(static row => row.Redeemed is not null).Select(static row => row.Redeemed!.Value).DefaultIfEmpty().Max();
        return new ReadPerson(
            person.Sid,
            new AudiencePerson
            {
                Sid = person.Sid,
                Status = person.Status,
                Residence = person.Residence,
                ResidenceBasis = person.ResidenceBasis,
                Source = person.Source,
                Batch = person.Batch,
                First = person.Records[0].At,
                Last = person.Records[^1].At,
                Contacted = made == 0 ? null : Micros.ToInstant(made),
                Suppressed = contact.Blocked.Aggregate(ChannelSet.None, static (all, entry) => all | entry.Channels),
                Points = [.. theirs.Select(PointOf)],
                Consents = known?.Lines(now) ?? [],
                Names = data,
                // Who was contacted is like nobody; nor is whose number leads to somebody else.
                Alike = known is null || past.Count > 0 || contact.Points.Count != theirs.Length ? UInt128.Zero : AlikeOf(known, contact),
            },
            contact,
            new FoundContact(person, data));
    }

    private AudiencePoint PointOf(PointTags tags)
    {
        var (lookup, suppress) = (FirstBits(tags.Lookup), FirstBits(tags.Suppress[^1]));
        if (tags.Point.Kind != PointKind.Phone)
            return new AudiencePoint(lookup, suppress, 0, NumberClasses.Address);
        var number = NumberReader.Read(tags.Point.Value, Region.None).Number;
        return new AudiencePoint(lookup, suppress, number.Digits, classes.Of(number, rules));
    }

    /// <summary>The same for all whom the gate answers alike, number by number.</summary>
    public static UInt128 AlikeOf(KnownPerson known, KnownContact contact)
    {
        var to = new CompactWriter();
        known.Alike([.. contact.Points.Select(static point => point.Id)]).Write(to);
        to.Number(contact.Points.Count);
        foreach (var (channels, purposes, since, by, kind) in contact.Blocked
            .Select(static entry => (entry.Channels, Purposes: entry.Purposes is { } closed ? string.Join('\n', closed) : null, Since: entry.Since?.StartIn(DateTimeZone.Utc), entry.By, entry.Kind)).Order())
        {
            to.Number((long)channels);
            to.TextOrNull(purposes);
            to.Instant(since ?? Instant.MinValue);
            to.Byte((byte)by);
            to.Byte((byte)kind);
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(to.Written, hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    /// <summary>What an index knows a keyed hash by.</summary>
    public static ulong FirstBits(ReadOnlySpan<byte> tag) => BinaryPrimitives.ReadUInt64BigEndian(tag);
}
