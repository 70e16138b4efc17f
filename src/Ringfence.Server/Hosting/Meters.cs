using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Ringfence.Server.Hosting;

/// <summary>What the program and the framework measure, as text that Prometheus reads. Names and tags are codes and routes, never what somebody sent.</summary>
/// <remarks>Source of the format: https://prometheus.io/docs/instrumenting/exposition_formats/.</remarks>
internal sealed class Meters : IDisposable
{
    private static readonly Meter Own = new("Ringfence");
    private static readonly Counter<long> Verdicts = Own.CreateCounter<long>("ringfence_verdicts", description: "Answers of the gate, by verdict and whether a permit was asked for.");

    private static readonly Counter<long> Told = Own.CreateCounter<long>("ringfence_webhook_attempts", description: "Messages that were sent to other systems, by outcome.");
    private static readonly Gauge<long> Untold = Own.CreateGauge<long>("ringfence_webhooks_waiting", description: "Messages that have not arrived, by controller.");
    private static readonly Gauge<long> Unconfirmed = Own.CreateGauge<long>("ringfence_webhooks_overdue", description: "Messages that nobody confirmed within their deadline, by controller.");

    private static readonly Counter<long> Messages = Own.CreateCounter<long>("ringfence_messages", description: "Messages given to gateways, by channel and outcome.");
    private static readonly Counter<long> Codes = Own.CreateCounter<long>("ringfence_codes", description: "Codes asked for and tried, by outcome.");
    private static readonly Counter<long> Heard = Own.CreateCounter<long>("ringfence_inbound", description: "Messages that came in, by channel and what they were taken for.");

    private static readonly Counter<long> Reports = Own.CreateCounter<long>("ringfence_reports", description: "What providers reported later of messages that they took, by channel and what they said.");

    private static readonly Counter<long> Leads = Own.CreateCounter<long>("ringfence_leads", description: "What social networks sent of their lead forms, by network and what was done with it.");

    private readonly string[] listened;

    // Beyond it the text of tags is made each time.
    private const int MostKnown = 64;

    // Seconds: from what a decision takes to what nobody waits for.
    private static readonly double[] Bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

    private readonly ConcurrentDictionary<(string Name, string Tags), Series> series = new();
    private readonly ConcurrentDictionary<string, (string Kind, string? Help)> names = new();
    private readonly ConcurrentDictionary<Instrument, Known[]> known = new();
    private readonly MeterListener listener = new();

    public Meters()
    {
        // Our own has to be there before anybody listens: what is made while a listener starts, it misses.
        listened = [Own.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime"];
        listener.InstrumentPublished = (instrument, listener) =>
        {
            if (listened.Contains(instrument.Meter.Name))
                listener.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.Start();
    }

    /// <summary>Counts answers of the gate.</summary>
    public static void Count(string verdict, bool permit, int times = 1) => Verdicts.Add(times, new("verdict", verdict), new("permit", permit ? "true" : "false"));

    /// <summary>Counts a message that was sent to another system.</summary>
    /// <param name="outcome">A stable word.</param>
    public static void Sent(string outcome) => Told.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>Notes how much other systems were not told, or did not confirm in time.</summary>
    public static void Standing(string controller, long waiting, long overdue)
    {
        Untold.Record(waiting, new KeyValuePair<string, object?>("controller", controller));
        Unconfirmed.Record(overdue, new KeyValuePair<string, object?>("controller", controller));
    }

    /// <summary>Counts a message that was given to a gateway.</summary>
    public static void Delivered(string channel, string outcome) => Messages.Add(1, new("channel", channel), new("outcome", outcome));

    /// <summary>Counts a code that was asked for or tried.</summary>
    /// <param name="outcome">A stable word.</param>
    public static void Code(string outcome) => Codes.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>Counts a message that came in.</summary>
    public static void Inbound(string channel, string taken) => Heard.Add(1, new("channel", channel), new("taken", taken));

    /// <summary>Counts what a provider said later of a message.</summary>
    /// <param name="channel">How it went out.</param>
    /// <param name="said">A stable word.</param>
    public static void Reported(string channel, string said) => Reports.Add(1, new("channel", channel), new("said", said));

    /// <summary>Counts what a social network sent of a lead form.</summary>
    /// <param name="network">A stable word.</param>
    /// <param name="taken">Another.</param>
    public static void Lead(string network, string taken) => Leads.Add(1, new("network", network), new("taken", taken));

    /// <summary>Everything measured until now.</summary>
    public string Write()
    {
        listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var group in series.GroupBy(static one => one.Key.Name).OrderBy(static group => group.Key, StringComparer.Ordinal))
        {
            var (kind, help) = names[group.Key];
            if (!string.IsNullOrEmpty(help))
                text.Append(CultureInfo.InvariantCulture, $"# HELP {group.Key} {help.ReplaceLineEndings(" ").Replace("\\", "\\\\", StringComparison.Ordinal)}\n");
            text.Append(CultureInfo.InvariantCulture, $"# TYPE {group.Key} {kind}\n");
            foreach (var (key, one) in group.OrderBy(static one => one.Key.Tags, StringComparer.Ordinal))
                one.Write(text, key.Name, key.Tags, kind);
        }

        return text.ToString();
    }

    public void Dispose() => listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        // The same few tags with every request: their text is made once.
        var some = known.GetValueOrDefault(instrument) ?? [];
        Known? found = null;
        foreach (var one in some)
        {
            if (!one.Is(tags))
                continue;
            found = one;
            break;
        }

        if (found is null)
        {
            found = NewOf(instrument, tags);
            if (some.Length < MostKnown)
                known[instrument] = [.. some, found];
        }

        if (found.Kind == "histogram")
            found.Series.Record(value, Bounds);
        else if (found.IsObserved)
            found.Series.Set(value);
        else
            found.Series.Add(value);
    }

    private Known NewOf(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var kind = instrument.GetType().Name is var type && type.StartsWith("Histogram", StringComparison.Ordinal) ? "histogram"
            : type.Contains("UpDown", StringComparison.Ordinal) || type.Contains("Gauge", StringComparison.Ordinal) ? "gauge" : "counter";
        var name = NameOf(instrument, kind);
        names.TryAdd(name, (kind, instrument.Description));
        var one = series.GetOrAdd((name, TagsOf(tags)), static _ => new Series(Bounds.Length));
        return new Known(tags.ToArray(), one, kind, type.StartsWith("Observable", StringComparison.Ordinal));
    }

    // Tags that were counted before.
    private sealed record Known(KeyValuePair<string, object?>[] Tags, Series Series, string Kind, bool IsObserved)
    {
        public bool Is(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (tags.Length != Tags.Length)
                return false;
            for (var i = 0; i < tags.Length; i++)
            {
                if (tags[i].Key != Tags[i].Key || !Equals(tags[i].Value, Tags[i].Value))
                    return false;
            }

            return true;
        }
    }

    private static string NameOf(Instrument instrument, string kind)
    {
        var name = instrument.Name.Replace('.', '_').Replace('-', '_');
        if (instrument.Unit == "s")
            name += "_seconds";
        if (instrument.Unit == "By")
            name += "_bytes";
        return kind == "counter" ? name + "_total" : name;
    }

    private static string TagsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in tags)
        {
            var word = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            text.Append(CultureInfo.InvariantCulture, $"{(text.Length > 0 ? "," : "")}{key.Replace('.', '_').Replace('-', '_')}=\"{word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).ReplaceLineEndings("\\n")}\"");
        }

        return text.ToString();
    }

    private sealed class Series(int bounds)
    {
        private readonly long[] buckets = new long[bounds + 1];
        private double sum;
        private long count;

        public void Add(double value)
        {
            lock (buckets)
                sum += value;
        }

        public void Set(double value)
        {
            lock (buckets)
                sum = value;
        }

        public void Record(double value, double[] limits)
        {
            lock (buckets)
            {
                var at = Array.FindIndex(limits, limit => value <= limit);
                buckets[at < 0 ? limits.Length : at]++;
                sum += value;
                count++;
            }
        }

        public void Write(StringBuilder text, string name, string tags, string kind)
        {
            lock (buckets)
            {
                var braced = tags.Length == 0 ? "" : "{" + tags + "}";
                if (kind != "histogram")
                {
                    text.Append(CultureInfo.InvariantCulture, $"{name}{braced} {sum}\n");
                    return;
                }

                var below = 0L;
                for (var i = 0; i < buckets.Length; i++)
                {
                    below += buckets[i];
                    var limit = i < Bounds.Length ? Bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
                    text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{tags}{(tags.Length > 0 ? "," : "")}le=\"{limit}\"}} {below}\n");
                }

                text.Append(CultureInfo.InvariantCulture, $"{name}_sum{braced} {sum}\n{name}_count{braced} {count}\n");
            }
        }
    }
}
