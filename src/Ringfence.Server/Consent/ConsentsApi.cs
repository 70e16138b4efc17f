using System.Text;
using NodaTime;
using Ringfence.Consent;
using Ringfence.Gate;
using Ringfence.Ledger;
using Ringfence.Rules;
using Ringfence.Server.Gate;
using Ringfence.Server.Hosting;
using Ringfence.Server.Ledger;
using Ringfence.Server.Suppression;

namespace Ringfence.Server.Consent;

/// <summary><c>/api/v1/consents</c>: a question, a yes, or that it was confirmed; written down only with what shows it.</summary>
internal static class ConsentsApi
{
    /// <summary><c>POST consents</c>.</summary>
    public static async Task<ApiAnswer> RecordAsync(ApiCall call)
    {
        var sent = ScanForm.Is(call.Http.Request) ? await SentAsync(call) : null;
        var bytes = sent?.Json ?? await ApiHost.BodyAsync(call.Http);
        var body = JsonBody.Read(bytes);
        call.RequireController(body);
        var tags = call.Tags(body, "to");
        var step = body.TextOrNull("state") switch
        {
            null or "given" => ConsentStep.Record,
            "requested" => ConsentStep.Request,
            "confirmed" => ConsentStep.Confirm,
            var other => throw ApiFault.Bad("bad-word", body.At("state"), other, "given, requested, confirmed"),
        };
        var asked = Asked(call, body);
        if (sent?.Scan is { } scan)
            asked = asked.With(scan);
        // Of two requests that say the same, the scans are the same.
        var key = call.ClientKey(asked.Scan is { } kept ? [.. bytes.Span, .. kept.Digest.Bytes] : bytes.Span);
        body.Done();
        var taking = new ConsentTaking(call.Installation, call.Ledger, call.Caller.Actor, tags, asked) { ClientKey = key };
        var outcome = await taking.RunAsync(step, call.Cancel);
        if (outcome.Written.Count == 0)
        {
            throw new ApiFault(StatusCodes.Status422UnprocessableEntity, "consent-not-shown", "/evidence") { Tell = json => ConsentPage.Write(json, outcome.Findings) };
        }

        var now = Instant.FromDateTimeOffset(call.Installation.Time.GetUtcNow());
        var overview = await ConsentOverview.ReadAsync(call.Installation, call.Ledger, tags, Instant.MaxValue, now, call.Cancel);
        return ApiAnswer.Json(StatusCodes.Status201Created, json =>
        {
            json.WriteStartObject();
            ConsentPage.Write(json, outcome.Written, overview);
            json.WriteEndObject();
        });
    }

    private static async Task<(ReadOnlyMemory<byte> Json, ScanFile? Scan)?> SentAsync(ApiCall call)
    {
        var form = await ScanForm.ReadAsync(call.Http);
        if (form.Fault is { } fault)
            throw new ApiFault(fault == "scan-kind" ? StatusCodes.Status415UnsupportedMediaType : StatusCodes.Status413PayloadTooLarge, fault, "/scan");
        return form.Fields.Count == 1 && form.Fields.TryGetValue("consent", out var json) && json is [{ } text]
            ? (Encoding.UTF8.GetBytes(text), form.Scan)
            : throw new ApiFault(StatusCodes.Status400BadRequest, "bad-form");
    }

    private static ConsentAsked Asked(ApiCall call, JsonBody body)
    {
        var now = Instant.FromDateTimeOffset(call.Installation.Time.GetUtcNow());
        var (channels, purposes) = (body.TextsOrNull("channels"), body.TextsOrNull("purposes"));
        try
        {
            var scope = ScopeArguments.Read(channels is null ? null : string.Join(',', channels), purposes is null ? null : string.Join(',', purposes));
            return new ConsentAsked
            {
                Evidence = body.RawOrNull("evidence") is { } evidence ? ConsentEvidence.Read("evidence", evidence) : null,
                Wording = body.TextOrNull("wording"),
                Language = body.TextOrNull("language"),
                Channels = channels is { Count: > 0 } ? scope.Channels : null,
                Purposes = scope.Purposes,
                At = body.TextOrNull("at") is { } at ? KnownContactOptions.InstantOf(at, call.Installation.Time) : null,
                Now = now,
                // Whoever calls says when; what happens as it is written down needs nobody to say it.
                TimeFrom = EventSource.Provider,
                Name = body.TextOrNull("name") is { } name && !string.IsNullOrWhiteSpace(name) ? name.Trim() : null,
                Residence = body.TextOrNull("residence") is { } place ? ConsentOptions.PlaceOf(place) : null,
                From = Source(body),
                Request = body.NumberOrNull("request"),
                Via = Via(body),
                Message = body.TextOrNull("message"),
            };
        }
        catch (RuleFileException e)
        {
            throw new ApiFault(StatusCodes.Status400BadRequest, "bad-evidence", body.At("evidence"), e.Message);
        }
        catch (CommandRefusedException e)
        {
            throw ApiFault.Bad(e.Code, body.At(e.Code switch { "bad-channel" => "channels", "bad-purpose" => "purposes", "bad-instant" => "at", _ => "residence" }), [.. e.Arguments]);
        }
    }

    private static ContactSource Source(JsonBody body) => body.TextOrNull("source") is not { } word ? ContactSource.Form
        : ConsentOptions.Sources.Contains(word) && Words<ContactSource>.TryParse(word, out var source) ? source
        : throw ApiFault.Bad("bad-word", body.At("source"), word, string.Join(", ", ConsentOptions.Sources));

    private static Channel? Via(JsonBody body) => body.TextOrNull("via") is not { } word ? null
        : Channels.TryParse(word, out var channel) ? channel : throw ApiFault.Bad("bad-channel", body.At("via"), word);
}
