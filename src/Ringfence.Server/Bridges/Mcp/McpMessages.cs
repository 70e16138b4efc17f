using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Ringfence.Server.Bridges.Mcp;

/// <summary>Reads JSON-RPC 2.0 strictly: one message, no key twice, not deep. What is none is answered by an error, never dropped.</summary>
internal static class McpMessages
{
    /// <summary>How long one message may be. A question with facts of its own is a few thousand bytes.</summary>
    public const int MostBytes = 1 << 20;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    private static readonly Dictionary<string, Type> Params = new(StringComparer.Ordinal)
    {
        [RequestMethods.Initialize] = typeof(InitializeRequestParams),
        [RequestMethods.ToolsList] = typeof(ListToolsRequestParams),
        [RequestMethods.ToolsCall] = typeof(CallToolRequestParams),
    };

    /// <summary>Reads one; where it is none, the answer to that, as JSON.</summary>
    public static JsonRpcMessage? Read(ReadOnlyMemory<byte> bytes, out byte[]? answer)
    {
        answer = null;
        JsonDocument document;
        try
        {
            // The parser looks at the letters of a name only when somebody reads it.
            if (!System.Text.Unicode.Utf8.IsValid(bytes.Span))
                throw new JsonException();
            document = JsonDocument.Parse(bytes, Strict);
        }
        catch (JsonException)
        {
            answer = Error("null", McpErrorCode.ParseError, "Parse error");
            return null;
        }

        using (document)
        {
            var root = document.RootElement;
            // Several at once were in one revision of the protocol only; whoever sends them is told to send them singly.
            if (root.ValueKind == JsonValueKind.Object)
            {
                try
                {
                    if (root.Deserialize<JsonRpcMessage>(McpJsonUtilities.DefaultOptions) is { } message)
                    {
                        if (HasUsableParams(message))
                            return message;
                        answer = Error(IdOf(root), McpErrorCode.InvalidParams, "Invalid params");
                        return null;
                    }
                }
                catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or NotSupportedException or ArgumentException)
                {
                    // Such as: no method, or an id that is a list.
                }
            }

            answer = Error(IdOf(root), McpErrorCode.InvalidRequest, root.ValueKind == JsonValueKind.Array ? "Batches are not taken: send each message by itself" : "Invalid Request");
            return null;
        }
    }

    /// <summary>What is answered to a message that is longer than it may be.</summary>
    public static byte[] TooLong => Error("null", McpErrorCode.InvalidRequest, "The message is too long");

    /// <summary>An error as JSON; it tells nothing of what was sent.</summary>
    public static byte[] Error(string id, McpErrorCode code, string message) =>
        System.Text.Encoding.UTF8.GetBytes(FormattableString.Invariant($"{{\"jsonrpc\":\"2.0\",\"id\":{id},\"error\":{{\"code\":{(int)code},\"message\":\"{message}\"}}}}"));

    /// <summary>A message as JSON.</summary>
    public static byte[] Write(JsonRpcMessage message) => JsonSerializer.SerializeToUtf8Bytes(message, McpJsonUtilities.DefaultOptions);

    /// <summary>Reads the id of a request.</summary>
    public static bool TryId(System.Text.Json.Nodes.JsonValue value, out RequestId id)
    {
        var isText = value.TryGetValue<string>(out var text);
        var isNumber = value.TryGetValue<long>(out var number);
        id = isText ? new RequestId(text!) : new RequestId(number);
        return isText || isNumber;
    }

    // Whoever reads them behind this takes what it can't read for a fault of its own, and says so.
    private static bool HasUsableParams(JsonRpcMessage message)
    {
        if (message is not JsonRpcRequest request || !Params.TryGetValue(request.Method, out var type))
            return true;
        try
        {
            return request.Params is null || request.Params.Deserialize(type, McpJsonUtilities.DefaultOptions) is not null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or NotSupportedException or ArgumentException)
        {
            return false;
        }
    }

    private static string IdOf(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty("id", out var id) && (id.ValueKind == JsonValueKind.String || (id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out _))) ? id.GetRawText() : "null";
}
