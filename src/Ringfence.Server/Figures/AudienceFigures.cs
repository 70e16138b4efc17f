using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Consent.Notices;
using Ringfence.Server.Pages;
using Ringfence.Server.People;

namespace Ringfence.Server.Figures;

/// <summary>How many of some people may be contacted.</summary>
/// <param name="Word">Who is meant: the word of a channel, a purpose or a country; null: nobody said.</param>
/// <param name="Open">How many may be.</param>
/// <param name="All">Of how many.</param>
/// <param name="Query">What the list of contacts shows them by.</param>
internal sealed record ReachShare(string? Word, int Open, int All, string Query);

/// <summary>Who may be contacted at all, and why the others may not: counted over everybody by the index that the list of contacts stands on, so that each figure is as long as its list.</summary>
internal sealed record AudienceFigures
{
    // Those that most people said something about; each takes a look at everybody on each channel.
    private const int MostPurposes = 3;
    private const int MostCountries = 8;

    private static readonly AudienceFilter Open = AudienceFilter.Everyone with { Verdict = AudienceVerdict.Allowed };

    private static readonly AudienceFilter Standing = AudienceFilter.Everyone with { Stands = true };

    /// <summary>What the list of contacts shows <see cref="Agreed"/> by.</summary>
    public static string AgreedQuery { get; } = QueryOf(Standing);

    /// <summary>How far the index is; null: it is there.</summary>
    public double? Progress { get; private init; }

    /// <summary>Everybody that is listed.</summary>
    public int People { get; private init; }

    /// <summary>People with a yes that stands, each once.</summary>
    public int Agreed { get; private init; }

    /// <summary>As of when the answers are.</summary>
    public Instant At { get; private init; }

    public IReadOnlyList<ReachShare> ByChannel { get; private init; } = [];

    /// <summary>Whatever the channel.</summary>
    public IReadOnlyList<ReachShare> ByPurpose { get; private init; } = [];

    /// <summary>Purposes that everybody is still being asked about.</summary>
    public IReadOnlyList<string> Pending { get; private init; } = [];

    /// <summary>Where people live; whatever the channel and the purpose.</summary>
    public IReadOnlyList<ReachShare> ByCountry { get; private init; } = [];

    /// <summary>The purpose that most people said something about.</summary>
    public string? Headline { get; private init; }

    /// <summary>Why people may not be contacted for it, each once a channel by the reason that decides; those of most people first.</summary>
    public IReadOnlyList<AudienceShare> WhyNot { get; private init; } = [];

    /// <summary>People who are held back until somebody says where they come from.</summary>
    public int Quarantined { get; private init; }

    /// <summary>People whose yes is older than the newest notice that says something that matters; 0 where there is none.</summary>
    public int AgreedEarlier { get; private init; }

    /// <summary>Counts, or tells how far the index is by then.</summary>
    public static async Task<AudienceFigures> OfAsync(PageCall call, Func<TimeSpan> patience)
    {
        var index = call.Served.Audiences.Of(call.Ledger);
        var general = AsksOf(null);
        if (await index.LookAsync(general, patience(), call.Cancel) is not { } look)
            return new AudienceFigures { Progress = index.Progress is { Part: < 1 and var part } ? part : index.AnswersPart };
        var people = look.Count(AudienceFilter.Everyone);
        var asksAgain = (await call.Served.Notices.OfAsync(call.Ledger)).AsksAgain();
        string[] named = [.. index.Purposes.Take(MostPurposes)];
        var looks = new Dictionary<string, AudienceLook?>(StringComparer.Ordinal);
        foreach (var purpose in named)
        {
            // Whoever is not there yet is begun, and nobody waits for it for long.
            index.Begin(AsksOf(purpose));
            looks[purpose] = await index.LookAsync(AsksOf(purpose), patience(), call.Cancel);
        }

        var all = look.Breakdown(AudienceFilter.Everyone, AudienceField.Country).ToDictionary(static one => one.Word ?? "", static one => one.Count);
        var open = look.Breakdown(Open, AudienceField.Country).ToDictionary(static one => one.Word ?? "", static one => one.Count);
        var headline = named.FirstOrDefault(purpose => looks[purpose] is not null);
        return new AudienceFigures
        {
            People = people,
            Agreed = look.Count(Standing),
            AgreedEarlier = asksAgain is { } notice ? look.Count(AudienceFilter.Everyone with { AgreedBefore = notice.Since }) : 0,
            At = look.AnswersAt,
            ByChannel = [.. AudienceAsk.Line.Select(channel => new ReachShare(channel.Word(), look.Count(Open with { Channel = channel }), people, QueryOf(Open with { Channel = channel })))],
            ByPurpose = [.. named.Where(purpose => looks[purpose] is not null).Select(purpose => new ReachShare(purpose, looks[purpose]!.Verdicts(AudienceFilter.Everyone with { Purpose = purpose })[(int)AudienceVerdict.Allowed], people, QueryOf(Open with { Purpose = purpose })))],
            Pending = [.. named.Where(purpose => looks[purpose] is null)],
            ByCountry = [.. all.OrderByDescending(static one => one.Value).ThenBy(static one => one.Key, StringComparer.Ordinal).Take(MostCountries).Select(one => new ReachShare(
                one.Key.Length == 0 ? null : one.Key, open.GetValueOrDefault(one.Key), one.Value, QueryOf(Open with { Residence = one.Key.Length == 0 ? AudienceFilter.NotKnown : one.Key })))],
            Headline = headline,
            WhyNot = headline is null ? [] : [.. looks[headline]!.Breakdown(AudienceFilter.Everyone with { Purpose = headline }, AsksOf(headline), byCountry: false).Where(static share => share.Cell.Reason is not null).OrderByDescending(static share => share.Count)],
            Quarantined = look.Breakdown(AudienceFilter.Everyone, AudienceField.Status).FirstOrDefault(static one => one.Word == Words<PersonStatus>.Of(PersonStatus.Quarantined)).Count,
        };
    }

    /// <summary>What the list of contacts shows those by whom a filter means.</summary>
    public static string QueryOf(AudienceFilter filter) => string.Join('&', filter.Words().Select(static word => $"{word.Name}={Uri.EscapeDataString(word.Value)}"));

    private static IReadOnlyList<AudienceAsk> AsksOf(string? purpose) => [.. AudienceAsk.Line.Select(channel => new AudienceAsk(channel, purpose))];
}
