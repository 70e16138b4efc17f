using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;
using Ringfence.Server.Hosting;
using Ringfence.Server.Staff;

namespace Ringfence.Server.Bridges.Mcp;

/// <summary>What an AI agent may do here: ask, take leave for one contact, say what came of it, record a no, and be told why. Each tool is a call of the API, or two.</summary>
internal static class McpTools
{
    private static readonly (string Name, ApiScopes Scope, Func<McpCall, Task<McpAnswer>> Do)[] Known =
    [
        ("may_i_contact", ApiScopes.Decide, AskAsync),
        ("request_permit", ApiScopes.Permit, PermitAsync),
        ("report_outcome", ApiScopes.Permit, ReportAsync),
        ("record_opt_out", ApiScopes.Withdraw, OptOutAsync),
        ("explain", ApiScopes.Decide, ExplainAsync),
    ];

    // Their names, words and schemas are data, so that what is told of them is what is held to.
    private static readonly Lazy<IReadOnlyList<Tool>> Described = new(static () =>
    {
        using var stream = typeof(McpTools).Assembly.GetManifestResourceStream("mcp-tools.json")!;
        var tools = JsonSerializer.Deserialize<List<Tool>>(stream, ModelContextProtocol.McpJsonUtilities.DefaultOptions)!;
        return tools.Select(static tool => tool.Name).SequenceEqual(Known.Select(static one => one.Name)) ? tools : throw new InvalidOperationException("The tools told of are not those there are.");
    });

    /// <summary>All of them, as the protocol describes tools.</summary>
    public static IReadOnlyList<Tool> All => Described.Value;

    /// <summary>What a caller has to be good for.</summary>
    public static ApiScopes ScopeOf(string name) => Array.Find(Known, one => one.Name == name).Scope;

    /// <summary>Those that a caller may use.</summary>
    public static IReadOnlyList<Tool> For(IApi api) => [.. All.Where(tool => api.May(ScopeOf(tool.Name)))];

    /// <summary>Uses one; null: there is no such.</summary>
    public static async Task<CallToolResult?> CallAsync(IApi api, CallToolRequestParams asked, CultureInfo otherwise, CancellationToken cancel)
    {
        var (name, _, run) = Array.Find(Known, one => one.Name == asked.Name);
        if (name is null)
            return null;
        // What nobody knows is refused, by the same schema that the agent was shown.
        var fault = McpArguments.FaultOf(All.First(tool => tool.Name == name).InputSchema, asked.Arguments);
        var language = fault is null && asked.Arguments?.TryGetValue("language", out var tag) == true ? new CultureInfo(tag.GetString()!) : otherwise;
        var call = new McpCall(api, asked.Arguments ?? new Dictionary<string, JsonElement>(), language, cancel);
        if (fault is not null)
            return McpAnswer.Unusable(name, fault, language).ToResult();
        return (await run(call)).ToResult();
    }

    private static async Task<McpAnswer> AskAsync(McpCall call) =>
        McpAnswer.OfVerdict(call, await call.PostAsync("decisions", call.Body("to", "region", "channel", "purpose", "technique", "at", "facts")));

    private static async Task<McpAnswer> PermitAsync(McpCall call)
    {
        var issued = await call.PostAsync("permits", call.Body("to", "region", "channel", "purpose", "technique", "facts"), "issue");
        if (!issued.IsDone || issued.Text("permit") is not { } permit)
            return McpAnswer.OfVerdict(call, issued);
        // Only a permit that was redeemed lets anybody be contacted, and it is used here: nobody forgets the last look.
        var redeemed = await call.PostAsync($"permits/{permit}/redeem", null, "redeem");
        return redeemed.IsDone ? McpAnswer.Go(call, issued, permit) : McpAnswer.Void(call, redeemed);
    }

    private static async Task<McpAnswer> ReportAsync(McpCall call) =>
        McpAnswer.Noted(call, await call.PostAsync($"permits/{call.Text("permit")}/outcome", call.Body("outcome"), "outcome"));

    private static async Task<McpAnswer> OptOutAsync(McpCall call)
    {
        var body = call.Body("to", "region", "words", "via", "channels", "purposes");
        body["way"] = "agent";
        return McpAnswer.OptedOut(call, await call.PostAsync("withdrawals", body, "withdraw"));
    }

    private static async Task<McpAnswer> ExplainAsync(McpCall call)
    {
        if (call.Text("decision") is { } decision)
            return McpAnswer.Told(call, await call.Api.CallAsync("GET", "decisions/" + decision, null, null, call.Language, call.Cancel), decision);
        return McpAnswer.OfVerdict(call, await call.PostAsync("decisions", call.Body("to", "region", "channel", "purpose", "technique", "facts")), isAbout: true);
    }
}

/// <summary>One use of a tool.</summary>
/// <param name="Api">What it works on.</param>
/// <param name="Arguments">What the agent sent, held to the schema.</param>
/// <param name="Language">In which it is answered.</param>
/// <param name="Cancel">Gives up.</param>
internal sealed record McpCall(IApi Api, IDictionary<string, JsonElement> Arguments, CultureInfo Language, CancellationToken Cancel)
{
    /// <summary>A text; null where it was not sent.</summary>
    public string? Text(string name) => Arguments.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>What was sent under some names, for the API.</summary>
    public JsonObject Body(params ReadOnlySpan<string> names)
    {
        var body = new JsonObject();
        foreach (var name in names)
        {
            if (Arguments.TryGetValue(name, out var value))
                body[name] = JsonNode.Parse(value.GetRawText());
        }

        return body;
    }

    /// <summary>Posts, under the agent's key where there is one.</summary>
    /// <param name="step">One key serves several steps; each is a request of its own.</param>
    public Task<ApiReply> PostAsync(string path, JsonObject? body, string? step = null) =>
        Api.CallAsync("POST", path, body, step is not null && Text("idempotency_key") is { } key ? $"mcp-{step}-{key}" : null, Language, Cancel);
}
