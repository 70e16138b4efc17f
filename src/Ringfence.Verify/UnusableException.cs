namespace Ringfence.Verify;

/// <summary>What was given can't be checked at all: no such file, no bundle, no policy. Ends with exit code 2.</summary>
/// <param name="why">A stable word, such as <c>not-a-policy</c>; the sentence of that name tells it to people.</param>
/// <param name="where">The file, the option or the place within a file; never what stands there.</param>
#pragma warning disable CA1032 // one way to be made: with a reason
internal sealed class UnusableException(string why, string where) : Exception($"{why}: {where}")
#pragma warning restore CA1032
{
    public string Why { get; } = why;

    public string Where { get; } = where;
}
