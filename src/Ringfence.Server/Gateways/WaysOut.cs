using Ringfence.Gateways;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Gateways;

/// <summary>Where somebody chooses, and where they stop it all.</summary>
/// <param name="Choices">The page of their choices.</param>
/// <param name="Stop">Where one click ends it.</param>
internal sealed record WaysOut(Uri Choices, Uri Stop)
{
    /// <summary>The same message with how it is ended: of a mail the links to the person's own pages, where anybody is known by the address; of a text that can be answered the word that does it.</summary>
    public static async Task<OutMessage> AddAsync(Installation installation, GatewaySet gateways, LedgerRow ledger, OutMessage message, CancellationToken cancel)
    {
        if (message.IsLast)
            return message;
        if (message.Channel == Channel.Email)
        {
            return await OfAsync(installation, ledger, gateways.Address, message.To, cancel) is not { } links ? message
                : (message.OneClick is null ? message with { OneClick = links.Stop, StopToken = links.Stop.Segments[^1] } : message).And("\n\n" + WayOutText.Links(message.Language, links.Choices, links.Stop) + "\n");
        }

        // A word that nobody would hear is no way out.
        return gateways.Inbound(message.Channel == Channel.Whatsapp ? InboundKind.Whatsapp : InboundKind.Kannel, ledger.Controller) is null ? message : message.And(" " + WayOutText.Reply(message.Language));
    }

    /// <summary>Those of whoever is known by a number or address; null: nobody is, or nobody said how the world calls this server.</summary>
    /// <remarks>What a request says of the server's name counts for nothing: whoever sent it could have people's links lead to themselves.</remarks>
    public static async Task<WaysOut?> OfAsync(Installation installation, LedgerRow ledger, Uri? address, ContactPoint point, CancellationToken cancel)
    {
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Points.Add(installation.TagsOf(point).Lookup);
        return address is not null && (await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel)).Lookups is [var row]
            ? Of(installation, ledger, address, new PersonLink(new OpaqueId(row.Sid), new OpaqueId(row.Point))) : null;
    }

    /// <summary>Where anybody gets to their own page, by a code; null: nobody said how the world calls this server.</summary>
    public static Uri? Entrance(LedgerRow ledger, Uri? address) => address is null ? null : new Uri($"{address.GetLeftPart(UriPartial.Authority)}/p/{Uri.EscapeDataString(ledger.Controller)}");

    /// <summary>Those of a person.</summary>
    public static WaysOut Of(Installation installation, LedgerRow ledger, Uri address, PersonLink link)
    {
        var root = address.GetLeftPart(UriPartial.Authority);
        var controller = Uri.EscapeDataString(ledger.Controller);
        return new WaysOut(
            new Uri($"{root}/p/{controller}/{installation.Links.Make(ledger.Controller, LinkAct.Preferences, link)}"), new Uri($"{root}/u/{controller}/{installation.Links.Make(ledger.Controller, LinkAct.Stop, link)}"));
    }
}
