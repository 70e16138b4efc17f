using Ringfence.Consent;
using Ringfence.Lists;
using Ringfence.Numbers;
using Xunit;

namespace Ringfence.Tests.Lists;

/// <summary>The ladder of docs/reference/audit.md: each row mends exactly the flaw of the row above.</summary>
public sealed class GradingTests
{
    private const int Today = 20_000;
    private static readonly GradingTerms Terms = new(Today, Today - 730, SenderGiven: true, ChannelSet.Voice | ChannelSet.Email, static (_, _, _, _) => null);

    /// <summary>A contact with everything in order for live calls.</summary>
    private static ContactFacts Good()
    {
        var facts = new ContactFacts
        {
            Number = 16025550123,
            NumberFault = NumberFault.None,
            Source = SourceKind.Own,
            Yes = ChannelSet.Voice,
            LastSign = Today - 10,
            EmailStatus = EmailStatus.Valid,
            Email = 1,
        };
        for (var slot = 0; slot < EvidenceSlots.Count; slot++)
        {
            facts.Evidence[slot] = new Evidence
            {
                GivenOn = Today - 100,
                Until = ContactFacts.NoDay,
                HasWording = true,
                WordingChannels = ChannelSet.Voice,
            };
        }

        return facts;
    }

    private static ContactFacts With(Action<Box> change)
    {
        var box = new Box { Facts = Good() };
        change(box);
        return box.Facts;
    }

    private sealed class Box
    {
        public ContactFacts Facts;
    }

    public static TheoryData<string, string, string> Ladder { get; } = new()
    {
        { "refused here and elsewhere, a minor, no number", "never", "refused;refused-elsewhere;minor;missing-number" },
        { "refused elsewhere, a minor", "never", "refused-elsewhere;minor" },
        { "a minor", "never", "minor" },
        { "no number", "fix", "missing-number" },
        { "a wrong number", "fix", "invalid-number" },
        { "bought, pre-ticked, expired, unspecific, undated, inactive", "reconfirm", "third-party-source;pre-ticked;expired;opt-in-not-specific;long-inactive" },
        { "pre-ticked", "reconfirm", "pre-ticked" },
        { "expired", "reconfirm", "expired" },
        { "for e-mail only", "reconfirm", "no-opt-in-for-use" },
        { "not specific", "reconfirm", "opt-in-not-specific" },
        { "not recorded", "reconfirm", "opt-in-not-recorded" },
        { "long inactive", "reconfirm", "long-inactive" },
        { "all in order", "usable", "" },
    };

    [Theory, MemberData(nameof(Ladder))]
    public void Each_rung_gives_its_grade_and_reasons(string rung, string grade, string reasons)
    {
        var elsewhere = rung.Contains("elsewhere", StringComparison.Ordinal) ? ChannelSet.Phone : ChannelSet.None;
        var facts = With(box =>
        {
            ref var f = ref box.Facts;
            ref var evidence = ref f.Evidence[(int)EvidenceSlot.Calls];
            if (rung.Contains("refused here", StringComparison.Ordinal))
                f.Refused = ChannelSet.Phone;
            if (rung.Contains("a minor", StringComparison.Ordinal))
                f.Marks |= ContactMarks.Minor;
            if (rung.Contains("no number", StringComparison.Ordinal))
                f.NumberFault = NumberFault.Missing;
            if (rung.Contains("a wrong number", StringComparison.Ordinal))
                f.NumberFault = NumberFault.TooShort;
            if (rung.Contains("bought", StringComparison.Ordinal))
                f.Source = SourceKind.Bought;
            if (rung.Contains("pre-ticked", StringComparison.Ordinal))
                f.Marks |= ContactMarks.PreTicked;
            if (rung.Contains("expired", StringComparison.Ordinal))
                evidence.Until = Today - 1;
            if (rung.Contains("for e-mail only", StringComparison.Ordinal))
                evidence.WordingChannels = ChannelSet.Email;
            if (rung is "for e-mail only")
                f.Yes = ChannelSet.Email;
            if (rung.Contains("specific", StringComparison.Ordinal))
                evidence.Flaws = WordingFlaws.NoSender;
            if (rung is "not recorded")
                evidence.GivenOn = ContactFacts.NoDay;
            if (rung.Contains("inactive", StringComparison.Ordinal))
            {
                f.LastSign = Today - 1000;
                for (var slot = 0; slot < EvidenceSlots.Count; slot++)
                    f.Evidence[slot].GivenOn = Today - 1000;
            }
        });

        var graded = Grading.Grade(facts, elsewhere, Channel.Voice, Terms);

        Assert.Equal(grade, graded.Grade.Word());
        Assert.Equal(reasons, graded.Reasons.Words());
    }

    [Fact]
    public void A_wording_about_calls_opens_neither_automated_calls_nor_messages_nor_email()
    {
        foreach (var channel in new[] { Channel.VoiceAuto, Channel.Sms, Channel.Whatsapp, Channel.Email })
        {
            var graded = Grading.Grade(Good(), ChannelSet.None, channel, Terms);
            Assert.Equal((AuditGrade.Reconfirm, AuditReasons.NoOptInForUse), (graded.Grade, graded.Reasons));
        }
    }

    [Fact]
    public void A_yes_to_the_phone_whose_wording_names_messages_opens_messages()
    {
        var facts = With(static box =>
        {
            for (var slot = 0; slot < EvidenceSlots.Count; slot++)
                box.Facts.Evidence[slot].WordingChannels = ChannelSet.Voice | ChannelSet.Sms;
        });

        Assert.Equal(AuditGrade.Usable, Grading.Grade(facts, ChannelSet.None, Channel.Sms, Terms).Grade);
        Assert.Equal(AuditGrade.Reconfirm, Grading.Grade(facts, ChannelSet.None, Channel.Whatsapp, Terms).Grade);
    }

    [Fact]
    public void Nothing_on_record_is_never_usable()
    {
        var facts = With(static box => box.Facts.Yes = ChannelSet.None);
        foreach (var channel in Channels.All)
        {
            var graded = Grading.Grade(facts, ChannelSet.None, channel, Terms);
            Assert.Equal((AuditGrade.Reconfirm, AuditReasons.OptInNotRecorded), (graded.Grade, graded.Reasons));
        }
    }

    [Fact]
    public void Without_a_sender_nobody_is_usable_and_the_one_missing_fact_is_told()
    {
        var facts = With(static box => box.Facts.Evidence[0].Flaws = WordingFlaws.NoSender);
        var graded = Grading.Grade(facts, ChannelSet.None, Channel.Voice, Terms with { SenderGiven = false });
        Assert.Equal((AuditGrade.Reconfirm, AuditReasons.OptInNotSpecific, true), (graded.Grade, graded.Reasons, graded.LacksOnlySender));

        facts.Source = SourceKind.Bought;
        Assert.False(Grading.Grade(facts, ChannelSet.None, Channel.Voice, Terms with { SenderGiven = false }).LacksOnlySender);
    }

    [Theory]
    [InlineData(0, AuditGrade.Usable)]
    [InlineData(1, AuditGrade.Reconfirm)]
    public void A_yes_dated_after_the_audit_is_no_record(int daysAhead, AuditGrade grade)
    {
        var facts = With(box => box.Facts.Evidence[0].GivenOn = Today + daysAhead);
        Assert.Equal(grade, Grading.Grade(facts, ChannelSet.None, Channel.Voice, Terms).Grade);
    }

    [Theory]
    [InlineData(Today - 730, AuditGrade.Usable)]
    [InlineData(Today - 731, AuditGrade.Reconfirm)]
    public void The_last_sign_of_life_counts_to_the_day(int day, AuditGrade grade)
    {
        var facts = With(box =>
        {
            box.Facts.LastSign = ContactFacts.NoDay;
            for (var slot = 0; slot < EvidenceSlots.Count; slot++)
                box.Facts.Evidence[slot].GivenOn = day;
        });
        Assert.Equal(grade, Grading.Grade(facts, ChannelSet.None, Channel.Voice, Terms).Grade);
    }

    [Theory]
    [InlineData(0, AuditReasons.None)]
    [InlineData(-1, AuditReasons.Expired)]
    public void A_statutory_end_holds_through_its_last_day(int lastDay, AuditReasons reasons)
    {
        var graded = Grading.Grade(Good(), ChannelSet.None, Channel.Voice, Terms with { LastDay = (_, _, _, _) => Today + lastDay });
        Assert.Equal(reasons, graded.Reasons);
    }

    [Fact]
    public void A_refusal_stands_even_where_the_number_is_broken_or_the_row_unreadable()
    {
        var facts = With(static box =>
        {
            box.Facts.NumberFault = NumberFault.NotANumber;
            box.Facts.Marks |= ContactMarks.Unreadable;
            box.Facts.Refused = ChannelSet.All;
        });
        foreach (var channel in Channels.All)
            Assert.Equal(AuditGrade.Never, Grading.Grade(facts, ChannelSet.None, channel, Terms).Grade);
    }
}
