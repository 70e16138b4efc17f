namespace Ringfence.Server.Storage;

/// <summary>The tables of who else is told, and of what.</summary>
internal static class WebhookTables
{
    public static readonly Table<WebhookRow> Webhook = new(
        "webhook", 1,
        static c => new(
            c.Text(0), c.Text(1), c.Text(2), c.Text(3), c.LongOrNull(4), c.Bytes(5), c.Bytes(6), c.BytesOrNull(7), c.BytesOrNull(8), c.LongOrNull(9), IsOff(c.Long(10)), c.Long(11), c.Long(12), c.LongOrNull(13)),
        Column.Text<WebhookRow>("id", static r => r.Id),
        Column.Text<WebhookRow>("name", static r => r.Name),
        Column.Text<WebhookRow>("url", static r => r.Url),
        Column.Text<WebhookRow>("events", static r => r.Events),
        Column.LongOrNull<WebhookRow>("deadline", static r => r.Deadline),
        Column.Bytes<WebhookRow>("secret", static r => r.Secret),
        Column.Bytes<WebhookRow>("hash", static r => r.Hash),
        Column.Bytes<WebhookRow>("secret_before", static r => r.SecretBefore),
        Column.Bytes<WebhookRow>("hash_before", static r => r.HashBefore),
        Column.LongOrNull<WebhookRow>("before_until", static r => r.BeforeUntil),
        Column.Small<WebhookRow>("off", static r => r.Off ? (short)1 : (short)0),
        Column.Long<WebhookRow>("seq", static r => r.Seq),
        Column.Long<WebhookRow>("changed_seq", static r => r.ChangedSeq),
        Column.LongOrNull<WebhookRow>("removed_seq", static r => r.RemovedSeq));

    public static readonly Table<DeliveryRow> Delivery = new(
        "webhook_delivery", 2,
        static c => new(
            c.Text(0), c.Long(1), c.Bytes(2), c.BytesOrNull(3), c.Long(4), c.LongOrNull(5), c.LongOrNull(6), (int)c.Long(7), c.BytesOrNull(8), (short?)c.LongOrNull(9), c.TextOrNull(10), c.LongOrNull(11),
            c.LongOrNull(12), c.TextOrNull(13)),
        Column.Text<DeliveryRow>("webhook", static r => r.Webhook),
        Column.Long<DeliveryRow>("seq", static r => r.Seq),
        Column.Bytes<DeliveryRow>("id", static r => r.Id),
        Column.Bytes<DeliveryRow>("contact", static r => r.Contact),
        Column.Long<DeliveryRow>("at", static r => r.At),
        Column.LongOrNull<DeliveryRow>("deadline", static r => r.Deadline),
        Column.LongOrNull<DeliveryRow>("next_at", static r => r.NextAt),
        Column.Int<DeliveryRow>("attempts", static r => r.Attempts),
        Column.Bytes<DeliveryRow>("lease", static r => r.Lease),
        Column.SmallOrNull<DeliveryRow>("status", static r => r.Status),
        Column.Text<DeliveryRow>("fault", static r => r.Fault),
        Column.LongOrNull<DeliveryRow>("delivered", static r => r.Delivered),
        Column.LongOrNull<DeliveryRow>("confirmed", static r => r.Confirmed),
        Column.Text<DeliveryRow>("confirmed_by", static r => r.ConfirmedBy));

    // Whoever wrote anything else was not this program.
    private static bool IsOff(long off) => off is 0 or 1 ? off == 1 : throw new StoreException(StoreFault.Damaged, "A webhook is neither on nor off.");
}
