using NodaTime;
using Ringfence.Gate;
using Ringfence.Rules;

namespace Ringfence.Tests.Gate;

/// <summary>The judgement of one situation at one instant, by nothing but <c>docs/reference</c>; slow and plain.</summary>
internal sealed partial class ReferenceMoment
{
    private const string Audience = "contact.audience";
    private const string Residence = "contact.residence";

    private readonly Situation asked;
    private readonly Instant at;
    private readonly ReferenceWhere where;
    private readonly IReadOnlyList<Rule> terms;
    private readonly IReadOnlyList<Rule> cancelling;
    private readonly HashSet<string> places;
    private readonly IReadOnlyList<Channel> channels;
    private readonly IReadOnlyList<ContactClass> classes;
    private readonly LocalDate[] todays;

    private readonly List<(ReasonCode Code, Rule? Rule, string? Item)> reasons = [];
    private readonly List<(ObligationCode Code, Rule? Rule)> obligations = [];
    private readonly List<(string Code, string? Place, Rule? Rule)> notes = [];

    private bool whateverTime;

    public ReferenceMoment(Situation asked, Instant at, ReferenceWhere where, IReadOnlyList<Rule> judging)
    {
        (this.asked, this.at, this.where) = (asked, at, where);
        channels = ChannelsOf(asked.Ask);
        classes = asked.Ask switch
        {
            { Class: not null, Promotes: true } => [ContactClass.Marketing],
            { Class: { } stated } when stated == ContactClass.Marketing || asked.Ask.Promotes == false => [stated],
            _ => Enum.GetValues<ContactClass>(),
        };
        places = [.. where.Candidates];
        if (where.NumberRegion is { } region)
            places.Add(region);
        todays = [.. where.Days.Select(zone => at.InZone(zone).Date)];

        var today = judging.Where(IsInForce).ToArray();
        terms = [.. today.Where(rule => rule.ConsentTerm is not null)];
        cancelling = [.. today.Where(rule => rule.Body is RegisterBody { Supersedes: not Superseding.None })];
        if (asked.Ask.Channel is null)
        {
            Because(ReasonCode.MissingFact, null, "ask.channel");
            return;
        }

        if (ConfirmsOptOut())
        {
            obligations.Add((ObligationCode.ConfirmOnly, null));
            foreach (var rule in today.Where(rule => rule.Body is ContentBody))
                Judge(rule);
            return;
        }

        foreach (var rule in today.Where(rule => rule.Exposure is null && rule.ConsentTerm is null))
            Judge(rule);
        Always();
    }

    public string Word => reasons.Any(reason => reason.Code < ReasonCode.Hours) ? "refused" : reasons.Count > 0 ? "deferred" : "allowed";

    public IReadOnlyList<(ReasonCode Code, Rule? Rule, string? Item)> Reasons => reasons;

    public IReadOnlyList<(ObligationCode Code, Rule? Rule)> Obligations => Word == "allowed" ? obligations : [];

    public IReadOnlyList<(string Code, string? Place, Rule? Rule)> Notes => notes;

    /// <summary>Whether a rule can be in play at any instant: a fact that no time changes may keep it out for good.</summary>
    public bool EverInPlay(Rule rule) => rule.When.All(condition =>
        condition is RelationCondition or ConsentCondition or EventCondition or RegisteredCondition or OptOutLiveCondition || Of(condition, permitting: false, null) != Truth.False);

    /// <summary>The channels a contact may be on: one, unless facts are wanting.</summary>
    private static IReadOnlyList<Channel> ChannelsOf(Ask ask) => ask switch
    {
        { Channel: null } => Channels.All,
        { Channel: Channel.Voice, Technique: Technique.Prerecorded or Technique.AiVoice } => [Channel.VoiceAuto],
        { Channel: { } stated } => [stated],
    };

    private bool IsInForce(Rule rule) =>
        rule.State == RuleState.InForce
        && todays.Any(day => (rule.FromIsAtLatest || rule.From <= day) && !(rule.Until <= day));

    private LocalDate Today(DateTimeZone zone) => todays[Array.IndexOf(where.Days, zone)];

    private void Because(ReasonCode code, Rule? rule, string? item) => reasons.Add((code, rule, item));

    private void Oblige(IEnumerable<RuleObligation> duties, Rule rule)
    {
        foreach (var duty in duties)
        {
            if (duty.Once == Notices.None || !(asked.Contact.NoticesGiven is { } given && (given & duty.Once) == duty.Once))
                obligations.Add((duty.Code, rule));
        }
    }

    private static string Facts(IEnumerable<string> facts) => string.Join(',', facts.Distinct().Order(StringComparer.Ordinal));
}

internal static class LocalTimes
{
    /// <summary>Whole seconds since midnight on the clock.</summary>
    public static int SecondOfDay(this LocalTime time) => (time.Hour * 3600) + (time.Minute * 60) + time.Second;
}
