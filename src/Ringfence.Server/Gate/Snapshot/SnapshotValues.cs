using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Gate.Snapshot;

/// <summary>Whom a number or address leads to.</summary>
/// <param name="Sid">The person.</param>
/// <param name="Point">The number or address, by name only.</param>
internal readonly record struct PointValue(OpaqueId Sid, OpaqueId Point)
{
    public static byte[] Of(LookupRow row) => [.. row.Sid, .. row.Point];

    public static PointValue Read(ReadOnlySpan<byte> value) => new(new OpaqueId(value[..OpaqueId.Size]), new OpaqueId(value[OpaqueId.Size..]));
}

/// <summary>The keyed hashes of one number or address of a person.</summary>
internal readonly record struct KnownTags(byte[] Lookup, byte[] Suppress);

/// <summary>What is known of a person; or whose records hold theirs; or that only the store can tell.</summary>
/// <param name="Into">Whose records hold theirs; null: their own.</param>
/// <param name="Tags">All their numbers and addresses that could be opened.</param>
/// <param name="Known">What the gate asks; null: it has to be read from the store each time.</param>
internal sealed record PersonValue(OpaqueId? Into, IReadOnlyList<KnownTags> Tags, KnownPerson? Known)
{
    /// <summary>The records it is the sum of; null where they are not all of this one name.</summary>
    public StandingRow? Standing { get; init; }

    private const byte OfStore = 0;
    private const byte Merged = 1;
    private const byte Whole = 2;

    /// <summary>Of somebody of whom something is not there yet, or can't be opened: the store answers, or fails, each time.</summary>
    public static PersonValue AskStore(IReadOnlyList<KnownTags> tags) => new(null, tags, null);

    public byte[] ToBytes(CompactWriter to)
    {
        to.Clear();
        to.Byte(Into is not null ? Merged : Known is null ? OfStore : Whole);
        if (Into is { } holder)
            to.Id(holder);
        to.List(Tags, static (to, tags) =>
        {
            to.Bytes(tags.Lookup);
            to.Bytes(tags.Suppress);
        });
        if (Known is not null)
        {
            to.Flag(Standing is not null);
            if (Standing is not null)
            {
                to.Id(new OpaqueId(Standing.Sid));
                to.Number(Standing.Count);
                to.Number(Standing.Newest);
                to.Bytes(Standing.Leaf);
            }

            Known.Write(to);
        }

        return to.Written.ToArray();
    }

    public static PersonValue Read(ReadOnlySpan<byte> value)
    {
        var from = new CompactReader(value);
        var kind = from.Byte();
        OpaqueId? into = kind == Merged ? from.Id() : null;
        var tags = new KnownTags[from.Count()];
        for (var i = 0; i < tags.Length; i++)
            tags[i] = new KnownTags(from.Bytes(ContactTag.Size).ToArray(), from.Bytes(ContactTag.Size).ToArray());
        var standing = kind == Whole && from.Flag() ? new StandingRow(from.Id().ToArray(), from.Number(), from.Number(), from.Bytes(Digest.Size).ToArray()) : null;
        return new PersonValue(into, tags, kind == Whole ? KnownPerson.Read(ref from) : null) { Standing = standing };
    }
}

/// <summary>What stands against a number or address.</summary>
internal static class SuppressedValue
{
    /// <summary>The bytes of the rows that stand; null where none does.</summary>
    public static byte[]? Of(IEnumerable<SuppressionRow> rows, CompactWriter to)
    {
        to.Clear();
        foreach (var row in rows.Where(static row => row.LiftedSeq is null).OrderBy(static row => row.Id, ByteArrays.Equal))
        {
            to.Number(row.Channels);
            to.TextOrNull(row.Purposes);
            to.Number(row.Since);
            to.Byte((byte)row.By);
            to.Byte((byte)row.Kind);
        }

        return to.Written.IsEmpty ? null : to.Written.ToArray();
    }

    /// <summary>Adds what they say.</summary>
    public static void Read(ReadOnlySpan<byte> value, List<SuppressionEntry> into)
    {
        var from = new CompactReader(value);
        while (!from.Rest.IsEmpty)
        {
            into.Add(new SuppressionEntry
            {
                Channels = (ChannelSet)from.Number(),
                Purposes = from.TextOrNull()?.Split('\n'),
                Since = Moment.At(Micros.ToInstant(from.Number())),
                By = (SuppressedBy)from.Byte(),
                Kind = (SuppressionKind)from.Byte(),
            });
        }
    }
}

/// <summary>What was permitted of a number or address, and not taken back.</summary>
internal static class PermitsValue
{
    private static readonly byte[] Nothing = [];

    /// <summary>The bytes of the rows; null where there is none that counts.</summary>
    public static byte[]? Of(IEnumerable<PermitRow> rows, CompactWriter to)
    {
        to.Clear();
        foreach (var row in rows.Where(static row => row.EndedSeq is null).OrderBy(static row => row.Seq))
        {
            to.Number(row.Channel);
            to.TextOrNull(row.Purpose);
            to.TextOrNull(row.Agent);
            to.TextOrNull(row.Subject);
            to.TextOrNull(row.Campaign);
            to.Number(row.Issued);
            to.Number(row.Expires);
            to.Flag(row.Redeemed is not null);
            if (row.Redeemed is { } redeemed)
                to.Number(redeemed);
            to.Flag(row.Outcome is not null);
            if (row.Outcome is { } outcome)
                to.Number(outcome);
        }

        return to.Written.IsEmpty ? null : to.Written.ToArray();
    }

    /// <summary>Adds them, as far as the gate counts them.</summary>
    public static void Read(ReadOnlySpan<byte> value, byte[] tag, List<PermitRow> into)
    {
        var from = new CompactReader(value);
        while (!from.Rest.IsEmpty)
        {
            into.Add(new PermitRow(
                Nothing, tag, Nothing, 0, null, (short)from.Number(), from.TextOrNull(), from.TextOrNull(), from.TextOrNull(), from.TextOrNull(), 0, from.Number(), from.Number(),
                from.Flag() ? from.Number() : null, null, null, from.Flag() ? (short)from.Number() : null, null));
        }
    }
}
