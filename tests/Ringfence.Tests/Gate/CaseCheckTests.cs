using NodaTime;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Tests.Rules;
using Xunit;

namespace Ringfence.Tests.Gate;

/// <summary>What came out differently from what a case expects is told, each thing in a sentence.</summary>
public sealed class CaseCheckTests
{
    private static readonly Instant Noon = Instant.FromUtc(2026, 6, 9, 12, 0);

    private static readonly Rule Hours = SampleRule.Read("note: advice\n");

    private static readonly Reason[] Reasons =
    [
        new(ReasonCode.ConsentDefective, Hours, "signature,writing", ReasonMarks.None, null),
        new(ReasonCode.Hours, null, null, ReasonMarks.None, Noon),
    ];

    private static readonly Verdict Refused = new Verdict.Refused([.. Reasons]) { Notes = [new VerdictNote("contested", null, Hours)] };

    private static readonly Verdict Deferred = new Verdict.Deferred(Noon, [new Reason(ReasonCode.Hours, Hours, null, ReasonMarks.None, Noon)]);

    private static readonly Verdict Allowed = new Verdict.Allowed([new Obligation(ObligationCode.Identity, Hours, null)], [], null);

    private static Verdict Named(string word) => word switch { "refused" => Refused, "deferred" => Deferred, _ => Allowed };

    [Theory]
    [InlineData("refused", "verdict: refused, first: consent-defective@fr-hours, reasons: [hours], without: [cap, hours@fr-hours], items: [writing], notes: [contested], alternatives: [sms]")]
    [InlineData("deferred", "verdict: deferred, until: 2026-06-09T12:00:00Z, first: hours, without: [register]")]
    [InlineData("allowed", "verdict: allowed, obligations: [identity], alternatives: [sms]")]
    public void What_came_out_as_expected_is_not_told(string verdict, string expected) => Assert.Empty(Compare(expected, Named(verdict)));

    [Theory]
    [InlineData("refused", "verdict: allowed", "verdict: expected allowed, got refused (consent-defective@fr-hours [signature,writing], hours)")]
    [InlineData("allowed", "verdict: refused", "verdict: expected refused, got allowed")]
    [InlineData("deferred", "until: 2026-06-09T12:00:01Z, verdict: deferred", "until: expected 2026-06-09T12:00:01Z, got 2026-06-09T12:00:00Z")]
    [InlineData("refused", "first: consent-defective@us-x", "first reason: expected consent-defective@us-x, got consent-defective@fr-hours [signature,writing], hours")]
    [InlineData("allowed", "first: register", "first reason: expected register, got none")]
    [InlineData("deferred", "reasons: [hours, cap]", "reasons: expected cap, got hours@fr-hours")]
    [InlineData("deferred", "without: [hours]", "reasons: expected no hours, got hours@fr-hours")]
    [InlineData("refused", "items: [wording]", "items: expected wording, got signature, writing")]
    [InlineData("allowed", "obligations: [principal]", "obligations: expected principal, got identity")]
    [InlineData("allowed", "notes: [not-reviewed]", "notes: expected not-reviewed, got none")]
    [InlineData("allowed", "alternatives: [email, voice]", "alternatives: expected voice, email, got sms")]
    public void What_came_out_differently_is_told(string verdict, string expected, string difference) =>
        Assert.Equal(difference, Assert.Single(Compare(expected, Named(verdict))));

    [Fact]
    public void A_rule_that_is_not_there_is_told_for_nothing_could_ever_be_its_reason()
    {
        var gate = new ContactGate(Rulebook.Read([(SampleRule.PackFile, SampleRule.PackText), (SampleRule.File, SampleRule.Head + "refuse: sector-ban\n")]));
        Assert.Equal("no rule has the id fr-houses", Assert.Single(CaseCheck.Run(Case("without: [hours@fr-houses]"), gate)).ToString());
        Assert.Empty(CaseCheck.Run(Case("verdict: refused, without: [hours@fr-hours]"), gate));
    }

    private static string[] Compare(string expected, Verdict verdict) => [.. CaseCheck.Compare(Case(expected), verdict, [Channel.Sms]).Select(difference => difference.ToString())];

    private static WorkedCase Case(string expected) =>
        Assert.Single(CaseFile.Read("cases/x.yaml", $"cases: [{{ case: a, source: b, at: 2026-06-09T11:00:00Z, expect: {{ {expected} }} }}]"));
}
