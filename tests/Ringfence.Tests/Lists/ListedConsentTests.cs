using FsCheck;
using FsCheck.Fluent;
using Ringfence.Consent;
using Ringfence.Lists;
using Ringfence.Numbers;
using Xunit;

namespace Ringfence.Tests.Lists;

/// <summary>What of a list's yes may be put on record. The outcomes of docs/reference/import.md.</summary>
public sealed class ListedConsentTests
{
    private const int Today = 20_000;
    private const ChannelSet Cells = ChannelSet.Voice | ChannelSet.Email;

    private static readonly WordingFlaws[] KnownFlaws =
    [
        WordingFlaws.NoSender, WordingFlaws.OtherSender | WordingFlaws.NoSender, WordingFlaws.NoPurpose, WordingFlaws.Bundled,
        WordingFlaws.UnnamedPartners, WordingFlaws.PreTicked, WordingFlaws.None, WordingFlaws.None,
    ];

    private static ContactFacts Row(ChannelSet yes, int givenOn = Today - 100, ChannelSet? wording = null, WordingFlaws flaws = WordingFlaws.None, ContactMarks marks = ContactMarks.None, int until = ContactFacts.NoDay)
    {
        var facts = new ContactFacts { Number = 16025550123, Yes = yes, Marks = marks, LastSign = Today - 1, EmailStatus = EmailStatus.Valid, Email = 1, Source = SourceKind.Own };
        for (var slot = 0; slot < EvidenceSlots.Count; slot++)
        {
            facts.Evidence[slot] = new Evidence
            {
                GivenOn = givenOn, Until = until, HasWording = wording is not null, WordingChannels = wording ?? ChannelSet.None, Flaws = flaws,
            };
        }

        return facts;
    }

    private static ListedConsent Of(in ContactFacts facts, Channel channel, ChannelSet closed = ChannelSet.None, ChannelSet pending = ChannelSet.None, ChannelSet unclear = ChannelSet.None) =>
        ListedConsent.Of(facts, closed, pending, unclear, channel, Cells, Today);

    [Fact]
    public void A_yes_with_its_day_and_words_is_given_without_a_flaw() =>
        Assert.Equal(new ListedConsent(ListedAnswer.Given, ListedFlaws.None, true), Of(Row(ChannelSet.Voice, wording: ChannelSet.Voice), Channel.Voice));

    [Fact]
    public void A_refusal_outweighs_any_yes() =>
        Assert.Equal(ListedAnswer.Refused, Of(Row(ChannelSet.Voice, wording: ChannelSet.Voice), Channel.Voice, closed: ChannelSet.Phone).Answer);

    [Theory]
    [InlineData(WordingFlaws.NoPurpose, ListedAnswer.Given, ListedFlaws.NoPurpose)]
    [InlineData(WordingFlaws.NoSender, ListedAnswer.Given, ListedFlaws.NoSender)]
    [InlineData(WordingFlaws.UnnamedPartners, ListedAnswer.Given, ListedFlaws.UnnamedPartners)]
    [InlineData(WordingFlaws.UnnamedPartners | WordingFlaws.NoSender, ListedAnswer.Asked, ListedFlaws.UnnamedPartners | ListedFlaws.NoSender)]
    [InlineData(WordingFlaws.NoSender | WordingFlaws.OtherSender, ListedAnswer.Asked, ListedFlaws.NoSender | ListedFlaws.OtherSender)]
    [InlineData(WordingFlaws.Bundled, ListedAnswer.Asked, ListedFlaws.Bundled)]
    [InlineData(WordingFlaws.PreTicked, ListedAnswer.Asked, ListedFlaws.PreTicked)]
    public void What_the_words_lack_is_told_and_what_makes_a_yes_none_leaves_none(WordingFlaws flaws, ListedAnswer answer, ListedFlaws told) =>
        Assert.Equal(new ListedConsent(answer, told, true), Of(Row(ChannelSet.Voice, wording: ChannelSet.Voice, flaws: flaws), Channel.Voice));

    [Fact]
    public void A_yes_without_day_or_words_says_so()
    {
        Assert.Equal(new ListedConsent(ListedAnswer.Given, ListedFlaws.NoDay | ListedFlaws.NoWording, false), Of(Row(ChannelSet.Voice, ContactFacts.NoDay), Channel.Voice));
        Assert.Equal(ListedFlaws.DayToCome, Of(Row(ChannelSet.Voice, Today + 1, ChannelSet.Voice), Channel.Voice).Flaws);
        Assert.Equal(ListedFlaws.None, Of(Row(ChannelSet.Voice, Today, ChannelSet.Voice), Channel.Voice).Flaws);
    }

    [Fact]
    public void A_yes_to_the_phone_carries_another_channel_only_where_its_words_name_it()
    {
        var facts = Row(ChannelSet.Voice, wording: ChannelSet.Voice | ChannelSet.Sms);
        Assert.Equal(ListedAnswer.Given, Of(facts, Channel.Sms).Answer);
        Assert.Equal(ListedAnswer.Nothing, Of(facts, Channel.VoiceAuto).Answer);
        Assert.Equal(ListedAnswer.Nothing, Of(facts, Channel.Email).Answer);
        Assert.Equal(ListedAnswer.Nothing, Of(Row(ChannelSet.Voice), Channel.Sms).Answer);
    }

    [Fact]
    public void A_yes_that_names_no_channel_counts_where_its_words_do_and_is_a_question_elsewhere()
    {
        Assert.Equal(ListedAnswer.Given, Of(Row(ChannelSet.None, wording: ChannelSet.Sms, marks: ContactMarks.GeneralYes), Channel.Sms).Answer);
        Assert.Equal(ListedAnswer.Nothing, Of(Row(ChannelSet.None, wording: ChannelSet.Sms, marks: ContactMarks.GeneralYes), Channel.Email).Answer);
        Assert.Equal(new ListedConsent(ListedAnswer.Asked, ListedFlaws.NoWording | ListedFlaws.NoChannel, false), Of(Row(ChannelSet.None, marks: ContactMarks.GeneralYes), Channel.Voice));
        Assert.Equal(ListedAnswer.Nothing, Of(Row(ChannelSet.None, marks: ContactMarks.GeneralYes), Channel.VoiceAuto).Answer);
    }

    [Fact]
    public void Words_about_another_channel_belong_to_its_own_cell_or_make_the_yes_none()
    {
        Assert.Equal(new ListedConsent(ListedAnswer.Given, ListedFlaws.NoWording, false), Of(Row(ChannelSet.Voice, wording: ChannelSet.Email), Channel.Voice));
        Assert.Equal(new ListedConsent(ListedAnswer.Asked, ListedFlaws.OtherChannel, true), Of(Row(ChannelSet.Voice, wording: ChannelSet.Whatsapp), Channel.Voice));
    }

    [Fact]
    public void A_term_that_has_passed_ends_a_yes_and_its_last_day_does_not()
    {
        Assert.Equal(ListedAnswer.Given, Of(Row(ChannelSet.Voice, wording: ChannelSet.Voice, until: Today), Channel.Voice).Answer);
        Assert.Equal(ListedAnswer.Expired, Of(Row(ChannelSet.Voice, wording: ChannelSet.Voice, until: Today - 1), Channel.Voice).Answer);
    }

    [Fact]
    public void What_was_asked_or_is_unclear_is_told_where_there_is_no_yes()
    {
        Assert.Equal(ListedAnswer.Asked, Of(Row(ChannelSet.None), Channel.Sms, pending: ChannelSet.Sms).Answer);
        Assert.Equal(ListedAnswer.Unclear, Of(Row(ChannelSet.None), Channel.Sms, unclear: ChannelSet.Sms).Answer);
        Assert.Equal(ListedAnswer.Nothing, Of(Row(ChannelSet.None), Channel.Voice, pending: ChannelSet.Sms).Answer);
    }

    [Fact]
    public void Nothing_is_taken_of_a_row_that_could_not_be_read() =>
        Assert.Equal(ListedAnswer.Nothing, Of(Row(ChannelSet.Voice, wording: ChannelSet.Voice, marks: ContactMarks.Unreadable), Channel.Voice).Answer);

    /// <summary>The audit and the import read the same rows: what one calls usable the other takes without a flaw, and the other way round.</summary>
    [Fact]
    public void Given_without_a_flaw_is_what_the_audit_calls_usable() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(5000), Prop.ForAll(AnyRow().ToArbitrary(), row =>
    {
        var terms = new GradingTerms(Today, Today - 730, SenderGiven: true, Cells, static (_, _, _, _) => null);
        foreach (var channel in Channels.All)
        {
            var usable = Grading.Grade(row, ChannelSet.None, channel, terms).Grade == AuditGrade.Usable;
            var listed = Of(row, channel, closed: row.Refused);
            if (usable != (listed is { Answer: ListedAnswer.Given, Flaws: ListedFlaws.None }))
                return false;
        }

        return true;
    }));

    private static Gen<ContactFacts> AnyRow() =>
        from yes in Gen.Choose(0, 63)
        from refused in Gen.Elements(0, 0, 0, 1, 32)
        from marks in Gen.Elements(ContactMarks.None, ContactMarks.GeneralYes, ContactMarks.PreTicked, ContactMarks.GeneralYes | ContactMarks.PreTicked)
        from slots in Gen.ArrayOf(AnyEvidence(), EvidenceSlots.Count)
        select Filled(Row((ChannelSet)yes, marks: marks), (ChannelSet)refused, slots);

    private static ContactFacts Filled(ContactFacts facts, ChannelSet refused, Evidence[] slots)
    {
        facts.Refused = refused;
        for (var slot = 0; slot < slots.Length; slot++)
            facts.Evidence[slot] = slots[slot];
        return facts;
    }

    private static Gen<Evidence> AnyEvidence() =>
        from day in Gen.Elements(ContactFacts.NoDay, Today - 400, Today, Today + 1)
        from until in Gen.Elements(ContactFacts.NoDay, ContactFacts.NoDay, Today - 1, Today)
        from has in Gen.Elements(true, true, false)
        from channels in Gen.Elements(0, 1, 2, 3, 4, 16, 17, 63)
        from flaws in Gen.Elements(KnownFlaws)
        select new Evidence { GivenOn = day, Until = until, HasWording = has, WordingChannels = has ? (ChannelSet)channels : ChannelSet.None, Flaws = has ? flaws : WordingFlaws.None };
}
