using System.Collections.Concurrent;
using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Lists;
using Ringfence.People;
using Ringfence.Server.Ledger;
using Ringfence.Server.Lists;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.People.Import;

/// <summary>Makes the records of one import: what a row says of a person, as <c>docs/reference/records.md</c> has it.</summary>
/// <param name="batch">The import.</param>
/// <param name="actor">Who imports.</param>
internal sealed class ImportRecords(ImportBatch batch, Actor actor)
{
    // A list says nothing of how a page or a call looked; what it does say is in the evidence.
    private static readonly CollectionMethod ByImport = new("import", Ceremony.SingleOptIn);

    // Few combinations come again and again.
    private static readonly ConcurrentDictionary<ChannelSet, ValueList<string>> ChannelWords = [];
    private static readonly ConcurrentDictionary<EvidenceItems, string[]> HeldWords = [];

    private readonly OpaqueId name = batch.Name;
    private readonly ValueList<string> purposes = [.. batch.Purposes];

    /// <summary>The import.</summary>
    public ImportBatch Batch => batch;

    /// <summary>Who imports.</summary>
    public Actor Actor => actor;

    /// <summary>How a refusal came in.</summary>
    public RefusalFacts RefusedIn(ImportedRow row) => new(SuppressedBy.Person, SuppressionKind.Suppression, "import", Batch: name, Row: row.At + 1);

    /// <summary>A contact of whom the list tells no consent.</summary>
    public RecordDraft Contact(ImportedRow row, ReadList list, OpaqueId sid, PersonalData data) =>
        Carrying(RecordType.ContactAdded, row, sid, null, data, [])
            .Sealing(CommitGroup.Evidence, EvidenceOf(row, list).ToBytes());

    /// <summary>What is new of a known contact.</summary>
    /// <param name="row">The row.</param>
    /// <param name="list">Its list.</param>
    /// <param name="sid">The person.</param>
    /// <param name="data">New names, numbers and addresses; empty where none is.</param>
    /// <param name="change">What else is new.</param>
    public RecordDraft Change(ImportedRow row, ReadList list, OpaqueId sid, PersonalData data, ContactChange change)
    {
        List<(string, LeafValue)> detail = [("batch", name), .. data.PointNames()];
        if (change.Residence)
            detail.Add(("residence_basis", Words<ResidenceBasis>.Of(BasisOf(row.ResidenceGround))));
        if (change.Source)
            detail.Add(("source", Words<ContactSource>.Of(row.Source)));
        if (change.Minor)
            detail.Add(("minor", "yes"));
        if (change.Quarantine is { } quarantine)
            detail.Add(("quarantine", quarantine ? "yes" : "no"));
        var draft = RecordDraft.Of(RecordType.ContactChanged, actor, record => record with
        {
            Subject = new Subject(sid),
            Jurisdiction = change.Residence ? [row.Residence!] : null,
            Notice = change.Quarantine == false ? new Notice(Passport(), "und", "1") : null,
            Pii = data.IsEmpty ? null : data.Categories(),
            Detail = LeafValue.Map.Of([.. detail]),
        });
        if (!data.IsEmpty)
            draft.Sealing(CommitGroup.Person, data.ToBytes());
        return draft.Sealing(CommitGroup.Evidence, EvidenceOf(row, list).ToBytes());
    }

    /// <summary>A consent that the list tells of.</summary>
    /// <param name="row">The row.</param>
    /// <param name="list">Its list.</param>
    /// <param name="subject">The person, and the number or address it is about.</param>
    /// <param name="consent">What the list says, for the channels that are still open.</param>
    /// <param name="wording">The document of the words; null: there is none.</param>
    /// <param name="data">What is personal, where the record is the first of its person.</param>
    public RecordDraft Consent(ImportedRow row, ReadList list, Subject subject, ImportedConsent consent, Digest? wording, PersonalData? data)
    {
        var flaws = ImportTally.WordsOf(consent.Flaws).ToList();
        var draft = Carrying(RecordType.ConsentImported, row, subject.Sid, subject.Point, data, flaws).Set(record => record with
        {
            State = StateOf(consent.Answer),
            Scope = new RecordScope(WordsOf(consent.Channels), purposes),
            Method = ByImport,
            Notice = wording is { } doc ? new Notice(doc, "und", "1") : null,
            EventAt = GivenAt(consent),
            EventSource = GivenAt(consent) is null ? null : EventSource.Import,
            ValidFor = TermOf(consent),
        });
        return draft.Sealing(CommitGroup.Evidence, (EvidenceOf(row, list) with
        {
            Day = DayText(consent.GivenOn),
            Until = DayText(consent.Until),
            Wording = wording is null ? consent.Wording : null,
            Method = consent.Method is { } how && Words<ConsentMethod>.TryParse(how, out _) ? how : null,
            MethodWords = consent.Method,
            Holds = HoldsOf(row, consent) is { Length: > 0 } holds ? holds : null,
            Flaws = flaws.Count == 0 ? null : flaws,
        }).ToBytes());
    }

    /// <summary>A no that the list tells of.</summary>
    public RecordDraft Refusal(ImportedRow row, ReadList list, OpaqueId sid, PersonalData? data)
    {
        var draft = Carrying(RecordType.ConsentImported, row, sid, null, data, []).Set(record => record with
        {
            State = RecordState.Refused,
            Scope = new SuppressionScope(row.Refusal.OfPerson, null).ToRecord(),
            Method = ByImport,
        });
        return draft.Sealing(CommitGroup.Evidence, (EvidenceOf(row, list) with
        {
            RefusedIn = row.Refusal.Places == RefusalPlaces.None ? null : [.. PlacesOf(row.Refusal.Places)],
            RefusedBy = row.Refusal.By >= 0 ? row.Refusal.By : null,
        }).ToBytes());
    }

    /// <summary>The record that goes with a document.</summary>
    public RecordDraft Published(DocumentRow document, string kind) => RecordDraft.Of(RecordType.DocPublished, actor, record => record with
    {
        Notice = new Notice(new Digest(document.Digest), "und", "1"),
        Detail = LeafValue.Map.Of(("kind", kind), ("batch", name)),
    });

    /// <summary>When a consent was given: the beginning of the day that the list states; null where it states none that can be.</summary>
    public static Instant? GivenAt(ImportedConsent consent) =>
        consent.GivenOn == ContactFacts.NoDay || (consent.Flaws & ListedFlaws.DayToCome) != 0 ? null : Days.Date(consent.GivenOn).AtMidnight().InUtc().ToInstant();

    /// <summary>For how long, from that day on; null where no end is stated.</summary>
    public static string? TermOf(ImportedConsent consent) =>
        GivenAt(consent) is null || consent.Until == ContactFacts.NoDay || consent.Until < consent.GivenOn
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"P{consent.Until - consent.GivenOn + 1}D");

    /// <summary>The state of an answer.</summary>
    public static RecordState StateOf(ListedAnswer answer) => answer switch
    {
        // What was given and has ended is no refusal: its term says that it has ended.
        ListedAnswer.Given or ListedAnswer.Expired => RecordState.Given,
        ListedAnswer.Refused => RecordState.Refused,
        ListedAnswer.Asked or ListedAnswer.Unclear or ListedAnswer.Nothing => RecordState.Requested,
    };

    /// <summary>The words of channels as a record has them.</summary>
    public static ValueList<string> WordsOf(ChannelSet channels) =>
        ChannelWords.GetOrAdd(channels, static set => [.. Channels.All.Where(c => set.Has(c)).Select(static c => c.Word()).Order(StringComparer.Ordinal)]);

    /// <summary>How sure a residence is.</summary>
    public static ResidenceBasis BasisOf(PlaceGrounds ground) =>
        (ground & (PlaceGrounds.CountryCell | PlaceGrounds.StateCell)) != 0 ? ResidenceBasis.Declared : ResidenceBasis.Guessed;

    /// <summary>What of a proof a row shows. A row against whose yes nothing speaks is taken for the record of it, as the audit calls it usable; any other is a sign of it.</summary>
    private static string[] HoldsOf(ImportedRow row, ImportedConsent consent)
    {
        var holds = EvidenceItems.None;
        var hasDay = (consent.Flaws & (ListedFlaws.NoDay | ListedFlaws.DayToCome)) == 0;
        var hasWords = consent.Wording is not null;
        void Has(bool it, EvidenceItems item) => holds |= it ? item : EvidenceItems.None;

        Has(consent.Flaws == ListedFlaws.None, EvidenceItems.Record);
        Has(hasDay, EvidenceItems.TimeRecorded);
        Has(hasWords, EvidenceItems.Wording);
        Has(hasWords && (consent.Flaws & (ListedFlaws.NoSender | ListedFlaws.OtherSender)) == 0, EvidenceItems.SellerNamed);
        Has(hasWords && (consent.Flaws & (ListedFlaws.NoChannel | ListedFlaws.OtherChannel)) == 0, EvidenceItems.ChannelNamed);
        // Machines are among the channels of a wording only where it names them.
        Has(hasWords && consent.Channels.Has(Channel.VoiceAuto), EvidenceItems.AutoAuthorised);
        Has(consent.Method is not null, EvidenceItems.MannerRecorded);
        Has(row.NameKey != 0, EvidenceItems.PersonNamed);
        return HeldWords.GetOrAdd(holds, static held => [.. Words<EvidenceItems>.All.Where(word => Words<EvidenceItems>.TryParse(word, out var item) && (held & item) != 0)]);
    }

    private Digest Passport() => Digest.TryParse(batch.Passport, out var digest) ? digest : throw new InvalidOperationException("Only a passport ends a quarantine.");

    /// <summary>A record that, where it is the first of its person, says all that is known of them.</summary>
    private RecordDraft Carrying(RecordType type, ImportedRow row, OpaqueId sid, OpaqueId? point, PersonalData? data, List<string> flaws)
    {
        var detail = new List<(string, LeafValue)> { ("batch", name) };
        if (flaws.Count > 0)
            detail.Add(("flaws", LeafValue.ListOf(flaws)));
        if (data is not null)
        {
            detail.AddRange(data.PointNames());
            detail.Add(("source", Words<ContactSource>.Of(row.Source)));
            if (row.Residence is not null)
                detail.Add(("residence_basis", Words<ResidenceBasis>.Of(BasisOf(row.ResidenceGround))));
            if (row.Quarantine != QuarantineCause.None)
                detail.Add(("quarantine", "yes"));
            if (row.IsMinor)
                detail.Add(("minor", "yes"));
        }

        var draft = RecordDraft.Of(type, actor, record => record with
        {
            Subject = new Subject(sid, point),
            Jurisdiction = data is not null && row.Residence is { } residence ? [residence] : null,
            Pii = data?.Categories(),
            Detail = LeafValue.Map.Of([.. detail]),
        });
        return data is null ? draft : draft.Sealing(CommitGroup.Person, data.ToBytes());
    }

    private static ImportEvidence EvidenceOf(ImportedRow row, ReadList list) => new()
    {
        File = list.Sha256, Row = row.Number, Id = row.ListId, Source = row.SourceWords, LastSign = DayText(row.LastSign),
    };

    private static string? DayText(int day) => day == ContactFacts.NoDay ? null : LocalDatePattern.Iso.Format(Days.Date(day));

    private static IEnumerable<string> PlacesOf(RefusalPlaces places) =>
        ((IEnumerable<RefusalPlaces>)[RefusalPlaces.Consent, RefusalPlaces.Flag, RefusalPlaces.Notes, RefusalPlaces.Wording, RefusalPlaces.Other])
        .Where(place => (places & place) != 0).Select(Words<RefusalPlaces>.Of);
}

/// <summary>What of a known contact a row changes, beside names, numbers and addresses.</summary>
/// <param name="Residence">Where they live.</param>
/// <param name="Source">Where they came from, to the worse.</param>
/// <param name="Minor">That they are under age.</param>
/// <param name="Quarantine">Held back, or let out by the passport; null: neither.</param>
internal readonly record struct ContactChange(bool Residence, bool Source, bool Minor, bool? Quarantine)
{
    public bool IsNothing => this is { Residence: false, Source: false, Minor: false, Quarantine: null };
}
