using Ringfence.Ledger;

namespace Ringfence.Server.People;

/// <summary>One record in one line: what, on which channels, for what, by whom.</summary>
internal static class HistoryLine
{
    public static string Of(LedgerRecord record)
    {
        var parts = new List<string> { record.Seq.ToString(System.Globalization.CultureInfo.InvariantCulture), RecordWords.Types.Of(record.Type) };
        if (record.State is { } state)
            parts.Add(RecordWords.States.Of(state));
        if (record.Scope?.Channels is { } channels)
            parts.Add(string.Join(",", channels));
        if (record.Scope?.Purposes is { } purposes)
            parts.Add(string.Join(",", purposes));
        if (record.Method is { } method)
            parts.Add(method.Collection);
        parts.Add($"({record.Actor.Ref})");
        return string.Join("  ", parts);
    }
}
