using System.Buffers;
using System.Globalization;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Ringfence.Gateways;

namespace Ringfence.Server.Gateways;

/// <summary>Gives mail to a server. Of each message its own connection: a server that hangs holds up one.</summary>
/// <param name="setting">Names the server.</param>
/// <param name="password">Null: none is shown.</param>
internal sealed class SmtpGateway(GatewaySetting setting, string? password) : IChannelGateway
{
    // A server that looks for spam takes its time.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly SearchValues<char> OfCodes = SearchValues.Create("0123456789.");

    public GatewaySetting Setting => setting;

    public async Task<Delivery> SendAsync(OutMessage message, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        using var mail = Compose(message);
        // Lists of revoked certificates are fetched by plain HTTP from anywhere: a server that may not do that would send nothing.
        using var client = new SmtpClient { CheckCertificateRevocation = false, Timeout = (int)Patience.TotalMilliseconds };
        var given = false;
        try
        {
            await client.ConnectAsync(setting.Host!, setting.Port, setting.Tls switch
            {
                ChannelsFile.ImplicitTls => SecureSocketOptions.SslOnConnect,
                ChannelsFile.NoTls => SecureSocketOptions.None,
                _ => SecureSocketOptions.StartTls,
            }, patience.Token);
            if (setting.User is { } user)
                await client.AuthenticateAsync(user, password!, patience.Token);
            given = true;
            await client.SendAsync(mail, patience.Token);
            var reference = mail.MessageId ?? message.Id;
            try
            {
                await client.DisconnectAsync(quit: true, patience.Token);
            }
            catch (Exception e) when (IsOfTheWay(e) || e is OperationCanceledException)
            {
                // It was taken before; whether they say good-bye is no matter.
            }

            return new Delivery.Accepted(reference);
        }
        catch (SmtpCommandException e)
        {
            return Judge(e.ErrorCode, (int)e.StatusCode, e.Message);
        }
        catch (AuthenticationException)
        {
            return new Delivery.Refused(RefusedFor.Account, "password");
        }
        catch (Exception e) when (e is SslHandshakeException or NotSupportedException)
        {
            return new Delivery.Refused(RefusedFor.Account, "tls");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new Delivery.Later("timeout", MayHaveArrived: given);
        }
        catch (Exception e) when (IsOfTheWay(e))
        {
            return new Delivery.Later("connection", MayHaveArrived: given);
        }
    }

    public void Dispose()
    {
    }

    /// <summary>What a server's no means.</summary>
    /// <param name="at">Which part it is about.</param>
    /// <param name="status">RFC 5321.</param>
    /// <param name="text">What else it said; an enhanced code (RFC 3463) may stand first.</param>
    internal static Delivery Judge(SmtpErrorCode at, int status, string text)
    {
        var code = EnhancedOf(text) is { } enhanced ? enhanced : status.ToString(CultureInfo.InvariantCulture);
        // A full mailbox is emptied some day, whatever number the server gives it.
        if (status is < 500 or 552 || code.EndsWith(".2.2", StringComparison.Ordinal))
            return new Delivery.Later(code);
        if (at == SmtpErrorCode.SenderNotAccepted || status is 530 or 534 or 535 or 538)
            return new Delivery.Refused(RefusedFor.Account, code);
        // Source: RFC 3463, X.1.1 bad mailbox, X.1.2 bad system, X.1.6 moved, X.1.10 null MX, X.2.1 disabled; X.7 is about policy and not about who is there.
        var isNobody = code is "5.1.1" or "5.1.2" or "5.1.3" or "5.1.6" or "5.1.10" or "5.2.1" || (EnhancedOf(text) is null && at == SmtpErrorCode.RecipientNotAccepted && status is 550 or 551 or 553);
        return new Delivery.Refused(isNobody ? RefusedFor.Nobody : RefusedFor.Content, code);
    }

    private static string? EnhancedOf(string text)
    {
        var word = text.AsSpan().TrimStart();
        var end = word.IndexOfAny(' ', '\n');
        word = end < 0 ? word : word[..end];
        return word.Length is >= 5 and <= 9 && word[0] is '4' or '5' && word[1] == '.' && word.Count('.') == 2 && !word.ContainsAnyExcept(OfCodes) ? word.ToString() : null;
    }

    private static bool IsOfTheWay(Exception e) => e is IOException or SocketException or ProtocolException or ServiceNotConnectedException;

    private MimeMessage Compose(OutMessage message)
    {
        var from = new MailboxAddress(message.SenderName ?? setting.SenderName ?? "", setting.From!);
        var mail = new MimeMessage([from], [new MailboxAddress("", message.To.Value)], message.Subject, new TextPart("plain") { Text = message.Text })
        {
            MessageId = $"{message.Id}@{from.Domain}",
        };
        mail.Headers.Add("Content-Language", message.Language);
        // Source: RFC 2369, section 3.2: the ways, the one that is liked best first.
        string[] ways = [.. new[] { setting.Unsubscribe is { } general ? $"mailto:{general}?subject={Uri.EscapeDataString(message.StopToken is { } token ? OutMessage.StopSubject + token : "unsubscribe")}" : null, message.OneClick?.AbsoluteUri }.OfType<string>()];
        if (ways.Length > 0 && !message.IsLast)
            mail.Headers.Add(HeaderId.ListUnsubscribe, string.Join(", ", ways.Select(static way => $"<{way}>")));
        // Source: RFC 8058, section 3.1: an https address, and the header that says what a POST to it does.
        if (message.OneClick?.Scheme == Uri.UriSchemeHttps)
            mail.Headers.Add("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");

        if (message.Report is { } report)
            mail.Headers.Add(MailReport.Header, report.Token);

        // So that no machine that answers for people answers it. Source: RFC 3834.
        mail.Headers.Add("Auto-Submitted", "auto-generated");
        if (message.IsBulk)
            mail.Headers.Add("Precedence", "bulk");
        return mail;
    }
}
