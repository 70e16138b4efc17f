using System.Text;

namespace Ringfence.Lists;

/// <summary>The word tables that are part of the program.</summary>
internal static class Tables
{
    /// <summary>The lines of a table, without comments and empty ones.</summary>
    public static IEnumerable<string> Lines(string resource)
    {
        using var stream = typeof(Tables).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidDataException($"The table {resource} is missing.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
                yield return line;
        }
    }
}
