using System.Net;
using Microsoft.Extensions.Primitives;
using NodaTime;
using NodaTime.Text;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.People;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Consent;

/// <summary>A yes as a form of a page says it: to which words, how it was given, and what shows it.</summary>
internal sealed class ConsentForm
{
    private const string Requested = "requested";

    private readonly PageCall call;
    private readonly List<string> channels;
    private readonly List<string> purposes;
    private readonly ScanFile? scan;

    private ConsentForm(PageCall call, PageForm form, ScanForm? sent)
    {
        this.call = call;
        scan = sent?.Scan;
        if (sent?.Fault is { } fault)
            State.Blame("scan", call.T("Consent." + fault));
        To = form.TextOrNull("to");
        foreach (var name in Names)
            State.Keep(name, form.TextOrNull(name));
        channels = [.. State.Keep("channels", form.All("channels"))];
        purposes = [.. State.Keep("purposes", form.All("purposes"))];
        State.Keep("flaws", form.All("flaws"));
        State.Keep("announced", form.All("announced"));
        form.Done();
    }

    /// <summary>Every field of one line.</summary>
    private static IReadOnlyList<string> Names { get; } =
    [
        "wording", "shownIn", "method", "state", "point", "at", "page", "ip", "device", "call", "place", "message", "messageVia", "answer", "account", "platform", "form", "lead", "recording",
        "signature", "guardian", "confirmedAt", "confirmedVia", "confirmedMessage", "name", "residence", "source",
    ];

    /// <summary>The form, to be shown again.</summary>
    public FormState State { get; } = new();

    /// <summary>The number or address, where nobody is known by it; null: the person is in the path.</summary>
    public string? To { get; }

    /// <summary>Reads it.</summary>
    public static async Task<ConsentForm> ReadAsync(PageCall call)
    {
        if (ScanForm.Is(call.Http.Request))
        {
            var sent = await ScanForm.ReadAsync(call.Http, call.RequireToken);
            return new(call, new PageForm(new FormCollection(new Dictionary<string, StringValues>(sent.Fields))), sent);
        }

        var form = await call.FormAsync();
        call.RequireToken(form.TextOrNull(PageForm.Token));
        return new(call, form, null);
    }

    /// <summary>The parts of evidence that a form asks for: all of every set that will do for a method, given as the words ask for it.</summary>
    public static EvidenceParts PartsOf(ConsentMethod method, ChoiceKind choice)
    {
        if (method != ConsentMethod.DoubleOptIn)
            return EvidenceProfile.Needed(method).Aggregate(EvidenceParts.None, static (all, set) => all | set);
        // Of what is confirmed the first answer is given as the words ask for it.
        var first = WordingMethods.Of(choice).FirstOrDefault(static one => one != ConsentMethod.DoubleOptIn, ConsentMethod.Checkbox);
        return EvidenceProfile.Needed(first).Aggregate(EvidenceParts.None, static (all, set) => all | set) | EvidenceParts.Confirmation;
    }

    /// <summary>Writes it down, where nothing stands in the way; else says beside each field what does.</summary>
    public async Task<ConsentOutcome?> TakeAsync(ActTarget target)
    {
        var point = target.Points.FirstOrDefault(one => one.Id.ToString() == State["point"]) ?? (target.Points.Count == 1 ? target.Points[0] : null);
        if (point is null)
            State.Blame("point", call.T("Ask.BadPoint"));
        var isRequest = State["state"] == Requested;
        var evidence = Evidence(point);
        SuppressionScope? scope = null;
        try
        {
            scope = ScopeArguments.Read(channels.Count == 0 ? null : string.Join(',', channels), purposes.Count == 0 ? null : string.Join(',', purposes));
        }
        catch (CommandRefusedException e)
        {
            State.Blame(e.Code == "bad-channel" ? "channels" : "purposes", call.T(e.Code == "bad-channel" ? "Ask.BadChannel" : "Ask.BadPurpose"));
        }

        string? residence = null;
        try
        {
            residence = State["residence"] is { } place ? ConsentOptions.PlaceOf(place) : null;
        }
        catch (CommandRefusedException)
        {
            State.Blame("residence", call.T("Consent.BadPlace"));
        }

        if (State["source"] is { } from && !ConsentOptions.Sources.Contains(from))
            State.Blame("source", call.T("Consent.BadSource"));
        if (!State.IsSound || evidence is null || scope is null || point is null)
            return null;
        var asked = new ConsentAsked
        {
            Evidence = evidence,
            Wording = State["wording"],
            Language = State["shownIn"],
            Channels = channels.Count == 0 ? null : scope.Channels,
            Purposes = scope.Purposes,
            Now = call.Now,
            TimeFrom = EventSource.Staff,
            Name = State["name"],
            Residence = residence,
            From = State["source"] is { } source && Words<ContactSource>.TryParse(source, out var kind) ? kind : ContactSource.Form,
        };
        var taking = new ConsentTaking(call.Installation, call.Ledger, call.Actor, call.Installation.TagsOf(point.Point), scan is null ? asked : asked.With(scan));
        var outcome = await taking.RunAsync(isRequest ? ConsentStep.Request : ConsentStep.Record, call.Cancel);
        Blame(State, outcome.Findings);
        return State.IsSound ? outcome : null;
    }

    /// <summary>Says beside each field what stands in the way, why, and what helps.</summary>
    public static void Blame(FormState state, IReadOnlyList<ConsentFinding> findings)
    {
        foreach (var finding in findings)
        {
            var (why, cure) = ConsentPage.Told(finding);
            state.Blame(FieldOf(finding.Field), why + " " + cure);
        }
    }

    private static string FieldOf(string field) => field switch
    {
        "shown" => "wording",
        "shown.lang" => "shownIn",
        "leadForm" => "platform",
        "recording.digest" => "recording",
        "recording.announced" => "announced",
        "recorder" => "method",
        "confirmation" => "confirmedMessage",
        "confirmation.at" => "confirmedAt",
        "confirmation.via" => "confirmedVia",
        _ => field,
    };

    private ConsentEvidence? Evidence(PointView? point)
    {
        if (!Words<ConsentMethod>.TryParse(State["method"] ?? "", out var method))
        {
            State.Blame("method", call.T("Consent.BadMethod"));
            return null;
        }

        if (State["page"] is { } page && (!Uri.TryCreate(page, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttps))
            State.Blame("page", call.T("Consent.BadPage"));
        if (State["ip"] is { } ip && !IPAddress.TryParse(ip, out _))
            State.Blame("ip", call.T("Consent.BadIp"));
        var flaws = ConsentFlaws.None;
        foreach (var word in Words<ConsentFlaws>.All.Where(word => State.Has("flaws", word)))
            flaws |= Words<ConsentFlaws>.TryParse(word, out var flaw) ? flaw : ConsentFlaws.None;
        var recording = DigestOf("recording");
        var confirmation = Confirmation(point);
        var evidence = new ConsentEvidence
        {
            Method = method,
            At = At("at", point),
            Page = State["page"],
            Call = State["call"],
            Place = State["place"],
            Ip = State["ip"],
            Device = State["device"],
            Message = State["message"] is { } message ? new MessageSeen(message, ChannelOf("messageVia")) : null,
            Answer = State["answer"],
            Account = State["account"],
            LeadForm = State["platform"] is { } platform && State["form"] is { } name && State["lead"] is { } lead ? new LeadFormSeen(platform, name, lead) : null,
            Recording = recording is { } digest ? new Recording(digest, State.Has("announced", "yes")) : null,
            Scan = scan?.Digest,
            Signature = State["signature"] is { } signature && Words<SignatureKind>.TryParse(signature, out var kind) ? kind : null,
            // Who takes down what was said or signed is part of what shows it.
            Recorder = (PartsOf(method, ChoiceKind.Box) & EvidenceParts.Recorder) != 0 ? new Recorder(call.Actor.Kind, call.Actor.Ref) : null,
            Confirmation = confirmation,
            Guardian = State["guardian"],
            Flaws = flaws,
        };
        return State.IsSound ? evidence : null;
    }

    private Confirmation? Confirmation(PointView? point)
    {
        if (State["confirmedMessage"] is not { } message)
            return null;
        if (ChannelOf("confirmedVia") is not { } via)
        {
            State.Blame("confirmedVia", call.T("Ask.BadChannel"));
            return null;
        }

        return new Confirmation(At("confirmedAt", point) ?? call.Now, via, message);
    }

    private Channel? ChannelOf(string name) => State[name] is { } word && Channels.TryParse(word, out var channel) ? channel : null;

    private Digest? DigestOf(string name)
    {
        if (State[name] is not { } text)
            return null;
        if (Digest.TryParse(text.Replace("sha256:", "", StringComparison.OrdinalIgnoreCase).Trim(), out var digest))
            return digest;
        State.Blame(name, call.T("Consent.BadDigest"));
        return null;
    }

    // On the clock of the person, as whoever writes it down sees it in front of them.
    private Instant? At(string name, PointView? point)
    {
        if (State[name] is not { } text)
            return null;
        if (LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm").Parse(text[..Math.Min(text.Length, 16)]).TryGetValue(default, out var local))
            return local.InZoneLeniently(TheirClock.ZoneOf(point is { Number.Digits: not 0 } ? point.Number.Zones : [])).ToInstant();
        State.Blame(name, call.T("Ask.BadTime"));
        return null;
    }
}
