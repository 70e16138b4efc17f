using Ringfence.People;
using Ringfence.Server.Pages;

namespace Ringfence.Server.Codes;

/// <summary>By which channel a code goes to a number or address. Whether there is one depends on the controller's gateways alone, and tells nothing of anybody.</summary>
internal static class CodeWay
{
    private static readonly Channel[] ToPhones = [Channel.Sms, Channel.Whatsapp];
    private static readonly Channel[] ToAddresses = [Channel.Email];

    /// <summary>Null: no gateway of the controller reaches it.</summary>
    public static CodeSending? Of(PageCall call, ContactPoint point)
    {
        foreach (var channel in point.Kind == PointKind.Phone ? ToPhones : ToAddresses)
        {
            if (call.Served.Gateways.Of(call.Controller, channel) is not null)
                return new CodeSending(channel, call.Controllers[call.Controller], call.Words.Tag, call.Http.Connection.RemoteIpAddress);
        }

        return null;
    }
}
