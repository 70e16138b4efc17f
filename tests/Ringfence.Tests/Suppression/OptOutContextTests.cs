using Ringfence.Suppression;
using Xunit;

namespace Ringfence.Tests.Suppression;

/// <summary>What the conversation adds to a text: the channel, codes, languages, what we sent; and what is shown as evidence.</summary>
public sealed class OptOutContextTests
{
    private static readonly string[] Offer = ["Acme: 20% off all running shoes this weekend. Don't call us back. Napisz STOP aby sie wypisac z listy"];

    [Theory]
    [InlineData("stop texting me", Channel.Sms, ChannelSet.Sms)]
    [InlineData("stop texting me", Channel.Whatsapp, ChannelSet.Sms | ChannelSet.Whatsapp)]
    [InlineData("stop texting me, whatsapp is ok", Channel.Whatsapp, ChannelSet.Sms)]
    [InlineData("stop texting me", null, ChannelSet.Sms)]
    [InlineData("stop sending me messages", Channel.Email, ChannelSet.Sms | ChannelSet.Email)]
    [InlineData("hör auf zu schreiben", Channel.Whatsapp, ChannelSet.Whatsapp)]
    [InlineData("hör auf zu schreiben", Channel.Email, ChannelSet.Email)]
    [InlineData("hör auf zu schreiben", Channel.Voice, ChannelSet.Phone)]
    [InlineData("hör auf zu schreiben", null, ChannelSet.All)]
    [InlineData("no emails please", Channel.Sms, ChannelSet.Email)]
    [InlineData("do not call me", Channel.Sms, ChannelSet.Phone)]
    [InlineData("don't call me, texts are ok", Channel.Sms, ChannelSet.Phone & ~ChannelSet.Sms)]
    [InlineData("leave me alone", Channel.Sms, ChannelSet.All)]
    [InlineData("no more offers", Channel.Sms, ChannelSet.All)]
    [InlineData("STOP", Channel.Whatsapp, ChannelSet.All)]
    [InlineData("stop texting me. This is spam!", Channel.Sms, ChannelSet.All)]
    [InlineData("wrong number", Channel.Sms, ChannelSet.Phone)]
    public void The_person_closes_what_they_name_and_all_where_they_name_nothing(string text, Channel? via, ChannelSet closed) =>
        Assert.Equal(closed, OptOut.Read(text, new InboundContext { Via = via, MarketingSent = false }).ClosedChannels);

    [Theory]
    [InlineData("N", "n", "N.", " Ｎ ", "\"N\"", "N please", "n thanks")]
    [InlineData("2", "２", "2.", "#2", "2️⃣", "2 pls")]
    [InlineData("TD", "td", "T D", "t.d.", "ＴＤ。")]
    [InlineData("00000", "00000", "回00000", "请回复00000谢谢")]
    [InlineData("R", "r", "回R", "回复r", "R！")]
    [InlineData("NO MAIL", "no mail", "No-Mail!", "NOMAIL")]
    [InlineData("#", "#", " # ")]
    public void A_code_that_was_offered_opts_out_where_nothing_else_is_written(string code, params string[] texts)
    {
        foreach (var text in texts)
        {
            var reading = OptOut.Read(text, new InboundContext { MarketingSent = false, Codes = ["9", code] });
            Assert.True(reading.ClosedChannels == ChannelSet.All, $"{text}: {reading}");
        }
    }

    [Theory]
    [InlineData("2 tickets", "2")]
    [InlineData("22", "2")]
    [InlineData("N1", "N")]
    [InlineData("no problem", "NO")]
    [InlineData("Nice", "N")]
    [InlineData("table for 2", "2")]
    public void A_code_among_other_words_says_nothing(string text, string code) =>
        Assert.Equal(new OptOutReading.NoOptOut(), OptOut.Read(text, new InboundContext { Codes = [code] }));

    [Theory]
    [InlineData("N", "T", "R", "NO", "nein", "non", "nee", "nie", "não", "00000")]
    public void A_code_that_nobody_offered_is_unclear(params string[] texts) =>
        Assert.All(texts, text => Assert.IsType<OptOutReading.Unclear>(OptOut.Read(text, new InboundContext { Codes = ["X"] })));

    [Theory]
    [InlineData("2", "5", "1", "10")]
    public void A_number_that_nobody_offered_says_nothing(params string[] texts) =>
        Assert.All(texts, text => Assert.Equal(new OptOutReading.NoOptOut(), OptOut.Read(text, InboundContext.Unknown)));

    [Theory]
    [InlineData("ALTO", "it", "es-MX")]
    [InlineData("fin", "en", "fr-CA")]
    [InlineData("para", "en", "pt")]
    [InlineData("aus", "nl", "de-AT")]
    [InlineData("uit", "en", "nl")]
    public void A_word_of_another_language_is_a_keyword_for_those_who_speak_it(string text, string stranger, string speaker)
    {
        Assert.IsType<OptOutReading.OptedOut>(OptOut.Read(text, new InboundContext { MarketingSent = false, Languages = [speaker] }));
        Assert.IsType<OptOutReading.OptedOut>(OptOut.Read(text, new InboundContext { MarketingSent = false, Languages = [stranger, speaker] }));
        Assert.IsType<OptOutReading.OptedOut>(OptOut.Read(text, new InboundContext { MarketingSent = false }));
        Assert.IsType<OptOutReading.OptedOut>(OptOut.Read(text, new InboundContext { MarketingSent = false, Languages = ["", "12", "x"] }));
        if (text != "ALTO")
            Assert.IsType<OptOutReading.Unclear>(OptOut.Read(text, new InboundContext { MarketingSent = false, Languages = [stranger] }));
        Assert.IsType<OptOutReading.OptedOut>(OptOut.Read(text, new InboundContext { MarketingSent = true, Languages = [stranger] }));
    }

    [Theory]
    [InlineData("yes\n> Reply STOP to opt out\n> Acme", "start")]
    [InlineData("> STOP\nSee you at five", "none")]
    [InlineData("> STOP", "all")]
    [InlineData("STOP\n> Reply STOP to opt out", "all")]
    [InlineData("Reply STOP to opt out. Yes", "unclear")]
    [InlineData("Reply STOP to opt out", "all")]
    [InlineData("Text STOP to end. Please stop texting me", "sms")]
    [InlineData("Acme: 20% off all running shoes this weekend. Yes please", "unclear")]
    [InlineData("Don't call us back.\nok see you", "unclear")]
    [InlineData("Don't call us", "phone")]
    [InlineData("Napisz STOP aby sie wypisac z listy", "all")]
    [InlineData("Acme: 20% off all running shoes this weekend.", "unclear")]
    [InlineData("Gefällt „Acme: 20% off all running shoes this weekend. Don't call us back.“", "unclear")]
    [InlineData("Liked “Acme: 20% off all running shoes this weekend. Don't call us back.”", "none")]
    [InlineData("Disliked “Acme: 20% off all running shoes this weekend.”", "unclear")]
    [InlineData("I liked “the shoes”, but stop texting me", "sms")]
    [InlineData("Stop “now”", "all")]
    [InlineData("👍 to “Acme. Reply STOP to end”", "none")]
    [InlineData("👎 to “Acme. Reply STOP to end”", "unclear")]
    [InlineData("to “STOP”", "all")]
    public void What_is_only_quoted_is_not_what_the_person_says(string text, string expected)
    {
        var reading = OptOut.Read(text, new InboundContext { Via = Channel.Sms, SentTexts = Offer });
        var meaning = reading switch
        {
            OptOutReading.OptedOut { Closed: var closed } => closed.ToString().ToLowerInvariant(),
            OptOutReading.Unclear => "unclear",
            OptOutReading.OptIn => "start",
            _ => "none",
        };
        Assert.True(expected == meaning, $"{text}: {reading}");
    }

    [Theory]
    [InlineData("STOP", ClueKind.Keyword, "mul", "STOP")]
    [InlineData("please STOP  ALL, thanks", ClueKind.Keyword, "mul", "STOP  ALL")]
    [InlineData("un-subscribe me", ClueKind.Keyword, "mul", "un-subscribe")]
    [InlineData("you know what? opt-out me", ClueKind.Phrase, "en", "opt-out")]
    [InlineData("２", ClueKind.Code, "und", "2")]
    [InlineData("🛑", ClueKind.Sign, "und", "🛑")]
    [InlineData("Hi! pls dont text me anymore :(", ClueKind.Phrase, "en", "dont text")]
    [InlineData("This is spam", ClueKind.Complaint, "en", "spam")]
    [InlineData("sorry, wrong number.", ClueKind.WrongPerson, "en", "wrong number")]
    [InlineData("Reply STOP to opt out", ClueKind.Quote, "en", "Reply STOP to opt out")]
    [InlineData("  请勿再打！", ClueKind.Phrase, "zh", "请勿再打")]
    public void A_reading_shows_what_it_was_understood_by(string text, ClueKind kind, string language, string words)
    {
        var reading = OptOut.Read(text, new InboundContext { Codes = ["2"], Languages = ["en"] });
        var clue = Assert.IsType<OptOutReading.OptedOut>(reading).By.First;
        Assert.Equal((kind, language, words), (clue.Kind, clue.Language, clue.Words));
        Assert.NotEmpty(clue.Rule);
    }

    [Theory]
    [InlineData("cancelar", "pt", "pt")]
    [InlineData("cancelar", "es-AR", "es")]
    [InlineData("stopp", "de", "de")]
    [InlineData("stoppen", "nl-BE", "nl")]
    public void A_word_of_several_languages_is_shown_in_the_one_that_is_hinted_at(string text, string hint, string language) =>
        Assert.Equal(language, Assert.IsType<OptOutReading.OptedOut>(OptOut.Read(text, new InboundContext { Languages = [hint] })).By.First.Language);

    [Fact]
    public void Evidence_is_bounded_and_its_printed_form_holds_no_words_of_the_person()
    {
        var long_ = string.Concat(Enumerable.Repeat("don't " + new string('x', 50) + new string('y', 50) + new string('z', 50) + " text me, Jane Doe. ", 200));
        var by = Assert.IsType<OptOutReading.OptedOut>(OptOut.Read(long_ + string.Concat(Enumerable.Range(0, 100).Select(i => $" don't v{i} text me.")), InboundContext.Unknown)).By;
        Assert.InRange(by.Count, 2, 20);
        Assert.All(by, clue => Assert.InRange(clue.Words.Length, 1, Clue.LongestWords));
        Assert.DoesNotContain("v7", by.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Clues_compare_by_what_they_say()
    {
        var one = new Clue(ClueKind.Keyword, "mul", "STOP", "r");
        var other = new Clue(ClueKind.Sign, "und", "🛑", "🛑");
        Assert.Equal(new Clues(one, other), new Clues(one with { }, other with { }));
        Assert.Equal(new Clues(one, other).GetHashCode(), new Clues(one with { }, other with { }).GetHashCode());
        Assert.NotEqual(new Clues(one, other), new Clues(other, one));
        Assert.NotEqual(new Clues(one), new Clues(one, other));
    }

    [Fact]
    public void Where_nothing_is_known_marketing_was_sent() => Assert.True(InboundContext.Unknown.MarketingSent);
}
