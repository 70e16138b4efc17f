using System.Text.Json;

namespace Ringfence.NumberPlan;

/// <summary>The numbering plans as <c>facts/numbering/plan.json</c> holds them.</summary>
internal sealed class PlanFile
{
    private static readonly JsonSerializerOptions Names = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public required string Source { get; init; }

    /// <summary>Calling code to its regions, the main one first; <c>001</c> for codes that belong to no country.</summary>
    public required SortedDictionary<int, string[]> CallingCodes { get; init; }

    /// <summary>Plans by region; those of codes that belong to no country by calling code.</summary>
    public required SortedDictionary<string, RegionPlan> Regions { get; init; }

    public static PlanFile Read(string path) =>
        JsonSerializer.Deserialize<PlanFile>(File.ReadAllBytes(path), Names) ?? throw new FormatException($"{path} is empty");
}

internal sealed class RegionPlan
{
    public required int CallingCode { get; init; }

    public string? InternationalPrefix { get; init; }

    public string? NationalPrefix { get; init; }

    public string? ExtensionPrefix { get; init; }

    public string? NationalPrefixForParsing { get; init; }

    public string? NationalPrefixTransform { get; init; }

    public string? LeadingDigits { get; init; }

    public required NumberFormat[] Formats { get; init; }

    public required NumberFormat[] InternationalFormats { get; init; }

    public required Dictionary<string, RangePlan> Types { get; init; }
}

/// <summary>The numbers of one type: their pattern and lengths, and the lengths that reach inside an area only.</summary>
internal sealed class RangePlan
{
    public string? Pattern { get; init; }

    public int[]? Lengths { get; init; }

    public int[]? LocalLengths { get; init; }

    public int LengthMask => (Lengths ?? []).Aggregate(0, (mask, length) => mask | 1 << length);

    public int LocalLengthMask => (LocalLengths ?? []).Aggregate(0, (mask, length) => mask | 1 << length);
}

/// <summary>How numbers that begin with certain digits are grouped.</summary>
internal sealed class NumberFormat
{
    public required string Pattern { get; init; }

    public required string Format { get; init; }

    public string? LeadingDigits { get; init; }

    public string? NationalPrefixRule { get; init; }
}
