using NodaTime;
using Ringfence.Gate;
using Ringfence.Rules;

namespace Ringfence.People;

/// <summary>What a passport has to state, by what it lacks.</summary>
[Flags]
public enum PassportItems : byte
{
    None = 0,

    /// <summary>Who sold or passed on the contacts.</summary>
    Seller = 1 << 0,

    /// <summary>Reference and day of the contract under which they came.</summary>
    Contract = 1 << 1,

    /// <summary>Who collected them from the people.</summary>
    CollectedBy = 1 << 2,

    /// <summary>On which page, form or occasion.</summary>
    CollectedWhere = 1 << 3,

    /// <summary>From when until when.</summary>
    Period = 1 << 4,

    /// <summary>The words the people agreed to, or their digest.</summary>
    Wording = 1 << 5,

    /// <summary>What the seller holds that shows each yes.</summary>
    Evidence = 1 << 6,
}

/// <summary>The passport of a batch: the chain from the people to the controller, as the seller states it.</summary>
/// <remarks>Read from a file of its own, see <c>docs/reference/passports.md</c>. Null is not stated.</remarks>
public sealed record Passport
{
    private const PassportItems OfCollection = PassportItems.CollectedBy | PassportItems.CollectedWhere | PassportItems.Period;

    private const PassportItems All = OfCollection | PassportItems.Seller | PassportItems.Contract | PassportItems.Wording | PassportItems.Evidence;

    /// <summary>What it is called: small letters, digits, dots and hyphens.</summary>
    public required string Name { get; init; }

    /// <summary>The company that sold or passed on the contacts.</summary>
    public string? Seller { get; init; }

    /// <summary>Number or title of the contract.</summary>
    public string? ContractReference { get; init; }

    public LocalDate? ContractDate { get; init; }

    /// <summary>The company that collected the contacts.</summary>
    public string? CollectedBy { get; init; }

    /// <summary>Page, form, shop or directory.</summary>
    public string? CollectedWhere { get; init; }

    /// <summary>How a yes was given.</summary>
    public ConsentMethod? Method { get; init; }

    /// <summary>First day of collection.</summary>
    public LocalDate? From { get; init; }

    /// <summary>Last day of collection.</summary>
    public LocalDate? Until { get; init; }

    /// <summary>The words the people were shown.</summary>
    public string? Wording { get; init; }

    /// <summary>SHA-256 of these words in UTF-8, as 64 lower-case hex digits, where they are kept elsewhere.</summary>
    public string? WordingDigest { get; init; }

    /// <summary>Which records of each yes the seller keeps.</summary>
    public IReadOnlyList<string> Evidence { get; init; } = [];

    /// <summary>Where these records can be asked for.</summary>
    public string? EvidenceReference { get; init; }

    /// <summary>Reads a passport.</summary>
    /// <exception cref="RuleFileException">It is no passport; the message names file, line and column.</exception>
    public static Passport Read(string file, string text)
    {
        using var reader = new StringReader(text);
        return PassportReader.Read(RuleMap.Read(file, reader));
    }

    /// <summary>What it lacks to let a contact of this source out of quarantine; none where it will do.</summary>
    public PassportItems Lacks(ContactSource source) => Wanted(source) & ~Holds;

    /// <summary>Whether a yes of this day can have been collected as stated.</summary>
    public bool Covers(LocalDate day) => From <= day && day <= Until;

    private static PassportItems Wanted(ContactSource source) => source switch
    {
        ContactSource.Directory or ContactSource.Published => OfCollection,
        _ => Provenance.NeedsPassport(source) ? All : PassportItems.None,
    };

    private PassportItems Holds =>
        (Seller is null ? 0 : PassportItems.Seller)
        | (ContractReference is null || ContractDate is null ? 0 : PassportItems.Contract)
        | (CollectedBy is null ? 0 : PassportItems.CollectedBy)
        | (CollectedWhere is null ? 0 : PassportItems.CollectedWhere)
        | (From is null || Until is null ? 0 : PassportItems.Period)
        | (Wording is null && WordingDigest is null ? 0 : PassportItems.Wording)
        | (Evidence.Count == 0 || EvidenceReference is null ? 0 : PassportItems.Evidence);
}
