namespace Ringfence.Server.Design;

/// <summary>The style sheets and symbols of the house, as they stand in <c>wwwroot</c>, carried inside the program.</summary>
internal static class DesignFiles
{
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
    public static string Symbols(IEnumerable<string> ids)
    {
        var icons = Read("icons.svg");
        return string.Concat(ids.Select(id =>
        {
            var start = icons.IndexOf($"<symbol id=\"{id}\"", StringComparison.Ordinal);
            if (start < 0)
                throw new FileNotFoundException("No such symbol.", id);
            return icons[start..(icons.IndexOf("</symbol>", start, StringComparison.Ordinal) + "</symbol>".Length)];
        }));
    }
}
