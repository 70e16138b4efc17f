using NodaTime;
using Ringfence.Ledger;
using Ringfence.People;

namespace Ringfence.Server.People;

/// <summary>What somebody looks for by name or number: never kept, and never in an address.</summary>
/// <param name="Name">Words of names; null: none.</param>
/// <param name="People">Whom a number or address leads to; null: none was named.</param>
internal sealed record AudienceText(string? Name, IReadOnlyList<OpaqueId>? People);

/// <summary>By what a count is known again: what was counted, of whom, by which answers, and when, where that matters.</summary>
internal readonly record struct AudienceKept(string What, AudienceFilter Filter, AnswerColumn[] Answers, uint At)
{
    public bool Equals(AudienceKept other) => What == other.What && Filter == other.Filter && At == other.At && Answers.AsSpan().SequenceEqual(other.Answers);

    public override int GetHashCode() => HashCode.Combine(What, Filter, At, Answers.Length);
}

/// <summary>Everybody, with some answers, as they stand: counts, pages and shares of whoever fits a filter.</summary>
internal sealed class AudienceLook(AudienceIndex index, AnswerColumn[] answers, Instant at)
{
    /// <summary>As of when the oldest of the answers are.</summary>
    public Instant AnswersAt => answers.Select(static column => column.At).DefaultIfEmpty(at).Min();

    /// <summary>The purposes whose best answer a question without purpose tells.</summary>
    public IReadOnlyList<string> PurposesOf(AudienceAsk ask) => ColumnOf(ask).Purposes;

    /// <summary>How many fit.</summary>
    public int Count(AudienceFilter filter, AudienceText? text = null) => Ask(filter, text, static query => query.Count(), "count");

    /// <summary>How many of those who fit, whatever the answer, have which: of several channels the best.</summary>
    public IReadOnlyList<int> Verdicts(AudienceFilter filter, AudienceText? text = null)
    {
        var asked = AudienceQuery.AsksOf(filter with { Verdict = AudienceVerdict.Allowed }).Select(ColumnOf).ToArray();
        return Ask(filter with { Verdict = null }, text, query => query.Verdicts(asked), "verdicts", asked);
    }

    /// <summary>Some of those who fit.</summary>
    public AudiencePage Page(AudienceFilter filter, AudienceOrder order, AudienceStart start, int size, AudienceText? text = null) => Ask(filter, text, query => query.Page(order, start, size));

    /// <summary>All who fit, in the order of the pages.</summary>
    public IReadOnlyList<OpaqueId> All(AudienceFilter filter, AudienceOrder order, AudienceText? text = null) => Ask(filter, text, query => query.All(order));

    /// <summary>How many of those who fit have which answer.</summary>
    public IReadOnlyList<AudienceShare> Breakdown(AudienceFilter filter, IEnumerable<AudienceAsk> asked, bool byCountry, AudienceText? text = null) =>
        asked.Select(ColumnOf).ToArray() is var columns ? Ask(filter, text, query => query.Breakdown(columns, byCountry), byCountry ? "by country" : "by answer", columns) : [];

    /// <summary>How many of those who fit are of which kind.</summary>
    public IReadOnlyList<(string? Word, int Count)> Breakdown(AudienceFilter filter, AudienceField by, AudienceText? text = null) => Ask(filter, text, query => query.Breakdown(by), "by " + by);

    /// <summary>The answer about a person; null: they are not listed.</summary>
    public AudienceCell? Answer(AudienceAsk ask, OpaqueId sid) =>
        index.With((columns, _) => columns.Find(sid) is var row and >= 0 && columns.IsListed(row) ? ColumnOf(ask).Of(row) : (AudienceCell?)null);

    private AnswerColumn ColumnOf(AudienceAsk ask) =>
        Array.Find(answers, column => column.Ask == ask) ?? throw new InvalidOperationException("Nobody asked for these answers.");

    // What is counted is counted once, as long as nobody changes; who was looked for is kept nowhere.
    private T Ask<T>(AudienceFilter filter, AudienceText? text, Func<AudienceQuery, T> ask, string? keep = null, params AnswerColumn[] asked) where T : notnull => index.With((columns, classes) =>
    {
        if (keep is not null && text is null)
            return index.Keep(new AudienceKept(keep, filter, [.. AudienceQuery.AsksOf(filter).Select(ColumnOf), .. asked], filter.AsksConsent ? Clock.Seconds(at) : 0), () => ask(new AudienceQuery(columns, classes, filter, [.. AudienceQuery.AsksOf(filter).Select(ColumnOf)], Clock.Seconds(at), null)));
        int[]? among = text switch
        {
            null => null,
            { People: { } people } => [.. people.Select(columns.Find).Where(static row => row >= 0).Distinct().Order()],
            { Name: { } name } => columns.Names.Find(name),
            _ => [],
        };
        return ask(new AudienceQuery(columns, classes, filter, [.. AudienceQuery.AsksOf(filter).Select(ColumnOf)], Clock.Seconds(at), among));
    });
}

/// <summary>The indexes of a node, one of each ledger that somebody looked at.</summary>
internal sealed class Audiences(Hosting.Served served) : IDisposable
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<long, AudienceIndex> known = new();

    /// <summary>The index of a ledger; it is made when somebody looks at it.</summary>
    public AudienceIndex Of(Storage.LedgerRow ledger) => known.GetOrAdd(ledger.Ledger, _ => new AudienceIndex(served, ledger));

    public void Dispose()
    {
        foreach (var index in known.Values)
            index.Dispose();
    }
}
