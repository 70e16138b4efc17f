using Ringfence.Lists;
using Xunit;

namespace Ringfence.Tests.Lists;

public sealed class WordSetTests
{
    private static readonly WordSet Words = new(["stop", "no-reply", "états", "x"]);

    [Theory]
    [InlineData("stop", true)]
    [InlineData("x", true)]
    [InlineData("no-reply", true)]
    [InlineData("états", true)]
    [InlineData("", false)]
    [InlineData("step", false)]
    [InlineData("stops", false)]
    [InlineData("Stop", false)]
    [InlineData("étatz", false)]
    [InlineData("a word that is longer than any", false)]
    public void A_word_is_in_the_set_or_not(string word, bool isIn) => Assert.Equal(isIn, Words.Contains(word));

    [Theory]
    [InlineData("STOP", true)]
    [InlineData("No-Reply", true)]
    [InlineData("ÉTATS", true)]
    [InlineData("STEP", false)]
    public void Case_may_not_matter(string word, bool isIn) => Assert.Equal(isIn, Words.ContainsInAnyCase(word));
}
