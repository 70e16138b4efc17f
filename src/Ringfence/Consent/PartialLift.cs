using Ringfence.Ledger;

namespace Ringfence.Consent;

/// <summary>
/// Somebody who had refused more let themselves be contacted again for something, and confirmed it from the handset: the refusal stands, but for just that. A <c>suppression.lifted</c> with
/// <c>detail.part</c>; its scope says what.
/// </summary>
/// <remarks>Whoever does not ask here takes the refusal for whole.</remarks>
public static class PartialLift
{
    private const string Part = "part";

    /// <summary>What stands in <c>detail</c>.</summary>
    public static (string Name, LeafValue Value) Mark => (Part, "yes");

    /// <summary>Whether a record is one. It takes nobody off the list.</summary>
    public static bool Is(LedgerRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return record.Type == RecordType.SuppressionLifted && record.Detail?[Part] is not null;
    }

    /// <summary>Whether a contact was opened again, of all that a suppression closes.</summary>
    /// <param name="records">Those of the person whose number or address it is.</param>
    /// <param name="suppression">The record that added it.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="purpose">The purpose; one behind it and a colon is opened with it. Null, not known: it was not.</param>
    public static bool Opens(IEnumerable<LedgerRecord> records, long suppression, Channel channel, string? purpose)
    {
        ArgumentNullException.ThrowIfNull(records);
        return purpose is not null && records.Any(record =>
            IsOf(record, suppression) && record.Scope is { Channels: { } channels, Purposes: { } purposes } && channels.Contains(channel.Word()) && PurposeNames.Cover(purposes, purpose));
    }

    /// <summary>Which of the purposes of a yes lie in what a no closed: a yes that is wider than the no in one of them opens nothing by it.</summary>
    /// <param name="named">Of the yes.</param>
    /// <param name="refused">Of the no; null: every one.</param>
    public static IReadOnlyList<string> Within(IEnumerable<string> named, IReadOnlyList<string>? refused) => [.. named.Where(purpose => refused is null || PurposeNames.Cover(refused, purpose))];

    /// <summary>Whether anything of a suppression was opened again: whoever says no once more then says something new.</summary>
    public static bool Exists(IEnumerable<LedgerRecord> records, long suppression)
    {
        ArgumentNullException.ThrowIfNull(records);
        return records.Any(record => IsOf(record, suppression));
    }

    private static bool IsOf(LedgerRecord record, long suppression) => Is(record) && record.About?.Contains(suppression) == true;
}
