using System.Globalization;
using NodaTime.Text;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Server.Pages;

namespace Ringfence.Server.Consent.Forms;

/// <summary>A form that somebody is making: it stands in the fields of the page and nowhere else until it is published.</summary>
/// <param name="Form">What it says.</param>
/// <param name="Fault">Why it can't be kept so; null: it can.</param>
internal sealed record FormDraft(FormDocument Form, string? Fault)
{
    // Nobody reads more, and no field of the page needs more.
    private const int MostRows = 40;

    private static readonly string[] Kinds = ["heading", "text", "field", "box"];

    /// <summary>What stands there before anybody typed.</summary>
    /// <param name="sender">Who asks.</param>
    /// <param name="notice">The privacy notice that holds, where people reach it; null: none does, or not by TLS.</param>
    /// <param name="now">The moment.</param>
    public static FormDocument Start(string sender, WordingNotice? notice, NodaTime.Instant now)
    {
        var form = new FormDocument
        {
            Id = "offers",
            Version = string.Create(CultureInfo.InvariantCulture, $"{now.InUtc().Year}-{now.InUtc().Month:00}"),
            Sender = sender,
            Notice = notice,
            Languages = ["en", "zh-Hans", "zh-Hant"],
            Purposes = [new FormPurpose("offers", new Dictionary<string, string>(), new WordingFrequency(4, NodaTime.Period.FromMonths(1), ChannelSet.None), NodaTime.Period.FromYears(1))],
            Stop = new WordingStop { Reply = "STOP", In = StopPlaces.EveryCall },
            Blocks =
            [
                new FormHeading("title", new Dictionary<string, string>()), new FormField("phone", FormAsks.Phone, false),
                new FormBox("offers-sms") { Channels = ChannelSet.Sms, Purposes = ["offers"] },
            ],
        };
        return form;
    }

    /// <summary>Reads the fields of the page; what was pressed is done to it.</summary>
    public static FormDraft Read(PageForm fields, string pressed)
    {
        var purposes = Rows(fields.Under("p."));
        var blocks = Rows(fields.Under("b."));
        // Each field is asked for, whatever stands in another: what nobody asked for is refused.
        var (notice, noticeVersion) = (fields.TextOrNull("notice-page"), fields.TextOrNull("notice-version"));
        var languages = fields.All("language").Where(FormWords.Languages.Contains).Distinct(StringComparer.Ordinal).ToArray();
        var form = new FormDocument
        {
            Id = fields.TextOrNull("id") ?? "",
            Version = fields.TextOrNull("version") ?? "",
            Sender = fields.TextOrNull("sender"),
            Languages = languages,
            OfferedIn = [.. (fields.TextOrNull("offered-in") ?? "").ToUpperInvariant().Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            ForChildren = fields.Has("for-children"),
            OptIn = fields.TextOrNull("opt-in") == "single" ? FormOptIn.Single : FormOptIn.Double,
            Stop = new WordingStop
            {
                Reply = fields.TextOrNull("stop-reply"),
                Page = fields.TextOrNull("stop-page"),
                Phone = fields.TextOrNull("stop-phone"),
                In = fields.All("stop-in").Aggregate(StopPlaces.None, static (all, word) => Words<StopPlaces>.TryParse(word, out var place) ? all | place : all),
            },
            EmbedIn = [.. (fields.TextOrNull("embed-in") ?? "").Split([',', ' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(static origin => origin.TrimEnd('/')).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            Notice = notice is null ? null : new WordingNotice(notice, noticeVersion ?? "1"),
            Purposes = [.. purposes.Select(PurposeOf)],
            Blocks = [.. blocks.Select(BlockOf)],
            Layouts = fields.Has("split") ? [new FormLayout("a", [], FormSpacing.Even, FormDecline.Equal), new FormLayout("b", [], FormSpacing.Wide, FormDecline.Equal)] : [],
        };
        return Judged(Pressed(form, pressed));
    }

    /// <summary>A draft, with what keeps it from being a form at all.</summary>
    public static FormDraft Judged(FormDocument form)
    {
        try
        {
            return new FormDraft(FormDocument.FromBytes(form.ToBytes()), null);
        }
        catch (RuleFileException e)
        {
            return new FormDraft(form, e.Message);
        }
    }

    private static FormDocument Pressed(FormDocument form, string pressed)
    {
        var blocks = form.Blocks.ToList();
        var (what, at) = pressed.Split(' ') is [var word, var number] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? (word, index) : (pressed, -1);
        switch (what)
        {
            case "up" when at > 0 && at < blocks.Count:
                (blocks[at - 1], blocks[at]) = (blocks[at], blocks[at - 1]);
                break;
            case "down" when at >= 0 && at < blocks.Count - 1:
                (blocks[at + 1], blocks[at]) = (blocks[at], blocks[at + 1]);
                break;
            case "remove" when at >= 0 && at < blocks.Count:
                blocks.RemoveAt(at);
                break;
            case "remove-purpose" when at >= 0 && at < form.Purposes.Count:
                return form with { Purposes = [.. form.Purposes.Where((_, n) => n != at)] };
            case "add-purpose":
                return form with { Purposes = [.. form.Purposes, new FormPurpose(Free("research", form.Purposes.Select(static one => one.Name)), new Dictionary<string, string>(), new WordingFrequency(2, NodaTime.Period.FromYears(1), ChannelSet.None), NodaTime.Period.FromYears(1))] };
            case "add-heading":
                blocks.Add(new FormHeading(Free("heading", Names()), new Dictionary<string, string>()));
                break;
            case "add-text":
                blocks.Add(new FormText(Free("text", Names()), new Dictionary<string, string>()));
                break;
            case "add-field":
                // Fields stand above the boxes that speak of them.
                var place = blocks.FindIndex(static block => block is FormBox);
                var asks = form.Fields.Any(static field => field.Asks == FormAsks.Email) ? FormAsks.Name : FormAsks.Email;
                blocks.Insert(place < 0 ? blocks.Count : place, new FormField(Free(Words<FormAsks>.Of(asks), Names()), asks, false));
                break;
            case "add-box":
                blocks.Add(new FormBox(Free("box", Names())) { Channels = ChannelSet.Voice, Purposes = form.Purposes.Count > 0 ? [form.Purposes[0].Name] : [] });
                break;
        }

        return form with { Blocks = blocks };

        IEnumerable<string> Names() => blocks.Select(static block => block.Name);
    }

    private static string Free(string name, IEnumerable<string> taken)
    {
        var all = taken.ToHashSet(StringComparer.Ordinal);
        return !all.Contains(name) ? name : Enumerable.Range(2, MostRows + 1).Select(n => string.Create(CultureInfo.InvariantCulture, $"{name}-{n}")).First(free => !all.Contains(free));
    }

    private static FormPurpose PurposeOf(Dictionary<string, string> row) => new(
        row.GetValueOrDefault("name", ""), TextsOf(row, "about."),
        int.TryParse(row.GetValueOrDefault("most"), NumberStyles.None, CultureInfo.InvariantCulture, out var most) && PeriodOf(row, "within") is { } within ? new WordingFrequency(most, within, ChannelSet.None) : null,
        PeriodOf(row, "term"));

    private static FormBlock BlockOf(Dictionary<string, string> row)
    {
        var name = row.GetValueOrDefault("name", "");
        return row.GetValueOrDefault("kind") switch
        {
            "heading" => new FormHeading(name, TextsOf(row, "text.")),
            "field" => new FormField(name, Words<FormAsks>.TryParse(row.GetValueOrDefault("asks", ""), out var asks) ? asks : FormAsks.Phone, row.ContainsKey("required")),
            "box" => new FormBox(name)
            {
                Channels = Channels.TryParse(row.GetValueOrDefault("channel", ""), out var channel) ? channel.Only() : ChannelSet.None,
                Purposes = row.GetValueOrDefault("purpose") is { Length: > 0 } purpose ? [purpose] : [],
                Words = TextsOf(row, "words.").ToDictionary(static text => text.Key, text => new WordingWords(
                    text.Value, null, null, row.GetValueOrDefault("cost." + text.Key) is { Length: > 0 } cost ? cost : null), StringComparer.Ordinal),
            },
            _ => new FormText(name, TextsOf(row, "text.")),
        };
    }

    private static NodaTime.Period? PeriodOf(Dictionary<string, string> row, string key) =>
        PeriodPattern.NormalizingIso.Parse(row.GetValueOrDefault(key, "")).TryGetValue(NodaTime.Period.Zero, out var period) && !period.Equals(NodaTime.Period.Zero) ? period : null;

    private static Dictionary<string, string> TextsOf(Dictionary<string, string> row, string prefix) => row
        .Where(cell => cell.Key.StartsWith(prefix, StringComparison.Ordinal) && FormWords.Languages.Contains(cell.Key[prefix.Length..]) && cell.Value.Trim().Length > 0)
        .ToDictionary(cell => cell.Key[prefix.Length..], static cell => cell.Value.ReplaceLineEndings("\n").Trim(), StringComparer.Ordinal);

    // "3.name": the third row, in the order of the numbers.
    internal static List<Dictionary<string, string>> Rows(IReadOnlyList<(string Name, string Value)> cells)
    {
        var rows = new SortedDictionary<int, Dictionary<string, string>>();
        foreach (var (name, value) in cells)
        {
            if (name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && int.TryParse(name.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= MostRows)
            {
                if (!rows.TryGetValue(at, out var row))
                    rows.Add(at, row = new Dictionary<string, string>(StringComparer.Ordinal));
                row[name[(dot + 1)..]] = value.Trim();
            }
        }

        return [.. rows.Values.Where(static row => row.Count > 0 && (!row.TryGetValue("kind", out var kind) || Kinds.Contains(kind)))];
    }
}
