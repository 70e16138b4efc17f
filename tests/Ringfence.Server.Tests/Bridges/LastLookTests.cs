using Ringfence.Ledger;
using Xunit;
using static Ringfence.Server.Tests.Bridges.McpCaller;
using static Ringfence.Server.Tests.Bridges.TwilioCaller;

namespace Ringfence.Server.Tests.Bridges;

/// <summary>A permit that can't be used when it comes to it, and an answer that got lost and is asked for again: whoever waits for either contacts nobody.</summary>
public sealed class LastLookTests
{
    private const string Ann = BridgeHouse.Ann;
    private const string CallPath = "/hooks/twilio/acme/call?purpose=offers&technique=manual";

    // What comes between the permit and its use, and how the last look names it.
    public static TheoryData<string, string> Between => new() { { "a no", "permit-ended" }, { "something else", "permit-ended-now" }, { "a minute", "permit-expired" } };

    private static void LetPass(BridgeHouse house, string what, List<Task> doing) => house.AfterEachPermit(() =>
    {
        // In the queue before whoever asked for the permit hears of it.
        if (what == "a minute")
            house.Time.Ahead += TimeSpan.FromSeconds(60);
        else
            doing.Add(house.House.WithdrawAsync(Ann, what == "a no" ? null : "fax"));
    });

    private static async Task CheckAsync(BridgeHouse house, List<Task> doing)
    {
        await Task.WhenAll(doing);
        var types = (await house.House.FindAsync(Ann))!.Person.Records.Select(static record => record.Type).ToList();
        Assert.Contains(RecordType.PermitIssued, types);
        Assert.DoesNotContain(RecordType.PermitRedeemed, types);
    }

    [Theory]
    [MemberData(nameof(Between))]
    public async Task An_agent_is_told_to_contact_nobody(string what, string code)
    {
        await using var house = await BridgeHouse.BuildAsync();
        await house.YesAsync();
        await using var client = await ClientAsync(house, McpScopes);
        var doing = new List<Task>();
        LetPass(house, what, doing);
        var told = await UseAsync(client, "request_permit", Contact("voice"));
        Assert.Equal((true, "do_not_contact", "none", null), (told.IsError, Member(told, "next"), Member(told, "verdict"), Member(told, "permit")));
        Assert.StartsWith("Do not call. ", Member(told, "say"), StringComparison.Ordinal);
        Assert.Equal(code, told.StructuredContent!.Value.GetProperty("problem").GetProperty("code").GetString());
        await CheckAsync(house, doing);
    }

    [Theory]
    [MemberData(nameof(Between))]
    public async Task Asterisk_is_told_to_hang_up(string what, string code)
    {
        await using var house = await BridgeHouse.BuildAsync();
        await house.YesAsync();
        await using var desk = await AgiAsterisk.BuildAsync(house);
        var doing = new List<Task>();
        LetPass(house, what, doing);
        var call = await desk.CallAsync("acme/voice.manual/offers", [Ann]);
        Assert.Equal(("refused", code, true), (call.Verdict, call.Reason, call.IsHungUp));
        Assert.DoesNotContain("RINGFENCE_PERMIT", call.Variables.Keys);
        await CheckAsync(house, doing);
    }

    [Theory]
    [MemberData(nameof(Between))]
    public async Task Twilio_is_told_to_reject_the_call(string what, string code)
    {
        Assert.NotEmpty(code);
        await using var house = await HouseAsync();
        await house.YesAsync();
        var doing = new List<Task>();
        LetPass(house, what, doing);
        Assert.Equal("Reject", TwiML(await PostAsync(house, CallPath, Call())).Elements().Single().Name.LocalName);
        await CheckAsync(house, doing);
    }

    [Theory]
    [InlineData("a no", "permit-ended-now")]
    [InlineData("a minute", "permit-expired")]
    [InlineData("the contact", "permit-used")]
    public async Task What_was_leave_is_none_to_whoever_asks_again_after(string what, string code)
    {
        await using var house = await HouseAsync();
        await house.YesAsync();
        await using var client = await ClientAsync(house, McpScopes);
        (string, object?)[] asked = [.. Contact("voice"), ("idempotency_key", "call-17")];
        var first = await UseAsync(client, "request_permit", asked);
        Assert.Equal("contact", Member(first, "next"));
        Assert.Equal("Dial", TwiML(await PostAsync(house, CallPath, Call())).Elements().Single().Name.LocalName);
        // An answer that got lost on the way is told again.
        Assert.Equal("contact", Member(await UseAsync(client, "request_permit", asked), "next"));
        var dial = TwiML(await PostAsync(house, CallPath, Call())).Elements().Single();
        Assert.Equal("Dial", dial.Name.LocalName);

        switch (what)
        {
            case "a no":
                await house.House.WithdrawAsync(Ann);
                break;
            case "a minute":
                house.Time.Ahead += TimeSpan.FromSeconds(60);
                break;
            default:
                Assert.Equal("True", Member(await UseAsync(client, "report_outcome", ("permit", Member(first, "permit")), ("outcome", "answered")), "done"));
                TwiML(await PostAsync(house, new Uri(dial.Attribute("action")!.Value).PathAndQuery["/rf".Length..], [("CallSid", "CA1"), ("DialCallStatus", "completed")]));
                break;
        }

        var size = await house.House.SizeAsync();
        var again = await UseAsync(client, "request_permit", asked);
        Assert.Equal((true, "do_not_contact", null), (again.IsError, Member(again, "next"), Member(again, "permit")));
        Assert.Equal(code, again.StructuredContent!.Value.GetProperty("problem").GetProperty("code").GetString());
        Assert.Equal("Reject", TwiML(await PostAsync(house, CallPath, Call())).Elements().Single().Name.LocalName);
        Assert.Equal(size, await house.House.SizeAsync());
    }
}
