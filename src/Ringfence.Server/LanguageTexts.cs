using System.Globalization;
using System.Resources;

namespace Ringfence.Server;

/// <summary>The texts of one room in all languages: <c>Resources/NAME.resx</c>, <c>NAME.zh-Hans.resx</c>, <c>NAME.zh-Hant.resx</c>.</summary>
/// <remarks>
/// They stand in the program itself rather than in satellites: with invariant globalisation a culture made as <c>zh-Hans</c>
/// is called <c>zh-HANS</c>, and a folder <c>zh-Hans</c> is then not found where file names tell case.
/// </remarks>
internal sealed class LanguageTexts(string name)
{
    private readonly Dictionary<string, ResourceManager> books = Tags.ToDictionary(tag => tag, tag =>
        new ResourceManager($"Ringfence.Server.Resources.{(tag == "en" ? name : $"{name}.{tag}")}", typeof(LanguageTexts).Assembly));

    /// <summary>The three languages as BCP 47, English first.</summary>
    public static IReadOnlyList<string> Tags { get; } = ["en", "zh-Hans", "zh-Hant"];

    /// <summary>The language nearest to a culture: <c>zh-TW</c>, <c>zh-HK</c> and <c>zh-MO</c> are traditional Chinese, any other <c>zh</c> simplified, all else English.</summary>
    public static string TagOf(CultureInfo culture) => TagOf(culture.Name);

    /// <summary>The language nearest to a tag of BCP 47.</summary>
    public static string TagOf(string tag)
    {
        var parts = tag.ToUpperInvariant().Split('-');
        if (parts[0] != "ZH")
            return "en";
        return !parts.Contains("HANS") && parts.Any(p => p is "HANT" or "TW" or "HK" or "MO") ? "zh-Hant" : "zh-Hans";
    }

    /// <summary>The text under a key, or null.</summary>
    public string? Find(string key, CultureInfo language) => Find(key, TagOf(language));

    /// <summary>The text under a key in one of <see cref="Tags"/>, or null.</summary>
    public string? Find(string key, string tag) => books[tag].GetString(key, CultureInfo.InvariantCulture);
}
