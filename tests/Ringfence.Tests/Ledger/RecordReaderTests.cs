using System.Text;
using System.Text.RegularExpressions;
using Ringfence.Ledger;
using Xunit;

namespace Ringfence.Tests.Ledger;

public partial class RecordReaderTests
{
    [Theory]
    [InlineData("\"v\":1", "\"v\":2", RecordFaultCode.Version)]
    [InlineData("\"v\":1", "\"v\":0", RecordFaultCode.Version)]
    [InlineData("\"v\":1", "\"v\":\"1\"", RecordFaultCode.Syntax)]
    [InlineData("\"v\":1", "\"v\":1.0", RecordFaultCode.Syntax)]
    [InlineData("\"v\":1", "\"v\":1e0", RecordFaultCode.Syntax)]
    [InlineData("\"v\":1", "\"v\":01", RecordFaultCode.Number)]
    [InlineData("\"v\":1", "\"v\":true", RecordFaultCode.Syntax)]
    [InlineData("\"v\":1,", "", RecordFaultCode.MissingField)]
    [InlineData("\"seq\":17", "\"seq\":-17", RecordFaultCode.Number)]
    [InlineData("\"seq\":17", "\"seq\":-0", RecordFaultCode.Number)]
    [InlineData("\"seq\":17", "\"seq\":16", RecordFaultCode.Number)]
    [InlineData("\"seq\":17", "\"seq\":9007199254740992", RecordFaultCode.Number)]
    [InlineData("\"seq\":17", "\"seq\":99999999999999999999999", RecordFaultCode.Number)]
    [InlineData("\"seq\":17", "\"seq\":17 ", RecordFaultCode.Syntax)]
    [InlineData("\"seq\":17", "\"seq\":null", RecordFaultCode.Syntax)]
    [InlineData("\"seq\":17", "\"seq\":17,\"seq\":17", RecordFaultCode.Order)]
    [InlineData("\"seq\":17", "\"sex\":1,\"seq\":17", RecordFaultCode.UnknownField)]
    [InlineData("\"seq\":17", "\"SEQ\":17", RecordFaultCode.UnknownField)]
    [InlineData("\"seq\":17", "\"s\\u0065q\":17", RecordFaultCode.UnknownField)]
    [InlineData("\"type\":\"consent.confirmed\"", "\"type\":\"consent.guessed\"", RecordFaultCode.Word)]
    [InlineData("\"type\":\"consent.confirmed\"", "\"type\":\"Consent.confirmed\"", RecordFaultCode.Word)]
    [InlineData("\"state\":\"confirmed\"", "\"state\":\"\"", RecordFaultCode.Text)]
    [InlineData("\"basis\":\"consent\"", "\"basis\":\"con sent\"", RecordFaultCode.Text)]
    [InlineData("\"basis\":\"consent\"", "\"basis\":\"4155550123\"", RecordFaultCode.Text)]
    [InlineData("\"basis\":\"consent\"", "\"basis\":\"cons\\u0065nt\"", RecordFaultCode.Text)]
    [InlineData("\"basis\":\"consent\"", "\"basis\":\"a\\/b\"", RecordFaultCode.Text)]
    [InlineData("\"basis\":\"consent\"", "\"basis\":\"é\"", RecordFaultCode.Text)]
    [InlineData("\"basis\":\"consent\"", "\"basis\":[\"consent\"]", RecordFaultCode.Syntax)]
    [InlineData("\"basis\":\"consent\",", "\"basis\":\"consent\",\"basis\":\"consent\",", RecordFaultCode.Order)]
    [InlineData("\"id\":\"5", "\"id\":\"", RecordFaultCode.Hex)]
    [InlineData("\"id\":\"5", "\"id\":\"55", RecordFaultCode.Hex)]
    [InlineData("\"id\":\"5", "\"id\":\"F", RecordFaultCode.Hex)]
    [InlineData("\"id\":\"5", "\"id\":\"g", RecordFaultCode.Hex)]
    [InlineData("05.000006Z", "05.00006Z", RecordFaultCode.Instant)]
    [InlineData("05.000006Z", "05.0000060Z", RecordFaultCode.Instant)]
    [InlineData("05.000006Z", "05.000006z", RecordFaultCode.Instant)]
    [InlineData("05.000006Z", "05,000006Z", RecordFaultCode.Instant)]
    [InlineData("05.000006Z", "60.000006Z", RecordFaultCode.Instant)]
    [InlineData("05.000006Z", "05.00000 Z", RecordFaultCode.Instant)]
    [InlineData("2026-01-02T", "2026-02-29T", RecordFaultCode.Instant)]
    [InlineData("2026-01-02T", "2026-13-02T", RecordFaultCode.Instant)]
    [InlineData("2026-01-02T", "2026-01-00T", RecordFaultCode.Instant)]
    [InlineData("2026-01-02T", "0000-01-02T", RecordFaultCode.Instant)]
    [InlineData("2026-01-02T03", "2026-01-02T24", RecordFaultCode.Instant)]
    [InlineData("2026-01-02T", "2026-01-02 ", RecordFaultCode.Instant)]
    [InlineData("\"valid_for\":\"P2Y\"", "\"valid_for\":\"P\"", RecordFaultCode.Duration)]
    [InlineData("\"valid_for\":\"P2Y\"", "\"valid_for\":\"PT\"", RecordFaultCode.Duration)]
    [InlineData("\"valid_for\":\"P2Y\"", "\"valid_for\":\"P2YT\"", RecordFaultCode.Duration)]
    [InlineData("\"valid_for\":\"P2Y\"", "\"valid_for\":\"P2M2Y\"", RecordFaultCode.Duration)]
    [InlineData("\"valid_for\":\"P2Y\"", "\"valid_for\":\"P2H\"", RecordFaultCode.Duration)]
    [InlineData("\"valid_for\":\"P2Y\"", "\"valid_for\":\"-P2Y\"", RecordFaultCode.Duration)]
    [InlineData("\"valid_for\":\"P2Y\"", "\"valid_for\":\"P1234567890D\"", RecordFaultCode.Duration)]
    [InlineData("[\"sms\",\"voice\"]", "[\"voice\",\"sms\"]", RecordFaultCode.Unsorted)]
    [InlineData("[\"sms\",\"voice\"]", "[\"sms\",\"sms\"]", RecordFaultCode.Unsorted)]
    [InlineData("[\"sms\",\"voice\"]", "[]", RecordFaultCode.Syntax)]
    [InlineData("[\"sms\",\"voice\"]", "[\"sms\",]", RecordFaultCode.Syntax)]
    [InlineData("[\"sms\",\"voice\"]", "[\"sms\" ,\"voice\"]", RecordFaultCode.Syntax)]
    [InlineData("[\"sms\",\"voice\"]", "[\"sms\",1]", RecordFaultCode.Syntax)]
    [InlineData("\"channels\":[\"sms\",\"voice\"],\"purposes\":[\"offers\"],\"service\":\"news\"", "", RecordFaultCode.Syntax)]
    [InlineData("\"about\":[3,16]", "\"about\":[]", RecordFaultCode.Syntax)]
    [InlineData("\"about\":[3,16]", "\"about\":[16,3]", RecordFaultCode.Number)]
    [InlineData("\"about\":[3,16]", "\"about\":[3,3]", RecordFaultCode.Number)]
    [InlineData("\"about\":[3,16]", "\"about\":[-1]", RecordFaultCode.Number)]
    [InlineData("\"about\":[3,16]", "\"about\":[\"3\"]", RecordFaultCode.Syntax)]
    [InlineData("\"kind\":\"person\",", "", RecordFaultCode.MissingField)]
    [InlineData("\"kind\":\"person\",\"ref\":\"form-12\"", "\"ref\":\"form-12\",\"kind\":\"person\"", RecordFaultCode.MissingField)]
    [InlineData("\"kind\":\"person\",\"ref\":\"form-12\"", "", RecordFaultCode.Syntax)]
    [InlineData("\"ref\":\"form-12\"}", "\"ref\":\"form-12\",\"role\":\"x\"}", RecordFaultCode.UnknownField)]
    [InlineData("\"service\":\"news\"", "\"service\":\"news\",\"type\":1", RecordFaultCode.UnknownField)]
    [InlineData("\"doc\":", "\"dok\":", RecordFaultCode.UnknownField)]
    [InlineData("\"note\":\"1b", "\"nota\":\"1b", RecordFaultCode.UnknownField)]
    [InlineData("\"counters\":{\"day\":0,", "\"counters\":{\"day\":{\"x\":1},", RecordFaultCode.Depth)]
    [InlineData("\"taken\":4", "\"taken\":{\"x\":1}", RecordFaultCode.Depth)]
    [InlineData("[1,\"two\"]", "[[1],\"two\"]", RecordFaultCode.Depth)]
    [InlineData("[1,\"two\"]", "[{\"x\":1}]", RecordFaultCode.Depth)]
    [InlineData("[1,\"two\"]", "[1,null]", RecordFaultCode.Syntax)]
    [InlineData("[1,\"two\"]", "[1,false]", RecordFaultCode.Syntax)]
    [InlineData("\"day\":0,\"week\":2", "\"week\":2,\"day\":0", RecordFaultCode.Order)]
    [InlineData("\"day\":0,\"week\":2", "\"day\":0,\"day\":0", RecordFaultCode.Order)]
    [InlineData("\"day\":0,\"week\":2", "", RecordFaultCode.Syntax)]
    [InlineData("\"day\":0", "\"1234567\":0", RecordFaultCode.Text)]
    [InlineData("\"rows\":-5", "\"rows\":-05", RecordFaultCode.Number)]
    [InlineData("\"rows\":-5", "\"rows\":-0", RecordFaultCode.Number)]
    [InlineData("\"rows\":-5", "\"rows\":-9007199254740992", RecordFaultCode.Number)]
    [InlineData("\"rows\":-5", "\"rows\":5.5", RecordFaultCode.Syntax)]
    [InlineData("\"rows\":-5", "\"rows\":+5", RecordFaultCode.Syntax)]
    [InlineData("{\"about\"", " {\"about\"", RecordFaultCode.Syntax)]
    [InlineData("{\"about\"", "\ufeff{\"about\"", RecordFaultCode.Syntax)]
    [InlineData("{\"about\"", "[{\"about\"", RecordFaultCode.Syntax)]
    [InlineData("{\"about\"", "{ \"about\"", RecordFaultCode.Syntax)]
    [InlineData("\"reply-stop\"}", "\"reply-stop\"}\n", RecordFaultCode.Trailing)]
    [InlineData("\"reply-stop\"}", "\"reply-stop\"}{}", RecordFaultCode.Trailing)]
    [InlineData("\"reply-stop\"}", "\"reply-stop\",}", RecordFaultCode.Syntax)]
    [InlineData("\"reply-stop\"}", "\"reply-stop\"", RecordFaultCode.Syntax)]
    [InlineData("\"reply-stop\"}", "\"reply-stop", RecordFaultCode.Syntax)]
    [InlineData("\"reply-stop\"}", "\"reply-stop\",\"zzz\":1}", RecordFaultCode.UnknownField)]
    [InlineData("\"reply-stop\"}", "\"reply-stop\",\"at\":1}", RecordFaultCode.Order)]
    public void Another_form_is_refused(string part, string instead, RecordFaultCode code)
    {
        var text = SampleRecords.FullText;
        var at = text.IndexOf(part, StringComparison.Ordinal);
        Assert.True(at >= 0);
        var bytes = Encoding.UTF8.GetBytes(string.Concat(text.AsSpan(0, at), instead, text.AsSpan(at + part.Length)));
        Assert.False(RecordReader.TryRead(bytes, out var record, out var fault));
        Assert.Null(record);
        Assert.Equal(code, fault.Code);
        // It stopped where the change is, at the beginning of the value: of an instant as a whole, or at the seq before which everything has to be.
        Assert.InRange(fault.Position, at - (code is RecordFaultCode.Instant ? 29 : 1), code is RecordFaultCode.Number ? text.Length : at + instead.Length + 1);
        Assert.False(ReferenceRecord.Accepts(bytes));
    }

    [Fact]
    public void Each_field_that_every_record_has_is_missed_and_each_other_is_not()
    {
        foreach (Match member in TopMembers().Matches(SampleRecords.FullText[1..^1]))
        {
            var name = member.Groups["name"].Value;
            var rest = SampleRecords.FullText.Replace(member.Value, "", StringComparison.Ordinal).Replace("{,", "{", StringComparison.Ordinal).Replace(",,", ",", StringComparison.Ordinal)
                .Replace(",}", "}", StringComparison.Ordinal);
            var isRead = RecordReader.TryRead(Encoding.ASCII.GetBytes(rest), out _, out var fault);
            Assert.Equal(name is not ("v" or "seq" or "id" or "type" or "at" or "controller" or "actor"), isRead);
            if (!isRead)
                Assert.Equal(RecordFaultCode.MissingField, fault.Code);
        }
    }

    [Fact]
    public void Every_beginning_of_a_record_is_refused_at_its_end_or_before()
    {
        var bytes = Encoding.ASCII.GetBytes(SampleRecords.FullText);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(RecordReader.TryRead(bytes.AsSpan(0, length), out _, out var fault));
            Assert.InRange(fault.Position, 0, length);
        }
    }

    [Fact]
    public void Of_changed_records_those_are_read_that_the_page_allows_and_they_are_written_the_same()
    {
        var random = new Random(20_261_122);
        var parts = SampleRecords.FullText;
        int read = 0, refused = 0;
        for (var i = 0; i < 12_000; i++)
        {
            var text = Encoding.ASCII.GetString(RecordBytes.ToArray(SampleRecords.Any(random)));
            var changed = Encoding.Latin1.GetBytes(i % 3 == 0 ? ChangeBytes(text, random) : ChangeTokens(text, parts, random));
            var isRead = RecordReader.TryRead(changed, out var record, out var fault);
            Assert.True(isRead == ReferenceRecord.Accepts(changed), $"{fault}: {Encoding.Latin1.GetString(changed)}");
            if (isRead)
                Assert.Equal(changed, RecordBytes.ToArray(record!));
            else
                Assert.InRange(fault.Position, 0, changed.Length);
            _ = isRead ? read++ : refused++;
        }

        // Both happen often, or the changes show nothing.
        Assert.InRange(read, 500, 11_500);
        Assert.InRange(refused, 500, 11_500);
    }

    [Fact]
    public void No_bytes_make_the_reader_throw()
    {
        var random = new Random(7);
        var sample = Encoding.ASCII.GetBytes(SampleRecords.FullText);
        Span<byte> bytes = stackalloc byte[RecordBytes.Longest + 2];
        for (var i = 0; i < 200_000; i++)
        {
            int length;
            if (i % 2 == 0)
            {
                length = random.Next(60);
                random.NextBytes(bytes[..length]);
                // So that it gets past the first questions.
                "{\"actor\":{"u8[..random.Next(11)].CopyTo(bytes);
            }
            else
            {
                length = sample.Length;
                sample.CopyTo(bytes);
                for (var changes = random.Next(1, 4); changes > 0; changes--)
                    bytes[random.Next(length)] = (byte)random.Next(256);
            }

            if (RecordReader.TryRead(bytes[..length], out var record, out var fault))
                Assert.True(bytes[..length].SequenceEqual(RecordBytes.ToArray(record)));
            else
                Assert.InRange(fault.Position, 0, length);
        }

        Assert.False(RecordReader.TryRead(new byte[1 << 20], out _, out _));
    }

    [Theory]
    [InlineData(0, 64)]
    [InlineData(1_000_000, 8)]
    public void Objects_within_objects_without_end_do_not_exhaust_the_stack(int levels, int most)
    {
        var text = SampleRecords.FullText.Replace("\"rows\":-5", $"\"rows\":{string.Concat(Enumerable.Repeat("{\"a\":", Math.Max(levels, most)))}1", StringComparison.Ordinal);
        Assert.False(RecordReader.TryRead(Encoding.ASCII.GetBytes(text), out _, out _));
    }

    private static string ChangeBytes(string text, Random random)
    {
        var signs = text.ToCharArray();
        for (var changes = random.Next(1, 3); changes > 0; changes--)
            signs[random.Next(signs.Length)] = random.Next(3) == 0 ? (char)random.Next(256) : Signs[random.Next(Signs.Length)];
        return new(signs);
    }

    // Takes a piece out, puts it in twice, changes places with another, or takes one from another record instead.
    private static string ChangeTokens(string text, string other, Random random)
    {
        var tokens = Tokens().Matches(text).Select(m => m.Value).ToList();
        var at = random.Next(tokens.Count);
        switch (random.Next(6))
        {
            case 0:
                tokens.RemoveAt(at);
                break;
            case 1:
                tokens.Insert(at, tokens[random.Next(tokens.Count)]);
                break;
            case 2:
                var with = random.Next(tokens.Count);
                (tokens[at], tokens[with]) = (tokens[with], tokens[at]);
                break;
            case 3:
                var others = Tokens().Matches(other);
                tokens[at] = others[random.Next(others.Count)].Value;
                break;
            case 4:
                // A value for one of another kind.
                var value = tokens.FindIndex(at, t => char.IsAsciiDigit(t[0]) || t[0] == '"');
                if (value >= 0)
                    tokens[value] = Values[random.Next(Values.Length)];
                break;
            default:
                // A whole member, twice or not at all.
                var members = TopMembers().Matches(text[1..^1]);
                var member = members[random.Next(members.Count)].Value;
                return random.Next(2) == 0
                    ? text.Replace(member, $"{member},{member}", StringComparison.Ordinal)
                    : text.Replace(member, "", StringComparison.Ordinal).Replace("{,", "{", StringComparison.Ordinal).Replace(",,", ",", StringComparison.Ordinal);
        }

        return string.Concat(tokens);
    }

    private const string Signs = "0123456789abcdefPTYMDZ.-_:/\"{}[],";

    private static readonly string[] Values =
        ["0", "1", "17", "-1", "-0", "01", "1.0", "1e3", "9007199254740991", "9007199254740992", "null", "true", "\"\"", "\"a\"", "\"zz\"", "\"1234567\"", "\"123456\"", "\"a b\"",
         "\"\\u0061\"", "[]", "{}", "[1]", "[\"a\"]", "{\"a\":1}", "\"P1Y\"", "\"until-withdrawn\"", "\"2026-02-30T00:00:00.000000Z\"", "\"given\"", "\"ledger.genesis\""];

    [GeneratedRegex("\"[^\"]*\"|-?[0-9]+|.", RegexOptions.CultureInvariant)]
    private static partial Regex Tokens();

    // Members of the outermost object: values are plain, or objects and arrays with at most two levels within.
    [GeneratedRegex("""(?<=\A|,)"(?<name>[a-z_]+)":(?:"[^"]*"|-?[0-9]+|\[[^\]]*\]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})(?=,|\z)""", RegexOptions.CultureInvariant)]
    private static partial Regex TopMembers();
}
