using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Rules;

namespace Ringfence.Consent;

/// <summary>The words of a form's boxes, made of its fields; and the wordings they are, with which a yes is kept.</summary>
/// <remarks>The sentences stand in <c>form-words.tsv</c> beside this file.</remarks>
public static class FormWords
{
    // The columns of the table.
    private static readonly string[] Tongues = ["en", "zh-Hans", "zh-Hant", "de", "fr", "es", "it"];

    private static readonly FrozenDictionary<string, string[]> Table = Load();

    /// <summary>The languages in which words can be made.</summary>
    public static IReadOnlyList<string> Languages => Tongues;

    /// <summary>A text of a form's page; in English where it is not there in the language.</summary>
    public static string Say(string key, string language, params ReadOnlySpan<(string Name, string Value)> values)
    {
        var text = new StringBuilder(Table[key][Math.Max(0, Array.IndexOf(Tongues, language))]);
        foreach (var (name, value) in values)
            text.Replace("{" + name + "}", value);
        return text.ToString();
    }

    /// <summary>The newest edition of the sentences. Whoever changes one that a form shows makes another, and keeps the old one under its number.</summary>
    public const int NewestEdition = 2;

    /// <summary>A text as the form says it: in the sentences of its edition.</summary>
    public static string Say(FormDocument form, string key, string language, params ReadOnlySpan<(string Name, string Value)> values)
    {
        ArgumentNullException.ThrowIfNull(form);
        return Say(form.Edition == 1 && Table.ContainsKey("1:" + key) ? "1:" + key : key, language, values);
    }

    /// <summary>The age under which the form asks for a parent or guardian: that of the strictest place where it is offered.</summary>
    public static int AgeIn(FormDocument form)
    {
        ArgumentNullException.ThrowIfNull(form);
        return form.OfferedIn.Select(static place => AgeIn(place[..Math.Min(2, place.Length)])).DefaultIfEmpty(Grown).Max();
    }

    // Source: GDPR Art 8(1), 16 years; PIPL Arts 28 and 31, under 14. Our reading: states of the EU that chose a lower age are asked as the others are, and where nothing is known it is the age under which nobody is
    // contacted for marketing.
    private static int AgeIn(string country) => country == "CN" ? 14 : PlaceGroups.Shipped.Of("EU-EEA").Contains(country) ? 16 : Grown;

    private const int Grown = 18;

    /// <summary>The ways in which people say yes to a form: on its page, on paper, spoken, and by the form of a social network.</summary>
    public static IReadOnlyList<ChoiceKind> Choices { get; } = [ChoiceKind.Box, ChoiceKind.Signature, ChoiceKind.Spoken, ChoiceKind.LeadForm];

    /// <summary>What a box asks a yes to, as a wording of its own. Its words are those of the box, or made of the fields.</summary>
    /// <param name="form">The form.</param>
    /// <param name="box">One of its boxes.</param>
    /// <param name="choice">How the person says yes to it.</param>
    public static WordingDocument WordingOf(FormDocument form, FormBox box, ChoiceKind choice = ChoiceKind.Box)
    {
        ArgumentNullException.ThrowIfNull(form);
        ArgumentNullException.ThrowIfNull(box);
        var promise = PromiseOf(form, box);
        return new WordingDocument
        {
            Id = IdOf(form, box, choice),
            Version = form.Version,
            Sender = form.Sender ?? "",
            Callers = form.Callers,
            Channels = box.Channels,
            // A yes to calls by people is none to machines that dial at random, or that speak.
            Techniques = box.Channels switch
            {
                ChannelSet.Voice => [Technique.Manual, Technique.Preview, Technique.Predictive, Technique.ListDialler],
                ChannelSet.VoiceAuto => [Technique.Prerecorded, Technique.AiVoice],
                _ => null,
            },
            Purposes = box.Purposes,
            Frequency = FrequencyOf(form, box),
            Term = promise?.Term,
            Stop = form.Stop,
            Contact = form.Contact,
            Notice = form.Notice,
            ConditionOf = form.ConditionOf,
            Choice = new WordingChoice(choice, box.Preset, ChoiceStands.Apart, box.AlsoCovers),
            ThirdParties = box.ThirdParties,
            Processing = form.Processing,
            Texts = form.Languages.Where(language => box.Words.ContainsKey(language) || Tongues.Contains(language)).ToDictionary(
                static language => language, language => box.Words.TryGetValue(language, out var own) ? Named(own, promise?.About.GetValueOrDefault(language)) : Made(form, box, language, choice), StringComparer.Ordinal),
        };
    }

    // What the purpose is about names the goods, where words of one's own say it in the same way.
    private static WordingWords Named(WordingWords words, string? about) =>
        words.Goods is null && about is { Length: > 0 } && words.Text.Contains(about, StringComparison.OrdinalIgnoreCase) ? words with { Goods = about } : words;

    /// <summary>The words of a box in a language, made of the fields.</summary>
    public static WordingWords Made(FormDocument form, FormBox box, string language, ChoiceKind choice = ChoiceKind.Box)
    {
        ArgumentNullException.ThrowIfNull(form);
        ArgumentNullException.ThrowIfNull(box);
        var isHan = language.StartsWith("zh", StringComparison.Ordinal);
        var (blank, end) = isHan ? ("", "。") : (" ", ".");
        var channel = Channels.All.Where(channel => box.Channels.Has(channel)).Cast<Channel?>().FirstOrDefault() ?? Channel.Voice;
        var promise = PromiseOf(form, box);
        var about = promise?.About.GetValueOrDefault(language) ?? "";
        var sender = form.Sender ?? "";
        if (form.Callers.Count > 0)
            sender = Say("callers", language, ("sender", sender), ("callers", string.Join(isHan ? "、" : ", ", form.Callers)));
        var text = new StringBuilder(Say("agree." + channel.Word(), language, ("sender", sender), ("about", about)));
        if (FrequencyOf(form, box) is { } frequency)
        {
            text.Append(Say(frequency.Most == 1 ? "most.one" : "most.many", language, ("count", frequency.Most.ToString(CultureInfo.InvariantCulture)), ("unit", Stretched("each", frequency.Within, language))));
            if (frequency.Channels != ChannelSet.None)
                text.Append(Say("together", language));
        }

        if (promise?.Term is { } term)
            text.Append(Say("term", language, ("time", Stretched("time", term, language))));
        text.Append(end);
        var cost = channel switch
        {
            Channel.Sms => Say("cost.sms", language),
            Channel.Whatsapp => Say("cost.whatsapp", language),
            _ => null,
        };
        if (cost is not null)
            text.Append(blank).Append(cost).Append(end);
        if (channel == Channel.Sms && SignsIn(form))
            text.Append(blank).Append(Say("automatic", language));
        if (!form.Stop.IsNone)
            text.Append(blank).Append(Say("stop", language, ("ways", Ways(form, language))));
        if (form.ConditionOf.Count == 0)
            text.Append(blank).Append(Say(form, "nocondition", language));
        text.Append(blank).Append(Say(form, "proof", language));
        if (SignsIn(form) && (choice == ChoiceKind.Box || (choice == ChoiceKind.LeadForm && form.Edition > 1)))
            text.Append(blank).Append(Say(form, "sign", language));
        if (form.Contact is { } contact)
            text.Append(blank).Append(Say("contact", language, ("sender", form.Sender ?? ""), ("ways", string.Join(isHan ? "、" : ", ", new[] { contact.Post, contact.Phone, contact.Email, contact.Page }.OfType<string>()))));
        if (form.Notice is { } notice)
            text.Append(blank).Append(Say("notice", language, ("page", notice.Page)));
        // Where nothing stands above, the number is the one that the person gave.
        if (choice is ChoiceKind.Spoken or ChoiceKind.LeadForm)
            text.Replace(Say("above", language), Say("given", language));
        return new WordingWords(text.ToString(), null, about.Length > 0 ? about : null, cost);
    }

    /// <summary>The ways to take a yes back, as a sentence lists them.</summary>
    public static string Ways(FormDocument form, string language)
    {
        ArgumentNullException.ThrowIfNull(form);
        var stop = form.Stop;
        var ways = new List<string>();
        Add(stop.Reply, "reply", "word");
        Add(stop.Page, "page", "page");
        Add(stop.In.HasFlag(StopPlaces.EveryMessage) ? "" : null, "message", "");
        Add(stop.In.HasFlag(StopPlaces.EveryCall) ? "" : null, "call", "");
        Add(stop.In.HasFlag(StopPlaces.Account) ? "" : null, "account", "");
        Add(stop.Email, "email", "email");
        Add(stop.Phone, "phone", "phone");
        Add(stop.Post, "post", "post");
        var comma = language.StartsWith("zh", StringComparison.Ordinal) ? "，" : ", ";
        return ways.Count < 2 ? string.Concat(ways) : string.Join(comma, ways[..^1]) + Say("or", language) + ways[^1];

        void Add(string? value, string way, string name)
        {
            if (value is not null)
                ways.Add(Say(form, "way." + way, language, (name, value)));
        }
    }

    /// <summary>A promise as a line of its own: <c>at most 4 times a month all ways together, for one year from today</c>.</summary>
    public static string Promised(FormDocument form, FormBox box, string language)
    {
        var text = new StringBuilder();
        if (FrequencyOf(form, box) is { } frequency)
        {
            text.Append(Say(frequency.Most == 1 ? "most.one" : "most.many", language, ("count", frequency.Most.ToString(CultureInfo.InvariantCulture)), ("unit", Stretched("each", frequency.Within, language))));
            if (frequency.Channels != ChannelSet.None)
                text.Append(Say("together", language));
        }

        if (PromiseOf(form, box)?.Term is { } term)
            text.Append(Say("term", language, ("time", Stretched("time", term, language))));
        return text.ToString().TrimStart(',', '，', ' ');
    }

    /// <summary>The purpose that a box asks for; null where the form does not have it.</summary>
    public static FormPurpose? PromiseOf(FormDocument form, FormBox box)
    {
        ArgumentNullException.ThrowIfNull(form);
        ArgumentNullException.ThrowIfNull(box);
        return form.Purposes.FirstOrDefault(purpose => box.Purposes.Contains(purpose.Name, StringComparer.Ordinal));
    }

    /// <summary>The name of the wording of a box.</summary>
    public static string IdOf(FormDocument form, FormBox box, ChoiceKind choice = ChoiceKind.Box)
    {
        ArgumentNullException.ThrowIfNull(form);
        ArgumentNullException.ThrowIfNull(box);
        // A name has sixty characters at most, and ends in none that joins words.
        var id = form.Id + "-" + box.Name;
        var end = choice == ChoiceKind.Box ? "" : "-" + Words<ChoiceKind>.Of(choice);
        return (id.Length + end.Length <= 60 ? id : id[..(60 - end.Length)].TrimEnd('-')) + end;
    }

    // What is promised for a purpose holds for all boxes that ask for it, together.
    private static WordingFrequency? FrequencyOf(FormDocument form, FormBox box)
    {
        if (PromiseOf(form, box) is not { Frequency: { } frequency } promise)
            return null;
        var asked = form.Boxes.Where(other => other.Purposes.Contains(promise.Name, StringComparer.Ordinal)).Aggregate(ChannelSet.None, static (all, other) => all | other.Channels);
        return frequency with { Channels = frequency.Channels != ChannelSet.None ? frequency.Channels : asked == box.Channels ? ChannelSet.None : asked };
    }

    // Source: 15 U.S.C. 7001 and 47 CFR 64.1200(f)(9) for what an electronic signature has to be told as; elsewhere nothing is gained by saying so.
    private static bool SignsIn(FormDocument form) => form.OfferedIn.Any(place => place.StartsWith("US", StringComparison.Ordinal) || (form.Edition > 1 && place is "PR" or "VI" or "GU" or "AS" or "MP"));

    private static string Stretched(string what, Period period, string language)
    {
        var stretch = Stretch.Of(period);
        var (unit, n) = stretch switch
        {
            { Months: 0, Days: var days } when days % 7 == 0 => ("week", days / 7),
            { Months: 0, Days: var days } => ("day", days),
            { Days: 0, Months: 3 } when what == "each" => ("quarter", 1),
            { Days: 0, Months: var months } when months % 12 == 0 => ("year", months / 12),
            { Months: var months } => ("month", months),
        };
        return n == 1 ? Say($"{what}.{unit}", language) : Say($"{what}.{unit}s", language, ("n", n.ToString(CultureInfo.InvariantCulture)));
    }

    private static FrozenDictionary<string, string[]> Load()
    {
        using var text = new StreamReader(typeof(FormWords).Assembly.GetManifestResourceStream("form-words.tsv")!);
        var table = new Dictionary<string, string[]>(StringComparer.Ordinal);
        while (text.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#' && line.Split('\t') is [var key, .. var texts])
                table.Add(key, texts);
        }

        return table.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
