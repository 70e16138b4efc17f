using Ringfence.People;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.Ledger;

/// <summary>A contact point with the keyed hashes by which it is found. The hashes never leave the program.</summary>
internal sealed class PointTags
{
    private readonly SuppressionKeysInUse keys;
    private (SuppressionKeys By, byte[][] Tags)? made;

    /// <param name="point">The number or address.</param>
    /// <param name="lookup">Leads to the person.</param>
    /// <param name="keys">The keys by which it is suppressed.</param>
    public PointTags(ContactPoint point, byte[] lookup, SuppressionKeysInUse keys) => (Point, Lookup, this.keys) = (point, lookup, keys);

    public ContactPoint Point { get; }

    public byte[] Lookup { get; }

    /// <summary>The tags of its suppressions through the first key, the first two, and so on: a row may stand under any of them.</summary>
    public IReadOnlyList<byte[]> Suppress => Under(keys.Current);

    /// <summary>The same by the keys of a turn; the last one is what new suppressions carry.</summary>
    public IReadOnlyList<byte[]> Under(SuppressionKeys by)
    {
        // Two threads may both make them; they come out the same.
        if (made is { } known && ReferenceEquals(known.By, by))
            return known.Tags;
        byte[][] tags = [.. by.Tags(Point.Value).Select(static tag => tag.ToArray())];
        made = (by, tags);
        return tags;
    }

    /// <inheritdoc/>
    public override string ToString() => Point.ToString();
}

/// <summary>The answer of a command as it is kept under a client's key: places and random names only.</summary>
/// <param name="Seq">The record that was written, or that said the same before.</param>
/// <param name="Sid">The person; null: nobody known.</param>
/// <param name="Already">It had been said before, and nothing was written.</param>
/// <param name="Also">Further records.</param>
/// <param name="Permit">The permit that was issued.</param>
/// <param name="Ended">Why a permit was ended instead of used.</param>
internal sealed record CommandAnswer(long Seq, string? Sid, bool Already = false, IReadOnlyList<long>? Also = null, string? Permit = null, string? Ended = null)
{
    /// <summary>For machines that called the command.</summary>
    public string ToJson() => System.Text.Encoding.UTF8.GetString(ToBytes());

    public byte[] ToBytes() => System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(this, AnswerJson.Default.CommandAnswer);

    public static CommandAnswer Read(byte[] bytes) => System.Text.Json.JsonSerializer.Deserialize(bytes, AnswerJson.Default.CommandAnswer)!;
}

[System.Text.Json.Serialization.JsonSourceGenerationOptions(PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
[System.Text.Json.Serialization.JsonSerializable(typeof(CommandAnswer))]
internal sealed partial class AnswerJson : System.Text.Json.Serialization.JsonSerializerContext;
