using Microsoft.Extensions.Primitives;

namespace Ringfence.Server.Pages;

/// <summary>What a form sent, read field by field. What was not asked for by the end is refused.</summary>
internal sealed class PageForm(IFormCollection fields)
{
    /// <summary>The field that carries the token.</summary>
    public const string Token = "_t";

    private readonly HashSet<string> seen = new(StringComparer.Ordinal) { Token };

    /// <summary>A text with something in it.</summary>
    /// <exception cref="PageFault"><c>missing-field</c>.</exception>
    public string Text(string name) => TextOrNull(name) ?? throw new PageFault(StatusCodes.Status400BadRequest, "missing-field", name);

    /// <summary>A text; null where it is missing or blank.</summary>
    /// <exception cref="PageFault"><c>bad-field</c>: it was sent twice.</exception>
    public string? TextOrNull(string name)
    {
        var values = Find(name);
        if (values.Count > 1)
            throw new PageFault(StatusCodes.Status400BadRequest, "bad-field", name);
        var text = values.Count == 0 ? null : values[0]?.Trim();
        return string.IsNullOrEmpty(text) ? null : text;
    }

    /// <summary>A text to the letter, blanks and all, such as a password; null where it is missing or empty.</summary>
    public string? Exact(string name) => Find(name) is [{ Length: > 0 } text] ? text : null;

    /// <summary>Whether a box was ticked.</summary>
    public bool Has(string name) => Find(name).Count > 0;

    /// <summary>Every value of a field that may be sent several times.</summary>
    public IReadOnlyList<string> All(string name) => [.. Find(name).OfType<string>()];

    /// <summary>Every field whose name begins so, with the rest of the name.</summary>
    public IReadOnlyList<(string Name, string Value)> Under(string prefix)
    {
        List<(string, string)> found = [];
        foreach (var key in fields.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            seen.Add(key);
            found.Add((key[prefix.Length..], fields[key].ToString()));
        }

        return found;
    }

    /// <summary>A file; null where none was chosen.</summary>
    public IFormFile? File(string name)
    {
        seen.Add(name);
        return fields.Files.GetFile(name) is { Length: > 0 } file ? file : null;
    }

    /// <summary>Ends the reading.</summary>
    /// <exception cref="PageFault"><c>unknown-field</c>: one was sent that nobody asked for.</exception>
    public PageForm Done()
    {
        if (fields.Keys.Concat(fields.Files.Select(static file => file.Name)).FirstOrDefault(name => !seen.Contains(name)) is not null)
            throw new PageFault(StatusCodes.Status400BadRequest, "unknown-field");
        return this;
    }

    private StringValues Find(string name)
    {
        seen.Add(name);
        return fields.TryGetValue(name, out var values) ? values : StringValues.Empty;
    }
}
