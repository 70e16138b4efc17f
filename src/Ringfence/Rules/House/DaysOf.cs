using NodaTime;

namespace Ringfence.Rules.House;

/// <summary>How many days a period of calendar units may come to: a month has 28 to 31.</summary>
internal static class DaysOf
{
    // Days of so many months on end: at least, from February of a common year on; at most, through a leap year or two long months.
    private static readonly int[] LeastOfMonths = [0, 28, 59, 89, 120, 150, 181, 212, 242, 273, 303, 334];
    private static readonly int[] MostOfMonths = [0, 31, 62, 92, 123, 153, 184, 215, 245, 276, 306, 337];

    public static int Least(Period period) => Count(period, 365, LeastOfMonths);

    public static int Most(Period period) => Count(period, 366, MostOfMonths);

    /// <summary>Whether one period is never longer than another, from whatever day both count.</summary>
    public static bool IsAtMost(Period shorter, Period longer)
    {
        var (a, b) = (Months(shorter), Months(longer));
        var (m, n) = (Days(shorter), Days(longer));
        return (a <= b && m <= n) || Most(shorter) <= Least(longer);
    }

    private static int Count(Period period, int year, int[] months) => checked((Months(period) / 12 * year) + months[Months(period) % 12] + Days(period));

    private static int Months(Period period) => checked((period.Years * 12) + period.Months);

    private static int Days(Period period) => checked((period.Weeks * 7) + period.Days);
}
