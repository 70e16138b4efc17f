namespace Ringfence.Rules;

/// <summary>One text in the three languages of the house.</summary>
/// <param name="En">English.</param>
/// <param name="ZhHans">Simplified Chinese.</param>
/// <param name="ZhHant">Traditional Chinese.</param>
public sealed record RuleText(string En, string ZhHans, string ZhHant)
{
    /// <summary>The text in a language.</summary>
    /// <param name="language">BCP 47. Chinese as written in Taiwan, Hong Kong and Macau is traditional; what is not Chinese is English.</param>
    public string In(string language)
    {
        ArgumentNullException.ThrowIfNull(language);
        if (!language.StartsWith("zh", StringComparison.OrdinalIgnoreCase))
            return En;
        return IsTraditional(language) ? ZhHant : ZhHans;
    }

    /// <summary>Whether a tag of Chinese means the traditional characters.</summary>
    internal static bool IsTraditional(string language) => Traditional.Any(t => language.Contains(t, StringComparison.OrdinalIgnoreCase));

    private static readonly string[] Traditional = ["-Hant", "-TW", "-HK", "-MO"];
}
