using System.Collections.Concurrent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;
using Ringfence.Rules.Packs;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rules;

/// <summary>The gate of a controller as it stands.</summary>
/// <param name="Gate">Judges.</param>
/// <param name="Rules">Its rules, as they are kept.</param>
/// <param name="Own">The controller's own rules among them, in the order in which they came into force.</param>
/// <param name="Since">The record by which these became what they are; 0: they never changed.</param>
/// <param name="Fault">Why the controller's own rules can't be used: nobody may be contacted then. Null: they can.</param>
internal sealed record GateInForce(ContactGate Gate, RulebookArchive Rules, IReadOnlyList<RuleChangeRow> Own, long Since, string? Fault);

/// <summary>The gates that controllers go by: that of the program, with the rules of their own on top that two of their people put in force. Safe for many threads.</summary>
/// <remarks>What another server of the same store put in force counts here within a second; a permit, which counts in the serial order, is never given by rules that are not in force any more.</remarks>
internal sealed class RulesInForce(Installation installation, ContactGate program)
{
    /// <summary>The kind of rules that a controller may have of its own.</summary>
    public const string House = "house";

    /// <summary>A pack of law that takes the place of the program's, or is added.</summary>
    public const string Law = "law";

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Newest = TimeSpan.FromSeconds(1);

    private readonly RulebookArchive programs = RulebookArchive.Of(program.Rules);
    private readonly ConcurrentDictionary<long, Known> known = new();

    // One look per ledger, however many wait for it.
    private readonly Dictionary<long, Look> looks = [];

    /// <summary>The changes by which rules are in force, in the order in which they came into it.</summary>
    public static IReadOnlyList<RuleChangeRow> Of(IEnumerable<RuleChangeRow> changes) =>
        [.. changes.Where(static row => row.Agreed == true).GroupBy(static row => (row.Kind, row.Name)).Select(static same => same.MaxBy(static row => row.AnsweredSeq)!).Where(static row => !row.Retire).OrderBy(static row => row.AnsweredSeq)];

    /// <summary>The record by which rules became what they are; 0: they never changed.</summary>
    public static long SeqOf(IEnumerable<RuleChangeRow> changes) => changes.Where(static row => row.Agreed == true).Select(static row => row.AnsweredSeq!.Value).DefaultIfEmpty().Max();

    /// <summary>The gate of a controller. Waits for the store where nobody looked for a second: whoever must not wait calls <see cref="LookAsync"/> before.</summary>
    public GateInForce Of(LedgerRow ledger) => Fresh(ledger) ?? Task.Run(() => WaitAsync(ledger)).GetAwaiter().GetResult();

    /// <summary>Sees to it that <see cref="Of"/> need not wait. That the store is away is told where the gate is needed.</summary>
    public ValueTask LookAsync(LedgerRow ledger)
    {
        return Fresh(ledger) is null ? new(WaitedAsync()) : default;

        async Task WaitedAsync()
        {
            try
            {
                await WaitAsync(ledger);
            }
            catch (StoreException)
            {
                // Some of what is asked for needs no gate, and a no least of all.
            }
        }
    }

    /// <summary>The rules of a controller as far as they are known already, and those of the program before: for what may wait for nothing.</summary>
    public Rulebook LastKnown(LedgerRow ledger) => (known.GetValueOrDefault(ledger.Ledger)?.InForce.Gate ?? program).Rules;

    /// <summary>Why a controller's own rules can't be used, as far as it is known already.</summary>
    public string? FaultOf(LedgerRow ledger) => known.GetValueOrDefault(ledger.Ledger)?.InForce.Fault;

    /// <summary>The same, looked up now.</summary>
    public async Task<GateInForce> RefreshAsync(LedgerRow ledger, CancellationToken cancel)
    {
        var lookedAt = installation.Time.GetTimestamp();
        var changes = await installation.Store.RuleChangesAsync(ledger.Ledger, cancel).ToListAsync(cancel);
        var since = SeqOf(changes);
        if (known.TryGetValue(ledger.Ledger, out var before) && before.InForce.Since == since && before.InForce.Fault is null)
        {
            known[ledger.Ledger] = new Known(before.InForce, lookedAt);
            return before.InForce;
        }

        var own = Of(changes);
        var now = await MadeAsync(ledger, own, since, cancel);
        // What somebody else found out meanwhile of later changes stays.
        return known.AddOrUpdate(ledger.Ledger, new Known(now, lookedAt), (_, other) => other.InForce.Since > since ? other : new Known(now, lookedAt)).InForce;
    }

    /// <summary>The gate that a controller would go by with these rules of its own.</summary>
    /// <exception cref="RuleArchiveException">They are missing or altered.</exception>
    /// <exception cref="RuleFileException">They are not in order, or would loosen a rule.</exception>
    public async Task<ContactGate> WithAsync(LedgerRow ledger, IReadOnlyList<RuleChangeRow> own, CancellationToken cancel) => With(await ReadAsync(ledger, own, cancel));

    /// <summary>Reads rules of a controller's own.</summary>
    /// <exception cref="RuleArchiveException">They are missing or altered.</exception>
    /// <exception cref="RuleFileException">They are not in order.</exception>
    public async Task<IReadOnlyList<OwnRules>> ReadAsync(LedgerRow ledger, IReadOnlyList<RuleChangeRow> own, CancellationToken cancel)
    {
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Documents.UnionWith(own.Select(static row => row.Doc));
        var documents = own.Count == 0 ? [] : (await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel)).Documents.ToDictionary(static row => new Digest(row.Digest), static row => row.Bytes);
        return [.. own.Select(row =>
        {
            // By the digest: rules that were altered are none that anybody agreed to.
            var bytes = documents.GetValueOrDefault(new Digest(row.Doc)) ?? throw new RuleArchiveException("missing", row.Name);
            return TreeHash.Sha256(bytes) == new Digest(row.Doc) ? OwnRules.Read(row, bytes) : throw new RuleArchiveException("altered", row.Name);
        })];
    }

    /// <summary>The gate that a controller would go by with these rules of its own.</summary>
    /// <exception cref="RuleFileException">They don't go with each other, or loosen what nobody may loosen.</exception>
    public ContactGate With(IReadOnlyList<OwnRules> own)
    {
        var rules = own.Aggregate(program.Rules, static (rules, one) => one.Pack is { } pack ? rules.With(pack) : rules);
        // Each time anew: the program may know more of the law by now than when the pack was agreed to.
        foreach (var pack in own.Where(static one => one.Pack is not null))
        {
            if (PackChange.Between(program.Rules, rules, pack.Name).Where(static effect => effect.IsBarred).Select(static effect => effect.Code + " " + effect.File).ToArray() is { Length: > 0 } barred)
                throw new RuleFileException($"the pack {pack.Name} loosens what the program knows of the law: {string.Join(", ", barred)}");
        }

        var gate = ReferenceEquals(rules, program.Rules) ? program : new ContactGate(rules);
        return own.Aggregate(gate, static (gate, one) => one.House is { } house ? new ContactGate(gate.Rules.With(house)) : gate);
    }

    /// <summary>What a pack does, against the program's own.</summary>
    /// <exception cref="RuleFileException">It is not in order.</exception>
    public IReadOnlyList<PackEffect> EffectsOf(PackFiles pack) => PackChange.Between(program.Rules, program.Rules.With(pack), pack.Name);

    /// <summary>The rules of the program.</summary>
    public Rulebook Program => program.Rules;

    private async Task<GateInForce> MadeAsync(LedgerRow ledger, IReadOnlyList<RuleChangeRow> own, long since, CancellationToken cancel)
    {
        if (own.Count == 0)
            return new GateInForce(program, programs, own, since, null);
        try
        {
            var gate = await WithAsync(ledger, own, cancel);
            return new GateInForce(gate, RulebookArchive.Of(gate.Rules), own, since, null);
        }
        catch (Exception e) when (e is RuleArchiveException or RuleFileException)
        {
            // Without what was agreed to nobody is contacted: it can only have been stricter.
            return new GateInForce(program, programs, own, since, e.Message);
        }
    }

    // Null: it may be older than counts.
    private GateInForce? Fresh(LedgerRow ledger)
    {
        if (!known.TryGetValue(ledger.Ledger, out var now))
            return null;
        var since = installation.Time.GetElapsedTime(now.LookedAt);
        if (since > Newest)
            return null;
        if (since > LookAgain)
            LookBeside(ledger);
        return now.InForce;
    }

    private async Task<GateInForce> WaitAsync(LedgerRow ledger)
    {
        var asked = installation.Time.GetTimestamp();
        while (true)
        {
            var look = Begin(ledger);
            var found = await look.Found;
            // One that took long saw how it was before somebody else changed it.
            if (look.Began >= asked || installation.Time.GetElapsedTime(look.Began) <= Newest)
                return found;
        }
    }

    private Look Begin(LedgerRow ledger)
    {
        lock (looks)
        {
            if (looks.TryGetValue(ledger.Ledger, out var look) && !look.Found.IsCompleted)
                return look;
            return looks[ledger.Ledger] = new Look(installation.Time.GetTimestamp(), Task.Run(() => RefreshAsync(ledger, CancellationToken.None)));
        }
    }

    // Whoever asks after a second is told that the store is away.
    private void LookBeside(LedgerRow ledger) => Begin(ledger).Found.ContinueWith(static found => found.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    private sealed record Look(long Began, Task<GateInForce> Found);

    private sealed record Known(GateInForce InForce, long LookedAt);
}
