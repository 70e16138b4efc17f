using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
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

    /// <summary>The rows.</summary>
    public static (SubjectRow Subject, List<ConsentRow> Consents) Of(Person person)
    {
        var erased = person.Status == PersonStatus.Erased;
        var subject = new SubjectRow(
            person.Sid.ToArray(), person.MergedInto?.ToArray(), StatusOf(person.Status), erased ? null : person.Residence,
            erased || person.Source is not { } source ? null : Words<ContactSource>.Of(source), person.Batch?.ToArray(),
            person.Records.Count == 0 ? 0 : Micros.Of(person.Records[0].At), person.Records.Count == 0 ? 0 : Micros.Of(person.Records[^1].At));
        return (subject, erased ? [] : [.. ConsentsOf(person)]);
    }

    // As of the beginning of time nothing has ended: until when each holds stands beside it, and the row says the same whenever it is made.
    private static IEnumerable<ConsentRow> ConsentsOf(Person person)
    {
        foreach (var line in ConsentState.Fold(person.Records).Lines(NodaTime.Instant.MinValue))
        {
            var answer = line.Answer;
            if (answer.Seqs.Count == 0)
                continue;
            yield return new ConsentRow(
                person.Sid.ToArray(), line.Point?.ToArray() ?? new byte[OpaqueId.Size], line.Channel is { } channel ? (short)channel : (short)-1, line.Purpose ?? "",
                (short)answer.Standing, answer.Seqs[^1], Micros.Of(answer.Since ?? person.Records[^1].At), answer.Until is { } until ? Micros.Of(until) : null);
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
