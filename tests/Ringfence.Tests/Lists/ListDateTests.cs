using NodaTime;
using NodaTime.Text;
using Ringfence.Lists;
using Xunit;

namespace Ringfence.Tests.Lists;

public sealed class ListDateTests
{
    [Theory]
    [InlineData("2024-03-01", "2024-03-01")]
    [InlineData("2024-03-01T23:59:59-11:00", "2024-03-01")]     // as written, whatever the zone
    [InlineData("2024-03-01 10:15:30.123456+00", "2024-03-01")]
    [InlineData("2024/3/1 下午3:20", "2024-03-01")]
    [InlineData("2024.03.05.", "2024-03-05")]
    [InlineData("15.10.2025", "2025-10-15")]
    [InlineData("03.04.2024", "2024-04-03")]                     // dots: day first
    [InlineData("05/26/2023", "2023-05-26")]
    [InlineData("18/08/2024", "2024-08-18")]
    [InlineData("23/02/24", "2024-02-23")]
    [InlineData("12/31/99", "1999-12-31")]
    [InlineData("03/19/2026 22:11", "2026-03-19")]
    [InlineData("2024年3月1日", "2024-03-01")]
    [InlineData("２０２４年３月１日", "2024-03-01")]
    [InlineData("2024年3月1日 星期五", "2024-03-01")]
    [InlineData("二〇二四年三月一日", "2024-03-01")]
    [InlineData("二零二四年十二月二十一日", "2024-12-21")]
    [InlineData("民國113年3月1日", "2024-03-01")]
    [InlineData("113/03/01", "2024-03-01")]
    [InlineData("令和6年3月1日", "2024-03-01")]
    [InlineData("2024년 3월 1일", "2024-03-01")]
    [InlineData("1680734940", "2023-04-05")]
    [InlineData("1680734940000", "2023-04-05")]
    [InlineData("45222", "2023-10-23")]
    [InlineData("45222.5", "2023-10-23")]
    [InlineData("20000", "1954-10-03")]
    [InlineData("Tue, 29 Jul 2025 08:33:00 +0000", "2025-07-29")]
    [InlineData("Tue Oct  8 06:57:00 UTC 2024", "2024-10-08")]
    [InlineData("Tue Oct 08 2024 06:57:00 GMT+0000 (Coordinated Universal Time)", "2024-10-08")]
    [InlineData("Sep 29, 2024 04:33 AM", "2024-09-29")]
    [InlineData("2 Dec 2024", "2024-12-02")]
    [InlineData("01-Mar-2024", "2024-03-01")]
    [InlineData("20240301", "2024-03-01")]
    [InlineData("20240301T101500Z", "2024-03-01")]
    [InlineData("1er mars 2024", "2024-03-01")]
    [InlineData("mar. 5 mars 2024", "2024-03-05")]
    [InlineData("15 août 2023 à 10h30", "2023-08-15")]
    [InlineData("1. März 2024", "2024-03-01")]
    [InlineData("1 de março de 2024", "2024-03-01")]
    [InlineData("29 settembre 2024", "2024-09-29")]
    [InlineData("7 de enero de 2024", "2024-01-07")]
    [InlineData("1 mrt 2024", "2024-03-01")]
    [InlineData("March 2024", "2024-03-01")]                    // a month: its first day
    [InlineData("03/2024", "2024-03-01")]
    [InlineData("2023", "2023-01-01")]                          // a year: its first day
    [InlineData("١٥/٠٣/٢٠٢٤", "2024-03-15")]
    [InlineData(" '2024-03-01 ", "2024-03-01")]
    [InlineData("9999-12-31", "9999-12-31")]                    // means "no end"
    [InlineData("29.02.2024", "2024-02-29")]
    public void Reads_the_day(string cell, string day)
    {
        Assert.True(ListDate.TryRead(cell, DateOrder.Unknown, out var date, out var ambiguous));
        Assert.Equal(LocalDatePattern.Iso.Parse(day).Value, date);
        Assert.False(ambiguous);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("31.02.2024")]
    [InlineData("29.02.2023")]
    [InlineData("00/00/0000")]
    [InlineData("0000-00-00")]
    [InlineData("13/13/2024")]
    [InlineData("2101-01-01")]
    [InlineData("1899")]
    [InlineData("9999-12-30")]
    [InlineData("19999")]
    [InlineData("60001")]
    [InlineData("20240332")]
    [InlineData("2024-W10")]
    [InlineData("12:30")]
    [InlineData("1.5")]
    [InlineData("192.168.1.20")]
    [InlineData("+49 30 123456")]
    [InlineData("01 99 00 12 34")]
    [InlineData("555-0123")]
    [InlineData("2024-03-01 called him")]
    [InlineData("2024-01-01 - 2024-12-31")]
    [InlineData("24-Mar")]
    [InlineData("99999999999999999999999999")]
    public void What_no_calendar_has_is_no_date(string cell) =>
        Assert.False(ListDate.TryRead(cell, DateOrder.Unknown, out _, out _));

    [Theory]
    [InlineData("03/04/2024", DateOrder.Unknown, "2024-03-04", true)]       // the earlier of 4 March and 3 April
    [InlineData("04/03/2024", DateOrder.Unknown, "2024-03-04", true)]
    [InlineData("03/04/2024", DateOrder.DayFirst, "2024-04-03", false)]
    [InlineData("03/04/2024", DateOrder.MonthFirst, "2024-03-04", false)]
    [InlineData("03-04-24", DateOrder.DayFirst, "2024-04-03", false)]
    [InlineData("05/05/2024", DateOrder.Unknown, "2024-05-05", false)]
    [InlineData("18/08/2024", DateOrder.MonthFirst, "2024-08-18", false)]   // a value above 12 decides
    [InlineData("03.04.2024", DateOrder.MonthFirst, "2024-03-04", false)]
    public void The_order_of_the_column_decides_what_the_cell_leaves_open(string cell, DateOrder order, string day, bool open)
    {
        Assert.True(ListDate.TryRead(cell, order, out var date, out var ambiguous));
        Assert.Equal(LocalDatePattern.Iso.Parse(day).Value, date);
        Assert.Equal(open, ambiguous);
    }

    [Theory]
    [InlineData("18/08/2024", DateOrder.DayFirst)]
    [InlineData("08/18/2024", DateOrder.MonthFirst)]
    [InlineData("18.08.2024", DateOrder.Unknown)]       // dots say nothing about slashes
    [InlineData("08/08/2024", DateOrder.Unknown)]
    [InlineData("2024-08-18", DateOrder.Unknown)]
    public void A_number_above_twelve_gives_the_order_away(string cell, DateOrder order) => Assert.Equal(order, ListDate.OrderOf(cell));

    [Fact]
    public void Every_day_of_two_centuries_is_read_back_from_its_common_forms()
    {
        for (var day = new LocalDate(1955, 1, 1); day.Year < 2049; day = day.PlusDays(17))
        {
            var serial = Period.DaysBetween(new LocalDate(1899, 12, 30), day);
            string[] forms =
            [
                $"{day:uuuu-MM-dd}", $"{day.Day}.{day.Month}.{day.Year}", $"{day.Year}/{day.Month}/{day.Day}", $"{day.Year}年{day.Month}月{day.Day}日",
                $"{day:uuuuMMdd}", $"{day.Day} {English(day)} {day.Year}", $"{English(day)} {day.Day}, {day.Year}", serial < 20000 ? $"{day:uuuu-MM-dd}" : $"{serial}",
            ];
            foreach (var form in forms)
            {
                Assert.True(ListDate.TryRead(form, DateOrder.Unknown, out var read, out _), form);
                Assert.Equal(day, read);
            }
        }
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        string[] cells = ["2024-03-01", "Tue, 29 Jul 2025 08:33:00 +0000", "2024年3月1日", "二〇二四年三月一日", "05/26/2023", "no date"];
        ReadAll(cells);
        // The least of several tries, for the runtime may allocate on this thread while it compiles a method anew.
        var least = Enumerable.Range(0, 5).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            ReadAll(cells);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
        Assert.Equal(0, least);
    }

    private static void ReadAll(string[] cells)
    {
        foreach (var cell in cells)
            ListDate.TryRead(cell, DateOrder.Unknown, out _, out _);
    }

    private static string English(LocalDate day) =>
        new[] { "Jan", "February", "Mar", "April", "May", "June", "Jul", "Aug", "Sept", "Oct", "November", "Dec" }[day.Month - 1];
}
