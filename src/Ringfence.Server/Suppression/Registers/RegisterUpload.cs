using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Ringfence.Server.Pages;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.Suppression.Registers;

/// <summary>A form with the files of a register, received into a folder as it comes: registers don't fit into memory.</summary>
internal static class RegisterUpload
{
    // What is said beside the files is short; beginnings of numbers are the longest.
    private const int LongestField = 1 << 20;
    private const int MostParts = 64;
    private const int MostFiles = 400;

    /// <summary>Receives it.</summary>
    /// <param name="call">The request; its token has to come before any file.</param>
    /// <param name="folder">Where the files go.</param>
    /// <returns>The fields, and how many files there are.</returns>
    /// <exception cref="PageFault">It is no such form, or its token is not ours.</exception>
    public static async Task<(IReadOnlyDictionary<string, string> Fields, int Files)> ReadAsync(PageCall call, string folder)
    {
        if (call.Http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = call.Served.UploadLimit;
        var request = call.Http.Request;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var media) || HeaderUtilities.RemoveQuotes(media.Boundary).Value is not { Length: > 0 and <= 70 } boundary)
            throw Bad();
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        var (files, isOurs) = (0, false);
        try
        {
            var form = new MultipartReader(boundary, request.Body);
            for (var parts = 0; await form.ReadNextSectionAsync(call.Cancel) is { } section; parts++)
            {
                if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var said) || HeaderUtilities.RemoveQuotes(said.Name).Value is not { Length: > 0 } name || parts == MostParts + MostFiles)
                    throw Bad();
                if (name != "file")
                {
                    if (!fields.TryAdd(name, await TextAsync(section, call.Cancel)) || fields.Count > MostParts)
                        throw Bad();
                    continue;
                }

                if (!isOurs)
                    call.RequireToken(fields.GetValueOrDefault(PageForm.Token));
                isOurs = true;
                // A browser sends a nameless part where no file was chosen.
                if (HeaderUtilities.RemoveQuotes(said.FileName).Length == 0)
                    continue;
                if (++files > MostFiles)
                    throw Bad();
                await using var file = DurableFile.CreateNew(Path.Combine(folder, FormattableString.Invariant($"{files:000}")));
                await section.Body.CopyToAsync(file, call.Cancel);
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw e is IOException io && Cli.DiskFull.Is(io) ? new PageFault(StatusCodes.Status507InsufficientStorage, "disk-full") : Bad();
        }

        if (!isOurs)
            call.RequireToken(fields.GetValueOrDefault(PageForm.Token));
        return (fields, files);
    }

    private static async Task<string> TextAsync(MultipartSection section, CancellationToken cancel)
    {
        var bytes = new byte[LongestField + 1];
        var length = await section.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancel);
        return length > LongestField ? throw Bad() : Encoding.UTF8.GetString(bytes, 0, length).Trim();
    }

    private static PageFault Bad() => new(StatusCodes.Status400BadRequest, "bad-field", "file");
}
