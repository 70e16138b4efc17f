using Ringfence.Language;
using Ringfence.Suppression;
using Xunit;

namespace Ringfence.Tests.Language;

public sealed class PhraseIndexTests
{
    [Theory]
    [InlineData("Suppression/refusal.en.phrases")]
    [InlineData("Suppression/refusal.zh.phrases")]
    [InlineData("Suppression/refusal.de.phrases")]
    [InlineData("Suppression/refusal.more.phrases")]
    [InlineData("Suppression/optout.en.phrases")]
    [InlineData("Suppression/optout.zh.phrases")]
    [InlineData("Suppression/optout.de.phrases")]
    public void A_phrase_that_stands_in_a_text_is_always_among_those_that_can(string name)
    {
        var vocabulary = new Vocabulary();
        var file = new PhraseFile(vocabulary);
        file.Read(PhraseFile.Bundled(name));
        vocabulary.Settle();
        var index = new PhraseIndex([.. file.Phrases], file.Elements, vocabulary);
        var standingSomewhere = 0;
        foreach (var row in WordTable.Rows("refusals.tsv"))
        {
            using var text = FoldedText.Of(row[1]);
            var classes = new int[text.Words.Length];
            var standing = new ulong[index.ElementSpan];
            for (var i = 0; i < classes.Length; i++)
            {
                classes[i] = vocabulary.ClassOf(text.Letters(text.Words[i]));
                index.Add(classes[i], standing);
            }

            var possible = new ulong[index.PhraseSpan];
            var beginning = new ulong[index.ElementSpan];
            var meansSomething = index.Collect(standing, possible, beginning);
            var reading = new Reading(text.Words, classes, index, vocabulary.Meanings);
            foreach (var phrase in file.Phrases)
            {
                for (var at = 0; at < classes.Length; at++)
                {
                    // An end of a clause alone is no beginning: some word has to be the first.
                    if (!index.CanBegin(classes[at], phrase.Number) || reading.End(phrase, at, longest: false) <= at)
                        continue;
                    standingSomewhere++;
                    Assert.True((possible[phrase.Number >> 6] >> (phrase.Number & 63) & 1) != 0, $"{phrase.Line} in {row[1]}");
                    Assert.True(index.HasAnchor(standing) && index.CanBegin(classes[at], beginning), $"{phrase.Line} in {row[1]}");
                    Assert.True(meansSomething || phrase.Kind == PhraseKind.LookAlike, $"{phrase.Line} in {row[1]}");
                }
            }
        }

        Assert.True(standingSomewhere > 0);
    }

    [Fact]
    public void What_was_read_before_changes_nothing()
    {
        var longText = string.Concat(Enumerable.Repeat("do-not call ẞ æ 请勿 don't d n c ", 2000));
        var closed = PlainRefusal.Find(longText);
        var closedByPart = PlainRefusal.Find(longText.AsSpan(0, 320));
        foreach (var row in WordTable.Rows("refusals.tsv"))
        {
            var first = PlainRefusal.Find(row[1]);
            Assert.Equal(closedByPart, PlainRefusal.Find(longText.AsSpan(0, 320)));
            Assert.Equal(first, PlainRefusal.Find(row[1]));
        }

        Assert.Equal(closed, PlainRefusal.Find(longText));
        Assert.Equal(ChannelSet.None, PlainRefusal.Find(""));
    }

    [Fact]
    public void A_list_means_what_it_says_at_the_line_that_names_it()
    {
        var vocabulary = new Vocabulary();
        var file = new PhraseFile(vocabulary);
        file.Read("let way = call\nphone: no {way}\nlet way = text\nsms: no {way}");
        Assert.NotSame(file.Phrases[0].Elements[1], file.Phrases[1].Elements[1]);
        Assert.NotEqual(file.Phrases[0].Elements[1].Alternatives[0], file.Phrases[1].Elements[1].Alternatives[0]);
    }
}
