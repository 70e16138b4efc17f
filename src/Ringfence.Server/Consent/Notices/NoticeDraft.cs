using NodaTime;
using NodaTime.Text;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Rules;
using Ringfence.Server.Consent.Forms;
using Ringfence.Server.Pages;

namespace Ringfence.Server.Consent.Notices;

/// <summary>A notice that somebody is making: what the program can't know stands in the fields of the page, and nowhere else until it is published.</summary>
/// <param name="Notice">What it says. From when it holds is not settled before it is published.</param>
/// <param name="Fault">Why it can't be kept so; null: it can.</param>
internal sealed record NoticeDraft(NoticeDocument Notice, string? Fault)
{
    private const int MostAdded = 40;

    /// <summary>What stands there before anybody typed: what is found, and what the newest notice says of the rest.</summary>
    public static NoticeDraft Start(NoticeFound found, NoticeDocument? newest, IReadOnlyCollection<string> taken, Instant now) =>
        Judged(found.With(newest, Free($"{now.InUtc().Year:0000}-{now.InUtc().Month:00}", "-", taken), default));

    /// <summary>Reads the fields of the page; what was pressed is done to it.</summary>
    public static NoticeDraft Read(PageForm fields, NoticeFound found, string pressed)
    {
        var version = fields.TextOrNull("version") ?? "";
        var said = new NoticeDocument
        {
            Version = version,
            Controller = found.Controller,
            HasNoOfficer = fields.Has("no-officer"),
            Storage = [.. (fields.TextOrNull("storage") ?? "").ToUpperInvariant().Split([',', ' ', '，', '、'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            Representatives = [.. RepresentativesOf(ByKey(fields.Under("rep.")))],
            Purposes = [.. FormDraft.Rows(fields.Under("p.")).Select(PurposeOf).DistinctBy(static one => one.Name)],
            Recipients = [.. FormDraft.Rows(fields.Under("r.")).Select(RecipientOf).OfType<NoticeRecipient>().DistinctBy(static one => one.Key)],
            Sources = [.. FormDraft.Rows(fields.Under("s.")).Where(static row => row.GetValueOrDefault("name") is { Length: > 0 }).Select(static row =>
                new NoticeSource(row["name"], Words<NoticeOrigin>.TryParse(row.GetValueOrDefault("origin", ""), out var origin) ? origin : NoticeOrigin.Company)).DistinctBy(static one => one.Name)],
            Retention = [.. RetentionOf(ByKey(fields.Under("t.")))],
            Sensitive = TextsOf(fields.Under("sensitive.").ToDictionary(static cell => "." + cell.Name, static cell => cell.Value, StringComparer.Ordinal), "."),
        };
        return Judged(found.With(Pressed(said, pressed), version, default));
    }

    /// <summary>A draft, with what keeps it from being a notice at all.</summary>
    private static NoticeDraft Judged(NoticeDocument notice)
    {
        try
        {
            return new NoticeDraft(NoticeDocument.FromBytes(notice.ToBytes()), null);
        }
        catch (RuleFileException e)
        {
            return new NoticeDraft(notice, e.Message);
        }
    }

    private static NoticeDocument Pressed(NoticeDocument said, string pressed) => pressed.Split(' ', 2) switch
    {
        ["add-purpose"] => said with { Purposes = [.. said.Purposes, new NoticePurpose(Free("service", "-", said.Purposes.Select(static one => one.Name)))] },
        ["add-recipient"] => said with { Recipients = [.. said.Recipients, new NoticeRecipient(Free(NoticeRecipient.BySomebody + "1", "-", said.Recipients.Select(static one => one.Key)))] },
        ["add-source"] => said with { Sources = [.. said.Sources, new NoticeSource(Free("?", "", said.Sources.Select(static one => one.Name)), NoticeOrigin.Company)] },
        ["remove-purpose", var name] => said with { Purposes = [.. said.Purposes.Where(one => one.Name != name)] },
        ["remove-recipient", var key] => said with { Recipients = [.. said.Recipients.Where(one => one.Key != key)] },
        ["remove-source", var name] => said with { Sources = [.. said.Sources.Where(one => one.Name != name)] },
        _ => said,
    };

    private static string Free(string name, string joint, IEnumerable<string> taken)
    {
        var all = taken.ToHashSet(StringComparer.Ordinal);
        return !all.Contains(name) ? name : Enumerable.Range(2, MostAdded).Select(n => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name}{joint}{n}")).FirstOrDefault(free => !all.Contains(free)) ?? name;
    }

    private static NoticePurpose PurposeOf(Dictionary<string, string> row) => new(row.GetValueOrDefault("name", ""))
    {
        About = TextsOf(row, "about."),
        Basis = Words<NoticeBasis>.TryParse(row.GetValueOrDefault("basis", ""), out var basis) ? basis : null,
        Interests = basis == NoticeBasis.LegitimateInterests ? TextsOf(row, "interests.") : new Dictionary<string, string>(),
        Channels = Many(row, "channels").Aggregate(ChannelSet.None, static (all, word) => Channels.TryParse(word, out var channel) ? all | channel.Only() : all),
        Frequency = int.TryParse(row.GetValueOrDefault("most"), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var most) && PeriodOf(row.GetValueOrDefault("within")) is { } within
            ? new WordingFrequency(most, within, ChannelSet.None) : null,
    };

    private static NoticeRecipient? RecipientOf(Dictionary<string, string> row) => row.GetValueOrDefault("key") is not { Length: > 0 } key ? null : new NoticeRecipient(key)
    {
        Name = OrNull(row, "name"),
        Role = Words<NoticeRole>.TryParse(row.GetValueOrDefault("role", ""), out var role) ? role : null,
        Country = OrNull(row, "country")?.ToUpperInvariant(),
        Contact = OrNull(row, "contact"),
        Safeguards = Many(row, "safeguards").Aggregate(NoticeSafeguards.None, static (all, word) => Words<NoticeSafeguards>.TryParse(word, out var one) ? all | one : all),
    };

    private static IEnumerable<NoticeRepresentative> RepresentativesOf(Dictionary<string, Dictionary<string, string>> rows) => rows
        .Where(static row => row.Value.Values.Any(static text => text.Length > 0) && Words<NoticeRegime>.TryParse(row.Key, out _))
        .Select(static row => new NoticeRepresentative(
            Words<NoticeRegime>.TryParse(row.Key, out var regime) ? regime : default, row.Value.GetValueOrDefault("name", ""), row.Value.GetValueOrDefault("address", ""), row.Value.GetValueOrDefault("email", "")));

    private static IEnumerable<NoticeRetention> RetentionOf(Dictionary<string, Dictionary<string, string>> rows)
    {
        foreach (var (key, row) in rows)
        {
            if (!Words<NoticeKept>.TryParse(key, out var what) || !Words<NoticeFrom>.TryParse(row.GetValueOrDefault("from", ""), out var from) || !Words<NoticeThen>.TryParse(row.GetValueOrDefault("then", ""), out var then))
                continue;
            // A time is wanted unless it is kept while people are contacted: one without is not said yet.
            var time = PeriodOf(row.GetValueOrDefault("time"));
            if (from == NoticeFrom.WhileContacting)
                yield return new NoticeRetention(what, null, from, then);
            else if (time is not null)
                yield return new NoticeRetention(what, time, from, then);
        }
    }

    private static Period? PeriodOf(string? text) => text is { Length: > 0 } && PeriodPattern.NormalizingIso.Parse(text).TryGetValue(Period.Zero, out var period) && !period.Equals(Period.Zero) ? period : null;

    private static string? OrNull(Dictionary<string, string> row, string key) => row.GetValueOrDefault(key) is { Length: > 0 } text ? text : null;

    // Of several boxes of one name the values come with commas between.
    private static string[] Many(Dictionary<string, string> row, string key) => row.GetValueOrDefault(key, "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static Dictionary<string, string> TextsOf(Dictionary<string, string> row, string prefix) => row
        .Where(cell => cell.Key.StartsWith(prefix, StringComparison.Ordinal) && NoticeDocument.Languages.Contains(cell.Key[prefix.Length..]) && cell.Value.Trim().Length > 0)
        .ToDictionary(cell => cell.Key[prefix.Length..], static cell => cell.Value.ReplaceLineEndings(" ").Trim(), StringComparer.Ordinal);

    // "refusals.time": of the row of that name.
    private static Dictionary<string, Dictionary<string, string>> ByKey(IReadOnlyList<(string Name, string Value)> cells)
    {
        var rows = new Dictionary<string, Dictionary<string, string>>(StringComparer.Ordinal);
        foreach (var (name, value) in cells)
        {
            if (name.IndexOf('.', StringComparison.Ordinal) is not (> 0 and var dot))
                continue;
            if (!rows.TryGetValue(name[..dot], out var row))
                rows.Add(name[..dot], row = new Dictionary<string, string>(StringComparer.Ordinal));
            row[name[(dot + 1)..]] = value.Trim();
        }

        return rows;
    }
}
