using NodaTime;
using Ringfence.Numbers;

namespace Ringfence.Server.Lists;

/// <summary>What an audit goes by.</summary>
internal sealed record AuditOptions
{
    /// <summary>The lists, in the order given.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>Those of <see cref="Files"/> in which every row is a refusal, whatever its columns say; by full path.</summary>
    public IReadOnlySet<string> Suppressions { get; init; } = new HashSet<string>();

    /// <summary>Where the report goes.</summary>
    public required string Out { get; init; }

    /// <summary>The day of the audit.</summary>
    public required LocalDate AsOf { get; init; }

    /// <summary>In whose name people would be contacted.</summary>
    public string? Controller { get; init; }

    /// <summary>Yearly worldwide turnover in EUR.</summary>
    public decimal? Turnover { get; init; }

    /// <summary>The channels to grade.</summary>
    public IReadOnlyList<Channel> Channels { get; init; } = [Channel.Voice, Channel.VoiceAuto, Channel.Sms, Channel.Whatsapp, Channel.Email];

    /// <summary>Where numbers without a country code are meant to be, where the row does not say.</summary>
    public Region Region { get; init; }

    /// <summary>Months without a sign of life after which a contact is long inactive.</summary>
    public int InactiveAfterMonths { get; init; } = 24;

    /// <summary>The sheet of workbooks to read.</summary>
    public string? Sheet { get; init; }

    /// <summary>The encoding of text files, where it must not be guessed.</summary>
    public string? Encoding { get; init; }

    /// <summary>What the user said of columns: field words to headers.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Map { get; init; } = [];

    /// <summary>The language of the sentences in the files.</summary>
    public System.Globalization.CultureInfo Language { get; init; } = System.Globalization.CultureInfo.InvariantCulture;

    /// <summary>How many threads work.</summary>
    public int Threads { get; init; } = Math.Max(1, Math.Min(Environment.ProcessorCount, 16));
}
