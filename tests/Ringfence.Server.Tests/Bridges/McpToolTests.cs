using System.Globalization;
using System.Text;
using System.Text.Json;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Ringfence.Ledger;
using Ringfence.Server.Bridges.Mcp;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Staff;
using Ringfence.Server.Suppression;
using Xunit;
using static Ringfence.Server.Tests.Bridges.McpCaller;

namespace Ringfence.Server.Tests.Bridges;

/// <summary>What an agent may do, asked by the official client over HTTP.</summary>
public sealed class McpToolTests
{
    private const string Ann = BridgeHouse.Ann;

    [Theory]
    [InlineData(null)]
    [InlineData("2025-11-25")]
    [InlineData("2025-06-18")]
    [InlineData("2026-07-28")]
    public async Task An_agent_asks_contacts_once_reports_and_hears_a_no(string? revision)
    {
        await using var house = await BridgeHouse.BuildAsync();
        await using var client = await ClientAsync(house, McpScopes, revision);
        Assert.Equal("ringfence", client.ServerInfo!.Name);
        Assert.Equal(McpTools.All.Select(static tool => tool.Name), (await client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken)).Select(static tool => tool.Name));

        // Nobody said yes.
        var none = await UseAsync(client, "request_permit", Contact());
        Assert.Equal(("do_not_contact", "refused", false), (Member(none, "next"), Member(none, "verdict"), none.IsError ?? false));
        Assert.StartsWith("Do not send. ", Member(none, "say"), StringComparison.Ordinal);

        await house.YesAsync();
        var advice = await UseAsync(client, "may_i_contact", Contact());
        Assert.Equal(("request_permit", "allowed", null), (Member(advice, "next"), Member(advice, "verdict"), Member(advice, "permit")));
        var leave = await UseAsync(client, "request_permit", Contact());
        Assert.Equal(("contact", "allowed"), (Member(leave, "next"), Member(leave, "verdict")));
        var permit = Member(leave, "permit")!;
        // It was used with that: nobody else can.
        Assert.Equal("permit-used", (await house.PostAsync($"permits/{permit}/redeem", "{}")).Json.GetProperty("code").GetString());
        Assert.Equal("True", Member(await UseAsync(client, "report_outcome", ("permit", permit), ("outcome", "delivered")), "done"));
        var why = await UseAsync(client, "explain", ("decision", Member(leave, "decision")));
        Assert.Equal(("allowed", Member(leave, "decision")), (Member(why, "verdict"), Member(why, "decision")));

        var no = await UseAsync(client, "record_opt_out", ("to", Ann), ("words", "Please stop texting me!"), ("via", "sms"));
        Assert.Equal("True", Member(no, "done"));
        var after = await UseAsync(client, "may_i_contact", Contact());
        Assert.Equal(("do_not_contact", "refused"), (Member(after, "next"), Member(after, "verdict")));
        Assert.Equal("do_not_contact", Member(await UseAsync(client, "request_permit", Contact()), "next"));
        var person = (await house.House.FindAsync(Ann))!.Person;
        Assert.Equal([RecordType.ConsentGiven, RecordType.PermitIssued, RecordType.PermitRedeemed, RecordType.ContactOutcome, RecordType.SuppressionAdded, RecordType.ConsentWithdrawn, RecordType.DecisionDenied],
            person.Records.Select(static record => record.Type));
    }

    [Fact]
    public async Task Every_tool_needs_its_scope_and_is_shown_to_nobody_else()
    {
        await using var house = await BridgeHouse.BuildAsync();
        await house.YesAsync();
        Dictionary<string, (string, object?)[]> uses = new()
        {
            ["may_i_contact"] = Contact(),
            ["request_permit"] = Contact(),
            ["report_outcome"] = [("permit", "per_" + Fresh.Id()), ("outcome", "sent")],
            ["record_opt_out"] = [("to", "+447400123499")],
            ["explain"] = Contact(),
        };
        Assert.Equal(McpTools.All.Select(static tool => tool.Name), uses.Keys);
        foreach (var (tool, arguments) in uses)
        {
            var scope = McpTools.ScopeOf(tool);
            await using (var narrow = await ClientAsync(house, BridgeHouse.All & ~scope))
            {
                Assert.DoesNotContain(await narrow.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken), shown => shown.Name == tool);
                var size = await house.House.SizeAsync();
                var refused = await UseAsync(narrow, tool, arguments);
                Assert.True(refused.IsError);
                Assert.Equal("no-scope", refused.StructuredContent!.Value.GetProperty("problem").GetProperty("code").GetString());
                Assert.Equal(size, await house.House.SizeAsync());
            }

            await using var only = await ClientAsync(house, scope);
            Assert.Contains(await only.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken), shown => shown.Name == tool);
            var let = await UseAsync(only, tool, arguments);
            Assert.NotEqual("no-scope", let.StructuredContent!.Value.TryGetProperty("problem", out var problem) ? problem.GetProperty("code").GetString() : null);
        }
    }

    [Theory]
    // What they say, what is named beside, and what is closed.
    [InlineData(null, null, "voice,voice-auto,sms,whatsapp,email,fax")]
    [InlineData("please don't call me any more, texts are fine", null, "voice,voice-auto,whatsapp,fax")]
    [InlineData("hmm, maybe, I don't know", null, "voice,voice-auto,sms,whatsapp,email,fax")]
    [InlineData(null, "sms", "sms")]
    [InlineData("please don't call me any more, texts are fine", "sms", "voice,voice-auto,sms,whatsapp,fax")]
    [InlineData("leave me alone", "sms", "voice,voice-auto,sms,whatsapp,email,fax")]
    [InlineData("不要再给我打电话了", null, "voice,voice-auto,sms,whatsapp,fax")]
    public async Task A_no_reaches_as_far_as_the_words_say_and_in_doubt_everywhere(string? words, string? channels, string closed)
    {
        await using var house = await BridgeHouse.BuildAsync();
        await using var client = await ClientAsync(house, McpScopes);
        var arguments = new List<(string, object?)> { ("to", Ann) };
        if (words is not null)
            arguments.Add(("words", words));
        if (channels is not null)
            arguments.Add(("channels", channels.Split(',')));
        var no = await UseAsync(client, "record_opt_out", [.. arguments]);
        Assert.Equal(closed, string.Join(',', no.StructuredContent!.Value.GetProperty("channels").EnumerateArray().Select(static one => one.GetString())));
        var row = Assert.Single(await house.House.SuppressionsAsync(Ann));
        Assert.Equal(closed.Split(',').Where(static one => one != "email"), Channels.All.Where(channel => ((ChannelSet)row.Channels).Has(channel)).Select(static channel => channel.Word()));
        Assert.Null(row.Purposes);
    }

    [Fact]
    public async Task The_retry_of_a_lost_answer_takes_no_second_permit()
    {
        await using var house = await BridgeHouse.BuildAsync();
        await house.YesAsync();
        await using var client = await ClientAsync(house, McpScopes);
        var first = await UseAsync(client, "request_permit", [.. Contact(), ("idempotency_key", "call-17")]);
        var again = await UseAsync(client, "request_permit", [.. Contact(), ("idempotency_key", "call-17")]);
        Assert.Equal(("contact", "contact", Member(first, "permit")), (Member(first, "next"), Member(again, "next"), Member(again, "permit")));
        var other = await UseAsync(client, "request_permit", [.. Contact("voice"), ("idempotency_key", "call-17")]);
        Assert.Equal("do_not_contact", Member(other, "next"));
        Assert.Equal("key-reused", other.StructuredContent!.Value.GetProperty("problem").GetProperty("code").GetString());
    }

    [Fact]
    public async Task No_cap_is_exceeded_by_agents_that_ask_at_the_same_time()
    {
        await using var house = await BridgeHouse.BuildAsync();
        await house.YesAsync();
        await using var client = await ClientAsync(house, McpScopes);
        var answers = await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => UseAsync(client, "request_permit", Contact())));
        Assert.Equal(4, answers.Count(static answer => Member(answer, "next") == "contact"));
        Assert.All(answers, static answer => Assert.NotEqual("request_permit", Member(answer, "next")));
    }

    [Fact]
    public async Task Nobody_is_contacted_where_the_gate_is_shut_or_there_is_no_answer()
    {
        await using var house = await BridgeHouse.BuildAsync();
        await house.YesAsync();
        await using var client = await ClientAsync(house, McpScopes);
        Installation.Spool(house.House.Installation.Options, new SpooledWithdrawal(Fresh.Id().ToString(), "acme", "+447400123499", (int)ChannelSet.All, null, "api", "x", 1));
        foreach (var tool in (string[])["may_i_contact", "request_permit", "explain"])
        {
            var shut = await UseAsync(client, tool, Contact("voice"));
            Assert.Equal((true, "do_not_contact", "none"), (shut.IsError, Member(shut, "next"), Member(shut, "verdict")));
            Assert.StartsWith("Do not call. ", Member(shut, "say"), StringComparison.Ordinal);
        }

        Assert.Equal("True", Member(await UseAsync(client, "record_opt_out", ("to", Ann)), "done"));
        // A server that is not there.
        using var away = new ApiAway(new Uri("http://127.0.0.1:9"), "rf_acme_x_y");
        foreach (var tool in McpTools.All)
        {
            var arguments = new Dictionary<string, JsonElement>();
            foreach (var (name, value) in tool.Name switch { "report_outcome" => new (string, object?)[] { ("permit", "per_" + Fresh.Id()), ("outcome", "sent") }, "record_opt_out" => [("to", Ann)], _ => Contact() })
                arguments[name] = JsonSerializer.SerializeToElement(value);
            var silent = (await McpTools.CallAsync(away, new CallToolRequestParams { Name = tool.Name, Arguments = arguments }, CultureInfo.InvariantCulture, CancellationToken.None))!;
            Assert.True(silent.IsError);
            Assert.Equal("no-answer", silent.StructuredContent!.Value.GetProperty("problem").GetProperty("code").GetString());
            if (tool.Name != "report_outcome")
                Assert.Contains("o not ", Member(silent, "say"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_server_elsewhere_is_asked_with_a_key_and_answers_the_same()
    {
        await using var house = await BridgeHouse.BuildAsync();
        await house.YesAsync();
        async Task<CallToolResult> UseThereAsync(ApiScopes scopes, string tool, params (string Name, object? Value)[] arguments)
        {
            using var away = new ApiAway(house.Client.BaseAddress!, (await house.KeyAsync(scopes)).Show());
            return (await McpTools.CallAsync(away, new CallToolRequestParams { Name = tool, Arguments = arguments.ToDictionary(static one => one.Name, static one => JsonSerializer.SerializeToElement(one.Value)) }, CultureInfo.InvariantCulture, CancellationToken.None))!;
        }

        var leave = await UseThereAsync(ApiScopes.Permit, "request_permit", Contact());
        Assert.Equal("contact", Member(leave, "next"));
        Assert.Equal("True", Member(await UseThereAsync(ApiScopes.Permit, "report_outcome", ("permit", Member(leave, "permit")), ("outcome", "sent")), "done"));
        Assert.Equal("allowed", Member(await UseThereAsync(ApiScopes.Decide, "explain", ("decision", Member(leave, "decision"))), "verdict"));
        Assert.Equal("do_not_contact", Member(await UseThereAsync(ApiScopes.Decide, "request_permit", Contact()), "next"));
        Assert.Equal("True", Member(await UseThereAsync(ApiScopes.Withdraw, "record_opt_out", ("to", Ann)), "done"));
        Assert.Equal("refused", Member(await UseThereAsync(ApiScopes.Permit, "request_permit", Contact()), "verdict"));
    }

    [Theory]
    [InlineData("may_i_contact", """{"channel":"sms","purpose":"offers"}""", "/to")]
    [InlineData("may_i_contact", """{"to":7400123456,"channel":"sms","purpose":"offers"}""", "/to")]
    [InlineData("may_i_contact", """{"to":null,"channel":"sms","purpose":"offers"}""", "/to")]
    [InlineData("may_i_contact", """{"to":"+447400123456","channel":"pigeon","purpose":"offers"}""", "/channel")]
    [InlineData("may_i_contact", """{"to":"+447400123456","channel":"SMS","purpose":"offers"}""", "/channel")]
    [InlineData("may_i_contact", """{"to":"+447400123456","channel":"sms","purpose":"offers and more"}""", "/purpose")]
    [InlineData("may_i_contact", """{"to":"+447400123456","channel":"sms","purpose":"offers\n"}""", "/purpose")]
    [InlineData("may_i_contact", """{"to":"+447400123456","channel":"sms","purpose":"offers","facts":[]}""", "/facts")]
    [InlineData("may_i_contact", """{"to":"+447400123456","channel":"sms","purpose":"offers","sure":true}""", "/sure")]
    [InlineData("may_i_contact", """{"to":"+447400123456","channel":"sms","purpose":"offers","language":"xx"}""", "/language")]
    [InlineData("request_permit", """{"to":"+447400123456","channel":"sms","purpose":"offers","at":"2027-01-01T00:00:00Z"}""", "/at")]
    [InlineData("report_outcome", """{"permit":"per_../../keys","outcome":"sent"}""", "/permit")]
    [InlineData("report_outcome", """{"permit":"per_00000000000000000000000000000000","outcome":"opted-out"}""", "/outcome")]
    [InlineData("record_opt_out", """{"to":"+447400123456","channels":[]}""", "/channels")]
    [InlineData("record_opt_out", """{"to":"+447400123456","channels":["sms","pigeon"]}""", "/channels/1")]
    [InlineData("record_opt_out", """{"to":"+447400123456","words":""}""", "/words")]
    [InlineData("explain", """{"decision":"dec_-1"}""", "/decision")]
    public async Task Arguments_of_another_shape_are_refused_by_name(string tool, string arguments, string field)
    {
        await using var house = await BridgeHouse.BuildAsync();
        await using var client = await ClientAsync(house, McpScopes);
        var size = await house.House.SizeAsync();
        using var sent = JsonDocument.Parse(arguments);
        var refused = await UseAsync(client, tool, [.. sent.RootElement.EnumerateObject().Select(static one => (one.Name, (object?)one.Value))]);
        Assert.True(refused.IsError);
        Assert.Equal(field, refused.StructuredContent!.Value.GetProperty("problem").GetProperty("field").GetString());
        Assert.Contains(tool == "report_outcome" ? "Not noted." : "o not contact them", Member(refused, "say"), StringComparison.Ordinal);
        Assert.Equal(size, await house.House.SizeAsync());
    }

    [Fact]
    public async Task Answers_come_in_the_language_asked_for()
    {
        await using var house = await BridgeHouse.BuildAsync();
        await using var client = await ClientAsync(house, McpScopes);
        var said = new HashSet<string?>();
        foreach (var language in LanguageTexts.Tags)
            said.Add(Member(await UseAsync(client, "may_i_contact", [.. Contact(), ("language", language)]), "say"));
        Assert.Equal(3, said.Count);
        Assert.All(said, static say => Assert.DoesNotContain("{", say!, StringComparison.Ordinal));
    }
}
