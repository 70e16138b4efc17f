using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Gateways;

/// <summary>Sends one message of a controller. Whether it may be sent is settled before: by a permit, or because the person asked for it just now.</summary>
internal static class Sending
{
    private static readonly Actor Gateway = new(ActorKind.Client, "gateway");

    /// <summary>Sends it, with how it is ended. Where the provider says that the person blocks us there, that is written down as their no.</summary>
    public static async Task<Delivery> SendAsync(Installation installation, GatewaySet gateways, LedgerRow ledger, OutMessage message, CancellationToken cancel)
    {
        if (gateways.Of(ledger.Controller, message.Channel) is not { } gateway)
            return new Delivery.Refused(RefusedFor.Account, "no-gateway");
        var delivery = await gateway.SendAsync(await WaysOut.AddAsync(installation, gateways, ledger, message, cancel), cancel);
        Meters.Delivered(message.Channel.Word(), delivery.Word);
        if (delivery is Delivery.Refused { For: RefusedFor.Blocked })
            await BlockedAsync(installation, ledger, message, cancel);
        return delivery;
    }

    private static Task<CommandAnswer> BlockedAsync(Installation installation, LedgerRow ledger, OutMessage message, CancellationToken cancel) => SayingNo.DoAsync(
        installation, ledger, Gateway, [installation.TagsOf(message.To)], new SuppressionScope(message.Channel.Only(), null),
        new RefusalFacts(SuppressedBy.Platform, SuppressionKind.Suppression, "api"), static () => Task.FromResult<IReadOnlyList<PointTags>>([]), null, cancel);
}
