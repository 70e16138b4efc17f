using System.Collections.Concurrent;
using System.Globalization;
using NodaTime.Text;
using Ringfence.Ledger;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Suppression.Registers;

namespace Ringfence.Server.Suppression.Registers;

/// <summary>What the files of somebody who loads a register hold.</summary>
internal enum RegisterLoadKind
{
    /// <summary>The whole register.</summary>
    Whole,

    /// <summary>What changed, each line with whether its number came in or went out.</summary>
    Changes,

    /// <summary>Numbers that came in.</summary>
    Added,

    /// <summary>Numbers that went out.</summary>
    Removed,
}

/// <summary>A register that is being made of files that somebody sent.</summary>
internal sealed class RegisterLoad(OpaqueId id, long ledger, RegisterOrder order, RegisterLoadKind kind, long bytes)
{
    private long read;
    private long numbers;

    public OpaqueId Id { get; } = id;

    /// <summary>Whose staff load it. The register is of all controllers; what their files looked like is not.</summary>
    public long Ledger { get; } = ledger;

    public RegisterOrder Order { get; } = order;

    public RegisterLoadKind Kind { get; } = kind;

    /// <summary>Bytes of the files.</summary>
    public long Bytes { get; } = bytes;

    /// <summary>Bytes of the present file that were read; a list that is not sorted is read twice.</summary>
    public long Read => Math.Min(Interlocked.Read(ref read), Bytes);

    /// <summary>Numbers that were read.</summary>
    public long Numbers => Interlocked.Read(ref numbers);

    /// <summary>What came of it; null: nothing yet, or it failed.</summary>
    public RegisterOutcome? Outcome { get; private set; }

    /// <summary>Why it failed; null: it did not.</summary>
    public Exception? Fault { get; private set; }

    public bool IsDone => Outcome is not null || Fault is not null;

    /// <summary>Makes it.</summary>
    public async Task RunAsync(IReadOnlyList<string> files, Func<RegisterFacts, Task> told, CancellationToken cancel)
    {
        try
        {
            var build = new RegisterBuild(Order, Step, cancel);
            var outcome = Kind switch
            {
                RegisterLoadKind.Whole => build.Build(files),
                RegisterLoadKind.Changes => build.Update([], [], files),
                RegisterLoadKind.Added => build.Update(files, [], []),
                RegisterLoadKind.Removed => build.Update([], files, []),
            };
            if (outcome.Facts is { } facts)
                await told(facts);
            Outcome = outcome;
        }
#pragma warning disable CA1031 // whoever looks is told what went wrong
        catch (Exception e)
#pragma warning restore CA1031
        {
            Fault = e;
        }
    }

    private void Step(long bytes, long count)
    {
        Interlocked.Exchange(ref read, bytes);
        Interlocked.Exchange(ref numbers, count);
    }
}

/// <summary>Makes registers of what staff send, one after the other, beside the gate: it goes on answering by the copy before until the new one is in its place.</summary>
internal sealed class RegisterDesk : IDisposable
{
    // Whoever looks later than that finds the register itself.
    private const int MostKept = 50;

    private readonly Installation installation;
    private readonly ConcurrentDictionary<string, RegisterLoad> loads = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> order = new();
    private readonly SemaphoreSlim one = new(1, 1);
    private int isSwept;

    public RegisterDesk(Installation installation) => this.installation = installation;

    /// <summary>A load by its name; null: this controller has none, or it is long done.</summary>
    public RegisterLoad? Find(LedgerRow ledger, string id) => loads.GetValueOrDefault(id) is { } load && load.Ledger == ledger.Ledger ? load : null;

    /// <summary>A new folder for files that come in; they hold numbers of people, and go away once the register is made.</summary>
    public string FolderOf(OpaqueId id)
    {
        var incoming = Path.Combine(installation.Options.Data, "registers", "incoming");
        // What a run that was killed left behind.
        if (Interlocked.Exchange(ref isSwept, 1) == 0 && Directory.Exists(incoming))
            Directory.Delete(incoming, recursive: true);
        var folder = Path.Combine(incoming, id.ToString());
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return folder;
    }

    /// <summary>Begins.</summary>
    /// <param name="id">Its name; the files lie in its folder.</param>
    /// <param name="wanted">The register.</param>
    /// <param name="kind">What the files hold.</param>
    /// <param name="ledger">Whose ledger says that it was loaded.</param>
    /// <param name="actor">Who loads it.</param>
    public RegisterLoad Begin(OpaqueId id, RegisterOrder wanted, RegisterLoadKind kind, LedgerRow ledger, Actor actor)
    {
        var folder = FolderOf(id);
        string[] files = [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)];
        var load = new RegisterLoad(id, ledger.Ledger, wanted, kind, files.Max(static file => new FileInfo(file).Length));
        loads[id.ToString()] = load;
        order.Enqueue(id.ToString());
        while (order.Count > MostKept && order.TryDequeue(out var old))
            loads.TryRemove(old, out _);
        _ = Task.Run(async () =>
        {
            await one.WaitAsync();
            try
            {
                await load.RunAsync(files, facts => TellAsync(ledger, actor, facts), CancellationToken.None);
                installation.Registers.Look();
            }
            finally
            {
                one.Release();
                Directory.Delete(folder, recursive: true);
            }
        });
        return load;
    }

    public void Dispose() => one.Dispose();

    private async Task TellAsync(LedgerRow ledger, Actor actor, RegisterFacts facts) =>
        await (await installation.WriterAsync(ledger, CancellationToken.None)).DoAsync(new RegisterLoadedCommand(actor, facts), CancellationToken.None);
}

/// <summary>Writes down that a copy of a register took the place of the one before.</summary>
internal sealed class RegisterLoadedCommand(Actor actor, RegisterFacts facts) : LedgerCommand
{
    public override void Ask(RowsWanted wanted)
    {
    }

    public override byte[] Run(LedgerTurn turn) => new CommandAnswer(turn.Append(RecordDraft.Of(RecordType.ConfigChanged, actor, record => record with
    {
        Detail = LeafValue.Map.Of(
            ("what", "register-loaded"), ("register", facts.Name), ("version", facts.Version), ("day", LocalDatePattern.Iso.Format(facts.AsOf)), ("numbers", facts.Count),
            ("digest", Digest.TryParse(facts.Digest, out var digest) ? digest : throw new InvalidOperationException("A register has no digest."))),
    })).Seq, null).ToBytes();
}
