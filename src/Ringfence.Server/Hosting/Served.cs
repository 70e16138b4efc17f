using System.Collections.Concurrent;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Server.Gate;
using Ringfence.Server.Ledger;
using Ringfence.Server.Lists.Desk;
using Ringfence.Server.People;
using Ringfence.Server.People.Import;
using Ringfence.Server.Rules;
using Ringfence.Server.Staff;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Server.Suppression.Registers;
using Ringfence.Server.Webhooks;

namespace Ringfence.Server.Hosting;

/// <summary>What is served: an installation, the gate it goes by, and whether it is open.</summary>
/// <param name="installation">The installation.</param>
/// <param name="gate">Judges.</param>
/// <param name="facts">What holds of every contact where a question states nothing else; null: nothing.</param>
internal sealed class Served(Installation installation, ContactGate gate, StandingFacts? facts = null)
{
    private readonly ConcurrentDictionary<(long Ledger, Ringfence.Ledger.Digest Rules), bool> keeping = new();
    private readonly ConcurrentDictionary<long, RecentDecisions> recent = new();
    private volatile HashSet<string> faulty = [];
    private Audiences? audiences;
    private ChangePreviews? previews;
    private volatile OlderGate? older;
    private readonly Func<HttpContext, ValueTask<SignedIn?>>? staff;
    private Entrance? entrance;
    private RateBudgets? budgets;
    private Pages.PublicSources? sources;
    private Codes.CodeDesk? codes;

    public Installation Installation { get; } = installation;

    /// <summary>The gate of the program. Controllers may have stricter rules of their own on top: <see cref="GateOf"/>.</summary>
    public ContactGate Gate { get; } = gate;

    /// <summary>The gates that controllers go by.</summary>
    public RulesInForce InForce { get; } = Governing(installation, gate);

    /// <summary>Within this time a stream has to bring its next line, and take what it is sent.</summary>
    public TimeSpan StreamPatience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What holds of every contact where a question states nothing else.</summary>
    public StandingFacts? Facts { get; } = facts;

    /// <summary>Who is signed in; null: nobody is. Asked on each request, so that whatever ends it holds at once.</summary>
    public Func<HttpContext, ValueTask<SignedIn?>> Staff
    {
        get => staff ?? (async http => await Entrance.Sessions.FindAsync(http));
        init => staff = value;
    }

    /// <summary>How browsers reach the program; null: as they say themselves.</summary>
    public Uri? Address { get; init; }

    /// <summary>Who vouches for staff; null: nobody.</summary>
    public OutsideOptions? Outside { get; init; }

    /// <summary>By which staff come in.</summary>
    public Entrance Entrance => entrance ??= new Entrance(Installation, Address, Outside);

    /// <summary>Whether what is served is a demonstration.</summary>
    public bool IsDemo { get; init; }

    /// <summary>How controllers are called.</summary>
    public Pages.ControllerNames Names { get; } = new(installation);

    /// <summary>The wordings that are published: by name, the newest version of each first.</summary>
    public Consent.DocumentsInUse<Ringfence.Consent.WordingDocument> Wordings { get; } = new(installation, Consent.PublishedWordings.Read, Consent.PublishedWordings.InOrder);

    /// <summary>The forms that are published: by name, the newest version of each last.</summary>
    public Consent.DocumentsInUse<Ringfence.Consent.FormDocument> Forms { get; } = new(installation, Consent.Forms.PublishedForms.Read, Consent.Forms.PublishedForms.InOrder);

    /// <summary>The privacy notices that are published, the newest last.</summary>
    public Consent.DocumentsInUse<Ringfence.Consent.NoticeDocument> Notices { get; } = new(installation, Consent.Notices.PublishedNotices.Read, Consent.Notices.PublishedNotices.InOrder);

    /// <summary>How many people are not to be contacted.</summary>
    public SuppressionFigures Suppressed { get; } = new(installation);

    /// <summary>What the ledgers come to, counted.</summary>
    public Figures.FigureFollowers Figures { get; } = new(installation);

    /// <summary>Backups that are taken from the pages.</summary>
    public BackupDesk Backups { get; } = new(installation);

    /// <summary>Questions that were asked before.</summary>
    public QuestionTemplates Templates { get; } = new();

    /// <summary>Writes decisions.</summary>
    public DecisionJson Told { get; } = new();

    /// <summary>Sends what other systems are told; whoever serves made it, and disposes of it after.</summary>
    public required WebhookSender Webhooks { get; init; }

    /// <summary>By which messages leave; whoever serves opened them, and disposes of them after.</summary>
    public Gateways.GatewaySet Gateways { get; init; } = Server.Gateways.GatewaySet.None;

    /// <summary>Codes that confirm who has a number or address.</summary>
    public Codes.CodeDesk Codes => LazyInitializer.EnsureInitialized(ref codes, () => new Codes.CodeDesk(Installation, Gateways));

    /// <summary>What is done once whoever asked was answered.</summary>
    public Codes.Afterwards Afterwards { get; } = new();

    /// <summary>Answers that nobody had written down.</summary>
    public AdviceCounts Advised { get; } = new(installation.Time);

    /// <summary>Registers that staff load.</summary>
    public RegisterDesk RegisterDesk { get; } = new(installation);

    /// <summary>Lists that programs send.</summary>
    public ImportDesk Imports { get; } = new(installation);

    /// <summary>Everybody of a ledger, for lists and counts.</summary>
    public Audiences Audiences => LazyInitializer.EnsureInitialized(ref audiences, () => new Audiences(this));

    /// <summary>What changes of rules would do, as far as somebody looked at it.</summary>
    public ChangePreviews Previews => LazyInitializer.EnsureInitialized(ref previews, () => new ChangePreviews(this));

    /// <summary>How much of everybody each member of staff has seen today.</summary>
    public StaffReaches Reach { get; } = new(installation);

    /// <summary>How much of that may be taken out.</summary>
    public ExportQuota Quota { get; init; } = ExportQuota.Usual;

    /// <summary>Lists that staff bring to be looked through.</summary>
    public ListDesk Lists { get; } = new(installation);

    /// <summary>Bytes of one request with lists.</summary>
    public long UploadLimit { get; init; } = (long)ImportDesk.DefaultLimitMiB << 20;

    /// <summary>How many requests callers may make.</summary>
    public IReadOnlyList<RateLimit> Limits { get; init; } = RateLimit.TryRead(RateLimit.Default, out var limits) ? limits : [];

    /// <summary>The servers in front of this one whose word counts for where a request comes from.</summary>
    public IReadOnlyList<System.Net.IPNetwork> Proxies { get; init; } = [];

    /// <summary>Requests of one source in a minute for pages that are for everybody; 0: as many as it likes.</summary>
    public int PublicLimit { get; init; } = Pages.PublicSources.Default;

    /// <summary>Where requests for pages that are for everybody come from.</summary>
    public Pages.PublicSources Sources => LazyInitializer.EnsureInitialized(ref sources, () => new Pages.PublicSources(Installation.Time, PublicLimit))!;

    /// <summary>What is left of that to each caller, whichever way they come.</summary>
    public RateBudgets Budgets => LazyInitializer.EnsureInitialized(ref budgets, () => new RateBudgets(Installation.Store, Installation.Time, Limits))!;

    /// <summary>The decisions of the last days.</summary>
    public RecentDecisions RecentOf(LedgerRow ledger) => recent.GetOrAdd(ledger.Ledger, _ => new RecentDecisions(Installation, ledger));

    /// <summary>The gate that a controller goes by.</summary>
    /// <exception cref="ApiFault"><c>shut</c>: rules that two of its people put in force can't be used, and nobody is judged without them.</exception>
    public ContactGate GateOf(LedgerRow ledger) => JudgedBy(ledger).Gate;

    /// <summary>The same, with what tells its rules.</summary>
    public GateInForce JudgedBy(LedgerRow ledger) => InForce.Of(ledger) is { Fault: null } inForce ? inForce : throw ApiCall.Shut("rules");

    /// <summary>Counts answers that nobody had written down.</summary>
    public void Count(LedgerRow ledger, string verdict, int times = 1)
    {
        Meters.Count(verdict, permit: false, times);
        Advised.Add(ledger, verdict, times);
    }

    /// <summary>Keeps the rules in a ledger, so that what they decide can be decided again; once.</summary>
    public async Task KeepRulesAsync(LedgerRow ledger, Ringfence.Ledger.Actor actor, CancellationToken cancel)
    {
        var rules = JudgedBy(ledger).Rules;
        if (keeping.ContainsKey((ledger.Ledger, rules.Digest)))
            return;
        await (await Installation.WriterAsync(ledger, cancel)).DoAsync(new KeepRulesCommand(actor, rules), cancel);
        keeping[(ledger.Ledger, rules.Digest)] = true;
    }

    /// <summary>The gate by the rules of then: of this day, or as the ledger keeps them.</summary>
    /// <exception cref="RuleArchiveException">They are missing, or are not what they were.</exception>
    public async Task<ContactGate> GateOfAsync(LedgerRow ledger, Ringfence.Ledger.Digest rules, CancellationToken cancel)
    {
        if (InForce.Of(ledger) is { Fault: null } inForce && rules == inForce.Rules.Digest)
            return inForce.Gate;
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
        return notary.Alarm is not null || faulty.Contains(ledger.Origin) ? "ledger" : notary.Clock.Anomaly is not null ? "clock" : InForce.FaultOf(ledger) is not null ? "rules" : null;
    }

    // Who has to be told what came of what they said is told by the same rules.
    private static RulesInForce Governing(Installation installation, ContactGate gate)
    {
        var inForce = new RulesInForce(installation, gate);
        installation.Results.RulesOf = inForce.LastKnown;
        return inForce;
    }

    private sealed record OlderGate(Ringfence.Ledger.Digest Rules, ContactGate Gate);
}
