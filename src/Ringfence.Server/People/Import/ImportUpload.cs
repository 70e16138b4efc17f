using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Ringfence.Ledger;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;

namespace Ringfence.Server.People.Import;

/// <summary>One request with lists, received into a folder of its own. Unless it is kept, nothing of it stays.</summary>
internal sealed class ImportUpload : IDisposable
{
    // Whatever is said beside the lists is short; a passport is the longest.
    private const int LongestField = 64 << 10;
    private const int MostFields = 64;
    private const int MostFiles = 16;
    private const int BufferBytes = 128 << 10;

    private readonly ImportSpool spool;
    private readonly Dictionary<string, StringValues> fields;
    private readonly List<UploadedFile> files = [];
    private readonly Action<string?>? admit;

    private ImportUpload(ImportSpool spool, Dictionary<string, StringValues> fields, Action<string?>? admit) => (this.spool, this.fields, this.admit) = (spool, fields, admit);

    /// <summary>The import's name.</summary>
    public OpaqueId Name { get; } = Fresh.Id();

    /// <summary>What was said beside the lists.</summary>
    public IReadOnlyDictionary<string, StringValues> Fields => fields;

    /// <summary>The lists, in the order in which they came.</summary>
    public IReadOnlyList<UploadedFile> Files => files;

    /// <summary>The passport; null: none was sent.</summary>
    public string? Passport { get; private set; }

    /// <summary>Whether it stays.</summary>
    public bool IsKept { get; set; }

    /// <summary>What tells this request from another.</summary>
    public byte[] Fingerprint => Encoding.UTF8.GetBytes(string.Join('\n',
    [
        .. fields.OrderBy(static said => said.Key, StringComparer.Ordinal).SelectMany(static said => said.Value.Select(value => $"{said.Key}={value}")),
        .. files.Select(static file => $"{(file.IsSuppression ? "suppress" : "list")} {file.Name} {file.Sha256}"),
        Passport ?? "",
    ]));

    /// <summary>Receives a request: a list as it is, or a form with lists and fields.</summary>
    /// <param name="http">The request.</param>
    /// <param name="spool">Where to.</param>
    /// <param name="limit">Bytes of the request.</param>
    /// <param name="admit">Gets the token that stands first in a form of a page, before anything else of it is read; throws where it is not good. Null: no page sent it.</param>
    /// <exception cref="ApiFault">It is none, or too large.</exception>
    public static async Task<ImportUpload> ReadAsync(HttpContext http, ImportSpool spool, long limit, Action<string?>? admit = null)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limit;
        var request = http.Request;
        if (request.Headers.ContentEncoding.Count > 0)
            throw new ApiFault(StatusCodes.Status415UnsupportedMediaType, "wants-plain");
        var upload = new ImportUpload(spool, request.Query.ToDictionary(static field => field.Key, static field => field.Value, StringComparer.Ordinal), admit);
        try
        {
            DurableFile.MakeFolder(spool.FolderOf(upload.Name));
            if (MediaTypeHeaderValue.TryParse(request.ContentType, out var media) && media.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
                await upload.ReadFormAsync(request, media, http.RequestAborted);
            else if (admit is not null)
                admit(null);
            else
                await upload.ReadFileAsync(request.Body, upload.One("name"), isSuppression: false, http.RequestAborted);
            if (upload.files.Count == 0)
                throw ApiFault.Bad("missing-field", "/list");
            return upload;
        }
        catch (Exception e)
        {
            upload.Dispose();
            throw e switch
            {
                // What the framework says of a form may quote it.
                InvalidDataException => new ApiFault(StatusCodes.Status400BadRequest, "bad-form"),
                BadHttpRequestException or ApiFault or OperationCanceledException => e,
                IOException io when Cli.DiskFull.Is(io) => new ApiFault(StatusCodes.Status503ServiceUnavailable, "store-away"),
                IOException => new ApiFault(StatusCodes.Status400BadRequest, "bad-form"),
                _ => e,
            };
        }
    }

    /// <summary>The one value of a field; null where it was not sent.</summary>
    /// <exception cref="ApiFault">It was sent twice, or is empty.</exception>
    public string? One(string name) => !fields.TryGetValue(name, out var values) ? null
        : values is [{ Length: > 0 } only] ? only : throw ApiFault.Bad("wants-text", "/" + name);

    public void Dispose()
    {
        if (!IsKept)
            spool.Destroy(Name);
    }

    private async Task ReadFormAsync(HttpRequest request, MediaTypeHeaderValue media, CancellationToken cancel)
    {
        var boundary = HeaderUtilities.RemoveQuotes(media.Boundary).Value;
        if (string.IsNullOrEmpty(boundary) || boundary.Length > 70)
            throw new ApiFault(StatusCodes.Status400BadRequest, "bad-form");
        var form = new MultipartReader(boundary, request.Body);
        for (var count = 0; await form.ReadNextSectionAsync(cancel) is { } section; count++)
        {
            if (count == MostFields || !ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var said) || HeaderUtilities.RemoveQuotes(said.Name).Value is not { Length: > 0 } name)
                throw new ApiFault(StatusCodes.Status400BadRequest, "bad-form");
            if (admit is not null && count == 0)
                admit(name == Pages.PageForm.Token ? await TextAsync(section, cancel) : null);
            else if (name is "list" or "suppress")
                await ReadFileAsync(section.Body, HeaderUtilities.RemoveQuotes(said.FileName).Value, name == "suppress", cancel);
            else if (name == "passport")
                Passport = Passport is null ? await TextAsync(section, cancel) : throw ApiFault.Bad("wants-text", "/passport");
            else
                fields[name] = StringValues.Concat(fields.GetValueOrDefault(name), await TextAsync(section, cancel));
        }
    }

    private async Task ReadFileAsync(Stream from, string? called, bool isSuppression, CancellationToken cancel)
    {
        if (files.Count == MostFiles)
            throw new ApiFault(StatusCodes.Status400BadRequest, "bad-form");
        var name = FormattableString.Invariant($"{files.Count + 1}-{NameOf(called)}");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var file = DurableFile.CreateNew(Path.Combine(spool.FolderOf(Name), name));
        var buffer = new byte[BufferBytes];
        for (int read; (read = await from.ReadAsync(buffer, cancel)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
            await file.WriteAsync(buffer.AsMemory(0, read), cancel);
        }

        if (file.Length == 0)
        {
            // A browser sends a field in which no file was chosen as an empty one without a name.
            if (admit is null || !string.IsNullOrEmpty(called))
                throw ApiFault.Bad("missing-field", "/list");
            await file.DisposeAsync();
            File.Delete(file.Name);
            return;
        }

        file.Flush(flushToDisk: true);
        files.Add(new UploadedFile(name, Convert.ToHexStringLower(hash.GetHashAndReset()), isSuppression, called ?? ""));
    }

    private static async Task<string> TextAsync(MultipartSection section, CancellationToken cancel)
    {
        var bytes = new byte[LongestField + 1];
        var length = await section.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancel);
        if (length > LongestField)
            throw new ApiFault(StatusCodes.Status413PayloadTooLarge, "too-large");
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException)
        {
            throw new ApiFault(StatusCodes.Status400BadRequest, "bad-form");
        }
    }

    // It names a file on this machine and stands in the ledger's store: what is no plain name of a list is left out of it.
    private static string NameOf(string? called)
    {
        var name = new string([.. (called ?? "").Split('/', '\\')[^1].Where(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')]).TrimStart('.');
        return name.Length is 0 or > 64 ? "list" : name;
    }
}

/// <summary>A list that was received.</summary>
/// <param name="Name">In the folder of the upload.</param>
/// <param name="Sha256">Of its bytes, as 64 hex digits.</param>
/// <param name="IsSuppression">Whether every row of it is a refusal.</param>
/// <param name="Called">As whoever sent it calls it: any text.</param>
internal sealed record UploadedFile(string Name, string Sha256, bool IsSuppression, string Called);
