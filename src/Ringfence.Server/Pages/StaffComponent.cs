using System.Globalization;
using Microsoft.AspNetCore.Components;
using NodaTime;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Server.Lists.Report;

namespace Ringfence.Server.Pages;

/// <summary>What every part of a page knows: the request it answers, and the words of its language.</summary>
/// <remarks>Components are public, as they are generated; what they know is not, so it is handed down rather than set as parameters.</remarks>
public abstract class StaffComponent : ComponentBase
{
    /// <summary>The request.</summary>
    [CascadingParameter] private protected PageCall Call { get; set; } = null!;

    /// <summary>What the page shows.</summary>
    private protected TModel Shown<TModel>() => (TModel)Call.Model!;

    /// <summary>The language.</summary>
    protected ReportLanguage L => Call.Words;

    /// <summary>A text.</summary>
    protected string T(string key, params ReadOnlySpan<object> arguments) => Call.Words.Say(key, arguments);

    /// <summary>A text with its arguments as HTML; a <see cref="Fig"/> is bold and leads to its rows.</summary>
    protected MarkupString H(string key, params ReadOnlySpan<object> arguments) => Call.Words.Html(key, arguments);

    /// <summary>A number.</summary>
    protected static string N(long value) => ReportLanguage.Number(value);

    /// <summary>A figure in a sentence: bold, and a link to its rows.</summary>
    protected static Figure Fig(long value, string? href = null) => new(value, href);

    /// <summary>The address of a page of this controller.</summary>
    protected string At(string path) => Call.At(path);

    /// <summary>A moment in words, with the exact one beside it for whoever asks.</summary>
    protected MarkupString When(Instant at) => new($"<time datetime=\"{InstantPattern.ExtendedIso.Format(at)}\" title=\"{ReportLanguage.Encode(Exact(at))}\">{ReportLanguage.Encode(Ago(at))}</time>");

    /// <summary>A moment to the second.</summary>
    protected MarkupString WhenExactly(Instant at) => new($"<time datetime=\"{InstantPattern.ExtendedIso.Format(at)}\">{ReportLanguage.Encode(Exact(at))}</time>");

    /// <summary>A moment as <c>3 March 2026, 14:05:11 UTC</c>.</summary>
    protected string Exact(Instant at)
    {
        var utc = at.InUtc();
        return T("Time.Exact", L.Date(utc.Date), utc.TimeOfDay.ToString("HH:mm:ss", CultureInfo.InvariantCulture));
    }

    /// <summary>A day in words.</summary>
    protected string Day(Instant at) => L.Date(at.InUtc().Date);

    /// <summary>A day as a field of a form holds it: <c>2026-11-23</c>.</summary>
    protected static string Iso(LocalDate day) => LocalDatePattern.Iso.Format(day);

    /// <summary>A length of time in words: <c>3 months</c>.</summary>
    protected string InWords(Period period) => new GateLanguage(L.Tag).Period(period);

    /// <summary>A length of time, written as <c>P3M</c>, in words.</summary>
    protected string InWords(string period) => InWords(PeriodPattern.NormalizingIso.Parse(period).Value);

    /// <summary>How long ago, or how soon; a day where it is longer than a month.</summary>
    protected string Ago(Instant at)
    {
        var span = Call.Now - at;
        var (key, gone) = span < Duration.Zero ? ("In", -span) : ("Ago", span);
        return gone switch
        {
            { TotalSeconds: < 60 } => T(key == "In" ? "Time.Soon" : "Time.Now"),
            { TotalMinutes: < 60 } => T($"Time.{key}.Minutes", (long)gone.TotalMinutes),
            { TotalHours: < 24 } => T($"Time.{key}.Hours", (long)gone.TotalHours),
            { TotalDays: < 31 } => T($"Time.{key}.Days", (long)gone.TotalDays),
            _ => Day(at),
        };
    }

    /// <summary>The name of a channel.</summary>
    protected string ChannelName(Channel channel) => T("Channel." + channel.Word());
}
