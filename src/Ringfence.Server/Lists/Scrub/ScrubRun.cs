using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using NodaTime.Text;
using Ringfence.Lists;
using Ringfence.Rules;
using Ringfence.Server.Cli;
using Ringfence.Server.Lists.Reading;
using Ringfence.Server.Suppression.Registers;
using Ringfence.Suppression.Registers;

namespace Ringfence.Server.Lists.Scrub;

/// <summary>A list in, the same list with a verdict behind every row out, in the same order.</summary>
/// <remarks>Memory does not grow with the list: only with who refuses in it, and with the lists of refusals (some bytes a number).</remarks>
internal static class ScrubRun
{
    /// <summary>Runs.</summary>
    /// <param name="options">What it goes by.</param>
    /// <param name="ledger">Whom the ledger knows; null: there is none.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancel">Stops; what was begun goes away, unless it is to be gone on with.</param>
    /// <exception cref="UnreadableListException">A file is no list.</exception>
    /// <exception cref="ColumnMapException">The user's map does not fit.</exception>
    /// <exception cref="RegisterOrderException"><c>no-number-column</c>, <c>changed</c>.</exception>
    public static ScrubOutcome Run(ScrubOptions options, LedgerScreen? ledger, ProgressBar progress, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        var outcome = new ScrubOutcome { AsOf = ledger?.AsOf };
        string[] files = [options.Files[0], .. options.SuppressionLists ?? []];
        var stamps = new ListStamps(files);
        var bytes = files.Sum(static file => File.Exists(file) ? new FileInfo(file).Length : 0);
        progress.Begin(bytes + (File.Exists(options.Files[0]) ? new FileInfo(options.Files[0]).Length : 0));
        // Side by side: putting refusals in order is work for one thread.
        var suppressing = Task.Run(() => Suppressed(options, outcome, cancel), CancellationToken.None);
        var (understood, refusals) = LookBeside(suppressing, options, progress, cancel);
        var suppressed = suppressing.GetAwaiter().GetResult();
        foreach (var list in options.SuppressionLists ?? [])
            progress.EndStep(new FileInfo(list).Length);
        var ground = new ScrubGround(options, understood.Columns, understood.HasHeader, refusals, suppressed, ledger, cancel);

        using var file = ScrubFile.Open(options.Out, InstantPattern.ExtendedIso.Format(options.Asked.At), Fingerprint(options, suppressed), options.Resume);
        if (file.Note is { } note)
        {
            outcome.Resumed = outcome.Rows = note.Rows;
            (outcome.Unreadable, outcome.OfLedger) = (note.Unreadable, note.OfLedger);
            note.ByVerdict.CopyTo(outcome.ByVerdict, 0);
            note.ByReason.AsSpan(0, Math.Min(note.ByReason.Length, outcome.ByReason.Length)).CopyTo(outcome.ByReason);
        }
        else
        {
            file.Write(Header(understood));
        }

        progress.BeginPass();
        Answer(ground, file, outcome, progress);
        if (stamps.Changed() is { } changed)
            throw new RegisterOrderException("changed", changed);
        cancel.ThrowIfCancellationRequested();
        file.Complete();
        outcome.Seconds = Math.Round(watch.Elapsed.TotalSeconds, 2);
        return outcome;
    }

    // A register in memory: who refuses is asked in the same way, and takes as little room.
    internal static RegisterImage? Suppressed(ScrubOptions options, ScrubOutcome outcome, CancellationToken cancel)
    {
        if (options.SuppressionLists is not { } lists)
            return null;
        using var sorter = new NumberSorter(Path.GetTempPath());
        var read = new ListNumbers(options.Region, options.Map, static (_, _) => { }, cancel);
        foreach (var list in lists)
            ContactLists.Naming(list, () => read.Read(list, sorter.Add));

        outcome.LostRefusals = read.DamagedCount;
        using var memory = new MemoryStream();
        memory.Write(new byte[256]);
        using var writer = new RegisterWriter(memory.Write);
        foreach (var number in sorter.Sorted())
            writer.Add(number);
        var (header, _) = writer.Finish(new RegisterFacts
        {
            Name = "suppressed",
            Version = 1,
            AsOf = options.Asked.At.InUtc().Date,
            Format = RegisterFormat.Csv,
            BuiltAt = options.Asked.At,
            SourceDigest = new string('0', 64),
            Covers = RegisterCoverage.Everything,
        });
        header.CopyTo(memory.GetBuffer(), 0);
        return RegisterImage.Open(memory.GetBuffer().AsMemory(0, (int)memory.Length));
    }

    private static (ColumnsUnderstood Understood, ListedRefusals Refusals) LookBeside(Task other, ScrubOptions options, ProgressBar progress, CancellationToken cancel)
    {
        try
        {
            return Look(options, progress, cancel);
        }
        catch
        {
            // Nothing goes on behind a run that has ended; and what is amiss with a list of refusals is told first.
            other.GetAwaiter().GetResult();
            throw;
        }
    }

    private static (ColumnsUnderstood Understood, ListedRefusals Refusals) Look(ScrubOptions options, ProgressBar progress, CancellationToken cancel)
    {
        using var file = Open(options);
        var first = new RowBatch();
        file.Read(first);
        var understood = ListNumbers.Understood(file, first, options.Map);
        if (!understood.Columns.Any(static column => column.Field == ListField.Phone))
            throw new RegisterOrderException("no-number-column", options.Files[0]);
        var refusals = ListedRefusals.Find(file, first, understood, options, read => progress.Step(read, 0), cancel);
        progress.EndStep(new FileInfo(options.Files[0]).Length);
        return (understood, refusals);
    }

    private static void Answer(ScrubGround ground, ScrubFile file, ScrubOutcome outcome, ProgressBar progress)
    {
        using var list = Open(ground.Options);
        var spare = new ConcurrentBag<ScrubbedRows>();
        var skip = outcome.Resumed;
        Turns.Run(list, null, ground.Options.Threads, () => Judging(ground, spare, skip), rows =>
        {
            file.Write(rows.Out.Written);
            outcome.Add(rows.Tally);
            spare.Add(rows);
            file.Reached(outcome.Rows, outcome);
            progress.Step(list.Progress.Read, outcome.Rows);
        }, ground.Cancel);
    }

    private static Func<RowBatch, ScrubbedRows> Judging(ScrubGround ground, ConcurrentBag<ScrubbedRows> spare, long skip)
    {
        var judge = new ScrubJudge(ground);
        return batch =>
        {
            if (!spare.TryTake(out var rows))
                rows = new ScrubbedRows();
            // Rows are counted without the header.
            var header = ground.HasHeader ? 1 : 0;
            var from = Math.Clamp(header + skip - batch.FirstRow, 0, batch.Count);
            judge.Judge(batch, (int)from, rows);
            return rows;
        };
    }

    private static ListFile Open(ScrubOptions options) => ListFile.Open(options.Files[0], new ListReadOptions(options.Sheet) { Encoding = options.Encoding });

    private static byte[] Header(ColumnsUnderstood understood)
    {
        var header = new CsvOut();
        foreach (var name in understood.Columns.Select(static column => column.Header).Concat(ScrubAnswer.Columns))
            header.Cell(name);
        header.EndRow();
        return header.Written.ToArray();
    }

    /// <summary>Of everything that the answers depend on, but for the ledger, which goes on.</summary>
    internal static string Fingerprint(ScrubOptions options, RegisterImage? suppressed)
    {
        var list = new FileInfo(options.Files[0]);
        var text = new StringBuilder()
            .Append(list.FullName).Append('\n').Append(list.Length).Append('\n').Append(list.LastWriteTimeUtc.Ticks).Append('\n')
            .Append(InstantPattern.ExtendedIso.Format(options.Asked.At)).Append('\n').Append(options.AskedAs).Append('\n')
            .Append(RulebookArchive.Of(options.Gate.Rules).Digest).Append('\n')
            .Append(suppressed?.Facts.Digest).Append('\n')
            .AppendJoin(';', options.Registers.Select(static register => register.Facts.Name + register.Facts.Digest)).Append('\n')
            .Append(options.Region).Append(options.Sheet).Append(options.Encoding).AppendJoin(',', options.Map);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
