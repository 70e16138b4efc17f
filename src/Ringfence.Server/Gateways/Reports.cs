using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MimeKit;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Gateways;
using Ringfence.Ledger;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Rights;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Gateways;

/// <summary>What a provider says, later, of a message that it took.</summary>
internal enum Reported : byte
{
    Arrived,

    /// <summary>It is still tried.</summary>
    Underway,

    /// <summary>It never will arrive. That is no no: the person never said it.</summary>
    Failed,

    /// <summary>The person blocks us there.</summary>
    Blocked,

    /// <summary>The person called it abuse.</summary>
    Complained,
}

/// <summary>Takes what providers report: a block and a complaint close the channel, once; nothing else changes anything, and nothing opens anything.</summary>
internal static class ReportTaking
{
    private static readonly Actor Gateway = new(ActorKind.Client, "gateway");

    // Carriers and mail servers try for some days; what is reported later of a block is somebody's copy. Who complains has the message, and may do so whenever they read it.
    private static readonly Duration Oldest = Duration.FromDays(7);

    /// <summary>Takes one.</summary>
    /// <exception cref="ApiFault">The store is away: it is kept here, and has to be reported again.</exception>
    public static async Task TakeAsync(Served served, LedgerRow ledger, ReportedMessage about, Reported how, CancellationToken cancel)
    {
        var installation = served.Installation;
        if (how == Reported.Complained)
            await CloseAsync(installation, ledger, about, new RefusalFacts(SuppressedBy.Complaint, SuppressionKind.Suppression, RequestIntake.ComplaintWay), cancel);
        else if (how == Reported.Blocked && Instant.FromDateTimeOffset(installation.Time.GetUtcNow()) - about.SentAt <= Oldest)
            await BlockedAsync(installation, ledger, about, cancel);
        Meters.Reported(about.Channel.Word(), WordOf(how));
    }

    /// <summary>The provider says that the person blocks us there.</summary>
    public static Task BlockedAsync(Installation installation, LedgerRow ledger, ReportedMessage about, CancellationToken cancel) =>
        CloseAsync(installation, ledger, about, new RefusalFacts(SuppressedBy.Platform, SuppressionKind.Suppression, "api"), cancel);

    private static Task<CommandAnswer> CloseAsync(Installation installation, LedgerRow ledger, ReportedMessage about, RefusalFacts facts, CancellationToken cancel) => SayingNo.DoAsync(
        installation, ledger, Gateway, [installation.TagsOf(about.Point)], new SuppressionScope(about.Channel.Only(), null), facts, static () => Task.FromResult<IReadOnlyList<PointTags>>([]),
        new ClientKey($"report-{Words<SuppressedBy>.Of(facts.By)}-{ledger.Controller}", about.Id, SHA256.HashData(Encoding.UTF8.GetBytes(about.Id))), cancel);

    private static string WordOf(Reported how) => how switch
    {
        Reported.Arrived => "arrived",
        Reported.Underway => "underway",
        Reported.Failed => "failed",
        Reported.Blocked => "blocked",
        Reported.Complained => "complained",
        _ => throw new ArgumentOutOfRangeException(nameof(how)),
    };
}

/// <summary>A delivery report of Kannel's, which it tells by GET alone: <c>status=%d</c> and <c>answer=%A</c>.</summary>
/// <remarks>Source: Kannel user's guide 1.4.5, "Delivery reports": 1 delivered, 2 not delivered, 4 queued, 8 taken by the carrier, 16 not taken by it; and seen.</remarks>
internal static class KannelReport
{
    /// <summary>Those that are final; asking for the others would only be more of them.</summary>
    public const string Mask = "19";

    private const int Delivered = 1;
    private const int Failed = 2 | 16;

    public static Reported Read(string status, string answer, GatewaySetting? setting)
    {
        if (!int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return Reported.Underway;
        return (number & Failed) != 0 ? setting is not null && CodeOf(answer) is { } code && setting.Blocked.Contains(code, StringComparer.OrdinalIgnoreCase) ? Reported.Blocked : Reported.Failed
            : number == Delivered ? Reported.Arrived : Reported.Underway;
    }

    // "NACK/0x0000000b/Invalid Destination" where the carrier took nothing; "id:1 sub:001 dlvrd:000 ... stat:UNDELIV err:045 text:" of what it took. Source: SMPP 3.4, appendix B.
    private static string? CodeOf(string answer)
    {
        if (answer.Split('/') is ["NACK", var code, ..])
            return code;
        const string Name = "err:";
        var at = answer.IndexOf(Name, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? null : answer[(at + Name.Length)..].Split(' ', 2)[0];
    }
}

/// <summary>What mail servers report of a mail of ours, by mail: that it could not be delivered (RFC 3464), or that whoever got it called it abuse (RFC 5965).</summary>
/// <param name="Token">What the mail carried, by which the report is believed; null: nothing that a report could be believed by.</param>
/// <param name="How">What it says.</param>
/// <param name="Codes">The enhanced codes of those that failed.</param>
internal sealed record MailReport(string? Token, Reported How, IReadOnlyList<string> Codes)
{
    /// <summary>Stands in every mail whose reports are heard, and comes back with it.</summary>
    public const string Header = "X-Ringfence-Report";

    /// <summary>Reads it; null: it is none of these two.</summary>
    public static MailReport? Read(MimeMessage mail)
    {
        if (mail.Body is not MultipartReport report)
            return null;
        try
        {
            var about = TokenIn(report);
            if (report.OfType<MessageFeedbackReport>().FirstOrDefault() is { } feedback)
            {
                // Source: RFC 5965, section 7.3, and RFC 6430: others are about viruses, signatures, and mail that was taken for spam and is none.
                return feedback.Fields["Feedback-Type"]?.Trim() is { } type && (type.Equals("abuse", StringComparison.OrdinalIgnoreCase) || type.Equals("fraud", StringComparison.OrdinalIgnoreCase))
                    ? new MailReport(about, Reported.Complained, []) : null;
            }

            // The first group is about the report itself, each further one about a recipient.
            var told = report.OfType<MessageDeliveryStatus>().SelectMany(static status => status.StatusGroups.Skip(1)).ToList();
            if (told.Count == 0)
                return null;
            var failed = told.Where(static one => Is(one, "failed")).ToList();
            return failed.Count > 0 ? new MailReport(about, Reported.Failed, [.. failed.Select(static one => (one["Status"] ?? "").Trim().Split(' ', '(')[0])])
                : new MailReport(about, told.TrueForAll(static one => Is(one, "delayed")) ? Reported.Underway : Reported.Arrived, []);
        }
        catch (Exception e) when (e is FormatException or IOException)
        {
            return null;
        }
    }

    private static bool Is(HeaderList told, string action) => (told["Action"] ?? "").Trim().Equals(action, StringComparison.OrdinalIgnoreCase);

    // What is returned of the mail: all of it, or its head.
    private static string? TokenIn(MultipartReport report) =>
        report.OfType<MessagePart>().SelectMany(static part => part.Message?.Headers ?? Enumerable.Empty<Header>()).Where(static header => header.Field.Equals(Header, StringComparison.OrdinalIgnoreCase)).ToList() is [var one] ? one.Value.Trim() : null;
}
