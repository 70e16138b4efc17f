namespace Ringfence.Files;

/// <summary>The files of rules and cases that travel inside this library, by their paths in the repository.</summary>
internal static class EmbeddedFiles
{
    // The separator of the machine the library was built on is no part of a file's name.
    private static readonly Lazy<SortedDictionary<string, string>> Resources = new(static () => new(
        typeof(EmbeddedFiles).Assembly.GetManifestResourceNames().ToDictionary(static resource => resource.Replace('\\', '/')), StringComparer.Ordinal));

    /// <summary>The paths that begin so, in order.</summary>
    public static IEnumerable<string> Paths(string folder) =>
        Resources.Value.Keys.Where(path => path.StartsWith(folder, StringComparison.Ordinal));

    /// <summary>The files whose paths begin so, in order.</summary>
    public static IEnumerable<(string Path, string Text)> In(string folder) => Paths(folder).Select(static path => (path, Text(path)));

    /// <summary>The content of a file.</summary>
    public static string Text(string path)
    {
        using var text = new StreamReader(typeof(EmbeddedFiles).Assembly.GetManifestResourceStream(Resources.Value[path])!);
        return text.ReadToEnd();
    }
}
