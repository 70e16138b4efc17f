using System.Globalization;
using NodaTime.Text;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Server.Pages;

namespace Ringfence.Server.Consent.Forms;

/// <summary>A form that somebody is making: it stands in the fields of the page and nowhere else until it is published.</summary>
/// <remarks>
/// Invariant: what a published form says and the page has no field for goes into its new version as it is. So each part keeps the name that it had in that form, whatever it is called now.
/// </remarks>
/// <param name="Form">What it says.</param>
/// <param name="Fault">Why it can't be kept so; null: it can.</param>
internal sealed record FormDraft(FormDocument Form, string? Fault)
{
    // Nobody reads more, and no field of the page needs more.
    private const int MostRows = 40;

    private static readonly string[] Kinds = ["heading", "text", "field", "box"];

    /// <summary>The published form that it is a new version of; null: it is a new one.</summary>
    public FormDocument? From { get; private init; }

    /// <summary>What each of its blocks is called in <see cref="From"/>; null: there is none.</summary>
    public IReadOnlyList<string?> BlocksWere { get; private init; } = [.. Form.Blocks.Select(static _ => (string?)null)];

    /// <summary>What each of its purposes is called in <see cref="From"/>; null: there is none.</summary>
    public IReadOnlyList<string?> PurposesWere { get; private init; } = [.. Form.Purposes.Select(static _ => (string?)null)];

    /// <summary>A new version of a published form, before anybody typed. It is made with this program's newest sentences.</summary>
    public static FormDraft Of(FormDocument published) => new(published with { Edition = FormWords.NewestEdition }, null)
    {
        From = published,
        BlocksWere = [.. published.Blocks.Select(static block => block.Name)],
        PurposesWere = [.. published.Purposes.Select(static purpose => purpose.Name)],
    };

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
    /// <param name="fields">The fields.</param>
    /// <param name="pressed">The button.</param>
    /// <param name="from">The published form that it is a new version of; null: it is a new one.</param>
    public static FormDraft Read(PageForm fields, string pressed, FormDocument? from)
    {
        var purposes = Rows(fields.Under("p.")).Select(row => (Row: row, Was: from?.Purposes.FirstOrDefault(was => was.Name == row.GetValueOrDefault("was")))).ToArray();
        var blocks = Rows(fields.Under("b.")).Select(row => (Row: row, Was: from?.Blocks.FirstOrDefault(was => was.Name == row.GetValueOrDefault("was")))).ToArray();
        // Each field is asked for, whatever stands in another: what nobody asked for is refused.
        var (notice, noticeVersion) = (fields.TextOrNull("notice-page"), fields.TextOrNull("notice-version"));
        var contact = new WordingContact(fields.TextOrNull("contact-post"), fields.TextOrNull("contact-phone"), fields.TextOrNull("contact-email"), fields.TextOrNull("contact-page"));
        var (languages, isSplit) = (fields.All("language"), fields.Has("split"));
        var form = (from ?? new FormDocument { Id = "", Version = "" }) with
        {
            Id = fields.TextOrNull("id") ?? "",
            Version = fields.TextOrNull("version") ?? "",
            Edition = FormWords.NewestEdition,
            Sender = fields.TextOrNull("sender"),
            Callers = [.. (fields.TextOrNull("callers") ?? "").Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal)],
            Languages = LanguagesOf(languages, from),
            OfferedIn = [.. (fields.TextOrNull("offered-in") ?? "").ToUpperInvariant().Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            ForChildren = fields.Has("for-children"),
            OptIn = fields.TextOrNull("opt-in") == "single" ? FormOptIn.Single : FormOptIn.Double,
            Stop = new WordingStop
            {
                Reply = fields.TextOrNull("stop-reply"),
                Page = fields.TextOrNull("stop-page"),
                Email = fields.TextOrNull("stop-email"),
                Phone = fields.TextOrNull("stop-phone"),
                Post = fields.TextOrNull("stop-post"),
                In = fields.All("stop-in").Aggregate(StopPlaces.None, static (all, word) => Words<StopPlaces>.TryParse(word, out var place) ? all | place : all),
            },
            StopSteps = int.TryParse(fields.TextOrNull("stop-steps"), NumberStyles.None, CultureInfo.InvariantCulture, out var steps) ? steps : null,
            EmbedIn = [.. (fields.TextOrNull("embed-in") ?? "").Split([',', ' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(static origin => origin.TrimEnd('/')).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            Contact = contact.Tells == RequestItems.None ? null : contact,
            Notice = notice is null ? null : new WordingNotice(notice, noticeVersion ?? "1"),
            Purposes = [.. purposes.Select(static purpose => PurposeOf(purpose.Row, purpose.Was))],
            Blocks = [.. blocks.Select(static block => BlockOf(block.Row, block.Was))],
        };
        // A part is found again by itself, wherever a button puts it.
        var parts = new Dictionary<object, string>(ReferenceEqualityComparer.Instance);
        foreach (var (part, was) in form.Purposes.Cast<object>().Zip(purposes.Select(static purpose => purpose.Was?.Name)).Concat(form.Blocks.Cast<object>().Zip(blocks.Select(static block => block.Was?.Name))))
        {
            if (was is not null)
                parts.Add(part, was);
        }

        form = Pressed(form, pressed);
        string?[] blocksWere = [.. form.Blocks.Select(block => parts.GetValueOrDefault(block))];
        string?[] purposesWere = [.. form.Purposes.Select(purpose => parts.GetValueOrDefault(purpose))];
        return Judged(form with { Layouts = LayoutsOf(isSplit, form.Blocks, blocksWere, from) }) with { From = from, BlocksWere = blocksWere, PurposesWere = purposesWere };
    }

    /// <summary>A draft, with what keeps it from being a form at all.</summary>
    private static FormDraft Judged(FormDocument form)
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

    // The first is the one for whoever wants none of them, so they stay in their order; one that the page can't show stays too.
    private static string[] LanguagesOf(IReadOnlyList<string> ticked, FormDocument? from)
    {
        var had = from?.Languages ?? [];
        return [.. had.Where(language => ticked.Contains(language) || !FormWords.Languages.Contains(language)), .. FormWords.Languages.Where(language => ticked.Contains(language) && !had.Contains(language))];
    }

    private static FormLayout[] LayoutsOf(bool isSplit, IReadOnlyList<FormBlock> blocks, string?[] were, FormDocument? from)
    {
        if (from is null || from.Layouts.Count > 1 != isSplit)
            return isSplit ? [new FormLayout("a", [], FormSpacing.Even, FormDecline.Equal), new FormLayout("b", [], FormSpacing.Wide, FormDecline.Equal)] : [];
        return [.. from.Layouts.Select(layout => layout.Order.Count == 0 ? layout : layout with { Order = OrderOf(layout, blocks, were) })];
    }

    // An order goes by names: as the blocks are called now, without those that are gone. What is new stands as it does elsewhere: fields and words above the boxes, boxes below.
    private static List<string> OrderOf(FormLayout layout, IReadOnlyList<FormBlock> blocks, string?[] were)
    {
        List<FormBlock> order = [.. layout.Order.Select(name => Array.IndexOf(were, name)).Where(static at => at >= 0).Select(at => blocks[at])];
        foreach (var block in blocks.Where((_, at) => were[at] is null))
        {
            var place = block is FormBox ? -1 : order.FindIndex(static other => other is FormBox);
            order.Insert(place < 0 ? order.Count : place, block);
        }

        return [.. order.Select(static block => block.Name)];
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

    private static FormPurpose PurposeOf(Dictionary<string, string> row, FormPurpose? was) => new(
        row.GetValueOrDefault("name", ""), TextsOf(row, "about.", was?.About),
        int.TryParse(row.GetValueOrDefault("most"), NumberStyles.None, CultureInfo.InvariantCulture, out var most) && PeriodOf(row, "within") is { } within ? new WordingFrequency(most, within, was?.Frequency?.Channels ?? ChannelSet.None) : null,
        PeriodOf(row, "term"));

    private static FormBlock BlockOf(Dictionary<string, string> row, FormBlock? was)
    {
        var name = row.GetValueOrDefault("name", "");
        return row.GetValueOrDefault("kind") switch
        {
            "heading" => new FormHeading(name, TextsOf(row, "text.", (was as FormHeading)?.Texts)),
            "field" => new FormField(name, Words<FormAsks>.TryParse(row.GetValueOrDefault("asks", ""), out var asks) ? asks : FormAsks.Phone, row.ContainsKey("required")),
            "box" => (was as FormBox ?? new FormBox(name)) with
            {
                Name = name,
                Channels = Channels.TryParse(row.GetValueOrDefault("channel", ""), out var channel) ? channel.Only() : ChannelSet.None,
                Purposes = row.GetValueOrDefault("purpose") is { Length: > 0 } purpose ? [purpose] : [],
                Words = WordsOf(row, (was as FormBox)?.Words ?? new Dictionary<string, WordingWords>()),
            },
            _ => new FormText(name, TextsOf(row, "text.", (was as FormText)?.Texts)),
        };
    }

    private static Dictionary<string, WordingWords> WordsOf(Dictionary<string, string> row, IReadOnlyDictionary<string, WordingWords> were) =>
        TextsOf(row, "words.", were.ToDictionary(static words => words.Key, static words => words.Value.Text, StringComparer.Ordinal)).ToDictionary(static text => text.Key, text =>
        {
            var was = were.GetValueOrDefault(text.Key);
            return new WordingWords(text.Value, was?.Sender, was?.Goods, row.TryGetValue("cost." + text.Key, out var cost) ? cost is { Length: > 0 } ? cost : null : was?.Cost);
        }, StringComparer.Ordinal);

    private static NodaTime.Period? PeriodOf(Dictionary<string, string> row, string key) =>
        PeriodPattern.NormalizingIso.Parse(row.GetValueOrDefault(key, "")).TryGetValue(NodaTime.Period.Zero, out var period) && !period.Equals(NodaTime.Period.Zero) ? period : null;

    // A language that the page did not show keeps what it had.
    private static Dictionary<string, string> TextsOf(Dictionary<string, string> row, string prefix, IReadOnlyDictionary<string, string>? were) => row
        .Where(cell => cell.Key.StartsWith(prefix, StringComparison.Ordinal) && FormWords.Languages.Contains(cell.Key[prefix.Length..]) && cell.Value.Trim().Length > 0)
        .Select(cell => KeyValuePair.Create(cell.Key[prefix.Length..], cell.Value.ReplaceLineEndings("\n").Trim()))
        .Concat((were ?? new Dictionary<string, string>()).Where(was => !row.ContainsKey(prefix + was.Key)))
        .ToDictionary(StringComparer.Ordinal);

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
