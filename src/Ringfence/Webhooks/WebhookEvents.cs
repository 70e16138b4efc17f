using Ringfence.Ledger;

namespace Ringfence.Webhooks;

/// <summary>What other systems can be told: the records by which somebody's no begins or ends. Each is called by the word of its record.</summary>
public static class WebhookEvents
{
    /// <summary>A message that is sent to try an endpoint, of no record.</summary>
    public const string Test = "webhook.test";

    /// <summary>Nos: what a copy has to obey. Whoever names nothing gets these.</summary>
    public static IReadOnlyList<RecordType> Nos { get; } =
        [RecordType.ConsentWithdrawn, RecordType.SuppressionAdded, RecordType.PermitRevoked, RecordType.ProcessingHeld, RecordType.ErasureRequested];

    /// <summary>All there are: also what ends a no, and who is one person from now on.</summary>
    public static IReadOnlyList<RecordType> All { get; } = [.. Nos, RecordType.SuppressionLifted, RecordType.ProcessingReleased, RecordType.ContactMerged, RecordType.ContactUnmerged];

    /// <summary>The words of all, sorted.</summary>
    public static IReadOnlyList<string> Words { get; } = [.. All.Select(RecordWords.Types.Of).Order(StringComparer.Ordinal)];

    /// <summary>The words of the nos, sorted, with a blank between: what an endpoint gets that names nothing.</summary>
    public static string Default { get; } = Join(Nos.Select(RecordWords.Types.Of));

    /// <summary>Reads words; null: one is not known, or there is none. Sorted, none twice, with a blank between. <c>all</c> is every one of them.</summary>
    public static string? Read(IEnumerable<string> words)
    {
        string[] asked = [.. words];
        if (asked is ["all"])
            return Join(Words);
        return asked.Length > 0 && asked.All(Words.Contains) ? Join(asked.Distinct()) : null;
    }

    private static string Join(IEnumerable<string> words) => string.Join(' ', words.Order(StringComparer.Ordinal));
}
