using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>Makes the projections of a ledger anew from its records alone, and puts them in the place of the old ones at once.</summary>
internal static class Rebuild
{
    // As many records as are held in memory at a time; what is more goes into files, by persons.
    private const int RecordsAtOnce = 1_000_000;
    private const int PeopleAtOnce = 1_000;
    private const int MostParts = 256;

    /// <summary>Does it.</summary>
    /// <param name="store">The store.</param>
    /// <param name="ledger">The ledger.</param>
    /// <param name="progress">Told how many records have been read, of twice their number.</param>
    /// <param name="cancel">Gives up; the old projections then stay.</param>
    /// <returns>Digests of what was there and of what is there now.</returns>
    /// <exception cref="StoreException"><see cref="StoreFault.Damaged"/>: a record is not what its hash says, or the tree is another one than the head's. Nothing is changed.</exception>
    public static Task<(Digest Before, Digest After)> RunAsync(ILedgerStore store, long ledger, IProgress<long>? progress, CancellationToken cancel) =>
        RunAsync(store, ledger, RecordsAtOnce, progress, cancel);

    /// <inheritdoc cref="RunAsync(ILedgerStore, long, IProgress{long}, CancellationToken)"/>
    internal static async Task<(Digest Before, Digest After)> RunAsync(ILedgerStore store, long ledger, int recordsAtOnce, IProgress<long>? progress, CancellationToken cancel)
    {
        var before = await StateDigest.OfAsync(store, ledger, cancel);
        using var digest = new StateDigest();
        await store.ReplaceProjectionsAsync(ledger, RowsAsync(store, ledger, digest, recordsAtOnce, progress, cancel), cancel);
        return (before, digest.Value());
    }

    /// <summary>The digest that projections made from the records have. Changes nothing.</summary>
    public static async Task<Digest> DigestAsync(ILedgerStore store, long ledger, CancellationToken cancel)
    {
        using var digest = new StateDigest();
        await foreach (var _ in RowsAsync(store, ledger, digest, RecordsAtOnce, null, cancel))
        {
        }

        return digest.Value();
    }

    private static async IAsyncEnumerable<ProjectionRows> RowsAsync(
        ILedgerStore store, long ledger, StateDigest digest, int recordsAtOnce, IProgress<long>? progress, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var head = await store.HeadAsync(ledger, cancel);
        var merges = new Merges();
        await foreach (var rows in TilesAsync(store, ledger, head, merges, progress, cancel))
            yield return rows;

        using var parts = new RecordParts((int)Math.Clamp(head.Size / recordsAtOnce, 1, MostParts));
        await foreach (var row in store.RecordsAsync(ledger, 0, head.Size, cancel))
        {
            var record = StoredRecord.Read(row);
            foreach (var part in Projection.PeopleOf(record).SelectMany(merges.AllOf).Select(parts.PartOf).Distinct())
                parts.Add(part, row.Body);
            if (row.Seq % PeopleAtOnce == 0)
                progress?.Report(head.Size + row.Seq);
        }

        for (var part = 0; part < parts.Count; part++)
        {
            foreach (var rows in PeopleRows(parts, part, merges, digest))
                yield return rows;
        }
    }

    private static async IAsyncEnumerable<ProjectionRows> TilesAsync(
        ILedgerStore store, long ledger, HeadRow head, Merges merges, IProgress<long>? progress,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var growth = new TileGrowth();
        var frontier = new Frontier();
        var rows = new ProjectionRows();
        await foreach (var row in store.RecordsAsync(ledger, 0, head.Size, cancel))
        {
            var leaf = TreeHash.Leaf(row.Body);
            if (row.Seq != frontier.Size || !leaf.Bytes.SequenceEqual(row.Leaf))
                throw new StoreException(StoreFault.Damaged, $"Record {row.Seq} of the ledger is not what its hash says.");
            merges.Note(StoredRecord.Read(row));
            frontier.Append(leaf);
            growth.Append(leaf, (tile, hashes) => rows.Tiles.Add(new TileRow(tile.Level, tile.Index, MemoryMarshal.AsBytes(hashes).ToArray())));
            if (row.Seq % PeopleAtOnce == 0)
                progress?.Report(row.Seq);
            if (rows.Tiles.Count == 0)
                continue;
            yield return rows;
            rows = new ProjectionRows();
        }

        if (frontier.Size != head.Size || !frontier.ToBytes().AsSpan().SequenceEqual(head.Frontier))
            throw new StoreException(StoreFault.Damaged, "The records of the ledger do not make the tree that its head tells of.");
    }

    private static IEnumerable<ProjectionRows> PeopleRows(RecordParts parts, int part, Merges merges, StateDigest digest)
    {
        var histories = new SortedDictionary<OpaqueId, List<LedgerRecord>>(Comparer<OpaqueId>.Create(static (a, b) => a.Value.CompareTo(b.Value)));
        foreach (var record in parts.Read(part))
        {
            foreach (var sid in Projection.PeopleOf(record).SelectMany(merges.AllOf).Distinct())
            {
                if (parts.PartOf(sid) != part)
                    continue;
                if (!histories.TryGetValue(sid, out var history))
                    histories.Add(sid, history = []);
                history.Add(record);
            }
        }

        foreach (var some in histories.Chunk(PeopleAtOnce))
        {
            var rows = new ProjectionRows();
            foreach (var (sid, history) in some)
                Add(rows, sid, history, digest);
            yield return rows;
        }
    }

    private static void Add(ProjectionRows rows, OpaqueId sid, List<LedgerRecord> history, StateDigest digest)
    {
        var person = Person.Of(sid, history);
        var (subject, consents) = (Projection.SubjectOf(person), Projection.ConsentsOf(person).ToList());
        SubjectRecordRow[] stands = [.. history.Where(record => Projection.PeopleOf(record).Contains(sid)).Select(record => Projection.StandsIn(sid, record))];
        consents.Sort(ConsentOrder);
        digest.Add(subject, stands);
        consents.ForEach(digest.Add);
        rows.Subjects.Add(subject);
        rows.Consents.AddRange(consents);
        rows.SubjectRecords.AddRange(stands);
    }

    private static int ConsentOrder(ConsentRow a, ConsentRow b)
    {
        var point = a.Point.AsSpan().SequenceCompareTo(b.Point);
        return point != 0 ? point : a.Channel != b.Channel ? a.Channel.CompareTo(b.Channel) : string.CompareOrdinal(a.Purpose, b.Purpose);
    }

    /// <summary>Who was ever merged with whom: each of them needs the records of all to be summed up.</summary>
    private sealed class Merges
    {
        private readonly Dictionary<OpaqueId, HashSet<OpaqueId>> groups = [];

        public void Note(LedgerRecord record)
        {
            if (record.Type is not RecordType.ContactMerged)
                return;
            var group = Projection.PeopleOf(record).SelectMany(AllOf).ToHashSet();
            foreach (var sid in group)
                groups[sid] = group;
        }

        public HashSet<OpaqueId> AllOf(OpaqueId sid) => groups.TryGetValue(sid, out var group) ? group : [sid];
    }
}

/// <summary>Records set aside by the persons they are about: those of the first ids in the first part. One part is kept in memory, more in files that are gone afterwards.</summary>
internal sealed class RecordParts : IDisposable
{
    private readonly Stream[] parts;

    public RecordParts(int count)
    {
        Count = count;
        parts = new Stream[count];
        for (var i = 0; i < count; i++)
        {
            parts[i] = count == 1
                ? new MemoryStream()
                : new FileStream(Path.GetTempFileName(), FileMode.Truncate, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        }
    }

    /// <summary>How many parts.</summary>
    public int Count { get; }

    /// <summary>In which part a person is; ids rise with the parts.</summary>
    public int PartOf(OpaqueId sid) => (int)((ulong)(sid.Value >> 96) * (ulong)Count >> 32);

    /// <summary>Adds a record.</summary>
    public void Add(int part, byte[] body)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, body.Length);
        parts[part].Write(length);
        parts[part].Write(body);
    }

    /// <summary>The records of a part, in the order in which they were added.</summary>
    public IEnumerable<LedgerRecord> Read(int part)
    {
        var file = parts[part];
        file.Position = 0;
        var length = new byte[sizeof(int)];
        while (file.ReadAtLeast(length, sizeof(int), throwOnEndOfStream: false) == sizeof(int))
        {
            var body = new byte[BinaryPrimitives.ReadInt32LittleEndian(length)];
            file.ReadExactly(body);
            if (RecordReader.TryRead(body, out var record, out _))
                yield return record;
        }
    }

    public void Dispose()
    {
        foreach (var part in parts)
            part?.Dispose();
    }
}
