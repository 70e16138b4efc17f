using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Suppression;

/// <summary>What a snapshot holds of a suppression: its commitment, and everything that it closes. Tells nothing of the number.</summary>
internal static class SuppressionLeaf
{
    // A row that was untied holds its commitment in the place of its tag; so that nobody takes it for one, its salt is none.
    private static readonly byte[] NoSalt = new byte[Digest.Size];

    /// <summary>Whether the row stands for nothing any more but what an earlier snapshot holds of it.</summary>
    public static bool IsUntied(SuppressionRow row) => row.Salt.AsSpan().SequenceEqual(NoSalt);

    /// <summary>Whether an untied row that no snapshot holds says nothing but its commitment.</summary>
    public static bool IsBare(SuppressionRow row) => row is { Chain: 1, Channels: 0, Purposes: null, Since: 0, By: 0, Kind: 0 };

    /// <summary>The commitment of a row.</summary>
    public static Digest CommitmentOf(SuppressionRow row) => IsUntied(row) ? new Digest(row.Tag) : Commitment.Of(row.Salt, row.Tag);

    /// <summary>
    /// The bytes of a leaf: commitment (32), id (16), channels (4), since (8), by (2), kind (2), chain (2), numbers with the highest byte first; where it closes some
    /// purposes only, each after a line feed, in UTF-8.
    /// </summary>
    public static byte[] Of(SuppressionRow row)
    {
        var purposes = row.Purposes is null ? [] : Encoding.UTF8.GetBytes("\n" + row.Purposes);
        var leaf = new byte[Digest.Size + OpaqueId.Size + 18 + purposes.Length];
        CommitmentOf(row).Bytes.CopyTo(leaf);
        row.Id.CopyTo(leaf.AsSpan(Digest.Size));
        var rest = leaf.AsSpan(Digest.Size + OpaqueId.Size);
        BinaryPrimitives.WriteInt32BigEndian(rest, row.Channels);
        BinaryPrimitives.WriteInt64BigEndian(rest[4..], row.Since);
        BinaryPrimitives.WriteInt16BigEndian(rest[12..], row.By);
        BinaryPrimitives.WriteInt16BigEndian(rest[14..], row.Kind);
        BinaryPrimitives.WriteInt16BigEndian(rest[16..], row.Chain);
        purposes.CopyTo(rest[18..]);
        return leaf;
    }

    /// <summary>Takes away what ties a number to the records about a person who is erased.</summary>
    /// <param name="row">A suppression with the place of its record.</param>
    /// <param name="erasure">The record of the erasure.</param>
    /// <param name="now">The time of the erasure.</param>
    /// <returns>
    /// What stays in the place of the row until the next snapshot: the commitment alone, so that the one before can still be told. And the suppression again, under
    /// a new salt and with the day of the erasure, for the next snapshot to cover; null: it had been lifted.
    /// </returns>
    public static (SuppressionRow Stays, SuppressionRow? Again) Untie(SuppressionRow row, long erasure, Instant now)
    {
        var stays = row with { Tag = CommitmentOf(row).Bytes.ToArray(), Salt = NoSalt, Seq = null, LiftedSeq = row.LiftedSeq ?? erasure };
        // What no snapshot holds is asked for nothing but the commitment.
        if (row.Snapshot is null)
            stays = stays with { Chain = 1, Channels = 0, Purposes = null, Since = 0, By = 0, Kind = 0 };
        return row.LiftedSeq is not null
            ? (stays, null)
            : (stays, row with { Id = Fresh.Id().ToArray(), Salt = RandomNumberGenerator.GetBytes(Digest.Size), Seq = null, Snapshot = null, Since = DayOf(now) });
    }

    /// <summary>The first microsecond of a day: when somebody was erased is not told by their number.</summary>
    public static long DayOf(Instant now) => Micros.Of(now.InUtc().Date.AtMidnight().InUtc().ToInstant());
}

/// <summary>Count and root over the leaves of suppressions: a tree of the ledger's kind, over the leaves sorted by their bytes.</summary>
internal sealed class SuppressionRoot
{
    private readonly List<byte[]> leaves = [];

    public int Count => leaves.Count;

    public void Add(SuppressionRow row) => leaves.Add(SuppressionLeaf.Of(row));

    /// <summary>The root.</summary>
    public Digest Root()
    {
        leaves.Sort(ByteArrays.Equal);
        var tree = new Frontier();
        foreach (var leaf in leaves)
            tree.Append(TreeHash.Leaf(leaf));
        return tree.Root;
    }
}
