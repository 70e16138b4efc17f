using System.Text.Json.Nodes;
using System.Threading.Channels;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using Ringfence.Server.Hosting;
using Ringfence.Server.Staff;

namespace Ringfence.Server.Bridges.Mcp;

/// <summary>The agent protocol over HTTP, at <c>/mcp</c>: every message is a request of its own, with its key; nothing is remembered between them, so any node answers any of them.</summary>
/// <remarks>Source: https://modelcontextprotocol.io/specification, "Streamable HTTP" of 2025-11-25 and of 2026-07-28. Of what either leaves open: no sessions, no streams, one JSON object for an answer.</remarks>
internal static class McpEndpoint
{
    public const string Path = "/mcp";

    private const string VersionHeader = "MCP-Protocol-Version";
    private const string MethodHeader = "Mcp-Method";
    private const string NameHeader = "Mcp-Name";

    private static readonly string[] Revisions = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", WithHeaders];

    // From this revision on headers say what the body says, so that whoever stands between need not read it.
    private const string WithHeaders = "2026-07-28";

    // Nothing is asked of anybody that takes longer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static void Map(WebApplication app, Served served, Callers callers)
    {
        app.MapPost(Path, (RequestDelegate)(http => ServeAsync(http, served, callers)));
        // No stream of messages that nobody asked for, and no session to end.
        app.MapMethods(Path, ["GET", "DELETE"], static http =>
        {
            http.Response.Headers.Allow = "POST";
            return ApiProblem.SendAsync(http, ApiProblem.Of(new ApiFault(StatusCodes.Status405MethodNotAllowed, "wrong-method"), ApiHost.LanguageOf(http)));
        });
    }

    private static async Task ServeAsync(HttpContext http, Served served, Callers callers)
    {
        var language = ApiHost.LanguageOf(http);
        var route = new ApiRoute("POST", Path, ApiScopes.None, static _ => throw new InvalidOperationException());
        var answer = await ApiHost.AnswerAsync(http, route, language, async () =>
        {
            // A page in a browser that was led to this server by a false name brings its origin along.
            if (http.Request.Headers.Origin.Count > 0 && !IsThisMachine(http.Request.Headers.Origin.ToString()))
                return Refused(StatusCodes.Status403Forbidden, McpErrorCode.InvalidRequest, "This origin is not let in");
            var caller = await callers.FindAsync(http.Request.Headers.Authorization, mayBeOld: true, http.RequestAborted) ?? throw new ApiFault(StatusCodes.Status401Unauthorized, "no-access");
            if (!http.Request.HasJsonContentType())
                throw new ApiFault(StatusCodes.Status415UnsupportedMediaType, "wants-json");
            if (http.Request.Headers[VersionHeader] is { Count: > 0 } version && !Revisions.Contains(version.ToString()))
                return Refused(StatusCodes.Status400BadRequest, McpErrorCode.UnsupportedProtocolVersion, "Unsupported protocol version");
            if (await BodyAsync(http) is not { } body)
                return Refused(StatusCodes.Status413PayloadTooLarge, McpErrorCode.InvalidRequest, "The message is too long");
            if (McpMessages.Read(body, out var fault) is not { } message)
                return new ApiAnswer(StatusCodes.Status400BadRequest, fault);
            if (message is not JsonRpcRequest request)
                return new ApiAnswer(StatusCodes.Status202Accepted, ReadOnlyMemory<byte>.Empty);
            if (!HeadersAgree(http.Request.Headers, request))
                return Refused(StatusCodes.Status400BadRequest, McpErrorCode.HeaderMismatch, "A header is missing or says otherwise than the body");
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
            patience.CancelAfter(Patience);
            return await ExchangeAsync(http, request, new ApiInside(served, caller, http.RequestServices, http.Response.Headers), patience.Token);
        });
        if (answer is { Status: StatusCodes.Status202Accepted })
            http.Response.StatusCode = answer.Status;
        else if (answer is not null)
            await ApiProblem.SendAsync(http, answer);
    }

    private static async Task<ApiAnswer> ExchangeAsync(HttpContext http, JsonRpcRequest request, IApi api, CancellationToken cancel)
    {
        request.Context = new JsonRpcMessageContext();
        if (http.Request.Headers[VersionHeader] is { Count: > 0 } version)
            request.Context.ProtocolVersion = version.ToString();
        await using var exchange = new McpExchange(request);
        await using var server = McpServers.Create(exchange, api, ApiHost.LanguageOf(http));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var running = server.RunAsync(end.Token);
        try
        {
            var message = await exchange.Answer.WaitAsync(cancel);
            return new ApiAnswer(StatusOf(message), McpMessages.Write(message));
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            throw new ApiFault(StatusCodes.Status503ServiceUnavailable, "outcome-unknown");
        }
        finally
        {
            await end.CancelAsync();
            await running.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    // What the message itself got wrong is told by the status, too, in the words of the newest revision.
    private static int StatusOf(JsonRpcMessage message) => message is JsonRpcError { Error.Code: (int)McpErrorCode.UnsupportedProtocolVersion or (int)McpErrorCode.HeaderMismatch }
        ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK;

    private static ApiAnswer Refused(int status, McpErrorCode code, string message) => new(status, McpMessages.Error("null", code, message));

    private static bool IsThisMachine(string origin) => Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.IsLoopback;

    private static bool HeadersAgree(IHeaderDictionary headers, JsonRpcRequest request)
    {
        if (headers[VersionHeader].ToString() != WithHeaders)
            return true;
        var name = request.Method == RequestMethods.ToolsCall ? request.Params?["name"] as JsonValue : null;
        return headers[MethodHeader] == request.Method
            && (name is null || !name.TryGetValue<string>(out var wanted) || headers[NameHeader].ToString() is var said && (said == wanted || Plain(said) == wanted));
    }

    // What is no plain ASCII travels as base64.
    private static string? Plain(string header)
    {
        if (!header.StartsWith("=?base64?", StringComparison.Ordinal) || !header.EndsWith("?=", StringComparison.Ordinal))
            return null;
        var bytes = new byte[header.Length];
        return Convert.TryFromBase64String(header["=?base64?".Length..^2], bytes, out var count) ? System.Text.Encoding.UTF8.GetString(bytes, 0, count) : null;
    }

    private static async Task<ReadOnlyMemory<byte>?> BodyAsync(HttpContext http)
    {
        var bytes = new byte[McpMessages.MostBytes + 1];
        var length = await http.Request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, http.RequestAborted);
        return length > McpMessages.MostBytes ? (ReadOnlyMemory<byte>?)null : bytes.AsMemory(0, length);
    }
}

/// <summary>One request and its answer, as something that messages come from and go to.</summary>
internal sealed class McpExchange : ITransport
{
    private readonly System.Threading.Channels.Channel<JsonRpcMessage> incoming = System.Threading.Channels.Channel.CreateBounded<JsonRpcMessage>(1);
    private readonly TaskCompletionSource<JsonRpcMessage> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RequestId id;

    public McpExchange(JsonRpcRequest request)
    {
        id = request.Id;
        incoming.Writer.TryWrite(request);
    }

    public Task<JsonRpcMessage> Answer => answer.Task;

    public string? SessionId => null;

    public ChannelReader<JsonRpcMessage> MessageReader => incoming.Reader;

    public Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default)
    {
        // Whatever else there is to say has nobody to hear it.
        if (message is JsonRpcResponse or JsonRpcError && ((JsonRpcMessageWithId)message).Id == id)
            answer.TrySetResult(message);
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        incoming.Writer.TryComplete();
        answer.TrySetCanceled();
        return ValueTask.CompletedTask;
    }
}
