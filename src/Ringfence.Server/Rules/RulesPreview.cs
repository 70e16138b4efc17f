using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Gate;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rules;

/// <summary>Answers that were one thing by the rules in force and are another by those that are asked for.</summary>
/// <param name="Before">The word of verdict before.</param>
/// <param name="After">And after.</param>
/// <param name="Count">How many.</param>
/// <param name="First">The first of them, each with where it is shown; null: nowhere.</param>
internal sealed record RuleMove(string Before, string After, long Count, IReadOnlyList<(string Label, string? Path)> First)
{
    /// <summary>Whether somebody would be contacted who is not, or sooner.</summary>
    public bool IsLooser => Rank(After) < Rank(Before);

    private static int Rank(string word) => word switch { "allowed" => 0, "deferred" => 1, _ => 2 };
}

/// <summary>What rules would change of some answers.</summary>
/// <param name="What"><c>decisions</c> or <c>cases</c>.</param>
/// <param name="Looked">How many answers were computed both ways.</param>
/// <param name="Whole">Of how many; null: nobody counted.</param>
/// <param name="Moves">All that came out, those that stay the same too.</param>
internal sealed record PreviewPart(string What, long Looked, long? Whole, IReadOnlyList<RuleMove> Moves)
{
    /// <summary>How many come out otherwise.</summary>
    public long Changed => Moves.Where(static move => move.Before != move.After).Sum(static move => move.Count);
}

/// <summary>Computes what rules would change of what was decided, and of the cases that ship.</summary>
/// <param name="served">What is served.</param>
/// <param name="ledger">Whose decisions.</param>
/// <param name="before">The gate in force.</param>
/// <param name="after">The gate that is asked for.</param>
internal sealed class RulesPreview(Served served, LedgerRow ledger, ContactGate before, ContactGate after)
{
    // Each is decided twice; so many take about a second.
    private const int MostDecisions = 2_000;
    private const int AtOnce = 200;
    private const int Shown = 50;

    /// <summary>On the decisions of the last 30 days, the newest first.</summary>
    public async Task<PreviewPart> DecisionsAsync(CancellationToken cancel)
    {
        var recent = served.RecentOf(ledger);
        await recent.CatchUpAsync(TimeSpan.FromSeconds(5));
        var tally = new Tally(before, after);
        foreach (var some in recent.Newest(new DecisionFilter(), null, MostDecisions).Chunk(AtOnce))
        {
            var wanted = new RowsWanted { WithRecords = false };
            wanted.Records.UnionWith(some.Select(static entry => entry.Seq));
            foreach (var (seq, row) in (await served.Installation.Store.LoadAsync(ledger.Ledger, wanted, cancel)).Records)
            {
                if (StoredRecord.Read(row).Decision is { } whole && RecordedDecision.TryRead(whole, out var recorded))
                    tally.Add(recorded.Situation, FormattableString.Invariant($"#{seq}"), GatePages.PathOf(seq));
            }
        }

        return tally.Part("decisions", recent.Count(new DecisionFilter()).All);
    }

    /// <summary>On the worked cases, those of house rules apart.</summary>
    public PreviewPart Cases(CancellationToken cancel)
    {
        var tally = new Tally(before, after);
        foreach (var worked in RuleCases.Shipped.Where(static worked => worked.House is null))
        {
            cancel.ThrowIfCancellationRequested();
            tally.Add(worked.Situation, worked.Name, null);
        }

        return tally.Part("cases", RuleCases.Shipped.Count);
    }

    private sealed class Tally(ContactGate before, ContactGate after)
    {
        private readonly Dictionary<(string, string), (long Count, List<(string, string?)> First)> moves = [];
        private long looked;

        public void Add(Situation situation, string label, string? path)
        {
            var key = (before.Decide(situation).Word, after.Decide(situation).Word);
            var (count, first) = moves.GetValueOrDefault(key, (0, []));
            if (first.Count < Shown)
                first.Add((label, path));
            moves[key] = (count + 1, first);
            looked++;
        }

        public PreviewPart Part(string what, long? whole) => new(
            what, looked, whole, [.. moves.Select(static move => new RuleMove(move.Key.Item1, move.Key.Item2, move.Value.Count, move.Value.First)).OrderBy(static move => move.Before == move.After).ThenByDescending(static move => move.Count)]);
    }
}
