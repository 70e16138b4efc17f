using System.Reflection;

namespace Ringfence.Tests;

/// <summary>Tables of texts and what they mean: one row a line, columns by tabs, remarks behind <c>#</c>.</summary>
internal static class WordTable
{
    public static IEnumerable<string[]> Rows(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
                yield return line.Split('\t');
        }
    }

    /// <summary>A set written as its members with plus signs between.</summary>
    public static T Set<T>(string written)
        where T : struct, Enum => Enum.Parse<T>(written.Replace('+', ','), ignoreCase: true);

    /// <summary>The same text as somebody else might have typed it.</summary>
    public static IEnumerable<string> Spellings(string text)
    {
        yield return text.ToUpperInvariant();
        yield return text.ToLowerInvariant();
        yield return string.Concat(text.Select(c => c is >= '!' and <= '~' ? (char)(c + 0xFEE0) : c));
        yield return text.Replace(" ", "   ", StringComparison.Ordinal);
        yield return text.Replace(" ", "\u00A0", StringComparison.Ordinal);
        yield return "\uFEFF  \"" + text + "\" \u200B";
        yield return text.Replace('\'', '’');
        yield return string.Concat(text.Select(c => c + "\u200B"));
    }

    /// <summary>Texts that are hard on readers which look back and forth.</summary>
    public static IEnumerable<string> Evil(int length)
    {
        foreach (var part in new[]
        {
            "do not ", "no ", "a", "not call before ", "do not never ", "不", "不要", "请", "s ", "d.n.c.", "don't-", "\n", "'", "\u0300",
            "\uD800", "İ", "ß", "keine nicht ", "ne pas ", "purchased list ", "I agree ", "Acme Ltd ", "有限公司", "。", "stop stop ",
        })
            yield return string.Concat(Enumerable.Repeat(part, (length / part.Length) + 1))[..length];
    }
}
