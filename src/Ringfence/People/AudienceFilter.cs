using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Numbers;

namespace Ringfence.People;

/// <summary>In which order people are listed; each with the newest first.</summary>
public enum AudienceOrder : byte
{
    /// <summary>When they first came.</summary>
    Added,

    /// <summary>When anything was last written about them.</summary>
    Changed,

    /// <summary>When they were last contacted; who never was comes last.</summary>
    Contacted,
}

/// <summary>Which people of a ledger are meant. What is null does not matter; all that is said has to hold. Says nothing personal: it stands in addresses.</summary>
public sealed record AudienceFilter
{
    /// <summary>The word for a consent that stands, confirmed or not.</summary>
    public const string Standing = "stands";

    /// <summary>The word for a residence or source that nobody stated.</summary>
    public const string NotKnown = "none";

    // Nobody looks further; and so many days are no overflow anywhere.
    private const int MostDays = 36_525;
    private const int LongestPurpose = 64;

    /// <summary>Everybody.</summary>
    public static AudienceFilter Everyone { get; } = new();

    /// <summary>The channel that <see cref="Verdict"/>, <see cref="Reason"/> and the consents are about; null: any.</summary>
    public Channel? Channel { get; init; }

    /// <summary>The purpose they are about; null: any.</summary>
    public string? Purpose { get; init; }

    public AudienceVerdict? Verdict { get; init; }

    /// <summary>The reason that decides.</summary>
    public ReasonCode? Reason { get; init; }

    /// <summary>ISO 3166 code; a country stands for all its states too; <see cref="NotKnown"/>: nobody said.</summary>
    public string? Residence { get; init; }

    /// <summary>Country of one of their numbers.</summary>
    public string? NumberCountry { get; init; }

    /// <summary>Word of the source; <see cref="NotKnown"/>: nobody said.</summary>
    public string? Source { get; init; }

    public PersonStatus? Status { get; init; }

    /// <summary>The import they came by first.</summary>
    public OpaqueId? Batch { get; init; }

    /// <summary>How a consent stands; <see cref="ConsentStanding.NotAsked"/>: nothing was ever said.</summary>
    public ConsentStanding? Consent { get; init; }

    /// <summary>A yes stands, confirmed or not; where this is said, nothing is said of <see cref="Consent"/>.</summary>
    public bool Stands { get; init; }

    /// <summary>A consent was said so many days ago at least.</summary>
    public int? AgeFrom { get; init; }

    /// <summary>A consent was said fewer days ago than these.</summary>
    public int? AgeTo { get; init; }

    /// <summary>A yes ends within so many days.</summary>
    public int? StaleWithin { get; init; }

    /// <summary>A yes that stands was said before this moment, to the second.</summary>
    public Instant? AgreedBefore { get; init; }

    /// <summary>Whether something stands against any of their numbers or addresses.</summary>
    public bool? Suppressed { get; init; }

    /// <summary>Whether a column of answers has to be looked into.</summary>
    public bool AsksGate => Verdict is not null || Reason is not null;

    /// <summary>Whether anything is said of consents.</summary>
    public bool AsksConsent => Stands || Consent is not null || AgeFrom is not null || AgeTo is not null || StaleWithin is not null || AgreedBefore is not null;

    /// <summary>What is said, as it stands in an address, always in the same order.</summary>
    public IEnumerable<(string Name, string Value)> Words()
    {
        foreach (var (name, value) in All())
        {
            if (value is not null)
                yield return (name, value);
        }
    }

    /// <summary>Reads what stands in an address.</summary>
    /// <param name="valueOf">The value of a name; null or empty: it is not said.</param>
    /// <param name="filter">What is meant.</param>
    /// <param name="amiss">The name of what can't be read.</param>
    public static bool TryRead(Func<string, string?> valueOf, out AudienceFilter filter, out string? amiss)
    {
        ArgumentNullException.ThrowIfNull(valueOf);
        string? wrong = null;
        filter = new AudienceFilter
        {
            Channel = Read<Channel>("channel", static (string word, out Channel channel) => Channels.TryParse(word, out channel)),
            Purpose = Text("purpose", static word => word.Length <= LongestPurpose && word.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or ':' or '_' or '.')),
            Verdict = Read<AudienceVerdict>("may", Words<AudienceVerdict>.TryParse),
            Reason = Read<ReasonCode>("why", Words<ReasonCode>.TryParse),
            Residence = Text("where", static word => word == NotKnown || IsPlace(word)),
            NumberCountry = Text("number", static word => word.Length is 2 or 3 && !Region.Of(word).IsNone && Region.Of(word).ToString() == word),
            Source = Text("source", static word => word == NotKnown || Words<ContactSource>.TryParse(word, out _)),
            Status = Read<PersonStatus>("status", static (string word, out PersonStatus status) => Words<PersonStatus>.TryParse(word, out status) && status is not (PersonStatus.Erased or PersonStatus.Merged)),
            Batch = Read<OpaqueId>("batch", static (string word, out OpaqueId batch) => OpaqueId.TryParse(word, out batch)),
            Stands = valueOf("consent") == Standing,
            Consent = valueOf("consent") == Standing ? null : Read<ConsentStanding>("consent", Words<ConsentStanding>.TryParse),
            AgeFrom = Read<int>("older", Days),
            AgeTo = Read<int>("younger", Days),
            StaleWithin = Read<int>("ends", Days),
            AgreedBefore = Read<Instant>("agreed-before", static (string word, out Instant at) => InstantPattern.General.Parse(word).TryGetValue(default, out at) && at > Instant.FromUnixTimeSeconds(0)),
            Suppressed = Read<bool>("stopped", static (string word, out bool flag) => (flag = word == "yes") || word == "no"),
        };
        amiss = wrong;
        return wrong is null;

        T? Read<T>(string name, Reads<T> reads) where T : struct
        {
            if (valueOf(name) is not { Length: > 0 } word)
                return null;
            if (reads(word, out var value))
                return value;
            wrong ??= name;
            return null;
        }

        string? Text(string name, Predicate<string> isOne)
        {
            if (valueOf(name) is not { Length: > 0 } word)
                return null;
            if (isOne(word))
                return word;
            wrong ??= name;
            return null;
        }
    }

    private delegate bool Reads<T>(string word, out T value);

    private IEnumerable<(string Name, string? Value)> All() =>
    [
        ("channel", Channel?.Word()),
        ("purpose", Purpose),
        ("may", Verdict is { } verdict ? Words<AudienceVerdict>.Of(verdict) : null),
        ("why", Reason is { } reason ? Words<ReasonCode>.Of(reason) : null),
        ("where", Residence),
        ("number", NumberCountry),
        ("source", Source),
        ("status", Status is { } status ? Words<PersonStatus>.Of(status) : null),
        ("batch", Batch?.ToString()),
        ("consent", Stands ? Standing : Consent is { } consent ? Words<ConsentStanding>.Of(consent) : null),
        ("older", AgeFrom?.ToString(CultureInfo.InvariantCulture)),
        ("younger", AgeTo?.ToString(CultureInfo.InvariantCulture)),
        ("ends", StaleWithin?.ToString(CultureInfo.InvariantCulture)),
        ("agreed-before", AgreedBefore is { } before ? InstantPattern.General.Format(before) : null),
        ("stopped", Suppressed is { } stopped ? stopped ? "yes" : "no" : null),
    ];

    private static bool Days(string word, out int days) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out days) && days <= MostDays;

    private static readonly System.Buffers.SearchValues<char> PlaceSigns = System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

    // ISO 3166-1, or 3166-2: two letters, or those, a hyphen and up to three letters or digits.
    private static bool IsPlace(string word) =>
        word.Length is 2 or (>= 4 and <= 6) && char.IsAsciiLetterUpper(word[0]) && char.IsAsciiLetterUpper(word[1])
        && (word.Length == 2 || (word[2] == '-' && word.AsSpan(3).IndexOfAnyExcept(PlaceSigns) < 0));
}
