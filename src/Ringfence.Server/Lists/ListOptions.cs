using NodaTime;
using Ringfence.Numbers;

namespace Ringfence.Server.Lists;

/// <summary>How lists are to be read and understood.</summary>
internal record ListOptions
{
    /// <summary>The lists, in the order given.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>Those of <see cref="Files"/> in which every row is a refusal, whatever its columns say; by full path.</summary>
    public IReadOnlySet<string> Suppressions { get; init; } = new HashSet<string>();

    /// <summary>The day as of which ages are counted; a later one is still to come.</summary>
    public required LocalDate AsOf { get; init; }

    /// <summary>In whose name people would be contacted.</summary>
    public string? Controller { get; init; }

    /// <summary>Where numbers without a country code are meant to be, where the row does not say.</summary>
    public Region Region { get; init; }

    /// <summary>The sheet of workbooks to read.</summary>
    public string? Sheet { get; init; }

    /// <summary>The encoding of text files, where it must not be guessed.</summary>
    public string? Encoding { get; init; }

    /// <summary>What the user said of columns: field words to headers.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Map { get; init; } = [];

    /// <summary>How many threads work.</summary>
    public int Threads { get; init; } = Math.Max(1, Math.Min(Environment.ProcessorCount, 16));
}
