using Ringfence.Files;
using Ringfence.Rules;

namespace Ringfence.Gate;

/// <summary>Reads what a controller keeps beside people and consents: suppressions, screenings, history, itself.</summary>
internal static class RecordReader
{
    public static SuppressionEntry Suppression(RuleMap map)
    {
        var scope = map.Find("scope") is FileMapping ? map.Map("scope") : null;
        if (scope is null && map.Has("scope"))
            _ = map.OneOf("scope", "all");
        var entry = new SuppressionEntry
        {
            Controller = map.OptionalText("controller"),
            Channels = scope?.OptionalChannels("channels") ?? ChannelSet.All,
            Purposes = scope?.OptionalList("purposes"),
            Program = scope?.OptionalText("program"),
            Since = map.OptionalMoment("since"),
            By = map.OptionalWord<SuppressedBy>("by") ?? SuppressedBy.Controller,
            Kind = map.OptionalWord<SuppressionKind>("kind") ?? SuppressionKind.Suppression,
        };
        scope?.Done();
        map.Done();
        return entry;
    }

    public static IReadOnlyDictionary<string, Screening> Registers(RuleMap map)
    {
        var registers = new Dictionary<string, Screening>(StringComparer.Ordinal);
        foreach (var name in map.Keys())
        {
            if (RuleMapValues.NameOf(name) is null)
                throw RuleFileException.At(map.PlaceOfKey(name), RuleMapValues.NoName(name));
            if (map.OptionalMap(name) is { } screening)
                registers.Add(name, ScreeningOf(screening));
        }

        return registers;
    }

    private static Screening ScreeningOf(RuleMap map)
    {
        var screening = new Screening
        {
            ScreenedAt = map.OptionalMoment("screenedAt"),
            Listed = map.OptionalFlag("listed"),
            ListedAt = map.OptionalMoment("listedAt"),
            PublishedAt = map.OptionalMoment("publishedAt"),
            ConsentsWithdrawn = map.OptionalFlag("consentsWithdrawn"),
            Version = map.Has("version") ? map.Count("version", 1, int.MaxValue) : null,
            Digest = map.OptionalText("digest"),
        };
        map.Done();
        return screening;
    }

    public static PastEvent Event(RuleMap map)
    {
        var happened = new PastEvent
        {
            At = map.Instant("at"),
            Channel = map.OptionalWord<Channel>("channel"),
            Controller = map.OptionalText("controller"),
            Subject = map.OptionalText("subject"),
            Purpose = map.OptionalText("purpose"),
            Agent = map.OptionalText("agent"),
            Campaign = map.OptionalText("campaign"),
            Number = map.OptionalText("number"),
            Outcome = map.Word<Outcome>("outcome"),
        };
        map.Done();
        return happened;
    }

    public static Seller Seller(RuleMap map)
    {
        var seller = new Seller
        {
            Country = map.OptionalPlace("country"),
            Registrations = map.OptionalMaps("registrations", RegistrationOf),
            BalancingTest = map.OptionalFlag("balancingTest"),
            ImpactAssessment = map.OptionalFlag("impactAssessment"),
            Is = map.OptionalFlags<SellerKinds>("is"),
        };
        map.Done();
        return seller;
    }

    private static Registration RegistrationOf(RuleMap map)
    {
        var registration = new Registration(
            map.Text("place") is "any" ? "any" : map.OptionalPlace("place")!,
            map.Name("kind"),
            map.OptionalUsedDay("from"),
            map.OptionalUsedDay("until"),
            map.OptionalText("exemption"));
        map.Done();
        return registration.Until < registration.From ? throw map.Wrong("until", "the end is before the beginning") : registration;
    }

    /// <summary>Places under an emergency; none where there is <c>false</c>, null where nothing is said.</summary>
    public static IReadOnlyList<string>? Emergency(RuleMap map)
    {
        var places = map.Find("emergency") is FileText { Text: "false" } or FileList { Items.Count: 0 } ? [] : map.OptionalPlaces("emergency");
        map.Done();
        return places;
    }

    public static OpenRequest Request(RuleMap map)
    {
        var request = new OpenRequest(map.Word<RequestKind>("kind"), map.OptionalMoment("openedAt"), map.OptionalMoment("closedAt"));
        map.Done();
        return request;
    }
}
