using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Rights;
using Ringfence.Server.Ledger;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rights;

/// <summary>A request as it came in.</summary>
/// <param name="Id">Its name, random.</param>
/// <param name="Kind">What is asked for.</param>
/// <param name="Tags">The number or address it is for.</param>
internal sealed record RequestAsked(OpaqueId Id, RightsKind Kind, PointTags Tags)
{
    /// <summary>Words of the regimes that may apply.</summary>
    public required IReadOnlyCollection<string> Regimes { get; init; }

    /// <summary>Where the controller is.</summary>
    public string? Country { get; init; }

    /// <summary>Of a complaint.</summary>
    public ComplaintReason? Reason { get; init; }

    /// <summary>Theirs.</summary>
    public required string Language { get; init; }

    /// <summary>How it came in: <c>page</c>, <c>staff</c>.</summary>
    public required string Way { get; init; }

    /// <summary>Whether they have to show first that it is them.</summary>
    public bool NeedsIdentity { get; init; }

    /// <summary>Whether all that is asked for was done as it came in.</summary>
    public bool IsSettled { get; init; }

    /// <summary>When, where staff say so; null: now.</summary>
    public Instant? At { get; init; }

    /// <summary>What is personal of it, and its salted digest.</summary>
    public required (SealedBlob Blob, Digest Digest) Words { get; init; }
}

/// <summary>Rows of requests, made of what their records tell.</summary>
internal static class RequestRows
{
    /// <summary>Places of the records of one.</summary>
    public static IReadOnlyList<long> RecordsOf(RightsRequestRow row) => [.. row.Records.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static seq => long.Parse(seq, CultureInfo.InvariantCulture))];

    /// <summary>The row of a request as of its last record; all of it but the number and the words follows from what its records tell.</summary>
    public static RightsRequestRow Of(RightsCase told, IEnumerable<long> records, byte[]? tag, SealedBlob? words) => new(
        told.Id.ToArray(), tag, Words<RightsKind>.Of(told.Kind), Words<RightsState>.Of(told.State), told.Language ?? "", Micros.Of(told.ReceivedAt),
        told.DueSaid is { } due ? LocalDatePattern.Iso.Format(due) : "", told.ClosedAt is { } closed ? Micros.Of(closed) : null,
        string.Join(' ', records.Select(static seq => seq.ToString(CultureInfo.InvariantCulture))), words?.Nonce, words?.Ciphertext);
}

/// <summary>Writes down that somebody asks for something by law.</summary>
/// <param name="actor">Who writes it.</param>
/// <param name="asked">What.</param>
internal sealed class ReceiveRequestCommand(Actor actor, RequestAsked asked) : LedgerCommand
{
    public override void Ask(RowsWanted wanted)
    {
        wanted.Points.Add(asked.Tags.Lookup);
        wanted.RightsRequests.Add(asked.Id.ToArray());
    }

    public override byte[] Run(LedgerTurn turn)
    {
        var today = turn.Now.InUtc().Date;
        if (turn.RightsRequest(asked.Id) is { } before)
            return new CommandAnswer(RequestRows.RecordsOf(before)[0], null, Already: true).ToBytes();
        var subject = RequestSubject.Of(turn, asked.Tags.Lookup);
        var draft = RecordDraft.Of(RecordType.RequestReceived, actor, record => record with
        {
            Subject = subject,
            EventAt = asked.At,
            EventSource = asked.At is null ? null : EventSource.Staff,
            Detail = RightsCase.Received(asked.Id, asked.Kind, asked.Regimes, asked.Country, asked.Reason, asked.NeedsIdentity, asked.Way, asked.Words.Digest, asked.Language),
        });
        var first = turn.Append(draft.Set(record => RequestSubject.Dated(record, RightsCase.Of([record with { At = turn.Now }])!.Due(today))));
        var told = RightsCase.Of([first])!;
        List<LedgerRecord> records = [first];
        if (asked.IsSettled)
        {
            records.Add(turn.Append(RequestSubject.Closed(new Actor(ActorKind.System, "ringfence"), asked.Id, first.Seq, subject, RightsState.Answered)));
            told = told.With(records[^1]);
        }

        turn.Put(RequestRows.Of(told, records.Select(static record => record.Seq), asked.Tags.Lookup, asked.Words.Blob));
        return new CommandAnswer(first.Seq, subject?.Sid.ToString()).ToBytes();
    }
}

/// <summary>Whom records of requests are about, and how they are written.</summary>
internal static class RequestSubject
{
    /// <summary>Whoever a number or address leads to now; null: nobody known, or it leads to nobody any more.</summary>
    public static Subject? Of(LedgerTurn turn, byte[]? tag) =>
        tag is not null && turn.Lookup(tag) is { } lookup ? new Subject(turn.Person(new OpaqueId(lookup.Sid)).Sid, new OpaqueId(lookup.Point)) : null;

    /// <summary>A record that says by when the request has to be answered: the day that people are told.</summary>
    public static LedgerRecord Dated(LedgerRecord record, LocalDate due) => record with { Detail = With(record.Detail!, "due", LocalDatePattern.Iso.Format(due)) };

    /// <summary>A record that says when the person was told.</summary>
    public static LedgerRecord ToldOn(LedgerRecord record, LocalDate day) => record with { Detail = With(record.Detail!, "told", LocalDatePattern.Iso.Format(day)) };

    /// <summary>A record that says what is written of the request from now on.</summary>
    public static LedgerRecord Written(LedgerRecord record, Digest words) => record with { Detail = With(record.Detail!, "words", words) };

    private static LeafValue.Map With(LeafValue.Map detail, string name, LeafValue value) => LeafValue.Map.Of([.. detail.Members.Select(static member => (member.Key, member.Value)), (name, value)]);

    public static RecordDraft Closed(Actor actor, OpaqueId request, long first, Subject? subject, RightsState outcome) => RecordDraft.Of(RecordType.RequestClosed, actor, record => record with
    {
        Subject = subject,
        About = [first],
        Detail = LeafValue.Map.Of(("request", request), ("outcome", Words<RightsState>.Of(outcome))),
    });

    public static RecordDraft Progressed(Actor actor, OpaqueId request, long first, Subject? subject, RightsStep step, string? by) => RecordDraft.Of(RecordType.RequestProgressed, actor, record => record with
    {
        Subject = subject,
        About = [first],
        Detail = by is null ? LeafValue.Map.Of(("request", request), ("step", Words<RightsStep>.Of(step))) : LeafValue.Map.Of(("request", request), ("step", Words<RightsStep>.Of(step)), ("by", by)),
    });
}

/// <summary>Something is done on a request, or it ends.</summary>
/// <param name="actor">Who does it.</param>
/// <param name="seen">The request as whoever does it saw it; another record since refuses.</param>
/// <param name="step">What is done; null: it ends.</param>
/// <param name="outcome">How it ends; null: it goes on.</param>
/// <param name="by">Of an identification: by what.</param>
/// <param name="words">What is personal of it from now on; null: what it was.</param>
/// <param name="toldOn">When the person was told of it; null: they need not be.</param>
internal sealed class ProgressRequestCommand(
    Actor actor, RightsRequestRow seen, RightsStep? step, RightsState? outcome = null, string? by = null, (SealedBlob Blob, Digest Digest)? words = null, LocalDate? toldOn = null) : LedgerCommand
{
    // Whose data are not to be used any more, their use is blocked by the step that shows that it is them.
    private bool Restricts => step == RightsStep.Identified && seen.Kind == Words<RightsKind>.Of(RightsKind.Restriction);

    public override bool IsWithdrawal => Restricts;

    public override void Ask(RowsWanted wanted)
    {
        wanted.RightsRequests.Add(seen.Id);
        wanted.Records.UnionWith(RequestRows.RecordsOf(seen));
        if (seen.Tag is { } tag)
            wanted.Points.Add(tag);
    }

    /// <summary>Whether a step may be done.</summary>
    /// <param name="told">The request.</param>
    /// <param name="step">The step; null: it ends.</param>
    /// <param name="outcome">How; null: it goes on.</param>
    /// <param name="day">The day on which the person is told of it.</param>
    /// <exception cref="CommandRefusedException">It may not, and why.</exception>
    public static void Require(RightsCase told, RightsStep? step, RightsState? outcome, LocalDate day)
    {
        if (!told.IsOpen)
            throw new CommandRefusedException("request-closed");
        // Nothing is handed out, and nothing said to be done, for somebody of whom nobody knows that it is them.
        if (outcome == RightsState.Answered && told.AwaitsIdentity)
            throw new CommandRefusedException("request-unidentified");
        switch (step)
        {
            case RightsStep.Identified when told.IsShown:
                throw new CommandRefusedException("request-identified");
            case RightsStep.Extended when !told.MayExtend(day):
                throw new CommandRefusedException("request-no-extension");
            case RightsStep.Paused when told.State != RightsState.Open || !RightsDeadline.Pauses(told.Clocks):
                throw new CommandRefusedException("request-no-pause");
            case RightsStep.Resumed when told.State != RightsState.Paused:
                throw new CommandRefusedException("request-not-paused");
        }
    }

    public override byte[] Run(LedgerTurn turn)
    {
        var id = new OpaqueId(seen.Id);
        var row = turn.RightsRequest(id) ?? throw new CommandRefusedException("no-such-request");
        if (row.Tag is null)
            throw new CommandRefusedException("erased");
        if (row.Records != seen.Records)
            throw new CommandRefusedException("changed-meanwhile");
        List<LedgerRecord> records = [.. RequestRows.RecordsOf(row).Select(turn.Record).OfType<LedgerRecord>()];
        var told = RightsCase.Of(records) ?? throw new CommandRefusedException("no-such-request");
        Require(told, step, outcome, toldOn ?? turn.Now.InUtc().Date);
        var subject = RequestSubject.Of(turn, row.Tag);
        var draft = step is { } done ? RequestSubject.Progressed(actor, id, records[0].Seq, subject, done, by) : RequestSubject.Closed(actor, id, records[0].Seq, subject, outcome!.Value);
        draft.Set(record => RequestSubject.Dated(record, told.With(record with { At = turn.Now }).Due(turn.Now.InUtc().Date)));
        if (toldOn is { } day)
            draft.Set(record => RequestSubject.ToldOn(record, day));
        if (words is { } anew)
            draft.Set(record => RequestSubject.Written(record, anew.Digest));
        var written = turn.Append(draft);
        var kept = words?.Blob ?? (row.Nonce is null ? null : new SealedBlob(row.Nonce, row.Words!));
        turn.Put(RequestRows.Of(told.With(written), [.. RequestRows.RecordsOf(row), written.Seq], row.Tag, kept));
        if (Restricts && subject is { } whose && turn.Person(whose.Sid) is { Status: not PersonStatus.Erased } person && !person.Holds.Contains((person.Sid, HoldCommand.Objection)))
            turn.Append(Holds.Begun(actor, person.Sid, HoldCommand.Objection));
        return new CommandAnswer(written.Seq, subject?.Sid.ToString()).ToBytes();
    }
}

/// <summary>Forgets what is personal of requests, whoever sent them: those that came for a number or address, or are named. Where they stand stays, without a word.</summary>
internal static class RequestForgetting
{
    /// <summary>Within the turn that forgets a person, or somebody nobody knows more of than a number.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="rows">The requests.</param>
    /// <param name="subject">The person; null: nobody known. In whose history it stands which requests were theirs, so that their keys are found and destroyed.</param>
    public static void Forget(LedgerTurn turn, Actor actor, IEnumerable<RightsRequestRow> rows, OpaqueId? subject)
    {
        foreach (var row in rows.Where(static row => row.Tag is not null))
        {
            var id = new OpaqueId(row.Id);
            var seqs = RequestRows.RecordsOf(row);
            Subject? whose = subject is { } sid ? new Subject(sid) : null;
            List<LedgerRecord> written = [];
            turn.ForgetResults(row.Tag!);
            var outcome = row.Kind == Words<RightsKind>.Of(RightsKind.Erasure) ? RightsState.Answered : RightsState.Erased;
            // One that asked for just this is answered by it; that its words are gone is said beside it.
            if (row.Closed is not null || outcome == RightsState.Answered)
                written.Add(turn.Append(RequestSubject.Progressed(actor, id, seqs[0], whose, RightsStep.Erased, null)));
            if (row.Closed is null)
                written.Add(turn.Append(RequestSubject.Closed(actor, id, seqs[0], whose, outcome)));
            turn.Put(row with
            {
                Tag = null,
                Nonce = null,
                Words = null,
                Closed = row.Closed ?? Micros.Of(written[^1].At),
                Records = string.Join(' ', [row.Records, .. written.Select(static record => record.Seq.ToString(CultureInfo.InvariantCulture))]),
                State = row.Closed is null ? Words<RightsState>.Of(outcome) : row.State,
            });
        }
    }
}

/// <summary>Forgets the requests of somebody of whom nothing else is held.</summary>
/// <param name="actor">Who does it.</param>
/// <param name="requests">Their names.</param>
internal sealed class ForgetRequestsCommand(Actor actor, IReadOnlyCollection<OpaqueId> requests) : LedgerCommand
{
    public override void Ask(RowsWanted wanted) => wanted.RightsRequests.UnionWith(requests.Select(static id => id.ToArray()));

    public override byte[] Run(LedgerTurn turn)
    {
        var before = turn.Size;
        RequestForgetting.Forget(turn, actor, [.. requests.Select(turn.RightsRequest).OfType<RightsRequestRow>()], null);
        return new CommandAnswer(before, null, Already: turn.Size == before).ToBytes();
    }
}
