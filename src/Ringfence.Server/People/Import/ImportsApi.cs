using System.Text.Json;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Numbers;
using Ringfence.People;
using Ringfence.Rules;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Storage;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.People.Import;

/// <summary><c>/api/v1/imports</c>: lists into the ledger, how far they are, and taking them back.</summary>
internal static class ImportsApi
{
    private const string Mark = "imp_";
    private static readonly string[] Known = ["controller", "dryRun", "encoding", "map", "name", "purposes", "region", "sheet", "source"];

    /// <summary><c>POST imports</c>: taken, and brought in beside. 202 once it is on the disk and in the ledger's store.</summary>
    public static async Task<ApiAnswer> AcceptAsync(ApiCall call)
    {
        var desk = call.Served.Imports;
        if (desk.IsFull)
            throw new ApiFault(StatusCodes.Status503ServiceUnavailable, "imports-waiting");
        using var upload = await ImportUpload.ReadAsync(call.Http, desk.Spool, call.Served.UploadLimit);
        var job = JobOf(call, upload);
        var key = call.ClientKey(upload.Fingerprint);
        OpaqueId taken;
        try
        {
            taken = await desk.TakeAsync(call.Ledger, job, [.. upload.Files.Select(static file => new ImportedFile(file.Name, file.Sha256))], key, call.Cancel);
        }
        catch (StoreException e) when (e.Fault == StoreFault.OutcomeUnknown)
        {
            // It may have been taken: it stays until that is known.
            upload.IsKept = true;
            throw;
        }

        upload.IsKept = taken == upload.Name;
        call.Http.Response.Headers.Location = $"{ApiRoutes.Root}imports/{Mark}{taken}";
        return await TellAsync(call, taken, StatusCodes.Status202Accepted);
    }

    /// <summary><c>GET imports/{id}</c>: how far it is, and what it came to. Nothing of what stands in the lists.</summary>
    public static Task<ApiAnswer> ShowAsync(ApiCall call) => TellAsync(call, NameOf(call), StatusCodes.Status200OK);

    /// <summary><c>POST imports/{id}/undo</c>: takes it back, beside. What was refused stays refused.</summary>
    public static async Task<ApiAnswer> UndoAsync(ApiCall call)
    {
        if (!call.Body.IsEmpty)
            JsonBody.Read(call.Body).Done();
        var import = NameOf(call);
        _ = await RowAsync(call, import);
        await call.Served.Imports.UndoAsync(call.Ledger, import, call.Caller.Actor, call.Cancel);
        return await TellAsync(call, import, StatusCodes.Status202Accepted);
    }

    private static ImportJob JobOf(ApiCall call, ImportUpload upload)
    {
        foreach (var name in upload.Fields.Keys)
        {
            if (!Known.Contains(name))
                throw ApiFault.Bad("unknown-field", "/" + name);
        }

        if (upload.One("controller") is { } named && named != call.Ledger.Controller)
            throw new ApiFault(StatusCodes.Status403Forbidden, "other-controller", "/controller");
        var source = upload.One("source") ?? throw ApiFault.Bad("missing-field", "/source");
        if (!Words<ContactSource>.TryParse(source, out _))
            throw ApiFault.Bad("bad-word", "/source", source, string.Join(", ", Words<ContactSource>.All));
        string[] purposes = [.. (upload.One("purposes") ?? "offers").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (purposes.Length == 0 || Array.Find(purposes, static purpose => !ScopeArguments.IsPurpose(purpose)) is not null)
            throw ApiFault.Bad("bad-purpose", "/purposes", upload.One("purposes") ?? "");
        var region = upload.One("region");
        if (region is not null && (Region.Of(region) is { IsNone: true } || Places.Country(region) != Region.Of(region)))
            throw ApiFault.Bad("bad-region", "/region");
        var map = upload.Fields.TryGetValue("map", out var pairs) ? pairs.Select(static pair => pair ?? "").ToArray() : [];
        if (Array.Exists(map, static pair => pair.IndexOf('=', StringComparison.Ordinal) is var at && (at < 1 || at == pair.Length - 1)))
            throw ApiFault.Bad("bad-map", "/map");
        RequirePassport(upload.Passport);
        return new ImportJob
        {
            Id = upload.Name.ToString(),
            Ledger = call.Ledger.Ledger,
            By = call.Caller.Actor.Ref,
            IsDry = upload.One("dryRun") switch { null or "false" => false, "true" => true, _ => throw ApiFault.Bad("wants-flag", "/dryRun") },
            Files = [.. upload.Files.Select(static file => file.Name)],
            Suppressions = [.. upload.Files.Where(static file => file.IsSuppression).Select(static file => file.Name)],
            Source = source,
            Purposes = purposes,
            Region = region,
            Sheet = upload.One("sheet"),
            Encoding = upload.One("encoding"),
            Map = map,
            Passport = upload.Passport,
            Language = LanguageTexts.TagOf(call.Language),
        };
    }

    private static void RequirePassport(string? passport)
    {
        try
        {
            if (passport is not null)
                _ = Passport.Read("passport", passport);
        }
        catch (RuleFileException e)
        {
            throw new ApiFault(StatusCodes.Status422UnprocessableEntity, "bad-passport", "/passport", e.Message);
        }
    }

    private static OpaqueId NameOf(ApiCall call)
    {
        var id = call.Path("id");
        return id.StartsWith(Mark, StringComparison.Ordinal) && OpaqueId.TryParse(id.AsSpan(Mark.Length), out var import) ? import : throw new ApiFault(StatusCodes.Status404NotFound, "no-such-import");
    }

    // One of another controller and one that nobody has are answered alike.
    private static async Task<BatchRow> RowAsync(ApiCall call, OpaqueId import)
    {
        var wanted = new RowsWanted { WithRecords = false };
        wanted.Batches.Add(import.ToArray());
        return (await call.Installation.Store.LoadAsync(call.Ledger.Ledger, wanted, call.Cancel)).Batches.FirstOrDefault() ?? throw new ApiFault(StatusCodes.Status404NotFound, "no-such-import");
    }

    private static async Task<ApiAnswer> TellAsync(ApiCall call, OpaqueId import, int status)
    {
        var row = await RowAsync(call, import);
        var batch = ImportBatch.Read(row.Facts);
        return ApiAnswer.Json(status, json => Write(json, row, batch));
    }

    private static void Write(Utf8JsonWriter json, BatchRow row, ImportBatch batch)
    {
        var state = (ImportState)row.State;
        json.WriteStartObject();
        json.WriteString("import", Mark + batch.Id);
        json.WriteString("state", Words<ImportState>.Of(state));
        json.WriteString("at", batch.At);
        json.WriteString("source", batch.Source);
        json.WriteStartArray("purposes");
        foreach (var purpose in batch.Purposes)
            json.WriteStringValue(purpose);
        json.WriteEndArray();
        json.WriteStartArray("lists");
        foreach (var file in batch.Files)
        {
            json.WriteStartObject();
            json.WriteString("name", file.Name);
            json.WriteString("sha256", file.Sha256);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("rows", batch.Rows);
        json.WriteNumber("done", state == ImportState.Tried ? batch.Rows : row.Done);
        if (batch.Problem is { } problem)
            json.WriteString("problem", problem);
        json.WritePropertyName("figures");
        JsonSerializer.Serialize(json, batch.Tally, ImportBatchJson.Default.ImportTally);
        if (batch.Rejected is { } rejected)
        {
            json.WriteNumber("rejected", rejected);
            json.WritePropertyName("firstRejected");
            JsonSerializer.Serialize(json, batch.FirstRejected ?? [], ImportBatchJson.Default.IReadOnlyListRejectedCellPlace);
        }

        if (batch.Undo is { } undo)
        {
            json.WritePropertyName("undo");
            JsonSerializer.Serialize(json, undo, ImportBatchJson.Default.UndoTally);
        }

        json.WriteEndObject();
    }
}
