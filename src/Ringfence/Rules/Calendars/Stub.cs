#pragma warning disable
using NodaTime;
namespace Ringfence.Rules.Calendars;
public sealed class HolidayCalendar { public bool? IsHoliday(LocalDate day) => false; }
public sealed class HolidayCalendars { public static HolidayCalendars Shipped { get; } = new(); public HolidayCalendar Named(string n) => new(); }
public enum Lean { Earlier, Later }
public sealed class BusinessDays(HolidayCalendar c, bool? saturdaysCount, Lean l = Lean.Earlier) { public LocalDate? Add(LocalDate d, int n) => d.PlusDays(n); }
