using System.Globalization;
using System.Text;

namespace Ringfence.Ledger;

/// <summary>Writes the free parts of a record by themselves, in the bytes that they have within it.</summary>
public static class LeafJson
{
    /// <summary>The bytes: RFC 8785, UTF-8.</summary>
    public static byte[] Write(LeafValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var json = new StringBuilder();
        Write(json, value);
        return Encoding.ASCII.GetBytes(json.ToString());
    }

    /// <summary>How many bytes that is, without writing them.</summary>
    internal static int LengthOf(LeafValue value)
    {
        switch (value)
        {
            case LeafValue.Word word:
                return word.Text.Length + "\"\"".Length;
            case LeafValue.Number number:
                Span<char> digits = stackalloc char[20];
                return number.Value.TryFormat(digits, out var written, provider: CultureInfo.InvariantCulture) ? written : throw new InvalidOperationException("An integer has 20 digits at most.");
            case LeafValue.List list:
                var items = "[]".Length + Math.Max(0, list.Items.Count - 1);
                for (var i = 0; i < list.Items.Count; i++)
                    items += LengthOf(list.Items[i]);
                return items;
            case LeafValue.Map map:
                var members = "{}".Length + Math.Max(0, map.Members.Length - 1);
                foreach (var (name, member) in map.Members)
                    members += name.Length + "\"\":".Length + LengthOf(member);
                return members;
            default:
                throw new InvalidOperationException("A leaf is one of four.");
        }
    }

    // Words are of an alphabet in which nothing needs escaping.
    private static void Write(StringBuilder json, LeafValue value)
    {
        switch (value)
        {
            case LeafValue.Word word:
                json.Append('"').Append(word.Text).Append('"');
                break;
            case LeafValue.Number number:
                json.Append(number.Value.ToString(CultureInfo.InvariantCulture));
                break;
            case LeafValue.List list:
                json.Append('[');
                for (var i = 0; i < list.Items.Count; i++)
                {
                    json.Append(i > 0 ? "," : "");
                    Write(json, list.Items[i]);
                }

                json.Append(']');
                break;
            case LeafValue.Map map:
                json.Append('{');
                for (var i = 0; i < map.Members.Length; i++)
                {
                    json.Append(i > 0 ? ",\"" : "\"").Append(map.Members[i].Key).Append("\":");
                    Write(json, map.Members[i].Value);
                }

                json.Append('}');
                break;
        }
    }
}
