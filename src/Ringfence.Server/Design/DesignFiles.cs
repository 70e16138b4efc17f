namespace Ringfence.Server.Design;

/// <summary>The style sheets and symbols of the house, as they stand in <c>wwwroot</c>, carried inside the program.</summary>
internal static class DesignFiles
{
    private static readonly Lazy<Dictionary<string, string>> Drawn = new(Cut);

    /// <summary>The text of one file, such as <c>tokens.css</c>.</summary>
    public static string Read(string name)
    {
        using var stream = typeof(DesignFiles).Assembly.GetManifestResourceStream("wwwroot/" + name)
            ?? throw new FileNotFoundException("No such design file.", name);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>The symbols with these ids out of <c>icons.svg</c>, ready to stand inside an <c>svg</c>.</summary>
    /// <exception cref="FileNotFoundException">One of them does not exist.</exception>
    public static string Symbols(IEnumerable<string> ids) =>
        string.Concat(ids.Select(static id => Drawn.Value.TryGetValue(id, out var symbol) ? symbol : throw new FileNotFoundException("No such symbol.", id)));

    // Looked through once: every page has some of them.
    private static Dictionary<string, string> Cut()
    {
        const string end = "</symbol>";
        const string begin = "<symbol id=\"";
        var (icons, symbols) = (Read("icons.svg"), new Dictionary<string, string>(StringComparer.Ordinal));
        for (var at = icons.IndexOf(begin, StringComparison.Ordinal); at >= 0; at = icons.IndexOf(begin, at + 1, StringComparison.Ordinal))
        {
            var id = icons[(at + begin.Length)..icons.IndexOf('"', at + begin.Length)];
            symbols.Add(id, icons[at..(icons.IndexOf(end, at, StringComparison.Ordinal) + end.Length)]);
        }

        return symbols;
    }
}
