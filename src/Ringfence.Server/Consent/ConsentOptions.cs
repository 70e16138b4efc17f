using System.CommandLine;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Cli;
using Ringfence.Server.Gate;
using Ringfence.Server.Ledger;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Consent;

/// <summary>Which step of a consent is written down.</summary>
internal enum ConsentStep
{
    /// <summary>A yes.</summary>
    Record,

    /// <summary>A question, or a yes that waits for its confirmation.</summary>
    Request,

    /// <summary>That it was confirmed from the number or address itself.</summary>
    Confirm,
}

/// <summary>What is said of a consent.</summary>
internal sealed record ConsentAsked
{
    public ConsentEvidence? Evidence { get; init; }

    /// <summary>The scan of the paper, to be kept: the one that the evidence names. Null: none was brought.</summary>
    public ScanFile? Scan { get; private init; }

    /// <summary>As <c>--wording</c> has it; null: the evidence names it.</summary>
    public string? Wording { get; init; }

    public string? Language { get; init; }

    public ChannelSet? Channels { get; init; }

    public IReadOnlyList<string>? Purposes { get; init; }

    /// <summary>When; null: now, or as the evidence says.</summary>
    public Instant? At { get; init; }

    public required Instant Now { get; init; }

    /// <summary>Who says when, where it is not now.</summary>
    public EventSource TimeFrom { get; init; } = EventSource.Staff;

    public string? Name { get; init; }

    public string? Residence { get; init; }

    public ContactSource From { get; init; } = ContactSource.Form;

    /// <summary>What is confirmed; null: the newest question or yes.</summary>
    public long? Request { get; init; }

    /// <summary>The wording that was answered, and when: nothing but that is confirmed; null: whichever is.</summary>
    public (Digest Wording, Instant At)? Answered { get; init; }

    public Channel? Via { get; init; }

    public string? Message { get; init; }

    /// <summary>The same with the scan of the paper, which the evidence then names.</summary>
    /// <exception cref="CommandRefusedException"><c>scan-not-here</c>: there is no evidence that could; <c>scan-differs</c>: it names another.</exception>
    public ConsentAsked With(ScanFile scan) => Evidence switch
    {
        null => throw new CommandRefusedException("scan-not-here"),
        { Scan: { } named } when named != scan.Digest => throw new CommandRefusedException("scan-differs"),
        _ => this with { Scan = scan, Evidence = Evidence with { Scan = scan.Digest } },
    };
}

/// <summary>The options of <c>consent record</c>, <c>request</c> and <c>confirm</c>.</summary>
internal sealed class ConsentOptions(ConsentStep step)
{
    // Who says yes to us comes from us. Whom others hand over comes by an import, with the papers that show the chain.
    public static readonly string[] Sources = ["form", "inbound", "customer", "event", "referral"];

    private readonly Option<string?> wording = new("--wording") { HelpName = "ID@VERSION|DIGEST", Description = CliText.Say("Consent.Option.wording") };
    private readonly Option<string?> language = new("--shown-in") { HelpName = "LANG", Description = CliText.Say("Consent.Option.shownIn") };
    private readonly Option<string?> channels = new("--channels") { HelpName = "voice,sms,...", Description = CliText.Say("Consent.Option.channels") };
    private readonly Option<string?> purposes = new("--purposes") { HelpName = "offers,...", Description = CliText.Say("Consent.Option.purposes") };
    private readonly Option<string?> at = new("--at") { HelpName = "INSTANT", Description = CliText.Say("Consent.Option.at") };
    private readonly Option<string?> timeFrom = Among("--time-from", "Consent.Option.timeFrom", "staff", "provider");
    private readonly Option<string?> name = new("--name") { HelpName = "NAME", Description = CliText.Say("Consent.Option.name") };
    private readonly Option<string?> residence = new("--residence") { HelpName = "XX", Description = CliText.Say("Consent.Option.residence") };
    private readonly Option<string?> source = new("--source") { HelpName = "KIND", Description = CliText.Say("Consent.Option.source", string.Join(", ", Sources)) };
    private readonly Option<long?> request = new("--request") { HelpName = "RECORD", Description = CliText.Say("Consent.Option.request") };
    private readonly Option<string?> via = Among("--via", "Consent.Option.via", "sms", "whatsapp", "voice", "email");
    private readonly Option<string?> message = new("--message") { HelpName = "ID", Description = CliText.Say("Consent.Option.message") };

    public Argument<string> Point { get; } = new("POINT") { Description = CliText.Say("Contact.Argument.POINT") };

    public Option<string?> Evidence { get; } = new("--evidence")
    {
        HelpName = "FILE", Required = step == ConsentStep.Record, Description = CliText.Say(step == ConsentStep.Record ? "Consent.Option.evidence" : "Consent.Option.evidence." + step),
    };

    public Option<string?> Scan { get; } = new("--scan") { HelpName = "PATH", Description = CliText.Say("Consent.Option.scan") };

    public void AddTo(Command command)
    {
        source.AcceptOnlyFromAmong(Sources);
        command.Options.Add(Evidence);
        if (step == ConsentStep.Record)
            command.Options.Add(Scan);
        foreach (var option in step == ConsentStep.Confirm
            ? (ReadOnlySpan<Option>)[via, message, at, timeFrom, request]
            : [wording, language, channels, purposes, at, timeFrom, name, residence, source])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Reads what was said.</summary>
    /// <exception cref="CommandRefusedException"><c>bad-channel</c>, <c>bad-purpose</c>, <c>bad-instant</c>, <c>bad-place</c>, <c>said-twice</c>.</exception>
    public ConsentAsked Read(ParseResult parsed, TimeProvider time, ConsentEvidence? evidence)
    {
        var stated = parsed.GetValue(at) is { } text ? KnownContactOptions.InstantOf(text, time) : (Instant?)null;
        var asked = new ConsentAsked
        {
            Evidence = evidence,
            At = stated,
            Now = Instant.FromDateTimeOffset(time.GetUtcNow()),
            TimeFrom = parsed.GetValue(timeFrom) == "provider" ? EventSource.Provider : EventSource.Staff,
        };
        if (step == ConsentStep.Confirm)
        {
            if (evidence?.Confirmation is not null && (stated ?? (object?)parsed.GetValue(via) ?? parsed.GetValue(message)) is not null)
                throw new CommandRefusedException("said-twice", "--via, --message, --at", "confirmation");
            return asked with
            {
                Request = parsed.GetValue(request),
                Via = parsed.GetValue(via) is { } word && Channels.TryParse(word, out var channel) ? channel : null,
                Message = parsed.GetValue(message),
            };
        }

        if (stated is not null && evidence?.At is not null)
            throw new CommandRefusedException("said-twice", "--at", "at");
        var scope = ScopeArguments.Read(parsed.GetValue(channels), parsed.GetValue(purposes));
        return asked with
        {
            Wording = parsed.GetValue(wording),
            Language = parsed.GetValue(language),
            Channels = parsed.GetValue(channels) is null ? null : scope.Channels,
            Purposes = scope.Purposes,
            Name = string.IsNullOrWhiteSpace(parsed.GetValue(name)) ? null : parsed.GetValue(name)!.Trim(),
            Residence = parsed.GetValue(residence) is { } place ? PlaceOf(place) : null,
            From = parsed.GetValue(source) is { } from && Words<ContactSource>.TryParse(from, out var kind) ? kind : ContactSource.Form,
        };
    }

    /// <summary>An ISO 3166 code as somebody wrote it.</summary>
    /// <exception cref="CommandRefusedException"><c>bad-place</c>.</exception>
    public static string PlaceOf(string text)
    {
        var code = text.ToUpperInvariant();
        return code.Split('-') is [{ Length: 2 } country, ..] && country.All(char.IsAsciiLetterUpper) && code.Length <= 6 && code.All(static c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '-')
            ? code
            : throw new CommandRefusedException("bad-place", text);
    }

    private static Option<string?> Among(string name, string key, params string[] words)
    {
        var option = new Option<string?>(name) { HelpName = string.Join('|', words), Description = CliText.Say(key) };
        option.AcceptOnlyFromAmong(words);
        return option;
    }
}
