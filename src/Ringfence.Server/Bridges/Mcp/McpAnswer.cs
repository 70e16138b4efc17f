using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;
using Ringfence.Server.Cli;
using Ringfence.Server.Hosting;

namespace Ringfence.Server.Bridges.Mcp;

/// <summary>What a tool answers: one sentence that says what to do, and the same for programs. Whatever is not a plain yes says plainly that nobody is to be contacted.</summary>
/// <param name="Content">As the tool's output schema has it.</param>
/// <param name="IsError">Whether it could not be done as asked.</param>
internal sealed record McpAnswer(JsonObject Content, bool IsError = false)
{
    private static readonly JsonSerializerOptions AsTheyAre = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>As the protocol has it: the sentence first, for whoever reads no structure.</summary>
    public CallToolResult ToResult() => new()
    {
        Content = [new TextContentBlock { Text = Content["say"]!.GetValue<string>() }, new TextContentBlock { Text = Content.ToJsonString(AsTheyAre) }],
        StructuredContent = JsonSerializer.SerializeToElement(Content),
        IsError = IsError,
    };

    /// <summary>An answer of the gate. It never is leave to contact anybody.</summary>
    /// <param name="call">What was asked.</param>
    /// <param name="reply">What the API said.</param>
    /// <param name="isAbout">Whether the reasons are asked for rather than what to do.</param>
    public static McpAnswer OfVerdict(McpCall call, ApiReply reply, bool isAbout = false)
    {
        if (!reply.IsDone || reply.Text("verdict") is not { } verdict)
            return Failed(call, reply);
        var told = reply.Text("explanation") ?? "";
        var not = Not(call);
        return verdict switch
        {
            "allowed" => new(Verdict("request_permit", verdict, Say(call, isAbout ? "Mcp.Say.explained" : "Mcp.Say.allowed", told), reply)),
            "deferred" => new(Verdict("ask_again", verdict, Say(call, "Mcp.Say.deferred", not, reply.Text("until") ?? "?", told), reply)),
            _ => new(Verdict("do_not_contact", verdict, Say(call, "Mcp.Say.refused", not, told), reply)),
        };
    }

    /// <summary>Leave to make one contact, now.</summary>
    public static McpAnswer Go(McpCall call, ApiReply issued, string permit)
    {
        var content = Verdict("contact", "allowed", "", issued);
        var duties = string.Join(' ', content["obligations"]!.AsArray().Select(static duty => duty!["text"]!.GetValue<string>()));
        content["say"] = Say(call, duties.Length == 0 ? "Mcp.Say.go" : "Mcp.Say.go-with-duties", permit, duties);
        content["permit"] = permit;
        return new(content);
    }

    /// <summary>A permit that could not be used.</summary>
    public static McpAnswer Void(McpCall call, ApiReply redeemed)
    {
        var failed = Failed(call, redeemed);
        failed.Content["say"] = Say(call, "Mcp.Say.void", Not(call), TitleOf(call, redeemed));
        return failed;
    }

    /// <summary>A decision of the past, in words.</summary>
    public static McpAnswer Told(McpCall call, ApiReply reply, string decision)
    {
        if (!reply.IsDone || !reply.Json.TryGetProperty("explained", out var explained))
            return Failed(call, reply);
        var then = new ApiReply(reply.Status, explained);
        var verdict = then.Text("verdict") ?? "none";
        var content = Verdict(verdict == "allowed" ? "request_permit" : verdict == "deferred" ? "ask_again" : "do_not_contact", verdict, "", then);
        content["say"] = Say(call, "Mcp.Say.told", reply.Text("at") ?? "?", then.Text("explanation") ?? "");
        content["decision"] = decision;
        return new(content);
    }

    /// <summary>What came of a contact is written down, or is not.</summary>
    public static McpAnswer Noted(McpCall call, ApiReply reply) => reply.IsDone
        ? new(Done(Say(call, "Mcp.Say.noted"), reply))
        : new(NotDone(call, reply, "Mcp.Say.not-noted"), IsError: true);

    /// <summary>A no is written down, or is not.</summary>
    public static McpAnswer OptedOut(McpCall call, ApiReply reply)
    {
        if (!reply.IsDone)
            return new(NotDone(call, reply, reply.Text("code") == "withdrawal-kept" ? "Mcp.Say.kept" : "Mcp.Say.not-opted-out"), IsError: true);
        var content = Done("", reply);
        var channels = reply.Json.TryGetProperty("channels", out var closed) ? closed.EnumerateArray().Select(static channel => channel.GetString()!).ToList() : [];
        content["channels"] = new JsonArray([.. channels.Select(static channel => JsonValue.Create(channel))]);
        content["say"] = channels.Count == Channels.All.Count ? Say(call, "Mcp.Say.opted-out") : Say(call, "Mcp.Say.opted-out-of", string.Join(", ", channels));
        return new(content);
    }

    /// <summary>What was asked could not be understood.</summary>
    public static McpAnswer Unusable(string tool, McpFault fault, CultureInfo language)
    {
        var wanted = CliText.SayOr(language, "Mcp.Fault." + fault.Wanted, "Mcp.Fault.other", fault.Wanted);
        var isDeed = tool is "report_outcome" or "record_opt_out";
        var say = CliText.Say(language, tool == "record_opt_out" ? "Mcp.Say.not-opted-out" : isDeed ? "Mcp.Say.not-noted" : "Mcp.Say.unusable", $"{fault.Field}: {wanted}");
        var content = isDeed ? new JsonObject { ["done"] = false, ["say"] = say } : None(say);
        content["problem"] = new JsonObject { ["code"] = "bad-arguments", ["title"] = wanted, ["field"] = fault.Field };
        return new(content, IsError: true);
    }

    private static McpAnswer Failed(McpCall call, ApiReply reply)
    {
        var content = None(Say(call, "Mcp.Say.failed", Not(call), TitleOf(call, reply)));
        content["problem"] = Problem(call, reply);
        return new(content, IsError: true);
    }

    private static JsonObject None(string say) => new() { ["next"] = "do_not_contact", ["verdict"] = "none", ["say"] = say, ["reasons"] = new JsonArray(), ["obligations"] = new JsonArray() };

    private static JsonObject Verdict(string next, string verdict, string say, ApiReply reply)
    {
        var content = new JsonObject { ["next"] = next, ["verdict"] = verdict, ["say"] = say, ["reasons"] = Picked(reply.Json, "reasons", "code", "text", "remedy", "cites", "rule"), ["obligations"] = Picked(reply.Json, "obligations", "code", "text") };
        if (reply.Text("until") is { } until)
            content[verdict == "deferred" ? "askAgainAt" : "until"] = until;
        if (reply.Json.TryGetProperty("record", out var record))
            content["decision"] = "dec_" + record.GetRawText();
        return content;
    }

    private static JsonObject Done(string say, ApiReply reply) =>
        new() { ["done"] = true, ["say"] = say, ["already"] = reply.Json.TryGetProperty("already", out var already) && already.ValueKind == JsonValueKind.True };

    private static JsonObject NotDone(McpCall call, ApiReply reply, string key) => new() { ["done"] = false, ["say"] = Say(call, key, TitleOf(call, reply)), ["problem"] = Problem(call, reply) };

    private static JsonObject Problem(McpCall call, ApiReply reply)
    {
        var problem = new JsonObject { ["code"] = reply.Text("code") ?? "no-answer", ["title"] = TitleOf(call, reply) };
        if (reply.Text("field") is { } field)
            problem["field"] = field;
        return problem;
    }

    private static string TitleOf(McpCall call, ApiReply reply) => reply.Text("title") ?? Say(call, "Mcp.Fault.silence");

    private static JsonArray Picked(JsonElement json, string list, params string[] names) => new([.. json.GetProperty(list).EnumerateArray().Select(item =>
    {
        var picked = new JsonObject();
        foreach (var name in names)
        {
            if (item.TryGetProperty(name, out var value))
                picked[name] = JsonNode.Parse(value.GetRawText());
        }

        return (JsonNode)picked;
    })]);

    // "Do not call." says more to whoever is about to dial than "do not contact".
    private static string Not(McpCall call) => Say(call, call.Text("channel") switch
    {
        "voice" or "voice-auto" => "Mcp.Not.call",
        "sms" or "whatsapp" or "email" or "fax" => "Mcp.Not.send",
        _ => "Mcp.Not.contact",
    });

    private static string Say(McpCall call, string key, params object[] arguments) => CliText.Say(call.Language, key, arguments).Trim();
}
