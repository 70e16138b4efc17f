using System.Net;
using System.Text;
using NodaTime;
using Ringfence.Gateways;
using Ringfence.Server.Webhooks;

namespace Ringfence.Server.Gateways;

/// <summary>Gives text messages to a Kannel: <c>sendsms</c> by POST, so that neither number, text nor password stands in an address that is logged on the way.</summary>
/// <remarks>Source: Kannel user's guide 1.4.5, "Using the HTTP interface to send SMS messages", and seen.</remarks>
/// <param name="setting">Where it is.</param>
/// <param name="password">What it wants to see.</param>
/// <param name="client">Speaks to it.</param>
internal sealed class KannelGateway(GatewaySetting setting, string password, HttpMessageInvoker client) : IChannelGateway
{
    private const int MostAnswer = 4096;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public GatewaySetting Setting => setting;

    public async Task<Delivery> SendAsync(OutMessage message, CancellationToken cancel)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(message.Text));
        content.Headers.TryAddWithoutValidation("Content-Type", "text/plain; charset=UTF-8");
        using var request = new HttpRequestMessage(HttpMethod.Post, setting.Url) { Content = content };
        request.Headers.TryAddWithoutValidation("X-Kannel-Username", setting.User);
        request.Headers.TryAddWithoutValidation("X-Kannel-Password", password);
        request.Headers.TryAddWithoutValidation("X-Kannel-From", setting.From);
        request.Headers.TryAddWithoutValidation("X-Kannel-To", message.To.Value);
        // What the alphabet of text messages lacks goes as UCS-2.
        request.Headers.TryAddWithoutValidation("X-Kannel-Coding", IsGsm(message.Text) ? "0" : "2");
        if (message.Report is { } report && setting.Reports is { } address)
        {
            // Kannel knows no other way to report than GET: what stands in the address tells nothing, and is good for this message alone.
            request.Headers.TryAddWithoutValidation("X-Kannel-DLR-Mask", KannelReport.Mask);
            request.Headers.TryAddWithoutValidation("X-Kannel-DLR-URL", $"{address}{InboundHooks.Root}kannel/{report.Controller}/report/{report.Token}?status=%d&answer=%A");
        }

        var (answer, body, fault) = await HttpAttempt.SendAsync(client, request, Patience, MostAnswer, cancel);
        return answer is not { } status ? new Delivery.Later(fault!, MayHaveArrived: fault is "timeout" or "connection") : Judge(status, Encoding.UTF8.GetString(body), message.Id);
    }

    public void Dispose() => client.Dispose();

    /// <summary>What its answer means.</summary>
    internal static Delivery Judge(HttpStatusCode status, string body, string id) => status switch
    {
        // 0: given to the carrier's connection; 3: kept until it is up.
        HttpStatusCode.Accepted or HttpStatusCode.OK => new Delivery.Accepted(id),
        HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized => new Delivery.Refused(RefusedFor.Account, "password"),
        HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed => new Delivery.Refused(RefusedFor.Account, "url"),
        HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout => new Delivery.Later("status", Duration.FromMinutes(1)),
        >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError => new Delivery.Refused(
            body.Contains("receiver", StringComparison.OrdinalIgnoreCase) || body.Contains("black-list", StringComparison.OrdinalIgnoreCase) ? RefusedFor.Nobody : RefusedFor.Content, "status"),
        >= HttpStatusCode.InternalServerError => new Delivery.Later("status"),
        _ => new Delivery.Refused(RefusedFor.Account, "redirect"),
    };

    // Source: 3GPP TS 23.038, section 6.2.1, what a Latin text uses of the default alphabet; what else there is in it goes as UCS-2 without harm.
    private static bool IsGsm(string text) => text.All(static c => c is >= ' ' and <= '~' and not ('`' or '[' or ']' or '{' or '}' or '\\' or '^' or '|' or '~') || c is '\n' or 'à' or 'é' or 'è' or 'ù' or 'ì' or 'ò' or 'ä' or 'ö' or 'ü' or 'Ä' or 'Ö' or 'Ü' or 'ß' or 'ñ');
}
