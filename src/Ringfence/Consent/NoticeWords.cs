using System.Globalization;
using Ringfence.Files;
using Ringfence.Gate;
using Ringfence.Rules;

namespace Ringfence.Consent;

/// <summary>The texts of notices, in three languages. They stand in <c>notice-texts.tsv</c> beside this file.</summary>
public static class NoticeWords
{
    private static readonly IReadOnlyDictionary<string, RuleText> Table = TextTable.Load("notice-texts.tsv", 2);

    /// <summary>A text.</summary>
    /// <param name="kind"><c>page</c>, <c>item</c>, <c>cure</c>, <c>change</c>, <c>basis</c>, <c>data</c>, ...</param>
    /// <param name="key">Which one.</param>
    /// <param name="language">BCP 47.</param>
    /// <param name="values">What it names.</param>
    public static string Say(string kind, string key, string language, params object[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var text = Table[$"{kind} {key}"].In(language);
        return values.Length == 0 ? text : string.Format(CultureInfo.InvariantCulture, text, values);
    }

    /// <summary>The text of a word.</summary>
    public static string Of<T>(string kind, T word, string language) where T : struct, Enum => Say(kind, Words<T>.Of(word), language);

    /// <summary>All that is written there.</summary>
    internal static IEnumerable<KeyValuePair<string, RuleText>> All => Table;
}
