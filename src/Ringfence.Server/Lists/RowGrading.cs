using Ringfence.Lists;
using Ringfence.People;
using Ringfence.Rules;

namespace Ringfence.Server.Lists;

/// <summary>By which terms the rows of a list are graded: alike in an audit, and where an import asks for grades.</summary>
internal static class RowGrading
{
    /// <summary>The terms of one list.</summary>
    /// <param name="options">How lists are read, and in whose name.</param>
    /// <param name="inactiveAfterMonths">Months without a sign of life after which a contact is long inactive.</param>
    /// <param name="plan">The columns of the list.</param>
    /// <param name="places">Where people are.</param>
    public static GradingTerms TermsOf(ListOptions options, int inactiveAfterMonths, ListPlan plan, PlaceTable places) => new(
        Days.Of(options.AsOf), Days.Of(options.AsOf.PlusMonths(-inactiveAfterMonths)), options.Controller is not null, plan.ConsentCells,
        (place, channel, day, until) =>
            ConsentTerms.LastDay(places[place].Country, channel, Days.Date(day), until is { } agreed ? Days.Date(agreed) : null, options.AsOf) is { } last
                ? Days.Of(last)
                : null);

    /// <summary>Whether a row may be used as it is on any channel.</summary>
    /// <param name="facts">What the row tells.</param>
    /// <param name="closed">Channels that other rows close for it.</param>
    /// <param name="terms">The terms of its list.</param>
    public static bool IsUsable(in ContactFacts facts, ChannelSet closed, GradingTerms terms)
    {
        foreach (var channel in Channels.All)
        {
            if (Grading.Grade(facts, closed, channel, terms).Grade == AuditGrade.Usable)
                return true;
        }

        return false;
    }
}
