using Ringfence.Lists;
using Ringfence.Rules;

namespace Ringfence.Server.Lists.Report;

/// <summary>Exposure in words.</summary>
internal static class ReportMoney
{
    /// <summary>What a regime is called; where the rules don't know it, the place its law is from.</summary>
    public static string Regime(ExposureEstimate estimate, ReportLanguage language)
    {
        var name = Exposure.Name(estimate.Regime, language.Tag);
        if (name != estimate.Regime)
            return name;
        return estimate.Jurisdiction.Equals("EU", StringComparison.OrdinalIgnoreCase) ? language["Place.eu"] : language.Place(estimate.Jurisdiction);
    }

    /// <summary>What a figure leaves out, as a sentence.</summary>
    public static string LeftOut(string code, ReportLanguage language)
    {
        var sentence = Exposure.LeftOut(code, language.Tag);
        return sentence == code ? language.Say("Fallback.Other", ReportLanguage.Visible(code)) : sentence;
    }

    /// <summary>How the range came about.</summary>
    public static string Arithmetic(ExposureEstimate e, ReportLanguage language)
    {
        if (e is { Kind: "per-contact", PerContactTo: { } each })
        {
            var amount = e.PerContactFrom is { } least && least != each
                ? language.Say("Cost.Range", ReportLanguage.Money(e.Currency, least), ReportLanguage.Money(e.Currency, each))
                : ReportLanguage.Money(e.Currency, each);
            return language.Say("Cost.PerContact", e.Contacts, amount);
        }

        return e.TurnoverPercent is { } percent ? language.Say("Cost.CapTurnover", language.Percent(percent)) : language["Cost.Cap"];
    }
}
