using System.Text;

namespace Ringfence.Server.Design;

/// <summary>Cuts a style sheet down to what one page uses, so that a page that stands alone stays small.</summary>
/// <remarks>For the house's own sheets: comments, rules and at-rules, nesting of at-rules only.</remarks>
internal static class UsedStyles
{
    /// <summary>Keeps the rules whose selectors name no class but these; a selector without a class is always kept.</summary>
    public static string Keep(string css, IReadOnlySet<string> classes)
    {
        var kept = new StringBuilder(css.Length / 2);
        Keep(Small(css), classes, kept);
        return kept.ToString();
    }

    /// <summary>All classes that stand in <c>class</c> attributes of a page.</summary>
    public static HashSet<string> ClassesOf(string html)
    {
        const string attribute = " class=\"";
        var classes = new HashSet<string>(StringComparer.Ordinal);
        for (var at = html.IndexOf(attribute, StringComparison.Ordinal); at >= 0; at = html.IndexOf(attribute, at, StringComparison.Ordinal))
        {
            at += attribute.Length;
            var end = html.IndexOf('"', at);
            classes.UnionWith(html[at..end].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }

        return classes;
    }

    private static void Keep(ReadOnlySpan<char> css, IReadOnlySet<string> classes, StringBuilder kept)
    {
        while (css.IndexOf('{') is var open and >= 0)
        {
            var prelude = css[..open].Trim();
            var close = MatchingBrace(css, open);
            var body = css[(open + 1)..close];
            css = css[(close + 1)..];

            if (prelude.StartsWith("@media", StringComparison.Ordinal) || prelude.StartsWith("@supports", StringComparison.Ordinal))
            {
                var inner = new StringBuilder();
                Keep(body, classes, inner);
                if (inner.Length > 0)
                    kept.Append(Tight(prelude)).Append('{').Append(inner).Append("}\n");
            }
            else if (prelude.StartsWith('@'))
            {
                kept.Append(Tight(prelude)).Append('{').Append(Tight(body)).Append("}\n");
            }
            else if (Selectors(prelude.ToString()).Where(s => NamesOnly(s, classes)).ToList() is { Count: > 0 } used)
            {
                kept.Append(Tight(string.Join(',', used))).Append('{').Append(Tight(body)).Append("}\n");
            }
        }
    }

    /// <summary>A sheet without what only its authors read.</summary>
    public static string WithoutComments(string css)
    {
        var kept = new StringBuilder(css.Length);
        var at = 0;
        while (css.IndexOf("/*", at, StringComparison.Ordinal) is var open and >= 0)
        {
            kept.Append(css, at, open - at);
            var close = css.IndexOf("*/", open, StringComparison.Ordinal);
            at = close < 0 ? css.Length : close + 2;
        }

        return kept.Append(css, at, css.Length - at).ToString();
    }

    /// <summary>A sheet as it is sent: without comments, and without blanks that mean nothing.</summary>
    public static string Small(string css)
    {
        var small = new StringBuilder(css.Length);
        var quote = '\0';
        foreach (var c in WithoutComments(css))
        {
            var last = small.Length > 0 ? small[^1] : '{';
            if (quote != '\0')
            {
                quote = c == quote ? '\0' : quote;
                small.Append(c);
            }
            else if (char.IsWhiteSpace(c))
            {
                // A blank before a colon or a bracket may part a selector; after these nothing does.
                if (!"{};:, ".Contains(last))
                    small.Append(' ');
            }
            else
            {
                if (c is '{' or '}' && last == ' ')
                    small.Length--;
                if (c == '}' && small.Length > 0 && small[^1] == ';')
                    small.Length--;
                quote = c is '"' or '\'' ? c : '\0';
                small.Append(c);
            }
        }

        return small.ToString().TrimEnd();
    }

    private static int MatchingBrace(ReadOnlySpan<char> css, int open)
    {
        var depth = 0;
        for (var i = open; i < css.Length; i++)
        {
            if (css[i] == '{')
                depth++;
            else if (css[i] == '}' && --depth == 0)
                return i;
        }

        throw new FormatException("A brace stays open.");
    }

    private static IEnumerable<string> Selectors(string prelude)
    {
        var (start, depth) = (0, 0);
        for (var i = 0; i < prelude.Length; i++)
        {
            depth += prelude[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (prelude[i] != ',' || depth > 0)
                continue;
            yield return prelude[start..i].Trim();
            start = i + 1;
        }

        yield return prelude[start..].Trim();
    }

    private static bool NamesOnly(string selector, IReadOnlySet<string> classes)
    {
        for (var dot = selector.IndexOf('.'); dot >= 0; dot = selector.IndexOf('.', dot + 1))
        {
            var end = dot + 1;
            while (end < selector.Length && (char.IsAsciiLetterOrDigit(selector[end]) || selector[end] is '-' or '_'))
                end++;
            if (!classes.Contains(selector[(dot + 1)..end]))
                return false;
        }

        return true;
    }

    private static string Tight(ReadOnlySpan<char> css)
    {
        var tight = new StringBuilder(css.Length);
        foreach (var c in css)
        {
            var blank = char.IsWhiteSpace(c);
            if (!blank || (tight.Length > 0 && tight[^1] != ' '))
                tight.Append(blank ? ' ' : c);
        }

        return tight.ToString().Trim();
    }
}
