using Ringfence.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>Compares the keys of the HTTP API with the records that made and ended them: one that nobody made is a way in.</summary>
internal sealed class FsckApiKeys
{
    private readonly Dictionary<string, ApiKeyRow> told = new(StringComparer.Ordinal);

    /// <summary>Takes the next record.</summary>
    public void Add(LedgerRecord record)
    {
        if (record.Type != RecordType.ConfigChanged || record.Detail?["key"]?.AsText is not { } id)
            return;
        if (record.Detail["what"]?.AsText == "api-key-added" && Digest.TryParse(record.Detail["hash"]?.AsText, out var hash))
        {
            var scopes = (record.Detail["scopes"] as LeafValue.List)?.Items.Select(static item => item.AsText) ?? [];
            told[id] = new ApiKeyRow(id, "", hash.Bytes.ToArray(), string.Join(' ', scopes), record.Seq, record.Detail["expires"]?.AsNumber, null);
        }
        else if (record.Detail["what"]?.AsText == "api-key-revoked" && told.TryGetValue(id, out var key))
        {
            told[id] = key with { RevokedSeq = record.Seq };
        }
    }

    /// <summary>What does not fit.</summary>
    /// <param name="rows">The keys there are.</param>
    public IReadOnlyList<(string Code, long Seq)> Compare(IEnumerable<ApiKeyRow> rows)
    {
        var faults = new List<(string, long)>();
        var missing = told.Values.ToDictionary(static key => key.Id, StringComparer.Ordinal);
        foreach (var row in rows)
        {
            if (!missing.Remove(row.Id, out var key))
                faults.Add(("api-key-unknown", row.Seq));
            // Only its name is for people alone.
            else if (!row.Hash.AsSpan().SequenceEqual(key.Hash) || row with { Name = "", Hash = key.Hash } != key)
                faults.Add(("api-key-differs", key.Seq));
        }

        return [.. faults, .. missing.Values.Select(static key => ("api-key-missing", key.Seq))];
    }
}
