using NodaTime;
using Ringfence.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>Keeps one ledger provable: has it signed as it grows, carries checkpoints outside, and compares what is there with what is known of it.</summary>
/// <remarks>
/// A server lets it run; a command asks once at its end. Nothing waits for it: where the signer or a timestamp authority fails, records are written all the same,
/// and what was not signed or stamped is made good later.
/// </remarks>
internal sealed class Notary : IDisposable
{
    // Of an outside anchor an hour is what somebody could rewrite unseen; of a file, a minute, with the signer's memory in between.
    private static readonly Duration FileEvery = Duration.FromMinutes(1);
    private static readonly Duration RetryFirst = Duration.FromMinutes(1);
    private static readonly Duration RetryLast = Duration.FromHours(1);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    private readonly ILedgerStore store;
    private readonly LedgerRow ledger;
    private readonly SignerClient signer;
    private readonly Func<CancellationToken, Task<LedgerWriter>> writer;
    private readonly TimeProvider time;
    private readonly Checkpointer checkpointer;
    private readonly AnchorFolder folder;
    private readonly SemaphoreSlim one = new(1);
    private Instant fileAt = Instant.MinValue;
    private AnchorRounds? rounds;
    private volatile bool wanted;

    /// <param name="store">Where the ledger is kept.</param>
    /// <param name="ledger">The ledger.</param>
    /// <param name="signer">Who signs.</param>
    /// <param name="options">Where checkpoints are carried to.</param>
    /// <param name="writer">Gives the writer of the ledger.</param>
    /// <param name="time">The clock.</param>
    public Notary(ILedgerStore store, LedgerRow ledger, SignerClient signer, AnchorOptions options, Func<CancellationToken, Task<LedgerWriter>> writer, TimeProvider time)
    {
        (this.store, this.ledger, this.signer, this.writer, this.time, Options) = (store, ledger, signer, writer, time, options);
        checkpointer = new Checkpointer(store, ledger, signer);
        folder = new AnchorFolder(options.Folder, ledger.Origin);
        Clock = new ClockWatch(time);
    }

    public AnchorOptions Options { get; }

    /// <summary>What is held against the clock.</summary>
    public ClockWatch Clock { get; }

    /// <summary>The hashes of the tree.</summary>
    public TileStore Tiles => checkpointer.Tiles;

    /// <summary>Why the last timestamp was not to be had; null: it was, or none was asked for.</summary>
    public string? TimestampFault { get; private set; }

    /// <summary>Why the last checkpoint could not be kept in a file, in English; null: it could.</summary>
    public string? FolderFault { get; private set; }

    /// <summary>What stands against the ledger, if it shows while running.</summary>
    public LedgerAlarmException? Alarm { get; private set; }

    private Instant Now => Instant.FromDateTimeOffset(time.GetUtcNow());

    /// <summary>Begins a ledger with the signer: before its first record is written, and before it is made in the store.</summary>
    /// <returns>The keys that will sign it, for the records that tell of them.</returns>
    /// <exception cref="SignerException"/>
    public static async Task<IReadOnlyList<SignerKey>> BeginAsync(SignerClient signer, string origin, CancellationToken cancel)
    {
        await signer.SignAsync(new Checkpoint(origin, 0, TreeHash.EmptyRoot), [], [], cancel);
        return (await signer.StateAsync(origin, cancel))!.Keys;
    }

    /// <summary>Signs what is committed, and keeps it in a file.</summary>
    /// <param name="anchor">Whether it is carried outside now, due or not: after an erasure, or because somebody asked.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The newest checkpoint; null: the ledger is empty.</returns>
    /// <exception cref="LedgerAlarmException">The ledger is not what was signed before.</exception>
    /// <exception cref="SignerException">The signer does not sign.</exception>
    public async Task<SignedCheckpoint?> CheckpointAsync(bool anchor, CancellationToken cancel)
    {
        await one.WaitAsync(cancel);
        try
        {
            var signed = await checkpointer.SignAsync(PutAsync, cancel);
            if (signed is null)
                return null;
            Keep(signed);
            var written = await TellAdoptedAsync(cancel);
            if (!await AnchorAsync(signed, anchor, cancel) && !written)
                return signed;
            // What tells of the anchors is signed, too.
            signed = await checkpointer.SignAsync(PutAsync, cancel);
            Keep(signed!);
            return signed;
        }
        catch (LedgerAlarmException e)
        {
            Alarm = e;
            throw;
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>Asks for a checkpoint to be carried outside as soon as may be; returns at once.</summary>
    public void WantAnchor() => wanted = true;

    /// <summary>Signs within a second of what is written, carries outside once an hour and where it is wanted, and watches the clock; until it is stopped.</summary>
    /// <param name="tell">Takes what went wrong, in English, for the log. Nothing personal.</param>
    /// <param name="stop">Stops it.</param>
    public async Task RunAsync(Action<string> tell, CancellationToken stop)
    {
        var signed = -1L;
        var pause = Look;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(pause, time, stop);
                var head = await store.HeadAsync(ledger.Ledger, stop);
                await WatchClockAsync(head, stop);
                var anchor = wanted;
                if (!signer.IsElsewhere && (head.Size != signed || anchor || IsRoundDue()))
                {
                    wanted = false;
                    signed = (await SignSoonAsync(anchor, stop))?.Size ?? 0;
                }

                pause = Look;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is LedgerAlarmException or SignerException or StoreException or IOException or UnauthorizedAccessException)
            {
                tell(e.Message);
                // Whoever is down is not asked twice a second.
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, TimeSpan.FromSeconds(30).Ticks));
            }
        }
    }

    /// <summary>Compares what is there with the newest that is known of it: to the signer, and in the files outside.</summary>
    public async Task<LedgerStanding> ExamineAsync(CancellationToken cancel)
    {
        var head = await store.HeadAsync(ledger.Ledger, cancel);
        SignerState? state = null;
        var why = "The signer does not know this ledger.";
        try
        {
            state = await signer.StateAsync(ledger.Origin, cancel);
        }
        catch (SignerException e)
        {
            why = e.Message;
        }

        // It may have grown since it was looked at; it can't have shrunk.
        if (state is not null)
            head = await store.HeadAsync(ledger.Ledger, cancel);
        // Without the signer nobody knows whose notes they are; that one speaks against the ledger is enough then.
        var keys = state is null ? null : KeysOf(state);
        var known = folder.Sizes().Reverse().Select(folder.Read).OfType<(SignedNote Note, Checkpoint Checkpoint)>()
            .FirstOrDefault(kept => keys is null || kept.Note.VerifyBy(ledger.Origin, keys) == NoteVerdict.Verified).Checkpoint;
        var standing = state is null ? new LedgerStanding(LedgerReadiness.Unsure, head.Size, 0, why) : Compare(head, state.Size, state.Root);
        if (known is null || standing.Readiness is LedgerReadiness.RolledBack or LedgerReadiness.Forked)
            return standing;
        var outside = Compare(head, known.Size, known.Root);
        return outside.Readiness == LedgerReadiness.Ready ? standing : outside;
    }

    /// <summary>Makes a further signing key, tells of it in the ledger, and lets it sign beside those that do.</summary>
    /// <exception cref="SignerException"/>
    public async Task<SignerKey> AddKeyAsync(SignerUse use, Actor actor, CancellationToken cancel)
    {
        var key = await signer.RotateAsync(ledger.Origin, use, cancel);
        await TellAsync(RecordType.LedgerKeyAdded, actor, key, cancel);
        await signer.ActivateAsync(ledger.Origin, key.Digest, cancel);
        return key with { State = SignerKeyState.Active };
    }

    /// <summary>Tells in the ledger that a signing key is not used any more, and has its private half destroyed.</summary>
    /// <param name="keyId">The key as verifier keys name it: 8 hex digits.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="SignerException"><c>unknown-key</c>; <c>key-in-use</c>: no other key of its use signs.</exception>
    public async Task<SignerKey> RetireKeyAsync(string keyId, Actor actor, CancellationToken cancel)
    {
        var state = await signer.StateAsync(ledger.Origin, cancel);
        var key = state?.Keys.FirstOrDefault(key => key.Digest.ToString().StartsWith(keyId, StringComparison.Ordinal))
            ?? throw new SignerException("unknown-key", "There is no such key.");
        if (key.State != SignerKeyState.Retired && !state.Signing(key.Use).Any(other => other != key))
            throw new SignerException("key-in-use", "It is the only key of its use that signs. Make another first.");
        await TellAsync(RecordType.LedgerKeyRetired, actor, key, cancel);
        await signer.RetireAsync(ledger.Origin, key.Digest, cancel);
        return key with { State = SignerKeyState.Retired };
    }

    /// <summary>Whether nobody outside vouches for the ledger: no timestamp was ever had, and files are on the disk of the data.</summary>
    public bool LacksOutsideAnchor() => !Options.IsOtherDisk && !folder.Sizes().Any(size => folder.ReadToken(size) is not null);

    /// <summary>The keys of the ledger that the signer tells of, those that are retired too.</summary>
    /// <exception cref="SignerException"/>
    public async Task<IReadOnlyList<VerifierKey>> KeysAsync(CancellationToken cancel) =>
        KeysOf(await signer.StateAsync(ledger.Origin, cancel) ?? throw new SignerException("unknown-origin", "The signer does not know this ledger."));

    public void Dispose()
    {
        checkpointer.Dispose();
        one.Dispose();
    }

    private static List<VerifierKey> KeysOf(SignerState state) =>
        [.. state.Keys.Select(key => VerifierKey.OfEcdsa(SignerKey.NameOf(key.Use, state.Origin), key.Spki))];

    private LedgerStanding Compare(HeadRow head, long size, Digest root)
    {
        if (size > head.Size)
            return new LedgerStanding(LedgerReadiness.RolledBack, head.Size, size);
        var there = size == head.Size ? new Frontier(head.Size, head.Frontier).Root : RootOrNull(size);
        return new LedgerStanding(there == root ? LedgerReadiness.Ready : LedgerReadiness.Forked, head.Size, size);
    }

    private Digest? RootOrNull(long size)
    {
        try
        {
            return Tiles.Root(size);
        }
        catch (StoreException e) when (e.Fault == StoreFault.Damaged)
        {
            return null;
        }
    }

    // In a server a file each minute is enough; what a command wrote is kept when it ends.
    private async Task<SignedCheckpoint?> SignSoonAsync(bool anchor, CancellationToken cancel)
    {
        if (anchor || IsRoundDue() || Now - fileAt >= FileEvery)
            return await CheckpointAsync(anchor, cancel);
        await one.WaitAsync(cancel);
        try
        {
            return await checkpointer.SignAsync(PutAsync, cancel);
        }
        catch (LedgerAlarmException e)
        {
            Alarm = e;
            throw;
        }
        finally
        {
            one.Release();
        }
    }

    private bool Keep(SignedCheckpoint signed)
    {
        try
        {
            folder.Keep(signed);
            FolderFault = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            FolderFault = e.Message;
        }

        fileAt = Now;
        return FolderFault is null;
    }

    // Once in every hour of the clock, whichever process does it.
    private bool IsRoundDue() => IsFileDue() || IsTokenDue();

    private bool IsFileDue() => IsDue(Rounds.File);

    private bool IsTokenDue() => Options.Authority is not null && IsDue(Rounds.Token) && Micros.Of(Now) >= Rounds.RetryAt;

    private bool IsDue(long last) => Micros.ToInstant(last).ToUnixTimeSeconds() / 3600 != Now.ToUnixTimeSeconds() / 3600;

    private AnchorRounds Rounds
    {
        get => rounds ??= folder.Rounds;
        set
        {
            rounds = value;
            try
            {
                folder.Rounds = value;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or Sealing.KeysException)
            {
                FolderFault = e.Message;
            }
        }
    }

    /// <returns>Whether records were written.</returns>
    private async Task<bool> AnchorAsync(SignedCheckpoint signed, bool asked, CancellationToken cancel)
    {
        var written = false;
        if (Options.Authority is { } authority && (asked || IsTokenDue()))
            written = await StampAsync(signed, authority, cancel);
        if ((asked || IsFileDue()) && FolderFault is null)
        {
            await (await writer(cancel)).DoAsync(new AnchoredCommand(signed, null), cancel);
            Rounds = Rounds with { File = Micros.Of(Now) };
            written = true;
        }

        return written;
    }

    private async Task<bool> StampAsync(SignedCheckpoint signed, TimestampAuthority authority, CancellationToken cancel)
    {
        try
        {
            var stamp = await authority.StampAsync(signed.Note.Bytes.ToArray(), cancel);
            var to = await writer(cancel);
            if (Clock.Compare(stamp.At) is { } anomaly)
                await to.DoAsync(new ClockAnomalyCommand(anomaly), cancel);
            await to.DoAsync(new AnchoredCommand(signed, stamp), cancel);
            KeepToken(signed, stamp.Token);
            (TimestampFault, Rounds) = (null, Rounds with { Token = Micros.Of(Now), RetryAt = 0, RetryIn = 0 });
            return true;
        }
        catch (TimestampException e)
        {
            var wait = Duration.Max(RetryFirst, Duration.FromSeconds(Rounds.RetryIn));
            (TimestampFault, Rounds) = (e.Code, Rounds with { RetryAt = Micros.Of(Now + wait), RetryIn = (long)Duration.Min(wait + wait, RetryLast).TotalSeconds });
            return false;
        }
    }

    private void KeepToken(SignedCheckpoint signed, byte[] token)
    {
        try
        {
            folder.KeepToken(signed, token);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            FolderFault = e.Message;
        }
    }

    // Stopped between the record and the signer, it is done again and told once.
    private async Task TellAsync(RecordType type, Actor actor, SignerKey key, CancellationToken cancel) =>
        await (await writer(cancel)).DoAsync(
            new KeyChangedCommand(type, actor, key) { ClientKey = new ClientKey("signer", $"{type}:{key.Digest}", key.Digest.Bytes.ToArray()) }, cancel);

    private async Task<bool> TellAdoptedAsync(CancellationToken cancel)
    {
        if (!checkpointer.Adopted)
            return false;
        foreach (var key in (await signer.StateAsync(ledger.Origin, cancel))?.Keys ?? [])
            await TellAsync(RecordType.LedgerKeyAdded, LedgerActors.Program, key, cancel);
        checkpointer.Adopted = false;
        return true;
    }

    private async Task WatchClockAsync(HeadRow head, CancellationToken cancel)
    {
        if (Clock.Look(Micros.ToInstant(head.LastAt)) is { } anomaly)
            await (await writer(cancel)).DoAsync(new ClockAnomalyCommand(anomaly), cancel);
    }

    private async Task PutAsync(IReadOnlyList<TileRow> tiles, CancellationToken cancel)
    {
        try
        {
            await (await writer(cancel)).DoAsync(new PutTilesCommand(tiles), cancel);
        }
        catch (StoreException e) when (e.Fault == StoreFault.Conflict)
        {
            // Another node put them in the meantime.
        }
    }
}
