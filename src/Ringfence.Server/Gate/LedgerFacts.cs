using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Rights;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Gate;

/// <summary>What has to be read and opened of a person before the serial order is asked: their numbers, and what shows their consents.</summary>
internal sealed class LedgerFacts : TurnFacts
{
    private readonly IReadOnlyDictionary<long, ShownEvidence> shown;
    private readonly HashSet<long> known;

    private readonly FoundContact? found;

    private LedgerFacts(PointTags asked, FoundContact? found, IReadOnlyList<PointTags> points, IReadOnlyDictionary<long, ShownEvidence> shown)
        : base(asked) => (this.found, Points, this.shown, known) = (found, points, shown, [.. Telling(found?.Person)]);

    /// <summary>All numbers and addresses of whoever it belongs to: a no to one reaches all.</summary>
    public IReadOnlyList<PointTags> Points { get; }

    /// <summary>Reads and opens it.</summary>
    public static async Task<LedgerFacts> ReadAsync(Installation installation, LedgerRow ledger, PointTags asked, CancellationToken cancel) =>
        await Contacts.FindAsync(installation, ledger, asked, cancel, withIdle: false) is { } found
            ? await OfAsync(installation, ledger, asked, found, cancel)
            : new LedgerFacts(asked, null, [asked], new Dictionary<long, ShownEvidence>());

    /// <summary>The same of a person who is at hand: as they are, or as they would be.</summary>
    public static async Task<LedgerFacts> OfAsync(Installation installation, LedgerRow ledger, PointTags asked, FoundContact found, CancellationToken cancel)
    {
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Sealed.UnionWith(EraseCommand.OpeningsOf(found.Person.Records));
        List<SealedRow> rows = wanted.Sealed.Count == 0 ? [] : (await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel)).Sealed;
        var evidence = rows.Where(static row => row.Group == (short)CommitGroup.Evidence).ToDictionary(static row => row.Seq);
        var shown = new Dictionary<long, ShownEvidence>();
        LedgerRecord[] yeses = [.. found.Person.Records.Where(IsYes)];
        var wordings = await WordingShelf.OfAsync(installation.Store, ledger, yeses.Select(static record => record.Notice).OfType<Notice>(), cancel);
        var parties = await PartyShelf.OfAsync(installation.Store, ledger, yeses, cancel);
        var hasName = found.Person.Records.Any(static record => record.Pii?.Contains("name") == true);
        foreach (var record in yeses)
        {
            var content = evidence.TryGetValue(record.Seq, out var row) && await installation.OpenAsync(record, row, cancel) is { } opened ? opened.Content : null;
            shown[record.Seq] = EvidenceFacts.Of(record, content, wordings(record.Notice), hasName, parties(record.Controller));
        }

        return new LedgerFacts(asked, found, [.. found.Points().Select(point => installation.TagsOf(point.Point)).Append(asked).DistinctBy(static tags => tags.Point)], shown);
    }

    /// <summary>The situation as it was when this was read, beside the serial order: for advice, which a permit judges again.</summary>
    public async Task<Situation> AdviseAsync(Installation installation, LedgerRow ledger, Situation asked, CancellationToken cancel)
    {
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Points.Add(Asked.Lookup);
        wanted.PermitsOf.UnionWith(Points.Select(static tags => tags.Lookup));
        var rows = await installation.LoadAsync(ledger, Points, wanted, cancel);
        // By the tag, as in the serial order: what was sealed of a person need not be there to be opened, and their no stands all the same.
        OpaqueId? point = rows.Lookups.Find(row => row.Tag.AsSpan().SequenceEqual(Asked.Lookup)) is { } lookup ? new OpaqueId(lookup.Point) : null;
        return SituationOf(asked, found?.Person, point, rows.Suppressions.Where(static row => row.LiftedSeq is null), rows.Permits);
    }

    public override void Ask(RowsWanted wanted)
    {
        wanted.Points.Add(Asked.Lookup);
        foreach (var tags in Points)
        {
            wanted.Suppressions.UnionWith(tags.Suppress);
            wanted.PermitsOf.Add(tags.Lookup);
        }
    }

    public override (Situation Situation, Subject? Subject) SituationIn(LedgerTurn turn, Situation asked)
    {
        var lookup = turn.Lookup(Asked.Lookup);
        var person = lookup is null ? null : turn.Person(new OpaqueId(lookup.Sid));
        if (!known.SetEquals(Telling(person)))
            throw Changed;
        OpaqueId? point = lookup is null ? null : new OpaqueId(lookup.Point);
        var situation = SituationOf(asked, person, point, Points.SelectMany(tags => turn.Suppressions(tags)), Points.SelectMany(tags => turn.PermitsOf(tags.Lookup)));
        return (situation, person is null ? null : new Subject(person.Sid, point));
    }

    private Situation SituationOf(Situation asked, Person? person, OpaqueId? point, IEnumerable<SuppressionRow> blocked, IEnumerable<PermitRow> permits) =>
        PersonFacts.Of(
            Stated(asked, Asked, permits), person, point, seq => shown.TryGetValue(seq, out var evidence) ? evidence : null,
            [.. blocked.DistinctBy(static row => Convert.ToHexString(row.Id)).Where(row => !IsOpened(row, person, asked.Ask)).Select(EntryOf)]);

    /// <summary>What is stated of a contact, with the number or address itself, and what was permitted before.</summary>
    /// <param name="asked">What is stated.</param>
    /// <param name="tags">The number or address.</param>
    /// <param name="permits">All permits of the person's numbers and addresses.</param>
    public static Situation Stated(Situation asked, PointTags tags, IEnumerable<PermitRow> permits)
    {
        var number = tags.Point.Kind == PointKind.Phone ? tags.Point.Value : null;
        var stated = Stated(asked, tags.Lookup, number, permits);
        return number is null ? stated with { Contact = asked.Contact with { Email = tags.Point.Value } } : stated;
    }

    /// <summary>The same by the hash that leads to the person.</summary>
    /// <param name="asked">What is stated.</param>
    /// <param name="lookup">The hash.</param>
    /// <param name="number">The number; null: it is an address that can be one, whichever.</param>
    /// <param name="permits">All permits of the person's numbers and addresses.</param>
    public static Situation Stated(Situation asked, byte[] lookup, string? number, IEnumerable<PermitRow> permits)
    {
        // Of what happened elsewhere the ledger knows nothing: where that is not stated, what happened is not known.
        IReadOnlyList<PastEvent>? history = asked.History is { } elsewhere ? permits.TryGetNonEnumeratedCount(out var count) && count == 0 ? elsewhere : [.. elsewhere, .. PermitHistory.Of(permits, lookup, number, Micros.Of(asked.At))] : null;
        return asked with { Contact = number is null ? asked.Contact with { EmailValid = true } : asked.Contact with { Phone = number }, History = history };
    }

    // Of a no that was lifted in part the rest stands, and all of it for every other contact.
    private static bool IsOpened(SuppressionRow row, Person? person, Ask ask) =>
        row.Seq is { } seq && person is not null && ask.Channel is { } channel && PartialLift.Opens(person.Records, seq, channel, ask.Purpose);

    /// <summary>A row as the gate knows it.</summary>
    public static SuppressionEntry EntryOf(SuppressionRow row)
    {
        var scope = SuppressionScope.Of(row);
        return new SuppressionEntry
        {
            Channels = scope.Channels,
            Purposes = scope.Purposes,
            Since = Moment.At(Micros.ToInstant(row.Since)),
            By = (SuppressedBy)row.By,
            Kind = (SuppressionKind)row.Kind,
        };
    }

    // What was permitted meanwhile is counted in the serial order; whatever else was written may have brought numbers and evidence that were not opened.
    private static IEnumerable<long> Telling(Person? person) => person?.Records.Where(static record => !Permits.IsIdle(record.Type)).Select(static record => record.Seq) ?? [];

    /// <summary>Whether a record may show a consent.</summary>
    public static bool IsYes(LedgerRecord record) => ConsentEvent.From(record) is { Kind: ConsentEventKind.Requested or ConsentEventKind.Given or ConsentEventKind.Confirmed };
}
