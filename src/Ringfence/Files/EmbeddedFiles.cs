using System.Text;

namespace Ringfence.Files;

/// <summary>The files of rules and cases that travel inside this library, by their paths in the repository.</summary>
internal static class EmbeddedFiles
{
    // The separator of the machine the library was built on is no part of a file's name.
    private static readonly Lazy<Dictionary<string, string>> Resources = new(static () =>
        typeof(EmbeddedFiles).Assembly.GetManifestResourceNames().ToDictionary(static resource => resource.Replace('\\', '/'), StringComparer.Ordinal));

    /// <summary>The paths that begin so, in order.</summary>
    public static IReadOnlyList<string> Paths(string folder)
    {
        string[] paths = [.. Resources.Value.Keys.Where(path => path.StartsWith(folder, StringComparison.Ordinal))];
        Array.Sort(paths, StringComparer.Ordinal);
        return paths;
    }

    /// <summary>The files whose paths begin so, in order.</summary>
    public static IEnumerable<(string Path, string Text)> In(string folder) => Paths(folder).Select(static path => (path, Text(path)));

    /// <summary>The content of a file.</summary>
    public static string Text(string path)
    {
        using var stream = typeof(EmbeddedFiles).Assembly.GetManifestResourceStream(Resources.Value[path])!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }
}
