using NodaTime;
using Ringfence.Files;
using Ringfence.Gate;
using Ringfence.Ledger;

namespace Ringfence.Consent;

/// <summary>What a person is given of a consent: its record, readable, in the shape of ISO/IEC TS 27560. It holds no number, no address and no name of the person.</summary>
/// <remarks>
/// Rendered from the record and the documents it names, never stored as truth: whoever doubts it checks the record's proof. The fields, and where they stand in
/// ISO/IEC TS 27560:2023 and in the Kantara consent receipt 1.1, are in <c>docs/reference/receipts.md</c>.
/// </remarks>
public sealed record Receipt
{
    /// <summary>The form of the receipt's fields.</summary>
    public const string Profile = "ringfence/receipt/v1";

    /// <summary>The standard whose structure it follows.</summary>
    public const string Schema = "ISO/IEC TS 27560:2023";

    private readonly LedgerRecord record;
    private readonly PartyDocument controller;
    private readonly WordingDocument? wording;
    private readonly ConsentEvidence? evidence;

    private Receipt(LedgerRecord record, PartyDocument controller, WordingDocument? wording, ConsentEvidence? evidence) =>
        (this.record, this.controller, this.wording, this.evidence) = (record, controller, wording, evidence);

    /// <summary>The receipt of a record.</summary>
    /// <param name="record">A record about a consent, with a person.</param>
    /// <param name="controller">The document of the record's controller.</param>
    /// <param name="wording">The document of the record's notice; null where the record has none, or the document is none of ours.</param>
    /// <param name="evidence">The opened evidence; null where there is none, or it was erased.</param>
    /// <exception cref="ArgumentException">The record is about no consent or no person, or a document is not the one that it names.</exception>
    public static Receipt Of(LedgerRecord record, PartyDocument controller, WordingDocument? wording, ConsentEvidence? evidence)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentNullException.ThrowIfNull(controller);
        if (record.State is null || record.Subject is null || ConsentEvent.From(record) is null or { Kind: ConsentEventKind.Suppressed or ConsentEventKind.Lifted or ConsentEventKind.ImportUndone })
            throw new ArgumentException("The record is about no consent of a person.", nameof(record));
        if (controller.Digest != record.Controller)
            throw new ArgumentException("The party is not the controller of the record.", nameof(controller));
        if (wording is not null && wording.Digest != record.Notice?.Doc)
            throw new ArgumentException("The wording is not the one of the record.", nameof(wording));
        return new Receipt(record, controller, wording, evidence);
    }

    /// <summary>The words that were shown, in the language of the record; null where they are not at hand.</summary>
    internal WordingWords? Words => wording is not null && record.Notice?.Lang is { } language && wording.Texts.TryGetValue(language, out var words) ? words : null;

    internal LedgerRecord Record => record;

    internal PartyDocument Controller => controller;

    internal WordingDocument? Wording => wording;

    internal ConsentEvidence? Evidence => evidence;

    /// <summary>The receipt in its canonical form.</summary>
    public byte[] ToBytes() => CanonicalJson.ToUtf8(ToJson());

    /// <summary>The SHA-256 of <see cref="ToBytes"/>, which is what gets signed.</summary>
    public Digest Digest => TreeHash.Sha256(ToBytes());

    /// <summary>The text that is signed as a note, without its signatures.</summary>
    /// <param name="origin">The origin of the ledger.</param>
    public string NoteText(string origin) => $"{origin}/receipts\nsha256:{Digest}\n";

    /// <summary>The receipt as a person reads it.</summary>
    /// <param name="language">BCP 47; English, simplified or traditional Chinese.</param>
    public string ToText(string language) => ReceiptText.Of(this, language);

    private CanonicalValue ToJson() => CanonicalValue.Mapping(
        ("schema_version", Schema), ("profile", Profile), ("record_id", record.Id.ToString()),
        ("pii_principal_id", record.Subject!.Value.Sid.ToString()), ("subject_id", record.Subject.Value.Sid.ToString()),
        ("event_type", RecordWords.Types.Of(record.Type)), ("event_state", RecordWords.States.Of(record.State!.Value)),
        ("event_time", Time(record.EventAt ?? record.At)), ("recorded_at", Time(record.At)),
        ("event_source", record.EventSource is { } source ? RecordWords.Sources.Of(source) : null),
        ("entity_id", CanonicalValue.Mapping(("kind", RecordWords.ActorKinds.Of(record.Actor.Kind)), ("ref", record.Actor.Ref))),
        ("validity_duration", record.ValidFor), ("lawful_basis", record.Basis), ("channels", Texts(record.Scope?.Channels)), ("purposes", Texts(record.Scope?.Purposes)),
        ("service", record.Scope?.Service), ("jurisdiction", Texts(record.Jurisdiction)), ("language", record.Notice?.Lang), ("notice", Notice()),
        ("controller", Party()), ("pii_controllers", CanonicalValue.Texts([controller.Id])), ("collection_method", Collection()),
        ("pii_information", Data()), ("frequency", Frequency()),
        ("recipient_third_parties", wording is null ? null : Recipients(wording)), ("storage_locations", Texts(wording?.Processing.Storage)),
        ("retention_period", WordingJson.Iso(wording?.Processing.Retention)), ("withdrawal_method", wording is null || wording.Stop.IsNone ? null : WordingJson.StopOf(wording.Stop)),
        ("privacy_rights", Texts(wording?.Processing.Rights.Select(Words<RequestKind>.Of).ToArray())), ("authority_party", wording?.Processing.Authority));

    private CanonicalValue? Notice() => record.Notice is not { } notice ? null : CanonicalValue.Mapping(
        ("digest", notice.Doc.ToString()), ("version", notice.Version), ("id", wording?.Id), ("text", Words?.Text),
        ("privacy_notice", wording?.Notice is { } page ? CanonicalValue.Mapping(("page", page.Page), ("version", page.Version)) : null));

    private CanonicalValue Party() => CanonicalValue.Mapping(
        ("digest", controller.Digest.ToString()), ("party_id", controller.Id), ("party_type", Words<PartyKind>.Of(controller.Kind)), ("party_name", controller.Name),
        ("party_address", controller.Address), ("party_country", controller.Country), ("party_contact", controller.Contact.ToJson()), ("privacy_officer", controller.PrivacyOfficer?.ToJson()));

    private CanonicalValue.Map? Collection()
    {
        var map = (CanonicalValue.Map)CanonicalValue.Mapping(
            ("collection", record.Method?.Collection), ("ceremony", record.Method?.Ceremony is { } ceremony ? RecordWords.Ceremonies.Of(ceremony) : null),
            ("method", evidence is null ? null : Words<ConsentMethod>.Of(evidence.Method)), ("at", evidence?.At is { } at ? Time(at) : null),
            ("page", evidence?.Page), ("call", evidence?.Call), ("place", evidence?.Place), ("message", evidence?.Message?.Id),
            ("confirmed", evidence?.Confirmation is { } confirmed ? CanonicalValue.Mapping(("at", Time(confirmed.At)), ("via", confirmed.Via.Word())) : null));
        return map.Entries.Count == 0 ? null : map;
    }

    private CanonicalValue.List? Data()
    {
        string[] types = [.. (record.Pii ?? []).Concat(wording?.Processing.Data ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return types.Length == 0 ? null : new CanonicalValue.List([.. types.Select(static type => CanonicalValue.Mapping(("pii_type", type)))]);
    }

    private CanonicalValue? Frequency() => wording?.Frequency is { } frequency ? CanonicalValue.Mapping(("most", frequency.Most), ("within", WordingJson.Iso(frequency.Within))) : null;

    private static CanonicalValue.List? Recipients(WordingDocument wording)
    {
        CanonicalValue[] all =
        [
            .. wording.ThirdParties.Select(static name => CanonicalValue.Mapping(("name", name), ("role", Words<PartyKind>.Of(PartyKind.ThirdParty)))),
            .. wording.Processing.Recipients.Concat(wording.Callers).Distinct(StringComparer.Ordinal).Select(static name => CanonicalValue.Mapping(("name", name), ("role", Words<PartyKind>.Of(PartyKind.Processor)))),
        ];
        return all.Length == 0 ? null : new CanonicalValue.List(all);
    }

    private static CanonicalValue? Texts(IReadOnlyList<string>? texts) => texts is null or { Count: 0 } ? null : CanonicalValue.Texts(texts);

    // As records write it: always six decimals.
    private static string Time(Instant at) => LedgerTime.Pattern.Format(LedgerTime.Cut(at));
}
