using NodaTime;
using Ringfence.Numbers;

namespace Ringfence.Rules;

/// <summary>How long a consent lasts where the law itself sets a term.</summary>
public static class ConsentTerms
{
    /// <summary>The last day, in force on <paramref name="asOf"/>, on which a consent still holds; null where the law sets no term.</summary>
    public static LocalDate? LastDay(Region place, Channel channel, LocalDate givenOn, LocalDate asOf) => throw new NotImplementedException();
}
