namespace Ringfence.Server.Storage;

/// <summary>Another system that is told of what happens.</summary>
/// <param name="Id">Small letters and digits.</param>
/// <param name="Name">What the people who made it call it.</param>
/// <param name="Url">Where it is told.</param>
/// <param name="Events">Words of what it is told of, sorted, joined by a blank.</param>
/// <param name="Deadline">Within how many seconds it has to confirm that it obeyed; null: it need not.</param>
/// <param name="Secret">What signs, sealed.</param>
/// <param name="Hash">SHA-256 of it.</param>
/// <param name="SecretBefore">What signed before, sealed; null: nothing did.</param>
/// <param name="HashBefore">SHA-256 of it.</param>
/// <param name="BeforeUntil">First instant at which what signed before does not sign any more.</param>
/// <param name="Off">Whether nothing is sent to it.</param>
/// <param name="Seq">The record that made it: it is told of what comes after.</param>
/// <param name="ChangedSeq">The record that last said something of it.</param>
/// <param name="RemovedSeq">The record that ended it; null: none did.</param>
public sealed record WebhookRow(
    string Id, string Name, string Url, string Events, long? Deadline, byte[] Secret, byte[] Hash, byte[]? SecretBefore, byte[]? HashBefore, long? BeforeUntil, bool Off, long Seq, long ChangedSeq,
    long? RemovedSeq);

/// <summary>One thing that one system is to be told. It names a record, and of the person nothing but the ledger's own name, and that only until it has arrived.</summary>
/// <param name="Webhook">Whom it is for.</param>
/// <param name="Seq">The record it tells of.</param>
/// <param name="Id">16 bytes, made of the record's and the receiver's: the same however often it is fed.</param>
/// <param name="Contact">16 bytes: what has the same is told in order. Null once it has arrived.</param>
/// <param name="At">When the record was written.</param>
/// <param name="Deadline">First instant at which it is overdue; null: nobody has to confirm it.</param>
/// <param name="NextAt">When it may be sent; for one that is on its way, when somebody else may send it. Null once it has arrived.</param>
/// <param name="Attempts">How often it was sent.</param>
/// <param name="Lease">16 bytes: of whoever is sending it; null: nobody.</param>
/// <param name="Status">The last HTTP status; null: there was none.</param>
/// <param name="Fault">Why the last attempt failed; null: it did not.</param>
/// <param name="Delivered">When it arrived; null: it did not.</param>
/// <param name="Confirmed">When somebody said that it was obeyed; null: nobody did.</param>
/// <param name="ConfirmedBy">Who: <c>answer</c>, <c>signed</c>, or the name of a member of staff.</param>
public sealed record DeliveryRow(
    string Webhook, long Seq, byte[] Id, byte[]? Contact, long At, long? Deadline, long? NextAt, int Attempts, byte[]? Lease, short? Status, string? Fault, long? Delivered, long? Confirmed, string? ConfirmedBy);

/// <summary>What came of one attempt.</summary>
/// <param name="Webhook">Whom it was for.</param>
/// <param name="Seq">The record.</param>
/// <param name="Status">HTTP status; null: there was none.</param>
/// <param name="Fault">Why it failed; null: it arrived.</param>
/// <param name="At">When.</param>
/// <param name="NextAt">When to try again; null: it arrived.</param>
/// <param name="Confirmed">Whether the answer said that it was obeyed.</param>
public sealed record DeliveryOutcome(string Webhook, long Seq, short? Status, string? Fault, long At, long? NextAt, bool Confirmed);

/// <summary>How much there is to be told to one system.</summary>
/// <param name="Webhook">Which.</param>
/// <param name="Waiting">What has not arrived.</param>
/// <param name="Overdue">What nobody confirmed within its deadline.</param>
/// <param name="Oldest">The deadline of the oldest of those; null: there is none.</param>
public sealed record DeliveryCount(string Webhook, long Waiting, long Overdue, long? Oldest);

/// <summary>Which deliveries are asked for.</summary>
public enum DeliveryKind
{
    All,

    /// <summary>What has not arrived.</summary>
    Waiting,

    /// <summary>What nobody confirmed, overdue or not.</summary>
    Unconfirmed,

    /// <summary>What nobody confirmed within its deadline.</summary>
    Overdue,
}
