using NodaTime;
using NodaTime.Text;
using Ringfence.Gateways;
using Ringfence.Rights;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Rights;

/// <summary>Whom the law wants told what came of their yes or no, and until when.</summary>
public sealed class ResultDutyTests
{
    private static readonly Instant Noon = Instant.FromUtc(2026, 11, 24, 3, 0);

    [Theory]
    [InlineData("KR", true)]
    [InlineData("KR-11", true)]
    [InlineData("GB", false)]
    [InlineData("GB KR", true)]
    [InlineData("", false)]
    public void Who_lives_in_Korea_or_has_a_number_of_Korea_is_told(string places, bool isTold)
    {
        var duty = ResultDuty.Of(Rulebook.Shipped, places.Split(' ', StringSplitOptions.RemoveEmptyEntries), ChannelSet.Sms, Noon);
        Assert.Equal(isTold ? "kr-result" : null, duty?.Rule.Id);
        if (duty is not null)
            Assert.Equal(!places.Contains("GB", StringComparison.Ordinal), duty.IsAlone);
    }

    [Theory]
    // Noon in Korea, the last moment of a day there, and the first of the next.
    [InlineData("2026-11-24T03:00:00Z", "2026-11-24", "2026-12-08", "2026-12-08T15:00:00Z")]
    [InlineData("2026-11-24T14:59:59Z", "2026-11-24", "2026-12-08", "2026-12-08T15:00:00Z")]
    [InlineData("2026-11-24T15:00:00Z", "2026-11-25", "2026-12-09", "2026-12-09T15:00:00Z")]
    public void The_fourteen_days_are_days_of_Korea_and_the_first_is_not_counted(string at, string day, string due, string late)
    {
        var said = InstantPattern.ExtendedIso.Parse(at).Value;
        var duty = ResultDuty.Of(Rulebook.Shipped, ["KR"], ChannelSet.All, said)!;
        Assert.Equal((day, due, late), (LocalDatePattern.Iso.Format(duty.DayOf(said)), LocalDatePattern.Iso.Format(duty.DueOf(said)), InstantPattern.ExtendedIso.Format(duty.LateAt(said))));
    }

    [Fact]
    public void A_rule_that_is_not_in_force_or_about_another_channel_wants_nothing()
    {
        Assert.NotNull(ResultDuty.Of(Rules(""), ["XA"], ChannelSet.Sms, Noon));
        Assert.Null(ResultDuty.Of(Rules("until: 2026-11-24"), ["XA"], ChannelSet.Sms, Noon));
        Assert.Null(ResultDuty.Of(Rules("when: { channel: [voice] }"), ["XA"], ChannelSet.Sms, Noon));
        Assert.NotNull(ResultDuty.Of(Rules("when: { channel: [voice] }"), ["XA"], ChannelSet.Phone, Noon));
        Assert.Null(ResultDuty.Of(Rules("when: { class: [research] }"), ["XA"], ChannelSet.Sms, Noon));
        // What nobody knows of them here is no reason to leave them untold.
        Assert.NotNull(ResultDuty.Of(Rules("when: { audience: [b2c] }"), ["XA"], ChannelSet.Sms, Noon));
        Assert.Null(ResultDuty.Of(Rules("", duty: "within: P14D"), ["XA"], ChannelSet.Sms, Noon));
    }

    [Fact]
    public void Within_how_long_has_to_be_said()
    {
        var fault = Assert.Throws<RuleFileException>(() => Rules("", duty: "of: answer"));
        Assert.Contains("within", fault.Message, StringComparison.Ordinal);
        Assert.Throws<RuleFileException>(() => Rules("", duty: "within: P14D, of: question"));
    }

    [Theory]
    [InlineData("en", "Acme Ltd: on 24 November 2026 you agreed to advertising from us. This is noted and in force.")]
    [InlineData("zh-Hans", "Acme Ltd：您于 2026 年 11 月 24 日同意接收我们的广告。已记录，现已生效。")]
    [InlineData("zh-Hant", "Acme Ltd：您於 2026 年 11 月 24 日同意接收我們的廣告。已記錄，現已生效。")]
    [InlineData("ko", "Acme Ltd: 2026년 11월 24일 광고성 정보 수신에 동의하셨습니다. 처리 결과: 수신동의 처리 완료.")]
    [InlineData("sv", "Acme Ltd: on 24 November 2026 you agreed to advertising from us. This is noted and in force.")]
    public void The_message_says_who_what_when_and_what_came_of_it(string language, string text) =>
        Assert.Equal(text, ResultText.Of(language, "Acme Ltd", [(ResultSaid.Consent, new LocalDate(2026, 11, 24))]));

    [Fact]
    public void Of_several_the_outcome_is_that_of_the_last()
    {
        (ResultSaid, LocalDate)[] said = [(ResultSaid.Consent, new LocalDate(2026, 11, 24)), (ResultSaid.Withdrawal, new LocalDate(2026, 11, 25))];
        Assert.Equal("Acme Ltd: on 24 November 2026 you agreed to advertising from us. On 25 November 2026 you took back your consent to advertising from us. This is noted and in force.", ResultText.Of("en", "Acme Ltd", said));
        Assert.EndsWith("처리 결과: 수신동의 철회 처리 완료.", ResultText.Of("ko", "Acme Ltd", said), StringComparison.Ordinal);
    }

    [Fact]
    public void In_every_language_each_statement_reads_otherwise_and_one_message_is_short()
    {
        foreach (var language in ResultText.Languages)
        {
            var texts = Enum.GetValues<ResultSaid>().Select(said => ResultText.Of(language, "Acme Ltd", [(said, new LocalDate(2026, 11, 24))])).ToList();
            Assert.Equal(3, texts.Distinct().Count());
            Assert.All(texts, text => Assert.InRange(text.Length, 20, 160));
            Assert.Contains("Acme Ltd", ResultText.Subject(language, "Acme Ltd"), StringComparison.Ordinal);
        }
    }

    private static Rulebook Rules(string more, string duty = "within: P14D, of: answer") => Rulebook.Read(
    [
        ("rules/xa/pack.yaml", "prefix: xa\nname: { en: A, zh-Hans: A, zh-Hant: A }\ncovers: [XA]\nreviewed: 2026-11-21\n"),
        ("rules/xa/told/2026-01-01.yaml", $$"""
            id: xa-told
            says: { en: "They are told.", zh-Hans: "须告知。", zh-Hant: "須告知。" }
            cites: "art. 1"
            source: https://example.org/
            certainty: secondary
            grade: statute
            from: 2026-01-01
            obliges:
              - written-confirmation: { {{duty}} }
            {{more}}
            """),
    ]);
}
