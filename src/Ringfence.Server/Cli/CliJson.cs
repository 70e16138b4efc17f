using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Ringfence.Server.Cli;

/// <summary>JSON on standard output: indented, and in the letters of the language rather than their codes.</summary>
internal static class CliJson
{
    // It goes to a terminal or a file, never into a page.
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What is written by a function, as text without a line break at its end.</summary>
    public static string Write(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Options))
            write(json);
        return Encoding.UTF8.GetString(bytes.ToArray()).ReplaceLineEndings("\n");
    }
}
