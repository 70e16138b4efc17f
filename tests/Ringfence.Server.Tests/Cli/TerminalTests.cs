using Ringfence.Server.Cli;
using Xunit;

namespace Ringfence.Server.Tests.Cli;

public sealed class TerminalTests
{
    [Theory]
    [InlineData("--lang zh-Hant", "", "zh-Hant")]
    [InlineData("--lang=zh-Hans", "de_DE.UTF-8", "zh-Hans")]
    [InlineData("", "zh_TW.UTF-8", "zh-Hant")]
    [InlineData("", "zh_HK", "zh-Hant")]
    [InlineData("", "zh_CN.GB18030", "zh-Hans")]
    [InlineData("", "de_DE.UTF-8", "en")]
    [InlineData("", "C.UTF-8", "en")]
    [InlineData("", "", "en")]
    [InlineData("--lang en", "zh_CN.UTF-8", "en")]
    public void The_language_comes_from_the_command_line_then_from_the_environment(string arguments, string locale, string language) =>
        Assert.Equal(language, LanguageTexts.TagOf(Terminal.Language(arguments.Split(' '), name => name == "LC_ALL" ? locale : null)));

    [Fact]
    public void The_first_variable_that_is_set_decides() =>
        Assert.Equal("en", LanguageTexts.TagOf(Terminal.Language([], name => name switch { "LC_MESSAGES" => "en_GB.UTF-8", "LANG" => "zh_CN.UTF-8", _ => "" })));
}
