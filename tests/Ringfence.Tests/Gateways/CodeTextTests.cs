using Ringfence.Gateways;
using Xunit;

namespace Ringfence.Tests.Gateways;

/// <summary>The message that carries a code says who sends it and what it is for, and fits into few text messages.</summary>
public sealed class CodeTextTests
{
    public static TheoryData<string, CodeAct> All
    {
        get
        {
            var all = new TheoryData<string, CodeAct>();
            foreach (var language in CodeText.Languages)
            {
                foreach (var act in Enum.GetValues<CodeAct>())
                    all.Add(language, act);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void It_names_the_sender_the_code_and_how_long_it_is_good(string language, CodeAct act)
    {
        var text = CodeText.Of(language, "Ringmuster Ltd", act, "12345 67890", 10);
        Assert.StartsWith("Ringmuster Ltd", text, StringComparison.Ordinal);
        Assert.Contains("12345 67890", text, StringComparison.Ordinal);
        Assert.Contains("10", text, StringComparison.Ordinal);
        // One of Latin letters, or one of Chinese; what has accents may take two.
        Assert.True(text.Length <= (language.StartsWith("zh", StringComparison.Ordinal) ? 70 : language == "en" ? 160 : 200), $"{text.Length}: {text}");
        // Each act in each language has words of its own.
        Assert.Equal(Enum.GetValues<CodeAct>().Length, Enum.GetValues<CodeAct>().Select(one => CodeText.Of(language, "A", one, "1", 1)).Distinct(StringComparer.Ordinal).Count());
        Assert.Contains("Ringmuster Ltd", CodeText.Subject(language, "Ringmuster Ltd"), StringComparison.Ordinal);
    }

    [Fact]
    public void It_leads_to_where_it_is_typed_where_that_is_elsewhere()
    {
        var page = new Uri("https://consent.example/y/acme/" + new string('x', 64) + "?lang=zh-Hant");
        foreach (var language in CodeText.Languages)
        {
            var text = CodeText.Where(language, page);
            // A telephone makes a link of it up to its end.
            Assert.EndsWith((language.StartsWith("zh", StringComparison.Ordinal) ? "：" : " ") + page.AbsoluteUri, text, StringComparison.Ordinal);
            Assert.True((CodeText.Of(language, "Ringmuster Ltd", CodeAct.Consent, "12345 67890", 10) + text).Length <= (language.StartsWith("zh", StringComparison.Ordinal) ? 201 : 402), text);
        }

        Assert.Equal(CodeText.Languages.Count, CodeText.Languages.Select(language => CodeText.Where(language, page)).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(CodeText.Where("en", page), CodeText.Where("xx", page));
    }

    [Fact]
    public void A_name_can_not_become_another_message()
    {
        var text = CodeText.Of("en", "Acme\r\nYour bank: " + new string('x', 500), CodeAct.Why, "1", 10);
        Assert.DoesNotContain('\n', text);
        Assert.InRange(text.Length, 1, 200);
        // What is no language of ours is said in English.
        Assert.Equal(CodeText.Of("en", "A", CodeAct.Why, "1", 10), CodeText.Of("xx", "A", CodeAct.Why, "1", 10));
    }
}
