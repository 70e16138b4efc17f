using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rights;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Rights;

/// <summary>Everything about a person for a machine: <c>docs/reference/export.schema.json</c>.</summary>
internal static class ExportJson
{
    public const string Format = "ringfence/export/v1";

    // Names in their own script; it goes into a file, never into a page.
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The file.</summary>
    public static byte[] Write(Dossier dossier)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            json.WriteString("madeAt", Text(dossier.At));
            json.WriteStartObject("ledger");
            json.WriteString("origin", dossier.Ledger.Origin);
            json.WriteNumber("size", dossier.Size);
            json.WriteEndObject();
            Person(json, dossier);
            List(json, "consents", dossier.Records.Where(static one => IsConsent(one.Record)), one => Consent(json, dossier, one));
            List(json, "blocked", dossier.Blocks, one => Block(json, one));
            List(json, "requests", dossier.Requests, one => Request(json, one.Request, one.Words));
            List(json, "decisions", dossier.Records.Where(static one => one.Record.Decision is not null), one => Decision(json, one.Record));
            List(json, "recipients", dossier.Recipients, one => Raw(json, one.Bytes));
            List(json, "seenBy", dossier.Records.Where(static one => one.Record.Type is RecordType.StaffRevealed or RecordType.StaffExport), one => Seen(json, one.Record));
            List(json, "records", dossier.Records, one => Record(json, one));
            json.WriteStartObject("documents");
            foreach (var (digest, document) in dossier.Documents.OrderBy(static pair => pair.Key.ToString(), StringComparer.Ordinal))
                Document(json, digest, document);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return [.. bytes.WrittenSpan, (byte)'\n'];
    }

    /// <summary>Whether a record is about a consent, or its end.</summary>
    public static bool IsConsent(LedgerRecord record) => record.Type is RecordType.ConsentRequested or RecordType.ConsentGiven or RecordType.ConsentConfirmed
        or RecordType.ConsentWithdrawn or RecordType.ConsentCorrected or RecordType.ConsentImported;

    private static void Person(Utf8JsonWriter json, Dossier dossier)
    {
        var person = dossier.Person;
        json.WriteStartObject("person");
        json.WriteString("sid", person.Sid.ToString());
        json.WriteString("status", Word(person.Status));
        Optional(json, "name", dossier.Data.Name);
        Optional(json, "given", dossier.Data.Given);
        Optional(json, "family", dossier.Data.Family);
        Optional(json, "company", dossier.Data.Company);
        List(json, "points", dossier.Points, one =>
        {
            json.WriteStartObject();
            json.WriteString("point", one.Id.ToString());
            json.WriteString("kind", one.Point.Kind == Ringfence.People.PointKind.Phone ? "phone" : "email");
            json.WriteString("value", one.Point.Value);
            json.WriteEndObject();
        });
        Optional(json, "residence", person.Residence);
        if (person.Residence is not null)
            json.WriteString("residenceBasis", Words<ResidenceBasis>.Of(person.ResidenceBasis));
        Optional(json, "source", person.Source is { } source ? Words<ContactSource>.Of(source) : null);
        Optional(json, "import", person.Batch?.ToString());
        json.WriteBoolean("minor", person.IsMinor);
        json.WriteEndObject();
    }

    private static void Consent(Utf8JsonWriter json, Dossier dossier, DossierRecord one)
    {
        var record = one.Record;
        json.WriteStartObject();
        json.WriteNumber("seq", record.Seq);
        json.WriteString("type", RecordWords.Types.Of(record.Type));
        Optional(json, "state", record.State is { } state ? RecordWords.States.Of(state) : null);
        json.WriteString("recordedAt", Text(record.At));
        Optional(json, "happenedAt", record.EventAt is { } at ? Text(at) : null);
        Optional(json, "saidBy", record.EventSource is { } source ? RecordWords.Sources.Of(source) : null);
        Optional(json, "point", record.Subject?.Point is { } point ? dossier.Points.FirstOrDefault(known => known.Id == point).Point?.Value ?? point.ToString() : null);
        Scope(json, record.Scope);
        Optional(json, "method", record.Method?.Collection);
        Optional(json, "ceremony", record.Method?.Ceremony is { } ceremony ? RecordWords.Ceremonies.Of(ceremony) : null);
        Optional(json, "validFor", record.ValidFor);
        Optional(json, "basis", record.Basis);
        Optional(json, "wayToWithdraw", record.Withdraw);
        if (record.Notice is { } notice)
        {
            json.WriteStartObject("wording");
            json.WriteString("document", notice.Doc.ToString());
            Optional(json, "lang", notice.Lang);
            Optional(json, "version", notice.Version);
            json.WriteEndObject();
        }

        if (record.About is { } about)
            List(json, "about", about, json.WriteNumberValue);
        if (one.Opened.TryGetValue(CommitGroup.Evidence, out var evidence))
        {
            json.WritePropertyName("evidence");
            Raw(json, evidence);
        }

        if (one.Scan is { } scan)
        {
            json.WriteStartObject("scan");
            json.WriteString("media", scan.Media);
            json.WriteBase64String("base64", scan.Content.Span);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Block(Utf8JsonWriter json, DossierBlock block)
    {
        json.WriteStartObject();
        json.WriteString("point", block.Point.Value);
        Scope(json, SuppressionScope.Of(block.Row).ToRecord());
        json.WriteString("since", Text(Micros.ToInstant(block.Row.Since)));
        json.WriteString("by", Words<SuppressedBy>.Of((SuppressedBy)block.Row.By));
        json.WriteString("kind", Words<SuppressionKind>.Of((SuppressionKind)block.Row.Kind));
        if (block.Row.Seq is { } seq)
            json.WriteNumber("seq", seq);
        json.WriteEndObject();
    }

    /// <summary>A request, with what was written where that is kept.</summary>
    public static void Request(Utf8JsonWriter json, StoredRequest request, RequestWords? words)
    {
        json.WriteStartObject();
        json.WriteString("number", request.Number);
        json.WriteString("request", request.Told.Id.ToString());
        json.WriteString("kind", Words<RightsKind>.Of(request.Told.Kind));
        Optional(json, "reason", request.Told.Reason is { } reason ? Words<ComplaintReason>.Of(reason) : null);
        json.WriteString("state", Words<RightsState>.Of(request.Told.State));
        json.WriteString("receivedAt", Text(request.Told.ReceivedAt));
        json.WriteString("due", request.Row.Due);
        Optional(json, "closedAt", request.Told.ClosedAt is { } closed ? Text(closed) : null);
        Optional(json, "point", words?.Point);
        Optional(json, "text", words?.Text);
        List(json, "notes", words?.Notes ?? [], note =>
        {
            json.WriteStartObject();
            json.WriteString("on", note.At);
            json.WriteString("what", note.What);
            json.WriteString("text", note.Text);
            json.WriteEndObject();
        });
        List(json, "records", request.Records, record => json.WriteNumberValue(record.Seq));
        json.WriteEndObject();
    }

    private static void Decision(Utf8JsonWriter json, LedgerRecord record)
    {
        json.WriteStartObject();
        json.WriteNumber("seq", record.Seq);
        json.WriteString("at", Text(record.At));
        json.WriteString("actor", record.Actor.Ref);
        json.WritePropertyName("decision");
        json.WriteRawValue(LeafJson.Write(record.Decision!));
        json.WriteEndObject();
    }

    private static void Seen(Utf8JsonWriter json, LedgerRecord record)
    {
        json.WriteStartObject();
        json.WriteNumber("seq", record.Seq);
        json.WriteString("at", Text(record.At));
        json.WriteString("actor", record.Actor.Ref);
        Optional(json, "view", record.Detail?["view"]?.AsText);
        json.WriteEndObject();
    }

    private static void Record(Utf8JsonWriter json, DossierRecord one)
    {
        json.WriteStartObject();
        json.WritePropertyName("body");
        json.WriteRawValue(RecordBytes.ToArray(one.Record));
        if (one.Opened.Count > 0)
        {
            json.WriteStartObject("opened");
            foreach (var (group, content) in one.Opened)
            {
                json.WritePropertyName(RecordWords.Groups.Of(group));
                Raw(json, content);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Document(Utf8JsonWriter json, Digest digest, DocumentRow document)
    {
        json.WriteStartObject(digest.ToString());
        json.WriteString("media", document.Media);
        if (document.Media.StartsWith("text/", StringComparison.Ordinal) || document.Media == "application/json")
            json.WriteString("text", Encoding.UTF8.GetString(document.Bytes));
        else
            json.WriteBase64String("base64", document.Bytes);
        json.WriteEndObject();
    }

    private static void Scope(Utf8JsonWriter json, RecordScope? scope)
    {
        // Nothing named is everything, and is said so.
        if (scope?.Channels is { } channels)
            List(json, "channels", channels, json.WriteStringValue);
        else
            json.WriteString("channels", "all");
        if (scope?.Purposes is { } purposes)
            List(json, "purposes", purposes, json.WriteStringValue);
        else
            json.WriteString("purposes", "all");
    }

    // What was sealed is JSON; if it is not, it is told as it is.
    private static void Raw(Utf8JsonWriter json, byte[] content)
    {
        try
        {
            using var read = JsonDocument.Parse(content);
            read.RootElement.WriteTo(json);
        }
        catch (JsonException)
        {
            json.WriteStringValue(Encoding.UTF8.GetString(content));
        }
    }

    private static void List<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
            write(item);
        json.WriteEndArray();
    }

    private static void Optional(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
            json.WriteString(name, text);
    }

    private static string Word(Ringfence.People.PersonStatus status) => status.ToString().ToLowerInvariant();

    private static string Text(Instant at) => InstantPattern.ExtendedIso.Format(at);
}
