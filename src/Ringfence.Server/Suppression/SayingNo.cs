using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Suppression;

/// <summary>Takes a no, whoever says it and by whatever way: while the store is away it is kept on this machine rather than lost.</summary>
internal static class SayingNo
{
    /// <summary>Does it.</summary>
    /// <param name="installation">The installation.</param>
    /// <param name="ledger">Whose ledger.</param>
    /// <param name="actor">Who writes it down.</param>
    /// <param name="points">The numbers and addresses that are meant.</param>
    /// <param name="scope">What is closed.</param>
    /// <param name="facts">How it came in.</param>
    /// <param name="everyPoint">All of the person's, where they want to be left alone altogether; asked for only then.</param>
    /// <param name="key">The client's key; null: none.</param>
    /// <param name="cancel">Gives up before anything was written.</param>
    /// <exception cref="ApiFault"><c>withdrawal-kept</c>: the store is away, and it is kept here; <c>withdrawal-not-kept</c>: not even that.</exception>
    public static async Task<CommandAnswer> DoAsync(
        Installation installation, LedgerRow ledger, Actor actor, IReadOnlyList<PointTags> points, SuppressionScope scope, RefusalFacts facts,
        Func<Task<IReadOnlyList<PointTags>>> everyPoint, ClientKey? key, CancellationToken cancel)
    {
        try
        {
            // To be left alone altogether means every number and address of theirs.
            var every = scope.Channels == ChannelSet.All ? await everyPoint() : null;
            var writer = await installation.WriterAsync(ledger, cancel);
            return CommandAnswer.Read(await writer.DoAsync(new WithdrawCommand(actor, points, scope, facts, every) { ClientKey = key }, cancel));
        }
        catch (StoreException e) when (e.Fault is StoreFault.OutOfReach or StoreFault.OutcomeUnknown or StoreFault.Full)
        {
            // Kept on this machine, so that it is not lost; and not acknowledged, since other nodes don't know of it.
            try
            {
                foreach (var tags in points)
                {
                    Installation.Spool(installation.Options, new SpooledWithdrawal(
                        Fresh.Id().ToString(), ledger.Controller, tags.Point.Value, (int)scope.Channels, scope.Purposes, facts.Way, actor.Ref, Micros.Of(Instant.FromDateTimeOffset(installation.Time.GetUtcNow())), (short)facts.By, (short)facts.Kind));
                }
            }
            catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or Sealing.KeysException)
            {
                throw new ApiFault(StatusCodes.Status503ServiceUnavailable, "withdrawal-not-kept");
            }

            throw new ApiFault(StatusCodes.Status503ServiceUnavailable, "withdrawal-kept");
        }
    }
}
