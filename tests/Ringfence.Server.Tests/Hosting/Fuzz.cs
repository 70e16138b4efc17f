using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Ringfence.Server.Tests.Hosting;

/// <summary>What is sent by whoever means no good, or has a fault.</summary>
internal static class Fuzz
{
    private const string Mark = "odd value ";

    /// <summary>Values that few expect, in JSON.</summary>
    public static readonly string[] Odd =
    [
        "null", "true", "-1", "1e400", "-0", "99999999999999999999999999", "0.1", "\"\"", "\" \"", "[]", "{}", "[[]]", "[null]", "[1,\"a\"]", "{\"a\":{}}", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"",
        "\"\\uffff\"", "\"+447400123456\"", "\"٠١٢٣٤٥٦٧٨٩\"", "\"a@\"", "\"@\"", "\"=1+1\"", "\"../../etc/passwd\"", "\"%00\"", "\"2027-13-41T99:99:99Z\"", "\"9999-12-31T23:59:59Z\"", "\"-9999-01-01T00:00:00Z\"",
        "\"" + new string('x', 70_000) + "\"", "\"" + new string('字', 5_000) + "\"", "\"\u202e\u0000\"", "{\"a\":1,\"a\":2}", "\"sms\"", "\"offers\"", "[\"sms\",\"sms\"]", "9223372036854775807", "9223372036854775808",
    ];

    /// <summary>Something in it, however deep, is taken out, put in twice over, or made something else; then perhaps bytes are.</summary>
    /// <param name="json">What is understood.</param>
    /// <param name="random">Says what.</param>
    /// <param name="names">Names that are put in.</param>
    public static byte[] Mutated(string json, Random random, params string[] names)
    {
        var root = JsonNode.Parse(json)!;
        for (var changes = random.Next(4); changes > 0; changes--)
        {
            var nodes = new List<JsonNode>();
            Within(root, nodes);
            if (nodes.Count == 0)
                break;
            Change(nodes[random.Next(nodes.Count)], random, names);
        }

        // Put in as text, for much of it is nothing that a writer would write.
        var text = root.ToJsonString();
        for (var i = Odd.Length - 1; i >= 0; i--)
            text = text.Replace($"\"{Mark}{i}\"", Odd[i], StringComparison.Ordinal);
        var bytes = Encoding.UTF8.GetBytes(text);
        return random.Next(4) == 0 ? Damaged(bytes, random) : bytes;
    }

    /// <summary>Bytes changed, put in and taken out.</summary>
    public static byte[] Damaged(byte[] bytes, Random random)
    {
        var damaged = bytes.ToList();
        for (var changes = random.Next(1, 6); changes > 0 && damaged.Count > 0; changes--)
        {
            var at = random.Next(damaged.Count);
            switch (random.Next(4))
            {
                case 0:
                    damaged[at] = (byte)random.Next(256);
                    break;
                case 1:
                    damaged.Insert(at, (byte)random.Next(256));
                    break;
                case 2:
                    damaged.RemoveAt(at);
                    break;
                default:
                    damaged.RemoveRange(at, Math.Min(random.Next(20), damaged.Count - at));
                    break;
            }
        }

        return [.. damaged];
    }

    private static void Change(JsonNode node, Random random, string[] names)
    {
        var odd = string.Create(CultureInfo.InvariantCulture, $"{Mark}{random.Next(Odd.Length)}");
        switch (node.Parent)
        {
            case JsonObject fields:
                var name = node.GetPropertyName();
                if (random.Next(4) == 0)
                    fields.Remove(name);
                else if (names.Length > 0 && random.Next(3) == 0)
                    fields[names[random.Next(names.Length)]] = odd;
                else
                    fields[name] = odd;
                break;
            case JsonArray items:
                var at = node.GetElementIndex();
                if (random.Next(4) == 0)
                    items.RemoveAt(at);
                else if (random.Next(3) == 0)
                    items.Add(node.DeepClone());
                else
                    items[at] = odd;
                break;
        }
    }

    private static void Within(JsonNode node, List<JsonNode> nodes)
    {
        foreach (var inner in node switch { JsonObject fields => fields.Select(static field => field.Value), JsonArray items => items, _ => Enumerable.Empty<JsonNode?>() })
        {
            if (inner is null)
                continue;
            nodes.Add(inner);
            Within(inner, nodes);
        }
    }
}
