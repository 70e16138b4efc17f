using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;

namespace Ringfence.Server.People;

/// <summary>One person as lists know them: nothing of it is written anywhere.</summary>
internal sealed record AudiencePerson
{
    public required OpaqueId Sid { get; init; }

    public PersonStatus Status { get; init; }

    /// <summary>ISO 3166 code; null where nobody said.</summary>
    public string? Residence { get; init; }

    public ResidenceBasis ResidenceBasis { get; init; }

    public ContactSource? Source { get; init; }

    /// <summary>The import they came by first; null: by none.</summary>
    public OpaqueId? Batch { get; init; }

    /// <summary>Of their first record.</summary>
    public Instant First { get; init; }

    /// <summary>Of their last one that is not idle: permits and decisions change nothing of them.</summary>
    public Instant Last { get; init; }

    /// <summary>When they were last contacted; null: never.</summary>
    public Instant? Contacted { get; init; }

    /// <summary>Channels that are closed on any of their numbers or addresses.</summary>
    public ChannelSet Suppressed { get; init; }

    public IReadOnlyList<AudiencePoint> Points { get; init; } = [];

    public IReadOnlyList<StandingLine> Consents { get; init; } = [];

    /// <summary>What they are found by.</summary>
    public PersonalData Names { get; init; } = new();

    /// <summary>The same for all whom the gate answers alike, number by number; zero: nobody is like them.</summary>
    public UInt128 Alike { get; init; }
}

/// <summary>A number or address of a person in the index.</summary>
/// <param name="Lookup">The first bits of the keyed hash that leads to the person: by these it is known again.</param>
/// <param name="Suppress">The first bits of that of its suppressions.</param>
/// <param name="Number">The number's digits: registers are asked by them. 0: it is an address, of which nothing is held.</param>
/// <param name="Class">Which numbers are of one kind: <see cref="NumberClasses"/>.</param>
internal readonly record struct AudiencePoint(ulong Lookup, ulong Suppress, ulong Number, int Class);
