using NodaTime;
using Ringfence.Lists;
using Xunit;

namespace Ringfence.Tests.Lists;

public sealed class ConsentCellTests
{
    [Theory]
    [InlineData("yes", "Yes", "YES", "y", "Y", "1", "1.0", "TRUE", "true", "x", "X", "✓", "✔", "☑", "✅", "√", "on", "t", "ok")]
    [InlineData("ja", "Ja.", "\"ja\"", "oui", "sí", "si", "sim", "tak", "是", "同意", "已同意", "ＹＥＳ", "はい", "نعم", "wahr", "vrai", "S", "J")]
    [InlineData("opt-in", "Opt In", "OPTIN", "opted_in", "opted-in", "subscribed", "double opt-in", "DOI", "single opt-in", "confirmed", "granted")]
    [InlineData("erteilt", "zugestimmt", "Einwilligung liegt vor", "d'accord", "autorizado", "consenso dato", "akkoord", "zgoda", "授權", "已確認", "口头同意")]
    [InlineData("Yes - verbal", "Yes (not pre-ticked)", "yes, please", "Kunde hat zugestimmt", "consent given", "opt-in=1", "Freely given consent from contact")]
    public void These_say_yes(params string[] cells) => AssertAll(Answer.Yes, cells);

    [Theory]
    [InlineData("no", "No", "N", "0", "0.0", "FALSE", "f", "×", "✗", "✘", "☐", "❌", "off", "nein", "non", "não", "nie", "否", "不同意", "いいえ", "لا")]
    [InlineData("opt-out", "opted_out", "Opted Out", "unsubscribed", "UNSUBSCRIBED", "not subscribed", "NOT_SUBSCRIBED", "withdrawn", "revoked", "denied", "declined")]
    [InlineData("widerrufen", "abgelehnt", "nicht erteilt", "keine Einwilligung", "pas d'accord", "désabonné", "baja", "disiscritto", "descadastrado", "uitgeschreven")]
    [InlineData("退订", "退訂", "已退订", "拒绝", "拒絕", "未同意", "没有同意", "不愿意", "免打扰", "不允許")]
    [InlineData("No calls", "do not call", "never", "no consent", "opt-in 0", "opt in: no", "yes/no", "registered on Robinson list", "Non-marketing contact")]
    [InlineData("yes, but do not call", "Ja, aber nicht anrufen", "同意电话，不同意短信", "yes to email, no to phone", "opted out 2024-03-01", "subscribed, then unsubscribed")]
    public void These_say_no_and_a_contradiction_does_too(params string[] cells) => AssertAll(Answer.No, cells);

    [Theory]
    [InlineData("withdrawn", "revoked 2026-01-01", "refused", "opted out", "UNSUBSCRIBED", "declined", "blocked", "complained", "STOP", "no (withdrawn)", "do not call")]
    [InlineData("widerrufen am 3.4.2026", "abgelehnt", "refusé", "baja", "revocato", "recusado", "ingetrokken", "wycofana", "已拒绝", "已撤回", "拒否", "거부", "отказ")]
    public void A_refusal_is_one_whatever_the_header_asks(params string[] cells) =>
        Assert.All(cells, cell => Assert.True(ConsentCell.Read(cell) is { Answer: Answer.No, IsRefusal: true }, cell));

    [Theory]
    [InlineData("no", "N", "0", "FALSE", "nein", "non", "不是", "いいえ", "not blocked", "no objection", "nicht gesperrt", "未退订", "☐", "off")]
    public void A_plain_no_answers_its_header(params string[] cells) =>
        Assert.All(cells, cell => Assert.True(ConsentCell.Read(cell) is { Answer: Answer.No, IsRefusal: false }, cell));

    [Theory]
    [InlineData("opted out by e-mail 2026-03-04")]
    [InlineData("unsubscribed via SMS")]
    [InlineData("widerrufen per Mail")]
    public void How_a_refusal_was_said_is_not_what_was_refused(string cell) => Assert.Equal(ChannelSet.None, ConsentCell.Read(cell).Channels);

    [Theory]
    [InlineData("0000-00-00", "0000-00-00 00:00:00", "0001-01-01T00:00:00Z", "01/01/0001 00:00:00", "00.00.0000")]
    public void The_day_that_programs_write_for_none_is_blank(params string[] cells) => AssertAll(Answer.Blank, cells);

    [Theory]
    [InlineData("?", "unknown", "未知", "不详", "unbekannt", "inconnu", "desconocido", "sconosciuto", "onbekend", "maybe", "yes?", "Yes, maybe")]
    [InlineData("soft opt-in", "legitimate interest", "berechtigtes Interesse", "intérêt légitime", "implied", "expired", "cleaned", "bounced", "assumed yes")]
    [InlineData("consent needed", "Einwilligung fehlt", "permission required", "on call", "call on Monday", "teléfono y correo", "email only", "仅邮件")]
    [InlineData("-1", "2", "☒", "○", "👍", "yes until 2024-01-01", "2024-03-01", "lorem ipsum", "O", "marketing contact", "yes he said he would think about this offer tomorrow")]
    public void Whatever_else_stands_there_is_unknown_and_never_a_yes(params string[] cells) => AssertAll(Answer.Unknown, cells);

    [Theory]
    [InlineData("", " ", "-", "--", ".", "n/a", "N/A", "#N/A", "NULL", "<null>", "none", "k.A.", "keine Angabe", "无", "暂无", "not applicable")]
    public void Marks_of_nothing_are_blank(params string[] cells) => AssertAll(Answer.Blank, cells);

    [Theory]
    [InlineData("pending", "unconfirmed", "not confirmed", "DOI pending", "double opt-in sent", "ausstehend", "en attente", "待确认", "未確認")]
    public void Asked_and_not_answered_is_pending(params string[] cells) => AssertAll(Answer.Pending, cells);

    [Theory]
    [InlineData("opted_in 2024-03-01", "2024-03-01")]
    [InlineData("opted_in_2024-03-01", "2024-03-01")]
    [InlineData("Y 2024/3/1", "2024-03-01")]
    [InlineData("同意（2024年3月1日）", "2024-03-01")]
    [InlineData("Consent given by phone on 12 May 2023", "2023-05-12")]
    [InlineData("ja, 1. März 2024", "2024-03-01")]
    [InlineData("yes since 2019", null)]
    public void A_day_beside_a_yes_is_kept(string cell, string? day)
    {
        var read = ConsentCell.Read(cell);
        Assert.Equal(Answer.Yes, read.Answer);
        Assert.Equal(day, read.At?.ToString("uuuu-MM-dd", null));
    }

    [Fact]
    public void A_day_alone_is_kept_and_is_no_yes() =>
        Assert.Equal(new ConsentCell(Answer.Unknown, new LocalDate(2024, 3, 1), ChannelSet.None, false), ConsentCell.Read("2024-03-01"));

    [Theory]
    [InlineData("yes (phone only)", Answer.Yes, ChannelSet.Voice)]
    [InlineData("Ja, per E-Mail", Answer.Yes, ChannelSet.Email)]
    [InlineData("Yes to calls and texts", Answer.Yes, ChannelSet.Voice | ChannelSet.Sms)]
    [InlineData("同意电话", Answer.Yes, ChannelSet.Voice)]
    [InlineData("No calls", Answer.No, ChannelSet.Phone)]
    [InlineData("no sms", Answer.No, ChannelSet.Sms)]
    [InlineData("yes, but no sms", Answer.No, ChannelSet.None)]
    public void Channels_in_the_cell_narrow_a_yes_and_a_no_of_one_mind(string cell, Answer answer, ChannelSet channels)
    {
        var read = ConsentCell.Read(cell);
        Assert.Equal((answer, channels), (read.Answer, read.Channels));
    }

    [Theory]
    [InlineData("opt-in (default ticked)", true)]
    [InlineData("pre-ticked", true)]
    [InlineData("ja (vorangekreuzt)", true)]
    [InlineData("oui, précochée", true)]
    [InlineData("默认勾选", true)]
    [InlineData("yes (not pre-ticked)", false)]
    [InlineData("yes", false)]
    public void A_box_ticked_beforehand_is_told(string cell, bool preTicked) => Assert.Equal(preTicked, ConsentCell.Read(cell).PreTicked);

    [Fact]
    public void A_no_beside_any_yes_is_a_no()
    {
        string[] yes = ["yes", "ja", "oui", "sí", "同意", "opted in", "✓", "confirmed"];
        string[] no = ["no", "nein", "non", "不同意", "opted out", "✗", "unsubscribed", "widerrufen", "do not call"];
        foreach (var y in yes)
        {
            foreach (var n in no)
            {
                Assert.Equal(Answer.No, ConsentCell.Read($"{y} / {n}").Answer);
                Assert.Equal(Answer.No, ConsentCell.Read($"{n}, {y} 2024-05-01").Answer);
            }
        }
    }

    private static void AssertAll(Answer answer, string[] cells)
    {
        foreach (var cell in cells)
            Assert.True(answer == ConsentCell.Read(cell).Answer, $"'{cell}' reads as {ConsentCell.Read(cell).Answer}, not as {answer}");
    }
}
