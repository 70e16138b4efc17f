using Ringfence.Ledger;
using Ringfence.Lists;
using Ringfence.People;
using Ringfence.Server.Ledger;
using Ringfence.Server.Lists;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.People.Import;

/// <summary>Writes the rows of one batch into a turn of the ledger. Made anew for each try.</summary>
internal sealed class BatchEntry
{
    private readonly LedgerTurn turn;
    private readonly ImportRecords records;
    private readonly NewContacts newContacts;
    private readonly Func<OpaqueId, ulong> storedName;
    private readonly Func<OpaqueId> freshPerson;
    private readonly Func<OpaqueId, bool> sameFile;
    private readonly IReadOnlyDictionary<int, OpaqueId> before;
    private readonly Dictionary<int, OpaqueId> met = [];
    private readonly Dictionary<OpaqueId, ulong> names = [];
    private readonly KnownPeople people;
    private readonly Sealer? throwaway;
    private readonly long recordsBefore;

    /// <param name="turn">Where it is written.</param>
    /// <param name="records">Makes the records.</param>
    /// <param name="before">Whom the first rows of persons in earlier batches were written down as.</param>
    /// <param name="sameFile">Whether an import was of these very lists: what it put into quarantine, their passport ends.</param>
    /// <param name="storedName">The key of the name of a person who is in the store.</param>
    /// <param name="freshPerson">Makes a name for a person, whose key is on the disk.</param>
    /// <param name="throwaway">Seals what is thrown away; null where it is not.</param>
    public BatchEntry(
        LedgerTurn turn, ImportRecords records, IReadOnlyDictionary<int, OpaqueId> before, Func<OpaqueId, bool> sameFile, Func<OpaqueId, ulong> storedName, Func<OpaqueId> freshPerson, Sealer? throwaway)
    {
        (this.turn, this.records, this.before, this.sameFile, this.storedName, this.freshPerson) = (turn, records, before, sameFile, storedName, freshPerson);
        this.throwaway = throwaway;
        newContacts = new NewContacts(records);
        people = new KnownPeople(Find, NameOf);
        recordsBefore = turn.Size;
    }

    /// <summary>What the batch came to, beside what is counted already.</summary>
    public required ImportTally Tally { get; init; }

    /// <summary>Whom the first rows of persons were written down as who may be met again.</summary>
    public IReadOnlyDictionary<int, OpaqueId> Met => met;

    /// <summary>The keys of names of people met.</summary>
    public IReadOnlyDictionary<OpaqueId, ulong> Names(IEnumerable<OpaqueId> of) => of.Distinct().ToDictionary(static sid => sid, NameOf);

    /// <summary>Ends the batch.</summary>
    public void End() => Tally.Records += turn.Size - recordsBefore;

    /// <summary>Writes a row.</summary>
    public void Enter(PreparedRow prepared)
    {
        var row = prepared.Row;
        Tally.Rows++;
        if ((row.Unclear & ListedConsent.OfGeneralYes) != ChannelSet.None)
            Tally.Unclear++;
        if (row.Refusal.OfPerson != ChannelSet.None)
            Tally.Refusals++;
        if (row.IsUnreadable || prepared.Points.Count == 0)
        {
            Tally.Pointless++;
            Suppress(prepared, null);
            return;
        }

        if (row.IsLeftOut)
        {
            Tally.LeftOut++;
            var known = people.Find(prepared, OfRows(row)).Sid;
            if (known is { } refusing)
                Refuse(prepared, turn.Person(refusing));
            Suppress(prepared, known);
            return;
        }

        var found = people.Find(prepared, OfRows(row));
        Tally.OtherName += found.OtherName ? 1 : 0;
        if (found.Sid is { } sid)
            EnterKnown(prepared, turn.Person(sid), found);
        else
            found = found with { Sid = EnterNew(prepared) };
        if (found.Sid is { } of && row.MayBeMet)
            met.TryAdd(row.Person, of);
        if (found is { Sid: { } one, Other: { } other })
            Tally.Offer(new PossibleMerge(prepared.List.Name, row.Number, one.ToString(), other.ToString()));
        Suppress(prepared, found.Sid);
    }

    /// <summary>Lets the refusal of a row that is written reach whomever it leads to by now: the same, in whatever order rows stand.</summary>
    public void Reach(PreparedRow prepared)
    {
        if (prepared.Row.IsUnreadable)
            return;
        foreach (var ofRows in (ReadOnlySpan<OpaqueId?>)[null, OfRows(prepared.Row)])
        {
            if (people.Find(prepared, ofRows).Sid is { } sid)
                Refuse(prepared, turn.Person(sid));
        }
    }

    private void Refuse(PreparedRow prepared, Person person)
    {
        var refused = prepared.Row.Refusal.OfPerson;
        if (refused != ChannelSet.None && !KnownContact.IsClosed(person, refused))
            Append(records.Refusal(prepared.Row, prepared.List, person.Sid, null));
    }

    private LedgerRecord Append(RecordDraft draft)
    {
        if (throwaway is not null)
            draft.Seal(throwaway);
        return turn.Append(draft);
    }

    private OpaqueId? OfRows(ImportedRow row) =>
        !row.HasMore ? null
        : met.TryGetValue(row.Person, out var here) || before.TryGetValue(row.Person, out here) ? turn.Person(here).Sid
        : null;

    private OpaqueId? Find(PointTags tags) => turn.Lookup(tags.Lookup) is { } row ? turn.Person(new OpaqueId(row.Sid)).Sid : null;

    private ulong NameOf(OpaqueId sid)
    {
        if (!names.TryGetValue(sid, out var name))
            names.Add(sid, name = storedName(sid));
        return name;
    }

    private List<ChannelSet> ClosedOf(IReadOnlyList<PointTags> points)
    {
        var closed = new List<ChannelSet>(points.Count);
        foreach (var tags in points)
            closed.Add(newContacts.ClosedBy(turn.Suppressions(tags)));
        return closed;
    }

    private OpaqueId? EnterNew(PreparedRow prepared)
    {
        var (phones, emails) = (ClosedOf(prepared.Phones), ClosedOf(prepared.Emails));
        if (!NewContacts.IsOpen(prepared, phones, emails))
        {
            Tally.Closed++;
            return null;
        }

        var contact = prepared.Ready is { } ready && ready.ClosedPhones.SequenceEqual(phones) && ready.ClosedEmails.SequenceEqual(emails) && !prepared.Points.Any(IsTaken)
            ? ready
            : newContacts.Make(prepared, prepared.Ready?.Sid ?? freshPerson(), phones, emails, IsTaken);
        // Every number and address may be somebody else's.
        if (contact.Lookups.Count == 0)
        {
            Tally.Pointless++;
            return null;
        }

        foreach (var document in contact.Documents)
            Publish(document);
        foreach (var draft in contact.Drafts)
            Append(draft);
        foreach (var lookup in contact.Lookups)
            turn.Link(lookup);
        foreach (var consent in contact.Consents)
            Tally.Count(consent.Answer, consent.Channels, consent.Flaws);
        Tally.New++;
        Tally.NotReopened += contact.NotReopened;
        Tally.Minors += prepared.Row.IsMinor ? 1 : 0;
        if (prepared.Row.Quarantine != QuarantineCause.None)
            ImportTally.Add(Tally.Quarantined, Ringfence.Gate.Words<QuarantineCause>.Of(prepared.Row.Quarantine));
        names[contact.Sid] = prepared.Row.NameKey;
        return contact.Sid;
    }

    private bool IsTaken(PointTags tags) => turn.Lookup(tags.Lookup) is not null;

    private void EnterKnown(PreparedRow prepared, Person person, Found found)
    {
        var row = prepared.Row;
        var before = turn.Size;
        Refuse(prepared, person);

        // A row that closes all it names tells of nothing else, in whatever order it stands with others of the person.
        if (!NewContacts.IsOpen(prepared, ClosedOf(prepared.Phones), ClosedOf(prepared.Emails)))
        {
            Tally.Closed++;
            return;
        }

        // Who came by a way of their own is not held back for standing on a bought list as well; and nothing but a no is taken from it.
        if (row.Quarantine != QuarantineCause.None && person.Status != PersonStatus.Quarantined)
            Tally.HeldBack++;
        else
            Add(prepared, new KnownContact(person, records.Batch, sameFile), found.IsRenamed);
        Tally.Known++;
        Tally.Changed += turn.Size > before ? 1 : 0;
    }

    private void Add(PreparedRow prepared, KnownContact known, bool isRenamed)
    {
        var (row, person) = (prepared.Row, known.Person);
        var data = NewOf(prepared, person.Sid, isRenamed);
        var change = known.ChangeBy(row);
        if (!data.IsEmpty || !change.IsNothing)
            Append(records.Change(row, prepared.List, person.Sid, data, change));
        Tally.Cleared += change.Quarantine == false ? 1 : 0;
        Tally.Minors += change.Minor ? 1 : 0;
        foreach (var consent in row.Consents)
            AddConsent(prepared, known, consent);
    }

    /// <summary>Names, numbers and addresses that are new of a known person; new ways lead to them from now on.</summary>
    private PersonalData NewOf(PreparedRow prepared, OpaqueId sid, bool isRenamed)
    {
        var row = prepared.Row;
        var data = new PersonalData();
        foreach (var tags in prepared.Points.Where(tags => turn.Lookup(tags.Lookup) is null))
        {
            var point = Fresh.Id();
            data = data.With(PersonalData.Of(point, tags.Point));
            turn.Link(new LookupRow(tags.Lookup, sid.ToArray(), point.ToArray()));
        }

        // Rows that disagree would change a name to and fro: it is taken where there is none, or from the one row that counts.
        if (!row.IsFirst || row.NameKey == 0 || !isRenamed && NameOf(sid) != 0)
            return data;
        names[sid] = row.NameKey;
        return data with { Name = row.WholeName, Given = row.GivenName, Family = row.FamilyName, Company = row.Company };
    }

    private void AddConsent(PreparedRow prepared, KnownContact known, ImportedConsent consent)
    {
        var (row, sid) = (prepared.Row, known.Person.Sid);
        var tags = (consent.IsOfEmail ? prepared.Emails : prepared.Phones)[0];
        if (turn.Lookup(tags.Lookup) is not { } lookup || turn.Person(new OpaqueId(lookup.Sid)).Sid != sid)
            return;
        var subject = new Subject(sid, new OpaqueId(lookup.Point));
        var open = consent.Channels & ~newContacts.ClosedBy(turn.Suppressions(tags)) & ~known.Closed(subject.Point!.Value);
        if (open == ChannelSet.None)
        {
            Tally.NotReopened++;
            return;
        }

        var said = consent with { Channels = open };
        var document = prepared.DocumentOf(consent);
        var wording = document is null ? (Digest?)null : new Digest(document.Digest);
        if (known.Says(subject.Point!.Value, said, wording))
            return;
        if (document is not null)
            Publish(document);
        known.Add(Append(records.Consent(row, prepared.List, subject, said, wording, null)));
        Tally.Count(said.Answer, open, said.Flaws);
    }

    private void Publish(DocumentRow document)
    {
        if (!turn.HasDocument(new Digest(document.Digest)))
            turn.Publish(document, records.Published(document, "wording"));
    }

    /// <summary>A refusal closes every number and address of the row, also those that were only guessed at.</summary>
    private void Suppress(PreparedRow prepared, OpaqueId? sid)
    {
        var refused = prepared.Row.Refusal.OfPerson;
        if (refused == ChannelSet.None)
            return;
        foreach (var (tags, isGuessed) in prepared.Points.Select(static tags => (tags, false)).Concat(prepared.Guessed.Select(static tags => (tags, true))))
        {
            if ((refused & tags.Point.Channels) == ChannelSet.None)
                continue;
            // What is only guessed at is no number of theirs.
            var subject = !isGuessed && sid is { } of && turn.Lookup(tags.Lookup) is { } lookup && turn.Person(new OpaqueId(lookup.Sid)).Sid == of
                ? new Subject(of, new OpaqueId(lookup.Point))
                : (Subject?)null;
            var (_, already) = Refusing.Add(turn, records.Actor, tags, new SuppressionScope(refused, null), records.RefusedIn(prepared.Row), subject);
            Tally.Suppressions += already ? 0 : 1;
        }
    }
}
