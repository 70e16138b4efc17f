using NodaTime.Text;
using Ringfence.Gate;

namespace Ringfence.Rules.House;

/// <summary>Finds in what rules about registers and about the term of consents are looser than others.</summary>
internal static class LooserAges
{
    /// <summary>In what a rule about the same register is looser; null where it is as strict in all.</summary>
    public static string? Register(RegisterBody house, RegisterBody law, string called)
    {
        if (!IsAsFresh(house.Screened, law.Screened))
            return $"takes an older screening of {house.Name} than {called} does";
        if (!BindsAsSoon(house, law))
            return $"lets an entry in {house.Name} bind later than {called} does";
        if (house.OptIn != law.OptIn)
            return law.OptIn ? $"takes who is not in {house.Name} for free, while {called} wants the entry" : $"wants an entry in {house.Name}, which {called} takes for a refusal";
        return house.Supersedes < law.Supersedes ? $"leaves consents in force that {called} ends by an entry in {house.Name}" : null;
    }

    /// <summary>In what a term of consents is looser; null where it is as strict in all.</summary>
    public static string? Term(ConsentTermRule house, ConsentTermRule law, string called)
    {
        if (!DaysOf.IsAtMost(house.Lasts, law.Lasts))
            return $"lets a consent last {PeriodPattern.NormalizingIso.Format(house.Lasts)} where {called} ends it after {PeriodPattern.NormalizingIso.Format(law.Lasts)}";
        if (house.Counts > law.Counts)
            return $"counts from the last {Words<ConsentClock>.Of(house.Counts)}, while {called} counts from the {Words<ConsentClock>.Of(law.Counts)}";
        if (law.EvenIfLongerAgreed && !house.EvenIfLongerAgreed)
            return $"gives way to a longer term that was agreed, as {called} does not";
        if ((law.Channels & ~house.Channels) is not ChannelSet.None and var left)
            return $"leaves out {string.Join(", ", Channels.All.Where(channel => left.Has(channel)).Select(Channels.Word))}, as {called} does not";
        return null;
    }

    private static bool IsAsFresh(ScreeningAge? house, ScreeningAge? law) => (house?.AtMost, law?.AtMost) switch
    {
        _ when law is null => true,
        _ when house is null => false,
        // Of the same month: up to thirty days old, and on its first day none.
        (null, null) => true,
        (null, { WorkingDaysOf: null } most) => DaysOf.Least(most.Lasts) >= 30,
        ({ } a, { } b) => IsAtMost(a, b),
        _ => false,
    };

    private static bool BindsAsSoon(RegisterBody house, RegisterBody law)
    {
        if (house.BindsAfter is not { } own)
            return true;
        // Published is the later day of the two.
        return law.BindsAfter is { } its && IsAtMost(own, its) && (law.BindsFromPublished || !house.BindsFromPublished);
    }

    // So many calendar days are never more than so many working days.
    private static bool IsAtMost(DayCount a, DayCount b) =>
        (a.WorkingDaysOf is null || a.WorkingDaysOf == b.WorkingDaysOf) && DaysOf.IsAtMost(a.Lasts, b.Lasts);
}
