using System.Collections.Immutable;
using NodaTime;

namespace Ringfence.Gate;

/// <summary>What a copy of a register said of the number, in words.</summary>
/// <param name="Name">The register.</param>
/// <param name="Screening">What it said.</param>
/// <param name="Day">The day whose state the copy shows.</param>
/// <param name="Text">All of it as a sentence.</param>
public sealed record ExplainedScreening(string Name, Screening Screening, LocalDate Day, string Text)
{
    /// <summary>Of those that were looked into here, by name; what others state of a screening of theirs is not told as ours.</summary>
    internal static ImmutableArray<ExplainedScreening> Of(IReadOnlyDictionary<string, Screening>? registers, GateLanguage say) => registers is null ? [] :
        [.. registers.Where(static one => one.Value is { Version: not null, ScreenedAt: not null, Listed: not null }).OrderBy(static one => one.Key, StringComparer.Ordinal).Select(one => Of(one.Key, one.Value, say))];

    private static ExplainedScreening Of(string name, Screening screening, GateLanguage say)
    {
        var day = screening.ScreenedAt!.Value.DayIn(DateTimeZone.Utc);
        return new ExplainedScreening(name, screening, day, say.Say(screening.Listed == true ? "screening.listed" : "screening.clear", name, screening.Version!, say.Date(day)));
    }
}
