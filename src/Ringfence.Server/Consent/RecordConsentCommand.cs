using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Rights;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Consent;

/// <summary>A yes, a no or a question that is to be written down.</summary>
internal sealed record ConsentSaid
{
    /// <summary><c>consent.requested</c>, <c>given</c> or <c>confirmed</c>.</summary>
    public required RecordType Type { get; init; }

    public required RecordState State { get; init; }

    public required Actor Actor { get; init; }

    public required PointTags Tags { get; init; }

    /// <summary>Channels and purposes: a yes names them.</summary>
    public required RecordScope Scope { get; init; }

    public required CollectionMethod Method { get; init; }

    /// <summary>The wording shown; it has been published.</summary>
    public Notice? Notice { get; init; }

    public Instant? EventAt { get; init; }

    public EventSource? Source { get; init; }

    /// <summary>ISO 8601, or <c>until-withdrawn</c>.</summary>
    public string? ValidFor { get; init; }

    public string? Basis { get; init; }

    public string? Withdraw { get; init; }

    /// <summary>What shows it: JSON, sealed.</summary>
    public byte[]? Evidence { get; init; }

    /// <summary>The scan that the evidence names; null: it names none, or one that is kept elsewhere.</summary>
    public ScanFile? Scan { get; init; }

    /// <summary>The record that is confirmed.</summary>
    public long? About { get; init; }

    /// <summary>Name and the like, where they were given with it.</summary>
    public PersonalData? Person { get; init; }

    /// <summary>ISO 3166 code, where the person said it.</summary>
    public string? Residence { get; init; }

    public ResidenceBasis ResidenceBasis { get; init; } = ResidenceBasis.Declared;

    /// <summary>Whether somebody else agreed for the person, because they are under age.</summary>
    public bool IsMinor { get; init; }

    /// <summary>Where a contact comes from who was not known.</summary>
    public ContactSource From { get; init; } = ContactSource.Form;

    /// <summary>How whoever said it can be answered; null: nobody has shown that the number or address is theirs.</summary>
    public AnswerTo? Answer { get; init; }
}

/// <summary>Writes down a yes, a no or a question, of a known person or one met for the first time.</summary>
/// <param name="said">What was said.</param>
/// <param name="fresh">A name for the person should nobody know them; its key is made already.</param>
internal sealed class RecordConsentCommand(ConsentSaid said, OpaqueId fresh) : LedgerCommand
{
    public override bool ReadsIdle => false;

    public override bool IsStatement => true;

    public override void Ask(RowsWanted wanted)
    {
        wanted.Points.Add(said.Tags.Lookup);
        if (said.Notice is { } notice)
            wanted.Documents.Add(notice.Doc.Bytes.ToArray());
    }

    public override byte[] Run(LedgerTurn turn)
    {
        // A consent to passing data on, or to publishing, opens no channel; it names what it is to instead.
        if (said.State is RecordState.Given or RecordState.Confirmed && said.Scope is not { Channels: not null, Purposes: not null } and not { Channels: null, Service: not null })
            throw new CommandRefusedException("unnamed-scope");
        // Invariant: what is kept beside a record goes with its openings, and there is evidence that names it.
        if (said is { Scan: not null, Evidence: null })
            throw new InvalidOperationException("A scan without evidence.");
        if (said.Notice is { } notice && !turn.HasDocument(notice.Doc))
            throw new CommandRefusedException("no-such-wording");
        var known = turn.Lookup(said.Tags.Lookup);
        var person = known is null ? null : turn.Person(new OpaqueId(known.Sid));
        var sid = person?.Sid ?? fresh;
        var point = known is null ? Fresh.Id() : new OpaqueId(known.Point);
        if (said.Type == RecordType.ConsentConfirmed)
            RequireRequest(person, point);

        var data = Carried(known is null, point);
        var detail = new List<(string, LeafValue)>();
        if (data is not null)
            detail.AddRange(data.PointNames());
        if (known is null)
            detail.Add(("source", Words<ContactSource>.Of(said.From)));
        if (said.Residence is not null)
            detail.Add(("residence_basis", Words<ResidenceBasis>.Of(said.ResidenceBasis)));
        if (said.IsMinor)
            detail.Add(("minor", "yes"));
        if (said.Scan is not null)
            detail.Add(KeptScan.Detail);

        var draft = RecordDraft.Of(said.Type, said.Actor, record => record with
        {
            State = said.State,
            Subject = new Subject(sid, point),
            Scope = said.Scope,
            Notice = said.Notice,
            Method = said.Method,
            EventAt = said.EventAt,
            EventSource = said.EventAt is null ? null : said.Source,
            ValidFor = said.ValidFor,
            Basis = said.Basis,
            Withdraw = said.Withdraw,
            About = said.About is { } about ? [about] : null,
            Jurisdiction = said.Residence is { } residence ? [residence] : null,
            Pii = data?.Categories(),
            Detail = detail.Count == 0 ? null : LeafValue.Map.Of([.. detail]),
        });
        if (data is not null)
            draft.Sealing(CommitGroup.Person, data.ToBytes());
        if (said.Evidence is { } evidence)
            draft.Sealing(CommitGroup.Evidence, evidence);
        if (said.Scan is { } scan)
            draft.Keeping(scan);
        var written = turn.Append(draft);
        if (known is null)
            turn.Link(new LookupRow(said.Tags.Lookup, sid.ToArray(), point.ToArray()));
        NoteResult(turn, written);
        return new CommandAnswer(written.Seq, sid.ToString()).ToBytes();
    }

    public override byte[] Again(LedgerTurn turn, byte[] before) => (CommandAnswer.Read(before) with { Already = true }).ToBytes();

    // What is confirmed was asked for or given before, by the same number, and names no less.
    private void RequireRequest(Person? person, OpaqueId point)
    {
        var asked = person?.Records.FirstOrDefault(record => record.Seq == said.About);
        if (asked is not { Type: RecordType.ConsentRequested or RecordType.ConsentGiven or RecordType.ConsentImported } || asked.Subject?.Point != point
            || !Suppression.SuppressionScope.Of(asked.Scope).Covers(Suppression.SuppressionScope.Of(said.Scope)))
        {
            throw new CommandRefusedException("nothing-to-confirm");
        }
    }

    // A question is no yes, and neither is one that still has to be confirmed; to pass data on, or to publish, is not to be contacted.
    private void NoteResult(LedgerTurn turn, LedgerRecord written)
    {
        if (said.Scope.Channels is null || !(said.Type == RecordType.ConsentConfirmed || said is { Type: RecordType.ConsentGiven, Method.Ceremony: Ceremony.SingleOptIn }))
            return;
        var at = said.EventAt is { } stated && stated < written.At ? stated : written.At;
        if (turn.Results?.Find(turn, said.Tags, [], Suppression.SuppressionScope.Of(said.Scope), isNo: false, at, said.Residence) is { } due)
            turn.Results.Note(turn, due with { Language = said.Notice?.Lang ?? due.Language }, written, at, said.Answer);
    }

    private PersonalData? Carried(bool isNew, OpaqueId point)
    {
        var data = said.Person ?? new PersonalData();
        if (isNew)
            data = data.With(PersonalData.Of(point, said.Tags.Point));
        return data.IsEmpty ? null : data;
    }
}
