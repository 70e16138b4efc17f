using Ringfence.Gate;
using Xunit;

namespace Ringfence.Tests.Gate;

/// <summary>Where a fact is wanting or can be read in two ways, the gate takes the stricter side.</summary>
public sealed class StricterSideTests
{
    [Fact]
    public void A_candidate_place_in_another_country_than_the_number_keeps_its_own_clocks() => Says(
        "deferred", "hours@us-fed-hours", """
        given: clean
        at: 2026-06-09T07:00 Europe/Vienna
        ask: { channel: sms, class: marketing, purpose: offers }
        contact: { phone: "+436641234567", residence: [US-WY, AT] }
        registers: { us-national: { screenedAt: 2026-06-08, listed: false }, at-ecg: { screenedAt: 2026-06-08, listed: false } }
        consents: [{ channels: [sms], purposes: [offers], grantedAt: 2026-06-01, evidence: complete }]
        """);

    [Fact]
    public void A_pause_until_a_day_lasts_through_that_day_for_service_too() => Says(
        "deferred", "preference", """
        given: clean
        at: 2026-06-30T23:00 Europe/Paris
        ask: { channel: email, class: service, purpose: offers }
        contact: { email: a@example.org, residence: FR, wishes: { pausedUntil: 2026-06-30 } }
        """);

    [Fact]
    public void Hours_that_somebody_wished_for_need_a_clock() => Says(
        "refused", "missing-fact", """
        given: clean
        at: 2026-06-30T12:00:00Z
        ask: { channel: email, class: service, purpose: offers }
        contact: { email: a@example.org, wishes: { hours: [{ days: daily, from: "00:00", until: "24:00" }] } }
        """);

    [Fact]
    public void A_call_whose_technique_nobody_stated_may_be_an_automated_one() => Says(
        "refused", "missing-fact", """
        given: clean
        at: 2026-06-09T11:00 Europe/Luxembourg
        ask: { channel: voice, technique: null, class: service, purpose: offers }
        contact: { phone: "+352621123456", residence: LU }
        """);

    [Fact]
    public void A_consent_covers_no_technique_that_nobody_stated() => Says(
        "refused", "channel@de-auto", """
        given: clean
        at: 2026-06-09T11:00 Europe/Berlin
        ask: { channel: sms, technique: null, class: marketing, purpose: offers }
        contact: { phone: "+4915112345678", residence: DE }
        consents: [{ channels: [sms], purposes: [offers], grantedAt: 2026-06-01, evidence: complete }]
        """);

    [Fact]
    public void A_withdrawal_about_one_subject_counts_where_nobody_stated_the_subject() => Says(
        "refused", "withdrawn", """
        given: clean
        at: 2026-06-09T11:00 America/Denver
        ask: { channel: email, class: charity, purpose: offers }
        contact: { email: a@example.org, residence: US-WY }
        consents: [{ channels: [email], purposes: [offers], subject: solar, grantedAt: 2025-01-10, withdrawnAt: 2026-01-01, evidence: complete }]
        """);

    [Fact]
    public void A_withdrawal_is_told_also_where_the_history_is_not_known() => Says(
        "refused", "withdrawn", """
        given: clean
        at: 2026-06-09T11:00 America/Denver
        ask: { channel: email, class: charity, purpose: offers }
        contact: { email: a@example.org, residence: US-WY }
        consents: [{ channels: [email], purposes: [offers], grantedAt: 2025-01-10, withdrawnAt: 2026-01-01, evidence: complete }]
        history: null
        """);

    [Fact]
    public void An_opt_out_on_a_channel_that_nobody_stated_may_have_been_on_this_one() => Says(
        "refused", "missing-fact@carrier-toll-free-stop", """
        given: clean
        at: 2026-12-09T11:00 America/Denver
        ask: { channel: sms, class: service, purpose: offers, callerId: { number: "+18665550123" } }
        contact: { phone: "+13072344567", residence: US-WY }
        history: [{ at: 2026-12-01T10:00:00Z, outcome: opted-out }]
        """);

    [Fact]
    public void A_consent_whose_day_nobody_stated_may_be_one_that_has_to_be_confirmed() => Says(
        "refused", "missing-fact@eu-consent-age", """
        given: clean
        at: 2026-06-09T11:00 Europe/Oslo
        ask: { channel: voice, class: marketing, purpose: offers }
        contact: { phone: "+4722123456", residence: "NO" }
        registers: { no-reservation: { screenedAt: 2026-06-08, listed: false } }
        consents: [{ channels: [voice], purposes: [offers], evidence: complete }]
        """);

    [Fact]
    public void Consents_that_nobody_stated_may_have_been_taken_back() => Says(
        "refused", "missing-fact", """
        given: clean
        at: 2026-06-09T11:00 America/Denver
        ask: { channel: email, class: charity, purpose: offers }
        contact: { email: a@example.org, residence: US-WY }
        consents: null
        """);

    [Fact]
    public void A_listing_says_relation_ended_only_where_the_relation_is_all_that_is_wanting() => Says(
        "refused", "register@us-fed-ndnc", """
        given: clean
        at: 2026-06-09T11:00 America/Denver
        ask: { channel: voice-auto, class: marketing, purpose: offers }
        contact: { phone: "+13072344567", residence: US-WY, relation: [{ kind: enquiry, from: 2025-01-01 }] }
        registers: { us-national: { screenedAt: 2026-06-08, listed: true } }
        """);

    private static void Says(string word, string reason, string situation)
    {
        var verdict = ContactGate.Shipped.Decide(SituationFile.Read("here", situation));
        Assert.Equal(word, verdict.Word);
        Assert.Contains(reason, verdict.AllReasons.Select(one => $"{Words<ReasonCode>.Of(one.Code)}{(one.Rule is { } rule ? "@" + rule.Id : "")}"));
    }
}
