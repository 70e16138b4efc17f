using Ringfence.Gate;
using Ringfence.Ledger;

namespace Ringfence.People;

/// <summary>Whether a person may be thought of at all, before any rule is asked.</summary>
public enum PersonStatus : byte
{
    Contactable,

    /// <summary>Where they come from can't be shown.</summary>
    Quarantined,

    /// <summary>Use is blocked: a restriction, or a legal claim.</summary>
    Held,

    /// <summary>Forgotten, or about to be.</summary>
    Erased,

    /// <summary>Another person's records hold theirs.</summary>
    Merged,
}

/// <summary>What a contact point is.</summary>
public enum PointKind : byte
{
    Phone,
    Email,
}

/// <summary>Where a person stands: the sum of their records, and of those of everybody merged into them. Of two that were merged the stricter counts.</summary>
/// <remarks>A pure function of the records, so that the state as of any size of the ledger is the sum of the records before it. Holds no personal data: that is sealed elsewhere.</remarks>
public sealed class Person
{
    private static readonly string LeadForm = Words<ConsentMethod>.Of(ConsentMethod.LeadForm);

    // Millions are summed up one after the other, and most have neither a merge nor a hold.
    private static readonly IReadOnlySet<OpaqueId> Nobody = System.Collections.Frozen.FrozenSet<OpaqueId>.Empty;

    private readonly List<LedgerRecord> records;
    private readonly Dictionary<OpaqueId, PointKind> points = [];
    private readonly List<long> carriedBy = new(1);
    private HashSet<OpaqueId>? merged;
    private HashSet<OpaqueId>? quarantined;
    private HashSet<(OpaqueId Whose, string Reason)>? held;
    private List<(OpaqueId Whose, Wishes Told)>? wishes;
    private List<LedgerRecord>? unshown;

    private Person(OpaqueId sid, int most) => (Sid, records) = (sid, new List<LedgerRecord>(most));

    public OpaqueId Sid { get; }

    /// <summary>Everything that counts for them, in order.</summary>
    public IReadOnlyList<LedgerRecord> Records => records;

    /// <summary>Those whose records count here too.</summary>
    public IReadOnlyCollection<OpaqueId> Merged => merged ?? Nobody;

    /// <summary>Whose records hold theirs; null: they stand for themselves.</summary>
    public OpaqueId? MergedInto { get; private set; }

    /// <summary>Their numbers and addresses, by name only.</summary>
    public IReadOnlyDictionary<OpaqueId, PointKind> Points => points;

    /// <summary>Records that carry personal data, in order.</summary>
    public IReadOnlyList<long> CarriedBy => carriedBy;

    /// <summary>The same records, in the order in which what they say of a name counts, the last most: what was filled in by somebody who never showed that it is them gives way to all else.</summary>
    public IEnumerable<LedgerRecord> NamedBy
    {
        get
        {
            var carrying = records.Where(static record => record.Commits?.Person is not null);
            return unshown is not { Count: > 0 } ? carrying : carrying.Where(IsStillUnshown).Reverse().Concat(carrying.Where(record => !IsStillUnshown(record)));
        }
    }

    /// <summary>ISO 3166 code of where they live; null where nobody said. What somebody filled in who never showed that it is them moves nobody of whom anything was known before, and so to no other law.</summary>
    public string? Residence { get; private set; }

    public ResidenceBasis ResidenceBasis { get; private set; }

    /// <summary>Where the contact came from; the worst of what was said.</summary>
    public ContactSource? Source { get; private set; }

    /// <summary>The import they came by first.</summary>
    public OpaqueId? Batch { get; private set; }

    public bool IsMinor { get; private set; }

    public PersonStatus Status { get; private set; }

    /// <summary>Why use is blocked, and by whose records: theirs, or those of somebody merged into them. Each holds until it is ended for itself.</summary>
    public IReadOnlyCollection<(OpaqueId Whose, string Reason)> Holds => held ?? [];

    /// <summary>When and how often they want to be contacted; null: they never said. Of two that were merged both count.</summary>
    public Wishes? Wishes => wishes?.Aggregate((Wishes?)null, static (all, one) => WishRecord.Both(all, one.Told));

    /// <summary>Sums up.</summary>
    /// <param name="sid">The person.</param>
    /// <param name="all">Records in which they, or those merged with them, stand, in order of <c>seq</c>, none twice. Others are passed over.</param>
    public static Person Of(OpaqueId sid, IEnumerable<LedgerRecord> all)
    {
        ArgumentNullException.ThrowIfNull(all);
        var given = all as IList<LedgerRecord> ?? [.. all];
        var person = new Person(sid, given.Count);
        person.FindMerged(given);
        for (var i = 0; i < given.Count; i++)
        {
            if (person.IsAbout(given[i]))
                person.Add(given[i]);
        }

        person.Status = person.Judge();
        return person;
    }

    // Merges chain: whoever was merged into somebody merged here counts here. One that was undone does not.
    private void FindMerged(IList<LedgerRecord> given)
    {
        Dictionary<OpaqueId, OpaqueId>? into = null;
        for (var i = 0; i < given.Count; i++)
        {
            var record = given[i];
            if (OtherOf(record) is not { } other || record.Subject is not { } kept)
                continue;
            into ??= [];
            if (record.Type == RecordType.ContactMerged)
                into[other] = kept.Sid;
            else if (into.GetValueOrDefault(other) == kept.Sid)
                into.Remove(other);
        }

        if (into is null)
            return;
        MergedInto = into.TryGetValue(Sid, out var holder) ? holder : null;
        foreach (var other in into.Keys)
        {
            var at = other;
            // As many steps as there are merges, so that a ring, which nothing writes, ends.
            for (var step = 0; step <= into.Count && at != Sid && into.TryGetValue(at, out var next); step++)
                at = next;
            if (at == Sid && other != Sid)
                (merged ??= []).Add(other);
        }
    }

    private bool IsAbout(LedgerRecord record) =>
        record.Subject is { } subject && (subject.Sid == Sid || merged?.Contains(subject.Sid) == true);

    private void Add(LedgerRecord record)
    {
        records.Add(record);
        var whose = record.Subject!.Value.Sid;
        if (record.Commits?.Person is not null)
            carriedBy.Add(record.Seq);
        switch (record.Type)
        {
            case RecordType.ProcessingHeld:
                (held ??= []).Add((whose, ReasonOf(record) ?? "other"));
                break;
            case RecordType.ProcessingReleased:
                // One that names no reason ended whatever held them.
                var ended = ReasonOf(record);
                held?.RemoveWhere(hold => hold.Whose == whose && (ended is null || hold.Reason == ended));
                break;
            case RecordType.ErasureRequested or RecordType.ErasureCompleted when whose == Sid:
                Status = PersonStatus.Erased;
                break;
            case RecordType.ConsentConfirmed:
                foreach (var seq in record.About ?? [])
                {
                    if (unshown?.Find(one => one.Seq == seq) is { } asked)
                    {
                        unshown.Remove(asked);
                        AddResidence(asked);
                    }
                }

                AddFacts(record, whose);
                break;
            case RecordType.ContactAdded or RecordType.ContactChanged or RecordType.ConsentImported or RecordType.ConsentGiven or RecordType.ConsentRequested:
                AddFacts(record, whose);
                break;
        }
    }

    private void AddFacts(LedgerRecord record, OpaqueId whose)
    {
        if (record.Detail is not { } detail)
            return;
        AddPoints(detail["phones"], PointKind.Phone);
        AddPoints(detail["emails"], PointKind.Email);

        var isUnshown = IsUnshown(record);
        if (isUnshown)
            (unshown ??= []).Add(record);
        // A yes that nobody confirmed was taken all the same, by the rules of the house, and nobody is known by anything else; a question is nothing before it was answered.
        if (!isUnshown || (record.Type == RecordType.ConsentGiven && records.Count == 1))
            AddResidence(record);
        if (detail["source"]?.AsText is { } source && Words<ContactSource>.TryParse(source, out var from))
            Source = Source is { } before ? Worse(before, from) : from;
        if (Batch is null && detail["batch"]?.AsText is { } batch && OpaqueId.TryParse(batch, out var id2))
            Batch = id2;
        if (WishRecord.Read(record) is { } told)
        {
            // In the order in which they were said last.
            wishes ??= [];
            wishes.RemoveAll(one => one.Whose == whose);
            wishes.Add((whose, told));
        }

        IsMinor |= detail["minor"]?.AsText == "yes";
        if (detail["quarantine"]?.AsText is { } quarantine)
        {
            // Only a passport ends it; a contact who comes again by a better way does not.
            if (quarantine == "yes")
                (quarantined ??= []).Add(whose);
            else if (record.Type == RecordType.ContactChanged && record.Notice is not null)
                quarantined?.Remove(whose);
        }
    }

    private void AddResidence(LedgerRecord record)
    {
        if (record.Detail?["residence_basis"]?.AsText is { } basis && Words<ResidenceBasis>.TryParse(basis, out var how) && (Residence is null || how >= ResidenceBasis))
            (Residence, ResidenceBasis) = (record.Jurisdiction?[0], how);
    }

    private bool IsStillUnshown(LedgerRecord record) => unshown?.Exists(one => one.Seq == record.Seq) == true;

    /// <summary>Whether a record is what somebody filled in, for a number of which nobody showed yet that it is theirs.</summary>
    private static bool IsUnshown(LedgerRecord record) => record.Type == RecordType.ConsentRequested
        || (record.Type == RecordType.ConsentGiven && (record.Actor.Kind == ActorKind.Person || record.Method?.Collection == LeadForm) && record.Method?.Ceremony != Ceremony.DoubleOptIn);

    private void AddPoints(LeafValue? named, PointKind kind)
    {
        if (named is not LeafValue.List list)
            return;
        foreach (var point in list.Items)
        {
            if (OpaqueId.TryParse(point.AsText, out var id))
                points[id] = kind;
        }
    }

    /// <summary>Of two sources the one that weighs heavier against the contact.</summary>
    public static ContactSource Worse(ContactSource one, ContactSource other) => Weight(one) >= Weight(other) ? one : other;

    private static int Weight(ContactSource source) => source switch
    {
        ContactSource.Inbound => 0,
        ContactSource.Form => 1,
        ContactSource.Customer => 2,
        ContactSource.Event => 3,
        ContactSource.Referral => 4,
        ContactSource.Directory => 5,
        ContactSource.Published => 6,
        ContactSource.Partner => 7,
        ContactSource.Purchased => 8,
        ContactSource.Scraped => 9,
        ContactSource.Generated => 10,
    };

    private PersonStatus Judge() =>
        Status == PersonStatus.Erased ? PersonStatus.Erased
        : MergedInto is not null ? PersonStatus.Merged
        : held is { Count: > 0 } ? PersonStatus.Held
        : quarantined is { Count: > 0 } ? PersonStatus.Quarantined
        : PersonStatus.Contactable;

    private static string? ReasonOf(LedgerRecord record) => record.Detail?["reason"]?.AsText;

    private static OpaqueId? OtherOf(LedgerRecord record) =>
        record.Type is RecordType.ContactMerged or RecordType.ContactUnmerged && OpaqueId.TryParse(record.Detail?["merged"]?.AsText, out var other) ? other : null;
}
