using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ringfence.Files;
using Ringfence.Rules;
using Xunit;

namespace Ringfence.Tests.Files;

public sealed class CanonicalJsonTests
{
    [Fact]
    public void Keys_stand_in_the_order_of_their_utf16_code_units()
    {
        // Source: RFC 8785, section 3.2.3, which sorts these keys so; by code points the emoji would stand last.
        var value = CanonicalValue.Mapping(
            ("\u20ac", "Euro Sign"), ("\r", "Carriage Return"), ("\ufb33", "Hebrew Letter Dalet With Dagesh"), ("1", "One"),
            ("\ud83d\ude00", "Emoji: Grinning Face"), ("\u0080", "Control"), ("\u00f6", "Latin Small Letter O With Diaeresis"));
        Assert.Equal(
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"\u00f6\":\"Latin Small Letter O With Diaeresis\","
            + "\"\u20ac\":\"Euro Sign\",\"\ud83d\ude00\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}",
            Text(value));
    }

    [Theory]
    [InlineData("\u20ac$\u000f\nA'B\"\\\\\"/", "\"\u20ac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"")]
    [InlineData("\b\t\f\r\u0000\u001f", "\"\\b\\t\\f\\r\\u0000\\u001f\"")]
    [InlineData("\u007f\u2028\u2029<>&\u00e9", "\"\u007f\u2028\u2029<>&\u00e9\"")]
    [InlineData("", "\"\"")]
    public void Only_what_has_to_be_is_escaped(string text, string written) => Assert.Equal(written, Text(text));

    [Fact]
    public void Lists_keep_their_order_and_nothing_is_spaced() =>
        Assert.Equal("{\"a\":[3,-1,\"x\",{}],\"b\":[]}", Text(CanonicalValue.Mapping(
            ("b", new CanonicalValue.List([])), ("left out", null), ("a", new CanonicalValue.List([3, -1, "x", CanonicalValue.Mapping()])))));

    [Fact]
    public void Numbers_go_as_far_as_every_program_reads_them()
    {
        Assert.Equal("[9007199254740991,-9007199254740991,0]", Text(new CanonicalValue.List([(1L << 53) - 1, 1 - (1L << 53), 0])));
        Assert.Throws<ArgumentException>(() => CanonicalJson.ToUtf8(1L << 53));
        Assert.Throws<ArgumentException>(() => CanonicalJson.ToUtf8(-(1L << 53)));
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused_without_naming_the_text()
    {
        // Not as data of a theory: an attribute can't hold it.
        foreach (var text in new[] { "a\ud83d", "\ude00b", "\ude00\ud83d", "\ud83d\ud83d\ude00" })
        {
            var e = Assert.Throws<ArgumentException>(() => CanonicalJson.ToUtf8(text));
            Assert.DoesNotContain(text, e.Message, StringComparison.Ordinal);
            Assert.Throws<ArgumentException>(() => CanonicalJson.ToUtf8(CanonicalValue.Mapping((text, 1))));
        }
    }

    [Fact]
    public void What_goes_too_deep_is_refused()
    {
        CanonicalValue value = 1;
        for (var i = 0; i < 100_000; i++)
            value = new CanonicalValue.List([value]);
        Assert.Throws<ArgumentException>(() => CanonicalJson.ToUtf8(value));
    }

    [Fact]
    public void What_was_written_is_read_again_as_it_was()
    {
        Prop.ForAll<string>(text =>
        {
            if (text is null || text.Any(char.IsSurrogate))
                return;
            var map = Assert.IsType<FileMapping>(JsonTree.Read("f", CanonicalJson.ToUtf8(CanonicalValue.Mapping(("k" + text, text), ("", -7)))));
            Assert.Equal(text, ((FileText)map.Find("k" + text)!).Text);
            Assert.Equal("-7", ((FileText)map.Find("")!).Text);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("{\"a\":1,\"a\":2}", "1:8")]
    [InlineData("{\"a\":1.5}", "1:6")]
    [InlineData("{\"a\":1e2}", "1:6")]
    [InlineData("{\"a\":true}", "1:6")]
    [InlineData("{\n \"a\":null}", "2:6")]
    [InlineData("[1,]", "1:4")]
    [InlineData("[1] [2]", "1:5")]
    [InlineData("// no\n1", "1:1")]
    [InlineData("[\"\\ud83d\"]", "1:2")]
    [InlineData("", "1:1")]
    [InlineData("99999999999999999999", "1:1")]
    public void Other_json_is_refused_with_its_place(string json, string place)
    {
        var e = Assert.Throws<RuleFileException>(() => JsonTree.Read("f", Encoding.UTF8.GetBytes(json)));
        Assert.StartsWith($"f:{place}: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_utf8_are_refused() =>
        Assert.Throws<RuleFileException>(() => JsonTree.Read("f", [(byte)'"', 0xC3, 0x28, (byte)'"']));

    private static string Text(CanonicalValue value) => Encoding.UTF8.GetString(CanonicalJson.ToUtf8(value));
}
