using NodaTime;
using Ringfence.Ledger;
using Ringfence.Server.Rights;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Ledger;

/// <summary>What upkeep could not do. The rest is done all the same.</summary>
/// <param name="Origin">The ledger; empty: the installation.</param>
/// <param name="Code"><c>suppressions-differ</c>, <c>rolled-back</c>, <c>fork</c>, <c>signer</c>, <c>timestamp</c>, <c>anchor-folder</c>, <c>keys-unreadable</c>, <c>rights-keep</c>.</param>
/// <param name="Why">English, for logs.</param>
internal sealed record UpkeepFault(string Origin, string Code, string Why);

/// <summary>What upkeep came to.</summary>
/// <param name="Withdrawals">Withdrawals that waited and are in the ledger now.</param>
/// <param name="Erasures">Erasures that were cut off and are ended now.</param>
/// <param name="Requests">Requests that ended long ago, of people who are not known, of which what was written is forgotten now.</param>
/// <param name="NewKek">The new key-encryption key; null: none was due.</param>
/// <param name="Rotation">What was wrapped anew.</param>
/// <param name="Keks">What became of old key-encryption keys.</param>
/// <param name="Snapshots">Ledgers of which it was fixed anew which suppressions stand, with how many.</param>
/// <param name="Signed">Ledgers with how many records are signed.</param>
/// <param name="Faults">What could not be done.</param>
internal sealed record UpkeepOutcome(
    int Withdrawals, int Erasures, int Requests, Kid? NewKek, Rotation Rotation, KekDestruction Keks, IReadOnlyList<(string Origin, long Count)> Snapshots, IReadOnlyList<(string Origin, long Size)> Signed,
    IReadOnlyList<UpkeepFault> Faults)
{
    /// <summary>Proofs of consent of people who were forgotten, which no law wants kept any longer, and which are destroyed now.</summary>
    public int Proofs { get; init; }
}

/// <summary>What has to be done now and then. Whatever is not due is left, so that it may be run as often as one likes, from several places; once an hour is meant.</summary>
internal sealed class Upkeep(Installation installation)
{
    // So many in one transaction: who writes meanwhile waits for no longer.
    private const int AnswersAtOnce = 5_000;

    // Whoever asks again does so within minutes; programs that were off, when somebody is back from leave.
    private static readonly Duration AnswersKept = Duration.FromDays(30);

    private readonly List<UpkeepFault> faults = [];

    /// <summary>Does what is due.</summary>
    /// <param name="actor">In whose name.</param>
    /// <param name="cancel">Stops between two things; what is left is due the next time.</param>
    /// <exception cref="StoreException">The store can't be used.</exception>
    /// <exception cref="KeysException">The keys can't be used.</exception>
    public async Task<UpkeepOutcome> RunAsync(Actor actor, CancellationToken cancel)
    {
        await GoOnAsync(cancel);
        var (kek, rotation, keks) = await KeysAsync(cancel);
        var (ended, requests, proofs) = (0, 0, 0);
        var months = RequestKeeping.Read(installation.Options.Environment);
        if (months is null)
            faults.Add(new UpkeepFault("", "rights-keep", RequestKeeping.Variable));
        var (snapshots, signed) = (new List<(string, long)>(), new List<(string, long)>());
        foreach (var ledger in await installation.NewestLedgersAsync(cancel))
        {
            try
            {
                ended += await Erasure.ResumeFromRecordsAsync(installation, ledger, cancel);
                proofs += await new KeptProofs(installation).EndDueAsync(ledger, actor, cancel);
                requests += months is { } kept ? await RequestKeeping.RunAsync(installation, ledger, actor, kept, cancel) : 0;
                await ForgetAnswersAsync(ledger, cancel);
                if (await SnapshotAsync(ledger, actor, cancel) is { } count)
                    snapshots.Add((ledger.Origin, count));
                if (await SignAsync(ledger, cancel) is { } size)
                    signed.Add((ledger.Origin, size));
            }
            catch (LedgerAlarmException e)
            {
                faults.Add(new UpkeepFault(ledger.Origin, e.Code, e.Message));
            }
        }

        return new UpkeepOutcome(installation.GoneOnWith.Withdrawals, installation.GoneOnWith.Erasures + ended, requests, kek, rotation, keks, snapshots, signed, faults) { Proofs = proofs };
    }

    // What programs and staff were told under a key of theirs. What came in from providers is known for ever: a lead that is told of again, in a year, is no new yes.
    private async Task ForgetAnswersAsync(LedgerRow ledger, CancellationToken cancel)
    {
        var before = Micros.Of(Instant.FromDateTimeOffset(installation.Time.GetUtcNow()) - AnswersKept);
        while (await installation.Store.Local.RunAsync(
            """
            delete from idempotency where ledger = $1 and (client, client_key) in
                (select client, client_key from idempotency where ledger = $1 and at < $2 and (client like 'key-%' or client like 'staff-%') order by at limit $3)
            """,
            cancel, ledger.Ledger, before, (long)AnswersAtOnce) == AnswersAtOnce)
        {
            cancel.ThrowIfCancellationRequested();
        }
    }

    private async Task GoOnAsync(CancellationToken cancel)
    {
        try
        {
            await installation.GoOnAsync(cancel);
        }
        catch (LedgerAlarmException)
        {
            // Told below, with the ledger.
        }
    }

    private async Task<(Kid? New, Rotation Rotation, KekDestruction Keks)> KeysAsync(CancellationToken cancel)
    {
        var keyring = installation.Keyring;
        var today = Kid.Today(installation.Time);
        Kid? begun = keyring.IsKekDue(today) ? await keyring.BeginKekAsync(today, cancel) : null;
        var rotation = await keyring.RotateAsync(null, cancel);
        if (rotation.Unreadable > 0)
            faults.Add(new UpkeepFault("", "keys-unreadable", $"{rotation.Unreadable} keys open under no key-encryption key."));
        return (begun, rotation, await keyring.DestroyOldKeksAsync(today, cancel));
    }

    // Once in every day of the calendar, where there is anything to fix.
    private async Task<long?> SnapshotAsync(LedgerRow ledger, Actor actor, CancellationToken cancel)
    {
        var head = await installation.Store.HeadAsync(ledger.Ledger, cancel);
        if (await SuppressionSnapshot.NewestAsync(installation.Store, ledger.Ledger, head.Size, cancel) is { } newest && newest.At.InUtc().Date >= Kid.Today(installation.Time))
            return null;
        if (!await HasSuppressionsAsync(ledger, cancel))
            return null;
        try
        {
            return (await SuppressionSnapshot.TakeAsync(installation, ledger, actor, cancel)).Count;
        }
        catch (CommandRefusedException e) when (e.Code is "suppressions-differ" or "changed-meanwhile")
        {
            // Where others write without end, the next hour has a better moment.
            if (e.Code == "suppressions-differ")
                faults.Add(new UpkeepFault(ledger.Origin, e.Code, "Which suppressions stand is not what the ledger says. Run: ringfence verify"));
            return null;
        }
    }

    private async Task<bool> HasSuppressionsAsync(LedgerRow ledger, CancellationToken cancel)
    {
        await foreach (var _ in installation.Store.SuppressionsAsync(ledger.Ledger, cancel))
            return true;
        return false;
    }

    private async Task<long?> SignAsync(LedgerRow ledger, CancellationToken cancel)
    {
        if (installation.Signer.IsElsewhere)
            return null;
        var notary = installation.NotaryOf(ledger);
        try
        {
            var signed = await notary.CheckpointAsync(anchor: false, cancel);
            if (notary.TimestampFault is { } stamp)
                faults.Add(new UpkeepFault(ledger.Origin, "timestamp", stamp));
            if (notary.FolderFault is { } folder)
                faults.Add(new UpkeepFault(ledger.Origin, "anchor-folder", folder));
            return signed?.Size;
        }
        catch (SignerException e)
        {
            faults.Add(new UpkeepFault(ledger.Origin, "signer", e.Message));
            return null;
        }
    }
}
