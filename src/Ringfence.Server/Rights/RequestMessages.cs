using System.Security.Cryptography;
using Ringfence.People;
using Ringfence.Server.Gateways;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rights;

/// <summary>What goes to somebody about a request of theirs. Only to whoever has shown that the number or address is theirs: else anybody could have messages sent to anybody.</summary>
internal static class RequestMessages
{
    /// <summary>A subject, and a text.</summary>
    internal readonly record struct Message(string Subject, string Text);

    /// <summary>Whether one can go there.</summary>
    public static bool CanSend(GatewaySet gateways, LedgerRow ledger, ContactPoint point) => gateways.Of(ledger.Controller, ViaOf(point)) is not null;

    /// <summary>Sends one.</summary>
    /// <returns>False: it did not go, and somebody has to tell them by hand.</returns>
    public static async Task<bool> SendAsync(Installation installation, GatewaySet gateways, LedgerRow ledger, ContactPoint point, string language, Message message, CancellationToken cancel)
    {
        if (!CanSend(gateways, ledger, point))
            return false;
        var id = "rights_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var via = ViaOf(point);
        var sent = OutMessage.Of(id, via, point, message.Text, via == Channel.Email ? message.Subject : "") with { Language = language };
        return await Sending.SendAsync(installation, gateways, ledger, sent, cancel) is Delivery.Accepted;
    }

    /// <summary>That it came in, and by when it is answered.</summary>
    public static Message Acknowledged(PageCall call, StoredRequest request, string status)
    {
        var words = PageCall.WordsOf(request.Row.Language);
        var name = call.Controllers[call.Controller];
        return new Message(words.Say("Rights.Mail.Subject", name, request.Number), words.Say("Rights.Mail.Received", name, request.Number, words.Date(request.Told.Due(call.Now.InUtc().Date)), status));
    }

    /// <summary>What staff write to them, with the number of their request; of a refusal also where they can complain.</summary>
    /// <param name="name">In whose name.</param>
    /// <param name="request">Theirs.</param>
    /// <param name="text">What is written.</param>
    /// <param name="isRefusal">Whether it is a refusal.</param>
    public static Message Written(string name, StoredRequest request, string text, bool isRefusal)
    {
        var words = PageCall.WordsOf(request.Row.Language);
        return new Message(words.Say("Rights.Mail.Subject", name, request.Number), words.Say("Rights.Mail.Written", name, request.Number, text) + (isRefusal ? "\n\n" + words.Say("Rights.Authority") : ""));
    }

    private static Channel ViaOf(ContactPoint point) => point.Kind == PointKind.Phone ? Channel.Sms : Channel.Email;
}
