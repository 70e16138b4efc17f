using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Webhooks;

/// <summary>Has another system told of what happens from now on.</summary>
/// <param name="actor">Who has it told.</param>
/// <param name="row">Who it is, with the secret sealed already; the record gives it its place.</param>
internal sealed class AddWebhookCommand(Actor actor, WebhookRow row) : LedgerCommand
{
    public override void Ask(RowsWanted wanted) => wanted.Webhooks.Add(row.Id);

    public override byte[] Run(LedgerTurn turn)
    {
        if (turn.Webhook(row.Id) is not null)
            throw new CommandRefusedException("webhook-there");
        var detail = new List<(string, LeafValue)>
        {
            ("what", "webhook-added"), ("webhook", row.Id), ("url", WebhookRecords.UrlDigest(row.Url)), ("events", LeafValue.ListOf([.. row.Events.Split(' ')])), ("hash", new Digest(row.Hash)),
        };
        if (row.Deadline is { } deadline)
            detail.Add(("deadline", deadline));
        var record = turn.Append(RecordDraft.Of(RecordType.ConfigChanged, actor, record => record with { Detail = LeafValue.Map.Of([.. detail]) }));
        turn.Put(row with { Seq = record.Seq, ChangedSeq = record.Seq });
        return new CommandAnswer(record.Seq, null).ToBytes();
    }
}

/// <summary>Gives a webhook another secret; the one before signs beside it for a while.</summary>
/// <param name="actor">Who does it.</param>
/// <param name="id">Which.</param>
/// <param name="secret">The new one, sealed.</param>
/// <param name="hash">SHA-256 of it.</param>
/// <param name="overlap">How long the one before goes on signing.</param>
internal sealed class RotateWebhookCommand(Actor actor, string id, byte[] secret, byte[] hash, Duration overlap) : LedgerCommand
{
    public override void Ask(RowsWanted wanted) => wanted.Webhooks.Add(id);

    public override byte[] Run(LedgerTurn turn)
    {
        var row = WebhookRecords.Standing(turn, id);
        var until = Micros.Of(turn.Now + overlap);
        var record = turn.Append(RecordDraft.Of(RecordType.ConfigChanged, actor, record => record with
        {
            Detail = LeafValue.Map.Of(("what", "webhook-rotated"), ("webhook", id), ("hash", new Digest(hash)), ("until", until)),
            About = [row.Seq],
        }));
        turn.Put(row with { Secret = secret, Hash = hash, SecretBefore = row.Secret, HashBefore = row.Hash, BeforeUntil = until, ChangedSeq = record.Seq });
        return new CommandAnswer(record.Seq, null).ToBytes();
    }
}

/// <summary>What becomes of a webhook: nothing is sent to it for now, or again, or never more.</summary>
internal enum WebhookTurn
{
    Off,
    On,
    Removed,
}

/// <summary>Turns a webhook off or on, or removes it for good.</summary>
/// <param name="actor">Who does it.</param>
/// <param name="id">Which.</param>
/// <param name="to">What becomes of it.</param>
/// <param name="why">A word, where the program does it by itself; null: none.</param>
internal sealed class TurnWebhookCommand(Actor actor, string id, WebhookTurn to, string? why = null) : LedgerCommand
{
    public override void Ask(RowsWanted wanted) => wanted.Webhooks.Add(id);

    public override byte[] Run(LedgerTurn turn)
    {
        var row = turn.Webhook(id) ?? throw new CommandRefusedException("no-such-webhook", id);
        if (row.RemovedSeq is { } before)
            return to == WebhookTurn.Removed ? new CommandAnswer(before, null, Already: true).ToBytes() : throw new CommandRefusedException("no-such-webhook", id);
        if (to != WebhookTurn.Removed && row.Off == (to == WebhookTurn.Off))
            return new CommandAnswer(row.ChangedSeq, null, Already: true).ToBytes();
        var detail = new List<(string, LeafValue)> { ("what", WebhookRecords.WordOf(to)), ("webhook", id) };
        if (why is not null)
            detail.Add(("why", why));
        var record = turn.Append(RecordDraft.Of(RecordType.ConfigChanged, actor, record => record with { Detail = LeafValue.Map.Of([.. detail]), About = [row.Seq] }));
        turn.Put(to switch
        {
            WebhookTurn.Off => row with { Off = true, ChangedSeq = record.Seq },
            WebhookTurn.On => row with { Off = false, ChangedSeq = record.Seq },
            WebhookTurn.Removed => row with { ChangedSeq = record.Seq, RemovedSeq = record.Seq },
        });
        return new CommandAnswer(record.Seq, null).ToBytes();
    }
}

/// <summary>What records say of webhooks.</summary>
internal static class WebhookRecords
{
    /// <summary>What a record names an address by: it may hold what a record may not, and what nobody else should read.</summary>
    public static Digest UrlDigest(string url) => new(SHA256.HashData(Encoding.UTF8.GetBytes(url)));

    /// <summary>The word of what became of one.</summary>
    public static string WordOf(WebhookTurn to) => to switch
    {
        WebhookTurn.Off => "webhook-off",
        WebhookTurn.On => "webhook-on",
        WebhookTurn.Removed => "webhook-removed",
    };

    /// <summary>One that was not removed.</summary>
    public static WebhookRow Standing(LedgerTurn turn, string id) =>
        turn.Webhook(id) is { RemovedSeq: null } row ? row : throw new CommandRefusedException("no-such-webhook", id);
}
