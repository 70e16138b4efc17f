using NodaTime;
using NodaTime.Text;
using Ringfence.Files;

namespace Ringfence.Rules;

/// <summary>Days, periods and names as files write them.</summary>
internal static class RuleMapValues
{
    // Longer than any law counts, and short enough that no sum with it leaves the calendar of the years that are used.
    private const int MostYears = 200;

    private static readonly string[] Languages = ["en", "zh-Hans", "zh-Hant"];

    extension(RuleMap map)
    {
        /// <summary>A text in the three languages.</summary>
        public RuleText Texts(string key)
        {
            var texts = map.Map(key);
            var inLanguages = Array.ConvertAll(Languages, texts.Text);
            texts.Done();
            return new RuleText(inLanguages[0], inLanguages[1], inLanguages[2]);
        }

        /// <summary>Public addresses; none where the key is not there.</summary>
        public IEnumerable<Uri> Addresses(string key) => map.Items(key).Select(static text =>
            Uri.TryCreate(text.Text, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps
                ? address
                : throw RuleFileException.At(text.At, $"'{text.Text}' is no https address"));

        public LocalDate Day(string key) => map.OptionalDay(key) ?? throw map.Missing(key);

        /// <summary>A day as ISO 8601 writes it.</summary>
        public LocalDate? OptionalDay(string key)
        {
            if (map.OptionalText(key) is not { } text)
                return null;
            return LocalDatePattern.Iso.Parse(text).TryGetValue(default, out var day) && day.Year is > 0 and < 9000
                ? day
                : throw map.Wrong(key, $"'{text}' is no day, such as 2026-08-11");
        }

        /// <summary>A period of days, months and years.</summary>
        public Period Days(string key) => map.OptionalDays(key) ?? throw map.Missing(key);

        public Period? OptionalDays(string key) => map.OptionalPeriod(key) switch
        {
            { HasTimeComponent: true } => throw map.Wrong(key, $"'{map.Text(key)}' has hours; a period of days, months or years is wanted, such as P2Y"),
            var period => period,
        };

        /// <summary>Any period above zero.</summary>
        public Period? OptionalPeriod(string key)
        {
            if (map.OptionalText(key) is not { } text)
                return null;
            return ReadPeriod(text) ?? throw map.Wrong(key, $"'{text}' is no period, such as P18M, P30D or PT24H");
        }

        /// <summary>A period as elapsed time: hours and the like, weeks and days of 24 hours.</summary>
        public Duration Elapsed(string key)
        {
            var period = map.OptionalPeriod(key) ?? throw map.Missing(key);
            return period is { Years: 0, Months: 0 } ? period.ToDuration() : throw map.Wrong(key, "months and years are no elapsed time; days or hours are wanted");
        }

        /// <summary>A name in kebab case, such as that of a register.</summary>
        public string Name(string key) => NameOf(map.Text(key)) ?? throw map.Wrong(key, NoName(map.Text(key)));

        public string? OptionalName(string key) => map.Has(key) ? map.Name(key) : null;

        /// <summary>Several names; empty where the key is not there.</summary>
        public IReadOnlyList<string> Names(string key) =>
            [.. map.Items(key).Select(item => NameOf(item.Text) ?? throw RuleFileException.At(item.At, NoName(item.Text)))];
    }

    private static Period? ReadPeriod(string text)
    {
        if (!PeriodPattern.NormalizingIso.Parse(text).TryGetValue(Period.Zero, out var period))
            return null;
        long[] parts = [period.Years, period.Months, period.Weeks, period.Days, period.Hours, period.Minutes, period.Seconds, period.Milliseconds, period.Ticks, period.Nanoseconds];
        long[] most = [MostYears, MostYears * 12, MostYears * 52, MostYears * 365, MostYears * 365 * 24, MostYears * 365 * 24 * 60L, MostYears * 365 * 24 * 3600L, 0, 0, 0];
        var isSane = parts.Any(part => part > 0) && parts.Zip(most).All(pair => pair.First >= 0 && pair.First <= pair.Second);
        return isSane ? period : null;
    }

    internal static string? NameOf(string text) =>
        text.Length is > 0 and <= 60 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') && text[0] != '-' && text[^1] != '-' ? text : null;

    internal static string NoName(string text) => $"'{text}' is no name in small letters, digits and hyphens, such as fr-bloctel";
}
