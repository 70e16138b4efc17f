using NodaTime;

namespace Ringfence.Server.Figures;

/// <summary>How pressing something is.</summary>
internal enum NeedWeight
{
    /// <summary>Nobody can be contacted, or what is promised is not kept.</summary>
    Now,

    /// <summary>It will stop something, or something is not as safe as it should be.</summary>
    Soon,

    /// <summary>Good to know.</summary>
    Note,
}

/// <summary>Something that somebody has to do.</summary>
/// <param name="Key">The texts <c>Need.KEY</c>, <c>Need.KEY.Why</c>, <c>Need.KEY.Due</c> and <c>Need.KEY.Act</c> tell of it.</param>
/// <param name="Weight">How pressing it is.</param>
/// <param name="Arguments">What the texts name; nothing personal.</param>
/// <param name="Href">Where it is done; null: not here, or not by whoever reads it.</param>
internal sealed record Need(string Key, NeedWeight Weight, IReadOnlyList<object> Arguments, string? Href)
{
    /// <summary>Since when, or until when; null: it has no time.</summary>
    public Instant? At { get; init; }
}

/// <summary>One of the first steps of a new house.</summary>
/// <param name="Key">The texts <c>Step.KEY</c> and <c>Step.KEY.Why</c>.</param>
/// <param name="IsDone">Whether it was done.</param>
/// <param name="Href">Where; null: not here, or not by whoever reads it.</param>
internal sealed record FirstStep(string Key, bool IsDone, string? Href);
