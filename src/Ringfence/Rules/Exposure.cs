using NodaTime;
using Ringfence.Lists;
using Ringfence.Numbers;

namespace Ringfence.Rules;

/// <summary>One contact of a list that may not be contacted as it is: which channels, and where the person is.</summary>
/// <param name="Place">Country; none where unknown.</param>
/// <param name="Closed">Channels, among those looked at, that lack a ground and have a number or address.</param>
public readonly record struct ExposedGroup(Region Place, ChannelSet Closed);

/// <summary>What contacting a list as it is could cost.</summary>
public static class Exposure
{
    /// <summary>Estimates statutory exposure per regime, the heaviest first.</summary>
    /// <param name="exposed">Different numbers and addresses per country and set of closed channels, and how many there are of each.</param>
    /// <param name="asOf">The day whose law counts.</param>
    /// <param name="turnover">Yearly worldwide turnover in EUR; null where not given.</param>
    public static IReadOnlyList<ExposureEstimate> Estimate(
        IReadOnlyDictionary<ExposedGroup, long> exposed, LocalDate asOf, decimal? turnover) => throw new NotImplementedException();
}
