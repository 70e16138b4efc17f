using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Ringfence.Consent;
using Ringfence.Server.Hosting;

namespace Ringfence.Server.Consent;

/// <summary>A form with the scan of a paper, received as it comes. Nothing of it stands on any disk before it is sealed, and what the file is called is not read.</summary>
/// <param name="Fields">What was sent beside the scan.</param>
/// <param name="Scan">It; null: none was sent, or none that is taken.</param>
/// <param name="Fault"><c>scan-too-large</c>, <c>scan-kind</c>; null: nothing is amiss with it.</param>
internal sealed record ScanForm(IReadOnlyDictionary<string, StringValues> Fields, ScanFile? Scan, string? Fault)
{
    /// <summary>The part that is the file.</summary>
    public const string Part = "scan";

    // What somebody answered, in four thousand signs of any script, is the longest.
    private const int LongestField = 64 << 10;
    private const int MostFields = 64;

    // So much of a file that is too large is let go by, so that what was typed beside it is not lost; a program that sends it has lost nothing.
    private const long MostOfPages = 256L << 20;
    private const long MostOfPrograms = ScanFile.MostBytes + (1L << 20);

    /// <summary>Whether a request carries such a form.</summary>
    public static bool Is(HttpRequest request) => BoundaryOf(request) is not null;

    /// <summary>Receives it.</summary>
    /// <param name="http">The request.</param>
    /// <param name="admit">Gets the token that stands first in a form of a page, before anything else of it is read; throws where it is not good. Null: no page sent it.</param>
    /// <exception cref="ApiFault"><c>bad-form</c>: it is none.</exception>
    public static async Task<ScanForm> ReadAsync(HttpContext http, Action<string?>? admit = null)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = admit is null ? MostOfPrograms : MostOfPages;
        var form = new MultipartReader(BoundaryOf(http.Request) ?? throw Bad(), http.Request.Body);
        var fields = new Dictionary<string, StringValues>(StringComparer.Ordinal);
        (ScanFile? Scan, string? Fault)? file = null;
        try
        {
            for (var count = 0; await form.ReadNextSectionAsync(http.RequestAborted) is { } section; count++)
            {
                if (count == MostFields || !ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var said) || HeaderUtilities.RemoveQuotes(said.Name).Value is not { Length: > 0 } name)
                    throw Bad();
                if (admit is not null && count == 0)
                    admit(name == Pages.PageForm.Token ? await TextAsync(section, http.RequestAborted) : null);
                else if (name != Part)
                    fields[name] = StringValues.Concat(fields.GetValueOrDefault(name), await TextAsync(section, http.RequestAborted));
                else
                    file = file is null ? await FileAsync(section.Body, http.RequestAborted) : throw Bad();
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            // What the framework says of a form may quote it.
            throw Bad();
        }

        return new ScanForm(fields, file?.Scan, file?.Fault);
    }

    private static string? BoundaryOf(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var media) && media.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
        && HeaderUtilities.RemoveQuotes(media.Boundary).Value is { Length: > 0 and <= 70 } boundary ? boundary : null;

    // A browser sends an empty part where no file was chosen.
    private static async Task<(ScanFile? Scan, string? Fault)?> FileAsync(Stream from, CancellationToken cancel)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[64 << 10];
        var length = 0L;
        for (int read; (read = await from.ReadAsync(buffer, cancel)) > 0;)
        {
            length += read;
            if (length <= ScanFile.MostBytes)
                bytes.Write(buffer, 0, read);
        }

        return length switch
        {
            0 => null,
            > ScanFile.MostBytes => (null, "scan-too-large"),
            _ => ScanFile.Read(bytes.ToArray()) is { } scan ? (scan, null) : (null, "scan-kind"),
        };
    }

    private static async Task<string> TextAsync(MultipartSection section, CancellationToken cancel)
    {
        var bytes = new byte[LongestField + 1];
        var length = await section.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancel);
        try
        {
            return length > LongestField ? throw Bad() : new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException)
        {
            throw Bad();
        }
    }

    private static ApiFault Bad() => new(StatusCodes.Status400BadRequest, "bad-form");
}
