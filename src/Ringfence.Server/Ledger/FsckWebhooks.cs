using Ringfence.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Server.Webhooks;

namespace Ringfence.Server.Ledger;

/// <summary>Compares who is told of what happens with the records that say so: one that nobody named learns what it should not, and one that was taken away leaves a copy uninformed.</summary>
internal sealed class FsckWebhooks
{
    private static readonly byte[] Nothing = [];

    private readonly Dictionary<string, (Digest Url, WebhookRow Row)> told = new(StringComparer.Ordinal);

    /// <summary>Whether any record tells of one.</summary>
    public bool Any => told.Count > 0;

    /// <summary>Takes the next record.</summary>
    public void Add(LedgerRecord record)
    {
        if (record.Type != RecordType.ConfigChanged || record.Detail is not { } detail || detail["webhook"]?.AsText is not { } id)
            return;
        var hash = Digest.TryParse(detail["hash"]?.AsText, out var parsed) ? parsed.Bytes.ToArray() : Nothing;
        if (detail["what"]?.AsText == "webhook-added" && Digest.TryParse(detail["url"]?.AsText, out var url))
        {
            var events = (detail["events"] as LeafValue.List)?.Items.Select(static item => item.AsText) ?? [];
            told[id] = (url, new WebhookRow(id, "", "", string.Join(' ', events), detail["deadline"]?.AsNumber, Nothing, hash, null, null, null, false, record.Seq, record.Seq, null));
        }

        if (!told.TryGetValue(id, out var there))
            return;
        told[id] = there with
        {
            Row = detail["what"]?.AsText switch
            {
                "webhook-rotated" => there.Row with { Hash = hash, HashBefore = there.Row.Hash, BeforeUntil = detail["until"]?.AsNumber, ChangedSeq = record.Seq },
                "webhook-off" => there.Row with { Off = true, ChangedSeq = record.Seq },
                "webhook-on" => there.Row with { Off = false, ChangedSeq = record.Seq },
                "webhook-removed" => there.Row with { ChangedSeq = record.Seq, RemovedSeq = record.Seq },
                _ => there.Row,
            },
        };
    }

    /// <summary>What does not fit.</summary>
    /// <param name="rows">Those there are.</param>
    /// <param name="secrets">Opens what signs; null: nothing was ever sealed.</param>
    public IReadOnlyList<(string Code, long Seq)> Compare(IEnumerable<WebhookRow> rows, WebhookSecrets? secrets)
    {
        var faults = new List<(string, long)>();
        var missing = told.Keys.ToHashSet(StringComparer.Ordinal);
        foreach (var row in rows)
        {
            if (!missing.Remove(row.Id))
                faults.Add(("webhook-unknown", row.Seq));
            else if (!Fits(row, told[row.Id].Url, told[row.Id].Row))
                faults.Add(("webhook-differs", told[row.Id].Row.Seq));
            else if (secrets?.Open(row.Id, row.Secret, row.Hash) is null || (row.SecretBefore is { } before && secrets.Open(row.Id, before, row.HashBefore!) is null))
                faults.Add(("webhook-secret", row.Seq));
        }

        return [.. faults, .. missing.Select(id => ("webhook-missing", told[id].Row.Seq))];
    }

    // Only its name is for people alone; what is sealed is looked at by itself.
    private static bool Fits(WebhookRow row, Digest url, WebhookRow record) =>
        WebhookRecords.UrlDigest(row.Url) == url && row.Hash.AsSpan().SequenceEqual(record.Hash)
        && (row.HashBefore ?? Nothing).AsSpan().SequenceEqual(record.HashBefore ?? Nothing) && row.SecretBefore is null == record.HashBefore is null
        && row with { Name = "", Url = "", Secret = Nothing, Hash = Nothing, SecretBefore = null, HashBefore = null } == record with { Secret = Nothing, Hash = Nothing, HashBefore = null };
}
