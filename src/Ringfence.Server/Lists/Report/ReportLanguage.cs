using System.Globalization;
using System.Resources;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Components;
using NodaTime;
using Ringfence.People;

namespace Ringfence.Server.Lists.Report;

/// <summary>One of the three languages a report is told in: its texts, numbers, dates, money and names of places.</summary>
/// <remarks>
/// A text holds <c>{0}</c> for an argument and <c>{0|one|many}</c> for the word that fits the number of that argument.
/// Nothing here depends on the machine's culture data.
/// </remarks>
public sealed class ReportLanguage
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private static readonly string[] Months =
        ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

    private readonly LanguageTexts texts;

    private ReportLanguage(string tag, LanguageTexts texts) => (Tag, this.texts) = (tag, texts);

    /// <summary>The three languages, English first.</summary>
    public static IReadOnlyList<ReportLanguage> All { get; } = Telling(new LanguageTexts(nameof(AuditTexts)));

    /// <summary>The three languages with other texts than those of a report.</summary>
    internal static IReadOnlyList<ReportLanguage> Telling(LanguageTexts texts) => [.. LanguageTexts.Tags.Select(tag => new ReportLanguage(tag, texts))];

    /// <summary>BCP 47: <c>en</c>, <c>zh-Hans</c> or <c>zh-Hant</c>.</summary>
    public string Tag { get; }

    /// <summary>Whether the language is written in Han characters, without blanks between words.</summary>
    public bool IsChinese => Tag.StartsWith("zh", StringComparison.Ordinal);

    /// <summary>The language nearest to a culture: <c>zh-TW</c>, <c>zh-HK</c> and <c>zh-MO</c> are traditional Chinese, any other <c>zh</c> simplified, all else English.</summary>
    public static ReportLanguage Of(CultureInfo culture) => All.First(language => language.Tag == LanguageTexts.TagOf(culture));

    /// <summary>The text under a key.</summary>
    /// <exception cref="MissingManifestResourceException">There is none: a fault of the program.</exception>
    public string this[string key] => Find(key) ?? throw new MissingManifestResourceException($"No text under '{key}'.");

    /// <summary>The text under a key, or null.</summary>
    public string? Find(string key) => texts.Find(key, Tag);

    /// <summary>The text of a stable code, such as <c>Reason.refused</c>; the code itself, marked as such, where none is known.</summary>
    public string Word(string family, string code) =>
        Find($"{family}.{code}") ?? Say("Fallback.Other", Visible(code));

    /// <summary>A text with its arguments, plain.</summary>
    public string Say(string key, params ReadOnlySpan<object> arguments) => Fill(this[key], arguments, html: false);

    /// <summary>A text with its arguments as HTML: everything is encoded, a <see cref="Figure"/> is bold and links to its rows.</summary>
    public MarkupString Html(string key, params ReadOnlySpan<object> arguments) => new(Fill(this[key], arguments, html: true));

    /// <summary>A whole number, such as <c>48,213</c>.</summary>
    public static string Number(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>A share with one decimal. Nothing but all is 100, nothing but none is 0.</summary>
    public string Percent(long part, long whole)
    {
        var unit = IsChinese ? "%" : " %";
        if (whole <= 0 || part <= 0)
            return "0" + unit;
        if (part >= whole)
            return "100" + unit;
        var share = Math.Round(100m * part / whole, 1, MidpointRounding.AwayFromZero);
        return share < 0.1m ? "<0.1" + unit : Math.Min(share, 99.9m).ToString("0.0", CultureInfo.InvariantCulture) + unit;
    }

    /// <summary>A percentage the law states, such as <c>4 %</c>.</summary>
    public string Percent(decimal value) => value.ToString("0.##", CultureInfo.InvariantCulture) + (IsChinese ? "%" : " %");

    /// <summary>A day: <c>3 March 2026</c>, <c>2026 年 3 月 3 日</c>.</summary>
    public string Date(LocalDate day) => IsChinese
        ? string.Create(CultureInfo.InvariantCulture, $"{day.Year} 年 {day.Month} 月 {day.Day} 日")
        : string.Create(CultureInfo.InvariantCulture, $"{day.Day} {Months[day.Month - 1]} {day.Year}");

    /// <summary>An amount with its currency before it: <c>USD 3,107,000</c>.</summary>
    public static string Money(string currency, decimal amount) =>
        $"{Visible(currency)} {amount.ToString(decimal.Truncate(amount) == amount ? "#,0" : "#,0.00", CultureInfo.InvariantCulture)}";

    /// <summary>The size of a file: <c>412 B</c>, <c>3.1 MB</c>.</summary>
    public static string Size(long bytes)
    {
        string[] units = ["B", "kB", "MB", "GB", "TB"];
        var value = (decimal)bytes;
        var unit = 0;
        for (; value >= 1000 && unit < units.Length - 1; unit++)
            value /= 1000;
        return value.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture) + " " + units[unit];
    }

    /// <summary>The name of a country or state code; the code where we know no name.</summary>
    public string Place(string code) => PlaceNames.Name(code, Tag) ?? Visible(code);

    /// <summary>Things one after another: <c>a, b, c</c>, <c>a、b、c</c>.</summary>
    public string Join(IEnumerable<string> items) => string.Join(this["List.Join"], items);

    /// <summary>A text of the list fit to be shown: what steers a terminal or turns the writing round becomes a visible mark.</summary>
    public static string Visible(string text)
    {
        if (!text.Any(Steers))
            return text;
        return string.Create(text.Length, text, static (span, from) =>
        {
            for (var i = 0; i < from.Length; i++)
                span[i] = from[i] is '\t' or '\r' or '\n' ? ' ' : Steers(from[i]) ? '\uFFFD' : from[i];
        });
    }

    private static bool Steers(char c) =>
        char.IsControl(c) || c is >= '\u200B' and <= '\u200F' or >= '\u2028' and <= '\u202E' or >= '\u2060' and <= '\u206F' or '\uFEFF' or '\uFFFE' or '\uFFFF';

    private static string Fill(string template, ReadOnlySpan<object> arguments, bool html)
    {
        var text = new StringBuilder(template.Length + 32);
        for (var at = 0; at < template.Length;)
        {
            var open = template.IndexOf('{', at);
            if (open < 0)
                open = template.Length;
            text.Append(html ? Encoder.Encode(template[at..open]) : template[at..open]);
            if (open == template.Length)
                break;
            var close = template.IndexOf('}', open);
            var parts = template[(open + 1)..close].Split('|');
            var argument = arguments[int.Parse(parts[0], CultureInfo.InvariantCulture)];
            var words = parts.Length == 3 ? (Count(argument) == 1 ? parts[1] : parts[2]) : null;
            text.Append(words is not null ? (html ? Encoder.Encode(words) : words) : Show(argument, html));
            at = close + 1;
        }

        return text.ToString();
    }

    private static long Count(object argument) => argument switch
    {
        long n => n,
        int n => n,
        Figure f => f.Value,
        _ => throw new ArgumentException("Only a number chooses between one and many.", nameof(argument)),
    };

    private static string Show(object argument, bool html) => argument switch
    {
        long n => Number(n),
        int n => Number(n),
        Figure f => html ? f.Html() : Number(f.Value),
        MarkupString markup => html ? markup.Value : throw new ArgumentException("Markup has no place in plain text.", nameof(argument)),
        string s => html ? Encoder.Encode(s) : s,
        _ => throw new ArgumentException($"Can't show a {argument.GetType().Name}.", nameof(argument)),
    };

    /// <summary>A text as HTML.</summary>
    public static string Encode(string text) => Encoder.Encode(text);
}

/// <summary>A number in a sentence of the page: bold, and a link to its rows where there are any.</summary>
/// <param name="Value">The number.</param>
/// <param name="File">The file with its rows, beside the report; null where there is none.</param>
public sealed record Figure(long Value, string? File = null)
{
    /// <summary>The figure as HTML.</summary>
    public string Html() => File is null || Value == 0
        ? $"<b>{ReportLanguage.Number(Value)}</b>"
        : $"<a class=\"fig\" href=\"{ReportLanguage.Encode(File)}\"><b>{ReportLanguage.Number(Value)}</b></a>";
}
