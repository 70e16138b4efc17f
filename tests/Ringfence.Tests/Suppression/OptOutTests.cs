using FsCheck;
using FsCheck.Fluent;
using Ringfence.Suppression;
using Xunit;

namespace Ringfence.Tests.Suppression;

/// <summary>What is understood, text by text, and what holds for every text.</summary>
public sealed class OptOutTests
{
    private static readonly string[] TenLanguages = ["en", "zh-Hans", "zh-Hant", "de", "fr", "es", "it", "nl", "pl", "pt"];

    public static TheoryData<string, string, string> Texts() =>
        [.. Rows().Select(row => new TheoryDataRow<string, string, string>(row.Expected, row.Language, row.Text))];

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_text_means_what_the_table_says(string expected, string language, string text)
    {
        var means = expected.Split('/');
        Assert.True(means[0] == Meaning(text, language, marketing: true), Shown(text, language, marketing: true));
        Assert.True(means[^1] == Meaning(text, language, marketing: false), Shown(text, language, marketing: false));
    }

    [Fact]
    public void Every_language_has_texts_on_both_sides()
    {
        foreach (var language in TenLanguages)
        {
            var rows = Rows().Where(r => r.Language == language).ToList();
            Assert.True(rows.Count(r => r.Expected is not ("none" or "unclear" or "help" or "start")) >= 25, language);
            Assert.True(rows.Count(r => r.Expected == "unclear") >= 4, language);
            Assert.True(rows.Count(r => r.Expected == "none") >= 7, language);
        }
    }

    [Theory]
    [InlineData("STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "OPT OUT", "OPT-OUT", "REMOVE", "ARRET", "TD")]
    public void The_words_that_carriers_and_the_law_name_opt_out_of_everything_in_every_language(params string[] words)
    {
        foreach (var word in words)
        {
            foreach (var language in TenLanguages.Append("-").Append("ja"))
            {
                Assert.Equal("all", Meaning(word, language, marketing: false));
                Assert.IsType<OptOutReading.OptedOut>(Read($" {word.ToLowerInvariant()}!! ", language, marketing: false));
            }
        }
    }

    [Fact]
    public void Case_width_blanks_and_invisible_marks_change_nothing()
    {
        foreach (var row in Rows().Where(IsPlain))
        {
            foreach (var spelling in WordTable.Spellings(row.Text))
                Assert.True(row.Expected.Split('/')[0] == Meaning(spelling, row.Language, marketing: true), Shown(spelling, row.Language, marketing: true));
        }
    }

    [Fact]
    public void Punctuation_around_a_text_changes_nothing()
    {
        foreach (var row in Rows().Where(IsPlain))
        {
            foreach (var text in new[] { row.Text + "!!!", row.Text + " ...", row.Text + "。", "\n\t" + row.Text + "\r\n \n", $"({row.Text})", $"¡{row.Text}!", $"*{row.Text}*", row.Text + "\u200F" })
                Assert.True(row.Expected.Split('/')[0] == Meaning(text, row.Language, marketing: true), Shown(text, row.Language, marketing: true));
        }
    }

    [Fact]
    public void An_opt_in_word_beside_an_opt_out_takes_nothing_back()
    {
        foreach (var row in Rows().Where(r => r.Expected is "all" or "sms" or "phone" && !r.Text.StartsWith('>')))
        {
            foreach (var text in new[] { row.Text + ". YES", "Yes. " + row.Text, row.Text + "\n\nSTART" })
                Assert.True(Read(text, row.Language, marketing: true) is OptOutReading.OptedOut or OptOutReading.Unclear, Shown(text, row.Language, marketing: true));
        }
    }

    [Fact]
    public void Marketing_sent_lately_only_ever_makes_more_of_an_opt_out()
    {
        var texts = Gen.Elements(Words()).ListOf().Select(words => string.Join(' ', words)).ToArbitrary();
        Prop.ForAll(texts, text =>
        {
            var after = Read(text, "-", marketing: true);
            var otherwise = Read(text, "-", marketing: false);
            return otherwise switch
            {
                OptOutReading.OptedOut => after.ClosedChannels == otherwise.ClosedChannels,
                OptOutReading.Unclear => after is OptOutReading.Unclear or OptOutReading.OptedOut { Closed: ChannelSet.All },
                _ => after == otherwise,
            };
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Only_an_opt_out_closes_channels_and_every_opt_out_closes_some()
    {
        foreach (var row in Rows())
        {
            var reading = Read(row.Text, row.Language, marketing: true);
            Assert.Equal(reading is OptOutReading.OptedOut, reading.ClosedChannels != ChannelSet.None);
        }
    }

    [Fact]
    public void A_reading_that_is_said_of_one_text_is_said_of_it_again()
    {
        foreach (var row in Rows())
            Assert.Equal(Read(row.Text, row.Language, marketing: true), Read(row.Text, row.Language, marketing: true));
    }

    [Fact]
    public void No_text_makes_it_throw() =>
        Prop.ForAll<string, string, string>((text, code, language) =>
        {
            var context = new InboundContext { Codes = [code, null!, ""], Languages = [language, null!, "-"], SentTexts = [code, null!, text] };
            _ = OptOut.Read(text, context);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_row_of_words_and_broken_letters_makes_it_throw()
    {
        string[] broken = ["\uD800", "\uDC00", "\u200F", "\u202E", "\uFEFF", "\u0301", "\0", "ＳＴＯＰ", "🛑", "\uD83D", "”", "“", "\n>", "\r\n", "'", "-", "\u20E3", "İ", "ﬃ"];
        var text = Gen.Elements([.. Words(), .. broken]).ListOf().Select(string.Concat).ToArbitrary();
        Prop.ForAll(text, t => { _ = OptOut.Read(t, new InboundContext { Codes = broken, SentTexts = [t] }); }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_megabyte_of_anything_is_read_to_its_end()
    {
        // No measurement: quadratic work on this would not end while anybody waits for it.
        string[] quotesAndSigns = [string.Concat(Enumerable.Repeat("\n> a", 25_000)), string.Concat(Enumerable.Repeat("🛑", 50_000))];
        var megabyte = string.Concat(WordTable.Evil(45_000));
        Assert.True(megabyte.Length > 1_000_000);
        foreach (var text in WordTable.Evil(100_000).Concat(quotesAndSigns).Append(megabyte))
        {
            var context = new InboundContext { MarketingSent = false, Codes = [text], SentTexts = ["Reply STOP to opt out of our offers"] };
            Assert.True(OptOut.Read(text + "\n. Do not call me!", context).ClosedChannels.Has(Channel.Voice));
        }
    }

    private static IEnumerable<(string Expected, string Language, string Text)> Rows() =>
        WordTable.Rows("optouts.tsv").Select(row => (row[0], row[1], row[2]));

    // Quotation marks and signs are part of what these texts say; the spellings break them.
    private static bool IsPlain((string Expected, string Language, string Text) row) =>
        !row.Text.Any(c => char.IsSurrogate(c) || c is '“' or '”' or '"' or '>' or '*' or '#' or '⛔' or '❤');

    private static string[] Words() => [.. Rows().SelectMany(r => r.Text.Split(' ')).Distinct()];

    private static OptOutReading Read(string text, string language, bool marketing) =>
        OptOut.Read(text, new InboundContext { Via = Channel.Sms, MarketingSent = marketing, Languages = language == "-" ? [] : [language] });

    private static string Meaning(string text, string language, bool marketing) => Read(text, language, marketing) switch
    {
        OptOutReading.OptedOut { Closed: var closed } => closed.ToString().ToLowerInvariant(),
        OptOutReading.Unclear => "unclear",
        OptOutReading.Help => "help",
        OptOutReading.OptIn => "start",
        _ => "none",
    };

    private static string Shown(string text, string language, bool marketing) =>
        $"{text}: {Meaning(text, language, marketing)} by {Read(text, language, marketing)}";
}
