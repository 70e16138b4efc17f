using System.Buffers.Binary;
using Ringfence.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Gate.Snapshot;

/// <summary>What an entry of a snapshot tells.</summary>
internal enum SnapshotKind : byte
{
    None,

    /// <summary>Whom a number or address leads to; by its lookup tag.</summary>
    Point,

    /// <summary>What is known of a person; by their name.</summary>
    Person,

    /// <summary>What stands against a number or address; by its suppression tag.</summary>
    Suppressed,

    /// <summary>What was permitted of a number or address; by its lookup tag.</summary>
    Permits,
}

/// <summary>The key of an entry: its kind, and the first 128 bits of a keyed hash, or a random name. That two hashes share these is less likely than that the machine errs.</summary>
internal readonly record struct SnapshotKey(SnapshotKind Kind, UInt128 Id)
{
    /// <summary>Bytes of it.</summary>
    public const int Size = 1 + OpaqueId.Size;

    public SnapshotKey(SnapshotKind kind, ReadOnlySpan<byte> tag)
        : this(kind, BinaryPrimitives.ReadUInt128BigEndian(tag))
    {
    }

    public static SnapshotKey Person(OpaqueId sid) => new(SnapshotKind.Person, sid.Value);

    /// <summary>Where it is looked for: the bits are random already.</summary>
    public ulong Place => unchecked((ulong)Id ^ ((ulong)Kind * 0x9E37_79B9_7F4A_7C15));

    // As above.
    public override int GetHashCode() => unchecked((int)(uint)Id ^ (int)Kind);

    public void CopyTo(Span<byte> to)
    {
        to[0] = (byte)Kind;
        BinaryPrimitives.WriteUInt128BigEndian(to[1..], Id);
    }
}

/// <summary>Something that was written about and has to be read anew.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">The whole tag, or the 16 bytes of a person's name: what the store is asked by.</param>
internal readonly record struct SnapshotSubject(SnapshotKind Kind, byte[] Name)
{
    public SnapshotKey Key => new(Kind, Name);

    public static IEnumerable<SnapshotSubject> OfLookup(LookupRow row) => [new(SnapshotKind.Point, row.Tag), new(SnapshotKind.Person, row.Sid)];
}
