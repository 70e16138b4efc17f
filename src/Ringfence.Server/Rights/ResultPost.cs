using NodaTime;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Gateways;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Rights;
using Ringfence.Server.Gateways;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Webhooks;

namespace Ringfence.Server.Rights;

/// <summary>Tells people by a message what came of what they said, where a law wants that: once, on the channel by which they said it. What can't be sent is left to staff.</summary>
/// <remarks>
/// It answers a statement of the person's own, as the one answer to a no does (<see cref="InboundTaking"/>), and as that it needs no permit: nothing in it sells anything. Each is claimed on the disk before it is sent. Whoever is
/// stopped in between leaves it to staff, because nobody knows whether it went: one that is never sent by itself is told by hand, one that is sent twice is a nuisance.
/// </remarks>
/// <param name="served">What is served.</param>
/// <param name="log">Takes what went wrong, without whom it was for.</param>
/// <param name="random">Numbers from 0 to below 1, by which what failed together is not tried again together; null: the machine's.</param>
internal sealed class ResultPost(Served served, Action<string> log, Func<double>? random = null)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    // Longer than any gateway takes to answer, or to give up.
    private static readonly Duration Lease = Duration.FromMinutes(2);

    private readonly Installation installation = served.Installation;

    private Instant Now => Instant.FromDateTimeOffset(installation.Time.GetUtcNow());

    /// <summary>Goes on until it is stopped; what is on its way then is ended.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await OnceAsync(stop);
            }
            catch (Exception e) when (e is StoreException or KeysException or CommandRefusedException or LedgerAlarmException or SignerException or IOException)
            {
                log(e.Message);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
            }

            await Task.Delay(Look, installation.Time, stop).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>Does everything that is to be done at this moment, once.</summary>
    /// <returns>How many messages were taken by a gateway.</returns>
    public async Task<int> OnceAsync(CancellationToken cancel)
    {
        var sent = 0;
        foreach (var ledger in await installation.NewestLedgersAsync(cancel))
        {
            foreach (var rows in await ResultTasks.ClaimAsync(installation.Store, ledger, Now, Now + Lease, cancel))
                sent += await TellAsync(ledger, rows) ? 1 : 0;
        }

        return sent;
    }

    // What is claimed is ended, whoever wants to stop meanwhile.
    private async Task<bool> TellAsync(LedgerRow ledger, IReadOnlyList<ResultTaskRow> rows)
    {
        var (store, lease, via) = (installation.Store, rows[0].Lease!, (Channel)rows[0].Via!.Value);
        var (point, found) = await ResultTasks.WhomAsync(installation, ledger, rows[^1], CancellationToken.None);
        if (rows[^1].Sid is not null && found is null)
        {
            _ = await ResultTasks.DropAsync(store, ledger, lease, CancellationToken.None);
            return false;
        }

        if (await WhyNotAsync(ledger, rows, via, point, found) is { } fault)
        {
            _ = await ResultTasks.GiveUpAsync(store, ledger, lease, fault, CancellationToken.None);
            return false;
        }

        switch (await Sending.SendAsync(installation, served.Gateways, ledger, await MessageAsync(ledger, rows, via, point!), CancellationToken.None))
        {
            case Delivery.Accepted:
                _ = await ResultTasks.ToldAsync(store, ledger, lease, LocalDate.Max(Now.InUtc().Date, LocalDatePattern.Iso.Parse(rows[^1].Day).Value), CancellationToken.None);
                return true;
            case Delivery.Refused refused:
                _ = await ResultTasks.GiveUpAsync(store, ledger, lease, refused.Code == "no-gateway" ? refused.Code : Delivery.NameOf(refused.For), CancellationToken.None);
                return false;
            case Delivery.Later { MayHaveArrived: true }:
                _ = await ResultTasks.GiveUpAsync(store, ledger, lease, ResultTasks.Unsure, CancellationToken.None);
                return false;
            case Delivery.Later later:
                var wait = RetryDelay.OfMessage(rows.Max(static row => row.Attempts), random?.Invoke() ?? Random.Shared.NextDouble());
                _ = await ResultTasks.PutOffAsync(store, ledger, lease, Now + (later.After is { } after && after > wait ? after : wait), CancellationToken.None);
                return false;
            default:
                throw new InvalidOperationException("A delivery of no kind.");
        }
    }

    /// <summary>Why no message goes, though somebody may be told by one; null: one goes.</summary>
    private async Task<string?> WhyNotAsync(LedgerRow ledger, IReadOnlyList<ResultTaskRow> rows, Channel via, ContactPoint? point, FoundContact? found)
    {
        if (point is null)
            return "nobody";
        if (Now >= Micros.ToInstant(rows.Min(static row => row.SendUntil)!.Value))
            return "too-long";
        // Somebody has to read first what they wrote, or to see to what they asked for.
        if (found?.Person.Status == PersonStatus.Held)
            return "held";
        if (served.Gateways.Of(ledger.Controller, via) is null)
            return "no-gateway";
        var rowsAgainst = await Contacts.SuppressionsAsync(installation, ledger, [installation.TagsOf(point)], CancellationToken.None);
        // Their own no is what is told. What a provider, an authority, the house or a complaint closed stays closed to this too.
        return rowsAgainst.Any(row => !ClosedPoints.IsTheirs(row) && SuppressionScope.Of(row).Channels.Has(via)) ? "closed" : null;
    }

    private async Task<OutMessage> MessageAsync(LedgerRow ledger, IReadOnlyList<ResultTaskRow> rows, Channel via, ContactPoint point)
    {
        var sender = (await served.Names.OfAsync([ledger.Controller], CancellationToken.None))[ledger.Controller];
        var (language, last) = (rows[^1].Language, SaidOf(rows[^1]));
        // What they said more than once on a day is told where they said it last: the last word is the one whose outcome is told.
        var said = rows.Select(static row => (SaidOf(row), LocalDatePattern.Iso.Parse(row.Day).Value)).Reverse().Distinct().Reverse().ToList();
        return OutMessage.Of("result_" + Fresh.Id(), via, point, ResultText.Of(language, sender, said), via == Channel.Email ? ResultText.Subject(language, sender) : "") with
        {
            Language = language,
            SenderName = sender,
            IsLast = last != ResultSaid.Consent,
        };
    }

    private static ResultSaid SaidOf(ResultTaskRow row) => Words<ResultSaid>.TryParse(row.Said, out var said) ? said : throw new StoreException(StoreFault.Damaged, "What somebody said is none of what anybody says.");
}
