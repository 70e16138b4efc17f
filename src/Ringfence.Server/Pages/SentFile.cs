using System.Text;
using Ringfence.Server.Lists.Report;

namespace Ringfence.Server.Pages;

/// <summary>A small file that a form sent, read as text.</summary>
internal static class SentFile
{
    /// <summary>What errors call it.</summary>
    public static string NameOf(string name) => ReportLanguage.Visible(name.Split('/', '\\')[^1]);

    /// <summary>Its bytes; null: there are more than may be.</summary>
    public static async Task<byte[]?> BytesAsync(PageCall call, IFormFile file, int most)
    {
        if (file.Length > most)
            return null;
        using var bytes = new MemoryStream();
        await file.CopyToAsync(bytes, call.Cancel);
        return bytes.ToArray();
    }

    /// <summary>As documents are kept: line feeds alone, no mark at the beginning.</summary>
    /// <exception cref="DecoderFallbackException">It is no text in UTF-8.</exception>
    public static string TextOf(byte[] bytes) =>
        new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes).TrimStart('\uFEFF').Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
}
