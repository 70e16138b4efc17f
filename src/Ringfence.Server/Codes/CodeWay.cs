using Ringfence.People;
using Ringfence.Server.Pages;
using Ringfence.Server.Rights;

namespace Ringfence.Server.Codes;

/// <summary>By which channel a code goes to a number or address. Whether there is one depends on the controller's gateways alone, and tells nothing of anybody.</summary>
internal static class CodeWay
{
    private static readonly Channel[] ToPhones = [Channel.Sms, Channel.Whatsapp];
    private static readonly Channel[] ToAddresses = [Channel.Email];

    /// <summary>Null: no gateway of the controller reaches it.</summary>
    public static CodeSending? Of(PageCall call, ContactPoint point) =>
        ChannelTo(call, call.Controller, point.Kind) is { } channel ? new CodeSending(channel, call.Controllers[call.Controller], call.Words.Tag, call.Http.Connection.RemoteIpAddress) : null;

    /// <summary>How whoever came by a link, or told a code, is told what came of what they say: where that had gone to. Null: no gateway reaches it.</summary>
    public static AnswerTo? AnswerOf(PageCall call, PointKind kind) => ChannelTo(call, call.Path("controller"), kind) is { } channel ? new AnswerTo(channel, call.Words.Tag) : null;

    private static Channel? ChannelTo(PageCall call, string controller, PointKind kind)
    {
        foreach (var channel in kind == PointKind.Phone ? ToPhones : ToAddresses)
        {
            if (call.Served.Gateways.Of(controller, channel) is not null)
                return channel;
        }

        return null;
    }
}
