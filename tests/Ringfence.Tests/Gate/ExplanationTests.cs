using NodaTime;
using Ringfence.Gate;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Gate;

/// <summary>Verdicts are told in a paragraph that can be read aloud, and with all that a lawyer checks.</summary>
public sealed class ExplanationTests
{
    private const string Facts = """
        defaults:
          ask: { controller: acme, channel: voice, class: marketing, purpose: offers }
          contact: { phone: "+31612345678", residence: NL, zone: Europe/Amsterdam }

        """;

    private static readonly ContactGate Gate = new(Rulebook.Read(
    [
        ("rules/nl/pack.yaml", "prefix: nl\nname: { en: The Netherlands, zh-Hans: 荷兰, zh-Hant: 荷蘭 }\ncovers: [NL]\nreviewed: 2026-01-01\n"),
        ("rules/nl/calls/2020-01-01.yaml", Rule("calls", "Calls need consent.", "致电须经同意。", "致電須經同意。") + """
            contested: "Whether it binds charities."
            when: { channel: [voice] }
            ground: { any-of: [ { consent: { needs: [record, wording] } }, { relation: { kinds: [purchase], within: P1Y } } ] }
            obliges: [ principal, { identity: { within: PT30S, blocks: [identity, goods] } }, { record-keeping: { keep: P5Y } } ]
            """),
        ("rules/nl/hours/2020-01-01.yaml", Rule("hours", "Calls between 10 and 20 on weekdays.", "平日 10 时至 20 时可致电。", "平日 10 時至 20 時可致電。") + """
            when: { channel: [voice, sms] }
            hours: { open: [ { days: mon-fri, from: "10:00", until: "20:00" } ] }
            """),
        ("rules/nl/register/2020-01-01.yaml", Rule("register", "Not those on the register.", "不得致电登记者。", "不得致電登記者。") + """
            when: { channel: [voice, sms, email] }
            register: { name: nl-list, screened-within: P31D }
            """),
    ]));

    [Theory]
    [InlineData("en", "You may call this person now, Tuesday 9 June 2026, 11:00 their time (Europe/Amsterdam). You have to: say who you are (within 30 seconds; with who contacts them, the goods or services); say for whom you act; keep records of the contact (to be kept for 5 years). It rests on the consent of 1 May 2026, given by double opt-in. Ask again from Tuesday 9 June 2026, 20:00 their time (Europe/Amsterdam) on.")]
    [InlineData("zh-Hans", "现在是对方当地时间 2026 年 6 月 9 日（星期二）11:00（Europe/Amsterdam），可以致电此人。联系时须：表明您的身份（30 秒之内；包括：联系方身份、商品或服务）；说明您代表谁；保存联系记录（保存 5 年）。依据：2026 年 5 月 1 日以“双重确认”方式作出的同意。须重新判断的时间：对方当地时间 2026 年 6 月 9 日（星期二）20:00（Europe/Amsterdam）。")]
    [InlineData("zh-Hant", "現在是對方當地時間 2026 年 6 月 9 日（星期二）11:00（Europe/Amsterdam），可以致電此人。聯絡時須：表明您的身分（30 秒之內；包括：聯絡方身分、商品或服務）；說明您代表誰；保存聯絡紀錄（保存 5 年）。依據：2026 年 5 月 1 日以「雙重確認」方式作出的同意。須重新判斷的時間：對方當地時間 2026 年 6 月 9 日（星期二）20:00（Europe/Amsterdam）。")]
    public void What_is_allowed_says_what_has_to_be_done_and_on_what_it_rests(string language, string paragraph) =>
        Assert.Equal(paragraph, Tell("at: 2026-06-09T11:00 Europe/Amsterdam\n" + Consented + Screened, language).Paragraph);

    [Theory]
    [InlineData("en", "You may not call this person now, Sunday 14 June 2026, 11:00 their time (Europe/Amsterdam). Nobody may be contacted there on this day of the week. Calls between 10 and 20 on weekdays. Earliest: Monday 15 June 2026, 10:00 their time (Europe/Amsterdam). Allowed instead, now: WhatsApp.")]
    [InlineData("zh-Hans", "现在是对方当地时间 2026 年 6 月 14 日（星期日）11:00（Europe/Amsterdam），还不可以致电此人。当地每周的这一天不得联系。平日 10 时至 20 时可致电。最早：对方当地时间 2026 年 6 月 15 日（星期一）10:00（Europe/Amsterdam）。现在可改用：WhatsApp。")]
    [InlineData("zh-Hant", "現在是對方當地時間 2026 年 6 月 14 日（星期日）11:00（Europe/Amsterdam），還不可以致電此人。當地每週的這一天不得聯絡。平日 10 時至 20 時可致電。最早：對方當地時間 2026 年 6 月 15 日（星期一）10:00（Europe/Amsterdam）。現在可改用：WhatsApp。")]
    public void What_has_to_wait_says_until_when_and_what_may_be_done_instead(string language, string paragraph) =>
        Assert.Equal(paragraph, Tell("at: 2026-06-14T11:00 Europe/Amsterdam\n" + Consented + Screened, language).Paragraph);

    [Theory]
    [InlineData("en", "You may not call this person now, Tuesday 9 June 2026, 09:00 their time (Europe/Amsterdam). The number was never screened against the register: nl-list. Not those on the register. Also: The consent lacks what the law wants of it: the wording. It is outside the hours. What helps: Screen. A new consent that has it. Allowed instead, now: WhatsApp. The law is contested here; the strict side binds.")]
    [InlineData("zh-Hans", "现在是对方当地时间 2026 年 6 月 9 日（星期二）09:00（Europe/Amsterdam），不可以致电此人。从未将号码与名录核对：nl-list。不得致电登记者。另外：同意缺少法律要求的内容：同意的条款文字。不在允许的时段内。补救办法：核对名录。取得具备该内容的新同意。现在可改用：WhatsApp。此处法律有争议，按从严一方执行。")]
    public void What_is_refused_says_every_reason_and_what_helps(string language, string paragraph) =>
        Assert.Equal(paragraph, Tell("at: 2026-06-09T09:00 Europe/Amsterdam\n" + Consented.Replace("complete", "[record]", StringComparison.Ordinal), language).Paragraph);

    [Fact]
    public void Who_said_no_is_not_told_what_else_would_help()
    {
        var told = Tell("at: 2026-06-09T11:00 Europe/Amsterdam\nsuppressions: [{ by: person }]\n");
        Assert.Contains(" They said no. Also: The number was never screened", told.Paragraph, StringComparison.Ordinal);
        Assert.EndsWith(" What helps: Nothing but the person's own new opt-in. The law is contested here; the strict side binds.", told.Paragraph, StringComparison.Ordinal);
    }

    [Fact]
    public void Facts_that_are_missing_are_named_together()
    {
        var told = Tell("at: 2026-06-09T11:00 Europe/Amsterdam\nsuppressions: null\ncontact: { age: null }\n" + Consented + Screened);
        Assert.Contains(" A fact that decides is not known: their age, whether they are on a list of people not to be contacted. What helps: State it.", told.Paragraph, StringComparison.Ordinal);
        Assert.Equal(["contact.age", "suppressions"], told.Reasons.Select(reason => reason.Reason.Item));
    }

    [Fact]
    public void A_reason_has_all_that_a_lawyer_checks()
    {
        var reason = Tell("at: 2026-06-09T09:00 Europe/Amsterdam\n" + Screened + Consented.Replace("complete", "[record]", StringComparison.Ordinal)).Reasons[0];
        Assert.Equal((15, "The consent lacks what the law wants of it: the wording.", "the wording", "A new consent that has it."), (reason.Rank, reason.Text, reason.Item, reason.Remedy));
        Assert.Equal(["the law is contested; the strict side binds"], reason.Marks);
        Assert.Equal(("nl-calls", "Calls need consent.", "verified: the law or the authority itself was read", "statute"), (reason.Rule!.Rule.Id, reason.Rule.Says, reason.Rule.Certainty, reason.Rule.Grade));
        Assert.Null(reason.Until);
    }

    [Fact]
    public void A_ground_is_told_as_the_relation_it_is()
    {
        string Ground(string relation) => Assert.Single(Tell($"at: 2026-06-09T11:00 Europe/Amsterdam\ncontact: {{ relation: [{{ {relation} }}] }}\n" + Screened).Grounds).Text;
        Assert.Equal("a purchase, 3 March 2026", Ground("kind: purchase, from: 2026-03-03"));
    }

    [Fact]
    public void A_consent_that_would_set_a_register_aside_has_run_out_and_not_the_register()
    {
        var reason = ExplainedReason.Of(new Reason(ReasonCode.ConsentExpired, null, "se-nix", ReasonMarks.None, null), [], new GateLanguage("en"));
        Assert.Equal(("The consent has run out.", "NIX (Sweden)"), (reason.Text, reason.Item));
    }

    [Theory]
    [InlineData("auto-authorised", "writing, disclosure-separate", "auto-authorised")]
    [InlineData("writing, disclosure-separate", "auto-authorised", "auto-authorised")]
    [InlineData("writing", "auto-authorised", "writing")]
    [InlineData("auto-authorised", "writing", "auto-authorised")]
    public void Of_consents_that_lack_something_the_one_that_lacks_least_is_told(string first, string second, string told)
    {
        string Lacking(string items) => $"{{ channels: [sms], purposes: [offers], grantedAt: 2026-01-01, evidence: [{string.Join(", ", Words<EvidenceItems>.All.Except(items.Split(", ")).Except(["none", "all"]))}] }}";
        var situation = SituationFile.Read("s.yaml", $"given: clean\nat: 2026-06-09T11:00 America/New_York\nask: {{ controller: acme, channel: sms, technique: bulk, class: marketing, purpose: offers }}\ncontact: {{ phone: \"+12125550123\", residence: US-NY, audience: b2c }}\nconsents: [{Lacking(first)}, {Lacking(second)}]\n");
        var reason = Assert.Single(ContactGate.Shipped.Decide(situation).AllReasons, static reason => reason.Rule?.Id == "us-fed-pewc");
        Assert.Equal((ReasonCode.ConsentDefective, told), (reason.Code, reason.Item));
    }

    [Fact]
    public void What_ends_a_ground_is_told()
    {
        var told = Tell("at: 2026-06-12T21:00 Europe/Amsterdam\n" + Screened + Consented.Replace("evidence: complete", "evidence: complete, until: 2026-06-14", StringComparison.Ordinal));
        Assert.StartsWith("By the time contact would be allowed, what allows it has ended: The consent has run out (nl-calls).", told.Reasons[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_nobody_has_researched_is_said_so_by_its_name()
    {
        var situation = Read("at: 2026-06-09T11:00 Europe/Amsterdam\ncontact: { phone: \"+33612345678\", residence: FR, zone: null }\n");
        Assert.EndsWith("法国的规则尚无人研究。", Explanation.Of(situation, Gate.Decide(situation), [], "zh-Hans").Paragraph, StringComparison.Ordinal);
    }

    public static TheoryData<string> Files => [.. CaseFile.Shipped];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_worked_case_can_be_told_in_every_language(string file)
    {
        foreach (var worked in CaseFile.ReadShipped(file))
        {
            var verdict = ContactGate.Shipped.Decide(worked.Situation);
            foreach (var language in new[] { "en", "zh-Hans", "zh-Hant" })
            {
                var told = Explanation.Of(worked.Situation, verdict, [], language);
                Assert.Equal(verdict.AllReasons.Length, told.Reasons.Length);
                Assert.DoesNotContain("{", told.Paragraph, StringComparison.Ordinal);
                Assert.DoesNotContain("  ", told.Paragraph, StringComparison.Ordinal);
                Assert.DoesNotContain("..", told.Paragraph, StringComparison.Ordinal);
                Assert.DoesNotContain("。。", told.Paragraph, StringComparison.Ordinal);
                Assert.All(told.Reasons, reason => Assert.False(string.IsNullOrWhiteSpace(reason.Text) || string.IsNullOrWhiteSpace(reason.Remedy)));
            }
        }
    }

    private const string Consented = "consents: [{ channels: [voice], purposes: [offers], grantedAt: 2026-05-01, method: double-opt-in, evidence: complete }]\n";

    private const string Screened = "registers: { nl-list: { screenedAt: 2026-06-05, listed: false } }\n";

    private static Explanation Tell(string facts, string language = "en")
    {
        var situation = Read(facts);
        var verdict = Gate.Decide(situation);
        return Explanation.Of(situation, verdict, verdict is Verdict.Allowed ? [] : Gate.Alternatives(situation), language);
    }

    private static Situation Read(string facts) =>
        Assert.Single(CaseFile.Read("cases/x.yaml", $"{Facts}cases:\n  - case: a\n    source: b\n    given: clean\n{Indented(facts)}    expect: {{ verdict: refused }}\n")).Situation;

    private static string Indented(string lines) => string.Concat(lines.TrimEnd('\n').Split('\n').Select(line => $"    {line}\n"));

    private static string Rule(string name, string en, string hans, string hant) => $"""
        id: nl-{name}
        says: {"{"} en: "{en}", zh-Hans: "{hans}", zh-Hant: "{hant}" {"}"}
        cites: Art. 1
        source: https://law.example/{name}
        certainty: verified
        grade: statute
        from: 2020-01-01

        """;
}
