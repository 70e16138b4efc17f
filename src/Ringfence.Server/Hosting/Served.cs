using System.Collections.Concurrent;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Server.Gate;
using Ringfence.Server.Ledger;
using Ringfence.Server.People.Import;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Server.Webhooks;
using Ringfence.Webhooks;

namespace Ringfence.Server.Hosting;

/// <summary>What is served: an installation, the gate it goes by, and whether it is open.</summary>
/// <param name="installation">The installation.</param>
/// <param name="gate">Judges.</param>
/// <param name="facts">What holds of every contact where a question states nothing else; null: nothing.</param>
internal sealed class Served(Installation installation, ContactGate gate, StandingFacts? facts = null)
{
    private readonly ConcurrentDictionary<long, bool> keeping = new();
    private volatile HashSet<string> faulty = [];
    private volatile OlderGate? older;

    public Installation Installation { get; } = installation;

    public ContactGate Gate { get; } = gate;

    /// <summary>Within this time a stream has to bring its next line, and take what it is sent.</summary>
    public TimeSpan StreamPatience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What holds of every contact where a question states nothing else.</summary>
    public StandingFacts? Facts { get; } = facts;

    /// <summary>Questions that were asked before.</summary>
    public QuestionTemplates Templates { get; } = new();

    /// <summary>Writes decisions.</summary>
    public DecisionJson Told { get; } = new();

    /// <summary>Sends what other systems are told.</summary>
    public WebhookSender Webhooks { get; init; } = new(WebhookReach.Internet, installation.Time);

    /// <summary>The rules of the gate, as they are kept.</summary>
    public RulebookArchive Rules { get; } = RulebookArchive.Of(gate.Rules);

    /// <summary>Lists that programs send.</summary>
    public ImportDesk Imports { get; } = new(installation);

    /// <summary>Bytes of one request with lists.</summary>
    public long UploadLimit { get; init; } = (long)ImportDesk.DefaultLimitMiB << 20;

    /// <summary>How many requests callers may make.</summary>
    public IReadOnlyList<RateLimit> Limits { get; init; } = RateLimit.TryRead(RateLimit.Default, out var limits) ? limits : [];

    /// <summary>Keeps the rules in a ledger, so that what they decide can be decided again; once.</summary>
    public async Task KeepRulesAsync(LedgerRow ledger, Ringfence.Ledger.Actor actor, CancellationToken cancel)
    {
        if (keeping.ContainsKey(ledger.Ledger))
            return;
        await (await Installation.WriterAsync(ledger, cancel)).DoAsync(new KeepRulesCommand(actor, Rules), cancel);
        keeping[ledger.Ledger] = true;
    }

    /// <summary>The gate by the rules of then: of this day, or as the ledger keeps them.</summary>
    /// <exception cref="RuleArchiveException">They are missing, or are not what they were.</exception>
    public async Task<ContactGate> GateOfAsync(LedgerRow ledger, Ringfence.Ledger.Digest rules, CancellationToken cancel)
    {
        if (rules == Rules.Digest)
            return Gate;
        if (older is { } known && known.Rules == rules)
            return known.Gate;
        // One other is enough: who asks again after the rules were changed asks for those before.
        var then = new ContactGate((await Replay.RulesAsync(Installation.Store, ledger, rules, cancel)).Rules);
        older = new OlderGate(rules, then);
        return then;
    }

    /// <summary>Takes what the last upkeep found: a ledger that is not what its records say permits nobody, until an upkeep finds it in order.</summary>
    public void Heed(IEnumerable<UpkeepFault> faults) =>
        faulty = faults.Where(static fault => fault.Code is "suppressions-differ" or "rolled-back" or "fork").Select(static fault => fault.Origin).ToHashSet(StringComparer.Ordinal);

    /// <summary>Why nobody is advised now: as below, or because what other nodes wrote in the last second may not be known here.</summary>
    public string? WhyMute(LedgerRow ledger) => WhyShut(ledger) ?? (Installation.Snapshots?.Of(ledger)?.IsBehind == true ? "behind" : null);

    /// <summary>Why nobody may be contacted now, whoever asks; null: the gate is open.</summary>
    public string? WhyShut(LedgerRow ledger)
    {
        // Somebody said no, and it is not written yet.
        if (!WithdrawalSpool.IsEmpty(Installation.Options.Data))
            return "spool";
        var notary = Installation.NotaryOf(ledger);
        return notary.Alarm is not null || faulty.Contains(ledger.Origin) ? "ledger" : notary.Clock.Anomaly is not null ? "clock" : null;
    }

    private sealed record OlderGate(Ringfence.Ledger.Digest Rules, ContactGate Gate);
}
