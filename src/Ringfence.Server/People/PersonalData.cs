using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ringfence.Ledger;
using Ringfence.People;

namespace Ringfence.Server.People;

/// <summary>What is personal of a contact, as it is sealed in the group <c>person</c> of a record: only what that record adds or changes.</summary>
internal sealed record PersonalData
{
    // Names in their own script, as an auditor reads them; and nothing that is not known is passed over.
    private static readonly PersonalDataJson Json = new(new JsonSerializerOptions
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("given")]
    public string? Given { get; init; }

    [JsonPropertyName("family")]
    public string? Family { get; init; }

    [JsonPropertyName("company")]
    public string? Company { get; init; }

    /// <summary>By name of the point: E.164.</summary>
    [JsonPropertyName("phones")]
    public SortedDictionary<string, string>? Phones { get; init; }

    /// <summary>By name of the point: in lower case.</summary>
    [JsonPropertyName("emails")]
    public SortedDictionary<string, string>? Emails { get; init; }

    /// <summary>Whether it says nothing.</summary>
    [JsonIgnore]
    public bool IsEmpty => Name is null && Given is null && Family is null && Company is null && Phones is null && Emails is null;

    /// <summary>Of one point.</summary>
    public static PersonalData Of(OpaqueId point, ContactPoint value) => value.Kind == PointKind.Phone
        ? new PersonalData { Phones = new() { [point.ToString()] = value.Value } }
        : new PersonalData { Emails = new() { [point.ToString()] = value.Value } };

    /// <summary>The sealed bytes.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json.PersonalData);

    /// <summary>Reads what was sealed.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    public static PersonalData Read(ReadOnlySpan<byte> bytes) =>
        JsonSerializer.Deserialize(bytes, Json.PersonalData) ?? throw new JsonException("Not an object.");

    /// <summary>What both say, the later one counting where they differ.</summary>
    public PersonalData With(PersonalData later) => new()
    {
        Name = later.Name ?? Name,
        Given = later.Given ?? Given,
        Family = later.Family ?? Family,
        Company = later.Company ?? Company,
        Phones = Both(Phones, later.Phones),
        Emails = Both(Emails, later.Emails),
    };

    /// <summary>The words of what it holds, for <c>pii</c>.</summary>
    public ValueList<string> Categories() =>
    [
        .. ((IEnumerable<(string Word, bool Has)>)
        [
            ("company", Company is not null), ("email", Emails is not null), ("name", Name is not null || Given is not null || Family is not null), ("phone", Phones is not null),
        ]).Where(static c => c.Has).Select(static c => c.Word),
    ];

    /// <summary>What a record that carries it says of its points.</summary>
    public IEnumerable<(string Name, LeafValue Value)> PointNames()
    {
        if (Emails is { Count: > 0 })
            yield return ("emails", LeafValue.ListOf(Emails.Keys));
        if (Phones is { Count: > 0 })
            yield return ("phones", LeafValue.ListOf(Phones.Keys));
    }

    private static SortedDictionary<string, string>? Both(SortedDictionary<string, string>? one, SortedDictionary<string, string>? later)
    {
        if (one is null || later is null)
            return one ?? later;
        var both = new SortedDictionary<string, string>(one, StringComparer.Ordinal);
        foreach (var (point, value) in later)
            both[point] = value;
        return both;
    }
}

[JsonSerializable(typeof(PersonalData))]
internal sealed partial class PersonalDataJson : JsonSerializerContext;
