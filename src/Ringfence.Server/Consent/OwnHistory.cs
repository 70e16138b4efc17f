using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Ledger;
using Ringfence.Server.Lists.Report;
using Ringfence.Server.Pages;
using Ringfence.Server.People;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Consent;

/// <summary>Something that happened, as its person is told it.</summary>
/// <param name="At">When, so far as somebody says; else when it was written.</param>
/// <param name="Icon">The symbol before it.</param>
/// <param name="Head">What, in a sentence.</param>
/// <param name="By">Who wrote it down, and how it came.</param>
/// <param name="Words">The words they agreed to, and their language; null: none belong to it, or none are kept.</param>
/// <param name="Receipt">The record that a receipt can be had of; null: it says neither yes nor no.</param>
internal sealed record OwnEvent(Instant At, string Icon, string Head, string By, (string Text, string Language)? Words, long? Receipt);

/// <summary>What happened between a controller and a person, in plain words: each yes and no, each contact, each change. Whom of the staff it was is no matter of theirs, and what the gate was asked neither.</summary>
internal sealed class OwnHistory
{
    private readonly PageCall call;
    private readonly FoundContact found;
    private readonly List<(Instant At, LedgerRecord? Record, PermitRow? Permit)> happened;

    private OwnHistory(PageCall call, FoundContact found, List<(Instant, LedgerRecord?, PermitRow?)> happened) => (this.call, this.found, this.happened) = (call, found, happened);

    /// <summary>How many things did.</summary>
    public int Count => happened.Count;

    /// <summary>Reads it.</summary>
    public static async Task<OwnHistory> ReadAsync(PageCall call, FoundContact found)
    {
        var wanted = new RowsWanted { WithRecords = false };
        wanted.PermitsOf.UnionWith(found.Points().Select(one => call.Installation.TagsOf(one.Point).Lookup));
        var permits = wanted.PermitsOf.Count == 0 ? [] : (await call.Installation.Store.LoadAsync(call.Ledger.Ledger, wanted, call.Cancel)).Permits.Where(static permit => permit.Redeemed is not null);
        List<(Instant At, LedgerRecord? Record, PermitRow? Permit)> all =
            [.. found.Person.Records.Where(IsTold).Select(static record => (record.EventAt ?? record.At, (LedgerRecord?)record, (PermitRow?)null)), .. permits.Select(static permit => (Micros.ToInstant(permit.Redeemed!.Value), (LedgerRecord?)null, (PermitRow?)permit))];
        return new OwnHistory(call, found, [.. all.OrderByDescending(static one => one.At).ThenByDescending(static one => one.Record?.Seq ?? one.Permit!.Seq)]);
    }

    /// <summary>Some of it, the newest first.</summary>
    public async Task<IReadOnlyList<OwnEvent>> TellAsync(int from, int most)
    {
        var part = happened.Skip(from).Take(most).ToList();
        var words = await PreferenceView.WordsAsync(call, found.Person, part.Select(static one => one.Record).OfType<LedgerRecord>().Where(static record => record.State is not null).Select(static record => record.Seq));
        var told = new List<OwnEvent>();
        foreach (var (at, record, permit) in part)
            told.Add(record is not null ? Tell(at, record, words.TryGetValue(record.Seq, out var shown) ? shown : null) : await TellAsync(at, permit!));
        return told;
    }

    private static bool IsTold(LedgerRecord record) => record.Type is RecordType.ConsentRequested or RecordType.ConsentGiven or RecordType.ConsentConfirmed or RecordType.ConsentWithdrawn or RecordType.ConsentCorrected
        or RecordType.ConsentImported or RecordType.SuppressionAdded or RecordType.SuppressionLifted or RecordType.ContactAdded or RecordType.ContactChanged or RecordType.ContactMerged or RecordType.ContactUnmerged
        or RecordType.ProcessingHeld or RecordType.ProcessingReleased or RecordType.StaffExport;

    private OwnEvent Tell(Instant at, LedgerRecord record, (string, string)? words)
    {
        var way = record.Method?.Collection ?? record.Detail?["way"]?.AsText;
        var how = way is null ? "" : call.Words.Find("Hist.Way." + way) ?? call.Words.Find("Method." + way) ?? call.Words.Find("Way." + way) ?? "";
        var point = record.Subject?.Point is { } id ? found.Points().Where(one => one.Id == id).Select(static one => one.Point.Value).FirstOrDefault() : null;
        var by = call.Words.Join(new[] { By(record.Actor), how, point is null ? "" : call.T("Timeline.OfPoint", point) }.Where(static part => part.Length > 0));
        return new OwnEvent(at, IconOf(record), Head(record), by, words, record.State is null ? null : record.Seq);
    }

    private async Task<OwnEvent> TellAsync(Instant at, PermitRow permit)
    {
        var point = found.Points().Where(one => call.Installation.TagsOf(one.Point).Lookup.AsSpan().SequenceEqual(permit.Tag)).Select(static one => (OpaqueId?)one.Id).FirstOrDefault();
        var made = await WhyPages.MadeAsync(call, permit, found, point);
        var who = made.Agent is { } agent ? call.T("WhyMe.Who.Agent", ReportLanguage.Visible(agent), Name) : Name;
        var why = made.Purpose is { } purpose ? PurposeText.Of(call.Words, purpose) : call.T("WhyMe.For.Unsaid");
        return new OwnEvent(at, "send", call.T("WhyMe.By." + made.Channel.Word(), call.Words.Date(at.InUtc().Date)), call.Words.Join([who, why, call.Words.Find("Outcome." + (made.Outcome is { } outcome ? Words<Outcome>.Of(outcome) : "")) ?? ""]).TrimEnd(',', ' ', '、', '，'), made.Words, null);
    }

    private string Name => call.Controllers[call.Controller];

    private string By(Actor actor) => call.T("Hist.By." + RecordWords.ActorKinds.Of(actor.Kind), Name);

    private string Head(LedgerRecord record) => record.Type switch
    {
        RecordType.ConsentImported => call.T("Hist.Listed", call.T("Hist." + RecordWords.States.Of(record.State ?? RecordState.Given), Reach(record))),
        RecordType.ConsentCorrected => call.T("Hist.Corrected", call.T("Hist." + RecordWords.States.Of(record.State ?? RecordState.Given), Reach(record))),
        RecordType.ConsentRequested or RecordType.ConsentGiven or RecordType.ConsentConfirmed or RecordType.ConsentWithdrawn => call.T("Hist." + RecordWords.States.Of(record.State ?? RecordState.Given), Reach(record)),
        RecordType.SuppressionAdded => call.T("Hist.closed", Reach(record)),
        RecordType.SuppressionLifted => call.T("Hist.opened", Reach(record)),
        RecordType.ContactChanged when WishRecord.Read(record) is not null => call.T("Hist.wishes"),
        _ => call.T("Hist." + RecordWords.Types.Of(record.Type), Name),
    };

    private static string IconOf(LedgerRecord record) => record switch
    {
        { Type: RecordType.SuppressionAdded or RecordType.ProcessingHeld } => "ring-no",
        { Type: RecordType.SuppressionLifted } or { State: RecordState.Given or RecordState.Confirmed } => "ring-yes",
        { State: RecordState.Requested } => "ring-wait",
        { State: not null } => "ring-no",
        _ => "person",
    };

    private string Reach(LedgerRecord record)
    {
        if (record.Scope is { Channels: null, Service: { } service })
            return call.T("Timeline.Service." + service);
        var scope = SuppressionScope.Of(record.Scope);
        var channels = scope.Channels == ChannelSet.All ? call.T("Timeline.EveryChannel") : call.Words.Join(Channels.All.Where(channel => scope.Channels.Has(channel)).Select(channel => call.T("Channel." + channel.Word())));
        return call.T("Timeline.Reach", channels, scope.Purposes is { } purposes ? call.Words.Join(purposes.Select(purpose => PurposeText.Of(call.Words, purpose))) : call.T("Timeline.EveryPurpose"));
    }
}
