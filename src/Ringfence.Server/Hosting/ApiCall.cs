using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ringfence.Gate;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Ledger;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Hosting;

/// <summary>What an answer is made of.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Bytes">The body.</param>
/// <param name="Media">Its media type.</param>
internal sealed record ApiAnswer(int Status, ReadOnlyMemory<byte> Bytes, string Media = ApiAnswer.JsonMedia)
{
    public const string JsonMedia = "application/json; charset=utf-8";

    // Words in their own letters: the answer is never put into a page.
    public static readonly JsonWriterOptions Options = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An answer in JSON.</summary>
    public static ApiAnswer Json(int status, Action<Utf8JsonWriter> write)
    {
        var bytes = new System.Buffers.ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(bytes, Options))
            write(json);
        return new ApiAnswer(status, bytes.WrittenMemory);
    }
}

/// <summary>One request of a program that is let in, and what it works on.</summary>
/// <param name="Served">What is served.</param>
/// <param name="Http">The request.</param>
/// <param name="Caller">Who calls.</param>
/// <param name="Body">What came; empty: nothing.</param>
/// <param name="Language">One of ours.</param>
internal sealed record ApiCall(Served Served, HttpContext Http, Caller Caller, ReadOnlyMemory<byte> Body, CultureInfo Language)
{
    private const int LongestKey = 255;

    /// <summary>Whether the caller is still let in: for what lasts longer than a key may.</summary>
    public Func<ValueTask<bool>> IsStillIn { get; init; } = static () => ValueTask.FromResult(true);

    public Installation Installation => Served.Installation;

    public ContactGate Gate => Served.GateOf(Ledger);

    public LedgerRow Ledger => Caller.Ledger;

    public CancellationToken Cancel => Http.RequestAborted;

    /// <summary>A part of the path.</summary>
    public string Path(string name) => (string)Http.Request.RouteValues[name]!;

    /// <summary>The client's key for what is asked, with the fingerprint of that; null: none was sent.</summary>
    /// <exception cref="ApiFault"><c>bad-key</c>.</exception>
    public ClientKey? ClientKey() => ClientKey(Body.Span);

    /// <summary>The same, of what a route read by itself.</summary>
    /// <param name="what">What tells one request from another.</param>
    /// <exception cref="ApiFault"><c>bad-key</c>.</exception>
    public ClientKey? ClientKey(ReadOnlySpan<byte> what)
    {
        var header = Http.Request.Headers["Idempotency-Key"];
        if (header.Count == 0)
            return null;
        var key = header.Count == 1 ? header[0]!.Trim() : "";
        // The quotes of a structured header are no part of the key. Source: draft-ietf-httpapi-idempotency-key-header.
        if (key is ['"', .., '"'])
            key = key[1..^1];
        if (key.Length is 0 or > LongestKey || key.Any(char.IsControl))
            throw new ApiFault(StatusCodes.Status400BadRequest, "bad-key");
        var asked = Encoding.UTF8.GetBytes($"{Http.Request.Method} {Http.Request.Path}\n");
        return new ClientKey("key-" + Caller.Id, key, SHA256.HashData([.. asked, .. what]));
    }

    /// <summary>Reads a number or address.</summary>
    /// <exception cref="ApiFault"><c>not-a-point</c>.</exception>
    public PointTags Tags(JsonBody body, string name)
    {
        var text = body.Text(name);
        var region = body.TextOrNull("region") is { } code ? RegionOf(code, body.At("region")) : Region.None;
        return ContactPoint.TryRead(text, region, out var point) ? Installation.TagsOf(point) : throw new ApiFault(StatusCodes.Status422UnprocessableEntity, "not-a-point", body.At(name));
    }

    /// <summary>Does a command in the serial order.</summary>
    public async Task<CommandAnswer> DoAsync(LedgerCommand command) => CommandAnswer.Read(await (await Installation.WriterAsync(Ledger, Cancel)).DoAsync(command, Cancel));

    /// <summary>Nobody is let through while the gate is shut.</summary>
    /// <exception cref="ApiFault"><c>shut</c>.</exception>
    public void RequireOpen()
    {
        if (Served.WhyShut(Ledger) is { } why)
            throw Shut(why);
    }

    /// <summary>The gate is shut.</summary>
    public static ApiFault Shut(string why) => new(StatusCodes.Status503ServiceUnavailable, "shut", null, why);

    /// <summary>The controller that a body names has to be that of the key.</summary>
    public void RequireController(JsonBody body)
    {
        if (body.TextOrNull("controller") is { } named && named != Ledger.Controller)
            throw new ApiFault(StatusCodes.Status403Forbidden, "other-controller", body.At("controller"));
    }

    private static Region RegionOf(string code, string at)
    {
        var region = code.Length == 2 && code.All(char.IsAsciiLetterUpper) ? Region.Of(code) : Region.None;
        return region == Region.None ? throw ApiFault.Bad("bad-region", at) : region;
    }
}
