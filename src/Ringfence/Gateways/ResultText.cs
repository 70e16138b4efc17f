using System.Globalization;
using NodaTime;
using Ringfence.Rights;

namespace Ringfence.Gateways;

/// <summary>What somebody is told of their own yes or no: who says it, what they said and on which day, and what came of it. It sells nothing, and asks for nothing.</summary>
/// <remarks>
/// Source: Network Act of South Korea, art. 50(7), and its decree, art. 62-2: the sender's name, the fact and the date of the statement, the outcome. The Korean text has the law's own words for a consent, a refusal and a
/// withdrawal (수신동의, 수신거부, 수신동의 철회), and no more than those.
/// </remarks>
public static class ResultText
{
    /// <summary>The languages there are.</summary>
    public static IReadOnlyList<string> Languages { get; } = ["en", "zh-Hans", "zh-Hant", "ko"];

    /// <summary>The text.</summary>
    /// <param name="language">BCP 47; English where it is none of <see cref="Languages"/>.</param>
    /// <param name="sender">Who says it.</param>
    /// <param name="said">What they said and when, in order; at least one. The outcome is that of the last.</param>
    public static string Of(string language, string sender, IReadOnlyList<(ResultSaid Said, LocalDate Day)> said)
    {
        ArgumentNullException.ThrowIfNull(said);
        ArgumentOutOfRangeException.ThrowIfZero(said.Count);
        var isChinese = language is "zh-Hans" or "zh-Hant";
        var facts = said.Select((one, at) => Fact(language, one.Said, Date(language, one.Day), isFirst: at == 0));
        return CodeText.Sender(sender) + (isChinese ? "：" : ": ") + string.Join(isChinese ? "" : " ", facts.Append(Outcome(language, said[^1].Said)));
    }

    /// <summary>The subject of a mail that carries it.</summary>
    public static string Subject(string language, string sender) => string.Format(CultureInfo.InvariantCulture, language switch
    {
        "zh-Hans" => "{0}：您的意愿已记录",
        "zh-Hant" => "{0}：您的意願已記錄",
        "ko" => "{0}: 광고성 정보 수신 의사 처리 결과",
        _ => "{0}: what you told us is noted",
    }, CodeText.Sender(sender));

    private static string Fact(string language, ResultSaid said, string day, bool isFirst) => string.Format(CultureInfo.InvariantCulture, (language, said) switch
    {
        ("zh-Hans", ResultSaid.Consent) => "您于 {0}同意接收我们的广告。",
        ("zh-Hans", ResultSaid.Refusal) => "您于 {0}拒绝接收我们的广告。",
        ("zh-Hans", ResultSaid.Withdrawal) => "您于 {0}撤回了接收我们广告的同意。",
        ("zh-Hant", ResultSaid.Consent) => "您於 {0}同意接收我們的廣告。",
        ("zh-Hant", ResultSaid.Refusal) => "您於 {0}拒絕接收我們的廣告。",
        ("zh-Hant", ResultSaid.Withdrawal) => "您於 {0}撤回了接收我們廣告的同意。",
        ("ko", ResultSaid.Consent) => "{0} 광고성 정보 수신에 동의하셨습니다.",
        ("ko", ResultSaid.Refusal) => "{0} 광고성 정보 수신을 거부하셨습니다.",
        ("ko", ResultSaid.Withdrawal) => "{0} 광고성 정보 수신동의를 철회하셨습니다.",
        (_, ResultSaid.Consent) => "{1} {0} you agreed to advertising from us.",
        (_, ResultSaid.Refusal) => "{1} {0} you said no to advertising from us.",
        (_, ResultSaid.Withdrawal) => "{1} {0} you took back your consent to advertising from us.",
        _ => throw new ArgumentOutOfRangeException(nameof(said)),
    }, day, isFirst ? "on" : "On");

    private static string Outcome(string language, ResultSaid said) => (language, said) switch
    {
        ("zh-Hans", _) => "已记录，现已生效。",
        ("zh-Hant", _) => "已記錄，現已生效。",
        ("ko", ResultSaid.Consent) => "처리 결과: 수신동의 처리 완료.",
        ("ko", ResultSaid.Refusal) => "처리 결과: 수신거부 처리 완료.",
        ("ko", _) => "처리 결과: 수신동의 철회 처리 완료.",
        _ => "This is noted and in force.",
    };

    private static string Date(string language, LocalDate day) => language switch
    {
        "zh-Hans" or "zh-Hant" => string.Create(CultureInfo.InvariantCulture, $"{day.Year} 年 {day.Month} 月 {day.Day} 日"),
        "ko" => string.Create(CultureInfo.InvariantCulture, $"{day.Year}년 {day.Month}월 {day.Day}일"),
        _ => day.ToString("d MMMM uuuu", CultureInfo.InvariantCulture),
    };
}
