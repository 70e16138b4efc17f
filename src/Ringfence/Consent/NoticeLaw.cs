using System.Collections.Frozen;
using Ringfence.Files;
using Ringfence.Rules;

namespace Ringfence.Consent;

/// <summary>Whose law a notice follows, by the places where people are asked and the controller's own; and who hears complaints there.</summary>
/// <remarks>
/// Source: GDPR Art 3, Chapter V; UK GDPR Art 3, Chapter V; DSG Art 16; PIPL Art 3, 38, 39. Our reading: which countries are recognised as safe changes too often to be known here,
/// so that what keeps data safe in any other country has to be said, a decision of adequacy too.
/// </remarks>
public static class NoticeLaw
{
    private static readonly FrozenSet<string> Eea = PlaceGroups.Shipped.Of("EU-EEA").ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, (RuleText Name, string Page)> Authorities = Load();

    /// <summary>The regimes under which people of a notice live, and that of the controller's seat.</summary>
    public static IReadOnlyList<NoticeRegime> RegimesOf(NoticeDocument notice)
    {
        ArgumentNullException.ThrowIfNull(notice);
        return [.. Enum.GetValues<NoticeRegime>().Where(regime => Covers(regime, notice.Controller.Country) || notice.Places.Any(place => Covers(regime, place)))];
    }

    /// <summary>Whether a country or a part of one is a regime's own.</summary>
    public static bool Covers(NoticeRegime regime, string place)
    {
        ArgumentNullException.ThrowIfNull(place);
        return regime switch
        {
            NoticeRegime.Eu => Eea.Contains(place[..2]),
            NoticeRegime.Uk => place[..2] == "GB",
            NoticeRegime.Ch => place[..2] == "CH",
            NoticeRegime.Cn => place[..2] == "CN",
        };
    }

    /// <summary>Whether a controller that has no seat there has to name somebody who stands for it.</summary>
    public static bool WantsRepresentative(NoticeDocument notice, NoticeRegime regime)
    {
        ArgumentNullException.ThrowIfNull(notice);
        return regime != NoticeRegime.Ch && !Covers(regime, notice.Controller.Country) && notice.Places.Any(place => Covers(regime, place));
    }

    /// <summary>Those safeguards of which a regime wants one.</summary>
    public static NoticeSafeguards Suffice(NoticeRegime regime) => regime switch
    {
        NoticeRegime.Eu or NoticeRegime.Ch => NoticeSafeguards.Adequacy | NoticeSafeguards.StandardClauses | NoticeSafeguards.BindingRules | NoticeSafeguards.Certification,
        NoticeRegime.Uk => NoticeSafeguards.Adequacy | NoticeSafeguards.UkAgreement | NoticeSafeguards.BindingRules | NoticeSafeguards.Certification,
        NoticeRegime.Cn => NoticeSafeguards.CnContract | NoticeSafeguards.CnAssessment | NoticeSafeguards.CnCertification,
    };

    /// <summary>The regimes from which data goes out to a recipient.</summary>
    public static IEnumerable<NoticeRegime> Leaves(NoticeDocument notice, NoticeRecipient recipient)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        return recipient is { IsOutside: true, Country: { } country } ? RegimesOf(notice).Where(regime => !Covers(regime, country)) : [];
    }

    /// <summary>The authorities of the places of a notice, that of the controller's seat first: country, name, page.</summary>
    public static IReadOnlyList<(string Country, string Name, string Page)> AuthoritiesOf(NoticeDocument notice, string language)
    {
        ArgumentNullException.ThrowIfNull(notice);
        return [.. notice.Places.Select(static place => place[..2]).Order(StringComparer.Ordinal).Prepend(notice.Controller.Country).Distinct(StringComparer.Ordinal)
            .Where(Authorities.ContainsKey).Select(country => (country, Authorities[country].Name.In(language), Authorities[country].Page))];
    }

    private static FrozenDictionary<string, (RuleText, string)> Load()
    {
        using var text = new StreamReader(typeof(NoticeLaw).Assembly.GetManifestResourceStream("notice-authorities.tsv")!);
        var authorities = new Dictionary<string, (RuleText, string)>(StringComparer.Ordinal);
        while (text.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#' && line.Split('\t') is [var country, var en, var hans, var hant, var page])
                authorities.Add(country, (new RuleText(en, hans, hant), page));
        }

        return authorities.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
