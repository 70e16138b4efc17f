using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Gate;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>The rows of a person in the projections: a pure function of their records, the same whether they are written as things happen or rebuilt.</summary>
internal static class Projection
{
    /// <summary>In whose history a record stands: its subject's, and of a merge both.</summary>
    public static IEnumerable<OpaqueId> PeopleOf(LedgerRecord record)
    {
        if (record.Subject is not { } subject)
            yield break;
        yield return subject.Sid;
        if (record.Type is RecordType.ContactMerged or RecordType.ContactUnmerged && OpaqueId.TryParse(record.Detail?["merged"]?.AsText, out var other) && other != subject.Sid)
            yield return other;
    }

    /// <summary>That a person stands in a record.</summary>
    public static SubjectRecordRow StandsIn(OpaqueId sid, LedgerRecord record) => new(sid.ToArray(), record.Seq, Permits.IsIdle(record.Type));

    /// <summary>How the person stands. Records that are <see cref="Permits.IsIdle">idle</see> change nothing of it, and need not have been read.</summary>
    public static SubjectRow SubjectOf(Person person)
    {
        var erased = person.Status == PersonStatus.Erased;
        LedgerRecord? first = null, last = null;
        foreach (var record in person.Records)
        {
            if (!Permits.IsIdle(record.Type))
                (first, last) = (first ?? record, record);
        }

        return new SubjectRow(
            person.Sid.ToArray(), person.MergedInto?.ToArray(), StatusOf(person.Status), erased ? null : person.Residence,
            erased || person.Source is not { } source ? null : Words<ContactSource>.Of(source), person.Batch?.ToArray(),
            first is null ? 0 : Micros.Of(first.At), last is null ? 0 : Micros.Of(last.At));
    }

    /// <summary>How their consents stand; as above.</summary>
    public static IEnumerable<ConsentRow> ConsentsOf(Person person)
    {
        if (person.Status == PersonStatus.Erased)
            yield break;
        // As of the beginning of time nothing has ended: until when each holds stands beside it, and the row says the same whenever it is made.
        foreach (var line in ConsentState.Fold(person.Records).Lines(NodaTime.Instant.MinValue))
        {
            var answer = line.Answer;
            if (answer.Seqs.Count == 0)
                continue;
            // What turned out to be no consent is none since the record that says so, which is the last it rests on.
            yield return new ConsentRow(
                person.Sid.ToArray(), line.Point?.ToArray() ?? new byte[OpaqueId.Size], line.Channel is { } channel ? (short)channel : (short)-1, line.Purpose ?? "",
                (short)answer.Standing, answer.Seqs[^1], Micros.Of(answer.Since ?? person.Records.First(record => record.Seq == answer.Seqs[^1]).At), answer.Until is { } until ? Micros.Of(until) : null);
        }
    }

    private static short StatusOf(PersonStatus status) => status switch
    {
        PersonStatus.Contactable => 0,
        PersonStatus.Quarantined => 1,
        PersonStatus.Held => 2,
        PersonStatus.Erased => 3,
        PersonStatus.Merged => 4,
    };
}
