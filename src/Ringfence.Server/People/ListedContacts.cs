using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Server.Gate;
using Ringfence.Server.Pages;

namespace Ringfence.Server.People;

/// <summary>A person in a list, with what may be done with them at this instant.</summary>
/// <param name="Found">The person.</param>
/// <param name="Listed">As the index knows them.</param>
/// <param name="Line">What may be done, by channel.</param>
internal sealed record ListedContact(FoundContact Found, AudiencePerson Listed, IReadOnlyList<ChannelPermission> Line)
{
    public OpaqueId Sid => Found.Person.Sid;
}

/// <summary>Reads people for a list, and asks the gate about each as of now.</summary>
internal static class ListedContacts
{
    /// <summary>Reads some people, in the order of their names; who went meanwhile is left out.</summary>
    /// <param name="call">The page.</param>
    /// <param name="sids">Who.</param>
    /// <param name="purposes">What for; of several the best answer counts.</param>
    public static async Task<IReadOnlyList<ListedContact>> ReadAsync(PageCall call, IReadOnlyList<OpaqueId> sids, IReadOnlyList<string> purposes)
    {
        var (gate, isShut) = (new AudienceGate(call.Served, call.Ledger), call.Served.WhyMute(call.Ledger) is not null);
        var reading = new AudienceReading(call.Installation, call.Ledger, new NumberClasses(), call.Served.GateOf(call.Ledger).Rules);
        var listed = new List<ListedContact>(sids.Count);
        foreach (var person in sids.Count == 0 ? [] : await reading.ReadAsync(sids, call.Cancel))
        {
            if (person is not { Listed: { } one, Found: { } found })
                continue;
            var line = new List<ChannelPermission>();
            foreach (var channel in AudienceAsk.Line)
                line.Add(isShut ? new ChannelPermission(channel, PermissionStanding.Shut) : await AnswerAsync(call, gate, person, channel, purposes));
            listed.Add(new ListedContact(found, one, line));
        }

        return listed;
    }

    private static async Task<ChannelPermission> AnswerAsync(PageCall call, AudienceGate gate, ReadPerson person, Channel channel, IReadOnlyList<string> purposes)
    {
        (Situation Situation, Verdict Verdict)? best = null;
        foreach (var (_, point) in person.Found!.Points().Where(point => point.Point.Channels.Has(channel)))
        {
            var lookup = call.Installation.TagsOf(point).Lookup;
            if (person.Contact!.Points.FirstOrDefault(known => known.Lookup.AsSpan().SequenceEqual(lookup)) is not { Lookup: not null } theirs)
                continue;
            foreach (var purpose in purposes)
            {
                var asked = gate.TemplateOf(channel, purpose) with { At = call.Now };
                (Situation Situation, Verdict Verdict) answer = person.Contact.Known is null
                    ? await gate.DecideAsync(asked, point, call.Cancel)
                    : gate.SituationOf(asked, person.Contact, theirs, point.Kind == PointKind.Phone ? point : null) is var situation ? (situation, call.Served.GateOf(call.Ledger).Decide(situation)) : default;
                if (best is not { } before || AudienceCell.Of(answer.Verdict).IsBetterThan(AudienceCell.Of(before.Verdict)))
                    best = answer;
            }
        }

        if (best is not { } found)
            return new ChannelPermission(channel, PermissionStanding.Nowhere);
        var (judged, verdict) = found;
        var standing = verdict.Match(static _ => PermissionStanding.Open, static _ => PermissionStanding.Later, refused => IsUnasked(refused, channel, person.Listed!) ? PermissionStanding.NotAsked : PermissionStanding.Closed);
        return new ChannelPermission(channel, standing, verdict, Explanation.Of(judged, verdict, [], call.Words.Tag));
    }

    // "Not asked" is a state of its own: what is wanting is a yes, and nobody ever said anything about the channel.
    private static bool IsUnasked(Verdict.Refused refused, Channel channel, AudiencePerson person) =>
        refused.Reasons[0].Code == ReasonCode.NoConsent && !person.Suppressed.Has(channel) && !person.Consents.Any(line => line.Channel == channel);
}
