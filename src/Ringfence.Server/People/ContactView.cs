using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Rules;
using Ringfence.Server.Gate;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;
using Ringfence.Server.Webhooks;
using Ringfence.Staff;

namespace Ringfence.Server.People;

/// <summary>One number or address of a person.</summary>
/// <param name="Id">Its name in the ledger.</param>
/// <param name="Point">It.</param>
/// <param name="Number">What is known of the number; one without digits for an address.</param>
internal sealed record PointView(OpaqueId Id, ContactPoint Point, PhoneNumber Number)
{
    public static PointView Of(OpaqueId id, ContactPoint point) =>
        new(id, point, point.Kind == PointKind.Phone ? NumberReader.Read(point.Value, Region.None).Number : default);
}

/// <summary>One system that holds a copy, and whether it heard the last no.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="State"><c>confirmed</c>, <c>delivered</c>, <c>waiting</c>, <c>untold</c>; <c>none</c>: there was no no.</param>
/// <param name="At">When.</param>
internal sealed record CopyView(string Name, string State, Instant? At);

/// <summary>A person as a page shows them: what may be done, what is known, what was recorded.</summary>
internal sealed record ContactView
{
    // A page stays small however long somebody's history is.
    private const int MostEntries = 25;

    // An answer in full weighs as much as ten other records. Those behind are told when somebody asks for one.
    private const int MostAnswers = 2;

    public required FoundContact Found { get; init; }

    public required IReadOnlyList<PointView> Points { get; init; }

    /// <summary>Those that the permission line is about.</summary>
    public required IReadOnlyList<PointView> Asked { get; init; }

    public required string Purpose { get; init; }

    public required IReadOnlyList<string> Purposes { get; init; }

    public required IReadOnlyList<ChannelPermission> Line { get; init; }

    public required IReadOnlyList<SuppressionRow> Closed { get; init; }

    public required IReadOnlyList<CopyView> Copies { get; init; }

    public required IReadOnlyList<TimelineEntry> Timeline { get; init; }

    /// <summary>How many records each part of the history has.</summary>
    public required IReadOnlyDictionary<TimelineTab, int> Counts { get; init; }

    public required TimelineTab Tab { get; init; }

    /// <summary>Where those that are shown begin; null: with the newest.</summary>
    public long? Before { get; init; }

    /// <summary>Where older records begin; null: all are shown.</summary>
    public long? Older { get; init; }

    /// <summary>Whether the numbers are shown as they are.</summary>
    public bool IsBare { get; init; }

    /// <summary>What the gate was asked on this page; null: nothing.</summary>
    public AskedHere? Answer { get; init; }

    /// <summary>The form in which it is asked.</summary>
    public FormState Ask { get; init; } = new();

    public Person Person => Found.Person;

    /// <summary>Where the person may be, by tz name.</summary>
    public IReadOnlyList<string> Zones => Line.Select(static one => one.Told).FirstOrDefault(static told => told is { Zones.Length: > 0 })?.Zones is { } zones ? zones
        : Points.Select(static one => one.Number).FirstOrDefault(static number => number.Digits != 0) is { Digits: not 0 } known ? known.Zones : [];

    /// <summary>Whose law binds: the packs that judged.</summary>
    public IReadOnlyList<Pack> Packs => [.. Line.SelectMany(static one => one.Verdict is { } verdict ? verdict.Packs : []).Where(static pack => !pack.IsHouse).DistinctBy(static pack => pack.Name)];

    /// <summary>As they are called; null: nobody said.</summary>
    public string? Name => Found.Data.Name ?? (string.Join(' ', new[] { Found.Data.Given, Found.Data.Family }.OfType<string>()) is { Length: > 0 } joined ? joined : Found.Data.Company);

    /// <summary>Until when the proof of their yes has to be kept at least; null: nothing that was asked here says so.</summary>
    public Instant? KeepUntil
    {
        get
        {
            var period = Line.Select(static one => one.Verdict).OfType<Verdict.Allowed>().SelectMany(static verdict => verdict.Obligations).Select(static duty => duty.Detail?.Keep).OfType<Period>()
                .MaxBy(static keep => keep.Years * 366 + keep.Months * 31 + keep.Weeks * 7 + keep.Days);
            var last = Person.Records.LastOrDefault(static record => record.State is not null);
            return period is null || last is null ? null : last.At.InUtc().LocalDateTime.Plus(period).InUtc().ToInstant();
        }
    }

    /// <summary>Reads it; null: there is no such person.</summary>
    public static async Task<ContactView?> ReadAsync(PageCall call, OpaqueId sid, FoundContact? known = null)
    {
        var (installation, ledger) = (call.Installation, call.Ledger);
        if ((known ?? await Contacts.FindAsync(installation, ledger, sid, call.Cancel)) is not { } found)
            return null;
        PointView[] points = [.. found.Points().Select(static one => PointView.Of(one.Id, one.Point))];
        var chosen = OpaqueId.TryParse(call.Query("point"), out var id) ? points.FirstOrDefault(point => point.Id == id) : null;
        PointView[] asked = [.. new[] { PointKind.Phone, PointKind.Email }.Select(kind => chosen?.Point.Kind == kind ? chosen : points.FirstOrDefault(one => one.Point.Kind == kind)).OfType<PointView>()];
        var purposes = await PurposesAsync(call, found.Person);
        var purpose = call.Query("purpose") is { } wanted && ScopeArguments.IsPurpose(wanted) ? wanted : purposes[0];
        var tags = points.Select(point => installation.TagsOf(point.Point)).ToArray();
        var closed = tags.Length == 0 ? [] : await Contacts.SuppressionsAsync(installation, ledger, tags, call.Cancel);
        var records = await WithClosedAsync(call, found.Person, closed);
        var mayLook = call.May(Right.SeeEvidence);
        LedgerRecord[] seen = [.. records.Where(record => mayLook || record.Type != RecordType.StaffRevealed)];
        var tab = Enum.TryParse<TimelineTab>(call.Query("show"), ignoreCase: true, out var named) && Enum.IsDefined(named) && (mayLook || named != TimelineTab.Looks) ? named : TimelineTab.All;
        LedgerRecord[] part = [.. seen.Where(record => IsIn(tab, record.Type))];
        var before = long.TryParse(call.Query("before"), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seq) ? seq : long.MaxValue;
        LedgerRecord[] shown = [.. part.Where(record => record.Seq < before).TakeLast(MostEntries).Reverse()];
        return new ContactView
        {
            Found = found,
            Points = points,
            Asked = asked,
            Purpose = purpose,
            Purposes = purposes,
            Line = await PagePermissions.OfAsync(call, [.. asked.Select(point => installation.TagsOf(point.Point))], purpose, found.Person.Records),
            Closed = closed,
            Copies = await CopiesAsync(call, seen),
            Timeline = await AnsweredAsync(call, await OpenAsync(call, shown, points, mayLook), found.Person),
            Counts = Enum.GetValues<TimelineTab>().ToDictionary(static one => one, one => seen.Count(record => IsIn(one, record.Type))),
            Tab = tab,
            Before = before == long.MaxValue ? null : before,
            Older = shown.Length > 0 && part[0].Seq < shown[^1].Seq ? shown[^1].Seq : null,
        };
    }

    /// <summary>What contact may be for, the most likely first: what they said yes or no to, then what the wordings of the controller ask for.</summary>
    public static async Task<IReadOnlyList<string>> PurposesAsync(PageCall call, Person? person)
    {
        var said = person?.Records.Reverse().SelectMany(static record => record.Scope?.Purposes ?? []) ?? [];
        string[] all = [.. said.Concat((await call.Served.Wordings.OfAsync(call.Ledger)).SelectMany(static wording => wording.Purposes).Order(StringComparer.Ordinal)).Distinct(StringComparer.Ordinal)];
        return all.Length > 0 ? all : ["offers"];
    }

    private static bool IsIn(TimelineTab tab, RecordType type) => tab == TimelineTab.All ? TimelineEntry.TabOf(type) != TimelineTab.Looks : TimelineEntry.TabOf(type) == tab;

    // What closed a number before anybody knew whose it was stands in nobody's history, and closes it all the same.
    private static async Task<IReadOnlyList<LedgerRecord>> WithClosedAsync(PageCall call, Person person, IReadOnlyList<SuppressionRow> closed)
    {
        var known = person.Records.Select(static record => record.Seq).ToHashSet();
        var wanted = new RowsWanted();
        wanted.Records.UnionWith(closed.Select(static row => row.Seq).OfType<long>().Where(seq => !known.Contains(seq)));
        if (wanted.Records.Count == 0)
            return person.Records;
        var rows = await call.Installation.Store.LoadAsync(call.Ledger.Ledger, wanted, call.Cancel);
        return [.. person.Records.Concat(wanted.Records.Where(rows.Records.ContainsKey).Select(seq => StoredRecord.Read(rows.Records[seq]))).OrderBy(static record => record.Seq)];
    }

    private static async Task<IReadOnlyList<TimelineEntry>> OpenAsync(PageCall call, IReadOnlyList<LedgerRecord> records, PointView[] points, bool mayLook)
    {
        var names = points.ToDictionary(static point => point.Id, static point => point.Point.ToString());
        string? PointOf(LedgerRecord record) => points.Length > 1 && record.Subject?.Point is { } point ? names.GetValueOrDefault(point) : null;
        if (!mayLook)
            return [.. records.Select(record => new TimelineEntry(record, null, null, null, PointOf(record)))];
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Sealed.UnionWith(records.Where(static record => record.Commits is { Evidence: not null } or { Note: not null }).Select(static record => record.Seq));
        wanted.Documents.UnionWith(records.Where(static record => record.State is not null && record.Notice is not null).Select(static record => record.Notice!.Doc.Bytes.ToArray()));
        var rows = await call.Installation.Store.LoadAsync(call.Ledger.Ledger, wanted, call.Cancel);
        var wordings = new Dictionary<Digest, WordingDocument>();
        foreach (var row in rows.Documents)
        {
            if (Ringfence.Server.Consent.PublishedWordings.Read(row) is { } wording)
                wordings[new Digest(row.Digest)] = wording;
        }

        var staff = await StaffAsync(call, records);
        var entries = new List<TimelineEntry>();
        foreach (var record in records)
        {
            byte[]? evidence = null, note = null;
            foreach (var row in rows.Sealed.Where(row => row.Seq == record.Seq && record.Subject is not null))
            {
                if ((CommitGroup)row.Group is CommitGroup.Evidence)
                    evidence = (await call.Installation.OpenAsync(record, row, call.Cancel))?.Content;
                else if ((CommitGroup)row.Group is CommitGroup.Note)
                    note = (await call.Installation.OpenAsync(record, row, call.Cancel))?.Content;
            }

            entries.Add(new TimelineEntry(record, evidence, note, record.Notice is { } notice ? wordings.GetValueOrDefault(notice.Doc) : null, PointOf(record)) { By = staff.GetValueOrDefault(record.Actor.Ref) });
        }

        return entries;
    }

    // What the gate answered about them, and what became of its permits, for those who see decisions. That they looked is written already: an answer tells no more of somebody than their page does,
    // and the facts that it was made from stand on its own page alone.
    private static async Task<IReadOnlyList<TimelineEntry>> AnsweredAsync(PageCall call, IReadOnlyList<TimelineEntry> entries, Person person)
    {
        if (!call.May(Right.SeeGate))
            return entries;
        var open = long.TryParse(call.Query("open"), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seq) ? seq : -1;
        var permits = person.Records.Where(static record => PermitOf(record) is not null).ToLookup(static record => PermitOf(record)!.Value);
        var told = new List<TimelineEntry>();
        var answers = 0;
        foreach (var entry in entries)
        {
            var (record, isOpen) = (entry.Record, entry.Record.Seq == open);
            var isTold = record.Decision is not null && (answers++ < MostAnswers || isOpen);
            told.Add(entry with
            {
                IsOpen = isOpen,
                Answer = isTold ? await AnswerAsync(call, record) : null,
                Folds = record.Decision is not null && !isTold,
                Permit = PermitOf(record) is { } id ? [.. permits[id].Where(other => other.Seq != record.Seq)] : [],
            });
        }

        return told;
    }

    private static OpaqueId? PermitOf(LedgerRecord record) => record.Detail?["permit"]?.AsText is { } text && OpaqueId.TryParse(text, out var id) ? id : null;

    private static async Task<TimelineAnswer?> AnswerAsync(PageCall call, LedgerRecord record)
    {
        if (!RecordedDecision.TryRead(record.Decision!, out var recorded))
            return null;
        var channel = recorded.Situation.Ask.Channel;
        try
        {
            var again = recorded.Again(await call.Served.GateOfAsync(call.Ledger, recorded.Rules, call.Cancel));
            return again.DifferencesFrom(recorded).Count > 0 ? new TimelineAnswer(channel, null, null, recorded.AsOf, "Otherwise")
                : new TimelineAnswer(channel, again.Verdict, Explanation.Of(recorded.Situation, again.Verdict!, [], call.Words.Tag), recorded.AsOf);
        }
        catch (RuleArchiveException)
        {
            return new TimelineAnswer(channel, null, null, recorded.AsOf, "RulesAway");
        }
    }

    // Records name accounts, which mean nothing to people.
    private static async Task<Dictionary<string, string>> StaffAsync(PageCall call, IReadOnlyList<LedgerRecord> records)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var account in records.Where(static record => record.Actor.Kind == ActorKind.Staff).Select(static record => record.Actor.Ref).Distinct(StringComparer.Ordinal))
        {
            if (await call.Served.Entrance.Accounts.FindAsync(account, call.Cancel) is { } known)
                names[account] = known.Name;
        }

        return names;
    }

    private static async Task<IReadOnlyList<CopyView>> CopiesAsync(PageCall call, IReadOnlyList<LedgerRecord> records)
    {
        var told = new ToldSystems(call.Installation, call.Ledger);
        var systems = await told.ListAsync(call.Cancel);
        if (systems.Count == 0)
            return [];
        var no = records.LastOrDefault(static record => record.Type == RecordType.SuppressionAdded) ?? records.LastOrDefault(static record => record.Type == RecordType.ConsentWithdrawn);
        if (no is null)
            return [.. systems.Select(static one => new CopyView(one.Name, "none", null))];
        var deliveries = await call.Installation.Store.Outbox.ListAsync(call.Ledger.Ledger, null, DeliveryKind.All, Micros.Of(call.Now), no.Seq - 1, systems.Count, call.Cancel);
        return [.. systems.Select(one => deliveries.FirstOrDefault(row => row.Webhook == one.Id && row.Seq == no.Seq) switch
        {
            { Confirmed: { } at } => new CopyView(one.Name, "confirmed", Micros.ToInstant(at)),
            { Delivered: { } at } => new CopyView(one.Name, "delivered", Micros.ToInstant(at)),
            not null => new CopyView(one.Name, "waiting", null),
            null => new CopyView(one.Name, one.Seq > no.Seq ? "later" : "untold", null),
        })];
    }
}

/// <summary>What was asked on a page, and the answer.</summary>
/// <param name="Channel">On which channel.</param>
/// <param name="Question">In a sentence.</param>
/// <param name="Verdict">The answer.</param>
/// <param name="Told">The same in words.</param>
/// <param name="Record">The record that holds it; null: it was not written down.</param>
/// <param name="Known">How many records were known.</param>
internal sealed record AskedHere(Channel Channel, string Question, Verdict Verdict, Explanation Told, long? Record, long Known);
