using System.Collections.Concurrent;
using Ringfence.Lists;
using Ringfence.People;
using Ringfence.Rules;
using Ringfence.Server.Cli;
using Ringfence.Server.Lists.Reading;

namespace Ringfence.Server.Lists;

/// <summary>The database audit (A6): lists in, the truth about them out.</summary>
/// <remarks>
/// Two passes over the files. The first turns every row into <see cref="ContactFacts"/> and links them; the second grades each row and writes it.
/// </remarks>
internal sealed class Audit
{
    private readonly AuditOptions options;
    private readonly ProgressBar progress;
    private readonly CancellationToken cancel;
    private readonly ContactLists lists;

    private Audit(AuditOptions options, ContactLists lists, ProgressBar progress, CancellationToken cancel) =>
        (this.options, this.lists, this.progress, this.cancel) = (options, lists, progress, cancel);

    /// <summary>Audits the lists and writes all files of the report but the report itself.</summary>
    /// <exception cref="UnreadableListException">A file is no list.</exception>
    /// <exception cref="ColumnMapException">The user's map does not fit.</exception>
    /// <exception cref="OperationCanceledException">Stopped by the user; nothing is left behind.</exception>
    public static AuditReport Run(AuditOptions options, OutFolder folder, NextSteps steps, ProgressBar progress, CancellationToken cancel)
    {
        var lists = ContactLists.Read(options, progress, cancel);
        var hashing = Task.Run(lists.HashAsync, cancel);
        var linking = Linking.Of(lists.Contacts);
        progress.BeginPass();
        var tally = new Audit(options, lists, progress, cancel).WriteRows(folder, linking, steps);
        hashing.GetAwaiter().GetResult();
        var report = new AuditReporting(options, lists.Contacts, lists.Places, linking, lists.Lists, tally).Report();
        progress.End();
        return report;
    }

    private AuditTally WriteRows(OutFolder folder, Linking linking, NextSteps steps)
    {
        using var files = new AuditFiles(folder, options, lists.Lists, steps);
        var tally = new AuditTally(lists.Contacts.Count, options.Channels.Count);
        foreach (var list in lists.Lists)
            ContactLists.Naming(list.Path, () => WriteRows(list, files, tally, linking));
        files.Complete();
        return tally;
    }

    private void WriteRows(ReadList list, AuditFiles files, AuditTally tally, Linking linking)
    {
        using var file = lists.Open(list);
        var writers = new ConcurrentBag<AuditRowWriter>();
        Turns.Run<WrittenRows>(
            file, null, options.Threads,
            () =>
            {
                var writer = new AuditRowWriter(options, list, lists.Lists, lists.Contacts, lists.Places, linking, files, tally);
                writers.Add(writer);
                return batch => Written(batch, list, writer, files);
            },
            written =>
            {
                files.Append(written);
                tally.Add(written);
                progress.Step(file.Progress.Read, tally.RowsSeen);
                files.Return(written);
            },
            cancel);
        foreach (var writer in writers)
            writer.Outcomes.AddTo(tally.Grades);
        if (tally.RowsSeen != list.FirstRow + list.Rows)
            throw new UnreadableListException("The file changed while it was read.") { Code = "changed" };
        progress.EndStep(list.Bytes);
    }

    private WrittenRows Written(RowBatch batch, ReadList list, AuditRowWriter writer, AuditFiles files)
    {
        var written = files.Rent();
        var faults = new FaultWalk(batch);
        var (first, at) = list.FirstOf(batch);
        var next = lists.FirstRejectedFrom(at);
        for (var row = first; row < batch.Count; row++, at++)
        {
            faults.At(row);
            writer.Write(written, batch, row, at);
            foreach (var fault in faults.Current)
                writer.WriteRejected(written, batch, row, at, new RejectedCell(fault.Column, fault.Code));
            for (; next < lists.Rejected.Count && lists.Rejected[next].Row == at; next++)
                writer.WriteRejected(written, batch, row, at, lists.Rejected[next].Cell);
        }

        return written;
    }
}
