using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using NodaTime;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Rights;
using Ringfence.Server.Cli;
using Ringfence.Server.Design;
using Ringfence.Server.Ledger;
using Ringfence.Server.Pages;
using Ringfence.Server.People;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Rights;

/// <summary>Everything about a person for the person: one page that stands alone, in the language of the run.</summary>
internal sealed class ExportPage
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private readonly StringBuilder html = new();
    private readonly Dossier dossier;
    private readonly CultureInfo language;

    private ExportPage(Dossier dossier, CultureInfo language) => (this.dossier, this.language) = (dossier, language);

    /// <summary>The page.</summary>
    public static async Task<byte[]> WriteAsync(Dossier dossier, CultureInfo language)
    {
        var page = new ExportPage(dossier, language);
        page.Write();
        await using var text = new StringWriter();
        await StandalonePage.WriteAsync(text, page.html.ToString(), LanguageTexts.TagOf(language), page.Say("Title"));
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private void Write()
    {
        html.Append("<div class=\"report\"><main class=\"page\" id=\"main\"><h1>").Append(T(Say("Title"))).Append("</h1><p class=\"muted\">")
            .Append(T(Say("Lead", ControllerName(), Day(dossier.At)))).Append("</p>\n");
        Who();
        Consents();
        Blocks();
        Requests();
        Decisions();
        Seen();
        Recipients();
        History();
        About();
        html.Append("</main></div>");
    }

    private void Who() => Section("Who", () =>
    {
        var (person, data) = (dossier.Person, dossier.Data);
        Facts(
        [
            ("Name", data.Name ?? string.Join(' ', new[] { data.Given, data.Family }.OfType<string>())),
            ("Company", data.Company),
            .. dossier.Points.Select(static one => (one.Point.Kind == PointKind.Phone ? "Phone" : "Email", (string?)one.Point.Value)),
            ("Status", person.Status == PersonStatus.Contactable ? Say("Status.Contactable") : CliText.Say(language, "Contact.Status." + person.Status)),
            ("Residence", person.Residence),
            ("Source", person.Source is { } source ? Say("Source." + source) : null),
            ("Import", person.Batch?.ToString()),
            ("Minor", person.IsMinor ? Say("Yes") : null),
        ]);
    });

    private void Consents()
    {
        DossierRecord[] consents = [.. dossier.Records.Where(static one => ExportJson.IsConsent(one.Record))];
        Section("Consents", () =>
        {
            foreach (var one in consents)
            {
                var record = one.Record;
                html.Append("<div class=\"part\"><h3>").Append(T($"{Day(record.EventAt ?? record.At)}: {Say("Type." + RecordWords.Types.Of(record.Type))}")).Append("</h3>");
                Facts(
                [
                    ("State", record.State is { } state ? Say("State." + RecordWords.States.Of(state)) : null),
                    ("For", PointOf(record)),
                    ("Channels", record.Scope?.Channels is { } channels ? string.Join(", ", channels.Select(ChannelName)) : Say("All")),
                    ("Purposes", record.Scope?.Purposes is { } purposes ? string.Join(", ", purposes) : Say("All")),
                    ("Method", record.Method?.Collection),
                    ("Recorded", Time(record.At)),
                    ("Record", record.Seq.ToString(CultureInfo.InvariantCulture)),
                ]);
                if (one.Opened.TryGetValue(CommitGroup.Evidence, out var evidence))
                    Facts(EvidenceOf(evidence), translated: false);
                Scan(one);
                Wording(record);
                html.Append("</div>\n");
            }
        }, consents.Length == 0);
    }

    // In the page itself, which stands alone.
    private void Scan(DossierRecord one)
    {
        if (one.Scan is { } scan)
        {
            html.Append(CultureInfo.InvariantCulture, $"<p><a download=\"scan-{one.Record.Seq}.{scan.Extension}\" href=\"data:{scan.Media};base64,").Append(Convert.ToBase64String(scan.Content.Span))
                .Append("\">").Append(T(Say("Scan"))).Append("</a></p>");
        }
    }

    private void Wording(LedgerRecord record)
    {
        if (record.Notice is not { } notice || !dossier.Documents.TryGetValue(notice.Doc, out var document))
            return;
        html.Append("<p>").Append(T(Say("Shown", notice.Lang ?? "und", notice.Version ?? ""))).Append("</p><blockquote><p>")
            .Append(T(WordingText(document)).Replace("\n", "<br />", StringComparison.Ordinal)).Append("</p></blockquote>");
    }

    private void Blocks() => Section("Blocked", () =>
        Table(["Since", "For", "Channels", "Purposes", "Kind", "By"], dossier.Blocks.Select(block =>
        {
            var scope = SuppressionScope.Of(block.Row);
            return new[]
            {
                Day(Micros.ToInstant(block.Row.Since)), block.Point.Value, string.Join(", ", Channels.All.Where(channel => scope.Channels.Has(channel)).Select(static channel => channel.Word()).Select(ChannelName)),
                scope.Purposes is { } purposes ? string.Join(", ", purposes) : Say("All"),
                Say("Kind." + Words<SuppressionKind>.Of((SuppressionKind)block.Row.Kind)), Words<SuppressedBy>.Of((SuppressedBy)block.Row.By),
            };
        })), dossier.Blocks.Count == 0);

    private void Requests() => Section("Requests", () =>
    {
        var words = PageCall.WordsOf(LanguageTexts.TagOf(language));
        foreach (var (request, written) in dossier.Requests)
        {
            html.Append("<div class=\"part\"><h3>").Append(T($"{Day(request.Told.ReceivedAt)}: {words.Say("Rights.Kind." + Words<RightsKind>.Of(request.Told.Kind))}")).Append("</h3>");
            Facts(
            [
                ("Request", request.Number),
                ("State", words.Say("Rights.State." + Words<RightsState>.Of(request.Told.State))),
                ("Due", request.Told.IsOpen ? request.Row.Due : null),
                ("Closed", request.Told.ClosedAt is { } closed ? Day(closed) : null),
                ("For", written?.Point),
            ]);
            if (written is { Text.Length: > 0 })
                Wrote(Say("Wrote"), written.Text);
            foreach (var note in written?.Notes ?? [])
                Wrote(Say("Did." + note.What, note.At), note.Text);
            html.Append("</div>\n");
        }
    }, dossier.Requests.Count == 0);

    private void Wrote(string what, string text) =>
        html.Append("<p>").Append(T(what)).Append("</p><blockquote><p>").Append(string.Join("<br />", text.ReplaceLineEndings("\n").Split('\n').Select(T))).Append("</p></blockquote>");

    private void Decisions()
    {
        LedgerRecord[] decided = [.. dossier.Records.Select(static one => one.Record).Where(static record => record.Decision is not null)];
        Section("Decisions", () => Table(["When", "Answer", "Reasons", "Record"], decided.Select(record => new[]
        {
            Time(record.At),
            record.Decision!["verdict"]?.AsText is { } verdict ? Say("Verdict." + verdict) : "",
            record.Decision["reasons"] is LeafValue.List reasons ? string.Join(' ', reasons.Items.Select(one => ReasonOf(one.AsText ?? "")).Distinct()) : "",
            record.Seq.ToString(CultureInfo.InvariantCulture),
        })), decided.Length == 0);
    }

    private void Seen()
    {
        LedgerRecord[] seen = [.. dossier.Records.Select(static one => one.Record).Where(static record => record.Type is RecordType.StaffRevealed or RecordType.StaffExport)];
        Section("Seen", () => Table(["When", "By", "What"], seen.Select(record => new[] { Time(record.At), record.Actor.Ref, record.Detail?["view"]?.AsText ?? "" })), seen.Length == 0);
    }

    private void Recipients() => Section("Recipients", () =>
        Table(["Name", "Contact", "Kind"], dossier.Recipients.Select(static party => new[] { Parties.Name(party) ?? "", Parties.Contact(party) ?? "", Parties.Kind(party) ?? "" })),
        dossier.Recipients.Count == 0);

    private void History() => Section("History", () =>
        Table(["When", "What", "Record"], dossier.Records.Select(one => new[] { Time(one.Record.At), LineOf(one.Record), one.Record.Seq.ToString(CultureInfo.InvariantCulture) })));

    // In the person's language what happened, and on which channels; the record's own words are in the file for machines.
    private string LineOf(LedgerRecord record)
    {
        var line = CliText.SayOr(language, TypeKey(record.Type), "Export.Type.other");
        if (record.State is { } state)
            line += ": " + Say("State." + RecordWords.States.Of(state));
        if (record.Scope?.Channels is { } channels)
            line += ", " + string.Join(", ", channels.Select(ChannelName));
        return record.Scope?.Purposes is { } purposes ? line + ", " + string.Join(", ", purposes) : line;
    }

    /// <summary>The key of the words for what a record tells.</summary>
    internal static string TypeKey(RecordType type) => "Export.Type." + RecordWords.Types.Of(type);

    private void About() => Section("About", () =>
    {
        html.Append("<p>").Append(T(Say("Proof", dossier.Ledger.Origin, dossier.Size))).Append("</p>");
        Facts([("Sid", dossier.Person.Sid.ToString())]);
    });

    private void Section(string key, Action write, bool empty = false)
    {
        html.Append("<section class=\"box\"><header><h2>").Append(T(Say(key))).Append("</h2></header>");
        if (empty)
            html.Append("<p class=\"muted\">").Append(T(Say(key + ".None"))).Append("</p>");
        else
            write();
        html.Append("</section>\n");
    }

    private void Facts(IEnumerable<(string Key, string? Text)> facts, bool translated = true)
    {
        html.Append("<dl class=\"facts\">");
        foreach (var (key, text) in facts.Where(static fact => !string.IsNullOrEmpty(fact.Text)))
            html.Append("<dt>").Append(T(translated ? Say("Label." + key) : key)).Append("</dt><dd>").Append(T(text!)).Append("</dd>");
        html.Append("</dl>");
    }

    private void Table(IReadOnlyList<string> columns, IEnumerable<string[]> rows)
    {
        html.Append("<table class=\"table table-still table-tight table-cards\"><thead><tr>");
        foreach (var column in columns)
            html.Append("<th scope=\"col\">").Append(T(Say("Label." + column))).Append("</th>");
        html.Append("</tr></thead><tbody>");
        foreach (var row in rows)
        {
            html.Append("<tr>");
            for (var i = 0; i < row.Length; i++)
                html.Append("<td data-l=\"").Append(T(Say("Label." + columns[i]))).Append("\">").Append(T(row[i])).Append("</td>");
            html.Append("</tr>");
        }

        html.Append("</tbody></table>");
    }

    private string? PointOf(LedgerRecord record) =>
        record.Subject?.Point is { } point ? dossier.Points.FirstOrDefault(known => known.Id == point).Point?.Value : Say("All");

    private string ControllerName() =>
        dossier.Records.Count > 0 && dossier.Documents.TryGetValue(dossier.Records[^1].Record.Controller, out var party) && Parties.Name(party) is { } name ? name : dossier.Ledger.Controller;

    private string ChannelName(string word) => Channels.TryParse(word, out var channel) ? GateTexts.Of(channel).In(LanguageTexts.TagOf(language)) : word;

    // A rule and what it objects to, or the latter alone; the data has the rule, too.
    private string ReasonOf(string reason) =>
        Words<ReasonCode>.TryParse(reason[(reason.LastIndexOf(':') + 1)..], out var code) ? GateTexts.Of(code).In(LanguageTexts.TagOf(language)) : reason;

    // Each name once, with all that stands under it; words of evidence that the gate knows, in the language of the page.
    private IEnumerable<(string Name, string? Text)> EvidenceOf(byte[] content) =>
        Flat(content).GroupBy(static pair => pair.Name).Select(group => (
            group.Key is "format" or "file" or "row" or "day" or "holds" ? Say("Evidence." + group.Key) : group.Key,
            (string?)string.Join(", ", group.Select(pair => pair.Name == "holds" ? GateTexts.Item(pair.Value)?.In(LanguageTexts.TagOf(language)) ?? pair.Value : pair.Value))));

    // Of a wording document the exact words; of any other the text as it is.
    private static string WordingText(DocumentRow document)
    {
        var whole = Encoding.UTF8.GetString(document.Bytes);
        try
        {
            using var json = JsonDocument.Parse(document.Bytes);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("text", out var text) ? text.ToString() : whole;
        }
        catch (JsonException)
        {
            return whole;
        }
    }

    private static IEnumerable<(string Name, string Value)> Flat(byte[] content)
    {
        JsonDocument json;
        try
        {
            json = JsonDocument.Parse(content);
        }
        catch (JsonException)
        {
            return [("", Encoding.UTF8.GetString(content))];
        }

        using (json)
            return [.. Flat("", json.RootElement)];
    }

    private static IEnumerable<(string Name, string Value)> Flat(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => Flat(name.Length == 0 ? member.Name : $"{name}.{member.Name}", member.Value)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(item => Flat(name, item)),
        JsonValueKind.Null or JsonValueKind.Undefined => [],
        _ => [(name, value.ToString())],
    };

    private string Say(string key, params object[] arguments) => CliText.Say(language, "Export." + key, arguments);

    private static string T(string text) => Encoder.Encode(text);

    private static string Day(Instant at) => at.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture);

    private static string Time(Instant at) => at.ToString("uuuu-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
