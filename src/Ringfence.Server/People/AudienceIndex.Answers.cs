using System.Collections.Concurrent;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Gate.Snapshot;

namespace Ringfence.Server.People;

/// <summary>The columns of answers of an index: made when they are asked for, made anew when they are old.</summary>
internal sealed partial class AudienceIndex
{
    /// <summary>How old the answers of a column may be before they are worked out anew.</summary>
    public static readonly Duration Fresh = Duration.FromMinutes(1);

    // So long they are told with their time while they are worked out anew; what is older is waited for.
    private static readonly Duration Tolerable = Duration.FromMinutes(15);

    // More counts than these are not kept: whoever asks for one more begins anew.
    private const int MostKept = 1_024;

    // Nobody looks at more at a time; the one that was not looked at for longest goes.
    private const int MostColumns = 48;

    // The best of more purposes would take longer than anybody waits; those that were said about most come first.
    private const int MostPurposes = 6;

    // People asked about before others may change something.
    private const int Stretch = 2_048;

    private readonly ConcurrentDictionary<AudienceAsk, AnswerColumn> answers = new();
    private readonly ConcurrentDictionary<AudienceAsk, Lazy<Task<AnswerColumn>>> making = new();
    private readonly SemaphoreSlim makers = new(1);
    private volatile AnswerColumn? working;
    private volatile ConcurrentDictionary<AudienceKept, object> kept = new();

    /// <summary>The purposes that anything was said about, those of most people first.</summary>
    public IReadOnlyList<string> Purposes => With(static (all, _) => all.Purposes);

    /// <summary>How much of the answers that are being worked out is there, from 0 to 1.</summary>
    public double AnswersPart => working is { } column ? Math.Min(0.99, column.Done / Math.Max(1.0, columns.Count)) : 1;

    /// <summary>Works answers out anew, as of now.</summary>
    public Task<AnswerColumn> RefreshAsync(AudienceAsk ask) => making.GetOrAdd(ask, asked => new Lazy<Task<AnswerColumn>>(() => Task.Run(() => MakeAsync(asked)))).Value;

    /// <summary>Has answers worked out that nobody waits for; those that are there are left alone.</summary>
    public void Begin(IEnumerable<AudienceAsk> asks)
    {
        foreach (var ask in asks)
        {
            if (isWhole && !answers.ContainsKey(ask))
                _ = RefreshAsync(ask);
        }
    }

    // What is there is told with its time while the new one is made; null: nothing is there yet.
    private async Task<AnswerColumn?> ColumnAsync(AudienceAsk ask, Func<TimeSpan> left, CancellationToken cancel)
    {
        var known = answers.GetValueOrDefault(ask);
        if (known is null || Now - known.At >= Fresh || known.Rules != gate.Rules)
        {
            var made = RefreshAsync(ask);
            if ((known is null || Now - known.At >= Tolerable || known.Rules != gate.Rules) && await WaitAsync(made, left(), cancel))
                known = await made;
        }

        if (known is not null)
            known.Used = Installation.Time.GetTimestamp();
        return known;
    }

    /// <summary>What was counted before, as long as nothing has changed since; else it is counted now. Nobody changes anything meanwhile.</summary>
    internal T Keep<T>(AudienceKept key, Func<T> count) where T : notnull
    {
        var all = kept;
        if (all.TryGetValue(key, out var known))
            return (T)known;
        var counted = count();
        if (all.Count < MostKept)
            all[key] = counted;
        else
            Change();
        return counted;
    }

    // What was counted by answers that are replaced is not asked for again.
    private void Drop(AnswerColumn? column)
    {
        foreach (var key in kept.Keys.Where(key => column is not null && key.Answers.Contains(column)))
            kept.TryRemove(key, out _);
    }

    private void Change() => kept = new ConcurrentDictionary<AudienceKept, object>();

    private async Task<AnswerColumn> MakeAsync(AudienceAsk ask)
    {
        // One after the other: each takes all processors.
        await makers.WaitAsync(stop.Token);
        try
        {
            var (at, of) = (Now, columns);
            var purposes = ask.Purpose is { } one ? [one] : PurposesOfAll();
            var templates = TemplatesOf(ask, purposes, at);
            var column = new AnswerColumn(ask, purposes, at, of.Count) { Rules = gate.Rules };
            // From here on whoever is read anew is answered in it too.
            working = column;
            var asking = new AudienceAnswers(gate, sid => followed?.Find(sid));
            var count = of.Count;
            // Where answers are there already nobody waits for these, and those who look at pages go first.
            var width = answers.ContainsKey(ask) ? Math.Max(1, Environment.ProcessorCount / 2) : Environment.ProcessorCount;
            Parallel.For(0, (count + Stretch - 1) / Stretch, new ParallelOptions { CancellationToken = stop.Token, MaxDegreeOfParallelism = width }, stretch => With((all, _) =>
            {
                for (var row = stretch * Stretch; ReferenceEquals(all, of) && row < Math.Min(count, (stretch + 1) * Stretch); row++)
                    Answer(all, row, column, templates, asking);
                return Interlocked.Add(ref column.Done, Stretch);
            }));
            access.EnterWriteLock();
            try
            {
                Drop(answers.GetValueOrDefault(ask));
                if (ReferenceEquals(columns, of))
                    answers[ask] = column;
                foreach (var old in answers.Values.OrderByDescending(static each => each.Used).Skip(MostColumns).Where(each => each != column))
                {
                    answers.TryRemove(old.Ask, out _);
                    Drop(old);
                }
            }
            finally
            {
                access.ExitWriteLock();
            }

            return column;
        }
        finally
        {
            working = null;
            makers.Release();
            making.TryRemove(ask, out _);
        }
    }

    private void Answer(AudienceColumns all, int row, AnswerColumn column, IReadOnlyList<Situation> templates, AudienceAnswers asking)
    {
        ref readonly var one = ref all[row];
        if (!all.IsListed(row))
            return;
        if (asking.Of(templates, column.Ask.Channel, all.SidOf(row), one.Alike, all.PointsOf(in one)) is { } cell)
            column.Put(row, cell.Pack());
        else
            Touch(SnapshotKey.Person(all.SidOf(row)));
    }

    private Task<AudienceCell> AnswerAsync(ReadPerson person, AnswerColumn column, CancellationToken cancel) =>
        AnswerAsync(gate, person, column.Ask.Channel, TemplatesOf(column.Ask, column.Purposes, Now), cancel);

    private async Task<AudienceCell> AnswerAsync(AudienceGate gate, ReadPerson person, Channel channel, IReadOnlyList<Situation> templates, CancellationToken cancel)
    {
        var listed = person.Listed!;
        if (person.Contact is { Known: not null } contact)
            return new AudienceAnswers(gate, _ => contact).Of(templates, channel, listed.Sid, UInt128.Zero, [.. listed.Points]) ?? AudienceCell.NoPoint;
        var best = AudienceCell.NoPoint;
        foreach (var (_, point) in person.Found!.Points())
        {
            if (!point.Channels.Has(channel) || !person.Contact!.Points.Any(known => known.Lookup.AsSpan().SequenceEqual(Installation.TagsOf(point).Lookup)))
                continue;
            foreach (var asked in templates)
            {
                if (AudienceCell.Of((await gate.DecideAsync(asked, point, cancel)).Verdict) is var cell && cell.IsBetterThan(best))
                    best = cell;
            }
        }

        return best;
    }

    private string[] PurposesOfAll() => Purposes is { Count: > 0 } all ? [.. all.Take(MostPurposes)] : [AudienceGate.PlainPurpose];

    private Situation[] TemplatesOf(AudienceAsk ask, IReadOnlyList<string> purposes, Instant at) => [.. purposes.Select(purpose => gate.TemplateOf(ask.Channel, purpose) with { At = at })];
}
