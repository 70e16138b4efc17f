using System.Net;
using System.Net.Sockets;
using System.Text;
using Ringfence.Ledger;
using Ringfence.Server.Bridges.Agi;
using Ringfence.Server.Ledger;
using Ringfence.Server.Staff;
using Ringfence.Server.Suppression;
using Xunit;

namespace Ringfence.Server.Tests.Bridges;

/// <summary>FastAGI as an Asterisk server speaks it.</summary>
public sealed class AgiTests
{
    private const string Ann = BridgeHouse.Ann;

    private static async Task<IEnumerable<RecordType>> RecordsAsync(BridgeHouse house) => (await house.House.FindAsync(Ann))!.Person.Records.Select(static record => record.Type);

    [Fact]
    public async Task A_call_is_permitted_made_reported_and_refused_after_a_no()
    {
        await using var house = await BridgeHouse.BuildAsync();
        await using var desk = await AgiAsterisk.BuildAsync(house);
        var none = await desk.CallAsync("acme/voice-auto.predictive/offers", [Ann]);
        Assert.Equal(("refused", "no-consent", true), (none.Verdict, none.Reason, none.IsHungUp));

        await house.YesAsync();
        var call = await desk.CallAsync("acme/voice-auto.predictive/offers", [Ann]);
        Assert.Equal(("permitted", "", false), (call.Verdict, call.Reason, call.IsHungUp));
        Assert.StartsWith("SET VARIABLE RINGFENCE_VERDICT", call.Commands[^1], StringComparison.Ordinal);
        var permit = call.Variables["RINGFENCE_PERMIT"];
        Assert.Equal("permit-used", (await house.PostAsync($"permits/{permit}/redeem", "{}")).Json.GetProperty("code").GetString());
        var outcome = await desk.CallAsync("acme/outcome", [permit, "NOANSWER"]);
        Assert.Equal("yes", outcome.Variables["RINGFENCE_DONE"]);
        // The number may be what was dialled.
        Assert.Equal("permitted", (await desk.CallAsync("acme/voice.manual/offers", [])).Verdict);
        Assert.Equal("permitted", (await desk.CallAsync("acme/voice.manual/offers/GB", ["07400 123456"])).Verdict);

        Assert.Equal("yes", (await desk.CallAsync("acme/optout", [Ann])).Variables["RINGFENCE_DONE"]);
        Assert.Equal(("refused", true), await desk.CallAsync("acme/voice-auto.predictive/offers", [Ann]) is var after ? (after.Verdict, after.IsHungUp) : default);
        Assert.Equal(
            [RecordType.ConsentGiven, RecordType.PermitIssued, RecordType.PermitRedeemed, RecordType.ContactOutcome, RecordType.PermitIssued, RecordType.PermitRedeemed, RecordType.PermitIssued, RecordType.PermitRedeemed],
            (await RecordsAsync(house)).Take(8));
    }

    [Theory]
    [InlineData("acme/voice-auto")]
    [InlineData("acme/voice.magic/offers")]
    [InlineData("acme/voice.manual.x/offers")]
    [InlineData("acme/sms/offers")]
    [InlineData("acme/voice.manual/offers/GB/x")]
    [InlineData("other/voice.manual/offers")]
    [InlineData("")]
    [InlineData("acme/voice.manual/of%20fers")]
    [InlineData("acme/voice.manual/offers/gb")]
    [InlineData("acme/../acme/voice.manual/offers")]
    public async Task A_script_that_is_none_permits_nobody(string script)
    {
        await using var house = await BridgeHouse.BuildAsync();
        await house.YesAsync();
        await using var desk = await AgiAsterisk.BuildAsync(house);
        var call = await desk.CallAsync(script, [Ann]);
        Assert.Equal(("refused", true), (call.Verdict, call.IsHungUp));
        Assert.Equal([RecordType.ConsentGiven], await RecordsAsync(house));
    }

    [Fact]
    public async Task Who_does_not_show_the_secret_is_refused()
    {
        await using var house = await BridgeHouse.BuildAsync();
        await house.YesAsync();
        await using var desk = await AgiAsterisk.BuildAsync(house, "sixteen letters.");
        foreach (string[] arguments in (string[][])[[Ann], [Ann, "token="], [Ann, "token=sixteen letters"], ["token=sixteen letters.", Ann], [Ann, "sixteen letters."]])
        {
            var call = await desk.CallAsync("acme/voice.manual/offers", arguments);
            Assert.Equal(("refused", "no-access", true), (call.Verdict, call.Reason, call.IsHungUp));
        }

        Assert.Equal("permitted", (await desk.CallAsync("acme/voice.manual/offers", [Ann, "token=sixteen letters."])).Verdict);
        Assert.Equal("permitted", (await desk.CallAsync("acme/voice.manual/offers", ["token=sixteen letters."])).Verdict);
    }

    [Fact]
    public async Task A_key_that_is_not_good_for_it_permits_nobody()
    {
        await using var house = await BridgeHouse.BuildAsync();
        await house.YesAsync();
        await using var desk = await AgiAsterisk.BuildAsync(house, scopes: ApiScopes.Decide);
        Assert.Equal(("refused", "no-scope"), await desk.CallAsync("acme/voice.manual/offers", [Ann]) is var call ? (call.Verdict, call.Reason) : default);
        Assert.Equal(("no", "no-scope"), await desk.CallAsync("acme/optout", [Ann]) is var no ? (no.Variables["RINGFENCE_DONE"], no.Reason) : default);
    }

    [Fact]
    public async Task Where_the_gate_is_shut_it_hangs_up_and_a_no_is_heard()
    {
        await using var house = await BridgeHouse.BuildAsync();
        await house.YesAsync();
        await using var desk = await AgiAsterisk.BuildAsync(house);
        Installation.Spool(house.House.Installation.Options, new SpooledWithdrawal(Fresh.Id().ToString(), "acme", "+447400123499", (int)ChannelSet.All, null, "api", "x", 1));
        Assert.Equal(("refused", "shut", true), await desk.CallAsync("acme/voice.manual/offers", [Ann]) is var call ? (call.Verdict, call.Reason, call.IsHungUp) : default);
        Assert.Equal("yes", (await desk.CallAsync("acme/optout", [Ann])).Variables["RINGFENCE_DONE"]);
    }

    [Theory]
    [InlineData("510 Invalid or unknown command\n")]
    [InlineData("511 Command Not Permitted on a dead channel\n")]
    [InlineData("520-Invalid command syntax.  Proper usage follows:\nUsage\n520 End of proper usage.\n")]
    [InlineData("200 result=-1\n")]
    [InlineData("HANGUP\n511 Command Not Permitted on a dead channel\n")]
    [InlineData(null)]
    public async Task A_channel_that_is_gone_is_not_told_and_its_permit_is_reported_as_failed(string? answer)
    {
        await using var house = await BridgeHouse.BuildAsync();
        await house.YesAsync();
        await using (var desk = await AgiAsterisk.BuildAsync(house))
        {
            var call = await desk.CallAsync("acme/voice.manual/offers", [Ann], command => command.Contains("RINGFENCE_VERDICT", StringComparison.Ordinal) ? answer : "200 result=1\n");
            Assert.Null(call.Verdict);
        }

        // It is written before the responder has stopped.
        Assert.Equal([RecordType.ConsentGiven, RecordType.PermitIssued, RecordType.PermitRedeemed, RecordType.ContactOutcome], await RecordsAsync(house));
    }

    [Fact]
    public async Task A_hang_up_that_is_told_between_is_no_answer()
    {
        await using var house = await BridgeHouse.BuildAsync();
        await house.YesAsync();
        await using var desk = await AgiAsterisk.BuildAsync(house);
        Assert.Equal("permitted", (await desk.CallAsync("acme/voice.manual/offers", [Ann], static _ => "HANGUP\n200 result=1\n")).Verdict);
    }

    [Fact]
    public async Task What_is_not_fastagi_too_long_or_too_slow_gets_nothing_and_others_are_served()
    {
        await using var house = await BridgeHouse.BuildAsync();
        await house.YesAsync();
        await using var desk = await AgiAsterisk.BuildAsync(house, patience: TimeSpan.FromSeconds(3));
        var good = AgiChannel.Environment("acme/voice.manual/offers", [Ann]);
        string?[] bad =
        [
            "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\n", "agi_network: yes\n\n", "agi_network_script: acme/voice.manual/offers\n\n", good.Replace("agi_network: yes", "agi_network: no", StringComparison.Ordinal),
            "agi_network: yes\n" + good, new string('x', 3_000) + "\n\n", "agi_x: " + new string('y', 100_000), string.Concat(Enumerable.Range(0, 300).Select(static i => $"agi_x{i}: 1\n")) + "\n",
            // Begun, and never ended.
            "agi_network: yes\n", null,
        ];
        var slow = bad.Select(sent => Task.Run(async () =>
        {
            using var client = new TcpClient();
            await client.ConnectAsync(desk.Place);
            await using var stream = client.GetStream();
            try
            {
                if (sent is not null)
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(sent));
                return await stream.ReadAsync(new byte[100]);
            }
            catch (IOException)
            {
                return 0;
            }
        })).ToList();
        Assert.Equal("permitted", (await desk.CallAsync("acme/voice.manual/offers", [Ann])).Verdict);
        Assert.All(await Task.WhenAll(slow), static read => Assert.Equal(0, read));
        Assert.Equal([RecordType.ConsentGiven, RecordType.PermitIssued, RecordType.PermitRedeemed], await RecordsAsync(house));
    }

    [Fact]
    public async Task No_value_of_a_dialplan_ends_a_command_or_begins_one()
    {
        await using var house = await BridgeHouse.BuildAsync();
        await using var desk = await AgiAsterisk.BuildAsync(house);
        foreach (var number in (string[])["\" \nHANGUP", "+447400123456\"", "\\", "x\r", new string('7', 1_900)])
        {
            var call = await desk.CallAsync("acme/voice.manual/offers", [number.Replace("\n", " ", StringComparison.Ordinal)]);
            Assert.Equal(("refused", true), (call.Verdict, call.IsHungUp));
            Assert.All(call.Commands, static command => Assert.Matches("^(SET VARIABLE [A-Z_]+ \"[a-z-]*\"|VERBOSE \"[^\"]*\" 3|HANGUP)$", command));
            Assert.DoesNotContain(call.Commands, static command => command.Contains("7400", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("4573", "one", null, null)]
    [InlineData("127.0.0.1:4573", "one", null, null)]
    [InlineData("[::1]:4573", "one", null, null)]
    [InlineData("0.0.0.0:4573", "one", "sixteen letters.", null)]
    [InlineData("0.0.0.0:4573", "one", null, "Agi.NoSecret")]
    [InlineData("192.0.2.1:4573", "one", null, "Agi.NoSecret")]
    [InlineData("4573", "one", "short", "Agi.NoSecret")]
    [InlineData("4573", null, null, "Agi.BadKey")]
    [InlineData("4573", "broken", null, "Agi.BadKey")]
    [InlineData("4573", "twice", null, "Agi.BadKey")]
    [InlineData("localhost:4573", "one", null, "Agi.BadPlace")]
    [InlineData("127.0.0.1:0", "one", null, "Agi.BadPlace")]
    [InlineData("127.0.0.1:99999", "one", null, "Agi.BadPlace")]
    public void It_listens_to_this_machine_only_unless_there_is_a_secret(string place, string? key, string? secret, string? amiss)
    {
        var good = ApiKey.New("acme").Show();
        var keys = key switch { "one" => good, "twice" => good + " " + good, var other => other };
        Assert.Equal(amiss, AgiHost.TryRead(place, name => name == AgiHost.SecretVariable ? secret : keys, out _, out _, out _));
    }
}
