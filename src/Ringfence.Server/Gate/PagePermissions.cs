using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.People;

namespace Ringfence.Server.Gate;

/// <summary>Asks the gate for a page: what the permission line of somebody says.</summary>
internal static class PagePermissions
{
    /// <summary>The channels of a permission line, in order. Nobody asks about a fax beforehand.</summary>
    public static IReadOnlyList<Channel> Shown { get; } = [Channel.Voice, Channel.VoiceAuto, Channel.Sms, Channel.Whatsapp, Channel.Email];

    /// <summary>The permission line of whoever is reached by some numbers and addresses.</summary>
    /// <param name="call">The page.</param>
    /// <param name="points">One for each kind at most.</param>
    /// <param name="purpose">What for.</param>
    /// <param name="records">What is recorded of them; none where nobody is known.</param>
    /// <param name="person">A person as they would be, whose the numbers and addresses are; null: whoever they belong to now.</param>
    public static async Task<IReadOnlyList<ChannelPermission>> OfAsync(PageCall call, IReadOnlyCollection<PointTags> points, string purpose, IReadOnlyList<LedgerRecord> records, FoundContact? person = null)
    {
        var isShut = call.Served.WhyMute(call.Ledger) is not null;
        var facts = new Dictionary<PointKind, LedgerFacts>();
        foreach (var tags in isShut ? [] : points)
            facts[tags.Point.Kind] = person is null ? await LedgerFacts.ReadAsync(call.Installation, call.Ledger, tags, call.Cancel) : await LedgerFacts.OfAsync(call.Installation, call.Ledger, tags, person, call.Cancel);
        var line = new List<ChannelPermission>();
        foreach (var channel in Shown)
        {
            var kind = channel == Channel.Email ? PointKind.Email : PointKind.Phone;
            line.Add(isShut ? new ChannelPermission(channel, PermissionStanding.Shut)
                : facts.TryGetValue(kind, out var known) ? await OfAsync(call, known, channel, purpose, records)
                : new ChannelPermission(channel, PermissionStanding.Nowhere));
        }

        return line;
    }

    /// <summary>The question of a page, with what holds of every contact.</summary>
    /// <exception cref="Rules.RuleFileException">What is stated beside it can't be read, or is for the ledger to say.</exception>
    public static Situation Asked(PageCall call, PointTags tags, Channel channel, string purpose, Technique? technique, Instant at, string? facts) =>
        call.Installation.Registers.On(
            AskedFile.Read(new ContactQuestion(at, call.Controller, channel, purpose, technique), "facts", facts, call.Served.Facts), tags.Point, call.Served.GateOf(call.Ledger));

    /// <summary>The answer of the gate as it is told to people.</summary>
    public static Explanation Told(PageCall call, Situation situation, Verdict verdict) =>
        Explanation.Of(situation, verdict, verdict is Verdict.Allowed ? [] : call.Served.GateOf(call.Ledger).Alternatives(situation), call.Words.Tag);

    private static async Task<ChannelPermission> OfAsync(PageCall call, LedgerFacts facts, Channel channel, string purpose, IReadOnlyList<LedgerRecord> records)
    {
        // By which machine is not known before somebody says so; a voice of a machine is what such a channel is for.
        var asked = Asked(call, facts.Asked, channel, purpose, null, call.Now, null);
        var situation = await facts.AdviseAsync(call.Installation, call.Ledger, asked, call.Cancel);
        var verdict = call.Served.GateOf(call.Ledger).Decide(situation);
        var told = Explanation.Of(situation, verdict, [], call.Words.Tag);
        var standing = verdict.Match(
            static _ => PermissionStanding.Open,
            static _ => PermissionStanding.Later,
            refused => IsUnasked(refused, channel, records) ? PermissionStanding.NotAsked : PermissionStanding.Closed);
        return new ChannelPermission(channel, standing, verdict, told) { Since = verdict is Verdict.Refused { Reasons: [var first, ..] } && IsNo(first.Code) ? SinceOf(channel, records) : null };
    }

    private static bool IsNo(ReasonCode code) => code is ReasonCode.Suppressed or ReasonCode.Objected or ReasonCode.Withdrawn or ReasonCode.Restricted;

    // The newest no that reaches the channel; what a yes answered since is none of the gate's reasons.
    private static Instant? SinceOf(Channel channel, IReadOnlyList<LedgerRecord> records) =>
        records.LastOrDefault(record => record.Type is RecordType.SuppressionAdded or RecordType.ConsentWithdrawn && Suppression.SuppressionScope.Of(record.Scope).Channels.Has(channel)) is { } no ? no.EventAt ?? no.At : null;

    // "Not asked" is a state of its own: what is wanting is a yes, and nobody ever said anything about the channel.
    private static bool IsUnasked(Verdict.Refused refused, Channel channel, IReadOnlyList<LedgerRecord> records) =>
        refused.Reasons.Any(static reason => reason.Code == ReasonCode.NoConsent)
        && refused.Reasons.All(static reason => !IsNo(reason.Code) && reason.Code is not (ReasonCode.Minor or ReasonCode.Register))
        && !records.Any(record => record.State is not null && Suppression.SuppressionScope.Of(record.Scope).Channels.Has(channel));
}
