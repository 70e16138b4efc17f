using System.Text.Json;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Ringfence.Server.Bridges.Mcp;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Xunit;

namespace Ringfence.Server.Tests.Bridges;

/// <summary>An agent that asks over HTTP, by the official client.</summary>
internal static class McpCaller
{
    public static ApiScopes McpScopes => ApiScopes.Decide | ApiScopes.Permit | ApiScopes.Withdraw;

    public static async Task<McpClient> ClientAsync(BridgeHouse house, ApiScopes scopes, string? revision = null, ApiKey? known = null, LedgerRow? ledger = null)
    {
        var key = known ?? await house.KeyAsync(scopes, ledger);
        var transport = new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = new Uri(house.Client.BaseAddress!, McpEndpoint.Path),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = new Dictionary<string, string> { ["Authorization"] = "Bearer " + key.Show() },
        });
        return await McpClient.CreateAsync(transport, new McpClientOptions { ProtocolVersion = revision }, cancellationToken: TestContext.Current.CancellationToken);
    }

    public static async Task<CallToolResult> UseAsync(McpClient client, string tool, params (string Name, object? Value)[] arguments)
    {
        var result = await client.CallToolAsync(tool, arguments.ToDictionary(static one => one.Name, static one => one.Value), cancellationToken: TestContext.Current.CancellationToken);
        // What a tool says of its answers holds of every answer.
        var schema = McpTools.All.First(one => one.Name == tool).OutputSchema!.Value;
        SchemaCheck.Holds(schema, result.StructuredContent!.Value, tool);
        Assert.Equal(Member(result, "say"), ((TextContentBlock)result.Content[0]).Text);
        return result;
    }

    public static string? Member(CallToolResult result, string name) => result.StructuredContent!.Value.TryGetProperty(name, out var value) ? value.ToString() : null;

    public static (string, object?)[] Contact(string channel = "sms") => [("to", BridgeHouse.Ann), ("channel", channel), ("purpose", "offers"), ("technique", channel == "sms" ? "bulk" : "manual")];
}

/// <summary>Holds a value to a JSON Schema, in the words that the tools use: written apart from what the program goes by.</summary>
internal static class SchemaCheck
{
    public static void Holds(JsonElement schema, JsonElement value, string at)
    {
        if (schema.TryGetProperty("enum", out var words))
            Assert.Contains(value.GetString(), words.EnumerateArray().Select(static word => word.GetString()));
        if (schema.TryGetProperty("type", out var type))
        {
            string[] types = type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray().Select(static one => one.GetString()!)] : [type.GetString()!];
            var kind = value.ValueKind switch { JsonValueKind.True or JsonValueKind.False => "boolean", JsonValueKind.Number => "integer", var other => other.ToString().ToLowerInvariant() };
            Assert.True(types.Contains(kind), $"{at}: {kind}");
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var needed in schema.GetProperty("required").EnumerateArray())
                Assert.True(value.TryGetProperty(needed.GetString()!, out _), $"{at}/{needed}");
            foreach (var member in value.EnumerateObject())
            {
                Assert.True(schema.GetProperty("properties").TryGetProperty(member.Name, out var inner), $"{at}/{member.Name}");
                Holds(inner, member.Value, $"{at}/{member.Name}");
            }
        }

        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
                Holds(schema.GetProperty("items"), item, at + "/0");
        }
    }
}
