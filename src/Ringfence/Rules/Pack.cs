using NodaTime;

namespace Ringfence.Rules;

/// <summary>Whom the rules of a pack protect.</summary>
[Flags]
public enum Reach : byte
{
    None = 0,

    /// <summary>Whoever is or may be there, and numbers of its region.</summary>
    Person = 1,

    /// <summary>Whoever has a number of a state's area code.</summary>
    AreaCode = 2,

    /// <summary>The same, unless a documented residence says otherwise.</summary>
    AreaCodeRebuttable = 4,

    /// <summary>Whomever a controller established there contacts.</summary>
    Controller = 8,
}

/// <summary>What a pack may leave to the strict default.</summary>
[Flags]
public enum Aspects : byte
{
    None = 0,
    Basis = 1,
    Register = 2,
    Hours = 4,
    Cap = 8,
    Rest = 16,
    Reconfirm = 32,
    All = 63,
}

/// <summary>The rules of one jurisdiction, platform or policy.</summary>
public sealed record Pack
{
    /// <summary>The folder, such as <c>us-fl</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What its rules' ids begin with.</summary>
    public required string Prefix { get; init; }

    /// <summary>What it is called.</summary>
    public required RuleText Title { get; init; }

    /// <summary>ISO 3166 codes; empty for <see cref="Everywhere"/> and <see cref="Rest"/>.</summary>
    public required IReadOnlySet<string> Covers { get; init; }

    /// <summary>Judges every contact: platforms, carriers.</summary>
    public bool Everywhere { get; init; }

    /// <summary>The strict default.</summary>
    public bool Rest { get; init; }

    public Reach Reaches { get; init; } = Reach.Person;

    /// <summary>A common baseline below national packs, which alone does not count as the law of a place.</summary>
    public bool Baseline { get; init; }

    /// <summary>The aspects in which the strict default fills what it leaves unsaid.</summary>
    public Aspects StrictDefault { get; init; }

    /// <summary>The day it was last gone through; null: nobody did.</summary>
    public LocalDate? Reviewed { get; init; }

    /// <summary>SHA-256 over its files, as <c>sha256:</c> and lower-case hexadecimal digits.</summary>
    public string Digest { get; init; } = "";

    /// <summary>Whether it is a file of house rules, which no law asks for.</summary>
    public bool IsHouse { get; init; }
}

/// <summary>Whether a rule is applied.</summary>
public enum RuleState : byte
{
    InForce,

    /// <summary>Shown, never applied.</summary>
    Disabled,

    /// <summary>As disabled, for the time of this version.</summary>
    Suspended,
}
