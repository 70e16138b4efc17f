using System.Collections.Concurrent;
using System.Globalization;
using Ringfence.Server.Cli;

namespace Ringfence.Server.Lists;

/// <summary>How to mend what could not be read.</summary>
internal static class RejectedTexts
{
    private static readonly ConcurrentDictionary<(string Code, CultureInfo Language), string> Cures = [];

    /// <summary>The cure of a problem, in a sentence.</summary>
    public static string Cure(string code, CultureInfo language) =>
        Cures.GetOrAdd((code, language), static key => CliText.Say(key.Language, "Cure." + key.Code));
}
