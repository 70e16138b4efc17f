using System.Diagnostics;
using System.Threading.Channels;
using Ringfence.Ledger;
using Ringfence.Server.Sealing;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Ledger;

/// <summary>The one writer of a ledger on this node: puts commands in order and commits them in groups, so that many share one wait for the disk.</summary>
/// <remarks>
/// A command's task ends well only after the commit that holds it is durable. Ends it in <see cref="StoreFault.OutcomeUnknown"/>, nobody can say; the same
/// command with the same <see cref="ClientKey"/> settles it.
/// </remarks>
internal sealed class LedgerWriter : IAsyncDisposable
{
    // One fsync for so many; more would make the first of them wait for the last without gain.
    private const int MostInBatch = 512;

    // A disk that hesitates for a second must not make the next ones wait for a quarter of it.
    private static readonly TimeSpan MostGathering = TimeSpan.FromMilliseconds(1);

    private readonly ILedgerStore store;
    private readonly LedgerRow ledger;
    private readonly Keyring keyring;
    private readonly SuppressionKeysInUse suppressionKeys;
    private readonly TimeProvider time;
    private readonly Channel<Pending> queue = System.Threading.Channels.Channel.CreateBounded<Pending>(
        new BoundedChannelOptions(1 << 14) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    private readonly Task loop;
    private TimeSpan lastCommit;

    // The party document in force, as of so many records: where there are more by now, another node wrote them, and may have published another.
    private Digest controller;
    private long? controllerAsOf;

    public LedgerWriter(ILedgerStore store, LedgerRow ledger, Keyring keyring, Digest controller, SuppressionKeysInUse suppressionKeys, TimeProvider time)
    {
        (this.store, this.ledger, this.keyring, this.controller, this.suppressionKeys, this.time) = (store, ledger, keyring, controller, suppressionKeys, time);
        loop = Task.Factory.StartNew(Write, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Called with what a commit holds and how many records there were before it: when it is durable, and before anybody is told so. One after the other, in their order.</summary>
    public Action<LedgerTurn, LedgerWrites, long>? Committed { get; set; }

    /// <summary>
    /// Called with what commands asked for, what was there, and how many records there were: after <see cref="Committed"/>, whether anything was written or not, and before anybody is told what came
    /// of it. Who hears that somebody's no is written already, by whichever node, may rely on this one as if it had written it.
    /// </summary>
    public Action<RowsWanted, StoredRows, long>? Answering { get; set; }

    /// <summary>Notes who has to be told what came of what they said; null: nobody is, here.</summary>
    public Rights.ResultNotes? Results { get; init; }

    /// <summary>The ledger written to.</summary>
    public LedgerRow Ledger => ledger;

    /// <summary>Does one thing; the answer is there when it is durable.</summary>
    /// <exception cref="CommandRefusedException">It can't be done as asked.</exception>
    /// <exception cref="StoreException">It was not done, or nobody knows (<see cref="StoreFault.OutcomeUnknown"/>).</exception>
    public async Task<byte[]> DoAsync(LedgerCommand command, CancellationToken cancel)
    {
        command.MakeReady();
        if (command.IsStatement)
            Results?.MakeReady(ledger);
        var pending = new Pending(command);
        try
        {
            await queue.Writer.WriteAsync(pending, cancel);
        }
        catch (ChannelClosedException e)
        {
            throw new StoreException(StoreFault.OutOfReach, "The program is ending: nothing of it was done.", e);
        }

        // Once it is queued it may be done; giving up waiting must not be taken for giving up.
        return await pending.Answer.Task;
    }

    /// <summary>Takes no more, does what is queued, ends.</summary>
    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await loop;
    }

    // A thread of its own from beginning to end: the embedded store does its work on the caller's.
    private void Write()
    {
        var batch = new List<Pending>(MostInBatch);
        while (queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            Gather(batch.Count);
            batch.Clear();
            while (batch.Count < MostInBatch && queue.Reader.TryRead(out var pending))
                batch.Add(pending);
            // Stable: among withdrawals, and among the rest, first come is first served.
            IReadOnlyList<Pending> ordered = batch.Exists(static p => p.Command.IsWithdrawal) && batch.Exists(static p => !p.Command.IsWithdrawal)
                ? [.. batch.Where(static p => p.Command.IsWithdrawal), .. batch.Where(static p => !p.Command.IsWithdrawal)]
                : batch;
            DoBatchAsync(ordered).GetAwaiter().GetResult();
        }
    }

    // Whoever was just answered often wants the next thing at once. Were they not waited for, they and those who came meanwhile would take turns, each half
    // waiting out the commit of the other. A fraction of a commit is little beside it, where nobody comes back.
    private void Gather(int answered)
    {
        var expected = Math.Min(MostInBatch, queue.Reader.Count + answered - 1);
        var patience = Math.Min(lastCommit.Ticks / 4, MostGathering.Ticks);
        var began = Stopwatch.GetTimestamp();
        while (queue.Reader.Count < expected && Stopwatch.GetElapsedTime(began).Ticks < patience)
            Thread.Sleep(0);
    }

    private async Task DoBatchAsync(IReadOnlyList<Pending> batch)
    {
        try
        {
            await CommitAsync(batch);
        }
        catch (KeysRenewedException)
        {
            // The newer keys are in use now, and whoever is in the batch asks by them. There are never fewer than before.
            await DoBatchAsync(batch);
        }
        catch (StoreException e) when (e.Fault is StoreFault.Conflict && batch.Count == 1 && batch[0].Tries++ < 3)
        {
            await DoBatchAsync(batch);
        }
        catch (StoreException e) when (e.Fault is not (StoreFault.Conflict or StoreFault.Damaged))
        {
            foreach (var pending in batch)
                pending.Answer.TrySetException(e);
        }
#pragma warning disable CA1031 // a command at fault must not take the others with it, and the loop has to live
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (batch.Count == 1)
            {
                batch[0].Answer.TrySetException(e);
                return;
            }

            // Whatever was answered is done.
            foreach (var pending in batch.Where(static pending => !pending.Answer.Task.IsCompleted))
                await DoBatchAsync([pending]);
        }
    }

    private async Task CommitAsync(IReadOnlyList<Pending> batch)
    {
        // Before they are asked: what they ask for goes by these keys or newer ones.
        var keys = suppressionKeys.Current;
        var wanted = new RowsWanted { WithIdle = batch.Any(static pending => pending.Command.ReadsIdle) };
        foreach (var pending in batch)
        {
            pending.Command.Ask(wanted);
            if (pending.Command.ClientKey is { } key)
                wanted.Idempotency.Add((key.Client, key.Key));
        }

        await using var transaction = await store.BeginAsync(ledger.Ledger, CancellationToken.None);
        var size = transaction.Head.Size;
        if (size > 0 && size != controllerAsOf)
            wanted.Records.Add(size - 1);
        var rows = await transaction.LoadAsync(wanted, CancellationToken.None);
        // Another program added a key and wrapped the tags anew: by the old ones nobody would be found suppressed.
        if (await suppressionKeys.RequireAsync(rows.SuppressionChain, CancellationToken.None) || rows.SuppressionChain > keys.Versions)
            throw new KeysRenewedException();
        // Every record names the party of its day, and so the newest one tells whose they are.
        if (size > 0 && size != controllerAsOf && rows.Records.TryGetValue(size - 1, out var newest))
            (controller, controllerAsOf) = (StoredRecord.Read(newest).Controller, size);
        var turn = new LedgerTurn(ledger, transaction, rows, keyring, time.GetUtcNow(), controller, keys) { Results = Results };
        var answers = new (byte[]? Done, CommandRefusedException? Refused)[batch.Count];
        for (var i = 0; i < answers.Length; i++)
        {
            try
            {
                answers[i].Done = turn.Do(batch[i].Command);
            }
            catch (CommandRefusedException e)
            {
                answers[i].Refused = e;
            }
        }

        if (turn.Writes is { } writes)
        {
            var began = Stopwatch.GetTimestamp();
            await transaction.CommitAsync(writes, CancellationToken.None);
            lastCommit = Stopwatch.GetElapsedTime(began);
            (controller, controllerAsOf) = (turn.Controller, turn.Size);
            Committed?.Invoke(turn, writes, transaction.Head.Size);
        }

        Answering?.Invoke(wanted, rows, size);
        // Now that what it was judged by is durable; and before the transaction is put away, which may take the store a while.
        for (var i = 0; i < answers.Length; i++)
        {
            if (answers[i].Refused is { } refused)
                batch[i].Answer.TrySetException(refused);
            else
                batch[i].Answer.TrySetResult(answers[i].Done!);
        }
    }

    private sealed class KeysRenewedException : Exception;

    private sealed class Pending(LedgerCommand command)
    {
        public LedgerCommand Command { get; } = command;

        public int Tries { get; set; }

        public TaskCompletionSource<byte[]> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
