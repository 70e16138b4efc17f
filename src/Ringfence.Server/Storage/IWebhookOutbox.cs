namespace Ringfence.Server.Storage;

/// <summary>What other systems are to be told, and how far it has come. It follows the records of a ledger and is no part of them: lost, it is fed from them again, under the same ids.</summary>
/// <remarks>Several programs may work on one: what one of them has claimed no other gets before its time is up.</remarks>
public interface IWebhookOutbox
{
    /// <summary>How many records of a ledger were looked at; null: none ever were.</summary>
    Task<long?> FedAsync(long ledger, CancellationToken cancel);

    /// <summary>Takes what is to be told of some records, once.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="from">As <see cref="FedAsync"/> said; with another one nothing is done.</param>
    /// <param name="until">How many records were looked at by now.</param>
    /// <param name="rows">What is to be told; what is there already stays.</param>
    /// <param name="merges">Whose name in the ledger takes the place of whose: what waits under the old one is told before what comes under the new.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>False: somebody else was first.</returns>
    Task<bool> FeedAsync(long ledger, long? from, long until, IReadOnlyList<DeliveryRow> rows, IReadOnlyList<(byte[] Old, byte[] New)> merges, CancellationToken cancel);

    /// <summary>Gives out what is due, to nobody else until a time; of each contact the oldest alone.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="webhook">Whom it is for.</param>
    /// <param name="lease">16 bytes by which this claim is known.</param>
    /// <param name="now">What is due by then.</param>
    /// <param name="until">From then on somebody else may have it.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="early">Whether what is not due yet and on nobody's way will do, too: to see whether a system answers again.</param>
    /// <param name="cancel">Gives up.</param>
    Task<IReadOnlyList<DeliveryRow>> ClaimAsync(long ledger, string webhook, byte[] lease, long now, long until, int most, bool early, CancellationToken cancel);

    /// <summary>Says what came of what was claimed. That something arrived counts whoever has claimed it since; that it failed only where nobody has.</summary>
    Task SettleAsync(long ledger, byte[] lease, IReadOnlyList<DeliveryOutcome> outcomes, CancellationToken cancel);

    /// <summary>Makes all due that waits for a system and is not on its way: it answers again.</summary>
    Task HastenAsync(long ledger, string webhook, long now, CancellationToken cancel);

    /// <summary>Makes everything due that was on its way. For the only program that uses this store, when it starts.</summary>
    Task ReleaseAsync(long ledger, long now, CancellationToken cancel);

    /// <summary>Notes that something was obeyed; the first word stands.</summary>
    /// <returns>The row as it is then; null: there is none.</returns>
    Task<DeliveryRow?> ConfirmAsync(long ledger, byte[] id, long at, string by, CancellationToken cancel);

    /// <summary>One; null: there is none.</summary>
    Task<DeliveryRow?> FindAsync(long ledger, byte[] id, CancellationToken cancel);

    /// <summary>Those for systems that are still told anything, by record.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="webhook">For whom; null: for all of them.</param>
    /// <param name="kind">Which.</param>
    /// <param name="now">The time.</param>
    /// <param name="after">Of later records than this alone.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="cancel">Gives up.</param>
    Task<IReadOnlyList<DeliveryRow>> ListAsync(long ledger, string? webhook, DeliveryKind kind, long now, long after, int most, CancellationToken cancel);

    /// <summary>How much there is, by system; those that nothing waits for are left out.</summary>
    Task<IReadOnlyList<DeliveryCount>> CountAsync(long ledger, long now, CancellationToken cancel);

    /// <summary>Drops what is over since before a time, and all that was for systems that were removed.</summary>
    Task PruneAsync(long ledger, long before, CancellationToken cancel);

    /// <summary>Drops every row of a ledger that is closed.</summary>
    Task ClearAsync(long ledger, CancellationToken cancel);

    /// <summary>Every row, by system and record.</summary>
    IAsyncEnumerable<DeliveryRow> AllAsync(long ledger, CancellationToken cancel);
}
