using System.Globalization;
using Microsoft.AspNetCore.Components;
using NodaTime;
using Ringfence.Figures;
using Ringfence.Gate;
using Ringfence.Server.Lists.Report;
using Ringfence.Server.Pages;

namespace Ringfence.Server.Figures;

/// <summary>What pages with figures say alike.</summary>
public abstract class StaffFigures : StaffComponent
{
    private static readonly string[] Months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

    /// <summary>A day below a line: <c>2 Feb</c>.</summary>
    protected string ShortDay(LocalDate day) => L.IsChinese
        ? string.Create(CultureInfo.InvariantCulture, $"{day.Month}月{day.Day}日")
        : string.Create(CultureInfo.InvariantCulture, $"{day.Day} {Months[day.Month - 1]}");

    /// <summary>A period in words.</summary>
    protected string Days(FigurePeriod period) => period.Days == 1 ? L.Date(period.From) : T("Figure.FromTo", L.Date(period.From), L.Date(period.Last));

    /// <summary>How long something took.</summary>
    protected string Took(Duration time) => time switch
    {
        { TotalMilliseconds: < 1 } => T("Took.AtOnce"),
        { TotalSeconds: < 1 } => T("Took.Milliseconds", (long)time.TotalMilliseconds),
        { TotalMinutes: < 1 } => T("Took.Seconds", time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)),
        { TotalHours: < 1 } => T("Took.Minutes", (long)time.TotalMinutes),
        { TotalDays: < 2 } => T("Took.Hours", (long)time.TotalHours),
        _ => T("Took.Days", (long)time.TotalDays),
    };

    /// <summary>How a number compares with that of as many days before.</summary>
    protected string Change(long now, long before, int days)
    {
        if (before == now)
            return T("Change.Same", (long)days);
        if (before == 0)
            return T("Change.FromNone", (long)days);
        return T(now > before ? "Change.More" : "Change.Fewer", L.Percent(Math.Round(100m * Math.Abs(now - before) / before, MidpointRounding.AwayFromZero)), (long)days);
    }

    /// <summary>The symbol of a change; null: there is none.</summary>
    protected static string ChangeIcon(long now, long before) => now > before ? "up" : now < before ? "down" : "minus";

    /// <summary>The address of the records behind a figure; null: whoever reads may not see them.</summary>
    private protected string? Records(string types, FigurePeriod? period) => Call.WayTo("ledger", "type=" + types + (period is null ? "" : "&" + period.Query));

    /// <inheritdoc cref="Records(string, FigurePeriod?)"/>
    private protected string? Records(FigureKind kind, FigurePeriod period) => Call.WayTo("ledger", $"kind={Words<FigureKind>.Of(kind)}&{period.Query}");

    /// <summary>The address of the records of contacts with people who were contacted so often; null: as above.</summary>
    private protected string? Contacted(ContactTimes times, FigurePeriod period) => Call.WayTo("ledger", $"kind={Words<FigureKind>.Of(FigureKind.Contacted)}&times={times}&{period.Query}");

    /// <summary>A cell of a table: a number with the records behind it; null: not counted yet.</summary>
    private protected static FigureCell Cell(long? count, string? href) => new(count, count > 0 ? href : null);

    /// <summary>A word with a link where there is one.</summary>
    protected static MarkupString Linked(string text, string? href) => Link(text, href);

    /// <inheritdoc cref="Linked"/>
    internal static MarkupString Link(string text, string? href) =>
        new(href is null ? ReportLanguage.Encode(text) : $"<a href=\"{ReportLanguage.Encode(href)}\">{ReportLanguage.Encode(text)}</a>");
}

/// <summary>A number in a table.</summary>
/// <param name="Count">It; null: it is not counted yet.</param>
/// <param name="Href">The records behind it; null: there is no way there.</param>
public sealed record FigureCell(long? Count, string? Href);
