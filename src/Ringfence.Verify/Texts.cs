using System.Globalization;
using System.Reflection;
using System.Text;

namespace Ringfence.Verify;

/// <summary>What is said to people, in the language of one of the columns of <c>Texts.tsv</c>.</summary>
internal sealed class Texts
{
    private static readonly string[] LocaleVariables = ["LC_ALL", "LC_MESSAGES", "LANG"];

    private static readonly Dictionary<string, string[]> Table = Read();

    private readonly int column;

    private Texts(string language) => column = Array.IndexOf(Languages, language);

    /// <summary>The languages, as they are asked for with <c>--lang</c>.</summary>
    public static string[] Languages { get; } = ["en", "zh-Hans", "zh-Hant"];

    /// <summary>The keys of all texts.</summary>
    public static IEnumerable<string> Keys => Table.Keys;

    /// <summary>The texts of a language that was asked for by a tag of BCP 47; null where it is none of ours.</summary>
    public static Texts? Of(string tag)
    {
        var parts = tag.ToUpperInvariant().Split('-');
        return parts[0] switch
        {
            "EN" => new Texts("en"),
            "ZH" => new Texts(!parts.Contains("HANS") && parts.Any(part => part is "HANT" or "TW" or "HK" or "MO") ? "zh-Hant" : "zh-Hans"),
            _ => null,
        };
    }

    /// <summary>The texts of the language that the environment asks for; English where it asks for none of ours.</summary>
    public static Texts OfEnvironment(Func<string, string?> environment)
    {
        var locale = LocaleVariables.Select(environment).FirstOrDefault(value => !string.IsNullOrEmpty(value));
        return Of(locale?.Split('.', '@')[0].Replace('_', '-') ?? "") ?? new Texts("en");
    }

    /// <summary>The text under a key, with what belongs into its places.</summary>
    public string Say(string key, params object[] arguments) => string.Format(CultureInfo.InvariantCulture, Table[key][column], arguments);

    private static Dictionary<string, string[]> Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Ringfence.Verify.Texts.tsv")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var table = new Dictionary<string, string[]>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#' && line.Split('\t') is [var key, .. { Length: 3 } texts])
                table.Add(key, [.. texts.Select(text => text.Replace("\\n", "\n", StringComparison.Ordinal))]);
        }

        return table;
    }
}
