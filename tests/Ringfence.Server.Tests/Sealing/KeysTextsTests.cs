using System.Globalization;
using System.Reflection;
using Ringfence.Server.Cli;
using Ringfence.Server.Sealing;
using Xunit;

namespace Ringfence.Server.Tests.Sealing;

public sealed class KeysTextsTests
{
    public static TheoryData<string> Languages => ["en", "zh-Hans", "zh-Hant"];

    [Theory]
    [MemberData(nameof(Languages))]
    public void Every_refusal_has_words_that_name_all_there_is_to_name(string language)
    {
        var refusals = Refusals();
        Assert.True(refusals.Count >= 20);
        foreach (var refusal in refusals)
        {
            var text = CliText.Say(new CultureInfo(language), "Keys." + refusal.Code, [.. refusal.Arguments]);
            Assert.All(refusal.Arguments, argument => Assert.Contains(argument.ToString()!, text, StringComparison.Ordinal));
            Assert.DoesNotContain("{", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void No_two_refusals_have_one_code() => Assert.Equal(Refusals().Count, Refusals().Select(static refusal => refusal.Code).Distinct().Count());

    // One of each kind.
    private static List<KeysException> Refusals() =>
    [
        .. typeof(KeysException).GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Where(static make => make.ReturnType == typeof(KeysException))
            .Select(static make => (KeysException)make.Invoke(null, [.. make.GetParameters().Select(Sample)])!),
    ];

    private static object Sample(ParameterInfo parameter) =>
        parameter.ParameterType == typeof(string) ? "some-" + parameter.Name
        : parameter.ParameterType == typeof(int) ? 17
        : parameter.ParameterType == typeof(Kid) ? new Kid(Keys.Day(0))
        : new IOException();
}
