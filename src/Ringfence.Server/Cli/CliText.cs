using System.Globalization;
using System.Resources;

namespace Ringfence.Server.Cli;

/// <summary>What the command line says, in the language of the run.</summary>
internal static class CliText
{
    private static readonly LanguageTexts Texts = new("CliTexts");

    /// <summary>The text under a key with its arguments.</summary>
    /// <exception cref="MissingManifestResourceException">There is none: a fault of the program.</exception>
    public static string Say(string key, params object[] arguments) => Say(CultureInfo.CurrentUICulture, key, arguments);

    /// <summary>The text under a key in a language.</summary>
    public static string Say(CultureInfo language, string key, params object[] arguments)
    {
        var text = Texts.Find(key, language) ?? throw new MissingManifestResourceException($"No text under '{key}'.");
        return arguments.Length == 0 ? text : string.Format(CultureInfo.InvariantCulture, text, arguments);
    }

    /// <summary>The text under a key, or under another where there is none.</summary>
    public static string SayOr(string key, string fallback, params object[] arguments) => SayOr(CultureInfo.CurrentUICulture, key, fallback, arguments);

    /// <summary>The text under a key in a language, or under another where there is none.</summary>
    public static string SayOr(CultureInfo language, string key, string fallback, params object[] arguments) =>
        Say(language, Texts.Find(key, language) is null ? fallback : key, arguments);
}
