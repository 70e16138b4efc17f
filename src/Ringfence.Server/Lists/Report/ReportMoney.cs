using Ringfence.Lists;

namespace Ringfence.Server.Lists.Report;

/// <summary>Exposure in words.</summary>
internal static class ReportMoney
{
    /// <summary>Where the law of an estimate is from; its citation says which law it is.</summary>
    public static string Regime(ExposureEstimate estimate, ReportLanguage language) =>
        language.Find("Regime." + estimate.Regime)
        ?? (estimate.Jurisdiction.Equals("EU", StringComparison.OrdinalIgnoreCase) ? language["Place.eu"] : language.Place(estimate.Jurisdiction));

    /// <summary>How the range came about.</summary>
    public static string Arithmetic(ExposureEstimate e, ReportLanguage language)
    {
        if (e is { Kind: "per-contact", PerContactTo: { } each })
        {
            var amount = e.PerContactFrom is { } least && least != each
                ? language.Say("Cost.Range", ReportLanguage.Money(e.Currency, least), ReportLanguage.Money(e.Currency, each))
                : ReportLanguage.Money(e.Currency, each);
            return language.Join([language.Say("Cost.PerContact", e.Contacts, amount), language["Cost.Each"]]);
        }

        return e.TurnoverPercent is { } percent ? language.Say("Cost.CapTurnover", language.Percent(percent)) : language["Cost.Cap"];
    }
}
