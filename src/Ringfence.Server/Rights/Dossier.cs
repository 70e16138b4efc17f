using System.Text.Json;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Ledger;
using Ringfence.People;
using Ringfence.Server.Consent;
using Ringfence.Server.Ledger;
using Ringfence.Server.People;
using Ringfence.Server.Storage;

namespace Ringfence.Server.Rights;

/// <summary>One record about a person, with what of it could be opened.</summary>
/// <param name="Record">The record.</param>
/// <param name="Opened">The openings by group; what was erased is not among them.</param>
/// <param name="Scan">The scan that its evidence names, where it is kept.</param>
internal sealed record DossierRecord(LedgerRecord Record, IReadOnlyDictionary<CommitGroup, byte[]> Opened, ScanFile? Scan);

/// <summary>One number or address of a person that is blocked.</summary>
/// <param name="Point">The number or address.</param>
/// <param name="Row">What is blocked.</param>
internal sealed record DossierBlock(ContactPoint Point, SuppressionRow Row);

/// <summary>Everything an installation holds of one person, opened, and nothing of anybody else.</summary>
internal sealed record Dossier
{
    public required LedgerRow Ledger { get; init; }

    /// <summary>How many records the ledger had.</summary>
    public required long Size { get; init; }

    public required Instant At { get; init; }

    public required Person Person { get; init; }

    public required PersonalData Data { get; init; }

    public required IReadOnlyList<(OpaqueId Id, ContactPoint Point)> Points { get; init; }

    /// <summary>In order; those of people merged with them too.</summary>
    public required IReadOnlyList<DossierRecord> Records { get; init; }

    public required IReadOnlyList<DossierBlock> Blocks { get; init; }

    /// <summary>What they asked for by law and complained of, the first first, with what was written; null: that is not kept any more.</summary>
    public required IReadOnlyList<(StoredRequest Request, RequestWords? Words)> Requests { get; init; }

    /// <summary>The documents that the records name: wordings as they were shown, the controller, passports.</summary>
    public required IReadOnlyDictionary<Digest, DocumentRow> Documents { get; init; }

    /// <summary>Who else handles data for the controller, or gets it: party documents.</summary>
    public required IReadOnlyList<DocumentRow> Recipients { get; init; }

    /// <summary>Reads it.</summary>
    /// <exception cref="CommandRefusedException"><c>not-a-contact</c>.</exception>
    public static async Task<Dossier> ReadAsync(Installation installation, LedgerRow ledger, OpaqueId sid, CancellationToken cancel)
    {
        var found = await Contacts.FindAsync(installation, ledger, sid, cancel) ?? throw new CommandRefusedException("not-a-contact");
        var head = await installation.Store.HeadAsync(ledger.Ledger, cancel);
        var points = found.Points().ToArray();
        var (blocks, documents) = await BesideAsync(installation, ledger, found, points, cancel);
        return new Dossier
        {
            Ledger = ledger,
            Size = head.Size,
            At = Instant.FromDateTimeOffset(installation.Time.GetUtcNow()),
            Person = found.Person,
            Data = found.Data,
            Points = points,
            Records = await OpenAsync(installation, ledger, found.Person, cancel),
            Blocks = blocks,
            Requests = await RequestsAsync(installation, ledger, found.Person, points, cancel),
            Documents = documents,
            Recipients = await Parties.RecipientsAsync(installation.Store, ledger, cancel),
        };
    }

    // By their numbers and addresses, for some came before anybody knew whose these were; and by their records, for some came by a number they have no more.
    private static async Task<List<(StoredRequest Request, RequestWords? Words)>> RequestsAsync(
        Installation installation, LedgerRow ledger, Person person, IReadOnlyList<(OpaqueId Id, ContactPoint Point)> points, CancellationToken cancel)
    {
        var wanted = new RowsWanted { WithRecords = false };
        wanted.RightsRequestsOf.UnionWith(points.Select(point => installation.TagsOf(point.Point).Lookup));
        var ids = (await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel)).RightsRequests.Select(static row => new OpaqueId(row.Id)).Concat(person.Records.Select(Ringfence.Rights.RightsCase.IdOf).OfType<OpaqueId>());
        var requests = new List<(StoredRequest Request, RequestWords? Words)>();
        foreach (var id in ids.Distinct())
        {
            if (await StoredRequest.FindAsync(installation, ledger, id, cancel) is { } request)
                requests.Add((request, await RequestWords.OpenAsync(installation, request.Row, cancel)));
        }

        return [.. requests.OrderBy(static one => one.Request.Records[0].Seq)];
    }

    private static async Task<List<DossierRecord>> OpenAsync(Installation installation, LedgerRow ledger, Person person, CancellationToken cancel)
    {
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Sealed.UnionWith(EraseCommand.OpeningsOf(person.Records));
        List<SealedRow> stored = wanted.Sealed.Count == 0 ? [] : (await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel)).Sealed;
        var rows = stored.ToLookup(static row => row.Seq);
        var opened = new List<DossierRecord>();
        foreach (var record in person.Records)
        {
            var groups = new SortedDictionary<CommitGroup, byte[]>();
            foreach (var row in rows[record.Seq])
            {
                if (await installation.OpenAsync(record, row, cancel) is { } blob)
                    groups[(CommitGroup)row.Group] = blob.Content;
            }

            opened.Add(new DossierRecord(record, groups, await KeptScan.OpenAsync(installation, ledger, record, cancel)));
        }

        return opened;
    }

    private static async Task<(List<DossierBlock> Blocks, Dictionary<Digest, DocumentRow> Documents)> BesideAsync(
        Installation installation, LedgerRow ledger, FoundContact found, IReadOnlyList<(OpaqueId Id, ContactPoint Point)> points, CancellationToken cancel)
    {
        var wanted = new RowsWanted { WithRecords = false };
        var tags = points.Select(point => installation.TagsOf(point.Point)).DistinctBy(static one => one.Point).ToArray();
        foreach (var record in found.Person.Records)
        {
            wanted.Documents.Add(record.Controller.Bytes.ToArray());
            if (record.Notice is { } notice)
                wanted.Documents.Add(notice.Doc.Bytes.ToArray());
        }

        var rows = await installation.Store.LoadAsync(ledger.Ledger, wanted, cancel);
        var blocks = new List<DossierBlock>();
        foreach (var one in tags)
            blocks.AddRange((await Contacts.SuppressionsAsync(installation, ledger, [one], cancel)).Select(row => new DossierBlock(one.Point, row)));
        return (
            blocks,
            rows.Documents.ToDictionary(static row => new Digest(row.Digest)));
    }
}

/// <summary>The parties that a ledger has documents of.</summary>
internal static class Parties
{
    // A party is a few lines; whatever is longer is a wording or rules.
    private const int MostBytes = 64 * 1024;

    /// <summary>Processors and third parties: who has to be told of an erasure, and who is a recipient.</summary>
    public static async Task<IReadOnlyList<DocumentRow>> RecipientsAsync(ILedgerStore store, LedgerRow ledger, CancellationToken cancel)
    {
        var recipients = new List<DocumentRow>();
        await foreach (var row in store.DocumentsAsync(ledger.Ledger, cancel))
        {
            if (Kind(row) is "processor" or "third-party")
                recipients.Add(row);
        }

        return recipients;
    }

    /// <summary>What a party calls itself; null where the document is no party's.</summary>
    public static string? Name(DocumentRow row) => Text(row, "name");

    /// <summary><c>controller</c>, <c>processor</c>, <c>third-party</c>, <c>authority</c>; null where the document is no party's.</summary>
    public static string? Kind(DocumentRow row) => Text(row, "format") == Ringfence.Consent.PartyDocument.Format ? Text(row, "kind") : null;

    /// <summary>How it is reached, in one line.</summary>
    public static string? Contact(DocumentRow row)
    {
        using var json = Parse(row);
        return json?.RootElement.TryGetProperty("contact", out var contact) == true && contact.ValueKind == JsonValueKind.Object
            ? string.Join(", ", contact.EnumerateObject().Where(static one => one.Value.ValueKind == JsonValueKind.String).Select(static one => one.Value.GetString()))
            : null;
    }

    private static string? Text(DocumentRow row, string key)
    {
        using var json = Parse(row);
        return json?.RootElement.TryGetProperty(key, out var value) == true && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    private static JsonDocument? Parse(DocumentRow row)
    {
        if (row.Bytes.Length > MostBytes || row.Media != "application/json")
            return null;
        try
        {
            var json = JsonDocument.Parse(row.Bytes);
            if (json.RootElement.ValueKind == JsonValueKind.Object)
                return json;
            json.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
