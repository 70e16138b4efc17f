using System.Buffers;
using System.Text;
using System.Text.Json;
using NodaTime;
using Ringfence.Ledger;
using Xunit;

namespace Ringfence.Tests.Ledger;

public class RecordBytesTests
{
    [Fact]
    public void A_record_with_every_field_has_the_bytes_of_the_page() =>
        Assert.Equal(SampleRecords.FullText, Encoding.ASCII.GetString(RecordBytes.ToArray(SampleRecords.Full)));

    [Fact]
    public void A_record_that_was_written_is_read_as_an_equal_one_and_its_bytes_are_written_again()
    {
        var random = new Random(1);
        var written = new ArrayBufferWriter<byte>();
        for (var i = 0; i < 5_000; i++)
        {
            var record = SampleRecords.Any(random);
            written.ResetWrittenCount();
            var length = RecordBytes.Write(record, written);
            Assert.Equal(length, written.WrittenCount);
            Assert.True(RecordReader.TryRead(written.WrittenSpan, out var read, out var fault), fault.ToString());
            Assert.Equal(record, read);
            Assert.Equal(record.GetHashCode(), read.GetHashCode());
            Assert.True(written.WrittenSpan.SequenceEqual(RecordBytes.ToArray(read)));
        }
    }

    [Fact]
    public void A_value_is_as_long_as_it_is_said_to_be_before_it_is_written()
    {
        var random = new Random(7);
        var values = Enumerable.Range(0, 1_000).Select(_ => SampleRecords.Any(random)).Append(SampleRecords.Full)
            .SelectMany(record => new[] { record.Decision, record.Detail }).OfType<LeafValue>().Append((1L << 53) - 1).Append(1 - (1L << 53)).ToArray();
        Assert.True(values.Length > 500);
        Assert.All(values, value => Assert.Equal(LeafJson.Write(value).Length, LeafJson.LengthOf(value)));
    }

    [Fact]
    public void What_is_written_is_canonical_json_and_a_record_to_whoever_reads_the_page()
    {
        var random = new Random(2);
        for (var i = 0; i < 1_000; i++)
        {
            var bytes = RecordBytes.ToArray(SampleRecords.Any(random));
            using var document = JsonDocument.Parse(bytes);
            Assert.Equal(ReferenceRecord.Canonical(document.RootElement), Encoding.ASCII.GetString(bytes));
            Assert.True(ReferenceRecord.Accepts(bytes), Encoding.ASCII.GetString(bytes));
        }
    }

    [Fact]
    public void Records_that_differ_in_one_field_are_not_equal()
    {
        var full = SampleRecords.Full;
        LedgerRecord[] others =
        [
            full with { Seq = 18 }, full with { Id = new(5) }, full with { Type = RecordType.ConsentGiven }, full with { At = full.At + LedgerTime.Step },
            full with { Controller = default }, full with { Actor = new(ActorKind.Staff, "form-12") }, full with { State = null }, full with { EventAt = full.At },
            full with { EventSource = EventSource.Staff }, full with { ValidFor = "P3Y" }, full with { Subject = new(new(1)) }, full with { Scope = new(["sms"], ["offers"], "news") },
            full with { Basis = "other" }, full with { Notice = full.Notice! with { Lang = "en" } }, full with { Pii = ["phone"] }, full with { Method = new("paper") },
            full with { Withdraw = "reply" }, full with { Jurisdiction = ["US-CA", "GB"] }, full with { About = [3] }, full with { Commits = full.Commits! with { Tag = null } },
            full with { Pack = full.Pack! with { Version = "2" } }, full with { Decision = full.Detail }, full with { Detail = LeafValue.Map.Of(("rows", 5)) },
        ];
        Assert.All(others, other => Assert.NotEqual(full, other));
        var bytes = others.Select(RecordBytes.ToArray).Append(RecordBytes.ToArray(full)).Select(Convert.ToHexString);
        Assert.Equal(others.Length + 1, bytes.Distinct().Count());
        Assert.Equal(full, full with { Scope = new(["sms", "voice"], ["offers"], "news"), About = [3, 16] });
    }

    private static List<(string Field, LedgerRecord Record)> Unwritable()
    {
        var full = SampleRecords.Full;
        List<(string Field, LedgerRecord Record)> unwritable =
        [
            ("seq", full with { Seq = -1, About = null }),
            ("seq", full with { Seq = 1L << 53 }),
            ("type", full with { Type = (RecordType)200 }),
            ("state", full with { State = (RecordState)7 }),
            ("event_src", full with { EventSource = (EventSource)9 }),
            ("actor.kind", full with { Actor = new((ActorKind)5, "x") }),
            ("actor.ref", full with { Actor = default }),
            ("at", full with { At = full.At + Duration.FromTicks(1) }),
            ("at", full with { At = full.At + Duration.FromNanoseconds(1) }),
            ("at", full with { At = LedgerTime.First - LedgerTime.Step }),
            ("event_at", full with { EventAt = LedgerTime.Last + Duration.FromTicks(9) }),
            ("valid_for", full with { ValidFor = "" }),
            ("valid_for", full with { ValidFor = "P1.5Y" }),
            ("valid_for", full with { ValidFor = "2 years" }),
            ("scope", full with { Scope = new() }),
            ("scope.channels", full with { Scope = new([]) }),
            ("scope.channels", full with { Scope = new(["voice", "sms"]) }),
            ("scope.purposes", full with { Scope = new(null, ["offers", "offers"]) }),
            ("scope.service", full with { Scope = new(null, null, "a b") }),
            ("notice.lang", full with { Notice = new(default, "zh Hant") }),
            ("notice.version", full with { Notice = new(default, null, "") }),
            ("pii", full with { Pii = [] }),
            ("pii", full with { Pii = ["phone", null!] }),
            ("jurisdiction", full with { Jurisdiction = [] }),
            ("method.collection", full with { Method = new(null!) }),
            ("method.ceremony", full with { Method = new("paper", (Ceremony)2) }),
            ("about", full with { About = [] }),
            ("about", full with { About = [-1] }),
            ("about", full with { About = [3, 3] }),
            ("about", full with { About = [4, 3] }),
            ("about", full with { About = [17] }),
            ("commits", full with { Commits = new() }),
            ("pack.id", full with { Pack = new("", "1", default) }),
            ("pack.version", full with { Pack = new("gb", "", default) }),
            ("decision", full with { Decision = LeafValue.Map.Of() }),
            ("decision", full with { Decision = Nested(4) }),
            ("detail", full with { Detail = Nested(3) }),
            ("detail", full with { Detail = LeafValue.Map.Of(("n", 1L << 53)) }),
            ("detail", full with { Detail = LeafValue.Map.Of(("n", -(1L << 53))) }),
            ("detail", full with { Detail = LeafValue.Map.Of(("n", long.MinValue)) }),
            ("detail", full with { Detail = LeafValue.Map.Of(("442079460000", 1)) }),
            ("detail", full with { Detail = LeafValue.Map.Of(("n", null!)) }),
            ("detail", full with { Detail = LeafValue.Map.Of(("n", LeafValue.ListOf(Array.Empty<string>()))) }),
            ("detail", full with { Detail = LeafValue.Map.Of(("n", LeafValue.ListOf(LeafValue.ListOf("a")))) }),
            ("detail", full with { Detail = LeafValue.Map.Of(("n", LeafValue.ListOf(LeafValue.Map.Of(("a", 1))))) }),
        ];
        // What no string may be: somebody's number, words of a person, signs that would be escaped, too much, nothing.
        foreach (var text in new[] { "442079460000", "4155550123", "+442079460000", "Jane Doe", "näme", "a\"b", "a\\b", "a\nb", "a\0", "\ud83d", new string('a', 129), "" })
        {
            unwritable.Add(("basis", full with { Basis = text }));
            unwritable.Add(("withdraw", full with { Withdraw = text }));
            unwritable.Add(("actor.ref", full with { Actor = new(ActorKind.Client, text) }));
            unwritable.Add(("detail", full with { Detail = LeafValue.Map.Of(("a", text)) }));
            unwritable.Add(("scope.channels", full with { Scope = new([text]) }));
        }

        return unwritable;
    }

    [Fact]
    public void What_no_record_may_hold_is_not_written_and_the_field_is_named_but_not_what_was_in_it()
    {
        foreach (var (field, record) in Unwritable())
        {
            var thrown = Assert.Throws<ArgumentException>(() => RecordBytes.ToArray(record));
            Assert.StartsWith($"The field {field} ", thrown.Message, StringComparison.Ordinal);
            foreach (var secret in new[] { "442079460000", "4155550123", "Jane", "näme", "zh Hant", "2 years" })
                Assert.DoesNotContain(secret, thrown.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("123456", true)]
    [InlineData("1234567", false)]
    [InlineData("123456789012345", false)]
    [InlineData("1234567890123456", true)]
    [InlineData("a1234567", true)]
    public void Seven_to_fifteen_digits_may_be_somebodys_number(string text, bool isAllowed)
    {
        Assert.Equal(isAllowed, LeafText.Allows(text));
        Assert.Equal(isAllowed, LeafText.Allows(Encoding.ASCII.GetBytes(text)));
    }

    [Fact]
    public void A_record_of_8192_bytes_is_written_and_a_longer_one_is_not()
    {
        var record = SampleRecords.Full with { Detail = LeafValue.Map.Of(("fill", LeafValue.ListOf([.. Enumerable.Repeat(new string('x', 100), 60)]))) };
        var missing = RecordBytes.Longest - RecordBytes.ToArray(record).Length - ",\"pad\":[]".Length;
        // Strings of 100, each with its quotation marks and a comma after it but for the last, which takes what is left.
        var whole = (missing - 60) / 103;
        string[] filling = [.. Enumerable.Repeat(new string('y', 100), whole), new string('y', missing - 103 * whole - 2)];
        LedgerRecord Filled(string last) =>
            record with { Detail = LeafValue.Map.Of(("fill", record.Detail!["fill"]!), ("pad", LeafValue.ListOf([.. filling[..^1], last]))) };

        var longest = RecordBytes.ToArray(Filled(filling[^1]));
        Assert.Equal(RecordBytes.Longest, longest.Length);
        Assert.True(RecordReader.TryRead(longest, out _, out _));
        Assert.Throws<ArgumentException>(() => RecordBytes.ToArray(Filled(filling[^1] + "y")));
        Assert.False(RecordReader.TryRead([.. longest, (byte)'}'], out _, out var fault));
        Assert.Equal(RecordFaultCode.TooLong, fault.Code);
        Assert.Throws<ArgumentException>(() => RecordBytes.Write(SampleRecords.Full, new byte[RecordBytes.Longest - 1]));
    }

    [Fact]
    public void Ids_and_digests_are_hex_of_one_length_in_lower_case()
    {
        var id = new OpaqueId(0xab);
        Assert.Equal("000000000000000000000000000000ab", id.ToString());
        Assert.True(OpaqueId.TryParse(id.ToString(), out var read) && read == id && new OpaqueId(id.ToArray()) == id);
        Assert.False(OpaqueId.TryParse("000000000000000000000000000000AB", out _));
        Assert.False(OpaqueId.TryParse("ab", out _));
        var digest = TreeHash.Sha256("x"u8);
        Assert.True(Digest.TryParse(digest.ToString(), out var again) && again == digest && new Digest(digest.Bytes) == digest);
        Assert.False(Digest.TryParse(digest.ToString().ToUpperInvariant(), out _));
        Assert.False(Digest.TryParse(digest.ToString().AsSpan(..^1), out _));
        Assert.Equal(LeafValue.Map.Of(("b", digest), ("a", id)), LeafValue.Map.Of(("a", id.ToString()), ("b", digest.ToString())));
        Assert.Equal(digest.ToString(), LeafValue.Map.Of(("b", digest), ("a", id))["b"]?.AsText);
        Assert.Equal(5, LeafValue.Map.Of(("n", 5))["n"]?.AsNumber);
        Assert.Null(LeafValue.Map.Of(("n", 5))["m"]);
        Assert.Throws<ArgumentException>(() => LeafValue.Map.Of(("n", 5), ("n", 5)));
    }

    [Fact]
    public void Words_are_those_of_the_page_and_lead_back_to_their_values()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs/reference/ledger.md"));
        Assert.All(RecordWords.Types.All, word => Assert.Contains($"`{word}`", page, StringComparison.Ordinal));
        Assert.Equal(Enum.GetValues<RecordType>().Length, RecordWords.Types.All.Count);
        foreach (var type in Enum.GetValues<RecordType>())
        {
            var word = RecordWords.Types.Of(type);
            // LedgerKeyAdded is ledger.key_added.
            Assert.Equal(type.ToString(), string.Concat(word.Split('.', '_').Select(part => char.ToUpperInvariant(part[0]) + part[1..])));
            Assert.True(RecordWords.Types.TryParse(word, out var back) && back == type);
            Assert.True(RecordWords.Types.TryParse(Encoding.ASCII.GetBytes(word), out back) && back == type);
        }

        Assert.False(RecordWords.Types.TryParse("ledger.Genesis", out _));
        Assert.False(RecordWords.Types.TryParse((string?)null, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => RecordWords.States.Of((RecordState)7));
    }

    [Fact]
    public void Time_rises_by_a_microsecond_where_the_clock_does_not()
    {
        var last = Instant.FromUtc(2026, 11, 22, 10, 0) + 5 * LedgerTime.Step;
        Assert.Equal(last + LedgerTime.Step, LedgerTime.Next(last, last));
        Assert.Equal(last + LedgerTime.Step, LedgerTime.Next(last - Duration.FromHours(1), last));
        Assert.Equal(last + LedgerTime.Step, LedgerTime.Next(last + Duration.FromTicks(9), last));
        Assert.Equal(last + 7 * LedgerTime.Step, LedgerTime.Next(last + 7 * LedgerTime.Step + Duration.FromNanoseconds(999), last));
        var before1970 = Instant.FromUtc(1960, 1, 1, 0, 0) - Duration.FromTicks(1);
        Assert.Equal(Instant.FromUtc(1960, 1, 1, 0, 0) - LedgerTime.Step, LedgerTime.Cut(before1970));
        Assert.Equal(last, LedgerTime.FromMicroseconds(LedgerTime.ToMicroseconds(last)));
        Assert.Equal(-1, LedgerTime.ToMicroseconds(NodaConstants.UnixEpoch - Duration.FromNanoseconds(1)));
    }

    private static LeafValue.Map Nested(int levels) => LeafValue.Map.Of(("a", levels == 1 ? (LeafValue)1 : Nested(levels - 1)));
}
