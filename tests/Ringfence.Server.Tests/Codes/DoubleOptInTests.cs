using System.Net;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.Tests.Bridges;
using Ringfence.Server.Tests.Gateways;
using Ringfence.Server.Tests.Ledger;
using Xunit;

namespace Ringfence.Server.Tests.Codes;

/// <summary>A yes in two steps, of which the second needs what only the person has.</summary>
public sealed class DoubleOptInTests
{
    private const string Ann = BridgeHouse.Ann;
    private static readonly Actor Form = new(ActorKind.Client, "form-offers");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_permitted_until_the_code_was_told_and_then_what_was_asked()
    {
        using var folder = new GatewayFolder();
        await using var house = await BridgeHouse.BuildAsync(gateways: folder.Open(GatewayFolder.Files + "codes: { places: [GB], per-point-and-day: 2 }\n"));
        var twice = new DoubleOptIn(house.Served, house.House.Ledger, Form);
        var tags = house.House.Tags(Ann);
        var asked = Asked(house);
        Assert.Empty(await twice.AskAsync(tags, asked, "session-1", Channel.Sms, IPAddress.Parse("192.0.2.7"), Cancel));
        Assert.Equal("refused", await house.VerdictAsync("sms"));
        var code = folder.CodeTo(Ann);
        Assert.Null(await twice.ConfirmAsync(tags, BridgeHouse.Wording, "session-2", code, Cancel));
        Assert.Null(await twice.ConfirmAsync(house.House.Tags("+447400123457"), BridgeHouse.Wording, "session-1", code, Cancel));
        Assert.Null(await twice.ConfirmAsync(tags, House.Offers.Digest, "session-1", code, Cancel));
        Assert.Equal("refused", await house.VerdictAsync("sms"));

        var outcome = await twice.ConfirmAsync(tags, BridgeHouse.Wording, "session-1", code, Cancel);
        Assert.NotNull(outcome);
        Assert.Empty(outcome.Findings);
        Assert.Single(outcome.Written);
        Assert.Equal("allowed", await house.VerdictAsync("sms"));
        var size = await house.House.SizeAsync();
        Assert.Null(await twice.ConfirmAsync(tags, BridgeHouse.Wording, "session-1", code, Cancel));

        // What no code went out for leaves no record; and whoever asked is told the same.
        Assert.Empty(await twice.AskAsync(tags, asked, "session-3", Channel.Sms, null, Cancel));
        Assert.True(await house.House.SizeAsync() > size);
        size = await house.House.SizeAsync();
        Assert.Empty(await twice.AskAsync(tags, asked, "session-4", Channel.Sms, null, Cancel));
        Assert.Equal(size, await house.House.SizeAsync());
    }

    private static ConsentAsked Asked(BridgeHouse house)
    {
        var now = Instant.FromDateTimeOffset(house.Time.GetUtcNow());
        return new ConsentAsked
        {
            Now = now, Wording = BridgeHouse.Wording.ToString(), Language = "en", Channels = ChannelSet.Sms, Purposes = ["offers"],
            Evidence = ConsentEvidence.Read("evidence", """
                { "format": "ringfence/consent-evidence/v1", "method": "checkbox", "page": "https://acme.example/offers", "ip": "192.0.2.7", "device": "x", "recorder": { "kind": "client", "ref": "form-offers" } }
                """),
        };
    }
}
