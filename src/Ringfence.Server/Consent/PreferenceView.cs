using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Rules;
using Ringfence.Server.Codes;
using Ringfence.Server.Ledger;
using Ringfence.Server.Lists.Report;
using Ringfence.Server.Pages;
using Ringfence.Server.People;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Consent;

/// <summary>One channel of a purpose as a person sees it.</summary>
/// <param name="Channel">Which.</param>
/// <param name="IsYes">Whether they agreed, and it holds.</param>
/// <param name="Since">Since when, or when they said no; null: they were not asked.</param>
/// <param name="Until">When it ends; null: no end is known.</param>
internal sealed record ChannelChoice(Channel Channel, bool IsYes, Instant? Since, Instant? Until);

/// <summary>One purpose as a person sees it.</summary>
/// <param name="Purpose">Its word.</param>
/// <param name="Channels">What they may be contacted by for it.</param>
/// <param name="Words">The words they agreed to, and their language; null: none are kept.</param>
internal sealed record PurposeChoice(string Purpose, IReadOnlyList<ChannelChoice> Channels, (string Text, string Language)? Words);

/// <summary>What somebody chose, as the page of their choices shows it: of one number or address, the one that the link came to.</summary>
internal sealed record PreferenceView(FoundContact Found, OpaqueId PointId, ContactPoint Point, IReadOnlyList<PurposeChoice> Purposes, Instant? StoppedAt)
{
    /// <summary>The form as it is shown.</summary>
    public FormState State { get; init; } = new();

    /// <summary>What was done just now, as a word of the texts <c>Pref.Done.WORD</c>; null: nothing.</summary>
    public string? Done { get; init; }

    /// <summary>What stands before everything that is done here: <c>/p/CONTROLLER/LINK</c>.</summary>
    public string Root { get; init; } = "";

    /// <summary>By which whoever told a code is known for a while; null: they come by the link alone, see masked what there is, and can only have less of it.</summary>
    public string? Opened { get; init; }

    /// <summary>Whether there is a way for a code to get to this number or address.</summary>
    public bool CanProve { get; init; }

    /// <summary>Whether it stays closed whatever they say yes to here.</summary>
    public bool IsStoppedByOthers { get; init; }

    /// <summary>When and how often they want to be contacted.</summary>
    public Wishes Wishes => Found.Person.Wishes ?? new Wishes();

    /// <summary>The hours as one window, as the form says it; null: any hour, or more windows than the form has.</summary>
    public WeeklyWindow? Window => Wishes.Hours is [var only] ? only : null;

    /// <summary>Every yes of theirs, as the form writes it: <c>offers:sms</c>.</summary>
    public IEnumerable<string> Yeses => Purposes.SelectMany(static purpose => purpose.Channels.Where(static one => one.IsYes).Select(one => purpose.Purpose + "/" + one.Channel.Word()));

    /// <summary>Reads it; null: the link leads to nobody any more.</summary>
    public static async Task<PreferenceView?> ReadAsync(PageCall call, PersonLink link)
    {
        if (await Contacts.FindAsync(call.Installation, call.Ledger, link.Subject, call.Cancel) is not { Person.Status: not PersonStatus.Erased } found
            || found.Points().Where(one => one.Id == link.Point).Select(static one => one.Point).FirstOrDefault() is not { } point)
        {
            return null;
        }

        var lines = ConsentState.Fold(found.Person.Records).Lines(call.Now).Where(line => line.Purpose is not null && line.Channel is { } channel && point.Channels.Has(channel) && (line.Point is null || line.Point == link.Point)).ToList();
        var words = await WordsAsync(call, found.Person, lines.Where(static line => line.Answer.IsYes).SelectMany(static line => line.Answer.Seqs));
        var closed = await Contacts.SuppressionsAsync(call.Installation, call.Ledger, [call.Installation.TagsOf(point)], call.Cancel);
        // What the list of those not to be contacted closes is closed, whatever was agreed to.
        var shut = new ClosedPoints(closed, found.Person.Records);
        var purposes = lines.GroupBy(static line => line.Purpose!, StringComparer.Ordinal).OrderBy(static one => one.Key, StringComparer.Ordinal).Select(one => new PurposeChoice(
            one.Key,
            [.. Channels.All.Where(channel => point.Channels.Has(channel)).Select(channel => Of(channel, one.Key))],
            one.Select(static line => line.Answer).Where(static answer => answer.IsYes).Select(answer => words.GetValueOrDefault(answer.Seqs[^1])).FirstOrDefault(static found => found.Text is not null) is { Text: not null } text ? text : null));
        ChannelChoice Of(Channel channel, string purpose)
        {
            var line = lines.FirstOrDefault(line => line.Purpose == purpose && line.Channel == channel);
            var isYes = line.Answer is { IsYes: true } && !shut.IsShut(channel, purpose);
            return new ChannelChoice(channel, isYes, line.Answer?.Since, isYes ? line.Answer!.Until : null);
        }

        return new PreferenceView(found, link.Point, point, [.. purposes], shut.AllSince(point.Channels) is { } since ? Micros.ToInstant(since) : null)
        {
            Root = PreferencePages.PathOf(call, link), CanProve = CodeWay.Of(call, point) is not null, IsStoppedByOthers = shut.IsAllByOthers(point.Channels),
        };
    }

    /// <summary>The words that somebody agreed to, by the records that say so, and the language in which they were shown.</summary>
    public static async Task<Dictionary<long, (string Text, string Language)>> WordsAsync(PageCall call, Person person, IEnumerable<long> yeses)
    {
        var seqs = yeses.ToHashSet();
        var notices = person.Records.Where(record => seqs.Contains(record.Seq) && record.Notice is not null).ToDictionary(static record => record.Seq, static record => record.Notice!);
        var found = new Dictionary<long, (string, string)>();
        if (notices.Count == 0)
            return found;
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Documents.UnionWith(notices.Values.Select(static notice => notice.Doc.Bytes.ToArray()));
        var documents = (await call.Installation.Store.LoadAsync(call.Ledger.Ledger, wanted, call.Cancel)).Documents.ToDictionary(static row => new Digest(row.Digest));
        foreach (var (seq, notice) in notices)
        {
            if (documents.TryGetValue(notice.Doc, out var row) && PublishedWordings.Read(row) is { } wording && wording.Texts.TryGetValue(notice.Lang ?? "en", out var words))
                found[seq] = (words.Text, notice.Lang ?? "en");
        }

        return found;
    }
}

/// <summary>What purposes are called on pages for people.</summary>
internal static class PurposeText
{
    /// <summary>A word of the controller's own; those that come again and again have a name in every language.</summary>
    public static string Of(ReportLanguage words, string purpose) => !purpose.Contains(':', StringComparison.Ordinal) && words.Find("Purpose." + purpose) is { } known ? known : ReportLanguage.Visible(purpose);
}
