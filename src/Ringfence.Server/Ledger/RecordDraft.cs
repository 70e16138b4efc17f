using System.Buffers.Binary;
using System.Security.Cryptography;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>A record that has no place yet, with what is sealed beside it.</summary>
/// <remarks>Its id is made at once, so that it can be sealed before it is known where it will stand.</remarks>
internal sealed class RecordDraft
{
    private readonly List<(CommitGroup Group, byte[] Plaintext)> openings = [];
    private readonly List<(CommitGroup Group, SealedBlob Blob)> blobs = [];
    private ReadOnlyMemory<byte>? scan;
    private SealedBlob? sealedScan;

    private RecordDraft(LedgerRecord record) => Record = record;

    /// <summary>The record; place, time and controller are set when it gets its place.</summary>
    public LedgerRecord Record { get; private set; }

    /// <summary>Further persons in whose history it stands.</summary>
    public List<OpaqueId> AlsoAbout { get; } = [];

    /// <summary>Whether something of it is not sealed yet.</summary>
    public bool IsOpen => openings.Count > 0 || scan is not null;

    /// <summary>Begins a record.</summary>
    public static RecordDraft Of(RecordType type, Actor actor, Func<LedgerRecord, LedgerRecord>? with = null)
    {
        var record = new LedgerRecord
        {
            Seq = 0, Id = Fresh.Id(), Type = type, At = LedgerTime.First, Controller = default, Actor = actor,
        };
        return new RecordDraft(with is null ? record : with(record));
    }

    /// <summary>Adds what only its person's key opens: JSON.</summary>
    public RecordDraft Sealing(CommitGroup group, byte[] plaintext)
    {
        openings.Add((group, plaintext));
        return this;
    }

    /// <summary>Adds the scan that its evidence names.</summary>
    public RecordDraft Keeping(ScanFile file)
    {
        scan = file.Content;
        return this;
    }

    /// <summary>Fills in what is known only later.</summary>
    public RecordDraft Set(Func<LedgerRecord, LedgerRecord> with)
    {
        Record = with(Record);
        return this;
    }

    /// <summary>Says in whose history it stands beside its subject's.</summary>
    public RecordDraft Also(OpaqueId sid)
    {
        AlsoAbout.Add(sid);
        return this;
    }

    /// <summary>Seals what is open, with the key of the person it is about.</summary>
    public void Seal(Sealer sealer)
    {
        Span<byte> salt = stackalloc byte[Commitment.SaltSize];
        var commits = Record.Commits ?? new Commitments();
        foreach (var (group, plaintext) in openings)
        {
            Fresh.Fill(salt);
            blobs.Add((group, sealer.Seal(Record.Id, group, salt, plaintext)));
            var digest = Commitment.Of(salt, plaintext);
            commits = group switch
            {
                CommitGroup.Person => commits with { Person = digest },
                CommitGroup.Evidence => commits with { Evidence = digest },
                CommitGroup.Note => commits with { Note = digest },
                CommitGroup.Tag => throw new InvalidOperationException("A tag is kept with its suppression."),
            };
        }

        if (openings.Count > 0)
            Record = Record with { Commits = commits };
        openings.Clear();
        if (scan is { } content)
            sealedScan = sealer.SealScan(Record.Id, content.Span);
        scan = null;
    }

    /// <summary>The record at its place; what is sealed is added to the rows.</summary>
    public LedgerRecord Place(long seq, Instant at, Digest controller, LedgerWrites writes)
    {
        foreach (var (group, blob) in blobs)
            writes.Sealed.Add(new SealedRow(seq, (short)group, blob.Nonce, blob.Ciphertext));
        if (sealedScan is { } kept)
            writes.Scans.Add(new ScanRow(seq, kept.Nonce, kept.Ciphertext));
        return Record = Record with { Seq = seq, At = at, Controller = controller };
    }
}

/// <summary>Random bits, for names, salts and nonces.</summary>
internal static class Fresh
{
    private const int NeighbourBytes = OpaqueId.Size / 2;

    // Asking the system for a few bytes costs as much as for a thousand.
    private const int PoolBytes = 1024;

    [ThreadStatic]
    private static byte[]? pool;

    [ThreadStatic]
    private static int taken;

    /// <summary>Fills with random bytes. Not for keys: what is next to be given out stands in memory for a while.</summary>
    public static void Fill(Span<byte> bytes)
    {
        if (bytes.Length > PoolBytes)
        {
            RandomNumberGenerator.Fill(bytes);
            return;
        }

        var rest = pool ??= new byte[PoolBytes];
        if (taken == 0 || taken + bytes.Length > PoolBytes)
        {
            RandomNumberGenerator.Fill(rest);
            taken = 0;
        }

        // Nothing is given out twice.
        var given = rest.AsSpan(taken, bytes.Length);
        given.CopyTo(bytes);
        CryptographicOperations.ZeroMemory(given);
        taken += bytes.Length;
    }

    /// <summary>128 random bits.</summary>
    public static OpaqueId Id()
    {
        Span<byte> bytes = stackalloc byte[OpaqueId.Size];
        Fill(bytes);
        return new OpaqueId(bytes);
    }

    /// <summary>A place, then 64 random bits: rows that come one after the other lie beside each other in the store, which then has few pages to write. For what says its place anyway.</summary>
    public static OpaqueId IdAt(long seq)
    {
        Span<byte> bytes = stackalloc byte[OpaqueId.Size];
        BinaryPrimitives.WriteInt64BigEndian(bytes, seq);
        Fill(bytes[sizeof(long)..]);
        return new OpaqueId(bytes);
    }

    /// <summary>Names for those who come together: the first half is the same random bits, so that a store puts them side by side and not all over its tables.</summary>
    public static OpaqueId[] Ids(int count)
    {
        Span<byte> bytes = stackalloc byte[OpaqueId.Size];
        Fill(bytes);
        var ids = new OpaqueId[count];
        for (var i = 0; i < count; i++)
        {
            Fill(bytes[NeighbourBytes..]);
            ids[i] = new OpaqueId(bytes);
        }

        // In the order in which they come to stand.
        Array.Sort(ids, static (a, b) => a.Value.CompareTo(b.Value));
        return ids;
    }
}
