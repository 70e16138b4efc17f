using NodaTime;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Tests.Rules;
using Xunit;

namespace Ringfence.Tests.Gate;

/// <summary>What somebody would do otherwise after a change of rules is told, and nothing else.</summary>
public sealed class VerdictDifferenceTests
{
    private static readonly Instant Noon = Instant.FromUtc(2026, 6, 9, 12, 0);

    private static readonly Rule Rule = SampleRule.Read("note: advice\n");

    private static readonly Reason Hours = new(ReasonCode.Hours, Rule, null, ReasonMarks.None, Noon);

    private static readonly Reason NoConsent = new(ReasonCode.NoConsent, null, null, ReasonMarks.None, null);

    [Fact]
    public void Verdicts_that_are_alike_have_no_difference()
    {
        Assert.Empty(VerdictDifference.Between(new Verdict.Allowed([], [], Noon), new Verdict.Allowed([], [], null)));
        Assert.Empty(VerdictDifference.Between(new Verdict.Deferred(Noon, [Hours]), new Verdict.Deferred(Noon, [Hours])));
        Assert.Empty(VerdictDifference.Between(new Verdict.Refused([NoConsent]), new Verdict.Refused([NoConsent, NoConsent with { Item = "record" }])));
    }

    [Fact]
    public void Every_kind_of_difference_is_told() => Assert.Equal(
        [
            new("verdict", "deferred", "refused"), new("until", "2026-06-09T12:00:00Z", null), new("first", "hours@fr-hours", "no-consent"), new("reasons", null, "no-consent"),
        ],
        VerdictDifference.Between(new Verdict.Deferred(Noon, [Hours]), new Verdict.Refused([NoConsent, Hours])));

    [Fact]
    public void An_end_that_moves_is_told_alone() => Assert.Equal(
        [new("until", "2026-06-09T12:00:00Z", "2026-06-09T13:00:00Z")],
        VerdictDifference.Between(new Verdict.Deferred(Noon, [Hours]), new Verdict.Deferred(Noon + Duration.FromHours(1), [Hours])));
}
