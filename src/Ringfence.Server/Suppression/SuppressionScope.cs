using System.Collections.Concurrent;
using Ringfence.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Suppression;

/// <summary>What a no closes: channels and purposes. Where it is unclear, everything.</summary>
/// <param name="Channels">At least one.</param>
/// <param name="Purposes">Sorted, none twice; null: every purpose.</param>
internal sealed record SuppressionScope(ChannelSet Channels, IReadOnlyList<string>? Purposes)
{
    // Few combinations come again and again.
    private static readonly ConcurrentDictionary<ChannelSet, ValueList<string>> Words = [];

    public static SuppressionScope Everything { get; } = new(ChannelSet.All, null);

    /// <summary>Whether whoever says this has said the other, too.</summary>
    public bool Covers(SuppressionScope other) =>
        (other.Channels & ~Channels) == 0 && (Purposes is null || (other.Purposes is not null && other.Purposes.All(Purposes.Contains)));

    /// <summary>As a record says it; null: everything.</summary>
    public RecordScope? ToRecord() => Channels == ChannelSet.All && Purposes is null
        ? null
        : new RecordScope(
            Channels == ChannelSet.All ? null : Words.GetOrAdd(Channels, static set => [.. Ringfence.Channels.All.Where(c => set.Has(c)).Select(static c => c.Word()).Order(StringComparer.Ordinal)]),
            Purposes is null ? null : [.. Purposes]);

    /// <summary>Purposes as a row keeps them.</summary>
    public string? PurposeColumn => Purposes is null ? null : string.Join('\n', Purposes);

    /// <summary>The scope of a stored row.</summary>
    public static SuppressionScope Of(SuppressionRow row) => new((ChannelSet)row.Channels, row.Purposes?.Split('\n'));

    /// <summary>The scope that a record says.</summary>
    public static SuppressionScope Of(RecordScope? scope)
    {
        var channels = ChannelSet.None;
        foreach (var word in scope?.Channels ?? [])
            channels |= Ringfence.Channels.TryParse(word, out var channel) ? channel.Only() : ChannelSet.All;
        return new SuppressionScope(channels == ChannelSet.None ? ChannelSet.All : channels, scope?.Purposes is { } purposes ? [.. purposes] : null);
    }
}
