using NodaTime;
using Ringfence.Gateways;
using Ringfence.People;

namespace Ringfence.Server.Gateways;

/// <summary>One message to one number or address. <see cref="ToString"/> tells nothing of it.</summary>
internal sealed record OutMessage
{
    /// <summary>With what the subject of a mail begins that brings a <see cref="StopToken"/> back.</summary>
    public const string StopSubject = "stop ";

    private const int LongestText = 100_000;
    private const int LongestLine = 500;

    private OutMessage()
    {
    }

    /// <summary>Ours: by it a report, and an attempt that may have arrived, is known again.</summary>
    public string Id { get; private init; } = "";

    public Channel Channel { get; private init; }

    public ContactPoint To { get; private init; } = null!;

    public string Text { get; private init; } = "";

    /// <summary>Of a mail.</summary>
    public string Subject { get; init; } = "";

    /// <summary>BCP 47, of the text.</summary>
    public string Language { get; init; } = "en";

    /// <summary>Who sends it, beside the address of a mail; null: as the gateway has it.</summary>
    public string? SenderName { get; init; }

    /// <summary>The code in it, where it carries one: where texts have to be templates it goes into one.</summary>
    public string? Code { get; init; }

    /// <summary>Where one click ends it all: <c>List-Unsubscribe</c> of a mail. Source: RFC 8058, RFC 2369.</summary>
    public Uri? OneClick { get; init; }

    /// <summary>What a mail to the address that does the same says behind <see cref="StopSubject"/>, so that it is known which of ours it ends; null: nothing.</summary>
    public string? StopToken { get; init; }

    /// <summary>By what a report on it is believed; null: nobody hears one.</summary>
    public ReportPlace? Report { get; init; }

    /// <summary>Whether nobody asked for this very message; answers and codes are not.</summary>
    public bool IsBulk { get; init; }

    /// <summary>Whether it is the one answer to somebody's no: there is nothing left that could be ended.</summary>
    public bool IsLast { get; init; }

    /// <summary>The same with something behind it; as it is, where that would be too much.</summary>
    public OutMessage And(string text) => Text.Length + text.Length > LongestText ? this : this with { Text = Text + text };

    /// <summary>Makes one.</summary>
    /// <exception cref="ArgumentException">It can't be sent on this channel, or holds what would be read as something else on the way.</exception>
    public static OutMessage Of(string id, Channel channel, ContactPoint to, string text, string subject = "")
    {
        if (!to.Channels.Has(channel))
            throw new ArgumentException("The channel does not reach it.", nameof(channel));
        if (text.Length is 0 or > LongestText || text.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException("No text, or too much of it.", nameof(text));
        if (id.Length is 0 or > 64 || !id.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') || subject.Length > LongestLine || subject.Any(char.IsControl))
            throw new ArgumentException("An id or a subject that is no line.", nameof(id));
        return new OutMessage { Id = id, Channel = channel, To = to, Text = text, Subject = subject };
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Id} {Channel.Word()}";
}

/// <summary>Where a report on a message goes.</summary>
/// <param name="Controller">Whose it is.</param>
/// <param name="Token">Made by <see cref="ReportSeals"/>.</param>
internal sealed record ReportPlace(string Controller, string Token);

/// <summary>Why a message never arrives, however often it is sent.</summary>
internal enum RefusedFor : byte
{
    /// <summary>The person blocks us, there: they don't want it.</summary>
    Blocked,

    /// <summary>There is nobody at the number or address, or not on this channel.</summary>
    Nobody,

    /// <summary>What it says, or how, is not taken.</summary>
    Content,

    /// <summary>We are not let in: a password, an account. Somebody here has to do something.</summary>
    Account,
}

/// <summary>How a message went; never whom it went to.</summary>
internal abstract record Delivery
{
    private Delivery()
    {
    }

    /// <summary>It was taken. Whether it arrived is another matter.</summary>
    /// <param name="Reference">As the provider calls it.</param>
    public sealed record Accepted(string Reference) : Delivery;

    /// <summary>It was not taken, and never will be.</summary>
    /// <param name="For">Why.</param>
    /// <param name="Code">The provider's own code, or a word.</param>
    public sealed record Refused(RefusedFor For, string Code) : Delivery;

    /// <summary>It may be tried again.</summary>
    /// <param name="Code">The provider's own code, or a word.</param>
    /// <param name="After">Not before; null: whenever.</param>
    /// <param name="MayHaveArrived">Nobody knows whether it was taken: whoever sends it again may send it twice.</param>
    public sealed record Later(string Code, Duration? After = null, bool MayHaveArrived = false) : Delivery;

    /// <summary>A stable word for counts.</summary>
    public string Word => this switch { Accepted => "accepted", Refused refused => "refused-" + NameOf(refused.For), _ => "later" };

    /// <summary>The word of a reason.</summary>
    public static string NameOf(RefusedFor why) => why switch
    {
        RefusedFor.Blocked => "blocked",
        RefusedFor.Nobody => "nobody",
        RefusedFor.Content => "content",
        RefusedFor.Account => "account",
        _ => throw new ArgumentOutOfRangeException(nameof(why)),
    };
}

/// <summary>One way out. Implementations: <see cref="FileGateway"/>, <see cref="SmtpGateway"/>, <see cref="KannelGateway"/>, <see cref="WhatsappGateway"/>.</summary>
internal interface IChannelGateway : IDisposable
{
    GatewaySetting Setting { get; }

    /// <summary>Makes one attempt. Whatever goes wrong is an outcome; only giving up throws.</summary>
    /// <exception cref="OperationCanceledException">Whoever asked gave up; nobody knows whether it was taken.</exception>
    Task<Delivery> SendAsync(OutMessage message, CancellationToken cancel);
}
