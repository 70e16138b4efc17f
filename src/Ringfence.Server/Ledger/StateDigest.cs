using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Ringfence.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>One digest over what is projected of the people of a ledger: equal digests, equal rows.</summary>
/// <remarks>Person by person in the order of their ids: the row, the records they stand in, their consents. Tiles are no part of it: they follow when a checkpoint is made.</remarks>
internal sealed class StateDigest : IDisposable
{
    private const int PeopleAtOnce = 500;

    private readonly IncrementalHash people = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] eight = new byte[sizeof(long)];

    /// <summary>The digest of what is stored.</summary>
    public static async Task<Digest> OfAsync(ILedgerStore store, long ledger, CancellationToken cancel)
    {
        using var digest = new StateDigest();
        await using var stands = new RowCursor<SubjectRecordRow>(store.SubjectRecordsAsync(ledger, cancel));
        await using var consents = new RowCursor<ConsentRow>(store.ConsentStatesAsync(ledger, cancel));
        await stands.NextAsync();
        await consents.NextAsync();
        byte[]? last = null;
        while (await store.SubjectsAsync(ledger, last, PeopleAtOnce, cancel) is { Count: > 0 } page)
        {
            foreach (var subject in page)
            {
                // Whatever stands before the person's own belongs to nobody, and counts as it stands.
                await StrayAsync(subject.Sid);
                var mine = new List<SubjectRecordRow>();
                for (; stands.Has && stands.Current.Sid.AsSpan().SequenceEqual(subject.Sid); await stands.NextAsync())
                    mine.Add(stands.Current);
                digest.Add(subject, mine);
                for (; consents.Has && consents.Current.Sid.AsSpan().SequenceEqual(subject.Sid); await consents.NextAsync())
                    digest.Add(consents.Current);
            }

            last = page[^1].Sid;
        }

        await StrayAsync(null);
        return digest.Value();

        async Task StrayAsync(byte[]? until)
        {
            for (; stands.Has && (until is null || stands.Current.Sid.AsSpan().SequenceCompareTo(until) < 0); await stands.NextAsync())
                digest.Add(stands.Current);
            for (; consents.Has && (until is null || consents.Current.Sid.AsSpan().SequenceCompareTo(until) < 0); await consents.NextAsync())
                digest.Add(consents.Current);
        }
    }

    /// <summary>Adds a person; to be called in the order of ids, their consents after it.</summary>
    public void Add(SubjectRow row, IEnumerable<SubjectRecordRow> records)
    {
        Begin('S');
        Bytes(row.Sid);
        Bytes(row.MergedInto);
        Number(row.Status);
        Text(row.Residence);
        Text(row.Source);
        Bytes(row.Batch);
        Number(row.FirstAt);
        Number(row.LastAt);
        foreach (var record in records)
            Stands(record);
    }

    /// <summary>Adds a consent; to be called in the order of person, point, channel and purpose.</summary>
    public void Add(ConsentRow row)
    {
        Begin('C');
        Bytes(row.Sid);
        Bytes(row.Point);
        Number(row.Channel);
        Text(row.Purpose);
        Number(row.State);
        Number(row.Seq);
        Number(row.At);
        Number(row.Until ?? long.MinValue);
    }

    /// <summary>The digest.</summary>
    public Digest Value() => new(people.GetHashAndReset());

    public void Dispose() => people.Dispose();

    // Of nobody: no person who is there.
    private void Add(SubjectRecordRow row)
    {
        Begin('R');
        Bytes(row.Sid);
        Stands(row);
    }

    private void Stands(SubjectRecordRow row)
    {
        Number(row.Seq);
        Number(row.Idle ? 1 : 0);
    }

    private void Begin(char kind) => people.AppendData([(byte)kind]);

    private void Number(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(eight, value);
        people.AppendData(eight);
    }

    private void Text(string? text) => Bytes(text is null ? null : Encoding.UTF8.GetBytes(text));

    // With its length, so that no two rows run into the same bytes; nothing and an empty text differ.
    private void Bytes(byte[]? bytes)
    {
        Number(bytes?.Length ?? -1);
        if (bytes is not null)
            people.AppendData(bytes);
    }
}
