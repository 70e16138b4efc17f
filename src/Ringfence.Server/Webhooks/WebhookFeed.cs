using System.Buffers.Binary;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Webhooks;

namespace Ringfence.Server.Webhooks;

/// <summary>Goes through the records of a ledger, one after the other, and puts into the outbox what each system is to be told of them. Stopped anywhere, it goes on where it was.</summary>
internal sealed class WebhookFeed(ILedgerStore store, LedgerRow ledger)
{
    // What is read and written at a time.
    private const int RecordsAtOnce = 2_000;

    /// <summary>Takes what came since.</summary>
    /// <returns>Whether there was anything, so that there may be more.</returns>
    public async Task<bool> RunAsync(CancellationToken cancel)
    {
        var outbox = store.Outbox;
        var from = await outbox.FedAsync(ledger.Ledger, cancel);
        // Invariant: the head first, then who is told. Whoever was added by a record below the head is seen.
        var head = await store.HeadAsync(ledger.Ledger, cancel);
        if (from >= head.Size)
            return false;
        var told = await TellingAsync(cancel);
        if (from is null && told.Count == 0)
            return false;
        if (told.Count == 0)
        {
            _ = await outbox.FeedAsync(ledger.Ledger, from, head.Size, [], [], cancel);
            return false;
        }

        // Nobody is told of what was before them.
        var first = Math.Max(from ?? 0, told.Min(static row => row.Seq));
        var to = Math.Min(head.Size, first + RecordsAtOnce);
        var rows = new List<DeliveryRow>();
        var merges = new List<(byte[], byte[])>();
        await foreach (var row in store.RecordsAsync(ledger.Ledger, first, to, cancel))
        {
            if (!MayTell(row.Body))
                continue;
            var record = StoredRecord.Read(row);
            if (record is { Type: RecordType.ContactMerged, Subject: { } kept } && OpaqueId.TryParse(record.Detail?["merged"]?.AsText, out var merged))
                merges.Add((merged.ToArray(), kept.Sid.ToArray()));
            var word = RecordWords.Types.Of(record.Type);
            rows.AddRange(told.Where(webhook => webhook.Seq < record.Seq && webhook.Events.Split(' ').Contains(word)).Select(webhook => Of(webhook, record)));
        }

        _ = await outbox.FeedAsync(ledger.Ledger, from, to, rows, merges, cancel);
        return true;
    }

    /// <summary>Who is told anything.</summary>
    public async Task<IReadOnlyList<WebhookRow>> TellingAsync(CancellationToken cancel)
    {
        var rows = new List<WebhookRow>();
        await foreach (var row in store.WebhooksAsync(ledger.Ledger, cancel))
        {
            if (row.RemovedSeq is null)
                rows.Add(row);
        }

        return rows;
    }

    private static DeliveryRow Of(WebhookRow webhook, LedgerRecord record)
    {
        var at = Micros.Of(record.At);
        return new DeliveryRow(
            webhook.Id, record.Seq, WebhookMessage.IdOf(webhook.Id, record), OrderOf(record), at, webhook.Deadline is { } seconds ? at + (seconds * 1_000_000) : null, at, 0, null, null, null, null, null, null);
    }

    // What belongs together is told in order: all of one person; of a number that nobody is known by, what is about the same record.
    private static byte[] OrderOf(LedgerRecord record)
    {
        if (record.Subject is { } subject)
            return subject.Sid.ToArray();
        var root = new byte[OpaqueId.Size];
        BinaryPrimitives.WriteInt64BigEndian(root.AsSpan(sizeof(long)), record.About is { } about ? about[0] : record.Seq);
        return root;
    }

    // Most records tell of nothing that others have to obey; only these are read as what they say.
    private static bool MayTell(byte[] body) =>
        body.AsSpan().IndexOf("\"type\":\"suppression."u8) >= 0 || body.AsSpan().IndexOf("\"type\":\"consent.w"u8) >= 0 || body.AsSpan().IndexOf("\"type\":\"erasure."u8) >= 0
        || body.AsSpan().IndexOf("\"type\":\"permit.rev"u8) >= 0 || body.AsSpan().IndexOf("\"type\":\"processing."u8) >= 0 || body.AsSpan().IndexOf("\"type\":\"contact."u8) >= 0;
}
