using System.Collections.Frozen;
using NodaTime;
using Ringfence.Gate;

namespace Ringfence.Consent;

/// <summary>What a notice has to tell. The words are stable, and stand in <c>notice-items.tsv</c> with the provision that wants each.</summary>
public enum NoticeItem : byte
{
    Controller,
    Representative,
    Officer,
    Purposes,
    Basis,
    Interests,
    Recipients,
    Transfers,
    Storage,
    SafeguardCopy,
    Retention,
    Rights,
    Withdrawal,
    Complaint,
    Required,
    Automated,
    NewPurpose,
    Categories,
    Source,
    Deadline,
    Objection,
    PlainWords,
    CnBasis,
    CnHandler,
    CnProcessing,
    CnAfter,
    CnRights,
    CnList,
    CnRecipients,
    CnRepresentative,
    CnSensitive,
    CnExport,
    CnChanges,
    Who,
    Kinds,
    Frequency,
    Cost,
    Stop,
    NoCondition,
    FrStatement,
    FrTerm,
}

/// <summary>One thing that a notice has to tell, and whether it does.</summary>
/// <param name="Item">What.</param>
/// <param name="Missing">Of what it is missing; empty: it is told.</param>
public sealed record NoticeFinding(NoticeItem Item, IReadOnlyList<string> Missing)
{
    private static readonly FrozenDictionary<string, (string List, string Cites, Uri Source)> Law = Load();

    /// <summary>The stable word of the item.</summary>
    public string Code => Words<NoticeItem>.Of(Item);

    /// <summary>Whether it is told.</summary>
    public bool IsTold => Missing.Count == 0;

    /// <summary>On whose list it stands: <c>gdpr-13</c>, <c>gdpr-14</c>, <c>pipl</c>, <c>marketing</c>, <c>france</c>.</summary>
    public string List => Law[Code].List;

    /// <summary>The provision that wants it.</summary>
    public string Cites => Law[Code].Cites;

    /// <summary>Where that is to be read.</summary>
    public Uri Source => Law[Code].Source;

    /// <summary>What it is, in a language.</summary>
    public string Title(string language) => NoticeWords.Say("item", Code, language);

    /// <summary>How to mend it where it is missing.</summary>
    public string Cure(string language) => NoticeWords.Say("cure", Code, language);

    private static FrozenDictionary<string, (string, string, Uri)> Load()
    {
        using var text = new StreamReader(typeof(NoticeFinding).Assembly.GetManifestResourceStream("notice-items.tsv")!);
        var law = new Dictionary<string, (string, string, Uri)>(StringComparer.Ordinal);
        while (text.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#' && line.Split('\t') is [var code, var list, var cites, var source])
                law.Add(code, (list, cites, new Uri(source)));
        }

        return law.ToFrozenDictionary(StringComparer.Ordinal);
    }
}

/// <summary>Holds a notice against the list of what it has to tell. What its page says whatever stands in it counts as told; what depends on it is looked for.</summary>
/// <remarks>
/// Source: GDPR Art 12 to 14 and 21(4); PIPL Art 17, 23, 30, 31, 39 and 53; Network Data Security Regulation Art 21; the French Code de la consommation, L. 223-1 and R. 223-1.
/// Our reading: what the GDPR wants to be told is told everywhere, for no law that we know forbids it, and most want a part of it.
/// </remarks>
public static class NoticeCheck
{
    private static readonly string[] None = [];

    /// <summary>The items that apply to a notice, in order.</summary>
    public static IReadOnlyList<NoticeFinding> Of(NoticeDocument notice)
    {
        ArgumentNullException.ThrowIfNull(notice);
        var regimes = NoticeLaw.RegimesOf(notice);
        return [.. Enum.GetValues<NoticeItem>().Where(item => Applies(item, notice, regimes)).Select(item => new NoticeFinding(item, [.. Missing(item, notice, regimes).Distinct(StringComparer.Ordinal)]))];
    }

    /// <summary>What is missing; empty: the notice may be published.</summary>
    public static IReadOnlyList<NoticeFinding> MissingIn(NoticeDocument notice) => [.. Of(notice).Where(static finding => !finding.IsTold)];

    private static bool Applies(NoticeItem item, NoticeDocument notice, IReadOnlyList<NoticeRegime> regimes) => item switch
    {
        NoticeItem.Representative => new[] { NoticeRegime.Eu, NoticeRegime.Uk }.Any(regime => NoticeLaw.WantsRepresentative(notice, regime)),
        NoticeItem.Interests => notice.Purposes.Any(static one => one.Basis == NoticeBasis.LegitimateInterests),
        NoticeItem.SafeguardCopy => notice.Recipients.Any(one => NoticeLaw.Leaves(notice, one).Any()),
        NoticeItem.Source or NoticeItem.Deadline => notice.HasLists || notice.Sources.Count > 0,
        NoticeItem.CnRepresentative => NoticeLaw.WantsRepresentative(notice, NoticeRegime.Cn),
        NoticeItem.CnSensitive => regimes.Contains(NoticeRegime.Cn) && notice.ForChildren,
        NoticeItem.CnExport => regimes.Contains(NoticeRegime.Cn) && IsAbroad(notice),
        NoticeItem.CnBasis or NoticeItem.CnHandler or NoticeItem.CnProcessing or NoticeItem.CnAfter or NoticeItem.CnRights or NoticeItem.CnList or NoticeItem.CnRecipients or NoticeItem.CnChanges => regimes.Contains(NoticeRegime.Cn),
        NoticeItem.FrStatement or NoticeItem.FrTerm => IsFrench(notice),
        NoticeItem.Controller or NoticeItem.Officer or NoticeItem.Purposes or NoticeItem.Basis or NoticeItem.Recipients or NoticeItem.Transfers or NoticeItem.Storage or NoticeItem.Retention
            or NoticeItem.Rights or NoticeItem.Withdrawal or NoticeItem.Complaint or NoticeItem.Required or NoticeItem.Automated or NoticeItem.NewPurpose or NoticeItem.Categories or NoticeItem.Objection
            or NoticeItem.PlainWords or NoticeItem.Who or NoticeItem.Kinds or NoticeItem.Frequency or NoticeItem.Cost or NoticeItem.Stop or NoticeItem.NoCondition => true,
    };

    private static IEnumerable<string> Missing(NoticeItem item, NoticeDocument notice, IReadOnlyList<NoticeRegime> regimes) => item switch
    {
        NoticeItem.Representative => regimes.Where(regime => regime != NoticeRegime.Cn && NoticeLaw.WantsRepresentative(notice, regime) && !IsRepresented(notice, regime)).Select(Words<NoticeRegime>.Of),
        NoticeItem.Officer => notice.Controller.PrivacyOfficer is null && !notice.HasNoOfficer ? [notice.Controller.Name] : None,
        NoticeItem.Purposes => notice.Purposes.Count == 0 ? [notice.Controller.Name] : None,
        NoticeItem.Basis => notice.Purposes.Where(static one => one.Basis is null).Select(static one => one.Name),
        NoticeItem.Interests => notice.Purposes.Where(static one => one.Basis == NoticeBasis.LegitimateInterests).SelectMany(static one => Unsaid(one.Interests, one.Name)),
        NoticeItem.Recipients => notice.Recipients.Where(static one => one.Role is null || (one.IsOutside && one.Name is null)).Select(static one => one.Key),
        NoticeItem.Transfers => notice.Recipients.Where(one => one.IsOutside && (one.Country is null || NoticeLaw.Leaves(notice, one).Any(regime => (NoticeLaw.Suffice(regime) & one.Safeguards) == 0))).Select(static one => one.Key),
        NoticeItem.Storage => notice.Storage.Count == 0 ? [notice.Controller.Name] : None,
        NoticeItem.Retention or NoticeItem.CnAfter => Enum.GetValues<NoticeKept>().Where(what => notice.Retention.All(one => one.What != what)).Select(Words<NoticeKept>.Of),
        NoticeItem.Complaint => regimes.Count > 0 && NoticeLaw.AuthoritiesOf(notice, "en").Count == 0 ? [notice.Controller.Country] : None,
        NoticeItem.Source => notice.Sources.Count == 0 ? ["lists"] : None,
        NoticeItem.PlainWords => notice.Purposes.SelectMany(static one => Unsaid(one.About, one.Name)),
        NoticeItem.Kinds => notice.Purposes.Where(static one => one.Channels == ChannelSet.None).Select(static one => one.Name),
        NoticeItem.Frequency => notice.Purposes.Where(static one => one is { Basis: NoticeBasis.Consent or null, Frequency: null }).Select(static one => one.Name),
        // Whoever has to say yes in order to buy can't be told that they need not.
        NoticeItem.NoCondition => notice.ConditionOf.Where(static one => one is "purchase" or "contract"),
        // Consent, a contract, a duty and the like; an interest of one's own is no ground there.
        NoticeItem.CnBasis => notice.Purposes.Where(static one => one.Basis == NoticeBasis.LegitimateInterests).Select(static one => one.Name),
        NoticeItem.CnProcessing => notice.Purposes.Count == 0 || notice.Retention.Count == 0 ? [notice.Controller.Name] : None,
        NoticeItem.CnRecipients => notice.Recipients.Where(static one => one is { Role: NoticeRole.Receiver, Contact: null }).Select(static one => one.Key),
        NoticeItem.CnRepresentative => IsRepresented(notice, NoticeRegime.Cn) ? None : [Words<NoticeRegime>.Of(NoticeRegime.Cn)],
        NoticeItem.CnSensitive => Unsaid(notice.Sensitive, "sensitive"),
        NoticeItem.CnExport => notice.Recipients.Where(static one => one is { IsOutside: true, Country: { } country, Contact: null } && !NoticeLaw.Covers(NoticeRegime.Cn, country)).Select(static one => one.Key),
        NoticeItem.FrTerm => notice.Purposes.Where(static one => one.Basis == NoticeBasis.Consent && (one.Channels & (ChannelSet.Voice | ChannelSet.VoiceAuto)) != 0 && !IsWithinYear(one.Term)).Select(static one => one.Name),
        // The page says them, whatever the notice is about; a controller without a name or a way to be reached can't be read at all.
        NoticeItem.Controller or NoticeItem.SafeguardCopy or NoticeItem.Rights or NoticeItem.Withdrawal or NoticeItem.Required or NoticeItem.Automated or NoticeItem.NewPurpose or NoticeItem.Categories
            or NoticeItem.Deadline or NoticeItem.Objection or NoticeItem.CnHandler or NoticeItem.CnRights or NoticeItem.CnList or NoticeItem.CnChanges or NoticeItem.Who or NoticeItem.Cost or NoticeItem.Stop
            or NoticeItem.FrStatement => None,
    };

    /// <summary>Whether somebody outside mainland China gets what people there give: a recipient, the controller, or where it keeps its data.</summary>
    public static bool IsAbroad(NoticeDocument notice)
    {
        ArgumentNullException.ThrowIfNull(notice);
        return !NoticeLaw.Covers(NoticeRegime.Cn, notice.Controller.Country) || notice.Storage.Any(static place => !NoticeLaw.Covers(NoticeRegime.Cn, place))
            || notice.Recipients.Any(static one => one is { IsOutside: true, Country: { } country } && !NoticeLaw.Covers(NoticeRegime.Cn, country));
    }

    /// <summary>Whether people in France are asked, or the controller has its seat there.</summary>
    public static bool IsFrench(NoticeDocument notice)
    {
        ArgumentNullException.ThrowIfNull(notice);
        return notice.Controller.Country == "FR" || notice.Places.Any(static place => place.StartsWith("FR", StringComparison.Ordinal));
    }

    private static bool IsRepresented(NoticeDocument notice, NoticeRegime regime) => notice.Representatives.Any(one => one.Regime == regime);

    private static IEnumerable<string> Unsaid(IReadOnlyDictionary<string, string> texts, string name) => NoticeDocument.Languages.Where(language => !texts.ContainsKey(language)).Select(language => $"{name} ({language})");

    private static bool IsWithinYear(Period? term) => term is not null && (term.Years * 12) + term.Months + ((term.Days + (term.Weeks * 7)) / 30.0) <= 12 && NoticeFound.DaysOf(term) <= 366;
}
