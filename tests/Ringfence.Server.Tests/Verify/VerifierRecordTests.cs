using System.Text;
using System.Text.Json.Nodes;
using Ringfence.Verify;
using Xunit;

namespace Ringfence.Server.Tests.Verify;

/// <summary>A record is read in its one form or refused, by both verifiers alike.</summary>
public sealed class VerifierRecordTests
{
    private static readonly ForgedLedger Ledger = new(30);

    [Fact]
    public void Records_as_the_contract_has_them_are_read()
    {
        foreach (var body in Ledger.Bodies)
            Both(true, body, Encoding.UTF8.GetString(body));
    }

    [Theory]
    [InlineData("valid_for", "\"until-withdrawn\"", true)]
    [InlineData("valid_for", "\"P1Y2M3W4DT5H6M7S\"", true)]
    [InlineData("valid_for", "\"PT1M\"", true)]
    [InlineData("valid_for", "\"P\"", false)]
    [InlineData("valid_for", "\"P1DT\"", false)]
    [InlineData("valid_for", "\"PT1D\"", false)]
    [InlineData("valid_for", "\"P1M1Y\"", false)]
    [InlineData("valid_for", "\"P1234567890D\"", false)]
    [InlineData("event_at", "\"2024-02-29T23:59:59.999999Z\"", true)]
    [InlineData("event_at", "\"2026-02-29T00:00:00.000000Z\"", false)]
    [InlineData("event_at", "\"2026-01-01T24:00:00.000000Z\"", false)]
    [InlineData("event_at", "\"2026-01-01T23:59:60.000000Z\"", false)]
    [InlineData("event_at", "\"0000-01-01T00:00:00.000000Z\"", false)]
    [InlineData("event_at", "\"2026-01-01T00:00:00.00000Z\"", false)]
    [InlineData("event_at", "\"2026-01-01T00:00:00.000000z\"", false)]
    [InlineData("event_at", "1", false)]
    [InlineData("about", "[0]", true)]
    [InlineData("about", "[0,12]", true)]
    [InlineData("about", "[0,13]", false)]
    [InlineData("about", "[3,3]", false)]
    [InlineData("about", "[-1]", false)]
    [InlineData("about", "[]", false)]
    [InlineData("about", "[\"1\"]", false)]
    [InlineData("about", "[0,1.0]", false)]
    [InlineData("scope", "{\"channels\":[\"sms\",\"voice\"],\"service\":\"x\"}", true)]
    [InlineData("scope", "{\"channels\":[\"voice\",\"sms\"]}", false)]
    [InlineData("scope", "{\"channels\":[\"sms\",\"sms\"]}", false)]
    [InlineData("scope", "{}", false)]
    [InlineData("subject", "{\"sid\":\"00112233445566778899aabbccddeeff\"}", true)]
    [InlineData("subject", "{\"sid\":\"00112233445566778899AABBCCDDEEFF\"}", false)]
    [InlineData("subject", "{\"point\":\"00112233445566778899aabbccddeeff\"}", false)]
    [InlineData("actor", "{\"kind\":\"person\"}", false)]
    [InlineData("actor", "{\"kind\":\"robot\",\"ref\":\"x\"}", false)]
    [InlineData("method", "{\"collection\":\"web_form\"}", true)]
    [InlineData("method", "{\"ceremony\":\"single\"}", false)]
    [InlineData("method", "{\"ceremony\":\"triple\",\"collection\":\"x\"}", false)]
    [InlineData("commits", "{\"name\":\"0000000000000000000000000000000000000000000000000000000000000000\"}", false)]
    [InlineData("pii", "[\"phone\",\"phone\"]", true)]
    [InlineData("pii", "[[\"phone\"]]", false)]
    [InlineData("pii", "null", false)]
    [InlineData("pii", "true", false)]
    [InlineData("basis", "\"consent\\u002fx\"", false)]
    [InlineData("basis", "\"con sent\"", false)]
    [InlineData("basis", "\"\"", false)]
    [InlineData("basis", "\"é\"", false)]
    [InlineData("basis", "\"123456\"", true)]
    [InlineData("basis", "\"1234567\"", false)]
    [InlineData("basis", "\"123456789012345\"", false)]
    [InlineData("basis", "\"1234567890123456\"", true)]
    [InlineData("detail", "{\"a\":1,\"b\":[\"x\",2],\"c\":{\"d\":[3]}}", true)]
    [InlineData("detail", "{\"a\":{\"b\":{\"c\":1}}}", false)]
    [InlineData("detail", "{\"a\":[{\"b\":1}]}", false)]
    [InlineData("detail", "{\"1234567\":1}", false)]
    [InlineData("detail", "{\"n\":9007199254740991}", true)]
    [InlineData("detail", "{\"n\":-9007199254740991}", true)]
    [InlineData("detail", "{\"n\":9007199254740992}", false)]
    [InlineData("detail", "{\"n\":99999999999999999999}", false)]
    [InlineData("detail", "{\"n\":-0}", false)]
    [InlineData("detail", "{\"n\":01}", false)]
    [InlineData("detail", "{\"n\":1e2}", false)]
    [InlineData("detail", "{\"n\":+1}", false)]
    [InlineData("decision", "{\"facts\":{\"counters\":{\"day\":1}},\"verdict\":\"allowed\"}", true)]
    [InlineData("decision", "{\"facts\":{\"counters\":{\"day\":{\"x\":1}}}}", false)]
    [InlineData("decision", "{\"as_of\":-1}", false)]
    [InlineData("decision", "{\"instant\":\"yesterday\"}", false)]
    [InlineData("decision", "{\"instant\":\"2026-03-03T05:00:00Z\"}", true)]
    [InlineData("decision", "{\"instant\":\"2026-03-03T05:00:00.25Z\"}", true)]
    [InlineData("decision", "{\"instant\":\"2026-03-03T05:00:00.123456789Z\"}", true)]
    [InlineData("decision", "{\"instant\":\"2026-03-03T05:00:00.Z\"}", false)]
    [InlineData("decision", "{\"instant\":\"2026-03-03T05:00:60Z\"}", false)]
    [InlineData("decision", "{\"instant\":\"2026-02-30T05:00:00Z\"}", false)]
    [InlineData("decision", "{\"instant\":\"2026-03-03T05:00:00+00:00\"}", false)]
    [InlineData("zone", "\"x\"", false)]
    public void A_field_has_its_shape_or_the_record_is_refused(string field, string value, bool right)
    {
        var record = Ledger.Record(13).DeepClone().AsObject();
        record[field] = "PLACE";
        Both(right, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(ForgedLedger.Canonical(record)).Replace("\"PLACE\"", value, StringComparison.Ordinal)), $"{field} {value}");
    }

    [Fact]
    public void Fields_that_are_always_there_may_not_be_missing()
    {
        foreach (var field in new[] { "v", "seq", "id", "type", "at", "controller", "actor" })
        {
            var record = Ledger.Record(13).DeepClone().AsObject();
            record.Remove(field);
            Both(false, ForgedLedger.Canonical(record), field);
        }
    }

    [Fact]
    public void A_record_has_8192_bytes_at_most()
    {
        var ledger = new ForgedLedger(1);
        ledger.Append(new JsonObject { ["type"] = "config.changed", ["detail"] = new JsonObject { ["words"] = new JsonArray([.. Enumerable.Repeat("PLACE", 64)]) } });
        var missing = 8192 - (ledger.Bodies[1].Length - (64 * "PLACE".Length));
        var words = Enumerable.Range(0, 64).Select(i => new string('x', (missing / 64) + (i < missing % 64 ? 1 : 0))).ToArray();
        var parts = Encoding.UTF8.GetString(ledger.Bodies[1]).Split("PLACE");
        var body = parts[0] + string.Concat(words.Zip(parts[1..], (word, part) => word + part));
        Assert.Equal(8192, body.Length);
        Both(true, Encoding.UTF8.GetBytes(body), "8192");
        Both(false, Encoding.UTF8.GetBytes(body.Replace("[\"x", "[\"xx", StringComparison.Ordinal)), "8193");
    }

    [Fact]
    public void Fuzzed_records_are_read_or_refused_alike_and_never_fail_otherwise()
    {
        var random = new Random(5);
        var leaf = new Leaf();
        ReadOnlySpan<byte> likely = "{}[]\":,0123456789abcdefPTZ.-\\ux "u8;
        var read = 0;
        for (var i = 0; i < 60_000; i++)
        {
            var bytes = Ledger.Bodies[random.Next(Ledger.Size)].ToList();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var at = random.Next(bytes.Count);
                switch (random.Next(5))
                {
                    case 0:
                        bytes[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        bytes[at] = likely[random.Next(likely.Length)];
                        break;
                    case 2:
                        bytes.Insert(at, likely[random.Next(likely.Length)]);
                        break;
                    case 3:
                        bytes.RemoveAt(at);
                        break;
                    default:
                        bytes.InsertRange(at, bytes.GetRange(at, random.Next(Math.Min(40, bytes.Count - at))));
                        break;
                }
            }

            byte[] body = [.. bytes];
            var mine = leaf.Read(body) is null;
            Assert.True(mine == SecondRecord.Read(body) is not null, $"{mine}: {Encoding.UTF8.GetString(body)}");
            read += mine ? 1 : 0;
        }

        Assert.InRange(read, 100, 30_000);
    }

    private static void Both(bool right, byte[] body, string what)
    {
        var fault = new Leaf().Read(body);
        Assert.True(right == fault is null, $"{what}: {fault}");
        Assert.True(right == SecondRecord.Read(body) is not null, $"{what}, by the second verifier");
    }
}
