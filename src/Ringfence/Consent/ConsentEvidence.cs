using NodaTime;
using NodaTime.Text;
using Ringfence.Files;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;

namespace Ringfence.Consent;

/// <summary>What shows that a person said yes: the content of the sealed group <c>evidence</c> of a record. Personal data.</summary>
/// <remarks>Its canonical form is described in <c>docs/reference/consents.md</c>. <see cref="ToString"/> shows none of it.</remarks>
public sealed record ConsentEvidence
{
    /// <summary>The first line of every such content.</summary>
    public const string Format = "ringfence/consent-evidence/v1";

    /// <summary>What the person did.</summary>
    public required ConsentMethod Method { get; init; }

    /// <summary>The words they were shown or told.</summary>
    public ShownWording? Shown { get; init; }

    /// <summary>When they did it.</summary>
    public Instant? At { get; init; }

    /// <summary>The page, an https address.</summary>
    public string? Page { get; init; }

    /// <summary>The call, by its id.</summary>
    public string? Call { get; init; }

    /// <summary>Where, if in person: a fair, a shop.</summary>
    public string? Place { get; init; }

    /// <summary>The network address.</summary>
    public string? Ip { get; init; }

    /// <summary>Browser or app, as it names itself.</summary>
    public string? Device { get; init; }

    /// <summary>The message that they answered.</summary>
    public MessageSeen? Message { get; init; }

    /// <summary>What they wrote or said.</summary>
    public string? Answer { get; init; }

    /// <summary>Their account.</summary>
    public string? Account { get; init; }

    public LeadFormSeen? LeadForm { get; init; }

    /// <summary>The form of ours that was filled in, as it was shown.</summary>
    public FormSeen? Form { get; init; }

    public Recording? Recording { get; init; }

    /// <summary>SHA-256 of the scan of what they signed.</summary>
    public Digest? Scan { get; init; }

    public SignatureKind? Signature { get; init; }

    /// <summary>Who took it down.</summary>
    public Recorder? Recorder { get; init; }

    /// <summary>That it was confirmed from the address itself.</summary>
    public Confirmation? Confirmation { get; init; }

    /// <summary>Who agreed for somebody under age.</summary>
    public string? Guardian { get; init; }

    /// <summary>The person's postal address, as they wrote it.</summary>
    public string? Address { get; init; }

    /// <summary>What whoever took it down saw amiss with it.</summary>
    public ConsentFlaws Flaws { get; init; }

    /// <summary>The content in its canonical form.</summary>
    public byte[] ToBytes() => CanonicalJson.ToUtf8(CanonicalValue.Mapping(
        ("format", Format), ("method", Words<ConsentMethod>.Of(Method)),
        ("shown", Shown is { } shown ? CanonicalValue.Mapping(("doc", shown.Doc.ToString()), ("lang", shown.Language)) : null), ("at", Time(At)),
        ("page", Page), ("call", Call), ("place", Place), ("ip", Ip), ("device", Device),
        ("message", Message is { } message ? CanonicalValue.Mapping(("id", message.Id), ("via", message.Via?.Word())) : null), ("answer", Answer), ("account", Account),
        ("leadForm", LeadForm is { } form ? CanonicalValue.Mapping(("platform", form.Platform), ("form", form.Form), ("lead", form.Lead)) : null),
        ("form", Form is { } seen ? CanonicalValue.Mapping(("doc", seen.Doc.ToString()), ("layout", seen.Layout), ("page", seen.Page.ToString())) : null),
        ("recording", Recording is { } recording ? CanonicalValue.Mapping(("digest", recording.Digest.ToString()), ("announced", recording.IsAnnounced ? "yes" : null)) : null),
        ("scan", Scan?.ToString()), ("signature", Signature is { } signature ? Words<SignatureKind>.Of(signature) : null),
        ("recorder", Recorder is { } recorder ? CanonicalValue.Mapping(("kind", RecordWords.ActorKinds.Of(recorder.Kind)), ("ref", recorder.Ref)) : null),
        ("confirmation", Confirmation is { } confirmed ? CanonicalValue.Mapping(("at", Time(confirmed.At)), ("via", confirmed.Via.Word()), ("message", confirmed.Message)) : null),
        ("guardian", Guardian), ("address", Address),
        ("flaws", Flaws == ConsentFlaws.None ? null : CanonicalValue.Texts(Words<ConsentFlaws>.All.Where(word => Words<ConsentFlaws>.TryParse(word, out var flaw) && (Flaws & flaw) != 0)))));

    /// <summary>Reads what somebody wrote down of a yes, in YAML or JSON: the same keys, and nothing that is empty.</summary>
    /// <param name="file">What errors call the file.</param>
    /// <param name="text">Its content.</param>
    /// <exception cref="RuleFileException">A key is not known, or a value is not of its kind. The message names line and column; it may quote what stands there, so it is for whoever wrote the file.</exception>
    public static ConsentEvidence Read(string file, string text)
    {
        using var reader = new StringReader(text);
        var tree = YamlTree.Read(file, reader);
        RequireContent(tree);
        var map = RuleMap.Of(tree);
        if (map.Has("format"))
            map.OneOf("format", Format);
        _ = map.OptionalAddress("page");
        if (map.OptionalText("ip") is { } ip && !IsNetworkAddress(ip))
            throw map.Wrong("ip", "is no network address, such as 192.0.2.7 or 2001:db8::7");
        return ReadParts(map);
    }

    /// <summary>Reads the content as it was sealed.</summary>
    /// <exception cref="RuleFileException">It is something else. The message names line and column, and none of what stands there.</exception>
    public static ConsentEvidence FromBytes(ReadOnlySpan<byte> json)
    {
        try
        {
            var evidence = Read(RuleMap.Of(JsonTree.Read(Format, json)));
            if (json.SequenceEqual(evidence.ToBytes()))
                return evidence;
        }
        catch (RuleFileException e)
        {
            // What such messages quote would be personal data here.
            throw RuleFileException.At(new FilePlace(e.File, e.Line, e.Column), "this is no evidence of a consent");
        }

        throw DocumentReader.NotCanonical(Format);
    }

    /// <summary>The method, and nothing of the person.</summary>
    public override string ToString() => $"{Format} {Method}";

    private static ConsentEvidence Read(RuleMap map)
    {
        map.OneOf("format", Format);
        return ReadParts(map);
    }

    // A key with nothing behind it would be taken for something that can be shown.
    private static void RequireContent(FileNode node)
    {
        switch (node)
        {
            case FileText text when string.IsNullOrWhiteSpace(text.Text):
                throw RuleFileException.At(text.At, "nothing stands here: fill it in, or leave the key out");
            case FileList list:
                foreach (var item in list.Items)
                    RequireContent(item);
                break;
            case FileMapping map:
                foreach (var (_, value) in map.Entries)
                    RequireContent(value);
                break;
        }
    }

    // Written out whole: what is short for something may be an accident.
    private static bool IsNetworkAddress(string text) =>
        System.Net.IPAddress.TryParse(text, out var address) && (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 || text == address.ToString());

    private static ConsentEvidence ReadParts(RuleMap map)
    {
        var evidence = new ConsentEvidence
        {
            Method = map.Word<ConsentMethod>("method"),
            Shown = Part(map, "shown", static part => new ShownWording(DigestOf(part, "doc"), part.Text("lang"))),
            At = InstantOf(map, "at"),
            Page = map.OptionalText("page"),
            Call = map.OptionalText("call"),
            Place = map.OptionalText("place"),
            Ip = map.OptionalText("ip"),
            Device = map.OptionalText("device"),
            Message = Part(map, "message", static part => new MessageSeen(part.Text("id"), part.OptionalWord<Channel>("via"))),
            Answer = map.OptionalText("answer"),
            Account = map.OptionalText("account"),
            LeadForm = Part(map, "leadForm", static part => new LeadFormSeen(part.Text("platform"), part.Text("form"), part.Text("lead"))),
            Form = Part(map, "form", static part => new FormSeen(DigestOf(part, "doc"), part.Text("layout"), DigestOf(part, "page"))),
            Recording = Part(map, "recording", static part => new Recording(DigestOf(part, "digest"), part.Has("announced") && part.OneOf("announced", "yes") == "yes")),
            Scan = map.Has("scan") ? DigestOf(map, "scan") : null,
            Signature = map.OptionalWord<SignatureKind>("signature"),
            Recorder = Part(map, "recorder", static part => new Recorder(
                RecordWords.ActorKinds.TryParse(part.Text("kind"), out var kind) ? kind : throw part.Wrong("kind", "is none of the words"), part.Text("ref"))),
            Confirmation = Part(map, "confirmation", static part => new Confirmation(InstantOf(part, "at") ?? throw part.Missing("at"), part.Word<Channel>("via"), part.Text("message"))),
            Guardian = map.OptionalText("guardian"),
            Address = map.OptionalText("address"),
            Flaws = map.Flags<ConsentFlaws>("flaws"),
        };
        map.Done();
        return evidence;
    }

    private static T? Part<T>(RuleMap map, string key, Func<RuleMap, T> read) where T : class
    {
        if (map.OptionalMap(key) is not { } part)
            return null;
        var value = read(part);
        part.Done();
        return value;
    }

    private static Digest DigestOf(RuleMap map, string key) => Digest.TryParse(map.Text(key), out var digest) ? digest : throw map.Wrong(key, "is no SHA-256");

    private static Instant? InstantOf(RuleMap map, string key) =>
        map.OptionalText(key) is not { } text ? null
        : InstantPattern.ExtendedIso.Parse(text).TryGetValue(default, out var at) ? at
        : OffsetDateTimePattern.ExtendedIso.Parse(text).TryGetValue(default, out var local) ? local.ToInstant()
        : throw map.Wrong(key, "is no instant, such as 2026-11-22T09:30:00Z or 2026-11-22T10:30:00+01:00");

    private static string? Time(Instant? at) => at is { } instant ? InstantPattern.ExtendedIso.Format(instant) : null;
}

/// <summary>The words that somebody was shown.</summary>
/// <param name="Doc">The digest of the wording.</param>
/// <param name="Language">In which of its languages.</param>
public sealed record ShownWording(Digest Doc, string Language);

/// <summary>A message of ours that the person answered.</summary>
/// <param name="Id">As the carrier names it.</param>
/// <param name="Via">The channel it went by; null where nobody knows.</param>
public sealed record MessageSeen(string Id, Channel? Via);

/// <summary>A form of a social network.</summary>
/// <param name="Platform">The network.</param>
/// <param name="Form">The form.</param>
/// <param name="Lead">What was sent in.</param>
public sealed record LeadFormSeen(string Platform, string Form, string Lead);

/// <summary>A form of ours.</summary>
/// <param name="Doc">The digest of the form.</param>
/// <param name="Layout">In which of its layouts.</param>
/// <param name="Page">The digest of the main part of its page, as it was shown and is kept.</param>
public sealed record FormSeen(Digest Doc, string Layout, Digest Page);

/// <summary>A recorded call.</summary>
/// <param name="Digest">SHA-256 of the recording.</param>
/// <param name="IsAnnounced">Whether the person was told beforehand, and the telling is on it.</param>
public sealed record Recording(Digest Digest, bool IsAnnounced);

/// <summary>Who took a yes down.</summary>
/// <param name="Kind">What they are.</param>
/// <param name="Ref">An opaque name.</param>
public sealed record Recorder(ActorKind Kind, string Ref);

/// <summary>A yes confirmed from the number or address itself.</summary>
/// <param name="At">When.</param>
/// <param name="Via">By which channel.</param>
/// <param name="Message">The message that asked for it, as the carrier names it.</param>
public sealed record Confirmation(Instant At, Channel Via, string Message);

/// <summary>How something was signed.</summary>
public enum SignatureKind : byte
{
    Handwritten,

    /// <summary>By an act that the words say is a signature.</summary>
    Electronic,
}
