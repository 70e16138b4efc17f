using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Suppression;

/// <summary>Takes a no, whoever says it and by whatever way: while the store is away it is kept on this machine rather than lost.</summary>
internal static class SayingNo
{
    /// <summary>The store is away, and it is kept on this machine.</summary>
    public const string Kept = "withdrawal-kept";

    /// <summary>Not even that.</summary>
    public const string NotKept = "withdrawal-not-kept";

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
        catch (Exception e) when (StoreAway.Is(e))
        {
            throw Keep(installation, [.. points.Select(tags => Line(installation, ledger.Controller, actor, scope, facts) with { Point = tags.Point.Value })]);
        }
    }

    /// <summary>Keeps the no of whoever came by a link, while nobody can look up whose number it is.</summary>
    /// <param name="installation">The installation.</param>
    /// <param name="controller">The word of the controller that the link was made for.</param>
    /// <param name="link">The link, which was made here.</param>
    /// <param name="actor">Who writes it down.</param>
    /// <param name="scopes">What is closed.</param>
    /// <param name="facts">How it came in.</param>
    /// <returns>What to tell: <see cref="Kept"/> or <see cref="NotKept"/>.</returns>
    public static ApiFault Keep(Installation installation, string controller, PersonLink link, Actor actor, IReadOnlyList<SuppressionScope> scopes, RefusalFacts facts) =>
        Keep(installation, [.. scopes.Select(scope => Line(installation, controller, actor, scope, facts) with { Link = new SpooledLink(link.Subject.ToString(), link.Point.ToString()) })]);

    // On this machine, so that it is not lost; and not acknowledged, since other nodes don't know of it.
    private static ApiFault Keep(Installation installation, IReadOnlyList<SpooledWithdrawal> noes)
    {
        try
        {
            Installation.Spool(installation.Options, noes);
            return new ApiFault(StatusCodes.Status503ServiceUnavailable, Kept);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or Sealing.KeysException)
        {
            return new ApiFault(StatusCodes.Status503ServiceUnavailable, NotKept);
        }
    }

    private static SpooledWithdrawal Line(Installation installation, string controller, Actor actor, SuppressionScope scope, RefusalFacts facts) => new(
        Fresh.Id().ToString(), controller, "", (int)scope.Channels, scope.Purposes, facts.Way, actor.Ref, Micros.Of(Instant.FromDateTimeOffset(installation.Time.GetUtcNow())),
        (short)facts.By, (short)facts.Kind, (short)actor.Kind, null, (short?)facts.Answer?.Via, facts.Answer?.Language);
}
