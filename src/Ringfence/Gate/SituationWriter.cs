using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Ringfence.Files;
using Ringfence.Rules;

namespace Ringfence.Gate;

/// <summary>Writes a situation as the mapping that <see cref="SituationReader"/> reads: what is not known is left out, what is known to be none is an empty list.</summary>
internal static class SituationWriter
{
    private static readonly string[] Weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    public static FileMapping Write(Situation situation) => new FactMap()
        .Text("at", InstantPattern.ExtendedIso.Format(situation.At))
        .Map("ask", AskOf(situation.Ask))
        .Map("contact", PersonOf(situation.Contact))
        .Maps("consents", situation.Consents, ConsentOf)
        .Maps("suppressions", situation.Suppressions, SuppressionOf)
        .Map("registers", situation.Registers is { } registers ? RegistersOf(registers) : null)
        .Maps("history", situation.History, EventOf)
        .Map("seller", SellerOf(situation.Seller))
        .Map("status", situation.Emergency is { } emergency ? new FactMap().List("emergency", emergency) : null)
        .Maps("rightsRequests", situation.RightsRequests, static request => new FactMap()
            .Word("kind", (RequestKind?)request.Kind).Moment("openedAt", request.OpenedAt).Moment("closedAt", request.ClosedAt))
        .Node();

    private static FactMap AskOf(Ask ask) => new FactMap()
        .Text("controller", ask.Controller).Text("brand", ask.Brand).Text("channel", ask.Channel?.Word()).Word("technique", ask.Technique).Text("purpose", ask.Purpose)
        .Word("class", ask.Class).Flag("promotes", ask.Promotes).Text("subject", ask.Subject).Flag("similar", ask.Similar).Flag("relatesToContract", ask.RelatesToContract)
        .Word("sector", ask.Sector)
        .Map("callerId", ask.CallerId is { } caller
            ? new FactMap().Text("number", caller.Number).Flag("shown", caller.Shown).Flag("entitled", caller.Entitled).Flag("directory", caller.Directory)
                .Flag("answered", caller.Answered).Flag("registered", caller.Registered)
            : null)
        .Flags("script", ask.Script)
        .Map("template", ask.Template is { } template
            ? new FactMap().Word("category", template.Category).Word("status", template.Status).Flags("holds", template.Holds).Day("optOutLiveUntil", template.OptOutLiveUntil)
                .Flag("registered", template.Registered)
            : null)
        .Map("agent", ask.Agent is { } agent ? new FactMap().Text("id", agent.Id).Flag("trained", agent.Trained).Flag("registered", agent.Registered) : null)
        .Map("campaign", ask.Campaign is { } campaign
            ? new FactMap().Text("id", campaign.Id).Text("abandonedPercent", campaign.AbandonedPercent?.ToString(CultureInfo.InvariantCulture)).Flags("selectedBy", campaign.SelectedBy)
            : null)
        .Text("replyTo", ask.ReplyTo is { } replyTo ? InstantPattern.ExtendedIso.Format(replyTo) : null);

    private static FactMap PersonOf(ContactedPerson person) => new FactMap()
        .Text("phone", person.Phone)
        .Map("number", person.Number is { } number ? NumberOf(number) : null)
        .Text("email", person.Email).Flag("emailValid", person.EmailValid)
        .List("otherPhones", person.OtherPhones)
        .Map("residence", person.Residence is { Count: > 0 } || person.ResidenceBasis != ResidenceBasis.Declared
            ? new FactMap().List("place", person.Residence is { Count: > 0 } places ? places : null).Word("basis", (ResidenceBasis?)person.ResidenceBasis)
            : null)
        .List("zone", person.Zones is { Count: > 0 } zones ? zones : null)
        .Word("audience", person.Audience)
        .Maps("relation", person.Relations, static relation => new FactMap()
            .Word("kind", (RelationKind?)relation.Kind).Moment("from", relation.From).Moment("until", relation.Until).Text("subject", relation.Subject)
            .Text("reference", relation.Reference).Flag("contactGiven", relation.ContactGiven).Flag("refusalOffered", relation.RefusalOffered))
        .Map("source", person.Source is null && person.Provenance is null ? null : new FactMap().Word("kind", person.Source).Flag("provenance", person.Provenance))
        .Text("age", person.Age is { } age ? age.Years?.ToString(CultureInfo.InvariantCulture) ?? (age.IsAdult ? "adult" : "minor") : null)
        .Word("lineType", person.LineType)
        .Flag("verified", person.Verified)
        .Map("reassigned", person.Reassigned is null && person.ReassignedAskedAt is null ? null : new FactMap().Word("answer", person.Reassigned).Moment("askedAt", person.ReassignedAskedAt))
        .Flags("notices", person.NoticesGiven)
        .Map("wishes", person.Wishes is { } wishes
            ? new FactMap().Maps("hours", wishes.Hours, static window => WindowOf(window)).Moment("pausedUntil", wishes.PausedUntil)
                .Number("most", wishes.Most?.Most).Text("within", wishes.Most is { } most ? PeriodPattern.Roundtrip.Format(most.Within) : null)
            : null)
        .Flag("quarantine", person.Quarantine)
        .Flag("unlisted", person.Unlisted);

    private static FactMap NumberOf(NumberFacts number) => new FactMap()
        .Flag("valid", number.IsValid ? null : false)
        .Text("region", number.Region.IsNone ? null : number.Region.ToString())
        .Word("type", number.IsValid ? (Numbers.NumberType?)number.Type : null)
        .List("zone", number.Zones.Count > 0 ? number.Zones : null)
        .List("states", number.States.Count > 0 ? number.States : null)
        .Text("begins", number.Begins.Length > 0 ? number.Begins : null);

    private static FactMap ConsentOf(GivenConsent consent) => new FactMap()
        .Number("seq", consent.Seq)
        .List("controllers", consent.Controllers)
        .Flags("channels", (ChannelSet?)consent.Channels)
        .List("techniques", consent.Techniques?.Select(static technique => Words<Technique>.Of(technique)))
        .List("purposes", consent.Purposes)
        .Text("subject", consent.Subject)
        .Moment("grantedAt", consent.GrantedAt).Moment("renewedAt", consent.RenewedAt).Moment("withdrawnAt", consent.WithdrawnAt).Moment("lastActiveAt", consent.LastActiveAt)
        .Word("method", consent.Method)
        .Map("evidence", new FactMap().Flags("holds", (EvidenceItems?)consent.Holds).Flags("flaws", consent.Flaws == ConsentFlaws.None ? null : (ConsentFlaws?)consent.Flaws))
        .Text("term", consent.Term is { } term ? PeriodPattern.Roundtrip.Format(term) : null)
        .Day("until", consent.Until)
        .Nodes("timeScope", consent.TimeScopes.Count == 0 ? null : consent.TimeScopes.Select(ScopeOf))
        .Map("promise", consent.Promise is { } promise
            ? new FactMap().Number("most", promise.Most).Text("within", PeriodPattern.Roundtrip.Format(promise.Within)).Flags("channels", (ChannelSet?)promise.Channels)
            : null)
        .Flag("onRegister", consent.OnRegister ? true : null);

    private static FileNode ScopeOf(TimeScope scope) => scope switch
    {
        { Night: true } => FactMap.Leaf("night"),
        { Slot: { } slot } => new FactMap()
            .Text("slot", slot.From.ToString("uuuu-MM-dd'T'HH:mm:ss.FFFFFFFFF", CultureInfo.InvariantCulture))
            .Text("lasts", string.Create(CultureInfo.InvariantCulture, $"PT{(long)slot.Lasts.TotalSeconds}S")).Node(),
        _ => WindowOf(scope.Window ?? throw new ArgumentException("A scope of hours is one of three.", nameof(scope))).Node(),
    };

    private static FactMap WindowOf(WeeklyWindow window) => new FactMap()
        .List("days", Enumerable.Range(0, 7).Where(day => (window.Days >> day & 1) != 0).Select(static day => Weekdays[day]))
        .Text("from", Clock(window.From)).Text("until", Clock(window.Until));

    private static string Clock(int second) =>
        string.Create(CultureInfo.InvariantCulture, $"{second / 3600:00}:{second / 60 % 60:00}:{second % 60:00}");

    private static FactMap SuppressionOf(SuppressionEntry entry) => new FactMap()
        .Text("controller", entry.Controller)
        .Map("scope", new FactMap().Flags("channels", (ChannelSet?)entry.Channels).List("purposes", entry.Purposes).Text("program", entry.Program))
        .Moment("since", entry.Since).Word("by", (SuppressedBy?)entry.By).Word("kind", (SuppressionKind?)entry.Kind);

    private static FactMap RegistersOf(IReadOnlyDictionary<string, Screening> registers)
    {
        var map = new FactMap();
        foreach (var (name, screening) in registers.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            map.Map(name, new FactMap().Moment("screenedAt", screening.ScreenedAt).Flag("listed", screening.Listed).Moment("listedAt", screening.ListedAt)
                .Moment("publishedAt", screening.PublishedAt).Flag("consentsWithdrawn", screening.ConsentsWithdrawn)
                .Number("version", screening.Version).Text("digest", screening.Digest));
        }

        return map;
    }

    private static FactMap EventOf(PastEvent past) => new FactMap()
        .Text("at", InstantPattern.ExtendedIso.Format(past.At)).Text("channel", past.Channel?.Word()).Text("controller", past.Controller).Text("subject", past.Subject)
        .Text("purpose", past.Purpose).Text("agent", past.Agent).Text("campaign", past.Campaign).Text("number", past.Number).Word("outcome", (Outcome?)past.Outcome);

    private static FactMap SellerOf(Seller seller) => new FactMap()
        .Text("country", seller.Country)
        .Maps("registrations", seller.Registrations, static one => new FactMap()
            .Text("place", one.Place).Text("kind", one.Kind).Day("from", one.From).Day("until", one.Until).Text("exemption", one.Exemption))
        .Flag("balancingTest", seller.BalancingTest).Flag("impactAssessment", seller.ImpactAssessment).Flags("is", seller.Is);
}
