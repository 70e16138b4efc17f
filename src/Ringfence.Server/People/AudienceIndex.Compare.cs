using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Gate.Snapshot;

namespace Ringfence.Server.People;

/// <summary>What two gates answer one question about everybody, side by side.</summary>
/// <param name="ask">What is asked.</param>
internal sealed class AudienceComparison(AudienceAsk ask)
{
    /// <summary>People that are named of those whose answer changes in one way; all are counted.</summary>
    public const int MostNamed = 2_000;

    private readonly Lock adding = new();
    private readonly Dictionary<(AudienceCell Before, AudienceCell After), (int Count, List<OpaqueId> Named)> moves = [];

    public AudienceAsk Ask { get; } = ask;

    /// <summary>People that were asked about.</summary>
    public int Looked { get; private set; }

    /// <summary>The answers that are other ones, the most first; of those that stay nothing.</summary>
    public IReadOnlyList<AudienceMove> Moves =>
        [.. moves.Select(move => new AudienceMove(Ask, move.Key.Before, move.Key.After, move.Value.Count, move.Value.Named)).OrderByDescending(static move => move.Count).ThenBy(static move => move.Before.Pack()).ThenBy(static move => move.After.Pack())];

    /// <summary>Takes the answers about some people.</summary>
    /// <param name="looked">How many were asked about.</param>
    /// <param name="changed">Those whose verdict is another one.</param>
    public void Add(int looked, IReadOnlyList<(OpaqueId Sid, AudienceCell Before, AudienceCell After)> changed)
    {
        lock (adding)
        {
            Looked += looked;
            foreach (var (sid, before, after) in changed)
            {
                var (count, named) = moves.GetValueOrDefault((before, after), (0, []));
                if (named.Count < MostNamed)
                    named.Add(sid);
                moves[(before, after)] = (count + 1, named);
            }
        }
    }
}

/// <summary>People whose answer to one question changes in one way.</summary>
/// <param name="Ask">The question.</param>
/// <param name="Before">By the one gate.</param>
/// <param name="After">By the other.</param>
/// <param name="Count">How many.</param>
/// <param name="Named">Some of them, or all.</param>
internal sealed record AudienceMove(AudienceAsk Ask, AudienceCell Before, AudienceCell After, int Count, IReadOnlyList<OpaqueId> Named)
{
    /// <summary>Whether somebody would be contacted who is not, or sooner.</summary>
    public bool IsLooser => After.IsBetterThan(Before);
}

/// <summary>Asks two gates about everybody.</summary>
internal sealed partial class AudienceIndex
{
    /// <summary>Asks two gates one question about everybody, as of one instant.</summary>
    /// <param name="ask">The question; it names its purpose.</param>
    /// <param name="before">The one gate.</param>
    /// <param name="after">The other.</param>
    /// <param name="moved">Takes the row and the new answer of everybody whose verdict changes; called by many threads.</param>
    /// <param name="done">Takes how many people were asked about; called by many threads.</param>
    /// <param name="cancel">Gives up, after some thousands of people at the latest.</param>
    /// <returns>Null: everybody was read anew meanwhile, and it has to begin again.</returns>
    public async Task<AudienceComparison?> CompareAsync(AudienceAsk ask, AudienceGate before, AudienceGate after, Action<int, AudienceVerdict> moved, Action<int> done, CancellationToken cancel)
    {
        var purpose = ask.Purpose ?? throw new ArgumentException("The question names no purpose.", nameof(ask));
        await makers.WaitAsync(cancel);
        try
        {
            var (at, of, count) = (Now, columns, columns.Count);
            var templates = TemplatesOf(ask, [purpose], at);
            var (one, other) = (new AudienceAnswers(before, sid => followed?.Find(sid)), new AudienceAnswers(after, sid => followed?.Find(sid)));
            var found = new AudienceComparison(ask);
            var (onlyTheStore, isOld) = (new List<OpaqueId>(), false);
            // Half of the processors: decisions come first.
            Parallel.For(0, (count + Stretch - 1) / Stretch, new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = Math.Max(1, Environment.ProcessorCount / 2) }, stretch => With((all, _) =>
            {
                var (looked, changed, left) = (0, new List<(OpaqueId, AudienceCell, AudienceCell)>(), new List<OpaqueId>());
                if (!ReferenceEquals(all, of))
                    return isOld = true;
                for (var row = stretch * Stretch; row < Math.Min(count, (stretch + 1) * Stretch); row++)
                {
                    if (!all.IsListed(row))
                        continue;
                    ref readonly var listed = ref all[row];
                    var sid = all.SidOf(row);
                    var points = all.PointsOf(in listed);
                    if (one.Of(templates, ask.Channel, sid, listed.Alike, points) is not { } was || other.Of(templates, ask.Channel, sid, listed.Alike, points) is not { } becomes)
                    {
                        left.Add(sid);
                        continue;
                    }

                    looked++;
                    if (was.Verdict == becomes.Verdict)
                        continue;
                    changed.Add((sid, was, becomes));
                    moved(row, becomes.Verdict);
                }

                found.Add(looked, changed);
                done(looked);
                lock (onlyTheStore)
                    onlyTheStore.AddRange(left);
                return true;
            }));
            if (isOld)
                return null;
            foreach (var together in onlyTheStore.Chunk(Together))
            {
                var (looked, changed) = (0, new List<(OpaqueId, AudienceCell, AudienceCell)>());
                foreach (var person in await new AudienceReading(Installation, ledger, classes, served.GateOf(ledger).Rules).ReadAsync(together, cancel))
                {
                    if (person.Listed is null)
                        continue;
                    looked++;
                    var (was, becomes) = (await AnswerAsync(before, person, ask.Channel, templates, cancel), await AnswerAsync(after, person, ask.Channel, templates, cancel));
                    if (was.Verdict == becomes.Verdict)
                        continue;
                    changed.Add((person.Sid, was, becomes));
                    if (With((all, _) => all.Find(person.Sid)) is var row and >= 0)
                        moved(row, becomes.Verdict);
                }

                found.Add(looked, changed);
                done(looked);
            }

            return found;
        }
        finally
        {
            makers.Release();
        }
    }
}
