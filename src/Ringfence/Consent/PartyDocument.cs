using Ringfence.Files;
using Ringfence.Ledger;
using Ringfence.Rules;

namespace Ringfence.Consent;

/// <summary>What a party is in the processing of personal data.</summary>
public enum PartyKind : byte
{
    /// <summary>The legal entity in whose name contact is made.</summary>
    Controller,

    /// <summary>Who makes contact on a controller's behalf, such as a call centre.</summary>
    Processor,

    /// <summary>Whom data is passed on to.</summary>
    ThirdParty,

    /// <summary>A supervisory authority.</summary>
    Authority,
}

/// <summary>A legal entity as it is named to people: who it is, where, and how it is reached. Its digest is what records call it by.</summary>
/// <remarks>The file and its canonical form are described in <c>docs/reference/wordings.md</c>.</remarks>
public sealed record PartyDocument
{
    /// <summary>The first line of every such document.</summary>
    public const string Format = "ringfence/party/v1";

    /// <summary>A name of our own, in small letters, digits and hyphens.</summary>
    public required string Id { get; init; }

    public required PartyKind Kind { get; init; }

    /// <summary>The legal name, with the legal form.</summary>
    public required string Name { get; init; }

    /// <summary>The postal address, country apart.</summary>
    public required string Address { get; init; }

    /// <summary>ISO 3166-1.</summary>
    public required string Country { get; init; }

    /// <summary>How it is reached; one way at least.</summary>
    public required PartyContact Contact { get; init; }

    /// <summary>Who answers for data protection; null where nobody was named.</summary>
    public PartyContact? PrivacyOfficer { get; init; }

    /// <summary>The document in its canonical form.</summary>
    public byte[] ToBytes() => CanonicalJson.ToUtf8(CanonicalValue.Mapping(
        ("format", Format), ("id", Id), ("kind", Gate.Words<PartyKind>.Of(Kind)), ("name", Name), ("address", Address), ("country", Country),
        ("contact", Contact.ToJson()), ("privacyOfficer", PrivacyOfficer?.ToJson())));

    /// <summary>The SHA-256 of <see cref="ToBytes"/>, computed anew each time.</summary>
    public Digest Digest => TreeHash.Sha256(ToBytes());

    /// <summary>Reads a document that somebody wrote, in YAML or JSON.</summary>
    /// <param name="file">What errors call the file.</param>
    /// <param name="text">Its content.</param>
    /// <exception cref="RuleFileException">It is no YAML, a key is not known or missing, or a value is not of its kind. The message names line and column.</exception>
    public static PartyDocument Read(string file, string text)
    {
        using var reader = new StringReader(text);
        return Read(RuleMap.Read(file, reader));
    }

    /// <summary>Reads a document in its canonical form, as it is kept.</summary>
    /// <exception cref="RuleFileException">It says something else than <see cref="Read(string, string)"/> takes, or not in the canonical form.</exception>
    public static PartyDocument FromBytes(ReadOnlySpan<byte> json)
    {
        var party = Read(RuleMap.Of(JsonTree.Read(Format, json)));
        return json.SequenceEqual(party.ToBytes()) ? party : throw DocumentReader.NotCanonical(Format);
    }

    private static PartyDocument Read(RuleMap map)
    {
        map.OneOf("format", Format);
        var party = new PartyDocument
        {
            Id = map.Name("id"),
            Kind = map.Word<PartyKind>("kind"),
            Name = map.Line("name"),
            Address = map.Line("address"),
            Country = map.OptionalCountry("country") ?? throw map.Missing("country"),
            Contact = PartyContact.Read(map.Map("contact")),
            PrivacyOfficer = map.OptionalMap("privacyOfficer") is { } officer ? PartyContact.Read(officer) : null,
        };
        map.Done();
        return party;
    }

    /// <summary>Two documents are the same where their bytes are.</summary>
    public bool Equals(PartyDocument? other) => other is not null && ToBytes().AsSpan().SequenceEqual(other.ToBytes());

    /// <inheritdoc/>
    public override int GetHashCode() => Digest.GetHashCode();
}

/// <summary>How somebody is reached; one of address, number or page at least.</summary>
/// <param name="Name">A person's or an office's name; null where there is none.</param>
/// <param name="Email">An e-mail address.</param>
/// <param name="Phone">A telephone number in E.164.</param>
/// <param name="Page">An https address.</param>
public sealed record PartyContact(string? Name, string? Email, string? Phone, string? Page)
{
    internal static PartyContact Read(RuleMap map)
    {
        var contact = new PartyContact(map.OptionalLine("name"), map.OptionalEmail("email"), map.OptionalPhone("phone"), map.OptionalAddress("page"));
        map.Done();
        return contact is { Email: null, Phone: null, Page: null } ? throw map.Missing("email") : contact;
    }

    internal CanonicalValue ToJson() => CanonicalValue.Mapping(("name", Name), ("email", Email), ("phone", Phone), ("page", Page));
}
