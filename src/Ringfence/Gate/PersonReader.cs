using System.Globalization;
using NodaTime;
using Ringfence.Files;
using Ringfence.Numbers;
using Ringfence.Rules;

namespace Ringfence.Gate;

/// <summary>Reads what is known of the person to be contacted.</summary>
internal static class PersonReader
{
    // The oldest person lived to 122.
    private const int OldestAge = 130;

    // More is no wish, and no promise.
    private const int MostContacts = 1000;

    public static ContactedPerson Read(RuleMap map)
    {
        var (residence, basis) = Residence(map);
        var reassigned = map.OptionalMap("reassigned");
        var source = map.OptionalMap("source");
        var person = new ContactedPerson
        {
            Phone = map.OptionalText("phone"),
            Number = map.OptionalMap("number") is { } number ? NumberOf(number) : null,
            Email = map.OptionalText("email"),
            EmailValid = map.OptionalFlag("emailValid"),
            OtherPhones = map.OptionalList("otherPhones"),
            Residence = residence,
            ResidenceBasis = basis,
            Zones = Zones(map),
            Audience = map.OptionalWord<Audience>("audience"),
            Relations = map.OptionalMaps("relation", RelationOf),
            Source = source?.OptionalWord<ContactSource>("kind"),
            Provenance = source?.OptionalFlag("provenance"),
            Age = Age(map),
            LineType = map.OptionalWord<LineType>("lineType"),
            Verified = map.OptionalFlag("verified"),
            Reassigned = reassigned?.OptionalWord<ReassignedAnswer>("answer"),
            ReassignedAskedAt = reassigned?.OptionalMoment("askedAt"),
            NoticesGiven = map.OptionalFlags<Notices>("notices"),
            Wishes = map.OptionalMap("wishes") is { } wishes ? WishesOf(wishes) : null,
            Quarantine = map.OptionalFlag("quarantine"),
            Unlisted = map.OptionalFlag("unlisted"),
        };
        source?.Done();
        reassigned?.Done();
        map.Done();
        if (person is { Phone: not null, Number: not null })
            throw map.Wrong("number", "either the number or its facts");
        if (person is { Email: not null, EmailValid: not null })
            throw map.Wrong("emailValid", "either the address or whether it is one");
        return person;
    }

    /// <summary>How often at most, in what time.</summary>
    public static Promise PromiseOf(RuleMap map, ChannelSet channels) =>
        new(map.Count("most", 1, MostContacts), map.OptionalPeriod("within") ?? throw map.Missing("within"), channels);

    private static NumberFacts NumberOf(RuleMap map)
    {
        var valid = map.OptionalFlag("valid") ?? true;
        var region = map.OptionalText("region") is not { } code ? Region.None
            : Region.Of(code) is { IsNone: false } known && known.ToString() == code ? known
            : throw map.Wrong("region", $"'{code}' is neither a country, such as FR, nor 001");
        var number = new NumberFacts
        {
            IsValid = valid,
            Region = region,
            Type = map.OptionalWord<NumberType>("type") ?? NumberType.Unknown,
            Zones = Zones(map) ?? [],
            States = map.OptionalPlaces("states") ?? [],
            Begins = map.OptionalText("begins") ?? "",
        };
        map.Done();
        return number;
    }

    // One place, several candidates, or either with how it is known.
    private static (IReadOnlyList<string>? Places, ResidenceBasis Basis) Residence(RuleMap map)
    {
        if (map.Find("residence") is not FileMapping)
            return (map.OptionalPlaces("residence"), ResidenceBasis.Declared);
        var residence = map.Map("residence");
        var places = residence.OptionalPlaces("place");
        var basis = residence.OptionalWord<ResidenceBasis>("basis") ?? ResidenceBasis.Declared;
        residence.Done();
        return (places, basis);
    }

    private static IReadOnlyList<string>? Zones(RuleMap map)
    {
        if (!map.Has("zone"))
            return null;
        var items = map.Items("zone");
        foreach (var item in items)
        {
            if (DateTimeZoneProviders.Tzdb.GetZoneOrNull(item.Text) is null)
                throw RuleFileException.At(item.At, $"'{item.Text}' is no zone of the tz database, such as Europe/Paris");
        }

        return items.Count > 0 ? [.. items.Select(static item => item.Text)] : throw map.Wrong("zone", "the list is empty; leave it out where nobody knows");
    }

    private static PersonAge? Age(RuleMap map)
    {
        if (map.OptionalText("age") is not { } text)
            return null;
        if (text is "adult" or "minor")
            return new PersonAge(null, text == "adult");
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var years) && years <= OldestAge
            ? new PersonAge(years, years >= 18)
            : throw map.Wrong("age", $"'{text}' is neither adult, nor minor, nor a number of years");
    }

    private static Relation RelationOf(RuleMap map)
    {
        var relation = new Relation
        {
            Kind = map.Word<RelationKind>("kind"),
            From = map.Moment("from"),
            Until = map.OptionalMoment("until"),
            Subject = map.OptionalText("subject"),
            Reference = map.OptionalText("reference"),
            ContactGiven = map.OptionalFlag("contactGiven"),
            RefusalOffered = map.OptionalFlag("refusalOffered"),
        };
        map.Done();
        return relation.Until < relation.From ? throw map.Wrong("until", "the end is before the beginning") : relation;
    }

    private static Wishes WishesOf(RuleMap map)
    {
        var wishes = new Wishes
        {
            Hours = map.OptionalMaps("hours", WindowReader.Read) ?? [],
            PausedUntil = map.OptionalMoment("pausedUntil"),
            Most = map.Has("most") || map.Has("within") ? PromiseOf(map, ChannelSet.All) : null,
        };
        map.Done();
        return wishes;
    }
}
