using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Gate;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rules;

/// <summary>How far a preview of everybody is.</summary>
internal enum PreviewStanding
{
    /// <summary>Everybody is being read first.</summary>
    Reading,

    /// <summary>Everybody is being asked about.</summary>
    Asking,

    Done,

    /// <summary>Somebody stopped it.</summary>
    Stopped,

    /// <summary>The store, or what follows the ledger, is away.</summary>
    Away,
}

/// <summary>What a change of rules would do to everybody that is known.</summary>
/// <param name="People">How many people are listed.</param>
/// <param name="Purposes">What for they were asked about, by each channel of a permission line.</param>
/// <param name="PurposesLeftOut">How many other purposes anything was said about.</param>
/// <param name="Asked">The questions, each with what came of it.</param>
/// <param name="Becoming">How many people there are for whom an answer on any channel for any purpose becomes another one, by that.</param>
internal sealed record EverybodyPreview(int People, IReadOnlyList<string> Purposes, int PurposesLeftOut, IReadOnlyList<AudienceComparison> Asked, IReadOnlyDictionary<AudienceVerdict, int> Becoming)
{
    /// <summary>Whether somebody would be contacted who is not, or sooner.</summary>
    public bool IsLooser => Asked.Any(static one => one.Moves.Any(static move => move.IsLooser));
}

/// <summary>
/// What a change of rules would do, by the gate in force and the gate to be: to the cases that ship, to what was decided, and to everybody that is known. Computed beside the pages that show it, in pieces;
/// it ends when somebody stops it, or when nobody looks any more. Safe for many threads.
/// </summary>
internal sealed class ChangePreview : IDisposable
{
    /// <summary>So long it is worth telling: registers grow older, and people say yes and no.</summary>
    public static readonly Duration Fresh = Duration.FromMinutes(10);

    // Each is asked about on five channels.
    private const int MostPurposes = 8;

    // Beyond it nobody waits for it.
    private static readonly TimeSpan Forsaken = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    private readonly Served served;
    private readonly LedgerRow ledger;
    private readonly ContactGate before;
    private readonly ContactGate after;
    private readonly CancellationTokenSource stop = new();
    private readonly List<PreviewPart> parts = [];
    private readonly Task work;
    private volatile EverybodyPreview? everybody;
    private volatile PreviewStanding standing;
    private long asked;
    private int questions;
    private int answered;
    private int people;

    public ChangePreview(Served served, LedgerRow ledger, ContactGate before, ContactGate after)
    {
        (this.served, this.ledger, this.before, this.after) = (served, ledger, before, after);
        Began = Now;
        asked = served.Installation.Time.GetTimestamp();
        work = Task.Run(WorkAsync);
    }

    /// <summary>As of when it tells.</summary>
    public Instant Began { get; }

    public PreviewStanding Standing => standing;

    /// <summary>Of the decisions and of the cases, as far as it is.</summary>
    public IReadOnlyList<PreviewPart> Parts
    {
        get
        {
            lock (parts)
                return [.. parts];
        }
    }

    /// <summary>Null: not all are asked about yet.</summary>
    public EverybodyPreview? Everybody => everybody;

    /// <summary>From 0 to 1.</summary>
    public double Progress => standing switch
    {
        PreviewStanding.Reading => served.Audiences.Of(ledger).Progress.Part,
        PreviewStanding.Done => 1,
        _ => Math.Min(0.99, Volatile.Read(ref answered) / Math.Max(1.0, (double)questions * people)),
    };

    /// <summary>Whether something may still come of it.</summary>
    public bool GoesOn => !work.IsCompleted;

    /// <summary>Looks at it, for as long as somebody may wait.</summary>
    public async Task LookAsync(TimeSpan patience, CancellationToken cancel)
    {
        Volatile.Write(ref asked, served.Installation.Time.GetTimestamp());
        await Task.WhenAny(work, Task.Delay(patience, cancel));
    }

    /// <summary>Ends it; what is there stays.</summary>
    public void Stop()
    {
        if (!work.IsCompleted)
            stop.Cancel();
    }

    /// <summary>Ends when nothing may come of it any more.</summary>
    public Task EndAsync() => work;

    /// <summary>Ends it. What waits for its end goes on waiting for that alone.</summary>
    public void Dispose()
    {
        stop.Cancel();
        work.ContinueWith(static (_, stop) => ((CancellationTokenSource)stop!).Dispose(), stop, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private Instant Now => Instant.FromDateTimeOffset(served.Installation.Time.GetUtcNow());

    private async Task WorkAsync()
    {
        using var watch = new Timer(_ => Watch(), null, Look, Look);
        try
        {
            var preview = new RulesPreview(served, ledger, before, after);
            Add(preview.Cases(stop.Token));
            Add(await preview.DecisionsAsync(stop.Token));
            // On a server that follows nothing nobody is known.
            if (served.Installation.Snapshots?.Of(ledger) is null)
            {
                standing = PreviewStanding.Away;
                return;
            }

            EverybodyPreview? all;
            while ((all = await EverybodyAsync()) is null)
                stop.Token.ThrowIfCancellationRequested();
            everybody = all;
            standing = PreviewStanding.Done;
        }
        catch (OperationCanceledException)
        {
            standing = PreviewStanding.Stopped;
        }
        catch (Exception e) when (e is StoreException or ApiFault)
        {
            standing = PreviewStanding.Away;
        }

        void Add(PreviewPart part)
        {
            lock (parts)
                parts.Add(part);
        }

        void Watch()
        {
            if (served.Installation.Time.GetElapsedTime(Volatile.Read(ref asked)) > Forsaken)
                Stop();
        }
    }

    // Null: everybody was read anew meanwhile.
    private async Task<EverybodyPreview?> EverybodyAsync()
    {
        standing = PreviewStanding.Reading;
        var index = served.Audiences.Of(ledger);
        while (await index.LookAsync([], Look, stop.Token) is null)
            stop.Token.ThrowIfCancellationRequested();
        var all = index.Purposes;
        string[] purposes = all.Count == 0 ? [AudienceGate.PlainPurpose] : [.. all.Take(MostPurposes)];
        AudienceAsk[] asks = [.. PagePermissions.Shown.SelectMany(channel => purposes.Select(purpose => new AudienceAsk(channel, purpose)))];
        (questions, answered, people) = (asks.Length, 0, index.With(static (columns, _) => columns.People));
        standing = PreviewStanding.Asking;
        var becoming = Enum.GetValues<AudienceVerdict>().ToDictionary(static verdict => verdict, static _ => new HashSet<int>());
        var found = new List<AudienceComparison>();
        var (one, other) = (new AudienceGate(served, ledger, before), new AudienceGate(served, ledger, after));
        foreach (var ask in asks)
        {
            if (await index.CompareAsync(ask, one, other, Moved, done => Interlocked.Add(ref answered, done), stop.Token) is not { } compared)
                return null;
            found.Add(compared);
        }

        return new EverybodyPreview(people, purposes, all.Count - Math.Min(all.Count, MostPurposes), found, becoming.ToDictionary(static one => one.Key, static one => one.Value.Count));

        void Moved(int row, AudienceVerdict verdict)
        {
            lock (becoming)
                becoming[verdict].Add(row);
        }
    }
}

/// <summary>The previews of this node, one of each change that somebody looks at.</summary>
internal sealed class ChangePreviews(Served served) : IDisposable
{
    // They hold the names of those whose answer changes.
    private const int Most = 8;

    private readonly Dictionary<(long Ledger, string Change, long Since), ChangePreview> known = [];

    /// <summary>The preview of a change by the rules that are in force since a record; null: there is none, or it is of too long ago.</summary>
    public ChangePreview? Find(LedgerRow ledger, string change, long since)
    {
        lock (known)
            return known.GetValueOrDefault((ledger.Ledger, change, since)) is { } one && IsFresh(one) ? one : null;
    }

    /// <summary>Begins it, if nobody did meanwhile.</summary>
    public ChangePreview Begin(LedgerRow ledger, string change, long since, ContactGate before, ContactGate after)
    {
        lock (known)
        {
            if (known.GetValueOrDefault((ledger.Ledger, change, since)) is { } there && IsFresh(there))
                return there;
            foreach (var (key, old) in known.OrderByDescending(static one => one.Value.Began).Skip(Most - 1).Concat(known.Where(one => one.Key.Change == change)).ToArray())
            {
                old.Dispose();
                known.Remove(key);
            }

            return known[(ledger.Ledger, change, since)] = new ChangePreview(served, ledger, before, after);
        }
    }

    /// <summary>Forgets it, so that whoever looks next sees a new one.</summary>
    public void Forget(LedgerRow ledger, string change)
    {
        lock (known)
        {
            foreach (var (key, old) in known.Where(one => one.Key.Ledger == ledger.Ledger && one.Key.Change == change).ToArray())
            {
                old.Dispose();
                known.Remove(key);
            }
        }
    }

    public void Dispose()
    {
        ChangePreview[] all;
        lock (known)
            all = [.. known.Values];
        foreach (var one in all)
            one.Dispose();
        Task.WaitAll(all.Select(static one => one.EndAsync()));
    }

    private bool IsFresh(ChangePreview one) => one.GoesOn || Instant.FromDateTimeOffset(served.Installation.Time.GetUtcNow()) - one.Began < ChangePreview.Fresh;
}
