using NodaTime;
using Ringfence.Figures;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Rules;
using Ringfence.Server.Consent.Notices;
using Ringfence.Server.Gateways;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.Rules;
using Ringfence.Server.Staff;
using Ringfence.Suppression.Registers;

namespace Ringfence.Server.Figures;

/// <summary>What needs somebody today: what is closed, what is about to be, and what is not as safe as it should be.</summary>
internal static class Needs
{
    // Time to get a new copy: some are ordered by letter.
    private const int RegisterDaysBefore = 5;

    private const int RequestDaysBefore = 7;

    // As the doctor has it: two days, and a day with two hours for a night on which somebody works.
    private static readonly Duration BackedUpWithin = Duration.FromDays(2);
    private static readonly Duration AnchoredWithin = Duration.FromHours(26);

    /// <summary>Looks; the most pressing comes first.</summary>
    /// <param name="call">Who asks, and for whom.</param>
    /// <param name="figures">What the ledger comes to; null: it is not counted yet.</param>
    /// <param name="ends">Which consents end when; null: not known yet.</param>
    /// <param name="reach">Who may be contacted.</param>
    public static async Task<IReadOnlyList<Need>> OfAsync(PageCall call, FigureFollower? figures, ConsentEnds? ends, AudienceFigures reach)
    {
        var needs = new List<Need>();
        Gate(call, needs);
        Registers(call, needs);
        await WebhooksAsync(call, needs);
        await ChannelsAsync(call, needs);
        await SecondPeopleAsync(call, needs);
        await RequestsAsync(call, needs);
        await ResultsAsync(call, needs);
        await NoticeAsync(call, needs, reach);
        if (reach.Quarantined > 0)
            needs.Add(new Need("quarantine", NeedWeight.Note, [reach.Quarantined], call.WayTo("quarantine")));
        if (figures is not null)
            Outside(call, figures, needs);
        if (ends?.EndingIn(NextMonth(call)) is > 0 and var soon)
            needs.Add(new Need("ends", NeedWeight.Note, [soon], call.WayTo("contacts", "ends=30")));
        return [.. needs.OrderBy(static need => need.Weight)];
    }

    /// <summary>The first steps of a new house; empty once all are done.</summary>
    public static async Task<IReadOnlyList<FirstStep>> FirstStepsAsync(PageCall call, FigureFollower figures)
    {
        var hasForm = (await call.Served.Forms.OfAsync(call.Ledger)).Count > 0;
        var all = figures.With(static one => (
            Listed: one.All[RecordType.ImportStarted] + one.All[RecordType.ConsentImported] > 0,
            Consented: one.All.Given > 0,
            BackedUp: one.All[RecordType.BackupTaken] > 0));
        FirstStep[] steps =
        [
            new("list", all.Listed, call.WayTo("imports")),
            new("consent", all.Consented || hasForm, call.WayTo("forms/new") ?? call.WayTo("contacts")),
            new("backup", all.BackedUp, call.WayTo("settings/backups")),
            new("anchor", !call.Installation.NotaryOf(call.Ledger).LacksOutsideAnchor(), call.WayTo("settings/health")),
        ];
        return steps.All(static step => step.IsDone) ? [] : steps;
    }

    /// <summary>The first day on which rules will not take a copy of a register any more; null: they take any.</summary>
    public static LocalDate? StaleFrom(IEnumerable<Rule> rules, RegisterFacts copy) => rules.Select(static rule => rule.Body).OfType<RegisterBody>()
        .Where(body => body.Name == copy.Name && body.Screened is not null)
        .Select(body => body.Screened!.AtMost is { } most ? most.After(copy.AsOf).PlusDays(1) : new LocalDate(copy.AsOf.Year, copy.AsOf.Month, 1).PlusMonths(1))
        .Cast<LocalDate?>().Min();

    /// <summary>Today, and the days in which whoever acts now is not late.</summary>
    public static FigurePeriod NextMonth(PageCall call) => new(Today(call), Today(call).PlusDays(FigurePeriod.UsualDays));

    private static LocalDate Today(PageCall call) => call.Now.InUtc().Date;

    private static void Gate(PageCall call, List<Need> needs)
    {
        if (call.Served.WhyMute(call.Ledger) is { } why)
            needs.Add(new Need("shut-" + why, NeedWeight.Now, [], call.WayTo("ledger")));
    }

    private static void Registers(PageCall call, List<Need> needs)
    {
        var rules = call.Served.Gate.Rules.Rules;
        foreach (var copy in call.Installation.Registers.Copies)
        {
            if (copy.IsDamaged)
                needs.Add(new Need("register-damaged", NeedWeight.Now, [copy.Name], call.WayTo("registers")));
            if (copy.Facts is not { } facts || StaleFrom(rules, facts) is not { } stale)
                continue;
            var left = Period.DaysBetween(Today(call), stale);
            var age = Math.Max(0, Period.DaysBetween(facts.AsOf, Today(call)));
            if (left <= 0)
                needs.Add(new Need("register-old", NeedWeight.Now, [copy.Name, age], call.WayTo("registers")) { At = stale.AtMidnight().InUtc().ToInstant() });
            else if (left <= RegisterDaysBefore)
                needs.Add(new Need("register-soon", NeedWeight.Soon, [copy.Name, age], call.WayTo("registers")) { At = stale.AtMidnight().InUtc().ToInstant() });
        }
    }

    private static async Task WebhooksAsync(PageCall call, List<Need> needs)
    {
        var overdue = (await call.Installation.Store.Outbox.CountAsync(call.Ledger.Ledger, Micros.Of(call.Now), call.Cancel)).Where(static one => one.Overdue > 0).ToList();
        if (overdue.Count > 0)
        {
            needs.Add(new Need("copies", NeedWeight.Now, [overdue.Sum(static one => one.Overdue), overdue.Count], call.WayTo("settings/webhooks"))
            {
                At = Micros.ToInstant(overdue.Min(static one => one.Oldest ?? 0)),
            });
        }
    }

    // What people wrote that nobody has read, and places to which no codes go any more.
    private static async Task ChannelsAsync(PageCall call, List<Need> needs)
    {
        if (await InboundTasks.WaitingAsync(call.Installation, call.Ledger, call.Cancel) is { } waiting)
            needs.Add(new Need("unclear", NeedWeight.Now, [waiting.People], call.WayTo("contacts", "status=held")) { At = waiting.Since });
        if (await call.Served.Codes.AlarmsAsync(call.Ledger, call.Cancel) is { Count: > 0 } places)
            needs.Add(new Need("codes", NeedWeight.Now, [string.Join(", ", places)], null));
    }

    // What people are told: nothing, something else than what is done, or something that matters and that those who agreed before have not seen.
    private static async Task NoticeAsync(PageCall call, List<Need> needs, AudienceFigures reach)
    {
        var all = await call.Served.Notices.OfAsync(call.Ledger);
        var room = call.WayTo("settings/notice");
        if (all.Count == 0)
        {
            if ((await call.Served.Forms.OfAsync(call.Ledger)).Count > 0)
                needs.Add(new Need("notice-none", NeedWeight.Soon, [], room));
            return;
        }

        var newest = all[^1];
        var drift = (await NoticeSetUp.OfAsync(call)).DriftFrom(newest);
        if (drift.Count > 0)
            needs.Add(new Need("notice-drift", drift.Any(static change => change.Matters) ? NeedWeight.Now : NeedWeight.Note, [newest.Version, drift.Count, drift.OrderByDescending(static change => change.Matters).First().Say(call.Words.Tag)], room));
        if (all.AsksAgain() is { } notice && reach.AgreedEarlier > 0)
        {
            needs.Add(new Need("notice-reask", NeedWeight.Soon, [reach.AgreedEarlier, notice.Version], call.WayTo("contacts", AudienceFigures.QueryOf(AudienceFilter.Everyone with { AgreedBefore = notice.Since })))
            {
                At = notice.Since,
            });
        }
    }

    // What one has asked for and another has to agree to: whoever asked is told too, and can remind somebody.
    private static async Task SecondPeopleAsync(PageCall call, List<Need> needs)
    {
        var asked = await new Approvals(call.Installation, call.Served.Entrance.Accounts).WaitingAsync(call.Ledger, call.Cancel);
        if (asked.Count > 0)
            needs.Add(new Need("approvals", NeedWeight.Soon, [asked.Count], call.WayTo("approvals")) { At = asked.Min() });
        var changes = (await RuleChangePages.AllAsync(call)).Where(static row => row.AnsweredSeq is null).ToList();
        if (changes.Count > 0)
            needs.Add(new Need("rule-changes", NeedWeight.Soon, [changes.Count], call.WayTo("rules")));
    }

    // Late is late; and a week is soon for whoever has to find things out first.
    private static async Task RequestsAsync(PageCall call, List<Need> needs)
    {
        if (await Rights.RequestList.DueAsync(call.Installation, call.Ledger, Today(call).PlusDays(RequestDaysBefore), call.Cancel) is not { } due)
            return;
        needs.Add(new Need(due.First < Today(call) ? "requests-late" : "requests", due.First <= Today(call) ? NeedWeight.Now : NeedWeight.Soon, [due.Count], call.WayTo("requests"))
        {
            At = due.First.PlusDays(1).AtMidnight().InUtc().ToInstant(),
        });
    }

    // Who has to be told what came of what they said, and was not reached by a message.
    private static async Task ResultsAsync(PageCall call, List<Need> needs)
    {
        if (await Rights.ResultTasks.DueAsync(call.Installation, call.Ledger, call.Cancel) is not { } due)
            return;
        needs.Add(new Need(due.First <= call.Now ? "results-late" : "results", due.First <= call.Now + Duration.FromDays(1) ? NeedWeight.Now : NeedWeight.Soon, [due.Count], call.WayTo("requests")) { At = due.First });
    }

    // What would be left, if this machine burnt down or somebody rewrote it.
    private static void Outside(PageCall call, FigureFollower figures, List<Need> needs)
    {
        var (backup, anchor) = figures.With(static one => (one.Newest(RecordType.BackupTaken), one.Newest(RecordType.LedgerAnchored)));
        var settings = call.WayTo("settings/backups");
        if (backup is null)
            needs.Add(new Need("backup-none", NeedWeight.Soon, [], settings));
        else if (call.Now - backup.Value.At > BackedUpWithin)
            needs.Add(new Need("backup-old", NeedWeight.Soon, [], settings) { At = backup.Value.At });
        var notary = call.Installation.NotaryOf(call.Ledger);
        if (notary.FolderFault is not null)
            needs.Add(new Need("anchor-folder", NeedWeight.Soon, [], call.WayTo("ledger")));
        if (notary.TimestampFault is not null)
            needs.Add(new Need("timestamp", NeedWeight.Soon, [], call.WayTo("ledger")));
        if (anchor is { } last && call.Now - last.At > AnchoredWithin)
            needs.Add(new Need("anchor-old", NeedWeight.Soon, [], call.WayTo("ledger")) { At = last.At });
        if (notary.LacksOutsideAnchor())
            needs.Add(new Need("anchor-same", NeedWeight.Note, [], call.WayTo("settings/health")));
    }
}
