using System.Globalization;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Ringfence.Server.Cli;
using Ringfence.Server.Hosting;

namespace Ringfence.Server.Bridges.Mcp;

/// <summary>The server of the protocol, by its official SDK: the tools, and what an agent is told before it uses them.</summary>
internal static class McpServers
{
    private static readonly string Version = typeof(McpServers).Assembly.GetName().Version!.ToString(3);

    /// <summary>One for whoever is on the other end. It logs nothing: what is sent names people.</summary>
    public static McpServer Create(ITransport transport, IApi api, CultureInfo language) => McpServer.Create(transport, new McpServerOptions
    {
        ServerInfo = new Implementation { Name = "ringfence", Title = "Ringfence", Version = Version },
        ServerInstructions = CliText.Say(language, "Mcp.Instructions"),
        Capabilities = new ServerCapabilities { Tools = new ToolsCapability { ListChanged = false } },
        ScopeRequests = false,
        Handlers = new McpServerHandlers
        {
            ListToolsHandler = (_, _) => ValueTask.FromResult(new ListToolsResult { Tools = [.. McpTools.For(api)] }),
            CallToolHandler = async (request, cancel) =>
                await McpTools.CallAsync(api, request.Params ?? throw new McpProtocolException("Invalid params", McpErrorCode.InvalidParams), language, cancel)
                ?? throw new McpProtocolException("Unknown tool", McpErrorCode.InvalidParams),
        },
    });
}
