using System.Buffers.Binary;
using System.Security.Cryptography;
using NodaTime;
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

    private RecordDraft(LedgerRecord record) => Record = record;

    /// <summary>The record; place, time and controller are set when it gets its place.</summary>
    public LedgerRecord Record { get; private set; }

    /// <summary>Further persons in whose history it stands.</summary>
    public List<OpaqueId> AlsoAbout { get; } = [];

    /// <summary>Whether something of it is not sealed yet.</summary>
    public bool IsOpen => openings.Count > 0;

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
        foreach (var (group, plaintext) in openings)
        {
            RandomNumberGenerator.Fill(salt);
            blobs.Add((group, sealer.Seal(Record.Id, group, salt, plaintext)));
            var digest = Commitment.Of(salt, plaintext);
            var commits = Record.Commits ?? new Commitments();
            Record = Record with
            {
                Commits = group switch
                {
                    CommitGroup.Person => commits with { Person = digest },
                    CommitGroup.Evidence => commits with { Evidence = digest },
                    CommitGroup.Note => commits with { Note = digest },
                    CommitGroup.Tag => throw new InvalidOperationException("A tag is kept with its suppression."),
                },
            };
        }

        openings.Clear();
    }

    /// <summary>The record at its place; what is sealed is added to the rows.</summary>
    public LedgerRecord Place(long seq, Instant at, Digest controller, List<SealedRow> rows)
    {
        foreach (var (group, blob) in blobs)
            rows.Add(new SealedRow(seq, (short)group, blob.Nonce, blob.Ciphertext));
        return Record = Record with { Seq = seq, At = at, Controller = controller };
    }
}

/// <summary>Random names.</summary>
internal static class Fresh
{
    /// <summary>128 random bits.</summary>
    public static OpaqueId Id()
    {
        Span<byte> bytes = stackalloc byte[OpaqueId.Size];
        RandomNumberGenerator.Fill(bytes);
        return new OpaqueId(bytes);
    }

    /// <summary>A place, then 64 random bits: rows that come one after the other lie beside each other in the store, which then has few pages to write. For what says its place anyway.</summary>
    public static OpaqueId IdAt(long seq)
    {
        Span<byte> bytes = stackalloc byte[OpaqueId.Size];
        BinaryPrimitives.WriteInt64BigEndian(bytes, seq);
        RandomNumberGenerator.Fill(bytes[sizeof(long)..]);
        return new OpaqueId(bytes);
    }
}
