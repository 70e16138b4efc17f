using NodaTime;
using Ringfence.Gateways;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Gateways;

/// <summary>Sends one message of a controller. Whether it may be sent is settled before: by a permit, or because the person asked for it just now.</summary>
internal static class Sending
{
    /// <summary>Sends it, with how it is ended. Where the provider says that the person blocks us there, that is written down as their no.</summary>
    public static async Task<Delivery> SendAsync(Installation installation, GatewaySet gateways, LedgerRow ledger, OutMessage message, CancellationToken cancel)
    {
        if (gateways.Of(ledger.Controller, message.Channel) is not { } gateway)
            return new Delivery.Refused(RefusedFor.Account, "no-gateway");
        var now = Instant.FromDateTimeOffset(installation.Time.GetUtcNow());
        var sent = await WaysOut.AddAsync(installation, gateways, ledger, message, cancel);
        if (gateways.HearsReports(gateway.Setting, ledger.Controller))
            sent = sent with { Report = new ReportPlace(ledger.Controller, installation.Seals.Seal(ledger.Controller, message.Channel, message.To, now)) };
        var delivery = await gateway.SendAsync(sent, cancel);
        // What the house knows of its own carrier's codes.
        if (delivery is Delivery.Refused { Code: var code } && gateway.Setting.Blocked.Contains(code, StringComparer.OrdinalIgnoreCase))
            delivery = new Delivery.Refused(RefusedFor.Blocked, code);
        Meters.Delivered(message.Channel.Word(), delivery.Word);
        if (delivery is Delivery.Refused { For: RefusedFor.Blocked })
            await ReportTaking.BlockedAsync(installation, ledger, new ReportedMessage(message.Id, message.Channel, message.To, now), cancel);
        return delivery;
    }
}
