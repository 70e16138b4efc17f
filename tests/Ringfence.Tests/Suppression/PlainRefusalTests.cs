using FsCheck;
using FsCheck.Fluent;
using Ringfence.Suppression;
using Xunit;

namespace Ringfence.Tests.Suppression;

public sealed class PlainRefusalTests
{
    public static TheoryData<string, string> Texts() =>
        [.. WordTable.Rows("refusals.tsv").Select(row => new TheoryDataRow<string, string>(row[0], row[1]))];

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_text_closes_the_channels_it_refuses_and_no_others(string closed, string text) =>
        Assert.True(
            WordTable.Set<ChannelSet>(closed) == PlainRefusal.Find(text),
            $"{text}: {PlainRefusal.Find(text)} by {string.Join(" | ", PlainRefusal.Explain(text))}");

    [Fact]
    public void Case_width_blanks_quotes_and_invisible_marks_change_nothing()
    {
        foreach (var row in WordTable.Rows("refusals.tsv"))
        {
            foreach (var spelling in WordTable.Spellings(row[1]))
                Assert.True(WordTable.Set<ChannelSet>(row[0]) == PlainRefusal.Find(spelling), $"{spelling}: {PlainRefusal.Find(spelling)}");
        }
    }

    [Theory]
    [InlineData("refused", "Withdrawn 2026-05-05", "declined", "widerrufen am 3.4.2026", "refusé", "revocato", "odmowa", "已拒绝", "拒否", "거부")]
    public void A_single_word_that_refuses_is_a_refusal_where_nothing_else_stands(params string[] texts) =>
        Assert.All(texts, text => Assert.True(PlainRefusal.Find(text) == ChannelSet.All, text));

    [Theory]
    [InlineData("asked us not\nto call any more")]
    [InlineData("A demandé\r\nà ne plus être\r\ndérangé")]
    [InlineData("PLEASE DO NOT\nCALL")]
    [InlineData("请不要再\n打电话")]
    public void A_line_break_within_a_sentence_hides_no_refusal(string text) => Assert.True(PlainRefusal.Find(text).HasFlag(ChannelSet.Voice), text);

    [Theory]
    [InlineData("was not in\n\ncall on Monday")]
    [InlineData("Not in.\ncall on Monday")]
    [InlineData("did not buy\nCall on Monday")]
    public void A_new_line_that_begins_a_sentence_parts_it_from_the_last(string text) => Assert.Equal(ChannelSet.None, PlainRefusal.Find(text));

    [Fact]
    public void A_refusal_stays_one_whatever_sentence_stands_before_or_after()
    {
        foreach (var row in WordTable.Rows("refusals.tsv").Where(r => r[0] is "all" or "phone"))
        {
            foreach (var text in new[] { $"VIP. {row[1]}", $"{row[1]}. VIP", $"Spoke on 3 May;\n{row[1]}\nbudget in Q2" })
                Assert.True(PlainRefusal.Find(text).HasFlag(ChannelSet.Voice), text);
        }
    }

    [Fact]
    public void Two_refusals_close_what_either_closes()
    {
        Assert.Equal(ChannelSet.All, PlainRefusal.Find("do not call. unsubscribed from newsletter"));
        Assert.Equal(ChannelSet.Sms | ChannelSet.Email, PlainRefusal.Find("no texts; no emails"));
    }

    [Fact]
    public void What_was_refused_by_name_is_not_welcome_by_a_remark() =>
        Assert.True(PlainRefusal.Find("do not call, calls ok").HasFlag(ChannelSet.Voice));

    [Fact]
    public void A_refusal_is_explained_by_its_phrase_and_language()
    {
        Assert.Contains(PlainRefusal.Explain("bitte nicht mehr anrufen"), e => e.Language == "de");
        Assert.Empty(PlainRefusal.Explain("rückruf vereinbart"));
    }

    [Fact]
    public void No_text_makes_it_throw() =>
        Prop.ForAll<string>(text => { _ = PlainRefusal.Find(text); }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_row_of_words_makes_it_throw()
    {
        var words = WordTable.Rows("refusals.tsv").SelectMany(r => r[1].Split(' ')).Distinct().ToArray();
        var text = Gen.Elements(words).ListOf().Select(w => string.Join(' ', w)).ToArbitrary();
        Prop.ForAll(text, t => { _ = PlainRefusal.Find(t); }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Half_a_megabyte_of_anything_is_read_to_its_end()
    {
        // No measurement: quadratic work on this would not end while anybody waits for it.
        foreach (var text in WordTable.Evil(500_000))
            Assert.True(PlainRefusal.Find(text + ". Do not call!").HasFlag(ChannelSet.Voice));
    }
}
